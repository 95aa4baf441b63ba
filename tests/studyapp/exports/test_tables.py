from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from studyapp.exports.columns import Cell, Table, described
from studyapp.exports.tables import csv_file, plain_cell


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, 0),
        (-1.5, -1.5),
        ("-1+2", "'-1+2"),
        ("@cmd", "'@cmd"),
        ("=1", "'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("\t=1", "'\t=1"),
        ("a=1", "a=1"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00Z"),
        (
            datetime(2026, 1, 1, 2, 0, 0, 5, tzinfo=timezone(timedelta(hours=2))),
            "2026-01-01T00:00:00.000005Z",
        ),
    ],
)
def test_cells(cell: Cell, written: object) -> None:
    assert plain_cell(cell) == written


def test_quoting_and_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    columns = described("a string a\nb string b")
    with csv_file(path, Table(name="t", title="", columns=columns, rows=(), key=())) as add:
        add([('x"y', "é,\nz"), (None, 1.5)])
    assert path.read_bytes() == 'a,b\n"x""y","é,\nz"\n,1.5\n'.encode()


@pytest.mark.parametrize("text", ["=1", "'=1", "''@a", "'a", "a", ""])
def test_a_guard_can_be_taken_off_exactly(text: str) -> None:
    written = str(plain_cell(text))
    guarded = written.startswith("'") and written.lstrip("'").startswith(("=", "@"))
    assert (written[1:] if guarded else written) == text
