"""Grad-CAM++: features weighed by how their presence, place by place, raises the class's logit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from explain.classifiers import Classifier
from explain.errors import ParameterError
from explain.provenance import record
from explain.saliency.formula import FORMULAS, Compat, exact, weighted
from explain.saliency.head import check_finite, gradients
from explain.saliency.maps import Finished, SaliencyMaps, finish, joined
from explain.saliency.memory import in_batches
from explain.saliency.question import ask
from explain.saliency.upsampling import Upsampling
from explain.types import Images


def grad_cam_pp(
    classifier: Classifier,
    images: Images,
    classes: Sequence[int] | npt.NDArray[np.integer],
    *,
    layer: str | None = None,
    compat: Compat | None = None,
    batch_size: int | None = None,
) -> SaliencyMaps:
    """Maps of the evidence for one class in each image (Chattopadhay et al. 2018, eq. 9-11, 19).

    images      [N, S, S, 3], uint8 or float32 in [0, 1]
    classes     N class indices
    layer       dotted name within classifier.module; None for the output of the last stage
    compat      None for the formula as it stands, in float64; or what another implementation
                makes of it: "pgc" (pytorch-grad-cam: 1e-6 in the denominator, the map stretched
                once more after it is enlarged), "torchcam" (1e-8, another sum), "szyc" (the code of
                Szyc et al.: 1e-7, that sum, the last convolution instead of the stage's output)
    batch_size  images per forward pass; None for what suits the device

    Costs one forward pass: the gradient goes back through the head alone. A map depends on its own
    image only, up to the rounding of the forward pass (1e-5).

    Raises ParameterError, ModelError (no such layer, or no last stage), DeviceError, or ImageError
    for images of another shape and for logits that are not finite.
    """
    if compat not in FORMULAS:
        raise _unknown(compat)
    formula = FORMULAS[compat]
    question = ask(
        classifier, images, classes, layer=layer, inner=formula.inner, batch_size=batch_size
    )
    targets = torch.from_numpy(question.classes).to(classifier.device)
    parts: list[Finished] = []

    def work(start: int, stop: int) -> None:
        tensor = classifier.tensor(images[start:stop])
        done, found = gradients(question, tensor, classes=targets[start:stop])
        check_finite(done.logits, question=question, images=np.arange(start, stop))
        features, first = exact(done.features), exact(found)
        weights = formula.weights(features, first=first, second=first**2, third=first**3)
        sums = weighted(features, weights)
        upsampling = Upsampling.between(
            (sums.shape[1], sums.shape[2]), size=classifier.input_size, device=sums.device
        )
        parts.append(finish(sums, upsampling=upsampling, scaling=formula.scaling))

    in_batches(work, count=len(images), size=question.batch_size, device=classifier.device)
    provenance = record(
        classifier,
        method="grad_cam_pp",
        parameters={"compat": compat, "eps": formula.epsilon},
        layer=question.layer_name,
    )
    return joined(
        parts, classes=question.classes, size=classifier.input_size, provenance=provenance
    )


def _unknown(compat: object) -> ParameterError:
    names = ", ".join(repr(name) for name in FORMULAS)
    return ParameterError(
        "Grad-CAM++ is not known in this form",
        item=f"compat {compat!r}",
        remedy=f"Choose one of {names}",
    )
