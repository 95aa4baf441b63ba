"""Pictures with the five classes a model predicts, under the paper's two protocols.

Protocol A asks about every image whose first prediction is wrong, B only about those whose label
is not among the five.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studyapp.asking import Subject
from studyapp.models import Condition, Study
from studyapp.plurals import counted
from studyapp.selectors.population import mistakes
from studyapp.selectors.populations import Asked, Picture, Population, PopulationSize
from studyapp.selectors.predicted_pictures import pictures_by_content
from studyapp.vocabulary import ConditionKind, PopulationKind

LISTED = 5
_COLUMNS = ("classes", "image__label__index")


def list_subject(classes: list[int], *, class_list: str) -> Subject:
    """The list as a subject: models with the same five, in any order, ask the same question."""
    return {"class_list": class_list, "classes": sorted(classes[:LISTED])}


def is_shown(classes: list[int], *, label: int, protocol: str) -> bool:
    """Whether the protocol, a value of PopulationKind, shows a mistake with these classes."""
    if len(classes) < LISTED:
        return False
    return protocol == PopulationKind.MISTAKES or label not in classes[:LISTED]


def _shown(study: Study, row: tuple[Any, ...]) -> bool:
    classes, label = row
    return is_shown(classes, label=label, protocol=study.population)


def _pictures(study: Study, _condition: Condition) -> Iterator[list[Picture]]:
    class_list = study.image_set.class_list.content_hash

    def ask(row: tuple[Any, ...]) -> Asked | None:
        if not _shown(study, row):
            return None
        return Asked(subject=list_subject(row[0], class_list=class_list))

    return pictures_by_content(mistakes(study), columns=_COLUMNS, ask=ask)


def _size(study: Study) -> PopulationSize:
    images, showable, asked = set(), set(), set()
    rows = mistakes(study).values_list("image", "image__content_hash", *_COLUMNS)
    for image, content, *row in rows.iterator(chunk_size=5_000):
        if not _shown(study, tuple(row)):
            continue
        images.add(image)
        if content:
            showable.add(image)
            asked.add((content, tuple(sorted(row[0][:LISTED]))))
    n_conditions = study.conditions.count()
    return PopulationSize(
        len(images), len(showable), len(asked) * max(1, n_conditions), of_one=len(asked)
    )


def _in_words(study: Study) -> str:
    which = (
        "whose annotated class differs from the first prediction of a model of this study"
        if study.population == PopulationKind.MISTAKES
        else "whose annotated class is not among the first five predictions of a model of this "
        "study"
    )
    return (
        f"Raters were asked about every image of the image set {study.image_set.name} {which}, "
        "with the five predictions shown together."
    )


def _problems(study: Study) -> Iterator[str]:
    short = sum(
        len(classes) < LISTED
        for classes in mistakes(study).values_list("classes", flat=True).iterator(chunk_size=5_000)
    )
    if short:
        yield (
            f"{counted(short, 'prediction')} of the study's models with fewer than five classes: "
            "run predict, or import predictions with all five"
        )
    odd = study.conditions.exclude(kind=ConditionKind.WHOLE_IMAGE).values_list("name", flat=True)
    if odd:
        yield f"condition {', '.join(odd)} does not show the whole image: choose that kind for it"


LISTS = Population(size=_size, pictures=_pictures, in_words=_in_words, problems=_problems)
