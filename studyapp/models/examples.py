"""Example sets: the prototypes and criticisms that stand for a class, and how they were picked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from studyapp.models.dataset import Image, ImageSet, LabelClass
from studyapp.models.predictions import VisionModel
from studyapp.vocabulary import ExampleRole


class ExampleSet(models.Model):
    """Pictures of one class, picked by a method; the same question asked twice is one row."""

    image_set = models.ForeignKey(ImageSet, on_delete=models.CASCADE, related_name="example_sets")
    #: Whose features, probabilities or steps decided; null where nothing but chance did.
    vision_model = models.ForeignKey(
        VisionModel, null=True, blank=True, on_delete=models.CASCADE, related_name="example_sets"
    )
    label_class = models.ForeignKey(LabelClass, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    parameters_hash = models.CharField(max_length=64)
    #: Hash of the candidates: more images of the class make another set.
    candidates_hash = models.CharField(max_length=64)
    n_candidates = models.PositiveIntegerField()
    flags = models.JSONField(default=list, blank=True)
    provenance = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["image_set", "method", "label_class"]
        constraints = [
            models.UniqueConstraint(
                "image_set",
                "vision_model",
                "label_class",
                "parameters_hash",
                "candidates_hash",
                name="example_set_once",
            ),
            # A null differs from every other null, so chance has a rule of its own.
            models.UniqueConstraint(
                "image_set",
                "label_class",
                "parameters_hash",
                "candidates_hash",
                condition=Q(vision_model__isnull=True),
                name="example_set_once_by_chance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} examples of {self.label_class.name}"


class Example(models.Model):
    """One picture of a set: its role, its place, and what speaks for it."""

    example_set = models.ForeignKey(ExampleSet, on_delete=models.CASCADE, related_name="examples")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=ExampleRole)
    #: From 0, the best first.
    rank = models.PositiveIntegerField()
    #: The figures it was chosen by, by name.
    scores = models.JSONField(default=dict, blank=True)
    #: The method's rule is met; else it is the best of the rest.
    strict = models.BooleanField()

    class Meta:
        ordering = ["example_set", "-role", "rank"]
        constraints = [
            models.UniqueConstraint("example_set", "role", "rank", name="example_rank_once"),
            # No picture is both typical and untypical.
            models.UniqueConstraint("example_set", "image", name="example_image_once"),
            models.CheckConstraint(
                condition=Q(role__in=ExampleRole.values), name="example_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.rank}"
