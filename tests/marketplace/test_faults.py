from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from django.test import Client
from pytest_django.fixtures import Settings

from marketplace import faults
from marketplace.credentials import secret_access_key
from marketplace.models import HITType, Requester
from tests.marketplace.conftest import API
from tests.marketplace.factories import a_hit, a_requester, an_accepted

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient

TYPE: dict[str, Any] = {
    "Title": "t",
    "Description": "d",
    "Reward": "0.10",
    "AssignmentDurationInSeconds": 600,
}


@pytest.fixture(autouse=True)
def counted_from_one() -> None:
    faults.forget_calls()


def _rules(settings: Settings, *rules: dict[str, object]) -> None:
    settings.MARKETPLACE_FAULTS = list(rules)


def test_lost_before_and_after_the_work(mturk: MTurkClient, settings: Settings) -> None:
    for when, there in (("before", 0), ("after", 1)):
        faults.forget_calls()
        _rules(settings, {"operation": "CreateHITType", "call": 1, "fault": "lost", "when": when})
        with pytest.raises(ConnectionClosedError):
            mturk.create_hit_type(**TYPE)
        assert HITType.objects.count() == there
    # The second call of the operation, and every other operation, gets through.
    assert mturk.create_hit_type(**TYPE)["HITTypeId"] == HITType.objects.get().hit_type_id
    assert mturk.list_hits()["NumResults"] == 0


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("500", 500, "ServiceFault"),
        ("503", 503, "503"),
        ("429", 429, "ThrottlingException"),
        ("throttled", 400, "ThrottlingException"),
        ("closed", 403, "403"),
    ],
)
def test_what_boto3_is_answered(
    mturk: MTurkClient, settings: Settings, fault: str, status: int, code: str
) -> None:
    _rules(settings, {"operation": "*", "fault": fault})
    with pytest.raises(ClientError) as refused:
        mturk.create_hit_type(**TYPE)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert refused.value.response["Error"]["Code"] == code
    assert not HITType.objects.exists()


def test_answers_that_say_nothing(mturk: MTurkClient, settings: Settings) -> None:
    for fault in ("empty", "cut", "html"):
        _rules(settings, {"operation": "CreateHITType", "fault": fault, "when": "after"})
        answer = mturk.create_hit_type(**TYPE)
        assert "HITTypeId" not in answer
    # All of them did the work.
    assert HITType.objects.count() == 1


def test_late(mturk: MTurkClient, settings: Settings) -> None:
    _rules(settings, {"fault": "late", "seconds": 0.2}, {"fault": "500"})
    began = time.monotonic()
    assert mturk.create_hit_type(**TYPE)["HITTypeId"]
    assert time.monotonic() - began >= 0.2


def test_a_client_that_tries_again_gets_through(site: str, settings: Settings) -> None:
    """boto3's own repetitions meet faults as those of a network would be met."""
    requester = a_requester()
    _rules(
        settings,
        {"operation": "CreateHITType", "call": 1, "fault": "503"},
        {"operation": "CreateHITType", "call": 2, "fault": "lost", "when": "after"},
    )
    mturk = boto3.client(
        "mturk",
        region_name="us-east-1",
        endpoint_url=site + API,
        aws_access_key_id=requester.access_key_id,
        aws_secret_access_key=secret_access_key(requester),
        config=Config(retries={"mode": "standard", "total_max_attempts": 4}),
    )
    assert mturk.create_hit_type(**TYPE)["HITTypeId"] == HITType.objects.get().hit_type_id


def test_without_a_connection_a_loss_is_an_error_of_its_own(
    client: Client, settings: Settings
) -> None:
    _rules(settings, {"fault": "lost"})
    with pytest.raises(ConnectionAbortedError):
        client.post(API)


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"fault": "fire"},
        {"fault": "500", "when": "never"},
        {"fault": "cut", "when": "before"},
        {"fault": "500", "call": 0},
        {"fault": "500", "call": "1"},
        {"fault": "late", "seconds": -1},
        {"fault": "late", "after": 1},
    ],
)
def test_rules_that_cannot_be_used(rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be|no after"):
        faults.read_rule(rule)


def test_no_rules_no_counting(settings: Settings) -> None:
    assert faults.due("ListHITs") is None
    _rules(settings, {"operation": "ListHITs", "call": 1, "fault": "500"})
    assert faults.due("GetHIT") is None
    assert faults.due("ListHITs") is not None
    assert faults.due("ListHITs") is None


def test_a_submission_that_is_lost_after_the_work_can_be_sent_again(
    client: Client, requester: Requester, settings: Settings
) -> None:
    held = an_accepted(a_hit(requester))
    fields = {"assignmentId": held.assignment_id, "votes": "[1]"}
    _rules(settings, {"fault": "500"}, {"operation": "ExternalSubmit", "call": 1, "fault": "503"})
    assert client.post("/mturk/externalSubmit", fields).status_code == 503
    held.refresh_from_db()
    assert held.status == "accepted"
    _rules(settings, {"operation": "ExternalSubmit", "call": 2, "fault": "500", "when": "after"})
    assert client.post("/mturk/externalSubmit", fields).status_code == 500
    held.refresh_from_db()
    assert held.status == "submitted"
    assert client.post("/mturk/externalSubmit", fields).status_code == 200
