"""What an attack tells of each image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np
import numpy.typing as npt

from explain.provenance import Provenance
from explain.types import K, RGBImage


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the network makes of one version of an attacked image, and how far that one went.

    classes            int32 [5] (fewer where the model has fewer), the most probable first
    probabilities      float32 [5] in [0, 1], theirs
    label_probability  in [0, 1], of the label
    linf, l2           largest change of any value and Euclidean length of all changes, from the
                       image before the attack, in units of [0, 1]
    """

    classes: npt.NDArray[np.int32]
    probabilities: npt.NDArray[np.float32]
    label_probability: float
    linf: float
    l2: float

    @property
    def predicted(self) -> int:
        return int(self.classes[0])


@dataclass(frozen=True, slots=True, eq=False)
class AdversarialImage:
    """One image of an attack as it is shown, in 8 bits.

    step            after how many steps
    pixels          uint8 [S, S, 3], read back from `png`
    png             the file
    computed        the reading of the image the attack computed, in float32
    stored          the reading of `pixels`
    survives_uint8  whether both readings agree on the question of the attack: that it is no longer
                    the label, or (for an image that resisted) that it still is
    """

    step: int
    pixels: RGBImage
    png: bytes
    computed: Reading
    stored: Reading
    survives_uint8: bool


@dataclass(frozen=True, slots=True, eq=False)
class Attacked(Generic[K]):
    """One image and what the attack did to it.

    key                what the caller named the image
    label              its class
    predicted          the class the network gave it before the attack
    probability        in [0, 1], of the label before the attack
    admitted           predicted == label; an image that is not is left as it is
    steps_to_flip      t of 1..M, the first step after which the class is not the label; None where
                       it never happens, and where the image is not admitted
    label_probability  in [0, 1], of the label after the last step that was taken
    zero_gradient      the gradient was zero in every pixel at some step, so that the image stopped
                       moving: that it kept its class says nothing about how robust it is
    first_flip         the image after `steps_to_flip` steps
    final              the image after M steps; None for an image that left at its first flip
    """

    key: K
    label: int
    predicted: int
    probability: float
    admitted: bool
    steps_to_flip: int | None
    label_probability: float
    zero_gradient: bool
    first_flip: AdversarialImage | None
    final: AdversarialImage | None
    provenance: Provenance


@dataclass(frozen=True, slots=True, eq=False)
class AttackResult:
    """What became of N images, in their order; keys are their places, from 0."""

    images: Sequence[Attacked[int]]
    max_steps: int
    provenance: Provenance

    @property
    def admitted(self) -> npt.NDArray[np.bool_]:
        """bool [N]: the network was right about it before the attack."""
        return np.array([image.admitted for image in self.images], dtype=np.bool_)

    @property
    def flip_steps(self) -> npt.NDArray[np.int32]:
        """int32 [N]: 1..M for a flip after that step, M + 1 for none, 0 for no answer.

        No answer is there for an image that was wrong from the start, and for one whose gradient
        vanished before it flipped. The column that `selection.Candidates` takes.
        """
        return np.array([flip_step(i, max_steps=self.max_steps) for i in self.images], np.int32)

    @property
    def accuracy_before(self) -> float:
        """Share of the images that have their label before the attack, in [0, 1]."""
        return float(self.admitted.mean())

    @property
    def accuracy_after(self) -> float:
        """Share that has its label after the last step: step M, or the flip where images leave."""
        return float(np.mean([_has_label(image) for image in self.images]))


def flip_step(image: Attacked[K], *, max_steps: int) -> int:
    """As `AttackResult.flip_steps`, of one image."""
    if image.steps_to_flip is not None:
        return image.steps_to_flip
    return max_steps + 1 if image.admitted and not image.zero_gradient else 0


def _has_label(image: Attacked[K]) -> bool:
    return image.final is not None and image.final.computed.predicted == image.label
