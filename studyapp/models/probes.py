"""Probes: an image changed on purpose, and what the model says before and after."""

from __future__ import annotations

from django.db import models

from studyapp.models.dataset import Image
from studyapp.models.predictions import VisionModel
from studyapp.vocabulary import ProbeKind


class ProbeResult(models.Model):
    """One probe of one image; the same probe asked for twice is one row."""

    vision_model = models.ForeignKey(VisionModel, on_delete=models.CASCADE, related_name="probes")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="probes")
    kind = models.CharField(max_length=12, choices=ProbeKind)
    #: Every setting that moves the result, what the probe was aimed at among them.
    parameters = models.JSONField(default=dict)
    parameters_hash = models.CharField(max_length=64)
    #: The square the model saw, and the one it was asked about then, PNG; the second may be the
    #: same picture (captions, tiles).
    input_file = models.CharField(max_length=200)
    file = models.CharField(max_length=200)
    #: {"classes": [...], "probabilities": [...]}, the most probable first.
    before = models.JSONField()
    #: A list of the same, with what each is of under "what".
    after = models.JSONField()
    flags = models.JSONField(default=list, blank=True)
    provenance = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "vision_model", "image", "kind", "parameters_hash", name="probe_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.image_id} by {self.vision_model_id}"
