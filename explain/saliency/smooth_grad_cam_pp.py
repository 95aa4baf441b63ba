"""Smooth Grad-CAM++: the gradient terms of Grad-CAM++ averaged over noisy copies of the image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explain.classifiers import Classifier
from explain.errors import ParameterError
from explain.provenance import record
from explain.saliency import noise
from explain.saliency.formula import EXACT, FORMULAS, Formula, exact, weighted
from explain.saliency.head import check_finite, gradients
from explain.saliency.maps import Finished, SaliencyMaps, finish, joined, stretched, unstretched
from explain.saliency.memory import in_batches
from explain.saliency.question import Question, ask
from explain.saliency.upsampling import Upsampling
from explain.types import Images


def smooth_grad_cam_pp(
    classifier: Classifier,
    images: Images,
    classes: Sequence[int] | npt.NDArray[np.integer],
    *,
    n_samples: int = 25,
    spread: float = 0.15,
    seed: int = 0,
    layer: str | None = None,
    compat: Literal["szyc"] | None = None,
    batch_size: int | None = None,
) -> SaliencyMaps:
    """Maps of the evidence for one class in each image (Omeiza et al. 2019, eq. 9-11).

    images, classes, layer, batch_size  as in grad_cam_pp
    n_samples  noisy copies per image
    spread     standard deviation of the noise, as a share of the image's largest minus smallest
               value; the copies are not cut to [0, 1]. With 0 the result is that of grad_cam_pp
    seed       of the noise: the same for every image, wherever it stands in a batch
    compat     None: means of g, g^2 and g^3 over the copies go into one formula, with the features
               of the clean image. "szyc", as the code of Szyc et al.: the mean of the copies' own
               maps, each of the class predicted for that copy whatever `classes` says, with noise
               of spread / (largest - smallest), at the last convolution

    Costs n_samples + 1 forward passes. Keeps n_samples noise images of the input's size.

    Raises as grad_cam_pp does.
    """
    _check(n_samples=n_samples, spread=spread, compat=compat)
    formula = EXACT if compat is None else FORMULAS[compat]
    question = ask(
        classifier, images, classes, layer=layer, inner=formula.inner, batch_size=batch_size
    )
    run = _Run(
        question=question,
        formula=formula,
        noise=noise.draw(n_samples=n_samples, size=classifier.input_size, seed=seed).to(
            classifier.device
        ),
        spread=spread,
        own_maps=compat == "szyc",
    )
    in_batches(
        run.work,
        count=len(images) * (n_samples + 1),
        size=question.batch_size,
        device=classifier.device,
    )
    provenance = record(
        classifier,
        method="smooth_grad_cam_pp",
        parameters={
            "n_samples": n_samples,
            "spread": spread,
            "compat": compat,
            "eps": formula.epsilon,
            "explained": "the class given" if compat is None else "the class predicted per copy",
        },
        seed=seed,
        layer=question.layer_name,
    )
    return joined(
        run.finished, classes=question.classes, size=classifier.input_size, provenance=provenance
    )


@dataclass(slots=True)
class _Run:
    """All copies of all images in one row: the clean image, its noisy copies, the next image.

    clean  float64 [C, h, w], features of the image whose copies are being added up
    terms  float64 [3, C, h, w], sums of g, g^2, g^3 over its copies so far; with `own_maps`
           float64 [h, w], the sum of the copies' maps
    """

    question: Question
    formula: Formula
    noise: Tensor
    spread: float
    own_maps: bool
    clean: Tensor = field(default_factory=lambda: torch.empty(0))
    terms: Tensor = field(default_factory=lambda: torch.empty(0))
    finished: list[Finished] = field(default_factory=list)

    def work(self, start: int, stop: int) -> None:
        before = self.clean, self.terms, list(self.finished)
        try:
            self._add(np.arange(start, stop))
        except torch.OutOfMemoryError:
            self.clean, self.terms, self.finished = before
            raise

    def _add(self, places: npt.NDArray[np.int64]) -> None:
        image, copy = np.divmod(places, len(self.noise) + 1)
        asked = torch.from_numpy(self.question.classes[image]).to(self.noise.device)
        done, found = gradients(
            self.question, self._copies(image, copy), classes=None if self.own_maps else asked
        )
        check_finite(done.logits, question=self.question, images=image)
        for at in np.unique(image):
            rows = np.flatnonzero(image == at)
            part = slice(rows[0], rows[-1] + 1)
            self._add_copies(
                exact(done.features[part]), exact(found[part]), first_copy=int(copy[rows[0]])
            )
            if copy[rows[-1]] == len(self.noise):
                self.finished.append(self._finish())

    def _copies(self, image: npt.NDArray[np.int64], copy: npt.NDArray[np.int64]) -> Tensor:
        """The pixels of these copies; copy 0 of an image is the clean one."""
        classifier = self.question.classifier
        clean = classifier.tensor(self.question.images[image[0] : image[-1] + 1])
        scale = (noise.szyc_deviation if self.own_maps else noise.deviation)(
            clean, spread=self.spread
        )
        of, sample = (torch.from_numpy(n).to(clean.device) for n in (image - image[0], copy - 1))
        drawn = torch.where(
            (sample >= 0).view(-1, 1, 1, 1), scale[of] * self.noise[sample.clamp(min=0)], 0.0
        )
        copies = (clean[of] + drawn).to(clean.dtype)
        return copies.contiguous(memory_format=classifier.memory_format)

    def _add_copies(self, features: Tensor, first: Tensor, *, first_copy: int) -> None:
        """Features and gradients of consecutive copies of one image."""
        if first_copy == 0:
            self.clean = features[0]
            features, first = features[1:], first[1:]
        if self.own_maps:
            weights = self.formula.weights(features, first=first, second=first**2, third=first**3)
            added = stretched(weighted(features, weights).relu()).sum(0)
        else:
            added = torch.stack([(first**power).sum(0) for power in (1, 2, 3)])
        self.terms = added if first_copy == 0 else self.terms + added

    def _finish(self) -> Finished:
        means = self.terms / len(self.noise)
        height, width = means.shape[-2:]
        upsampling = Upsampling.between(
            (height, width), size=self.question.classifier.input_size, device=means.device
        )
        if self.own_maps:
            return unstretched(means[None], upsampling=upsampling)
        features = self.clean[None]
        first, second, third = (term[None] for term in means)
        weights = self.formula.weights(features, first=first, second=second, third=third)
        return finish(weighted(features, weights), upsampling=upsampling)


def _check(*, n_samples: int, spread: float, compat: object) -> None:
    if n_samples < 1:
        raise ParameterError(
            "must be at least 1", item=f"n_samples = {n_samples}", remedy="Choose a larger number"
        )
    if not 0 <= spread < math.inf:
        raise ParameterError(
            "must be a number from 0 on", item=f"spread = {spread}", remedy="Choose 0.15 or so"
        )
    if compat not in (None, "szyc"):
        raise ParameterError(
            "Smooth Grad-CAM++ is not known in this form",
            item=f"compat {compat!r}",
            remedy="Choose None or 'szyc'",
        )
