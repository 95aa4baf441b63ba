"""The pictures of a two-sided audit: every mistake, some right predictions, some decoys.

A decoy is an image with a class that nobody has reason to expect in it: neither its label nor
among the right labels nor among the predictions of any model of the study. Decoys are drawn at
launch and kept in the protocol, so that labels or a model that come later change none.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from studyapp.models import Image, LabelClass, Prediction, RealLabel, Study
from studyapp.plurals import counted
from studyapp.selectors import populations
from studyapp.selectors.population import mistakes, mistakes_size
from studyapp.selectors.populations import Asked, AtLaunch, Picture, PopulationSize
from studyapp.selectors.predicted_pictures import pictures_by_content

#: Of each, where the selection does not say how many.
USUAL = 200


@dataclass(frozen=True)
class Drawn:
    """Keys of an image and of the class asked about."""

    image: int
    label_class: int


def right_sample(study: Study) -> list[Drawn]:
    """A random sample of the images that a model of the study predicts right, with the label.

    Each image has its own draw from the seed, so the images that any one model has right are a
    random sample of its right ones, whatever the other models say.
    """
    rows = Prediction.objects.filter(
        vision_model__in=study.vision_models.all(),
        image__image_set=study.image_set_id,
        image__content_hash__isnull=False,
        top1=F("image__label"),
    ).values_list("image__content_hash", "top1", "image_id")
    first: dict[tuple[str, int], int] = {}
    for content, label, image in rows.order_by("image").iterator(chunk_size=5_000):
        first.setdefault((str(content), label), int(image))
    drawn = sorted(first, key=lambda pair: _draw(study, "right", *pair))
    return [Drawn(first[pair], pair[1]) for pair in drawn[: _wanted(study, "correct")]]


def decoys(study: Study) -> list[Drawn]:
    """Drawn images, each with a drawn class that is not expected in it.

    From launch on those that were drawn then, whatever is expected since.
    """
    pairs = _decoy_pairs(study)
    images = _first_images(study, contents=[content for content, _ in pairs])
    classes = dict(_classes(study).values_list("index", "pk"))
    return [Drawn(images[content], classes[index]) for content, index in pairs if content in images]


def drawn_decoys(study: Study) -> AtLaunch:
    """The decoys by the content of the image and the index of the class."""
    return {"decoys": [[content, index] for content, index in _decoy_pairs(study)]}


def _decoy_pairs(study: Study) -> list[tuple[str, int]]:
    frozen: Mapping[str, Any] | None = study.protocol if study.frozen else None
    # Protocols frozen by an earlier version do not say what was drawn.
    if frozen is None or "drawn" not in frozen["population"]:
        return _draw_decoys(study)
    return [(content, index) for content, index in frozen["population"]["drawn"]["decoys"]]


def _draw_decoys(study: Study) -> list[tuple[str, int]]:
    first = _first_images(study)
    order = sorted(first, key=lambda content: _draw(study, "decoy", content))
    chosen = order[: _wanted(study, "decoys")]
    expected = _expected(study, images=[first[content] for content in chosen])
    classes = set(_classes(study).values_list("index", flat=True))
    found = []
    for content in chosen:
        unlikely = sorted(classes - expected.get(first[content], set()))
        if unlikely:
            found.append((content, random.Random(f"{study.seed}/decoy/{content}").choice(unlikely)))
    return found


def _first_images(study: Study, *, contents: Sequence[str] | None = None) -> dict[str, int]:
    """The first labelled image of each content in the study's set, by content."""
    rows = Image.objects.filter(
        image_set=study.image_set_id, content_hash__isnull=False, label__isnull=False
    )
    if contents is not None:
        rows = rows.filter(content_hash__in=contents)
    first: dict[str, int] = {}
    found = rows.order_by("pk").values_list("content_hash", "pk")
    for content, pk in found.iterator(chunk_size=5_000):
        first.setdefault(str(content), pk)
    return first


def _classes(study: Study) -> QuerySet[LabelClass]:
    return LabelClass.objects.filter(class_list=study.image_set.class_list_id)


def size(study: Study) -> PopulationSize:
    asked = mistakes_size(study)
    right, unlikely = right_sample(study), decoys(study)
    return PopulationSize(
        images=asked.images + len(right) + len(unlikely),
        showable=asked.showable + len(right) + len(unlikely),
        pairs=asked.pairs + len(right) + len(unlikely),
    )


def pictures(study: Study) -> Iterator[list[Picture]]:
    yield from pictures_by_content(
        mistakes(study), columns=["top1"], ask=lambda row: Asked(label_class=row[0])
    )
    for drawn in (right_sample(study), decoys(study)):
        for start in range(0, len(drawn), populations.BATCH):
            part = drawn[start : start + populations.BATCH]
            images = Image.objects.in_bulk([one.image for one in part])
            yield [
                Picture(images[one.image], (Asked(label_class=one.label_class),)) for one in part
            ]


def in_words(study: Study) -> str:
    right = counted(_wanted(study, "correct"), "image")
    unlikely = counted(_wanted(study, "decoys"), "decoy")
    return (
        f"Raters were asked about every image of the image set {study.image_set.name} whose "
        "annotated class differs from the first prediction of a model of this study; among them, "
        f"and told apart by nothing, about {right} predicted right, drawn at random, and about "
        f"{unlikely}: drawn images with a class nobody expects in them."
    )


def problems(study: Study) -> Iterator[str]:
    for name, found in (("correct", right_sample(study)), ("decoys", decoys(study))):
        if not found:
            yield f"there is nothing to draw for “{name}”: import images with files and labels"


def _wanted(study: Study, name: str) -> int:
    return int(study.selection.get(name, USUAL))


def _expected(study: Study, *, images: list[int]) -> dict[int, set[int]]:
    """Classes by image, as indices: its label, what a model predicts, what is known to be right."""
    labels = Image.objects.filter(pk__in=images, label__isnull=False)
    expected = {pk: {index} for pk, index in labels.values_list("pk", "label__index")}
    predicted = Prediction.objects.filter(
        image__in=images, vision_model__in=study.vision_models.all()
    )
    for image, classes in predicted.values_list("image_id", "classes"):
        expected.setdefault(image, set()).update(classes)
    real = RealLabel.objects.filter(image__in=images)
    for image, index in real.values_list("image_id", "label_class__index"):
        expected.setdefault(image, set()).add(index)
    return expected


def _draw(study: Study, *what: object) -> bytes:
    text = "/".join(map(str, (study.seed, *what)))
    return hashlib.sha256(text.encode()).digest()
