"""Step 3: attention images, adversarial images or saliency maps for the images of a set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import F

from explain import device as devices
from explain.types import Failure
from studyapp import audit
from studyapp.compute.input_errors import as_input_error
from studyapp.compute.kinds import Make, Work
from studyapp.compute.load_classifier import load_classifier
from studyapp.compute.make_adversarial import make_adversarial
from studyapp.compute.make_attention import make_attention
from studyapp.compute.make_saliency import make_saliency
from studyapp.compute.read_images import Picture, Target, read_images
from studyapp.errors import InputError
from studyapp.explanation import ExplainRequest
from studyapp.models import Artefact
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.selectors.explanation_facts import explanation_facts
from studyapp.selectors.explanations import TABLES, missing, model_named, wanted
from studyapp.vocabulary import ExplanationKind

#: So few that a killed worker loses little, for work that may take seconds an image.
ROWS_PER_WRITE = 8
FAILURES_NAMED = 10

MAKERS: Mapping[ExplanationKind, Make] = {
    ExplanationKind.ATTENTION: make_attention,
    ExplanationKind.ADVERSARIAL: make_adversarial,
    ExplanationKind.SALIENCY: make_saliency,
}

_NEXT = {
    ExplanationKind.ATTENTION: "Next: look at them in the admin, under Attention images",
    ExplanationKind.ADVERSARIAL: "Next: manage.py explain --kind attention --among attacked ..., "
    "or select_examples --condition adversarial ...",
    ExplanationKind.SALIENCY: "Next: manage.py robustness with the same settings",
}


@dataclass(frozen=True)
class ExplainSummary:
    kind: ExplanationKind
    model: str
    device: str
    n_wanted: int
    n_new: int
    failures: tuple[str, ...]
    #: Over all artefacts of the request; empty for a part of a set.
    facts: tuple[str, ...]

    def lines(self) -> list[str]:
        done = self.n_wanted - len(self.failures)
        where = f", on {self.device}" if self.device else ""
        lines = [
            f"{self.model}: {self.kind.label.lower()}s of {done} images ({self.n_new} now{where})."
        ]
        return [*lines, *self.facts, *self.problems(), _NEXT[self.kind]]

    def problems(self) -> list[str]:
        """What a person has to look at."""
        if not self.failures:
            return []
        lines = [f"{counted(len(self.failures), 'image')} could not be explained:"]
        lines += [f"  {failure}" for failure in self.failures[:FAILURES_NAMED]]
        more = len(self.failures) - FAILURES_NAMED
        return [*lines, f"  ... and {more} more"] if more > 0 else lines


def explain(
    request: ExplainRequest,
    *,
    images: Sequence[int] | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ExplainSummary:
    """Make what is not made yet; stopped at any point, the same call goes on from there.

    `images` narrows the set to these primary keys: the part of one worker among many, whose audit
    line is that of the whole.

    Raises InputError where the model, its weights, the settings or every image cannot be used.
    """
    model_named(request.model)
    n_wanted = wanted(request, images=images).count()
    if images is None and not n_wanted:
        raise InputError(
            f"model {request.model} has no {_population(request)} with a file in this set"
            + (" among the classes that are asked for" if request.classes else ""),
            item=f"set {request.image_set!r}",
            remedy=(
                "Leave --class out, or choose other classes"
                if request.classes
                else "Run predict with the model on this set first"
            ),
        )
    targets = _targets(request, images=images)
    progress(n_wanted - len(targets), n_wanted)
    failures, device = _work(request, targets, n_wanted=n_wanted, progress=progress)
    if failures and len(failures) == n_wanted:
        raise InputError(
            f"none of {n_wanted} images could be explained",
            item=failures[0].rstrip("."),
            remedy="Look at the first image's error",
        )
    summary = ExplainSummary(
        kind=request.settings.kind,
        model=request.model,
        device=device,
        n_wanted=n_wanted,
        n_new=len(targets) - len(failures),
        failures=tuple(failures),
        facts=tuple(explanation_facts(request)) if images is None else (),
    )
    if images is None:
        counts = {"new": summary.n_new, "failed": len(failures)}
        audit.record("explain", actor=actor, summary={**request.arguments(), **counts})
    return summary


def _work(
    request: ExplainRequest, targets: list[Target], *, n_wanted: int, progress: Progress
) -> tuple[list[str], str]:
    """Make and save; returns what failed, and the device in words."""
    if not targets:
        return [], ""
    failures: list[str] = []
    n_done = n_wanted - len(targets)
    vision_model = model_named(request.model)
    with as_input_error():
        classifier = load_classifier(
            vision_model,
            weights=request.weights,
            device=request.device,
            precision=request.settings.precision,
        )
        classes = list(vision_model.class_list.classes.order_by("index"))
        work = Work(classifier, vision_model, request.settings, classes)
        results = _results(work, targets)
        while chunk := list(islice(results, ROWS_PER_WRITE)):
            failures += [str(each.error) for each in chunk if isinstance(each, Failure)]
            _save(request, [each for each in chunk if not isinstance(each, Failure)])
            n_done += len(chunk)
            progress(n_done, n_wanted)
    return failures, devices.describe(classifier.device)


def _population(request: ExplainRequest) -> str:
    among = {
        "mistakes": "mistakes",
        "right": "images it gets right",
        "all": "predictions",
        "attacked": "adversarial image",
    }
    return among[request.among]


def _targets(request: ExplainRequest, *, images: Sequence[int] | None) -> list[Target]:
    rows = missing(request, images=images)
    columns = rows.values_list("image", "image__image_id", F("shown_file"), F("index"))
    prepared = request.among == "attacked"
    return [
        Target(pk, image_id, file, class_index, prepared=prepared)
        for pk, image_id, file, class_index in columns
    ]


def _results(work: Work, targets: list[Target]) -> Iterator[Artefact | Failure[Target]]:
    """Rows and failures as they come, in no particular order."""
    unreadable: list[Failure[Target]] = []

    def good(results: Iterable[Picture | Failure[Target]]) -> Iterator[Picture]:
        for result in results:
            if isinstance(result, Failure):
                unreadable.append(result)
            else:
                yield result

    pictures = good(read_images(work.classifier, targets))
    yield from MAKERS[work.settings.kind](work, pictures)
    yield from unreadable


def _save(request: ExplainRequest, rows: list[Artefact]) -> None:
    """Another worker may have made the same: then the first row stays."""
    table = TABLES[request.settings.kind]
    table._default_manager.bulk_create(rows, ignore_conflicts=True)
