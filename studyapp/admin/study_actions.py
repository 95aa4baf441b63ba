"""What the buttons of a study's page do. Every change is a POST of a person who may see it."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from studyapp import queue
from studyapp.admin.visible import study_to_change
from studyapp.errors import QuorumError
from studyapp.models import Study
from studyapp.pipeline.launch_by_hand import launch_by_hand
from studyapp.pipeline.launch_study import launch_study
from studyapp.pipeline.review_study import review_study
from studyapp.pipeline.stop_study import halt
from studyapp.recruiters.launch_gap import held_back
from studyapp.selectors.link_progress import link_progress
from studyapp.selectors.population import study_cost
from studyapp.selectors.readiness import readiness
from studyapp.selectors.studies import visible_studies
from studyapp.selectors.study_progress import study_progress
from studyapp.vocabulary import Environment, StudyState

#: Work done in the background, by what the button says.
BACKGROUND = {
    "publish": "Publish",
    "collect_votes": "Collect votes",
    "close_study": "Close the study",
    "stop_study": "Stop asking",
    "approve_valid": "Pay all proven work",
    "reconcile": "Compare with the marketplace",
    "dispose_study": "Dispose of the HITs",
}
#: Those that end a publication under way by being pressed, and not when their turn comes.
_HALTING = frozenset({"stop_study", "close_study"})


def _back(study: Study) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:studyapp_study_change", args=[study.pk]))


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the buttons: `verb` says which."""
    study, user = study_to_change(request, pk)
    verb = request.POST.get("verb", "")
    try:
        if verb == "review":
            _say(request, review_study(study, actor=user).lines())
        elif verb == "launch_by_hand":
            _say(request, launch_by_hand(study, actor=user).lines())
        elif verb in BACKGROUND:
            if verb in _HALTING:
                halt(study)
            queue.enqueue(verb, study=study, requested_by=user)
            messages.info(request, f"{BACKGROUND[verb]}: asked for. The progress is below.")
        else:
            messages.error(request, f"There is no such action: {verb[:40]!r}.")
    except QuorumError as error:
        messages.error(request, str(error))
    return _back(study)


def launch(request: HttpRequest, pk: int) -> HttpResponse:
    """The last look before money is spent, then the launch."""
    study, user = study_to_change(request, pk)
    if request.method == "POST":
        try:
            _say(request, launch_study(study, actor=user).lines())
            queue.enqueue("publish", study=study, requested_by=user)
        except QuorumError as error:
            messages.error(request, str(error))
        return _back(study)
    if study.frozen:
        messages.info(request, f"Study {study.name} was launched before.")
        return _back(study)
    context = {
        **admin.site.each_context(request),
        "title": f"Launch {study.name}",
        "study": study,
        "readiness": readiness(study),
        "chosen": [
            f"{key}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
            for key, value in study.selection.items()
        ],
    }
    return render(request, "admin/studyapp/study/launch.html", context)


def cost(request: HttpRequest, pk: int) -> JsonResponse:
    """The cost for numbers that are not saved yet, while somebody types them."""
    study, _ = study_to_change(request, pk)
    try:
        numbers = {name: int(request.GET[name]) for name in ("trials_per_hit", "raters_per_trial")}
        reward = Decimal(request.GET["reward"]).quantize(Decimal("0.01"))
    except (KeyError, ValueError, InvalidOperation):
        return JsonResponse({"lines": []}, status=400)
    in_range = all(1 <= number <= 1000 for number in numbers.values())
    if not in_range or not reward.is_finite() or not 0 <= reward <= 1000:
        return JsonResponse({"lines": []}, status=400)
    study.reward = reward
    for name, number in numbers.items():
        setattr(study, name, number)
    try:
        return JsonResponse({"lines": study_cost(study).lines()})
    except ValueError:
        # Groups of votes that do not add up to the raters typed so far.
        return JsonResponse({"lines": []}, status=400)


def _say(request: HttpRequest, lines: list[str]) -> None:
    """What was done and what to mind; the costs stand on the page, the next step is a button."""
    # The admin begins every message with a capital letter, and names have none to spare.
    messages.success(request, f"Study {lines[0]}")
    for line in lines:
        if line.startswith("Mind:"):
            messages.warning(request, line)


def panel(request: HttpRequest, object_id: str) -> dict[str, Any]:
    """What stands above the form: state, what is missing, cost, progress, buttons."""
    study = (
        visible_studies(request.user).filter(pk=object_id).first() if object_id.isdigit() else None
    )
    if study is None:
        return {}
    before_launch = study.state in (StudyState.DRAFT, StudyState.REVIEWED)
    return {
        "study": study,
        "before_launch": before_launch,
        "readiness": readiness(study) if before_launch else None,
        "by_link": link_progress(study) if study.environment == Environment.LINK else None,
        "study_progress": asdict(study_progress(study)) if study.frozen else None,
        "held": held_back(study) if study.state == StudyState.LIVE else (),
        "jobs": study.jobs.all()[:5],
        "open_jobs": study.jobs.filter(ended_at__isnull=True).exists(),
    }
