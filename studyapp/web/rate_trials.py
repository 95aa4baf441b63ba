"""Trials as the rater's page shows them: one engine, with the words and buttons of each type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from string import ascii_lowercase

from django.template.loader import render_to_string
from django.urls import reverse

from studyapp.asking import QuestionType, Subject, question_type
from studyapp.models import HIT, LabelClass, Question, Trial
from studyapp.voting.sitting import Seat, Sitting, Slot, draw

#: A picture is never blown up more than this.
LARGEST_SCALE = 2

#: A key to sort things by, from what is to be drawn.
Draws = Callable[[str], bytes]
#: Names of classes by their place in the study's class list.
Names = Mapping[int, str]


@dataclass(frozen=True)
class Thing:
    """One of several things asked about at once: a class, a group of pictures, a name.

    number: its place in the subject, from 0, which answers go by. place: on this page, from 1.
    """

    number: int
    place: int
    name: str
    pictures: tuple[str, ...]

    @property
    def letter(self) -> str:
        """What stands for its number in an answer that has to be short."""
        return ascii_lowercase[self.number]


@dataclass(frozen=True)
class Shown:
    """One trial on the screen. `width` and `height` are the most the picture may take.

    question, answers: HTML; `answers` is empty where every trial has the same buttons. pictures:
    addresses of those in the answers, to be fetched ahead.
    """

    trial: int
    #: From 1, as a person counts.
    number: int
    sequence: int
    image: str
    width: int
    height: int
    class_name: str
    question: str
    answers: str
    pictures: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def draws_of(hit: HIT, *, seat: Seat) -> Draws:
    """The draws of one rater: coming back finds everything where it was."""

    def drawn(what: str) -> bytes:
        return draw(hit, assignment_id=seat.assignment_id, rater=seat.rater, what=what)

    return drawn


def shown_trials(
    slots: Sequence[Slot], *, sitting: Sitting, draws: Draws | None = None
) -> list[Shown]:
    """The trials of these slots, in this order; without draws things stand as in the subject."""
    rows = Trial.objects.select_related(
        "question__stimulus", "question__label_class", "question__wording", "condition__study"
    ).in_bulk([slot.trial for slot in slots])
    names = _class_names(trial.question for trial in rows.values())
    return [
        _shown(rows[slot.trial], slot=slot, sitting=sitting, draws=draws, names=names)
        for slot in slots
    ]


def worded(
    asked: QuestionType,
    *,
    text: str,
    class_name: str = "",
    things: Sequence[Thing] = (),
    classes: Sequence[str] = (),
) -> tuple[str, str]:
    """The question, and the answers where they are the trial's own, as HTML.

    classes: names of the subject's classes, where the things are no classes themselves.
    """
    before, _, after = text.partition(asked.slot) if asked.slot else (text, "", "")
    context = {
        "before": before,
        "class_name": class_name,
        "after": after,
        "things": things,
        "classes": classes,
    }
    question = render_to_string(f"{asked.template}/question.html", context).strip()
    if asked.choices:
        return question, ""
    return question, render_to_string(f"{asked.template}/answers.html", context).strip()


def things_of(
    subject: Subject | None, *, names: Names, in_order: Callable[[int], bytes] | None = None
) -> tuple[Thing, ...]:
    """What a subject lists, in the order of `in_order` over their numbers."""
    if subject is None:
        return ()
    called = subject.get("names") or classes_of(subject, names=names)
    groups = subject.get("groups") or [() for _ in called]
    numbers = sorted(range(len(groups)), key=in_order) if in_order else range(len(groups))
    return tuple(
        Thing(
            number=number,
            place=place,
            name=called[number],
            pictures=tuple(reverse("stimulus", args=[text]) for text in groups[number]),
        )
        for place, number in enumerate(numbers, 1)
    )


def classes_of(subject: Subject | None, *, names: Names) -> tuple[str, ...]:
    """Names of the subject's classes, in its order."""
    return tuple(names.get(index, "") for index in (subject or {}).get("classes", ()))


def _class_names(questions: Iterable[Question]) -> Names:
    """Names of the classes that subjects list, which are all of one class list."""
    lists = {
        (question.subject["class_list"], index)
        for question in questions
        if question.subject
        for index in question.subject["classes"]
    }
    rows = LabelClass.objects.filter(
        class_list__content_hash__in={content for content, _ in lists},
        index__in={index for _, index in lists},
    )
    return dict(rows.values_list("index", "prompt_name"))


def _shown(
    trial: Trial, *, slot: Slot, sitting: Sitting, draws: Draws | None, names: Names
) -> Shown:
    question = trial.question
    asked = question_type(question.wording.kind)
    label_class = question.label_class
    drawn = partial(_place, draws, trial=trial.pk) if draws and not asked.in_order else None
    things = things_of(question.subject, names=names, in_order=drawn)
    class_name = label_class.prompt_name if label_class else ""
    words, answers = worded(
        asked,
        text=question.wording.text,
        class_name=class_name,
        things=things,
        classes=classes_of(question.subject, names=names),
    )
    stimulus = question.stimulus
    return Shown(
        trial=trial.pk,
        number=slot.position + 1,
        sequence=len(sitting.given(trial.pk)),
        image=reverse("stimulus", args=[stimulus.stimulus_hash]),
        width=(stimulus.width or 0) * LARGEST_SCALE,
        height=(stimulus.height or 0) * LARGEST_SCALE,
        class_name=class_name,
        question=words,
        answers=answers,
        pictures=tuple(address for thing in things for address in thing.pictures),
    )


def _place(draws: Draws, number: int, *, trial: int) -> bytes:
    return draws(f"{trial}/{number}")
