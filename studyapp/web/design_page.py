"""The design desk: images, raters and money before anybody is asked, all of it in the address."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from studyapp.errors import InputError
from studyapp.figures import WIDE, FileFormat, as_file
from studyapp.models import Study
from studyapp.reports import kept_report
from studyapp.reports.design import design_study
from studyapp.reports.design_values import Design
from studyapp.reports.design_words import design_facts, pilot_sentence, verdict_sentence
from studyapp.reports.pilot import Pilot, pilot_of
from studyapp.reports.wishes import first_wish
from studyapp.selectors.pilots import visible_pilots
from studyapp.selectors.studies import get_study
from studyapp.web.design_figure import curve_figure
from studyapp.web.design_form import DesignForm, filled, kept_with_a_pilot
from studyapp.web.report_files import CONTENT_TYPES


@dataclass(frozen=True)
class Desk:
    """What an address asks for; no design where its numbers cannot be, `problem` says why."""

    study: Study | None
    pilot: Pilot | None
    form: DesignForm
    design: Design | None
    problem: str


@login_required
@require_safe
def design_page(request: HttpRequest, name: str | None = None) -> HttpResponse:
    """The desk of a study, or of none: a form above, what its numbers take below."""
    desk = _desk(request, name)
    design = desk.design
    figure = curve_figure(design) if design else None
    context = {
        "study": desk.study,
        "pilots": visible_pilots(request.user),
        "pilot": desk.pilot,
        "pilot_told": pilot_sentence(desk.pilot) if desk.pilot else "",
        "form": desk.form,
        "problem": desk.problem,
        "design": design,
        "verdict": verdict_sentence(design) if design else "",
        "facts": design_facts(design) if design else [],
        "figure": figure,
        "kept": kept_with_a_pilot(desk.form),
        "query": request.GET.urlencode(),
        "links": _links(name),
    }
    return render(request, "report/design.html", context, status=200 if design else 400)


@login_required
@require_safe
def design_json(request: HttpRequest, name: str | None = None) -> JsonResponse:
    """What `design --json` writes, for the same address."""
    desk = _desk(request, name)
    if desk.design is None:
        problems = {field: list(found) for field, found in desk.form.errors.items()}
        return JsonResponse({"error": desk.problem, "fields": problems}, status=400)
    return JsonResponse(desk.design.to_dict(), json_dumps_params={"indent": 2})


@login_required
@require_safe
def design_file(request: HttpRequest, suffix: FileFormat, name: str | None = None) -> HttpResponse:
    """The curve as a file."""
    desk = _desk(request, name)
    if desk.design is None:
        raise Http404
    figure = curve_figure(desk.design)
    content = as_file(figure.draw(WIDE), file_format=suffix, text=figure.title)
    response = HttpResponse(content, content_type=CONTENT_TYPES[suffix])
    response["Content-Disposition"] = f'inline; filename="design.{suffix}"'
    return response


def _links(name: str | None) -> dict[str, str]:
    """Where the same design is given in other forms."""
    prefix, args = ("study-design", [name]) if name else ("design", [])
    return {form: reverse(f"{prefix}-{form}", args=args) for form in ("json", "pdf", "png")}


def _desk(request: HttpRequest, name: str | None) -> Desk:
    study = get_study(request.user, name=name) if name else None
    report = kept_report(study) if study else None
    pilot = _pilot(request.user, request.GET.get("pilot", name or ""), asked="pilot" in request.GET)
    form = filled(first_wish(study, report=report, pilot=pilot), request.GET.dict())
    if not form.is_valid():
        return Desk(study, pilot, form, None, "Some numbers cannot be: they are marked below.")
    try:
        return Desk(study, pilot, form, design_study(form.wish()), "")
    except InputError as error:
        return Desk(study, pilot, form, None, str(error))


def _pilot(user: AbstractBaseUser | AnonymousUser, name: str, *, asked: bool) -> Pilot | None:
    """The pilot the address names, else the study's own votes if it has any."""
    if not name:
        return None
    pilots = visible_pilots(user)
    found = get_object_or_404(pilots, name=name) if asked else pilots.filter(name=name).first()
    return pilot_of(kept_report(found)) if found else None
