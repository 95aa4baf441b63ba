"""A folder that is there as a whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studyapp.errors import InputError


@contextmanager
def whole_folder(out: Path, *, marker: str) -> Iterator[Path]:
    """Give a folder to write into; it becomes `out` when the block ends without an error.

    An earlier `out` is replaced only if it holds `marker`, the file by which our own folders are
    known. What a killed run left behind is taken over by the next one.
    """
    out = out.resolve()
    _refuse_foreign(out, marker)
    partial, old = out.with_name(f".{out.name}.partial"), out.with_name(f".{out.name}.old")
    handle = _make(partial, out)
    try:
        _lock(handle, out)
        try:
            _empty(partial)
            yield partial
            _put(partial, out, old)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            raise InputError(
                f"the files cannot be written ({error.strerror})",
                item=str(out),
                remedy="Make room, or name a folder elsewhere",
            ) from error
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    finally:
        os.close(handle)


def _make(partial: Path, out: Path) -> int:
    try:
        partial.mkdir(parents=True, exist_ok=True)
        return os.open(partial, os.O_RDONLY)
    except OSError as error:
        raise InputError(
            f"the folder cannot be made ({error.strerror})",
            item=str(out),
            remedy="Name a folder inside one that you may write to",
        ) from error


def _refuse_foreign(out: Path, marker: str) -> None:
    if out.is_dir() and (out / marker).is_file():
        return
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise InputError(
            "this exists already and is not an earlier export",
            item=str(out),
            remedy="Name a new or an empty folder",
        )


def _lock(handle: int, out: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(
            "another export is writing this folder", item=str(out), remedy="Wait until it is done"
        ) from error


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _put(partial: Path, out: Path, old: Path) -> None:
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        # A folder cannot take a full one's place in one step; killed between the two, nothing
        # is half there: `old` and `partial` are both whole.
        out.replace(old)
    partial.replace(out)
    shutil.rmtree(old, ignore_errors=True)
