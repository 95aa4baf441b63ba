"""What a token allows. Which studies it opens is said by selectors.studies alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from studyapp.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """The token has the scope that the view asks for, and its account runs studies."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return False
        if not request.user.is_staff:
            raise PermissionDenied("this account runs no studies")
        wanted = getattr(view, "scopes", {}).get(reading_as(request.method))
        if wanted is None:
            # Nothing is open for want of a line that closes it.
            raise MethodNotAllowed(str(request.method))
        if wanted not in token.scopes:
            raise PermissionDenied(f"the token does not have the scope {wanted}")
        return True


def reading_as(method: str | None) -> str:
    """The method whose scope is asked for: HEAD reads what GET reads."""
    return "GET" if method == "HEAD" else str(method)


def account_of(request: Request) -> User:
    """The account whose token was sent."""
    if not isinstance(request.auth, ApiToken):
        raise NotAuthenticated
    return request.auth.user


def require_permission(request: Request, *, permission: str) -> None:
    """The account may do it in the admin too."""
    if not request.user.has_perm(permission):
        raise PermissionDenied("this account may not do this on the site either")
