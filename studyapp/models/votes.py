"""The vote ledger. A vote is never changed and never deleted; what does not count says why."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from studyapp.clock import MadeAtField
from studyapp.models.crowd import Assignment, Rater
from studyapp.models.study import Study
from studyapp.models.trials import Question, Trial
from studyapp.vocabulary import Answer, TimingEventKind


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete a vote."""


class AppendOnlyQuerySet(models.QuerySet["Vote"]):
    """Refuses what would change the past; database triggers refuse it again below."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("votes are append-only: add a superseding vote or an exclusion")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("votes are append-only: add an exclusion")


class Vote(models.Model):
    """One rater's answer to one question."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="votes")
    #: Without an index of its own, like trial and assignment: those below begin with them, and
    #: leave out the null of votes gathered elsewhere, of which there may be millions.
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="votes", db_index=False)
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="votes")
    #: Null where the study does not ask this question today (imported votes).
    trial = models.ForeignKey(
        Trial,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="votes",
        db_index=False,
    )
    assignment = models.ForeignKey(
        Assignment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="votes",
        db_index=False,
    )
    #: What the rule counts: the answer as the question type reads it.
    answer = models.CharField(max_length=10, choices=Answer)
    #: The answer as it was given or imported, letter by letter.
    answer_raw = models.CharField(max_length=40)
    #: Server clock: when the trial was shown and when the answer arrived.
    presented_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    #: submitted_at - presented_at; the given figure for imported votes; null where unknown.
    seconds = models.FloatField(null=True, blank=True)
    #: Browser clock: from the painted image to the answer, without the time the page was hidden.
    active_seconds = models.FloatField(null=True, blank=True)
    #: 0 for the first answer to a trial in an assignment, 1 for the one that supersedes it, ...
    sequence = models.PositiveSmallIntegerField(default=0)
    #: Place of the trial within its HIT.
    position = models.PositiveSmallIntegerField(null=True, blank=True)
    #: Identifies an imported row, so that importing it again adds nothing.
    import_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    #: The question id the source used, if any.
    source_question = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "assignment",
                "trial",
                "sequence",
                condition=Q(assignment__isnull=False),
                name="vote_once",
            ),
            models.CheckConstraint(
                condition=Q(assignment__isnull=False) | Q(import_key__isnull=False),
                name="vote_has_a_source",
            ),
            models.CheckConstraint(
                condition=Q(seconds__isnull=True) | Q(seconds__gte=0), name="vote_seconds_sane"
            ),
        ]
        indexes = [
            models.Index(fields=["study", "question"]),
            models.Index(fields=["trial"], condition=Q(trial__isnull=False), name="vote_trial"),
        ]

    def __str__(self) -> str:
        return f"{self.answer} on question {self.question_id}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("votes are append-only: add an exclusion")


class TimingEvent(models.Model):
    """What happened on the rater's page, by the browser's clock, with the server's beside it."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="events")
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=TimingEventKind)
    #: Milliseconds since the page's own start (performance.now), as the browser says.
    client_ms = models.FloatField()
    server_at = MadeAtField()

    def __str__(self) -> str:
        return f"{self.kind} at {self.client_ms:.0f} ms"


class ManualExclusion(models.Model):
    """A person decided that a vote does not count, and why."""

    vote = models.OneToOneField(Vote, on_delete=models.PROTECT, related_name="manual_exclusion")
    note = models.TextField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.note


class Exclusion(models.Model):
    """Why a vote does not count. Derived by filter_votes from votes and the study's rules."""

    vote = models.OneToOneField(Vote, on_delete=models.PROTECT, related_name="exclusion")
    #: Name of an analytics.ExclusionReason.
    reason = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.reason
