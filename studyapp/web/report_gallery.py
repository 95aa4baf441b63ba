"""The gallery: a model's mistakes by what people said to them (Fig. 3 of the paper)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.models import Study
from studyapp.reports.mistakes import (
    OUTCOMES,
    Mistake,
    Mistakes,
    ModelMistakes,
    kept_mistakes,
    read_mistakes,
)
from studyapp.selectors.studies import get_study
from studyapp.web.report_filters import (
    RuleFilter,
    form_context,
    page_number,
    rule_filter,
    yes_votes,
)

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
    """One page of mistakes of one model with one outcome, under the filters of the address.

    An address with `yes` shows those with so many yes of all their votes instead; one without
    either shows the first outcome that has mistakes.
    """
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study, reader=request.user)
    outcome = request.GET.get("verdict") or ""
    if outcome not in ("", *OUTCOMES):
        raise Http404
    # The mistakes of all models are kept together: a page of another one is as quick.
    asked = chosen.asked | {"only": replace(chosen.only, model="")}
    found = kept_mistakes(study, **asked)
    yes = yes_votes(request.GET, most=study.raters_per_trial)
    model = _model(found, chosen.only.model)
    context: dict[str, object] = {"study": study, "found": found, "chosen": chosen}
    if model is not None:
        context |= form_context(study, chosen)
        context |= _page(model, outcome, yes, chosen, page_number(request.GET), study)
    status = 400 if chosen.problem else 200
    return render(request, "report/gallery.html", context, status=status)


def _model(found: Mistakes, name: str) -> ModelMistakes | None:
    """The model of this name, the first without a name; None where the study has none."""
    return next((model for model in found.models if name in ("", model.name)), None)


def _page(
    model: ModelMistakes,
    outcome: str,
    yes: int | None,
    chosen: RuleFilter,
    number: int,
    study: Study,
) -> dict[str, object]:
    places = {known: model.with_outcome(known) for known in OUTCOMES}
    if yes is not None:
        outcome, wanted = "", model.with_yes(yes)
    else:
        outcome = outcome or next((known for known in OUTCOMES if places[known].size), OUTCOMES[0])
        wanted = places[outcome]
    page = Paginator(range(wanted.size), MISTAKES_PER_PAGE).get_page(number)
    mistakes = read_mistakes(model, places=wanted[list(page.object_list)], study=study)
    return {
        "model": model,
        "model_chosen": model.name,
        "hidden": {"verdict": outcome} if yes is None else {"yes": yes},
        "plan_query": _query(model, outcome, RuleFilter(), yes=yes),
        "outcome": outcome,
        "yes": yes,
        "page": page,
        "page_query": _query(model, outcome, chosen, yes=yes),
        "cards": [_card(mistake, study) for mistake in mistakes],
        "links": [
            OutcomeLink(known, found.size, _query(model, known, chosen))
            for known, found in places.items()
        ],
    }


def _query(
    model: ModelMistakes, outcome: str, chosen: RuleFilter, *, yes: int | None = None
) -> str:
    which = {"verdict": outcome} if yes is None else {"yes": str(yes)}
    return urlencode({"model": model.name, **which, **chosen.fields} | {"model": model.name})


def _card(mistake: Mistake, study: Study) -> Card:
    dots = ["yes"] * mistake.n_yes + ["unsure"] * mistake.n_unsure + ["no"] * mistake.n_no
    missing = study.raters_per_trial - len(dots)
    return Card(mistake=mistake, dots=(*dots, *(["missing"] * missing)), votes=told_votes(mistake))


def told_votes(mistake: Mistake) -> str:
    """What people said, in words."""
    said = [
        f"{count} {answer}"
        for answer, count in (
            ("yes", mistake.n_yes),
            ("cannot tell", mistake.n_unsure),
            ("no", mistake.n_no),
        )
        if count
    ]
    return ", ".join(said) or "no votes"
