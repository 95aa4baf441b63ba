"""Ask more raters of the lots that are out, or offer them for longer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from studyapp import audit, clock
from studyapp.cost import MANY_RATERS
from studyapp.errors import InputError, InsufficientFundsError, RecruiterError, StudyError
from studyapp.lifecycle import require_state
from studyapp.models import HIT, HITTrial, IntendedCall, Study
from studyapp.plurals import counted
from studyapp.progress import Progress, silent
from studyapp.recruiters.calls import carry_out, find_call, plan_call
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import OUTCOME_UNKNOWN, Recruiter
from studyapp.recruiters.spending import reserve, taken
from studyapp.row_locks import lock_study
from studyapp.vocabulary import UNSETTLED_CALL_STATES, CallKind, HITState, StudyState

LONGEST_DAYS = 365
ZERO = Decimal("0.00")


@dataclass
class ExtendStudySummary:
    study: str
    lots: int = 0
    calls: int = 0
    done: int = 0
    #: What the calls of this run add to what the study may cost.
    cost: Decimal = ZERO
    troubles: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        if not self.calls:
            first = f"{self.study}: {counted(self.lots, 'HIT')} as asked for already, nothing sent."
        else:
            first = (
                f"{self.study}: {self.done:,} of {counted(self.calls, 'call')} done for "
                f"{counted(self.lots, 'HIT')}; it may cost {self.cost:,.2f} USD more."
            )
        mind = [f"Mind: {trouble}" for trouble in self.troubles]
        return [first, *mind, f"Next: manage.py collect_votes {self.study}"]


def extend_study(
    study: Study,
    *,
    raters: int | None = None,
    days: int | None = None,
    recruiter: Recruiter | None = None,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> ExtendStudySummary:
    """Let every lot have `raters` in all, and stay on offer for `days` from now.

    Both are ends, not steps, so that a run that was stopped can be run again. Votes beyond the
    raters per trial take the place of those that do not count.
    """
    require_state(
        study,
        states=frozenset({StudyState.LIVE}),
        verb="extend it",
        remedy="A closed study stays closed",
    )
    _check(raters=raters, days=days)
    if raters is not None:
        _refuse_uneven(study)
    until = clock.now() + timedelta(days=days) if days else None
    summary = ExtendStudySummary(study=study.name)
    calls = _plan(study, raters=raters, until=until, actor=actor, summary=summary)
    try:
        if calls:
            recruiter = recruiter or connect(study.environment)
            for number, call in enumerate(calls, 1):
                _send(call, recruiter=recruiter, summary=summary)
                progress(number, len(calls))
    finally:
        audit.record(
            "extend_study",
            study=study,
            actor=actor,
            summary={"raters": raters, "days": days, "calls": len(calls), "done": summary.done},
        )
    return summary


def _send(call: IntendedCall, *, recruiter: Recruiter, summary: ExtendStudySummary) -> None:
    """One refusal, such as of a lot that is gone, does not keep the others from being extended."""
    try:
        summary.done += carry_out(call, recruiter=recruiter)
    except (InsufficientFundsError, *OUTCOME_UNKNOWN):
        raise
    except RecruiterError as error:
        summary.troubles.append(f"lot {call.hit.lot}: {error.happened}")


def _refuse_uneven(study: Study) -> None:
    """One number of raters for every HIT makes no sense where they are not alike."""
    again = HITTrial.objects.filter(hit__study=study, trial__known_answer="", turn__gt=0)
    if not study.vote_groups and study.most_raters_per_hit is None and not again.exists():
        return
    raise StudyError(
        "its HITs are for different numbers of raters: groups of votes, raters spread over "
        "several HITs, or trials asked again",
        item=f"study {study.name}",
        remedy=f"`manage.py publish {study.name} --again 1` asks for votes that were lost",
    )


def _check(*, raters: int | None, days: int | None) -> None:
    if raters is None and days is None:
        raise InputError(
            "neither more raters nor more time is asked for",
            item="extend",
            remedy="Give --raters, --days or both",
        )
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise InputError(
            f"{days} days cannot be",
            item="--days",
            remedy=f"Give 1 to {LONGEST_DAYS}, counted from now",
        )


@transaction.atomic
def _plan(
    study: Study,
    *,
    raters: int | None,
    until: datetime | None,
    actor: AbstractBaseUser | None,
    summary: ExtendStudySummary,
) -> list[IntendedCall]:
    """The rows of every call this takes, all of them within the budget, or none."""
    held = lock_study(study)
    if until is not None:
        Study.objects.filter(pk=study.pk).update(stopped_at=None)
    over = HIT.objects.filter(study=held, state=HITState.OPEN, expires_at__lte=clock.now())
    over.update(state=HITState.EXPIRED)
    lots = HIT.objects.filter(
        study=held, state__in=[HITState.OPEN, HITState.EXPIRED], hit_id__isnull=False
    ).order_by("lot")
    calls: list[IntendedCall] = []
    elsewhere = _asked_elsewhere(held)
    for hit in lots:
        if hit.pk in elsewhere:
            summary.troubles.append(f"lot {hit.lot} is over: later HITs ask for what it lacked")
            continue
        summary.lots += 1
        wanted = _raters(hit, wanted=raters)
        on_offer = hit.state == HITState.OPEN
        if wanted > hit.raters and not on_offer and until is None:
            summary.troubles.append(f"lot {hit.lot} is off the list: it needs --days as well")
            continue
        unit = held.reward + held.fees.of(held.reward, raters_per_hit=hit.raters)
        if wanted > hit.raters:
            cost = unit * (wanted - hit.raters) if on_offer else ZERO
            calls.append(_add_raters(hit, wanted=wanted, cost=cost, actor=actor))
        if until is not None and (hit.expires_at is None or hit.expires_at < until):
            cost = ZERO if on_offer else unit * max(wanted - taken(hit), 0)
            calls.append(_prolong(hit, until=until, cost=cost, actor=actor))
    summary.calls = len(calls)
    summary.cost = sum((call.cost for call in calls), ZERO)
    # The rows are counted on already; what exceeds the budget takes them away again.
    reserve(held, more=ZERO, verb="the extension")
    return calls


def _asked_elsewhere(study: Study) -> set[int]:
    """Keys of lots that have ended and whose trials were offered again since."""
    places = HITTrial.objects.filter(
        hit__study=study, hit__state=HITState.EXPIRED, trial__known_answer=""
    )
    later = places.filter(trial__hit_trials__turn__gt=F("turn"))
    return set(later.values_list("hit_id", flat=True))


def _raters(hit: HIT, *, wanted: int | None) -> int:
    """How many raters the lot should have; the step in the fee cannot be crossed."""
    if wanted is None or wanted <= hit.raters:
        return hit.raters
    if hit.study.fees.many and hit.raters < MANY_RATERS <= wanted:
        raise StudyError(
            f"it was published for {hit.raters} raters, and the marketplace refuses to bring it to "
            f"{MANY_RATERS} or more: from there on the fee is 40 % instead of 20 %",
            item=f"lot {hit.lot}",
            remedy=f"Ask {MANY_RATERS - 1} at most, or make a new study for the rest",
        )
    return wanted


def _add_raters(
    hit: HIT, *, wanted: int, cost: Decimal, actor: AbstractBaseUser | None
) -> IntendedCall:
    open_calls = hit.calls.filter(kind=CallKind.ADD_RATERS, state__in=UNSETTLED_CALL_STATES)
    other = open_calls.exclude(arguments__raters=wanted).first()
    if other is not None:
        raise StudyError(
            f"an earlier extension to {other.arguments['raters']} raters is not settled",
            item=f"lot {hit.lot}",
            remedy=f"Run `manage.py reconcile {hit.study.name}`, or ask for that many first",
        )
    return plan_call(
        CallKind.ADD_RATERS,
        hit=hit,
        about=str(wanted),
        arguments={"raters": wanted, "before": hit.raters},
        amount=cost,
        actor=actor,
    )


def _prolong(
    hit: HIT, *, until: datetime, cost: Decimal, actor: AbstractBaseUser | None
) -> IntendedCall:
    """One call, also where an earlier try meant an earlier end: a second would count twice.

    That one may have been meant while the lot was on offer, or for fewer raters: it has to have the
    money of all places that it offers now.
    """
    about = hit.expires_at.isoformat() if hit.expires_at else ""
    earlier = find_call(CallKind.PROLONG, hit=hit, about=about)
    if earlier is not None and earlier.state in UNSETTLED_CALL_STATES:
        IntendedCall.objects.filter(pk=earlier.pk, amount__lt=cost).update(amount=cost)
        earlier.refresh_from_db()
        return earlier
    arguments = {"until": until.replace(microsecond=0).isoformat()}
    return plan_call(
        CallKind.PROLONG, hit=hit, about=about, arguments=arguments, amount=cost, actor=actor
    )
