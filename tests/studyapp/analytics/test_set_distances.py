from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyapp.analytics.columns import Bool
from studyapp.analytics.set_distances import DISTANCES, row_distances, weighted_distances

FLAGS = st.sets(st.integers(0, 4))


def row(flags: set[int], size: int = 5) -> Bool:
    return np.isin(np.arange(size), list(flags))


def by_sets(name: str, one: set[int], other: set[int]) -> float:
    """The definitions with sets of Python."""
    if one == other:
        return 0.0
    if name == "nominal":
        return 1.0
    jaccard = len(one & other) / len(one | other)
    if name == "jaccard":
        return 1 - jaccard
    if one <= other or other <= one:
        return 1 - jaccard * 2 / 3
    return 1 - jaccard / 3 if one & other else 1.0


@pytest.mark.parametrize(
    ("one", "other", "masi", "jaccard"),
    [
        ({0, 1}, {0, 1}, 0, 0),
        (set(), set(), 0, 0),
        ({0}, {0, 1}, 1 - 1 / 2 * 2 / 3, 1 / 2),
        ({0, 1}, {1, 2}, 1 - 1 / 3 * 1 / 3, 2 / 3),
        ({0}, {1}, 1, 1),
        (set(), {0, 1}, 1, 1),
    ],
)
def test_distances_by_hand(one: set[int], other: set[int], masi: float, jaccard: float) -> None:
    for name, wanted in (("masi", masi), ("jaccard", jaccard), ("nominal", float(one != other))):
        found = row_distances(row(one)[None], row(other)[None], distance=DISTANCES[name])
        assert found == pytest.approx([wanted])


@pytest.mark.slow
@pytest.mark.parametrize("name", DISTANCES)
@settings(max_examples=40)
@given(st.lists(st.tuples(FLAGS, FLAGS), min_size=1, max_size=10))
def test_sets_of_python_agree(name: str, pairs: list[tuple[set[int], set[int]]]) -> None:
    left, right = (np.array([row(pair[side]) for pair in pairs]) for side in (0, 1))
    found = row_distances(left, right, distance=DISTANCES[name])
    assert found == pytest.approx([by_sets(name, one, other) for one, other in pairs])
    back = row_distances(right, left, distance=DISTANCES[name])
    assert found.tolist() == back.tolist()
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", DISTANCES)
def test_blocks_add_up_to_the_whole_table(name: str) -> None:
    """2,500 sets make two blocks, of 1,600 and 900; some rows are added up one by one."""
    rng = np.random.default_rng(1)
    sets = rng.random((2_500, 12)) < 0.3
    weights = rng.random(2_500)
    found = weighted_distances(sets, weights=weights, distance=DISTANCES[name])
    for place in (0, 1_599, 1_600, 2_499):
        alone = np.broadcast_to(sets[place], sets.shape)
        wanted = row_distances(alone, sets, distance=DISTANCES[name]) @ weights
        assert found[place] == pytest.approx(wanted)
