"""Probes of the images of a set: changed on purpose, and the model asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from explain.types import Boxes, Failure
from studyapp import audit
from studyapp.compute.artefact_files import in_8_bits
from studyapp.compute.ask_probes import ask
from studyapp.compute.find_pairs import find_pairs, prepare_pairs
from studyapp.compute.input_errors import as_input_error
from studyapp.compute.load_classifier import load_classifier
from studyapp.compute.mapped_boxes import mapped_boxes, preparation_of
from studyapp.compute.probe_rows import ProbeWork
from studyapp.compute.read_images import Picture, Target, read_images
from studyapp.errors import InputError
from studyapp.identity import canonical_hash
from studyapp.models import Box, Image, ProbeResult
from studyapp.pasted_object import read_object
from studyapp.probing import ProbeRequest
from studyapp.progress import Progress, silent
from studyapp.selectors.explanations import model_named
from studyapp.selectors.probed_images import probed_images
from studyapp.vocabulary import ProbeKind

IMAGES_AT_ONCE = 32
FAILURES_NAMED = 10


@dataclass(frozen=True)
class ProbeSummary:
    """`n_answers` and `n_changed` count all rows of the request, made now or before."""

    kind: ProbeKind
    model: str
    n_images: int
    n_new: int
    n_answers: int
    n_changed: int
    failures: tuple[str, ...]

    def lines(self) -> list[str]:
        lines = [
            f"{self.model}, {self.kind}: {self.n_images} images probed, {self.n_new} answers now.",
        ]
        if self.kind != ProbeKind.CAPTIONS:
            lines.append(
                f"{self.n_changed} of {self.n_answers} answers name another class than before."
            )
        if self.failures:
            lines.append(f"{len(self.failures)} images could not be read:")
            lines += [f"  {failure}" for failure in self.failures[:FAILURES_NAMED]]
        return lines


def probe(
    request: ProbeRequest,
    *,
    images: Sequence[int] | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ProbeSummary:
    """Probe every image that is meant and has no answers yet; stopped, the same call goes on.

    `images` narrows them to these primary keys: the part of one worker among many, whose audit
    line is that of the whole. Pairs are of all images together: a part makes the figures they are
    found by.

    Raises InputError where the model or an option cannot be used.
    """
    model = model_named(request.model)
    if request.kind == ProbeKind.REGION_NOISE:
        _require_boxes(request.image_set)
    everything = list(probed_images(request, images=images))
    identity = _identity(request, everything)
    done = ProbeResult.objects.filter(
        vision_model=model, kind=request.kind, parameters_hash=identity
    )
    todo = _todo(everything, done=done, request=request)
    progress(len(everything) - len(todo), len(everything))
    failures: list[str] = []
    n_new = 0
    if todo:
        classifier = load_classifier(model, weights=request.weights, device=request.device)
        work = ProbeWork(classifier, model, request, identity)
        with as_input_error():
            if request.kind != ProbeKind.PAIRS:
                n_new = _probe(
                    work, todo, total=len(everything), failures=failures, progress=progress
                )
            elif images is None:
                n_new = find_pairs(work, todo, failures=failures, progress=progress)
            else:
                prepare_pairs(work, todo, progress=progress)
    answers = done.filter(image__in=probed_images(request, images=images))
    summary = ProbeSummary(
        kind=request.kind,
        model=request.model,
        n_images=len(everything) - len(failures),
        n_new=n_new,
        n_answers=answers.count(),
        n_changed=sum(
            before is not None and before["classes"][0] != after["classes"][0]
            for before, after in answers.values_list("before", "after").iterator()
        ),
        failures=tuple(failures),
    )
    if images is None:
        about = {"set": request.image_set, "model": request.model, "kind": str(request.kind)}
        counts = {"new": n_new, "failed": len(failures)}
        audit.record("probe", actor=actor, summary={**about, **request.parameters(), **counts})
    return summary


def _require_boxes(image_set: str) -> None:
    """Without any there is nothing to cover, and every answer would be the one before."""
    if not Box.objects.filter(image__image_set__name=image_set).exists():
        raise InputError(
            "its images have no boxes, so there is no region to cover",
            item=f"set {image_set!r}",
            remedy="Import them with import_images --boxes",
        )


def _identity(request: ProbeRequest, images: Sequence[Image]) -> str:
    """What a second run must share to find the first one's work done. Pairs are of their set."""
    among = (
        {"images": sorted(str(image.content_hash) for image in images)}
        if request.kind == ProbeKind.PAIRS
        else {}
    )
    return canonical_hash({"kind": str(request.kind), **request.parameters(), **among})


def _todo(
    images: list[Image], *, done: QuerySet[ProbeResult], request: ProbeRequest
) -> list[Image]:
    if request.kind == ProbeKind.PAIRS:
        return [] if done.exists() else images
    probed = set(done.values_list("image_id", flat=True))
    return [image for image in images if image.pk not in probed]


def _probe(
    work: ProbeWork,
    images: list[Image],
    *,
    total: int,
    failures: list[str],
    progress: Progress,
) -> int:
    """Probe batch by batch and keep the answers; returns how many there are."""
    pasted = read_object(work.request.pasted) if work.request.pasted else None
    n_done, n_new = total - len(images), 0
    for results in _batches(work, images):
        failures += [str(each.error) for each in results if isinstance(each, Failure)]
        pictures = [each for each in results if isinstance(each, Picture)]
        if pictures:
            found = ask(
                work.classifier,
                np.stack([in_8_bits(picture.pixels) for picture in pictures]),
                work.request,
                boxes=_boxes(work, pictures),
                pasted=pasted,
            )
            n_new += work.save(found, pictures=pictures)
        n_done += len(results)
        progress(n_done, total)
    return n_new


def _batches(work: ProbeWork, images: list[Image]) -> Iterator[list[Picture | Failure[Target]]]:
    targets = [Target(each.pk, each.image_id, str(each.file), 0) for each in images]
    source = read_images(work.classifier, targets)
    while results := list(islice(source, IMAGES_AT_ONCE)):
        yield results


def _boxes(work: ProbeWork, pictures: list[Picture]) -> Sequence[Boxes]:
    if work.request.kind != ProbeKind.REGION_NOISE:
        return []
    labels = dict(
        Image.objects.filter(pk__in=[picture.target.pk for picture in pictures]).values_list(
            "pk", "label_id"
        )
    )
    classes = {pk: label or 0 for pk, label in labels.items()}
    boxes = mapped_boxes(preparation_of(work.model), classes=classes)
    return [boxes[picture.target.pk] for picture in pictures]
