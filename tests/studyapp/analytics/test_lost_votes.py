from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, Rule, RuleError, lost_votes

RULE = Rule(k=4, n=5)


def test_without_losses_the_verdicts_are_those_of_the_counts() -> None:
    found = lost_votes([10, 20, 30, 15, 5, 20], rule=RULE, lost=0)
    assert (found.accepted, found.rejected) == pytest.approx((0.25, 0.75))
    assert found.undecided == pytest.approx(0, abs=1e-12)


def test_all_lost_decides_nothing() -> None:
    found = lost_votes([1, 1, 1, 1, 1, 1], rule=RULE, lost=1)
    assert (found.accepted, found.rejected, found.undecided) == (0, 0, 1)


@pytest.mark.slow
@given(
    k=st.integers(1, 4),
    lost=st.floats(0, 1),
    shares=st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(lambda s: sum(s) > 0.01),
)
def test_every_pattern_of_losses_added_up(k: int, lost: float, shares: list[float]) -> None:
    """A second way: all 2^4 patterns of which of four votes are lost."""
    rule = Rule(k=k, n=4)
    accepted = rejected = 0.0
    for yes, share in enumerate(np.array(shares) / sum(shares)):
        votes = [True] * yes + [False] * (4 - yes)
        for kept in product((True, False), repeat=4):
            chance = np.prod([1 - lost if one else lost for one in kept])
            left = [vote for vote, one in zip(votes, kept, strict=True) if one]
            accepted += share * chance * (sum(left) >= k)
            rejected += share * chance * (len(left) - sum(left) > 4 - k)
    found = lost_votes(shares, rule=rule, lost=lost)
    assert found.accepted == pytest.approx(accepted, abs=1e-9)
    assert found.rejected == pytest.approx(rejected, abs=1e-9)
    assert found.accepted + found.rejected + found.undecided == pytest.approx(1, abs=1e-9)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ColumnError, match="6 shares"):
        lost_votes([1, 2], rule=RULE, lost=0.1)
    with pytest.raises(ColumnError):
        lost_votes([0] * 6, rule=RULE, lost=0.1)
    with pytest.raises(ColumnError):
        lost_votes([-1, 2, 0, 0, 0, 0], rule=RULE, lost=0.1)
    for lost in (-0.1, 1.1, float("nan")):
        with pytest.raises(RuleError):
            lost_votes([1] * 6, rule=RULE, lost=lost)


def test_as_json() -> None:
    found = lost_votes([1] * 6, rule=RULE, lost=0.1).to_dict()
    assert set(found) == {"schema_version", "lost", "accepted", "rejected", "undecided"}
