"""What is shown and what is asked about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from studyapp.models.dataset import Image, LabelClass
from studyapp.models.study import Condition, Wording
from studyapp.vocabulary import Answer, StimulusKind

#: What a trial with a known answer can have for one.
KNOWN_ANSWERS = [(Answer.YES.value, Answer.YES.label), (Answer.NO.value, Answer.NO.label)]


class Stimulus(models.Model):
    """A picture as shown, identified by the hash of its content and of how it was rendered.

    `elsewhere` stands for a showing we have no pixels of: votes gathered by others.
    """

    stimulus_hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, choices=StimulusKind, default=StimulusKind.RENDERED)
    #: One image with this content; equal content in other sets shares the stimulus.
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="stimuli")
    #: Name in the default storage; null for `elsewhere`.
    file = models.CharField(max_length=200, null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    #: How it was rendered, for the record.
    rendering = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "stimuli"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=StimulusKind.ELSEWHERE, file__isnull=True)
                | Q(kind=StimulusKind.RENDERED, file__isnull=False),
                name="stimulus_rendered_has_file",
            )
        ]

    def __str__(self) -> str:
        return self.stimulus_hash[:12]


class Question(models.Model):
    """The key of the vote ledger: one thing asked about one stimulus in one wording.

    That is a class, or a subject where it is no single class: a list, six groups of pictures.
    """

    stimulus = models.ForeignKey(Stimulus, on_delete=models.PROTECT, related_name="questions")
    label_class = models.ForeignKey(
        LabelClass, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    wording = models.ForeignKey(Wording, on_delete=models.PROTECT, related_name="questions")
    #: As the question type defines it, and `identity.subject_hash` of it; null and empty for a
    #: class.
    subject = models.JSONField(null=True, blank=True)
    subject_hash = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint("stimulus", "label_class", "wording", name="question_once"),
            # A null class differs from every other null, so subjects have a rule of their own.
            models.UniqueConstraint(
                "stimulus",
                "subject_hash",
                "wording",
                condition=~Q(subject_hash=""),
                name="question_once_by_subject",
            ),
            models.CheckConstraint(
                condition=Q(label_class__isnull=False, subject_hash="")
                | (Q(label_class__isnull=True) & ~Q(subject_hash="")),
                name="question_is_about_a_class_or_a_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"


class Trial(models.Model):
    """A question asked in a condition of a study, shared by every model with that mistake."""

    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="trials")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="trials")
    #: The right answer, where it is known and the trial is there to look at raters; else empty.
    known_answer = models.CharField(
        max_length=10, blank=True, default="", db_default="", choices=KNOWN_ANSWERS
    )

    class Meta:
        constraints = [models.UniqueConstraint("condition", "question", name="trial_once")]

    def __str__(self) -> str:
        return f"trial {self.pk}"
