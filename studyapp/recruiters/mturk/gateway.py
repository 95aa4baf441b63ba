"""The one place that speaks to MTurk, through boto3; everything it raises is a RecruiterError."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader, create_loader

from studyapp.errors import RecruiterError
from studyapp.recruiters.contract import (
    ATTEMPTS,
    Lot,
    PublishedLot,
    Submission,
    SubmissionState,
    Terms,
)
from studyapp.recruiters.mturk import failures
from studyapp.recruiters.mturk.answers import AnswerError, parse_answers
from studyapp.recruiters.mturk.endpoints import REGION, Endpoint
from studyapp.recruiters.mturk.failures import MTurkRefusedError
from studyapp.recruiters.mturk.question import external_question
from studyapp.recruiters.mturk.throttle import Throttle

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
PAGE_SIZE = 100
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
        self._throttle = Throttle(endpoint.rate)
        try:
            self._client = _client(endpoint, attempts=attempts, read_timeout_s=read_timeout_s)
        except BotoCoreError as error:
            # Such as a profile in the environment that no file has.
            raise RecruiterError(f"boto3 cannot be set up: {error}") from error

    def balance(self) -> Decimal:
        answer = self._ask("GetAccountBalance")
        try:
            return Decimal(str(answer["AvailableBalance"]))
        except (KeyError, InvalidOperation) as error:
            raise self._garbled("GetAccountBalance", why="no balance in it") from error

    def prepare(self, terms: Terms) -> str:
        answer = self._ask(
            "CreateHITType",
            Title=terms.title,
            Description=terms.description,
            Keywords=terms.keywords,
            Reward=f"{terms.reward:.2f}",
            AssignmentDurationInSeconds=_seconds(terms.time_allowed),
            AutoApprovalDelayInSeconds=_seconds(terms.pays_itself_after),
        )
        if not answer.get("HITTypeId"):
            raise self._garbled("CreateHITType", why="no HITTypeId in it")
        return str(answer["HITTypeId"])

    def publish(self, lot: Lot, *, group_id: str) -> PublishedLot:
        operation = "CreateHITWithHITType"
        try:
            answer = self._ask(
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
        for hit in self._pages("ListHITs", key="HITs"):
            token = hit.get("RequesterAnnotation", "")
            if token in wanted and token not in found:
                found[token] = self._published(hit, operation="ListHITs", was_there=True)
        return found

    def submissions(self, lot_id: str) -> Iterator[Submission]:
        pages = self._pages(
            "ListAssignmentsForHIT",
            key="Assignments",
            HITId=lot_id,
            AssignmentStatuses=["Submitted", "Approved", "Rejected"],
        )
        for assignment in pages:
            yield self._submission(assignment)

    def approve(self, submission: Submission, *, lot_id: str) -> None:
        if submission.state is not SubmissionState.SUBMITTED:
            return
        try:
            self._ask("ApproveAssignment", AssignmentId=submission.submission_id)
        except MTurkRefusedError as refused:
            if refused.code != "invalidassignmentstate":
                raise
            # Paid by another process, or by itself, since it was listed. Ask before believing it.
            now = {row.submission_id: row.state for row in self.submissions(lot_id)}
            if now.get(submission.submission_id) in {None, SubmissionState.SUBMITTED}:
                raise

    def expire(self, lot_id: str) -> None:
        self._ask("UpdateExpirationForHIT", HITId=lot_id, ExpireAt=_PAST)

    def _already_there(self, lot: Lot, *, refused: MTurkRefusedError) -> PublishedLot:
        for hit_id in _HIT_ID.findall(refused.message):
            hit = self._ask("GetHIT", HITId=hit_id).get("HIT") or {}
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
            raise self._garbled(operation, why="no HIT in it")
        return PublishedLot(
            lot_id=str(hit["HITId"]),
            group_id=str(hit.get("HITTypeId", "")),
            expires_at=_moment(hit.get("Expiration")),
            was_there=was_there,
        )

    def _submission(self, row: Mapping[str, Any]) -> Submission:
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
            raise self._garbled("ListAssignmentsForHIT", why="an incomplete row") from error

    def _pages(
        self, operation: str, *, key: str, **parameters: object
    ) -> Iterator[Mapping[str, Any]]:
        """Every row of a listing. Only a missing NextToken ends it: empty pages may come before."""
        token = ""
        while True:
            following = {"NextToken": token} if token else {}
            answer = self._ask(operation, MaxResults=PAGE_SIZE, **parameters, **following)
            if key not in answer and "NumResults" not in answer:
                # boto3 turns a truncated answer into an empty one; believing it would lose rows.
                raise self._garbled(operation, why="neither rows nor their number in it")
            yield from answer.get(key, ())
            if not answer.get("NextToken"):
                return
            if answer["NextToken"] == token:
                raise self._garbled(operation, why="the same page twice")
            token = str(answer["NextToken"])

    def _ask(self, operation: str, **parameters: object) -> Mapping[str, Any]:
        self._throttle.wait()
        method = getattr(self._client, _METHODS[operation])
        try:
            answer = method(**parameters)
        except ClientError as error:
            raise failures.from_client_error(
                error, operation=operation, endpoint=self._endpoint
            ) from error
        except BotoCoreError as error:
            raise failures.from_transport(
                error, operation=operation, endpoint=self._endpoint
            ) from error
        except (AttributeError, TypeError) as error:
            # What botocore does with an answer that is JSON but no object, such as `null`.
            raise self._garbled(operation, why="not a JSON object") from error
        if not isinstance(answer, Mapping):
            raise self._garbled(operation, why="not a JSON object")
        kind = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-type", "")
        if kind and "json" not in kind:
            raise failures.gone(
                operation, endpoint=self._endpoint, why=f"it answered {kind}, not JSON"
            )
        return answer

    def _garbled(self, operation: str, *, why: str) -> Exception:
        return failures.garbled(operation, endpoint=self._endpoint, why=why)


_METHODS = {
    "GetAccountBalance": "get_account_balance",
    "CreateHITType": "create_hit_type",
    "CreateHITWithHITType": "create_hit_with_hit_type",
    "GetHIT": "get_hit",
    "ListHITs": "list_hits",
    "ListAssignmentsForHIT": "list_assignments_for_hit",
    "ApproveAssignment": "approve_assignment",
    "UpdateExpirationForHIT": "update_expiration_for_hit",
}


def _client(endpoint: Endpoint, *, attempts: int, read_timeout_s: float) -> MTurkClient:
    keys = endpoint.keys
    core = botocore.session.get_session()
    core.register_component("data_loader", _loader(core.get_config_variable("data_path")))
    session = boto3.session.Session(
        botocore_session=core,
        aws_access_key_id=keys.access_key_id if keys else None,
        aws_secret_access_key=keys.secret_access_key if keys else None,
        region_name=REGION,
    )
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=read_timeout_s,
    )
    return session.client("mturk", endpoint_url=endpoint.url, config=config)


@cache
def _loader(data_path: str | None) -> Loader:
    """What reads boto3's descriptions of services; kept, for it takes longer than most calls."""
    return create_loader(data_path)


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def _moment(value: object) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) else None
