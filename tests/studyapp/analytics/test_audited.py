from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from studyapp.analytics import ColumnError, Rule, Votes, rectified_top1, verdicts
from studyapp.analytics.audited import audited_top1
from tests.studyapp.analytics.panels_of_five import verdicts_with


def test_by_hand() -> None:
    """Four wrong, of which three were asked (one accepted); six right, two asked, one accepted."""
    found = audited_top1(
        [False] * 4 + [True] * 6,
        question=[0, 1, 2, -1, 3, 4, -1, -1, -1, -1],
        verdicts=verdicts_with([5, 0, 1, 4, 2]),
    )
    assert (found.n_images, found.n_errors, found.top1_error) == (10, 4, 0.4)
    assert (found.accepted_share_wrong, found.accepted_share_right) == (1 / 3, 1 / 2)
    assert found.audited_top1_error == pytest.approx((4 * 2 / 3 + 6 / 2) / 10)
    assert found.bound_low == found.bound_high == found.audited_top1_error
    assert found.ci is not None
    assert found.ci.low < found.audited_top1_error < found.ci.high
    data = json.loads(json.dumps(found.to_dict()))
    assert (data["wrong"]["n_asked"], data["right"]["n_unasked"]) == (3, 4)


def test_undecided_images_lie_between_the_bounds() -> None:
    votes = Votes.from_columns([0, 1], rater=[0, 0], answer=[1, 1])
    found = audited_top1([False, True], question=[0, 1], verdicts=verdicts(votes, rule=Rule()))
    assert (found.bound_low, found.bound_high) == (0, 1)
    assert (found.audited_top1_error, found.ci, found.accepted_share_right) == (None, None, None)
    assert found.to_dict()["ci_method"] is None


def test_an_undecided_image_is_neither_right_nor_wrong() -> None:
    """Two wrong, both rejected; four right: one accepted, one rejected, one undecided."""
    votes = Votes.from_columns(
        [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5 + [4],
        rater=[*range(5)] * 4 + [0],
        answer=[0] * 10 + [1] * 5 + [0] * 5 + [1],
    )
    found = audited_top1(
        [False] * 2 + [True] * 4,
        question=[0, 1, 2, 3, 4, -1],
        verdicts=verdicts(votes, rule=Rule()),
    )
    assert (found.right.n_asked, found.right.n_decided, found.right.n_undecided) == (3, 2, 1)
    assert found.accepted_share_right == 1 / 2
    assert found.audited_top1_error == pytest.approx((2 + 4 / 2) / 6)
    assert (found.bound_low, found.bound_high) == pytest.approx(
        ((2 + 4 * 1 / 3) / 6, (2 + 4 * 2 / 3) / 6)
    )


def test_where_every_right_prediction_is_accepted_it_is_the_rectified_error() -> None:
    yes = [5, 0, 1, 4] + [5] * 6
    correct, question = [False] * 4 + [True] * 6, list(range(10))
    decided = verdicts_with(yes)
    found = audited_top1(correct, question=question, verdicts=decided)
    one_sided = rectified_top1(correct, question=question, verdicts=decided)
    assert found.audited_top1_error == one_sided.rectified_top1_error
    assert found.ci is not None
    assert (found.ci.low, found.ci.high) == (one_sided.ci.low, one_sided.ci.high)


def test_it_may_exceed_the_error() -> None:
    found = audited_top1([True, True], question=[0, -1], verdicts=verdicts_with([0]))
    assert (found.top1_error, found.audited_top1_error) == (0, 1)


@pytest.mark.parametrize("correct", [True, False])
def test_a_part_that_was_not_asked_is_refused(correct: bool) -> None:
    name = "right" if correct else "wrong"
    with pytest.raises(ColumnError, match=f"None of the 1 {name} predictions was asked"):
        audited_top1([correct, not correct], question=[-1, 0], verdicts=verdicts_with([5]))


@pytest.mark.parametrize(
    ("correct", "question", "message"),
    [([], [], "There are no images"), ([True], [0, 0], "has 2 rows"), ([1], [0], "True or False")],
)
def test_bad_columns_are_refused(correct: list[Any], question: list[int], message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        audited_top1(correct, question=question, verdicts=verdicts_with([5]))


@pytest.mark.slow
def test_it_covers_the_true_share_as_often_as_it_says() -> None:
    """2,000 images, 25 % errors of which 60 % are true ones; 2 % of the right ones are not."""
    rng = np.random.default_rng(11)
    n_images, truth, times, covered = 2000, 0.25 * 0.6 + 0.75 * 0.02, 600, 0
    for _ in range(times):
        correct = rng.random(n_images) >= 0.25
        bad = rng.random(n_images) < np.where(correct, 0.02, 0.6)
        question = np.where(~correct | (rng.random(n_images) < 0.25), np.arange(n_images), -1)
        decided = verdicts_of(~bad)
        found = audited_top1(correct, question=question, verdicts=decided)
        assert found.ci is not None
        covered += found.ci.low <= truth <= found.ci.high
    assert covered / times >= 0.935


def verdicts_of(accepted: np.ndarray[Any, np.dtype[np.bool_]]) -> Any:
    """One vote on each question, under 1 of 1: the cheapest verdicts there are."""
    votes = Votes.from_columns(
        np.arange(accepted.size), rater=np.zeros(accepted.size, dtype=int), answer=accepted * 1
    )
    return verdicts(votes, rule=Rule(k=1, n=1))
