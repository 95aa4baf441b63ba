from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from pytest_django.fixtures import Settings

from marketplace import clock
from marketplace.credentials import secret_access_key
from marketplace.errors import RequestRefusedError
from marketplace.events import event_document, put
from marketplace.models import Notification, NotificationSetting, Requester
from marketplace.sinks import MOST_TRIES, check_destination, deliver, deliver_due
from marketplace.vocabulary import EventType
from tests.marketplace.conftest import MovedClock
from tests.marketplace.sink import Sink, running_sink


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    with running_sink() as found:
        settings.MARKETPLACE_SINK_HOSTS = [found.host]
        yield found


def _waiting(requester: Requester, sink: Sink, *, transport: str = "SQS") -> Notification:
    setting = NotificationSetting(
        destination=sink.url, transport=transport, version="2014-08-15", event_types=[]
    )
    at = clock.now()
    event = event_document(EventType.SUBMITTED, at=at, hit_type_id="3T", hit_id="3H")
    return put(setting, requester=requester, event_type=EventType.SUBMITTED, event=event, at=at)


def test_a_queue_gets_a_send_message_call(requester: Requester, sink: Sink) -> None:
    waiting = _waiting(requester, sink)
    assert deliver_due() == (1, 0)
    assert deliver_due() == (0, 0)
    [(headers, body)] = sink.got
    fields = parse_qs(body.decode())
    assert fields["Action"] == ["SendMessage"]
    message = fields["MessageBody"][0]
    assert json.loads(message) == {
        "EventDocVersion": "2014-08-15",
        "EventDocId": waiting.document_id,
        "CustomerId": requester.access_key_id,
        "Events": [waiting.event],
    }
    # Whoever holds the requester's secret can tell it from a forged one.
    mac = hmac.new(secret_access_key(requester).encode(), message.encode(), hashlib.sha256)
    assert headers["x-marketplace-signature"] == base64.b64encode(mac.digest()).decode()


def test_a_subscriber_gets_the_message_in_an_envelope(requester: Requester, sink: Sink) -> None:
    waiting = _waiting(requester, sink, transport="SNS")
    assert deliver(waiting)
    [(headers, body)] = sink.got
    envelope = json.loads(body)
    assert headers["x-amz-sns-message-type"] == envelope["Type"] == "Notification"
    assert json.loads(envelope["Message"])["Events"][0]["EventType"] == "AssignmentSubmitted"
    assert envelope["Signature"] == headers["x-marketplace-signature"]


def test_failures_are_tried_again_later_and_not_for_ever(
    requester: Requester, sink: Sink, moved: MovedClock
) -> None:
    sink.status = 500
    waiting = _waiting(requester, sink)
    assert deliver_due() == (0, 1)
    assert deliver_due() == (0, 0)
    moved.forward(61)
    sink.status = 200
    assert deliver_due() == (1, 0)
    waiting.refresh_from_db()
    assert (waiting.tries, waiting.last_error) == (2, "")
    sink.status = 403
    lost = _waiting(requester, sink)
    for _ in range(MOST_TRIES + 2):
        deliver_due()
        moved.forward(7200 * 2)
    lost.refresh_from_db()
    assert (lost.tries, lost.delivered_at) == (MOST_TRIES, None)
    assert lost.given_up_at is not None
    assert "403" in lost.last_error


def test_a_sink_cannot_send_us_elsewhere(requester: Requester, sink: Sink) -> None:
    with running_sink() as inside:
        sink.status, sink.location = 302, inside.url
        assert not deliver(_waiting(requester, sink))
        assert inside.got == []


def test_nothing_is_sent_to_a_host_that_was_taken_off_the_list(
    requester: Requester, sink: Sink, settings: Settings
) -> None:
    waiting = _waiting(requester, sink)
    settings.MARKETPLACE_SINK_HOSTS = []
    assert deliver_due() == (0, 1)
    assert sink.got == []
    waiting.refresh_from_db()
    assert "MARKETPLACE_SINK_HOSTS" in waiting.last_error


def test_nobody_listens(requester: Requester, sink: Sink, settings: Settings) -> None:
    settings.MARKETPLACE_SINK_HOSTS = ["127.0.0.1:9"]
    waiting = _waiting(requester, sink)
    waiting.destination = "http://127.0.0.1:9/"
    assert not deliver(waiting)
    assert "ConnectionRefusedError" in waiting.last_error or "URLError" in waiting.last_error


@pytest.mark.parametrize(
    "destination",
    [
        "https://lab.example.evil/",
        "https://evil.example/",
        "https://lab.example:8443/",
        "http://lab.example/",
        "https://lab.example@evil.example/",
        "https://user@lab.example/",
        "https://evil.example/#@lab.example",
        "https://lab.example\\@evil.example/",
        "https://lab.example/a b",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:6379/",
        "file:///etc/passwd",
        "gopher://lab.example/",
        "arn:aws:sns:us-east-1:123456789012:topic",
        "https://lab.exämple/",
        "https://lab.example:port/",
        "",
    ],
)
def test_addresses_that_are_refused(settings: Settings, destination: str) -> None:
    settings.MARKETPLACE_SINK_HOSTS = ["lab.example"]
    check_destination("https://lab.example/queue", transport="SQS")
    with pytest.raises(RequestRefusedError) as refused:
        check_destination(destination, transport="SQS")
    assert refused.value.turk_code == "AWS.MechanicalTurk.InvalidTransportEndpoint"


def test_mail_is_not_offered(settings: Settings) -> None:
    settings.MARKETPLACE_SINK_HOSTS = ["lab.example"]
    with pytest.raises(RequestRefusedError, match="Email"):
        check_destination("https://lab.example/", transport="Email")
