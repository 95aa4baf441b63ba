from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from explain.errors import ParameterError
from explain.saliency.masks import Masks, background
from explain.saliency.upsampling import Upsampling
from tests.explain.saliency.networks import classifier


def masks(features: torch.Tensor, *, from_zero: bool = False) -> Masks:
    upsampling = Upsampling.between((features.shape[2], features.shape[3]), size=12)
    return Masks(features=features, upsampling=upsampling, from_zero=from_zero)


def random(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("from_zero", [False, True])
def test_an_image_through_a_mask_by_torch_s_own_enlargement(from_zero: bool) -> None:
    features, images = random(2, 5, 4, 4), random(2, 3, 12, 12)
    hidden = torch.tensor([0.2, 0.5, 0.9]).view(1, 3, 1, 1)
    image, channel = torch.tensor([0, 1, 1]), torch.tensor([4, 0, 3])
    found = masks(features, from_zero=from_zero).through(
        images, image=image, channel=channel, hidden=hidden
    )
    for row, (i, c) in enumerate(zip(image.tolist(), channel.tolist(), strict=True)):
        large = functional.interpolate(features[i : i + 1, c : c + 1], size=12, mode="bilinear")
        low = 0 if from_zero else large.min()
        mask = (large - low) / (large.max() - large.min())
        expected = mask * images[i] + (1 - mask) * hidden
        assert torch.allclose(found[row], expected[0], atol=1e-6)


def test_a_full_mask_shows_the_image_and_an_empty_one_the_colour() -> None:
    features = torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]])
    images = random(1, 3, 12, 12)
    hidden = torch.full((1, 3, 1, 1), 0.25)
    zero = torch.tensor([0])
    (found,) = masks(features).through(images, image=zero, channel=zero, hidden=hidden)
    assert torch.allclose(found[..., -1], images[0, ..., -1])
    assert torch.allclose(found[..., 0], torch.tensor(0.25))


def test_channels_without_a_range_have_no_mask() -> None:
    features = random(2, 3, 4, 4)
    features[0, 1], features[1, 2] = 0.0, 7.0
    assert masks(features).live().tolist() == [[0, 0], [0, 2], [1, 0], [1, 1]]


def test_ranges_are_those_of_the_enlarged_features() -> None:
    features = random(2, 70, 4, 4)  # more channels than are enlarged at once
    features[1, 3] = 5.0
    found = masks(features).ranges()
    large = functional.interpolate(features, size=12, mode="bilinear").flatten(2)
    expected = large.amax(2) - large.amin(2)
    assert found[1, 3] == 1
    found[1, 3] = expected[1, 3]
    assert torch.allclose(found, expected, atol=1e-6)


def test_the_colour_is_what_the_model_s_normalisation_makes_zero() -> None:
    model = classifier("small")
    assert background(model, None) == (0.485, 0.456, 0.406)
    model.module.register_buffer("mean", torch.tensor([0.25, 0.5, 0.75]).view(1, 3, 1, 1))
    assert background(model, None) == (0.25, 0.5, 0.75)
    assert background(model, (0, 0, 0)) == (0, 0, 0)


def test_a_running_mean_is_not_taken_for_a_colour() -> None:
    model = classifier("small")
    model.module.register_buffer("running_mean", torch.zeros(3))
    assert background(model, None) == (0.485, 0.456, 0.406)


@pytest.mark.parametrize("hidden", [(0.5, 0.5, 1.5), (-0.1, 0, 0), (128, 128, 128)])
def test_a_colour_outside_0_to_1_is_refused(hidden: tuple[float, float, float]) -> None:
    with pytest.raises(ParameterError, match="three numbers"):
        background(classifier("small"), hidden)
