"""What a classifier must keep, found out by one forward pass over noise."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from explain.callables import FOREIGN
from explain.errors import ModelError

_POOLINGS = (nn.AdaptiveAvgPool2d, nn.AvgPool2d)  # some leave more than one place, as in a VGG
_IMAGES = 2  # with one image, a module that forgets the batch would go unnoticed


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What one forward pass told about a module.

    n_classes  number of logits per image
    last_conv  the module whose output [N, channels, h, w] feeds the global pooling, by its place
               in the pass; None where there is no such stage (a transformer of tokens)
    logits     float32 [N, n_classes], finite
    """

    n_classes: int
    last_conv: nn.Module | None
    logits: Tensor


@dataclass(slots=True)
class _Stages:
    """Forward hook that remembers the last module whose output is a map of features."""

    calls: Counter[nn.Module] = field(default_factory=Counter)
    maps: list[nn.Module] = field(default_factory=list)

    def __call__(self, module: nn.Module, _inputs: object, output: object) -> None:
        self.calls[module] += 1
        if isinstance(module, _POOLINGS):
            return
        if isinstance(output, Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1:
            self.maps.append(module)
        elif isinstance(output, Tensor) and output.ndim == 3:
            self.maps.clear()  # tokens: what came before is no last stage

    def last(self) -> nn.Module | None:
        # An activation shared by many layers says nothing about where it was called from.
        return next((m for m in reversed(self.maps) if self.calls[m] == 1), None)


def check(module: nn.Module, *, images: Tensor, item: str) -> Findings:
    """Run a module on float32 [N, 3, S, S] in [0, 1] and look at what comes out.

    Raises ModelError if the pass fails, or its result is not [N, classes] of finite numbers.
    """
    stages = _Stages()
    hooks = [part.register_forward_hook(stages) for part in module.modules() if part is not module]
    try:
        with torch.inference_mode():
            logits: object = module(images)
    except FOREIGN as error:
        raise ModelError(
            f"a forward pass over {tuple(images.shape)} failed ({type(error).__name__}: {error})",
            item=item,
            remedy="The module must take float32 RGB images in [0, 1] of its input_size",
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != len(images):
        shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise ModelError(
            f"for {len(images)} images the module returned {shape}, not ({len(images)}, classes)",
            item=item,
            remedy="Return one row of logits per image",
        )
    if not bool(torch.isfinite(logits).all()):
        raise ModelError(
            "the logits of a noise image are not finite numbers",
            item=item,
            remedy="Check the weights for NaN, and that they were copied whole",
        )
    declared: object = getattr(module, "last_conv", None)
    last_conv = declared if isinstance(declared, nn.Module) else stages.last()
    return Findings(n_classes=logits.shape[1], last_conv=last_conv, logits=logits)


def noise(input_size: int) -> Tensor:
    """The images `check` is run on: uint8 [2, S, S, 3], the same on every machine."""
    generator = torch.Generator().manual_seed(0)
    shape = (_IMAGES, input_size, input_size, 3)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
