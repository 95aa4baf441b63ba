"""Score-CAM: features weighed by what the model says of the image seen through each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explain.classifiers import Classifier
from explain.errors import ParameterError
from explain.provenance import record
from explain.saliency.formula import exact, weighted
from explain.saliency.head import check_finite, forward
from explain.saliency.maps import Finished, SaliencyMaps, Scaling, finish, joined
from explain.saliency.masks import Masks, background
from explain.saliency.memory import in_batches
from explain.saliency.question import Question, ask
from explain.saliency.upsampling import Upsampling
from explain.types import Images

Variant: TypeAlias = Literal["paper", "official", "pgc", "szyc"]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of Score-CAM.

    probability    the score of a mask is the class's softmax probability, and its weight too; else
                   it is the logit, and the weights are the softmax of a channel's among all
    align_corners  of the enlargement of the masks
    from_zero      features are cut at 0 and divided by their range, but their smallest value is not
                   taken off; the map adds up these divided features
    inner          look at the last convolution of the stage, not at the stage's output
    scaling        how the map is stretched to [0, 1]
    """

    probability: bool = False
    align_corners: bool = False
    from_zero: bool = False
    inner: bool = False
    scaling: Scaling = "grid"


_READINGS: Mapping[str, _Reading] = {
    "paper": _Reading(),
    "official": _Reading(probability=True, scaling="pixels"),
    "pgc": _Reading(align_corners=True, scaling="pgc"),
    "szyc": _Reading(probability=True, from_zero=True, inner=True, scaling="pixels"),
}


def score_cam(
    classifier: Classifier,
    images: Images,
    classes: Sequence[int] | npt.NDArray[np.integer],
    *,
    variant: Variant = "paper",
    hidden: tuple[float, float, float] | None = None,
    layer: str | None = None,
    batch_size: int | None = None,
) -> SaliencyMaps:
    """Maps of the evidence for one class in each image (Wang et al. 2020, eq. 2-5, algorithm 1).

    images, classes, layer, batch_size  as in grad_cam_pp
    variant  "paper": a channel's weight is the softmax, over channels, of the class's logit behind
             the channel's mask. "official", the authors' code: it is the class's probability. "pgc"
             and "szyc": as pytorch-grad-cam and the code of Szyc et al. compute it
    hidden   RGB in [0, 1] shown where a mask is 0; None for the mean colour that the model's
             normalisation takes off (0 after it, as in every implementation)

    Channels that are the same everywhere mask nothing: they weigh 0 and cost nothing. Costs one
    forward pass for each other channel of each image, streamed in batches across images; memory
    does not depend on the number of channels. A map depends on its own image only, up to rounding.

    Raises as grad_cam_pp does.
    """
    if variant not in _READINGS:
        names = ", ".join(_READINGS)
        raise ParameterError(
            "Score-CAM has no such variant",
            item=f"variant {variant!r}",
            remedy=f"Choose one of {names}",
        )
    reading = _READINGS[variant]
    question = ask(
        classifier, images, classes, layer=layer, inner=reading.inner, batch_size=batch_size
    )
    colour = background(classifier, hidden)
    run = _Run(question=question, reading=reading, hidden=colour)
    in_batches(run.work, count=len(images), size=question.batch_size, device=classifier.device)
    provenance = record(
        classifier,
        method="score_cam",
        parameters={"variant": variant, "hidden": " ".join(f"{value:.6g}" for value in colour)},
        layer=question.layer_name,
    )
    return joined(
        run.finished, classes=question.classes, size=classifier.input_size, provenance=provenance
    )


@dataclass(slots=True)
class _Run:
    question: Question
    reading: _Reading
    hidden: tuple[float, float, float]
    finished: list[Finished] = field(default_factory=list)

    def work(self, start: int, stop: int) -> None:
        classifier, size = self.question.classifier, self.question.classifier.input_size
        images = classifier.tensor(self.question.images[start:stop])
        clean = forward(self.question, images)
        check_finite(clean.logits, question=self.question, images=np.arange(start, stop))
        features = clean.features.float()
        features = features.relu() if self.reading.from_zero else features
        height, width = features.shape[2:]
        masks = Masks(
            features=features,
            upsampling=Upsampling.between(
                (height, width),
                size=size,
                device=images.device,
                align_corners=self.reading.align_corners,
            ),
            from_zero=self.reading.from_zero,
        )
        weights = self._weights(masks, images=images, first=start)
        summed = exact(features)
        if self.reading.from_zero:
            summed = summed / exact(masks.ranges())[..., None, None]
        sums = weighted(summed, weights.to(summed.device))
        enlarged = Upsampling.between((height, width), size=size, device=sums.device)
        self.finished.append(finish(sums, upsampling=enlarged, scaling=self.reading.scaling))

    def _weights(self, masks: Masks, *, images: Tensor, first: int) -> Tensor:
        """float64 [n, C] on the processor; 0 for a channel without a mask."""
        classifier = self.question.classifier
        pairs = masks.live()
        scores = torch.full(masks.features.shape[:2], -torch.inf, dtype=torch.float64)
        colour = torch.tensor(self.hidden, device=images.device).view(1, 3, 1, 1)

        def work(start: int, stop: int) -> None:
            image, channel = pairs[start:stop].T
            composed = masks.through(images, image=image, channel=channel, hidden=colour)
            with torch.inference_mode():
                composed = composed.contiguous(memory_format=classifier.memory_format)
                logits = classifier.module(composed).float()
            of = image.cpu()
            check_finite(logits, question=self.question, images=first + of.numpy())
            asked = torch.from_numpy(self.question.classes[first + of.numpy()])[:, None]
            values = logits.softmax(1) if self.reading.probability else logits
            scores[of, channel.cpu()] = values.cpu().double().gather(1, asked)[:, 0]

        in_batches(work, count=len(pairs), size=self.question.batch_size, device=classifier.device)
        if self.reading.probability:
            return scores.clamp(min=0)
        # Without any mask the softmax would be of nothing but -inf.
        return scores.softmax(1).nan_to_num(0.0)
