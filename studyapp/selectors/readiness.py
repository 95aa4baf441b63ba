"""What stands between a study and its launch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError

from studyapp.addresses import is_loopback
from studyapp.cost import Costs
from studyapp.drawn import unread_keys
from studyapp.models import Image, Prediction, Study
from studyapp.planned_contrasts import contrasts_of
from studyapp.selectors.known_answers import known_answer_problems
from studyapp.selectors.planned_analysis import TOP1, headline_of
from studyapp.selectors.population import population_size, study_cost
from studyapp.selectors.populations import PopulationSize, population_of
from studyapp.selectors.taking_part import taking_part_errors, taking_part_warnings
from studyapp.study_link import link_of
from studyapp.vocabulary import Environment

#: Characters below which a consent text cannot have said what it must.
SHORTEST_CONSENT = 20


@dataclass(frozen=True)
class Readiness:
    """`errors` forbid the launch; `warnings` are for the person who decides."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    size: PopulationSize
    cost: Costs


def readiness(study: Study) -> Readiness:
    """Look at everything that can be known before anybody is paid."""
    size = population_size(study)
    model_errors = (
        *_model_errors(study),
        *population_of(study).problems(study),
        *known_answer_problems(study),
    )
    return Readiness(
        errors=(
            *_field_errors(study),
            *_selection_errors(study),
            *model_errors,
            *_contrast_errors(study),
            *taking_part_errors(study),
            # Without images, what is wrong with the models or the population says why.
            *(_population_errors(size) if size.images or not model_errors else ()),
            *_address_errors(study),
        ),
        warnings=(
            *_coverage_warnings(study),
            *_population_warnings(size),
            *population_of(study).warnings(study),
            *taking_part_warnings(study),
            *_courtesy_warnings(study),
            *_link_warnings(study),
        ),
        size=size,
        cost=study_cost(study),
    )


def _field_errors(study: Study) -> Iterator[str]:
    try:
        study.full_clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            label = "" if name == "__all__" else f"{name}: "
            yield from (f"{label}{message}" for message in messages)
    if not study.conditions.exists():
        yield "it has no condition: add one in the admin, or make the study with new_study"


def _selection_errors(study: Study) -> Iterator[str]:
    """A selection that is not read would have people asked, and paid, about more than was meant."""
    if isinstance(study.selection, dict):
        kind, population = study.question_kind, study.population
        unread = unread_keys(study.selection, kind=kind, population=population)
        if unread:
            yield (
                f"its selection has {', '.join(unread)}, which means nothing for {kind} of "
                f"{population}: take it out"
            )


def _model_errors(study: Study) -> Iterator[str]:
    models = list(study.vision_models.all())
    if not models:
        yield "no model is chosen: add at least one under “vision models”"
    for model in models:
        if model.class_list_id != study.image_set.class_list_id:
            yield (
                f"model {model.name} has other classes than the image set "
                f"{study.image_set.name}: choose a model of the same class list"
            )
        elif not _predictions(study, model_pk=model.pk):
            yield (
                f"model {model.name} has no predictions on {study.image_set.name}: run predict or "
                "import_predictions first"
            )


def _contrast_errors(study: Study) -> Iterator[str]:
    names = set(study.vision_models.values_list("name", flat=True))
    try:
        planned = contrasts_of(study.planned_contrasts)
    except ValueError:
        return  # the field says so itself
    if planned and headline_of(study) != TOP1:
        yield (
            "planned contrasts compare rectified top-1 errors of models, which is not what this "
            "study counts: leave them empty, and put what you expect into the note"
        )
    for name in sorted({name for pair in planned for name in pair} - names):
        yield f"a planned contrast names {name}, which is no model of this study"


def _population_errors(size: PopulationSize) -> Iterator[str]:
    if not size.images:
        yield (
            "the population is empty: no labelled image of the set has a wrong first class. "
            "Check the labels, the predictions and the chosen models"
        )
    elif not size.showable:
        yield (
            f"none of the {size.images} images of the population has a file, so nothing can be "
            "shown: import the images with their files"
        )


def _address_errors(study: Study) -> Iterator[str]:
    url = settings.QUORUM_URL
    if url.startswith("https://"):
        return
    own = study.environment in (Environment.MARKETPLACE, Environment.LINK)
    if not own or not is_loopback(url):
        yield (
            f"the rater pages are at {url}, and raters are shown https pages only: serve the "
            "site over https and set QUORUM_URL"
        )


def _coverage_warnings(study: Study) -> Iterator[str]:
    labelled = Image.objects.filter(image_set=study.image_set_id, label__isnull=False).count()
    for model in study.vision_models.all():
        known = _predictions(study, model_pk=model.pk)
        if 0 < known < labelled:
            yield (
                f"model {model.name} has predictions on {known} of {labelled} labelled images; "
                "the rest are not in the population"
            )


def _population_warnings(size: PopulationSize) -> Iterator[str]:
    if size.showable and size.by_id_only:
        yield (
            f"{size.by_id_only} of {size.images} images of the population are known by id only: "
            "they cannot be shown and stay errors"
        )


def _courtesy_warnings(study: Study) -> Iterator[str]:
    if len(study.consent_text.strip(" .…-")) < SHORTEST_CONSENT:
        yield "the consent text says nothing: tell raters what is stored and that they may stop"
    if not study.contact.strip():
        yield "there is no contact: raters cannot reach you when something goes wrong"


def _link_warnings(study: Study) -> Iterator[str]:
    """What a link does not do by itself."""
    if study.environment != Environment.LINK:
        return
    link = link_of(study)
    if is_loopback(settings.QUORUM_URL):
        yield (
            f"the link is at {settings.QUORUM_URL}, which no other machine reaches: set QUORUM_URL"
        )
    if study.reward:
        yield (
            "a link pays nobody: pay through your panel, by the list that `manage.py panel_list "
            f"{study.name}` writes"
        )
    if not link.invited_only and not link.session_field:
        yield (
            "anybody who has the link can say any id: invite people by links of their own "
            f"(`manage.py link {study.name} --invite FILE`), or compare the list with your panel's"
        )


def _predictions(study: Study, *, model_pk: int) -> int:
    return Prediction.objects.filter(
        vision_model=model_pk,
        image__image_set=study.image_set_id,
        image__label__isnull=False,
    ).count()
