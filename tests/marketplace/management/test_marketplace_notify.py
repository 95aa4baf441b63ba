from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from pytest_django.fixtures import Settings

from marketplace.models import Notification, NotificationSetting, Requester
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit
from tests.marketplace.sink import running_sink


def test_what_time_has_done_is_told(
    requester: Requester, settings: Settings, moved: MovedClock
) -> None:
    with running_sink() as sink:
        settings.MARKETPLACE_SINK_HOSTS = [sink.host]
        NotificationSetting.objects.create(
            hit_type=a_hit(requester, lifetime_s=60).hit_type,
            destination=sink.url,
            transport="SQS",
            version="2014-08-15",
            event_types=["HITExpired"],
        )
        moved.forward(61)
        out = StringIO()
        call_command("marketplace_notify", stdout=out)
        assert "1 notifications delivered, 0 to be tried again." in out.getvalue()
        assert len(sink.got) == 1
    assert Notification.objects.get().delivered_at is not None


def test_again_and_again_until_ended(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("marketplace.management.commands.marketplace_notify.time.sleep", sleep)
    monkeypatch.setattr(
        "marketplace.management.commands.marketplace_notify.close_old_connections", lambda: None
    )
    broken = [OperationalError("database is locked")]

    def settle() -> None:
        if broken:
            raise broken.pop()

    monkeypatch.setattr("marketplace.management.commands.marketplace_notify.settle_due", settle)
    said = StringIO()
    with pytest.raises(KeyboardInterrupt):
        call_command("marketplace_notify", "--every", "5", stdout=StringIO(), stderr=said)
    assert waits == [5, 5, 5]
    assert "database is locked): trying again" in said.getvalue()
