"""How often one token may ask, by the clock's minute."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from studyapp import attempts
from studyapp.api.permissions import reading_as
from studyapp.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView

WINDOW_S = 60


class PerTokenThrottle(BaseThrottle):
    """Counts every request, and those for whole studies a second time."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        limits = {"api": settings.API_REQUESTS_PER_MINUTE}
        if reading_as(request.method) in getattr(view, "heavy", ()):
            limits["api-heavy"] = settings.API_HEAVY_PER_MINUTE
        token = request.auth
        who = str(token.pk) if isinstance(token, ApiToken) else self.get_ident(request)
        minute = math.floor(time.time() / WINDOW_S)
        counts = {
            what: attempts.note(what, who=f"{who} {minute}", window_s=2 * WINDOW_S)
            for what in limits
        }
        return all(counts[what] <= most for what, most in limits.items())

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return WINDOW_S - time.time() % WINDOW_S
