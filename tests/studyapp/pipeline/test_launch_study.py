from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from pytest_django.fixtures import Settings

from studyapp.errors import StudyError
from studyapp.identity import canonical_hash
from studyapp.models import AuditEntry, Study
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.launch_study import launch_study
from studyapp.pipeline.review_study import review_study
from studyapp.vocabulary import Environment, StudyState
from tests.recruiting import a_draft

pytestmark = pytest.mark.django_db


def test_a_draft_goes_through_review_to_live_with_its_protocol() -> None:
    study = a_draft(images=4, reward=Decimal("0.15"))
    summary = launch_study(study, check_funds=False)
    assert study.state == StudyState.LIVE
    assert study.live_at is not None
    assert study.protocol is not None
    assert study.protocol_hash == canonical_hash(study.protocol) == summary.protocol_hash
    assert study.protocol["payment"]["reward"] == "0.15"
    assert study.protocol["rule"] == {"raters_per_trial": 5, "accept_at": 4, "unsure": "missing"}
    assert study.protocol["population"]["pairs"] == 4
    assert AuditEntry.objects.get().summary["protocol_hash"] == study.protocol_hash


def test_trials_may_come_first_and_review_too() -> None:
    study = a_draft(images=2)
    build_trials(study)
    review_study(study, check_funds=False)
    launch_study(study, check_funds=False)
    assert study.state == StudyState.LIVE


def test_the_same_study_has_the_same_protocol_hash() -> None:
    study = a_draft(images=2, name="twice")
    first = launch_study(study, check_funds=False).protocol_hash
    Study.objects.filter(pk=study.pk).update(state=StudyState.DRAFT)
    study.refresh_from_db()
    assert launch_study(study, check_funds=False).protocol_hash == first
    Study.objects.filter(pk=study.pk).update(state=StudyState.DRAFT, accept_at=3)
    study.refresh_from_db()
    assert launch_study(study, check_funds=False).protocol_hash != first


@pytest.mark.parametrize("state", [StudyState.LIVE, StudyState.CLOSED])
def test_nothing_is_launched_twice(state: StudyState) -> None:
    study = a_draft(images=1)
    Study.objects.filter(pk=study.pk).update(state=state)
    study.refresh_from_db()
    with pytest.raises(StudyError, match=f"it is {state}"):
        launch_study(study, check_funds=False)


def test_a_study_that_moved_meanwhile_is_not_launched() -> None:
    study = a_draft(images=1)
    stale = Study.objects.get(pk=study.pk)
    launch_study(study, check_funds=False)
    with pytest.raises(StudyError, match="cannot become"):
        launch_study(stale, check_funds=False)
    assert AuditEntry.objects.filter(verb="launch_study").count() == 1


def test_a_study_that_is_not_ready_stays_a_draft() -> None:
    study = a_draft(images=2, wrong=0)
    with pytest.raises(StudyError, match="the population is empty"):
        launch_study(study, check_funds=False)
    study.refresh_from_db()
    assert (study.state, study.protocol) == (StudyState.DRAFT, None)


def test_amazon_shows_https_pages_only(settings: Settings) -> None:
    settings.QUORUM_URL = "http://127.0.0.1:8000"
    study = a_draft(images=2, environment=Environment.SANDBOX)
    with pytest.raises(StudyError, match="https pages only"):
        launch_study(study, check_funds=False)
    settings.QUORUM_URL = "https://lab.example"
    launch_study(study, check_funds=False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", "Other {class}?"),
        ("accept_at", 3),
        ("reward", Decimal("0.11")),
        ("seed", 2),
        ("name", "another"),
        ("instructions", "other"),
        ("seconds_min", 1.0),
        ("environment", Environment.SANDBOX),
    ],
)
def test_a_live_study_refuses_every_change(field: str, value: object) -> None:
    study = a_draft(images=1)
    launch_study(study, check_funds=False)
    study.full_clean()
    setattr(study, field, value)
    with pytest.raises(ValidationError) as caught:
        study.full_clean()
    assert list(caught.value.message_dict) == [field]


def test_only_the_contact_may_change() -> None:
    study = a_draft(images=1)
    launch_study(study, check_funds=False)
    study.contact = "https://lab.example/contact"
    study.full_clean()
