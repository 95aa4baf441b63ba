"""What probes found: images changed on purpose, and what the model says then."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from studyapp.models import ImageSet, ProbeResult, VisionModel
from studyapp.reports.probe_sheets import probe_sheet, probed_sets
from studyapp.reports.sheets import Sheet
from studyapp.vocabulary import ProbeKind
from studyapp.web.robustness_page import csv_of

see_probes = permission_required("studyapp.view_proberesult", raise_exception=True)


@login_required
@see_probes
@require_safe
def probe_list(request: HttpRequest) -> HttpResponse:
    """Every set and model that was probed, by kind."""
    return render(request, "report/probes_list.html", {"probed": probed_sets()})


@login_required
@see_probes
@require_safe
def probe_page(request: HttpRequest, image_set: int, model: int, kind: str) -> HttpResponse:
    """One kind of probe by one model on one set."""
    of_set, of_model, chosen, sheet = _asked(image_set, model, kind)
    others = [each for each in probed_sets() if (each.image_set, each.model) == (of_set, of_model)]
    context = {
        "image_set": of_set,
        "model": of_model,
        "kind": chosen,
        "others": others,
        "part": sheet,
    }
    return render(request, "report/probes.html", context)


@login_required
@see_probes
@require_safe
def probe_csv(
    _request: HttpRequest, image_set: int, model: int, kind: str, table: str
) -> HttpResponse:
    """One table of the page as a file."""
    *_, sheet = _asked(image_set, model, kind, with_answers=table == "answers")
    return csv_of(sheet, table)


def _asked(
    image_set: int, model: int, kind: str, *, with_answers: bool = False
) -> tuple[ImageSet, VisionModel, ProbeKind, Sheet]:
    if kind not in ProbeKind.values:
        raise Http404
    of_set, of_model = (
        get_object_or_404(ImageSet, pk=image_set),
        get_object_or_404(VisionModel, pk=model),
    )
    chosen = ProbeKind(kind)
    there = ProbeResult.objects.filter(image__image_set=of_set, vision_model=of_model, kind=chosen)
    if not there.exists():
        raise Http404
    sheet = probe_sheet(of_set, model=of_model, kind=chosen, with_answers=with_answers)
    return of_set, of_model, chosen, sheet
