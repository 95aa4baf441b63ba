"""Which of six groups of pictures does the target belong to? (section 4.2 and Table 3)"""

from __future__ import annotations

from studyapp.asking import QuestionType, Subject, Texts
from studyapp.vocabulary import Answer, PopulationKind, QuestionKind

GROUPS = 6
#: Pictures that stand for a class.
PICTURES = 6


def read_match(raw: str, subject: Subject | None) -> str:
    """Yes where the group chosen is that of the target's class, else no.

    A raw answer is the number of the group within the subject, from 1, wherever it stood.
    """
    if raw not in _NUMBERS or subject is None:
        raise ValueError(f"the answer is none of the groups 1 to {GROUPS}")
    return Answer.YES if int(raw) - 1 == subject["right"] else Answer.NO


_NUMBERS = tuple(str(number) for number in range(1, GROUPS + 1))

CLASS_MATCH = QuestionType(
    kind=QuestionKind.CLASS_MATCH,
    slot="",
    answers=_NUMBERS,
    choices=(),
    read=read_match,
    texts=Texts(
        title="Which group does the picture belong to?",
        description="Look at a picture and find the one of six groups of pictures it belongs to.",
        question="Which group does this picture belong to?",
        instructions=(
            "You will see one picture and six groups of six pictures. Each group shows one kind "
            "of thing. Choose the group that the picture belongs to. Take the time to look at "
            "every group; if you are not sure, choose the most likely one."
        ),
        keys=(("1–6", "choose a group"),),
    ),
    populations=(PopulationKind.ROUNDS,),
    template="class_match",
    seconds=45,
)
