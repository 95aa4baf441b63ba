"""What is asked of a classifier, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
from torch import nn

from explain import device as devices
from explain.classifiers import Classifier
from explain.errors import ImageError, ModelError, ParameterError
from explain.types import Images


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Images, the class asked about in each, and the layer whose features are weighed.

    images      [N, S, S, 3]
    classes     int64 [N]
    layer       the module, and `layer_name`, its dotted name within classifier.module
    batch_size  images per forward pass
    """

    classifier: Classifier
    images: Images
    classes: npt.NDArray[np.int64]
    layer: nn.Module
    layer_name: str
    batch_size: int


def ask(
    classifier: Classifier,
    images: Images,
    classes: Sequence[int] | npt.NDArray[np.integer],
    *,
    layer: str | None,
    inner: bool = False,
    batch_size: int | None,
) -> Question:
    """The question, if it can be asked.

    layer  a dotted name within classifier.module; None for the last stage, or with `inner` for the
           last convolution in it (its own output, before normalisation and shortcut)

    Raises ImageError, ParameterError or ModelError.
    """
    _check_images(images, classifier=classifier)
    size = devices.batch_size(classifier.device, input_size=classifier.input_size)
    size = size if batch_size is None else batch_size
    if size < 1:
        raise ParameterError(
            "must be at least 1", item=f"batch_size = {size}", remedy="Choose a larger number"
        )
    name, module = _layer(classifier, layer, inner=inner)
    return Question(
        classifier=classifier,
        images=images,
        classes=_classes(classes, count=len(images), n_classes=classifier.n_classes),
        layer=module,
        layer_name=name,
        batch_size=size,
    )


def _check_images(images: Images, *, classifier: Classifier) -> None:
    side = classifier.input_size
    expected = images.ndim == 4 and images.shape[1:] == (side, side, 3)
    if not expected or images.dtype not in (np.uint8, np.float32):
        raise ImageError(
            f"an array {images.shape} of {images.dtype} is not [N, {side}, {side}, 3] of uint8, or"
            " of float32 in [0, 1]",
            item="the images",
            remedy="Prepare each image with classifier.prepare and stack the results",
        )
    if images.dtype == np.float32:
        # Written so that NaN is refused as well.
        inside = ((images >= 0) & (images <= 1)).all(axis=(1, 2, 3))
        if not inside.all():
            raise ImageError(
                "its pixels are not all in [0, 1]",
                item=f"image {int(np.flatnonzero(~inside)[0])}",
                remedy="Give RGB in [0, 1]; the model normalises for itself",
            )


def _classes(
    classes: Sequence[int] | npt.NDArray[np.integer], *, count: int, n_classes: int
) -> npt.NDArray[np.int64]:
    asked = np.asarray(classes)
    if asked.shape != (count,) or (count and not np.issubdtype(asked.dtype, np.integer)):
        raise ParameterError(
            f"{count} images need {count} whole numbers, one class each",
            item=f"classes {asked.shape} of {asked.dtype}",
            remedy="Give one class index per image",
        )
    wrong = asked[(asked < 0) | (asked >= n_classes)]
    if len(wrong):
        raise ParameterError(
            f"the model tells {n_classes} classes apart, 0 to {n_classes - 1}",
            item=f"class {int(wrong[0])}",
            remedy="Give indices of the model's own class list",
        )
    return asked.astype(np.int64)


def _layer(classifier: Classifier, wanted: str | None, *, inner: bool) -> tuple[str, nn.Module]:
    modules = dict(classifier.module.named_modules())
    item = f"model {classifier.name!r}"
    if wanted is not None:
        if not wanted or wanted not in modules:
            raise ModelError(
                f"it has no layer {wanted!r}",
                item=item,
                remedy="Give a dotted name within the model, such as network.layer4.2.conv3",
            )
        return wanted, modules[wanted]
    if classifier.last_conv is None:
        raise ModelError(
            "it has no last convolutional stage, whose features a class activation map weighs",
            item=item,
            remedy="Name a layer of maps as `layer`, set last_conv on the module, or use LIME",
        )
    stage = next(name for name, part in modules.items() if part is classifier.last_conv)
    return _last_convolution(stage, classifier.last_conv) if inner else (stage, modules[stage])


def _last_convolution(stage: str, module: nn.Module) -> tuple[str, nn.Module]:
    inside = [
        (f"{stage}.{name}" if name else stage, part)
        for name, part in module.named_modules()
        if isinstance(part, nn.Conv2d)
    ]
    # A pooling layer, as AlexNet's last stage is one, is looked at itself.
    return cast(tuple[str, nn.Module], inside[-1]) if inside else (stage, module)
