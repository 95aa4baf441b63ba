from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from studyapp import attempts

FAILURES_PER_NAME = 10
FAILURES_PER_ADDRESS = 100
WINDOW_S = 900


class GuardedSignIn(AdminAuthenticationForm):
    """Asks for name and password; guessing them ends after a few tries from one address."""

    def clean(self) -> dict[str, Any]:
        address = attempts.client_address(self.request)
        counts = {
            f"{self.cleaned_data.get('username', '').lower()}\n{address}": FAILURES_PER_NAME,
            address: FAILURES_PER_ADDRESS,
        }
        if any(attempts.tried("sign-in", who=who) >= most for who, most in counts.items()):
            raise ValidationError(
                "Too many wrong passwords: wait a quarter of an hour, then try again.",
                code="too_often",
            )
        try:
            return super().clean()
        except ValidationError:
            for who in counts:
                attempts.note("sign-in", who=who, window_s=WINDOW_S)
            raise


class QuorumAdminSite(AdminSite):
    site_header = "Quorum"
    site_title = "Quorum"
    index_title = "Studies, images and models"
    login_form = GuardedSignIn
