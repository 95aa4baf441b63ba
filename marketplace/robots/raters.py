"""Kinds of simulated raters: what each answers and how long it waits before it does."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

ANSWERS = ("yes", "no", "unsure")
_OPPOSITE = {"yes": "no", "no": "yes"}


@dataclass(frozen=True)
class StimulusFacts:
    """All a rater sees of a trial: the class asked about and the picture as it was served."""

    class_name: str
    image_bytes: bytes = field(repr=False)
    image_url: str


Oracle = Callable[[StimulusFacts], str]


class Rater(Protocol):
    """Answers trials."""

    @property
    def kind(self) -> str:
        """The name of the kind."""

    @property
    def delay_s(self) -> float:
        """Seconds to wait before each answer."""

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """One of yes, no, unsure."""


@dataclass(frozen=True)
class Careful:
    """Asks an oracle and errs, yes for no and no for yes, at the stated rate."""

    oracle: Oracle
    error_rate: float = 0.0
    delay_s: float = 0.0
    kind: str = "careful"

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """The oracle's answer, sometimes its opposite."""
        right = self.oracle(facts)
        return _OPPOSITE.get(right, right) if chance.random() < self.error_rate else right


@dataclass(frozen=True)
class Hasty:
    """Clicks anything at once."""

    delay_s: float = 0.0
    kind: str = "hasty"

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """A random answer."""
        return chance.choice(ANSWERS)


@dataclass(frozen=True)
class AlwaysYes:
    """Says yes to everything."""

    delay_s: float = 0.0
    kind: str = "always_yes"

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """Yes."""
        return "yes"


@dataclass(frozen=True)
class TooSlow:
    """Answers as the oracle does, but later than a time limit of `delay_s` or less allows."""

    oracle: Oracle
    delay_s: float
    kind: str = "too_slow"

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """The oracle's answer."""
        return self.oracle(facts)
