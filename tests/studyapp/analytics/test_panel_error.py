from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics.errors import RuleError
from studyapp.analytics.panel_error import rogan_gladen


def test_by_hand() -> None:
    """0.2 accepted by panels that accept 0.5 of what is relevant and 0.1 of the rest: a quarter."""
    found = rogan_gladen(200, n=1000, tpr=0.5, fpr=0.1)
    assert found.accepted_share == 0.2
    assert found.corrected_share == pytest.approx(0.25)
    assert not found.cut
    assert json.loads(json.dumps(found.to_dict()))["n_relevant"] is None


def test_a_panel_without_errors_changes_nothing() -> None:
    """Left is the share's own interval with z^2 answers added (Agresti and Coull 1998)."""
    found = rogan_gladen(30, n=100, tpr=1, fpr=0)
    assert found.corrected_share == 0.3
    centre, size = (30 + 1.92073) / 103.84146, 103.84146
    half = 1.959964 * (centre * (1 - centre) / size) ** 0.5
    assert found.low == pytest.approx(centre - half, abs=1e-6)
    assert found.high == pytest.approx(centre + half, abs=1e-6)


def test_the_error_is_that_of_simulated_panels() -> None:
    rng = np.random.default_rng(1)
    tpr, fpr, truth = 0.7, 0.05, 0.3
    said = truth * tpr + (1 - truth) * fpr
    a = rng.binomial(800, said, 40_000) / 800
    t, f = rng.binomial(300, tpr, 40_000) / 300, rng.binomial(400, fpr, 40_000) / 400
    spread = float(((a - f) / (t - f)).std())
    found = rogan_gladen(
        round(800 * said), n=800, tpr=tpr, fpr=fpr, n_relevant=300, n_irrelevant=400
    )
    assert found.se == pytest.approx(spread, rel=0.05)
    known = rogan_gladen(round(800 * said), n=800, tpr=tpr, fpr=fpr)
    assert known.se == pytest.approx(float(((a - fpr) / (tpr - fpr)).std()), rel=0.02)


@pytest.mark.parametrize(
    ("truth", "tpr", "fpr", "n_relevant", "n_irrelevant"),
    [(0.1, 0.35, 0.003, 300, 1000), (0.5, 0.95, 0.01, 132, 132), (0.3, 0.7, 0.05, 60, 60)],
)
def test_the_interval_covers(
    truth: float, tpr: float, fpr: float, n_relevant: int, n_irrelevant: int
) -> None:
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(2000):
        found = rogan_gladen(
            int(rng.binomial(1000, truth * tpr + (1 - truth) * fpr)),
            n=1000,
            tpr=rng.binomial(n_relevant, tpr) / n_relevant,
            fpr=rng.binomial(n_irrelevant, fpr) / n_irrelevant,
            n_relevant=n_relevant,
            n_irrelevant=n_irrelevant,
        )
        hits += found.low <= truth <= found.high
    assert 0.935 <= hits / 2000 < 1


def test_fewer_accepted_than_by_mistake_is_cut_and_said() -> None:
    found = rogan_gladen(1, n=100, tpr=0.9, fpr=0.1)
    assert (found.corrected_share, found.cut, found.low) == (0, True, 0)
    assert rogan_gladen(100, n=100, tpr=0.9, fpr=0.1).corrected_share == 1


@given(st.integers(1, 50), st.floats(0, 0.4), st.floats(0.6, 1), st.data())
def test_the_interval_holds_the_estimate(
    n: int, fpr: float, tpr: float, data: st.DataObject
) -> None:
    accepted = data.draw(st.integers(0, n))
    found = rogan_gladen(accepted, n=n, tpr=tpr, fpr=fpr, n_relevant=20, n_irrelevant=20)
    assert 0 <= found.low <= found.corrected_share <= found.high <= 1
    more = rogan_gladen(accepted, n=n, tpr=tpr, fpr=fpr, n_relevant=20, n_irrelevant=20, level=0.99)
    assert more.high - more.low >= found.high - found.low - 0.1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n": 0}, "is no share"),
        ({"n": 2}, "5 of 2 is no share"),
        ({"tpr": 0.1}, "do not tell relevant from irrelevant"),
        ({"fpr": -0.1}, "do not tell relevant from irrelevant"),
        ({"n_relevant": 0}, "n_relevant=0 gives no rate"),
        ({"level": 0.0}, "between 0 and 1"),
        ({"tpr": 0.2, "n_relevant": 500, "n_irrelevant": 1}, "ask more gold questions"),
    ],
)
def test_impossible_values_are_refused(wrong: dict[str, float], message: str) -> None:
    options = {"n": 10, "tpr": 0.8, "fpr": 0.1} | wrong
    with pytest.raises(RuleError, match=message):
        rogan_gladen(5, **options)  # type: ignore[arg-type]
