from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from pytest_django.fixtures import Settings

from marketplace.models import Notification, NotificationSetting, Requester
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit
from tests.marketplace.sink import Sink, running_sink


@pytest.fixture
def sink(requester: Requester, settings: Settings, moved: MovedClock) -> Iterator[Sink]:
    """Where word of a HIT has to go that has just expired."""
    with running_sink() as found:
        settings.MARKETPLACE_SINK_HOSTS = [found.host]
        NotificationSetting.objects.create(
            hit_type=a_hit(requester, lifetime_s=60).hit_type,
            destination=found.url,
            transport="SQS",
            version="2014-08-15",
            event_types=["HITExpired"],
        )
        moved.forward(61)
        yield found


def test_what_time_has_done_is_told(sink: Sink) -> None:
    out = StringIO()
    call_command("marketplace_notify", stdout=out)
    assert "1 notification delivered, 0 to be tried again." in out.getvalue()
    assert len(sink.got) == 1
    assert Notification.objects.get().delivered_at is not None


def test_again_and_again_until_ended(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise KeyboardInterrupt

    broken = [OperationalError("database is locked")]

    def locked_once(execute: Callable[..., Any], *call: Any) -> Any:
        if broken:
            raise broken.pop()
        return execute(*call)

    command = "marketplace.management.commands.marketplace_notify"
    monkeypatch.setattr(f"{command}.time.sleep", sleep)
    # This test's own, which its transaction needs.
    monkeypatch.setattr(f"{command}.close_old_connections", lambda: None)
    said = StringIO()
    with connection.execute_wrapper(locked_once), pytest.raises(KeyboardInterrupt):
        call_command("marketplace_notify", "--every", "5", stdout=StringIO(), stderr=said)
    assert waits == [5, 5, 5]
    assert "database is locked): trying again" in said.getvalue()
    assert len(sink.got) == 1, "in the next round"
