"""A study as it runs: its lots, its money, the people at work, and what needs a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet, Sum

from studyapp import clock
from studyapp.models import HIT, Assignment, IntendedCall, ManualExclusion, Rater, Study, Trial
from studyapp.plurals import counted
from studyapp.recruiters.spending import Spending, spending
from studyapp.recruiters.take_off import left_on_the_list
from studyapp.reports.cache import kept
from studyapp.selectors.collection import Collection, collection, odd_votes
from studyapp.selectors.turns import WITHOUT_VERDICT, TrialStand, trial_stand
from studyapp.selectors.unseen import unseen_trials
from studyapp.selectors.work_times import Wage, confirmed_work, wage
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import (
    HANDED_IN_STATES,
    UNSETTLED_CALL_STATES,
    AssignmentState,
    CallState,
    HITState,
    JobState,
    StudyState,
)

#: A call is given so long before a person is told that nobody knows its outcome.
PATIENCE = timedelta(minutes=10)
#: Seconds after which the stand of trials is looked at again though no row is new.
STAND_SECONDS = 120
#: Of the limit; beyond it the next step may be refused.
NEARLY_ALL = Decimal("0.95")
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class LotRow:
    """One lot. free: places nobody has taken, as far as we know; only on offer can they be."""

    lot: int
    state: str
    trials: int
    turn: int
    raters: int
    at_work: int
    handed_in: int
    free: int
    ends_at: datetime | None

    @property
    def share_in(self) -> float:
        return min(1.0, self.handed_in / self.raters) if self.raters else 0.0


@dataclass(frozen=True)
class Need:
    """Something a person should see to. action: `money`, `publish`, `manage` or `raters`."""

    slug: str
    text: str
    action: str


@dataclass(frozen=True)
class Monitor:
    """held: what is offered, under way or meant and not paid yet."""

    at: datetime
    trials: TrialStand
    #: Whether answers lead to verdicts.
    decides: bool
    lots: dict[str, int]
    people: Collection
    raters: int
    odd: dict[str, int]
    money: Spending
    wage: Wage
    needs: tuple[Need, ...]

    @property
    def held(self) -> Decimal:
        return max(self.money.committed - self.money.paid, ZERO)


def monitor(study: Study) -> Monitor:
    """Everything but the lots themselves, as it is now."""
    trials = kept("trials", key=lambda: _stand(study), make=lambda: trial_stand(study))
    people, money, earned = collection(study), spending(study), wage(study)
    states = study.hits.order_by().values_list("state").annotate(Count("pk"))
    return Monitor(
        at=clock.now(),
        trials=trials,
        decides=study.question_kind not in WITHOUT_VERDICT,
        lots=dict(states),
        people=people,
        raters=Assignment.objects.filter(hit__study=study, is_test=False)
        .values("rater")
        .distinct()
        .count(),
        odd=odd_votes(study),
        money=money,
        wage=earned,
        needs=tuple(_needs(study, people=people, money=money, earned=earned, trials=trials)),
    )


def _stand(study: Study) -> dict[str, object]:
    """What the stand of trials is read from; that a lot has ended is noticed within its bucket.

    Votes count once their assignment is confirmed, so each new one is no reason to look again.
    """
    handed_in = Assignment.objects.filter(hit__study=study, state__in=HANDED_IN_STATES)
    by_state = handed_in.order_by("state").values_list("state")
    lots = study.hits.order_by("state").values_list("state")
    return {
        "database": [str(connection.settings_dict.get(name)) for name in ("HOST", "PORT", "NAME")],
        "study": [study.pk, study.created_at, study.vote_groups, study.gold_per_hit],
        "handed_in": list(by_state.annotate(Count("pk"), Sum("pk"))),
        "lots": list(lots.annotate(Count("pk"), Sum("pk"), Sum("raters"))),
        "trials": Trial.objects.filter(condition__study=study).count(),
        "by_hand": ManualExclusion.objects.filter(vote__study=study).count(),
        "test_raters": Rater.objects.filter(is_test=True).count(),
        "bucket": int(clock.now().timestamp()) // STAND_SECONDS,
    }


def lot_rows(study: Study, *, lots: QuerySet[HIT]) -> list[LotRow]:
    """These lots, in their order."""
    now = clock.now()
    working = Q(
        assignments__state__in=[AssignmentState.WORKING, AssignmentState.FINISHED],
        assignments__started_at__gt=now - time_allowed(study),
        assignments__is_test=False,
    )
    rows = lots.annotate(
        at_work=Count("assignments", filter=working, distinct=True),
        came=Count(
            "assignments",
            filter=Q(assignments__state__in=HANDED_IN_STATES),
            distinct=True,
        ),
        size=Count("hit_trials", distinct=True),
        first_turn=Min("hit_trials__turn", filter=Q(hit_trials__trial__known_answer="")),
    )
    return [
        LotRow(
            lot=row.lot,
            state=HITState(row.state).label,
            trials=row.size,
            turn=row.first_turn or 0,
            raters=row.raters,
            at_work=row.at_work,
            handed_in=row.came,
            free=max(0, row.raters - row.came - row.at_work)
            if row.state == HITState.OPEN and (row.expires_at is None or row.expires_at > now)
            else 0,
            ends_at=row.expires_at,
        )
        for row in rows
    ]


def _needs(
    study: Study, *, people: Collection, money: Spending, earned: Wage, trials: TrialStand
) -> Iterator[Need]:
    """What a person should see to, the most pressing first."""
    old = clock.now() - PATIENCE
    unknown = HIT.objects.filter(study=study, state=HITState.SENDING, sent_at__lt=old).count()
    calls = IntendedCall.objects.filter(hit__study=study, state__in=UNSETTLED_CALL_STATES)
    unknown += calls.exclude(state=CallState.PLANNED).filter(sent_at__lt=old).count()
    if unknown:
        told = counted(unknown, "call")
        yield Need("unknown", f"Of {told} nobody knows the outcome: compare.", "money")
    planned = calls.filter(state=CallState.PLANNED, planned_at__lt=old).count()
    if planned:
        yield Need("planned", f"{counted(planned, 'call')} meant and never sent.", "money")
    refused = calls.model.objects.filter(hit__study=study, state=CallState.REFUSED)
    lately = refused.filter(settled_at__gt=clock.now() - timedelta(days=1)).count()
    if lately:
        yield Need("refused", f"{counted(lately, 'call')} refused since yesterday.", "money")
    yield from _unpaid(people)
    yield from _money(money, earned=earned)
    if left := left_on_the_list(study):
        live = study.state == StudyState.LIVE
        how = "stop asking" if live else f"manage.py close {study.name}"
        told = f"{counted(left, 'HIT')} still on the list: {how}, once more."
        yield Need("left", told, "money" if live else "manage")
    if study.stopped_at is not None and study.state == StudyState.LIVE:
        yield Need("stopped", "Asking is stopped: publish or extend to go on.", "manage")
    if study.state == StudyState.LIVE:
        yield from _votes(trials)
    unseen = len(unseen_trials(confirmed_work(study)))
    if unseen:
        yield Need("unseen", f"{counted(unseen, 'picture')} did not load for a rater.", "raters")
    job = study.jobs.filter(ended_at__isnull=False).order_by("-ended_at").first()
    if job is not None and job.state == JobState.FAILED:
        yield Need("job", f"The last work in the background failed: {job.label}.", "manage")


def _unpaid(people: Collection) -> Iterator[Need]:
    if people.waiting:
        told = counted(people.waiting, "assignment")
        yield Need("waiting", f"{told} handed in and not decided on.", "money")
    strange = people.unproven + people.unknown
    if strange:
        told = counted(strange, "assignment")
        yield Need("strange", f"{told} handed in without proof of work here: look.", "money")
    if people.never_confirmed:
        told = counted(people.never_confirmed, "assignment")
        yield Need("lost", f"{told} done here and never handed in: perhaps lost work.", "money")


def _money(money: Spending, *, earned: Wage) -> Iterator[Need]:
    if money.budget is not None and money.committed >= NEARLY_ALL * money.budget:
        yield Need("budget", "The limit on what it may cost is nearly reached.", "money")
    floor = settings.WAGE_FLOOR_USD
    if earned.median is not None and earned.median < floor:
        yield Need("wage", f"Half of the work earns less than {floor} USD an hour.", "money")


def _votes(trials: TrialStand) -> Iterator[Need]:
    if trials.unpublished:
        told = counted(trials.unpublished, "trial")
        yield Need("unpublished", f"{told} never offered to anybody.", "manage")
    if trials.next:
        told = counted(trials.next, "trial")
        yield Need("next", f"{told} can be offered to the next group.", "manage")
    if trials.short:
        told = counted(trials.short, "trial")
        yield Need("short", f"{told} short of votes with nobody asked: ask again.", "money")
