from __future__ import annotations

import pytest

from studyapp.models import Assignment
from studyapp.reports import build_report, headline
from studyapp.vocabulary import AssignmentState
from tests.studyapp.reports.hand_study import hand_study

pytestmark = pytest.mark.django_db


def test_the_sentence_has_the_numbers_of_the_best_model() -> None:
    told = headline(build_report(hand_study().study))
    assert "beta errs least: on " in told
    assert "four of five must agree" in told


def test_nothing_is_said_of_people_before_anything_is_decided() -> None:
    """Votes that the marketplace has not confirmed decide nothing."""
    study = hand_study().study
    Assignment.objects.update(state=AssignmentState.WORKING)
    told = headline(build_report(study))
    assert "are being asked about, and none is decided yet" in told
    assert "must agree" not in told
