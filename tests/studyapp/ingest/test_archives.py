from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from studyapp.errors import ImageInputError, InputError
from studyapp.ingest.archives import TarSource, ZipSource, open_source
from studyapp.ingest.sources import FolderSource, NoSource

FILES = {"./a/x.jpg": b"xx", "a/y.jpg": b"yyy", "z.txt": b""}


def _tar(path: Path, mode: str = "w", files: dict[str, bytes] = FILES) -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]  # the mode is a variable
        folder = tarfile.TarInfo("a/")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def _zip(path: Path, files: dict[str, bytes] = FILES) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("a")
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz", "zip"])
def test_archives_give_their_files_without_unpacking(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "archive.bin"
    source = open_source(_zip(path) if mode == "zip" else _tar(path, mode))
    assert sorted(source.members()) == ["a/x.jpg", "a/y.jpg", "z.txt"]
    assert dict(source.contents(["a/y.jpg", "a/x.jpg"])) == {"a/x.jpg": b"xx", "a/y.jpg": b"yyy"}
    assert list(tmp_path.iterdir()) == [path]


def test_source_is_told_by_what_lies_there(tmp_path: Path) -> None:
    assert isinstance(open_source(tmp_path), FolderSource)
    assert isinstance(open_source(None), NoSource)
    (tmp_path / "notes.txt").write_text("no archive")
    with pytest.raises(InputError, match="neither a folder nor a tar nor a zip"):
        open_source(tmp_path / "notes.txt")
    with pytest.raises(InputError, match="no such file or folder"):
        open_source(tmp_path / "none")


@pytest.mark.parametrize("name", ["../x.jpg", "a/../../x.jpg", "/etc/x.jpg", "C:/x.jpg"])
def test_members_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    for source in (
        TarSource(_tar(tmp_path / "t.tar", files={"a.jpg": b"", name: b"x"})),
        ZipSource(_zip(tmp_path / "z.zip", files={"a.jpg": b"", name: b"x"})),
    ):
        with pytest.raises(InputError, match=r"absolute path|path with") as caught:
            list(source.members())
        assert name in caught.value.item


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "t.tar"
    with tarfile.open(path, "w") as tar:
        member = tarfile.TarInfo("a.jpg")
        member.type, member.linkname = kind, "/etc/passwd"
        tar.addfile(member)
    with pytest.raises(InputError, match=r"t\.tar: 'a.jpg': a link or a device"):
        list(TarSource(path).members())


def test_links_and_encrypted_members_in_a_zip_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    link = zipfile.ZipInfo("a.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="a link or a device"):
        list(ZipSource(path).members())
    content = bytearray(_zip(path, {"b.jpg": b"x"}).read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="encrypted"):
        list(ZipSource(path).members())


def test_size_of_an_archive_is_bounded(tmp_path: Path, settings: Settings) -> None:
    sources = (TarSource(_tar(tmp_path / "t.tar")), ZipSource(_zip(tmp_path / "z.zip")))
    settings.ARCHIVE_MAX_BYTES = 4
    for source in sources:
        with pytest.raises(InputError, match="ARCHIVE_MAX_BYTES"):
            list(source.members())
    settings.ARCHIVE_MAX_BYTES, settings.ARCHIVE_MAX_MEMBERS = 1000, 2
    for source in sources:
        with pytest.raises(InputError, match="ARCHIVE_MAX_MEMBERS"):
            list(source.members())


def test_a_member_is_read_no_further_than_allowed(tmp_path: Path, settings: Settings) -> None:
    settings.IMAGE_MAX_BYTES = 10
    files = {"bomb.jpg": b"\0" * 1_000_000}
    for source in (
        TarSource(_tar(tmp_path / "t.tgz", "w:gz", files)),
        ZipSource(_zip(tmp_path / "z.zip", files)),
    ):
        assert dict(source.contents(["bomb.jpg"])) == {"bomb.jpg": b"\0" * 11}


def test_damaged_archives_are_named(tmp_path: Path) -> None:
    path = _tar(tmp_path / "t.tgz", "w:gz", {f"{n}.jpg": bytes(range(256)) for n in range(99)})
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"t\.tgz: the archive is damaged"):
        list(TarSource(path).members())
    cut = _zip(tmp_path / "cut.zip", {"a.jpg": b"a" * 20})
    cut.write_bytes(cut.read_bytes()[:-30])
    with pytest.raises(InputError, match=r"cut\.zip: the archive is damaged"):
        open_source(cut)
    zipped = _zip(tmp_path / "z.zip", {"good.jpg": b"good" * 20, "bad.jpg": b"bad" * 20})
    content = zipped.read_bytes()
    place = content.index(b"bad.jpg") + len(b"bad.jpg")
    zipped.write_bytes(content[:place] + b"\x01\x02" + content[place + 2 :])
    read = dict(ZipSource(zipped).contents(["bad.jpg", "good.jpg"]))
    assert read["good.jpg"] == b"good" * 20
    assert isinstance(read["bad.jpg"], ImageInputError), "one bad member stops no other"
