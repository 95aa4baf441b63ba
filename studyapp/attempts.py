"""How often something may be tried from one address: a password, the beginning of a task.

Counted in the cache and forgotten with it, so that no address is ever stored.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Where the request comes from; behind our own proxy, what the proxy says it saw.

    Without this, all the world behind the proxy is one address, and one stranger would use up
    everybody's attempts.
    """
    seen = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    # The proxy adds its own finding at the end; what stands before it, anybody can claim.
    return seen.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def tried(what: str, *, who: str) -> int:
    """How often it was tried lately."""
    count: int = cache.get(_key(what, who), 0)
    return count


def note(what: str, *, who: str, window_s: int) -> int:
    """Count one more; the count ends `window_s` seconds after its first."""
    key = _key(what, who)
    cache.add(key, 0, window_s)
    try:
        return cache.incr(key)
    except ValueError:
        # It ran out between the two calls: this one starts a new count.
        cache.set(key, 1, window_s)
        return 1


def _key(what: str, who: str) -> str:
    return f"attempts:{what}:{hashlib.sha256(who.encode()).hexdigest()}"
