"""Exclusions: which votes do not count, and why. A vote is never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import (
    Bool,
    Int8,
    Int32,
    Int64,
    frozen,
    id_column,
    mask_column,
    order_column,
    places,
    rows_by_question,
    seconds_column,
)
from studyapp.analytics.errors import RuleError
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.windows import Window, outside, window_ends

#: The code of a vote that counts.
KEPT = 0


class ExclusionReason(IntEnum):
    """Why a vote does not count. A vote gets the first reason that fits, in this order."""

    # The codes leave gaps, so that a later reason finds its place in the order.
    TEST_RUN = 10
    UNCONFIRMED = 20
    LATE = 25
    WITHDRAWN = 30
    SUPERSEDED = 40
    EXPOSURE = 45
    DUPLICATE = 50
    TOO_FAST = 60
    TOO_SLOW = 61
    MANUAL = 70
    SURPLUS = 80

    @property
    def label(self) -> str:
        """The name for people, such as `Faster than the timing window`."""
        return _LABELS[self]

    @property
    def slug(self) -> str:
        """The name in data and exports, such as `too_fast`."""
        return self.name.lower()


_LABELS = {
    ExclusionReason.TEST_RUN: "Test run or preview",
    ExclusionReason.UNCONFIRMED: "Submission not confirmed",
    ExclusionReason.LATE: "Given after the hand-in",
    ExclusionReason.WITHDRAWN: "Consent withdrawn",
    ExclusionReason.SUPERSEDED: "Undone by a later answer",
    ExclusionReason.EXPOSURE: "Too soon after another condition",
    ExclusionReason.DUPLICATE: "Second vote of the same rater",
    ExclusionReason.TOO_FAST: "Faster than the timing window",
    ExclusionReason.TOO_SLOW: "Slower than the timing window",
    ExclusionReason.MANUAL: "Excluded by hand",
    ExclusionReason.SURPLUS: "Beyond the votes asked for",
}


@dataclass(frozen=True, eq=False)
class Exclusion:
    """What counts among V votes; both arrays are read-only, in the order of the input rows.

    keep: bool[V]. reason: int8[V], 0 (KEPT) or a code of ExclusionReason.
    """

    keep: Bool
    reason: Int8

    @property
    def counts(self) -> dict[ExclusionReason, int]:
        """Excluded votes by reason, in the order of the reasons; zeros are given too."""
        return {code: int(np.count_nonzero(self.reason == code)) for code in ExclusionReason}

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: n_votes, n_kept, n_excluded, and by_reason (slug -> votes)."""
        n_kept = int(np.count_nonzero(self.keep))
        return payload(
            n_votes=self.keep.size,
            n_kept=n_kept,
            n_excluded=self.keep.size - n_kept,
            by_reason={code.slug: number for code, number in self.counts.items()},
        )


def exclude(
    question: npt.ArrayLike,
    *,
    rater: npt.ArrayLike,
    order: npt.ArrayLike | None = None,
    seconds: npt.ArrayLike | None = None,
    test_run: npt.ArrayLike | None = None,
    unconfirmed: npt.ArrayLike | None = None,
    late: npt.ArrayLike | None = None,
    withdrawn: npt.ArrayLike | None = None,
    superseded: npt.ArrayLike | None = None,
    exposure: npt.ArrayLike | None = None,
    manual: npt.ArrayLike | None = None,
    window: Window | None = None,
    n: int | None = None,
) -> Exclusion:
    """Give each of V raw votes the first reason that fits, or keep it.

    question, rater: int32[V] ids from 0; order: int64[V], distinct inside a question (None: the
    order of the rows). seconds: float64[V], time taken in seconds, NaN where not known (None: no
    time is known). The flags are bool[V] (None: none). window: (low, high) in seconds, both ends
    kept, None for an open end; a vote without a time stays. n: votes wanted per question.

    A duplicate is any but the first vote of a rater on a question among those without an earlier
    reason: an undone, unconfirmed, late or exposed vote takes no place, a too fast one does.
    Surplus is what comes after the first n votes of a question among those without any other
    reason. `exposed` works the exposures out.
    Raises ColumnError for bad columns, RuleError for a bad window or n.
    """
    questions, n_questions = id_column("question", question)
    length = questions.size
    raters, n_raters = id_column("rater", rater, length=length)
    moments = order_column(order, length=length)
    rows = rows_by_question(questions, order=moments)
    reason = np.full(length, KEPT, dtype=np.int8)
    for name, flag, code in (
        ("test_run", test_run, ExclusionReason.TEST_RUN),
        ("unconfirmed", unconfirmed, ExclusionReason.UNCONFIRMED),
        ("late", late, ExclusionReason.LATE),
        ("withdrawn", withdrawn, ExclusionReason.WITHDRAWN),
        ("superseded", superseded, ExclusionReason.SUPERSEDED),
        ("exposure", exposure, ExclusionReason.EXPOSURE),
    ):
        _mark(reason, mask_column(name, flag, length=length), code)
    pair = questions.astype(np.int64) * n_raters + raters
    _mark(reason, _repeated(pair, rows[reason[rows] == KEPT]), ExclusionReason.DUPLICATE)
    _mark_window(reason, seconds, window)
    _mark(reason, mask_column("manual", manual, length=length), ExclusionReason.MANUAL)
    if n is not None:
        if n < 1:
            raise RuleError(f"n={n} votes per question would keep none; give 1 or more.")
        surplus = _beyond(n, questions, rows[reason[rows] == KEPT], n_questions)
        _mark(reason, surplus, ExclusionReason.SURPLUS)
    return Exclusion(keep=frozen(reason == KEPT), reason=frozen(reason))


def _mark(reason: Int8, fits: Bool, code: ExclusionReason) -> None:
    reason[fits & (reason == KEPT)] = code


def _mark_window(reason: Int8, seconds: npt.ArrayLike | None, window: Window | None) -> None:
    window_ends(window)
    if seconds is None:
        return
    too_fast, too_slow = outside(seconds_column(seconds, length=reason.size), window=window)
    _mark(reason, too_fast, ExclusionReason.TOO_FAST)
    _mark(reason, too_slow, ExclusionReason.TOO_SLOW)


def _repeated(pair: Int64, rows: Int64) -> Bool:
    """bool[V]: rows whose pair occurs earlier in `rows`, which are sorted by question and order."""
    repeated = np.zeros(pair.size, dtype=np.bool_)
    repeated[rows] = True
    _, first = np.unique(pair[rows], return_index=True)
    repeated[rows[first]] = False
    return repeated


def _beyond(n: int, question: Int32, rows: Int64, n_questions: int) -> Bool:
    """bool[V]: rows that are not among the first n of `rows` of their question."""
    beyond = np.zeros(question.size, dtype=np.bool_)
    beyond[rows[places(question[rows], n_questions=n_questions) >= n]] = True
    return beyond
