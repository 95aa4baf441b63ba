"""Rows about images that are not there, counted while a file is read into arrays."""

from __future__ import annotations

from studyapp.errors import InputError
from studyapp.ingest.image_keys import LeftOut, Rows


class UnknownImages:
    """Rows about images that are not among the labelled ones."""

    def __init__(self, file: Rows) -> None:
        self._file, self._rows = file, 0
        self._images: set[str] = set()
        self._first, self._line = "", 0

    def add(self, image_id: str, line: int) -> None:
        if not self._rows:
            self._first, self._line = image_id, line
        self._rows += 1
        self._images.add(image_id)

    def left_out(self, *, known: int) -> LeftOut | None:
        """What was met. Raises InputError where nothing else was."""
        if not self._rows:
            return None
        if not known:
            raise InputError(
                f"the labels have no image {self._first!r}, nor any other it names",
                item=f"{self._file.name}, {self._file.place} {self._line}",
                remedy="Check --labels: write the same ids in every table",
            )
        return LeftOut(
            rows=self._rows,
            images=len(self._images),
            first=self._first,
            line=self._line,
            place=self._file.place,
        )
