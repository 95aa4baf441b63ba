"""A recruiter over MTurk's requester API; everything it raises is a RecruiterError."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from studyapp.recruiters.contract import (
    ATTEMPTS,
    Lot,
    LotNow,
    PaidBonus,
    PublishedLot,
    Submission,
    SubmissionState,
    Terms,
)
from studyapp.recruiters.mturk import qualifications
from studyapp.recruiters.mturk.answers import AnswerError, parse_answers
from studyapp.recruiters.mturk.endpoints import Endpoint
from studyapp.recruiters.mturk.failures import MTurkRefusedError
from studyapp.recruiters.mturk.question import external_question
from studyapp.recruiters.mturk.wire import READ_TIMEOUT_S, Wire

_HIT_ID = re.compile(r"[A-Z0-9]{20,64}")
#: Any past moment expires a HIT at once.
_PAST = datetime(2000, 1, 1, tzinfo=UTC)


class MTurkGateway:
    """A Recruiter over the requester API of 2017-01-17."""

    #: Amazon keeps a token for 24 hours; an hour is left for clocks that disagree.
    token_life = timedelta(hours=23)

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        attempts: int = ATTEMPTS,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self._endpoint = endpoint
        self._wire = Wire(endpoint, attempts=attempts, read_timeout_s=read_timeout_s)

    def balance(self) -> Decimal:
        answer = self._wire.ask("GetAccountBalance")
        try:
            return Decimal(str(answer["AvailableBalance"]))
        except (KeyError, InvalidOperation) as error:
            raise self._wire.garbled("GetAccountBalance", why="no balance in it") from error

    def prepare(self, terms: Terms) -> str:
        asked = qualifications.wire_requirements(terms.requirements, endpoint=self._endpoint)
        answer = self._wire.ask(
            "CreateHITType",
            Title=terms.title,
            Description=terms.description,
            Keywords=terms.keywords,
            Reward=f"{terms.reward:.2f}",
            AssignmentDurationInSeconds=_seconds(terms.time_allowed),
            AutoApprovalDelayInSeconds=_seconds(terms.pays_itself_after),
            **({"QualificationRequirements": asked} if asked else {}),
        )
        if not answer.get("HITTypeId"):
            raise self._wire.garbled("CreateHITType", why="no HITTypeId in it")
        return str(answer["HITTypeId"])

    def publish(self, lot: Lot, *, group_id: str) -> PublishedLot:
        operation = "CreateHITWithHITType"
        try:
            answer = self._wire.ask(
                operation,
                HITTypeId=group_id,
                LifetimeInSeconds=_seconds(lot.open_for),
                MaxAssignments=lot.raters,
                Question=external_question(lot.address),
                RequesterAnnotation=lot.token,
                UniqueRequestToken=lot.token,
            )
        except MTurkRefusedError as refused:
            if refused.code != "hitalreadyexists":
                raise
            # The answer to an earlier try was lost: this is success.
            return self._already_there(lot, refused=refused)
        return self._published(answer.get("HIT"), operation=operation)

    def find(self, tokens: Collection[str]) -> dict[str, PublishedLot]:
        wanted = set(tokens)
        found: dict[str, PublishedLot] = {}
        for hit in self._wire.pages("ListHITs", key="HITs"):
            token = hit.get("RequesterAnnotation", "")
            if token in wanted and token not in found:
                found[token] = self._published(hit, operation="ListHITs", was_there=True)
        return found

    def submissions(self, lot_id: str) -> Iterator[Submission]:
        pages = self._wire.pages(
            "ListAssignmentsForHIT",
            key="Assignments",
            HITId=lot_id,
            AssignmentStatuses=["Submitted", "Approved", "Rejected"],
        )
        for assignment in pages:
            yield self._submission(assignment, operation="ListAssignmentsForHIT")

    def submission(self, submission_id: str) -> Submission:
        answer = self._wire.ask("GetAssignment", AssignmentId=submission_id)
        return self._submission(answer.get("Assignment") or {}, operation="GetAssignment")

    def approve(self, submission: Submission, *, override: bool = False) -> None:
        if submission.state is SubmissionState.APPROVED:
            return
        more = {"OverrideRejection": True} if override else {}
        with self._settling(submission, wanted=SubmissionState.APPROVED):
            self._wire.order("ApproveAssignment", AssignmentId=submission.submission_id, **more)

    def reject(self, submission: Submission, *, reason: str) -> None:
        if submission.state is SubmissionState.REJECTED:
            return
        with self._settling(submission, wanted=SubmissionState.REJECTED):
            self._wire.order(
                "RejectAssignment",
                AssignmentId=submission.submission_id,
                RequesterFeedback=reason,
            )

    def bonus(self, submission: Submission, *, amount: Decimal, reason: str, token: str) -> None:
        try:
            self._wire.order(
                "SendBonus",
                WorkerId=submission.worker_id,
                AssignmentId=submission.submission_id,
                BonusAmount=f"{amount:.2f}",
                Reason=reason,
                UniqueRequestToken=token,
            )
        except MTurkRefusedError as refused:
            if not refused.done_before:
                raise

    def bonuses(self, submission_id: str) -> list[PaidBonus]:
        operation = "ListBonusPayments"
        rows = self._wire.pages(operation, key="BonusPayments", AssignmentId=submission_id)
        try:
            return [PaidBonus(Decimal(row["BonusAmount"]), str(row["Reason"])) for row in rows]
        except (KeyError, InvalidOperation) as error:
            raise self._wire.garbled(operation, why="an incomplete row") from error

    def lot(self, lot_id: str) -> LotNow:
        hit = self._wire.ask("GetHIT", HITId=lot_id).get("HIT") or {}
        try:
            return LotNow(
                raters=int(hit["MaxAssignments"]),
                expires_at=_moment(hit.get("Expiration")),
                takes_new=hit["HITStatus"] == "Assignable",
                disposed=hit["HITStatus"] == "Disposed",
            )
        except (KeyError, ValueError) as error:
            raise self._wire.garbled("GetHIT", why="an incomplete HIT") from error

    def add_raters(self, lot_id: str, *, more: int, token: str) -> None:
        try:
            self._wire.order(
                "CreateAdditionalAssignmentsForHIT",
                HITId=lot_id,
                NumberOfAdditionalAssignments=more,
                UniqueRequestToken=token,
            )
        except MTurkRefusedError as refused:
            if not refused.done_before:
                raise

    def prolong(self, lot_id: str, *, until: datetime) -> None:
        self._wire.order("UpdateExpirationForHIT", HITId=lot_id, ExpireAt=until)

    def expire(self, lot_id: str) -> None:
        self._wire.order("UpdateExpirationForHIT", HITId=lot_id, ExpireAt=_PAST)

    def dispose(self, lot_id: str) -> None:
        self._wire.order("DeleteHIT", HITId=lot_id)

    def make_list(self, name: str, *, description: str) -> str:
        return qualifications.make_list(self._wire, name, description=description)

    def regroup(self, lot_id: str, *, group_id: str) -> None:
        self._wire.order("UpdateHITTypeOfHIT", HITId=lot_id, HITTypeId=group_id)

    def enlist(self, list_id: str, *, worker_id: str) -> None:
        qualifications.enlist(self._wire, list_id, worker_id=worker_id)

    def strike(self, list_id: str, *, worker_id: str, reason: str) -> None:
        qualifications.strike(self._wire, list_id, worker_id=worker_id, reason=reason)

    def tell(self, group_id: str, *, address: str) -> None:
        wanted = {
            "Destination": address,
            "Transport": "SQS",
            "Version": "2014-08-15",
            "EventTypes": ["AssignmentSubmitted", "HITReviewable", "HITExpired"],
        }
        self._wire.order(
            "UpdateNotificationSettings", HITTypeId=group_id, Notification=wanted, Active=True
        )

    @contextmanager
    def _settling(self, submission: Submission, *, wanted: SubmissionState) -> Iterator[None]:
        """A review refused for the state of the work: done by another process, or by itself."""
        try:
            yield
        except MTurkRefusedError as refused:
            if refused.code != "invalidassignmentstate":
                raise
            # Ask before believing it.
            if self.submission(submission.submission_id).state is not wanted:
                raise

    def _already_there(self, lot: Lot, *, refused: MTurkRefusedError) -> PublishedLot:
        for hit_id in _HIT_ID.findall(refused.message):
            hit = self._wire.ask("GetHIT", HITId=hit_id).get("HIT") or {}
            if hit.get("RequesterAnnotation") == lot.token:
                return self._published(hit, operation="GetHIT", was_there=True)
        found = self.find([lot.token])
        if lot.token not in found:
            raise refused
        return found[lot.token]

    def _published(
        self, hit: Mapping[str, Any] | None, *, operation: str, was_there: bool = False
    ) -> PublishedLot:
        if not hit or not hit.get("HITId"):
            raise self._wire.garbled(operation, why="no HIT in it")
        return PublishedLot(
            lot_id=str(hit["HITId"]),
            group_id=str(hit.get("HITTypeId", "")),
            expires_at=_moment(hit.get("Expiration")),
            was_there=was_there,
        )

    def _submission(self, row: Mapping[str, Any], *, operation: str) -> Submission:
        fields: dict[str, tuple[str, ...]] = {}
        unreadable = ""
        try:
            fields = parse_answers(row.get("Answer"))
        except AnswerError as error:
            unreadable = str(error)
        try:
            return Submission(
                submission_id=str(row["AssignmentId"]),
                worker_id=str(row["WorkerId"]),
                state=SubmissionState(str(row["AssignmentStatus"]).lower()),
                accepted_at=_moment(row.get("AcceptTime")),
                submitted_at=_moment(row.get("SubmitTime")),
                reviewed_at=_moment(row.get("ApprovalTime") or row.get("RejectionTime")),
                fields=fields,
                unreadable=unreadable,
            )
        except (KeyError, ValueError) as error:
            raise self._wire.garbled(operation, why="an incomplete row") from error


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def _moment(value: object) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) else None
