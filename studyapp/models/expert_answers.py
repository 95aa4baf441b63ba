"""What experts answer to questions of a study, given beside it at any time."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from studyapp.models.dataset import Image, LabelClass
from studyapp.models.study import Study


class ExpertAnswer(models.Model):
    """Whether a class is right for an image, to hold a study's raters against; never a vote."""

    class Said(models.TextChoices):
        YES = "yes"
        NO = "no"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="expert_answers")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")
    label_class = models.ForeignKey(LabelClass, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=3, choices=Said)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("study", "image", "label_class", name="expert_answer_once"),
            models.CheckConstraint(
                condition=models.Q(answer__in=["yes", "no"]), name="expert_answer_yes_or_no"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_id}, {self.label_class_id}: {self.answer}"
