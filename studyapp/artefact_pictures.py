"""The pictures of an artefact by name: what stands beside each, and its bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from django.core.files.storage import default_storage
from django.db.models import Model
from django.http import Http404, HttpResponse
from PIL import Image as PILImage

from studyapp import overlays as draw
from studyapp.imaging import encode_png, open_upright
from studyapp.models import (
    AdversarialImage,
    AttentionImage,
    Example,
    ExampleSet,
    Image,
    ProbeResult,
    SaliencyMap,
)
from studyapp.vocabulary import ProbeKind

EXAMPLE_SIDE = 224


@dataclass(frozen=True)
class Shown:
    """A picture of a page. `text` is its alternative in words, `caption` stands below it."""

    name: str
    caption: str
    text: str
    pixels: Callable[[], draw.Pixels]

    def png(self) -> bytes:
        return encode_png(PILImage.fromarray(self.pixels()))


def square(name: str | None) -> draw.Pixels:
    """uint8 [H, W, 3] of a picture in the storage."""
    with default_storage.open(str(name)) as stream:
        return np.asarray(PILImage.open(stream).convert("RGB"))


def _numbers(name: str) -> npt.NDArray[np.integer]:
    with default_storage.open(name) as stream:
        return np.asarray(PILImage.open(stream))


def _map(name: str) -> npt.NDArray[np.float32]:
    with default_storage.open(name) as stream, np.load(io.BytesIO(stream.read())) as arrays:
        values: npt.NDArray[np.float32] = arrays["map"]
    return values


def _input(row: AttentionImage | AdversarialImage | SaliencyMap | ProbeResult) -> Shown:
    return Shown(
        name="input",
        caption="What the model saw",
        text=f"image {row.image.image_id}, cut to the model's square",
        pixels=lambda: square(row.input_file),
    )


def of_attention(row: AttentionImage) -> list[Shown]:
    shown = len(row.shown)
    return [
        Shown(
            name="attention",
            caption=f"Attention image: {shown} superpixels",
            text=f"the {shown} superpixels that speak most for {row.label_class.name}",
            pixels=lambda: square(row.file),
        ),
        _input(row),
        Shown(
            name="superpixels",
            caption=f"{len(row.weights)} superpixels, those shown in yellow",
            text=f"image {row.image.image_id} divided into {len(row.weights)} superpixels",
            pixels=lambda: draw.outlined(
                square(row.input_file), segments=_numbers(row.segments_file), shown=row.shown
            ),
        ),
        *(
            Shown(
                name=f"path-{number + 1}",
                caption=f"Path {number + 1}: {probability:.1%}",
                text=f"the {number + 1} strongest superpixels; the model's probability is "
                f"{probability:.1%}",
                pixels=lambda number=number: _frame(row, number=number),  # type: ignore[misc]
            )
            for number, probability in enumerate(row.path_probabilities)
        ),
    ]


def _frame(row: AttentionImage, *, number: int) -> draw.Pixels:
    strip = square(row.path_file)
    side = strip.shape[0]
    return strip[:, number * side : (number + 1) * side]


def of_adversarial(row: AdversarialImage) -> list[Shown]:
    found = [_input(row)]
    for name, file, step, label in (
        ("flip", row.flip_file, row.steps_to_flip, row.flip_class),
        ("final", row.final_file, row.readings.get("final", {}).get("step"), row.final_class),
    ):
        if not file:
            continue
        what = "First flip" if name == "flip" else "Last step"
        said = f"the model says {label.name}" if label else ""
        found.append(
            Shown(
                name=name,
                caption=f"{what}, step {step}: {said}",
                text=f"the image after {step} steps; {said}",
                pixels=lambda file=file: square(file),  # type: ignore[misc]
            )
        )
        found.append(
            Shown(
                name=f"{name}-change",
                caption="What was added, enlarged",
                text=f"the change of each pixel after {step} steps, enlarged, around grey",
                pixels=lambda file=file: draw.difference(  # type: ignore[misc]
                    square(row.input_file), square(file)
                ),
            )
        )
    return found


def of_saliency(row: SaliencyMap) -> list[Shown]:
    score = row.robustness_scores.order_by("-pk").first()
    boxes = score.boxes if score else []
    return [
        Shown(
            name="map",
            caption="Map over the image: yellow is the strongest evidence"
            + ("; boxes of the object" if boxes else ""),
            text=f"where the model finds its evidence for {row.label_class.name} in image "
            f"{row.image.image_id}" + ("; it has one value everywhere" if row.constant else ""),
            pixels=lambda: draw.boxed(
                draw.heat(square(row.input_file), saliency=_map(row.file)), boxes=boxes
            ),
        ),
        _input(row),
    ]


def of_examples(row: ExampleSet) -> list[Shown]:
    return [_example(example) for example in row.examples.select_related("image")]


def _example(example: Example) -> Shown:
    scores = ", ".join(f"{name} {value:.3g}" for name, value in example.scores.items())
    rest = "" if example.strict else ", best of the rest"
    return Shown(
        name=f"{example.role}-{example.rank + 1}",
        caption=f"{example.get_role_display()} {example.rank + 1}{rest}"
        + (f": {scores}" if scores else ""),
        text=f"image {example.image.image_id}",
        pixels=lambda: _thumbnail(example.image),
    )


def _thumbnail(image: Image) -> draw.Pixels:
    with default_storage.open(str(image.file)) as stream:
        picture = open_upright(stream.read(), item=image.image_id)
    picture.thumbnail((EXAMPLE_SIDE, EXAMPLE_SIDE))
    return np.asarray(picture)


def of_probe(row: ProbeResult) -> list[Shown]:
    boxes = [row.box] if row.box else []
    asked = Shown(
        name="probed",
        caption=f"What it was asked about then: {row.get_kind_display().lower()}",
        text=f"{row.get_kind_display().lower()}; {row.label_class.name} has "
        f"{row.probability_after:.1%}",
        pixels=lambda: square(row.file),
    )
    plain = _input(row)
    return [
        asked,
        Shown(
            name=plain.name,
            caption=plain.caption + (", with the place" if boxes else ""),
            text=plain.text,
            pixels=lambda: draw.boxed(square(row.input_file), boxes=boxes),
        ),
        # Beside all of its tiles the frame of one would be amiss.
        *((replace(plain, name="whole"),) if row.kind == ProbeKind.TILES else ()),
    ]


PICTURES: Mapping[type[Model], Callable[..., list[Shown]]] = {
    AttentionImage: of_attention,
    AdversarialImage: of_adversarial,
    SaliencyMap: of_saliency,
    ExampleSet: of_examples,
    ProbeResult: of_probe,
}


def picture_response(row: Model, *, name: str) -> HttpResponse:
    """The bytes of one picture of the row; 404 where it has none of this name, or its file is gone.

    Whoever calls this has seen to it that the row may be seen.
    """
    found = next((each for each in PICTURES[type(row)](row) if each.name == name), None)
    if found is None:
        raise Http404
    try:
        content = found.png()
    except FileNotFoundError as error:
        raise Http404 from error
    headers = {
        # The row never changes, but who may see it can.
        "Cache-Control": "private, max-age=3600",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type="image/png", headers=headers)
