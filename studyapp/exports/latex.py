"""A table for a paper: LaTeX with booktabs, percentages with the whole numbers beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from studyapp.exports.columns import Cell, Column, Row, Table
from studyapp.exports.tables import Add, plain_cell

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{mark: "\\" + mark for mark in "&%$#_{}"},
}
NOTHING = "--"


@contextmanager
def latex_file(path: Path, table: Table, *, caption: str) -> Iterator[Add]:
    """The printed columns of the rows that are added, as a `table` to \\input."""
    places = [table.header.index(name) for name in table.printed]
    columns = [table.columns[place] for place in places]
    aligned = "".join("l" if column.kind == "string" else "r" for column in columns)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("% \\usepackage{booktabs}\n\\begin{table}\n\\centering\n")
        file.write(f"\\caption{{{escaped(caption)}}}\n\\label{{tab:{table.name}}}\n")
        file.write(f"\\begin{{tabular}}{{{aligned}}}\n\\toprule\n")
        file.write(" & ".join(map(_heading, columns)) + " \\\\\n\\midrule\n")

        def add(rows: Sequence[Row]) -> None:
            for row in rows:
                cells = [printed(row[place], table.columns[place]) for place in places]
                file.write(" & ".join(cells) + " \\\\\n")

        yield add
        file.write("\\bottomrule\n\\end{tabular}\n\\end{table}\n")


def printed(cell: Cell, column: Column) -> str:
    """A cell as print shows it: shares in per cent, thousands apart, a dash for null."""
    if cell is None or cell == "":
        return NOTHING
    if column.kind == "share" and isinstance(cell, int | float):
        return _signed(f"{100 * cell:.2f}")
    if column.kind == "integer" and isinstance(cell, int):
        return f"{cell:,}".replace(",", r"\,")
    if column.kind == "number" and isinstance(cell, int | float):
        return _signed(f"{cell:.3g}")
    return escaped(str(plain_cell(cell) if isinstance(cell, bool) else cell))


def escaped(text: str) -> str:
    """Text that LaTeX sets as it is, also right behind the end of a row, where * and [ would be
    read as part of it."""
    told = "".join(_SPECIAL.get(mark, mark) for mark in " ".join(text.split()))
    return f"{{{told[0]}}}{told[1:]}" if told.startswith(("*", "[")) else told


def _signed(number: str) -> str:
    return f"${number}$" if number.startswith("-") else number


def _heading(column: Column) -> str:
    unit = r" (\%)" if column.kind == "share" else ""
    return escaped(column.name.replace("_", " ")) + unit
