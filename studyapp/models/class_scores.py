"""Class robustness scores that others published, beside those we count ourselves."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from studyapp.models.dataset import ClassList


class ClassScoreTable(models.Model):
    """A table of one model and method: for each class its score and how often it is recognised."""

    name = models.CharField(max_length=150, unique=True)
    class_list = models.ForeignKey(
        ClassList, on_delete=models.PROTECT, related_name="class_score_tables"
    )
    #: Model, method and source as the table's author names them.
    vision_model = models.CharField(max_length=150, blank=True)
    method = models.CharField(max_length=150, blank=True)
    source = models.CharField(max_length=300, blank=True)
    #: Predictions the accuracy looks at: 1 or 5; null where the author does not say.
    accuracy_k = models.PositiveSmallIntegerField(null=True, blank=True)
    #: Rows of [index of the class, crs in 0..1, accuracy in 0..1 or null], by index.
    scores = models.JSONField()
    #: SHA-256 of the file it was read from.
    file_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accuracy_k__isnull=True) | Q(accuracy_k__in=(1, 5)),
                name="class_score_accuracy_k_known",
            )
        ]

    def __str__(self) -> str:
        return self.name
