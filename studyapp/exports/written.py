"""A file that was written: its size and its checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from studyapp.recount import json_text


@dataclass(frozen=True)
class ExportedFile:
    """`name` is the path within the export, with slashes."""

    name: str
    #: Rows of a table, the header not counted; None for what is no table.
    n_rows: int | None
    n_bytes: int
    sha256: str


def file_written(
    path: Path, *, n_rows: int | None = None, within: Path | None = None
) -> ExportedFile:
    """What is told of the file at `path`, named as seen from the folder `within`."""
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
    return ExportedFile(
        name=path.relative_to(within or path.parent).as_posix(),
        n_rows=n_rows,
        n_bytes=path.stat().st_size,
        sha256=digest.hexdigest(),
    )


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Write `json_text` as UTF-8."""
    path.write_text(json_text(value), encoding="utf-8", newline="\n")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block
