"""Who may take part, as people write it: names of studies, countries, qualifications of their own.

Each raises ValueError, in words for the person, for what cannot be meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_STUDIES = 50
#: The requester API takes no more.
MOST_COUNTRIES = 30
MOST_QUALIFICATIONS = 5
_NAME = re.compile(r"[-a-zA-Z0-9_]{1,100}")
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{2})?")
_QUALIFICATION = re.compile(
    r"(?P<id>[A-Z0-9]{1,64})\s*(?:(?P<word>absent)|(?P<comparison><=|>=|!=|<|>|=)\s*(?P<value>-?\d{1,9}))?"
)


@dataclass(frozen=True)
class OwnQualification:
    """A qualification type somebody made, by its id, and what it is to be.

    comparison: "present", "absent", or one of < <= > >= = != with a value.
    """

    type_id: str
    comparison: str
    value: int | None = None


def studies_of(text: str) -> tuple[str, ...]:
    """Names of studies, one a line."""
    names = words_of(text)
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"“{name[:100]}” is no name of a study: write one name a line.")
    if len(names) > MOST_STUDIES:
        raise ValueError(f"Name at most {MOST_STUDIES} studies.")
    return names


def countries_of(text: str) -> tuple[str, ...]:
    """Countries by their two letters, with a state after a hyphen where wanted: US-CA GB."""
    places = tuple(word.upper() for word in words_of(text))
    for place in places:
        if not _COUNTRY.fullmatch(place):
            raise ValueError(f"“{place[:20]}” is no country: write two letters each, like US GB.")
    if len(places) > MOST_COUNTRIES:
        raise ValueError(f"Name at most {MOST_COUNTRIES} countries.")
    return places


def qualifications_of(text: str) -> tuple[OwnQualification, ...]:
    """One qualification a line: its id alone, its id and `absent`, or its id and `>= 80`."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _QUALIFICATION.fullmatch(line)
        if match is None:
            raise ValueError(
                f"“{line[:100]}” is no qualification: write its id, or its id and a comparison "
                "like >= 80, or its id and absent."
            )
        value = match["value"]
        comparison = match["comparison"] or match["word"] or "present"
        found.append(OwnQualification(match["id"], comparison, int(value) if value else None))
    if len({one.type_id for one in found}) < len(found):
        raise ValueError("A qualification is named twice.")
    if len(found) > MOST_QUALIFICATIONS:
        raise ValueError(f"Name at most {MOST_QUALIFICATIONS} qualifications.")
    return tuple(found)


def words_of(text: str) -> tuple[str, ...]:
    """Each word once, with blanks, lines or commas between them."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))
