"""Who asks: `Authorization: Bearer TOKEN`, and nothing else. No cookie opens the API."""

from __future__ import annotations

from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from studyapp import attempts
from studyapp.api_tokens import find_token
from studyapp.models import ApiToken

#: Wrong tokens from one address, after which it waits. Guessing one is hopeless either way.
MOST_FAILURES = 100
WINDOW_S = 900


class BearerAuthentication(BaseAuthentication):
    """Finds the token of the header, and with it the account."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        address = attempts.client_address(request._request)
        if attempts.tried("api-token", who=address) >= MOST_FAILURES:
            raise Throttled(wait=WINDOW_S)
        token = find_token(secret.strip())
        if token is None:
            attempts.note("api-token", who=address, window_s=WINDOW_S)
            raise AuthenticationFailed("the token is unknown, expired or revoked")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="quorum"'
