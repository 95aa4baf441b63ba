"""The rounds of a matching study: six classes and a target each, the same in every condition.

Everything is drawn from the study's seed, so that rounds need no storing and building them again
gives the same. More images or a newer example set make other rounds: the protocol keeps a hash.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from studyapp.identity import canonical_hash
from studyapp.models import Condition, Example, ExampleSet, Image, Study
from studyapp.questions.class_match import GROUPS, PICTURES
from studyapp.selectors.populations import AtLaunch

#: Rounds of a study that does not say how many.
USUAL_ROUNDS = 40

#: Pictures that stand for each class in one condition, by the key of the class.
Sets = Mapping[int, Sequence[Image]]


@dataclass(frozen=True)
class Round:
    """classes: keys of six classes in a drawn order. right: place of the target's class."""

    number: int
    classes: tuple[int, ...]
    right: int
    target: Image


def wanted_rounds(study: Study) -> int:
    return int(study.selection.get("rounds", USUAL_ROUNDS))


def example_sets(study: Study, condition: Condition) -> Sets:
    """The newest fitting example set of each class that has six pictures with files in all."""
    return {
        label: _mixed(study, condition, label=label, pictures=[each.image for each in found])
        for label, found in _examples(study, condition).items()
    }


def best_of_the_rest(study: Study) -> dict[str, tuple[int, int]]:
    """By condition the pictures that do not meet their method's own rule, which too few images of
    their class do, and all pictures; of the classes with a set in every condition, as they were
    at launch."""
    of_conditions = {
        condition.name: _examples(study, condition, before=study.live_at)
        for condition in study.conditions.all()
    }
    classes = set.intersection(*map(set, of_conditions.values())) if of_conditions else set()
    told = {}
    for name, found in of_conditions.items():
        strict = [each.strict for label in classes for each in found[label]]
        told[name] = (strict.count(False), len(strict))
    return told


def _examples(
    study: Study, condition: Condition, *, before: datetime | None = None
) -> dict[int, list[Example]]:
    asked = condition.parameters
    rows = ExampleSet.objects.filter(
        Q(vision_model__isnull=True) | Q(vision_model__in=study.vision_models.all()),
        image_set=study.image_set_id,
        method=asked.get("method", ""),
        parameters__prototypes=asked.get("prototypes", PICTURES),
        parameters__criticisms=asked.get("criticisms", 0),
    )
    if before:
        rows = rows.filter(created_at__lte=before)
    if classes := study.selection.get("classes"):
        rows = rows.filter(label_class__wnid__in=classes)
    newest = dict(rows.order_by("pk").values_list("label_class", "pk"))
    of_class: dict[int, list[Example]] = {}
    examples = Example.objects.filter(
        example_set__in=newest.values(), image__content_hash__isnull=False
    ).order_by("-role", "rank")
    for example in examples.select_related("image", "example_set"):
        of_class.setdefault(example.example_set.label_class_id, []).append(example)
    return {label: found for label, found in sorted(of_class.items()) if len(found) == PICTURES}


def _mixed(
    study: Study, condition: Condition, *, label: int, pictures: list[Image]
) -> Sequence[Image]:
    """In a drawn order, so that nothing tells prototypes from criticisms."""
    mixed = list(pictures)
    random.Random(f"{study.seed}/{condition.name}/{label}").shuffle(mixed)
    return mixed


def plan_rounds(study: Study) -> list[Round]:
    """As many rounds as are wanted, or as there are targets for.

    Classes are those with a set in every condition. No target is among the pictures that any
    condition shows, under whichever id, and no picture is the target of two rounds.
    """
    of_conditions = [example_sets(study, condition) for condition in study.conditions.all()]
    if not of_conditions:
        return []
    classes = sorted(set.intersection(*(set(sets) for sets in of_conditions)))
    shown = {
        image.content_hash for sets in of_conditions for found in sets.values() for image in found
    }
    targets = _targets(study, classes=classes, shown=shown)
    chance = random.Random(f"{study.seed}/rounds")
    rounds: list[Round] = []
    while len(rounds) < wanted_rounds(study):
        left = [label for label in classes if targets[label]]
        if not left or len(classes) < GROUPS:
            break
        # The classes with the most pictures left come first, so that none runs out early.
        most = max(len(targets[label]) for label in left)
        of_target = chance.choice([label for label in left if len(targets[label]) == most])
        others = chance.sample([label for label in classes if label != of_target], GROUPS - 1)
        order = [of_target, *others]
        chance.shuffle(order)
        target = targets[of_target].pop()
        rounds.append(Round(len(rounds), tuple(order), order.index(of_target), target))
    return rounds


def drawn_rounds(study: Study) -> AtLaunch:
    """The rounds and the pictures of their groups as one hash, which the protocol keeps."""
    rounds = plan_rounds(study)
    shown = {condition.name: example_sets(study, condition) for condition in study.conditions.all()}
    told = [
        {
            "target": each.target.content_hash,
            "right": each.right,
            "groups": {
                name: [[image.content_hash for image in sets[label]] for label in each.classes]
                for name, sets in shown.items()
            },
        }
        for each in rounds
    ]
    return {"rounds": canonical_hash({"rounds": told})}


def _targets(
    study: Study, *, classes: Sequence[int], shown: set[str | None]
) -> dict[int, list[Image]]:
    """Images of each class that may be a target, each content once, in a drawn order."""
    rows = Image.objects.filter(
        image_set=study.image_set_id, label__in=classes, content_hash__isnull=False
    ).order_by("content_hash", "image_id")
    found: dict[int, list[Image]] = {label: [] for label in classes}
    seen = set(shown)
    for image in rows:
        if image.content_hash not in seen and image.label_id is not None:
            seen.add(image.content_hash)
            found[image.label_id].append(image)
    for label, images in found.items():
        random.Random(f"{study.seed}/targets/{label}").shuffle(images)
    return found
