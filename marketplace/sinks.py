"""Sinks: the few hosts the operator lets notifications go to, and how one is sent.

An address comes from a requester, so it is taken only if its host and port are on the operator's
list; nothing else is ever called, redirects are not followed, and answers are not read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, timedelta
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from marketplace import clock, conf
from marketplace.credentials import secret_access_key
from marketplace.errors import RequestRefusedError
from marketplace.models import Notification

TIMEOUT_S = 3.0
MOST_TRIES = 8


def _refused(message: str) -> RequestRefusedError:
    return RequestRefusedError("InvalidTransportEndpoint", message)


def _is_listed(destination: str) -> bool:
    try:
        parts = urlsplit(destination)
        port = parts.port
    except ValueError:
        return False
    if parts.username or parts.password or parts.fragment or not destination.isascii():
        return False
    if parts.scheme not in {"http", "https"} or any(sign in destination for sign in " \\\t\r\n"):
        return False
    if parts.scheme == "http" and not conf.is_loopback(destination):
        return False
    host = parts.hostname or ""
    default = 443 if parts.scheme == "https" else 80
    return f"{host}:{port or default}" in conf.sink_hosts()


def check_destination(destination: str, *, transport: str) -> None:
    """Raise unless notifications may go there."""
    if transport == "Email":
        raise _refused("Transport Email is not offered: give SQS or SNS.")
    if not _is_listed(destination):
        raise _refused(
            f"Destination {destination:.200} is not an address this marketplace sends to. Its "
            "operator lists the hosts it may send to in MARKETPLACE_SINK_HOSTS."
        )


class _NoRedirect(HTTPRedirectHandler):
    """A sink that moves has to be given anew."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        """Follow nothing."""


def _message(notification: Notification) -> str:
    return json.dumps(
        {
            "EventDocVersion": notification.version,
            "EventDocId": notification.document_id,
            "CustomerId": notification.requester.access_key_id,
            "Events": [notification.event],
        }
    )


def signature(notification: Notification, *, message: str) -> str:
    """HMAC-SHA256 of the message under the requester's secret access key, in base64."""
    key = secret_access_key(notification.requester).encode()
    return base64.b64encode(hmac.new(key, message.encode(), hashlib.sha256).digest()).decode()


def _request(notification: Notification) -> Request:
    """The call a queue (SQS) or a subscriber of a topic (SNS) would get."""
    message = _message(notification)
    signed = signature(notification, message=message)
    headers = {"X-Marketplace-Signature": signed}
    if notification.transport == "SQS":
        fields = {"Action": "SendMessage", "Version": "2012-11-05", "MessageBody": message}
        body = urlencode(fields).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    else:
        topic = f"arn:aws:sns:us-east-1:000000000000:{notification.requester.access_key_id}"
        envelope = {
            "Type": "Notification",
            "MessageId": notification.document_id,
            "TopicArn": topic,
            "Message": message,
            "Timestamp": notification.created_at.astimezone(UTC).isoformat(timespec="seconds"),
            "SignatureVersion": "HMAC-SHA256",
            "Signature": signed,
        }
        body = json.dumps(envelope).encode()
        headers |= {
            "Content-Type": "text/plain; charset=UTF-8",
            "x-amz-sns-message-type": "Notification",
            "x-amz-sns-message-id": notification.document_id,
            "x-amz-sns-topic-arn": topic,
        }
    # The scheme and host were checked just before.
    return Request(notification.destination, body, headers)  # noqa: S310


def _post(notification: Notification) -> str:
    """Send it; what went wrong in a few words, or nothing."""
    if not _is_listed(notification.destination):
        return "the host is not in MARKETPLACE_SINK_HOSTS any more"
    opener = build_opener(ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(_request(notification), timeout=TIMEOUT_S):
            return ""
    except HTTPError as error:
        with error:
            return f"the sink answered {error.code}"
    except (OSError, HTTPException) as error:
        return f"the sink cannot be reached: {type(error).__name__}"


def deliver(notification: Notification) -> bool:
    """Try to deliver now; a failure is tried again after 1, 2, 4, ... minutes, a few times.

    The row is marked after the sink has answered: a crash between the two sends it again, with
    the same EventDocId.
    """
    problem = _post(notification)
    at = clock.now()
    notification.tries += 1
    notification.last_error = problem[:200]
    if not problem:
        notification.delivered_at = at
    elif notification.tries >= MOST_TRIES:
        notification.given_up_at = at
    else:
        notification.next_try_at = at + timedelta(minutes=2 ** (notification.tries - 1))
    notification.save(
        update_fields=["tries", "last_error", "delivered_at", "given_up_at", "next_try_at"]
    )
    return not problem


def deliver_due() -> tuple[int, int]:
    """Deliver everything that is due, oldest first; how many arrived and how many did not."""
    due = Notification.objects.select_related("requester").filter(
        delivered_at__isnull=True, given_up_at__isnull=True, next_try_at__lte=clock.now()
    )
    arrived = failed = 0
    for notification in due:
        # Whoever moves the row's time first sends it; another process at work passes it by.
        mine = due.filter(pk=notification.pk, next_try_at=notification.next_try_at).update(
            next_try_at=clock.now() + timedelta(minutes=1)
        )
        if not mine:
            continue
        if deliver(notification):
            arrived += 1
        else:
            failed += 1
    return arrived, failed
