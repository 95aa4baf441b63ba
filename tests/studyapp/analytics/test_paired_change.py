from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from studyapp.analytics import ColumnError, RuleError, mean_change


def test_the_mean_and_an_interval_that_covers_it() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(200):
        before = rng.random(40)
        after = before - 0.2 + rng.normal(0, 0.1, 40)
        found = mean_change(before, after=after, rng=rng, draws=200)
        assert found.estimate == pytest.approx(float((after - before).mean()))
        assert found.se == pytest.approx(float((after - before).std()) / np.sqrt(40), rel=0.25)
        assert found.low is not None and found.high is not None  # noqa: PT018
        covered += found.low <= -0.2 <= found.high
    assert 176 <= covered <= 198  # 95 %, a little less with 40 items


def test_a_large_set_is_drawn_in_parts() -> None:
    tracemalloc.start()
    mean_change(np.zeros(100_000), after=np.ones(100_000), rng=np.random.default_rng(1), draws=50)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000, "all at once it is 80 MB, and 16 times as much of an image set"


def test_pairs_stay_together() -> None:
    found = mean_change([0.0, 1.0], after=[0.5, 1.5], rng=np.random.default_rng(1))
    assert (found.estimate, found.low, found.high) == (0.5, 0.5, 0.5)


def test_without_items_there_is_nothing_to_say() -> None:
    found = mean_change([], after=[], rng=np.random.default_rng(1))
    assert (found.estimate, found.low) == (None, None)
    assert mean_change([0.1], after=[0.2], rng=np.random.default_rng(1)).low is None
    with pytest.raises(ColumnError):
        mean_change([0.1], after=[np.nan], rng=np.random.default_rng(1))
    with pytest.raises(RuleError):
        mean_change([0.1], after=[0.2], rng=np.random.default_rng(1), draws=1)
