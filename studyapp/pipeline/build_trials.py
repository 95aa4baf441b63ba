"""Turn a study's population into trials: in each condition one per picture and thing asked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models.functions import Coalesce

from studyapp import audit
from studyapp.errors import ImageInputError, StudyError
from studyapp.identity import subject_hash, wording_version
from studyapp.known_answers import ANSWERS
from studyapp.lifecycle import require_state
from studyapp.models import HIT, Question, Stimulus, Study, Trial, Wording
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.rendering import picture_hash, stimulus_of
from studyapp.row_locks import lock_study
from studyapp.selectors.known_answers import known_pictures
from studyapp.selectors.population import population_size
from studyapp.selectors.populations import Picture, PopulationSize, population_of
from studyapp.selectors.protocol import refuse_changed_protocol, refuse_other_draw
from studyapp.vocabulary import StudyState

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
            lines.append(f"{counted(self.withdrawn, 'trial')} that no longer belong withdrawn.")
        if self.unusable:
            lines.append(f"{counted(len(self.unusable), 'picture')} could not be rendered:")
            lines += [f"  {text}" for text in list(self.unusable.values())[:_UNUSABLE_SHOWN]]
        return [*lines, f"Next: manage.py {_FOLLOWING[StudyState(self.state)]} {self.study}"]


def build_trials(
    study: Study, *, actor: AbstractBaseUser | None = None, progress: Progress = silent
) -> BuildTrialsSummary:
    """Make the trials that are missing. Interrupted or repeated, it ends with the same rows.

    Models about which the same is asked of the same picture share the trial, and image rows of
    equal content share the stimulus. Trials that no longer belong, for images or predictions came
    or changed, are withdrawn until the first lots are planned: launching builds the trials again.
    """
    require_state(
        study,
        states=frozenset(_FOLLOWING),
        verb="build its trials",
        remedy="Make a new study with new_study",
    )
    refuse_changed_protocol(study)
    refuse_other_draw(study)
    conditions = list(study.conditions.all())
    summary = BuildTrialsSummary(study=study.name, state=study.state, size=population_size(study))
    if not summary.size.showable or not conditions:
        raise StudyError(
            f"there is nothing to ask: {counted(summary.size.images, 'image')} in the population, "
            f"{summary.size.showable} with a file, {counted(len(conditions), 'condition')}",
            item=f"study {study.name}",
            remedy="`manage.py review` says what is missing",
        )
    wording = _wording(study)
    wanted: set[tuple[int, int]] = set()
    done = 0
    for condition in conditions:
        for pictures in population_of(study).pictures(study, condition):
            stimuli = _stimuli(study, pictures=pictures, summary=summary)
            questions = _questions(pictures, study=study, stimuli=stimuli, wording=wording)
            wanted.update((condition.pk, question) for question in questions)
            _trials(study, condition=condition.pk, questions=questions, summary=summary)
            done += len(pictures)
            progress(done, None)
        wanted |= _with_known_answers(
            study, condition=condition.pk, asked=wanted, wording=wording, summary=summary
        )
    if not summary.unusable:
        summary.withdrawn = _withdraw(study, wanted=wanted)
    _record(summary, study=study, actor=actor)
    return summary


def _with_known_answers(
    study: Study,
    *,
    condition: int,
    asked: set[tuple[int, int]],
    wording: Wording,
    summary: BuildTrialsSummary,
) -> set[tuple[int, int]]:
    """The trials whose answer is known, beside those asked in earnest."""
    there: set[tuple[int, int]] = set()
    for answer in ANSWERS:
        pictures = [one.picture for one in known_pictures(study) if one.answer == answer]
        if not pictures:
            continue
        stimuli = _stimuli(study, pictures=pictures, summary=summary)
        questions = _questions(pictures, study=study, stimuli=stimuli, wording=wording)
        pairs = {(condition, question) for question in questions}
        _refuse_both(study, both=len(pairs & asked))
        _trials(
            study,
            condition=condition,
            questions=questions,
            summary=summary,
            known_answer=answer,
        )
        there |= pairs
    return there


def _refuse_both(study: Study, *, both: int) -> None:
    """A trial cannot be asked in earnest and look at raters at once.

    Of a live study a model added since may come to predict what is known: that stays known, and is
    an error nobody was asked about.
    """
    if both and not study.frozen:
        raise StudyError(
            f"{counted(both, 'trial')} with a known answer would also be asked in earnest, and its "
            "votes cannot be both",
            item=f"study {study.name}",
            remedy="Take out of “gold” what one of the models predicts wrongly",
        )


def _wording(study: Study) -> Wording:
    wording, _ = Wording.objects.get_or_create(
        version=wording_version(study.question_kind, text=study.question),
        defaults={"kind": study.question_kind, "text": study.question},
    )
    return wording


def _stimuli(
    study: Study, *, pictures: list[Picture], summary: BuildTrialsSummary
) -> list[Stimulus | None]:
    """The stimulus of each picture, rendered where it is not there yet; None where it cannot be."""
    hashes = [picture_hash(picture, study=study) for picture in pictures]
    known = _known(hashes)
    missing = {
        text: picture for text, picture in zip(hashes, pictures, strict=True) if text not in known
    }
    fresh = []
    for picture, stimulus in zip(
        missing.values(), _render_all(list(missing.values()), study=study), strict=True
    ):
        if isinstance(stimulus, ImageInputError):
            summary.unusable[picture.image.image_id] = str(stimulus)
        else:
            fresh.append(stimulus)
    if fresh:
        Stimulus.objects.bulk_create(fresh, ignore_conflicts=True)
        summary.stimuli_rendered += len(fresh)
        known = _known(hashes)
    return [known.get(text) for text in hashes]


def _known(hashes: Iterable[str]) -> dict[str, Stimulus]:
    rows = Stimulus.objects.filter(stimulus_hash__in=list(hashes))
    return {row.stimulus_hash: row for row in rows}


def _render_all(pictures: list[Picture], *, study: Study) -> list[Stimulus | ImageInputError]:
    """The stimuli, or why there is none, in the order of the pictures."""
    if not pictures:
        return []

    def render(picture: Picture) -> Stimulus | ImageInputError:
        # No database here: this is a thread.
        try:
            return stimulus_of(picture, study=study)
        except ImageInputError as error:
            return error

    # Pillow works outside the interpreter's lock, so threads use every core.
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, MOST_THREADS)) as pool:
        return list(pool.map(render, pictures))


def _questions(
    pictures: list[Picture],
    *,
    study: Study,
    stimuli: Sequence[Stimulus | None],
    wording: Wording,
) -> list[int]:
    """The ledger's questions about these pictures; returns their keys."""
    asked = {}
    for picture, stimulus in zip(pictures, stimuli, strict=True):
        if stimulus is None:
            continue
        for about in picture.asked:
            about_hash = (
                subject_hash(study.question_kind, subject=about.subject) if about.subject else ""
            )
            asked[stimulus.pk, about.label_class or 0, about_hash] = about
    Question.objects.bulk_create(
        [
            Question(
                stimulus_id=stimulus,
                label_class_id=about.label_class,
                wording=wording,
                subject=about.subject,
                subject_hash=about_hash,
            )
            for (stimulus, _, about_hash), about in sorted(asked.items(), key=lambda item: item[0])
        ],
        ignore_conflicts=True,
    )
    rows = Question.objects.filter(
        stimulus__in={stimulus for stimulus, _, _ in asked}, wording=wording
    ).values_list("pk", "stimulus_id", Coalesce("label_class_id", 0), "subject_hash")
    return [pk for pk, *about in rows if tuple(about) in asked]


