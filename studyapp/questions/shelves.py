"""The pictures behind the figures of a question type, and the tables these are counted from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Verdict, Verdicts
from studyapp.models import Image
from studyapp.reports.analysis import Analysis
from studyapp.reports.parts import (
    ACCEPTED,
    ASKED,
    REJECTED,
    UNDECIDED,
    PartShelf,
    yes_group,
)

KEYS_PER_FETCH = 500

_GROUPS = {
    ACCEPTED: Verdict.ACCEPTED, REJECTED: Verdict.REJECTED, UNDECIDED: Verdict.UNDECIDED,
}  # fmt: skip


def judged_shelf(
    name: str,
    questions: Iterable[int] | npt.NDArray[np.integer],
    *,
    verdicts: Verdicts,
    by_yes: bool = False,
    wide: bool = False,
) -> PartShelf:
    """Pictures by the row of their question, -1 where nobody was asked, by what came out.

    by_yes: also by the number of yes, of those that have all their votes.
    """
    rows = np.array(list(questions), dtype=np.int64)
    asked = rows[rows >= 0]
    groups = [(ASKED, _rows(asked))]
    for label, verdict in _GROUPS.items():
        groups.append((label, _rows(asked[verdicts.code[asked] == verdict])))
    if by_yes:
        n = verdicts.rule.n
        whole = asked[verdicts.valid[asked] == n]
        groups += [(yes_group(j), _rows(whole[verdicts.yes[whole] == j])) for j in range(n + 1)]
    return PartShelf(name, tuple(groups), n_unasked=int((rows < 0).sum()), wide=wide)


def question_key(analysis: Analysis, row: int) -> int | None:
    """The question's key as the tables have it; None of the row -1."""
    return int(analysis.questions.question[row]) if row >= 0 else None


def image_ids(analysis: Analysis, keys: Collection[int] | None = None) -> dict[int, str]:
    """Ids of images by key: of these, or of every image that is looked at."""
    images = Image.objects.filter(image_set=analysis.study.image_set_id)
    if keys is None:
        return dict(images.values_list("pk", "image_id").iterator(chunk_size=5_000))
    wanted = sorted(set(keys))
    found: dict[int, str] = {}
    for start in range(0, len(wanted), KEYS_PER_FETCH):
        part = images.filter(pk__in=wanted[start : start + KEYS_PER_FETCH])
        found.update(part.values_list("pk", "image_id"))
    return found


def _rows(rows: Sequence[int] | npt.NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(int(row) for row in rows)
