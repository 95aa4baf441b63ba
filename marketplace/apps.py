"""The Django application of the marketplace."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register

from marketplace import checks


class MarketplaceConfig(AppConfig):
    """Registers models, admin pages and system checks."""

    name = "marketplace"
    verbose_name = "Marketplace"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hand the system checks to Django."""
        register(checks.moved_clock)
        register(checks.plain_http)
        register(checks.open_signup)
        register(checks.faults_on_purpose)
