"""Name an analysis that was not planned: other settings for the votes there are, kept for good."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.db import transaction

from studyapp import audit
from studyapp.analytics import Rule, RuleError, Window
from studyapp.errors import InputError, StudyError
from studyapp.models import NamedAnalysis, Study
from studyapp.selectors.planned_analysis import TOP1, headline_of
from studyapp.selectors.votes import window_of
from studyapp.vocabulary import UnsureCoding

LONGEST_NAME = 100
LONGEST_NOTE = 2000
_NAME = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True)
class NameAnalysisSummary:
    study: str
    name: str
    created: bool

    def lines(self) -> list[str]:
        done = "is named" if self.created else "was named before, with the same settings"
        return [f"{self.study}: the analysis {self.name} {done}. It is marked as not planned."]


def name_analysis(
    study: Study,
    *,
    name: str,
    accept: int | None = None,
    unsure: str | None = None,
    window: Window | None = None,
    note: str = "",
    actor: AbstractBaseUser | None = None,
) -> NameAnalysisSummary:
    """Keep the settings under a name; what is not given is as the study says.

    The same again changes nothing; another meaning for a name is refused. So are the settings of
    the study, which are its plan, and a study nobody was asked about yet, whose plan can change.
    """
    settings = _settings(study, accept=accept, unsure=unsure, window=window)
    _refuse_unusable(study, name=name, note=note)
    if settings == _own(study):
        raise StudyError(
            "these are the settings of the study itself",
            item=f"analysis {name}",
            remedy="They need no name; choose another rule or timing window",
        )
    wanted = dict(zip(("accept_at", "unsure", "seconds_min", "seconds_max"), settings, strict=True))
    with transaction.atomic():
        found, created = NamedAnalysis.objects.get_or_create(
            study=study,
            name=name,
            defaults=wanted | {"note": note, "author": actor if isinstance(actor, User) else None},
        )
        if created:
            audit.record(
                "name_analysis", study=study, actor=actor, summary={"name": name, **wanted}
            )
    same = (found.accept_at, found.unsure, found.seconds_min, found.seconds_max) == settings
    if not same:
        raise StudyError(
            "this name stands for other settings already",
            item=f"analysis {name}",
            remedy="Choose another name: what was looked at stays listed",
        )
    return NameAnalysisSummary(study.name, name=name, created=created)


def _settings(
    study: Study, *, accept: int | None, unsure: str | None, window: Window | None
) -> tuple[int, str, float | None, float | None]:
    low, high = window or window_of(study)
    wanted = (
        study.accept_at if accept is None else accept,
        study.unsure if unsure is None else unsure,
        low,
        high,
    )
    try:
        Rule(k=wanted[0], n=study.raters_per_trial, unsure=wanted[1])
    except RuleError as error:
        told = f"This study asks {study.raters_per_trial} raters"
        raise InputError(str(error), item=study.name, remedy=told) from error
    if low is not None and high is not None and low >= high:
        raise InputError(
            f"the timing window {low:g} to {high:g} s is empty",
            item=study.name,
            remedy="Give a lower first end",
        )
    return wanted


def _own(study: Study) -> tuple[int, str, float | None, float | None]:
    return study.accept_at, str(UnsureCoding(study.unsure)), *window_of(study)


def _refuse_unusable(study: Study, *, name: str, note: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InputError(
            "this is no name for an analysis",
            item=name[:LONGEST_NAME] or "(empty)",
            remedy=f"Use letters, digits, - and _, {LONGEST_NAME} at most",
        )
    if len(note) > LONGEST_NOTE:
        raise InputError("the note is too long", remedy=f"{LONGEST_NOTE} letters at most")
    if study.vote_groups:
        raise InputError(
            "its votes were asked for in groups that stop once the verdict is certain, so no other "
            "rule or timing window can be read off them",
            item=f"study {study.name}",
            remedy="Read it under its own rule and window",
        )
    if headline_of(study) != TOP1:
        raise StudyError(
            "its report is not about the rectified top-1 error, and lists no named analyses",
            item=f"study {study.name}",
            remedy="Look at another rule or timing window in the report’s address, and say in what "
            "you write that it was not planned",
        )
    if not (study.frozen or study.imported):
        raise StudyError(
            f"it is {study.state}: nobody has been asked yet",
            item=f"study {study.name}",
            remedy="Put what you want to look at into its analysis plan",
        )
