"""The id of the call being answered: in the response's header, and kept with a token it used."""

from __future__ import annotations

import uuid
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("marketplace_request_id", default="")


def new_request_id() -> str:
    """Give the call that begins an id."""
    fresh = str(uuid.uuid4())
    _current.set(fresh)
    return fresh


def current_request_id() -> str:
    """The id of the call under way; empty outside of one."""
    return _current.get()
