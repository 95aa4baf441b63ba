"""A file that is there as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from studyapp.errors import InputError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place to write at, which becomes `path` when all is written. Raises InputError."""
    fresh = path.with_name(f".{path.name}.partial")
    try:
        yield fresh
        fresh.replace(path)
    except OSError as error:
        raise InputError(
            f"the file cannot be written ({error.strerror})",
            item=str(path),
            remedy="Name a file in a folder that exists and that you may write to",
        ) from error
    finally:
        # What could not be made need not go: under a file there is not even a folder to look into.
        with suppress(OSError):
            fresh.unlink()


def write_text(path: Path, text: str) -> None:
    """The text as UTF-8 with plain line ends."""
    with whole_file(path) as fresh:
        fresh.write_text(text, encoding="utf-8", newline="\n")


def make_folder(path: Path) -> None:
    """The folder with all above it, where it is not there yet. Raises InputError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder cannot be made ({error.strerror})",
            item=str(path),
            remedy="Name a folder inside one that you may write to",
        ) from error
