"""What the network does to a call: each fault between us and a marketplace that does its work."""

from __future__ import annotations

import socket
from datetime import timedelta
from decimal import Decimal

import pytest

from studyapp.errors import RecruiterError, RecruiterUnavailableError
from studyapp.recruiters.contract import Lot, ProviderClosedError, Terms
from studyapp.recruiters.mturk.gateway import MTurkGateway
from tests.faulty_proxy import (
    HTML,
    Fault,
    FaultyProxy,
    after_work_says,
    closed_page,
    html_page,
    lost_after,
    lost_before,
    says,
    throttled,
    truncated,
)
from tests.recruiting import Site, nowhere

CREATE = "CreateHITWithHITType"
TERMS = Terms(
    title="t",
    description="d",
    keywords="k",
    reward=Decimal("0.10"),
    time_allowed=timedelta(minutes=30),
    pays_itself_after=timedelta(hours=72),
)
LOT = Lot(
    token="quorum-1", address="https://lab.example/rate/1/", raters=2, open_for=timedelta(days=1)
)


@pytest.fixture
def gateway(proxy: FaultyProxy, site: Site) -> MTurkGateway:
    return site.gateway(attempts=1)


@pytest.mark.parametrize("fault", [lost_after, lost_before, throttled, says(503, b"{}")])
def test_one_fault_is_repeated_with_the_same_token(
    fault: Fault, proxy: FaultyProxy, site: Site
) -> None:
    gateway = site.gateway(attempts=3)
    group = gateway.prepare(TERMS)
    proxy.plan(CREATE, fault)
    published = gateway.publish(LOT, group_id=group)
    (hit,) = site.offered()
    assert published.lot_id == hit.hit_id
    assert published.was_there is (fault is lost_after)
    assert proxy.count(CREATE) == 2


@pytest.mark.parametrize(
    "fault",
    [
        lost_after,
        truncated,
        after_work_says(200, b""),
        after_work_says(200, b"null"),
        after_work_says(200, b"[]"),
        after_work_says(200, b'"HIT"'),
        after_work_says(200, b'{"HIT": {}}'),
        after_work_says(500, b'{"__type": "ServiceFault", "Message": "oops"}'),
        after_work_says(502, b"<html>Bad gateway</html>", HTML),
    ],
)
def test_an_unknown_outcome_says_so_and_a_repeat_finds_the_lot(
    fault: Fault, proxy: FaultyProxy, gateway: MTurkGateway, site: Site
) -> None:
    group = gateway.prepare(TERMS)
    proxy.plan(CREATE, fault)
    with pytest.raises(RecruiterUnavailableError) as caught:
        gateway.publish(LOT, group_id=group)
    assert not caught.value.permanent
    assert "run the same command again" in str(caught.value)
    (hit,) = site.offered()
    found = gateway.publish(LOT, group_id=group)
    assert (found.lot_id, found.was_there) == (hit.hit_id, True)
    assert len(site.offered()) == 1


@pytest.mark.parametrize("fault", [lost_before, throttled, says(503, b"")])
def test_a_fault_that_stays_ends_after_the_attempts(
    fault: Fault, proxy: FaultyProxy, site: Site
) -> None:
    gateway = site.gateway(attempts=2)
    proxy.plan("GetAccountBalance", fault, fault, fault)
    with pytest.raises(RecruiterUnavailableError):
        gateway.balance()
    assert proxy.count("GetAccountBalance") == 2


@pytest.mark.parametrize(
    "fault",
    [
        closed_page,
        html_page,
        says(410, b"gone", HTML),
        says(404, b"<html>not here</html>", HTML),
    ],
)
def test_who_answers_a_page_is_no_marketplace(
    fault: Fault, proxy: FaultyProxy, gateway: MTurkGateway
) -> None:
    proxy.plan("GetAccountBalance", fault)
    with pytest.raises(ProviderClosedError, match=r"no marketplace.*MARKETPLACE_URL") as caught:
        gateway.balance()
    assert caught.value.permanent
    assert proxy.count("GetAccountBalance") == 1


