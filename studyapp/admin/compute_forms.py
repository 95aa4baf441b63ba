"""What a page asks for before a compute worker is sent to work."""

from __future__ import annotations

from typing import Any

from django import forms

from studyapp.errors import InputError
from studyapp.explanation import ExplainRequest, make_request, settings_of
from studyapp.model_code import refuse_unknown_code
from studyapp.models import ImageSet, VisionModel
from studyapp.vocabulary import ExplanationKind


class PredictForm(forms.Form):
    """What `manage.py predict` asks for."""

    model = forms.RegexField(
        r"^[A-Za-z_][\w.]*(:[A-Za-z_][\w.]*)?$",
        help_text="A torchvision architecture such as resnet101, or a module:callable that the "
        "operator allows by the setting MODEL_CALLABLES.",
    )
    weights = forms.CharField(
        required=False,
        help_text="File on the compute machine. Empty: torchvision's own weights.",
    )
    name = forms.CharField(
        required=False, max_length=150, help_text="What to call the model. Empty: as the file."
    )

    def clean_model(self) -> str:
        model: str = self.cleaned_data["model"]
        try:
            refuse_unknown_code(model)
        except InputError as error:
            raise forms.ValidationError(str(error)) from error
        return model


class ExplainForm(forms.Form):
    """What `manage.py explain` asks for most often; the terminal takes every setting."""

    kind = forms.ChoiceField(choices=ExplanationKind.choices)
    model = forms.ModelChoiceField(
        VisionModel.objects.none(),
        to_field_name="name",
        help_text="A model that predicted this set.",
    )
    method = forms.CharField(
        required=False,
        help_text="Saliency: grad_cam_pp, smooth_grad_cam_pp or score_cam. Attention: lime_v1 or "
        "lasso_ols. Empty: the first of these.",
    )
    n_samples = forms.IntegerField(
        required=False,
        min_value=2,
        label="Samples",
        help_text="Attention: perturbed images per image, 1000 if empty. Other kinds: leave empty.",
    )
    weights = forms.CharField(
        required=False,
        help_text="File on the compute machines, where it is not the one that predict was given.",
    )

    def __init__(self, image_set: ImageSet, data: Any = None) -> None:
        super().__init__(data)
        self.image_set = image_set
        field = self.fields["model"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # declared above
        predicted = VisionModel.objects.filter(predictions__image__image_set=image_set)
        field.queryset = predicted.exclude(source="imported").distinct()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        options = {"method": cleaned["method"] or None, "n_samples": cleaned["n_samples"]}
        try:
            refuse_unknown_code(cleaned["model"].source)
            cleaned["settings"] = settings_of(cleaned["kind"], options=options)
        except InputError as error:
            raise forms.ValidationError(str(error)) from error
        return cleaned

    def request(self) -> ExplainRequest:
        """The request of a valid form."""
        values = self.cleaned_data
        return make_request(
            self.image_set.name,
            model=values["model"].name,
            settings=values["settings"],
            weights=values["weights"],
        )
