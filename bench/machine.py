"""What else the machine did while something was measured."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _busy_s() -> float:
    """Processor seconds that all processes together have used since the machine started."""
    user, nice, system, _idle, _waiting, irq, softirq, *_ = (
        int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    """Of this process and of those it started and waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def other_load(what: str) -> Iterator[None]:
    """Print at the end how many cores other programs kept busy meanwhile, where Linux tells."""
    if not Path("/proc/stat").exists():
        yield
        return
    start, busy, own = time.perf_counter(), _busy_s(), _own_s()
    yield
    wall = time.perf_counter() - start
    others = max(0.0, _busy_s() - busy - (_own_s() - own)) / wall
    print(
        f"{what}: {wall:.0f} s, other programs kept {others:.1f} of {os.cpu_count()} cores busy,"
        f" load average {os.getloadavg()[0]:.1f} at the end"
    )
