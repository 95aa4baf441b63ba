"""Numbers with their noun, as people say them."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 vote`, `2 votes`, `1,000 votes`; `plural` where an s at the end does not make it."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
