"""Keep off a study's lots, at the recruiter, whom our pages would not let begin.

Each list and each rater on it is a row before any call about it (see models/bars.py). The rows are
brought to what is wanted now, then sent as far as they differ from what the recruiter has. Our own
pages decide in the end; the lists spare people a way for nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from studyapp import clock
from studyapp.errors import RecruiterError
from studyapp.exposure import Apart, ids_everywhere, sightings
from studyapp.models import Bar, BarEntry, Condition, RaterIdentity, Study
from studyapp.plurals import counted
from studyapp.recruiters.contract import OUTCOME_UNKNOWN
from studyapp.recruiters.lists import KeepsLists
from studyapp.vocabulary import BarKind, EntryState

#: Wanted on the list, as far as its time is not over.
_PUT_ON = (EntryState.PLANNED, EntryState.SENT)
#: On the list, or nobody knows.
_MAY_BE_ON = (EntryState.SENT, EntryState.ON, EntryState.LEAVING)
_LEFT = (EntryState.LEAVING, EntryState.OFF)
_ROWS_PER_STATEMENT = 500
_FREE_AGAIN = "The time between the two is over: this study's other tasks are open to you again."
_LET_IN = "This study is open to you again."
_ABOUT = {
    BarKind.COOLDOWN: (
        "You took part in a study whose pictures would sway what you answer in these tasks. You "
        "are taken off this list {hours} hours after the last of them, and can take these tasks "
        "then. It says nothing about your work."
    ),
    BarKind.KEPT_OUT: (
        "This study asks people who did not take part in another one of its kind. It says nothing "
        "about your work."
    ),
}


@dataclass
class BarsKept:
    """What a run sent: people put on lists and taken off them, and what was refused."""

    put_on: int = 0
    taken_off: int = 0
    #: Lots on offer that were closed to lists made after they were offered.
    closed: int = 0
    troubles: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        lines = []
        if self.put_on or self.taken_off:
            on, off = counted(self.put_on, "entry", "entries"), f"{self.taken_off:,} taken off"
            lines.append(f"Lists of people kept off, at the marketplace: {on} made, {off}.")
        if self.closed:
            lots = counted(self.closed, "HIT")
            lines.append(f"Closed to a list that came after they were published: {lots}.")
        return lines


def guarded_conditions(study: Study) -> list[int | None]:
    """The conditions whose lots are guarded each by itself; [None] where a list guards them all."""
    if Apart(study).between_conditions:
        return list(study.conditions.order_by("position", "name").values_list("pk", flat=True))
    return [None]


def plan_bars(study: Study) -> list[Bar]:
    """The rows of the lists the study needs now, made where they are missing."""
    wanted: list[tuple[BarKind, int | None]] = []
    if Apart(study).matters:
        wanted += [(BarKind.COOLDOWN, condition) for condition in guarded_conditions(study)]
    if study.kept_out.exists() or study.bars.filter(kind=BarKind.KEPT_OUT).exists():
        wanted.append((BarKind.KEPT_OUT, None))
    return [_bar(study, kind=kind, condition=condition) for kind, condition in wanted]


def _bar(study: Study, *, kind: BarKind, condition: int | None) -> Bar:
    guarded = None if condition is None else Condition.objects.get(pk=condition)
    bar, _ = Bar.objects.get_or_create(
        study=study, kind=kind, condition=guarded, defaults={"name": _name(study, kind=kind)}
    )
    return bar


def barred_by(study: Study, *, condition: int | None) -> list[str]:
    """Ids of the lists that close the lots of this condition, as far as they were made."""
    bars = study.bars.filter(Q(condition=condition) | Q(condition__isnull=True)).exclude(list_id="")
    return list(bars.order_by("pk").values_list("list_id", flat=True))


def make_lists(study: Study, *, recruiter: KeepsLists) -> None:
    """Have the recruiter make the lists that the study needs. Raises RecruiterErrors."""
    for bar in plan_bars(study):
        if not bar.list_id:
            about = _ABOUT[BarKind(bar.kind)].format(hours=study.cooldown_hours)
            bar.list_id = recruiter.make_list(bar.name, description=about)
            bar.save(update_fields=["list_id"])


def keep_bars(study: Study, *, recruiter: KeepsLists) -> BarsKept:
    """Bring the recruiter's lists to what is wanted now; run again, it sends what is left.

    Refusals of single people are noted and do not keep the others from being sent. Raises
    RecruiterErrors after which nobody knows what was done.
    """
    kept = BarsKept()
    bars = [bar for bar in plan_bars(study) if bar.list_id]
    _plan_entries(study, bars=bars)
    for bar in bars:
        _send(bar, recruiter=recruiter, kept=kept)
    return kept


def waiting_entries(study: Study) -> tuple[int, int]:
    """How many entries are still to be sent, and how many to be taken back, as rows say."""
    entries, now = BarEntry.objects.filter(bar__study=study), clock.now()
    return (
        _wanted(entries, now=now).filter(state__in=_PUT_ON).count(),
        entries.exclude(pk__in=_wanted(entries, now=now)).filter(state__in=_MAY_BE_ON).count(),
    )


def _name(study: Study, *, kind: BarKind) -> str:
    """As workers read it. The last word is drawn, so that no two lists are ever called the same."""
    drawn = secrets.token_hex(4)
    if kind == BarKind.COOLDOWN:
        return (
            f"{study.name}: saw other pictures of it within {study.cooldown_hours} hours ({drawn})"
        )
    return f"{study.name}: took part in another study of its kind ({drawn})"


def _plan_entries(study: Study, *, bars: list[Bar]) -> None:
    """Write down who is to be on which list until when."""
    now = clock.now()
    seen = {bar.pk: _until_by_rater(study, bar=bar, now=now) for bar in bars}
    wanted_raters = {rater for by_rater in seen.values() for rater in by_rater}
    known = _known_here(study, raters=wanted_raters)
    for bar in bars:
        wanted: dict[int, datetime | None] = {}
        for rater, until in seen[bar.pk].items():
            here = known.get(rater)
            if here is not None:
                wanted[here] = _later(wanted.get(here, until), until)
        _store(bar, wanted=wanted, now=now)


def _until_by_rater(study: Study, *, bar: Bar, now: datetime) -> dict[int, datetime | None]:
    if bar.kind == BarKind.KEPT_OUT:
        return dict.fromkeys(study.kept_out.values_list("rater_id", flat=True))
    apart = Apart(study)
    own = apart.arm(study=study.pk, condition=bar.condition_id)
    found: dict[int, datetime | None] = {}
    for sighting in sightings(study, since=now - apart.cooldown):
        if sighting.arm != own:
            until = sighting.last + apart.cooldown
            found[sighting.rater] = _later(found.get(sighting.rater, until), until)
    return found


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two ends; None, which never comes, is the latest."""
    return None if one is None or other is None else max(one, other)


