"""A file that names people: for whoever wrote it, whatever was at its place before."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TextIO

_OWNER_ALONE = 0o600


def open_private(path: Path) -> TextIO:
    """Open for writing as UTF-8, emptied, readable for its owner alone. Raises OSError.

    The rights are set before anything is written. What is no plain file, such as a pipe, keeps its
    own.
    """
    number = os.open(path, os.O_WRONLY | os.O_CREAT, _OWNER_ALONE)
    file = os.fdopen(number, "w", encoding="utf-8", newline="")
    try:
        if stat.S_ISREG(os.fstat(number).st_mode):
            os.fchmod(number, _OWNER_ALONE)
            os.ftruncate(number, 0)
    except OSError:
        file.close()
        raise
    return file
