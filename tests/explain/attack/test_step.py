from __future__ import annotations

import pytest
import torch
from torch import Tensor

from explain.attack.settings import LEVEL, Settings
from explain.attack.step import gradient, move
from explain.errors import ModelError
from tests.explain.attack.linear_models import grey, load

ONE = torch.ones(1, 3, 1, 1)


def slopes(*, count: int = 2) -> Tensor:
    return torch.randn(count, 3, 4, 4, generator=torch.Generator().manual_seed(1))


def test_the_gradient_of_a_linear_network_by_hand() -> None:
    """d loss / dx = (p - 1) w for the first of two classes."""
    classifier = load()
    images = classifier.tensor(grey(3))
    logits, slope = gradient(classifier, images, torch.tensor([0, 0, 1]))
    p = torch.from_numpy(logits).double().softmax(1)[:, 0]
    factor = torch.stack([p[0] - 1, p[1] - 1, p[2]]).float()
    weight = classifier.module.get_buffer("weight")
    torch.testing.assert_close(slope, factor[:, None, None, None] * weight)
    assert not slope.requires_grad


def test_a_very_confident_network_still_has_a_slope() -> None:
    """1 - p = 3e-9 here, which float32 rounds to nothing."""
    classifier = load()
    weight = classifier.module.get_buffer("weight")
    images = (0.5 + 19.6 * weight / weight.square().sum())[None]
    logits, slope = gradient(classifier, images, torch.tensor([0]))
    assert float(torch.from_numpy(logits).softmax(1)[0, 0]) == 1.0
    expected = -torch.exp(torch.tensor(-19.6)) * weight
    torch.testing.assert_close(slope[0], expected, rtol=1e-3, atol=0)


def test_a_gradient_nobody_wants_is_not_computed() -> None:
    classifier = load("detached")  # which would refuse to be differentiated
    _, slope = gradient(
        classifier, classifier.tensor(grey(2)), torch.tensor([0, 0]), wanted=lambda logits: False
    )
    assert slope.shape == (2, 3, 4, 4)
    assert not slope.any()


def test_a_network_that_cannot_be_differentiated_is_refused() -> None:
    classifier = load("detached")
    with pytest.raises(ModelError, match=r"linear_models:detached.*cannot be differentiated"):
        gradient(classifier, classifier.tensor(grey(2)), torch.tensor([0, 0]))


def test_it_works_inside_a_caller_s_inference_mode() -> None:
    classifier = load()
    images, labels = classifier.tensor(grey(1)), torch.tensor([0])
    outside = gradient(classifier, images, labels)[1]
    with torch.inference_mode():
        inside = gradient(classifier, images, labels)[1]
    torch.testing.assert_close(inside, outside)


def test_linf_moves_every_value_by_the_step_or_not_at_all() -> None:
    images, slope = torch.full((2, 3, 4, 4), 0.5), slopes()
    slope[0, 0, 0, 0] = 0.0
    moved = move(images, slope, start=images, scale=ONE, settings=Settings(step=0.25))
    assert set((moved - images).flatten().tolist()) == {-0.25, 0.0, 0.25}
    assert float(moved[0, 0, 0, 0]) == 0.5
    torch.testing.assert_close((moved - images).sign(), slope.sign())


@pytest.mark.parametrize("size", [1.0, 1e-30])
def test_l2_moves_each_image_by_the_step_in_all(size: float) -> None:
    images, slope = torch.full((2, 3, 4, 4), 0.5), slopes() * size
    slope[1] = 0.0
    moved = move(images, slope, start=images, scale=ONE, settings=Settings(step=0.1, norm="l2"))
    way = (moved - images).double()
    assert way[0].norm().item() == pytest.approx(0.1, rel=1e-6)
    torch.testing.assert_close(
        way[0] / 0.1, (slope[0] / size / (slope[0] / size).norm()).double(), rtol=1e-4, atol=1e-6
    )
    assert not way[1].any()


def test_a_normalised_step_is_that_step_on_the_normalised_image() -> None:
    """z = x / s: x moves by s times the step that z takes along its own gradient, s * slope."""
    std = torch.tensor([0.2, 0.25, 0.5]).view(1, 3, 1, 1)
    images, slope = torch.full((2, 3, 4, 4), 0.5), slopes()
    for norm in ("linf", "l2"):
        settings = Settings(step=0.1, norm=norm, pixel_scale="normalised")
        moved = move(images, slope, start=images, scale=std, settings=settings)
        along = slope * std
        length = along.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        unit = along.sign() if norm == "linf" else along / length
        torch.testing.assert_close(moved / std, images / std + 0.1 * unit)


def test_nothing_leaves_the_range_of_pixels() -> None:
    images = torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).expand(2, 3, 4, 4)
    moved = move(images, slopes(), start=images, scale=ONE, settings=Settings(step=0.5))
    assert float(moved.min()) == 0.0
    assert float(moved.max()) == 1.0
    assert 0.5 in moved


def test_a_quantised_attack_stays_on_eight_bits_and_within_three_levels() -> None:
    classifier = load()
    levels = grey(2)
    levels[0, 0, 0] = (0, 1, 255)
    images = start = classifier.tensor(levels)
    settings = Settings(quantised=True)
    for taken in range(1, 6):
        images = move(images, slopes(), start=start, scale=ONE, settings=settings)
        eight_bits = (images * 255).round()
        assert torch.equal(eight_bits / 255, images)
        furthest = float((images - start).abs().max())
        assert furthest == pytest.approx(min(taken, 3) * LEVEL, abs=1e-7)
    assert images.min() >= 0
    assert images.max() <= 1
