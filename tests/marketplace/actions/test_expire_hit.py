from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace import clock, ledger
from marketplace.actions.expire_hit import expire_hit
from marketplace.counters import counters_of
from marketplace.errors import InsufficientFundsError, InvalidParameterError
from marketplace.models import HIT, Requester
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, a_requester, an_accepted


def test_expiring_releases_free_places_and_keeps_the_taken(requester: Requester) -> None:
    hit = a_hit(requester, max_assignments=5)
    an_accepted(hit)
    for _ in range(2):
        expire_hit(hit, expire_at=clock.now() - timedelta(days=1000))
    hit.refresh_from_db()
    assert hit.expires_at <= clock.now()
    assert (hit.funded, ledger.balance(requester).on_hold) == (1, 12)


def test_extending_holds_the_open_places_again(requester: Requester, moved: MovedClock) -> None:
    hit = a_hit(requester, max_assignments=5, lifetime_s=60)
    an_accepted(hit)
    moved.forward(61)
    later = clock.now() + timedelta(hours=1)
    for _ in range(2):
        expire_hit(hit, expire_at=later)
    hit.refresh_from_db()
    assert (hit.expires_at, hit.funded) == (later, 5)
    assert ledger.balance(requester).on_hold == 60
    assert counters_of(hit, at=clock.now()).available == 4


def test_extending_without_money_changes_nothing(moved: MovedClock, db: None) -> None:
    requester = a_requester(deposited="0.60")
    hit = a_hit(requester, max_assignments=5, lifetime_s=60)
    moved.forward(61)
    expire_hit(hit, expire_at=clock.now())
    a_hit(requester)
    with pytest.raises(InsufficientFundsError):
        expire_hit(hit, expire_at=clock.now() + timedelta(hours=1))
    fresh = HIT.objects.get(pk=hit.pk)
    assert (fresh.funded, fresh.expiry_settled) == (0, True)
    assert fresh.expires_at < clock.now()


def test_moments_that_are_refused(requester: Requester) -> None:
    hit = a_hit(requester, lifetime_s=3600)
    for days in (0.02, 366):
        with pytest.raises(InvalidParameterError, match="ExpireAt"):
            expire_hit(hit, expire_at=clock.now() + timedelta(days=days))
