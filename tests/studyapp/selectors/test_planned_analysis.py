from __future__ import annotations

import pytest

from studyapp.asking import question_types
from studyapp.models import Study
from studyapp.reports import build_report
from studyapp.reports.plan_values import Plan
from studyapp.reports.plan_words import plan_facts
from studyapp.selectors.planned_analysis import TOP1, headline_of, planned_analysis
from studyapp.selectors.readiness import readiness
from studyapp.vocabulary import PopulationKind, QuestionKind
from tests.factories.study import StudyFactory

KINDS = [(kind.kind, population) for kind in question_types() for population in kind.populations]


def study_of(kind: str, population: str, **fields: object) -> Study:
    made: Study = StudyFactory.create(question_kind=kind, population=population, **fields)
    return made


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "population"), KINDS)
def test_the_plan_names_what_the_report_counts(kind: str, population: str) -> None:
    """A report whose part stands alone has no rectified top-1 error, and only such a one."""
    study = study_of(kind, population)
    part = build_report(study).part
    assert (headline_of(study) != TOP1) == (part is not None and not part.beside)


@pytest.mark.django_db
def test_a_plain_study_states_what_it_always_did() -> None:
    """Or its protocol would have another hash than the one frozen by an earlier version."""
    stated = planned_analysis(StudyFactory.create(planned_contrasts=" a vs b\n", plan_note="n"))
    del stated["exclusions"]
    assert stated == {
        "headline": "rectified_top1_error",
        "votes": "the first valid ones, as many as raters per trial",
        "undecided": "error",
        "unasked": "error",
        "interval": {"method": "wilson", "level": 0.95},
        "contrasts": ["a vs b"],
        "contrasts_test": "mcnemar",
        "contrasts_correction": "holm",
        "note": "n",
    }


@pytest.mark.django_db
def test_contrasts_of_models_are_no_plan_for_what_compares_none() -> None:
    study = study_of(QuestionKind.LIST_RELEVANCE, PopulationKind.MISTAKES)
    told = "planned contrasts compare rectified top-1 errors"
    assert told not in " ".join(readiness(study).errors)
    study.planned_contrasts = "a vs b"
    assert told in " ".join(readiness(study).errors)


@pytest.mark.parametrize(
    ("headline", "population", "words"),
    [
        ("rectified_top1_error", "mistakes", "that a model gets wrong"),
        ("rectified_top1_error", "audited", "with right predictions and decoys"),
        ("rectified_top5_error", "top5_mistakes", "first five predictions"),
        ("rectified_adversarial_error", "flipped", "until an attack flips them"),
        ("match_success", "rounds", "7 rounds of six groups"),
    ],
)
def test_the_plan_in_words_is_about_what_is_asked(
    headline: str, population: str, words: str
) -> None:
    facts = dict(plan_facts(plan(headline, population)))
    assert ("top-1" in facts["Headline"]) == (headline == TOP1)
    assert words in facts["Population"]
    assert ("Rule" in facts) == (headline != "match_success")
    assert ("exploratory" in facts["Contrasts"]) == (headline == TOP1)


def plan(headline: str, population: str) -> Plan:
    return Plan(
        stamped_at="2026-11-29T09:12:00+00:00",
        plan_hash="a" * 64,
        protocol_hash="b" * 64,
        headline=headline,
        population=population,
        image_set="pictures",
        n_images=7,
        models=("net",),
        accept_at=4,
        raters_per_trial=5,
        unsure="missing",
        seconds_min=None,
        seconds_max=None,
        exclusions=("too_fast",),
        contrasts=(),
        note="",
    )
