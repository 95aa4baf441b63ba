from __future__ import annotations

from pathlib import Path

import pytest

from demo.world.write import WorldFiles, write_world


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> WorldFiles:
    """A small written world; tests read it and leave it alone."""
    folder: Path = tmp_path_factory.mktemp("world")
    return write_world(folder, seed=1, per_class=2, workers=1)
