"""The pictures of three sets of one class, each asked about once, whichever sets it is in.

Whoever codes a picture does not know its set: nothing on the page tells it.
"""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.asking import Subject
from studyapp.models import Condition, Study
from studyapp.plurals import counted
from studyapp.questions.attribute.sets import (
    BASE,
    CRITICISMS,
    PROTOTYPES,
    USUAL_METHOD,
    attributes_of,
    best_of_the_rest,
    class_of,
    example_set,
    first_images,
    sets_of,
)
from studyapp.selectors import populations
from studyapp.selectors.populations import Asked, AtLaunch, Picture, Population, PopulationSize
from studyapp.vocabulary import ConditionKind


def attribute_subject(study: Study) -> Subject:
    """The names as a subject; `classes` is empty, for no class is asked about."""
    return {
        "class_list": study.image_set.class_list.content_hash,
        "classes": [],
        "names": attributes_of(study),
    }


def _contents(study: Study) -> list[str]:
    return sorted({content for found in sets_of(study).values() for content in found})


def _pictures(study: Study, _condition: Condition) -> Iterator[list[Picture]]:
    contents = _contents(study)
    images = first_images(study, set(contents))
    asked = (Asked(subject=attribute_subject(study)),)
    for start in range(0, len(contents), populations.BATCH):
        part = contents[start : start + populations.BATCH]
        yield [Picture(images[content], asked) for content in part if content in images]


def _size(study: Study) -> PopulationSize:
    n = len(first_images(study, set(_contents(study))))
    return PopulationSize(images=n, showable=n, pairs=n * study.conditions.count(), of_one=n)


def _in_words(study: Study) -> str:
    sets, label = sets_of(study), class_of(study)
    n = {name: len(found) for name, found in sets.items()}
    return (
        f"Raters were shown images of the class {label.prompt_name if label else '–'} of the image "
        f"set {study.image_set.name}, each once and without being told where it comes from: "
        f"{counted(n.get(PROTOTYPES, 0), 'prototype')} and "
        f"{counted(n.get(CRITICISMS, 0), 'criticism')} of the method "
        f"{study.selection.get('method', USUAL_METHOD)}, and {counted(n.get(BASE, 0), 'image')} "
        "drawn at random from the whole class as its base."
        f"{''.join(f' Of these, {told}.' for told in _rest(study))}"
    )


def _rest(study: Study) -> Iterator[str]:
    """How many of the prototypes and criticisms only come nearest to what such should be."""
    sets, rest = sets_of(study), best_of_the_rest(study)
    n = {name: len(rest.intersection(sets.get(name, ()))) for name in (PROTOTYPES, CRITICISMS)}
    some = [counted(number, name.removesuffix("s")) for name, number in n.items() if number]
    if some:
        yield (
            f"{' and '.join(some)} {'is' if sum(n.values()) == 1 else 'are'} the best of the rest: "
            "too few images of the class meet the method’s own rule"
        )


def _problems(study: Study) -> Iterator[str]:
    if not attributes_of(study):
        yield "it names no attributes: put up to five into the selection as attributes: [NAME, ...]"
    if class_of(study) is None:
        yield (
            "it needs one class of the image set: put its wnid into the selection as "
            "classes: [WNID]"
        )
    elif example_set(study) is None:
        yield (
            "no model of the study has an example set of the class by this method and these "
            "numbers: run select_examples, for instance with "
            f"--condition {study.selection.get('method', USUAL_METHOD)}+criticisms"
        )
    odd = study.conditions.exclude(kind=ConditionKind.WHOLE_IMAGE).values_list("name", flat=True)
    if odd:
        yield f"condition {', '.join(odd)} does not show the whole image: choose that kind for it"


def _drawn(study: Study) -> AtLaunch:
    return {"sets": {name: list(found) for name, found in sets_of(study).items()}}


SETS_OF_A_CLASS = Population(
    size=_size,
    pictures=_pictures,
    in_words=_in_words,
    problems=_problems,
    drawn=_drawn,
    warnings=_rest,
)
