"""A model of one's own: module:callable, called with the weights' path."""

from __future__ import annotations

import importlib
import operator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor, nn

from explain.errors import ModelError

# What a stranger's code is likely to raise; anything else keeps its traceback.
FOREIGN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


def build(spec: str, *, weights: Path | None) -> nn.Module:
    """What the callable named by "module:callable" returns when called with the path, or None.

    It must be a torch module on float32 [N, 3, S, S] RGB in [0, 1] that returns logits
    [N, classes], with an attribute `input_size` (S). It may have an attribute `preprocess`, a
    callable that turns a PIL image into a float tensor [3, S, S] in [0, 1] or a PIL image of
    S x S, and an attribute `last_conv`, the module whose output feeds the global pooling.

    Raises ModelError if the name leads nowhere, the call fails, or no torch module comes back.
    """
    module_name, _, name = spec.partition(":")
    item = f"model {spec!r}"
    try:
        module = importlib.import_module(module_name)
    except FOREIGN as error:
        raise ModelError(
            f"the module {module_name!r} cannot be imported ({_reason(error)})",
            item=item,
            remedy="Check its name, and run from the folder it lies in or put it on PYTHONPATH",
        ) from error
    try:
        factory = operator.attrgetter(name)(module)
    except AttributeError as error:
        raise ModelError(
            f"the module {module_name!r} has no {name!r}",
            item=item,
            remedy="Check the name after the colon",
        ) from error
    try:
        built = factory(weights)
    except FOREIGN as error:
        raise ModelError(
            f"calling it with {weights} failed ({_reason(error)})",
            item=item,
            remedy="It takes one argument, the path of the weights or None",
        ) from error
    if not isinstance(built, nn.Module):
        raise ModelError(
            f"it returned {type(built).__name__}, not a torch module",
            item=item,
            remedy="Return a torch.nn.Module, ready for evaluation",
        )
    return built


def input_size(module: nn.Module, *, item: str) -> int:
    """The side of the square input, in pixels, that a module says it takes.

    Raises ModelError if it does not say, or not as a whole number above zero.
    """
    declared: object = getattr(module, "input_size", None)
    if isinstance(declared, int) and not isinstance(declared, bool) and declared > 0:
        return declared
    raise ModelError(
        "the module has no attribute input_size"
        if declared is None
        else f"input_size is {declared!r}, not a whole number of pixels",
        item=item,
        remedy="Set module.input_size to the side of its square input, such as 224",
    )


def prepared(result: object, *, input_size: int, item: str) -> npt.NDArray[np.float32]:
    """What a module's own preprocess returned -> float32 [S, S, 3] in [0, 1].

    Raises ModelError unless it is [3, S, S] in [0, 1] or an S x S image.
    """
    square = (input_size, input_size)
    if isinstance(result, Image.Image) and result.size == square:
        return np.array(result.convert("RGB"), dtype=np.float32) / np.float32(255)
    if isinstance(result, Tensor) and tuple(result.shape) == (3, *square):
        pixels = result.detach().to("cpu", torch.float32)
        if float(pixels.min()) >= 0 and float(pixels.max()) <= 1:
            return np.ascontiguousarray(pixels.permute(1, 2, 0).numpy())
        what = f"values from {float(pixels.min()):.3g} to {float(pixels.max()):.3g}, not in [0, 1]"
    elif isinstance(result, Image.Image):
        what = f"an image of {result.width} x {result.height}, not {input_size} x {input_size}"
    elif isinstance(result, Tensor):
        what = f"a tensor {tuple(result.shape)}, not (3, {input_size}, {input_size})"
    else:
        what = f"{type(result).__name__}, not a tensor or an image"
    raise ModelError(
        f"its preprocess returned {what}",
        item=item,
        remedy="Return float [3, S, S] in [0, 1] with S = input_size (normalisation belongs into"
        " the module), or an S x S image",
    )


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
