"""The sets of pictures of one class that are compared: its prototypes, its criticisms, its base.

The base is a random sample of the images of the class, whatever else they are, so that it speaks
for the class. Sets are drawn at launch and kept in the protocol.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from studyapp.models import Example, ExampleSet, Image, LabelClass, Study
from studyapp.vocabulary import ExampleRole

PROTOTYPES, CRITICISMS, BASE = SETS = ("prototypes", "criticisms", "base")
USUAL_METHOD = "adversarial"
#: Images of the base where the selection does not say how many.
USUAL_BASE = 50

#: Hashes of the images' contents, by name of the set; an image may be in several.
Sets = Mapping[str, tuple[str, ...]]


def attributes_of(study: Study) -> list[str]:
    return [str(name).strip() for name in study.selection.get("attributes", [])]


def class_of(study: Study) -> LabelClass | None:
    """The one class the study is about; None where it names none, several or an unknown one."""
    wnids = study.selection.get("classes") or []
    if len(wnids) != 1:
        return None
    return LabelClass.objects.filter(
        class_list=study.image_set.class_list_id, wnid=wnids[0]
    ).first()


def sets_of(study: Study) -> Sets:
    """The sets as they were drawn at launch, or would be drawn now."""
    frozen: Mapping[str, Any] | None = study.protocol if study.frozen else None
    kept = (frozen or {}).get("population", {}).get("drawn", {}).get("sets")
    if kept is None:
        return _draw(study)
    return {name: tuple(contents) for name, contents in kept.items()}


def example_set(study: Study) -> ExampleSet | None:
    """The newest set of the class with criticisms, by a model of the study, as the selection asks
    for it, of those there were at launch: one of prototypes alone, made for something else, would
    leave nothing to compare."""
    label, asked = class_of(study), study.selection
    criticised = Example.objects.filter(example_set=OuterRef("pk"), role=ExampleRole.CRITICISM)
    rows = ExampleSet.objects.filter(
        Exists(criticised),
        image_set=study.image_set_id,
        label_class=label,
        vision_model__in=study.vision_models.all(),
        method=asked.get("method", USUAL_METHOD),
    )
    if study.live_at:
        rows = rows.filter(created_at__lte=study.live_at)
    for role in (PROTOTYPES, CRITICISMS):
        if role in asked:
            rows = rows.filter(**{f"parameters__{role}": asked[role]})
    return rows.order_by("pk").last() if label else None


def best_of_the_rest(study: Study) -> frozenset[str]:
    """Contents of prototypes and criticisms that do not meet their method's own rule: too few
    images of the class do, and these are the nearest to it."""
    rest = Example.objects.filter(
        example_set=example_set(study), strict=False, image__content_hash__isnull=False
    )
    return frozenset(map(str, rest.values_list("image__content_hash", flat=True)))


def first_images(study: Study, contents: set[str] | None = None) -> dict[str, Image]:
    """The first image of each content among those of the class."""
    rows = _of_class(study)
    if contents is not None:
        rows = rows.filter(content_hash__in=contents)
    first: dict[str, Image] = {}
    for image in rows.order_by("pk"):
        first.setdefault(str(image.content_hash), image)
    return first


def _draw(study: Study) -> Sets:
    chosen = example_set(study)
    if chosen is None:
        return {}
    examples = Example.objects.filter(example_set=chosen, image__content_hash__isnull=False)
    of_role = {
        name: tuple(
            dict.fromkeys(
                str(content)
                for content in examples.filter(role=role)
                .order_by("rank")
                .values_list("image__content_hash", flat=True)
            )
        )
        for name, role in ((PROTOTYPES, ExampleRole.PROTOTYPE), (CRITICISMS, ExampleRole.CRITICISM))
    }
    wanted = int(study.selection.get("base", USUAL_BASE))
    base = sorted(first_images(study), key=lambda content: _order(study, content))[:wanted]
    return {**of_role, BASE: tuple(base)}


def _of_class(study: Study) -> QuerySet[Image]:
    return Image.objects.filter(
        image_set=study.image_set_id, label=class_of(study), content_hash__isnull=False
    )


def _order(study: Study, content: str) -> bytes:
    return hashlib.sha256(f"{study.seed}/base/{content}".encode()).digest()
