"""From votes to figures: `build_report` makes a StudyReport, a frozen value."""

from __future__ import annotations

from studyapp.reports.analysis import Analysis, ModelAnalysis, analyse_study, rule_of
from studyapp.reports.build import build_report, report_of
from studyapp.reports.cache import kept, kept_report
from studyapp.reports.protocol import methods_text
from studyapp.reports.resampling import sampling_sentence
from studyapp.reports.sentences import (
    answers_sentence,
    best_model,
    choices_sentence,
    headline,
    model_sentence,
    raters_sentence,
    report_lines,
)
from studyapp.reports.study_report import Choice, ModelReport, PairReport, StudyReport

__all__ = [
    "Analysis",
    "Choice",
    "ModelAnalysis",
    "ModelReport",
    "PairReport",
    "StudyReport",
    "analyse_study",
    "answers_sentence",
    "best_model",
    "build_report",
    "choices_sentence",
    "headline",
    "kept",
    "kept_report",
    "methods_text",
    "model_sentence",
    "raters_sentence",
    "report_lines",
    "report_of",
    "rule_of",
    "sampling_sentence",
]
