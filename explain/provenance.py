"""What a result must carry so that it can be computed again, and defended."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import torch
import torchvision

from explain.classifiers import Classifier

Parameter: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a result comes from. Plain values alone, so that it goes into JSON as it is.

    method      name of the algorithm and its version, such as "lime_v1"
    parameters  every setting that moves the result, by its argument's name
    seed        of every random draw; None where nothing is drawn
    layer       dotted name of the layer that was looked at; None where none was
    model, weights_sha256, precision, device  of the classifier
    arithmetic  how it computed, in words: layout, batch norms folded or not, compiled or not
    versions    of the libraries that computed
    digests     SHA-256 of what the result rests on and nobody may want to store, by its name
    """

    method: str
    parameters: Mapping[str, Parameter]
    seed: int | None
    layer: str | None
    model: str
    weights_sha256: str
    precision: str
    arithmetic: str
    device: str
    versions: Mapping[str, str]
    digests: Mapping[str, str] = field(default_factory=dict)


def record(
    classifier: Classifier,
    *,
    method: str,
    parameters: Mapping[str, Parameter],
    seed: int | None = None,
    layer: str | None = None,
    versions: Mapping[str, str] | None = None,
    digests: Mapping[str, str] | None = None,
) -> Provenance:
    """The provenance of a result of `classifier`; `versions` adds to those of torch and numpy."""
    return Provenance(
        method=method,
        parameters=dict(parameters),
        seed=seed,
        layer=layer,
        model=classifier.name,
        weights_sha256=classifier.weights_sha256,
        precision=classifier.precision,
        arithmetic=classifier.arithmetic,
        device=str(classifier.device),
        versions={
            "python": platform.python_version(),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "numpy": np.__version__,
            **(versions or {}),
        },
        digests=dict(digests or {}),
    )


def combined(records: Iterable[Provenance]) -> Provenance:
    """One record of a result that rests on computations of one kind, perhaps on several machines.

    Where these differ in device, arithmetic or a version, it names all, sorted, with " | " between.
    There must be at least one record.
    """
    first, *others = records
    several = [first, *(each for each in others if each != first)]
    if len(several) == 1:
        return first
    libraries = sorted({name for each in several for name in each.versions})
    return replace(
        first,
        arithmetic=_all(each.arithmetic for each in several),
        device=_all(each.device for each in several),
        versions={
            name: _all(each.versions.get(name, "none") for each in several) for name in libraries
        },
    )


def _all(values: Iterable[str]) -> str:
    return " | ".join(sorted(set(values)))


def layer_name(classifier: Classifier) -> str | None:
    """Dotted name of the classifier's last convolutional stage within its module."""
    return next(
        (name for name, part in classifier.module.named_modules() if part is classifier.last_conv),
        None,
    )
