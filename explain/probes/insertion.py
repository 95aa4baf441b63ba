"""An object pasted into images the model is sure of, and the model asked again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from explain.classifiers import Classifier
from explain.errors import ParameterError
from explain.probes.answers import Question, asker, check_seed, generators, probability
from explain.probes.types import Box, Probe
from explain.types import RGBAImage, RGBImage, RGBImages


def probe(
    classifier: Classifier,
    images: RGBImages,
    inserted: RGBAImage,
    *,
    draws: int = 1,
    scales: tuple[float, float] = (0.2, 0.4),
    confident: float = 0.9,
    classes: Sequence[int] | None = None,
    seed: int = 0,
    k: int = 5,
    batch_size: int | None = None,
) -> list[Probe]:
    """Does a thing that has nothing to do with it change the answer? `draws` results per image.

    images     uint8 [N, S, S, 3]
    inserted   uint8 [h, w, 4], RGB and alpha, not premultiplied: the object; a margin that is
               wholly transparent is cut off first
    draws      places and sizes per image, each drawn anew
    scales     the object's longer side as a share of S is drawn evenly between these two
    confident  the least probability of the followed class for an image to be used
    classes    the class to follow for each image; None for the most probable one before
    seed       of places and sizes; what is drawn for an image depends on its pixels alone

    The object lies wholly inside the frame, its upper left corner drawn evenly among the whole
    pixels where it does. It is resized (bilinear, antialiased, colours weighted by their alpha)
    and laid over the image: round(alpha * object + (1 - alpha) * image), alpha * object in 8 bits.

    Flag: "not_confident" (nothing was pasted; one result, the image as before).
    Raises ParameterError, ImageError for logits that are not finite, DeviceError.
    """
    check_seed(seed)
    _check(draws, scales)
    cut = _trimmed(inserted)
    asking = asker("insertion", classifier, images, classes=classes, k=k, batch_size=batch_size)
    questions: list[Question] = []
    for index, generator in enumerate(generators(images, seed=seed)):
        if probability(asking.plain[index], int(asking.classes[index])) < confident:
            questions.append(Question(index, None, flags=("not_confident",)))
            continue
        for _ in range(draws):
            box = _place(cut.size, side=len(images[index]), scales=scales, generator=generator)
            questions.append(Question(index, paste(images[index], cut, box=box), box=box))
    parameters = {"draws": draws, "scale_from": scales[0], "scale_to": scales[1]}
    return asking.ask(
        questions, provenance=asking.record({**parameters, "confident": confident}, seed=seed)
    )


def paste(image: RGBImage, inserted: Image.Image, *, box: Box) -> RGBImage:
    """uint8 [S, S, 3] with an RGBA picture resized into the pixels of a box laid over it."""
    left, top, right, bottom = box
    # Premultiplied, so that the colour of transparent pixels does not bleed into the edges.
    small = inserted.convert("RGBa").resize((right - left, bottom - top), Image.Resampling.BILINEAR)
    pixels = np.asarray(small, dtype=np.float64)
    probed = image.copy()
    under = probed[top:bottom, left:right]
    laid = pixels[..., :3] + under * (1 - pixels[..., 3:] / 255)
    probed[top:bottom, left:right] = np.clip(np.rint(laid), 0, 255).astype(np.uint8)
    return probed


def _check(draws: int, scales: tuple[float, float]) -> None:
    if draws < 1:
        raise ParameterError(
            "must be at least 1", item=f"draws = {draws}", remedy="Choose a larger number"
        )
    if not 0 < scales[0] <= scales[1] <= 1:
        raise ParameterError(
            "the object's size must be a share of the image, the smaller one first",
            item=f"scales = {scales}",
            remedy="Choose two numbers above 0 and up to 1, such as 0.2 and 0.4",
        )


def _trimmed(inserted: RGBAImage) -> Image.Image:
    if inserted.dtype != np.uint8 or inserted.ndim != 3 or inserted.shape[2] != 4:
        raise ParameterError(
            f"the object is {inserted.dtype} {inserted.shape}, not uint8 (height, width, 4)",
            item="probe insertion",
            remedy="Give red, green, blue and alpha, as a PNG with transparency has them",
        )
    picture = Image.fromarray(inserted)
    bounds = picture.getchannel("A").getbbox()
    if bounds is None:
        raise ParameterError(
            "the object is wholly transparent",
            item="probe insertion",
            remedy="Give a picture whose alpha is above 0 where the object is",
        )
    return picture.crop(bounds)


def _place(
    size: tuple[int, int],
    *,
    side: int,
    scales: tuple[float, float],
    generator: np.random.Generator,
) -> Box:
    factor = generator.uniform(*scales) * side / max(size)
    width, height = (min(max(round(length * factor), 1), side) for length in size)
    left = int(generator.integers(0, side - width, endpoint=True))
    top = int(generator.integers(0, side - height, endpoint=True))
    return left, top, left + width, top + height
