"""Does the picture show each of a few attributes? The researcher names them (section 4.2)."""

from __future__ import annotations

from studyapp.asking import (
    EACH_LISTED,
    YES_NO_UNSURE_KEYS,
    QuestionType,
    Subject,
    Texts,
    read_any_yes,
    read_yes_no_unsure,
)
from studyapp.vocabulary import Answer, PopulationKind, QuestionKind


def read_attributes(raw: str, subject: Subject | None) -> str:
    """What the answers say of the picture: yes with any attribute, no with none, else unsure."""
    return read_any_yes(
        [read_yes_no_unsure(part, subject) for part in ATTRIBUTE.split(raw, subject)]
    )


ATTRIBUTE = QuestionType(
    kind=QuestionKind.ATTRIBUTE,
    slot="",
    answers=tuple(Answer.values),
    choices=(),
    read=read_attributes,
    texts=Texts(
        title="What does the picture show?",
        description="Look at a picture and say of each of a few things whether it shows it.",
        question="Does this picture show:",
        instructions=(
            "You will see one picture at a time with one or a few things to look for. For each, "
            "answer Yes if the picture shows it, No if it does not, and Cannot tell if you cannot "
            "say. Go by what you see; where it is about people, by how they appear to you."
        ),
        keys=(*YES_NO_UNSURE_KEYS, ("Enter", "sends the answers")),
    ),
    populations=(PopulationKind.SETS,),
    template="attribute",
    seconds=10,
    parts=EACH_LISTED,
)
