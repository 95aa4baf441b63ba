"""HITs whose questions are about several things at once."""

from __future__ import annotations

from studyapp import storage
from studyapp.asking import question_type
from studyapp.identity import subject_hash, wording_version
from studyapp.models import HIT, HITTrial, LabelClass, Question, Stimulus, Study, Trial, Wording
from studyapp.questions.reason import USUAL_REASONS
from studyapp.vocabulary import HITState, QuestionKind, StudyState
from tests.factories.crowd import HITFactory
from tests.factories.dataset import label_class, png
from tests.factories.study import StimulusFactory, StudyFactory

#: What the usual pages of these types list.
ATTRIBUTES = ["A person in dark clothes", "A ball", "Water"]


def open_hit_about(kind: QuestionKind, *, n: int = 3, side: int = 64, wide: bool = False) -> HIT:
    """An open HIT of a live study of this kind with `n` trials on pictures of that size.

    wide: twice as wide, as a square with its map beside it is."""
    asked = question_type(kind)
    study = StudyFactory.create(
        question_kind=kind,
        population=asked.populations[0],
        question=asked.texts.question,
        title=asked.texts.title,
    )
    hit = HITFactory.create(
        study=study, state=HITState.OPEN, hit_id=f"3HIT{HIT.objects.count():026d}"
    )
    Study.objects.filter(pk=study.pk).update(state=StudyState.LIVE)
    wording = Wording.objects.create(
        kind=kind, text=study.question, version=wording_version(kind, text=study.question)
    )
    for position in range(n):
        subject = None if asked.slot else _subject(kind, study=study, number=position, side=side)
        question = Question.objects.create(
            stimulus=_stimulus(study, number=1000 * (position + 1), side=side, wide=wide),
            wording=wording,
            label_class=label_class(study.image_set, index=1) if asked.slot else None,
            subject=subject,
            subject_hash=subject_hash(kind, subject=subject) if subject else "",
        )
        trial = Trial.objects.create(condition=study.conditions.get(), question=question)
        HITTrial.objects.create(hit=hit, trial=trial, position=position)
    return hit


def _subject(kind: QuestionKind, *, study: Study, number: int, side: int) -> dict[str, object]:
    class_list = study.image_set.class_list
    if LabelClass.objects.filter(class_list=class_list).count() < 6:
        raise AssertionError("six classes are needed")
    about: dict[str, object] = {"class_list": class_list.content_hash}
    if kind == QuestionKind.ATTRIBUTE:
        return {**about, "classes": [], "names": ATTRIBUTES}
    if kind == QuestionKind.REASON:
        return {**about, "classes": [0, 1], "names": list(USUAL_REASONS)}
    if kind != QuestionKind.CLASS_MATCH:
        return {**about, "classes": [0, 1, 2, 3, 4]}
    groups = [
        [
            _stimulus(study, number=100 * group + picture, side=side).stimulus_hash
            for picture in range(6)
        ]
        for group in range(6)
    ]
    return {**about, "classes": list(range(6)), "groups": groups, "right": number % 6}


def _stimulus(study: Study, *, number: int, side: int, wide: bool = False) -> Stimulus:
    # A number of its own: browsers keep a stimulus for ever, by its address.
    number += 500 if wide else 0
    stimulus: Stimulus = StimulusFactory.create(
        image__image_set=study.image_set, image__number=number
    )
    size = (2 * side + 8 if wide else side, side)
    name, _ = storage.store(png(number=number, size=size), folder="s", suffix=".png")
    Stimulus.objects.filter(pk=stimulus.pk).update(file=name, width=size[0], height=size[1])
    return stimulus
