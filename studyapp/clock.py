"""The clock that raters, lots and gaps go by: real time plus the marketplace's offset.

In tests and demos the offset lets days pass in seconds, for both sides alike. Jobs, tokens of the
API and signatures stay on real time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


def now() -> datetime:
    """The present moment as studies count it, in UTC."""
    return timezone.now() + timedelta(seconds=settings.MARKETPLACE_CLOCK_OFFSET_S)


class MadeAtField(models.DateTimeField[Any, datetime]):
    """Set by this clock when the row is made.

    To migrations it is the plain DateTimeField(auto_now_add=True) that it is to the database.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_now_add": True})

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if add:
            setattr(model_instance, self.attname, now())
        return getattr(model_instance, self.attname)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs
