from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyapp.analytics.columns import Bool, Int64
from studyapp.analytics.set_alpha import SetAlpha, set_alpha
from studyapp.analytics.set_distances import DISTANCES, row_distances
from tests.peers import peer

#: Krippendorff's worked example: four observers (rows), twelve units, 0 where nobody looked.
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]


def grouped(items: list[list[list[bool]]]) -> tuple[Bool, Int64]:
    """Rows and their items, from a list of codings for each item."""
    rows = [coding for codings in items for coding in codings]
    item = np.repeat(np.arange(len(items)), [len(codings) for codings in items])
    return np.array(rows, dtype=np.bool_), item


def by_pairs(items: list[list[list[bool]]], distance: str) -> float | None:
    """Alpha from every pair of codings, one after the other."""

    def apart(one: list[bool], other: list[bool]) -> float:
        left, right = np.array([one]), np.array([other])
        return float(row_distances(left, right, distance=DISTANCES[distance])[0])

    everything = [coding for codings in items for coding in codings]
    n = len(everything)
    expected = sum(apart(a, b) for a in everything for b in everything) / (n * (n - 1))
    observed = sum(
        sum(apart(a, b) for a in codings for b in codings) / (len(codings) - 1) for codings in items
    )
    return None if expected == 0 else 1 - observed / n / expected


def alpha_of(items: list[list[list[bool]]], distance: str) -> SetAlpha:
    sets, item = grouped(items)
    return set_alpha(sets, item=item, n_items=len(items), distance=distance)


ITEMS = st.lists(
    st.lists(
        st.lists(st.booleans(), min_size=3, max_size=3),
        min_size=2,
        max_size=4,
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.slow
@pytest.mark.parametrize("distance", DISTANCES)
@settings(max_examples=40)
@given(ITEMS)
def test_every_pair_one_by_one_agrees(distance: str, items: list[list[list[bool]]]) -> None:
    found, wanted = alpha_of(items, distance), by_pairs(items, distance)
    assert found.n_sets == len({tuple(coding) for codings in items for coding in codings})
    if wanted is None:
        assert found.alpha is None
        assert "same set" in found.undefined["alpha"]
    else:
        assert found.alpha == pytest.approx(wanted, abs=1e-9)


@pytest.mark.slow
@settings(max_examples=40)
@given(ITEMS)
def test_the_jackknife_leaves_out_one_item_at_a_time(items: list[list[list[bool]]]) -> None:
    found = alpha_of(items, "masi")
    rest = [items[:place] + items[place + 1 :] for place in range(len(items))]
    without = [by_pairs(others, "masi") if others else None for others in rest]
    if found.alpha is None or len(items) < 2 or None in without:
        assert found.se is None
        assert set(found.undefined) >= {"se"}
        return
    alphas = np.array(without, dtype=np.float64)
    size = len(alphas)
    wanted = np.sqrt((size - 1) / size * ((alphas - alphas.mean()) ** 2).sum())
    assert found.se == pytest.approx(wanted, abs=1e-9)


def test_sets_of_one_flag_are_krippendorffs_nominal_values() -> None:
    """His example has alpha 0.743; one unit is coded once and left out before."""
    ratings = np.array(KRIPPENDORFF)
    seen = ratings > 0
    seen[:, seen.sum(axis=0) < 2] = False
    item, observer = np.nonzero(seen.T)
    sets = ratings[observer, item][:, None] == np.arange(1, 6)
    for distance in DISTANCES:
        found = set_alpha(sets, item=item, n_items=12, distance=distance)
        assert found.alpha == pytest.approx(0.743, abs=5e-4)


def test_the_krippendorff_package_agrees_for_whole_sets() -> None:
    """A set as one nominal value, the bits of a number; items have two to five codings."""
    reference = peer("krippendorff")
    rng = np.random.default_rng(6)
    truth = rng.random((60, 1, 3)) < 0.4
    flags = np.where(rng.random((60, 5, 3)) < 0.85, truth, ~truth)
    coded = rng.random((60, 5)) < 0.7
    coded[:, :2] = True
    values = np.where(coded, flags @ np.array([1, 2, 4]), np.nan)
    wanted = reference.alpha(reliability_data=values.T, level_of_measurement="nominal")
    item, _ = np.nonzero(coded)
    found = set_alpha(flags[coded], item=item, n_items=60, distance="nominal")
    assert found.alpha == pytest.approx(wanted, abs=1e-12)


def test_many_flags_do_not_run_into_each_other() -> None:
    """70 flags do not fit one whole number; rows that differ in the last alone are two sets."""
    sets = np.zeros((4, 70), dtype=np.bool_)
    sets[1, 69] = sets[2, 0] = sets[3, 35] = True
    found = set_alpha(sets, item=np.array([0, 0, 1, 1]), n_items=2, distance="nominal")
    assert found.n_sets == 4
    assert found.observed == found.expected == 1
    assert found.alpha == 0


def test_without_codings_every_figure_has_a_reason() -> None:
    found = set_alpha(
        np.zeros((0, 2), dtype=np.bool_),
        item=np.zeros(0, dtype=np.int64),
        n_items=3,
        distance="masi",
    )
    assert (found.observed, found.alpha, found.se) == (None, None, None)
    assert set(found.undefined) == {"observed", "expected", "alpha", "se"}


def test_the_same_set_everywhere_leaves_alpha_undefined() -> None:
    found = alpha_of([[[True, False]] * 2, [[True, False]] * 3], "masi")
    assert (found.observed, found.expected, found.alpha, found.n_sets) == (0, 0, None, 1)
