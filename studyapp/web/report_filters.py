"""The part of a report's address that says under which rule it is read, and which part of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from studyapp.analytics import Window
from studyapp.exports.slices import (
    CONDITION,
    LABEL,
    MODEL,
    RATER,
    SLICE_PARAMETERS,
    may_see_raters,
    read_slice,
    slice_words,
)
from studyapp.models import LabelClass, Study
from studyapp.reports import StudyReport, kept_report
from studyapp.selectors.report_data import models_of
from studyapp.selectors.slices import WHOLE, Slice
from studyapp.selectors.studies import Person
from studyapp.selectors.votes import window_of
from studyapp.vocabulary import UnsureCoding

#: The names of the rule's and the window's parts in addresses.
RULE_PARAMETERS = ("accept", "unsure", "seconds_min", "seconds_max")
#: A day: no answer to a picture takes longer.
MOST_SECONDS = 86_400
_SECONDS = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
#: More classes than this are asked for by index or id, not chosen from a list.
MOST_LISTED = 100


@dataclass(frozen=True)
class SliceChoices:
    """What the form offers: names, and classes as (index, name); empty where there is no choice."""

    models: tuple[str, ...] = ()
    classes: tuple[tuple[int, str], ...] = ()
    many_classes: bool = False
    conditions: tuple[str, ...] = ()
    raters: bool = False

    @property
    def some(self) -> bool:
        """Whether there is anything to choose."""
        return self != SliceChoices()


@dataclass(frozen=True)
class RuleFilter:
    """What the address asks for; None is what the study says. `problem` tells what was ignored.

    window, own_window: (low, high) in seconds, an end that is None is open; the second is the
    study's. only: the part of the study that is looked at.
    """

    accept: int | None = None
    unsure: str | None = None
    window: Window | None = None
    own_window: Window = (None, None)
    problem: str = ""
    only: Slice = WHOLE
    choices: SliceChoices = SliceChoices()

    def as_study(self, study: Study) -> bool:
        """Whether this is the study's own rule and window."""
        accept, unsure = self.accept or study.accept_at, self.unsure or study.unsure
        return (accept, unsure, self.window) == (study.accept_at, study.unsure, None)

    @property
    def shown_window(self) -> tuple[str, str]:
        """The ends the fields of the form show."""
        low, high = self.window or self.own_window
        return seconds_text(low), seconds_text(high)

    @property
    def own_window_words(self) -> str:
        """The study's window in words."""
        low, high = (seconds_text(end) for end in self.own_window)
        if low and high:
            return f"times of {low} to {high} seconds"
        if low or high:
            return f"times of at least {low} seconds" if low else f"times of at most {high} seconds"
        return "whatever the time"

    @property
    def query(self) -> str:
        """The filter as an address has it, empty without one."""
        return urlencode(self.fields)

    @property
    def fields(self) -> dict[str, str]:
        """The same by name, as a form carries it; an open end of the window is empty."""
        chosen: dict[str, object] = {"accept": self.accept, "unsure": self.unsure}
        fields = {name: str(value) for name, value in chosen.items() if value is not None}
        if self.window is not None:
            fields |= dict(zip(("seconds_min", "seconds_max"), self.shown_window, strict=True))
        return fields | self.slice_fields

    @property
    def slice_fields(self) -> dict[str, str]:
        """The part of the study by name."""
        only = self.only
        label = "" if only.class_index is None else str(only.class_index)
        told = {MODEL: only.model, LABEL: label, CONDITION: only.condition, RATER: only.rater}
        return {name: value for name, value in told.items() if value}

    @property
    def slice_words(self) -> str:
        """What part of the study is looked at, but for the model; empty of all of it."""
        return slice_words(replace(self.only, model=""))

    @property
    def asked(self) -> dict[str, Any]:
        """What reports, exports and analyses take."""
        return {
            "accept": self.accept,
            "unsure": self.unsure,
            "window": self.window,
            "only": self.only,
        }

    @property
    def is_look(self) -> bool:
        """Whether it asks for anything but the study as it stands."""
        return self.asked != RuleFilter().asked


