"""The rater's page of a study for its researchers, before there is anything to rate."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from studyapp.asking import question_type
from studyapp.errors import ImageInputError
from studyapp.imaging import open_upright
from studyapp.models import LabelClass, Study, Trial
from studyapp.rendering import render_picture
from studyapp.selectors.populations import Asked, Picture, population_of
from studyapp.selectors.studies import get_study
from studyapp.voting.sitting import Sitting, Slot
from studyapp.web.rate_frame import page_policy, rate_page
from studyapp.web.rate_pages import about
from studyapp.web.rate_trials import (
    LARGEST_SCALE,
    Shown,
    classes_of,
    shown_trials,
    things_of,
    worded,
)

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
        missing = list(population_of(study).problems(study))
        response = rate_page("nothing", {**ways, "missing": missing})
    response.headers["Content-Security-Policy"] = page_policy(
        images="'self' data:", ancestors="'self'"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _context(study: Study, *, trials: list[Shown]) -> dict[str, object]:
    return {
        "asked": question_type(study.question_kind),
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
    """What would be asked: the first pictures of the population, rendered as the study says."""
    asked = question_type(study.question_kind)
    names = dict(study.image_set.class_list.classes.values_list("index", "prompt_name"))
    shown: list[Shown] = []
    for picture, one in islice(_wanted(study), 4 * MOST_SHOWN):
        content = _content(picture, study=study)
        if content is None:
            continue
        width, height = _size(picture, study=study, content=content)
        class_name = _class_name(one)
        things = things_of(one.subject, names=names)
        question, answers = worded(
            asked,
            text=study.question,
            class_name=class_name,
            things=things,
            classes=classes_of(one.subject, names=names),
        )
        shown.append(
            Shown(
                trial=len(shown) + 1,
                number=len(shown) + 1,
                sequence=0,
                image="data:image/png;base64," + base64.b64encode(content).decode("ascii"),
                width=width * LARGEST_SCALE,
                height=height * LARGEST_SCALE,
                class_name=class_name,
                question=question,
                answers=answers,
            )
        )
        if len(shown) == MOST_SHOWN:
            break
    return shown


def _wanted(study: Study) -> Iterator[tuple[Picture, Asked]]:
    """Pictures of each condition with what is asked. Groups of pictures wait for their trials: none
    of theirs is rendered before."""
    for condition in study.conditions.all():
        for pictures in islice(population_of(study).pictures(study, condition), 1):
            for picture in sorted(pictures, key=lambda each: each.image.image_id):
                for one in picture.asked:
                    if not (one.subject and one.subject.get("groups")):
                        yield picture, one


def _class_name(one: Asked) -> str:
    label = LabelClass.objects.filter(pk=one.label_class or 0).first()
    return label.prompt_name if label else ""


def _content(picture: Picture, *, study: Study) -> bytes | None:
    """The rendered picture; None where its file is gone or damaged."""
    try:
        return render_picture(picture, study=study)
    except ImageInputError:
        return None


def _size(picture: Picture, *, study: Study, content: bytes) -> tuple[int, int]:
    if picture.made is None:
        return study.render_crop, study.render_crop
    return open_upright(content, item=picture.image.image_id).size
