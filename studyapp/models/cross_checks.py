"""The blind cross-check: a frozen sample of decided questions, and a researcher's own answers."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from studyapp.models.study import Study
from studyapp.models.trials import Question
from studyapp.models.votes import AppendOnlyError
from studyapp.vocabulary import Answer, CheckedVerdict, UnsureCoding

_REFUSAL = "a cross-check is append-only: a later answer supersedes an earlier one"


class FrozenQuerySet(models.QuerySet[Any]):
    """Refuses what would change the past; database triggers refuse it again below."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(_REFUSAL)

    def delete(self) -> NoReturn:
        raise AppendOnlyError(_REFUSAL)


class CrossCheck(models.Model):
    """The one sample of a study: drawn once, under the rule and verdicts of that moment."""

    study = models.OneToOneField(Study, on_delete=models.PROTECT, related_name="cross_check")
    seed = models.PositiveIntegerField()
    #: The rule and timing window the verdicts are of.
    accept_at = models.PositiveSmallIntegerField()
    unsure = models.CharField(max_length=10, choices=UnsureCoding)
    seconds_min = models.FloatField(null=True, blank=True)
    seconds_max = models.FloatField(null=True, blank=True)
    #: What there was to draw from: decided questions whose picture can be shown.
    n_accepted = models.PositiveIntegerField()
    n_rejected = models.PositiveIntegerField()
    #: Decided questions whose picture is not here, so that nobody can look at them.
    n_not_shown = models.PositiveIntegerField()
    drawn_at = models.DateTimeField(auto_now_add=True)
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"cross-check of {self.study_id}"


class CrossCheckItem(models.Model):
    """A question of the sample, with the verdict that whoever answers does not see."""

    check_of = models.ForeignKey(CrossCheck, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=CheckedVerdict)

    objects = FrozenQuerySet.as_manager()

    class Meta:
        ordering = ["check_of", "position"]
        constraints = [
            models.UniqueConstraint("check_of", "position", name="cross_check_position_once"),
            models.UniqueConstraint("check_of", "question", name="cross_check_question_once"),
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id}[{self.position}]"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(_REFUSAL)


class CrossCheckAnswer(models.Model):
    """What a researcher says; the one with the highest sequence counts."""

    item = models.ForeignKey(CrossCheckItem, on_delete=models.PROTECT, related_name="answers")
    sequence = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=10, choices=Answer)
    given_at = models.DateTimeField(auto_now_add=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = FrozenQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("item", "sequence", name="cross_check_answer_once"),
            models.CheckConstraint(
                condition=Q(answer__in=Answer.values), name="cross_check_answer_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer} on item {self.item_id}"

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(_REFUSAL)
