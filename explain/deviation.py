"""How far two computations of the same logits lie apart, in terms of what a study shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explain.types import Logits

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Deviation:
    """Softmax probabilities of one computation against a reference's, on the same images.

    n_images          how many were compared
    max_probability   in [0, 1]: largest absolute difference, over all classes and images
    mean_probability  in [0, 1]: mean over images of the largest absolute difference of any class
    top_1             share of the images whose most probable class is the same
    top_5             share of the reference's five most probable classes that are among the other's
    max_logit         largest absolute difference of a logit, relative to the largest absolute logit
    what, reference   the two computations, in words
    """

    n_images: int
    max_probability: float
    mean_probability: float
    top_1: float
    top_5: float
    max_logit: float
    what: str
    reference: str

    def __str__(self) -> str:
        return (
            f"{self.what} against {self.reference} on {self.n_images} images: probabilities differ"
            f" by {self.mean_probability:.2g} on average and {self.max_probability:.2g} at most;"
            f" the same top-1 class for {self.top_1:.1%}, {self.top_5:.1%} of the top 5 kept"
        )


def between(logits: Logits, reference: Logits, *, what: str, reference_name: str) -> Deviation:
    """float32 [N, C] twice, finite, N >= 1 -> the deviation of the first from the second.

    Equal logits rank by class, as in predictions.
    """
    differences = np.abs(_softmax(logits) - _softmax(reference)).max(axis=1)
    ours, theirs = _ranked(logits), _ranked(reference)
    kept = (ours[:, :, None] == theirs[:, None, :]).any(axis=1)
    scale = float(np.abs(reference).max())
    return Deviation(
        n_images=len(logits),
        max_probability=float(differences.max()),
        mean_probability=float(differences.mean()),
        top_1=float((ours[:, 0] == theirs[:, 0]).mean()),
        top_5=float(kept.mean()),
        max_logit=float(np.abs(logits - reference).max()) / scale if scale else 0.0,
        what=what,
        reference=reference_name,
    )


def _softmax(logits: Logits) -> npt.NDArray[np.float64]:
    wide = logits.astype(np.float64)
    exponentials = np.exp(wide - wide.max(axis=1, keepdims=True))
    result: npt.NDArray[np.float64] = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result


def _ranked(logits: Logits) -> npt.NDArray[np.int64]:
    return np.argsort(-logits, axis=1, kind="stable")[:, :_SHOWN]
