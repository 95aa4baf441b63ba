"""How long raters work on a HIT, and what that makes an hour."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.db.models import Count, QuerySet, Sum

from studyapp.cost import CENT
from studyapp.models import Assignment, Study, Vote
from studyapp.vocabulary import CONFIRMED_ASSIGNMENT_STATES

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class WorkTime:
    """One confirmed assignment: seconds from each picture's showing to its answer, added up."""

    assignment: int
    seconds: float
    trials: int


@dataclass(frozen=True)
class Wage:
    """US dollars an hour at the reward alone: the median over n confirmed assignments.

    An assignment's hour is its reward / the time from the showing of each of its pictures to the
    answer, by the server's clock, added up; answers that were taken back are part of it. Half of
    them earn `low` to `high`. None without any.
    """

    n: int
    median: Decimal | None
    low: Decimal | None
    high: Decimal | None


def confirmed_work(study: Study) -> QuerySet[Assignment]:
    """Handed in from our pages, whoever judged it how; test runs are none."""
    return Assignment.objects.filter(
        hit__study=study, state__in=CONFIRMED_ASSIGNMENT_STATES, is_test=False
    )


def work_times(study: Study) -> list[WorkTime]:
    """Of every confirmed assignment with answers whose times are known."""
    rows = (
        Vote.objects.filter(assignment__in=confirmed_work(study), seconds__isnull=False)
        .order_by()
        .values_list("assignment")
        .annotate(seconds=Sum("seconds"), trials=Count("trial", distinct=True))
    )
    return [
        WorkTime(assignment=assignment or 0, seconds=seconds, trials=trials)
        for assignment, seconds, trials in rows
        if seconds > 0
    ]


def wage(study: Study, *, times: list[WorkTime] | None = None) -> Wage:
    """What the reward comes to an hour."""
    found = work_times(study) if times is None else times
    hourly = sorted(float(study.reward) * SECONDS_PER_HOUR / one.seconds for one in found)
    if not hourly:
        return Wage(n=0, median=None, low=None, high=None)
    low, median, high = (
        statistics.quantiles(hourly, n=4, method="inclusive") if len(hourly) > 1 else hourly * 3
    )
    return Wage(n=len(hourly), median=_cents(median), low=_cents(low), high=_cents(high))


def seconds_per_trial(times: list[WorkTime]) -> float | None:
    """The median over assignments of their time by the number of their trials."""
    return statistics.median(one.seconds / one.trials for one in times) if times else None


def lacking(*, reward: Decimal, hourly: Decimal, seconds: float) -> Decimal:
    """What a HIT of so many seconds lacks to `hourly`, up to the next cent; 0 where nothing."""
    due = hourly * Decimal(repr(seconds)) / SECONDS_PER_HOUR
    return max((due - reward).quantize(CENT, rounding=ROUND_CEILING), Decimal("0.00"))


def _cents(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(CENT)
