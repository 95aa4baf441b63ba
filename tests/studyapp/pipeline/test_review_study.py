from __future__ import annotations

from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from studyapp.errors import StudyError
from studyapp.models import AuditEntry
from studyapp.pipeline.review_study import review_study
from studyapp.vocabulary import StudyState
from tests.recruiting import Site, a_draft

pytestmark = pytest.mark.django_db


def test_a_good_draft_is_reviewed_with_its_cost() -> None:
    study = a_draft(images=12, wrong=7)
    summary = review_study(study, check_funds=False)
    assert study.state == StudyState.REVIEWED
    assert (summary.cost.trials, summary.cost.hits, summary.cost.assignments) == (7, 2, 10)
    assert summary.cost.total == Decimal("1.20")
    assert summary.warnings == ()
    assert AuditEntry.objects.get().verb == "review_study"
    review_study(study, check_funds=False)
    assert AuditEntry.objects.count() == 1


def test_what_is_missing_is_said_at_once() -> None:
    study = a_draft(images=3, wrong=0, question="No place for it")
    study.conditions.all().delete()
    with pytest.raises(StudyError, match=r"question: .*; it has no condition.*; the population is"):
        review_study(study, check_funds=False)
    study.refresh_from_db()
    assert study.state == StudyState.DRAFT


def test_a_live_study_is_past_review() -> None:
    study = a_draft(images=1)
    study.state = StudyState.LIVE
    with pytest.raises(StudyError, match="it is live"):
        review_study(study, check_funds=False)


@pytest.mark.django_db(transaction=True)
def test_too_little_money_is_a_warning(site: Site) -> None:
    dear = a_draft(images=10, reward=Decimal("200"))
    summary = review_study(dear)
    assert any("the account has 1,000.00 USD" in warning for warning in summary.warnings)
    cheap = a_draft(images=1)
    assert review_study(cheap).warnings == ()


def test_no_marketplace_is_a_warning_not_an_error(settings: Settings) -> None:
    settings.MARKETPLACE_CREDENTIALS = "/nonexistent/keys"
    study = a_draft(images=1)
    (warning,) = review_study(study).warnings
    assert "the balance is not known" in warning
    assert study.state == StudyState.REVIEWED
