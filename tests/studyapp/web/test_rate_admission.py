"""Who may not take a HIT, and what they read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studyapp.models import Assignment
from studyapp.vocabulary import AssignmentState
from tests.studyapp.web.rate_walk import Walker, open_hit

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_whoever_judged_a_picture_in_one_hit_is_kept_from_another_with_it() -> None:
    hit = open_hit(n=2)
    other = open_hit(n=1, study=hit.study)
    shared = hit.hit_trials.order_by("position")[0].trial
    other.hit_trials.create(trial=shared, position=5, turn=1)
    walker = Walker(hit)
    page = walker.press(walker.enter().forms["consent"])
    page = walker.press(page.forms["trial"], answer="yes")
    # At work in one, and already kept from the other: people take several before they begin.
    again = Walker(other, assignment="3ASSIGNMENT2")
    page = again.enter()
    assert again.response.status_code == 409
    assert "You have judged some of these pictures before" in page.text
    assert 'data-quorum="not-for-you"' in page.text
    assert Assignment.objects.count() == 1
    # Never handed in: once the time for it is over, it keeps nobody from anything.
    Assignment.objects.update(started_at=timezone.now() - timedelta(hours=2))
    assert again.enter().problem == ""
    Assignment.objects.update(state=AssignmentState.SUBMITTED)
    assert again.enter().problem == "judged-before"

    stranger = Walker(other, worker="A2OTHER", assignment="3ASSIGNMENT3")
    assert set(stranger.enter().forms) == {"consent"}
    hit.study.most_votes_per_rater = 1
    hit.study.save()
    elsewhere = Walker(open_hit(n=1, study=hit.study), assignment="3ASSIGNMENT4")
    assert "you have done your share" in elsewhere.enter().text
