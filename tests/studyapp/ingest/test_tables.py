from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest import tables
from studyapp.ingest.tables import Table


def _table(folder: Path, content: bytes, name: str = "t.csv") -> Table:
    path = folder / name
    path.write_bytes(content)
    return Table(path)


def test_rows_know_their_line_and_their_cells(tmp_path: Path) -> None:
    text = '\ufeffa, b\r\n1, x \r\n\r\n"2\n2",y\r\n3,"z, ""z"""\n'
    table = _table(tmp_path, text.encode())
    assert table.columns() == ("a", "b")
    rows = [(row.line, row["a"], row["b"], row.get("c")) for row in table.rows()]
    assert rows == [(2, "1", "x", ""), (5, "2\n2", "y", ""), (6, "3", 'z, "z"', "")]
    assert len(list(table.rows())) == 3, "a second reading starts anew"


def test_gzip_is_told_by_its_content(tmp_path: Path) -> None:
    packed = _table(tmp_path, gzip.compress(b"a\n1\n"), "packed.csv")
    plain = _table(tmp_path, b"a\n1\n", "plain.csv.gz")
    assert [row["a"] for row in packed.rows()] == [row["a"] for row in plain.rows()] == ["1"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no header"),
        (b"\n", "no header"),
        (b"a,a\n", "'a' occurs twice"),
        (b"b\n1\n", "no column a .found: b."),
        (b"a;b\n1;2\n", "no column a .found: a;b.*save the table as comma-separated"),
        (b"a,b\n1\n", "line 2: 1 cells where the header has 2"),
        (b"a\n1\n2,3\n", "line 3: 2 cells"),
        (b"a\nx\nf\xfcr\n", "line 3: not UTF-8"),
        ("a\n1\n".encode("utf-16"), "line 1: not UTF-8"),
        (b"a\n\0\n", "line 2: holds a zero byte"),
        (b'a\n"open\n', "not CSV"),
        (gzip.compress(b"a\n1\n" * 5000, mtime=0)[:-20], "gzip file is damaged"),
        (gzip.compress(b"a\n1\n", mtime=0)[:6], "gzip file is damaged"),
    ],
)
def test_bad_tables_are_named(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        list(_table(tmp_path, content).rows(required=("a",)))
    assert "t.csv" in str(caught.value)
    assert caught.value.remedy


def test_missing_file_and_endless_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="No such file"):
        list(Table(tmp_path / "none.csv").rows())
    monkeypatch.setattr(tables, "MAX_LINE", 1000)
    bomb = _table(tmp_path, gzip.compress(b"a\n" + b"1" * 100_000))
    with pytest.raises(InputError, match="line 2: longer than 1000 bytes"):
        list(bomb.rows())


def test_identifiers_and_whole_numbers(tmp_path: Path) -> None:
    (good,) = _table(tmp_path, b"a,n\nx y,007\n").rows()
    assert (good.identifier("a"), good.whole("n")) == ("x y", 7)
    for content in (b"a,n\n,-1\n", "a,n\nx\u0007,1.0\n".encode(), b"a,n\n" + b"x" * 301 + b",\n"):
        (bad,) = _table(tmp_path, content).rows()
        with pytest.raises(InputError, match=r"t\.csv, line 2: a is"):
            bad.identifier("a")
        with pytest.raises(InputError, match=r"t\.csv, line 2: n is"):
            bad.whole("n")
