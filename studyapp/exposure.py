"""Who saw pictures of which condition, from when to when: what a cooldown is reckoned from.

One definition serves the page that lets raters in, the lists at the recruiter and the votes that do
not count. A rater sees a condition's pictures from the moment they begin a HIT of it. Once it is
handed in they have seen them until their last answer; until then, for as long as there is time to
answer. A study named in `cooldown_studies` counts like one more condition.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
from django.db.models import BigIntegerField, Count, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from studyapp.analytics import exposed
from studyapp.models import Assignment, HITTrial, RaterIdentity, Study, Vote
from studyapp.taking_part import words_of
from studyapp.time_allowed import MARGIN
from studyapp.vocabulary import HANDED_IN_STATES, Allocation

#: What was seen: a condition of the study, or a study by its key with condition 0.
Arm = tuple[int, int]
#: As Mechanical Turk, and whoever speaks its protocol, names workers.
_EVERYWHERE = re.compile(r"A[A-Z0-9]{9,63}")
#: Begins the provider of whoever came by a link.
_BY_LINK = "link:"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
ROWS_PER_FETCH = 5_000
#: SQLite takes no more parameters in one than some thousands.
ROWS_PER_STATEMENT = 500


@dataclass(frozen=True)
class Sighting:
    """One rater's time with the pictures of one arm."""

    rater: int
    arm: Arm
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Apart:
    """What a study keeps apart."""

    study: Study

    @property
    def cooldown(self) -> timedelta:
        return timedelta(hours=self.study.cooldown_hours)

    @cached_property
    def between_conditions(self) -> bool:
        """Whether one rater may come to several of its conditions at all."""
        return self.study.allocation == Allocation.EVERY and self.study.conditions.count() > 1

    @cached_property
    def others(self) -> frozenset[int]:
        """Keys of the other studies whose pictures it is kept apart from."""
        names = set(words_of(self.study.cooldown_studies)) - {self.study.name}
        return frozenset(Study.objects.filter(name__in=names).values_list("pk", flat=True))

    @cached_property
    def matters(self) -> bool:
        return self.study.cooldown_hours > 0 and (self.between_conditions or bool(self.others))

    def arm(self, *, study: int, condition: int | None) -> Arm:
        """All of a study is one arm where its conditions are not kept apart."""
        own = study == self.study.pk and self.between_conditions
        return study, (condition or 0) if own else 0


def sightings(
    study: Study, *, raters: Collection[int] | None = None, since: datetime | None = None
) -> list[Sighting]:
    """What was seen of everything the study keeps apart.

    raters: keys of those asked about; None for all. since: leave out what was over by then.
    """
    apart = Apart(study)
    if not apart.matters:
        return []
    first_place = HITTrial.objects.filter(hit=OuterRef("hit")).order_by("position")
    rows = Assignment.objects.filter(hit__study__in=[study.pk, *apart.others])
    if raters is not None:
        rows = rows.filter(rater__in=raters)
    if since is not None:
        # Nobody sees anything for longer than the longest of the times allowed.
        longest = rows.aggregate(n=Max("hit__study__assignment_minutes"))["n"] or 0
        rows = rows.filter(started_at__gt=since - timedelta(minutes=longest) - MARGIN)
    found = rows.annotate(
        shown=Coalesce(
            "condition",
            Subquery(first_place.values("trial__condition")[:1]),
            output_field=BigIntegerField(),
        ),
        last_vote=Max("votes__submitted_at"),
    ).values_list(
        "rater_id",
        "hit__study_id",
        "shown",
        "state",
        "started_at",
        "last_vote",
        "hit__study__assignment_minutes",
    )
    seen = []
    for rater, where, condition, state, began, last_vote, minutes in found:
        handed_in = state in HANDED_IN_STATES and last_vote is not None
        end = last_vote if handed_in else began + timedelta(minutes=minutes) + MARGIN
        # A vote's time is the server's too, but what was made up by hand may be older.
        end = max(end, began)
        if since is None or end > since:
            arm = apart.arm(study=where, condition=condition)
            seen.append(Sighting(rater, arm, first=began, last=end))
    return seen


def free_from(
    study: Study, *, condition: int | None, raters: Collection[int], now: datetime
) -> datetime | None:
    """When this person may see pictures of the condition; None if they may by now.

    raters: all our records of the person.
    """
    apart = Apart(study)
    own = apart.arm(study=study.pk, condition=condition)
    ends = [
        seen.last
        for seen in sightings(study, raters=raters, since=now - apart.cooldown)
        if seen.arm != own
    ]
    return max(ends) + apart.cooldown if ends else None


