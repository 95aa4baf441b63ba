"""Which images of a model were attacked, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.models import Study
from studyapp.questions.relevance.flipped import attacks

ROWS_PER_FETCH = 5_000
#: (model, image), by key, to: right before the attack, flipped by it, survives 8 bits.
Outcomes = dict[tuple[int, int], tuple[bool, bool, bool]]


@dataclass(frozen=True)
class Coverage:
    """How far the attack reached. n_images: labelled images of the study's classes with a
    prediction; n_attacked of them have an outcome and are what figures are shares of.

    n_flipped: the flips found, n_not_surviving of which are none in the stored picture of 8 bits;
    those are errors that nobody was asked about.
    """

    model: str
    n_images: int
    n_attacked: int
    n_flipped: int
    n_not_surviving: int

    @property
    def n_not_attacked(self) -> int:
        return self.n_images - self.n_attacked


@dataclass(frozen=True, eq=False)
class Attacked:
    """known: bool[I], the images with an outcome, K of them. clean, after: bool[K], right before
    and after the attack."""

    known: npt.NDArray[np.bool_]
    clean: npt.NDArray[np.bool_]
    after: npt.NDArray[np.bool_]
    coverage: Coverage


def outcomes(study: Study) -> Outcomes:
    """What the attack made of each image: flipped where it found a first flip."""
    columns = "vision_model", "image", "admitted", "steps_to_flip", "flip_survives"
    rows = attacks(study).order_by("pk").values_list(*columns)
    return {
        (model, image): (admitted, steps is not None, bool(survives))
        for model, image, admitted, steps, survives in rows.iterator(chunk_size=ROWS_PER_FETCH)
    }


def attacked(
    images: npt.NDArray[np.int64],
    *,
    correct: npt.NDArray[np.bool_],
    model: tuple[int, str],
    found: Outcomes,
) -> Attacked:
    """A model's images, int64[I] keys, by what the attack made of them.

    An image without a row has no outcome: nobody knows what the model would have said. One that is
    wrong from the start needs no row, for an attack leaves it as it is; it takes part where every
    right one was attacked. Else the attacked alone do, or the wrong ones would weigh too much.
    """
    key, name = model
    rows = [found.get((key, int(image))) for image in images]
    has_row = np.array([row is not None for row in rows], dtype=np.bool_)
    known = has_row | ~correct
    if not known.all():
        known = has_row
    told = [row or (False, False, False) for row, kept in zip(rows, known, strict=True) if kept]
    clean, flips, survives = np.array(told, dtype=np.bool_).reshape(-1, 3).T
    return Attacked(
        known=known,
        clean=clean,
        after=clean & ~flips,
        coverage=Coverage(
            model=name,
            n_images=images.size,
            n_attacked=int(np.count_nonzero(known)),
            n_flipped=int(np.count_nonzero(flips)),
            n_not_surviving=int(np.count_nonzero(flips & ~survives)),
        ),
    )
