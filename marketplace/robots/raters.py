"""Kinds of simulated raters: what each answers and how long it waits before it does."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

ANSWERS = ("yes", "no", "unsure")
_OPPOSITE = {"yes": "no", "no": "yes"}


@dataclass(frozen=True)
class StimulusFacts:
    """All a rater sees of a trial: the class asked about and the picture as it was served.

    listed: the classes where there are several. groups: the pictures within each button, by its
    value. choices: values of the buttons. n_parts: how many answers the page takes, 0 where one
    button is one answer; then an answer is so many words, in the order of `listed`.
    """

    class_name: str
    image_bytes: bytes = field(repr=False)
    image_url: str
    listed: tuple[str, ...] = ()
    groups: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    choices: tuple[str, ...] = ANSWERS
    n_parts: int = 0


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
        """One of the choices, or so many words as there are parts."""


@dataclass(frozen=True)
class Careful:
    """Asks an oracle and errs at the stated rate: yes for no, no for yes, another group."""

    oracle: Oracle
    error_rate: float = 0.0
    delay_s: float = 0.0
    kind: str = "careful"

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """The oracle's answer, sometimes its opposite, word by word."""
        words = self.oracle(facts).split()
        return " ".join(
            self._wrong(word, facts, chance=chance) if chance.random() < self.error_rate else word
            for word in words
        )

    def _wrong(self, word: str, facts: StimulusFacts, *, chance: random.Random) -> str:
        if word in ANSWERS:
            return _OPPOSITE.get(word, word)
        return chance.choice([choice for choice in facts.choices if choice != word])


@dataclass(frozen=True)
class Hasty:
    """Clicks anything at once."""

    delay_s: float = 0.0
    kind: str = "hasty"

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """A random answer."""
        if facts.n_parts:
            return " ".join(chance.choice(ANSWERS) for _ in range(facts.n_parts))
        return chance.choice(facts.choices)


@dataclass(frozen=True)
class AlwaysYes:
    """Says yes to everything, or takes the first of what there is to choose from."""

    delay_s: float = 0.0
    kind: str = "always_yes"

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """Yes, where that is an answer."""
        if facts.n_parts:
            return " ".join(["yes"] * facts.n_parts)
        return "yes" if "yes" in facts.choices else facts.choices[0]


@dataclass(frozen=True)
class TooSlow:
    """Answers as the oracle does, but later than a time limit of `delay_s` or less allows."""

    oracle: Oracle
    delay_s: float
    kind: str = "too_slow"

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """The oracle's answer."""
        return self.oracle(facts)
