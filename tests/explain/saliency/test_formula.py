from __future__ import annotations

import pytest
import torch

from explain.saliency.formula import EXACT, FORMULAS, Formula, exact, weighted


def terms(gradient: torch.Tensor) -> dict[str, torch.Tensor]:
    return {"first": gradient, "second": gradient**2, "third": gradient**3}


def one(*rows: list[float]) -> torch.Tensor:
    return torch.tensor([[rows]], dtype=torch.float64)


def test_the_formula_by_hand() -> None:
    features, gradient = one([1, 2], [0, 1]), one([0.5, -1], [0, 2])
    # alpha = 1 / (2 + 4 g) where g is not 0; only positive gradients weigh.
    expected = 0.5 / (2 + 4 * 0.5) + 2 / (2 + 4 * 2)
    assert EXACT.weights(features, **terms(gradient)).item() == pytest.approx(expected, rel=1e-15)


def test_the_other_sum_by_hand() -> None:
    features, gradient = one([1, 2], [0, 1]), one([0.5, -1], [0, 2])
    cubes = 1 * 0.125 + 2 * -1 + 1 * 8
    expected = 0.25 / (0.5 + cubes) * 0.5 + 4 / (8 + cubes) * 2
    found = Formula(cube_first=True).weights(features, **terms(gradient)).item()
    assert found == pytest.approx(expected, rel=1e-15)


def test_the_two_sums_agree_where_the_gradient_is_the_same_everywhere() -> None:
    features = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0)).double()
    gradient = torch.tensor([0.1, -0.3, 0.7]).double().view(1, 3, 1, 1).expand(2, 3, 4, 4)
    first = EXACT.weights(features, **terms(gradient))
    assert torch.allclose(first, Formula(cube_first=True).weights(features, **terms(gradient)))


def test_a_denominator_of_exactly_zero_weighs_nothing() -> None:
    features, gradient = one([-1, -1]), one([1, 1])  # 2 g^2 + (sum A) g^3 = 2 - 2
    assert EXACT.weights(features, **terms(gradient)).item() == 0


def test_a_gradient_too_small_for_float32_still_weighs() -> None:
    features, gradient = one([1, 2]), one([1e-20, 1e-20])
    assert EXACT.weights(features, **terms(gradient)).item() == pytest.approx(1e-20, rel=1e-12)


def test_an_epsilon_of_1e_6_halves_the_weight_of_a_usual_gradient() -> None:
    features, gradient = one([0, 0]), one([7e-4, 7e-4])  # 2 g^2 = 0.98e-6
    ratio = FORMULAS["pgc"].weights(features, **terms(gradient)) / EXACT.weights(
        features, **terms(gradient)
    )
    assert ratio.item() == pytest.approx(0.98 / 1.98, rel=1e-9)


def test_weighted_sum() -> None:
    features = torch.arange(12.0).view(1, 3, 2, 2)
    found = weighted(features, torch.tensor([[1.0, 0.0, 2.0]]))
    assert found.tolist() == [[[16, 19], [22, 25]]]


def test_exact_numbers_are_float64() -> None:
    assert exact(torch.ones(1, dtype=torch.bfloat16)).dtype == torch.float64
