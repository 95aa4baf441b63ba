"""How often a requester may call: a bucket in the database, shared by every process."""

from __future__ import annotations

import time

from django.db.models import F

from marketplace import conf
from marketplace.errors import ProtocolError
from marketplace.models import Requester

BURST = 5


def take(requester: Requester) -> None:
    """Count one call, or raise ThrottlingException; real time counts.

    The column holds when the bucket will be full again; each of the two updates is one
    statement, so two processes never both take the last drop.
    """
    rate = conf.calls_per_second()
    if rate <= 0:
        return
    each = round(1_000_000 / rate)
    now = time.time_ns() // 1_000
    own = Requester.objects.filter(pk=requester.pk)
    if own.filter(next_call_at_us__lte=now).update(next_call_at_us=now + each):
        return
    # Half a drop more, for callers who read the clock before one another and write after.
    within = now + (BURST - 1) * each + each // 2
    if own.filter(next_call_at_us__lte=within).update(next_call_at_us=F("next_call_at_us") + each):
        return
    raise ProtocolError("ThrottlingException", "Rate exceeded")
