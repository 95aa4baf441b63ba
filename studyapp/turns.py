"""Votes asked for in turns: the groups of a study, and which trials get all votes at once.

A turn is one time that a trial is offered. Asked all at once, every trial has one; asked in groups,
the next begins when the votes of the last are in and have decided nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

LARGEST_SPLIT = 9
_SEPARATORS = re.compile(r"[\s,+]+")
_DRAWN_BITS = 64


@dataclass(frozen=True)
class Turn:
    """A trial that is to be offered again, to so many raters. `number` counts from 0."""

    trial: int
    number: int
    raters: int


@dataclass
class TurnsToAsk:
    """`turns` is what can be asked now; the counts are of trials that were offered before."""

    turns: list[Turn] = field(default_factory=list)
    #: Decided, or with all the votes they are to have.
    settled: int = 0
    #: Not settled, and some of their places are still out.
    waiting: int = 0
    #: Those of the waiting that may come up for another turn.
    may_follow: int = 0
    #: Not settled, nothing out, and offered as often as the study or the command says.
    short: int = 0


def read_groups(text: str, *, raters: int) -> tuple[int, ...]:
    """The sizes in `2+2+1`; empty text is all at once. ValueError says what cannot be."""
    if not text.strip():
        return ()
    try:
        sizes = tuple(int(part) for part in _SEPARATORS.split(text.strip()))
    except ValueError as error:
        raise ValueError("Write the sizes of the groups, such as 2+2+1.") from error
    if min(sizes) < 1 or sum(sizes) != raters:
        raise ValueError(
            f"Groups of {told(sizes)} make {sum(sizes)} votes, and a trial has {raters}: give "
            f"sizes of 1 or more that add up to {raters}."
        )
    return sizes


def told(sizes: Sequence[int]) -> str:
    """`2, 2 and 1`."""
    *most, last = map(str, sizes)
    return f"{', '.join(most)} and {last}" if most else last


def gets_all_votes(*, seed: int, share: Decimal, stimulus: str, asked: int | str | None) -> bool:
    """Whether this thing asked about is drawn to get all its votes, whatever the first ones say.

    Each is drawn by itself from the study's seed, so that what is added later changes no draw.
    """
    text = f"{seed}/all votes/{stimulus}/{asked}"
    drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[: _DRAWN_BITS // 8])
    return drawn < int(share * 2**_DRAWN_BITS)


def split(raters: int, *, most: int | None) -> tuple[int, ...]:
    """So many raters in parts of at most `most`, as equal as can be: 12 by 9 is 6 and 6."""
    if most is None or raters <= most:
        return (raters,) if raters else ()
    parts = -(-raters // most)
    return tuple(raters // parts + (at < raters % parts) for at in range(parts))
