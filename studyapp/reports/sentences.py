"""The report as lines a person reads."""

from __future__ import annotations

from studyapp.plurals import counted
from studyapp.reports.asked_again import asked_again_in_words
from studyapp.reports.choices import range_of
from studyapp.reports.parts import Part
from studyapp.reports.plan_words import planned_sentence, settings_words
from studyapp.reports.protocol import groups_in_words, in_words
from studyapp.reports.resampling import points, resampled_interval
from studyapp.reports.study_report import ModelReport, StudyReport

COLUMNS = (
    "model", "images", "errors", "asked", "accepted", "rejected", "undecided", "unasked",
    "error %", "rectified %", "95 % interval", "bounds %", "ReaL %",
)  # fmt: skip


def percent(share: float | None, *, digits: int = 2) -> str:
    """A fraction as a percentage; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.{digits}f}"


def interval(low: float | None, high: float | None) -> str:
    """Two fractions as percentages in brackets."""
    return f"[{percent(low)}, {percent(high)}]"


def headline(report: StudyReport) -> str:
    """What the study found, in one sentence; with several models, about the one that errs least."""
    if report.part_alone:
        return report.part_alone.headline
    best = best_model(report)
    if best is None:
        return f"{report.study} has no labelled image with a prediction yet."
    several = sum(model.rectified_top1_error is not None for model in report.models) > 1
    least = " least:" if several else ""
    return model_sentence(best, report=report, errs=f"errs{least} on")


def best_model(report: StudyReport) -> ModelReport | None:
    """The model the headline is about: the one that errs least, the first of equals by name."""
    measured = [model for model in report.models if model.rectified_top1_error is not None]
    return min(
        measured,
        key=lambda model: (model.rectified_top1_error or 0, model.model),
        default=None,
    )


def model_sentence(model: ModelReport, *, report: StudyReport, errs: str = "errs on") -> str:
    """What the study found about one model."""
    if model.rectified_top1_error is None:
        return f"{model.model} has no prediction for a labelled image."
    wrong = (
        f"{model.model} {errs} {percent(model.top1_error)} % of {counted(model.n_images, 'image')}"
    )
    if not model.n_asked:
        return f"{wrong}; nobody has been asked about its mistakes yet."
    if not model.n_accepted and not model.n_rejected:
        return (
            f"{wrong}; "
            f"{model.n_asked:,} of its mistakes are being asked about, and none is decided yet."
        )
    protocol = report.protocol
    needed, asked = in_words(protocol.accept_at), in_words(protocol.raters_per_trial)
    beside = [
        f"{model.n_undecided:,} undecided" if model.n_undecided else "",
        f"{model.n_unasked:,} not asked" if model.n_unasked else "",
    ]
    rest = "".join(f", {part}" for part in beside if part)
    return (
        f"{wrong}; when "
        f"people are asked and {needed} of {asked} must agree with it, on "
        f"{percent(model.rectified_top1_error)} % {interval(model.ci_low, model.ci_high)}; "
        f"{counted(model.n_asked, 'image')} asked, {model.n_accepted:,} accepted{rest}."
    )


def answers_sentence(report: StudyReport) -> str:
    """The answers that count, and on how many of the questions."""
    votes, data = report.votes, report.data
    told = (
        f"{votes.n_yes:,} yes, {votes.n_no:,} no, {votes.n_unsure:,} cannot tell, on "
        f"{data.n_questions_with_valid_votes:,} of {counted(data.n_questions, 'question')} asked."
    )
    if report.part_alone or data.n_questions_of_models == data.n_questions:
        return told
    return f"{told} {data.n_questions_of_models:,} of them ask about a mistake of a model above."


def raters_sentence(report: StudyReport) -> str:
    """How many people voted, and how much each."""
    raters = report.raters
    told = f"{counted(raters.n_raters, 'rater')} voted"
    if raters.n_raters_valid != raters.n_raters:
        told += f", {raters.n_raters_valid:,} of them with votes that count"
    least, most = raters.votes_per_rater_min, raters.votes_per_rater_max
    if least is None or most is None:
        return f"{told}."
    if least == most:
        each = " each" if raters.n_raters_valid > 1 else ""
        return f"{told}: {counted(most, 'vote')}{each}."
    middle = f"{raters.votes_per_rater_median:,.0f}"
    return f"{told}: from {least:,} to {most:,} votes each, half of them at most {middle}."


def coefficient(value: float | None, *, digits: int) -> str:
    """A coefficient of agreement; a dash where there is none, and no sign before a nought."""
    return "–" if value is None else f"{value:z.{digits}f}"


def report_lines(report: StudyReport) -> list[str]:
    """The whole report for a terminal."""
    votes = report.votes
    lines = [headline(report), ""]
    if report.part:
        lines += _part_lines(report.part)
    if not report.part_alone:
        lines += [*aligned([COLUMNS, *map(_row, report.models)]), ""]
        lines += [*_sampling(report), *_choices(report)]
        lines += [f"  {line}" for line in _by_yes(report)]
    excluded = ", ".join(f"{e.label.lower()} {e.n_votes:,}" for e in votes.excluded if e.n_votes)
    lines.append(
        f"Votes: {votes.n_votes:,}, of which {votes.n_valid:,} count"
        + (f" ({excluded})." if excluded else ".")
    )
    lines.append(f"Raters: {report.raters.n_raters:,}.")
    lines.append("")
    lines += aligned(
        [
            ("agreement", "questions", "votes", "agreeing pairs %", "Fleiss’ kappa"),
            *(
                (
                    row.coding,
                    f"{row.n_questions:,}",
                    f"{row.n_votes:,}",
                    percent(row.percent_agreement),
                    coefficient(row.fleiss_kappa, digits=6),
                )
                for row in report.agreement
            ),
        ]
    )
    spent = groups_in_words(report), asked_again_in_words(report.asked_again)
    lines += ["", *filter(None, spent), planned_sentence(report)]
    if not report.protocol.as_planned:
        lines.append("This is not what the study was set up with: read it as a look around.")
    lines += _named(report)
    return lines


def _named(report: StudyReport) -> list[str]:
    """Every analysis that was looked at besides, so that none is forgotten."""
    return [
        f"Not planned: {one.name} ({settings_words(one, raters=report.protocol.raters_per_trial)}; "
        f"{one.created_at[:10]}{f', {one.author}' if one.author else ''}): "
        + "; ".join(
            f"{of.model} {percent(of.rectified_top1_error)} % {interval(of.ci_low, of.ci_high)}"
            for of in one.models
        )
        for one in report.analyses
    ]


def _part_lines(part: Part) -> list[str]:
    lines: list[str] = []
    for table in part.tables:
        lines += [f"{table.title}:", *aligned([table.header, *table.rows]), ""]
    return lines


def _sampling(report: StudyReport) -> list[str]:
    """Standard errors of the rectified errors by what is drawn anew; nothing without any."""
    rows = [
        (
            model.model,
            *(points(part.se) for part in (parts.image_sampling, parts.rater_sampling, parts.both)),
            resampled_interval(parts.both),
        )
        for model in report.models
        if (parts := model.resampled) and parts.both.se is not None
    ]
    if not rows:
        return []
    titles = ("standard error, points", "other images", "other raters", "both", "95 % of both")
    return [*aligned([titles, *rows]), ""]


def choices_sentence(report: StudyReport, *, model: str) -> str:
    """How far a model's rectified error moves over every choice; empty without any."""
    found = range_of(report, model=model)
    if found is None:
        return ""
    low, high, n_choices = found
    sets = {choice.raters for choice in report.sensitivity}
    what = "rule, timing window and raters" if len(sets) > 1 else "rule and timing window"
    return (
        f"Over {counted(n_choices, 'choice')} of {what}, {model} errs on "
        f"{percent(low)} to {percent(high)} %."
    )


def _choices(report: StudyReport) -> list[str]:
    told = [choices_sentence(report, model=model.model) for model in report.models]
    return [*filter(None, told), ""] if any(told) else []


def _by_yes(report: StudyReport) -> list[str]:
    n = report.protocol.raters_per_trial
    rows = [("yes votes of " + str(n), *map(str, range(n + 1)), "fewer votes")]
    rows += [
        (model.model, *(f"{count:,}" for count in model.by_yes), f"{model.by_yes_incomplete:,}")
        for model in report.models
    ]
    return [*aligned(rows), ""]


def _row(model: ModelReport) -> tuple[str, ...]:
    counts = (
        model.n_images, model.n_errors, model.n_asked, model.n_accepted, model.n_rejected,
        model.n_undecided, model.n_unasked,
    )  # fmt: skip
    return (
        model.model,
        *(f"{count:,}" for count in counts),
        percent(model.top1_error, digits=4),
        percent(model.rectified_top1_error, digits=4),
        interval(model.ci_low, model.ci_high),
        interval(model.bound_low, model.bound_high),
        percent(model.real_accuracy, digits=4),
    )


def aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Columns of equal width, the first to the left, figures to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
