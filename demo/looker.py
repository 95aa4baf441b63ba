"""How a careful simulated rater answers each kind of page, from served pixels alone."""

from __future__ import annotations

from dataclasses import dataclass

from demo.matcher import best_group
from demo.oracle import Oracle
from marketplace.robots import StimulusFacts


@dataclass(frozen=True)
class Looker:
    """Knows the drawn pictures; groups of pictures it has to compare by eye."""

    oracle: Oracle

    def __call__(self, facts: StimulusFacts) -> str:
        """One of the page's answers, or a word for each of its parts."""
        if facts.groups:
            return best_group(facts.image_bytes, facts.groups)
        if not facts.listed:
            return self._fits(facts, facts.class_name)
        answers = [self._fits(facts, name) for name in facts.listed]
        if facts.n_parts:
            return " ".join(answers)
        return "yes" if "yes" in answers else "no"

    def _fits(self, facts: StimulusFacts, name: str) -> str:
        return self.oracle.answer(facts.image_bytes, class_name=name)
