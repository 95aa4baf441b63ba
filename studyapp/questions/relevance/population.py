"""Pairs of a picture and a class: the mistakes of a model, or what an attack made it say."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.models import Condition, Study
from studyapp.questions.relevance import audited, flipped
from studyapp.selectors.population import mistakes, mistakes_size
from studyapp.selectors.populations import Asked, AtLaunch, Picture, Population, PopulationSize
from studyapp.selectors.predicted_pictures import pictures_by_content
from studyapp.vocabulary import PopulationKind


def _size(study: Study) -> PopulationSize:
    if study.population == PopulationKind.FLIPPED:
        return flipped.size(study)
    if study.population == PopulationKind.AUDITED:
        return audited.size(study)
    return mistakes_size(study)


def _pictures(study: Study, condition: Condition) -> Iterator[list[Picture]]:
    if study.population == PopulationKind.FLIPPED:
        return flipped.pictures(study, condition)
    if study.population == PopulationKind.AUDITED:
        return audited.pictures(study)
    return pictures_by_content(
        mistakes(study), columns=["top1"], ask=lambda row: Asked(label_class=row[0])
    )


def _in_words(study: Study) -> str:
    where = f"the image set {study.image_set.name}"
    if study.population == PopulationKind.FLIPPED:
        return flipped.in_words(study)
    if study.population == PopulationKind.AUDITED:
        return audited.in_words(study)
    beside = (
        f", but for the pairs of an image and a class that were judged in {study.leaves_out.name}"
        if study.leaves_out
        else ""
    )
    return (
        f"Raters were asked about every image of {where} whose annotated class differs from the "
        f"first prediction of a model of this study{beside}."
    )


def _problems(study: Study) -> Iterator[str]:
    if study.population == PopulationKind.FLIPPED:
        yield from flipped.problems(study)
    if study.population == PopulationKind.AUDITED:
        yield from audited.problems(study)


def _drawn(study: Study) -> AtLaunch:
    if study.population == PopulationKind.FLIPPED:
        return flipped.drawn_attack(study)
    return audited.drawn_decoys(study) if study.population == PopulationKind.AUDITED else {}


PAIRS = Population(
    size=_size, pictures=_pictures, in_words=_in_words, problems=_problems, drawn=_drawn
)
