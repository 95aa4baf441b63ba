"""A study whose people come by link, from publication to the end, two processes at once."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from marketplace.robots import AlwaysYes, LinkRobot, run_crowd
from studyapp.models import HIT, Assignment, IntendedCall, LinkLot, LinkPlace
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.dispose_study import dispose_study
from studyapp.pipeline.extend_study import extend_study
from studyapp.pipeline.filter_votes import filter_votes
from studyapp.pipeline.reconcile import reconcile
from studyapp.recruiters.spending import spending
from studyapp.reports import analyse_study
from studyapp.study_link import link_of, study_address
from studyapp.vocabulary import CallState, Environment, HITState, LinkPlaceState
from tests.journeys.test_two_at_once import both
from tests.recruiting import a_live_study
from tests.studyapp.web.join_walk import Person

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LOTS, RATERS = 3, 2


def test_by_link_from_publication_to_disposal(live_server: LiveServer, settings: Settings) -> None:
    settings.QUORUM_URL = live_server.url
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
    # Two more than there are places, all at once over real HTTP.
    robots = [
        LinkRobot(
            f"r{number}",
            address=f"{study_address(link)}?{link.participant_field}=r{number}",
            rater=AlwaysYes(),
            seed=number,
        )
        for number in range(LOTS * RATERS + 2)
    ]
    run_crowd(robots)
    codes = {robot.code for robot in robots if robot.code}
    assert len(codes) == LOTS * RATERS, "a code of their own for everybody who found a place"
    refused = [robot.result.problems[0] for robot in robots if not robot.code]
    assert all("answered 409" in problem for problem in refused), refused
    assert Person(link, "late").begin().problem == "full"
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
