from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from studyapp.models import Box, Image
from tests.factories.dataset import jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(jpeg(number=1))
    (tmp_path / "images" / "bad.jpg").write_bytes(b"")
    (tmp_path / "m.csv").write_text("image_id,file,label\na,a.jpg,n1\nbad,bad.jpg,n0\n")
    (tmp_path / "c.csv").write_text("class_index,wnid,name\n0,n0,cat\n1,n1,dog\n")
    (tmp_path / "b.csv").write_text("image_id,wnid,x0,y0,x1,y1\na,n1,0,0,5,5\n")
    return tmp_path


def _arguments(folder: Path) -> list[str]:
    files = {"--labels": "m.csv", "--classes": "c.csv", "--boxes": "b.csv"}
    options = [text for name, file in files.items() for text in (name, str(folder / file))]
    return ["import_images", "--set", "pets", str(folder), *options]


def test_all_arguments_and_what_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command(*_arguments(folder))
    out = capsys.readouterr().out
    assert "pets: 1 image added, 1 in the set, 2 classes (c.csv)." in out
    assert "bad.jpg: the file is empty. Replace it" in out
    assert (Image.objects.count(), Box.objects.count()) == (1, 1)


def test_strict_ends_with_an_error_after_the_others_came_in(folder: Path) -> None:
    with pytest.raises(CommandError, match="1 image could not be used; the others are in the set"):
        call_command(*_arguments(folder), "--strict")
    assert Image.objects.count() == 1


def test_ids_only_and_errors_a_person_can_read(folder: Path, tmp_path: Path) -> None:
    ids = tmp_path / "ids.csv"
    ids.write_text("image_id,label\nx,1\n")
    call_command("import_images", "--set", "ids", "-", "--labels", str(ids))
    assert Image.objects.get().file is None
    with pytest.raises(CommandError, match=r"no such file or folder\. Check the path"):
        call_command("import_images", "--set", "pets", str(tmp_path / "none"))
