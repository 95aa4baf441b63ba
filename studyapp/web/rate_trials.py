"""Trials as the rater's page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.urls import reverse

from studyapp.models import Trial
from studyapp.voting.sitting import Sitting, Slot

#: A picture is never blown up more than this.
LARGEST_SCALE = 2


@dataclass(frozen=True)
class Shown:
    """One trial on the screen. `width` and `height` are the most the picture may take."""

    trial: int
    #: From 1, as a person counts.
    number: int
    sequence: int
    image: str
    width: int
    height: int
    before: str
    class_name: str
    after: str

    def as_json(self) -> dict[str, str | int]:
        return asdict(self)


def shown_trials(slots: Sequence[Slot], *, sitting: Sitting) -> list[Shown]:
    """The trials of these slots, in this order."""
    rows = Trial.objects.select_related(
        "question__stimulus", "question__label_class", "question__wording"
    ).in_bulk([slot.trial for slot in slots])
    return [_shown(rows[slot.trial], slot=slot, sitting=sitting) for slot in slots]


def split_question(text: str) -> tuple[str, str]:
    """The words before and after the class name."""
    before, _, after = text.partition("{class}")
    return before, after


def _shown(trial: Trial, *, slot: Slot, sitting: Sitting) -> Shown:
    question = trial.question
    before, after = split_question(question.wording.text)
    return Shown(
        trial=trial.pk,
        number=slot.position + 1,
        sequence=len(sitting.given(trial.pk)),
        image=reverse("stimulus", args=[question.stimulus.stimulus_hash]),
        width=(question.stimulus.width or 0) * LARGEST_SCALE,
        height=(question.stimulus.height or 0) * LARGEST_SCALE,
        before=before,
        class_name=question.label_class.prompt_name,
        after=after,
    )
