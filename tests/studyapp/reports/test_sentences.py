from __future__ import annotations

from dataclasses import replace

import pytest

from studyapp.models import Assignment
from studyapp.reports import answers_sentence, build_report, headline, raters_sentence, report_lines
from studyapp.vocabulary import AssignmentState
from tests.studyapp.reports.hand_study import hand_study

pytestmark = pytest.mark.django_db


def test_the_sentence_has_the_numbers_of_the_best_model() -> None:
    told = headline(build_report(hand_study().study))
    assert "beta errs least: on " in told
    assert "four of five must agree" in told


def test_counts_of_answers_and_raters_are_said_as_people_say_them() -> None:
    report = build_report(hand_study().study)
    assert answers_sentence(report) == "15 yes, 9 no, 1 cannot tell, on 5 of 6 questions asked."
    few = replace(report.data, n_questions_of_models=5)
    assert "5 of them ask about a mistake" in answers_sentence(replace(report, data=few))
    for valid, least, most, told in (
        (2, 3, 9, "2 raters voted: from 3 to 9 votes each, half of them at most 6."),
        (2, 9, 9, "2 raters voted: 9 votes each."),
        (1, 1, 1, "2 raters voted, 1 of them with votes that count: 1 vote."),
        (0, None, None, "2 raters voted, 0 of them with votes that count."),
    ):
        raters = replace(
            report.raters,
            n_raters=2,
            n_raters_valid=valid,
            votes_per_rater_min=least,
            votes_per_rater_median=6.0,
            votes_per_rater_max=most,
        )
        assert raters_sentence(replace(report, raters=raters)) == told


def test_no_agreement_beyond_chance_has_no_sign() -> None:
    report = build_report(hand_study().study)
    nought = tuple(replace(row, fleiss_kappa=-1e-17) for row in report.agreement)
    lines = report_lines(replace(report, agreement=nought))
    assert not any("-0.0" in line for line in lines)


def test_nothing_is_said_of_people_before_anything_is_decided() -> None:
    """Votes that the marketplace has not confirmed decide nothing."""
    study = hand_study().study
    Assignment.objects.update(state=AssignmentState.WORKING)
    told = headline(build_report(study))
    assert "are being asked about, and none is decided yet" in told
    assert "must agree" not in told
