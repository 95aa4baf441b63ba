from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from studyapp import attempts


def test_attempts_are_counted_by_what_and_who() -> None:
    assert attempts.tried("begin", who="a") == 0
    assert [attempts.note("begin", who="a", window_s=60) for _ in range(3)] == [1, 2, 3]
    assert attempts.tried("begin", who="a") == 3
    assert attempts.tried("begin", who="b") == attempts.tried("sign-in", who="a") == 0


@pytest.mark.parametrize(
    ("behind_proxy", "address"), [(True, "198.51.100.4"), (False, "127.0.0.1")]
)
def test_only_our_own_proxy_is_believed(
    settings: Settings, *, behind_proxy: bool, address: str
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X", "https") if behind_proxy else None
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "1.1.1.1, 198.51.100.4"})
    assert attempts.client_address(request) == address
