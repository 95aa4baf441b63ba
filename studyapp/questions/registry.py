"""Every question type, made known to the rest of the program when it starts."""

from __future__ import annotations

from dataclasses import dataclass

from studyapp import asking
from studyapp.asking import QuestionType
from studyapp.questions.attribute import ATTRIBUTE
from studyapp.questions.attribute.population import SETS_OF_A_CLASS
from studyapp.questions.attribute.report import attribute_part
from studyapp.questions.box_meaning import BOX_MEANING
from studyapp.questions.box_meaning.population import BOXED
from studyapp.questions.box_meaning.report import box_part
from studyapp.questions.class_match import CLASS_MATCH
from studyapp.questions.class_match.population import ROUNDS
from studyapp.questions.class_match.report import match_part
from studyapp.questions.five_relevance import FIVE_RELEVANCE
from studyapp.questions.five_relevance.report import five_part
from studyapp.questions.list_relevance import LIST_RELEVANCE
from studyapp.questions.list_relevance.population import LISTS
from studyapp.questions.list_relevance.report import list_part
from studyapp.questions.reason import REASON
from studyapp.questions.reason.population import CODED_MISTAKES
from studyapp.questions.reason.report import reason_part
from studyapp.questions.relevance import RELEVANCE
from studyapp.questions.relevance.population import PAIRS
from studyapp.questions.relevance.report import relevance_part
from studyapp.questions.wrong_reason import WRONG_REASON
from studyapp.questions.wrong_reason.population import RIGHT_WITH_MAP
from studyapp.questions.wrong_reason.report import wrong_reason_part
from studyapp.reports import parts
from studyapp.reports.parts import MakePart
from studyapp.selectors import populations
from studyapp.selectors.populations import Population


@dataclass(frozen=True)
class Folder:
    """What a folder brings."""

    type: QuestionType
    population: Population
    part: MakePart


FOLDERS = (
    Folder(RELEVANCE, PAIRS, relevance_part),
    Folder(LIST_RELEVANCE, LISTS, list_part),
    Folder(FIVE_RELEVANCE, LISTS, five_part),
    Folder(CLASS_MATCH, ROUNDS, match_part),
    Folder(ATTRIBUTE, SETS_OF_A_CLASS, attribute_part),
    Folder(REASON, CODED_MISTAKES, reason_part),
    Folder(WRONG_REASON, RIGHT_WITH_MAP, wrong_reason_part),
    Folder(BOX_MEANING, BOXED, box_part),
)


def install() -> None:
    """Register each folder where it is looked up."""
    for folder in FOLDERS:
        asking.register(folder.type)
        populations.register(folder.type.kind, folder.population)
        parts.register(folder.type.kind, folder.part)
