from __future__ import annotations

import torch

from explain.saliency import noise


def test_a_sample_depends_on_seed_and_number_alone() -> None:
    few, many = (noise.draw(n_samples=n, size=9, seed=3) for n in (2, 5))
    assert few.shape == (2, 3, 9, 9)
    assert torch.equal(few, many[:2])
    assert not torch.equal(many[0], many[1])
    assert not torch.equal(few, noise.draw(n_samples=2, size=9, seed=4))


def test_it_is_standard_normal() -> None:
    drawn = noise.draw(n_samples=20, size=64, seed=0)
    assert abs(float(drawn.mean())) < 0.01
    assert abs(float(drawn.std()) - 1) < 0.01


def test_deviations_by_hand() -> None:
    images = torch.full((2, 3, 4, 4), 0.5)
    images[0, 0, 0, 0], images[0, 2, 1, 1] = 0.9, 0.1
    found = noise.deviation(images, spread=0.15).flatten()
    assert torch.allclose(found, torch.tensor([0.12, 0.0]))
    low = (0.1 - 0.4465) / 0.2010
    high = (0.9 - 0.4914) / 0.2023
    found = noise.szyc_deviation(images, spread=0.15)
    expected = 0.15 / (high - low) * torch.tensor([0.2023, 0.1994, 0.2010])
    assert torch.allclose(found[0].flatten(), expected)
    assert found[1].abs().max() == 0, "an image without a range"