def test_html_after_the_work_keeps_the_outcome_open(
    proxy: FaultyProxy, gateway: MTurkGateway, site: Site
) -> None:
    group = gateway.prepare(TERMS)
    proxy.plan(CREATE, after_work_says(200, b"<html></html>", HTML))
    with pytest.raises(ProviderClosedError):
        gateway.publish(LOT, group_id=group)
    assert gateway.publish(LOT, group_id=group).was_there


@pytest.mark.parametrize("body", [b"", b"{}", b'{"HITs": [{}]}'])
def test_a_listing_cut_short_is_never_taken_for_the_whole(
    body: bytes, proxy: FaultyProxy, gateway: MTurkGateway
) -> None:
    gateway.publish(LOT, group_id=gateway.prepare(TERMS))
    proxy.plan("ListHITs", after_work_says(200, body))
    if body == b'{"HITs": [{}]}':
        assert gateway.find([LOT.token]) == {}
    else:
        with pytest.raises(RecruiterUnavailableError, match="ListHITs"):
            gateway.find([LOT.token])
    assert gateway.find([LOT.token])


def test_a_page_that_leads_to_itself_ends(proxy: FaultyProxy, gateway: MTurkGateway) -> None:
    page = says(200, b'{"NumResults": 0, "NextToken": "again", "HITs": []}')
    proxy.plan("ListHITs", page, page, page)
    with pytest.raises(RecruiterUnavailableError, match="the same page twice"):
        gateway.find(["x"])


def test_the_existing_lot_is_verified_before_it_is_believed(
    proxy: FaultyProxy, gateway: MTurkGateway, site: Site
) -> None:
    group = gateway.prepare(TERMS)
    other = Lot(**{**LOT.__dict__, "token": "quorum-2"})
    wrong = gateway.publish(other, group_id=group)
    mine = gateway.publish(LOT, group_id=group)
    body = (
        '{"__type": "RequestError", "TurkErrorCode": "AWS.MechanicalTurk.HITAlreadyExists", '
        f'"Message": "It is {wrong.lot_id} (123)"}}'
    )
    proxy.plan(CREATE, says(400, body.encode()))
    assert gateway.publish(LOT, group_id=group).lot_id == mine.lot_id


def test_a_token_taken_by_nothing_we_know_is_refused(
    proxy: FaultyProxy, gateway: MTurkGateway
) -> None:
    group = gateway.prepare(TERMS)
    body = b'{"__type": "RequestError", "TurkErrorCode": "AWS.MechanicalTurk.HitAlreadyExists"}'
    proxy.plan(CREATE, says(400, body))
    with pytest.raises(RecruiterError, match="hitalreadyexists"):
        gateway.publish(LOT, group_id=group)


def test_a_slow_answer_is_an_unknown_outcome() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent_server:
        url = f"http://127.0.0.1:{silent_server.getsockname()[1]}"
        gateway = MTurkGateway(nowhere(url), attempts=1, read_timeout_s=0.2)
        with pytest.raises(RecruiterUnavailableError, match="its outcome is unknown"):
            gateway.balance()


def test_a_site_that_does_not_run_says_what_to_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(RecruiterUnavailableError, match="make run"):
        MTurkGateway(nowhere(url), attempts=1).balance()


def test_wrong_keys_say_so(site: Site) -> None:
    gateway = MTurkGateway(nowhere(f"{site.url}/marketplace/api/"), attempts=1)
    with pytest.raises(RecruiterError, match="does not know these keys"):
        gateway.balance()


@pytest.mark.parametrize("body", [b'{"AvailableBalance": "much"}', b"{}"])
def test_a_balance_that_is_none_is_not_zero(
    body: bytes, proxy: FaultyProxy, gateway: MTurkGateway
) -> None:
    proxy.plan("GetAccountBalance", says(200, body))
    with pytest.raises(RecruiterUnavailableError, match="no balance"):
        gateway.balance()
