"""Raters and the lots of trials they take."""

from __future__ import annotations

import uuid

from django.db import models

from studyapp.clock import MadeAtField
from studyapp.models.study import Condition, Study
from studyapp.models.trials import Trial
from studyapp.vocabulary import AssignmentState, Environment, HITState


class Rater(models.Model):
    """Our record of a person; who it is stands apart, in RaterIdentity."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    #: Votes of a test rater are stored and never count.
    is_test = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"rater {self.public_id.hex[:8]}"


class RaterIdentity(models.Model):
    """Personal data: the marketplace's id of a rater. Deleting the row forgets the person."""

    rater = models.OneToOneField(Rater, on_delete=models.CASCADE, related_name="identity")
    #: Environment, or "import:<study>" for votes gathered elsewhere.
    provider = models.CharField(max_length=130)
    worker_id = models.CharField(max_length=200)

    class Meta:
        verbose_name_plural = "rater identities"
        constraints = [models.UniqueConstraint("provider", "worker_id", name="identity_once")]

    def __str__(self) -> str:
        return f"identity of {self.rater_id}"


class Consent(models.Model):
    """A rater agreed to a study's consent text, of which the hash is kept."""

    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="consents")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="consents")
    text_hash = models.CharField(max_length=64)
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("rater", "study", "text_hash", name="consent_once"),
        ]

    def __str__(self) -> str:
        return f"consent of {self.rater_id} to {self.study_id}"


class HIT(models.Model):
    """A lot of trials. The row and its token exist before the call that publishes it."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="hits")
    lot = models.PositiveIntegerField(help_text="Number of the lot within the study, from 0.")
    environment = models.CharField(max_length=20, choices=Environment)
    state = models.CharField(max_length=10, choices=HITState, default=HITState.PLANNED)
    #: Sent as UniqueRequestToken and inside RequesterAnnotation: finds the HIT again.
    request_token = models.CharField(max_length=64, unique=True)
    #: Unguessable name of the lot in the rater page's address.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    raters = models.PositiveSmallIntegerField(help_text="Assignments asked for.")
    hit_type_id = models.CharField(max_length=64, blank=True)
    hit_id = models.CharField(max_length=64, null=True, blank=True, unique=True)
    planned_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    #: When the recruiter last told of everything that was handed in for it.
    asked_at = models.DateTimeField(null=True, blank=True)
    #: Whether its trials were offered again because they were undecided, and decided ones not.
    only_undecided = models.BooleanField(default=False)
    trials = models.ManyToManyField(Trial, through="HITTrial", related_name="hits")

    class Meta:
        ordering = ["study", "lot"]
        verbose_name = "HIT"
        constraints = [models.UniqueConstraint("study", "lot", name="hit_once_per_lot")]

    def __str__(self) -> str:
        return f"HIT {self.study_id}/{self.lot}"

    @property
    def provider(self) -> str:
        """Whose ids its workers have: of a panel, for two panels may use the same ids."""
        if self.environment != Environment.LINK:
            return self.environment
        link = getattr(self.study, "link", None)
        return link.provider if link else f"link:{self.study.name}"


class HITTrial(models.Model):
    hit = models.ForeignKey(HIT, on_delete=models.PROTECT, related_name="hit_trials")
    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="hit_trials")
    position = models.PositiveSmallIntegerField()
    #: The how-manieth time the trial is offered, from 0. A known answer, which many lots hold, has
    #: the number of the lot here.
    turn = models.PositiveIntegerField(default=0)
    #: Which of the lots that share the raters of this turn.
    part = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["hit", "position"]
        constraints = [
            models.UniqueConstraint("hit", "position", name="hit_position_once"),
            models.UniqueConstraint("hit", "trial", name="trial_in_hit_once"),
            # Whoever plans a turn twice, or twice at once, plans it once.
            models.UniqueConstraint("trial", "turn", "part", name="trial_turn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.hit_id}[{self.position}]"


class Assignment(models.Model):
    """One rater's take on a HIT.

    The marketplace may hand the same assignment id to another worker after a return, so the
    worker is part of the key.
    """

    hit = models.ForeignKey(HIT, on_delete=models.PROTECT, related_name="assignments")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="assignments")
    assignment_id = models.CharField(max_length=64)
    #: The one this rater sees, where raters are shared out among conditions.
    condition = models.ForeignKey(
        Condition, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    state = models.CharField(
        max_length=10, choices=AssignmentState, default=AssignmentState.WORKING
    )
    #: Posted with the submission; proves that it came from our page.
    nonce = models.UUIDField(default=uuid.uuid4, editable=False)
    is_test = models.BooleanField(default=False)
    started_at = MadeAtField()
    finished_at = models.DateTimeField(null=True, blank=True)
    #: Times of the marketplace.
    accepted_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("hit", "assignment_id", "rater", name="assignment_once"),
        ]

    def __str__(self) -> str:
        return f"assignment {self.pk}"
