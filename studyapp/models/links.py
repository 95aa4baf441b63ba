"""Recruiting by link: a study's address, the lots behind it, and who has a place in which.

The rows of lots, places and bonuses are the recruiter's side of it, as a marketplace would keep
them; what the study knows of them stands in HIT and Assignment like anybody else's.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from studyapp.clock import MadeAtField
from studyapp.models.crowd import Rater, RaterIdentity
from studyapp.models.study import Study
from studyapp.return_links import check_template
from studyapp.vocabulary import USED_PLACE_STATES, LinkPlaceState

_PARAMETER = RegexValidator(
    r"\A[A-Za-z][A-Za-z0-9_-]*\Z", "A letter, then letters, digits, - and _."
)
_CODE = RegexValidator(r"\A[A-Za-z0-9_-]+\Z", "Letters, digits, - and _.")


class StudyLink(models.Model):
    """How people come to a study by its link, and how they are sent back."""

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="link")
    #: In the address; no secret, for it goes to everybody who is asked.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.SlugField(
        max_length=100,
        help_text=(
            "Whose participants these are. In studies with the same word here an id is the same "
            "person; elsewhere it is somebody else."
        ),
    )
    participant_field = models.CharField(
        max_length=40,
        default="participant",
        validators=[_PARAMETER],
        help_text="Parameter of the address with the participant's id, such as PROLIFIC_PID.",
    )
    session_field = models.CharField(
        max_length=40,
        blank=True,
        default="",
        validators=[_PARAMETER],
        help_text="Parameter with the id of this one participation, such as SESSION_ID, if any.",
    )
    tasks_each = models.PositiveSmallIntegerField(
        "HITs a person may do",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="A panel that pays once for each participation needs 1.",
    )
    invited_only = models.BooleanField(
        default=False,
        help_text="Only links made by `manage.py link STUDY --invite` work.",
    )
    completion_code = models.CharField(
        max_length=40,
        blank=True,
        default="",
        validators=[_CODE],
        help_text="The panel's code for who is done. Empty: everybody gets one of their own.",
    )
    screen_out_code = models.CharField(
        max_length=40,
        blank=True,
        default="",
        validators=[_CODE],
        help_text="For who may not take part. Empty: none is shown.",
    )
    full_code = models.CharField(
        max_length=40,
        blank=True,
        default="",
        validators=[_CODE],
        help_text="For who finds no place left. Empty: none is shown.",
    )
    return_url = models.CharField(
        "way back",
        max_length=300,
        blank=True,
        default="",
        validators=[check_template],
        help_text=(
            "Address of the panel with {code} in it, such as "
            "https://app.prolific.com/submissions/complete?cc={code}."
        ),
    )
    fee_percent = models.DecimalField(
        "fee of the panel (%)",
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(200))],
        help_text="On top of the reward, for the estimate and the budget.",
    )

    def __str__(self) -> str:
        return f"link of {self.study_id}"

    @property
    def provider(self) -> str:
        """Whose ids its participants have."""
        return f"link:{self.panel}"


class LinkGroup(models.Model):
    """The terms that lots have in common, as they were when the first of them was offered."""

    group_id = models.CharField(max_length=64, unique=True)
    terms = models.JSONField()

    def __str__(self) -> str:
        return self.group_id


class LinkLot(models.Model):
    """A lot that is offered at its study's link."""

    lot_id = models.CharField(max_length=64, unique=True)
    group = models.ForeignKey(LinkGroup, on_delete=models.PROTECT, related_name="lots")
    token = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=300)
    raters = models.PositiveSmallIntegerField()
    opened_at = MadeAtField()
    expires_at = models.DateTimeField()
    disposed_at = models.DateTimeField(null=True, blank=True)
    #: Tokens of the requests for more raters that were carried out.
    extended_by = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.lot_id


class LinkPlaceQuerySet(models.QuerySet["LinkPlace"]):
    def held(self, *, now: datetime) -> LinkPlaceQuerySet:
        """Places that nobody else can have: handed in, or somebody is at work and in time."""
        at_work = Q(state=LinkPlaceState.TAKEN, deadline__gt=now)
        return self.filter(Q(state__in=USED_PLACE_STATES) | at_work)


class LinkPlace(models.Model):
    """One participant's place in a lot. Whose time is over gives the number back, not the row."""

    lot = models.ForeignKey(LinkLot, on_delete=models.PROTECT, related_name="places")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="link_places")
    number = models.PositiveSmallIntegerField(help_text="From 0, below the raters of the lot.")
    #: Unguessable; stands for the place as an assignment id does.
    place_id = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=LinkPlaceState, default=LinkPlaceState.TAKEN)
    taken_at = models.DateTimeField()
    deadline = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    #: What was posted with the hand-in, all hostile: names to lists of values.
    fields = models.JSONField(default=dict)
    #: Shown to the participant once it is handed in, where the study has no code for all.
    code = models.CharField(max_length=40, blank=True)
    #: Why it was rejected.
    reason = models.TextField(blank=True)

    objects = LinkPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = "participant's place"
        verbose_name_plural = "participants' places"
        constraints = [
            # Five places are five different people, whatever comes at once.
            models.UniqueConstraint("lot", "rater", name="link_place_once"),
            models.UniqueConstraint(
                fields=["lot", "number"],
                condition=~Q(state=LinkPlaceState.LAPSED),
                name="link_place_number_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(USED_PLACE_STATES)) | Q(handed_in_at__isnull=False),
                name="link_place_used_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=LinkPlaceState.REJECTED) | ~Q(reason=""),
                name="link_place_rejected_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"place {self.pk}"


class LinkSession(models.Model):
    """Personal data: the panel's id of one participation. Forgotten together with the person."""

    place = models.OneToOneField(LinkPlace, on_delete=models.CASCADE, related_name="session")
    identity = models.ForeignKey(RaterIdentity, on_delete=models.CASCADE, related_name="sessions")
    session_id = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"session of {self.place_id}"


class LinkBonus(models.Model):
    """A bonus that the panel is to pay."""

    place = models.ForeignKey(LinkPlace, on_delete=models.PROTECT, related_name="bonuses")
    token = models.CharField(max_length=64, unique=True)
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    reason = models.TextField()
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "link bonuses"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="link_bonus_positive"),
        ]

    def __str__(self) -> str:
        return f"bonus for {self.place_id}"
