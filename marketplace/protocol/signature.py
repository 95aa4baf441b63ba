"""Signature Version 4: was this request signed with the secret of that access key, just now?

Only what a requester client sends is taken: the Authorization header, region us-east-1, service
mturk-requester, and a signature over host, every x-amz header and the body itself. Real time
counts, whatever the marketplace's clock says.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

from marketplace.errors import ProtocolError

ALGORITHM = "AWS4-HMAC-SHA256"
REGION = "us-east-1"
SERVICE = "mturk-requester"
SKEW = timedelta(minutes=15)
_DATE_FORMAT = "%Y%m%dT%H%M%SZ"
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} +Credential=(?P<key>[A-Z0-9]{{1,64}})/(?P<day>[0-9]{{8}})"
    r"/(?P<region>[a-z0-9-]{1,40})/(?P<service>[a-z0-9-]{1,40})/aws4_request"
    r", *SignedHeaders=(?P<headers>[a-z0-9;-]{1,2000}), *Signature=(?P<signature>[0-9a-f]{64})",
    re.ASCII,
)


@dataclass(frozen=True)
class SignedRequest:
    """What of an HTTP request a signature covers; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def _invalid(message: str) -> ProtocolError:
    return ProtocolError("InvalidSignatureException", message)


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _canonical(request: SignedRequest, *, signed: list[str]) -> str:
    query = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(request.query, keep_blank_values=True)
    )
    headers = [f"{name}:{' '.join(request.headers[name].split())}\n" for name in signed]
    return "\n".join(
        [
            request.method,
            quote(request.path, safe="/~"),
            "&".join(f"{name}={value}" for name, value in query),
            "".join(headers),
            ";".join(signed),
            hashlib.sha256(request.body).hexdigest(),
        ]
    )


def signature_of(request: SignedRequest, *, signed: list[str], secret: str, date: str) -> str:
    """The signature the holder of the secret would have sent."""
    scope = f"{date[:8]}/{REGION}/{SERVICE}/aws4_request"
    canonical = hashlib.sha256(_canonical(request, signed=signed).encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in (date[:8], REGION, SERVICE, "aws4_request"):
        key = _hmac(key, part)
    return _hmac(key, f"{ALGORITHM}\n{date}\n{scope}\n{canonical}").hex()


def _checked_date(request: SignedRequest, *, day: str, at: datetime) -> str:
    date = request.headers.get("x-amz-date", "")
    try:
        moment = datetime.strptime(date, _DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise ProtocolError(
            "IncompleteSignatureException", "X-Amz-Date must be a time like 20170117T000000Z."
        ) from None
    if day != date[:8]:
        raise _invalid("The day in the credential is not that of X-Amz-Date.")
    if abs(at - moment) > SKEW:
        raise _invalid(
            f"Signature expired or not yet valid: {date} is more than 15 minutes from "
            f"{at.strftime(_DATE_FORMAT)}. Set the client's clock."
        )
    return date


def _checked_headers(request: SignedRequest, *, listed: str) -> list[str]:
    signed = listed.split(";")
    if signed != sorted(set(signed)):
        raise _invalid("SignedHeaders must be sorted and name each header once.")
    needed = {"host"} | {name for name in request.headers if name.startswith("x-amz-")}
    missing = sorted(needed - set(signed))
    absent = sorted(set(signed) - set(request.headers))
    if missing or absent:
        raise _invalid(f"Headers to be signed are missing: {', '.join(missing or absent):.200}.")
    return signed


def verify(request: SignedRequest, *, secret_for: Callable[[str], str | None], at: datetime) -> str:
    """The access key id that signed the request at this real time, or a ProtocolError."""
    authorization = request.headers.get("authorization")
    if not authorization:
        raise ProtocolError("MissingAuthenticationTokenException", "The request is not signed.")
    match = _AUTHORIZATION.fullmatch(authorization)
    if match is None:
        raise ProtocolError(
            "IncompleteSignatureException",
            f"Authorization must hold {ALGORITHM} Credential, SignedHeaders and Signature.",
        )
    if (match["region"], match["service"]) != (REGION, SERVICE):
        raise _invalid(
            f"Credential should be scoped to {REGION}/{SERVICE}, "
            f"not {match['region']}/{match['service']}."
        )
    date = _checked_date(request, day=match["day"], at=at)
    signed = _checked_headers(request, listed=match["headers"])
    secret = secret_for(match["key"])
    if secret is None:
        raise ProtocolError(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )
    expected = signature_of(request, signed=signed, secret=secret, date=date)
    if not hmac.compare_digest(expected, match["signature"]):
        raise _invalid(
            "The request signature we calculated does not match the signature you provided. "
            "Check the secret access key and the signing method."
        )
    return match["key"]
