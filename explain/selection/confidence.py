"""By the model's confidence: sure of the label is typical, sure it is not the label is odd."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from explain.selection.sets import Candidates, Choice, Pick
from explain.types import K

HIGH = 0.9
LOW = 0.1


def choose(candidates: Candidates[K], *, prototypes: int, criticisms: int, seed: int) -> Choice[K]:
    """Prototypes from the images with p > 0.9, criticisms from those with p < 0.1, by seeded draw.

    p is the label's probability; images the model gets wrong are among the candidates, since few
    others have a p below 0.1. Where a band holds too few, all of it is taken, then the nearest to
    it of what nobody has, flagged.

    Raises ParameterError if there are fewer images than are asked for.
    """
    candidates.require(prototypes + criticisms)
    p = candidates.column("probabilities", method="confidence")
    generator = np.random.default_rng(seed)
    high = _draw(np.flatnonzero(p > HIGH), count=prototypes, generator=generator)
    low = _draw(np.flatnonzero(p < LOW), count=criticisms, generator=generator)
    draw = generator.random(len(p))
    rank = np.lexsort((draw, p))
    left = [row for row in rank if row not in {*high, *low}]
    typical = left[len(left) - (prototypes - len(high)) :][::-1]
    odd = left[: criticisms - len(low)]

    def picks(rows: list[int], *, within: Callable[[float], bool]) -> list[Pick[K]]:
        return [
            Pick(
                key=candidates.keys[row],
                strict=within(float(p[row])),
                scores={"probability": float(p[row])},
            )
            for row in rows
        ]

    return Choice(
        prototypes=picks([*high, *typical], within=lambda value: value > HIGH),
        criticisms=picks([*low, *odd], within=lambda value: value < LOW),
        parameters={"high": HIGH, "low": LOW},
    )


def _draw(band: npt.NDArray[np.intp], *, count: int, generator: np.random.Generator) -> list[int]:
    return [int(row) for row in generator.permutation(band)[:count]]