def rule_filter(query: QueryDict, *, study: Study, reader: Person | None = None) -> RuleFilter:
    """Read the filters; what cannot be is left out and said, never guessed at.

    reader: who asks for a part of the study; None where a page tells of the whole.
    """
    asked = {name: query.get(name, "") for name in SLICE_PARAMETERS} if reader else {}
    sees_raters = reader is not None and may_see_raters(reader)
    part = read_slice(study, asked=asked, sees_raters=sees_raters)
    problems = [
        f"“{name}” is given more than once, of which the last is taken"
        for name in (*RULE_PARAMETERS, *asked)
        if len(query.getlist(name)) > 1
    ]
    problems += part.problems.values()
    accept = _number(query.get("accept", ""), largest=study.raters_per_trial)
    if accept is None and query.get("accept"):
        problems.append(f"“accept” must be a number from 1 to {study.raters_per_trial}")
    unsure = query.get("unsure") or None
    if unsure is not None and unsure not in UnsureCoding.values:
        problems.append(f"“unsure” must be one of {', '.join(UnsureCoding.values)}")
        unsure = None
    window, problem = _window(query, study=study)
    if problem:
        problems.append(problem)
    if study.vote_groups and (accept, unsure, window) != (None, None, None):
        problems.append(
            "votes asked for in groups can be read under the study’s own rule and window alone"
        )
        accept = unsure = window = None
    return RuleFilter(
        accept=accept,
        unsure=unsure,
        window=window,
        own_window=window_of(study),
        problem="; ".join(problems),
        only=part.only,
        choices=_choices(study, reader) if reader else SliceChoices(),
    )


def _choices(study: Study, reader: Person) -> SliceChoices:
    models = tuple(models_of(study).values_list("name", flat=True))
    conditions = tuple(study.conditions.values_list("name", flat=True))
    of_list = LabelClass.objects.filter(class_list=study.image_set.class_list_id)
    classes = tuple(of_list.values_list("index", "prompt_name")[: MOST_LISTED + 1])
    many = len(classes) > MOST_LISTED
    return SliceChoices(
        models=models if len(models) > 1 else (),
        classes=() if many else classes,
        many_classes=many,
        conditions=conditions if len(conditions) > 1 else (),
        raters=may_see_raters(reader) and not study.vote_groups,
    )


def form_context(study: Study, chosen: RuleFilter) -> dict[str, object]:
    """What the form of the filters shows on a page that has no report."""
    return {
        "rule_accept": study.accept_at if chosen.accept is None else chosen.accept,
        "rule_unsure": study.unsure if chosen.unsure is None else chosen.unsure,
        "accept_choices": range(1, study.raters_per_trial + 1),
        "unsure_choices": UnsureCoding.choices,
        "as_planned": chosen.as_study(study),
    }


def report_under(study: Study, chosen: RuleFilter) -> StudyReport:
    """The study's report under the filters of an address."""
    return kept_report(study, **chosen.asked)


def page_number(query: QueryDict) -> int:
    """`page` of the address, 1 where there is none or it is no number."""
    return _number(query.get("page", ""), largest=10**9) or 1


def yes_votes(query: QueryDict, *, most: int) -> int | None:
    """`yes` of the address, from 0 to `most`; None where there is none or it cannot be."""
    text = query.get("yes", "")
    return 0 if text == "0" else _number(text, largest=most)


def seconds_text(seconds: float | None) -> str:
    """Seconds as a form has them, empty for an open end."""
    return "" if seconds is None else f"{seconds:.6f}".rstrip("0").rstrip(".")


def _window(query: QueryDict, *, study: Study) -> tuple[Window | None, str]:
    """`seconds_min` and `seconds_max`; one that is not there is the study's, an empty one open."""
    own = window_of(study)
    ends: list[float | None] = []
    for name, of_study in zip(("seconds_min", "seconds_max"), own, strict=True):
        text = query.get(name)
        if text is None:
            ends.append(of_study)
        elif not text:
            ends.append(None)
        elif _SECONDS.fullmatch(text) and float(text) <= MOST_SECONDS:
            ends.append(float(text))
        else:
            return None, f"“{name}” must be seconds, from 0 to {MOST_SECONDS}"
    low, high = ends
    if low is not None and high is not None and low >= high:
        return None, "“seconds_min” must be below “seconds_max”"
    return (None if (low, high) == own else (low, high)), ""


def _number(text: str, *, largest: int) -> int | None:
    """A whole number from 1 to `largest`, in plain digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    number = int(text)
    return number if 1 <= number <= largest else None
