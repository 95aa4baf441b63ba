"""What a report can be taken away as."""

from __future__ import annotations

from typing import get_args

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from studyapp.exports import export_archive
from studyapp.figures import WIDE, FileFormat, as_file
from studyapp.reports import kept_report
from studyapp.selectors.studies import get_study
from studyapp.web.report_figures import report_figures
from studyapp.web.report_filters import rule_filter

CONTENT_TYPES: dict[FileFormat, str] = {"pdf": "application/pdf", "png": "image/png"}


@login_required
@require_safe
def export_zip(request: HttpRequest, name: str) -> FileResponse | HttpResponse:
    """The export of the terminal, under the page's filters, as one file."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study)
    if chosen.problem:
        return HttpResponse(chosen.problem, status=400, content_type="text/plain")
    actor = request.user if isinstance(request.user, AbstractBaseUser) else None
    archive = export_archive(study, accept=chosen.accept, unsure=chosen.unsure, actor=actor)
    return FileResponse(archive, as_attachment=True, filename=f"{study.name}.zip")


@login_required
@require_safe
def figure_file(request: HttpRequest, name: str, figure: str, suffix: str) -> HttpResponse:
    """A figure of the page as a file."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study)
    file_format = next((known for known in get_args(FileFormat) if known == suffix), None)
    if chosen.problem or file_format is None:
        raise Http404
    report = kept_report(study, accept=chosen.accept, unsure=chosen.unsure)
    found = report_figures(report).get(figure)
    if found is None:
        raise Http404
    content = as_file(found.draw(WIDE), file_format=file_format, text=found.title)
    response = HttpResponse(content, content_type=CONTENT_TYPES[file_format])
    response["Content-Disposition"] = f'inline; filename="{study.name}-{figure}.{suffix}"'
    return response
