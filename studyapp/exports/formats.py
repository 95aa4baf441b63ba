"""The formats of an export, and one table written in several of them while it is read once."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager, ExitStack
from itertools import islice
from pathlib import Path

from studyapp.errors import InputError
from studyapp.exports.columns import Table
from studyapp.exports.json_tables import json_file
from studyapp.exports.latex import latex_file
from studyapp.exports.parquet import need_parquet, parquet_file
from studyapp.exports.tables import Add, csv_file

#: Every format, and how its files end.
SUFFIXES = {"csv": ".csv", "json": ".json", "parquet": ".parquet", "latex": ".tex"}
#: What an export holds unless told otherwise; the data package tells of these files.
DEFAULT_FORMATS = ("csv",)

ROWS_AT_ONCE = 5_000


def formats_of(text: str) -> tuple[str, ...]:
    """The formats in a text such as `csv,parquet`, in our order; CSV is always among them."""
    wanted = {part.strip() for part in text.split(",")} - {""}
    unknown = sorted(wanted - SUFFIXES.keys())
    if unknown:
        raise InputError(
            "there is no such format",
            item=unknown[0],
            remedy=f"Use some of {', '.join(SUFFIXES)}, with commas between",
        )
    if "parquet" in wanted:
        need_parquet()
    return tuple(known for known in SUFFIXES if known in wanted | set(DEFAULT_FORMATS))


def write_table(
    folder: Path, table: Table, *, formats: Collection[str], study: str, caption: str
) -> list[tuple[Path, int]]:
    """Write the table in each format; every file with its number of rows."""
    paths = {
        known: folder / (table.name + suffix)
        for known, suffix in SUFFIXES.items()
        if known in formats
        and not (known == "latex" and not table.printed)
        and not (known == "json" and table.own_json)
    }
    n_rows, rows = 0, iter(table.rows)
    with ExitStack() as stack:
        adds = [
            stack.enter_context(_open(known, path, table, study=study, caption=caption))
            for known, path in paths.items()
        ]
        while part := list(islice(rows, ROWS_AT_ONCE)):
            n_rows += len(part)
            for add in adds:
                add(part)
    return [(path, n_rows) for path in paths.values()]


def _open(
    known: str, path: Path, table: Table, *, study: str, caption: str
) -> AbstractContextManager[Add]:
    if known == "json":
        return json_file(path, table, study=study)
    if known == "parquet":
        return parquet_file(path, table)
    if known == "latex":
        return latex_file(path, table, caption=caption)
    return csv_file(path, table)
