from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    SSLError,
)

from studyapp.errors import InsufficientFundsError, RecruiterError, RecruiterUnavailableError
from studyapp.recruiters.contract import LotGoneError, ProviderClosedError
from studyapp.recruiters.mturk.endpoints import HOSTS, Endpoint
from studyapp.recruiters.mturk.failures import (
    MTurkRefusedError,
    from_client_error,
    from_transport,
)
from studyapp.vocabulary import Environment

HERE = Endpoint(Environment.MARKETPLACE, url="http://127.0.0.1:1/", keys=None, rate=None)
AMAZON = Endpoint(
    Environment.PRODUCTION,
    url=f"https://{HOSTS[Environment.PRODUCTION]}",
    keys=None,
    rate=None,
)


def client_error(code: str, *, turk: str | None = None, status: int = 400) -> ClientError:
    response: dict[str, Any] = {
        "Error": {"Code": code, "Message": "what it said"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    if turk:
        response |= {"TurkErrorCode": turk}
    return ClientError(response, "CreateHITWithHITType")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (
            client_error("RequestError", turk="AWS.MechanicalTurk.InsufficientFunds"),
            InsufficientFundsError,
        ),
        (
            client_error("RequestError", turk="aws.mechanicalturk.INSUFFICIENTFUNDS"),
            InsufficientFundsError,
        ),
        (client_error("RequestError", turk="AWS.MechanicalTurk.HITDoesNotExist"), LotGoneError),
        (client_error("RequestError", turk="AWS.MechanicalTurk.HitDoesNotExist"), LotGoneError),
        (
            client_error("RequestError", turk="AWS.MechanicalTurk.InvalidHITState"),
            MTurkRefusedError,
        ),
        (client_error("ThrottlingException"), RecruiterUnavailableError),
        (client_error("ServiceFault", status=500), RecruiterUnavailableError),
        (client_error("ServiceFault"), RecruiterUnavailableError),
        (client_error("505", status=505), RecruiterUnavailableError),
        (client_error("UnrecognizedClientException"), MTurkRefusedError),
        (client_error("403", status=403), ProviderClosedError),
        (client_error("410", status=410), ProviderClosedError),
    ],
)
def test_each_answer_has_its_error(error: ClientError, kind: type[RecruiterError]) -> None:
    ours = from_client_error(error, operation="CreateHITWithHITType", endpoint=HERE)
    assert type(ours) is kind
    assert ours.permanent is (kind is not RecruiterUnavailableError)


def test_a_refusal_keeps_its_code_and_words() -> None:
    error = client_error("RequestError", turk="AWS.MechanicalTurk.HitAlreadyExists")
    ours = from_client_error(error, operation="CreateHITWithHITType", endpoint=HERE)
    assert isinstance(ours, MTurkRefusedError)
    assert (ours.code, ours.message) == ("hitalreadyexists", "what it said")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ReadTimeoutError(endpoint_url="u"), RecruiterUnavailableError),
        (ConnectionClosedError(endpoint_url="u"), RecruiterUnavailableError),
        (EndpointConnectionError(endpoint_url="u"), RecruiterUnavailableError),
        (SSLError(endpoint_url="u", error=OSError("e")), RecruiterUnavailableError),
        (NoCredentialsError(), RecruiterError),
        (ParamValidationError(report="r"), RecruiterError),
    ],
)
def test_each_silence_has_its_error(error: BotoCoreError, kind: type[RecruiterError]) -> None:
    ours = from_transport(error, operation="GetHIT", endpoint=HERE)
    assert type(ours) is kind


@pytest.mark.parametrize(
    "error",
    [EndpointConnectionError(endpoint_url="u"), SSLError(endpoint_url="u", error=OSError("e"))],
)
def test_amazons_silence_means_closed(error: BotoCoreError) -> None:
    ours = from_transport(error, operation="GetHIT", endpoint=AMAZON)
    assert isinstance(ours, ProviderClosedError)
    assert "30 September 2026" in str(ours)
    page = from_client_error(client_error("403", status=403), operation="GetHIT", endpoint=AMAZON)
    assert "30 September 2026" in str(page)


def test_keys_unknown_at_our_own_address_hint_at_another_site() -> None:
    error = client_error("UnrecognizedClientException", status=403)
    here = from_client_error(error, operation="GetHIT", endpoint=HERE)
    assert f"The site at {HERE.url} does not know these keys" in str(here)
    assert "BIND" in here.remedy
    assert "BIND" not in str(from_client_error(error, operation="GetHIT", endpoint=AMAZON))


def test_nobody_at_our_own_address_names_what_the_site_was_started_with() -> None:
    error = EndpointConnectionError(endpoint_url="u")
    assert "BIND" in str(from_transport(error, operation="GetHIT", endpoint=HERE))


def test_wrong_keys_are_not_taken_for_a_closed_service() -> None:
    error = client_error("InvalidSignatureException", status=403)
    ours = from_client_error(error, operation="GetHIT", endpoint=AMAZON)
    assert "Check the access keys" in str(ours)
