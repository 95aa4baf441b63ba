"""Planned contrasts as they are written: a line for each pair of models."""

from __future__ import annotations

#: What stands between the two models of a planned contrast.
VERSUS = " vs "


def contrasts_of(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs of models that lines of FIRST vs SECOND name; ValueError for another line."""
    pairs: list[tuple[str, str]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        first, versus, second = (part.strip() for part in line.partition(VERSUS))
        if not (first and versus and second) or VERSUS in second:
            raise ValueError(f"“{line}” names no two models: write FIRST vs SECOND.")
        if first == second:
            raise ValueError(f"“{line}” compares a model with itself.")
        if any({first, second} == set(pair) for pair in pairs):
            raise ValueError(f"“{line}” is planned twice.")
        pairs.append((first, second))
    return tuple(pairs)
