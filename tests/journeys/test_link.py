"""A study whose people come by link, from publication to the end, two processes at once."""

from __future__ import annotations

import pytest

from studyapp.models import HIT, Assignment, IntendedCall, LinkLot, LinkPlace
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.dispose_study import dispose_study
from studyapp.pipeline.extend_study import extend_study
from studyapp.pipeline.filter_votes import filter_votes
from studyapp.pipeline.reconcile import reconcile
from studyapp.recruiters.spending import spending
from studyapp.reports import analyse_study
from studyapp.study_link import link_of
from studyapp.vocabulary import CallState, Environment, HITState, LinkPlaceState
from tests.journeys.test_two_at_once import both
from tests.recruiting import a_live_study
from tests.studyapp.web.join_walk import Person

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LOTS, RATERS = 3, 2


def test_by_link_from_publication_to_disposal() -> None:
    study = a_live_study(
        images=LOTS,
        trials_per_hit=1,
        raters_per_trial=RATERS,
        accept_at=2,
        name="shared",
        environment=Environment.LINK,
    )
    link = link_of(study)
    both("publish", "shared")
    assert LinkLot.objects.count() == HIT.objects.filter(state=HITState.OPEN).count() == LOTS
    for number in range(LOTS * RATERS):
        Person(link, f"p{number}").do_all()
    late = Person(link, "late").begin()
    assert late.problem == "full"
    both("collect_votes", "shared")
    assert set(Assignment.objects.values_list("state", flat=True)) == {"approved"}
    assert set(LinkPlace.objects.values_list("state", flat=True)) == {LinkPlaceState.APPROVED}
    assert IntendedCall.objects.count() == LOTS * RATERS
    extend_study(study, raters=RATERS + 1, days=2)
    assert Person(link, "late").do_all().code
    collect_votes(study)
    filter_votes(study)
    # The seventh vote is one more than a question needs.
    found = analyse_study(study)
    assert (len(found.votes), len(found.valid)) == (LOTS * RATERS + 1, LOTS * RATERS)
    money = spending(study)
    assert money.paid == study.reward * (LOTS * RATERS + 1)
    assert reconcile(study).differences == []
    close_study(study)
    assert Person(link, "too-late").begin().problem == "closed"
    dispose_study(study)
    assert set(HIT.objects.values_list("state", flat=True)) == {HITState.DISPOSED}
    assert not IntendedCall.objects.exclude(state=CallState.DONE).exists()
