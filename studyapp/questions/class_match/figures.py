"""How often raters found the target's group, condition by condition (Table 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from django.db.models.functions import Coalesce

from studyapp.analytics import (
    Answer,
    ColumnError,
    ConditionRow,
    Contrast,
    Homogeneity,
    assignment_summary,
    cluster_contrast,
    homogeneity,
    two_proportions,
)
from studyapp.analytics.clustering import by_first_seen
from studyapp.analytics.families import holm_known
from studyapp.analytics.windows import Window, outside
from studyapp.models import Vote
from studyapp.questions.class_match import GROUPS
from studyapp.reports.analysis import Analysis
from studyapp.selectors.votes import exclude_votes, window_of
from studyapp.vocabulary import ConditionKind

ROWS_PER_FETCH = 5_000
ANY_TIME: Window = (None, None)
#: Windows beside the study's own, to see whether the filter makes the result.
OTHER_WINDOWS: tuple[Window, ...] = (ANY_TIME, (10.0, 180.0), (20.0, None), (20.0, 120.0))


@dataclass(frozen=True)
class Named:
    """A condition's figures under a window; planned: the window is the study's."""

    condition: str
    row: ConditionRow
    planned: bool


@dataclass(frozen=True)
class Versus:
    """Two conditions: independent answers, clustered by rater, and Holm over the contrasts."""

    first: str
    second: str
    independent: Contrast
    clustered: Contrast | None
    p_holm: float | None


@dataclass(frozen=True)
class Matches:
    """own: under the window of the report, whose answers are its votes that count, but for those of
    no condition. homogeneity: None with fewer than two conditions."""

    own: tuple[Named, ...]
    n_without_condition: int
    others: tuple[Named, ...]
    contrasts: tuple[Versus, ...]
    homogeneity: Homogeneity | None
    #: By condition the rows of its questions, by how many of the answers that count are right:
    #: all, some, none.
    found_by: Mapping[str, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]


@dataclass(frozen=True, eq=False)
class _Answers:
    """The votes that may count under some window. condition: int32[A], rows of `names`;
    row: int64[A], rows of the study's votes; n_without_condition more have none."""

    analysis: Analysis
    row: npt.NDArray[np.int64]
    n_without_condition: int
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    success: npt.NDArray[np.bool_]
    condition: npt.NDArray[np.int32]
    rater: npt.NDArray[np.int32]
    seconds: npt.NDArray[np.float64]


def matches(analysis: Analysis) -> Matches:
    answers = _answers(analysis)
    own = tuple(_rows(answers, [analysis.window]))
    others = dict.fromkeys((window_of(analysis.study), *OTHER_WINDOWS))
    others.pop(analysis.window, None)
    with_answers = [named.row for named in own if named.row.n]
    return Matches(
        own=own,
        n_without_condition=answers.n_without_condition,
        others=tuple(_rows(answers, list(others))),
        contrasts=tuple(_contrasts(answers, own)),
        homogeneity=(
            homogeneity([row.successes for row in with_answers], n=[row.n for row in with_answers])
            if len(with_answers) > 1
            else None
        ),
        found_by={
            name: _found_by(answers, condition) for condition, name in enumerate(answers.names)
        },
    )


