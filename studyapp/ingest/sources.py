"""What a source of image files can do, and the plainest one: a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from django.conf import settings

from studyapp.errors import ImageInputError, InputError
from studyapp.ingest.paths import UnsafePathError, inner_path

#: A file's bytes, or why this one file cannot be read.
Content = bytes | ImageInputError


class Wanted(Protocol):
    """Paths to be read: in order for who can seek, by question for who reads a stream."""

    def __iter__(self) -> Iterator[str]: ...

    def __contains__(self, path: object) -> bool: ...


class Source(Protocol):
    """Files below one root. A source can be walked again and again."""

    name: str
    #: An archive often holds one folder that holds everything.
    packed: bool

    def members(self) -> Iterator[str]:
        """Every file's path below the root, checked. Raises InputError at an unsafe one."""

    def contents(self, wanted: Wanted) -> Iterator[tuple[str, Content]]:
        """The wanted files, one at a time, never more of one than IMAGE_MAX_BYTES + 1."""


class FolderSource:
    """A folder on this machine."""

    packed = False

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, str(path)

    def members(self) -> Iterator[str]:
        pending = [self.path]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            pending.append(Path(entry.path))
                        elif entry.is_file():
                            yield self._member(entry.path)
            except OSError as error:
                raise InputError(
                    f"cannot be listed ({error.strerror or error})",
                    item=str(folder),
                    remedy="Check the path and its permissions",
                ) from error

    def _member(self, path: str) -> str:
        try:
            return inner_path(os.path.relpath(path, self.path))
        except UnsafePathError as error:
            raise InputError(
                str(error), item=f"{self.name}: {path!r}", remedy="Rename the file"
            ) from error

    def contents(self, wanted: Wanted) -> Iterator[tuple[str, Content]]:
        for path in wanted:
            try:
                with (self.path / path).open("rb") as file:
                    yield path, file.read(settings.IMAGE_MAX_BYTES + 1)
            except OSError as error:
                yield (
                    path,
                    ImageInputError(
                        f"cannot be read ({error.strerror or error})",
                        item=path,
                        remedy="Check the file and its permissions",
                    ),
                )


class NoSource:
    """No files at all: images known by id only."""

    packed, name = False, "-"

    def members(self) -> Iterator[str]:
        return iter(())

    def contents(self, wanted: Wanted) -> Iterator[tuple[str, Content]]:
        return iter(())
