"""The ledger of pictures already written, so that an interrupted run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TextIO, cast

from demo.errors import WorldError
from demo.truth import ImageRecord, WorldRecord

LEDGER_FILE = "written.jsonl"
TRUTH_FILE = "truth.json"


def write_atomically(path: Path, *, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


class Ledger:
    """One line per written picture; the first line says which world it belongs to."""

    def __init__(self, folder: Path, *, world: WorldRecord) -> None:
        self._path = folder / LEDGER_FILE
        self._folder = folder
        self._world = world
        self._file: TextIO | None = None

    def read(self) -> dict[str, ImageRecord]:
        """Return the records of the pictures that still lie in the folder as they were written."""
        whole = self._read_truth()
        records = self._read_lines() if whole is None else whole
        return {record["image_id"]: record for record in records if self._is_intact(record)}

    def open(self) -> None:
        """Begin to append; starts the ledger over when a whole truth file has taken its place."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not self._path.exists()
        self._file = self._path.open("a", encoding="utf-8")
        if fresh:
            self._append({**self._world, "images": []})

    def append(self, record: ImageRecord) -> None:
        self._append(cast("dict[str, object]", record))

    def close(self, *, finished: bool) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if finished:
            self._path.unlink(missing_ok=True)

    def _append(self, row: dict[str, object]) -> None:
        if self._file is None:
            raise WorldError("The ledger is closed; open it before appending.")
        # A run that was killed may have left half a line: the break keeps it from eating this one.
        self._file.write(f"\n{json.dumps(row)}")
        self._file.flush()

    def _read_truth(self) -> list[ImageRecord] | None:
        """Return the records of the truth file, none of them if it is damaged."""
        path = self._folder / TRUTH_FILE
        if not path.exists():
            return None
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            return []
        if not isinstance(found, dict) or not isinstance(found.get("images"), list):
            return []
        self._refuse_another(found)
        return cast("list[ImageRecord]", found["images"])

    def _read_lines(self) -> list[ImageRecord]:
        if not self._path.exists():
            return []
        rows = []
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
        if rows and "recipe" in rows[0]:
            self._refuse_another(rows[0])
        return [cast(ImageRecord, row) for row in rows if "image_id" in row]

    def _refuse_another(self, found: dict[str, object]) -> None:
        for name in ("recipe", "seed", "split", "per_class"):
            mine = cast("dict[str, object]", self._world)[name]
            if found.get(name) != mine:
                raise WorldError(
                    f"{self._folder} holds another world ({name} {found.get(name)}, asked for "
                    f"{mine}); choose another folder or delete that one."
                )

    def _is_intact(self, record: ImageRecord) -> bool:
        path = self._folder / "images" / record["file"]
        return path.is_file() and sha256_of(path.read_bytes()) == record["sha256"]


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
