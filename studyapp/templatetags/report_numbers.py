"""How numbers are written on the report's pages."""

from __future__ import annotations

import re
from decimal import Decimal

from django import template

from studyapp.reports import sentences
from studyapp.reports.sentences import percent

register = template.Library()


@register.filter
def thousands(number: int | float) -> str:
    """12345 as 12,345."""
    return f"{number:,.0f}"


@register.filter
def percentage(share: float | None) -> str:
    """0.1234 as 12.34 %; a dash for nothing."""
    return "–" if share is None else f"{percent(share)} %"


@register.filter
def coefficient(value: float | None) -> str:
    """A coefficient with three places; a dash where it is not defined."""
    return sentences.coefficient(value, digits=3)


@register.filter
def unbroken(sentence: str) -> str:
    """Keep intervals, and numbers with their per cent, on one line."""
    joined = re.sub(r"(\[[\d.]+,) ([\d.]+\])", "\\1\u00a0\\2", sentence)
    return joined.replace(" %", "\u00a0%")


@register.filter
def share_of(part: int, whole: int) -> str:
    """The part as a fraction of the whole, for a width; never beyond 1."""
    return f"{min(1.0, part / whole):.4f}" if whole else "0"


@register.filter
def points_of(share: float) -> str:
    """0.0123 as 1.23 percentage points."""
    return f"{100 * share:.2f}"


@register.filter
def dollars(amount: Decimal) -> str:
    """An amount to the cent, 1,234.50."""
    return f"{amount:,.2f}"
