"""Tensors out of a local weights file, without ever running what a pickle may hold."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from explain.errors import WeightsError

_NESTS = ("state_dict", "model_state_dict", "model")
_PARALLEL = "module."


def sha256_of_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_of_tensors(tensors: Mapping[str, torch.Tensor]) -> str:
    """Hexadecimal SHA-256 over names, types, shapes and bytes of tensors, in the order of names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def check_file(path: Path) -> None:
    """Raise WeightsError unless there is a file with something in it."""
    if not path.is_file():
        raise WeightsError(
            "there is no such weights file", item=str(path), remedy="Check the path after --weights"
        )
    if path.stat().st_size == 0:
        raise WeightsError("the weights file is empty", item=str(path), remedy="Copy it again")


def read_state_dict(path: Path) -> dict[str, torch.Tensor]:
    """Tensors by name from .safetensors, or from .pth/.pt saved by torch, on the CPU.

    A state dict nested under `state_dict`, `model_state_dict` or `model` is unwrapped, and the
    "module." that DataParallel puts before every name is taken off.

    Raises WeightsError if the file is missing, empty or damaged, holds more than tensors (a
    pickled model would run its own code when loaded), or holds none.
    """
    check_file(path)
    safe = path.suffix == ".safetensors"
    content: object = _read_safetensors(path) if safe else _read_torch(path)
    for nest in _NESTS:
        if isinstance(content, Mapping) and isinstance(content.get(nest), Mapping):
            content = content[nest]
            break
    tensors = (
        {str(key): value for key, value in content.items() if isinstance(value, torch.Tensor)}
        if isinstance(content, Mapping)
        else {}
    )
    if not tensors:
        raise WeightsError(
            "the file holds no tensors by name",
            item=str(path),
            remedy="Save model.state_dict(), best as .safetensors",
        )
    if all(name.startswith(_PARALLEL) for name in tensors):
        tensors = {name.removeprefix(_PARALLEL): tensor for name, tensor in tensors.items()}
    return tensors


def _read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise _damaged(path, error) from error


def _read_torch(path: Path) -> object:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:  # torch's refusal to unpickle more than tensors
        raise WeightsError(
            "the file holds more than tensors, and a pickle could run any code",
            item=str(path),
            remedy="Where you trust its source, load it yourself and save model.state_dict()"
            " as .safetensors",
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> WeightsError:
    return WeightsError(
        f"the weights file is damaged or of another format ({error})",
        item=str(path),
        remedy="Copy it again; .safetensors, .pth and .pt are read",
    )
