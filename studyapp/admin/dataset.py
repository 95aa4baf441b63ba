"""Image sets, classes and models; predictions are asked for here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse

from studyapp import queue
from studyapp.admin.compute_forms import ExplainForm, PredictForm
from studyapp.admin.gathered_forms import FORMS
from studyapp.admin.readonly import ReadOnlyAdmin
from studyapp.explain_in_shards import explain_in_shards
from studyapp.models import ClassList, Image, ImageSet, Job, Prediction, VisionModel
from studyapp.vocabulary import COMPUTE_VERBS

TITLES = {
    "select_examples": "Choose examples",
    "robustness": "Score saliency maps",
    "probe": "Probe the model",
}


@admin.register(ImageSet)
class ImageSetAdmin(ReadOnlyAdmin[ImageSet]):
    list_display = ["name", "class_list", "n_images", "created_at"]
    change_form_template = "admin/studyapp/imageset/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImageSet]:
        return super().get_queryset(request).annotate(n_images=Count("images"))

    @admin.display(description="Images", ordering="n_images")
    def n_images(self, image_set: ImageSet) -> int:
        return int(getattr(image_set, "n_images", 0))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.predict_view)
        explain = self.admin_site.admin_view(self.explain_view)
        ask = self.admin_site.admin_view(self.ask_view)
        own = [
            path("<int:pk>/ask/<slug:verb>/", ask, name="studyapp_imageset_ask"),
            path("<int:pk>/predict/", view, name="studyapp_imageset_predict"),
            path("<int:pk>/explain/", explain, name="studyapp_imageset_explain"),
        ]
        return [*own, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        pk = int(object_id) if object_id and object_id.isdigit() else 0
        context = {
            "jobs": _jobs(pk),
            "models": VisionModel.objects.filter(predictions__image__image_set=pk).annotate(
                n=Count("predictions")
            ),
            **(extra_context or {}),
        }
        return super().changeform_view(request, object_id, form_url, context)

    def predict_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask a compute worker for predictions."""
        user = _asker(request)
        image_set = get_object_or_404(ImageSet, pk=pk)
        form = PredictForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            arguments = {"set": image_set.name, "set_id": str(pk), **form.cleaned_data}
            queue.enqueue("predict", arguments=arguments, requested_by=user)
            messages.info(request, "Asked for. The progress is below.")
            return HttpResponseRedirect(reverse("admin:studyapp_imageset_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Predict {image_set.name}",
            "form": form,
            "image_set": image_set,
        }
        return render(request, "admin/studyapp/imageset/predict.html", context)

    def explain_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the compute workers for attention images, adversarial images or saliency maps."""
        user = _asker(request)
        image_set = get_object_or_404(ImageSet, pk=pk)
        form = ExplainForm(image_set, request.POST or None)
        if request.method == "POST" and form.is_valid():
            job = explain_in_shards(form.request(), requested_by=user)
            if job is None:
                messages.info(request, "Nothing is missing: all of it was made before.")
            else:
                messages.info(request, f"Asked for: {job.total} images. The progress is below.")
            return HttpResponseRedirect(reverse("admin:studyapp_imageset_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Explain {image_set.name}",
            "form": form,
            "image_set": image_set,
        }
        return render(request, "admin/studyapp/imageset/explain.html", context)

    def ask_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Ask the compute workers for example sets, robustness scores or probes."""
        user = _asker(request)
        image_set = get_object_or_404(ImageSet, pk=pk)
        if verb not in FORMS:
            raise Http404
        form = FORMS[verb](image_set, user=user, data=request.POST or None)
        if request.method == "POST" and form.is_valid() and form.ask() is not None:
            messages.info(request, "Asked for. The progress is below.")
            return HttpResponseRedirect(reverse("admin:studyapp_imageset_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": TITLES[verb],
            "form": form,
            "image_set": image_set,
        }
        return render(request, "admin/studyapp/imageset/ask.html", context)


def _asker(request: HttpRequest) -> User:
    """The person, who must be allowed to send compute workers to work."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("studyapp.add_prediction"):
        raise PermissionDenied
    return user


def _jobs(image_set: int) -> QuerySet[Job]:
    """The latest work on a set; what is in parts is one."""
    name = ImageSet.objects.filter(pk=image_set).values_list("name", flat=True).first()
    predict = Q(verb="predict", arguments__set_id=str(image_set))
    others = Q(verb__in=COMPUTE_VERBS - {"predict"}, arguments__set=name)
    return Job.objects.filter(predict | others, parent=None)[:5]


@admin.register(ClassList)
class ClassListAdmin(ReadOnlyAdmin[ClassList]):
    list_display = ["name", "n_classes"]


@admin.register(Image)
class ImageAdmin(ReadOnlyAdmin[Image]):
    list_display = ["image_id", "image_set", "label", "width", "height"]
    list_filter = ["image_set"]
    search_fields = ["image_id"]
    list_select_related = ["image_set", "label"]
    show_full_result_count = False


@admin.register(VisionModel)
class VisionModelAdmin(ReadOnlyAdmin[VisionModel]):
    list_display = ["name", "source", "class_list", "n_predictions", "created_at"]

    @admin.display(description="Predictions")
    def n_predictions(self, model: VisionModel) -> int:
        return Prediction.objects.filter(vision_model=model).count()
