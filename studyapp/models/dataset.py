"""Images, the classes they may show, and what is known to be in them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class ClassList(models.Model):
    """An ordered list of classes, shared by every image set and model that uses the same one."""

    name = models.CharField(max_length=100)
    content_hash = models.CharField(max_length=64, unique=True, editable=False)
    n_classes = models.PositiveIntegerField(editable=False)

    def __str__(self) -> str:
        return f"{self.name} ({self.n_classes} classes)"


class LabelClass(models.Model):
    """One class: `index` is its place in the list, `wnid` its stable id, names may repeat."""

    class_list = models.ForeignKey(ClassList, on_delete=models.CASCADE, related_name="classes")
    index = models.PositiveIntegerField()
    wnid = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    all_names = models.TextField(blank=True)
    #: The name as a rater reads it: with its gloss where the plain name occurs twice.
    prompt_name = models.CharField(max_length=400, editable=False)

    class Meta:
        ordering = ["class_list", "index"]
        verbose_name_plural = "label classes"
        constraints = [
            models.UniqueConstraint("class_list", "index", name="label_class_index_once"),
            models.UniqueConstraint("class_list", "wnid", name="label_class_wnid_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.index})"


class ImageSet(models.Model):
    name = models.SlugField(max_length=100, unique=True)
    class_list = models.ForeignKey(ClassList, on_delete=models.PROTECT, related_name="image_sets")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Image(models.Model):
    """One image of a set. Without a file it is known by its id only: analysed, never shown."""

    image_set = models.ForeignKey(ImageSet, on_delete=models.CASCADE, related_name="images")
    image_id = models.CharField(max_length=300)
    #: SHA-256 of the file's bytes; null for an image known by id only.
    content_hash = models.CharField(max_length=64, null=True, blank=True, db_index=True)
    #: Name in the default storage; equal content is stored once.
    file = models.CharField(max_length=200, null=True, blank=True)
    #: Pixels after the EXIF orientation is applied.
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    #: The annotated class; null for an unlabelled image.
    label = models.ForeignKey(
        LabelClass, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["image_set", "image_id"]
        constraints = [
            models.UniqueConstraint("image_set", "image_id", name="image_id_once_per_set"),
            models.CheckConstraint(
                condition=Q(content_hash__isnull=True, file__isnull=True)
                | Q(content_hash__isnull=False, file__isnull=False),
                name="image_file_has_hash",
            ),
        ]

    def __str__(self) -> str:
        return self.image_id


class RealLabel(models.Model):
    """A class that is right for an image ("reassessed label"); may include the label itself."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="real_labels")
    label_class = models.ForeignKey(LabelClass, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint("image", "label_class", name="real_label_once"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id}: {self.label_class_id}"


class Box(models.Model):
    """A bounding box in pixels of the upright original image, 0-based and half-open."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="boxes")
    label_class = models.ForeignKey(
        LabelClass, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    x0 = models.FloatField()
    y0 = models.FloatField()
    x1 = models.FloatField()
    y1 = models.FloatField()

    class Meta:
        verbose_name_plural = "boxes"
        constraints = [
            models.CheckConstraint(
                condition=Q(x0__gte=0, y0__gte=0, x1__gt=F("x0"), y1__gt=F("y0")),
                name="box_is_not_empty",
            ),
            models.UniqueConstraint(
                "image", "label_class", "x0", "y0", "x1", "y1", name="box_once"
            ),
        ]

    def __str__(self) -> str:
        return f"({self.x0:g}, {self.y0:g}) to ({self.x1:g}, {self.y1:g})"
