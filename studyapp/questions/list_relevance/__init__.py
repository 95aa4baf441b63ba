"""Is any of the five predicted classes relevant? One answer for the list (section 3.1)."""

from __future__ import annotations

from studyapp.asking import (
    YES_NO_UNSURE,
    YES_NO_UNSURE_KEYS,
    QuestionType,
    Texts,
    read_yes_no_unsure,
)
from studyapp.vocabulary import Answer, PopulationKind, QuestionKind

LIST_RELEVANCE = QuestionType(
    kind=QuestionKind.LIST_RELEVANCE,
    slot="",
    answers=tuple(Answer.values),
    choices=YES_NO_UNSURE,
    read=read_yes_no_unsure,
    texts=Texts(
        title="Does any of five words fit the picture?",
        description="Look at a picture and say whether any of five words fits it.",
        question="Is at least one of these relevant for this image?",
        instructions=(
            "You will see one picture at a time with five words. Answer Yes if at least one of "
            "them fits anything in the picture, No if none of them does, and Cannot tell if you "
            "cannot say."
        ),
        keys=YES_NO_UNSURE_KEYS,
    ),
    populations=(PopulationKind.MISTAKES, PopulationKind.TOP5_MISTAKES),
    template="list_relevance",
    seconds=9,
)
