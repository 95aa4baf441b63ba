from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from studyapp import link_places
from studyapp.link_places import take_place
from studyapp.models import (
    HIT,
    Assignment,
    Consent,
    LinkLot,
    LinkPlace,
    LinkSession,
    Rater,
    RaterIdentity,
    Study,
    StudyLink,
)
from studyapp.pipeline.close_study import close_study
from studyapp.recruiters.link import LinkRecruiter
from studyapp.vocabulary import AssignmentState, LinkPlaceState
from studyapp.voting.errors import (
    BadLinkError,
    ClosedError,
    FullError,
    ScreenedOutError,
    TimeOverError,
    TooOftenError,
)
from studyapp.voting.join import finish_place, is_more_to_do, join
from studyapp.voting.seats import MOST_PER_RATER
from studyapp.voting.sitting import Seat
from tests.factories.crowd import (
    AssignmentFactory,
    RaterFactory,
    RaterIdentityFactory,
    VoteFactory,
)
from tests.studyapp.web.join_walk import a_link

pytestmark = pytest.mark.django_db


def seat_of(link: StudyLink, who: str, **more: str) -> Seat:
    found = join(link, participant=who, **more)
    assert isinstance(found, Seat)
    return found


def answer_all(seat: Seat) -> Assignment:
    """Every answer is saved; the last button is not pressed."""
    work = Assignment.objects.get(assignment_id=seat.assignment_id)
    for trial in work.hit.trials.all():
        VoteFactory.create(trial=trial, rater=work.rater, assignment=work, import_key=None)
    work.state, work.finished_at = AssignmentState.FINISHED, timezone.now()
    work.save()
    return work


def hand_in(link: StudyLink, seat: Seat) -> LinkPlace:
    return finish_place(link, place_id=seat.assignment_id, nonce=answer_all(seat).nonce.hex)


def run_out(seat: Seat) -> None:
    """Let the time of the seat be over."""
    over = timezone.now() - timedelta(seconds=1)
    LinkPlace.objects.filter(place_id=seat.assignment_id).update(deadline=over)


def stored() -> list[int]:
    tables = (Rater, RaterIdentity, Consent, Assignment, LinkPlace, LinkSession)
    return [table.objects.count() for table in tables]


@pytest.mark.slow
def test_lots_are_filled_one_after_the_other_by_different_people() -> None:
    link = a_link()
    seats = [seat_of(link, f"p{n}") for n in range(4)]
    lots = [LinkPlace.objects.get(place_id=seat.assignment_id).lot_id for seat in seats]
    assert lots == [lots[0], lots[0], lots[2], lots[2]]
    assert lots[0] != lots[2]
    before = stored()
    with pytest.raises(FullError):
        join(link, participant="p5")
    assert stored() == before, "who finds no place leaves no trace"


def test_coming_again_finds_the_same_seat_and_another_session_does_not() -> None:
    link = a_link()
    first = seat_of(link, "p1", session="s1")
    assert seat_of(link, "p1", session="s1") == first
    assert stored() == [1] * 6
    with pytest.raises(BadLinkError, match="another session"):
        join(link, participant="p1", session="guessed")


@pytest.mark.parametrize("apart", ["cooldown_hours", "launch_gap_hours"])
def test_a_later_hit_is_for_the_session_of_the_first(apart: str) -> None:
    link = a_link(tasks_each=2)
    rater = hand_in(link, seat_of(link, "p1", session="s1")).rater_id
    for most, more in ((2, False), (3, True)):
        Study.objects.update(most_votes_per_rater=most)
        assert is_more_to_do(StudyLink.objects.get(), rater=rater) == more
    for guessed in ("guessed", ""):
        with pytest.raises(BadLinkError, match="another session"):
            join(link, participant="p1", session=guessed)
    assert LinkPlace.objects.count() == 1
    # Days later is another session, by design.
    Study.objects.update(**{apart: 72})
    assert isinstance(join(StudyLink.objects.get(), participant="p1", session="s2"), Seat)


