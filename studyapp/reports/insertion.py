"""An object that does not belong, pasted into images a model is sure of: what changes (poster)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    by_settings: dict[str, list[ProbeResult]] = {}
    for row in rows.filter(part=0).order_by("pk"):
        by_settings.setdefault(row.parameters_hash, []).append(row)
    return [_of(settings, found) for settings, found in by_settings.items()]


def _of(settings: str, found: list[ProbeResult]) -> Insertion:
    sure = [row for row in found if "not_confident" not in row.flags and row.before is not None]
    first = [
        (int((row.before or row.after)["classes"][0]), int(row.after["classes"][0])) for row in sure
    ]
    flipped = sum(before != after for before, after in first)
    labelled = [
        (before == row.image.label.index, after == row.image.label.index)
        for row, (before, after) in zip(sure, first, strict=True)
        if row.image.label is not None
    ]
    right = np.array(labelled, dtype=np.bool_).reshape(-1, 2)
    n = len(sure)
    return Insertion(
        object=object_name(found[0].parameters),
        settings=settings_words(found[0].parameters),
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
            [float(row.probability_before or 0) for row in sure],
            after=[row.probability_after for row in sure],
            rng=np.random.default_rng(SEED),
        ),
    )
