"""Access tokens of the API: made and shown once, found again by their hash, revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from studyapp import audit
from studyapp.errors import InputError
from studyapp.models import ApiToken
from studyapp.vocabulary import Scope

#: What every token begins with, so that people and scanners of leaked secrets know one.
PREFIX = "quorum_"
SHOWN = len(PREFIX) + 6
LONGEST = 100
MOST_DAYS = 366
DEFAULT_DAYS = 90
#: A token that is in use has its last use written at most this often.
USE_WRITTEN_EVERY = dt.timedelta(minutes=1)


def issue_token(
    user: User, *, label: str, scopes: Collection[str], days: int = DEFAULT_DAYS
) -> ApiToken:
    """Make a token for a researcher's account.

    The token itself is the attribute `secret` of what is returned: nobody can show it again.
    """
    item = f"token of {user.get_username()}"
    if not user.is_active or not user.is_staff:
        raise InputError(
            "this account runs no studies, so a token would open nothing",
            item=item,
            remedy="Give it a researcher's rights with `manage.py researcher NAME`",
        )
    label = label.strip()
    if not (0 < len(label) <= LONGEST and label.isprintable()):
        raise InputError(
            "its label cannot be used", item=item, remedy=f"Give 1 to {LONGEST} characters"
        )
    wanted = [scope.value for scope in Scope if scope in scopes]
    if not wanted or len(wanted) < len(set(scopes)):
        raise InputError(
            f"its scopes cannot be {', '.join(scopes) or 'none'}",
            item=item,
            remedy=f"Give one or more of {', '.join(Scope.values)}",
        )
    if not 1 <= days <= MOST_DAYS:
        raise InputError(
            f"it cannot be good for {days} days", item=item, remedy=f"Give 1 to {MOST_DAYS} days"
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            label=label,
            start=secret[:SHOWN],
            digest=_digest(secret),
            scopes=wanted,
            expires_at=timezone.now() + dt.timedelta(days=days),
        )
        summary = {"token": token.start, "scopes": wanted, "days": days}
        audit.record("issue_token", actor=user, summary=summary)
    token.secret = secret
    return token


def find_token(secret: str) -> ApiToken | None:
    """The token, if it is good now and its account may still sign in; its use is noted."""
    if not secret.startswith(PREFIX) or len(secret) > LONGEST:
        return None
    now = timezone.now()
    good = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now, user__is_active=True)
    token = good.select_related("user").filter(digest=_digest(secret)).first()
    if token is not None and _is_old(token.last_used_at, now=now):
        unwritten = Q(last_used_at=None) | Q(last_used_at__lt=now)
        ApiToken.objects.filter(unwritten, pk=token.pk).update(last_used_at=now)
    return token


def revoke_token(token: ApiToken, *, actor: User | None = None) -> bool:
    """End the token for good; False where it was revoked before."""
    with transaction.atomic():
        standing = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
        revoked = bool(standing.update(revoked_at=timezone.now()))
        if revoked:
            audit.record("revoke_token", actor=actor, summary={"token": token.start})
    token.refresh_from_db()
    return revoked


def token_of(user: User, *, start: str) -> ApiToken:
    """The account's token that begins so, as a person names it."""
    found = list(ApiToken.objects.filter(user=user, start=start[:SHOWN])[:2])
    if len(found) != 1:
        raise InputError(
            "there is no such token" if not found else "two tokens begin so",
            item=f"{user.get_username()}, {start[:SHOWN]}",
            remedy="See the account's tokens with --list, or revoke it in the admin",
        )
    return found[0]


def token_state(token: ApiToken) -> str:
    """Whether it is good, in a word."""
    if token.revoked_at is not None:
        return "revoked"
    return "good" if token.expires_at > timezone.now() else "expired"


def _is_old(last_used_at: dt.datetime | None, *, now: dt.datetime) -> bool:
    return last_used_at is None or now - last_used_at > USE_WRITTEN_EVERY


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
