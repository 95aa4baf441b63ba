"""How much a device is given at once: as much as its memory holds, found out on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import torch

from explain import device as devices
from explain.errors import DeviceError, ParameterError

logger = logging.getLogger(__name__)

T = TypeVar("T")

# Where torch has no class of error of its own for a full memory, its text is all there is.
_FULL = ("DefaultCPUAllocator", "MPS backend out of memory", "CUBLAS_STATUS_ALLOC_FAILED")


@dataclass(slots=True)
class Batches:
    """Splits work over images into parts that a device's memory holds.

    One object serves one run: `size` only ever falls, so that what was too much once is not tried
    again.
    """

    device: torch.device
    size: int

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ParameterError(
                "must be at least 1",
                item=f"batch_size = {self.size}",
                remedy="Choose a larger number",
            )

    @classmethod
    def suited(
        cls, device: torch.device, *, input_size: int, batch_size: int | None = None
    ) -> Batches:
        """Parts of `batch_size` images, or of what suits the device at this input size."""
        suiting = devices.batch_size(device, input_size=input_size)
        return cls(device, suiting if batch_size is None else batch_size)

    def run(self, compute: Callable[[slice], T], *, count: int) -> Iterator[T]:
        """`compute` on consecutive slices that cover 0..count, at most `size` long each.

        Out of memory halves the size, says so in the log, and goes on with the very part that
        failed: nothing is computed twice. `compute` must keep nothing of a part that failed.

        Raises DeviceError where the memory does not hold a single image.
        """
        start = 0
        while start < count:
            part = slice(start, min(start + self.size, count))
            full: BaseException | None = None
            try:
                result = compute(part)
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                full = error.with_traceback(None)  # its frames hold the tensors of the part
            if full is None:
                yield result
                start = part.stop
            else:
                self._halve(part.stop - part.start, error=full)

    def _halve(self, length: int, *, error: BaseException) -> None:
        self.size = length // 2
        if self.size == 0:
            raise DeviceError(
                "its memory does not hold a single image",
                item=devices.describe(self.device),
                remedy="Free its memory, or choose another device",
            ) from error
        logger.warning("Out of memory on %s: %d images at once from now on", self.device, self.size)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a memory is full, the device's or the machine's."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(
        text in str(error) for text in _FULL
    )
