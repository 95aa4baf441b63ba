"""An object that does not belong, pasted into images a model is sure of: what changes (poster)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.db.models import QuerySet

from studyapp.analytics import Bootstrap, Interval, mcnemar, mean_change, proportion_ci
from studyapp.models import ProbeResult
from studyapp.reports.parts import Cell
from studyapp.reports.probe_settings import settings_words

SEED = 0
#: Letters of a hash that tell objects apart.
_LETTERS = 12


@dataclass(frozen=True)
class Insertion:
    """Of one object with one set of settings, over the first draw of every image.

    n_sure: images the model is sure enough of, into which it was pasted. Flipped: another class is
    first then. Right: the annotated class is first, over the n_labelled of n_sure.
    """

    object: str
    settings: str
    parameters_hash: str
    n_images: int
    n_sure: int
    n_flipped: int
    flipped_share: float | None
    ci: Interval | None
    n_labelled: int
    n_right_before: int
    n_right_after: int
    p: float | None
    change: Bootstrap

    def cells(self) -> tuple[Cell, ...]:
        """The cells of the exported row."""
        return (
            self.object, self.settings, self.n_images, self.n_sure, self.n_flipped,
            self.flipped_share, self.ci.low if self.ci else None, self.ci.high if self.ci else None,
            self.n_right_before, self.n_right_after, self.n_labelled, self.p,
            self.change.estimate, self.change.low, self.change.high,
        )  # fmt: skip

    def change_words(self) -> str:
        """In points of probability."""
        found = self.change
        if found.estimate is None:
            return "–"
        told = f"{100 * found.estimate:+.1f}"
        if found.low is None or found.high is None:
            return told
        return f"{told} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"


def object_name(parameters: Mapping[str, object]) -> str:
    """What tells the pasted picture from others; empty without one."""
    return str(parameters.get("inserted", ""))[:_LETTERS]


def insertions(rows: QuerySet[ProbeResult]) -> list[Insertion]:
    """One for each object and settings among these answers, in the order they were first made."""
    by_settings: dict[str, list[_Answer]] = {}
    parameters: dict[str, Mapping[str, object]] = {}
    columns = rows.filter(part=0).order_by("pk").values_list(
        "parameters_hash", "parameters", "flags", "before", "after", "image__label__index",
        "probability_before", "probability_after",
    )  # fmt: skip
    for of, given, flags, before, after, label, *followed in columns.iterator(chunk_size=5_000):
        parameters.setdefault(of, given)
        sure = "not_confident" not in flags and before is not None
        first = (before or after)["classes"][0], after["classes"][0]
        change = float(followed[0] or 0), float(followed[1] or 0)
        by_settings.setdefault(of, []).append(_Answer(sure, *first, label, *change))
    return [_of(of, found, parameters=parameters[of]) for of, found in by_settings.items()]


class _Answer(NamedTuple):
    """first_before, first_after, label: indices of classes, None without a label."""

    sure: bool
    first_before: int
    first_after: int
    label: int | None
    before: float
    after: float


def _of(settings: str, found: list[_Answer], *, parameters: Mapping[str, object]) -> Insertion:
    sure = [answer for answer in found if answer.sure]
    flipped = sum(answer.first_before != answer.first_after for answer in sure)
    labelled = [
        (answer.first_before == answer.label, answer.first_after == answer.label)
        for answer in sure
        if answer.label is not None
    ]
    right = np.array(labelled, dtype=np.bool_).reshape(-1, 2)
    n = len(sure)
    return Insertion(
        object=object_name(parameters),
        settings=settings_words(parameters),
        parameters_hash=settings,
        n_images=len(found),
        n_sure=n,
        n_flipped=flipped,
        flipped_share=flipped / n if n else None,
        ci=proportion_ci(flipped, n=n) if n else None,
        n_labelled=len(labelled),
        n_right_before=int(right[:, 0].sum()),
        n_right_after=int(right[:, 1].sum()),
        p=mcnemar(right[:, 0], right[:, 1]).p if len(labelled) else None,
        change=mean_change(
            [answer.before for answer in sure],
            after=[answer.after for answer in sure],
            rng=np.random.default_rng(SEED),
        ),
    )
