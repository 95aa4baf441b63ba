"""How often raters found the target's group, condition by condition (Table 3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    holm,
    homogeneity,
    two_proportions,
)
from studyapp.analytics.windows import Window
from studyapp.models import Vote
from studyapp.questions.class_match import GROUPS
from studyapp.reports.analysis import Analysis
from studyapp.selectors.votes import exclude_votes
from studyapp.vocabulary import ConditionKind

ROWS_PER_FETCH = 5_000
#: Windows beside the study's own, to see whether the filter makes the result.
OTHER_WINDOWS: tuple[Window | None, ...] = (None, (10.0, 180.0), (20.0, None), (20.0, 120.0))


@dataclass(frozen=True)
class Named:
    """A condition's figures under a window."""

    condition: str
    row: ConditionRow


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
    """planned: under the study's own window. homogeneity: None with fewer than two conditions."""

    planned: tuple[Named, ...]
    others: tuple[Named, ...]
    contrasts: tuple[Versus, ...]
    homogeneity: Homogeneity | None


@dataclass(frozen=True, eq=False)
class _Answers:
    """The votes that count but for their time. condition: int32[A], rows of `names`."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    success: npt.NDArray[np.bool_]
    condition: npt.NDArray[np.int32]
    rater: npt.NDArray[np.int32]
    seconds: npt.NDArray[np.float64]


def matches(analysis: Analysis) -> Matches:
    answers = _answers(analysis)
    study = analysis.study
    window = (
        None
        if study.seconds_min is None and study.seconds_max is None
        else (study.seconds_min, study.seconds_max)
    )
    planned = tuple(_rows(answers, [window]))
    others = [other for other in OTHER_WINDOWS if other != window]
    with_answers = [named.row for named in planned if named.row.n]
    return Matches(
        planned=planned,
        others=tuple(_rows(answers, others)),
        contrasts=tuple(_contrasts(answers, planned)),
        homogeneity=(
            homogeneity([row.successes for row in with_answers], n=[row.n for row in with_answers])
            if len(with_answers) > 1
            else None
        ),
    )


def _answers(analysis: Analysis) -> _Answers:
    votes = analysis.votes
    conditions = list(analysis.study.conditions.values_list("pk", "name", "kind"))
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
        names=tuple(name for _, name, _ in conditions),
        kinds=tuple(kind for _, _, kind in conditions),
        success=votes.answer[keep] == Answer.YES,
        condition=of_vote[keep],
        rater=votes.rater[keep],
        seconds=votes.seconds[keep],
    )


def _rows(answers: _Answers, windows: Sequence[Window | None]) -> Iterator[Named]:
    """Conditions in the study's order, also those without an answer yet."""
    if not answers.success.size:
        return
    found = assignment_summary(
        answers.success,
        condition=answers.condition,
        rater=answers.rater,
        seconds=answers.seconds,
        windows=windows,
        chance=1 / GROUPS,
    )
    yield from (Named(answers.names[row.condition], row) for row in found)


def _contrasts(answers: _Answers, planned: Sequence[Named]) -> Iterator[Versus]:
    """Every condition against the random one where there is one, else all against all."""
    rows = {named.row.condition: named for named in planned if named.row.n}
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
    adjusted = holm([c.p for _, _, c in found if c.p is not None]) if found else np.empty(0)
    left = iter(adjusted.tolist())
    for first, second, independent in found:
        yield Versus(
            first=rows[first].condition,
            second=rows[second].condition,
            independent=independent,
            clustered=_clustered(answers, rows[first].row.window, pair=(first, second)),
            p_holm=None if independent.p is None else next(left),
        )


def _clustered(
    answers: _Answers, window: Window | None, *, pair: tuple[int, int]
) -> Contrast | None:
    low, high = window or (None, None)
    inside = ~(answers.seconds < (low or 0))
    if high is not None:
        inside &= ~(answers.seconds > high)
    try:
        return cluster_contrast(
            answers.success[inside],
            condition=answers.condition[inside],
            rater=answers.rater[inside],
            pair=pair,
        )
    except ColumnError:
        return None
