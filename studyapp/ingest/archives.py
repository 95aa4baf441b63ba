"""Tar and zip files, read member by member without unpacking anything to disk."""

from __future__ import annotations

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from django.conf import settings

from studyapp.errors import ImageInputError, InputError
from studyapp.ingest.paths import UnsafePathError, inner_path
from studyapp.ingest.sources import Content, FolderSource, NoSource, Source, Wanted

_REPACK = "Pack the archive again without it; nothing was imported"
#: First bytes of zip, gzip, bzip2 and xz files.
_MAGIC = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)


class _Tally:
    """Checks each member as it is listed, and the archive's size so far."""

    def __init__(self, archive: str) -> None:
        self._archive = archive
        self._members = self._bytes = 0

    def path(self, name: str, *, size: int, plain: bool) -> str:
        item = f"{self._archive}: {name[:200]!r}"
        if not plain:
            raise InputError("a link or a device", item=item, remedy=_REPACK)
        try:
            path = inner_path(name)
        except UnsafePathError as error:
            raise InputError(str(error), item=item, remedy=_REPACK) from error
        self._members += 1
        self._bytes += size
        if self._members > settings.ARCHIVE_MAX_MEMBERS:
            raise InputError(
                f"more than {settings.ARCHIVE_MAX_MEMBERS} members (ARCHIVE_MAX_MEMBERS)",
                item=self._archive,
                remedy="Split the archive, or raise the setting",
            )
        if self._bytes > settings.ARCHIVE_MAX_BYTES:
            raise InputError(
                f"unpacks to more than {settings.ARCHIVE_MAX_BYTES} bytes (ARCHIVE_MAX_BYTES)",
                item=self._archive,
                remedy="Split the archive, or raise the setting",
            )
        return path


@contextmanager
def _readable(archive: Path) -> Iterator[None]:
    """What reading a damaged archive raises, as one error of ours."""
    try:
        yield
    except _DAMAGED as error:
        raise InputError(
            f"the archive is damaged or cannot be read ({error})",
            item=str(archive),
            remedy="Fetch or pack it again",
        ) from error


# Both are missing from the type stubs.
_CUT_OFF = (
    tarfile.TruncatedHeaderError,  # type: ignore[attr-defined]
    tarfile.EmptyHeaderError,  # type: ignore[attr-defined]
)


class _StrictTarInfo(tarfile.TarInfo):
    """tarfile takes a tar that was cut off for one that ends there; this one does not."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile_)
        except _CUT_OFF as error:
            raise tarfile.ReadError("it ends without an end mark") from error


class TarSource:
    """A tar with any of the standard compressions, read as a stream."""

    packed = True

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    def members(self) -> Iterator[str]:
        tally = _Tally(self.name)
        for _, member in self._walk():
            if not member.isdir():
                yield tally.path(member.name, size=member.size, plain=member.isreg())
            else:
                tally.path(member.name, size=0, plain=True)

    def contents(self, wanted: Wanted) -> Iterator[tuple[str, Content]]:
        for tar, member in self._walk():
            if not member.isreg():
                continue
            path = inner_path(member.name)
            if path in wanted:
                with _readable(self.path):
                    file = tar.extractfile(member)
                    content = file.read(settings.IMAGE_MAX_BYTES + 1) if file else b""
                yield path, content

    def _walk(self) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
        with _readable(self.path):
            tar = tarfile.open(self.path, mode="r|*", tarinfo=_StrictTarInfo)  # noqa: SIM115  # closed below
        with tar:
            while True:
                with _readable(self.path):
                    member = tar.next()
                if member is None:
                    return
                yield tar, member
                # tarfile keeps every header it has seen; for a stream that only grows memory.
                tar.members = []  # type: ignore[attr-defined]  # not in the type stubs


class ZipSource:
    """A zip file; its directory is the one thing held in memory."""

    packed = True

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    def members(self) -> Iterator[str]:
        tally = _Tally(self.name)
        with _readable(self.path), zipfile.ZipFile(self.path) as archive:
            for info in archive.infolist():
                if info.flag_bits & 0x1:
                    raise InputError(
                        "encrypted", item=f"{self.name}: {info.filename}", remedy=_REPACK
                    )
                kind = stat.S_IFMT(info.external_attr >> 16)
                plain = kind in (0, stat.S_IFREG, stat.S_IFDIR)
                path = tally.path(info.filename, size=info.file_size, plain=plain)
                if not info.is_dir():
                    yield path

    def contents(self, wanted: Wanted) -> Iterator[tuple[str, Content]]:
        with _readable(self.path), zipfile.ZipFile(self.path) as archive:
            names = {inner_path(info.filename): info for info in archive.infolist()}
            for path in wanted:
                yield path, self._content(archive, names[path])

    def _content(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Content:
        try:
            with archive.open(info) as file:
                return file.read(settings.IMAGE_MAX_BYTES + 1)
        except (*_DAMAGED, NotImplementedError) as error:
            return ImageInputError(
                f"cannot be unpacked ({error})",
                item=f"{self.name}: {info.filename}",
                remedy="Pack the archive again",
            )


def open_source(path: Path | None) -> Source:
    """The source at a path: a folder, a tar or a zip; None stands for no files at all."""
    if path is None:
        return NoSource()
    if path.is_dir():
        return FolderSource(path)
    if not path.is_file():
        raise InputError("no such file or folder", item=str(path), remedy="Check the path")
    with _readable(path):
        if zipfile.is_zipfile(path):
            return ZipSource(path)
        if tarfile.is_tarfile(path):
            return TarSource(path)
        with path.open("rb") as file:
            begins_as_archive = file.read(6).startswith(_MAGIC)
    if begins_as_archive:
        raise InputError(
            "the archive is damaged: it begins as one and is cut off or altered",
            item=str(path),
            remedy="Fetch or pack it again",
        )
    raise InputError(
        "neither a folder nor a tar nor a zip",
        item=str(path),
        remedy="Give the folder the images lie in",
    )
