from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from pytest_django.fixtures import Settings

from marketplace import rate_limit
from marketplace.errors import ProtocolError
from tests.marketplace.conftest import client_of
from tests.marketplace.factories import a_requester, at_once


class Ticking:
    """Real time as the limit reads it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1_000_000.0
        monkeypatch.setattr("time.time_ns", lambda: int(self.seconds * 1e9))


def test_a_burst_and_then_the_rate(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MARKETPLACE_CALLS_PER_SECOND = 2
    clock, lab, other = Ticking(monkeypatch), a_requester(), a_requester()
    for _ in range(rate_limit.BURST):
        rate_limit.take(lab)
    with pytest.raises(ProtocolError) as refused:
        rate_limit.take(lab)
    assert (refused.value.wire_type, str(refused.value)) == ("ThrottlingException", "Rate exceeded")
    # Each requester has a bucket of their own.
    rate_limit.take(other)
    clock.seconds += 0.5
    rate_limit.take(lab)
    with pytest.raises(ProtocolError):
        rate_limit.take(lab)
    clock.seconds += 60
    for _ in range(rate_limit.BURST):
        rate_limit.take(lab)
    with pytest.raises(ProtocolError):
        rate_limit.take(lab)


def test_boto3_is_throttled(site: str, settings: Settings) -> None:
    settings.MARKETPLACE_CALLS_PER_SECOND = 0.01
    mturk = client_of(a_requester(), url=site)
    for _ in range(rate_limit.BURST):
        mturk.list_hits()
    with pytest.raises(ClientError) as refused:
        mturk.list_hits()
    response = refused.value.response
    assert response["Error"]["Code"] == "ThrottlingException"
    assert "TurkErrorCode" not in response
    settings.MARKETPLACE_CALLS_PER_SECOND = 0
    mturk.list_hits()


@pytest.mark.django_db(transaction=True)
def test_callers_at_once_share_one_bucket(settings: Settings) -> None:
    settings.MARKETPLACE_CALLS_PER_SECOND = 0.01
    lab = a_requester()
    results = at_once(*[lambda: rate_limit.take(lab)] * 8)
    assert sum(found is None for found in results) == rate_limit.BURST
