from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from studyapp.analytics import ColumnError, RuleError, Votes
from tests.studyapp.analytics.strategies import Panel, panels


def small() -> Votes:
    return Votes.from_columns(
        [0, 0, 2, 2, 2], rater=[0, 1, 0, 1, 2], answer=[1, -1, 0, 1, -1], n_questions=4
    )


def test_counts_have_a_row_for_every_question() -> None:
    votes = small()
    assert (len(votes), votes.n_questions, votes.n_raters) == (5, 4, 3)
    assert votes.counts3().tolist() == [[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 0, 0]]
    assert votes.counts3().dtype == np.int32


@pytest.mark.parametrize(
    ("unsure", "first_row"), [("missing", [1, 0]), ("no", [1, 1]), ("yes", [2, 0])]
)
def test_unsure_is_left_out_or_counted_as_told(unsure: str, first_row: list[int]) -> None:
    counts = small().counts(unsure=unsure)
    assert counts[0].tolist() == first_row
    assert counts.shape == (4, 2)


def test_an_unknown_coding_of_unsure_is_refused() -> None:
    with pytest.raises(RuleError, match="use one of missing, no, yes"):
        small().counts(unsure="skip")


def test_a_mask_keeps_numbers_and_the_columns_are_read_only() -> None:
    votes = Votes.from_columns([1, 0], rater=[3, 0], answer=[1, 0], seconds=[2.5, np.nan])
    rest = votes.valid([True, False])
    assert (rest.n_questions, rest.n_raters) == (2, 4)
    assert rest.seconds is not None
    assert (rest.question.tolist(), rest.seconds.tolist()) == ([1], [2.5])
    with pytest.raises(ValueError, match="read-only"):
        rest.answer[0] = 0


def test_given_arrays_are_left_alone() -> None:
    question = np.zeros(1, dtype=np.int32)
    Votes.from_columns(question, rater=[0], answer=[1])
    question[0] = 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rater": [0, 1]}, "Column rater has 2 rows where 3 are needed"),
        ({"answer": [1, 2, 0]}, "Row 1 of column answer holds 2"),
        ({"answer": [1, 0, -2]}, "Row 2 of column answer holds -2"),
        ({"answer": [1.0, 0.0, 0.0]}, "Column answer holds float64"),
        ({"n_questions": 1}, r"Row 2 of column question holds 1, outside 0\.\.0"),
        ({"n_raters": 1}, r"Row 1 of column rater holds 1, outside 0\.\.0"),
        ({"rater": [1, 1, 0]}, "Rater 1 has more than one vote on question 0"),
        ({"order": [4, 4, 5]}, "Two votes on question 0 share order 4"),
        ({"seconds": [1.0, -1.0, 2.0]}, "Row 1 of column seconds"),
    ],
)
def test_bad_columns_are_refused(change: dict[str, Any], message: str) -> None:
    columns: dict[str, Any] = {"rater": [0, 1, 0], "answer": [1, 0, 1]} | change
    with pytest.raises(ColumnError, match=message):
        Votes.from_columns([0, 0, 1], **columns)


def test_no_votes_at_all_are_fine() -> None:
    votes = Votes.from_columns([], rater=[], answer=[], n_questions=2)
    assert votes.counts3().tolist() == [[0, 0, 0], [0, 0, 0]]


@pytest.mark.slow
@given(panels())
def test_counts_agree_with_counting_by_hand(panel: Panel) -> None:
    table = [[0, 0, 0] for _ in range(panel.n_questions)]
    for question, answer in zip(panel.question, panel.answer, strict=True):
        table[question][{1: 0, 0: 1, -1: 2}[int(answer)]] += 1
    assert panel.votes().counts3().tolist() == table