def _known_here(study: Study, *, raters: set[int]) -> Mapping[int, int]:
    """For each rater our record of the person at this study's recruiter, if it knows them.

    Who came elsewhere is found by an id that names a person everywhere: what somebody typed at a
    link bars nobody else.
    """
    here = RaterIdentity.objects.filter(provider=study.environment)
    known: dict[int, int] = {}
    wanted = sorted(raters)
    for start in range(0, len(wanted), _ROWS_PER_STATEMENT):
        part = wanted[start : start + _ROWS_PER_STATEMENT]
        ids = ids_everywhere(part)
        there = dict(here.filter(worker_id__in=ids.values()).values_list("worker_id", "rater_id"))
        known.update({rater: there[name] for rater, name in ids.items() if name in there})
        own = here.filter(rater__in=part).values_list("rater_id", flat=True)
        known.update({rater: rater for rater in own})
    return known


@transaction.atomic
def _store(bar: Bar, *, wanted: Mapping[int, datetime | None], now: datetime) -> None:
    Bar.objects.select_for_update(no_key=True).get(pk=bar.pk)
    stored = {entry.rater_id: entry for entry in bar.entries.all()}
    new = [
        BarEntry(bar=bar, rater_id=rater, until=until)
        for rater, until in wanted.items()
        if rater not in stored
    ]
    BarEntry.objects.bulk_create(new, batch_size=_ROWS_PER_STATEMENT)
    changed = []
    for rater, entry in stored.items():
        state = EntryState(entry.state)
        until: datetime | None = min(entry.until or now, now)
        if rater in wanted:
            until = wanted[rater]
            # What was refused is tried again once there is a new reason for it.
            anew = state == EntryState.REFUSED and until != entry.until
            state = EntryState.PLANNED if anew or state in _LEFT else state
        if (until, state) != (entry.until, entry.state):
            entry.until, entry.state = until, state
            changed.append(entry)
    BarEntry.objects.bulk_update(changed, ["until", "state"], batch_size=_ROWS_PER_STATEMENT)


