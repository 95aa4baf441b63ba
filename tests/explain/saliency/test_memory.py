from __future__ import annotations

import logging

import pytest
import torch

from explain.errors import DeviceError
from explain.saliency.memory import in_batches

CPU = torch.device("cpu")


def test_everything_is_done_once_and_in_order() -> None:
    seen: list[tuple[int, int]] = []
    in_batches(lambda start, stop: seen.append((start, stop)), count=7, size=3, device=CPU)
    assert seen == [(0, 3), (3, 6), (6, 7)]


def test_nothing_to_do_is_no_call() -> None:
    in_batches(lambda start, stop: pytest.fail(f"{start} {stop}"), count=0, size=3, device=CPU)


def test_out_of_memory_halves_from_there_on_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[tuple[int, int]] = []

    def work(start: int, stop: int) -> None:
        if stop - start > 3:
            raise torch.OutOfMemoryError
        seen.append((start, stop))

    with caplog.at_level(logging.WARNING, logger="explain"):
        in_batches(work, count=10, size=8, device=CPU)
    assert seen == [(0, 2), (2, 4), (4, 6), (6, 8), (8, 10)]
    assert [record.args for record in caplog.records] == [(CPU, 4), (CPU, 2)]


def test_memory_for_not_even_one_is_an_error() -> None:
    def work(_start: int, _stop: int) -> None:
        raise torch.OutOfMemoryError

    with pytest.raises(DeviceError, match="does not hold a single image"):
        in_batches(work, count=5, size=4, device=CPU)
