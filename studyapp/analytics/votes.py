"""The votes that count, as columns: one row per answer of one rater to one question."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import (
    Float64,
    Int8,
    Int32,
    Int64,
    frozen,
    id_column,
    integer_column,
    mask_column,
    order_column,
    rows_by_question,
    seconds_column,
)
from studyapp.analytics.errors import ColumnError, RuleError


class Answer(IntEnum):
    """Codes of the three answers; `unsure` is also what other sources call maybe or skip."""

    YES = 1
    NO = 0
    UNSURE = -1


#: How an `unsure` answer is counted: left out, or as one of the other two.
UNSURE_CODINGS = ("missing", "no", "yes")

#: Column of each answer code in a table of counts: no (0) -> 1, yes (1) -> 0, unsure (-1) -> 2.
COUNT_COLUMN = np.array([1, 0, 2], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Votes:
    """Votes of `n_raters` raters on `n_questions` questions. Build with `from_columns`.

    question: int32[V], 0..n_questions-1.
    rater: int32[V], 0..n_raters-1; at most one vote per (question, rater).
    answer: int8[V], 1 yes, 0 no, -1 unsure.
    order: int64[V], when the vote was given; any numbers that differ inside a question.
    seconds: float64[V], time taken in seconds, NaN where not known; None when none is known.
    The rows keep the order they were given in; every array is read-only.
    """

    question: Int32
    rater: Int32
    answer: Int8
    order: Int64
    seconds: Float64 | None
    n_questions: int
    n_raters: int

    @classmethod
    def from_columns(
        cls,
        question: npt.ArrayLike,
        *,
        rater: npt.ArrayLike,
        answer: npt.ArrayLike,
        order: npt.ArrayLike | None = None,
        seconds: npt.ArrayLike | None = None,
        n_questions: int | None = None,
        n_raters: int | None = None,
    ) -> Votes:
        """Check and copy columns of V rows (see the class).

        `order` None is the order of the rows; `n_questions` and `n_raters` None are the largest
        id + 1. Raises ColumnError for other shapes or types, ids out of range, unknown answers,
        negative seconds, a second vote of a rater on a question, or a tied order in a question.
        """
        question_ids, n_questions = id_column("question", question, size=n_questions)
        length = question_ids.size
        rater_ids, n_raters = id_column("rater", rater, size=n_raters, length=length)
        votes = cls(
            question=frozen(question_ids),
            rater=frozen(rater_ids),
            answer=frozen(_answers(answer, length=length)),
            order=frozen(order_column(order, length=length)),
            seconds=None if seconds is None else frozen(seconds_column(seconds, length=length)),
            n_questions=n_questions,
            n_raters=n_raters,
        )
        _refuse_second_votes(votes)
        frozen(votes.by_question)
        return votes

    def __len__(self) -> int:
        """The number of votes V."""
        return self.question.size

    @cached_property
    def by_question(self) -> Int64:
        """Row numbers int64[V], sorted by question and then by order."""
        return rows_by_question(self.question, order=self.order)

    def valid(self, mask: npt.ArrayLike) -> Votes:
        """The votes where `mask` (bool[V]) is True; questions and raters keep their numbers."""
        keep = mask_column("mask", mask, length=len(self))
        return Votes(
            question=frozen(self.question[keep]),
            rater=frozen(self.rater[keep]),
            answer=frozen(self.answer[keep]),
            order=frozen(self.order[keep]),
            seconds=None if self.seconds is None else frozen(self.seconds[keep]),
            n_questions=self.n_questions,
            n_raters=self.n_raters,
        )

    def counts3(self) -> Int32:
        """Raw answers per question: int32[Q, 3], columns yes, no, unsure."""
        return count_answers(self.question, answer=self.answer, n_questions=self.n_questions)

    def counts(self, *, unsure: str = "missing") -> Int32:
        """Answers per question, int32[Q, 2], columns yes, no; `unsure` left out or counted."""
        if unsure not in UNSURE_CODINGS:
            raise RuleError(
                f"unsure={unsure!r} is unknown; use one of {', '.join(UNSURE_CODINGS)}."
            )
        table = self.counts3()
        if unsure != "missing":
            table[:, 0 if unsure == "yes" else 1] += table[:, 2]
        return table[:, :2].copy()


def count_answers(question: Int32, *, answer: Int8, n_questions: int) -> Int32:
    """int32[Q, 3]: yes, no and unsure votes of every question, from int32[V] and int8[V]."""
    cell = question.astype(np.int64) * 3 + COUNT_COLUMN[answer]
    return np.bincount(cell, minlength=3 * n_questions).reshape(n_questions, 3).astype(np.int32)


def _answers(values: npt.ArrayLike, *, length: int) -> Int8:
    column = integer_column("answer", values, length=length)
    unknown = (column < Answer.UNSURE) | (column > Answer.YES)
    if unknown.any():
        row = int(unknown.argmax())
        raise ColumnError(
            f"Row {row} of column answer holds {column[row]}; use 1 yes, 0 no, -1 unsure."
        )
    return column.astype(np.int8)


def _refuse_second_votes(votes: Votes) -> None:
    pair = votes.question.astype(np.int64) * votes.n_raters + votes.rater
    in_order = np.sort(pair)
    again = in_order[1:] == in_order[:-1]
    if again.any():
        question, rater = divmod(int(in_order[int(again.argmax())]), votes.n_raters)
        raise ColumnError(
            f"Rater {rater} has more than one vote on question {question}; "
            "run exclude() first and keep the rows it keeps."
        )
