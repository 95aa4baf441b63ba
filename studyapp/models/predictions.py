"""Vision models and what they predict."""

from __future__ import annotations

from django.db import models

from studyapp.models.dataset import ClassList, Image, LabelClass


class VisionModel(models.Model):
    """A classifier under study, by name; `source` tells how its predictions came to be."""

    name = models.CharField(max_length=150, unique=True)
    class_list = models.ForeignKey(ClassList, on_delete=models.PROTECT, related_name="models")
    #: Architecture name, "module:callable", or "imported".
    source = models.CharField(max_length=300)
    #: SHA-256 of the weights file; empty for imported predictions.
    weights_hash = models.CharField(max_length=64, blank=True)
    #: Preparation, precision, device and library versions of the run.
    details = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Prediction(models.Model):
    """A model's first classes for one image, most probable first."""

    vision_model = models.ForeignKey(
        VisionModel, on_delete=models.CASCADE, related_name="predictions"
    )
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="predictions")
    top1 = models.ForeignKey(LabelClass, on_delete=models.PROTECT, related_name="+")
    #: Up to five class indices, best first; the first is `top1`.
    classes = models.JSONField()
    #: Their probabilities, or null where only the classes are known.
    probabilities = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("vision_model", "image", name="prediction_once"),
        ]

    def __str__(self) -> str:
        return f"{self.vision_model_id} on {self.image_id}: {self.classes}"
