"""CSV as everybody can read it: UTF-8, LF, RFC 4180 quoting, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

Cell = str | int | float | bool | datetime | None

#: A text that begins with one of these would be taken for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(path: Path, *, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write the table and return its number of rows, the header not counted."""
    n_rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([plain_cell(cell) for cell in row])
            n_rows += 1
    return n_rows


def plain_cell(cell: Cell) -> str | int | float:
    """The cell as it is written: nothing for null, times in UTC, text that stays text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell
