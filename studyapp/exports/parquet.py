"""A table as Parquet: the columns, types and nulls of the CSV, for those who have pyarrow."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studyapp.errors import InputError
from studyapp.exports.columns import Cell, Column, Row, Table
from studyapp.exports.tables import Add

#: Rows of one group: many enough to be read fast, few enough to be held.
ROWS_PER_GROUP = 50_000


@contextmanager
def parquet_file(path: Path, table: Table) -> Iterator[Add]:
    """Write the rows that are added, a group at a time."""
    arrow, parquet = (_library(name) for name in ("pyarrow", "pyarrow.parquet"))
    schema = arrow.schema([arrow.field(c.name, _type(arrow, c)) for c in table.columns])
    held: list[Row] = []
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:

        def flush() -> None:
            columns = zip(*held, strict=True) if held else ([] for _ in table.columns)
            arrays = [
                arrow.array([_plain(cell) for cell in cells], type=field.type)
                for cells, field in zip(columns, schema, strict=True)
            ]
            writer.write_batch(arrow.record_batch(arrays, schema=schema))
            held.clear()

        def add(rows: Sequence[Row]) -> None:
            held.extend(rows)
            if len(held) >= ROWS_PER_GROUP:
                flush()

        yield add
        if held:
            flush()


def need_parquet() -> None:
    """Refuse, with the remedy, where pyarrow is missing."""
    _library("pyarrow")


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            "pyarrow is not installed here",
            item="parquet",
            remedy="Run `pip install -r requirements/parquet.txt`, or leave the format out",
        ) from error


def _type(arrow: Any, column: Column) -> Any:
    return {
        "string": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "share": arrow.float64(),
        "boolean": arrow.bool_(),
        "datetime": arrow.timestamp("us", tz="UTC"),
    }[column.kind]


def _plain(cell: Cell) -> Cell:
    """An empty text and no text are one thing in CSV, and so they are here."""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC)
    return None if cell == "" else cell
