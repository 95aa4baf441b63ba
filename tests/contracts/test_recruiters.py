"""What every recruiter promises: at the real marketplace over real HTTP, and by link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from marketplace.actions.accept import accept
from marketplace.errors import WorkRefusedError
from studyapp.cost import MASTERS_FEES, cost_of_hits
from studyapp.errors import InsufficientFundsError, RecruiterError
from studyapp.models import Study
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import (
    Lot,
    LotGoneError,
    PaidBonus,
    PublishedLot,
    Recruiter,
    SubmissionState,
    Terms,
)
from studyapp.recruiters.lists import KeepsLists
from studyapp.recruiters.mturk import wire
from studyapp.recruiters.requirements import Quality, Requirement, requirements_of
from studyapp.vocabulary import Environment
from tests.contracts.providers import AtMarketplace, ByLink, Provider
from tests.recruiting import Site, new_workers

TERMS = Terms(
    title="Does the word fit the picture? Ünïcödé & <b>",
    description="Look at a picture.",
    keywords="image, quick",
    reward=Decimal("0.10"),
    time_allowed=timedelta(minutes=30),
    pays_itself_after=timedelta(hours=72),
)


@pytest.fixture(params=[AtMarketplace, ByLink])
def provider(request: pytest.FixtureRequest, site: Site) -> Provider:
    found: Provider = request.param(site)
    return found


@pytest.fixture
def recruiter(provider: Provider) -> Recruiter:
    return provider.recruiter


@pytest.fixture
def paying(site: Site) -> Recruiter:
    """One with an account that it pays from."""
    return AtMarketplace(site).recruiter


def a_lot(number: int = 0, *, raters: int = 3) -> Lot:
    return Lot(
        token=f"quorum-test-{number}",
        address=f"https://lab.example/rate/{number}/?a=1&b=2",
        raters=raters,
        open_for=timedelta(days=2),
    )


def offered(recruiter: Recruiter, lot: Lot) -> PublishedLot:
    return recruiter.publish(lot, group_id=recruiter.prepare(TERMS))


def test_the_same_terms_are_one_group(recruiter: Recruiter) -> None:
    assert recruiter.prepare(TERMS) == recruiter.prepare(TERMS)


def test_a_lot_is_offered_as_asked(provider: Provider) -> None:
    published = offered(provider.recruiter, a_lot())
    (lot,) = provider.offered()
    assert (lot.lot_id, lot.raters) == (published.lot_id, 3)
    assert lot.address == "https://lab.example/rate/0/?a=1&b=2"
    assert (lot.title, lot.reward) == (TERMS.title, TERMS.reward)
    assert published.expires_at is not None
    assert published.expires_at.tzinfo is UTC
    left = published.expires_at - timezone.now()
    assert timedelta(hours=47) < left <= timedelta(hours=48)


def test_the_same_token_is_the_same_lot(provider: Provider) -> None:
    first = offered(provider.recruiter, a_lot())
    again = offered(provider.recruiter, a_lot())
    assert (again.lot_id, again.group_id) == (first.lot_id, first.group_id)
    assert (first.was_there, again.was_there) == (False, True)
    assert len(provider.offered()) == 1


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of four rows, so that a few rows need several of them."""
    monkeypatch.setattr(wire, "PAGE_SIZE", 4)


@pytest.mark.usefixtures("short_pages")
@pytest.mark.parametrize("n", [3, 4, 9])
def test_lots_are_found_by_token_on_every_page(recruiter: Recruiter, n: int) -> None:
    lots = [offered(recruiter, a_lot(number, raters=1)) for number in range(n)]
    found = recruiter.find([a_lot(0).token, a_lot(n - 1).token, "never published"])
    assert {token: lot.lot_id for token, lot in found.items()} == {
        a_lot(0).token: lots[0].lot_id,
        a_lot(n - 1).token: lots[n - 1].lot_id,
    }


def test_the_balance_counts_what_is_offered(paying: Recruiter) -> None:
    before = paying.balance()
    lot = offered(paying, a_lot(raters=3))
    during = paying.balance()
    assert before is not None
    assert during is not None
    assert before - during == Decimal("0.36")  # 3 x (0.10 + 0.02)
    paying.expire(lot.lot_id)
    assert paying.balance() == before, "what nobody took is given back"


