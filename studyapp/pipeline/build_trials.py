"""Turn the mistakes of a study's models into trials: one per picture and predicted class."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Min

from studyapp import audit
from studyapp.errors import ImageInputError, StudyError
from studyapp.identity import center_crop_rendering, rendered_stimulus_hash, wording_version
from studyapp.lifecycle import require_state
from studyapp.models import Image, Question, Stimulus, Study, Trial, Wording
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.rendering import rendered_stimulus
from studyapp.selectors.population import PopulationSize, mistakes, population_size
from studyapp.selectors.protocol import refuse_changed_protocol
from studyapp.vocabulary import StudyState

#: Pictures handled between two progress reports and in one transaction.
BATCH = 64
MOST_THREADS = 8
#: States in which trials can be built, and the command that then comes next.
_FOLLOWING = {
    StudyState.DRAFT: "review",
    StudyState.REVIEWED: "launch",
    StudyState.LIVE: "publish",
}
_UNUSABLE_SHOWN = 10


@dataclass
class BuildTrialsSummary:
    """What was found and made. Counts trials, except where another thing is named."""

    study: str
    state: str
    size: PopulationSize
    new: int = 0
    reused: int = 0
    withdrawn: int = 0
    stimuli_rendered: int = 0
    #: Message by image id: pictures of the population that could not be rendered.
    unusable: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        size = self.size
        found = (
            f"{self.study}: {counted(size.images, 'image')} in the population, {size.showable:,} "
            f"of them can be shown, {size.by_id_only:,} are known by id only and left out."
        )
        made = (
            f"{counted(self.new, 'new trial')}, {self.reused:,} were there before; "
            f"{counted(self.stimuli_rendered, 'picture')} rendered."
        )
        lines = [found, made]
        if self.withdrawn:
            lines.append(f"{counted(self.withdrawn, 'trial')} of an earlier draft withdrawn.")
        if self.unusable:
            lines.append(f"{counted(len(self.unusable), 'picture')} could not be rendered:")
            lines += [f"  {text}" for text in list(self.unusable.values())[:_UNUSABLE_SHOWN]]
        return [*lines, f"Next: manage.py {_FOLLOWING[StudyState(self.state)]} {self.study}"]


@dataclass(frozen=True)
class _Picture:
    """One content of the population: an image that has it, and the classes to ask about."""

    image: Image
    classes: tuple[int, ...]


def build_trials(
    study: Study, *, actor: AbstractBaseUser | None = None, progress: Progress = silent
) -> BuildTrialsSummary:
    """Make the trials that are missing. Interrupted or repeated, it ends with the same rows.

    Models that make the same mistake on the same picture share the trial, and image rows of equal
    content share the stimulus. Before launch, trials that no longer belong are withdrawn.
    """
    require_state(
        study,
        states=frozenset(_FOLLOWING),
        verb="build its trials",
        remedy="Make a new study with new_study",
    )
    refuse_changed_protocol(study)
    conditions = list(study.conditions.values_list("pk", flat=True))
    summary = BuildTrialsSummary(study=study.name, state=study.state, size=population_size(study))
    if not summary.size.showable or not conditions:
        raise StudyError(
            f"there is nothing to ask: {counted(summary.size.images, 'image')} in the population, "
            f"{summary.size.showable} with a file, {counted(len(conditions), 'condition')}",
            item=f"study {study.name}",
            remedy="`manage.py review` says what is missing",
        )
    wording = _wording(study)
    wanted: set[int] = set()
    done = 0
    for pictures in _batches(study):
        stimuli = _stimuli(study, pictures=pictures, summary=summary)
        questions = _questions(pictures, stimuli=stimuli, wording=wording)
        wanted.update(questions)
        for condition in conditions:
            _trials(condition, questions=questions, summary=summary)
        done += len(pictures)
        progress(done, None)
    if not study.frozen and not summary.unusable:
        summary.withdrawn = _withdraw(study, wanted=wanted)
    _record(summary, study=study, actor=actor)
    return summary


def _wording(study: Study) -> Wording:
    wording, _ = Wording.objects.get_or_create(
        version=wording_version(study.question_kind, text=study.question),
        defaults={"kind": study.question_kind, "text": study.question},
    )
    return wording


def _batches(study: Study) -> Iterator[list[_Picture]]:
    """The population's pictures in the order of their content, a bounded number at a time."""
    last = ""
    while True:
        rest = mistakes(study).filter(image__content_hash__gt=last)
        found = (
            rest.values("image__content_hash")
            .annotate(first=Min("image"))
            .order_by("image__content_hash")
            .values_list("image__content_hash", "first")[:BATCH]
        )
        contents = [(str(content), first) for content, first in found]
        if not contents:
            return
        last = contents[-1][0]
        pairs = rest.filter(image__content_hash__lte=last).values_list(
            "image__content_hash", "top1"
        )
        classes: dict[str, set[int]] = {}
        for content, top1 in pairs:
            classes.setdefault(str(content), set()).add(top1)
        images = Image.objects.in_bulk([first for _, first in contents])
        yield [
            _Picture(images[first], tuple(sorted(classes[content]))) for content, first in contents
        ]


