"""What a report says of pairs: the top-1 error needs no part, an attack and an audit have one."""

from __future__ import annotations

from studyapp.questions.relevance.adversarial import adversarial_part
from studyapp.questions.relevance.audit_report import audit_part
from studyapp.reports.analysis import Analysis
from studyapp.reports.parts import Part
from studyapp.vocabulary import PopulationKind


def relevance_part(analysis: Analysis) -> Part | None:
    if analysis.study.population == PopulationKind.FLIPPED:
        return adversarial_part(analysis)
    if analysis.study.population == PopulationKind.AUDITED:
        return audit_part(analysis)
    return None
