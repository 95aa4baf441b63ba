from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from studyapp.analytics import RuleError
from studyapp.analytics.class_robustness import class_robustness
from studyapp.analytics.ranking_intervals import OverlapInterval, overlap_interval
from studyapp.analytics.rankings import rank_overlap

N_CLASSES, PER_CLASS = 40, 30


def images(noise: float) -> dict[str, Any]:
    """Two methods that see the same classes with noise of each image's own; rows mixed."""
    rng = np.random.default_rng(1)
    cls = rng.permutation(np.repeat(np.arange(N_CLASSES), PER_CLASS))
    level = np.linspace(0.3, 0.7, N_CLASSES)[cls]
    a, b = (level + rng.uniform(-noise, noise, cls.size) for _ in range(2))
    return {"rs_a": a, "rs_b": b, "cls": cls, "n_classes": N_CLASSES, "k": 10}


def interval(noise: float, **words: Any) -> OverlapInterval:
    columns = images(noise) | {"draws": 200, "rng": np.random.default_rng(3)} | words
    return overlap_interval(columns.pop("rs_a"), **columns)


def test_without_noise_every_draw_says_the_same() -> None:
    found = interval(0.0)
    assert (found.size_low, found.size_mean, found.size_high) == (10, 10, 10)
    assert found.spearman_low == pytest.approx(1)
    assert found.overlap.size == 10


def test_the_overlap_is_that_of_the_class_scores() -> None:
    found, columns = interval(0.2), images(0.2)
    a, b = (
        class_robustness(columns[name], cls=columns["cls"], n_classes=N_CLASSES).crs
        for name in ("rs_a", "rs_b")
    )
    assert found.overlap == rank_overlap(a, b=b, k=10)
    assert found.size_low < found.size_high
    assert found.size_mean <= found.overlap.size
    assert found.spearman_low is not None
    assert found.spearman_high is not None
    assert found.spearman_low < found.spearman_high < 1


def test_draws_stay_in_their_class_and_take_both_scores_of_an_image() -> None:
    """With the same scores on both sides every draw ranks both sides alike."""
    columns = images(0.2)
    found = interval(0.2, rs_b=columns["rs_a"])
    assert (found.size_low, found.size_high) == (10, 10)
    assert found.spearman_low == pytest.approx(1)


def test_a_class_of_one_image_always_has_it() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.random((2, 30))
    found = overlap_interval(a, rs_b=b, cls=range(30), n_classes=30, k=8, rng=rng, draws=50)
    assert found.size_low == found.size_high == found.overlap.size
    assert found.spearman_low == found.spearman_high == found.overlap.spearman


@pytest.mark.slow
def test_it_spreads_as_class_means_do() -> None:
    """Two classes 0.02 apart, 50 images of sd s: the chance that a draw swaps them."""
    rng = np.random.default_rng(8)
    rs = np.concatenate([rng.normal(0.5, 0.1, 50), rng.normal(0.5, 0.1, 50)])
    rs[:50] += 0.5 - rs[:50].mean()
    rs[50:] += 0.52 - rs[50:].mean()
    cls = np.repeat([0, 1], 50)
    found = overlap_interval(
        rs, rs_b=cls * 0.5, cls=cls, n_classes=2, k=1, rng=np.random.default_rng(9), draws=1500
    )
    spread = np.sqrt(rs[:50].var() / 50 + rs[50:].var() / 50)
    swapped = rng.normal(0.02, spread, 400_000) < 0
    assert 1 - found.size_mean == pytest.approx(swapped.mean(), abs=0.03)


def test_undefined_scores_and_empty_draws_are_left_out() -> None:
    """Class 1 has one defined score in 3 images, so some draws leave it without any."""
    found = overlap_interval(
        [0.1, 0.2, np.nan, np.nan, 0.6],
        rs_b=[0.1, 0.2, 0.3, 0.4, 0.5],
        cls=[0, 0, 1, 1, 1],
        n_classes=3,
        k=2,
        rng=np.random.default_rng(2),
        draws=100,
    )
    assert (found.overlap.n_classes, found.overlap.n_left_out) == (2, 1)
    assert (found.size_low, found.size_high) == (1, 2)
    assert found.spearman_mean == pytest.approx(1)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_interval() -> None:
    assert interval(0.2) == interval(0.2)
    assert interval(0.2) != interval(0.2, rng=np.random.default_rng(4))


def test_it_is_json() -> None:
    data = json.loads(json.dumps(interval(0.1).to_dict()))
    assert (data["draws"], data["overlap"]["k"]) == (200, 10)
    assert "bootstrap" in data["method"]


@pytest.mark.parametrize("words", [{"draws": 1}, {"level": 1.0}, {"level": 0.0}])
def test_impossible_draws_are_refused(words: dict[str, Any]) -> None:
    with pytest.raises(RuleError, match="cannot be; give 2 or more"):
        interval(0.1, **words)


def test_an_impossible_k_is_refused() -> None:
    with pytest.raises(RuleError, match="k=41 of 40 classes"):
        interval(0.1, k=41)
