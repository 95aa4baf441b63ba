from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explain.errors import ParameterError
from explain.selection import Candidates, select
from explain.selection.mmd import (
    KIM,
    STOCK,
    Matrix,
    greedy_criticisms,
    greedy_prototypes,
    kernel,
    median_gamma,
    squared_distances,
)


@pytest.fixture(scope="module")
def reference(shared_data: Path) -> Any:
    with np.load(shared_data / "mmd_critic_reference" / "mmd_critic_reference.npz") as arrays:
        return dict(arrays)


def clusters(*, count: int = 40, width: int = 6, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    centres = 3 * generator.standard_normal((4, width))
    return centres[generator.integers(0, 4, count)] + generator.standard_normal((count, width))


def gram(features: np.ndarray) -> Matrix:
    squared = squared_distances(features)
    return kernel(squared, gamma=median_gamma(squared))


def j_b(matrix: Matrix, chosen: list[int]) -> float:
    """Equation 3 as it is printed."""
    n, m = len(matrix), len(chosen)
    attraction = sum(matrix[i, j] for i in range(n) for j in chosen)
    repulsion = sum(matrix[i, j] for i in chosen for j in chosen)
    return float(2 / (n * m) * attraction - repulsion / m**2)


def picked(matrix: Matrix, *, count: int) -> list[int]:
    return [row for row, _ in greedy_prototypes(matrix, means=matrix.mean(0), count=count)]


def criticised(
    matrix: Matrix, prototypes: list[int], *, count: int, regulariser: float
) -> list[int]:
    picks = greedy_criticisms(
        matrix, prototypes, means=matrix.mean(0), count=count, regulariser=regulariser
    )
    return [row for row, _ in picks]


def directly_criticised(
    matrix: Matrix, prototypes: list[int], *, count: int, regulariser: float
) -> list[int]:
    """The objective of every candidate, its determinant included, from nothing each time."""
    chosen: list[int] = []
    witness = np.abs(matrix.mean(0) - matrix[prototypes].mean(0))
    for _ in range(count):
        best, argument = -np.inf, -1
        for x in range(len(matrix)):
            if x in chosen or x in prototypes:
                continue
            together = [*chosen, x]
            determinant = np.linalg.slogdet(matrix[np.ix_(together, together)])[1]
            value = witness[together].sum() + regulariser * determinant
            if value > best:
                best, argument = value, x
        chosen.append(argument)
    return chosen


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_published_implementation_picks_the_same_in_the_same_order(
    seed: int, reference: Any
) -> None:
    """Acceptance check 15, through the whole method and from the features on."""
    features = reference[f"features_{seed}"]
    candidates = Candidates(keys=list(range(len(features))), features=features)
    for regulariser, name in ((KIM, "logdet"), (0.0, "none")):
        found = select("mmd", candidates, prototypes=20, criticisms=20, regulariser=regulariser)
        assert found.parameters["gamma"] == pytest.approx(float(reference[f"gamma_{seed}"]))
        assert [p.key for p in found.prototypes] == reference[f"prototypes_{seed}"].tolist()
        expected = reference[f"criticisms_{name}_{seed}"].tolist()
        assert [p.key for p in found.criticisms] == expected


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_running_sums_are_the_objective_evaluated_directly(seed: int) -> None:
    """Acceptance check 15: each pick maximises J_b, and the gains say so to 1e-12."""
    matrix = gram(clusters(seed=seed))
    picks = greedy_prototypes(matrix, means=matrix.mean(0), count=8)
    chosen: list[int] = []
    for row, gain in picks:
        values = {x: j_b(matrix, [*chosen, x]) for x in range(len(matrix)) if x not in chosen}
        assert values[row] == pytest.approx(max(values.values()), abs=1e-12)
        before = sum(matrix[i, j] for i in chosen for j in chosen)
        m = len(chosen)
        # J_b of S with x, taken apart: all but the gain does not depend on x.
        without = 2 / len(matrix) * matrix[chosen].sum() / (m + 1) - before / (m + 1) ** 2
        assert values[row] == pytest.approx(without + gain / (m + 1), abs=1e-12)
        chosen.append(row)


def test_the_first_prototype_is_the_best_of_all() -> None:
    matrix = gram(clusters(seed=4))
    assert picked(matrix, count=1) == [int(np.argmax([j_b(matrix, [x]) for x in range(40)]))]


@pytest.mark.parametrize("regulariser", [0.0, STOCK, 0.1, KIM])
@pytest.mark.parametrize("seed", [0, 1])
def test_criticisms_are_those_of_a_direct_evaluation(seed: int, regulariser: float) -> None:
    matrix = gram(clusters(seed=seed))
    prototypes = picked(matrix, count=4)
    found = criticised(matrix, prototypes, count=8, regulariser=regulariser)
    assert found == directly_criticised(matrix, prototypes, count=8, regulariser=regulariser)


def test_the_weight_of_the_regulariser_decides_and_stock_s_is_as_good_as_none() -> None:
    matrix = gram(clusters(count=120, seed=3))
    prototypes = picked(matrix, count=6)
    none, stock, kim = (
        criticised(matrix, prototypes, count=12, regulariser=weight) for weight in (0.0, STOCK, KIM)
    )
    assert stock == none
    assert len(set(kim) & set(none)) < 8


@pytest.mark.parametrize("regulariser", [STOCK, KIM])
def test_neither_order_nor_rotation_of_the_features_matters(regulariser: float) -> None:
    """Acceptance check 16."""
    features = clusters(count=60, seed=5)
    matrix = gram(features)
    prototypes = picked(matrix, count=8)
    criticisms = criticised(matrix, prototypes, count=8, regulariser=regulariser)
    generator = np.random.default_rng(1)
    order = generator.permutation(60)
    shuffled = gram(features[order])
    again = picked(shuffled, count=8)
    assert order[again].tolist() == prototypes
    odd = criticised(shuffled, again, count=8, regulariser=regulariser)
    assert order[odd].tolist() == criticisms
    rotation = np.linalg.qr(generator.standard_normal((6, 6)))[0]
    turned = gram(100 + features @ rotation)
    assert picked(turned, count=8) == prototypes
    assert criticised(turned, prototypes, count=8, regulariser=regulariser) == criticisms


def test_copies_are_never_both_criticisms() -> None:
    """Acceptance check 16: the image that is criticised first, three times over."""
    features = clusters(count=30, seed=6)
    prototypes = picked(gram(features), count=4)
    (first,) = criticised(gram(features), prototypes, count=1, regulariser=0.0)
    matrix = gram(np.concatenate([features, features[[first, first]]]).astype(np.float32))
    copies = {first, 30, 31}
    assert set(criticised(matrix, prototypes, count=3, regulariser=0.0)) == copies
    for regulariser in (STOCK, KIM):
        found = criticised(matrix, prototypes, count=20, regulariser=regulariser)
        assert len(copies & set(found)) == 1


def test_copies_that_are_all_there_is_are_taken_and_flagged() -> None:
    features = np.repeat(clusters(count=3, seed=7), 3, axis=0)
    found = select(
        "mmd", Candidates(keys=list(range(9)), features=features), prototypes=1, criticisms=6
    )
    flags = [pick.strict for pick in found.criticisms]
    assert flags == sorted(flags, reverse=True)
    assert 1 <= sum(flags) <= 3
    assert not found.strict
    assert len({pick.key for pick in found.criticisms}) == 6


def test_distances_far_from_the_origin_are_exact() -> None:
    features = clusters(count=20, seed=8)
    expected = np.square(features[:, None] - features[None]).sum(2)
    assert squared_distances(features + 1e6) == pytest.approx(expected, rel=1e-6)
    assert squared_distances(features) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert not squared_distances(features).diagonal().any()


def test_gamma_is_one_by_the_median_over_distinct_pairs() -> None:
    squared = squared_distances(np.array([[0.0], [1.0], [3.0]]))
    assert median_gamma(squared) == pytest.approx(1 / 4)
    assert kernel(squared, gamma=0.25)[0] == pytest.approx(np.exp([0, -0.25, -2.25]))


@pytest.mark.parametrize("features", [np.ones((5, 3)), np.ones((1, 3))])
def test_features_that_tell_nothing_apart_are_refused(features: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="do not tell them apart"):
        median_gamma(squared_distances(features))
