"""Features of a layer, and the gradient of a class in them, for the cost of one forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explain.errors import ImageError, ModelError
from explain.saliency.question import Question


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """What one pass told about n images.

    features  [n, C, h, w], the layer's output
    logits    float32 [n, classes]
    """

    features: Tensor
    logits: Tensor


def forward(question: Question, images: Tensor) -> Pass:
    """float32 [n, 3, S, S] in [0, 1] on the device -> features and logits, without gradients."""
    with torch.no_grad(), _listening(question) as outputs:
        logits: Tensor = question.classifier.module(images)
    return Pass(features=_only(outputs, question=question), logits=logits.float())


def gradients(question: Question, images: Tensor, *, classes: Tensor | None) -> tuple[Pass, Tensor]:
    """The pass, and the gradient [n, C, h, w] of each image's class logit in its features.

    classes  int64 [n]; None for the class that the model predicts for each

    The parameters are frozen and the pixels ask for no gradient, so the graph begins at the layer:
    nothing below it is kept or gone back through.
    """
    with torch.enable_grad(), _listening(question) as outputs:
        logits: Tensor = question.classifier.module(images)
        features = _only(outputs, question=question)
        chosen = logits.detach().argmax(1) if classes is None else classes
        total = logits.gather(1, chosen[:, None]).sum()
        found = _gradient(total, features)
    if found is None:
        raise ModelError(
            f"its logits do not depend on layer {question.layer_name!r}",
            item=f"model {question.classifier.name!r}",
            remedy="Name a layer that the classification passes through",
        )
    return Pass(features=features.detach(), logits=logits.detach().float()), found


def check_finite(logits: Tensor, *, question: Question, images: npt.NDArray[np.int64]) -> None:
    """Raise ImageError for the first row that is not finite; `images` says whose the rows are."""
    good = torch.isfinite(logits).all(1).cpu().numpy()
    if not good.all():
        raise ImageError(
            f"the logits of {question.classifier.name} are not finite numbers",
            item=f"image {int(images[~good][0])}",
            remedy="Leave the image out, or check the model's weights",
        )


def _gradient(total: Tensor, features: Tensor) -> Tensor | None:
    if not total.requires_grad:
        return None
    (found,) = torch.autograd.grad(total, features, allow_unused=True)
    return found


@contextmanager
def _listening(question: Question) -> Iterator[list[object]]:
    """Collect the layer's outputs, and let the graph, if there is one, begin with them."""
    outputs: list[object] = []

    def hook(_module: object, _inputs: object, output: object) -> object:
        if not isinstance(output, Tensor):
            outputs.append(output)
            return None
        leaf = output.detach().requires_grad_(torch.is_grad_enabled())
        outputs.append(leaf)
        # A copy, because what follows may work in place (DenseNet's last ReLU does).
        return leaf.clone()

    handle = question.layer.register_forward_hook(hook)
    try:
        yield outputs
    finally:
        handle.remove()


def _only(outputs: list[object], *, question: Question) -> Tensor:
    output = outputs[0] if len(outputs) == 1 else None
    if isinstance(output, Tensor) and output.ndim == 4:
        return output
    shape = tuple(output.shape) if isinstance(output, Tensor) else f"{len(outputs)} outputs"
    raise ModelError(
        f"layer {question.layer_name!r} gave {shape} in one pass, not one map of features"
        " [N, channels, h, w]",
        item=f"model {question.classifier.name!r}",
        remedy="Name a layer of maps that the pass goes through once",
    )