def test_who_pays_nobody_has_no_balance() -> None:
    assert connect(Environment.LINK).balance() is None


def test_an_empty_account_changes_nothing(paying: Recruiter, site: Site) -> None:
    dear = Terms(**{**TERMS.__dict__, "reward": Decimal("900.00")})
    group = paying.prepare(dear)
    with pytest.raises(InsufficientFundsError, match="Put money into the account") as caught:
        paying.publish(a_lot(), group_id=group)
    assert caught.value.permanent
    assert site.offered() == []


def test_a_refusal_says_what_and_is_permanent(recruiter: Recruiter) -> None:
    with pytest.raises(RecruiterError, match="NOSUCHTYPE") as caught:
        recruiter.publish(a_lot(), group_id="NOSUCHTYPE")
    assert caught.value.permanent


def test_submissions_come_with_their_fields(provider: Provider) -> None:
    recruiter = provider.recruiter
    lot = offered(recruiter, a_lot())
    assert list(recruiter.submissions(lot.lot_id)) == []
    text = 'a <b> & "c"\nnext line 🦆'
    (submission_id,) = provider.hand_in(lot.lot_id, {"nonce": "abc", "note": text})
    (submission,) = recruiter.submissions(lot.lot_id)
    assert submission.submission_id == submission_id
    assert submission.state is SubmissionState.SUBMITTED
    assert dict(submission.fields) == {"nonce": ("abc",), "note": (text,)}
    assert isinstance(submission.accepted_at, datetime)
    assert isinstance(submission.submitted_at, datetime)
    assert submission.reviewed_at is None


@pytest.mark.usefixtures("short_pages")
@pytest.mark.parametrize("n", [4, 9])
def test_every_page_of_submissions_is_read(provider: Provider, n: int) -> None:
    lot = offered(provider.recruiter, a_lot(raters=n + 1))
    ids = provider.hand_in(lot.lot_id, {"nonce": "x"}, n=n)
    found = [one.submission_id for one in provider.recruiter.submissions(lot.lot_id)]
    assert sorted(found) == sorted(ids)


def test_approval_pays_once(provider: Provider) -> None:
    recruiter = provider.recruiter
    lot = offered(recruiter, a_lot())
    provider.hand_in(lot.lot_id, {"nonce": "x"})
    (submission,) = recruiter.submissions(lot.lot_id)
    recruiter.approve(submission)
    balance = recruiter.balance()
    recruiter.approve(submission)  # as listed a moment ago: still fine
    (now,) = recruiter.submissions(lot.lot_id)
    assert now.state is SubmissionState.APPROVED
    assert now.reviewed_at is not None
    recruiter.approve(now)
    assert recruiter.balance() == balance


def test_a_rejection_has_words_and_can_be_taken_back(provider: Provider) -> None:
    recruiter = provider.recruiter
    lot = offered(recruiter, a_lot())
    (work,) = provider.hand_in(lot.lot_id, {"nonce": "x"})
    submission = recruiter.submission(work)
    recruiter.reject(submission, reason="no effort")
    recruiter.reject(submission, reason="no effort")  # as listed a moment ago: still fine
    rejected = recruiter.submission(work)
    assert rejected.state is SubmissionState.REJECTED
    with pytest.raises(RecruiterError):
        recruiter.approve(rejected)
    recruiter.approve(rejected, override=True)
    assert recruiter.submission(work).state is SubmissionState.APPROVED


def test_the_same_token_is_the_same_bonus(provider: Provider) -> None:
    recruiter = provider.recruiter
    lot = offered(recruiter, a_lot())
    (work,) = provider.hand_in(lot.lot_id, {"nonce": "x"})
    submission = recruiter.submission(work)
    for _ in range(2):
        recruiter.bonus(submission, amount=Decimal("0.50"), reason="slow network", token="once")
    assert recruiter.bonuses(work) == [PaidBonus(Decimal("0.50"), "slow network")]


