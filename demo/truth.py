"""What is truly in the pictures: read by the demo's closing line and the careful raters' oracle.

The study never reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from demo.errors import TruthError


class ObjectRecord(TypedDict):
    """One drawn object; `box` is x0, y0, x1, y1 in pixels, 0-based half-open."""

    class_index: int
    box: list[int]
    seen: float
    in_view: bool
    striped: bool
    size: float


class ImageRecord(TypedDict):
    """One picture; `attributes` are facts about the labelled object and its scene."""

    image_id: str
    file: str
    sha256: str
    width: int
    height: int
    label: int
    place: str
    attributes: dict[str, bool]
    objects: list[ObjectRecord]


class PlantedBias(TypedDict):
    """A class and the place or mark it had in training, with its shares in both splits."""

    class_index: int
    group: list[int]
    what: str
    share_in_training: float
    share_of_others_in_training: float
    share_here: float
    share_of_others_here: float


class WorldRecord(TypedDict):
    """The whole truth file."""

    recipe: int
    seed: int
    split: str
    per_class: int
    classes: list[str]
    bias: PlantedBias
    attribute: PlantedBias
    images: list[ImageRecord]


@dataclass(frozen=True)
class Truth:
    """The drawn world's record, with the classes really in view of each picture."""

    world: WorldRecord
    images: Mapping[str, ImageRecord]

    @classmethod
    def load(cls, path: Path) -> Truth:
        try:
            world: WorldRecord = json.loads(path.read_text(encoding="utf-8"))
            return cls(world=world, images={image["image_id"]: image for image in world["images"]})
        except FileNotFoundError as error:
            raise TruthError(f"There is no truth file {path}; write the world first.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise TruthError(
                f"The truth file {path} is damaged ({error}); delete it and write the world again."
            ) from error

    def image(self, image_id: str) -> ImageRecord:
        record = self.images.get(image_id)
        if record is None:
            raise TruthError(
                f"The truth file knows no image {image_id!r}; it belongs to another world."
            )
        return record

    def classes_in_view(self, image_id: str) -> frozenset[int]:
        """Return the classes of which a rater who sees the centre crop can see an object."""
        objects = self.image(image_id)["objects"]
        return frozenset(item["class_index"] for item in objects if item["in_view"])

    def contains(self, image_id: str, class_index: int) -> bool:
        return class_index in self.classes_in_view(image_id)


@dataclass(frozen=True)
class RectifiedError:
    """Exact counts of one model on one world."""

    n_images: int
    n_errors: int
    n_errors_in_view: int

    @property
    def top1_error(self) -> float:
        return self.n_errors / self.n_images

    @property
    def rectified_top1_error(self) -> float:
        """The share of images whose predicted object differs from the label and is not there."""
        return (self.n_errors - self.n_errors_in_view) / self.n_images


def true_rectified_error(
    truth: Truth, labels: Mapping[str, int], predictions: Mapping[str, int]
) -> RectifiedError:
    """Count the mistakes, and those among them whose predicted object really is in view.

    Both mappings go from image id to class index and must name the same images.
    """
    if not labels or labels.keys() != predictions.keys():
        odd = sorted(labels.keys() ^ predictions.keys())[:3]
        raise TruthError(
            "Labels and predictions must name the same images, at least one; "
            f"only in one of the two: {', '.join(odd) or 'none, both are empty'}."
        )
    errors = [image_id for image_id in labels if labels[image_id] != predictions[image_id]]
    in_view = sum(truth.contains(image_id, predictions[image_id]) for image_id in errors)
    return RectifiedError(n_images=len(labels), n_errors=len(errors), n_errors_in_view=in_view)
