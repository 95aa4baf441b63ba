"""How an image becomes what raters see: the one place that renders stimuli."""

from __future__ import annotations

import io

import numpy as np
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from studyapp import overlays, storage
from studyapp.errors import ImageInputError
from studyapp.identity import (
    center_crop_rendering,
    framed_rendering,
    made_rendering,
    mapped_rendering,
    rendered_stimulus_hash,
)
from studyapp.imaging import encode_png, open_upright, render_center_crop
from studyapp.models import Image, Stimulus, Study
from studyapp.selectors.populations import Framed, Made, Mapped, Picture

#: Pixels between a square and its map, and their grey.
_GAP, _GREY = 8, 128


def render(image: Image, *, resize: int, crop: int) -> bytes:
    """The image as raters see it, as the bytes of a PNG file.

    Raises ImageInputError where the image has no file, or one that cannot be used.
    """
    return encode_png(_cropped(image, resize=resize, crop=crop))


def _cropped(image: Image, *, resize: int, crop: int) -> PILImage.Image:
    item = f"image {image.image_id}"
    if not image.file:
        raise ImageInputError(
            "it is known by id only", item=item, remedy="Import its file with import_images"
        )
    try:
        with default_storage.open(image.file) as source:
            upright = open_upright(source.read(), item=item)
    except FileNotFoundError as error:
        raise ImageInputError(
            f"its file {image.file} is not in the storage",
            item=item,
            remedy="Run import_images for its set again",
        ) from error
    return render_center_crop(upright, resize=resize, crop=crop)


def render_picture(picture: Picture, *, study: Study) -> bytes:
    """The picture as the study shows it, as bytes of a PNG file. Raises as `render`."""
    resize, crop = study.render_resize, study.render_crop
    if picture.made is None:
        return render(picture.image, resize=resize, crop=crop)
    item = f"image {picture.image.image_id}"
    if isinstance(picture.made, Framed):
        pixels = np.asarray(_cropped(picture.image, resize=resize, crop=crop))
        return encode_png(PILImage.fromarray(overlays.framed(pixels, boxes=picture.made.boxes)))
    if isinstance(picture.made, Mapped):
        return encode_png(_beside(picture.made, side=crop, item=item))
    return _stored(picture.made.file, item=item)


def stimulus_of(picture: Picture, *, study: Study) -> Stimulus:
    """The stimulus of a picture of the population, its row not saved yet. Raises as `render`."""
    if picture.made is None:
        return rendered_stimulus(picture.image, resize=study.render_resize, crop=study.render_crop)
    content = render_picture(picture, study=study)
    item = f"image {picture.image.image_id}"
    width, height = open_upright(content, item=item).size
    return Stimulus(
        stimulus_hash=picture_hash(picture, study=study),
        image=picture.image,
        file=(
            picture.made.file
            if isinstance(picture.made, Made)
            else storage.store(content, folder="stimuli", suffix=".png")[0]
        ),
        width=width,
        height=height,
        rendering=_rendering(picture, study=study),
    )


def rendered_stimulus(image: Image, *, resize: int, crop: int) -> Stimulus:
    """The stimulus, its file stored and its row not yet. Raises as `render`."""
    content = render(image, resize=resize, crop=crop)
    file, _ = storage.store(content, folder="stimuli", suffix=".png")
    rendering = center_crop_rendering(resize=resize, crop=crop)
    return Stimulus(
        stimulus_hash=rendered_stimulus_hash(image.content_hash or "", rendering=rendering),
        image=image,
        file=file,
        width=crop,
        height=crop,
        rendering=rendering,
    )


def picture_hash(picture: Picture, *, study: Study) -> str:
    """Identity of the picture as the study shows it, whether it was rendered yet or not."""
    rendering = _rendering(picture, study=study)
    return rendered_stimulus_hash(picture.image.content_hash or "", rendering=rendering)


def _rendering(picture: Picture, *, study: Study) -> dict[str, object]:
    made, resize, crop = picture.made, study.render_resize, study.render_crop
    if made is None:
        return center_crop_rendering(resize=resize, crop=crop)
    if isinstance(made, Framed):
        return framed_rendering(made.boxes, resize=resize, crop=crop)
    if isinstance(made, Mapped):
        return mapped_rendering(made.square, saliency=made.map, side=crop)
    return made_rendering(
        made.method,
        file=made.file,
        parameters_hash=made.parameters_hash,
        weights_hash=made.weights_hash,
    )


def _beside(made: Mapped, *, side: int, item: str) -> PILImage.Image:
    """The square, and the map over it in grey, each enlarged to the study's own size."""
    square = np.asarray(open_upright(_stored(made.square, item=item), item=item))
    with np.load(io.BytesIO(_stored(made.map, item=item))) as arrays:
        mapped = overlays.heat(square, saliency=arrays["map"])
    whole = PILImage.new("RGB", (2 * side + _GAP, side), (_GREY,) * 3)
    for at, pixels in enumerate((square, mapped)):
        one = PILImage.fromarray(pixels).resize((side, side), PILImage.Resampling.BICUBIC)
        whole.paste(one, (at * (side + _GAP), 0))
    return whole


def _stored(file: str, *, item: str) -> bytes:
    try:
        with default_storage.open(file) as source:
            content: bytes = source.read()
    except FileNotFoundError as error:
        raise ImageInputError(
            f"its picture {file} is not in the storage",
            item=item,
            remedy="Run explain for its set again",
        ) from error
    return content
