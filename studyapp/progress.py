"""How a long step tells how far it is; the terminal, a page or nobody listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    def __call__(self, done: int, total: int | None = None, message: str = "") -> None:
        """`done` of `total` items are finished; `total` is None while it is not known."""


def silent(done: int, total: int | None = None, message: str = "") -> None:
    """Nobody listens."""