@pytest.mark.slow
def test_a_place_comes_free_when_the_time_is_over_and_its_person_gets_another_lot() -> None:
    link = a_link(images=4, raters_per_trial=1)
    slow = seat_of(link, "slow")
    other = seat_of(link, "other")
    with pytest.raises(FullError):
        join(link, participant="late")
    run_out(slow)
    late = seat_of(link, "late")
    assert late.hit == slow.hit
    with pytest.raises(TimeOverError):
        hand_in(link, slow)
    run_out(other)
    again = seat_of(link, "slow")
    assert again.hit == other.hit, "nobody is asked the same twice"
    states = Counter(LinkPlace.objects.values_list("state", flat=True))
    assert states == {LinkPlaceState.TAKEN: 2, LinkPlaceState.LAPSED: 2}


def test_who_answered_everything_is_handed_in_when_the_time_is_over() -> None:
    link = a_link(images=2, raters_per_trial=1)
    seat = seat_of(link, "p1")
    work = answer_all(seat)
    run_out(seat)
    with pytest.raises(FullError):
        join(link, participant="p2")
    (submission,) = LinkRecruiter().submissions(LinkLot.objects.get().lot_id)
    assert submission.fields == {"nonce": (work.nonce.hex,)}
    assert submission.submitted_at == work.finished_at
    found = join(link, participant="p1")
    assert isinstance(found, LinkPlace), "and is shown the code"


@pytest.mark.slow
def test_tasks_each_and_what_follows_on_a_rejection() -> None:
    link = a_link(tasks_each=2)
    first = seat_of(link, "p1")
    hand_in(link, first)
    second = seat_of(link, "p1")
    assert second.hit != first.hit
    done = hand_in(link, second)
    assert join(link, participant="p1") == done
    recruiter = LinkRecruiter()
    bad = hand_in(link, seat_of(link, "p2"))
    recruiter.reject(recruiter.submission(bad.place_id), reason="random answers")
    with pytest.raises(ScreenedOutError):
        join(link, participant="p2")
    third = hand_in(link, seat_of(link, "p3"))
    assert join(link, participant="p3") == third, "one more would do, and no place is left"


@pytest.mark.slow
def test_a_lot_refused_to_one_person_leads_to_the_next() -> None:
    link = a_link()
    me = RaterIdentityFactory.create(provider=link.provider, worker_id="p1").rater
    first, second = link.study.hits.order_by("lot")
    AssignmentFactory.create_batch(MOST_PER_RATER, hit=first, rater=me)
    assert seat_of(link, "p1").hit == second.public_id
    assert LinkPlace.objects.count() == 1, "the place in the first lot was given back"
    other = RaterIdentityFactory.create(provider=link.provider, worker_id="p2").rater
    for hit in (first, second):
        AssignmentFactory.create_batch(MOST_PER_RATER, hit=hit, rater=other)
    with pytest.raises(TooOftenError):
        join(link, participant="p2")
    assert LinkPlace.objects.count() == 1


@pytest.mark.slow
def test_a_lot_of_the_same_pictures_is_passed_over_and_who_is_done_finds_their_code() -> None:
    link = a_link(tasks_each=3, most_raters_per_hit=1)
    first = seat_of(link, "p1")
    done = hand_in(link, first)
    second = seat_of(link, "p1")
    shown = [set(HIT.objects.get(public_id=seat.hit).trials.all()) for seat in (first, second)]
    assert not shown[0] & shown[1], "a second HIT of the same pictures would refuse them"
    done = hand_in(link, second)
    assert not is_more_to_do(link, rater=done.rater_id)
    assert join(link, participant="p1") == done, "nothing is left for them: their code is shown"
    assert LinkPlace.objects.count() == 2, "no place is taken and lost"
    assert isinstance(join(link, participant="other"), Seat)
    close_study(link.study)
    link = StudyLink.objects.get(pk=link.pk)
    assert join(link, participant="p1") == done
    with pytest.raises(ClosedError):
        join(link, participant="p2")


@pytest.mark.slow
def test_handing_in_needs_the_proof_of_the_last_page() -> None:
    link, other = a_link(), a_link()
    seat = seat_of(link, "p1")
    work = Assignment.objects.get(assignment_id=seat.assignment_id)
    with pytest.raises(BadLinkError):
        finish_place(link, place_id=seat.assignment_id, nonce=work.nonce.hex)  # not finished
    answer_all(seat)
    for which, nonce in [
        (link, "0" * 32),
        (link, "not a nonce"),
        (other, work.nonce.hex),
    ]:
        with pytest.raises(BadLinkError):
            finish_place(which, place_id=seat.assignment_id, nonce=nonce)
    place = finish_place(link, place_id=seat.assignment_id, nonce=work.nonce.hex)
    again = finish_place(link, place_id=seat.assignment_id, nonce=work.nonce.hex)
    assert (again.pk, again.code, again.handed_in_at) == (
        place.pk,
        place.code,
        place.handed_in_at,
    )


