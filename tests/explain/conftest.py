from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision import models


def network(name: str, **options: object) -> nn.Module:
    """An architecture of torchvision with the same random weights every time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        built: nn.Module = models.get_model(name, weights=None, **options)
    return built.eval()


def saved(module: nn.Module, path: Path) -> Path:
    """Its tensors in a file of the kind that the path's ending names."""
    tensors = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    if path.suffix == ".safetensors":
        save_file(tensors, path)
    else:
        torch.save(tensors, path)
    return path


@pytest.fixture(scope="session")
def resnet18() -> nn.Module:
    return network("resnet18")


@pytest.fixture(scope="session")
def resnet18_file(resnet18: nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(resnet18, tmp_path_factory.mktemp("weights") / "resnet18.safetensors")
