"""Artefacts of the compute workers, to look at: their pictures, figures and provenance."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from studyapp.admin.readonly import ReadOnlyAdmin
from studyapp.artefact_pictures import PICTURES, Shown, picture_response
from studyapp.models import (
    AdversarialImage,
    AttentionImage,
    ClassScoreTable,
    ExampleSet,
    ProbeResult,
    RobustnessScore,
    SaliencyMap,
)

M = TypeVar("M", bound=Model)


class PictureAdmin(ReadOnlyAdmin[M]):
    """A read-only page that begins with the pictures of its row."""

    change_form_template = "admin/studyapp/artefact/change_form.html"
    list_per_page = 30
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.picture_view)
        own = path("<int:pk>/picture/<slug:name>/", view, name=self._picture_url())
        return [own, *super().get_urls()]

    def _picture_url(self) -> str:
        return f"studyapp_{self.opts.model_name}_picture"

    def picture_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """The bytes of one picture, for those who may see the row."""
        row = self.get_object(request, str(pk))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        return picture_response(row, name=name)

    def pictures(self, row: M) -> list[Shown]:
        return PICTURES[self.model](row)

    def address(self, row: M, *, name: str) -> str:
        return reverse(f"admin:{self._picture_url()}", args=[row.pk, name])

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id or "")
        context: dict[str, Any] = {}
        if row is not None and self.has_view_permission(request, row):
            shown = self.pictures(row)
            context["pictures"] = [
                {"at": self.address(row, name=each.name), "shown": each} for each in shown
            ]
            context |= self.more(row)
        return super().changeform_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def more(self, row: M) -> dict[str, Any]:
        """What else stands above the fields."""
        return {}

    @admin.display(description="Picture")
    def preview(self, row: M) -> SafeString:
        text = f"{self.opts.verbose_name} {row.pk}"
        return format_html(
            '<img class="artefact-preview" src="{}" alt="{}" width="64" height="64"'
            ' loading="lazy">',
            self.address(row, name=self.preview_name),
            text,
        )

    preview_name = "input"

    @admin.display(description="Flags")
    def marks(self, row: M) -> str:
        flags: list[str] = getattr(row, "flags", [])
        return ", ".join(flags)


class ArtefactAdmin(PictureAdmin[M]):
    list_filter = ["method", "vision_model", "image__image_set"]
    search_fields = ["image__image_id"]
    list_select_related = ["image", "vision_model", "label_class"]


@admin.register(AttentionImage)
class AttentionImageAdmin(ArtefactAdmin[AttentionImage]):
    list_display = ["preview", "image", "vision_model", "label_class", "method", "fit", "marks"]
    preview_name = "attention"

    @admin.display(description="R2", ordering="r2")
    def fit(self, row: AttentionImage) -> str:
        return f"{row.r2:.2f}"

    def more(self, row: AttentionImage) -> dict[str, Any]:
        """The weights as bars, the strongest first."""
        largest = max((abs(weight) for weight in row.weights), default=0) or 1
        order = sorted(range(len(row.weights)), key=lambda number: -row.weights[number])
        bars = [
            {
                "number": number,
                "weight": row.weights[number],
                "share": round(100 * abs(row.weights[number]) / largest, 1),
                "is_shown": number in row.shown,
            }
            for number in order
        ]
        return {"bars": bars}


@admin.register(AdversarialImage)
class AdversarialImageAdmin(ArtefactAdmin[AdversarialImage]):
    list_display = [
        "preview",
        "image",
        "vision_model",
        "label_class",
        "steps_to_flip",
        "flip_survives",
        "final_survives",
        "marks",
    ]
    preview_name = "input"


@admin.register(SaliencyMap)
class SaliencyMapAdmin(ArtefactAdmin[SaliencyMap]):
    list_display = ["preview", "image", "vision_model", "label_class", "method", "constant"]
    preview_name = "map"

    def more(self, row: SaliencyMap) -> dict[str, Any]:
        return {"scores": row.robustness_scores.order_by("-pk")}


@admin.register(RobustnessScore)
class RobustnessScoreAdmin(ReadOnlyAdmin[RobustnessScore]):
    list_display = ["saliency_map", "image", "vision_model", "label", "score", "area", "undefined"]
    list_filter = ["undefined", "saliency_map__method", "saliency_map__vision_model"]
    search_fields = ["saliency_map__image__image_id"]
    list_select_related = [
        "saliency_map__image",
        "saliency_map__vision_model",
        "saliency_map__label_class",
    ]
    show_full_result_count = False

    @admin.display(description="Image")
    def image(self, row: RobustnessScore) -> str:
        return str(row.saliency_map.image)

    @admin.display(description="Model")
    def vision_model(self, row: RobustnessScore) -> str:
        return str(row.saliency_map.vision_model)

    @admin.display(description="Class")
    def label(self, row: RobustnessScore) -> str:
        return str(row.saliency_map.label_class)


@admin.register(ClassScoreTable)
class ClassScoreTableAdmin(ReadOnlyAdmin[ClassScoreTable]):
    list_display = ["name", "vision_model", "method", "n_classes", "accuracy_k", "source"]
    search_fields = ["name", "vision_model"]

    @admin.display(description="Classes")
    def n_classes(self, row: ClassScoreTable) -> int:
        return len(row.scores)


@admin.register(ExampleSet)
class ExampleSetAdmin(PictureAdmin[ExampleSet]):
    list_display = ["label_class", "method", "vision_model", "image_set", "n_examples", "marks"]
    list_filter = ["method", "vision_model", "image_set"]
    search_fields = ["label_class__name"]
    list_select_related = ["label_class", "vision_model", "image_set"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExampleSet]:
        return super().get_queryset(request).annotate(n_examples=Count("examples"))

    @admin.display(description="Pictures", ordering="n_examples")
    def n_examples(self, row: ExampleSet) -> int:
        return int(getattr(row, "n_examples", 0))


@admin.register(ProbeResult)
class ProbeResultAdmin(PictureAdmin[ProbeResult]):
    list_display = [
        "preview",
        "kind",
        "image",
        "vision_model",
        "label_class",
        "before_to_after",
        "marks",
    ]
    list_filter = ["kind", "vision_model", "image__image_set"]
    search_fields = ["image__image_id"]
    list_select_related = ["image", "vision_model", "label_class"]
    preview_name = "probed"

    @admin.display(description="Probability", ordering="probability_after")
    def before_to_after(self, row: ProbeResult) -> str:
        """Of the class that is followed."""
        after = f"{row.probability_after:.1%}"
        before = row.probability_before
        return after if before is None else f"{before:.1%} → {after}"

    def more(self, row: ProbeResult) -> dict[str, Any]:
        names = dict(row.vision_model.class_list.classes.values_list("index", "name"))

        def said(answer: dict[str, Any] | None) -> list[tuple[str, float]]:
            found = answer or {"classes": [], "probabilities": []}
            pairs = zip(found["classes"], found["probabilities"], strict=True)
            return [(names.get(index, str(index)), probability) for index, probability in pairs]

        return {"answers": [("Before", said(row.before)), ("After", said(row.after))]}