@pytest.mark.slow
def test_a_closed_study_takes_nobody_and_lets_who_is_at_work_finish() -> None:
    link = a_link()
    seat = seat_of(link, "p1")
    close_study(link.study)
    link.refresh_from_db()
    link.study.refresh_from_db()
    with pytest.raises(ClosedError):
        join(link, participant="p2")
    assert seat_of(link, "p1") == seat
    hand_in(link, seat)


@pytest.mark.slow
def test_inventors_of_names_run_out_of_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_places, "MOST_LAPSED", 3)
    # However long a task may take: a place lapses when its time is over, not when it was taken.
    link = a_link(images=2, raters_per_trial=1, assignment_minutes=90)
    for n in range(3):
        seat = seat_of(link, f"invented{n}")
        taken = timezone.now() - timedelta(minutes=95)
        LinkPlace.objects.filter(place_id=seat.assignment_id).update(taken_at=taken)
        run_out(seat)
    before = stored()
    with pytest.raises(FullError):
        join(link, participant="invented3")
    assert stored() == before
    LinkPlace.objects.update(deadline=timezone.now() - timedelta(hours=2))
    seat_of(link, "honest")


def test_forgetting_a_person_forgets_their_session_and_keeps_the_work() -> None:
    link = a_link()
    hand_in(link, seat_of(link, "p1", session="s1"))
    RaterIdentity.objects.all().delete()
    assert not LinkSession.objects.exists()
    (submission,) = [
        one for lot in LinkLot.objects.all() for one in LinkRecruiter().submissions(lot.lot_id)
    ]
    assert submission.worker_id == ""


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What the calls came to, each in a connection of its own."""

    def one(call: Callable[[], object]) -> object:
        try:
            return call()
        except FullError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_place_too_many_and_one_person_gets_one() -> None:
    link = a_link(images=4, trials_per_hit=2, raters_per_trial=3)
    people = [f"p{n % 8}" for n in range(16)]  # each in two tabs
    found = at_once(*(lambda who=who: join(link, participant=who) for who in people))
    taken = Counter(LinkPlace.objects.values_list("lot", flat=True))
    assert sorted(taken.values()) == [3, 3]
    assert len({seat.assignment_id for seat in found if isinstance(seat, Seat)}) == 6
    assert stored()[:5] == [6, 6, 6, 6, 6]


@pytest.mark.django_db(transaction=True)
def test_the_database_holds_a_number_once() -> None:
    link = a_link(images=2, raters_per_trial=2)
    lot = LinkLot.objects.get()
    until = timezone.now() + timedelta(minutes=5)
    raters = [RaterFactory.create().pk for _ in range(6)]
    found = at_once(*(lambda pk=pk: take_place(lot, rater=pk, until=until) for pk in raters))
    assert sum(place is not None for place in found) == 2
    assert sorted(LinkPlace.objects.values_list("number", flat=True)) == [0, 1]
    assert link.study.raters_per_trial == 2


@pytest.mark.slow
def test_nobody_is_offered_a_lot_with_trials_they_judged_in_another() -> None:
    # Four raters of two trials, spread over two lots of two; and a lot with others.
    link = a_link(
        images=4, trials_per_hit=2, raters_per_trial=4, accept_at=2, most_raters_per_hit=2,
        tasks_each=3,
    )  # fmt: skip
    hits = []
    for _ in range(2):
        seat = seat_of(link, "p1")
        hits.append({*Assignment.objects.get(assignment_id=seat.assignment_id).hit.trials.all()})
        hand_in(link, seat)
    assert hits[0].isdisjoint(hits[1])
    assert isinstance(join(link, participant="p1"), LinkPlace), "they are shown what they did"
    assert LinkPlace.objects.count() == 2, "no place is taken and lost"
    assert isinstance(join(link, participant="p2"), Seat)