def _stimuli(
    study: Study, *, pictures: list[_Picture], summary: BuildTrialsSummary
) -> dict[int, Stimulus]:
    """The stimulus of each picture by its image, rendered where it is not there yet."""
    rendering = center_crop_rendering(resize=study.render_resize, crop=study.render_crop)
    hashes = {
        picture.image.pk: rendered_stimulus_hash(
            picture.image.content_hash or "", rendering=rendering
        )
        for picture in pictures
    }
    known = _known(hashes.values())
    missing = [picture.image for picture in pictures if hashes[picture.image.pk] not in known]
    fresh = []
    for image, stimulus in zip(missing, _render_all(missing, study=study), strict=True):
        if isinstance(stimulus, ImageInputError):
            summary.unusable[image.image_id] = str(stimulus)
        else:
            fresh.append(stimulus)
    if fresh:
        Stimulus.objects.bulk_create(fresh, ignore_conflicts=True)
        summary.stimuli_rendered += len(fresh)
        known = _known(hashes.values())
    return {image: known[text] for image, text in hashes.items() if text in known}


def _known(hashes: Iterable[str]) -> dict[str, Stimulus]:
    rows = Stimulus.objects.filter(stimulus_hash__in=list(hashes))
    return {row.stimulus_hash: row for row in rows}


def _render_all(images: list[Image], *, study: Study) -> list[Stimulus | ImageInputError]:
    """The stimuli, or why there is none, in the order of the images."""
    if not images:
        return []

    def render(image: Image) -> Stimulus | ImageInputError:
        # No database here: this is a thread.
        try:
            return rendered_stimulus(image, resize=study.render_resize, crop=study.render_crop)
        except ImageInputError as error:
            return error

    # Pillow works outside the interpreter's lock, so threads use every core.
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, MOST_THREADS)) as pool:
        return list(pool.map(render, images))


def _questions(
    pictures: list[_Picture], *, stimuli: Mapping[int, Stimulus], wording: Wording
) -> list[int]:
    """The ledger's questions about these pictures; returns their keys."""
    asked = {
        (stimuli[picture.image.pk].pk, label_class)
        for picture in pictures
        if picture.image.pk in stimuli
        for label_class in picture.classes
    }
    Question.objects.bulk_create(
        [
            Question(stimulus_id=stimulus, label_class_id=label_class, wording=wording)
            for stimulus, label_class in sorted(asked)
        ],
        ignore_conflicts=True,
    )
    rows = Question.objects.filter(
        stimulus__in={stimulus for stimulus, _ in asked}, wording=wording
    ).values_list("pk", "stimulus_id", "label_class_id")
    return [pk for pk, stimulus, label_class in rows if (stimulus, label_class) in asked]


def _trials(condition: int, *, questions: list[int], summary: BuildTrialsSummary) -> None:
    with transaction.atomic():
        there = set(
            Trial.objects.filter(condition=condition, question__in=questions).values_list(
                "question_id", flat=True
            )
        )
        missing = [question for question in sorted(questions) if question not in there]
        Trial.objects.bulk_create(
            [Trial(condition_id=condition, question_id=question) for question in missing],
            ignore_conflicts=True,
        )
    summary.new += len(missing)
    summary.reused += len(there)


def _withdraw(study: Study, *, wanted: set[int]) -> int:
    """Before launch: drop trials of models, pictures or words the draft no longer has."""
    with transaction.atomic():
        locked = Study.objects.select_for_update().get(pk=study.pk)
        if locked.frozen:
            return 0
        trials = Trial.objects.filter(
            condition__study=study, hit_trials__isnull=True, votes__isnull=True
        )
        stale = [
            pk for pk, question in trials.values_list("pk", "question_id") if question not in wanted
        ]
        for start in range(0, len(stale), 500):
            Trial.objects.filter(pk__in=stale[start : start + 500]).delete()
    return len(stale)


def _record(summary: BuildTrialsSummary, *, study: Study, actor: AbstractBaseUser | None) -> None:
    audit.record(
        "build_trials",
        study=study,
        actor=actor,
        summary={
            "images": summary.size.images,
            "showable": summary.size.showable,
            "by_id_only": summary.size.by_id_only,
            "new": summary.new,
            "reused": summary.reused,
            "withdrawn": summary.withdrawn,
            "stimuli_rendered": summary.stimuli_rendered,
            "unusable": len(summary.unusable),
        },
    )
