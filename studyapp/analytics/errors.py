"""The errors of the statistics: bad columns, rules or arguments, never bad luck with the data."""

from __future__ import annotations


class AnalyticsError(ValueError):
    """Base of what this package refuses; the message names the item and the remedy."""


class ColumnError(AnalyticsError):
    """A column has a wrong shape, type or value."""


class RuleError(AnalyticsError):
    """An acceptance rule, a timing window or another option contradicts itself."""
