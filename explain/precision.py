"""A network's layers in bfloat16, its face in float32."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import torch
from torch import Tensor, nn

from explain.errors import ParameterError

Precision: TypeAlias = Literal["fp32", "bf16"]
"""Of the arithmetic: float32, or bfloat16 with its 8 bits of mantissa."""

# Their running statistics are float32, and torch wants their weights alike; a bfloat16 input is
# computed with as it is.
_KEPT = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def check(precision: str) -> None:
    """Raise ParameterError unless `precision` is one of Precision."""
    if precision not in get_args(Precision):
        raise ParameterError(
            "there is no such precision",
            item=f"precision {precision!r}",
            remedy=f"Choose one of {', '.join(get_args(Precision))}",
        )


def use_bf16(module: nn.Module) -> None:
    """Make a float32 module compute in bfloat16 from its first layer to its last, in place.

    It still takes float32 images and returns float32 logits. Its parameters become bfloat16 (those
    of batch norms that were not folded stay), and each layer that has any casts its input alike.
    So the arithmetic before the first layer, which is the normalisation, stays in float32, where a
    pixel keeps its 8 bits; between the layers activations are bfloat16.
    """
    for part in module.modules():
        own = list(part.parameters(recurse=False))
        if not own or isinstance(part, _KEPT):
            continue
        for parameter in own:
            if parameter.dtype == torch.float32:
                parameter.data = parameter.data.to(torch.bfloat16)
        if part is not module:  # what the outermost module is given are the images themselves
            part.register_forward_pre_hook(_cast_inputs, with_kwargs=True)
    module.register_forward_hook(_to_fp32)


def _cast_inputs(
    _module: nn.Module, inputs: tuple[object, ...], named: dict[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    return tuple(map(_lower, inputs)), {name: _lower(value) for name, value in named.items()}


def _lower(value: object) -> object:
    if isinstance(value, Tensor) and value.dtype == torch.float32:
        return value.to(torch.bfloat16)
    return value


def _to_fp32(_module: nn.Module, _inputs: object, logits: object) -> object:
    return logits.float() if isinstance(logits, Tensor) else logits
