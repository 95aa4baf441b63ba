from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from studyapp import clock
from studyapp.exposure import exposed_votes, raters_of, same_people
from studyapp.models import HIT, Assignment, RaterIdentity, Study, Vote
from studyapp.selectors.study_stand import study_stand
from studyapp.selectors.votes import load_votes
from tests.factories.crowd import AssignmentFactory, RaterFactory, RaterIdentityFactory, VoteFactory
from tests.studyapp.web.rate_walk import Walker, open_hit

pytestmark = pytest.mark.django_db
ADA, PANEL = "A1ADA00000001", "7"


@pytest.fixture
def studies() -> tuple[HIT, HIT]:
    """A study kept 72 hours apart from another one, which knows nothing of it."""
    other, here = open_hit(n=1), open_hit(n=1)
    Study.objects.filter(pk=here.study_id).update(
        cooldown_hours=72, cooldown_studies=f"{other.study.name}\nno-such-study"
    )
    here.refresh_from_db()
    return other, here


@pytest.mark.slow
def test_another_study_keeps_its_raters_away_for_the_time_and_no_longer(
    studies: tuple[HIT, HIT], settings: Settings
) -> None:
    other, here = studies
    walker = Walker(other, worker=ADA, assignment="3A")
    walker.answer_all(walker.begin())
    Assignment.objects.update(state="approved")
    before = study_stand(here.study)
    come = Walker(here, worker=ADA, assignment="3B")
    assert come.enter().problem == "too-soon"
    assert study_stand(here.study) == before, "looking stores nothing"
    seen = Vote.objects.get().submitted_at
    assert seen is not None
    ahead = (seen + timedelta(hours=72) - clock.now()).total_seconds()
    settings.MARKETPLACE_CLOCK_OFFSET_S = ahead - 60
    assert come.enter().problem == "too-soon"
    settings.MARKETPLACE_CLOCK_OFFSET_S = ahead + 1
    come.answer_all(come.begin())
    assert exposed_votes(here.study).size == 0
    # The other way it was not asked for; what follows there makes later votes here exposed.
    assert study_stand(here.study) != before
    stand = study_stand(here.study)
    once_more = Walker(other, worker=ADA, assignment="3C")
    last = Vote.objects.latest("pk")
    once_more.answer_all(once_more.begin())
    assert study_stand(here.study) != stand, "a kept report would be older than its exclusions"
    assert exposed_votes(here.study).size == 0
    later = clock.now() + timedelta(seconds=1)
    added = Vote.objects.create(
        study=here.study, trial=last.trial, question=last.question, rater=last.rater,
        assignment=last.assignment, answer="no", answer_raw="no", sequence=1, submitted_at=later,
    )  # fmt: skip
    assert exposed_votes(here.study).tolist() == [added.pk]
    assert load_votes(here.study).exposure.tolist() == [False, True]


def test_work_that_is_not_handed_in_is_seen_to_the_end_of_its_time(
    studies: tuple[HIT, HIT], settings: Settings
) -> None:
    other, here = studies
    walker = Walker(other, worker=ADA, assignment="3A")
    walker.answer_all(walker.begin())
    began = Assignment.objects.get().started_at
    ahead = (began + timedelta(hours=72, minutes=35) - clock.now()).total_seconds()
    come = Walker(here, worker=ADA, assignment="3B")
    settings.MARKETPLACE_CLOCK_OFFSET_S = ahead - 60
    assert come.enter().problem == "too-soon"
    settings.MARKETPLACE_CLOCK_OFFSET_S = ahead + 1
    assert "consent" in come.enter().forms
    # So pictures of finished work are shown no longer either, though it can be handed in.
    for minutes, shown in ((34, 1), (36, 0)):
        settings.MARKETPLACE_CLOCK_OFFSET_S = minutes * 60
        token = walker.enter().forms["undo"].fields["token"]
        address = reverse("rate-work", args=[other.public_id, token])
        late = walker.get(f"{address}?again=1")
        assert (len(late.images), "submit" in late.forms) == (shown, not shown)
    # Which of several pieces of work was handed in changes what a kept report says.
    for state in ("approved", "finished"):
        work = AssignmentFactory.create(hit=other, state=state)
        VoteFactory.create(
            trial=other.trials.get(), rater=work.rater, assignment=work, import_key=None,
            submitted_at=clock.now(),
        )  # fmt: skip
    stand = study_stand(here.study)
    Assignment.objects.filter(assignment_id="3A").update(state="approved")
    assert study_stand(here.study) != stand


def test_an_id_as_marketplaces_give_it_is_one_person_wherever_it_turns_up() -> None:
    rows = [("marketplace", ADA), ("sandbox", ADA), ("link:class", PANEL), ("link:panel", PANEL)]
    at = [
        RaterIdentityFactory.create(provider=provider, worker_id=worker_id).rater_id
        for provider, worker_id in rows
    ]
    imported = RaterIdentityFactory.create(provider="import:old", worker_id=ADA).rater_id
    forgotten = RaterFactory.create().pk
    people = same_people([*at, imported, forgotten])
    assert people[at[0]] == people[at[1]]
    assert len(set(people.values())) == 5
    typed = RaterIdentityFactory.create(provider="link:class", worker_id=ADA).rater_id
    assert same_people([*at, typed])[typed] == typed, "at a link anybody may type anybody's id"
    assert raters_of(ADA, provider="link:class") == [typed]
    assert raters_of(ADA, provider="production") == at[:2]
    assert raters_of(PANEL, provider="link:panel") == at[3:]
    RaterIdentity.objects.all().delete()
    assert same_people(at) == {rater: rater for rater in at}
