"""What a study may say about how its population is drawn: how many of what, of which classes."""

from __future__ import annotations

#: Of rounds, right predictions or decoys.
MOST_DRAWN = 10_000


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
    }
    if not isinstance(given, dict) or not set(given) <= set(known):
        return f"Give a mapping of {', '.join(known)}, or nothing: {{}}."
    for key, value in given.items():
        if not known[key](value):
            return f"{key}: {value!r} cannot be."
    return ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200


def _is_number(value: object) -> bool:
    return type(value) is int and 0 < value <= MOST_DRAWN
