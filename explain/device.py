"""Which processor computes, how it is called, and how much it is given at once."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from explain.errors import DeviceError

# Measured on CPUs: 8 images of 224 px is where layers still stay in the caches; larger is slower.
_BATCH_AT_224 = {"cuda": 256, "mps": 32, "cpu": 8}
_REFERENCE_SIDE = 224
# What Linux calls it on x86 (either instruction set) and on ARM.
_BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
_CPUINFO = Path("/proc/cpuinfo")


def available() -> tuple[str, ...]:
    """Names of the devices of this machine, the fastest kind first; "cpu" is always the last."""
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps")
    return (*names, "cpu")


def choose(name: str | None = None) -> torch.device:
    """The device called `name` ("cpu", "cuda", "cuda:1", "mps"), or the fastest one of the machine.

    Raises DeviceError if the name means nothing or the machine has no such device.
    """
    names = available()
    if name is None:
        return torch.device(names[0])
    wanted = f"{name}:0" if name == "cuda" else name
    if wanted not in names:
        raise DeviceError(
            "this machine has no such device",
            item=f"device {name!r}",
            remedy=f"Choose one of {', '.join(names)}, or none for the fastest",
        )
    return torch.device(wanted)


def describe(device: torch.device) -> str:
    """One line for logs and pages: "cuda:0, NVIDIA H200, 139 GiB" or "cpu, 2 threads"."""
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return f"{device}, {properties.name}, {properties.total_memory >> 30} GiB"
    if device.type == "cpu":
        threads = torch.get_num_threads()
        return f"cpu, {threads} thread{'s' if threads > 1 else ''}"
    return str(device)


def batch_size(device: torch.device, *, input_size: int = _REFERENCE_SIDE) -> int:
    """Images per forward pass: good at a square input of `input_size` pixels, at least 1."""
    area = (input_size / _REFERENCE_SIDE) ** 2
    return max(1, int(_BATCH_AT_224.get(device.type, 8) / max(area, 0.25)))


def use_exact_fp32() -> None:
    """Make float32 on NVIDIA GPUs mean float32, for the whole process.

    Convolutions there round their inputs to 10 bits (TF32) by default, which moves logits by 1e-3.
    """
    # torch swaps the module for an object at run time, where a type checker cannot follow.
    torch.backends.cudnn.conv.fp32_precision = "ieee"  # type: ignore[attr-defined]
    torch.backends.cuda.matmul.fp32_precision = "ieee"


def computes_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is computed by the hardware itself: elsewhere it is slower than float32.

    False too where the system does not tell.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu" and _CPUINFO.is_file():
        return not _BF16_FLAGS.isdisjoint(_CPUINFO.read_text(encoding="utf-8").split())
    return False


def processors() -> int:
    """Processors this process may run on: fewer than the machine has where it is pinned."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
