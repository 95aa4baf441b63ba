"""The archive's CSV files as columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studyapp.analytics import KEPT, Answer, ExclusionReason

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

_ANSWERS = {"yes": Answer.YES, "no": Answer.NO, "unsure": Answer.UNSURE}
_REASONS: dict[str, int] = {"": KEPT} | {reason.slug: int(reason) for reason in ExclusionReason}
_VOTE = np.dtype(
    [
        ("question", "i8"),
        ("rater", "i8"),
        ("answer", "i1"),
        ("seconds", "f8"),
        ("reason", "i1"),
        ("by_hand", "?"),
    ]
)


class RecountError(ValueError):
    """A file of the archive is missing or cannot be read; the message names it."""


@dataclass(frozen=True, eq=False)
class Questions:
    """key: int64[Q], rising. curtailed: bool[Q], may close before all its votes are in.
    asked_again: bool[Q], lacked votes and was offered again only for being undecided."""

    key: npt.NDArray[np.int64]
    curtailed: npt.NDArray[np.bool_]
    asked_again: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Images:
    """rows: id -> row. label: int64[N], -1 without one. real: the right labels of each image."""

    rows: dict[str, int]
    label: npt.NDArray[np.int64]
    real: list[tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class FirstPredictions:
    """A model's first predictions: row of Images, class, key of the question or -1."""

    row: npt.NDArray[np.int64]
    top1: npt.NDArray[np.int64]
    question: npt.NDArray[np.int64]


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of data/<name>.csv, apostrophes against formulas taken off."""
    path = folder / "data" / f"{name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield {key: _unguarded(cell) for key, cell in row.items()}
    except OSError as error:
        raise RecountError(f"{path}: {error.strerror}. Unpack the archive again.") from error
    except (csv.Error, UnicodeDecodeError, AttributeError) as error:
        raise RecountError(f"{path}: this is no such table. Unpack the archive again.") from error


def read_questions(folder: Path) -> Questions:
    """Every question, by rising key."""
    columns = [
        (int(row["question_id"]), row["curtailed"] == "true", row["asked_again"] == "true")
        for row in rows_of(folder, "questions")
    ]
    table = np.array(columns, dtype=np.int64).reshape(-1, 3)
    return Questions(
        key=table[:, 0].copy(), curtailed=table[:, 1] == 1, asked_again=table[:, 2] == 1
    )


def read_votes(folder: Path) -> npt.NDArray[np.void]:
    """One row a vote, in the file's order: key of the question, number of the rater, answer,
    seconds (NaN where not known), code of the reason it does not count, whether a person excluded
    it."""
    raters: dict[str, int] = {}
    return np.fromiter(
        (
            (
                int(row["question_id"]),
                raters.setdefault(row["rater_id"], len(raters)),
                _known("answer", row["answer"], _ANSWERS),
                float(row["seconds"] or "nan"),
                _known("exclusion_reason", row["exclusion_reason"], _REASONS),
                row["by_hand"] == "true",
            )
            for row in rows_of(folder, "votes")
        ),
        dtype=_VOTE,
    )


def read_images(folder: Path) -> Images:
    """Every image with its labels."""
    rows: dict[str, int] = {}
    label, real = [], []
    for row in rows_of(folder, "images"):
        rows[row["image_id"]] = len(rows)
        label.append(int(row["true_class"] or -1))
        real.append(tuple(int(part) for part in row["real_classes"].split(";") if part))
    return Images(rows=rows, label=np.array(label, dtype="i8"), real=real)


def read_predictions(folder: Path, *, images: Images) -> dict[str, FirstPredictions]:
    """First predictions by name of the model."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    for row in rows_of(folder, "predictions"):
        if row["rank"] == "1":
            found.setdefault(row["model"], []).append(
                (
                    _known("image_id", row["image_id"], images.rows),
                    int(row["class_index"]),
                    int(row["question_id"] or -1),
                )
            )
    return {
        name: FirstPredictions(*np.array(rows, dtype="i8").T.copy()) for name, rows in found.items()
    }


def _known(column: str, cell: str, codes: dict[str, int] | dict[str, Answer]) -> int:
    try:
        return int(codes[cell])
    except KeyError:
        raise RecountError(f"Column {column} holds {cell!r}, which is not known here.") from None


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell.lstrip("'").startswith(FORMULA_STARTS) else cell
