"""Step 2: a model's five most probable classes for every image of a set."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import torch
import torchvision
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.storage import default_storage

from explain import classifiers, provenance
from explain import device as devices
from explain.predict import predict_topk
from explain.types import Failure, ImageSource, TopK
from studyapp import audit
from studyapp.compute.input_errors import as_input_error
from studyapp.errors import InputError
from studyapp.models import Image, ImageSet, LabelClass, Prediction, VisionModel
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.selectors.class_order import first_places, order_doubt

ROWS_PER_WRITE = 256
FAILURES_NAMED = 10


@dataclass(frozen=True)
class ImageKey:
    """An image as the predictions carry it; its text is what a message names."""

    pk: int
    image_id: str

    def __str__(self) -> str:
        return self.image_id


@dataclass(frozen=True)
class PredictSummary:
    model: str
    device: str
    n_images: int
    n_new: int
    n_without_file: int
    n_labelled: int
    n_errors: int
    failures: tuple[str, ...]
    n_failures: int
    #: Said of a model that is wrong nearly everywhere; empty where it is not.
    doubt: str = ""
    own_preparation: bool = False

    def lines(self) -> list[str]:
        done = self.n_images - self.n_without_file - self.n_failures
        now = f"{self.n_new:,} now, on {self.device}"
        lines = [f"{self.model}: {counted(done, 'image')} predicted ({now})."]
        if self.n_labelled:
            share = self.n_errors / self.n_labelled
            labelled = counted(self.n_labelled, "labelled image")
            lines.append(f"{self.n_errors:,} of {labelled} are top-1 errors ({share:.2%}).")
        if self.doubt:
            lines.append(self.doubt)
        if self.own_preparation:
            lines.append(
                "Mind: the model prepares images in its own way, which boxes cannot follow: it "
                "will have no robustness scores and no noise in regions."
            )
        if self.n_without_file:
            lines.append(f"{counted(self.n_without_file, 'image')} known by id only and left out.")
        if self.n_failures:
            lines.append(f"{counted(self.n_failures, 'image')} could not be read:")
            lines += [f"  {failure}" for failure in self.failures]
        return [*lines, "Next: manage.py new_study FILE.yaml, or Studies, Add in the admin"]


def predict(
    image_set: ImageSet,
    *,
    model: str,
    weights: Path | str | None = None,
    name: str | None = None,
    device: str | None = None,
    batch_size: int | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> PredictSummary:
    """Predict what is not predicted yet; stopped at any point, the same call goes on from there.

    Raises InputError where the model, its weights or the name cannot be used.
    """
    class_list = image_set.class_list
    with as_input_error():
        classifier = classifiers.load(
            model, weights=weights, n_classes=class_list.n_classes, device=device
        )
    vision_model = _registered(
        image_set, classifier=classifier, name=name or _name(model, weights), weights=weights
    )
    classes = list(LabelClass.objects.filter(class_list=class_list).order_by("index"))
    missing = list(
        image_set.images.filter(file__isnull=False)
        .exclude(predictions__vision_model=vision_model)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    failures: list[str] = []
    n_new = n_done = 0
    with as_input_error():
        results = predict_topk(classifier, _sources(missing), k=5, batch_size=batch_size)
        while chunk := list(islice(results, ROWS_PER_WRITE)):
            rows = []
            for result in chunk:
                if isinstance(result, Failure):
                    failures.append(str(result.error))
                else:
                    rows.append(_row(vision_model, result, classes=classes))
            Prediction.objects.bulk_create(rows, ignore_conflicts=True)
            n_new += len(rows)
            n_done += len(chunk)
            progress(n_done, len(missing))
    if failures and not n_new and len(failures) == len(missing):
        raise InputError(
            f"none of {counted(len(missing), 'image')} could be predicted",
            item=failures[0],
            remedy="Check the image files and import them again",
        )
    summary = _summary(image_set, vision_model=vision_model, n_new=n_new, failures=failures)
    audit.record(
        "predict",
        actor=actor,
        summary={
            "set": image_set.name,
            "model": vision_model.name,
            "new": n_new,
            "failed": len(failures),
            "device": summary.device,
        },
    )
    return summary


def _name(model: str, weights: Path | str | None) -> str:
    """An architecture's own name; a callable says little, so there the weights' file name."""
    return Path(weights).stem if ":" in model and weights else model


def _given(weights: Path | str | None) -> str:
    """The file's whole path, or the name of one of torchvision's sets as it was given."""
    if not weights:
        return ""
    path = Path(weights)
    return str(path.resolve()) if path.exists() else str(weights)


def _registered(
    image_set: ImageSet,
    *,
    classifier: classifiers.Classifier,
    name: str,
    weights: Path | str | None,
) -> VisionModel:
    details = {
        "input_size": classifier.input_size,
        "preparation": str(classifier.preparation or "the model's own"),
        # What boxes need to follow the image; None where the model prepares images in its own way.
        "geometry": asdict(classifier.preparation) if classifier.preparation else None,
        "precision": classifier.precision,
        "arithmetic": classifier.arithmetic,
        "last_stage": provenance.layer_name(classifier) or "",
        "device": devices.describe(classifier.device),
        "weights": classifier.weights_name,
        # Where explain looks for them again; another machine may have to be told.
        "weights_given": _given(weights),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "python": platform.python_version(),
    }
    found, _ = VisionModel.objects.get_or_create(
        name=name,
        defaults={
            "class_list": image_set.class_list,
            "source": classifier.name,
            "weights_hash": classifier.weights_sha256,
            "details": details,
        },
    )
    for what, known, given in (
        ("other weights", found.weights_hash, classifier.weights_sha256),
        ("another class list", found.class_list_id, image_set.class_list_id),
    ):
        if known != given:
            raise InputError(
                f"a model of this name exists with {what}",
                item=f"model {name!r}",
                remedy="Choose another name with --name",
            )
    return found


def _sources(pks: list[int]) -> Iterator[tuple[ImageKey, ImageSource]]:
    """The images' files, opened when the device is nearly ready for them."""
    for start in range(0, len(pks), ROWS_PER_WRITE):
        chunk = Image.objects.filter(pk__in=pks[start : start + ROWS_PER_WRITE]).order_by("pk")
        for pk, image_id, file in chunk.values_list("pk", "image_id", "file"):
            yield ImageKey(pk, image_id), _reader(str(file))


def _reader(file: str) -> Callable[[], bytes]:
    def read() -> bytes:
        with default_storage.open(file) as stream:
            content: bytes = stream.read()
        return content

    return read


def _row(
    vision_model: VisionModel, result: TopK[ImageKey], *, classes: list[LabelClass]
) -> Prediction:
    indices = [int(index) for index in result.classes]
    return Prediction(
        vision_model=vision_model,
        image_id=result.key.pk,
        top1=classes[indices[0]],
        classes=indices,
        probabilities=[float(probability) for probability in result.probabilities],
    )


def _summary(
    image_set: ImageSet, *, vision_model: VisionModel, n_new: int, failures: list[str]
) -> PredictSummary:
    places = first_places(vision_model, image_set=image_set)
    return PredictSummary(
        model=vision_model.name,
        device=str(vision_model.details.get("device", "")),
        n_images=image_set.images.count(),
        n_new=n_new,
        n_without_file=image_set.images.filter(file__isnull=True).count(),
        n_labelled=places.labelled,
        n_errors=places.wrong,
        failures=tuple(failures[:FAILURES_NAMED]),
        n_failures=len(failures),
        doubt=order_doubt(vision_model, places=places),
        own_preparation=not vision_model.details.get("geometry"),
    )
