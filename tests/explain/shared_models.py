"""The real MobileNets of the shared data as module:callable models."""

from __future__ import annotations

import importlib.util
import os
from functools import partial
from pathlib import Path
from typing import Any, cast

from torch import nn


def _layers(weights: Path) -> Any:
    """The module imagenet_layers, from $QUORUM_SHARED/tools or from beside the weights' folder."""
    shared = Path(os.environ.get("QUORUM_SHARED") or weights.resolve().parents[2])
    path = shared / "tools" / "imagenet_layers.py"
    spec = importlib.util.spec_from_file_location("imagenet_layers", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _load(weights: Path | None, *, name: str) -> nn.Module:
    if weights is None:
        raise ValueError(f"give --weights <folder>/{name}.safetensors")
    layers = _layers(weights)
    model: Any = layers.load(weights.parent, weights.stem)
    model.preprocess = partial(layers.preprocess, model=model)
    return cast(nn.Module, model)


def mobilenet_v2(weights: Path | None) -> nn.Module:
    """MobileNet v2 1.0, 224 px; weights = <folder>/mobilenet_v2_1.0_224.safetensors."""
    return _load(weights, name="mobilenet_v2_1.0_224")


def mobilenet_v1(weights: Path | None) -> nn.Module:
    """MobileNet v1 0.25, 128 px; weights = <folder>/mobilenet_v1_0.25_128.safetensors."""
    return _load(weights, name="mobilenet_v1_0.25_128")