def test_the_life_of_a_lot(provider: Provider) -> None:
    recruiter = provider.recruiter
    lot = offered(recruiter, a_lot(raters=1))
    assert recruiter.lot(lot.lot_id).takes_new
    (work,) = provider.hand_in(lot.lot_id, {"nonce": "x"})
    assert not recruiter.lot(lot.lot_id).takes_new, "its one place is taken"
    for _ in range(2):
        recruiter.add_raters(lot.lot_id, more=2, token="two more")
    now = recruiter.lot(lot.lot_id)
    assert (now.raters, now.takes_new) == (3, True)
    recruiter.expire(lot.lot_id)
    recruiter.expire(lot.lot_id)
    assert not recruiter.lot(lot.lot_id).takes_new
    until = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    recruiter.prolong(lot.lot_id, until=until)
    now = recruiter.lot(lot.lot_id)
    assert (now.expires_at, now.takes_new) == (until, True)
    recruiter.expire(lot.lot_id)
    with pytest.raises(RecruiterError):
        recruiter.dispose(lot.lot_id)  # its work is not decided on
    recruiter.approve(recruiter.submission(work))
    recruiter.dispose(lot.lot_id)
    assert recruiter.lot(lot.lot_id).disposed


@pytest.mark.parametrize(
    "ask",
    [
        lambda recruiter: list(recruiter.submissions("3NOSUCHHITNOSUCHHITNOSUCHHIT0")),
        lambda recruiter: recruiter.expire("3NOSUCHHITNOSUCHHITNOSUCHHIT0"),
    ],
)
def test_an_unknown_lot_is_gone(recruiter: Recruiter, ask: Callable[[Recruiter], object]) -> None:
    with pytest.raises(LotGoneError, match="3NOSUCHHIT"):
        ask(recruiter)


@pytest.mark.parametrize("provider", [AtMarketplace], indirect=True)  # a link keeps no lists
def test_a_list_is_made_once_and_names_are_on_it_or_not(recruiter: Recruiter, site: Site) -> None:
    assert isinstance(recruiter, KeepsLists)
    ada, bob = new_workers(2)
    name = "study: saw other pictures (f00ba4)"
    list_id = recruiter.make_list(name, description="Not twice.")
    assert recruiter.make_list(name, description="Not twice.") == list_id
    for _ in range(2):
        recruiter.enlist(list_id, worker_id=ada.worker_id)
    asked = Requirement(Quality.OWN, "absent", own_id=list_id, unseen=True)
    terms = replace(TERMS, requirements=(asked,))
    recruiter.publish(a_lot(), group_id=recruiter.prepare(terms))
    (hit,) = site.offered()
    with pytest.raises(WorkRefusedError, match="not for you now: study: saw other pictures"):
        accept(ada, hit=hit)
    accept(bob, hit=hit)
    for _ in range(2):
        recruiter.strike(list_id, worker_id=ada.worker_id, reason="It is over.")
    accept(ada, hit=hit)
    with pytest.raises(RecruiterError, match="WorkerId"):
        recruiter.enlist(list_id, worker_id="A0NOBODY0NOBODY")


@pytest.mark.parametrize("provider", [AtMarketplace], indirect=True)  # a link asks none of it
def test_what_is_asked_of_people_is_asked_there(recruiter: Recruiter, site: Site) -> None:
    asked = requirements_of(
        Study(
            masters_only=True,
            approved_percent=95,
            approved_number=100,
            countries="US-CA gb",
            qualifications="",
        )
    )
    recruiter.publish(a_lot(), group_id=recruiter.prepare(replace(TERMS, requirements=asked)))
    (hit,) = site.offered()
    rows = hit.hit_type.requirements.values_list(
        "qualification_type_id", "comparator", "integer_values", "locale_values"
    )
    assert list(rows) == [
        ("2F1QJWKUDD8XADTFD2Q0G6UTO95ALH", "Exists", [], []),
        ("000000000000000000L0", "GreaterThanOrEqualTo", [95], []),
        ("00000000000000000040", "GreaterThanOrEqualTo", [100], []),
        ("00000000000000000071", "In", [], [["US", "CA"], ["GB", ""]]),
    ]
    cost = cost_of_hits(1, trials=1, raters_per_hit=3, reward=TERMS.reward, fees=MASTERS_FEES)
    assert cost.total == hit.unit_cost * 3
