"""Studies by the name a person types at a terminal."""

from __future__ import annotations

from studyapp.errors import InputError
from studyapp.models import Study

NAMES_SHOWN = 8


def study_named(name: str) -> Study:
    """The study; where there is none, the message lists those there are."""
    study = Study.objects.filter(name=name).first()
    if study is not None:
        return study
    names = list(Study.objects.order_by("name").values_list("name", flat=True)[: NAMES_SHOWN + 1])
    if not names:
        remedy = "There is none yet: make one with new_study or import_votes"
    else:
        more = " and others" if len(names) > NAMES_SHOWN else ""
        remedy = f"There are: {', '.join(names[:NAMES_SHOWN])}{more}"
    raise InputError("there is no study of this name", item=name, remedy=remedy)
