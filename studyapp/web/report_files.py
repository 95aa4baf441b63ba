"""What a report can be taken away as."""

from __future__ import annotations

from typing import get_args

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from studyapp.exports import export_archive
from studyapp.exports.captions import view_of
from studyapp.figures import WIDE, FileFormat, as_file
from studyapp.models import Study
from studyapp.reports.report_figures import ReportFigure, report_figures
from studyapp.selectors.studies import get_study
from studyapp.web.report_filters import RuleFilter, report_under, rule_filter
from studyapp.web.report_raters import FIGURE as RATERS_FIGURE
from studyapp.web.report_raters import raters_figure, raters_under
from studyapp.web.report_votes import VOTE_FIGURES, views_under, vote_figures

CONTENT_TYPES: dict[FileFormat, str] = {"pdf": "application/pdf", "png": "image/png"}


@login_required
@require_safe
def export_zip(request: HttpRequest, name: str) -> FileResponse | HttpResponse:
    """The export of the terminal, under the page's filters, as one file."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study, reader=request.user)
    if chosen.problem:
        return HttpResponse(chosen.problem, status=400, content_type="text/plain")
    actor = request.user if isinstance(request.user, AbstractBaseUser) else None
    archive = export_archive(study, **chosen.asked, actor=actor)
    return FileResponse(archive, as_attachment=True, filename=f"{study.name}.zip")


@login_required
@require_safe
def figure_file(request: HttpRequest, name: str, figure: str, suffix: str) -> HttpResponse:
    """A figure of the page as a file."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study, reader=request.user)
    file_format = next((known for known in get_args(FileFormat) if known == suffix), None)
    if chosen.problem or file_format is None:
        raise Http404
    found = _figure(figure, study=study, chosen=chosen)
    if found is None:
        raise Http404
    # All a file has to say what it is of, once it has left its page.
    about = f"{found.title}. {view_of(report_under(study, chosen))}"
    content = as_file(found.draw(WIDE), file_format=file_format, text=about)
    response = HttpResponse(content, content_type=CONTENT_TYPES[file_format])
    response["Content-Disposition"] = f'inline; filename="{study.name}-{figure}.{suffix}"'
    return response


def _figure(name: str, *, study: Study, chosen: RuleFilter) -> ReportFigure | None:
    """The figure of this name, from the page that has it."""
    if name == RATERS_FIGURE:
        return raters_figure(raters_under(study, chosen))
    if name in VOTE_FIGURES:
        return vote_figures(views_under(study, chosen), study=study, chosen=chosen).get(name)
    return report_figures(report_under(study, chosen)).get(name)
