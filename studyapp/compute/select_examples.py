"""Step 4: prototypes and criticisms of each class of a set, by one condition of the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from explain import selection
from explain.classifiers import Classifier
from explain.selection import Candidates
from explain.selection import ExampleSet as Selected
from studyapp import audit
from studyapp.compute.class_figures import by_attack, by_network
from studyapp.compute.input_errors import as_input_error
from studyapp.compute.kinds import plain
from studyapp.compute.load_classifier import load_classifier
from studyapp.errors import InputError
from studyapp.explanation import AdversarialSettings
from studyapp.identity import canonical_hash
from studyapp.models import Example, ExampleSet, Image, ImageSet, LabelClass, VisionModel
from studyapp.progress import Progress, silent
from studyapp.selectors.explanations import model_named
from studyapp.vocabulary import ExampleRole

#: What each method needs a network for; chance and recorded attacks need none.
NEEDS_NETWORK = frozenset({"mmd", "confidence"})


@dataclass(frozen=True, slots=True)
class SelectionRequest:
    """What is asked for: a method, how many of each role, from which images.

    steps  of the attack whose adversarial images decide, for the method "adversarial"
    avoid  primary keys of images that people are asked about
    """

    method: selection.Method
    prototypes: int = 6
    criticisms: int = 0
    seed: int = 0
    regulariser: float = 1e-5
    steps: AdversarialSettings = field(default_factory=AdversarialSettings)
    avoid: frozenset[int] = frozenset()

    def parameters(self) -> dict[str, object]:
        """What moves the choice, for the identity of a set."""
        own: dict[str, object] = {
            "method": self.method,
            "prototypes": self.prototypes,
            "criticisms": self.criticisms,
        }
        own |= {"regulariser": self.regulariser} if self.method == "mmd" else {"seed": self.seed}
        return own | ({"steps": self.steps.parameters()} if self.method == "adversarial" else {})


@dataclass(frozen=True)
class SelectionSummary:
    method: str
    n_classes: int
    n_new: int
    n_fallback: int
    problems: tuple[str, ...]

    def lines(self) -> list[str]:
        lines = [f"{self.method}: example sets of {self.n_classes} classes ({self.n_new} now)."]
        if self.n_fallback:
            lines.append(
                f"{self.n_fallback} pictures are the best of the rest: too few met the method's "
                "own rule. They are flagged."
            )
        if self.problems:
            lines.append(f"{len(self.problems)} classes have no set:")
            lines += [f"  {problem}" for problem in self.problems[:10]]
        return lines


def select_examples(
    image_set: ImageSet,
    *,
    request: SelectionRequest,
    model: str | None = None,
    classes: Sequence[int] | None = None,
    weights: str | None = None,
    device: str | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> SelectionSummary:
    """A set for every class with images, or for the classes of these indices.

    Sets that are there are kept: more images of a class, other images to avoid or another setting
    make another. A class with too few images is named and does not stop the others.

    Raises InputError where the model is missing or cannot be used, and where no class has a set.
    """
    vision_model = None if request.method == "uniform" else model_named(_given(model))
    network = None
    if vision_model is not None and request.method in NEEDS_NETWORK:
        network = load_classifier(vision_model, weights=weights, device=device)
    labels = LabelClass.objects.filter(class_list=image_set.class_list).order_by("index")
    labels = labels if classes is None else labels.filter(index__in=classes)
    problems: list[str] = []
    sets: list[tuple[ExampleSet, bool]] = []
    todo = list(labels)
    for number, label in enumerate(todo, start=1):
        images = list(image_set.images.filter(label=label, file__isnull=False).order_by("image_id"))
        if images:
            try:
                with as_input_error():
                    sets.append(
                        _one_class(
                            images,
                            label=label,
                            request=request,
                            model=vision_model,
                            network=network,
                        )
                    )
            except InputError as error:
                problems.append(str(error))
        progress(number, len(todo))
    if not sets:
        raise InputError(
            problems[0] if problems else "no class of the set has images with files",
            item=f"set {image_set.name!r}",
        )
    fallback = Example.objects.filter(example_set__in=[each for each, _ in sets], strict=False)
    summary = SelectionSummary(
        method=request.method,
        n_classes=len(sets),
        n_new=sum(new for _, new in sets),
        n_fallback=fallback.count(),
        problems=tuple(problems),
    )
    counts = {"classes": summary.n_classes, "new": summary.n_new, "without": len(problems)}
    about = {"set": image_set.name, "model": model, **request.parameters()}
    audit.record("select_examples", actor=actor, summary={**about, **counts})
    return summary


def _given(model: str | None) -> str:
    if model is None:
        raise InputError(
            "this method asks a model", item="--model", remedy="Name one, or take uniform"
        )
    return model


def _one_class(
    images: list[Image],
    *,
    label: LabelClass,
    request: SelectionRequest,
    model: VisionModel | None,
    network: Classifier | None,
) -> tuple[ExampleSet, bool]:
    """The set of one class, and whether it is new."""
    pool = sorted(
        [str(each.content_hash), each.image_id] for each in images if each.pk not in request.avoid
    )
    key: dict[str, Any] = {
        "image_set": images[0].image_set,
        "vision_model": model,
        "label_class": label,
        "parameters_hash": canonical_hash(request.parameters()),
        "candidates_hash": canonical_hash({"images": pool}),
    }
    there = ExampleSet.objects.filter(**key).first()
    if there is not None:
        return there, False
    chosen = selection.select(
        request.method,
        _candidates(images, label=label, request=request, model=model, network=network),
        prototypes=request.prototypes,
        criticisms=request.criticisms,
        seed=request.seed,
        targets=request.avoid,
        regulariser=request.regulariser,
    )
    return _saved(key, chosen, request=request)


def _candidates(
    images: list[Image],
    *,
    label: LabelClass,
    request: SelectionRequest,
    model: VisionModel | None,
    network: Classifier | None,
) -> Candidates[int]:
    if network is not None:
        return by_network(network, images, label=label, features=request.method == "mmd")
    if model is not None:
        return by_attack(images, label=label, model=model, settings=request.steps)
    return Candidates(keys=[image.pk for image in images], name=label.name)


def _saved(
    key: dict[str, Any], chosen: Selected[int], *, request: SelectionRequest
) -> tuple[ExampleSet, bool]:
    """The set and its pictures, both or neither; another worker's where that was first."""
    with transaction.atomic():
        row, new = ExampleSet.objects.get_or_create(
            **key,
            defaults={
                "method": chosen.method,
                "parameters": {**request.parameters(), **chosen.parameters},
                "n_candidates": chosen.n_candidates,
                "flags": [] if chosen.strict else ["fallback"],
                "provenance": plain(chosen.provenance) if chosen.provenance else {},
            },
        )
        roles = (
            (ExampleRole.PROTOTYPE, chosen.prototypes),
            (ExampleRole.CRITICISM, chosen.criticisms),
        )
        if new:
            Example.objects.bulk_create(
                Example(
                    example_set=row,
                    image_id=pick.key,
                    role=role,
                    rank=rank,
                    scores=dict(pick.scores),
                    strict=pick.strict,
                )
                for role, picks in roles
                for rank, pick in enumerate(picks)
            )
    return row, new
