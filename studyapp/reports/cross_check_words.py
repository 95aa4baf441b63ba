"""The blind cross-check in sentences, with its protocol."""

from __future__ import annotations

from studyapp.analytics.cross_check import FailureRate
from studyapp.plurals import counted
from studyapp.reports.cross_check_values import CrossCheckReport
from studyapp.reports.sentences import percent


def cross_check_sentences(found: CrossCheckReport) -> list[str]:
    """What the check says, with its protocol: for the report, the terminal and the page."""
    drawn = (
        f"A sample of {found.n_drawn:,} decided questions was drawn at random (seed {found.seed}) "
        f"on {found.drawn_at[:10]} and frozen; they were answered without sight of votes, verdict "
        "or model"
    )
    if not found.complete:
        return [f"{drawn}. {found.n_answered:,} are answered; the figures come with the last one."]
    people = "one person" if found.n_people == 1 else f"{found.n_people} people"
    sentences = [f"{drawn}, by {people}; changed on the way: {counted(found.n_changed, 'answer')}."]
    for rate, verdict, said, name in (
        (found.false_yes, "accepted", "no", "false-yes"),
        (found.false_no, "rejected", "yes", "false-no"),
    ):
        if rate is not None:
            sentences.append(_sentence(rate, verdict=verdict, said=said, name=name))
    return sentences


def _sentence(rate: FailureRate, *, verdict: str, said: str, name: str) -> str:
    if rate.rate is None or rate.upper is None or rate.worst_upper is None:
        drawn = counted(rate.n_drawn, f"{verdict} question")
        return f"Of {drawn} in it none was answered yes or no."
    unsure = f" and {rate.n_unsure:,} answered “cannot tell”" if rate.n_unsure else ""
    worst = (
        f" ({percent(rate.worst_upper)} % were every “cannot tell” a contradiction)"
        if rate.n_unsure
        else ""
    )
    return (
        f"Of {counted(rate.n_drawn, f'{verdict} question')} in it ({rate.n_decided:,} in all), "
        f"{rate.n:,} were answered yes or no{unsure}; {rate.n_contradicted:,} of {rate.n:,} were "
        f"answered {said}: a {name} rate of {percent(rate.rate)} %, at most "
        f"{percent(rate.upper)} %{worst} at {percent(rate.level, digits=0)} % confidence (exact, "
        "Clopper and Pearson, one-sided)."
    )
