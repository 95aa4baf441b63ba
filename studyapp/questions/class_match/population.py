"""Rounds as the pictures of a study: the target, asked about with the groups of a condition."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.asking import Subject
from studyapp.models import Condition, Image, LabelClass, Study
from studyapp.plurals import counted
from studyapp.questions.class_match import GROUPS
from studyapp.questions.class_match.rounds import (
    Round,
    Sets,
    best_of_the_rest,
    drawn_rounds,
    example_sets,
    plan_rounds,
    wanted_rounds,
)
from studyapp.rendering import picture_hash
from studyapp.selectors import populations
from studyapp.selectors.populations import Asked, Picture, Population, PopulationSize
from studyapp.vocabulary import ConditionKind

KINDS = frozenset({ConditionKind.PROTOTYPES, ConditionKind.CRITICISMS, ConditionKind.RANDOM})


def _pictures(study: Study, condition: Condition) -> Iterator[list[Picture]]:
    """The pictures of the groups first, which only have to be there, then the targets."""
    sets = example_sets(study, condition)
    rounds = plan_rounds(study)
    used = sorted({label for each in rounds for label in each.classes})
    shown = [Picture(image, ()) for label in used for image in sets[label]]
    index = dict(LabelClass.objects.filter(pk__in=used).values_list("pk", "index"))
    targets = [
        Picture(each.target, (Asked(subject=_subject(study, each, sets=sets, index=index)),))
        for each in rounds
    ]
    for pictures in (shown, targets):
        for start in range(0, len(pictures), populations.BATCH):
            yield pictures[start : start + populations.BATCH]


def _subject(study: Study, found: Round, *, sets: Sets, index: dict[int, int]) -> Subject:
    """The groups by the hashes of their stimuli; `right` is what no page may show."""

    def shown(image: Image) -> str:
        return picture_hash(Picture(image, ()), study=study)

    return {
        "class_list": study.image_set.class_list.content_hash,
        "classes": [index[label] for label in found.classes],
        "groups": [[shown(image) for image in sets[label]] for label in found.classes],
        "right": found.right,
    }


def _size(study: Study) -> PopulationSize:
    n = len(plan_rounds(study))
    return PopulationSize(images=n, showable=n, pairs=n * study.conditions.count(), of_one=n)


def _in_words(study: Study) -> str:
    return (
        f"In each of {counted(wanted_rounds(study), 'round')} raters saw a target image of the "
        f"image set {study.image_set.name} and {GROUPS} groups of six images, each group standing "
        "for one class, and chose the group the target belongs to. The rounds are the same in "
        "every condition, which differ in how the images of a group were chosen; no target is "
        "among the images shown."
        f"{''.join(f' Of the images of the groups, {told}.' for told in _rest(study))}"
    )


def _rest(study: Study) -> Iterator[str]:
    """In which conditions how many pictures only come nearest to what their method asks for."""
    some = {name: n for name, n in best_of_the_rest(study).items() if n[0]}
    if some:
        each = ", ".join(f"{rest:,} of {n:,} in {name}" for name, (rest, n) in some.items())
        yield (
            f"{each} are the best of the rest: too few images of their class meet their method’s "
            "own rule"
        )


def _problems(study: Study) -> Iterator[str]:
    yield from populations.unknown_classes(study)
    conditions = list(study.conditions.all())
    odd = [condition.name for condition in conditions if condition.kind not in KINDS]
    if odd:
        yield f"condition {', '.join(odd)} shows no groups: choose another kind for it"
    for condition in conditions:
        n = len(example_sets(study, condition))
        if n < GROUPS:
            yield (
                f"condition {condition.name} has example sets of {n} classes and needs "
                f"{GROUPS}: run select_examples with its method and numbers"
            )
    n = len(plan_rounds(study))
    if n < wanted_rounds(study):
        yield (
            f"there are images for {counted(n, 'round')} only, and {wanted_rounds(study)} are "
            "wanted: lower rounds in the selection, or import more images"
        )


ROUNDS = Population(
    size=_size,
    pictures=_pictures,
    in_words=_in_words,
    problems=_problems,
    drawn=drawn_rounds,
    warnings=_rest,
)
