"""The trials with a known answer: what they show, and what each rater said to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from studyapp.known_answers import KnownAnswer, read_known_answers
from studyapp.models import Image, LabelClass, Study, Vote
from studyapp.selectors.population import mistakes
from studyapp.selectors.populations import Asked, Picture
from studyapp.selectors.slices import WHOLE, Slice
from studyapp.vocabulary import (
    CONFIRMED_ASSIGNMENT_STATES,
    ConditionKind,
    PopulationKind,
    QuestionKind,
)


@dataclass(frozen=True)
class KnownPicture:
    picture: Picture
    answer: str


@dataclass(frozen=True)
class Marks:
    """One rater's answers to known trials: the first to each, in work that is confirmed.

    right and n count yes and no; unsure is neither.
    """

    right: int
    n: int
    unsure: int


NO_MARKS = Marks(right=0, n=0, unsure=0)


def known_pictures(study: Study) -> list[KnownPicture]:
    """Those of the study's known answers whose image and class are there."""
    known = _read(study)
    images = Image.objects.filter(
        image_set=study.image_set_id, image_id__in=[one.image for one in known]
    )
    by_id = {image.image_id: image for image in images if image.content_hash}
    classes = _classes(study)
    return [
        KnownPicture(
            Picture(image=by_id[one.image], asked=(Asked(label_class=classes[one.label_class]),)),
            answer=one.answer,
        )
        for one in known
        if one.image in by_id and one.label_class in classes
    ]


def known_answer_problems(study: Study) -> Iterator[str]:
    """What forbids a launch."""
    if not study.gold_per_hit:
        return
    if study.question_kind != QuestionKind.RELEVANCE:
        yield "gold: known answers are for questions about one class"
    if study.conditions.exclude(kind=ConditionKind.WHOLE_IMAGE).exists():
        yield "gold: known answers are for studies that show whole images only"
    if study.population != PopulationKind.MISTAKES:
        yield "gold: known answers are for studies of mistakes"
    yield from _asked_in_earnest(study)
    there = {
        (found.picture.image.image_id, found.picture.asked[0].label_class)
        for found in known_pictures(study)
    }
    classes = _classes(study)
    for one in _read(study):
        if (one.image, classes.get(one.label_class)) not in there:
            yield (
                f"gold: {one.image} with {one.label_class}: no such image with a file, or no such "
                f"class, in {study.image_set.name}"
            )


def _asked_in_earnest(study: Study) -> Iterator[str]:
    """Pictures and classes that one of the models mistakes, told by content as raters see them."""
    pairs = {
        (known.picture.image.content_hash, known.picture.asked[0].label_class)
        for known in known_pictures(study)
    }
    wrong = mistakes(study).filter(image__content_hash__in={content for content, _ in pairs})
    for content, asked, image in wrong.values_list(
        "image__content_hash", "top1", "image__image_id"
    ).distinct():
        if (content, asked) in pairs:
            yield (
                f"gold: {image} is a mistake of a model with this very class, so raters are asked "
                "about it in earnest: take it out of the list"
            )


def marks(study: Study, *, only: Slice = WHOLE) -> dict[int, Marks]:
    """By key of the rater. A rater who gets a trial again is marked by the first answer."""
    votes = Vote.objects.filter(
        only.cast(),
        study=study,
        assignment__state__in=CONFIRMED_ASSIGNMENT_STATES,
        assignment__is_test=False,
        rater__is_test=False,
    ).exclude(trial__known_answer="")
    rows = votes.order_by("assignment", "-sequence", "pk").values_list(
        "rater_id", "trial_id", "trial__known_answer", "answer"
    )
    first: dict[tuple[int, int], tuple[str, str]] = {}
    for rater, trial, known, answer in rows:
        if trial is not None:
            first.setdefault((rater, trial), (known, answer))
    given: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for (rater, _), pair in first.items():
        given[rater].append(pair)
    return {
        rater: Marks(
            right=sum(known == answer for known, answer in pairs),
            n=sum(answer in ("yes", "no") for _, answer in pairs),
            unsure=sum(answer not in ("yes", "no") for _, answer in pairs),
        )
        for rater, pairs in given.items()
    }


def _read(study: Study) -> list[KnownAnswer]:
    """None where they are not used, or where the field says itself what is wrong with them."""
    if not study.gold_per_hit:
        return []
    try:
        return read_known_answers(study.gold)
    except ValueError:
        return []


def _classes(study: Study) -> dict[str, int]:
    """Keys of classes by name as raters read it, by id, and by plain name where it is one's own."""
    rows = list(
        LabelClass.objects.filter(class_list=study.image_set.class_list_id).values_list(
            "pk", "name", "prompt_name", "wnid"
        )
    )
    names = [name for _, name, _, _ in rows]
    found = {name: pk for pk, name, _, _ in rows if names.count(name) == 1}
    found |= {wnid: pk for pk, _, _, wnid in rows}
    return found | {prompt: pk for pk, _, prompt, _ in rows}
