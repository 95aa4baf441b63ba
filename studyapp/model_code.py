"""Which models a page may ask for: a module:callable is code, called on the compute machine."""

from __future__ import annotations

from django.conf import settings

from studyapp.errors import InputError


def refuse_unknown_code(model: str) -> None:
    """Let architectures by name and the operator's own callables pass."""
    if ":" in model and model not in settings.MODEL_CALLABLES:
        raise InputError(
            "a module:callable runs code on the compute machine, and this one is not allowed",
            item=f"model {model}",
            remedy="Add it to MODEL_CALLABLES, or run `manage.py predict` there",
        )
