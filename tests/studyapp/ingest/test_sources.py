from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from studyapp.errors import ImageInputError, InputError
from studyapp.ingest.sources import FolderSource, NoSource


def test_folder_lists_and_reads_what_is_wanted(tmp_path: Path, settings: Settings) -> None:
    settings.IMAGE_MAX_BYTES = 4
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x.jpg").write_bytes(b"xx")
    (tmp_path / "y.jpg").write_bytes(b"too long")
    source = FolderSource(tmp_path)
    assert sorted(source.members()) == ["a/b/x.jpg", "y.jpg"]
    read = dict(source.contents(["y.jpg", "a/b/x.jpg", "gone.jpg"]))
    assert read["a/b/x.jpg"] == b"xx"
    assert read["y.jpg"] == b"too l", "one byte more than allowed is enough to refuse it"
    assert isinstance(read["gone.jpg"], ImageInputError)
    assert "No such file" in str(read["gone.jpg"])


def test_links_to_folders_are_not_followed_and_links_to_files_are(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "x.jpg").write_bytes(b"x")
    (inside / "loop").symlink_to(inside)
    (inside / "y.jpg").symlink_to(outside / "x.jpg")
    assert list(FolderSource(inside).members()) == ["y.jpg"]


def test_names_that_cannot_be_shown_are_refused(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg"))).write_bytes(b"x")
    with pytest.raises(InputError, match="broken characters"):
        list(FolderSource(tmp_path).members())


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be listed"):
        list(FolderSource(tmp_path / "none").members())


def test_no_source_has_nothing() -> None:
    assert list(NoSource().members()) == []
    assert list(NoSource().contents([])) == []