def _found_by(
    answers: _Answers, condition: int
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    counted = _in_turn(answers, answers.analysis.window) & (answers.condition == condition)
    question = answers.analysis.votes.question[answers.row[counted]]
    keys = answers.analysis.votes.questions[question]
    rows = np.searchsorted(answers.analysis.questions.question, keys)
    asked, place = np.unique(rows, return_inverse=True)
    right = np.bincount(place, weights=answers.success[counted], minlength=asked.size)
    n = np.bincount(place, minlength=asked.size)
    every, nobody = (tuple(asked[found].tolist()) for found in (right == n, right == 0))
    some = tuple(asked[(right > 0) & (right < n)].tolist())
    return every, some, nobody


def _answers(analysis: Analysis) -> _Answers:
    votes = analysis.votes
    conditions = [(one.pk, one.name, one.kind) for one in analysis.conditions()]
    place = {pk: at for at, (pk, _, _) in enumerate(conditions)}
    rows = np.fromiter(
        Vote.objects.filter(study=analysis.study)
        .order_by("pk")
        .values_list("pk", Coalesce("trial__condition_id", 0))
        .iterator(chunk_size=ROWS_PER_FETCH),
        dtype=np.dtype([("vote", "i8"), ("condition", "i8")]),
    )
    known = np.array([place.get(int(pk), -1) for pk in rows["condition"]], dtype=np.int32)
    of_vote = known[np.searchsorted(rows["vote"], votes.vote)] if len(votes) else known[:0]
    keep = exclude_votes(votes, study=analysis.study, by_choice=False).keep & (of_vote >= 0)
    return _Answers(
        analysis=analysis,
        row=np.flatnonzero(keep),
        n_without_condition=int(np.count_nonzero(analysis.exclusion.keep & (of_vote < 0))),
        names=tuple(name for _, name, _ in conditions),
        kinds=tuple(kind for _, _, kind in conditions),
        success=votes.answer[keep] == Answer.YES,
        condition=of_vote[keep],
        rater=votes.rater[keep],
        seconds=votes.seconds[keep],
    )


def _in_turn(answers: _Answers, window: Window) -> npt.NDArray[np.bool_]:
    """bool[A]: inside the window, and among the first of their question that are, as many as the
    study asks for: what counts in a report under this window."""
    analysis = answers.analysis
    found = exclude_votes(analysis.votes, study=analysis.study, window=window)
    return found.keep[answers.row]


def _rows(answers: _Answers, windows: Sequence[Window]) -> Iterator[Named]:
    """Conditions in the study's order, also those without an answer yet."""
    if not answers.success.size:
        return
    for window in windows:
        too_fast, too_slow = outside(answers.seconds, window=window)
        told = _in_turn(answers, window) | too_fast | too_slow
        if not told.any():
            continue
        found = assignment_summary(
            answers.success[told],
            condition=answers.condition[told],
            rater=answers.rater[told],
            seconds=answers.seconds[told],
            windows=[window],
            chance=1 / GROUPS,
        )
        planned = window == window_of(answers.analysis.study)
        yield from (Named(answers.names[row.condition], row, planned) for row in found)


def _contrasts(answers: _Answers, own: Sequence[Named]) -> Iterator[Versus]:
    """Every condition against the random one where there is one, else all against all."""
    rows = {named.row.condition: named for named in own if named.row.n}
    random = [number for number in rows if answers.kinds[number] == ConditionKind.RANDOM]
    pairs = (
        [(number, random[0]) for number in rows if number != random[0]]
        if random
        else list(combinations(rows, 2))
    )
    found = []
    for first, second in pairs:
        one, other = rows[first].row, rows[second].row
        independent = two_proportions(one.successes, n1=one.n, k2=other.successes, n2=other.n)
        found.append((first, second, independent))
    adjusted = holm_known([independent.p for *_, independent in found])
    for (first, second, independent), p_holm in zip(found, adjusted, strict=True):
        yield Versus(
            first=rows[first].condition,
            second=rows[second].condition,
            independent=independent,
            clustered=_clustered(answers, pair=(first, second)),
            p_holm=p_holm,
        )


def _clustered(answers: _Answers, *, pair: tuple[int, int]) -> Contrast | None:
    # Question by question, and raters by who comes first: sums of fractions depend on the order,
    # and an archive knows no other.
    votes = answers.analysis.votes
    counted = np.flatnonzero(_in_turn(answers, answers.analysis.window))
    counted = counted[np.argsort(votes.question[answers.row[counted]], kind="stable")]
    try:
        return cluster_contrast(
            answers.success[counted],
            condition=answers.condition[counted],
            rater=by_first_seen(answers.rater[counted]),
            pair=pair,
        )
    except ColumnError:
        return None
