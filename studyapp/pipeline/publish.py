"""Offer a live study's trials to raters: plan the lots, then send each once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from studyapp import audit, clock
from studyapp.addresses import is_loopback, rater_page
from studyapp.cost import Costs, costs_of_lots
from studyapp.errors import InputError, InsufficientFundsError, RecruiterError, StudyError
from studyapp.lifecycle import require_state
from studyapp.models import HIT, HITTrial, Study, Trial
from studyapp.progress import Progress, silent
from studyapp.publication import MOST_TIMES, NOTHING_AGAIN, Again, PublishSummary
from studyapp.recruiters.connect import connect
from studyapp.recruiters.contract import OUTCOME_UNKNOWN, Lot, PublishedLot, Recruiter
from studyapp.recruiters.groups import prepare_groups
from studyapp.recruiters.launch_gap import due, held_back
from studyapp.recruiters.lots import PlannedLot, offered_before, plan_lots, store_lots
from studyapp.recruiters.planned import UNSENT, cost_left, publication_calls
from studyapp.recruiters.spending import reserve
from studyapp.recruiters.take_off import take_off
from studyapp.selectors.protocol import refuse_changed_protocol
from studyapp.selectors.turns import turns_to_ask
from studyapp.turns import TurnsToAsk
from studyapp.vocabulary import Allocation, Environment, HITState, StudyState


def publish(
    study: Study,
    *,
    recruiter: Recruiter | None = None,
    dry_run: bool = False,
    again: Again = NOTHING_AGAIN,
    goes_on: bool = True,
    asked_at: datetime | None = None,
    plans: bool = True,
    actor: AbstractBaseUser | None = None,
    progress: Progress = silent,
) -> PublishSummary:
    """Publish every trial that is not out yet; run again after any stop, it goes on.

    A study that asks in groups goes on with the next one where it is needed; `again` offers trials
    whose votes were lost. Each lot is a stored row with its own token before the first call about
    it, so however often this is killed or run twice, there is one HIT per lot. `dry_run` changes
    and sends nothing. A study that was stopped goes on by this, unless `goes_on` is false: what
    runs by itself never takes back what a person has said meanwhile, and begins a later condition
    only where the study says so. Nor is a stop taken back that came after somebody asked for this,
    `asked_at` by real time. Without `plans` it sends what is written down and no more.
    """
    _check(study, again=again)
    stopped_before = Study.objects.values_list("stopped_at", flat=True).get(pk=study.pk)
    turns, lots = _planned(study, again=again) if plans else (TurnsToAsk(), [])
    summary = PublishSummary(
        study=study.name,
        environment=study.environment,
        cost=cost_left(study, lots=lots),
        dry_run=dry_run,
        turns=turns if plans and (again.times or study.vote_groups) else None,
        times=again.times,
        launches_by_itself=study.launches_by_itself,
    )
    if dry_run:
        summary.calls = list(publication_calls(study, lots=lots))
        return summary
    recruiter = recruiter or connect(study.environment)
    if summary.cost.hits:
        _require_funds(study, recruiter=recruiter, cost=summary.cost)
    if plans:
        _store_lots(study, again=again)
    if goes_on and stopped_before and (asked_at is None or stopped_before < asked_at):
        # Not before: what is refused for want of money takes nothing back. Nor what was said since.
        before = Study.objects.filter(pk=study.pk, stopped_at=stopped_before)
        before.update(stopped_at=None)
    begins = goes_on or study.launches_by_itself
    try:
        _send_all(study, begins=begins, recruiter=recruiter, summary=summary, progress=progress)
    finally:
        _finish(summary, study=study, actor=actor)
    return summary


def _planned(study: Study, *, again: Again) -> tuple[TurnsToAsk, list[PlannedLot]]:
    """What can be asked now. A lot that is not full costs as much as a full one, so it waits."""
    turns = turns_to_ask(study, times=again.times, undecided=again.undecided)
    short = again.now or not turns.may_follow
    return turns, plan_lots(study, turns=turns.turns, short=short)


def _check(study: Study, *, again: Again) -> None:
    if again.times and study.allocation == Allocation.ONE:
        raise StudyError(
            "each rater sees one condition only, and who could make up for a lost vote depends on "
            "it: trials cannot be offered again",
            item=f"study {study.name}",
            remedy=f"`manage.py extend {study.name} --raters N` asks more raters of each HIT",
        )
    if not 0 <= again.times <= MOST_TIMES:
        raise InputError(
            f"a trial can be offered up to {MOST_TIMES} times more",
            item=f"--again {again.times}",
            remedy="Give how often in all, not how often from now on",
        )
    require_state(
        study,
        states=frozenset({StudyState.LIVE}),
        verb="publish it",
        remedy=(
            "A closed study stays closed"
            if study.state == StudyState.CLOSED
            else f"Run `manage.py launch {study.name}` first"
        ),
    )
    if not Trial.objects.filter(condition__study=study).exists():
        raise StudyError(
            "it has no trials to publish",
            item=f"study {study.name}",
            remedy=f"Run `manage.py build_trials {study.name}` first",
        )
    refuse_changed_protocol(study)
    url = settings.QUORUM_URL
    own = study.environment in (Environment.MARKETPLACE, Environment.LINK)
    if not url.startswith("https://") and not (own and is_loopback(url)):
        raise StudyError(
            f"the rater pages are at {url}, and raters are shown https pages only",
            item=f"study {study.name}",
            remedy="Serve the site over https and set QUORUM_URL",
        )


def _require_funds(study: Study, *, recruiter: Recruiter, cost: Costs) -> None:
    with _stopping(study):
        balance = recruiter.balance()
    if balance is not None and balance < cost.total:
        raise InsufficientFundsError(
            f"{cost.hits:,} HITs cost {cost.total:,.2f} USD with fees, and the account has "
            f"{balance:,.2f} USD. Nothing was published",
            item=f"study {study.name}",
            remedy=_deposit(study),
        )


def _store_lots(study: Study, *, again: Again) -> None:
    """Write the lots down if the budget allows all of them; from then on they are counted on."""
    with transaction.atomic():
        held = Study.objects.select_for_update().get(pk=study.pk)
        _, lots = _planned(held, again=again)
        sizes = ((len(lot.trials), lot.raters) for lot in lots)
        cost = costs_of_lots(sizes, reward=held.reward, fees=held.fees)
        reserve(held, more=cost.total, verb="publishing")
        store_lots(held, lots, only_undecided=again.undecided)


def _deposit(study: Study) -> str:
    how = ""
    if study.environment == Environment.MARKETPLACE:
        how = " (`manage.py marketplace_requester NAME --deposit AMOUNT --reference TEXT`)"
    return f"Put money into the account{how}, then run the same command again"


def _send_all(
    study: Study,
    *,
    begins: bool,
    recruiter: Recruiter,
    summary: PublishSummary,
    progress: Progress,
) -> None:
    unsent = list(HIT.objects.filter(study=study, state__in=UNSENT).order_by("lot"))
    pending = due(study, unsent, begins=begins)
    if not pending:
        return
    forgotten = _forgotten(pending, token_life=recruiter.token_life)
    with _stopping(study):
        groups = prepare_groups(study, pending, recruiter=recruiter)
        there = recruiter.find([hit.request_token for hit in forgotten]) if forgotten else {}
    old = {hit.pk for hit in forgotten}
    for done, hit in enumerate(pending, 1):
        known = there.get(hit.request_token)
        if known is not None:
            _open(hit, published=known)
            summary.found += 1
        elif _claim(hit, renew=hit.pk in old):
            published = _send(hit, study=study, recruiter=recruiter, group_id=groups[hit.pk])
            summary.found += published.was_there
            summary.opened += not published.was_there
        progress(done, len(pending))


def _forgotten(pending: list[HIT], *, token_life: timedelta) -> list[HIT]:
    """Lots tried so long ago that the recruiter no longer knows their token: search first."""
    oldest = clock.now() - token_life
    return [hit for hit in pending if hit.sent_at is not None and hit.sent_at < oldest]


def _claim(hit: HIT, *, renew: bool) -> bool:
    """Take the lot for sending, unless another run did or the study asks nobody any more.

    A lot of unknown outcome is simply sent again, by whoever comes: its token makes that safe.
    The token's life began with the first try, so a repeat leaves `sent_at` alone.
    """
    row = HIT.objects.filter(pk=hit.pk, study__in=_asking(), state=hit.state)
    if hit.sent_at is not None and not renew:
        return bool(row.update(state=HITState.SENDING))
    before = row.filter(sent_at=hit.sent_at) if hit.sent_at else row.filter(sent_at__isnull=True)
    return bool(before.update(state=HITState.SENDING, sent_at=clock.now()))


def _send(hit: HIT, *, study: Study, recruiter: Recruiter, group_id: str) -> PublishedLot:
    lot = Lot(
        token=hit.request_token,
        address=rater_page(hit.public_id),
        raters=hit.raters,
        open_for=timedelta(days=study.lifetime_days),
    )
    with _stopping(study):
        try:
            published = recruiter.publish(lot, group_id=group_id)
        except RecruiterError as error:
            if hit.state == HITState.PLANNED and not isinstance(error, OUTCOME_UNKNOWN):
                # Refused: it is not out. `sent_at` stays, for the token may have been seen.
                HIT.objects.filter(pk=hit.pk, state=HITState.SENDING).update(state=HITState.PLANNED)
            raise
    _open(hit, published=published)
    _take_back_if_stopped(hit, recruiter=recruiter)
    return published


def _asking() -> QuerySet[Study]:
    """Studies that ask new people: neither closed nor stopped."""
    return Study.objects.filter(state=StudyState.LIVE, stopped_at__isnull=True)


def _take_back_if_stopped(hit: HIT, *, recruiter: Recruiter) -> None:
    """Who closed or stopped it while the call was on its way looked before this HIT was there."""
    if _asking().filter(pk=hit.study_id).exists():
        return
    hit.refresh_from_db()
    take_off(hit, recruiter=recruiter)


def _open(hit: HIT, *, published: PublishedLot) -> None:
    HIT.objects.filter(pk=hit.pk, state__in=UNSENT).update(
        state=HITState.OPEN,
        hit_id=published.lot_id,
        hit_type_id=published.group_id,
        opened_at=clock.now(),
        expires_at=published.expires_at,
    )
    if published.was_there:
        offered_before([hit.study_id])


@contextmanager
def _stopping(study: Study) -> Iterator[None]:
    """What a call to the recruiter raises names the study and says how far publication came."""
    try:
        yield
    except RecruiterError as error:
        raise _stopped(error, study=study) from error


def _stopped(error: RecruiterError, *, study: Study) -> RecruiterError:
    """The same error, saying how far publication came."""
    kind: type[RecruiterError] = RecruiterError
    for family in (InsufficientFundsError, *OUTCOME_UNKNOWN):
        if isinstance(error, family):
            kind = family
    rows = HIT.objects.filter(study=study)
    is_open = rows.filter(state=HITState.OPEN).count()
    remedy = _deposit(study) if kind is InsufficientFundsError else error.remedy
    return kind(
        f"publication stopped with {is_open:,} of {rows.count():,} HITs open: {error.happened}",
        item=f"study {study.name}",
        remedy=remedy or "Run the same command again, it goes on where it stopped",
    )


def _finish(summary: PublishSummary, *, study: Study, actor: AbstractBaseUser | None) -> None:
    rows = HIT.objects.filter(study=study, state=HITState.OPEN)
    summary.open = rows.count()
    summary.waiting = [str(held) for held in held_back(study)]
    if Study.objects.filter(pk=study.pk, stopped_at__isnull=False).exists():
        summary.held_back = HIT.objects.filter(study=study, state=HITState.PLANNED).count()
    summary.trials_open = HITTrial.objects.filter(hit__in=rows).count()
    audit.record(
        "publish",
        study=study,
        actor=actor,
        summary={"opened": summary.opened, "found": summary.found, "open": summary.open},
    )
