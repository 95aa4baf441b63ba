"""The list of studies: what is asked, of whom, how far, what needs the reader."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.models import Study
from studyapp.selectors.studies import visible_studies
from studyapp.selectors.study_progress import StudyProgress, study_progress
from studyapp.vocabulary import StudyState
from studyapp.web.report_filters import page_number

STUDIES_PER_PAGE = 20


@dataclass(frozen=True)
class StudyCard:
    study: Study
    progress: StudyProgress
    models: tuple[str, ...]
    needs: str


@login_required
@require_safe
def study_list(request: HttpRequest) -> HttpResponse:
    """The studies the reader may see, newest first."""
    studies = (
        visible_studies(request.user)
        .select_related("image_set")
        .prefetch_related("vision_models")
        .order_by("-created_at", "name")
    )
    page = Paginator(studies, STUDIES_PER_PAGE).get_page(page_number(request.GET))
    cards = [_card(study) for study in page]
    return render(request, "report/list.html", {"page": page, "cards": cards})


def _card(study: Study) -> StudyCard:
    progress = study_progress(study)
    return StudyCard(
        study=study,
        progress=progress,
        models=tuple(sorted(model.name for model in study.vision_models.all())),
        needs=_needs(study, progress),
    )


def _needs(study: Study, progress: StudyProgress) -> str:
    """The next thing a person has to do, or nothing."""
    if study.imported or study.state == StudyState.CLOSED:
        return ""
    if study.state == StudyState.DRAFT:
        return "A draft: look it through and mark it as reviewed."
    if study.state == StudyState.REVIEWED:
        return "Reviewed: launch it when you are ready."
    if not progress.trials:
        return "Live, without trials yet: build them."
    if not progress.hits:
        return "Trials are built: publish them."
    if progress.complete:
        return "Every assignment is in: read the report and close the study."
    return ""
