"""Probes of the images of a set: changed on purpose, and the model asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from explain.classifiers import Classifier
from explain.probes.types import Probe
from explain.types import Boxes, Failure, TopK
from studyapp import audit
from studyapp.compute.artefact_files import in_8_bits, store_picture
from studyapp.compute.ask_probes import ProbeRequest, ask
from studyapp.compute.input_errors import as_input_error
from studyapp.compute.kinds import plain
from studyapp.compute.load_classifier import load_classifier
from studyapp.compute.mapped_boxes import mapped_boxes, preparation_of
from studyapp.compute.read_images import Picture, Target, read_images
from studyapp.errors import InputError
from studyapp.identity import canonical_hash
from studyapp.models import Image, ImageSet, LabelClass, ProbeResult, VisionModel
from studyapp.progress import Progress, silent
from studyapp.selectors.explanations import model_named
from studyapp.vocabulary import ProbeKind

IMAGES_AT_ONCE = 32
#: Pairs are looked for among all images at once, whose pixels are then in memory.
MOST_FOR_PAIRS = 5_000


@dataclass(frozen=True)
class ProbeSummary:
    kind: ProbeKind
    model: str
    n_images: int
    n_new: int
    n_changed: int
    failures: tuple[str, ...]

    def lines(self) -> list[str]:
        lines = [
            f"{self.model}, {self.kind}: {self.n_images} images probed, {self.n_new} answers now.",
        ]
        if self.kind != ProbeKind.CAPTIONS:
            lines.append(f"{self.n_changed} of these answers name another class than before.")
        if self.failures:
            lines.append(f"{len(self.failures)} images could not be read:")
            lines += [f"  {failure}" for failure in self.failures[:10]]
        return lines


def probe(
    image_set: ImageSet,
    *,
    request: ProbeRequest,
    model: str,
    label: int | None = None,
    weights: str | None = None,
    device: str | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ProbeSummary:
    """Probe every image of the set, or those labelled as class `label`; stopped, it goes on.

    Pairs are of the set as it is: more images make other pairs.

    Raises InputError where the model or an option cannot be used.
    """
    vision_model = model_named(model)
    images = image_set.images.filter(file__isnull=False).order_by("pk")
    images = images if label is None else images.filter(label__index=label)
    everything = list(images)
    identity = _identity(request, images=everything)
    done = ProbeResult.objects.filter(
        vision_model=vision_model, kind=request.kind, parameters_hash=identity
    )
    if request.kind == ProbeKind.PAIRS:
        todo = [] if done.exists() else everything
    else:
        probed = set(done.values_list("image_id", flat=True))
        todo = [image for image in everything if image.pk not in probed]
    failures: list[str] = []
    new: list[ProbeResult] = []
    if todo:
        classifier = load_classifier(vision_model, weights=weights, device=device)
        work = _Work(classifier, vision_model, request, identity)
        with as_input_error():
            for pictures in _batches(classifier, todo, request=request, failures=failures):
                new += work.save(pictures)
                progress(len(new), None)
    summary = ProbeSummary(
        kind=request.kind,
        model=model,
        n_images=len(everything) - len(failures),
        n_new=len(new),
        n_changed=sum(_changed(row) for row in new),
        failures=tuple(failures),
    )
    about = {"set": image_set.name, "model": model, "kind": str(request.kind)}
    counts = {"new": len(new), "failed": len(failures)}
    audit.record("probe", actor=actor, summary={**about, **request.parameters(), **counts})
    return summary


def _identity(request: ProbeRequest, *, images: list[Image]) -> str:
    among = (
        {"images": sorted(str(image.content_hash) for image in images)}
        if request.kind == ProbeKind.PAIRS
        else {}
    )
    return canonical_hash({"kind": str(request.kind), **request.parameters(), **among})


def _changed(row: ProbeResult) -> bool:
    return row.before is not None and row.before["classes"][0] != row.after["classes"][0]


def _batches(
    classifier: Classifier, images: list[Image], *, request: ProbeRequest, failures: list[str]
) -> Iterator[list[Picture]]:
    """Pictures in batches; all of them at once where the probe compares them."""
    if request.kind == ProbeKind.PAIRS and len(images) > MOST_FOR_PAIRS:
        raise InputError(
            f"{len(images)} images are too many to be compared with each other",
            item="probe pairs",
            remedy=f"Take one class with --class, or a set of {MOST_FOR_PAIRS} images",
        )
    size = len(images) if request.kind == ProbeKind.PAIRS else IMAGES_AT_ONCE
    targets = [Target(each.pk, each.image_id, str(each.file), 0) for each in images]
    source = read_images(classifier, targets)
    while results := list(islice(source, size)):
        failures += [str(each.error) for each in results if isinstance(each, Failure)]
        if pictures := [each for each in results if isinstance(each, Picture)]:
            yield pictures


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What all rows of one run share."""

    classifier: Classifier
    model: VisionModel
    request: ProbeRequest
    identity: str

    def save(self, pictures: list[Picture]) -> list[ProbeResult]:
        """Probe a batch and keep the answers, all of an image's or none."""
        pixels = np.stack([in_8_bits(picture.pixels) for picture in pictures])
        probes = ask(self.classifier, pixels, self._boxes(pictures), self.request)
        classes = list(self.model.class_list.classes.order_by("index"))
        parts: dict[int, int] = {}
        rows = []
        for found in probes:
            part = parts.get(found.index, 0)
            parts[found.index] = part + 1
            rows.append(self._row(found, pictures=pictures, part=part, classes=classes))
        with transaction.atomic():
            ProbeResult.objects.bulk_create(rows, ignore_conflicts=True)
        return rows

    def _boxes(self, pictures: list[Picture]) -> Sequence[Boxes]:
        if self.request.kind != ProbeKind.REGION_NOISE:
            return []
        labels = dict(
            Image.objects.filter(pk__in=[picture.target.pk for picture in pictures]).values_list(
                "pk", "label_id"
            )
        )
        classes = {pk: label or 0 for pk, label in labels.items()}
        boxes = mapped_boxes(preparation_of(self.model), classes=classes)
        return [boxes[picture.target.pk] for picture in pictures]

    def _row(
        self, found: Probe, *, pictures: list[Picture], part: int, classes: list[LabelClass]
    ) -> ProbeResult:
        picture = pictures[found.index]
        other = None if found.other is None else pictures[found.other]
        return ProbeResult(
            vision_model=self.model,
            image_id=picture.target.pk,
            kind=self.request.kind,
            part=part,
            parameters=self.request.parameters(),
            parameters_hash=self.identity,
            input_file=picture.input_file,
            file=store_picture(found.image),
            before=None if found.before is None else _answer(found.before),
            after=_answer(found.after),
            label_class=classes[found.class_index],
            probability_before=found.probability_before,
            probability_after=found.probability_after,
            box=None if found.box is None else list(found.box),
            other_id=None if other is None else other.target.pk,
            distance=found.distance,
            flags=list(found.flags),
            provenance=plain(found.provenance),
        )


def _answer(found: TopK[int]) -> dict[str, Any]:
    return {
        "classes": [int(index) for index in found.classes],
        "probabilities": [float(probability) for probability in found.probabilities],
    }
