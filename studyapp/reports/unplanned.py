"""What came out under the analyses that were named later, counted from the votes as they are."""

from __future__ import annotations

from studyapp.analytics import Rule, rectified_top1, verdicts
from studyapp.models import NamedAnalysis
from studyapp.reports.analysis import Analysis
from studyapp.reports.plan_values import AnalysisOfModel, UnplannedAnalysis
from studyapp.selectors.votes import exclude_votes, valid_votes


def unplanned_analyses(analysis: Analysis) -> tuple[UnplannedAnalysis, ...]:
    """The study's named analyses, the first named first, each over the models of the report."""
    named = NamedAnalysis.objects.filter(study=analysis.study).select_related("author")
    return tuple(_counted(one, analysis) for one in named)


def _counted(named: NamedAnalysis, analysis: Analysis) -> UnplannedAnalysis:
    window = (named.seconds_min, named.seconds_max)
    kept = exclude_votes(analysis.votes, study=analysis.study, window=window).keep
    valid = valid_votes(analysis.votes, keep=kept, questions=analysis.questions.question)
    rule = Rule(k=named.accept_at, n=analysis.rule.n, unsure=named.unsure)
    decided = verdicts(valid, rule=rule)
    figures = [
        (model.name, rectified_top1(model.correct, question=model.question, verdicts=decided))
        for model in analysis.models
        if model.row.size
    ]
    return UnplannedAnalysis(
        name=named.name,
        note=named.note,
        accept_at=named.accept_at,
        unsure=named.unsure,
        seconds_min=named.seconds_min,
        seconds_max=named.seconds_max,
        author=named.author.get_username() if named.author else None,
        created_at=named.created_at.isoformat(),
        n_votes=len(valid),
        models=tuple(
            AnalysisOfModel(
                model=name,
                n_images=of.n_images,
                n_accepted=of.n_accepted,
                n_undecided=of.n_undecided,
                rectified_top1_error=of.rectified_top1_error,
                ci_low=of.ci.low,
                ci_high=of.ci.high,
            )
            for name, of in figures
        ),
    )
