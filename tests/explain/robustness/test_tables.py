from __future__ import annotations

from pathlib import Path

import pytest

from explain.errors import ParameterError
from explain.robustness import read_table

GOOD = "id;acc;crs;name\r\n0;0.9000;0.5209;tench___Tinca_tinca\r\n7;1.0000;0.0000;cock\r\n"


def written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    return path


def test_a_table_is_read(tmp_path: Path) -> None:
    table = read_table(written(tmp_path / "t.csv", GOOD))
    assert table.crs == {0: 0.5209, 7: 0.0}
    assert table.accuracy == {0: 0.9, 7: 1.0}
    assert table.names == {0: "tench, Tinca tinca", 7: "cock"}
    assert table.below(0.5209) == 1


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "first line"),
        ("id,acc,crs,name\n", "first line"),
        (GOOD + "8;0.5\n", "line 4 is not"),
        (GOOD + "8;0.5;high;crow\n", "line 4 is not"),
        (GOOD + "7;0.5;0.5;crow\n", "line 4 has a class twice"),
        (GOOD + "8;0.5;1.5;crow\n", r"line 4.*outside \[0, 1\]"),
        (GOOD + "8;0.5;nan;crow\n", r"line 4.*outside \[0, 1\]"),
    ],
)
def test_another_file_is_refused_with_the_place(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ParameterError, match=rf"t\.csv: not a table of class scores: .*{what}"):
        read_table(written(tmp_path / "t.csv", text))


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="cannot be read"):
        read_table(tmp_path / "missing.csv")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ParameterError, match="cannot be read"):
        read_table(tmp_path / "b.csv")
