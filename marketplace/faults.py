"""Faults on purpose: what a network and a failing service do to calls, for tests of clients.

`MARKETPLACE_FAULTS` is a list of rules. Each names an operation (or * for any), which of its calls
(absent: every one), what happens, and for some faults whether before or after the work is done:

    {"operation": "SendBonus", "call": 2, "fault": "lost", "when": "after"}

Workers' submissions are meant by the name ExternalSubmit only. Calls are counted in this process,
from 1. A system check refuses rules where people work.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from marketplace import conf

ANY = "*"
SUBMIT = "ExternalSubmit"
JSON = "application/x-amz-json-1.1"
_PAGE = b"<html><body><h1>This service is not available</h1></body></html>"
_WHEN = ("before", "after")
_lock = threading.Lock()
_calls: Counter[str] = Counter()

Forward = Callable[[], HttpResponse]


@dataclass(frozen=True)
class Rule:
    """One fault and when it happens."""

    operation: str
    fault: str
    call: int | None
    when: str
    seconds: float

    def hits(self, operation: str, *, call: int) -> bool:
        """Whether this call of that operation is meant."""
        meant = self.operation == operation or (self.operation == ANY and operation != SUBMIT)
        return meant and self.call in {None, call}


def _body(status: int, content: bytes, content_type: str = JSON) -> Callable[[], HttpResponse]:
    return lambda: HttpResponse(content, status=status, content_type=content_type)


_INSTEAD: Mapping[str, Callable[[], HttpResponse]] = {
    "500": _body(500, b'{"__type": "ServiceFault", "Message": "Internal failure."}'),
    "503": _body(503, b"", "text/plain"),
    "429": _body(429, b'{"__type": "ThrottlingException", "Message": "Rate exceeded"}'),
    "throttled": _body(400, b'{"__type": "ThrottlingException", "Message": "Rate exceeded"}'),
    "empty": _body(200, b""),
    "html": _body(200, _PAGE, "text/html"),
    "closed": _body(403, _PAGE, "text/html"),
}
"""What is answered in place of the true answer."""

# A cut answer is cut from a true one, so its work is always done.
_DEFAULT_WHEN = {"cut": "after", "empty": "after", "late": "after"}
FAULTS = frozenset({*_INSTEAD, "lost", "late", "cut"})


def read_rule(values: Mapping[str, object]) -> Rule:
    """One rule of the setting; raises ValueError naming what is wrong with it."""
    unknown = set(values) - {"operation", "fault", "call", "when", "seconds"}
    fault = str(values.get("fault"))
    when = str(values.get("when", _DEFAULT_WHEN.get(fault, "before")))
    call, seconds = values.get("call"), values.get("seconds", 1.0)
    if unknown:
        raise ValueError(f"a rule has no {', '.join(sorted(unknown))}")
    if fault not in FAULTS:
        raise ValueError(f"fault must be one of {', '.join(sorted(FAULTS))}, not {fault}")
    if when not in _WHEN or (fault == "cut" and when == "before"):
        raise ValueError(f"when must be before or after (cut: after), not {when}")
    if call is not None and (not isinstance(call, int) or call < 1):
        raise ValueError(f"call must be a whole number from 1, not {call}")
    if not isinstance(seconds, int | float) or seconds < 0:
        raise ValueError(f"seconds must be a number from 0, not {seconds}")
    return Rule(str(values.get("operation", ANY)), fault, call, when, float(seconds))


def forget_calls() -> None:
    """Count calls from 1 again."""
    with _lock:
        _calls.clear()


def due(operation: str) -> Rule | None:
    """Count one call of the operation; the first rule that means it, if there is one."""
    rules = [read_rule(values) for values in conf.faults()]
    if not rules:
        return None
    with _lock:
        _calls[operation] += 1
        call = _calls[operation]
    return next((rule for rule in rules if rule.hits(operation, call=call)), None)


def _hang_up(request: HttpRequest) -> HttpResponse:
    """End the connection without an answer; what is returned is written to nobody."""
    environ = getattr(request, "environ", {})
    line = environ.get("gunicorn.socket")
    if line is None:
        # The development server's stream keeps the reader it was made of, and that its socket.
        reader = getattr(environ.get("wsgi.input"), "_read", None)
        line = getattr(getattr(getattr(reader, "__self__", None), "raw", None), "_sock", None)
    if line is None:
        raise ConnectionAbortedError("a fault was to end the connection, and there is none")
    line.shutdown(socket.SHUT_RDWR)
    return HttpResponse(status=500)


def play(rule: Rule, *, request: HttpRequest, forward: Forward) -> HttpResponse:
    """Do to one call what the rule says; `forward` does the work and gives the true answer."""
    if rule.fault == "late" and rule.when == "before":
        time.sleep(rule.seconds)
        return forward()
    answer = forward() if rule.when == "after" else None
    if rule.fault == "late" and answer is not None:
        time.sleep(rule.seconds)
        return answer
    if rule.fault == "lost":
        return _hang_up(request)
    if rule.fault == "cut" and answer is not None:
        answer.content = answer.content[: len(answer.content) // 2]
        return answer
    return _INSTEAD[rule.fault]()
