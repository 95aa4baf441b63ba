"""Trials with a known answer as a study's file writes them, checked for their form."""

from __future__ import annotations

from dataclasses import dataclass

#: What can be known of a trial.
ANSWERS = ("yes", "no")
MOST = 2_000
_KEYS = {"image", "class", "answer"}
#: YAML reads these words as truth values.
_WORDS = {True: "yes", False: "no"}


@dataclass(frozen=True)
class KnownAnswer:
    """An image and a class by their names, and whether the class is relevant for it."""

    image: str
    label_class: str
    answer: str


def read_known_answers(given: object) -> list[KnownAnswer]:
    """ValueError says which entry is wrong and how it should look; nothing given is none."""
    given = [] if given is None else given
    if not isinstance(given, list) or len(given) > MOST:
        raise ValueError(f"Give a list of at most {MOST} entries.")
    found = [_read(row, place=place) for place, row in enumerate(given, 1)]
    pairs = [(one.image, one.label_class) for one in found]
    for place, pair in enumerate(pairs, 1):
        if pairs.index(pair) != place - 1:
            raise ValueError(f"Entry {place} repeats {pair[0]} with {pair[1]}.")
    return found


def _read(row: object, *, place: int) -> KnownAnswer:
    if not isinstance(row, dict) or set(row) != _KEYS:
        raise ValueError(f'Entry {place} is not like {{"image": …, "class": …, "answer": "yes"}}.')
    answer = row["answer"]
    if isinstance(answer, bool):
        answer = _WORDS[answer]
    if answer not in ANSWERS:
        raise ValueError(f"Entry {place}: the answer is yes or no, not {answer!r:.40}.")
    return KnownAnswer(str(row["image"]), str(row["class"]), answer=answer)
