"""Published tables of class scores, as the repository hmaciej/robustness_score has them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from explain.errors import ParameterError

_COLUMNS = ("id", "acc", "crs", "name")


@dataclass(frozen=True, slots=True)
class ClassTable:
    """One table, by class index.

    crs       class robustness scores in [0, 1], to 4 decimals
    accuracy  shares of images recognised, in [0, 1]: among the first five predictions
    names     names of the classes, synonyms separated by ", "
    """

    crs: dict[int, float]
    accuracy: dict[int, float]
    names: dict[int, str]

    def below(self, limit: float) -> int:
        """How many classes score less than `limit`."""
        return sum(score < limit for score in self.crs.values())


def read_table(path: Path) -> ClassTable:
    """Read a file of columns id;acc;crs;name with one class a row.

    Raises ParameterError if it is not such a file.
    """
    table = ClassTable(crs={}, accuracy={}, names={})
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter=";")
            if tuple(next(rows, ())) != _COLUMNS:
                raise _error(f"its first line is not {';'.join(_COLUMNS)}", path=path)
            for row in rows:
                _add(table, row, place=f"line {rows.line_num}", path=path)
    except (OSError, UnicodeDecodeError) as error:
        raise _error(f"it cannot be read ({error})", path=path) from error
    return table


def _add(table: ClassTable, row: list[str], *, place: str, path: Path) -> None:
    try:
        index, accuracy, crs = int(row[0]), float(row[1]), float(row[2])
        name = row[3]
    except (ValueError, IndexError) as error:
        raise _error(f"{place} is not id;acc;crs;name ({error})", path=path) from error
    if index in table.crs or not (0 <= accuracy <= 1 and 0 <= crs <= 1):
        raise _error(f"{place} has a class twice, or a value outside [0, 1]", path=path)
    table.accuracy[index], table.crs[index] = accuracy, crs
    # "___" stands between synonyms, "_" for a blank.
    table.names[index] = name.replace("___", ", ").replace("_", " ")


def _error(what: str, *, path: Path) -> ParameterError:
    return ParameterError(
        f"not a table of class scores: {what}",
        item=str(path),
        remedy="Give a file as the repository hmaciej/robustness_score has them",
    )
