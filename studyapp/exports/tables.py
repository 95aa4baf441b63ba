"""CSV as everybody can read it: UTF-8, LF, RFC 4180 quoting, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from studyapp.exports.columns import Cell, Row, Table

#: A text that begins with one of these would be taken for a formula; the last four are the first
#: ones in full width, which spreadsheets of some languages read as these.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
GUARD = "'"

#: Takes the next rows of a table.
Add = Callable[[Sequence[Row]], None]


@contextmanager
def csv_file(path: Path, table: Table) -> Iterator[Add]:
    """Write the rows that are added below the names of the columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.header)

        def add(rows: Sequence[Row]) -> None:
            writer.writerows([plain_cell(cell) for cell in row] for row in rows)

        yield add


def csv_text(table: Table) -> str:
    """The whole of a short table as `csv_file` writes it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows([plain_cell(cell) for cell in row] for row in table.rows)
    return out.getvalue()


def plain_cell(cell: Cell) -> str | int | float:
    """The cell as it is written: nothing for null, times in UTC, text that stays text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return utc_text(cell)
    # A text that looks guarded already is guarded again, so that taking one guard off is exact.
    if isinstance(cell, str) and cell.lstrip(GUARD).startswith(FORMULA_STARTS):
        return GUARD + cell
    return cell


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC, with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
