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
from studyapp.compute.image_figures import image_figures
from studyapp.compute.input_errors import as_input_error
from studyapp.compute.kinds import plain
from studyapp.compute.load_classifier import load_classifier
from studyapp.errors import InputError
from studyapp.identity import canonical_hash
from studyapp.models import Example, ExampleSet, Image, LabelClass, VisionModel
from studyapp.progress import Progress, silent
from studyapp.selection import SelectionRequest
from studyapp.selectors.explanations import model_named
from studyapp.selectors.image_sets import image_set_by_name
from studyapp.selectors.named import study_named
from studyapp.selectors.shown_images import shown_images
from studyapp.vocabulary import ExampleRole

PROBLEMS_NAMED = 10


@dataclass(frozen=True)
class SelectionSummary:
    method: str
    n_classes: int
    n_new: int
    n_fallback: int
    #: Classes without a set, and images that took no part.
    problems: tuple[str, ...]
    failures: tuple[str, ...]

    def lines(self) -> list[str]:
        lines = [f"{self.method}: example sets of {self.n_classes} classes ({self.n_new} now)."]
        if self.n_fallback:
            lines.append(
                f"{self.n_fallback} pictures are the best of the rest: too few met the method's "
                "own rule. They are flagged."
            )
        for what, named in (
            ("classes have no set", self.problems),
            ("images take no part", self.failures),
        ):
            if named:
                lines.append(f"{len(named)} {what}:")
                lines += [f"  {each}" for each in named[:PROBLEMS_NAMED]]
        return lines


def select_examples(
    request: SelectionRequest,
    *,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> SelectionSummary:
    """A set for every class with images, or for the classes that are asked for.

    Sets that are there are kept: more images of a class, other images to avoid or another setting
    make another. A class with too few images is named and does not stop the others. Figures that
    workers made beforehand (`prepare_examples`) are not computed again.

    Raises InputError where the model is missing or cannot be used, and where no class has a set.
    """
    work = _Work.of(request)
    image_set = image_set_by_name(request.image_set)
    labels = LabelClass.objects.filter(class_list=image_set.class_list).order_by("index")
    labels = labels if request.classes is None else labels.filter(index__in=request.classes)
    problems: list[str] = []
    sets: list[tuple[ExampleSet, bool]] = []
    todo = list(labels)
    for number, label in enumerate(todo, start=1):
        images = list(image_set.images.filter(label=label, file__isnull=False).order_by("image_id"))
        if images:
            try:
                with as_input_error():
                    sets.append(work.one_class(images, label=label))
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
        failures=tuple(work.failures),
    )
    counts = {"classes": summary.n_classes, "new": summary.n_new, "without": len(problems)}
    about = {"set": image_set.name, "model": request.model, **request.parameters()}
    audit.record("select_examples", actor=actor, summary={**about, **counts})
    return summary


def prepare_examples(
    request: SelectionRequest, *, images: Sequence[int], progress: Progress = silent
) -> None:
    """The figures of these images (primary keys): one worker's part of what the choice needs.

    An image without figures is named by `select_examples`. Raises InputError where the model cannot
    be used.
    """
    work = _Work.of(request)
    if work.network is None or work.model is None:
        return
    rows = list(Image.objects.filter(pk__in=images, file__isnull=False).order_by("image_id"))
    with as_input_error():
        image_figures(
            work.network,
            rows,
            model=work.model,
            features=request.method == "mmd",
            progress=progress,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What all classes of one run share; images without figures are collected in `failures`."""

    request: SelectionRequest
    model: VisionModel | None
    network: Classifier | None
    avoid: frozenset[int]
    failures: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, request: SelectionRequest) -> _Work:
        model = network = None
        if request.method != "uniform":
            model = model_named(request.model or "")
        if model is not None and request.needs_network:
            network = load_classifier(model, weights=request.weights, device=request.device)
        shown = shown_images(study_named(request.avoid)) if request.avoid else None
        avoid = frozenset() if shown is None else frozenset(shown.values_list("pk", flat=True))
        return cls(request, model, network, avoid)

    def one_class(self, images: list[Image], *, label: LabelClass) -> tuple[ExampleSet, bool]:
        """The set of one class, and whether it is new."""
        pool = sorted(
            [str(each.content_hash), each.image_id] for each in images if each.pk not in self.avoid
        )
        key: dict[str, Any] = {
            "image_set": images[0].image_set,
            "vision_model": self.model,
            "label_class": label,
            "parameters_hash": canonical_hash(self.request.parameters()),
            "candidates_hash": canonical_hash({"images": pool}),
        }
        there = ExampleSet.objects.filter(**key).first()
        if there is not None:
            return there, False
        chosen = selection.select(
            self.request.method,
            self._candidates(images, label=label),
            prototypes=self.request.prototypes,
            criticisms=self.request.criticisms,
            seed=self.request.seed,
            targets=self.avoid,
            regulariser=self.request.regulariser,
        )
        return _saved(key, chosen, request=self.request)

    def _candidates(self, images: list[Image], *, label: LabelClass) -> Candidates[int]:
        if self.model is None:
            return Candidates(keys=[image.pk for image in images], name=label.name)
        if self.network is None:
            return by_attack(images, label=label, model=self.model, settings=self.request.steps)
        found, failures = by_network(
            self.network,
            images,
            model=self.model,
            label=label,
            features=self.request.method == "mmd",
        )
        self.failures.extend(str(failure.error) for failure in failures)
        return found


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
