"""The tables, one module per family; constraints first, votes append-only."""

from __future__ import annotations

from studyapp.models.api_tokens import ApiToken
from studyapp.models.audit import AuditEntry
from studyapp.models.bars import Bar, BarEntry, KeptOut
from studyapp.models.calls import IntendedCall
from studyapp.models.class_scores import ClassScoreTable
from studyapp.models.cross_checks import CrossCheck, CrossCheckAnswer, CrossCheckItem
from studyapp.models.crowd import HIT, Assignment, Consent, HITTrial, Rater, RaterIdentity
from studyapp.models.dataset import Box, ClassList, Image, ImageSet, LabelClass, RealLabel
from studyapp.models.examples import Example, ExampleSet
from studyapp.models.expert_answers import ExpertAnswer
from studyapp.models.explanations import (
    AdversarialImage,
    Artefact,
    AttentionImage,
    RobustnessScore,
    SaliencyMap,
)
from studyapp.models.jobs import Job
from studyapp.models.links import (
    LinkBonus,
    LinkGroup,
    LinkLot,
    LinkPlace,
    LinkSession,
    StudyLink,
)
from studyapp.models.named_analyses import NamedAnalysis
from studyapp.models.predictions import Prediction, VisionModel
from studyapp.models.probes import ProbeResult
from studyapp.models.study import Condition, Study, Wording
from studyapp.models.trials import Question, Stimulus, Trial
from studyapp.models.votes import Exclusion, ManualExclusion, TimingEvent, Vote

__all__ = [
    "HIT",
    "AdversarialImage",
    "ApiToken",
    "Artefact",
    "Assignment",
    "AttentionImage",
    "AuditEntry",
    "Bar",
    "BarEntry",
    "Box",
    "ClassList",
    "ClassScoreTable",
    "Condition",
    "Consent",
    "CrossCheck",
    "CrossCheckAnswer",
    "CrossCheckItem",
    "Example",
    "ExampleSet",
    "Exclusion",
    "ExpertAnswer",
    "HITTrial",
    "Image",
    "ImageSet",
    "IntendedCall",
    "Job",
    "KeptOut",
    "LabelClass",
    "LinkBonus",
    "LinkGroup",
    "LinkLot",
    "LinkPlace",
    "LinkSession",
    "ManualExclusion",
    "NamedAnalysis",
    "Prediction",
    "ProbeResult",
    "Question",
    "Rater",
    "RaterIdentity",
    "RealLabel",
    "RobustnessScore",
    "SaliencyMap",
    "Stimulus",
    "Study",
    "StudyLink",
    "TimingEvent",
    "Trial",
    "VisionModel",
    "Vote",
    "Wording",
]
