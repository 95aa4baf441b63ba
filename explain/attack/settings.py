"""What an attack is told, checked before the first image; and its step in each channel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias, get_args

import torch
from torch import Tensor

from explain.classifiers import Classifier
from explain.errors import ModelError, ParameterError
from explain.provenance import Parameter

Norm: TypeAlias = Literal["linf", "l2"]
"""What a step is measured by: the largest change of any value, or the Euclidean length of all."""

PixelScale: TypeAlias = Literal["unit", "normalised"]
"""Where the step is taken: on pixels in [0, 1], or on what the network's normalisation gives."""

LEVEL = 1 / 255
BALL = 3
"""How many of 255 grey levels a quantised attack may move any value from where it was."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting that moves the result of an attack; the defaults are the papers' (section 2).

    step         length of one step, by `norm`, in the units of `pixel_scale`
    max_steps    M, how many are taken at most
    norm         "linf": x + step * sign(g); "l2": x + step * g / |g|, with g the gradient
    pixel_scale  "unit": of pixels in [0, 1]; "normalised": after the network's normalisation
    quantised    every image on the way is one of 8 bits: the step is a whole number of grey levels,
                 at least one, and no value moves more than three; for "linf" alone
    keep_going   go on to step M after the first flip (the default), or leave there

    Raises ParameterError for what no image could make right.
    """

    step: float = 0.001
    max_steps: int = 10
    norm: Norm = "linf"
    pixel_scale: PixelScale = "unit"
    quantised: bool = False
    keep_going: bool = True

    def __post_init__(self) -> None:
        if not (math.isfinite(self.step) and self.step > 0):
            raise _error(f"step = {self.step}", what="must be a positive number")
        if self.max_steps < 1:
            raise _error(f"max_steps = {self.max_steps}", what="must be at least 1")
        _check_choice("norm", self.norm, choices=get_args(Norm))
        _check_choice("pixel_scale", self.pixel_scale, choices=get_args(PixelScale))
        if self.quantised and self.norm != "linf":
            raise ParameterError(
                "a step of given Euclidean length is no whole number of grey levels",
                item="quantised with norm l2",
                remedy="Use norm linf, or leave quantised out",
            )

    def parameters(self) -> Mapping[str, Parameter]:
        """The settings by their names, for the record."""
        return asdict(self)


def channel_scale(classifier: Classifier, *, settings: Settings) -> Tensor:
    """How many units of [0, 1] one unit of the pixel scale is: float32 [1, 3, 1, 1] on the device.

    For "normalised" that is the standard deviation the network divides by, the buffer `std` of a
    torchvision network here; a module:callable has to show it as an attribute of that name.

    Raises ModelError where "normalised" is asked for and the module does not show it.
    """
    one = torch.ones(1, 3, 1, 1, device=classifier.device)
    if settings.pixel_scale == "unit":
        return one
    std: object = getattr(classifier.module, "std", None)
    try:
        values = torch.as_tensor(std, dtype=torch.float32, device=classifier.device)
    except (TypeError, ValueError, RuntimeError):
        values = torch.empty(0)
    if values.numel() not in (1, 3) or not bool((values.isfinite() & (values > 0)).all()):
        raise ModelError(
            "it does not show what it divides pixels by, so a step in normalised units is unknown",
            item=f"model {classifier.name!r}",
            remedy="Give its module an attribute std of one or three positive numbers, in units of"
            " [0, 1], or choose pixel_scale unit",
        )
    return one * values.reshape(1, -1, 1, 1)


def step_sizes(scale: Tensor, *, settings: Settings) -> Tensor:
    """The step of norm "linf" in units of [0, 1], for each channel: float32 [1, 3, 1, 1]."""
    sizes = settings.step * scale
    if not settings.quantised:
        return sizes
    return (sizes / LEVEL).round().clamp(min=1) * LEVEL


def _check_choice(name: str, value: str, *, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ParameterError(
            f"there is no such {name}",
            item=f"{name} {value!r}",
            remedy=f"Choose one of {', '.join(choices)}",
        )


def _error(item: str, *, what: str) -> ParameterError:
    return ParameterError(what, item=item, remedy="Choose a larger number")
