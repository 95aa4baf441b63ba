"""Which of the many choices a page shows: those that differ from the plan in one thing."""

from __future__ import annotations

from dataclasses import dataclass

from studyapp.reports.study_report import ALL_RATERS, PLANNED_WINDOW, Choice, StudyReport

PLANNED = "As in this report"
WITHOUT = "Without raters who disagree"
FRACTION = "Share of yes among all votes"

UNSURE_WORDS = {
    "missing": "“Cannot tell” left out",
    "no": "“Cannot tell” as no",
    "yes": "“Cannot tell” as yes",
}
WINDOW_WORDS = {
    PLANNED_WINDOW: "The study’s timing window",
    "none": "No timing window",
    "without_fastest": "Without the fastest 5 % of votes",
    "without_slowest": "Without the slowest 5 % of votes",
}


@dataclass(frozen=True)
class ChoiceRow:
    """One choice in words, and what it makes of each model, by the model's name."""

    label: str
    planned: bool
    models: dict[str, Choice]


def one_at_a_time(report: StudyReport) -> list[ChoiceRow]:
    """The rule and window of the report, then each choice that changes one thing of them."""
    rule = report.protocol
    rows: dict[str, ChoiceRow] = {}
    for choice in sorted(report.sensitivity, key=lambda choice: not choice.planned):
        label = _label(choice, report=report)
        if label is not None:
            row = rows.setdefault(label, ChoiceRow(label, choice.planned, {}))
            row.models[choice.model] = choice
    order = [PLANNED]
    order += [_accept(k, of=rule.raters_per_trial) for k in range(1, rule.raters_per_trial + 1)]
    order += [*UNSURE_WORDS.values(), FRACTION, *WINDOW_WORDS.values(), WITHOUT]
    return [rows[label] for label in order if label in rows]


def by_accept_at(report: StudyReport) -> dict[str, list[Choice]]:
    """The choices of each model that differ from the report in the number of yes alone."""
    found: dict[str, list[Choice]] = {}
    for choice in report.sensitivity:
        if choice.planned or _changed(choice, report=report) == ["accept_at"]:
            found.setdefault(choice.model, []).append(choice)
    return {
        model: sorted(choices, key=lambda choice: choice.accept_at)
        for model, choices in found.items()
    }


def range_of(report: StudyReport, *, model: str) -> tuple[float, float, int] | None:
    """Lowest and highest rectified error of a model over all choices, and how many there are."""
    errors = [choice.rectified_top1_error for choice in report.sensitivity if choice.model == model]
    return (min(errors), max(errors), len(errors)) if errors else None


def _accept(k: int, *, of: int) -> str:
    return f"{k} yes of {of}"


def _changed(choice: Choice, *, report: StudyReport) -> list[str]:
    planned = {
        "accept_at": report.protocol.accept_at,
        "unsure": report.protocol.unsure,
        "extra": "first",
        "window": PLANNED_WINDOW,
        "raters": ALL_RATERS,
    }
    return [name for name, value in planned.items() if getattr(choice, name) != value]


def _label(choice: Choice, *, report: StudyReport) -> str | None:
    """None where more than one thing differs."""
    changed = _changed(choice, report=report)
    if not changed:
        return PLANNED
    if len(changed) > 1:
        return None
    return {
        "accept_at": _accept(choice.accept_at, of=report.protocol.raters_per_trial),
        "unsure": UNSURE_WORDS[choice.unsure],
        "extra": FRACTION,
        "window": WINDOW_WORDS[choice.window],
        "raters": WITHOUT,
    }[changed[0]]
