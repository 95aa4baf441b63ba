from __future__ import annotations

import math
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from studyapp.analytics import Rule
from studyapp.exports import export_study
from studyapp.models import Prediction, Vote
from studyapp.recount.choices import blanked_choices, recount_choices
from studyapp.recount.labelled import Labelled
from studyapp.recount.ledger import read_ledger
from studyapp.reports import Choice, build_report, report_lines
from studyapp.reports.choices import by_accept_at, one_at_a_time, range_of
from tests.factories.crowd import RaterFactory
from tests.factories.dataset import ImageFactory, mistakes
from tests.factories.study import ElsewhereStimulusFactory, QuestionFactory, StudyFactory
from tests.studyapp.reports.hand_study import (
    ALPHA,
    BETA,
    HandStudy,
    add_votes_that_do_not_count,
    hand_study,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]

N = 5
#: What a choice of window or of votes beyond the first n may let in again.
BY_CHOICE = {"too_fast", "too_slow", "surplus"}


@pytest.fixture
def made() -> HandStudy:
    return hand_study()


def accepts(made: HandStudy, pair: tuple[str, int], *, choice: Choice, out: set[int]) -> bool:
    """The verdict by the plainest means, from the rows."""
    if pair not in made.trials:
        return False
    low, high = choice.window_low or 0, choice.window_high or math.inf
    votes = Vote.objects.filter(question=made.trials[pair].question).order_by("submitted_at", "pk")
    found = [
        vote.answer
        for vote in votes
        if vote.pk not in out and low <= float(vote.active_seconds or vote.seconds or 0) <= high
    ]
    if choice.extra == "first":
        found = found[:N]
    if choice.unsure != "missing":
        found = [choice.unsure if answer == "unsure" else answer for answer in found]
    yes, no = found.count("yes"), found.count("no")
    if choice.extra == "first":
        return yes >= choice.accept_at
    return yes + no >= N - 1 and yes * N >= choice.accept_at * (yes + no)


@pytest.mark.slow
def test_every_choice_by_the_plainest_means(made: HandStudy) -> None:
    extra = add_votes_that_do_not_count(made)
    out = {vote.pk for reason, votes in extra.items() if reason not in BY_CHOICE for vote in votes}
    report = build_report(made.study)
    assert {choice.window for choice in report.sensitivity} == {
        "planned", "none", "without_fastest", "without_slowest",
    }  # fmt: skip
    # Models, windows, first or fraction, codings of unsure, k from 1 to 5.
    assert len(report.sensitivity) == 2 * 4 * 2 * 3 * 5
    for choice in report.sensitivity:
        wrong, n_images = (ALPHA, 10) if choice.model == "alpha" else (BETA, 9)
        n_accepted = sum(accepts(made, pair, choice=choice, out=out) for pair in wrong.items())
        assert choice.n_accepted == n_accepted, choice
        assert choice.rectified_top1_error == (len(wrong) - n_accepted) / n_images
        assert choice.ci_low <= choice.rectified_top1_error <= choice.ci_high
    assert len({(choice.model, choice.n_accepted) for choice in report.sensitivity}) > 5


@pytest.mark.parametrize("rule", [{}, {"accept": 3}, {"unsure": "yes"}])
def test_the_planned_choice_is_the_figure_of_the_report(
    made: HandStudy, rule: dict[str, object]
) -> None:
    add_votes_that_do_not_count(made)
    report = build_report(made.study, **rule)  # type: ignore[arg-type]
    planned = {choice.model: choice for choice in report.sensitivity if choice.planned}
    assert len([choice for choice in report.sensitivity if choice.planned]) == len(report.models)
    for model in report.models:
        choice = planned[model.model]
        assert (choice.n_accepted, choice.n_undecided) == (model.n_accepted, model.n_undecided)
        assert (choice.ci_low, choice.ci_high) == (model.ci_low, model.ci_high)


