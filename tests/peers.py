"""Other people's implementations, kept apart in .venv/peers (requirements/peers.txt)."""

from __future__ import annotations

import importlib
import sys
import warnings
from pathlib import Path
from typing import Any

from tests.conftest import skip_or_fail

FOLDER = Path(sys.prefix) / "peers"


def peer(name: str) -> Any:
    """The module called `name`; skips the test where the peers are not installed."""
    if not FOLDER.is_dir():
        skip_or_fail("needs .venv/peers: make .venv/.peers")
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))  # last, so that what both have is ours
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of their imports; what they compute is looked at
        return importlib.import_module(name)
