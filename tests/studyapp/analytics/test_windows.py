from __future__ import annotations

import math

import numpy as np
import pytest

from studyapp.analytics import RuleError
from studyapp.analytics.windows import Window, outside, window_ends


def test_both_ends_are_inside_and_an_unknown_time_is() -> None:
    seconds = np.array([19.9, 20, 180, 180.1, np.nan])
    too_fast, too_slow = outside(seconds, window=(20, 180))
    assert too_fast.tolist() == [True, False, False, False, False]
    assert too_slow.tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("window", [None, (None, None)])
def test_no_window_leaves_everything_inside(window: Window | None) -> None:
    assert not np.any(outside(np.array([0.0, 1e9, np.nan]), window=window))


def test_open_ends() -> None:
    assert window_ends((None, 3)) == (0, 3)
    assert window_ends((3, None)) == (3, math.inf)


@pytest.mark.parametrize("window", [(2, 1), (-1, 5), (math.nan, 5), (0, math.inf)])
def test_windows_that_cannot_be_are_refused(window: Window) -> None:
    with pytest.raises(RuleError, match="cannot be"):
        window_ends(window)
