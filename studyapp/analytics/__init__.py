"""The statistics of human studies: pure functions of arrays (numpy, scipy, standard library).

Votes go one way: raw columns -> `exclude` -> `Votes` -> `verdicts` -> `rectified_top1`, with
`agreement` and `real_accuracy` beside. Every result is a frozen dataclass with `to_dict()`.
"""

from __future__ import annotations

from studyapp.analytics.agreement import (
    CODINGS,
    Agreement,
    Coding,
    agreement,
    agreement_by_coding,
)
from studyapp.analytics.errors import AnalyticsError, ColumnError, RuleError
from studyapp.analytics.exclusions import KEPT, Exclusion, ExclusionReason, exclude
from studyapp.analytics.intervals import Interval, proportion_ci
from studyapp.analytics.multilabel import RealAccuracy, real_accuracy
from studyapp.analytics.rectified import Rectified, rectified_top1
from studyapp.analytics.results import SCHEMA_VERSION
from studyapp.analytics.rules import Rule
from studyapp.analytics.stopping import stop_now
from studyapp.analytics.verdicts import Verdict, Verdicts, verdicts
from studyapp.analytics.votes import UNSURE_CODINGS, Answer, Votes

__all__ = [
    "CODINGS",
    "KEPT",
    "SCHEMA_VERSION",
    "UNSURE_CODINGS",
    "Agreement",
    "AnalyticsError",
    "Answer",
    "Coding",
    "ColumnError",
    "Exclusion",
    "ExclusionReason",
    "Interval",
    "RealAccuracy",
    "Rectified",
    "Rule",
    "RuleError",
    "Verdict",
    "Verdicts",
    "Votes",
    "agreement",
    "agreement_by_coding",
    "exclude",
    "proportion_ci",
    "real_accuracy",
    "rectified_top1",
    "stop_now",
    "verdicts",
]
