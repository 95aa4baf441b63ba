"""The acceptance rule of a study: how many of how many votes accept what the model said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studyapp.analytics.columns import Int8
from studyapp.analytics.errors import RuleError
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.votes import UNSURE_CODINGS, Answer

#: What happens to votes beyond the first n: left aside, or all counted as a fraction.
EXTRA_CODINGS = ("first", "fraction")

LARGEST_N = 2**15 - 1


@dataclass(frozen=True)
class Rule:
    """Accept at `k` yes of `n` votes; 4 of 5 in section 3.1 of Stock and Cisse (2018).

    unsure: `missing` leaves an unsure vote out, `no` and `yes` recode it. An unsure vote uses up
    one of the n votes either way, for nobody is asked in its place: with `missing`, a question
    with one unsure among its five votes needs four yes of the remaining four.
    extra: `first` (the headline) uses the first n votes of a question in order and no others.
    `fraction` (a sensitivity view) uses all of them: accepted when yes / (yes + no) >= k / n,
    otherwise rejected, and undecided below `min_votes` yes and no votes.
    min_votes: for `fraction` alone; None means n - 1 (at least 1).
    """

    k: int = 4
    n: int = 5
    unsure: str = "missing"
    extra: str = "first"
    min_votes: int | None = None

    def __post_init__(self) -> None:
        """Refuse, with RuleError, what contradicts itself."""
        for name in ("k", "n", "min_votes"):
            value = getattr(self, name)
            if name == "min_votes" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | np.integer):
                raise RuleError(f"{name}={value!r} is not a whole number; give one.")
            object.__setattr__(self, name, int(value))
        if not 1 <= self.n <= LARGEST_N:
            raise RuleError(f"n={self.n} votes cannot be asked; give 1 to {LARGEST_N}.")
        if not 1 <= self.k <= self.n:
            raise RuleError(
                f"{self.k} yes of {self.n} votes (k of n) cannot be; accept at 1 to {self.n}."
            )
        if self.min_votes is not None and self.min_votes < 1:
            raise RuleError(
                f"min_votes={self.min_votes} would decide without votes; give 1 or more."
            )
        for name, known in (("unsure", UNSURE_CODINGS), ("extra", EXTRA_CODINGS)):
            value = str(getattr(self, name))
            if value not in known:
                raise RuleError(f"{name}={value!r} is unknown; use one of {', '.join(known)}.")
            object.__setattr__(self, name, value)

    @property
    def no_to_reject(self) -> int:
        """The number of no votes after which k yes of n can no longer be reached: n - k + 1."""
        return self.n - self.k + 1

    @property
    def votes_needed(self) -> int:
        """The fewest yes and no votes that `extra="fraction"` decides on."""
        return max(1, self.n - 1) if self.min_votes is None else self.min_votes

    def recode(self, answer: Int8) -> Int8:
        """int8[V] answers with `unsure` (-1) turned into what it counts as; `missing` keeps it."""
        if self.unsure == "missing":
            return answer
        counted_as = Answer.YES if self.unsure == "yes" else Answer.NO
        return np.where(answer == Answer.UNSURE, np.int8(counted_as), answer)

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: k, n, unsure, extra, min_votes (null unless it has a say)."""
        min_votes = self.votes_needed if self.extra == "fraction" else None
        return payload(
            k=self.k, n=self.n, unsure=self.unsure, extra=self.extra, min_votes=min_votes
        )
