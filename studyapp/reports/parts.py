"""The part of a report that belongs to the question type: its sentence, tables and files.

The folders of `studyapp.questions` register theirs when the program starts. Without a part a report
is about the rectified top-1 error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any

from studyapp.reports.analysis import Analysis

#: Groups of a shelf of verdicts; those by number of yes follow.
ASKED, ACCEPTED, REJECTED, UNDECIDED = "Asked", "Accepted", "Rejected", "Undecided"


def yes_group(yes: int) -> str:
    """The group of pictures with exactly so many yes of all their votes."""
    return f"{yes} yes"


Cell = str | int | float | bool | datetime | None

#: A figure, an interval of two, or a dash for none.
_NUMBER = re.compile(r"[-+−–<>±]?\s*[\[\d]|[–-]?$")


@dataclass(frozen=True)
class PartTable:
    """A table of the page, written out: the first column names its row."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    #: Row by row and cell by cell the shelf of the pictures that are counted; empty where none is.
    shelves: tuple[tuple[str, ...], ...] = ()

    @property
    def linked_rows(self) -> list[list[tuple[str, str]]]:
        """Each cell with its shelf."""
        return [
            list(zip_longest(row, shelves or (), fillvalue=""))
            for row, shelves in zip_longest(self.rows, self.shelves)
        ]

    @property
    def headings(self) -> tuple[tuple[str, bool], ...]:
        """Each column's name, and whether it holds numbers alone: the others are read as text."""
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.header)
        return tuple(
            (name, place > 0 and all(map(_NUMBER.match, column)))
            for place, (name, column) in enumerate(zip(self.header, columns, strict=True))
        )

    @property
    def lines(self) -> list[list[tuple[str, str, bool]]]:
        """The cells of each row, each with its shelf and with what its heading says."""
        numbers = [number for _, number in self.headings]
        return [
            [(cell, shelf, number) for (cell, shelf), number in zip(row, numbers, strict=True)]
            for row in self.linked_rows
        ]


@dataclass(frozen=True)
class PartShelf:
    """The pictures that a bar, or a line of a table, counts.

    name: within the part. groups: what is counted and the rows of QuestionTable about it; the first
    is what the bar itself counts, and a picture may be in several. n_unasked: pictures it is about
    that nobody was asked about. wide: they are twice as wide as high.
    """

    name: str
    groups: tuple[tuple[str, tuple[int, ...]], ...]
    n_unasked: int = 0
    wide: bool = False


@dataclass(frozen=True)
class PartExport:
    """A table of the export. columns: lines of `name kind meaning`; printed, key: as in exports."""

    name: str
    title: str
    columns: str
    rows: tuple[tuple[Cell, ...], ...]
    key: tuple[str, ...]
    printed: tuple[str, ...] = ()


@dataclass(frozen=True)
class PartErrors:
    """A line of the figure of errors: shares of the images, as ModelReport has them; and the shelf
    of its pictures."""

    label: str
    error: float
    rectified: float
    ci_low: float
    ci_high: float
    bound_low: float
    bound_high: float
    decided: bool
    shelf: str = ""


@dataclass(frozen=True)
class PartMark:
    """A line of the figure of conditions; `is_base` is what the others are measured against. shelf,
    group: of the pictures it counts, the first group where none is named."""

    label: str
    value: float
    low: float
    high: float
    is_base: bool = False
    shelf: str = ""
    group: str = ""


@dataclass(frozen=True)
class PartGallery:
    """Pictures with what people said, a few of the many. Each is the hash of its stimulus and a
    caption. wide: they are twice as wide as high. pairs: each two belong side by side."""

    title: str
    pictures: tuple[tuple[str, str], ...]
    wide: bool = False
    pairs: bool = False


@dataclass(frozen=True)
class PartPicture:
    """A picture of an artefact: kind and key of its row, and the picture's name among its own."""

    kind: str
    row: int
    name: str
    caption: str


@dataclass(frozen=True)
class PartStrip:
    """Pictures of artefacts that stand in a row, to be read from left to right."""

    title: str
    pictures: tuple[PartPicture, ...]
    note: str = ""


@dataclass(frozen=True)
class Part:
    """errors, by_yes, marks: what the figures show, if anything; the images of a line of by_yes
    stand on the shelf of its name. methods: paragraphs that take the place of those about the top-1
    error. values: everything, as JSON has it. sources: the tables values are counted from."""

    kind: str
    headline: str
    tables: tuple[PartTable, ...]
    methods: tuple[str, ...]
    values: Mapping[str, Any]
    exports: tuple[PartExport, ...] = ()
    sources: tuple[PartExport, ...] = ()
    shelves: tuple[PartShelf, ...] = ()
    errors_title: str = ""
    errors: tuple[PartErrors, ...] = ()
    by_yes: tuple[tuple[str, tuple[int, ...]], ...] = ()
    marks_title: str = ""
    marks: tuple[PartMark, ...] = ()
    #: What the dot of a line is, in the words of a caption.
    marks_note: str = (
        "One line per condition: the dot is the share of right answers, the pale bar its 95 % "
        "interval. The dashed line goes down from what guessing gives."
    )
    galleries: tuple[PartGallery, ...] = field(default=())
    strips: tuple[PartStrip, ...] = ()
    #: Whether the acceptance rule decides anything in it.
    ruled: bool = True
    #: It stands beside the figures of the models, and does not take their place.
    beside: bool = False


MakePart = Callable[[Analysis], Part | None]

_PARTS: dict[str, MakePart] = {}


def register(kind: str, make: MakePart) -> None:
    _PARTS[str(kind)] = make


def part_of(analysis: Analysis) -> Part | None:
    """What the study's question type has to tell."""
    return _PARTS[str(analysis.study.question_kind)](analysis)
