from __future__ import annotations

from pathlib import Path

import pytest

from demo.world.__main__ import main
from demo.world.kinds import KINDS


@pytest.mark.slow
def test_it_writes_a_world_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--per-class", "1", "--workers", "1"]) == 0
    printed = capsys.readouterr()
    assert f"{len(KINDS)} pictures" in printed.out
    assert f"{len(KINDS)}/{len(KINDS)}" in printed.err
    assert len(list((tmp_path / "images").iterdir())) == len(KINDS)


def test_a_bad_wish_ends_with_a_message_and_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--split", "nowhere"]) == 1
    assert "use one of: test, train" in capsys.readouterr().err


def test_a_folder_that_is_a_file_ends_with_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    assert main([str(tmp_path / "taken"), "--per-class", "1", "--workers", "1"]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert (tmp_path / "taken").read_text() == ""
