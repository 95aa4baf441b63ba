"""Analyses of a study's votes that were not planned: named once, never changed."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from studyapp.models.study import Study
from studyapp.vocabulary import UnsureCoding


class NamedAnalysis(models.Model):
    """Another rule or timing window somebody read the votes under, with who, when and why."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="named_analyses")
    name = models.SlugField(max_length=100)
    note = models.TextField(blank=True, default="", max_length=2000)
    accept_at = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    unsure = models.CharField(max_length=10, choices=UnsureCoding)
    #: The timing window in full; an end that is null is open.
    seconds_min = models.FloatField(null=True, blank=True)
    seconds_max = models.FloatField(null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="named_analyses",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name_plural = "named analyses"
        constraints = [
            models.UniqueConstraint("study", "name", name="named_analysis_name_once"),
            models.CheckConstraint(condition=Q(accept_at__gte=1), name="named_analysis_accept_at"),
            models.CheckConstraint(
                condition=Q(seconds_min__isnull=True)
                | Q(seconds_max__isnull=True)
                | Q(seconds_min__lt=F("seconds_max")),
                name="named_analysis_window_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id}/{self.name}"
