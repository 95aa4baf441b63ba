"""Probes: an image changed on purpose, and what the model says before and after."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from studyapp.models.dataset import Image, LabelClass
from studyapp.models.predictions import VisionModel
from studyapp.vocabulary import ProbeKind


class ProbeResult(models.Model):
    """One question put beside the plain one; the same probe asked for twice is one row."""

    vision_model = models.ForeignKey(VisionModel, on_delete=models.CASCADE, related_name="probes")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="probes")
    kind = models.CharField(max_length=12, choices=ProbeKind)
    #: Number among the questions of one image, from 0: its tiles, its draws.
    part = models.PositiveIntegerField(default=0)
    parameters = models.JSONField(default=dict)
    parameters_hash = models.CharField(max_length=64)
    #: The square the model saw, and the one it was asked about then, PNG in the default storage.
    input_file = models.CharField(max_length=200)
    file = models.CharField(max_length=200)
    #: {"classes": [...], "probabilities": [...]}, the most probable first; no answer before for
    #: captions, which have no first question.
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField()
    #: The class that is followed, and its probability before and after.
    label_class = models.ForeignKey(LabelClass, on_delete=models.PROTECT, related_name="+")
    probability_before = models.FloatField(null=True, blank=True)
    probability_after = models.FloatField()
    #: Left, top, right, bottom in pixels of the square: what was covered, cut out or pasted in.
    box = models.JSONField(null=True, blank=True)
    #: The second image of a pair, and how far it is from the first, in [0, 2].
    other = models.ForeignKey(
        Image, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    distance = models.FloatField(null=True, blank=True)
    flags = models.JSONField(default=list, blank=True)
    provenance = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "vision_model", "image", "kind", "parameters_hash", "part", name="probe_once"
            ),
            models.CheckConstraint(
                condition=Q(other__isnull=True, distance__isnull=True)
                | Q(other__isnull=False, distance__isnull=False),
                name="probe_pair_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.image} by {self.vision_model}"
