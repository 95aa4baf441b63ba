from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from studyapp.errors import InputError, StudyError
from studyapp.models import AuditEntry, NamedAnalysis, Study
from studyapp.pipeline.name_analysis import name_analysis
from studyapp.vocabulary import PopulationKind, QuestionKind
from tests.factories.study import StudyFactory
from tests.studyapp.reports.hand_study import hand_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return hand_study().study


def test_settings_are_kept_in_full_with_who_and_why(study: Study) -> None:
    user = User.objects.create_user("ada")
    summary = name_analysis(study, name="strict", accept=5, note="reviewer 2", actor=user)
    kept = NamedAnalysis.objects.get()
    assert (kept.accept_at, kept.unsure, kept.seconds_min, kept.seconds_max) == (
        5,
        "missing",
        1,
        60,
    )
    assert (kept.author, kept.note, summary.created) == (user, "reviewer 2", True)
    entry = AuditEntry.objects.get(verb="name_analysis")
    assert entry.summary["name"] == "strict"
    assert "marked as not planned" in summary.lines()[0]


def test_an_open_window_is_a_setting(study: Study) -> None:
    name_analysis(study, name="any-time", window=(None, None))
    kept = NamedAnalysis.objects.get()
    assert (kept.accept_at, kept.seconds_min, kept.seconds_max) == (4, None, None)


def test_the_same_again_changes_nothing(study: Study) -> None:
    name_analysis(study, name="strict", accept=5, note="first")
    again = name_analysis(study, name="strict", accept=5, note="second")
    assert not again.created
    assert NamedAnalysis.objects.get().note == "first"
    assert AuditEntry.objects.filter(verb="name_analysis").count() == 1


def test_a_name_never_gets_another_meaning(study: Study) -> None:
    name_analysis(study, name="strict", accept=5)
    with pytest.raises(StudyError, match="other settings already"):
        name_analysis(study, name="strict", accept=3)
    assert NamedAnalysis.objects.get().accept_at == 5


def test_the_plan_itself_needs_no_name(study: Study) -> None:
    for settings in ({}, {"accept": 4, "unsure": "missing", "window": (1, 60)}):
        with pytest.raises(StudyError, match="settings of the study itself"):
            name_analysis(study, name="plan", **settings)  # type: ignore[arg-type]
    assert not NamedAnalysis.objects.exists()


def test_a_draft_still_has_its_plan_to_change() -> None:
    with pytest.raises(StudyError, match="nobody has been asked yet"):
        name_analysis(StudyFactory.create(), name="early", accept=3)
    imported = StudyFactory.create(imported=True)
    assert name_analysis(imported, name="three", accept=3).created


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "x" * 101, "a\n"])
def test_an_unusable_name_is_refused(study: Study, name: str) -> None:
    with pytest.raises(InputError, match="no name for an analysis"):
        name_analysis(study, name=name, accept=3)


@pytest.mark.parametrize(
    "wrong",
    [{"accept": 6}, {"accept": 0}, {"unsure": "maybe"}, {"window": (5, 5)}, {"note": "x" * 2001}],
)
def test_impossible_settings_are_refused(study: Study, wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        name_analysis(study, name="wrong", **({"accept": 3} | wrong))  # type: ignore[arg-type]
    assert not NamedAnalysis.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"question_kind": QuestionKind.LIST_RELEVANCE},
        {"question_kind": QuestionKind.CLASS_MATCH, "population": PopulationKind.ROUNDS},
        {"population": PopulationKind.FLIPPED},
    ],
)
def test_where_no_report_would_list_it_it_gets_no_name(
    study: Study, fields: dict[str, str]
) -> None:
    Study.objects.filter(pk=study.pk).update(**fields)
    study.refresh_from_db()
    with pytest.raises(StudyError, match="lists no named analyses"):
        name_analysis(study, name="three", accept=3)
    assert not NamedAnalysis.objects.exists()
