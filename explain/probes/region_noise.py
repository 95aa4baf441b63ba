"""A region of the image drowned in noise, and the model asked again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from explain.classifiers import Classifier
from explain.errors import ParameterError
from explain.probes.answers import Question, asker, check_seed, generators
from explain.probes.types import Box, Probe
from explain.types import Boxes, RGBImage, RGBImages

Noise: TypeAlias = Literal["uniform", "shuffled"]
Where: TypeAlias = Literal["inside", "outside"]


def probe(
    classifier: Classifier,
    images: RGBImages,
    boxes: Sequence[Boxes],
    *,
    noise: Noise = "uniform",
    where: Where = "inside",
    classes: Sequence[int] | None = None,
    seed: int = 0,
    k: int = 5,
    batch_size: int | None = None,
) -> list[Probe]:
    """Is the class still seen when its object is not? One result per image, in their order.

    images   uint8 [N, S, S, 3]
    boxes    float64 [B, 4] for each image, in pixels of the model's input, as
             `Preparation.boxes` gives them; every pixel they touch is covered, overlaps once
    noise    "uniform": each channel of each pixel drawn from 0..255 (the robustness score's
             paper, Fig. 1 d); "shuffled": the region's own pixels in a random order, which keeps
             its colours and takes its shapes
    where    cover the boxes, or everything but them
    classes  the class to follow for each image; None for the most probable one before
    seed     of the noise; what is drawn for an image depends on its pixels alone

    Flags: "nothing_covered" (no pixel is; the image is as before), "all_covered".
    Raises ParameterError, ImageError for logits that are not finite, DeviceError.
    """
    check_seed(seed)
    _check(noise, where)
    if len(boxes) != len(images):
        raise ParameterError(
            f"{len(boxes)} lists of boxes for {len(images)} images",
            item="probe region_noise",
            remedy="Give one array of boxes per image, an empty one for none",
        )
    asking = asker("region_noise", classifier, images, classes=classes, k=k, batch_size=batch_size)
    sources = generators(images, seed=seed)
    return asking.ask(
        [
            _question(index, image, own, noise=noise, where=where, generator=generator)
            for index, (image, own, generator) in enumerate(
                zip(images, boxes, sources, strict=True)
            )
        ],
        provenance=asking.record({"noise": noise, "where": where}, seed=seed),
    )


def covered(boxes: Boxes, *, size: int) -> npt.NDArray[np.bool_]:
    """float64 [B, 4] -> bool [size, size]: the pixels that any of the boxes touches."""
    mask = np.zeros((size, size), dtype=bool)
    for left, top, right, bottom in np.asarray(boxes, dtype=np.float64).reshape(-1, 4):
        if right > left and bottom > top:
            rows = slice(max(int(np.floor(top)), 0), max(int(np.ceil(bottom)), 0))
            columns = slice(max(int(np.floor(left)), 0), max(int(np.ceil(right)), 0))
            mask[rows, columns] = True
    return mask


def _check(noise: str, where: str) -> None:
    for name, value, known in (
        ("noise", noise, get_args(Noise)),
        ("where", where, get_args(Where)),
    ):
        if value not in known:
            raise ParameterError(
                "there is no such choice",
                item=f"{name} = {value!r}",
                remedy=f"Choose one of {', '.join(known)}",
            )


def _question(
    index: int,
    image: RGBImage,
    boxes: Boxes,
    *,
    noise: Noise,
    where: Where,
    generator: np.random.Generator,
) -> Question:
    inside = covered(boxes, size=len(image))
    mask = inside if where == "inside" else ~inside
    if not mask.any():
        return Question(index, None, box=_bounds(inside), flags=("nothing_covered",))
    probed = image.copy()
    if noise == "uniform":
        probed[mask] = generator.integers(0, 256, (int(mask.sum()), 3), dtype=np.uint8)
    else:
        probed[mask] = generator.permutation(image[mask], axis=0)
    flags = ("all_covered",) if mask.all() else ()
    return Question(index, probed, box=_bounds(inside), flags=flags)


def _bounds(mask: npt.NDArray[np.bool_]) -> Box | None:
    """The smallest box around what is covered."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
