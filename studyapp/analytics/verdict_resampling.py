"""How far the accepted share and the rectified error depend on the raters and images drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from studyapp.analytics.bootstrap import Bootstrap, check_resampling, drawn_weights, summary
from studyapp.analytics.clustering import by_first_seen
from studyapp.analytics.columns import (
    Bool,
    Float64,
    Int32,
    Int64,
    id_column,
    mask_column,
    places,
)
from studyapp.analytics.errors import ColumnError
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import Rule
from studyapp.analytics.verdicts import Verdict, verdicts
from studyapp.analytics.votes import Answer, Votes

# A block of scores of this many questions and draws stays in the processor's cache.
_QUESTIONS_AT_ONCE = 2048
_DRAWS_AT_ONCE = 32

#: Columns of a table of items.
_ACCEPTED, _REJECTED, _SILENT, _RIGHT = 0, 1, 2, 4


@dataclass(frozen=True)
class RectifiedBootstrap:
    """Rectified top-1 error r1 of one model with the parts of its uncertainty kept apart.

    image_sampling: other images like these, the same raters. rater_sampling: other raters, the same
    images; all there is when the images are the whole of a fixed test set. both: both at once.
    The `estimate` of each is r1.
    """

    rectified_top1_error: float
    image_sampling: Bootstrap
    rater_sampling: Bootstrap
    both: Bootstrap

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: r1 and the three parts, one key each."""
        return payload(
            rectified_top1_error=self.rectified_top1_error,
            image_sampling=self.image_sampling.to_dict(),
            rater_sampling=self.rater_sampling.to_dict(),
            both=self.both.to_dict(),
        )


def bootstrap_verdict_share(
    votes: Votes,
    *,
    rule: Rule,
    rng: np.random.Generator,
    subset: npt.ArrayLike | None = None,
    unit: str = "both",
    draws: int = 1000,
    level: float = 0.95,
) -> Bootstrap:
    """The accepted share of the items of `subset` under resampling of questions and raters.

    subset: int32[S], S >= 1, the question of every item; None is every question once. The estimate
    is n_accepted / S, undecided items in S. A resample gives each rater, and each item, the number
    of times it was drawn as a weight; a vote on an item weighs their product (Owen 2007). An item
    that the votes decide is accepted when the weighted share of yes among its yes and no votes
    under `rule` is at least k / n. An item all of whose raters went undrawn says nothing in that
    resample: the others stand for it. An undecided item stays undecided, for weights add no votes.
    Raters are those with such a vote; their numbers change nothing. Raises ColumnError for an empty
    subset or unknown questions.
    """
    check_resampling(unit=unit, draws=draws, level=level)
    items = np.arange(votes.n_questions) if subset is None else subset
    question, _ = id_column("subset", items, size=votes.n_questions)
    if question.size == 0:
        raise ColumnError("The subset is empty, so there is no share; name at least one question.")
    panel = _panel(votes, rule=rule, question=question)
    verdict = (
        panel.as_it_is(draws) if unit == "question" else panel.other_raters(draws=draws, rng=rng)
    )
    table = _table(verdict, n_undecided=question.size - panel.n_decided, n_right=0)
    if unit != "rater":
        table = _other_items(table, rng=rng)
    return summary(
        panel.n_accepted / question.size,
        resampled=_accepted(table) / question.size,
        unit=unit,
        n_items=question.size,
        n_raters=panel.n_raters,
        level=level,
    )


def bootstrap_rectified_top1(
    votes: Votes,
    *,
    correct: npt.ArrayLike,
    question: npt.ArrayLike,
    rule: Rule,
    rng: np.random.Generator,
    draws: int = 1000,
    level: float = 0.95,
) -> RectifiedBootstrap:
    """The rectified top-1 error under resampling of images, of raters, and of both.

    correct: bool[N], question: int32[N] with -1 where unasked, as in `rectified_top1`, whose r1 is
    the estimate; undecided and unasked images stay errors in every resample. Images and raters are
    weighted as items and raters in `bootstrap_verdict_share`. Raises ColumnError without images,
    for other shapes, or an unknown question.
    """
    check_resampling(unit="both", draws=draws, level=level)
    hits = np.asarray(correct)
    right = mask_column("correct", hits, length=hits.size)
    if right.size == 0:
        raise ColumnError("There are no images, so no error rate; give at least one image.")
    ids, _ = id_column("question", question, size=votes.n_questions, lowest=-1, length=right.size)
    panel = _panel(votes, rule=rule, question=ids[~right & (ids >= 0)])
    n_images, n_right = right.size, int(np.count_nonzero(right))
    n_undecided = n_images - n_right - panel.n_decided
    as_it_is = _table(panel.as_it_is(draws), n_undecided=n_undecided, n_right=n_right)
    other_raters = _table(
        panel.other_raters(draws=draws, rng=rng), n_undecided=n_undecided, n_right=n_right
    )
    tables = {
        "question": _other_items(as_it_is, rng=rng),
        "rater": other_raters,
        "both": _other_items(other_raters, rng=rng),
    }
    rectified = (n_images - n_right - panel.n_accepted) / n_images
    parts = {
        unit: summary(
            rectified,
            resampled=(n_images - table[:, _RIGHT] - _accepted(table)) / n_images,
            unit=unit,
            n_items=n_images,
            n_raters=panel.n_raters,
            level=level,
        )
        for unit, table in tables.items()
    }
    return RectifiedBootstrap(
        rectified_top1_error=rectified,
        image_sampling=parts["question"],
        rater_sampling=parts["rater"],
        both=parts["both"],
    )


