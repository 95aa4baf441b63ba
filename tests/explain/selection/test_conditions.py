from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explain import provenance
from explain.errors import ParameterError
from explain.selection import CONDITIONS, METHODS, Candidates, select
from explain.selection.conditions import Method
from tests.explain.attack.linear_models import load


@pytest.fixture(scope="module")
def candidates() -> Candidates[str]:
    generator = np.random.default_rng(0)
    return Candidates(
        keys=[f"{place}.png" for place in range(30)],
        name="hen",
        flip_steps=generator.integers(0, 12, 30),
        label_probabilities=generator.random(30),
        max_steps=10,
        features=generator.standard_normal((30, 8)),
        probabilities=generator.random(30),
        provenance=provenance.record(load(), method="m", parameters={}),
    )


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_is_a_name(name: str, candidates: Candidates[str]) -> None:
    condition = CONDITIONS[name]
    found = select(
        condition.method,
        candidates,
        prototypes=condition.prototypes,
        criticisms=condition.criticisms,
        seed=5,
    )
    keys = [pick.key for pick in (*found.prototypes, *found.criticisms)]
    assert (len(found.prototypes), len(found.criticisms)) == (
        condition.prototypes,
        condition.criticisms,
    )
    assert len(set(keys)) == len(keys) == 6
    assert set(keys) <= set(candidates.keys)
    assert found.method == condition.method
    assert found.provenance is candidates.provenance
    assert found.parameters["prototypes"] == condition.prototypes
    assert found.seed == (None if condition.method == "mmd" else 5)
    assert found.n_candidates == 30


@pytest.mark.parametrize("method", METHODS)
def test_a_target_is_neither_shown_nor_has_a_say(
    method: Method, candidates: Candidates[str]
) -> None:
    """Acceptance check 18: whatever would be shown first is left out once it is a target."""
    first = select(method, candidates, prototypes=3).prototypes
    targets = [pick.key for pick in first]
    found = select(method, candidates, prototypes=3, targets=targets)
    assert not {pick.key for pick in found.prototypes} & set(targets)
    assert found.n_candidates == 27
    same = select(method, candidates.without(targets), prototypes=3)
    assert [pick.key for pick in found.prototypes] == [pick.key for pick in same.prototypes]


def test_the_settings_of_mmd_reach_it_and_are_recorded(candidates: Candidates[str]) -> None:
    stock = select("mmd", candidates, criticisms=6)
    kim = select("mmd", candidates, criticisms=6, regulariser=1.0)
    narrow = select("mmd", candidates, criticisms=6, gamma=3.0)
    assert (stock.parameters["regulariser"], kim.parameters["regulariser"]) == (1e-5, 1.0)
    assert narrow.parameters["gamma"] == 3.0
    sets = [tuple(p.key for p in s.criticisms) for s in (stock, kim, narrow)]
    assert len(set(sets)) == 3


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("best", {}, "method 'best': there is no such method. Choose one of adversarial, mmd"),
        ("uniform", {"prototypes": 0}, "0 prototypes and 0 criticisms"),
        ("mmd", {"prototypes": -1, "criticisms": 3}, "-1 prototypes"),
        ("mmd", {"prototypes": 20, "criticisms": 11}, "hen: 31 images are asked for, 30 are there"),
        ("uniform", {"prototypes": 30, "targets": ["0.png"]}, "29 are there"),
        ("mmd", {"regulariser": -1.0}, "regulariser = -1.0: must not be negative"),
        ("mmd", {"gamma": 0.0}, "gamma = 0.0: must be a positive number"),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    method: Any, options: Any, message: str, candidates: Candidates[str]
) -> None:
    with pytest.raises(ParameterError, match=message):
        select(method, candidates, **options)


@pytest.mark.parametrize("method", ["adversarial", "mmd", "confidence"])
def test_a_method_without_its_column_says_which(method: Method) -> None:
    with pytest.raises(ParameterError, match=f"the method {method} needs"):
        select(method, Candidates(keys=list(range(9))))
