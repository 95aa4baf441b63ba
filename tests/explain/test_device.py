from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch

from explain import device
from explain.errors import DeviceError


@pytest.fixture
def restored_precision() -> Iterator[None]:
    conv = torch.backends.cudnn.conv  # type: ignore[attr-defined]
    matmul = torch.backends.cuda.matmul
    before = conv.fp32_precision, matmul.fp32_precision
    yield
    conv.fp32_precision, matmul.fp32_precision = before


def test_the_processor_is_always_there_and_the_last_choice() -> None:
    assert device.available()[-1] == "cpu"
    assert str(device.choose()) == device.available()[0]
    assert device.choose("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["cuda:99", "gpu", "", "cpu:1"])
def test_an_unknown_device_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(DeviceError, match=r"no such device.*cpu"):
        device.choose(name)


def test_description_of_the_processor_counts_its_threads() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        assert device.describe(torch.device("cpu")) == "cpu, 2 threads"
        torch.set_num_threads(1)
        assert device.describe(torch.device("cpu")) == "cpu, 1 thread"
    finally:
        torch.set_num_threads(before)


def test_batches_shrink_with_the_area_of_the_input() -> None:
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert device.batch_size(cpu) == 8
    assert device.batch_size(gpu) == 256
    assert device.batch_size(gpu, input_size=448) == 64
    assert device.batch_size(cpu, input_size=4096) == 1
    assert device.batch_size(cpu, input_size=16) == 32


def test_processors_are_those_this_process_may_use() -> None:
    assert 1 <= device.processors() <= (os.cpu_count() or 1)


@pytest.mark.usefixtures("restored_precision")
def test_float32_can_be_made_exact() -> None:
    device.use_exact_fp32()
    assert torch.backends.cudnn.conv.fp32_precision == "ieee"  # type: ignore[attr-defined]
    assert torch.backends.cuda.matmul.fp32_precision == "ieee"
