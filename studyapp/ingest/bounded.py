"""A small file as a whole, read up to a bound: what is larger is not what was asked for."""

from __future__ import annotations

from pathlib import Path

from studyapp.errors import InputError


def read_bounded(path: Path, *, most: int, wanted: str) -> bytes:
    """The content of the file, at most `most` bytes. InputError names it, and what is wanted."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror})", item=str(path), remedy=wanted
        ) from error
    if len(content) > most:
        raise InputError(f"more than {most:,} bytes", item=str(path), remedy=wanted)
    return content
