"""Where a rater stands in a HIT: the order of trials, what is answered, what comes next."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Count, Max, Q
from django.db.models.functions import Coalesce

from studyapp.models import HIT, Assignment, HITTrial, TimingEvent, Vote
from studyapp.vocabulary import TimingEventKind
from studyapp.voting.errors import BadAnswerError


@dataclass(frozen=True)
class Seat:
    """Who sits before which HIT. The assignment's row may not exist yet."""

    hit: UUID
    assignment_id: str
    rater: int


@dataclass(frozen=True)
class Slot:
    """A trial at its place in one rater's order, from 0."""

    position: int
    trial: int
    question: int


@dataclass(frozen=True)
class Given:
    """A stored answer, as far as the next one needs it."""

    sequence: int
    #: Letter by letter.
    answer: str
    #: Time it claims: active where the browser told it, else since it was shown.
    seconds: float | None
    presented_at: datetime | None


@dataclass(frozen=True)
class Traces:
    """What the events of one trial tell: how many, when it was last shown, whether it failed."""

    events: int
    shown_at: datetime | None
    failed: bool


@dataclass(frozen=True)
class Sitting:
    """The state of one assignment, read in three queries."""

    slots: tuple[Slot, ...]
    votes: Mapping[int, Sequence[Given]]
    traces: Mapping[int, Traces]
    #: Trial of the last vote, the only one that may be taken back.
    last: int | None = None

    @cached_property
    def left(self) -> list[Slot]:
        """Trials without an answer, in order. One whose image did not load is not asked again."""
        return [slot for slot in self.slots if not self._settled(slot.trial)]

    @property
    def finished(self) -> bool:
        return not self.left

    def slot(self, trial: int) -> Slot:
        for slot in self.slots:
            if slot.trial == trial:
                return slot
        raise BadAnswerError("the answer is about a picture that is not part of this task")

    def given(self, trial: int) -> Sequence[Given]:
        return self.votes.get(trial, ())

    def shown_at(self, trial: int) -> datetime | None:
        traces = self.traces.get(trial)
        return traces.shown_at if traces else None

    @property
    def claimed_seconds(self) -> float:
        """Time that the votes so far have claimed."""
        return sum(vote.seconds or 0 for votes in self.votes.values() for vote in votes)

    def began(self, started_at: datetime) -> datetime:
        """When the work began.

        The row of a rater who agreed before is made with the first answer, whose picture was on the
        screen earlier.
        """
        shown = (vote.presented_at for votes in self.votes.values() for vote in votes)
        return min([started_at, *(moment for moment in shown if moment is not None)])

    @property
    def events(self) -> int:
        return sum(traces.events for traces in self.traces.values())

    def _settled(self, trial: int) -> bool:
        traces = self.traces.get(trial)
        return trial in self.votes or (traces is not None and traces.failed)


def draw(hit: HIT, *, assignment_id: str, rater: int, what: object) -> bytes:
    """A draw of its own for each rater and thing, from the study's seed and the assignment.

    It needs no storing, and coming back finds it unchanged.
    """
    text = f"{hit.study.seed}/{assignment_id}/{rater}/{what}"
    return hashlib.sha256(text.encode()).digest()


def ordered_slots(
    hit: HIT, *, assignment_id: str, rater: int, condition: int | None = None
) -> tuple[Slot, ...]:
    """The HIT's trials in this rater's own order, so that effects of order average out.

    condition: key of the one whose trials this rater sees; None for all.
    """
    trials = HITTrial.objects.filter(hit=hit)
    if condition is not None:
        trials = trials.filter(trial__condition=condition)
    rows = trials.values_list("trial_id", "trial__question_id")
    drawn = sorted(
        rows, key=lambda row: draw(hit, assignment_id=assignment_id, rater=rater, what=row[0])
    )
    return tuple(Slot(at, trial=trial, question=asked) for at, (trial, asked) in enumerate(drawn))


def fresh_sitting(hit: HIT, *, seat: Seat, condition: int | None = None) -> Sitting:
    """The sitting of somebody who has not begun."""
    slots = ordered_slots(
        hit, assignment_id=seat.assignment_id, rater=seat.rater, condition=condition
    )
    return Sitting(slots=slots, votes={}, traces={})


def read_sitting(assignment: Assignment) -> Sitting:
    """The sitting as stored. The assignment comes with its HIT and study."""
    votes: dict[int, list[Given]] = {}
    last = None
    rows = Vote.objects.filter(assignment=assignment).order_by("pk")
    claimed = Coalesce("active_seconds", "seconds")
    columns = ("trial_id", "sequence", "answer_raw", claimed, "presented_at")
    for trial, sequence, answer, seconds, presented in rows.values_list(*columns):
        if trial is not None:
            votes.setdefault(trial, []).append(Given(sequence, answer, seconds, presented))
            last = trial
    slots = ordered_slots(
        assignment.hit,
        assignment_id=assignment.assignment_id,
        rater=assignment.rater_id,
        condition=assignment.condition_id,
    )
    return Sitting(slots=slots, votes=votes, traces=_traces(assignment), last=last)


def _traces(assignment: Assignment) -> dict[int, Traces]:
    rows = (
        TimingEvent.objects.filter(assignment=assignment)
        .values("trial_id")
        .annotate(
            events=Count("pk"),
            shown_at=Max("server_at", filter=Q(kind=TimingEventKind.SHOWN)),
            failed=Count("pk", filter=Q(kind=TimingEventKind.IMAGE_FAILED)),
        )
    )
    return {
        row["trial_id"]: Traces(row["events"], row["shown_at"], failed=row["failed"] > 0)
        for row in rows
    }