def exposed_votes(study: Study) -> npt.NDArray[np.int64]:
    """Keys, rising, of the study's votes that came within its cooldown of something else."""
    seen = sightings(study)
    people = same_people(sighting.rater for sighting in seen)
    arms: dict[int, set[Arm]] = {}
    for sighting in seen:
        arms.setdefault(people[sighting.rater], set()).add(sighting.arm)
    # Most raters never come to a second arm: their votes need not be looked at.
    wanted = {rater for rater, person in people.items() if len(arms[person]) > 1}
    if not wanted:
        return np.zeros(0, dtype=np.int64)
    votes = np.array(list(_votes(study, raters=wanted)), dtype=np.int64).reshape(-1, 4)
    apart = Apart(study)
    number = _Numbers()
    kept = [sighting for sighting in seen if sighting.rater in wanted]
    flags = exposed(
        [number("person", people[int(rater)]) for rater in votes[:, 1]],
        arm=[
            number("arm", apart.arm(study=study.pk, condition=int(condition)))
            for condition in votes[:, 2]
        ],
        at=votes[:, 3],
        seen_by=[number("person", people[sighting.rater]) for sighting in kept],
        seen_arm=[number("arm", sighting.arm) for sighting in kept],
        first=[_microseconds(sighting.first) for sighting in kept],
        last=[_microseconds(sighting.last) for sighting in kept],
        cooldown=apart.cooldown // _MICROSECOND,
    )
    return np.sort(votes[flags, 0])


def same_people(raters: Iterable[int]) -> dict[int, int]:
    """For each rater one key that all our records of the person share.

    An id of the form that marketplaces give is one person's at whichever recruiter it turns up; any
    other is known within its own place alone, where it has one record. So has who was forgotten.
    """
    wanted = sorted(set(raters))
    ids = ids_everywhere(wanted)
    first: dict[str, int] = {}
    for rater, worker_id in sorted(ids.items()):
        first.setdefault(worker_id, rater)
    return {rater: first.get(ids.get(rater, ""), rater) for rater in wanted}


def ids_everywhere(raters: Iterable[int]) -> dict[int, str]:
    """The ids of those who have one that is theirs at every recruiter, by key of the rater."""
    wanted = sorted(set(raters))
    ids: dict[int, str] = {}
    for start in range(0, len(wanted), ROWS_PER_STATEMENT):
        rows = _recruited().filter(rater__in=wanted[start : start + ROWS_PER_STATEMENT])
        ids.update(
            (rater, worker_id)
            for rater, worker_id, provider in rows.values_list("rater_id", "worker_id", "provider")
            if _everywhere(worker_id, provider=provider)
        )
    return ids


def raters_of(worker_id: str, *, provider: str) -> list[int]:
    """All our records of the person whom `provider` knows by this id."""
    rows = _recruited().filter(worker_id=worker_id)
    if _everywhere(worker_id, provider=provider):
        rows = rows.exclude(provider__startswith=_BY_LINK)
    else:
        rows = rows.filter(provider=provider)
    return list(rows.order_by("rater").values_list("rater", flat=True))


def _everywhere(worker_id: str, *, provider: str) -> bool:
    """Whether the id is the person's at other recruiters too; at a link anybody may type any id."""
    return not provider.startswith(_BY_LINK) and bool(_EVERYWHERE.fullmatch(worker_id))


def records_of(rater: int) -> list[int]:
    """All our records of the person behind this one."""
    known = _recruited().filter(rater=rater).values_list("worker_id", "provider").first()
    return raters_of(known[0], provider=known[1]) if known else [rater]


def exposure_stand(study: Study) -> Mapping[str, object]:
    """What the study's exposures depend on besides its own rows, in a few numbers."""
    apart = Apart(study)
    if not apart.matters:
        return {}
    there = Assignment.objects.filter(hit__study__in=sorted(apart.others))
    people = _recruited().order_by("pk").values_list("pk", flat=True)
    return {
        "kept_apart": [
            tuple(map(str, row))
            for row in there.values_list("hit__study", "state")
            .annotate(
                # Work that moves on to another state need not be the newest in either.
                n=Count("pk", distinct=True),
                latest=Max("pk"),
                last=Max("votes__submitted_at"),
            )
            .order_by("hit__study", "state")
        ],
        "people": (people.count(), people.last()),
    }


def _recruited() -> QuerySet[RaterIdentity]:
    """Names in a file of votes gathered elsewhere are nobody's at a recruiter."""
    return RaterIdentity.objects.exclude(provider__startswith="import:")


def _votes(study: Study, *, raters: set[int]) -> Iterable[tuple[int, int, int, int]]:
    rows = Vote.objects.filter(study=study, assignment__isnull=False, submitted_at__isnull=False)
    columns = rows.annotate(shown=F("trial__condition")).values_list(
        "pk", "rater_id", "shown", "submitted_at"
    )
    for vote, rater, condition, at in columns.iterator(chunk_size=ROWS_PER_FETCH):
        if rater in raters and at is not None:
            yield vote, rater, condition or 0, _microseconds(at)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


class _Numbers:
    """Numbers things from 0, each kind by itself, in the order they come up."""

    def __init__(self) -> None:
        self._known: dict[str, dict[object, int]] = {}

    def __call__(self, kind: str, thing: object) -> int:
        known = self._known.setdefault(kind, {})
        return known.setdefault(thing, len(known))
