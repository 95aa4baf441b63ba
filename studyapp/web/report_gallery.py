"""The gallery: a model's mistakes by what people said to them (Fig. 3 of the paper)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.models import Study
from studyapp.reports import Analysis, ModelAnalysis, analyse_study
from studyapp.reports.mistakes import (
    OUTCOMES,
    Mistake,
    mistakes_with,
    mistakes_with_yes,
    read_mistakes,
)
from studyapp.selectors.studies import get_study
from studyapp.web.report_filters import RuleFilter, page_number, rule_filter, yes_votes

MISTAKES_PER_PAGE = 60


@dataclass(frozen=True)
class Card:
    """A mistake with its votes as dots; the dots that are still to come are empty."""

    mistake: Mistake
    dots: tuple[str, ...]
    votes: str


@dataclass(frozen=True)
class OutcomeLink:
    outcome: str
    count: int
    query: str


@login_required
@require_safe
def gallery(request: HttpRequest, name: str) -> HttpResponse:
    """One page of mistakes of one model with one outcome, under the rule of the address.

    An address with `yes` shows those with so many yes of all their votes instead; one without
    either shows the first outcome that has mistakes.
    """
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study)
    analysis = analyse_study(
        study, accept=chosen.accept, unsure=chosen.unsure, window=chosen.window
    )
    outcome = request.GET.get("verdict") or ""
    model = _model(analysis, request.GET.get("model") or "")
    if outcome not in ("", *OUTCOMES):
        raise Http404
    yes = yes_votes(request.GET, most=study.raters_per_trial)
    context: dict[str, object] = {"study": study, "analysis": analysis, "chosen": chosen}
    if model is not None:
        context |= _page(analysis, model, outcome, yes, chosen, page_number(request.GET))
    status = 400 if chosen.problem else 200
    return render(request, "report/gallery.html", context, status=status)


def _model(analysis: Analysis, name: str) -> ModelAnalysis | None:
    """The model of this name, the first without a name; None where the study has none."""
    if not name:
        return analysis.models[0] if analysis.models else None
    for model in analysis.models:
        if model.name == name:
            return model
    raise Http404


def _page(
    analysis: Analysis,
    model: ModelAnalysis,
    outcome: str,
    yes: int | None,
    chosen: RuleFilter,
    number: int,
) -> dict[str, object]:
    places = {known: mistakes_with(analysis, model=model, outcome=known) for known in OUTCOMES}
    if yes is not None:
        outcome, wanted = "", mistakes_with_yes(analysis, model=model, yes=yes)
    else:
        outcome = outcome or next((known for known in OUTCOMES if places[known].size), OUTCOMES[0])
        wanted = places[outcome]
    page = Paginator(range(wanted.size), MISTAKES_PER_PAGE).get_page(number)
    shown = wanted[list(page.object_list)]
    mistakes = read_mistakes(analysis, model=model, places=shown, outcome=outcome)
    return {
        "model": model,
        "outcome": outcome,
        "yes": yes,
        "page": page,
        "page_query": _query(model, outcome, chosen, yes=yes),
        "cards": [_card(mistake, analysis.study) for mistake in mistakes],
        "links": [
            OutcomeLink(known, found.size, _query(model, known, chosen))
            for known, found in places.items()
        ],
    }


def _query(
    model: ModelAnalysis, outcome: str, chosen: RuleFilter, *, yes: int | None = None
) -> str:
    which = {"verdict": outcome} if yes is None else {"yes": str(yes)}
    query = urlencode({"model": model.name, **which})
    return f"{query}&{chosen.query}" if chosen.query else query


def _card(mistake: Mistake, study: Study) -> Card:
    dots = ["yes"] * mistake.n_yes + ["unsure"] * mistake.n_unsure + ["no"] * mistake.n_no
    missing = study.raters_per_trial - len(dots)
    said = [
        f"{count} {answer}"
        for answer, count in (
            ("yes", mistake.n_yes),
            ("cannot tell", mistake.n_unsure),
            ("no", mistake.n_no),
        )
        if count
    ]
    return Card(
        mistake=mistake,
        dots=(*dots, *(["missing"] * missing)),
        votes=", ".join(said) or "no votes",
    )