@dataclass(frozen=True, eq=False)
class _Panel:
    """The votes on the decided items, as scores whose sum over votes tells the verdict.

    scores: [Q', R'], a row per decided question, a column per rater with a vote on one.
    times: int64[Q'], how many items have the question.
    """

    scores: csr_array
    times: Int64
    n_accepted: int

    @property
    def n_decided(self) -> int:
        return int(self.times.sum())

    @property
    def n_raters(self) -> int:
        return int(self.scores.shape[1])

    def as_it_is(self, draws: int) -> Int64:
        """int64[draws, 3]: accepted, rejected and silent items, the same in every row."""
        row = [self.n_accepted, self.n_decided - self.n_accepted, 0]
        return np.tile(np.array(row, dtype=np.int64), (draws, 1))

    def other_raters(self, *, draws: int, rng: np.random.Generator) -> Int64:
        """int64[draws, 3]: the same under resampled raters; silent lost all of theirs."""
        found = np.zeros((draws, 3), dtype=np.int64)
        starts = range(0, self.times.size, _QUESTIONS_AT_ONCE)
        blocks = [
            (self.scores[at : at + _QUESTIONS_AT_ONCE], self.times[at : at + _QUESTIONS_AT_ONCE])
            for at in starts
        ]
        for first in range(0, draws, _DRAWS_AT_ONCE):
            rows = slice(first, min(first + _DRAWS_AT_ONCE, draws))
            weights = drawn_weights(self.n_raters, draws=rows.stop - rows.start, rng=rng)
            weights = weights.astype(self.scores.dtype)
            for scores, times in blocks:
                total = scores @ weights
                found[rows, _ACCEPTED] += _count(total > 0, times)
                found[rows, _REJECTED] += _count(total < 0, times)
        found[:, _SILENT] = self.n_decided - found[:, _ACCEPTED] - found[:, _REJECTED]
        return found


def _panel(votes: Votes, *, rule: Rule, question: Int32) -> _Panel:
    """The panel of items int32[S], each named by its question."""
    decision = verdicts(votes, rule=rule)
    times = np.bincount(question, minlength=votes.n_questions).astype(np.int64)
    times[decision.code == Verdict.UNDECIDED] = 0
    rows = votes.by_question
    answer = rule.recode(votes.answer[rows])
    counted = (times[votes.question[rows]] > 0) & (answer != Answer.UNSURE)
    if rule.extra == "first":
        counted &= places(votes.question[rows], n_questions=votes.n_questions) < rule.n
    rows, answer = rows[counted], answer[counted]
    # By who comes first, question by question: a seed then draws the same people whatever their
    # numbers, and an archive, which knows them by pseudonyms, gives the same resamples.
    rater = by_first_seen(votes.rater[rows])
    n_raters = int(rater.max(initial=-1)) + 1
    sizes = np.bincount(votes.question[rows], minlength=votes.n_questions)[times > 0]
    # With yes worth n - k and no worth -k the sum is >= 0 exactly where yes / valid >= k / n. Every
    # vote adds one more, below the step of the rest, so that accepted is > 0, rejected < 0, and 0
    # is left for an item without any vote: one product of matrices instead of two.
    step = n_raters + 1
    score = np.where(answer == Answer.YES, rule.n - rule.k, -rule.k) * step + 1
    # Weights of a draw sum to the number of raters; float32 is exact to 2^24, float64 to 2^53.
    exact = np.float32 if n_raters * rule.n * step < 2**24 else np.float64
    return _Panel(
        scores=csr_array(
            (score.astype(exact), rater, np.concatenate(([0], np.cumsum(sizes)))),
            shape=(sizes.size, n_raters),
        ),
        times=times[times > 0],
        n_accepted=int(times[decision.code == Verdict.ACCEPTED].sum()),
    )


def _count(chosen: Bool, times: Int64) -> Int64:
    """int64[D] from bool[Q', D]: the items whose question is chosen, by draw."""
    return np.asarray(times @ chosen, dtype=np.int64)


def _table(verdict: Int64, *, n_undecided: int, n_right: int) -> Int64:
    """int64[draws, 5]: items accepted, rejected, silent, undecided, and predicted right."""
    rest = np.tile(np.array([n_undecided, n_right], dtype=np.int64), (verdict.shape[0], 1))
    return np.concatenate((verdict, rest), axis=1)


def _other_items(table: Int64, *, rng: np.random.Generator) -> Int64:
    """The table of as many items drawn with replacement.

    Items of one column are alike, so how many of each are drawn is multinomial; nothing is gained
    by drawing them one by one.
    """
    total = table[0].sum()
    return rng.multinomial(total, table / total)


def _accepted(table: Int64) -> Float64:
    """float64[draws]: accepted items, silent ones as the others; NaN if all decided are silent."""
    decided = table[:, : _SILENT + 1].sum(axis=1)
    heard = table[:, _ACCEPTED] + table[:, _REJECTED]
    share = np.divide(table[:, _ACCEPTED], heard, out=np.full(heard.size, np.nan), where=heard > 0)
    return np.where(decided == 0, 0.0, decided * share)
