"""conditions: the share of yes in each arm of a study."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from django.db.models.functions import Coalesce

from studyapp.analytics import Answer, proportion_ci
from studyapp.exports.columns import Cell, described
from studyapp.models import Condition, Vote
from studyapp.reports import Analysis

ROWS_PER_FETCH = 5_000

CONDITION_COLUMNS = described(
    """
    condition string Name of the condition
    kind string What is shown in it
    n integer Votes yes or no that count
    successes integer Those that say yes
    mean share successes / n
    sd number Standard deviation of a single answer
    se number sd / sqrt(n), as if the answers were independent
    ci_low share Lower end of the interval of mean (Wilson, 95 %)
    ci_high share Upper end of it
    """
)


def condition_rows(analysis: Analysis) -> Iterator[tuple[Cell, ...]]:
    """Rows of CONDITION_COLUMNS in the study's order; none for votes without a condition."""
    conditions = Condition.objects.filter(study=analysis.study).order_by("position", "name")
    of_vote = _condition_of_votes(analysis)
    answer = analysis.votes.answer
    for pk, name, kind in conditions.values_list("pk", "name", "kind"):
        here = analysis.exclusion.keep & (of_vote == pk)
        if not here.any():
            continue
        yes, no = (
            int(np.count_nonzero(here & (answer == code))) for code in (Answer.YES, Answer.NO)
        )
        yield name, kind, yes + no, yes, *_figures(yes, yes + no)


def _figures(yes: int, n: int) -> tuple[Cell, ...]:
    if not n:
        return (None,) * 5
    mean, interval = yes / n, proportion_ci(yes, n=n)
    sd = math.sqrt(mean * (1 - mean))
    return mean, sd, sd / math.sqrt(n), interval.low, interval.high


def _condition_of_votes(analysis: Analysis) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """int64[V], key of the condition of every vote of the analysis, 0 where there is none."""
    rows = np.fromiter(
        Vote.objects.filter(study=analysis.study)
        .order_by("pk")
        .values_list("pk", Coalesce("trial__condition_id", 0))
        .iterator(chunk_size=ROWS_PER_FETCH),
        dtype=np.dtype([("vote", "i8"), ("condition", "i8")]),
    )
    place = np.searchsorted(rows["vote"], analysis.votes.vote)
    return np.asarray(rows["condition"][place], dtype=np.int64)
