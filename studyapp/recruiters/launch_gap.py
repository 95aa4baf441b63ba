"""Which lots may be offered by now, where conditions are launched one after the other.

A condition may go out once every lot of the conditions before it has been out for the study's
`launch_gap_hours`. It is asked of its first lot alone: what has begun is not held up again by lots
that are added to an earlier condition later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Min, Q

from studyapp import clock
from studyapp.errors import StudyError
from studyapp.models import HIT, Study, Trial
from studyapp.vocabulary import HITState


@dataclass(frozen=True)
class Held:
    """A condition that waits for others; `until` is None while their lots are not all out."""

    condition: int
    name: str
    behind: str
    until: datetime | None

    def __str__(self) -> str:
        if self.until is None:
            return f"{self.name} waits until all of {self.behind} is out"
        return f"{self.name} can be published from {self.until:%Y-%m-%d %H:%M:%S} UTC on"


def conditions_of_lots(study: Study) -> dict[int, int | None]:
    """The condition of each lot, by their keys; None for one that holds several.

    Told by what is asked in earnest: a known answer of another condition opens no lot early.
    """
    earnest = Q(hit_trials__trial__known_answer="")
    rows = HIT.objects.filter(study=study).annotate(
        first=Min("hit_trials__trial__condition", filter=earnest),
        last=Max("hit_trials__trial__condition", filter=earnest),
    )
    return {
        pk: first if first == last else None
        for pk, first, last in rows.order_by("lot").values_list("pk", "first", "last")
    }


def held_back(study: Study) -> list[Held]:
    """The conditions that may not be offered yet, in their order."""
    if not study.launch_gap_hours:
        return []
    out = _out_since(study)
    gap, now = timedelta(hours=study.launch_gap_hours), clock.now()
    held: list[Held] = []
    before: list[tuple[str, datetime | None]] = []
    for pk, name in study.conditions.order_by("position", "name").values_list("pk", "name"):
        if pk not in out:
            continue  # it has nothing to ask, so nothing waits for it
        begun, complete = out[pk].begun, out[pk].complete
        unfinished = [behind for behind, since in before if since is None]
        ends = [since + gap for _, since in before if since is not None]
        if not begun and unfinished:
            held.append(Held(pk, name, behind=unfinished[0], until=None))
        elif not begun and ends and max(ends) > now:
            held.append(Held(pk, name, behind=before[-1][0], until=max(ends)))
        before.append((name, complete))
    return held


def due(study: Study, hits: Iterable[HIT], *, begins: bool = True) -> list[HIT]:
    """Those of the lots that may be offered by now. Raises StudyError where all of them wait.

    Without `begins`, lots of a later condition of which nothing is out are left to somebody who
    publishes it: what only goes on by itself begins nothing.
    """
    hits = list(hits)
    held = held_back(study)
    waiting = {each.condition for each in held}
    if not begins:
        waiting |= _not_begun(study)
    if not waiting:
        return hits
    conditions = conditions_of_lots(study)
    found = [hit for hit in hits if conditions[hit.pk] not in waiting]
    if held and hits and not found:
        raise StudyError(
            f"{'; '.join(map(str, held))}: its conditions are launched {study.launch_gap_hours} "
            "hours apart. Nothing was published",
            item=f"study {study.name}",
            remedy=f"Run `manage.py publish {study.name}` again then",
        )
    return found


def to_launch(study: Study) -> bool:
    """Whether lots of a later condition wait only for being sent, their time having come.

    That is what may be done without anybody: the first condition is somebody's to publish, and
    only lots that are written down, and so within the budget, are meant.
    """
    unsent = HIT.objects.filter(study=study, state__in=[HITState.PLANNED, HITState.SENDING])
    # The rest reads all lots, which is too much for every tick once everything is out.
    if not (study.launch_gap_hours and study.launches_by_itself and unsent.exists()):
        return False
    out, names = _out_since(study), study.conditions.order_by("position", "name")
    in_order = [pk for pk in names.values_list("pk", flat=True) if pk in out]
    if not in_order or not out[in_order[0]].begun:
        return False
    held = {each.condition for each in held_back(study)}
    conditions = conditions_of_lots(study)
    later = set(in_order[1:]) - held
    return any(conditions[pk] in later for pk in unsent.values_list("pk", flat=True))


def _not_begun(study: Study) -> set[int]:
    if not study.launch_gap_hours:
        return set()
    out = _out_since(study)
    return {pk for pk, one in out.items() if not one.begun}


@dataclass(frozen=True)
class _Out:
    """Of a condition: whether any of it is out, and since when all of it."""

    begun: bool
    complete: datetime | None


def _out_since(study: Study) -> Mapping[int, _Out]:
    """Of each condition with trials."""
    opened: dict[int, list[datetime | None]] = {}
    moments = dict(HIT.objects.filter(study=study).values_list("pk", "opened_at"))
    for hit, condition in conditions_of_lots(study).items():
        if condition is not None:
            opened.setdefault(condition, []).append(moments[hit])
    # Trials that are in no lot yet are not out either.
    loose = Trial.objects.filter(condition__study=study, hit_trials__isnull=True, known_answer="")
    for condition in loose.order_by().values_list("condition", flat=True).distinct():
        opened.setdefault(condition, []).append(None)
    found: dict[int, _Out] = {}
    for condition, since in opened.items():
        known = [moment for moment in since if moment is not None]
        found[condition] = _Out(
            begun=bool(known), complete=max(known) if len(known) == len(since) else None
        )
    return found
