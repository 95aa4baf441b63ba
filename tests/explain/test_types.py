from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from explain.errors import ImageError
from explain.types import Failure, TopK


def test_results_cannot_be_changed() -> None:
    top = TopK(key=7, classes=np.array([1], np.int32), probabilities=np.array([1], np.float32))
    failure = Failure(key=7, error=ImageError("gone", item="7", remedy="Wait"))
    for result in (top, failure):
        with pytest.raises(FrozenInstanceError):
            result.key = 8  # type: ignore[misc]
