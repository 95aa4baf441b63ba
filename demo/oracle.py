"""What a careful simulated rater knows: served pixels, recognised among the drawn pictures."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from demo.errors import TruthError
from demo.truth import Truth

SIDE = 16
#: Largest mean difference of two thumbnails, in grey levels, that are the same picture.
SAME = 4.0
#: A picture of which so much is black shows only a part of a drawn one.
PARTIAL = 0.05
#: Cells of a thumbnail that have to be seen whole for a part to be known.
LEAST_CELLS = 4
#: Share of an object's box that has to be seen for it to be recognised.
ENOUGH = 0.3


class Oracle:
    """Says whether an object is in view in the picture with these bytes.

    A served picture is known by its thumbnail, not by a name or an address: there is nothing of
    the truth in what raters are served.
    """

    def __init__(self, truth: Truth, *, folder: Path, crop: int = 224, resize: int = 256) -> None:
        self._truth = truth
        self._classes = {name: index for index, name in enumerate(truth.world["classes"])}
        self._ids = sorted(truth.images)
        files = (folder / truth.image(image_id)["file"] for image_id in self._ids)
        self._thumbnails = np.stack([_thumbnail(_cropped(f, crop, resize)) for f in files])
        self._seen: dict[str, str] = {}
        self._scale, self._crop = resize, crop

    def image_id(self, picture: bytes) -> str:
        """The drawn picture these bytes show, whole or in part."""
        key = hashlib.sha256(picture).hexdigest()
        if key not in self._seen:
            pixels = _pixels(picture)
            cells = _seen_cells(_visible(pixels))
            if np.count_nonzero(cells) < LEAST_CELLS:
                raise TruthError("A rater was served a picture of which nothing can be seen.")
            thumbnail = _thumbnail(Image.fromarray(pixels))
            apart = np.abs(self._thumbnails - thumbnail)[:, cells.repeat(3)]
            distances = apart.mean(axis=1)
            nearest = int(distances.argmin())
            if distances[nearest] > SAME:
                raise TruthError("A rater was served a picture that is not of this world.")
            self._seen[key] = self._ids[nearest]
        return self._seen[key]

    def answer(self, picture: bytes, *, class_name: str) -> str:
        """`yes` if an object of the class is in view, and not hidden by black, else `no`."""
        index = self._classes.get(class_name)
        if index is None:
            raise TruthError(f"A rater was asked about {class_name!r}, which this world has not.")
        visible = _visible(_pixels(picture))
        if visible.all():
            return "yes" if self._truth.contains(self.image_id(picture), index) else "no"
        if np.count_nonzero(_seen_cells(visible)) < LEAST_CELLS:
            return "no"
        return "yes" if self._shows(visible, self.image_id(picture), index) else "no"

    def area(self, image_id: str, class_name: str) -> npt.NDArray[np.bool_]:
        """bool [crop, crop]: inside the boxes of the objects of a class that are in view."""
        index = self._classes[class_name]
        area = np.zeros((self._crop, self._crop), dtype=np.bool_)
        for rows, columns in self._boxes(image_id, index):
            area[rows, columns] = True
        return area

    def _shows(self, visible: npt.NDArray[np.bool_], image_id: str, index: int) -> bool:
        """Whether enough of an object of the class lies in the part that can be seen."""
        parts = (visible[rows, columns] for rows, columns in self._boxes(image_id, index))
        return any(part.size and part.mean() >= ENOUGH for part in parts)

    def _boxes(self, image_id: str, index: int) -> Iterator[tuple[slice, slice]]:
        """Rows and columns of the crop that hold each object of the class in view."""
        record = self._truth.image(image_id)
        scale = self._scale / min(record["width"], record["height"])
        left, top = (
            (round(side * scale) - self._crop) // 2 for side in (record["width"], record["height"])
        )
        for drawn in record["objects"]:
            if drawn["class_index"] == index and drawn["in_view"]:
                x0, y0, x1, y1 = (round(at * scale) for at in drawn["box"])
                yield slice(max(0, y0 - top), y1 - top), slice(max(0, x0 - left), x1 - left)


def _cropped(file: Path, crop: int, resize: int) -> Image.Image:
    with Image.open(file) as image:
        picture = image.convert("RGB")
    scale = resize / min(picture.size)
    picture = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    left, top = (picture.width - crop) // 2, (picture.height - crop) // 2
    return picture.crop((left, top, left + crop, top + crop))


def _thumbnail(image: Image.Image) -> npt.NDArray[np.float32]:
    small = image.resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32).ravel()


def _pixels(picture: bytes) -> npt.NDArray[np.uint8]:
    with Image.open(io.BytesIO(picture)) as image:
        return np.asarray(image.convert("RGB"))


def _visible(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Where the picture is not covered; a few black pixels are drawn, a lot of them cover."""
    black = np.asarray(pixels.max(axis=2) == 0)
    return np.logical_not(black) if black.mean() > PARTIAL else np.ones(black.shape, dtype=np.bool_)


def _seen_cells(visible: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Cells of the thumbnail, row by row, that can be seen whole."""
    share = np.asarray(
        Image.fromarray(visible.astype(np.uint8) * 255).resize((SIDE, SIDE), Image.Resampling.BOX)
    )
    return np.asarray((share == 255).ravel())