def _trials(
    study: Study,
    *,
    condition: int,
    questions: list[int],
    summary: BuildTrialsSummary,
    known_answer: str = "",
) -> None:
    with transaction.atomic():
        there = set(
            Trial.objects.filter(condition=condition, question__in=questions).values_list(
                "question_id", flat=True
            )
        )
        if not study.frozen:
            # A draft may have said otherwise before.
            Trial.objects.filter(condition=condition, question__in=there).exclude(
                known_answer=known_answer
            ).update(known_answer=known_answer)
        missing = [question for question in sorted(questions) if question not in there]
        Trial.objects.bulk_create(
            [
                Trial(condition_id=condition, question_id=question, known_answer=known_answer)
                for question in missing
            ],
            ignore_conflicts=True,
        )
    summary.new += len(missing)
    summary.reused += len(there)


def _withdraw(study: Study, *, wanted: set[tuple[int, int]]) -> int:
    """Drop trials of models, pictures or words the study no longer has; never once it has lots."""
    with transaction.atomic():
        locked = lock_study(study)
        if locked.frozen and HIT.objects.filter(study=locked).exists():
            return 0
        trials = Trial.objects.filter(
            condition__study=study, hit_trials__isnull=True, votes__isnull=True
        )
        stale = [
            pk
            for pk, *asked in trials.values_list("pk", "condition_id", "question_id")
            if tuple(asked) not in wanted
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
