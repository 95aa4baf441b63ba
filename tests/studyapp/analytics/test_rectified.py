from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import (
    ColumnError,
    Rectified,
    Rule,
    Votes,
    proportion_ci,
    rectified_top1,
    verdicts,
)
from tests.studyapp.analytics.conftest import RealRelease
from tests.studyapp.analytics.strategies import Panel, panels, rules

TABLE_1 = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "table1.json").read_text(encoding="utf-8")
)
BY_NAME = {row["model"]: row for row in TABLE_1["models"]}


def small(rule: Rule | None = None) -> Rectified:
    """Eight images: two right, six wrong of which one was never asked.

    Questions: 0 five yes, 1 four yes, 2 three yes, 3 four yes of four, 4 one vote; 5 of nobody.
    """
    words = ["yyyyy", "yyyyn", "yynny", "yyyy", "y"]
    rows = [(q, r, int(a == "y")) for q, word in enumerate(words) for r, a in enumerate(word)]
    columns = np.array(rows)
    votes = Votes.from_columns(columns[:, 0], rater=columns[:, 1], answer=columns[:, 2])
    return rectified_top1(
        [True, False, False, False, False, False, False, True],
        question=[0, 0, 1, 2, 3, 4, -1, -1],
        verdicts=verdicts(votes, rule=rule or Rule()),
    )


def test_by_hand() -> None:
    found = small()
    assert (found.n_images, found.n_errors, found.n_asked, found.n_unasked) == (8, 6, 5, 1)
    assert (found.n_accepted, found.n_rejected, found.n_undecided) == (3, 1, 1)
    assert (found.top1_error, found.rectified_top1_error) == (6 / 8, 3 / 8)
    assert (found.bound_low, found.bound_high) == (2 / 8, 3 / 8)
    assert found.ci == proportion_ci(3, n=8)
    assert found.by_yes.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.by_yes_incomplete == 2
    assert found.accepted_share == 3 / 6
    assert found.mean_yes_share == pytest.approx((1 + 0.8 + 0.6 + 1 + 1) / 5)


def test_another_rule_is_carried_along() -> None:
    data = json.loads(json.dumps(small(Rule(k=3)).to_dict()))
    assert (data["rule_k"], data["n_accepted"], data["rectified_top1_error"]) == (3, 4, 2 / 8)
    assert (data["ci_method"], data["ci_level"]) == ("wilson", 0.95)


def test_a_right_prediction_is_not_looked_at() -> None:
    """Image 0 is right and yet names a question: that of image 1, shared."""
    assert small().n_asked == 5


def test_a_model_without_errors() -> None:
    none = verdicts(Votes.from_columns([], rater=[], answer=[]), rule=Rule())
    found = rectified_top1([True, True], question=[-1, -1], verdicts=none, method="jeffreys")
    assert (found.top1_error, found.rectified_top1_error, found.ci.low) == (0, 0, 0)
    assert (found.accepted_share, found.mean_yes_share) == (None, None)
    assert found.by_yes.tolist() == [0] * 6
    assert json.loads(json.dumps(found.to_dict()))["accepted_share"] is None


def test_a_question_whose_votes_are_all_excluded_is_asked_and_undecided() -> None:
    votes = Votes.from_columns([0], rater=[0], answer=[1]).valid([False])
    found = rectified_top1([False], question=[0], verdicts=verdicts(votes, rule=Rule()))
    assert (found.n_asked, found.n_undecided, found.n_unasked) == (1, 1, 0)
    assert (found.bound_low, found.bound_high) == (0, 1)


@pytest.mark.parametrize(
    ("correct", "question", "message"),
    [
        ([], [], "There are no images"),
        ([True], [-1, 0], "Column question has 2 rows where 1 are needed"),
        ([False], [1], "Row 0 of column question holds 1"),
        ([False], [-2], "Row 0 of column question holds -2"),
        ([0], [0], "give True or False"),
    ],
)
def test_bad_columns_are_refused(correct: list[Any], question: list[int], message: str) -> None:
    votes = Votes.from_columns([0], rater=[0], answer=[1])
    with pytest.raises(ColumnError, match=message):
        rectified_top1(correct, question=question, verdicts=verdicts(votes, rule=Rule()))


