"""What a report says of pairs: the top-1 error needs no part, an attack has one of its own."""

from __future__ import annotations

from studyapp.questions.relevance.adversarial import adversarial_part
from studyapp.reports.analysis import Analysis
from studyapp.reports.parts import Part
from studyapp.vocabulary import PopulationKind


def relevance_part(analysis: Analysis) -> Part | None:
    if analysis.study.population == PopulationKind.FLIPPED:
        return adversarial_part(analysis)
    return None
