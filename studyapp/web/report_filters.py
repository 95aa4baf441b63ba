"""The part of a report's address that says under which rule it is read."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from studyapp.models import Study
from studyapp.vocabulary import UnsureCoding


@dataclass(frozen=True)
class RuleFilter:
    """What the address asks for; None is what the study says. `problem` tells what was ignored."""

    accept: int | None = None
    unsure: str | None = None
    problem: str = ""

    @property
    def query(self) -> str:
        """The filter as an address has it, empty without one."""
        chosen = {"accept": self.accept, "unsure": self.unsure}
        return urlencode({name: value for name, value in chosen.items() if value is not None})


def rule_filter(query: QueryDict, *, study: Study) -> RuleFilter:
    """Read `accept` and `unsure`; what cannot be is left out and said, never guessed at."""
    problems = []
    accept = _number(query.get("accept", ""), largest=study.raters_per_trial)
    if accept is None and query.get("accept"):
        problems.append(f"“accept” must be a number from 1 to {study.raters_per_trial}")
    unsure = query.get("unsure") or None
    if unsure is not None and unsure not in UnsureCoding.values:
        problems.append(f"“unsure” must be one of {', '.join(UnsureCoding.values)}")
        unsure = None
    return RuleFilter(accept=accept, unsure=unsure, problem="; ".join(problems))


def page_number(query: QueryDict) -> int:
    """`page` of the address, 1 where there is none or it is no number."""
    return _number(query.get("page", ""), largest=10**9) or 1


def _number(text: str, *, largest: int) -> int | None:
    """A whole number from 1 to `largest`, in plain digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    number = int(text)
    return number if 1 <= number <= largest else None
