from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from pytest_django.fixtures import Settings

from marketplace import clock
from marketplace.actions.accept import accept
from marketplace.actions.dispose_hit import dispose_hit
from marketplace.actions.expire_hit import expire_hit
from marketplace.actions.extend_hit import extend_hit
from marketplace.actions.give_back import give_back
from marketplace.actions.review import approve, reject
from marketplace.actions.settle import settle_due
from marketplace.models import Notification, NotificationSetting
from marketplace.vocabulary import EventType
from tests.marketplace.conftest import MovedClock, Wire, client_of
from tests.marketplace.factories import a_hit, a_requester, a_submitted, a_worker, an_accepted
from tests.marketplace.sink import Sink, running_sink

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient

ALL = [event.value for event in EventType if event != EventType.PING]


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    with running_sink() as found:
        settings.MARKETPLACE_SINK_HOSTS = [found.host]
        yield found


def _code(answer: tuple[int, dict[str, Any]]) -> str:
    assert answer[0] == 400, answer
    return str(answer[1]["TurkErrorCode"]).removeprefix("AWS.MechanicalTurk.")


def _where(sink: Sink, *events: str, **change: object) -> dict[str, Any]:
    values: dict[str, object] = {
        "Destination": sink.url,
        "Transport": "SQS",
        "Version": "2014-08-15",
        "EventTypes": list(events) or ALL,
    }
    return {"Notification": values | change}


def _told() -> list[str]:
    return list(Notification.objects.order_by("pk").values_list("event_type", flat=True))


@pytest.mark.slow
def test_every_event_of_a_hits_life(wire: Wire, sink: Sink, moved: MovedClock) -> None:
    kind = a_hit(wire.requester).hit_type
    ask = {"HITTypeId": kind.hit_type_id}
    assert wire.call("UpdateNotificationSettings", **ask, **_where(sink)) == (200, {})
    hit = a_hit(wire.requester, max_assignments=3)
    give_back(an_accepted(hit))
    an_accepted(hit)
    done, refused = a_submitted(hit), a_submitted(hit)
    approve(done, feedback="", override_rejection=False)
    reject(refused, feedback="-")
    moved.forward(601)
    settle_due()
    expire_hit(hit, expire_at=clock.now())
    extend_hit(hit, additional=1, token="")
    expire_hit(hit, expire_at=clock.now() + timedelta(hours=1))
    expire_hit(hit, expire_at=clock.now())
    dispose_hit(hit)
    assert [name.removeprefix("Assignment").removeprefix("HIT") for name in _told()] == [
        *("Created", "Accepted", "Returned", "Accepted", "Accepted", "Submitted", "Accepted"),
        *("Submitted", "Approved", "Rejected", "Abandoned", "Expired", "Reviewable"),
        *("Extended", "Extended", "Expired", "Reviewable", "Disposed"),
    ]
    event = Notification.objects.get(event_type="AssignmentApproved").event
    assert event == {
        "EventType": "AssignmentApproved",
        "EventTimestamp": event["EventTimestamp"],
        "HITTypeId": kind.hit_type_id,
        "HITId": hit.hit_id,
        "AssignmentId": done.assignment_id,
    }
    assert event["EventTimestamp"].endswith("Z")


def test_only_what_was_asked_for_while_it_is_active(wire: Wire, sink: Sink) -> None:
    hit = a_hit(wire.requester, max_assignments=5)
    ask = {"HITTypeId": hit.hit_type.hit_type_id}
    call = "UpdateNotificationSettings"
    assert _code(wire.call(call, Active=True, **ask)) == "InvalidParameterValue"
    assert _code(wire.call(call, **ask)) == "InvalidParameterValue"
    wire.call(call, **ask, **_where(sink, "AssignmentSubmitted"))
    a_submitted(hit)
    wire.call(call, Active=False, **ask)
    a_submitted(hit)
    wire.call(call, Active=True, **ask)
    wire.call(call, **ask, **_where(sink, "AssignmentAccepted"))
    a_submitted(hit)
    assert _told() == ["AssignmentSubmitted", "AssignmentAccepted"]
    assert NotificationSetting.objects.count() == 1


def test_what_is_rolled_back_is_not_told(wire: Wire, sink: Sink) -> None:
    hit = a_hit(wire.requester)
    ask = {"HITTypeId": hit.hit_type.hit_type_id}
    wire.call("UpdateNotificationSettings", **ask, **_where(sink))
    poor_call = wire.call(
        "CreateAdditionalAssignmentsForHIT", HITId=hit.hit_id, NumberOfAdditionalAssignments=8
    )
    assert poor_call[0] == 200
    before = _told()
    too_dear = wire.call(
        "CreateHITWithHITType",
        **ask,
        LifetimeInSeconds=60,
        MaxAssignments=100_000,
        Question=hit.question,
    )
    assert _code(too_dear) == "InsufficientFunds"
    assert _told() == before


def test_specifications_that_are_refused(wire: Wire, sink: Sink) -> None:
    kind = {"HITTypeId": a_hit(wire.requester).hit_type.hit_type_id}
    for change, code in (
        ({"Destination": "http://127.0.0.1:1/"}, "InvalidTransportEndpoint"),
        ({"Destination": "arn:aws:sns:us-east-1:1:t"}, "InvalidTransportEndpoint"),
        ({"Transport": "Email"}, "InvalidTransportEndpoint"),
        ({"Transport": "Pigeon"}, "InvalidParameterValue"),
        ({"Version": "1999-01-01"}, "InvalidParameterValue"),
        ({"EventTypes": []}, "InvalidParameterValue"),
        ({"EventTypes": ["Ping"]}, "InvalidParameterValue"),
        ({"EventTypes": ["HITSunk"]}, "InvalidParameterValue"),
    ):
        answer = wire.call("UpdateNotificationSettings", **kind, **_where(sink, **change))
        assert _code(answer) == code, change
    theirs = {"HITTypeId": a_hit(a_requester()).hit_type.hit_type_id}
    foreign = wire.call("UpdateNotificationSettings", **theirs, **_where(sink))
    assert _code(foreign) == "HITTypeDoesNotExist"
    assert not NotificationSetting.objects.exists()


def test_boto3_sends_a_test_event_and_hears_of_a_submission(
    site: str, sink: Sink, settings: Settings
) -> None:
    requester = a_requester()
    mturk: MTurkClient = client_of(requester, url=site)
    where: Any = _where(sink, "AssignmentSubmitted")["Notification"]
    mturk.send_test_event_notification(Notification=where, TestEventType="Ping")
    hit = a_hit(requester)
    mturk.update_notification_settings(
        HITTypeId=hit.hit_type.hit_type_id, Notification=where, Active=True
    )
    accept(a_worker(), hit=hit)
    messages = [json.loads(parse_qs(body.decode())["MessageBody"][0]) for _, body in sink.got]
    assert [one["Events"][0]["EventType"] for one in messages] == ["Ping"]
    assert "AssignmentId" not in messages[0]["Events"][0]
    elsewhere: Any = where | {"Destination": "https://evil.example/"}
    with pytest.raises(mturk.exceptions.RequestError, match="MARKETPLACE_SINK_HOSTS"):
        mturk.send_test_event_notification(Notification=elsewhere, TestEventType="Ping")
