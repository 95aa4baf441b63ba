"""A table as JSON: one object a row, one row a line, so that a difference can be read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from studyapp.exports.columns import Cell, Row, Table
from studyapp.exports.tables import Add, utc_text

#: Raised when a key of a table changes its name or its meaning.
SCHEMA_VERSION = 1


@contextmanager
def json_file(path: Path, table: Table, *, study: str) -> Iterator[Add]:
    """`{"schema_version", "study", "<table>": [rows]}`, null where CSV has an empty cell."""
    header = table.header
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{{"schema_version": {SCHEMA_VERSION}, "study": {_text(study)},\n')
        file.write(f"{_text(table.name)}: [")
        between = "\n"

        def add(rows: Sequence[Row]) -> None:
            nonlocal between
            for row in rows:
                cells = {name: _plain(cell) for name, cell in zip(header, row, strict=True)}
                file.write(between + _text(cells))
                between = ",\n"

        yield add
        file.write("\n]}\n")


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, datetime):
        return utc_text(cell)
    return None if cell == "" else cell


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
