"""What went wrong with a call, in our words: refused, not answered, or nobody there any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
    SSLError,
)

from studyapp.errors import InsufficientFundsError, RecruiterError, RecruiterUnavailableError
from studyapp.recruiters.contract import DoubtfulAnswerError, LotGoneError, ProviderClosedError
from studyapp.recruiters.mturk.endpoints import Endpoint

_TURK = "aws.mechanicalturk."
_TRY_AGAIN = "Nothing is lost: run the same command again later"
_CLOSED = (
    "Amazon announced that Mechanical Turk would close for good on 30 September 2026; all data "
    "here is kept. Use the marketplace environment instead"
)
_BAD_KEYS = frozenset(
    {
        "unrecognizedclientexception",
        "invalidsignatureexception",
        "signaturedoesnotmatch",
        "incompletesignatureexception",
        "missingauthenticationtokenexception",
        "invalidclienttokenid",
        "expiredtokenexception",
        "accessdeniedexception",
    }
)
_UNKNOWN_KEYS = frozenset({"unrecognizedclientexception", "invalidclienttokenid"})
_BUSY = frozenset({"throttlingexception", "throttling", "requestlimitexceeded", "servicefault"})


class MTurkRefusedError(RecruiterError):
    """MTurk said no; `code` is its TurkErrorCode without the prefix, in lower case."""

    def __init__(self, operation: str, *, code: str, message: str, remedy: str = "") -> None:
        self.code, self.message = code, message
        super().__init__(f"{operation} was refused: {message or code}", remedy=remedy)

    @property
    def done_before(self) -> bool:
        """An earlier call with the same token did the work. The code for that is not documented."""
        return self.code == "duplicaterequest" or "already been processed" in self.message


def from_client_error(error: ClientError, *, operation: str, endpoint: Endpoint) -> RecruiterError:
    """Our error for an answer with an error status."""
    answer: Mapping[str, Any] = error.response
    details = answer.get("Error", {})
    code = str(answer.get("TurkErrorCode") or details.get("Code") or "").lower()
    code = code.removeprefix(_TURK)
    message = str(answer.get("Message") or details.get("Message") or "")[:500].strip()
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code == "insufficientfunds":
        return InsufficientFundsError(
            f"the account cannot pay for {operation}: {message}",
            remedy="Put money into the account, then run the same command again",
        )
    if code == "hitdoesnotexist":
        return LotGoneError(f"{operation}: {message}", remedy="What was collected before is kept")
    if code in _BAD_KEYS:
        remedy = "Check the access keys, and the clock of this machine"
        if code in _UNKNOWN_KEYS and not endpoint.amazon:
            remedy = _another_site(endpoint)
        return MTurkRefusedError(operation, code=code, message=message, remedy=remedy)
    if code in _BUSY or status >= 500:
        return RecruiterUnavailableError(
            f"{operation}: the marketplace is too busy or out of order ({message or status})",
            remedy=_TRY_AGAIN,
        )
    if code.isdigit() or not code:
        # No error document: something else answers at that address.
        return gone(operation, endpoint=endpoint, why=f"it answered status {status} and no JSON")
    remedy = f"Check what the study asks for, and the account at {endpoint.url}"
    return MTurkRefusedError(operation, code=code, message=message, remedy=remedy)


def from_transport(error: BotoCoreError, *, operation: str, endpoint: Endpoint) -> RecruiterError:
    """Our error where no answer came, or the call was never made."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return RecruiterError(
            "there are no complete AWS keys",
            item=endpoint.url,
            remedy="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    if isinstance(error, ParamValidationError):
        return RecruiterError(f"{operation} cannot be sent: {error}")
    if isinstance(error, EndpointConnectionError | ProxyConnectionError | SSLError):
        return unreachable(operation, endpoint=endpoint, why=type(error).__name__)
    return RecruiterUnavailableError(
        f"{operation} got no usable answer ({type(error).__name__}), so its outcome is unknown",
        item=endpoint.url,
        remedy=_TRY_AGAIN,
    )


def _another_site(endpoint: Endpoint) -> str:
    return (
        f"The site at {endpoint.url} does not know these keys: it may be another one than yours. "
        "Set BIND (or MARKETPLACE_URL) as your site was started with; if that is the right "
        "address, make an account there with `manage.py marketplace_requester NAME`"
    )


def unreachable(operation: str, *, endpoint: Endpoint, why: str) -> RecruiterError:
    """Nobody could be reached at the address: for Amazon's that means closed."""
    if endpoint.amazon:
        return gone(operation, endpoint=endpoint, why=f"it cannot be reached ({why})")
    return RecruiterUnavailableError(
        f"{operation}: the marketplace cannot be reached ({why})",
        item=endpoint.url,
        remedy=(
            "Start the site (`make run`); if it runs elsewhere, set BIND (or MARKETPLACE_URL) as "
            "it was started with. Then run the command again"
        ),
    )


def gone(operation: str, *, endpoint: Endpoint, why: str) -> ProviderClosedError:
    """Whoever answers is no marketplace (any more)."""
    return ProviderClosedError(
        f"{operation}: this is no marketplace, or it has closed: {why}",
        item=endpoint.url,
        remedy=_CLOSED if endpoint.amazon else "Check MARKETPLACE_URL and AWS_ENDPOINT_URL_MTURK",
    )


def garbled(operation: str, *, endpoint: Endpoint, why: str) -> DoubtfulAnswerError:
    """An answer came that is none; what the call did is unknown."""
    return DoubtfulAnswerError(
        f"{operation} got an answer that cannot be used ({why}), so its outcome is unknown",
        item=endpoint.url,
        remedy=_TRY_AGAIN,
    )
