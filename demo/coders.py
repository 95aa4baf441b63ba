"""How a careful simulated rater codes a picture, from served pixels and the drawing's record.

What it shows, why a program failed at it, whether a frame marks a thing, whether a program looked
at it.
"""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from demo.oracle import Oracle
from demo.truth import Truth
from studyapp.questions.reason import USUAL_REASONS

#: Attributes the demo's study asks about, and the place that is each of them.
PLACES = {"Water": "water", "Sand or snow": "sand snow"}
#: Reasons by what they come from here; the words are those of the usual codebook.
SMALL, UNEXPECTED, BACKGROUND, ALIKE, SEVERAL = (USUAL_REASONS[place] for place in range(5))
#: The colour of frames around boxes, as overlays draws them, and how far black goes around it.
YELLOW, RIM = (255, 210, 0), 4
#: Green of the colours of a map, from 0 to 1: it rises all the way.
_GREEN = (1, 82, 145, 201, 231)
_SHARE = 0.6
#: A labelled object whose longer side is a smaller share of the picture's shorter one is small.
SMALL_BELOW = 0.3

Pixels = npt.NDArray[np.uint8]


class Coder:
    """Answers of one careful person; the same for the same picture."""

    def __init__(self, oracle: Oracle, truth: Truth) -> None:
        self.oracle = oracle
        self._truth = truth
        self._names = list(truth.world["classes"])

    def shows(self, picture: bytes, name: str) -> str:
        """Whether the scene lies in a place of this name."""
        image_id = self.oracle.image_id(picture)
        return "yes" if self._truth.image(image_id)["place"] in PLACES[name].split() else "no"

    def reason(self, picture: bytes, *, said: str, names: tuple[str, ...]) -> str:
        """The main reason's letter and those of the others that hold, or `-`."""
        held = reasons_for(self._truth, self.oracle.image_id(picture), self._names.index(said))
        letters = ["abcdefghi"[names.index(name)] for name in held]
        return f"{letters[0]} {''.join(letters[1:]) or '-'}"

    def frames_it(self, picture: bytes, class_name: str) -> str:
        """Whether the yellow frames lie around every object of the class that is in view."""
        pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))
        inside = framed_area(pixels)
        wanted = self.oracle.area(self.oracle.image_id(without_frames(picture)), class_name)
        if not wanted.any():
            return "no"
        return "yes" if (wanted & inside).sum() / wanted.sum() > 0.6 else "no"

    def looks_elsewhere(self, picture: bytes, class_name: str) -> str:
        """Whether most of what is bright in the map lies off every object of the class."""
        pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))
        side = pixels.shape[0]
        square, mapped = pixels[:, :side], pixels[:, -side:].astype(np.float64)
        out = io.BytesIO()
        Image.fromarray(square).save(out, format="PNG")
        wanted = self.oracle.area(self.oracle.image_id(out.getvalue()), class_name)
        grey = np.asarray(Image.fromarray(square).convert("L"), dtype=np.float64)
        green = (mapped[..., 1] - (1 - _SHARE) * grey) / _SHARE
        seen = np.interp(green, _GREEN, np.linspace(0, 1, len(_GREEN)))
        bright = seen >= 0.5 * seen.max()
        return "yes" if (bright & wanted).sum() < 0.5 * bright.sum() else "no"


def reasons_for(truth: Truth, image_id: str, said: int) -> list[str]:
    """Why a program may have said so, the main reason first: read from the drawing."""
    record, world = truth.image(image_id), truth.world
    label = max(
        (item for item in record["objects"] if item["class_index"] == record["label"]),
        key=lambda item: item["seen"],
    )
    held = []
    if said in truth.classes_in_view(image_id):
        held.append(SEVERAL)
    if record["attributes"]["on_biased_place"] and said == world["bias"]["class_index"]:
        held.append(BACKGROUND)
    x0, y0, x1, y1 = label["box"]
    if max(x1 - x0, y1 - y0) < SMALL_BELOW * min(record["width"], record["height"]):
        held.append(SMALL)
    return held or [ALIKE]


def framed_area(pixels: Pixels) -> npt.NDArray[np.bool_]:
    """bool [H, W]: inside the yellow frames, taken as one rectangle each row and column spans."""
    yellow = np.asarray((pixels == YELLOW).all(axis=2))
    if not yellow.any():
        return yellow
    across = (
        np.maximum.accumulate(yellow, axis=1)
        & np.maximum.accumulate(yellow[:, ::-1], axis=1)[:, ::-1]
    )
    down = np.maximum.accumulate(yellow, axis=0) & np.maximum.accumulate(yellow[::-1], axis=0)[::-1]
    return np.asarray(across & down)


def is_framed(pixels: Pixels) -> bool:
    """Whether there is a frame: pixels of exactly its colour, as drawn pictures hardly have any."""
    return bool((pixels == YELLOW).all(axis=2).mean() > 0.002)


def without_frames(picture: bytes) -> bytes:
    """The picture with frames and their rims in black, which is taken for not seen."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).copy()
    yellow = Image.fromarray(((pixels == YELLOW).all(axis=2) * 255).astype(np.uint8))
    pixels[np.asarray(yellow.filter(ImageFilter.MaxFilter(2 * RIM + 1))) > 0] = 0
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="PNG")
    return out.getvalue()
