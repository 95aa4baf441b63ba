"""What a study may say about what it asks and how its population is drawn: which classes, how many
of what, the names of attributes or reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from studyapp.vocabulary import PopulationKind, QuestionKind

#: Of rounds, right predictions or decoys.
MOST_DRAWN = 10_000
#: As many as an answer can hold in its words, and a page of a phone in its rows.
MOST_ATTRIBUTES = 5
#: One key each, 1 to 9.
MOST_REASONS = 9
LONGEST_NAME = 60
LONGEST_TEXT = 200
#: What tables call those without a name, with two or more, and left open: nothing else may be
#: called so.
TAKEN_NAMES = frozenset({"none", "several", "cannot tell", "disputed", "cannot tell the main one"})
#: Stands between names in a file.
BETWEEN_NAMES = ";"

#: What each population reads of a selection; with REASON_KEYS where reasons are asked for.
KEYS: Mapping[str, frozenset[str]] = {
    PopulationKind.MISTAKES: frozenset(),
    PopulationKind.TOP5_MISTAKES: frozenset(),
    PopulationKind.AUDITED: frozenset({"correct", "decoys"}),
    PopulationKind.FLIPPED: frozenset({"classes", "attack"}),
    PopulationKind.ROUNDS: frozenset({"classes", "rounds"}),
    PopulationKind.SETS: frozenset(
        {"classes", "attributes", "method", "prototypes", "criticisms", "base"}
    ),
    PopulationKind.MAPPED: frozenset({"classes", "sample", "map"}),
    PopulationKind.BOXED: frozenset({"classes", "sample", "lowest"}),
}
REASON_KEYS = frozenset({"classes", "sample", "reasons"})


def unread_keys(selection: Mapping[str, object], *, kind: str, population: str) -> list[str]:
    """Keys that would change nothing, although whoever wrote them meant them to."""
    read = REASON_KEYS if kind == QuestionKind.REASON else KEYS.get(population, frozenset())
    return sorted(set(selection) - read)


def selection_problem(given: object) -> str:
    """What is wrong with a selection, or nothing.

    Known keys with values that can be; the population finds out what there is of them.
    """
    if not isinstance(given, dict) or not set(given) <= set(_CHECKS):
        return f"Give a mapping of {', '.join(_CHECKS)}, or nothing: {{}}."
    for key, value in given.items():
        if told := _CHECKS[key](value):
            return f"{key}: {told}."
    names = [name for key in ("attributes", "reasons") for name in given.get(key, ())]
    return next((told for name in names if (told := _name_problem(name.strip()))), "")


def _name_problem(name: str) -> str:
    if name.casefold() in TAKEN_NAMES:
        return f"{name!r} is what tables call something else: choose another word."
    if BETWEEN_NAMES in name or not name.isprintable():
        return f"{name!r} holds a sign no name can have: leave out ; and control characters."
    return ""


def _names(value: object, *, most: int) -> str:
    """What is wrong with the names of attributes or reasons, or nothing."""
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        return f"give a list of 1 to {most} names, [NAME, NAME]"
    if len(value) > most:
        return f"{len(value)} names are too many, the page has room for {most}: make two studies"
    if odd := [name for name in value if not 0 < len(name.strip()) <= LONGEST_NAME]:
        return f"{odd[0]!r:.80} has to be a name of 1 to {LONGEST_NAME} characters"
    if len({name.strip().casefold() for name in value}) < len(value):
        return "a name is there twice"
    return ""


def _classes(value: object) -> str:
    fits = isinstance(value, list) and not any(map(_text, value))
    return "" if fits else "give a list of wnids, [WNID, WNID]"


def _text(value: object) -> str:
    fits = isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT
    return "" if fits else f"give a text of 1 to {LONGEST_TEXT} characters"


def _number(value: object) -> str:
    fits = type(value) is int and 0 < value <= MOST_DRAWN
    return "" if fits else f"give a whole number from 1 to {MOST_DRAWN:,}"


#: What is wrong with a key's value, by key.
_CHECKS: Mapping[str, Callable[[object], str]] = {
    "classes": _classes,
    "rounds": _number,
    "correct": _number,
    "decoys": _number,
    "attack": _text,
    "attributes": partial(_names, most=MOST_ATTRIBUTES),
    "reasons": partial(_names, most=MOST_REASONS),
    "method": _text,
    "prototypes": _number,
    "criticisms": _number,
    "base": _number,
    "sample": _number,
    "lowest": _number,
    "map": _text,
}
