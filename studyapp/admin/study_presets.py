"""A draft from a preset: which study of the papers, on which images, about which models."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.validators import validate_slug
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from studyapp.errors import QuorumError
from studyapp.models import ImageSet, Study, VisionModel
from studyapp.pipeline.new_study import new_study_from
from studyapp.presets import preset_named, presets


class PresetForm(forms.Form):
    preset = forms.ChoiceField(widget=forms.RadioSelect)
    name = forms.CharField(
        max_length=100,
        validators=[validate_slug],
        help_text="Short: letters, digits, - and _. It stands in addresses and commands.",
    )
    image_set = forms.ModelChoiceField(ImageSet.objects.order_by("name"), to_field_name="name")
    models = forms.ModelMultipleChoiceField(
        VisionModel.objects.order_by("name"),
        to_field_name="name",
        help_text="Those that predicted the images of the set.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["preset"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # declared above
        field.choices = [(preset.name, preset.name) for preset in presets()]


def from_preset(request: HttpRequest) -> HttpResponse:
    """Choose, then go on to the draft, where everything can be changed."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("studyapp.add_study"):
        raise PermissionDenied
    form = PresetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = new_study_from(
                {
                    **preset_named(values["preset"]).values,
                    "name": values["name"],
                    "set": values["image_set"].name,
                    "models": [model.name for model in values["models"]],
                },
                owner=user,
            )
        except QuorumError as error:
            messages.error(request, str(error))
        else:
            study = Study.objects.get(name=made.study)
            messages.success(request, f"Study {study.name} is a draft now: change what you like.")
            return redirect("admin:studyapp_study_change", study.pk)
    context = {
        **admin.site.each_context(request),
        "title": "New study from a preset",
        "form": form,
        "presets": presets(),
    }
    return render(request, "admin/studyapp/study/from_preset.html", context)
