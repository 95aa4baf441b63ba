from __future__ import annotations

from studyapp.recruiters.mturk.throttle import Throttle


class Clock:
    """Time passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


def test_a_burst_then_the_rate() -> None:
    clock = Clock()
    throttle = Throttle(2.0, burst=3, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        throttle.wait()
    assert clock.slept == 0
    for _ in range(10):
        throttle.wait()
    assert clock.slept == 5.0  # ten calls at two a second


def test_a_pause_fills_the_bucket_up_to_its_size() -> None:
    clock = Clock()
    throttle = Throttle(2.0, burst=3, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        throttle.wait()
    clock.now += 1000
    for _ in range(4):
        throttle.wait()
    assert clock.slept == 0.5


def test_no_rate_never_waits() -> None:
    clock = Clock()
    throttle = Throttle(None, clock=clock, sleep=clock.sleep)
    for _ in range(100):
        throttle.wait()
    assert clock.slept == 0
