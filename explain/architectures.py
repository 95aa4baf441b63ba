"""torchvision's classification networks by name, with weights from a file or torchvision's own."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision import models

from explain import published
from explain.errors import ModelError, WeightsError
from explain.preparation import Preparation
from explain.weights import check_file, read_state_dict, sha256_of_file

_IMAGENET_CLASSES = 1000
_COUNTER = "num_batches_tracked"
_NAMED = 3  # how many tensors an error names


@dataclass(frozen=True, slots=True, eq=False)
class Architecture:
    """A network with its weights in it, taking float32 [N, 3, S, S] RGB in [0, 1]."""

    module: nn.Module
    preparation: Preparation
    weights_name: str
    weights_sha256: str


class Normalised(nn.Module):
    """A network behind its normalisation, so that everybody outside works on [0, 1]."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, *, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """float32 [N, 3, S, S] in [0, 1] -> float32 [N, C], logits."""
        logits: Tensor = self.network((images - self.mean) / self.std)
        return logits


def names() -> list[str]:
    """Names of torchvision's classification networks, sorted."""
    return sorted(models.list_models(module=models))


def build(name: str, *, weights: Path | str | None) -> Architecture:
    """The network called `name` with weights from a file, or torchvision's own.

    `weights` is a file, the name of one of torchvision's published sets ("IMAGENET1K_V1"), or None
    for torchvision's default set; the last two come over the network unless torch has them cached.
    The number of classes is that of the file's final layer. A file that torchvision published is
    known by its content and gets its own preparation; any other gets that of the architecture's
    first published set (256 -> 224 for most). GoogLeNet and Inception v3 are built with
    torchvision's input transformation, as all weights derived from the published ones need.

    Raises ModelError for an unknown name, DownloadError, and WeightsError if the file is not a
    file of this network's tensors.
    """
    if name not in names():
        raise _unknown(name)
    member = published.member(name, weights=weights)
    if member is None:
        check_file(path := Path(str(weights)))
    else:
        path = published.download(member)
    sha256 = sha256_of_file(path)
    known = published.recognise(name, sha256=sha256)
    tensors = _renamed(name, read_state_dict(path))
    network = _fitting(name, tensors, path=path)
    preset = published.preset(name, known=known)
    size = getattr(network, "image_size", None)  # a vision transformer has one and no other
    if known is None and isinstance(size, int) and size != preset.preparation.crop:
        preset = published.Preset(preparation=Preparation.of_input_size(size))
    return Architecture(
        module=Normalised(network, mean=preset.mean, std=preset.std),
        preparation=preset.preparation,
        weights_name=path.name if known is None else f"{path.name} ({known})",
        weights_sha256=sha256,
    )


def _unknown(name: str) -> ModelError:
    close = difflib.get_close_matches(name, names(), n=3)
    meant = f"Did you mean {' or '.join(close)}? " if close else ""
    return ModelError(
        "torchvision has no classification network of this name",
        item=f"model {name!r}",
        remedy=f"{meant}Give a name from torchvision.models, or module:callable",
    )


def _renamed(name: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """DenseNets were published with names that torch has not allowed since: norm.1 is norm1."""
    if not name.startswith("densenet"):
        return tensors
    old = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")
    return {old.sub(r"\1\2.", key): tensor for key, tensor in tensors.items()}


def _fitting(name: str, tensors: Mapping[str, Tensor], *, path: Path) -> nn.Module:
    """The network with as many classes as the file's final layer, and the file's tensors in it."""
    options = _options(name, tensors)
    network: nn.Module = models.get_model(name, weights=None, **options)
    final = _final_layer(network)
    if final in tensors and tensors[final].ndim and len(tensors[final]) != _IMAGENET_CLASSES:
        network = models.get_model(name, weights=None, num_classes=len(tensors[final]), **options)
    expected = network.state_dict()
    _compare(name, expected=expected, tensors=tensors, path=path)
    # Filled in place: some networks read their own version off the dictionary they are given.
    expected.update(tensors)
    network.load_state_dict(expected)
    return network


def _options(name: str, tensors: Mapping[str, Tensor]) -> dict[str, object]:
    """Arguments of the constructor that only the weights can tell."""
    if name in ("googlenet", "inception_v3"):
        auxiliary = any(key.startswith(("aux1.", "AuxLogits.")) for key in tensors)
        return {"aux_logits": auxiliary, "init_weights": False, "transform_input": True}
    if name.startswith("vit_"):
        position = tensors.get("encoder.pos_embedding")
        patch = tensors.get("conv_proj.weight")
        if position is not None and patch is not None and position.ndim == 3 and patch.ndim == 4:
            return {"image_size": round((position.shape[1] - 1) ** 0.5) * patch.shape[-1]}
    return {}


def _final_layer(network: nn.Module) -> str:
    """Name of the weights that give the logits: the last ones with a row for each class."""
    return [
        key
        for key, tensor in network.state_dict().items()
        if key.endswith(".weight") and len(tensor) == _IMAGENET_CLASSES
    ][-1]


def _compare(
    name: str, *, expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor], path: Path
) -> None:
    missing = [
        key
        for key in expected
        # Weights saved before torch counted batches lack the counters, which evaluation ignores.
        if key not in tensors and not key.endswith(_COUNTER)
    ]
    # A file has an order of its own; counters say least about what it is.
    unexpected = sorted(
        (key for key in tensors if key not in expected), key=lambda k: (k.endswith(_COUNTER), k)
    )
    other = [
        f"{key} {tuple(tensors[key].shape)} instead of {tuple(tensor.shape)}"
        for key, tensor in expected.items()
        if key in tensors and tensors[key].shape != tensor.shape
    ]
    differences = [
        f"{len(found)} tensors {what} ({_first(found)})"
        for what, found in (("missing", missing), ("unknown", unexpected), ("misshapen", other))
        if found
    ]
    if differences:
        raise WeightsError(
            f"not the weights of {name}: {'; '.join(differences)}",
            item=str(path),
            remedy="Name the architecture that these weights were trained with, after --model",
        )


def _first(found: Sequence[str]) -> str:
    return ", ".join([*found[:_NAMED], *(["..."] if len(found) > _NAMED else [])])
