"""A table of expert answers: image_id, class_index and answer, one a row."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from studyapp.errors import InputError
from studyapp.ingest.bounded import read_bounded

LARGEST_BYTES = 20_000_000
ANSWERS = ("yes", "no")
COLUMNS = ("image_id", "class_index", "answer")
_FORM = "Give a CSV with the columns image_id, class_index and answer (yes or no), one a row"


@dataclass(frozen=True)
class ExpertRow:
    """item: the line, for messages."""

    image_id: str
    class_index: int
    answer: str
    item: str


def read_expert_answers(path: Path) -> list[ExpertRow]:
    """The whole file, checked for its form. Raises InputError that names the line."""
    content = read_bounded(path, most=LARGEST_BYTES, wanted=_FORM)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("the file is not UTF-8", item=str(path), remedy=_FORM) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"no column {', '.join(missing)}", item=str(path), remedy=_FORM)
    try:
        rows = [_row(row, item=f"{path.name}, line {reader.line_num}") for row in reader]
    except csv.Error as error:
        item = f"{path.name}, line {reader.line_num}"
        raise InputError(f"it is not a table ({error})", item=item, remedy=_FORM) from error
    if not rows:
        raise InputError("it has no row", item=str(path), remedy=_FORM)
    return rows


def _row(row: dict[str, str | None], *, item: str) -> ExpertRow:
    image, index, answer = ((row[name] or "").strip() for name in COLUMNS)
    if not (index.isascii() and index.isdigit() and len(index) < 9):
        raise InputError(f"class_index is {index[:40]!r}", item=item, remedy=_FORM)
    if answer not in ANSWERS:
        raise InputError(f"the answer is {answer[:40]!r}", item=item, remedy=_FORM)
    if not image or "\0" in image:
        raise InputError(f"image_id is {image[:40]!r}", item=item, remedy=_FORM)
    return ExpertRow(image, int(index), answer, item)
