"""What a page asks for before compute workers choose examples, score maps or probe a model."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import User

from studyapp.errors import InputError
from studyapp.explanation import make_request, settings_of
from studyapp.model_code import refuse_unknown_code
from studyapp.models import ImageSet, Job, SaliencyMap, Study, VisionModel
from studyapp.probe_in_shards import probe_in_shards
from studyapp.probing import ProbeRequest
from studyapp.robustness_in_shards import robustness_in_shards
from studyapp.select_in_shards import select_in_shards
from studyapp.selection import CONDITIONS, SelectionRequest
from studyapp.selectors.studies import visible_studies
from studyapp.vocabulary import ProbeKind

_WEIGHTS = "File on the compute machines, where it is not the one that predict was given."


class GatheredForm(forms.Form):
    """A form about one image set; what cannot be done is said on the page."""

    intro: ClassVar[str]
    #: What is missing before anything can be asked for; empty where nothing is.
    lacking = ""

    def __init__(self, image_set: ImageSet, *, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.image_set, self.user = image_set, user
        if isinstance(field := self.fields.get("model"), forms.ModelChoiceField):
            predicted = VisionModel.objects.filter(predictions__image__image_set=image_set)
            field.queryset = predicted.exclude(source="imported").distinct()

    def ask(self) -> Job | None:
        """Ask the workers; None, with the form's error, where that cannot be."""
        try:
            return self._ask()
        except InputError as error:
            self.add_error(None, str(error))
            return None

    def _ask(self) -> Job:
        """Each form's own question; InputError says why it cannot be asked."""
        raise NotImplementedError

    def _model(self) -> str | None:
        model: VisionModel | None = self.cleaned_data["model"]
        if model is None:
            return None
        refuse_unknown_code(model.source)
        return model.name


class ExamplesForm(GatheredForm):
    """What `manage.py select_examples` asks for most often."""

    intro = (
        "Chooses the pictures that stand for each class. adversarial needs adversarial images "
        "with the usual steps; mmd and confidence ask the model; uniform draws."
    )
    condition = forms.ChoiceField(
        choices=[
            (name, f"{each.method}: {each.prototypes} prototypes, {each.criticisms} criticisms")
            for name, each in CONDITIONS.items()
        ]
    )
    model = forms.ModelChoiceField(
        VisionModel.objects.none(),
        to_field_name="name",
        required=False,
        help_text="A model that predicted this set. uniform needs none.",
    )
    avoid = forms.ModelChoiceField(
        Study.objects.none(),
        to_field_name="name",
        required=False,
        label="Leave out the pictures of",
        help_text="A study, whose pictures are never shown as examples.",
    )
    weights = forms.CharField(required=False, help_text=_WEIGHTS)

    def __init__(self, image_set: ImageSet, *, user: User, data: Any = None) -> None:
        super().__init__(image_set, user=user, data=data)
        field = self.fields["avoid"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # declared above
        field.queryset = visible_studies(user)

    def _ask(self) -> Job:
        values = self.cleaned_data
        condition = CONDITIONS[values["condition"]]
        chance = condition.method == "uniform"
        request = SelectionRequest(
            self.image_set.name,
            condition.method,
            model=None if chance else self._model(),
            prototypes=condition.prototypes,
            criticisms=condition.criticisms,
            avoid=values["avoid"].name if values["avoid"] else None,
            weights=values["weights"] or None,
        )
        return select_in_shards(request, requested_by=self.user)


class RobustnessForm(GatheredForm):
    """Which of the saliency maps that are there `manage.py robustness` is to score."""

    intro = "Scores saliency maps with the boxes of the objects, and from these the classes."
    maps = forms.ChoiceField(help_text="Maps that were made of this set.")

    def __init__(self, image_set: ImageSet, *, user: User, data: Any = None) -> None:
        super().__init__(image_set, user=user, data=data)
        rows = SaliencyMap.objects.filter(image__image_set=image_set).order_by()
        found = rows.values_list("vision_model__name", "parameters_hash", "parameters")
        self.known: dict[str, tuple[str, dict[str, Any]]] = {
            f"{model}/{digest[:12]}": (model, parameters)
            for model, digest, parameters in found.distinct()
        }
        if not self.known:
            self.lacking = "There are no saliency maps of this set yet."
        field = self.fields["maps"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # declared above
        field.choices = sorted(
            (key, f"{model}: {_in_words(parameters)}")
            for key, (model, parameters) in self.known.items()
        )

    def _ask(self) -> Job:
        model, parameters = self.known[self.cleaned_data["maps"]]
        settings = settings_of("saliency", options=parameters)
        request = make_request(self.image_set.name, model=model, settings=settings)
        return robustness_in_shards(request, requested_by=self.user)


class ProbeForm(GatheredForm):
    """What `manage.py probe` asks for, but for objects to paste in: they are files."""

    intro = (
        "Changes the pictures on purpose and asks the model again. Pasting an object in needs a "
        "file: manage.py probe --kind insertion."
    )
    kind = forms.ChoiceField(
        choices=[each for each in ProbeKind.choices if each[0] != ProbeKind.INSERTION]
    )
    model = forms.ModelChoiceField(
        VisionModel.objects.none(),
        to_field_name="name",
        help_text="A model that predicted this set.",
    )
    rows = forms.IntegerField(
        required=False, min_value=1, max_value=16, label="Rows of tiles", help_text="2 if empty."
    )
    columns = forms.IntegerField(
        required=False, min_value=1, max_value=16, label="Columns of tiles", help_text="2 if empty."
    )
    n_pairs = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=10_000,
        label="Number of pairs",
        help_text="6 if empty.",
    )
    weights = forms.CharField(required=False, help_text=_WEIGHTS)

    def _ask(self) -> Job:
        values = self.cleaned_data
        request = ProbeRequest(
            self.image_set.name,
            self._model() or "",
            ProbeKind(values["kind"]),
            {name: values[name] for name in ("rows", "columns", "n_pairs")},
            weights=values["weights"] or None,
        )
        return probe_in_shards(request, requested_by=self.user)


def _in_words(parameters: dict[str, Any]) -> str:
    """`grad_cam_pp, fp32`: the values of settings that say something."""
    return ", ".join(str(value) for value in parameters.values() if value is not None)


FORMS: dict[str, type[GatheredForm]] = {
    "select_examples": ExamplesForm,
    "robustness": RobustnessForm,
    "probe": ProbeForm,
}
