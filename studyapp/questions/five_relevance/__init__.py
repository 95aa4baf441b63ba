"""Is each of the five predicted classes relevant? Five answers on one page."""

from __future__ import annotations

from studyapp.asking import (
    YES_NO_UNSURE_KEYS,
    QuestionType,
    Subject,
    Texts,
    read_any_yes,
    read_yes_no_unsure,
)
from studyapp.vocabulary import Answer, PopulationKind, QuestionKind

LISTED = 5


def read_five(raw: str, subject: Subject | None) -> str:
    """What the five answers say of the list: yes with any yes, no if all are no, else unsure."""
    return read_any_yes([read_yes_no_unsure(part, subject) for part in FIVE_RELEVANCE.split(raw)])


FIVE_RELEVANCE = QuestionType(
    kind=QuestionKind.FIVE_RELEVANCE,
    slot="",
    answers=tuple(Answer.values),
    choices=(),
    read=read_five,
    texts=Texts(
        title="Which of five words fit the picture?",
        description="Look at a picture and say of each of five words whether it fits.",
        question="Is each of these relevant for this image?",
        instructions=(
            "You will see one picture at a time with five words. For each word, answer Yes if it "
            "fits anything in the picture, No if it does not, and Cannot tell if you cannot say."
        ),
        keys=(*YES_NO_UNSURE_KEYS, ("Enter", "sends the five answers")),
    ),
    populations=(PopulationKind.MISTAKES, PopulationKind.TOP5_MISTAKES),
    template="five_relevance",
    seconds=15,
    parts=LISTED,
)
