"""What existing votes say of models, as lines a person reads."""

from __future__ import annotations

from studyapp.plurals import counted
from studyapp.reports.rectify import RectifiedModel, RectifyReport
from studyapp.reports.sentences import aligned, interval, percent

COLUMNS = (
    "model", "images", "errors", "asked", "accepted", "rejected", "undecided", "unasked",
    "error %", "rectified %", "95 % interval", "bounds %", "if unasked are alike %", "ReaL %",
)  # fmt: skip
GAPS = ("model", "unasked", "covered %", "bounds with unasked %", "HITs", "assignments", "USD")


def rectify_lines(report: RectifyReport) -> list[str]:
    """The figures, what they leave open, and what asking about that costs."""
    rule = report.rule
    votes = f"{counted(report.n_votes, 'vote')} of {counted(report.n_raters, 'rater')}"
    asked = f"{votes} on {counted(report.n_questions, 'question')}"
    lines = [f"{asked}; accepted at {rule.k} of {rule.n}, “cannot tell” counts as {rule.unsure}."]
    if report.n_valid < report.n_votes:
        lines.append(
            f"{report.n_votes - report.n_valid:,} of them do not count: second votes of a rater on "
            f"a question, or more than {rule.n} votes on it."
        )
    lines += ["", *aligned([COLUMNS, *map(_figures, report.models)]), ""]
    lines += [
        "“rectified” leaves every unasked mistake an error; “if unasked are alike” supposes people",
        "would accept as many of them as of the asked ones, which nobody has looked at.",
        "",
        *aligned([GAPS, *map(_gaps, report.models)]),
        "",
        *_offer(report),
    ]
    return lines


def _figures(model: RectifiedModel) -> tuple[str, ...]:
    figures, cover = model.figures, model.coverage
    real = percent(model.real.accuracy, digits=4)
    if figures is None or cover is None:
        return (model.model, *(["0"] * 7), *(["–"] * 5), real)
    counts = (
        figures.n_images, figures.n_errors, figures.n_asked, figures.n_accepted,
        figures.n_rejected, figures.n_undecided, figures.n_unasked,
    )  # fmt: skip
    return (
        model.model,
        *(f"{count:,}" for count in counts),
        percent(figures.top1_error, digits=4),
        percent(figures.rectified_top1_error, digits=4),
        interval(figures.ci.low, figures.ci.high),
        interval(figures.bound_low, figures.bound_high),
        percent(cover.rectified_like_asked, digits=4),
        real,
    )


def _gaps(model: RectifiedModel) -> tuple[str, ...]:
    cover, cost = model.coverage, model.cost
    return (
        model.model,
        f"{cover.n_unasked:,}" if cover else "0",
        percent(cover.covered_share) if cover else "–",
        interval(cover.bound_low, cover.bound_high) if cover else "–",
        f"{cost.hits:,}",
        f"{cost.assignments:,}",
        f"{cost.total:,.2f}",
    )


def _offer(report: RectifyReport) -> list[str]:
    n_pairs = len(report.uncovered)
    if not n_pairs:
        return ["Every mistake was judged: nothing is left to ask."]
    pairs = counted(n_pairs, "different pair")
    return [
        f"Nobody judged {pairs} of an image and a class. To ask about all of them:",
        *(f"  {line}" for line in report.cost.lines()),
    ]
