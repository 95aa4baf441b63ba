"""A study: what is asked, of whom, how answers become a verdict."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from studyapp.asking import question_type
from studyapp.drawn import selection_problem
from studyapp.models.allocation import VoteAllocation
from studyapp.models.dataset import ImageSet
from studyapp.models.predictions import VisionModel
from studyapp.models.taking_part import TakingPart
from studyapp.planned_contrasts import contrasts_of
from studyapp.vocabulary import (
    Allocation,
    ConditionKind,
    Environment,
    PopulationKind,
    QuestionKind,
    StudyState,
    UnsureCoding,
)

DEFAULT_TITLE = "Does the word fit the picture?"
DEFAULT_QUESTION = "Is {class} relevant for this image?"
#: What is no part of the protocol and may be changed in a study that runs.
FREE_WHEN_FROZEN = frozenset({"budget", "contact"})


class Wording(models.Model):
    """One version of a question's words; answers to different wordings are never mixed."""

    kind = models.CharField(max_length=20, choices=QuestionKind, default=QuestionKind.RELEVANCE)
    text = models.CharField(max_length=300)
    #: Hash over kind, text and answer options.
    version = models.CharField(max_length=64, unique=True, editable=False)

    def __str__(self) -> str:
        return self.text


class Study(VoteAllocation, TakingPart):
    # What
    name = models.SlugField(
        max_length=100,
        unique=True,
        help_text="Short: letters, digits, - and _. It stands in addresses and commands.",
    )
    title = models.CharField(
        max_length=128, help_text="What raters see in the list of HITs (128 characters at most)."
    )
    description = models.TextField(
        max_length=2000,
        default="Look at a picture and say whether a word fits it.",
        help_text="One or two sentences below the title in the list of HITs.",
    )
    keywords = models.CharField(max_length=1000, blank=True, default="image, yes or no, quick")
    image_set = models.ForeignKey(ImageSet, on_delete=models.PROTECT, related_name="studies")
    vision_models = models.ManyToManyField(
        VisionModel,
        related_name="studies",
        blank=True,
        help_text="The population: every image of the set that one of these models gets wrong.",
    )
    population = models.CharField(
        max_length=20,
        choices=PopulationKind,
        default=PopulationKind.MISTAKES,
        help_text="Which pictures are asked about; not every question fits every population.",
    )
    #: What narrows the population, as docs/reference/presets.md tells: classes, rounds, ...
    selection = models.JSONField(default=dict, blank=True)
    #: The population leaves out pairs with a vote in this study of votes gathered elsewhere.
    leaves_out = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # Question
    question = models.CharField(
        max_length=300,
        default=DEFAULT_QUESTION,
        help_text=(
            "{class} is replaced by the name of the predicted class. Questions about several "
            "classes list them below the words, which then have no {class}."
        ),
    )
    question_kind = models.CharField(
        max_length=20, choices=QuestionKind, default=QuestionKind.RELEVANCE
    )
    instructions = models.TextField(
        blank=True,
        default=(
            "You will see one picture at a time and a question about it. Answer Yes if the word "
            "fits anything in the picture, No if it does not, and Cannot tell if you cannot say."
        ),
    )
    consent_text = models.TextField(
        blank=True,
        default=(
            "This is a research study. Your answers and how long they took are stored under a "
            "code, not your name. You can stop at any time."
        ),
    )
    contact = models.CharField(
        max_length=200, blank=True, help_text="Where raters reach you: an e-mail address or a link."
    )
    # Rendering: one per study, so that models share trials.
    render_resize = models.PositiveIntegerField(
        default=256,
        validators=[MinValueValidator(16), MaxValueValidator(4096)],
        help_text="The shorter side in pixels.",
    )
    render_crop = models.PositiveIntegerField(
        default=224,
        validators=[MinValueValidator(16), MaxValueValidator(4096)],
        help_text="Side of the centre crop in pixels.",
    )
    # Who and how many
    raters_per_trial = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    accept_at = models.PositiveSmallIntegerField(
        default=4,
        validators=[MinValueValidator(1)],
        help_text="A prediction counts as right when at least this many raters say yes.",
    )
    allocation = models.CharField(
        "conditions of a rater", max_length=10, choices=Allocation, default=Allocation.EVERY
    )
    unsure = models.CharField(
        "how “cannot tell” counts",
        max_length=10,
        choices=UnsureCoding,
        default=UnsureCoding.MISSING,
    )
    seconds_min = models.FloatField(
        "fastest answer that counts (s)", null=True, blank=True, validators=[MinValueValidator(0)]
    )
    seconds_max = models.FloatField(
        "slowest answer that counts (s)", null=True, blank=True, validators=[MinValueValidator(0)]
    )
    # Analysis plan: stated before launch, part of the protocol
    planned_contrasts = models.TextField(
        blank=True,
        default="",
        max_length=4000,
        help_text=(
            "Pairs of models whose rectified errors will be compared, one a line: "
            "FIRST vs SECOND. Only these count as planned, and only these are adjusted together."
        ),
    )
    plan_note = models.TextField(
        blank=True,
        default="",
        max_length=4000,
        help_text=(
            "What you expect and how you will decide, in your words. It is stamped at launch with "
            "the rest of the protocol and printed with the report."
        ),
    )
    # Payment and publication
    environment = models.CharField(
        max_length=20, choices=Environment, default=Environment.MARKETPLACE
    )
    reward = models.DecimalField(
        "reward per HIT (USD)",
        max_digits=8,
        decimal_places=2,
        default=Decimal("0.10"),
        validators=[MinValueValidator(Decimal("0.00"))],
    )
    budget = models.DecimalField(
        "most it may cost (USD)",
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.00"))],
        help_text=(
            "With fees and bonuses. Nothing is published, extended or paid as a bonus beyond it. "
            "Empty: no limit but the account's balance."
        ),
    )
    trials_per_hit = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    assignment_minutes = models.PositiveIntegerField(
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(525600)],
        help_text="Time a rater has for one HIT.",
    )
    lifetime_days = models.PositiveIntegerField(
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text="Time a HIT stays open.",
    )
    auto_approval_hours = models.PositiveIntegerField(
        default=72,
        validators=[MaxValueValidator(720)],
        help_text="Submitted work is paid after this time even if nobody looks.",
    )
    seed = models.PositiveIntegerField(default=1, help_text="Orders trials within and across HITs.")
    # Life
    state = models.CharField(
        max_length=10, choices=StudyState, default=StudyState.DRAFT, editable=False
    )
    #: A study that only holds votes gathered elsewhere.
    imported = models.BooleanField(default=False, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="studies",
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="shared_studies",
        help_text="People besides the owner who may see and run this study.",
    )
    #: The protocol as it stood at launch, and its hash.
    protocol = models.JSONField(null=True, blank=True, editable=False)
    protocol_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    live_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: Nobody new is asked until somebody publishes or extends; collecting goes on with no groups.
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(
                condition=Q(accept_at__gte=1) & Q(accept_at__lte=F("raters_per_trial")),
                name="study_accept_at_within_raters",
                violation_error_message=(
                    "“Accept at” is larger than the raters per trial: no prediction could ever be "
                    "accepted. Lower it, or ask more raters."
                ),
            ),
            models.CheckConstraint(
                condition=Q(seconds_min__isnull=True)
                | Q(seconds_max__isnull=True)
                | Q(seconds_min__lt=F("seconds_max")),
                name="study_timing_window_in_order",
                violation_error_message="The fastest time must be below the slowest.",
            ),
            models.CheckConstraint(
                condition=Q(render_crop__lte=F("render_resize")),
                name="study_crop_within_resize",
                violation_error_message="The crop cannot be larger than the shorter side.",
            ),
            models.CheckConstraint(condition=Q(reward__gte=0), name="study_reward_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def frozen(self) -> bool:
        return self.state in (StudyState.LIVE, StudyState.CLOSED)

    @property
    def raters_per_hit(self) -> int:
        """Raters of one HIT: where each sees one condition only, so many for every condition."""
        shares = self.conditions.count() if self.allocation == Allocation.ONE else 1
        return self.raters_per_trial * shares

    def clean(self) -> None:
        self._check_question()
        self.check_allocation(
            raters=self.raters_per_trial,
            kind=self.question_kind,
            population=self.population,
            allocation=self.allocation,
        )
        if problem := selection_problem(self.selection):
            raise ValidationError({"selection": problem})
        if self.environment not in (Environment.SANDBOX, Environment.LINK) and self.reward == 0:
            raise ValidationError(
                {"reward": "Raters must be paid here: set a reward of at least 0.01."}
            )
        try:
            contrasts_of(self.planned_contrasts)
        except ValueError as error:
            raise ValidationError({"planned_contrasts": str(error)}) from error
        self.check_taking_part(allocation=self.allocation)
        self._refuse_changes_of_frozen()

    def _check_question(self) -> None:
        if self.question_kind not in QuestionKind.values:
            return  # said by the field
        asked = question_type(self.question_kind)
        if asked.slot and asked.slot not in self.question:
            name = asked.slot.strip("{}")
            raise ValidationError(
                {"question": f"The question must contain {asked.slot}, where the {name} name goes."}
            )
        if any(brace in self.question.replace(asked.slot or " ", "", 1) for brace in "{}"):
            use = f"use {asked.slot} once and no others" if asked.slot else "use none here"
            raise ValidationError({"question": f"Raters would see the braces: {use}."})
        if self.population not in asked.populations:
            fitting = ", ".join(asked.populations)
            raise ValidationError({"population": f"This question can be asked about: {fitting}."})

    def _refuse_changes_of_frozen(self) -> None:
        stored = Study.objects.filter(pk=self.pk).first() if self.pk else None
        if stored is None or not stored.frozen:
            return
        changed = [
            field.name
            for field in self._meta.concrete_fields
            if field.editable
            and field.name not in FREE_WHEN_FROZEN
            and field.to_python(getattr(self, field.attname)) != getattr(stored, field.attname)
        ]
        if changed:
            reason = f"The study is {stored.state}, so this can no longer be changed."
            raise ValidationError(dict.fromkeys(changed, reason))


class Condition(models.Model):
    """One arm of a study; the misclassification study has a single one."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="conditions")
    name = models.SlugField(max_length=60, default="whole")
    kind = models.CharField(max_length=20, choices=ConditionKind, default=ConditionKind.WHOLE_IMAGE)
    position = models.PositiveSmallIntegerField(default=0)
    #: What the kind needs: the method of its example sets, or the settings of its pictures.
    parameters = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["study", "position"]
        constraints = [models.UniqueConstraint("study", "name", name="condition_name_once")]

    def __str__(self) -> str:
        return f"{self.study_id}/{self.name}"
