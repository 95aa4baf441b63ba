"""Is the predicted class relevant for the image? (Stock and Cisse 2018, section 3.1)"""

from __future__ import annotations

from studyapp.asking import (
    YES_NO_UNSURE,
    YES_NO_UNSURE_KEYS,
    QuestionType,
    Texts,
    read_yes_no_unsure,
)
from studyapp.models.study import DEFAULT_QUESTION, DEFAULT_TITLE, Study
from studyapp.vocabulary import Answer, PopulationKind, QuestionKind

RELEVANCE = QuestionType(
    kind=QuestionKind.RELEVANCE,
    slot="{class}",
    answers=tuple(Answer.values),
    choices=YES_NO_UNSURE,
    read=read_yes_no_unsure,
    texts=Texts(
        title=DEFAULT_TITLE,
        description=str(Study._meta.get_field("description").get_default()),
        question=DEFAULT_QUESTION,
        instructions=str(Study._meta.get_field("instructions").get_default()),
        keys=YES_NO_UNSURE_KEYS,
    ),
    populations=(PopulationKind.MISTAKES, PopulationKind.AUDITED, PopulationKind.FLIPPED),
    template="relevance",
    seconds=6,
)
