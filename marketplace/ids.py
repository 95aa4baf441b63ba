"""Identifiers in the shapes seen on the wire, from the system's random source."""

from __future__ import annotations

import re
import secrets
import string

ENTITY_ID = re.compile("[A-Z0-9]{1,64}")
_ALPHABET = string.ascii_uppercase + string.digits
_BASE32 = string.ascii_uppercase + "234567"


def _letters(n: int, *, alphabet: str = _ALPHABET) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(n))


def is_entity_id(text: str) -> bool:
    """Whether it has the form of an id at all; anything else is not even looked up."""
    return ENTITY_ID.fullmatch(text) is not None


def new_entity_id() -> str:
    """HIT, HIT type, group or assignment id: 30 characters of [A-Z0-9], the first a 3.

    29 free characters hold 149 bits: an assignment id can serve as a capability.
    """
    return "3" + _letters(29)


def new_worker_id() -> str:
    """Worker id: an A and 13 characters."""
    return "A" + _letters(13)


def new_access_key_id() -> str:
    """Access key id of a requester: 20 characters."""
    return "AKIQ" + _letters(16, alphabet=_BASE32)
