"""The sets of weights torchvision publishes: fetched, recognised, and prepared for as they ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import torch
from torchvision import models

from explain.errors import DownloadError
from explain.preparation import Interpolation, Preparation

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)
_PAPERS = Preparation()


@dataclass(frozen=True, slots=True)
class Preset:
    """How the pixels must reach a network: size, and the mean and deviation of each channel."""

    preparation: Preparation = _PAPERS
    mean: tuple[float, ...] = _IMAGENET_MEAN
    std: tuple[float, ...] = _IMAGENET_STD


def member(name: str, *, weights: Path | str | None) -> models.Weights | None:
    """The set of architecture `name` called `weights`, the default one for None.

    None if there is none of this name, or a file is called so.
    """
    published = models.get_model_weights(name)
    if weights is None:
        return published.DEFAULT
    return None if Path(weights).exists() else published.__members__.get(str(weights))


def download(member: models.Weights) -> Path:
    """The file of a set, from torch's cache or over the network, its hash verified.

    Raises DownloadError if it cannot be had.
    """
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    path = folder / Path(urlsplit(member.url).path).name
    if path.is_file():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(
            member.url, str(path), hash_prefix=_hash_prefix(member), progress=False
        )
    except (OSError, RuntimeError) as error:
        raise DownloadError(
            f"torchvision's weights could not be downloaded ({error})",
            item=str(member),
            remedy=f"Fetch {member.url} on a machine with access and give it with --weights FILE",
        ) from error
    return path


def _hash_prefix(member: models.Weights) -> str | None:
    found = re.search(r"-([0-9a-f]{8,})\.", str(member.url))
    return found[1] if found else None


def recognise(name: str, *, sha256: str) -> models.Weights | None:
    """The published set with this content: torchvision writes its hash into the file's name."""
    for member in models.get_model_weights(name):
        prefix = _hash_prefix(member)
        if prefix and sha256.startswith(prefix):
            return member
    return None


def preset(name: str, *, known: models.Weights | None) -> Preset:
    """How images are prepared for a set, or for an architecture's first set where none is known."""
    first = known or next(iter(models.get_model_weights(name)), None)
    if first is None:
        return Preset()
    transforms = first.transforms()
    interpolation: Interpolation = (
        "bicubic" if transforms.interpolation.value == "bicubic" else "bilinear"
    )
    return Preset(
        preparation=Preparation(
            resize=transforms.resize_size[0],
            crop=transforms.crop_size[0],
            interpolation=interpolation,
        ),
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
    )
