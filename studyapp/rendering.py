"""How an image becomes what raters see: the one place that renders stimuli."""

from __future__ import annotations

from django.core.files.storage import default_storage

from studyapp import storage
from studyapp.errors import ImageInputError
from studyapp.identity import center_crop_rendering, made_rendering, rendered_stimulus_hash
from studyapp.imaging import encode_png, open_upright, render_center_crop
from studyapp.models import Image, Stimulus, Study
from studyapp.selectors.populations import Made, Picture


def render(image: Image, *, resize: int, crop: int) -> bytes:
    """The image as raters see it, as the bytes of a PNG file.

    Raises ImageInputError where the image has no file, or one that cannot be used.
    """
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
    return encode_png(render_center_crop(upright, resize=resize, crop=crop))


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


def made_stimulus(image: Image, *, made: Made, stimulus_hash: str) -> Stimulus:
    """The stimulus of a picture that is stored as raters see it, its row not saved yet."""
    item = f"image {image.image_id}"
    try:
        with default_storage.open(made.file) as source:
            width, height = open_upright(source.read(), item=item).size
    except FileNotFoundError as error:
        raise ImageInputError(
            f"its picture {made.file} is not in the storage",
            item=item,
            remedy="Run explain for its set again",
        ) from error
    return Stimulus(
        stimulus_hash=stimulus_hash,
        image=image,
        file=made.file,
        width=width,
        height=height,
        rendering=_how_made(made),
    )


def picture_hash(picture: Picture, *, study: Study) -> str:
    """Identity of the picture as the study shows it, whether it was rendered yet or not."""
    rendering = (
        center_crop_rendering(resize=study.render_resize, crop=study.render_crop)
        if picture.made is None
        else _how_made(picture.made)
    )
    return rendered_stimulus_hash(picture.image.content_hash or "", rendering=rendering)


def stimulus_of(picture: Picture, *, study: Study) -> Stimulus:
    """The stimulus of a picture of the population, its row not saved yet. Raises as `render`."""
    if picture.made is None:
        return rendered_stimulus(picture.image, resize=study.render_resize, crop=study.render_crop)
    text = picture_hash(picture, study=study)
    return made_stimulus(picture.image, made=picture.made, stimulus_hash=text)


def _how_made(made: Made) -> dict[str, object]:
    return made_rendering(
        made.method,
        file=made.file,
        parameters_hash=made.parameters_hash,
        weights_hash=made.weights_hash,
    )
