"""What each kind of explanation is made by: a stream of pictures in, a stream of rows out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from explain.classifiers import Classifier
from explain.provenance import Provenance
from explain.types import Failure
from studyapp.compute.read_images import Picture, Target
from studyapp.explanation import Settings, parameters_hash
from studyapp.models import Artefact, LabelClass, VisionModel


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """What all rows of one run share: model, settings, classes by index."""

    classifier: Classifier
    vision_model: VisionModel
    settings: Settings
    classes: list[LabelClass]

    def common(self, picture: Picture, *, provenance: Provenance) -> dict[str, Any]:
        """The fields of `Artefact` for one picture."""
        return {
            "vision_model": self.vision_model,
            "image_id": picture.target.pk,
            "label_class": self.classes[picture.target.class_index],
            "method": self.settings.method,
            "parameters": self.settings.parameters(),
            "parameters_hash": parameters_hash(self.settings),
            "input_file": picture.input_file,
            "provenance": plain(provenance),
        }


class Make(Protocol):
    """Makes rows that are not saved yet. An image that cannot be explained is a Failure."""

    def __call__(
        self, work: Work, pictures: Iterable[Picture]
    ) -> Iterator[Artefact | Failure[Target]]: ...


def plain(provenance: Provenance) -> Mapping[str, Any]:
    """A record as values that JSON knows."""
    return asdict(provenance)
