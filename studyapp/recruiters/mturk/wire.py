"""The wire to MTurk, through boto3: calls, pages of listings, and what became of each call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader, create_loader

from studyapp.errors import RecruiterError
from studyapp.recruiters.contract import DoubtfulAnswerError
from studyapp.recruiters.mturk import failures
from studyapp.recruiters.mturk.endpoints import REGION, Endpoint
from studyapp.recruiters.mturk.throttle import Throttle

if TYPE_CHECKING:
    from mypy_boto3_mturk import MTurkClient

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
PAGE_SIZE = 100


class Wire:
    """One endpoint's client; everything it raises is a RecruiterError."""

    def __init__(self, endpoint: Endpoint, *, attempts: int, read_timeout_s: float) -> None:
        self._endpoint = endpoint
        self._throttle = Throttle(endpoint.rate)
        try:
            self._client = _client(endpoint, attempts=attempts, read_timeout_s=read_timeout_s)
        except BotoCoreError as error:
            # Such as a profile in the environment that no file has.
            raise RecruiterError(f"boto3 cannot be set up: {error}") from error

    def pages(
        self, operation: str, *, key: str, **parameters: object
    ) -> Iterator[Mapping[str, Any]]:
        """Every row of a listing. Only a missing NextToken ends it: empty pages may come before."""
        token = ""
        while True:
            following = {"NextToken": token} if token else {}
            answer = self.ask(operation, MaxResults=PAGE_SIZE, **parameters, **following)
            if key not in answer and "NumResults" not in answer:
                # boto3 turns a truncated answer into an empty one; believing it would lose rows.
                raise self.garbled(operation, why="neither rows nor their number in it")
            yield from answer.get(key, ())
            if not answer.get("NextToken"):
                return
            if answer["NextToken"] == token:
                raise self.garbled(operation, why="the same page twice")
            token = str(answer["NextToken"])

    def ask(self, operation: str, **parameters: object) -> Mapping[str, Any]:
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
            raise self.garbled(operation, why="not a JSON object") from error
        if not isinstance(answer, Mapping):
            raise self.garbled(operation, why="not a JSON object")
        kind = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-type", "")
        if kind and "json" not in kind:
            raise failures.gone(
                operation, endpoint=self._endpoint, why=f"it answered {kind}, not JSON"
            )
        return answer

    def order(self, operation: str, **parameters: object) -> None:
        """A call that is answered with an empty object when its work is done.

        boto3 takes an empty or truncated answer for that object, so the length must be right too.
        """
        answer = self.ask(operation, **parameters)
        length = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-length")
        if length != str(len("{}")):
            raise self.garbled(operation, why="not the empty object that means done")

    def garbled(self, operation: str, *, why: str) -> DoubtfulAnswerError:
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
    "GetAssignment": "get_assignment",
    "RejectAssignment": "reject_assignment",
    "SendBonus": "send_bonus",
    "ListBonusPayments": "list_bonus_payments",
    "CreateAdditionalAssignmentsForHIT": "create_additional_assignments_for_hit",
    "DeleteHIT": "delete_hit",
    "UpdateHITTypeOfHIT": "update_hit_type_of_hit",
    "UpdateNotificationSettings": "update_notification_settings",
    "CreateQualificationType": "create_qualification_type",
    "ListQualificationTypes": "list_qualification_types",
    "AssociateQualificationWithWorker": "associate_qualification_with_worker",
    "DisassociateQualificationFromWorker": "disassociate_qualification_from_worker",
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
