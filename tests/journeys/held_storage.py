"""A storage that holds whoever reads in the middle of a part, until the test lets it go on."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

#: Reads that pass while the test holds.
PASSING = 2


class HeldStorage(FileSystemStorage):
    """While the file `hold` names a folder, reads from it wait, and `held-PID` says so."""

    def __init__(self, **options: str) -> None:
        super().__init__(**options)  # type: ignore[arg-type]  # a location alone
        self.folder = Path(os.environ["SHARD_TEST_FOLDER"])
        self.reads = 0

    def _open(self, name: str, mode: str = "rb") -> Any:
        if "w" not in mode and self._is_held(name):
            self.reads += 1
            while self.reads > PASSING and self._is_held(name):
                (self.folder / f"held-{os.getpid()}").touch()
                time.sleep(0.02)
        return super()._open(name, mode)  # type: ignore[misc]  # not in the stubs

    def _is_held(self, name: str) -> bool:
        hold = self.folder / "hold"
        held = hold.exists() and name.startswith(hold.read_text(encoding="utf-8"))
        self.reads = self.reads if held else 0
        return held
