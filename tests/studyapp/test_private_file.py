from __future__ import annotations

import stat
from pathlib import Path

from studyapp.private_file import open_private


def test_what_lay_there_open_to_all_is_neither_read_on_nor_left_open(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_text("of an earlier time, and longer")
    path.chmod(0o644)
    with open_private(path) as file:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        file.write("ann,https\r\n")
    assert path.read_bytes() == b"ann,https\r\n"
