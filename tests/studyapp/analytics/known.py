"""Figures that may be None, where a test knows that they are not."""

from __future__ import annotations

from typing import Protocol


class HasInterval(Protocol):
    """Any result with an interval."""

    @property
    def low(self) -> float | None: ...

    @property
    def high(self) -> float | None: ...


def known(value: float | None) -> float:
    assert value is not None
    return value


def ends(result: HasInterval) -> tuple[float, float]:
    return known(result.low), known(result.high)


def holds(result: HasInterval, truth: float) -> bool:
    low, high = ends(result)
    return bool(low <= truth <= high)
