"""How the votes of a study will be read, by what it asks and about which pictures."""

from __future__ import annotations

from collections.abc import Mapping

from studyapp.analytics import ExclusionReason
from studyapp.models import Study
from studyapp.vocabulary import PopulationKind, QuestionKind

TOP1 = "rectified_top1_error"
TOP5 = "rectified_top5_error"
ADVERSARIAL = "rectified_adversarial_error"
MATCHES = "match_success"

#: What is said of each headline besides its name. unasked: what becomes of images to be shown that
#: nobody was asked about; contrasts_of: what is compared, models where nothing is said.
_READ: Mapping[str, Mapping[str, object]] = {
    TOP1: {
        "undecided": "error",
        "unasked": "error",
        "contrasts_test": "mcnemar",
        "contrasts_correction": "holm",
    },
    TOP5: {
        "undecided": "error",
        "unasked": "error",
        "contrasts_test": None,
        "contrasts_correction": None,
    },
    ADVERSARIAL: {
        "undecided": "error",
        "unasked": "extrapolate",
        "contrasts_of": "conditions",
        "contrasts_test": "mcnemar",
        "contrasts_correction": None,
    },
    MATCHES: {
        "undecided": None,
        "unasked": None,
        "contrasts_of": "conditions",
        "contrasts_test": "score",
        "contrasts_correction": "holm",
    },
}


def headline_of(study: Study) -> str:
    """The figure that the study is made for."""
    if study.question_kind == QuestionKind.CLASS_MATCH:
        return MATCHES
    if study.question_kind in (QuestionKind.LIST_RELEVANCE, QuestionKind.FIVE_RELEVANCE):
        return TOP5
    return ADVERSARIAL if study.population == PopulationKind.FLIPPED else TOP1


def planned_analysis(study: Study) -> dict[str, object]:
    """How the votes will be read, stated before there are any."""
    headline = headline_of(study)
    return {
        "headline": headline,
        "votes": "the first valid ones, as many as raters per trial",
        "exclusions": [reason.slug for reason in ExclusionReason],
        "interval": {"method": "wilson", "level": 0.95},
        **_READ[headline],
        "contrasts": [
            line.strip() for line in study.planned_contrasts.splitlines() if line.strip()
        ],
        "note": study.plan_note,
    }
