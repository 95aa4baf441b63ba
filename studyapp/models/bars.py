"""People kept off a study: whom, why, and on which list at the recruiter that is written."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from studyapp.clock import MadeAtField
from studyapp.models.crowd import Rater
from studyapp.models.study import Condition, Study
from studyapp.vocabulary import BarKind, EntryState


class KeptOut(models.Model):
    """A person decided that this rater is not to take part in the study at all.

    Who it is stands in the rater's identity alone.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="kept_out")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=200, help_text="A file, or the study they took part in.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["study", "pk"]
        verbose_name = "rater kept out"
        verbose_name_plural = "raters kept out"
        constraints = [models.UniqueConstraint("study", "rater", name="kept_out_once")]

    def __str__(self) -> str:
        return f"{self.rater} kept out of {self.study_id}"


class Bar(models.Model):
    """A list at the recruiter: whoever is on it can take none of some of the study's lots.

    Its row, with the name that nothing else has, is there before the call that makes the list.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="bars")
    kind = models.CharField(max_length=10, choices=BarKind)
    #: Whose lots it guards; none for all of the study's.
    condition = models.ForeignKey(
        Condition, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    #: As workers read it.
    name = models.CharField(max_length=200, unique=True)
    #: The recruiter's; empty until it is known that the list was made.
    list_id = models.CharField(max_length=64, blank=True)
    #: Whether lots that were offered before there was a list ask for it too.
    closes_all = models.BooleanField(default=False)
    planned_at = MadeAtField()

    class Meta:
        ordering = ["study", "pk"]
        verbose_name = "list of people kept off"
        verbose_name_plural = "lists of people kept off"
        constraints = [
            models.UniqueConstraint("study", "kind", "condition", name="bar_once"),
            # A null condition differs from every other null.
            models.UniqueConstraint(
                "study", "kind", condition=Q(condition__isnull=True), name="bar_once_for_all"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BarEntry(models.Model):
    """One rater on a list: until when that is wanted, and what is known of the recruiter's side.

    Putting somebody on a list that they are on, or taking them off twice, changes nothing over
    there; so what nobody knows the outcome of is simply sent again.
    """

    bar = models.ForeignKey(Bar, on_delete=models.PROTECT, related_name="entries")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="+")
    #: None: for good.
    until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=EntryState, default=EntryState.PLANNED)
    planned_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    #: What the recruiter said, where it refused.
    said = models.TextField(blank=True)

    class Meta:
        ordering = ["bar", "pk"]
        verbose_name = "rater on a list"
        verbose_name_plural = "raters on lists"
        constraints = [models.UniqueConstraint("bar", "rater", name="bar_entry_once")]

    def __str__(self) -> str:
        return f"{self.rater}: {self.get_state_display()}"