@pytest.mark.slow
@given(panels(), rules(), st.data())
def test_it_never_exceeds_the_error_and_its_parts_add_up(
    panel: Panel, rule: Rule, data: st.DataObject
) -> None:
    asked = st.integers(-1, panel.n_questions - 1)
    images = data.draw(st.lists(st.tuples(st.booleans(), asked), min_size=1, max_size=10))
    found = rectified_top1(
        [correct for correct, _ in images],
        question=[question for _, question in images],
        verdicts=verdicts(panel.votes(), rule=rule),
    )
    assert 0 <= found.bound_low <= found.rectified_top1_error == found.bound_high
    assert found.rectified_top1_error <= found.top1_error <= 1
    assert found.ci.low <= found.rectified_top1_error <= found.ci.high
    assert found.n_errors == found.n_asked + found.n_unasked
    assert found.n_asked == found.n_accepted + found.n_rejected + found.n_undecided
    assert found.n_asked == found.by_yes.sum() + found.by_yes_incomplete
    if found.n_errors:
        share = found.accepted_share
        assert share is not None
        assert found.rectified_top1_error == pytest.approx(found.top1_error * (1 - share))
    if rule.extra == "first" and not found.by_yes_incomplete:
        assert found.n_accepted == found.by_yes[rule.k :].sum()


def from_whole_counts(by_yes: list[int]) -> Rectified:
    """Table 1's study: five votes for every error, the yes votes at random places, rows mixed."""
    rng = np.random.default_rng(1)
    yes = rng.permutation(np.repeat(np.arange(6), by_yes))
    answer = (np.arange(5) < yes[:, None]).astype(np.int8)
    rng.permuted(answer, axis=1, out=answer)
    question, rater = np.divmod(rng.permutation(answer.size), 5)
    votes = Votes.from_columns(
        question, rater=rater, answer=answer[question, rater], order=question * 5 + rater
    )
    n_images = TABLE_1["n_images"]
    image = rng.permutation(n_images)[: yes.size]
    correct = np.ones(n_images, dtype=bool)
    correct[image] = False
    asked = np.full(n_images, -1)
    asked[image] = np.arange(yes.size)
    return rectified_top1(correct, question=asked, verdicts=verdicts(votes, rule=Rule()))


def percent(share: float) -> str:
    return f"{100 * share:.2f}"


@pytest.mark.parametrize("model", BY_NAME)
def test_table_1_and_figure_2_from_whole_counts(model: str) -> None:
    row = BY_NAME[model]
    found = from_whole_counts(row["by_yes"])
    assert found.by_yes.tolist() == row["by_yes"]
    assert (found.n_errors, found.n_accepted) == (row["n_errors"], row["n_accepted"])
    assert (found.n_asked, found.n_undecided, found.by_yes_incomplete) == (row["n_errors"], 0, 0)
    printed = row["printed"]
    assert percent(found.top1_error) == printed["top1_error"]
    assert percent(found.rectified_top1_error) == printed["rectified_top1_error"]
    if printed["five_of_five"] is not None:
        assert percent(found.by_yes[5] / found.by_yes.sum()) == printed["five_of_five"]
    assert found.accepted_share is not None
    assert percent(found.accepted_share) == row["accepted_share_percent"]
    assert [percent(found.ci.low), percent(found.ci.high)] == row["wilson_percent"]


