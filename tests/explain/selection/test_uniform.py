from __future__ import annotations

from collections import Counter

import pytest

from explain.errors import ParameterError
from explain.selection.sets import Candidates
from explain.selection.uniform import choose


def keys(seed: int) -> list[str]:
    choice = choose(Candidates(keys=list("abcde")), prototypes=3, criticisms=0, seed=seed)
    return [pick.key for pick in choice.prototypes]


def test_a_seed_is_a_set_and_no_image_is_drawn_twice() -> None:
    assert keys(4) == keys(4)
    assert len({tuple(keys(seed)) for seed in range(20)}) > 10
    assert all(len(set(keys(seed))) == 3 for seed in range(50))


def test_each_image_is_as_likely_as_any_other() -> None:
    counts = Counter(key for seed in range(500) for key in keys(seed))
    assert sum(counts.values()) == 1500
    assert all(250 < counts[key] < 350 for key in "abcde")  # 300 each, 11 of deviation


def test_what_chance_cannot_give_is_refused() -> None:
    with pytest.raises(ParameterError, match="by chance are no criticisms"):
        choose(Candidates(keys=[1, 2, 3]), prototypes=1, criticisms=1, seed=0)
    with pytest.raises(ParameterError, match="4 images are asked for, 3 are there"):
        choose(Candidates(keys=[1, 2, 3]), prototypes=4, criticisms=0, seed=0)
