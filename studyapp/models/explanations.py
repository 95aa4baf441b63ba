"""What the compute workers made of an image for one class: each artefact once, files by content."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from studyapp.models.dataset import Image, LabelClass
from studyapp.models.predictions import VisionModel


class Artefact(models.Model):
    """One image, model, class and set of parameters: work done twice is one row."""

    vision_model = models.ForeignKey(
        VisionModel, on_delete=models.CASCADE, related_name="%(class)ss"
    )
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="%(class)ss")
    #: The class that is explained, or attacked.
    label_class = models.ForeignKey(LabelClass, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=40)
    #: Every setting that moves the result, and their hash (`identity.canonical_hash`).
    parameters = models.JSONField(default=dict)
    parameters_hash = models.CharField(max_length=64)
    #: The square the model saw, PNG in the default storage.
    input_file = models.CharField(max_length=200)
    #: What a study may have to leave out, in words of explain.
    flags = models.JSONField(default=list, blank=True)
    #: `explain.provenance.Provenance` as plain values.
    provenance = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "vision_model",
                "image",
                "label_class",
                "parameters_hash",
                name="%(class)s_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.method} of {self.image} by {self.vision_model}"


class AttentionImage(Artefact):
    """A local linear surrogate: what each superpixel weighs, and the picture of the strongest."""

    #: The strongest positive superpixels on the background, PNG.
    file = models.CharField(max_length=200)
    #: Number of each pixel's superpixel, from 0: PNG of 8 bits, or 16 where there are over 256.
    segments_file = models.CharField(max_length=200)
    #: Frames 1..K of the explanation path side by side, PNG; null where nothing is positive.
    path_file = models.CharField(max_length=200, null=True, blank=True)
    #: The model's probability of the class at each frame.
    path_probabilities = models.JSONField(default=list, blank=True)
    weights = models.JSONField(help_text="Weight of each superpixel, by its number.")
    #: Numbers of the superpixels that are shown, the strongest first.
    shown = models.JSONField(default=list, blank=True)
    n_positive = models.PositiveIntegerField()
    intercept = models.FloatField()
    #: How well the surrogate fits the model, at most 1; 0 where the response is constant.
    r2 = models.FloatField()
    local_prediction = models.FloatField()
    #: Of the class, on the whole image.
    probability = models.FloatField()


class AdversarialImage(Artefact):
    """An image pushed away from its label step by step, and when the model gave in."""

    #: Whether the model predicted the label at the start; only then was it attacked.
    admitted = models.BooleanField()
    #: Of the label, before the attack and after the last step that was taken.
    probability = models.FloatField()
    label_probability = models.FloatField()
    #: Steps until another class was first; null where the label was still first at the end.
    steps_to_flip = models.PositiveIntegerField(null=True, blank=True)
    #: The image at its first flip, PNG as it is shown; null where it did not flip.
    flip_file = models.CharField(max_length=200, null=True, blank=True)
    #: What the model says to that file, whose pixels have 8 bits, and whether it is still wrong.
    flip_class = models.ForeignKey(
        LabelClass, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    flip_survives = models.BooleanField(null=True, blank=True)
    #: The same of the image after the last step; null where it left at its flip.
    final_file = models.CharField(max_length=200, null=True, blank=True)
    final_class = models.ForeignKey(
        LabelClass, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    final_survives = models.BooleanField(null=True, blank=True)
    #: By picture ("flip", "final"), as computed and as stored: first classes with probabilities,
    #: and the distances linf and l2 from the original, of channels in [0, 1].
    readings = models.JSONField(default=dict, blank=True)

    class Meta(Artefact.Meta):
        constraints = [
            *Artefact.Meta.constraints,
            models.CheckConstraint(
                condition=Q(steps_to_flip__isnull=True, flip_file__isnull=True)
                | Q(steps_to_flip__gte=1, flip_file__isnull=False, flip_class__isnull=False),
                name="adversarial_flip_is_shown",
            ),
            models.CheckConstraint(
                condition=Q(admitted=True) | Q(steps_to_flip__isnull=True),
                name="adversarial_flip_was_admitted",
            ),
        ]


class SaliencyMap(Artefact):
    """Where the model finds its evidence for a class."""

    #: float32 [S, S] in [0, 1], the array `map` of an .npz in the default storage.
    file = models.CharField(max_length=200)
    #: The map before it was enlarged, rows of numbers in [0, 1].
    grid = models.JSONField()
    #: The map has one value everywhere: it points nowhere, and is stored as zeros.
    constant = models.BooleanField(default=False)


class RobustnessScore(models.Model):
    """The share of a saliency map that lies on the object, or why there is none."""

    saliency_map = models.ForeignKey(
        SaliencyMap, on_delete=models.CASCADE, related_name="robustness_scores"
    )
    #: The boxes in pixels of the square, and their hash: other boxes are another score.
    boxes = models.JSONField()
    parameters_hash = models.CharField(max_length=64)
    score = models.FloatField(null=True, blank=True)
    #: Why there is no score; empty where there is one.
    undefined = models.CharField(max_length=60, blank=True)
    #: Share of the square inside the boxes: the score of a map that is the same everywhere.
    area = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("saliency_map", "parameters_hash", name="robustness_once"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) & ~Q(undefined="")
                | Q(score__gte=0, score__lte=1, undefined=""),
                name="robustness_scored_or_said_why_not",
            ),
        ]

    def __str__(self) -> str:
        return self.undefined or f"{self.score:.3f}"
