from __future__ import annotations

import logging

import pytest
import torch

from explain import device as devices
from explain.batches import Batches, is_out_of_memory
from explain.errors import DeviceError, ParameterError

CPU = torch.device("cpu")


class Memory:
    """Holds a number of images, and remembers what it was asked to."""

    def __init__(self, holds: int, *, error: Exception | None = None) -> None:
        self.holds = holds
        self.error = error or torch.OutOfMemoryError("out of memory")
        self.asked: list[int] = []

    def __call__(self, part: slice) -> list[int]:
        self.asked.append(part.stop - part.start)
        if part.stop - part.start > self.holds:
            raise self.error
        return list(range(part.start, part.stop))


def test_parts_cover_everything_once_and_in_order() -> None:
    memory = Memory(4)
    parts = list(Batches(CPU, 4).run(memory, count=10))
    assert parts == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert list(Batches(CPU, 4).run(memory, count=0)) == []


def test_out_of_memory_halves_and_goes_on_where_it_was(caplog: pytest.LogCaptureFixture) -> None:
    memory, batches = Memory(3), Batches(CPU, 16)
    with caplog.at_level(logging.WARNING, logger="explain.batches"):
        found = [index for part in batches.run(memory, count=21) for index in part]
    assert found == list(range(21))
    assert memory.asked == [16, 8, 4] + [2] * 10 + [1]
    assert [r.getMessage() for r in caplog.records] == [
        f"Out of memory on cpu: {size} images at once from now on" for size in (8, 4, 2)
    ]
    assert batches.size == 2


def test_the_size_stays_low_in_the_next_run() -> None:
    memory, batches = Memory(3), Batches(CPU, 8)
    list(batches.run(memory, count=8))
    memory.asked.clear()
    list(batches.run(memory, count=4))
    assert memory.asked == [2, 2]


def test_a_short_part_that_fails_is_halved_itself() -> None:
    memory = Memory(1)
    list(Batches(CPU, 64).run(memory, count=3))
    assert memory.asked == [3, 1, 1, 1]


def test_a_memory_that_holds_no_image_is_an_error() -> None:
    with pytest.raises(DeviceError, match="does not hold a single image"):
        list(Batches(CPU, 8).run(Memory(0), count=8))


def test_other_errors_pass() -> None:
    with pytest.raises(RuntimeError, match="shapes"):
        list(Batches(CPU, 8).run(Memory(0, error=RuntimeError("shapes differ")), count=8))


def test_a_full_memory_of_the_machine_is_known_too() -> None:
    with pytest.raises(RuntimeError) as full:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert is_out_of_memory(full.value)
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("anything"))


def test_the_size_suits_the_device_unless_told() -> None:
    assert Batches.suited(CPU, input_size=224).size == devices.batch_size(CPU)
    assert Batches.suited(CPU, input_size=224, batch_size=3).size == 3
    with pytest.raises(ParameterError, match="batch_size = 0"):
        Batches.suited(CPU, input_size=224, batch_size=0)
