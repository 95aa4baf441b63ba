"""Published tables of class robustness scores: id;acc;crs;name, one class a row.

The form of hmaciej/robustness_score, where `___` stands between the names of a class and `_` for a
blank. The same with commas, and with `class_index` for `id`, is read as well.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studyapp.errors import InputError
from studyapp.ingest.bounded import read_bounded
from studyapp.ingest.classes import ClassRow

LARGEST_BYTES = 20_000_000
MOST_CLASSES = 100_000
_FORM = "Give columns id;acc;crs;name, one class a row (acc and name may be left out)"


@dataclass(frozen=True)
class ScoreTable:
    """scores: (index, crs, accuracy or None) by index. names: of every class, or empty."""

    scores: tuple[tuple[int, float, float | None], ...]
    names: tuple[str, ...]
    file_hash: str

    def classes(self) -> list[ClassRow]:
        """A class list of the table's own, where each class has a name and none is missing."""
        return [
            ClassRow(
                wnid=f"class-{index:04d}",
                name=name.split(", ")[0][:200],
                all_names=name,
            )
            for index, name in enumerate(self.names)
        ]


def read_class_scores(path: Path) -> ScoreTable:
    """The whole file, checked. Raises InputError that names the line."""
    content = read_bounded(path, most=LARGEST_BYTES, wanted=_FORM)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("the file is not UTF-8", item=str(path), remedy=_FORM) from error
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",")
    columns = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    index = next((name for name in ("id", "class_index") if name in columns), None)
    if index is None or "crs" not in columns:
        raise InputError(f"its first line is {first.strip()[:80]!r}", item=str(path), remedy=_FORM)
    scores: dict[int, tuple[float, float | None]] = {}
    names: dict[int, str] = {}
    try:
        for row in reader:
            _add(row, index=index, item=f"{path.name}, line {reader.line_num}", to=(scores, names))
    except csv.Error as error:
        raise InputError(
            f"it is not a table ({error})",
            item=f"{path.name}, line {reader.line_num}",
            remedy=_FORM,
        ) from error
    if not scores:
        raise InputError("it has no row", item=str(path), remedy=_FORM)
    whole = sorted(names) == list(range(len(scores)))
    return ScoreTable(
        scores=tuple((place, *scores[place]) for place in sorted(scores)),
        names=tuple(names[place] for place in sorted(names)) if whole else (),
        file_hash=hashlib.sha256(content).hexdigest(),
    )


def _add(
    row: Mapping[str, str | None],
    *,
    index: str,
    item: str,
    to: tuple[dict[int, tuple[float, float | None]], dict[int, str]],
) -> None:
    """Put a row into the scores and names by class."""
    scores, names = to
    place = _index(row[index], item=item)
    if place in scores:
        raise InputError(f"class {place} has a row already", item=item, remedy=_FORM)
    crs = _share(row["crs"], name="crs", item=item)
    if crs is None:
        raise InputError("crs is empty", item=item, remedy="Leave out classes without a score")
    scores[place] = crs, _share(row.get("acc"), name="acc", item=item)
    if name := (row.get("name") or "").strip():
        if not name.isprintable():
            raise InputError(
                f"the name is {name[:40]!r}", item=item, remedy="Leave out control characters"
            )
        names[place] = name.replace("___", ", ").replace("_", " ")


def _index(text: str | None, *, item: str) -> int:
    value = (text or "").strip()
    if not (value.isascii() and value.isdigit() and len(value) <= 9 and int(value) < MOST_CLASSES):
        raise InputError(
            f"the index of the class is {value[:40]!r}",
            item=item,
            remedy="Give a whole number from 0",
        )
    return int(value)


def _share(text: str | None, *, name: str, item: str) -> float | None:
    value = (text or "").strip()
    if not value:
        return None
    try:
        share = float(value)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise InputError(f"{name} is {value[:40]!r}", item=item, remedy="Give a number from 0 to 1")
    return share
