"""Batches that halve themselves when the device's memory does not hold them."""

from __future__ import annotations

import logging
from collections.abc import Callable

import torch

from explain import device as devices
from explain.errors import DeviceError

logger = logging.getLogger(__name__)


def in_batches(
    work: Callable[[int, int], None], *, count: int, size: int, device: torch.device
) -> None:
    """Call work(start, stop) over 0..count, `size` at once and fewer where memory asks for it.

    A call that runs out of memory is made again for less, so `work` must keep nothing of it.

    Raises DeviceError if the memory does not hold even one.
    """
    start, limit = 0, size
    while start < count:
        stop = min(start + limit, count)
        try:
            work(start, stop)
        except torch.OutOfMemoryError as error:
            limit = (stop - start) // 2
            if limit == 0:
                raise DeviceError(
                    "its memory does not hold a single image",
                    item=devices.describe(device),
                    remedy="Free its memory, or choose another device",
                ) from error
            logger.warning("Out of memory on %s: %d images at once from now on", device, limit)
        else:
            start = stop
            continue
        # Only here: the error keeps the frames alive whose tensors are to be freed.
        if device.type == "cuda":
            torch.cuda.empty_cache()
