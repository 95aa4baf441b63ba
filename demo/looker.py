"""How a careful simulated rater answers each kind of page, from served pixels alone."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from demo.coders import PLACES, Coder, is_framed
from demo.matcher import best_group
from demo.oracle import Oracle
from marketplace.robots import StimulusFacts

#: What the first part of a page takes that asks for a reason.
_CANNOT_TELL = "?"


@dataclass(frozen=True)
class Looker:
    """Knows the drawn pictures; groups of pictures it has to compare by eye.

    coder: what codes pictures, where the study asks for it.
    """

    oracle: Oracle
    coder: Coder | None = None

    def __call__(self, facts: StimulusFacts) -> str:
        """One of the page's answers, or a word for each of its parts."""
        if facts.groups:
            return best_group(facts.image_bytes, facts.groups)
        if self.coder is not None and (coded := _coded(facts, self.coder)):
            return coded
        if not facts.listed:
            return self._fits(facts, facts.class_name)
        answers = [self._fits(facts, name) for name in facts.listed]
        if facts.n_parts:
            return " ".join(answers)
        return "yes" if "yes" in answers else "no"

    def _fits(self, facts: StimulusFacts, name: str) -> str:
        return self.oracle.answer(facts.image_bytes, class_name=name)


def _coded(facts: StimulusFacts, coder: Coder) -> str:
    """The answer to a page that asks for a coding; empty for any other."""
    picture = facts.image_bytes
    if facts.options and _CANNOT_TELL in facts.options[0]:
        return coder.reason(picture, said=facts.class_name, names=facts.listed)
    if facts.listed and set(facts.listed) <= set(PLACES):
        return " ".join(coder.shows(picture, name) for name in facts.listed)
    if facts.listed or not facts.class_name:
        return ""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))
    if pixels.shape[1] > 1.5 * pixels.shape[0]:
        return coder.looks_elsewhere(picture, facts.class_name)
    return coder.frames_it(picture, facts.class_name) if is_framed(pixels) else ""
