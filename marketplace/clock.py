"""The marketplace's clock: real time plus an offset, so that days can pass in seconds.

Life cycles, tokens and deadlines use it. Signatures do not: a client signs with real time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from marketplace import conf


def now() -> datetime:
    """The present moment as the marketplace counts it, in UTC."""
    return timezone.now() + timedelta(seconds=conf.clock_offset_s())
