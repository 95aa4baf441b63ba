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
ATTRIBUTES = "attribute_shares"
REASONS = "failure_reasons"
WRONG_REASONS = "wrong_reason_share"
BOX_MEANING = "box_meaning_share"

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
    ATTRIBUTES: {
        "undecided": "not shown",
        "unasked": "left out",
        "contrasts_of": "sets",
        "contrasts_test": "fisher",
        "contrasts_correction": "holm",
    },
    REASONS: {
        "undecided": "not given",
        "unasked": "left out",
        "contrasts_of": "models",
        "contrasts_test": "fisher",
        "contrasts_correction": "holm",
    },
    WRONG_REASONS: {
        "undecided": "not accepted",
        "unasked": "left out",
        "contrasts_test": "mcnemar",
        "contrasts_correction": "holm",
    },
    BOX_MEANING: {
        "undecided": "not accepted",
        "unasked": "left out",
        "contrasts_test": None,
        "contrasts_correction": None,
    },
}
#: Headlines of the question types that have one of their own whatever the pictures.
_OF_KIND: Mapping[str, str] = {
    QuestionKind.CLASS_MATCH: MATCHES,
    QuestionKind.LIST_RELEVANCE: TOP5,
    QuestionKind.FIVE_RELEVANCE: TOP5,
    QuestionKind.ATTRIBUTE: ATTRIBUTES,
    QuestionKind.REASON: REASONS,
    QuestionKind.WRONG_REASON: WRONG_REASONS,
    QuestionKind.BOX_MEANING: BOX_MEANING,
}


def headline_of(study: Study) -> str:
    """The figure that the study is made for."""
    usual = ADVERSARIAL if study.population == PopulationKind.FLIPPED else TOP1
    return _OF_KIND.get(study.question_kind, usual)


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
