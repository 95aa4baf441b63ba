"""What a probe returns: what the model said before and after, and the image it was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from explain.provenance import Provenance
from explain.types import RGBImage, TopK

Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the model's input, 0-based and half-open."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """One question put to the model beside the plain one, and both answers.

    kind                name of the probe
    index               of the image among those of the call
    image               uint8 [S, S, 3], what the model was shown the second time
    before              the answer to the plain image; None where there is no first question
    after               the answer to `image`
    class_index         the class that is followed: the one given, or the most probable before
    probability_before  of that class, in [0, 1]; None as `before`
    probability_after   of that class, in [0, 1], even where it left the top
    box                 what was covered, cut out or pasted in, or None
    other               index of the second image of a pair, or None
    distance            of a pair, in [0, 2], or None
    flags               what a reader must know, such as "nothing_covered"; () for an ordinary one
    provenance          how to get it again
    """

    kind: str
    index: int
    image: RGBImage
    before: TopK[int] | None
    after: TopK[int]
    class_index: int
    probability_before: float | None
    probability_after: float
    box: Box | None
    other: int | None
    distance: float | None
    flags: tuple[str, ...]
    provenance: Provenance

    @property
    def changed(self) -> bool | None:
        """Whether the most probable class is another one after; None without a first answer."""
        if self.before is None:
            return None
        return int(self.before.classes[0]) != int(self.after.classes[0])

    def caption(self, names: Sequence[str]) -> str:
        """The answer to `image` in words, `names` by class index: "golf ball 93%, egg 4%"."""
        return ", ".join(
            f"{names[int(index)]} {float(probability):.0%}"
            for index, probability in zip(self.after.classes, self.after.probabilities, strict=True)
        )
