"""Which part of a study somebody asks for, in the names that addresses and files have.

Raters are asked for by a pseudonym: of an export or page of the votes as they stand, which has
another once a vote comes in, or of the API.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.contrib.auth.models import User
from django.db.models import Q

from studyapp.errors import InputError
from studyapp.exports.pseudonyms import API_KEY, Pseudonyms, asked_key, key_of_votes
from studyapp.exports.raters import rater_names
from studyapp.models import Image, LabelClass, Study
from studyapp.reports import kept
from studyapp.reports.analysis import refuse_without_rater
from studyapp.reports.slice_words import narrowed_words
from studyapp.selectors.report_data import models_of
from studyapp.selectors.slices import WHOLE, Slice
from studyapp.selectors.studies import Person
from studyapp.selectors.study_stand import study_stand
from studyapp.selectors.votes import exclude_votes, load_votes

#: The names of a slice's parts in addresses.
MODEL, LABEL, CONDITION, RATER = SLICE_PARAMETERS = ("model", "class", "condition", "rater")
#: Choices that a message lists.
MOST_TOLD = 12
#: What may leave a rater out: it says something of one person.
MAY_SEE_RATERS = "studyapp.view_rater"


@dataclass(frozen=True)
class Asked:
    """only: what can be read of it. problems: by parameter what cannot, in a sentence."""

    only: Slice
    problems: dict[str, str]


def read_slice(study: Study, *, asked: dict[str, str], sees_raters: bool) -> Asked:
    """The slice of these parameters; each that names nothing is left out and told."""
    only, problems = WHOLE, {}
    for name, read in (
        (MODEL, _model), (LABEL, _class), (CONDITION, _condition), (RATER, _rater),
    ):  # fmt: skip
        text = asked.get(name, "")
        if not text:
            continue
        try:
            if name == RATER and not sees_raters:
                raise InputError("leaving out a rater needs the right to see raters")
            only = read(only, study, text)
        except InputError as error:
            problems[name] = error.happened
    return Asked(only, problems)


def slice_of(study: Study, *, asked: dict[str, str]) -> Slice:
    """The slice for somebody at the terminal. Raises InputError for the first problem."""
    found = read_slice(study, asked=asked, sees_raters=True)
    for problem in found.problems.values():
        raise InputError(problem, item=study.name, remedy="Give one of these, or leave it out")
    return found.only


def slice_words(only: Slice) -> str:
    """What part of a study is looked at; empty of all of it."""
    told = narrowed_words(
        class_index=only.class_index,
        class_name=only.class_name,
        condition=only.condition,
        without_rater=only.rater,
    )
    model = f"Of the models, {only.model} alone is told." if only.model else ""
    return " ".join(filter(None, (told, model)))


def may_see_raters(reader: Person) -> bool:
    return isinstance(reader, User) and reader.has_perm(MAY_SEE_RATERS)


def names_as_they_stand(study: Study) -> dict[str, int]:
    """Key of every rater by the pseudonym that an export of the study as it is gives."""
    keys, name_key = _raters(study)
    named = rater_names(keys, Pseudonyms(study, key=name_key))
    return {name: key for key, name in named.items()}


def _model(only: Slice, study: Study, text: str) -> Slice:
    names = list(models_of(study).values_list("name", flat=True))
    if text not in names:
        raise _unknown("model", text, names, of="this study’s models")
    return replace(only, model=text)


def _class(only: Slice, study: Study, text: str) -> Slice:
    of_list = LabelClass.objects.filter(class_list=study.image_set.class_list_id)
    by_index = text.isascii() and text.isdigit() and len(text) <= 9
    named = Q(wnid=text) | (Q(index=int(text)) if by_index else Q())
    # No database takes a null character, and no id has one.
    found = of_list.none() if "\0" in text else of_list.filter(named)
    # An index comes first: a list may use numbers as ids.
    rows = sorted(found, key=lambda row: not (by_index and row.index == int(text)))
    if not rows:
        known = [f"{at} ({name})" for at, name in of_list.values_list("index", "name")]
        raise _unknown("class", text, known, of="the class list, by index or id")
    label = rows[0]
    if not Image.objects.filter(image_set=study.image_set_id, label=label).exists():
        labels = Image.objects.filter(image_set=study.image_set_id, label__isnull=False)
        there = of_list.filter(pk__in=labels.values("label"))
        known = [f"{at} ({name})" for at, name in there.values_list("index", "name")]
        raise _unknown("class", text, known, of="those that images of the set are annotated with")
    return replace(only, class_index=label.index, class_name=label.name, class_key=label.pk)


def _condition(only: Slice, study: Study, text: str) -> Slice:
    keys = dict(study.conditions.values_list("name", "pk"))
    if text not in keys:
        raise _unknown("condition", text, list(keys), of="this study’s conditions")
    return replace(only, condition=text, condition_key=keys[text])


def _rater(only: Slice, study: Study, text: str) -> Slice:
    refuse_without_rater(study)
    keys, name_key = _raters(study)
    for key in (name_key, asked_key(API_KEY)):
        named = rater_names(keys, Pseudonyms(study, key=key))
        found = next((rater for rater, name in named.items() if name == text), None)
        if found is not None:
            return replace(only, rater=text, rater_key=found)
    raise InputError(
        f"“rater” {_short(text)} is no rater of this study as its votes stand: choose one of the "
        f"{len(keys):,} on the page of raters, whose names change once a vote comes in"
    )


def _raters(study: Study) -> tuple[list[int], str]:
    """Keys of the raters who voted, and the key of their names in an export of these votes."""

    def make() -> tuple[list[int], str]:
        votes = load_votes(study)
        excluded = exclude_votes(votes, study=study)
        return votes.raters.tolist(), key_of_votes(votes, excluded)

    return kept("rater-names", key=lambda: study_stand(study), make=make)


def _unknown(name: str, text: str, known: Iterable[str], *, of: str) -> InputError:
    """An error that lists the choices, the first of many."""
    names = list(known)
    more = f" and {len(names) - MOST_TOLD:,} more" if len(names) > MOST_TOLD else ""
    told = f"choose one of {', '.join(names[:MOST_TOLD])}{more}" if names else "there is none yet"
    return InputError(f"“{name}” {_short(text)} is none of {of}: {told}")


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