def test_the_page_has_the_choices_that_change_one_thing(made: HandStudy) -> None:
    report = build_report(made.study)
    rows = one_at_a_time(report)
    assert [row.label for row in rows] == [
        "As in this report", "1 yes of 5", "2 yes of 5", "3 yes of 5", "5 yes of 5",
        "“Cannot tell” as no", "“Cannot tell” as yes", "Share of yes among all votes",
        "No timing window", "Without the fastest 5 % of votes", "Without the slowest 5 % of votes",
    ]  # fmt: skip
    assert [row.planned for row in rows] == [True] + [False] * 10
    assert all(set(row.models) == {"alpha", "beta"} for row in rows)
    curve = by_accept_at(report)["alpha"]
    assert [choice.accept_at for choice in curve] == [1, 2, 3, 4, 5]
    assert [choice.n_accepted for choice in curve] == [4, 4, 4, 2, 1]
    low, high, n_choices = range_of(report, model="alpha") or (0, 0, 0)
    assert (low, high, n_choices) == (0.2, 0.5, 120)
    assert (
        "Over 120 choices of rule and timing window, alpha errs on 20.00 to 50.00 %."
        in report_lines(report)
    )


def test_without_a_window_or_times_there_is_one_window(made: HandStudy) -> None:
    made.study.seconds_min = made.study.seconds_max = None
    report = build_report(made.study)
    assert {c.window for c in report.sensitivity} == {
        "planned", "without_fastest", "without_slowest",
    }  # fmt: skip
    assert all(choice.window_low is None for choice in report.sensitivity if choice.planned)


def test_a_model_without_images_has_no_choices(made: HandStudy) -> None:
    Prediction.objects.all().delete()
    report = build_report(made.study)
    assert report.sensitivity == ()
    assert one_at_a_time(report) == []
    assert by_accept_at(report) == {}
    assert range_of(report, model="alpha") is None
    assert not any("choices" in line for line in report_lines(report))
    assert one_at_a_time(replace(report, sensitivity=())) == []


def test_without_raters_who_disagree_is_one_choice_more(tmp_path: Path) -> None:
    """Seven say yes and one no to twelve pictures; only all eight yes would accept."""
    study = StudyFactory.create(imported=True, raters_per_trial=8, accept_at=8)
    images = [ImageFactory.create(image_set=study.image_set) for _ in range(12)]
    mistakes(study.image_set, model="m", wrong={image.image_id: 1 for image in images})
    raters = RaterFactory.create_batch(8)
    votes = [
        Vote(study=study, question=question, rater=rater, answer=answer, answer_raw=answer,
             import_key=f"{question.pk} {rater.pk}")
        for question in [QuestionFactory.create(stimulus=ElsewhereStimulusFactory.create(image=one))
                         for one in images]
        for rater, answer in zip(raters, ["no", *["yes"] * 7], strict=True)
    ]  # fmt: skip
    Vote.objects.bulk_create(votes)
    report = build_report(study)
    (without,) = [choice for choice in report.sensitivity if choice.raters != "all"]
    (planned,) = [choice for choice in report.sensitivity if choice.planned]
    assert (planned.raters, planned.n_raters, planned.n_votes) == ("all", 8, 96)
    assert (planned.n_accepted, planned.n_undecided) == (0, 0)
    assert (without.raters, without.n_raters, without.n_votes) == ("without_disagreeing", 7, 84)
    assert (without.n_accepted, without.n_undecided, without.planned) == (0, 12, False)
    last = one_at_a_time(report)[-1]
    assert (last.label, last.models["m"]) == ("Without raters who disagree", without)
    # The tables of an archive give the same, raters being known by pseudonyms.
    export_study(study, out=tmp_path / "data")
    ledger = read_ledger(tmp_path, rule=Rule(k=8, n=8), window=(None, None))
    wrong = Labelled(np.arange(12), correct=np.zeros(12, dtype=np.bool_), question=np.arange(12))
    given = [asdict(choice) for choice in report.sensitivity]
    counted = recount_choices(blanked_choices(given), ledger, {"m": wrong})
    assert [one | figures for one, figures in zip(given, counted, strict=True)] == given
