from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.errors import ParameterError
from explain.selection.confidence import HIGH, LOW, choose
from explain.selection.sets import Candidates, Choice


def chosen(p: list[float], *, prototypes: int, criticisms: int, seed: int = 0) -> Choice[int]:
    candidates = Candidates(keys=list(range(len(p))), name="hen", probabilities=np.array(p))
    return choose(candidates, prototypes=prototypes, criticisms=criticisms, seed=seed)


@pytest.mark.slow
@given(
    st.lists(st.sampled_from([0.0, 0.05, 0.1, 0.3, 0.5, 0.9, 0.95, 1.0]), min_size=4, max_size=20),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 5),
)
def test_bands_first_then_the_nearest_to_them(
    p: list[float], prototypes: int, criticisms: int, seed: int
) -> None:
    """Acceptance check 18."""
    choice = chosen(p, prototypes=prototypes, criticisms=criticisms, seed=seed)
    high = [p[pick.key] for pick in choice.prototypes]
    low = [p[pick.key] for pick in choice.criticisms]
    assert [pick.strict for pick in choice.prototypes] == [value > HIGH for value in high]
    assert [pick.strict for pick in choice.criticisms] == [value < LOW for value in low]
    assert sum(value > HIGH for value in high) == min(prototypes, sum(v > HIGH for v in p))
    assert sum(value < LOW for value in low) == min(criticisms, sum(v < LOW for v in p))
    keys = [pick.key for pick in (*choice.prototypes, *choice.criticisms)]
    assert len(set(keys)) == prototypes + criticisms
    left = [value for key, value in enumerate(p) if key not in keys]
    fallen_back = [value for value in high if value <= HIGH]
    assert not left or not fallen_back or min(fallen_back) >= max(left)
    assert fallen_back == sorted(fallen_back, reverse=True)


def test_a_seed_is_a_draw_within_the_band() -> None:
    p = [0.95] * 10 + [0.5] * 10 + [0.05] * 10

    def keys(seed: int) -> list[int]:
        choice = chosen(p, prototypes=2, criticisms=2, seed=seed)
        return [pick.key for pick in (*choice.prototypes, *choice.criticisms)]

    assert keys(1) == keys(1)
    drawn = [keys(seed) for seed in range(60)]
    assert {key for found in drawn for key in found[:2]} == set(range(10))
    assert {key for found in drawn for key in found[2:]} == set(range(20, 30))


def test_an_empty_band_falls_back_to_the_extremes() -> None:
    choice = chosen([0.2, 0.8, 0.4, 0.6, 0.9], prototypes=2, criticisms=2)
    assert [pick.key for pick in choice.prototypes] == [4, 1]
    assert [pick.key for pick in choice.criticisms] == [0, 2]
    assert not any(pick.strict for pick in (*choice.prototypes, *choice.criticisms))
    assert choice.prototypes[0].scores == {"probability": 0.9}
    assert choice.parameters == {"high": 0.9, "low": 0.1}


def test_too_few_images_are_an_error() -> None:
    with pytest.raises(ParameterError, match="hen: 4 images are asked for, 3 are there"):
        chosen([0.1, 0.2, 0.3], prototypes=2, criticisms=2)
