"""Images drawn by chance: the baseline that every method has to beat."""

from __future__ import annotations

import numpy as np

from explain.errors import ParameterError
from explain.selection.sets import Candidates, Choice, Pick
from explain.types import K


def choose(candidates: Candidates[K], *, prototypes: int, criticisms: int, seed: int) -> Choice[K]:
    """Each image as likely as any other, without replacement.

    Raises ParameterError if criticisms are asked for, which chance knows nothing about.
    """
    if criticisms:
        raise ParameterError(
            "images drawn by chance are no criticisms",
            item=f"uniform with {criticisms} criticisms",
            remedy="Ask for as many prototypes more, as the papers' study does",
        )
    candidates.require(prototypes)
    drawn = np.random.default_rng(seed).choice(len(candidates.keys), prototypes, replace=False)
    picks = [Pick(key=candidates.keys[row], strict=True, scores={}) for row in drawn]
    return Choice(prototypes=picks, criticisms=[], parameters={})
