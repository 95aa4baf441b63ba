"""What is known of each rater: habits, agreement with the others, gold questions, times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Bool, Float64, Int64, frozen, id_column
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.shares import Shares, shares
from studyapp.analytics.votes import Answer, Votes


@dataclass(frozen=True, eq=False)
class RaterReport:
    """One row per rater, 0..R-1; every array is read-only, and NaN is undefined.

    unsure: the coding behind every figure below but n_votes, n_unsure, longest_run and times.
    n_votes, n_unsure: int64[R], votes and unsure ones among them, as they were given.
    yes_rate: yes / (yes + no).
    peer_agreement: mean, over the rater's questions with another rater's vote, of the share of
    those votes that equal the rater's; n counts the questions. n_pairs: int64[R], how many pairs
    of votes were compared for it.
    accuracy: votes that equal gold / votes on gold questions; sensitivity: the same where gold is
    yes; specificity: where gold is no.
    median_seconds: float64[R], over the n_timed (int64[R]) votes whose time is known.
    longest_run: int64[R], the most votes in a row, in the order given, with the same answer
    (unsure is an answer of its own); 0 without votes.
    """

    unsure: str
    n_votes: Int64
    n_unsure: Int64
    yes_rate: Shares
    peer_agreement: Shares
    n_pairs: Int64
    accuracy: Shares
    sensitivity: Shares
    specificity: Shares
    n_timed: Int64
    median_seconds: Float64
    longest_run: Int64

    def __len__(self) -> int:
        """The number of raters R."""
        return self.n_votes.size

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, each share with its counts, interval and n_undefined."""
        return payload(
            unsure=self.unsure,
            n_raters=len(self),
            n_votes=self.n_votes,
            n_unsure=self.n_unsure,
            yes_rate=self.yes_rate.to_dict(),
            peer_agreement=self.peer_agreement.to_dict(),
            n_pairs=self.n_pairs,
            accuracy=self.accuracy.to_dict(),
            sensitivity=self.sensitivity.to_dict(),
            specificity=self.specificity.to_dict(),
            n_timed=self.n_timed,
            median_seconds=self.median_seconds,
            n_untimed_raters=int(np.count_nonzero(self.n_timed == 0)),
            longest_run=self.longest_run,
        )


def rater_report(
    votes: Votes, *, gold: npt.ArrayLike | None = None, unsure: str = "missing", level: float = 0.95
) -> RaterReport:
    """The raters of `votes`, which hold only votes that count.

    gold: int8[Q], the right answer of each question, 1 yes, 0 no, -1 not a gold question; None
    when there is none. A verdict of experts is such a column: `verdicts(expert_votes, ...).code`.
    unsure: `missing` leaves unsure votes out of every share, `no` and `yes` recode them first.
    Intervals are Wilson's at `level`, the votes of a rater seen as independent; that of
    peer_agreement takes questions, not pairs, as its n, for the pairs of a vote hang together.
    Raises ColumnError for a gold column of another length or other codes, RuleError for an
    unknown coding or level.
    """
    right, _ = id_column(
        "gold",
        np.full(votes.n_questions, -1) if gold is None else gold,
        size=2,
        lowest=-1,
        length=votes.n_questions,
    )
    # Question by question: the last digits of a sum of fractions follow its order, and that of the
    # rows is to change nothing.
    rows = votes.by_question
    answer = Rule(unsure=unsure).recode(votes.answer[rows])
    rows, answer = rows[answer != Answer.UNSURE], answer[answer != Answer.UNSURE]
    question, rater = votes.question[rows], votes.rater[rows]
    yes = answer == Answer.YES
    n_raters = votes.n_raters

    def per_rater(k: Bool, n: Bool) -> Shares:
        return shares(_count(rater[k & n], n_raters), n=_count(rater[n], n_raters), level=level)

    equal, others = _peers(question, yes, votes.n_questions)
    met = others > 0
    alike = np.bincount(rater[met], weights=equal[met] / others[met], minlength=n_raters)
    key = right[question]
    correct, is_gold = yes == (key == 1), key >= 0
    median, n_timed = _median_seconds(votes)
    return RaterReport(
        unsure=unsure,
        n_votes=frozen(_count(votes.rater, n_raters)),
        n_unsure=frozen(_count(votes.rater[votes.answer == Answer.UNSURE], n_raters)),
        yes_rate=per_rater(yes, np.ones_like(yes)),
        peer_agreement=shares(alike, n=_count(rater[met], n_raters), level=level),
        n_pairs=frozen(np.bincount(rater, weights=others, minlength=n_raters).astype(np.int64)),
        accuracy=per_rater(correct, is_gold),
        sensitivity=per_rater(correct, key == 1),
        specificity=per_rater(correct, key == 0),
        n_timed=frozen(n_timed),
        median_seconds=frozen(median),
        longest_run=frozen(_longest_run(votes)),
    )


def _count(rater: npt.NDArray[np.int32], n_raters: int) -> Int64:
    return np.bincount(rater, minlength=n_raters).astype(np.int64)


def _peers(question: npt.NDArray[np.int32], yes: Bool, n_questions: int) -> tuple[Int64, Int64]:
    """For each vote the other votes on its question: int64[V] that equal it, int64[V] all."""
    total = np.bincount(question, minlength=n_questions)
    n_yes = np.bincount(question[yes], minlength=n_questions)
    equal = np.where(yes, n_yes[question], (total - n_yes)[question]) - 1
    return equal.astype(np.int64), (total[question] - 1).astype(np.int64)


def _median_seconds(votes: Votes) -> tuple[Float64, Int64]:
    """float64[R] medians, NaN without a known time, and int64[R] how many times are known."""
    median = np.full(votes.n_raters, np.nan)
    if votes.seconds is None:
        return median, np.zeros(votes.n_raters, dtype=np.int64)
    known = ~np.isnan(votes.seconds)
    rater, seconds = votes.rater[known], votes.seconds[known]
    sizes = _count(rater, votes.n_raters)
    in_order = seconds[np.lexsort((seconds, rater))]
    timed = sizes > 0
    first = (np.cumsum(sizes) - sizes)[timed]
    lower, upper = first + (sizes[timed] - 1) // 2, first + sizes[timed] // 2
    median[timed] = (in_order[lower] + in_order[upper]) / 2
    return median, sizes


def _longest_run(votes: Votes) -> Int64:
    longest = np.zeros(votes.n_raters, dtype=np.int64)
    if not len(votes):
        return longest
    # Orders may tie between questions; the sort is stable, so that rows then decide.
    rows = np.lexsort((votes.order, votes.rater))
    rater, answer = votes.rater[rows], votes.answer[rows]
    begins = np.ones(rows.size, dtype=np.bool_)
    begins[1:] = (rater[1:] != rater[:-1]) | (answer[1:] != answer[:-1])
    start = np.flatnonzero(begins)
    np.maximum.at(longest, rater[start], np.diff(start, append=rows.size))
    return longest
