"""Work over images that keeps its own results, in batches that the device's memory holds."""

from __future__ import annotations

from collections.abc import Callable

import torch

from explain.batches import Batches


def in_batches(
    work: Callable[[int, int], None], *, count: int, size: int, device: torch.device
) -> None:
    """Call work(start, stop) over 0..count, `size` at once and fewer where memory asks for it.

    A call that runs out of memory is made again for less, so `work` must keep nothing of it.

    Raises DeviceError if the memory does not hold even one.
    """
    for _ in Batches(device, size).run(lambda part: work(part.start, part.stop), count=count):
        pass
