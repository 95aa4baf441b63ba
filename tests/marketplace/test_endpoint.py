from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from django.db import OperationalError
from django.test import Client

from marketplace.actions.accept import accept
from marketplace.endpoint import LARGEST_BODY
from marketplace.models import HIT, Assignment
from marketplace.operations import OPERATIONS
from marketplace.protocol.service_model import service_model
from tests.marketplace.conftest import API, Wire, client_of
from tests.marketplace.factories import a_question, a_requester, a_worker

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient


def test_a_requesters_whole_line(mturk: MTurkClient, client: Client) -> None:
    hit_type = mturk.create_hit_type(
        Title="Is it there?",
        Description="Look and answer.",
        Reward="0.10",
        AssignmentDurationInSeconds=600,
        AutoApprovalDelayInSeconds=86400,
        Keywords="image",
    )["HITTypeId"]
    made = mturk.create_hit_with_hit_type(
        HITTypeId=hit_type,
        LifetimeInSeconds=3600,
        MaxAssignments=2,
        Question=a_question(),
        UniqueRequestToken="lot-1",
        RequesterAnnotation="lot 1",
    )["HIT"]
    assert made["HITStatus"] == "Assignable"
    assert mturk.get_account_balance()["OnHoldBalance"] == "0.24"
    assignment = accept(a_worker(), hit=HIT.objects.get(hit_id=made["HITId"]))
    response = client.post(
        "/mturk/externalSubmit", {"assignmentId": assignment.assignment_id, "votes": "[1]"}
    )
    assert response.status_code == 200
    [seen] = mturk.list_assignments_for_hit(HITId=made["HITId"])["Assignments"]
    assert seen["AssignmentStatus"] == "Submitted"
    assert "[1]" in seen["Answer"]
    mturk.approve_assignment(AssignmentId=seen["AssignmentId"])
    assert Assignment.objects.get().status == "approved"
    balance = mturk.get_account_balance()
    assert (balance["AvailableBalance"], balance["OnHoldBalance"]) == ("99.76", "0.12")


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_address_works_with_and_without_its_slash(site: str, slash: str) -> None:
    url = f"{site}/marketplace/api{slash}"
    client = client_of(a_requester(), url=site, endpoint_url=url)
    assert client.get_account_balance()["AvailableBalance"] == "100.00"


def test_wrong_keys_and_a_wrong_region(site: str) -> None:
    lab = a_requester()
    for change, code in (
        ({"aws_secret_access_key": "wrong"}, "InvalidSignatureException"),
        ({"aws_access_key_id": "AKIQNOBODY"}, "UnrecognizedClientException"),
        ({"aws_session_token": "abc"}, None),
        ({"region_name": "eu-west-1"}, "InvalidSignatureException"),
    ):
        client = client_of(lab, url=site, **change)
        if code is None:
            # A session token is signed like any other header and has no meaning here.
            assert client.get_account_balance()["AvailableBalance"] == "100.00"
            continue
        with pytest.raises(ClientError) as refused:
            client.get_account_balance()
        assert refused.value.response["Error"]["Code"] == code
    lab.active = False
    lab.save()
    with pytest.raises(ClientError, match="security token"):
        client_of(lab, url=site).get_account_balance()


def test_every_operation_of_the_service_description_is_there() -> None:
    assert set(OPERATIONS) == set(service_model().operation_names)
    assert len(OPERATIONS) == 39


def test_every_call_has_an_id_of_its_own(wire: Wire) -> None:
    body = b"{}"
    ids = set()
    for _ in range(3):
        response = wire.client.post(
            API,
            data=body,
            content_type="application/x-amz-json-1.1",
            headers={"Host": "testserver"}
            | {
                name: value
                for name, value in wire.headers("ListHITs", body).items()
                if name != "Content-Type"
            },
        )
        assert response.status_code == 200
        ids.add(response["x-amzn-RequestId"])
    assert len(ids) == 3


def test_errors_look_as_on_the_wire(wire: Wire) -> None:
    status, body = wire.call("GetHIT", HITId="3NOSUCH")
    assert status == 400
    assert set(body) == {"__type", "Message", "TurkErrorCode"}
    text, _, moment = body["Message"].rpartition(" (")
    assert text == "Hit 3NOSUCH does not exist."
    assert abs(int(moment.removesuffix(")")) / 1000 - time.time()) < 60


def _sent(wire: Wire, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    return wire.send(body, headers=wire.headers("ListHITs", body) | headers)


def test_what_never_reaches_an_operation(wire: Wire) -> None:
    assert wire.call("NoSuchThing")[1]["__type"] == "UnknownOperationException"
    unsigned = wire.send(b"{}", headers={"Content-Type": "application/x-amz-json-1.1"})
    assert unsigned[1]["__type"] == "MissingAuthenticationTokenException"
    assert "TurkErrorCode" not in unsigned[1]
    for content_type in ("application/json", "text/plain", ""):
        status, body = _sent(wire, b"{}", **{"Content-Type": content_type})
        assert (status, body["__type"]) == (400, "UnknownOperationException")
    for bad in (b"{", b"[]", b"null", b'{"MaxResults": NaN}', b"\xff", b"[" * 100_000):
        status, body = _sent(wire, bad)
        assert (status, body["__type"]) == (400, "SerializationException")
    status, body = _sent(wire, b"{" + b" " * LARGEST_BODY)
    assert (status, body["__type"]) == (413, "RequestEntityTooLargeException")


def test_only_post(client: Client) -> None:
    for method in ("get", "put", "delete", "options"):
        response = getattr(client, method)(API)
        assert response.status_code == 405
        assert json.loads(response.content)["__type"] == "UnknownOperationException"


def test_a_signed_call_is_good_for_its_body_alone(wire: Wire) -> None:
    body = b'{"MaxResults": 1}'
    headers = wire.headers("ListHITs", body)
    assert wire.send(body, headers=headers)[0] == 200
    # The protocol has no nonce: the same call within fifteen minutes is the same call again.
    assert wire.send(body, headers=headers)[0] == 200
    assert wire.send(b'{"MaxResults": 2}', headers=headers)[1]["__type"] == (
        "InvalidSignatureException"
    )
    target = headers | {"X-Amz-Target": "MTurkRequesterServiceV20170117.GetAccountBalance"}
    assert wire.send(body, headers=target)[1]["__type"] == "InvalidSignatureException"


def test_a_database_that_fails_is_a_service_fault(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("marketplace.operations.account.ledger.balance", fail)
    status, body = wire.call("GetAccountBalance")
    assert (status, body["__type"]) == (500, "ServiceFault")
    assert "locked" not in body["Message"]
