from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from studyapp.analytics.versus import coded_flags, each_versus

HOLDS = {"seen": np.array([1, 1, 1, 0, 0, 1, 0, 0], dtype=np.bool_)}
GROUPS = {"first": {0, 1, 2, 3}, "second": {3, 4, 5, 6, 7}}


def test_flags_are_read_in_the_order_they_were_given() -> None:
    flags, coded = coded_flags(
        [["yn", "ny"], ["nn"], []], parse=lambda raw: [int(part == "y") for part in raw], n_flags=2
    )
    assert flags.shape == (3, 2, 2)
    assert flags[0].tolist() == [[1, 0], [0, 1]]
    assert coded.tolist() == [[True, True], [True, False], [False, False]]


@pytest.mark.parametrize(
    ("shared_in_first", "table"),
    [(False, [[3, 0], [1, 3]]), (True, [[3, 1], [1, 3]])],
)
def test_items_of_both_groups_are_held_against_nobody_twice(
    shared_in_first: bool, table: list[list[int]]
) -> None:
    """Item 3 is in both: out of both, or of the second alone."""
    (found,) = each_versus(HOLDS, groups=GROUPS, shared_in_first=shared_in_first)
    assert found.n_shared == 1
    (k1, rest1), (k2, rest2) = table
    assert found.contrast.n == {"n1": k1 + rest1, "k1": k1, "n2": k2 + rest2, "k2": k2}
    assert found.contrast.p == pytest.approx(fisher_exact(table).pvalue)
    assert found.p_holm == found.contrast.p
    assert found.values()["label"] == "seen"


def test_a_group_with_nothing_of_its_own_is_compared_with_none() -> None:
    assert each_versus(HOLDS, groups={"all": {0, 1}, "some": {0}}) == ()
