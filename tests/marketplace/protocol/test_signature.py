from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import ProtocolError
from marketplace.protocol.signature import SignedRequest, verify

KEY, SECRET = "AKIQTEST", "abc/+="


def _signed(
    body: bytes = b"{}",
    *,
    path: str = "/marketplace/api/",
    query: str = "",
    region: str = "us-east-1",
    service: str = "mturk-requester",
    extra: Mapping[str, str] | None = None,
) -> SignedRequest:
    url = f"http://host:8000{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method="POST", url=url, data=body, headers=dict(extra or {}))
    SigV4Auth(Credentials(KEY, SECRET), service, region).add_auth(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return SignedRequest("POST", path, query, {"host": "host:8000"} | headers, body)


def _verify(request: SignedRequest, *, later: timedelta = timedelta()) -> str:
    return verify(request, secret_for={KEY: SECRET}.get, at=datetime.now(tz=UTC) + later)


def _refused(request: SignedRequest, *, later: timedelta = timedelta()) -> str:
    with pytest.raises(ProtocolError) as refused:
        _verify(request, later=later)
    assert refused.value.status == 400
    return refused.value.wire_type


def _changed(request: SignedRequest, **headers: str | None) -> SignedRequest:
    merged = dict(request.headers) | {
        name.replace("_", "-"): value for name, value in headers.items() if value is not None
    }
    dropped = {name.replace("_", "-") for name, value in headers.items() if value is None}
    return replace(
        request, headers={name: value for name, value in merged.items() if name not in dropped}
    )


@pytest.mark.slow
@given(
    st.binary(max_size=200),
    st.dictionaries(
        st.sampled_from(["X-Amz-Target", "Content-Type", "X-Amz-Extra"]),
        st.text("abc  ;:=é".replace("é", ""), max_size=12).map(str.strip),
    ),
    st.sampled_from(["/marketplace/api/", "/", "/a b/~c"]),
    st.sampled_from(["", "b=2&a=1&a=0", "x=%20%2F+&empty="]),
)
def test_whatever_botocore_signs_is_verified(
    body: bytes, headers: dict[str, str], path: str, query: str
) -> None:
    # Botocore quotes what it is given and Django hands over the unquoted path.
    query = query.replace("+", "%20")
    assert _verify(_signed(body, path=path, query=query, extra=headers)) == KEY


def test_forgeries() -> None:
    good = _signed(b'{"HITId":"3A"}', extra={"X-Amz-Target": "GetHIT"})
    assert _verify(good) == KEY
    wrong = "InvalidSignatureException"
    assert _refused(replace(good, body=b'{"HITId":"3B"}')) == wrong
    assert _refused(replace(good, path="/other/")) == wrong
    assert _refused(replace(good, query="a=1")) == wrong
    assert _refused(replace(good, method="PUT")) == wrong
    assert _refused(_changed(good, x_amz_target="DeleteHIT")) == wrong
    assert _refused(_changed(good, host="other:8000")) == wrong
    assert _refused(_changed(good, x_amz_more="unsigned")) == wrong
    assert _refused(_changed(good, x_amz_target=None)) == wrong
    last = good.headers["authorization"][-1]
    other = "0" if last != "0" else "1"
    assert (
        _refused(_changed(good, authorization=good.headers["authorization"][:-1] + other)) == wrong
    )


def test_a_header_left_out_of_the_signature_is_refused() -> None:
    good = _signed(extra={"X-Amz-Target": "GetHIT"})
    authorization = good.headers["authorization"]
    for before, after in (
        (";x-amz-target", ""),
        ("host;", ""),
        ("host;x-amz-date", "x-amz-date;host"),
    ):
        assert before in authorization
        forged = _changed(good, authorization=authorization.replace(before, after))
        assert _refused(forged) == "InvalidSignatureException"


def test_time() -> None:
    good = _signed()
    for minutes in (-14, 14):
        assert _verify(good, later=timedelta(minutes=minutes)) == KEY
    for minutes in (-16, 16, 60 * 24):
        assert _refused(good, later=timedelta(minutes=minutes)) == "InvalidSignatureException"
    assert _refused(_changed(good, x_amz_date=None)) == "IncompleteSignatureException"
    assert _refused(_changed(good, x_amz_date="20170117")) == "IncompleteSignatureException"


def test_scope() -> None:
    assert _refused(_signed(region="eu-west-1")) == "InvalidSignatureException"
    assert _refused(_signed(service="s3")) == "InvalidSignatureException"
    good = _signed()
    stale = good.headers["authorization"].replace(f"/{datetime.now(tz=UTC):%Y}", "/1999", 1)
    assert _refused(_changed(good, authorization=stale)) == "InvalidSignatureException"


def test_who() -> None:
    good = _signed()
    assert _refused(_changed(good, authorization=None)) == "MissingAuthenticationTokenException"
    assert _refused(_changed(good, authorization="Basic abc")) == "IncompleteSignatureException"
    stranger = good.headers["authorization"].replace(KEY, "AKIQOTHER")
    assert _refused(_changed(good, authorization=stranger)) == "UnrecognizedClientException"
