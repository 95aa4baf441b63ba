"""What a study may say about what it asks and how its population is drawn: which classes, how many
of what, the names of attributes or reasons."""

from __future__ import annotations

from collections.abc import Mapping

from studyapp.vocabulary import PopulationKind, QuestionKind

#: Of rounds, right predictions or decoys.
MOST_DRAWN = 10_000
#: As many as an answer can hold in its words, and a page of a phone in its rows.
MOST_ATTRIBUTES = 5
#: One key each, 1 to 9.
MOST_REASONS = 9
LONGEST_NAME = 60
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
    known = {
        "classes": lambda value: isinstance(value, list) and all(map(_is_text, value)),
        "rounds": _is_number,
        "correct": _is_number,
        "decoys": _is_number,
        "attack": _is_text,
        "attributes": lambda value: _are_names(value, most=MOST_ATTRIBUTES),
        "reasons": lambda value: _are_names(value, most=MOST_REASONS),
        "method": _is_text,
        "prototypes": _is_number,
        "criticisms": _is_number,
        "base": _is_number,
        "sample": _is_number,
        "lowest": _is_number,
        "map": _is_text,
    }
    if not isinstance(given, dict) or not set(given) <= set(known):
        return f"Give a mapping of {', '.join(known)}, or nothing: {{}}."
    for key, value in given.items():
        if not known[key](value):
            return f"{key}: {value!r} cannot be."
    names = [name for key in ("attributes", "reasons") for name in given.get(key, ())]
    return next((told for name in names if (told := _name_problem(name.strip()))), "")


def _name_problem(name: str) -> str:
    if name.casefold() in TAKEN_NAMES:
        return f"{name!r} is what tables call something else: choose another word."
    if BETWEEN_NAMES in name or not name.isprintable():
        return f"{name!r} holds a sign no name can have: leave out ; and control characters."
    return ""


def _are_names(value: object, *, most: int) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= most
        and all(isinstance(name, str) and 0 < len(name.strip()) <= LONGEST_NAME for name in value)
        and len({name.strip().casefold() for name in value}) == len(value)
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200


def _is_number(value: object) -> bool:
    return type(value) is int and 0 < value <= MOST_DRAWN
