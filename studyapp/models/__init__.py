"""The tables, one module per family; constraints first, votes append-only."""

from __future__ import annotations

from studyapp.models.audit import AuditEntry
from studyapp.models.crowd import HIT, Assignment, Consent, HITTrial, Rater, RaterIdentity
from studyapp.models.dataset import Box, ClassList, Image, ImageSet, LabelClass, RealLabel
from studyapp.models.jobs import Job
from studyapp.models.predictions import Prediction, VisionModel
from studyapp.models.study import Condition, Study, Wording
from studyapp.models.trials import Question, Stimulus, Trial
from studyapp.models.votes import Exclusion, ManualExclusion, TimingEvent, Vote

__all__ = [
    "HIT",
    "Assignment",
    "AuditEntry",
    "Box",
    "ClassList",
    "Condition",
    "Consent",
    "Exclusion",
    "HITTrial",
    "Image",
    "ImageSet",
    "Job",
    "LabelClass",
    "ManualExclusion",
    "Prediction",
    "Question",
    "Rater",
    "RaterIdentity",
    "RealLabel",
    "Stimulus",
    "Study",
    "TimingEvent",
    "Trial",
    "VisionModel",
    "Vote",
    "Wording",
]
