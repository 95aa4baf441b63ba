from __future__ import annotations

import numpy as np
import pytest

from studyapp.analytics.shares import shares
from studyapp.analytics.usual import Usual, far_below, median, usual


def test_a_hand_example() -> None:
    """Of 0.5, 0.7, 0.8, 0.8, 0.9 the quartiles are 0.7 and 0.8: the fence is 0.55."""
    many = shares(np.array([500, 700, 800, 800, 900]), n=[1000] * 5)
    found = usual(many)
    assert found.median == 0.8
    assert found.fence == pytest.approx(0.55)
    assert far_below(many).tolist() == [True, False, False, False, False]


def test_few_votes_tell_of_nobody() -> None:
    """Nine of nought, which is further off than any; and 5 of 10, whose interval ends at 0.76."""
    k = np.array([0, 5, 70, 80, 80, 90])
    found = shares(k, n=[9, 10, 100, 100, 100, 100])
    assert not far_below(found).any()
    assert usual(shares(np.array([0, 9]), n=[0, 9])) == Usual(median=1.0, fence=None)
    assert median(np.array([np.nan])) is None