def _wanted(entries: QuerySet[BarEntry], *, now: datetime) -> QuerySet[BarEntry]:
    return entries.filter(Q(until__isnull=True) | Q(until__gt=now))


def _send(bar: Bar, *, recruiter: KeepsLists, kept: BarsKept) -> None:
    now = clock.now()
    wanted = _wanted(bar.entries.all(), now=now)
    for entry, worker_id in _with_ids(wanted.filter(state__in=_PUT_ON)):
        _mark(entry, state=EntryState.SENT)
        call = partial(recruiter.enlist, bar.list_id, worker_id=worker_id)
        if _done(call, entry=entry, worker_id=worker_id, kept=kept, refused=EntryState.REFUSED):
            _mark(entry, state=EntryState.ON)
            kept.put_on += 1
    over = bar.entries.exclude(pk__in=wanted.values("pk"))
    over.filter(state=EntryState.PLANNED).update(state=EntryState.OFF, changed_at=now)
    why = _FREE_AGAIN if bar.kind == BarKind.COOLDOWN else _LET_IN
    for entry, worker_id in _with_ids(over.filter(state__in=_MAY_BE_ON)):
        _mark(entry, state=EntryState.LEAVING)
        call = partial(recruiter.strike, bar.list_id, worker_id=worker_id, reason=why)
        # Who cannot be taken off now is tried again: our page would let them in, the list does not.
        if _done(call, entry=entry, worker_id=worker_id, kept=kept, refused=EntryState.LEAVING):
            _mark(entry, state=EntryState.OFF)
            kept.taken_off += 1


def _with_ids(entries: QuerySet[BarEntry]) -> Iterable[tuple[BarEntry, str]]:
    """Whoever was forgotten cannot be named to the recruiter any more."""
    for entry in entries.select_related("rater__identity").order_by("pk"):
        identity = getattr(entry.rater, "identity", None)
        if identity is not None:
            yield entry, identity.worker_id


def _done(
    call: Callable[[], None],
    *,
    entry: BarEntry,
    worker_id: str,
    kept: BarsKept,
    refused: EntryState,
) -> bool:
    try:
        call()
    except OUTCOME_UNKNOWN:
        raise
    except RecruiterError as error:
        # What the recruiter says may name the person; what is kept and shown does not.
        said = error.happened.replace(worker_id, "this worker")
        BarEntry.objects.filter(pk=entry.pk).update(
            state=refused, said=said, changed_at=clock.now()
        )
        kept.troubles.append(f"{entry.rater} on a list: {said}")
        return False
    return True


def _mark(entry: BarEntry, *, state: EntryState) -> None:
    BarEntry.objects.filter(pk=entry.pk).update(state=state, said="", changed_at=clock.now())