#: errors, asked; accepted at 3, 4, 5 with unsure as no; at 4 as yes; both errors in percent at 4.
REAL = {
    "resnet50-v1.5-tflite-fp32": (1209, 1106, (236, 155, 83), 299, "24.3554", "21.2329"),
    "mobilenet-v2-1.0-224": (1420, 1188, (240, 160, 85), 307, "28.6060", "25.3828"),
    "mobilenet-v1-1.0-224": (1421, 1190, (206, 134, 73), 264, "28.6261", "25.9267"),
    "mobilenet-v1-0.25-128": (2754, 927, (122, 75, 44), 170, "55.4795", "53.9686"),
}


@pytest.mark.parametrize("model", REAL)
def test_real_votes(real_release: RealRelease, model: str) -> None:
    errors, asked, accepted, as_yes, top1, rectified = REAL[model]
    by_k = [real_release.rectified(model, rule=Rule(k=k, unsure="no")) for k in (3, 4, 5)]
    assert tuple(found.n_accepted for found in by_k) == accepted
    found = by_k[1]
    assert (found.n_images, found.n_errors, found.n_asked) == (4964, errors, asked)
    assert (found.n_unasked, found.n_undecided) == (errors - asked, 0)
    assert f"{100 * found.top1_error:.4f}" == top1
    assert f"{100 * found.rectified_top1_error:.4f}" == rectified
    assert found.by_yes[3:].sum() == accepted[0]
    assert (found.by_yes.sum(), found.by_yes_incomplete) == (asked, 0)
    counted = real_release.rectified(model, rule=Rule(unsure="yes"))
    assert counted.n_accepted == as_yes


@pytest.mark.parametrize("model", REAL)
def test_real_votes_with_unsure_missing_lie_between_the_two_codings(
    real_release: RealRelease, model: str
) -> None:
    missing, as_no, as_yes = (
        real_release.rectified(model, rule=Rule(unsure=unsure))
        for unsure in ("missing", "no", "yes")
    )
    assert missing.n_accepted == as_no.n_accepted
    assert missing.bound_low == as_yes.rectified_top1_error
    assert missing.by_yes_incomplete > 0


def test_unasked_errors_can_be_taken_to_be_like_the_asked_ones() -> None:
    """Six errors, three asked, one of them accepted."""
    votes = Votes.from_columns([0, 1, 2], rater=[0, 0, 0], answer=[1, 0, 0])
    found = rectified_top1(
        [False] * 6 + [True] * 4,
        question=[0, 1, 2, -1, -1, -1, -1, -1, -1, -1],
        verdicts=verdicts(votes, rule=Rule(k=1, n=1)),
        unasked="extrapolate",
    )
    assert found.accepted_share == 1 / 3
    assert found.rectified_top1_error == pytest.approx(0.6 * (1 - 1 / 3))
    assert (found.n_accepted, found.n_unasked) == (1, 3)
    assert found.ci.low < found.rectified_top1_error < found.ci.high
    assert found.to_dict()["unasked"] == "extrapolate"


def test_without_unasked_errors_both_codings_say_the_same() -> None:
    columns = BY_NAME["ResNet-101"]["by_yes"]
    assert from_whole_counts(columns).to_dict()["unasked"] == "error"
    votes = Votes.from_columns([0], rater=[0], answer=[1])
    decided = verdicts(votes, rule=Rule(k=1, n=1))
    one, other = (
        rectified_top1([False, True], question=[0, -1], verdicts=decided, unasked=word)
        for word in ("error", "extrapolate")
    )
    assert one.to_dict() | {"unasked": ""} == other.to_dict() | {"unasked": ""}


@pytest.mark.parametrize("model", REAL)
def test_real_votes_extrapolated(real_release: RealRelease, model: str) -> None:
    errors, asked, accepted, *_ = REAL[model]
    columns = real_release.models[model]
    found = rectified_top1(
        columns.correct,
        question=columns.question,
        verdicts=verdicts(real_release.votes, rule=Rule(unsure="no")),
        unasked="extrapolate",
    )
    expected = errors / 4964 * (1 - accepted[1] / asked)
    assert found.rectified_top1_error == pytest.approx(expected)
