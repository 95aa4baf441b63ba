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
    button is one answer; then an answer is so many words, in the order of the page. options: the
    values each part can take.
    """

    class_name: str
    image_bytes: bytes = field(repr=False)
    image_url: str
    listed: tuple[str, ...] = ()
    groups: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    choices: tuple[str, ...] = ANSWERS
    n_parts: int = 0
    options: tuple[tuple[str, ...], ...] = ()


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
            self._wrong(word, facts, part=part, chance=chance)
            if chance.random() < self.error_rate
            else word
            for part, word in enumerate(words)
        )

    def _wrong(self, word: str, facts: StimulusFacts, *, part: int, chance: random.Random) -> str:
        if word in ANSWERS:
            return _OPPOSITE.get(word, word)
        known = facts.options[part] if facts.options else facts.choices
        return chance.choice([choice for choice in known if choice != word])


@dataclass(frozen=True)
class Hasty:
    """Clicks anything at once."""

    delay_s: float = 0.0
    kind: str = "hasty"

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """A random answer."""
        if facts.n_parts:
            return " ".join(chance.choice(known) for known in _options(facts))
        return chance.choice(facts.choices)


@dataclass(frozen=True)
class AlwaysYes:
    """Says yes to everything, or takes the first of what there is to choose from."""

    delay_s: float = 0.0
    kind: str = "always_yes"

    def answer(self, facts: StimulusFacts, *, chance: random.Random) -> str:
        """Yes, where that is an answer."""
        if facts.n_parts:
            return " ".join("yes" if "yes" in known else known[0] for known in _options(facts))
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


def _options(facts: StimulusFacts) -> tuple[tuple[str, ...], ...]:
    """What each part can be; yes, no or unsure where the page was not looked at."""
    return facts.options or (ANSWERS,) * facts.n_parts
