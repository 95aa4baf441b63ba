"""How a study's votes came in: of how many people, how fast, and what fewer would have said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.analytics import Window
from studyapp.figures import Bar, histogram_figure, histogram_text
from studyapp.models import Study
from studyapp.reports import analyse_study, kept
from studyapp.reports.report_figures import ReportFigure
from studyapp.reports.vote_views import VoteBar, VoteViews, vote_views
from studyapp.selectors.studies import get_study
from studyapp.selectors.study_stand import study_stand
from studyapp.selectors.votes import window_of
from studyapp.web.report_filters import RuleFilter, form_context, rule_filter

PER_RATER, TIMES = "votes-per-rater", "answer-times"
VOTE_FIGURES = (PER_RATER, TIMES)


@login_required
@require_safe
def votes_page(request: HttpRequest, name: str) -> HttpResponse:
    """The views under the rule and window of the address."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study, reader=request.user)
    views = views_under(study, chosen)
    context = {
        "study": study,
        "chosen": chosen,
        "views": views,
        "figures": vote_figures(views, study=study, chosen=chosen),
        **form_context(study, chosen),
    }
    status = 400 if chosen.problem else 200
    return render(request, "report/votes.html", context, status=status)


def views_under(study: Study, chosen: RuleFilter) -> VoteViews:
    """The views of the study under the filters of an address, kept until a vote comes in."""
    asked = {"accept": chosen.accept, "unsure": chosen.unsure, "window": chosen.window}

    def key() -> Mapping[str, object]:
        return asked | chosen.only.stand() | study_stand(study)

    def make() -> VoteViews:
        return vote_views(analyse_study(study, **chosen.asked))

    return kept("votes", key=key, make=make, look=chosen.is_look)


def vote_figures(views: VoteViews, *, study: Study, chosen: RuleFilter) -> dict[str, ReportFigure]:
    """The figures there is something to draw for, by name."""
    window = chosen.window or window_of(study)
    figures = {}
    if views.per_rater:
        figures[PER_RATER] = _figure(
            PER_RATER,
            "Votes of each rater",
            views.per_rater,
            what="Raters by the votes of theirs that count",
            unit="votes of a rater",
        )
    if views.times:
        figures[TIMES] = _figure(
            TIMES,
            "Seconds an answer took",
            views.times,
            what="Votes by the seconds they took",
            unit="seconds",
            window=window,
        )
    return {name: replace(figure, look=chosen.is_look) for name, figure in figures.items()}


def _figure(
    name: str,
    title: str,
    bars: tuple[VoteBar, ...],
    *,
    what: str,
    unit: str,
    window: Window | None = None,
) -> ReportFigure:
    drawn = [Bar(bar.low, bar.high, bar.n, bar.n_excluded) for bar in bars]
    return ReportFigure(
        name=name,
        title=title,
        text=histogram_text(drawn, what=what, unit=unit),
        rows=(window, drawn),
        draw=lambda width: histogram_figure(
            drawn,
            unit=unit,
            logarithmic=name == TIMES,
            window=window or (None, None),
            width=width,
        ),
    )
