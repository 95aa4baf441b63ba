"""What a recruiter does for a study: offer lots of trials to people, and say who took them.

The words here are the study's: a lot is a set of trials taken together, a submission one
person's take on it. What a provider calls these things stays behind its implementation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from studyapp.errors import RecruiterError, RecruiterUnavailableError
from studyapp.recruiters.requirements import Requirement

#: The form field of a submission that proves it came from our page.
NONCE_FIELD = "nonce"

#: How often one call is tried before it counts as not answered.
ATTEMPTS = 6


class LotGoneError(RecruiterError):
    """The recruiter does not know this lot (any more)."""


class ProviderClosedError(RecruiterError):
    """Nobody answers there as a recruiter would: the service is gone, or the address is wrong."""


class DoubtfulAnswerError(RecruiterUnavailableError):
    """An answer came that tells nothing; whoever asked can look what was done."""


#: After these nobody knows whether the call was carried out.
OUTCOME_UNKNOWN = (RecruiterUnavailableError, ProviderClosedError)


class SubmissionState(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Terms:
    """What every lot of a study has in common."""

    title: str
    description: str
    keywords: str
    reward: Decimal
    time_allowed: timedelta
    pays_itself_after: timedelta
    #: What is asked of everybody before they may take a lot; who cannot ask leaves it out.
    requirements: tuple[Requirement, ...] = ()


@dataclass(frozen=True)
class Lot:
    """One lot to offer. `token` stands for it for good: the same token is the same lot."""

    token: str
    address: str
    raters: int
    open_for: timedelta


@dataclass(frozen=True)
class PublishedLot:
    """A lot as the recruiter knows it."""

    lot_id: str
    group_id: str
    expires_at: datetime | None
    #: An earlier call had offered it already.
    was_there: bool = False


@dataclass(frozen=True)
class Submission:
    """One person's submission of a lot. `fields` is what their browser posted, all hostile."""

    submission_id: str
    worker_id: str
    state: SubmissionState
    accepted_at: datetime | None
    submitted_at: datetime | None
    reviewed_at: datetime | None
    fields: Mapping[str, tuple[str, ...]]
    #: Why the posted fields could not be read; empty where they could.
    unreadable: str = ""


@dataclass(frozen=True)
class LotNow:
    """What the recruiter says of a lot at this moment."""

    raters: int
    expires_at: datetime | None
    #: Somebody who comes now could take it.
    takes_new: bool
    disposed: bool


@dataclass(frozen=True)
class PaidBonus:
    amount: Decimal
    reason: str


class Recruiter(Protocol):
    """Every call is safe to repeat; its errors are RecruiterErrors."""

    @property
    def token_life(self) -> timedelta:
        """How long after a first try `publish` recognises the token by itself."""

    def balance(self) -> Decimal | None:
        """US dollars that are free to spend; None where there is no account, and nothing is paid.

        What is approved or given as a bonus is then a record, for others to pay by.
        """

    def prepare(self, terms: Terms) -> str:
        """Make the terms known; returns the id of their group."""

    def publish(self, lot: Lot, *, group_id: str) -> PublishedLot:
        """Offer the lot, or find it offered already."""

    def find(self, tokens: Collection[str]) -> dict[str, PublishedLot]:
        """Those of the tokens that stand for a lot at the recruiter, however old."""

    def submissions(self, lot_id: str) -> Iterator[Submission]:
        """Everything submitted for the lot so far. Raises LotGoneError."""

    def submission(self, submission_id: str) -> Submission:
        """One submission as it is now."""

    def approve(self, submission: Submission, *, override: bool = False) -> None:
        """Pay for it; one that is paid already is fine. `override` takes a rejection back."""

    def reject(self, submission: Submission, *, reason: str) -> None:
        """Refuse to pay for it. One that is rejected already is fine."""

    def bonus(self, submission: Submission, *, amount: Decimal, reason: str, token: str) -> None:
        """Pay its worker more. The same token, within its life, is the same payment."""

    def bonuses(self, submission_id: str) -> list[PaidBonus]:
        """Every bonus paid for the submission."""

    def lot(self, lot_id: str) -> LotNow:
        """The lot as it is now. Raises LotGoneError."""

    def add_raters(self, lot_id: str, *, more: int, token: str) -> None:
        """Ask so many more. The same token, within its life, is the same request."""

    def prolong(self, lot_id: str, *, until: datetime) -> None:
        """Offer the lot until then, also one that has expired. Raises LotGoneError."""

    def expire(self, lot_id: str) -> None:
        """Take the lot off the list; who is at work may finish. Raises LotGoneError."""

    def dispose(self, lot_id: str) -> None:
        """Give up a lot whose work is all reviewed. Raises LotGoneError."""
