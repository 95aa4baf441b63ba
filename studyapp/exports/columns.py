"""What a table is: named columns with a kind and a meaning, and rows that come one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Cell = str | int | float | bool | datetime | None
Row = Sequence[Cell]

#: A `share` is a number from 0 to 1 that print shows as a percentage.
Kind = Literal["string", "integer", "number", "share", "boolean", "datetime"]


@dataclass(frozen=True)
class Column:
    """One column; every one may be null."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, eq=False)
class Table:
    """A table of an export. `rows` can be gone through once.

    printed: names of the columns a paper would show; without any the table is not for print.
    key: names of the columns that tell rows apart.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    key: tuple[str, ...]
    printed: tuple[str, ...] = ()
    #: One JSON file of this name, in a form of its own, is part of every export.
    own_json: bool = False

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def described(text: str) -> tuple[Column, ...]:
    """Columns from lines of `name kind meaning`."""
    columns = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, kind, meaning = line.split(maxsplit=2)
        columns.append(Column(name, _kind(kind), meaning))
    return tuple(columns)


def _kind(text: str) -> Kind:
    kinds: dict[str, Kind] = {
        "string": "string",
        "integer": "integer",
        "number": "number",
        "share": "share",
        "boolean": "boolean",
        "datetime": "datetime",
    }
    return kinds[text]
