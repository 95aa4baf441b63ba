"""CSV files, plain or gzipped, read row by row; every error names the file and the line."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

from studyapp.errors import InputError

#: Longest line read, in bytes: a compressed file may unpack to one endless line.
MAX_LINE = 1_000_000
#: Longest identifier kept.
MAX_ID = 300


@dataclass(frozen=True)
class Row:
    """One row: its cells by column, and where it stands."""

    table: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def get(self, column: str) -> str:
        """The cell, or an empty text where the table has no such column."""
        return self.cells.get(column, "")

    def error(self, happened: str, *, remedy: str) -> InputError:
        return InputError(happened, item=f"{self.table}, line {self.line}", remedy=remedy)

    def identifier(self, column: str) -> str:
        """The cell as an id: not empty, printable, of bounded length."""
        value = self.cells[column]
        if not value or len(value) > MAX_ID or not value.isprintable():
            raise self.error(
                f"{column} is {value[:60]!r}",
                remedy=f"Give it 1 to {MAX_ID} printable characters",
            )
        return value

    def whole(self, column: str) -> int:
        """The cell as a whole number from 0."""
        value = self.cells[column]
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise self.error(f"{column} is {value[:60]!r}", remedy="Give a whole number from 0")
        return int(value)


class Table:
    """A CSV file with a header in UTF-8. Each call of `rows` reads it anew, from the start."""

    #: What a row is called where an error says in which one.
    place = "line"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name

    def columns(self) -> tuple[str, ...]:
        with self._opened() as reader:
            return self._header(reader)

    def rows(self, *, required: Collection[str] = ()) -> Iterator[Row]:
        """All rows below the header, blank lines left out. Raises InputError at a bad one."""
        with self._opened() as reader:
            header = self._header(reader)
            missing = [column for column in required if column not in header]
            if missing:
                remedy = f"The header must name {', '.join(required)}"
                if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
                    remedy += ", parted by commas: save the table as comma-separated"
                raise InputError(
                    f"no column {', '.join(missing)} (found: {', '.join(header)})",
                    item=self.name,
                    remedy=remedy,
                )
            for line, cells in self._whole(reader, width=len(header)):
                stripped = (cell.strip() for cell in cells)
                yield Row(self.name, line, dict(zip(header, stripped, strict=True)))

    def picked(
        self, columns: Sequence[str], *, given: Mapping[str, str]
    ) -> Iterator[tuple[Any, ...]]:
        """Each row as its line and its cells of two or more columns, in their order.

        `given` are columns with the same cell in every row. For tables of a million rows: no row
        becomes a mapping.
        """
        with self._opened() as reader:
            header = self._header(reader)
            known = (*header, *given)
            pick = itemgetter(*(known.index(column) for column in columns))
            more = list(given.values())
            for line, cells in self._whole(reader, width=len(header)):
                yield line, *map(str.strip, pick(cells + more))

    def _whole(self, reader: _Reader, *, width: int) -> Iterator[tuple[int, list[str]]]:
        """The rows that are not blank, each with its line and a cell for every column."""
        for cells in reader:
            if len(cells) == width:
                yield reader.line_num, cells
            elif cells:
                raise InputError(
                    f"{len(cells)} cells where the header has {width}",
                    item=f"{self.name}, line {reader.line_num}",
                    remedy="Put cells that hold a comma in double quotes",
                )

    def _header(self, reader: _Reader) -> tuple[str, ...]:
        header = tuple(cell.strip() for cell in next(iter(reader), []))
        if not any(header):
            raise InputError("no header", item=self.name, remedy="Name the columns in line 1")
        twice = sorted({column for column in header if header.count(column) > 1})
        if twice:
            raise InputError(
                f"column {twice[0]!r} occurs twice", item=self.name, remedy="Rename or drop one"
            )
        return header

    @contextmanager
    def _opened(self) -> Iterator[_Reader]:
        try:
            with self.path.open("rb") as file:
                # The two bytes decide, not the name: browsers and tools unpack on the way.
                packed = file.read(2) == b"\x1f\x8b"
            with gzip.open(self.path) if packed else self.path.open("rb") as file:
                yield _Reader(file, name=self.name)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise InputError(
                f"the gzip file is damaged ({error})", item=self.name, remedy="Fetch it again"
            ) from error
        except OSError as error:
            raise InputError(
                f"cannot be read ({error.strerror or error})",
                item=str(self.path),
                remedy="Check the path",
            ) from error


class _Reader:
    """csv.reader over bounded, decoded lines, with its errors as ours."""

    def __init__(self, file: BinaryIO | io.BufferedIOBase, *, name: str) -> None:
        self._file, self._name = file, name
        self._read = 0
        self._reader = csv.reader(self._lines(), strict=True)

    @property
    def line_num(self) -> int:
        return self._reader.line_num

    def __iter__(self) -> Iterator[list[str]]:
        try:
            yield from self._reader
        except csv.Error as error:
            raise self._error(f"not CSV ({error})", remedy="Quote cells with commas") from error

    def _lines(self) -> Iterator[str]:
        while line := self._file.readline(MAX_LINE):
            self._read += 1
            if len(line) == MAX_LINE:
                raise self._error(
                    f"longer than {MAX_LINE} bytes", remedy="Is this a CSV file? Check the path"
                )
            try:
                text = line.decode("utf-8-sig" if self._read == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise self._error("not UTF-8", remedy="Save the file as UTF-8") from error
            if "\0" in text:
                raise self._error("holds a zero byte", remedy="Save the file as UTF-8")
            yield text

    def _error(self, happened: str, *, remedy: str) -> InputError:
        return InputError(happened, item=f"{self._name}, line {self._read}", remedy=remedy)
