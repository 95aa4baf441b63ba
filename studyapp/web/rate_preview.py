"""The rater's page of a study for its researchers, before there is anything to rate."""

from __future__ import annotations

import base64

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from studyapp.errors import ImageInputError
from studyapp.models import Image, Prediction, Study, Trial
from studyapp.rendering import render
from studyapp.selectors.studies import get_study
from studyapp.voting.sitting import Sitting, Slot
from studyapp.web.rate_frame import page_policy, rate_page
from studyapp.web.rate_pages import about
from studyapp.web.rate_trials import LARGEST_SCALE, Shown, shown_trials, split_question

#: Trials in a preview; their pictures are rendered while the researcher waits.
MOST_SHOWN = 5


@require_safe
@xframe_options_sameorigin
def preview_study(request: HttpRequest, name: str) -> HttpResponse:
    """The first trials of the study on the rater's page, walked through with nothing stored.

    `?page=welcome` shows what comes before them.
    """
    study = get_study(request.user, name=name)
    trials = _existing(study) or _rendered(study)
    words = about(study, n_trials=study.trials_per_hit)
    back = reverse("admin:studyapp_study_change", args=[study.pk])
    ways: dict[str, object] = {"study": study, "way_back": back}
    if request.GET.get("page") == "welcome":
        response = rate_page("consent", {**words, **ways, "inert": True})
    elif trials:
        response = rate_page("trial", {**_context(study, trials=trials), **ways})
    else:
        response = rate_page("nothing", ways)
    response.headers["Content-Security-Policy"] = page_policy(
        images="'self' data:", ancestors="'self'"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _context(study: Study, *, trials: list[Shown]) -> dict[str, object]:
    return {
        "shown": trials[0],
        "total": len(trials),
        "inert": True,
        "page": {
            "preview": True,
            "total": len(trials),
            "trials": [trial.as_json() for trial in trials],
            "last": None,
            "workUrl": reverse("study-preview", args=[study.name]),
        },
    }


def _existing(study: Study) -> list[Shown]:
    rows = Trial.objects.filter(condition__study=study, question__stimulus__file__isnull=False)
    pks = rows.order_by("pk").values_list("pk", flat=True)[:MOST_SHOWN]
    slots = [Slot(at, trial=pk, question=0) for at, pk in enumerate(pks)]
    return shown_trials(slots, sitting=Sitting(slots=tuple(slots), votes={}, traces={}))


def _rendered(study: Study) -> list[Shown]:
    """What would be asked: mistakes of the study's models, rendered as the study says."""
    mistakes = (
        Prediction.objects.filter(
            vision_model__in=study.vision_models.all(),
            image__image_set=study.image_set,
            image__file__isnull=False,
            image__label__isnull=False,
        )
        .exclude(top1=F("image__label"))
        .select_related("image", "top1")
        .order_by("image__image_id", "top1__index")
    )
    before, after = split_question(study.question)
    shown: list[Shown] = []
    asked = set()
    for mistake in mistakes[: 4 * MOST_SHOWN]:
        pair = (mistake.image_id, mistake.top1_id)
        address = None if pair in asked else _data_address(mistake.image, study=study)
        asked.add(pair)
        if address is None:
            continue
        shown.append(
            Shown(
                trial=mistake.pk,
                number=len(shown) + 1,
                sequence=0,
                image=address,
                width=study.render_crop * LARGEST_SCALE,
                height=study.render_crop * LARGEST_SCALE,
                before=before,
                class_name=mistake.top1.prompt_name,
                after=after,
            )
        )
        if len(shown) == MOST_SHOWN:
            break
    return shown


def _data_address(image: Image, *, study: Study) -> str | None:
    """The rendered picture inside the page; None where its file is gone or damaged."""
    try:
        picture = render(image, resize=study.render_resize, crop=study.render_crop)
    except ImageInputError:
        return None
    return "data:image/png;base64," + base64.b64encode(picture).decode("ascii")
