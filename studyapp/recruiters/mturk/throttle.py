"""A token bucket: so many calls a second, with a small burst."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST = 5


class Throttle:
    """`wait` returns at once while the bucket has tokens, else when the next one has dripped in."""

    def __init__(
        self,
        rate: float | None,
        *,
        burst: int = BURST,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate, self._burst = rate, burst
        self._clock, self._sleep = clock, sleep
        self._tokens, self._at = float(burst), clock()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Take one token."""
        if self._rate is None:
            return
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
            self._tokens -= 1
            debt = -self._tokens
        if debt > 0:
            self._sleep(debt / self._rate)
