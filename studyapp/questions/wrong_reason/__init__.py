"""Is a right prediction right for the wrong reason? The map stands beside the picture (poster)."""

from __future__ import annotations

from studyapp.asking import (
    YES_NO_UNSURE,
    YES_NO_UNSURE_KEYS,
    QuestionType,
    Texts,
    read_yes_no_unsure,
)
from studyapp.vocabulary import Answer, PopulationKind, QuestionKind

WRONG_REASON = QuestionType(
    kind=QuestionKind.WRONG_REASON,
    slot="{class}",
    answers=tuple(Answer.values),
    choices=YES_NO_UNSURE,
    read=read_yes_no_unsure,
    texts=Texts(
        title="Does a program look at the wrong thing?",
        description="See a picture, and where a program looked to name it. Say whether it looked "
        "at the wrong thing.",
        question="Here a program recognised {class}. Did it look at the wrong thing?",
        instructions=(
            "On the left you see a picture; on the right the same picture with the places a "
            "program looked at, from dark violet (not at all) to yellow (most of all). The program "
            "said what the picture shows, and it is right. Answer Yes if it mostly looked at "
            "something else than the thing it names, No if it mostly looked at the thing or a "
            "part of it, and Cannot tell if you cannot say."
        ),
        keys=YES_NO_UNSURE_KEYS,
    ),
    populations=(PopulationKind.MAPPED,),
    template="relevance",
    seconds=9,
)
