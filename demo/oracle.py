"""What a careful simulated rater knows: served pixels, recognised among the drawn pictures."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from demo.errors import TruthError
from demo.truth import Truth

SIDE = 16
#: Largest mean difference of two thumbnails, in grey levels, that are the same picture.
SAME = 4.0


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

    def image_id(self, picture: bytes) -> str:
        """The drawn picture these bytes show."""
        key = hashlib.sha256(picture).hexdigest()
        if key not in self._seen:
            with Image.open(io.BytesIO(picture)) as image:
                thumbnail = _thumbnail(image.convert("RGB"))
            distances = np.abs(self._thumbnails - thumbnail).mean(axis=1)
            nearest = int(distances.argmin())
            if distances[nearest] > SAME:
                raise TruthError("A rater was served a picture that is not of this world.")
            self._seen[key] = self._ids[nearest]
        return self._seen[key]

    def answer(self, picture: bytes, *, class_name: str) -> str:
        """`yes` if an object of the class is in view, else `no`."""
        index = self._classes.get(class_name)
        if index is None:
            raise TruthError(f"A rater was asked about {class_name!r}, which this world has not.")
        return "yes" if self._truth.contains(self.image_id(picture), index) else "no"


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
