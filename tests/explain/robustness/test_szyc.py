from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from explain.preparation import Preparation
from explain.robustness import scores, szyc
from explain.saliency import grad_cam_pp
from tests.explain.saliency.networks import classifier, pictures


def by_hand(box: list[int], *, width: int, height: int, side: int) -> list[int]:
    """One box, step by step, as the code of Szyc et al. is described."""
    if height > width:
        size = (side, int(side * height / width))
    else:
        size = (int(side * width / height), side)
    edges = [
        int(edge * new / old)
        for edge, new, old in zip(box, size * 2, (width, height) * 2, strict=True)
    ]
    moved = [edge - (new - side) // 2 for edge, new in zip(edges, size * 2, strict=True)]
    return [min(max(edge, 0), side) for edge in moved]


@pytest.mark.parametrize("seed", range(30))
def test_boxes_are_carried_as_that_code_carries_them(seed: int) -> None:
    generator = np.random.default_rng(seed)
    width, height = (int(side) for side in generator.integers(100, 600, 2))
    box = [int(width * 0.1), int(height * 0.2), int(width * 0.8), int(height * 0.9)]
    found = szyc.boxes(np.array([box], float), width=width, height=height)
    assert found[0].tolist() == by_hand(box, width=width, height=height, side=224)


def test_they_are_within_two_pixels_of_the_exact_ones() -> None:
    box = np.array([[61, 43, 420, 300]], float)
    found = szyc.boxes(box, width=500, height=375)
    exact = szyc.PREPARATION.boxes(box, width=500, height=375)
    assert not np.array_equal(found, exact)
    assert np.abs(found - exact).max() < 2


@pytest.mark.parametrize("at", range(5))
def test_the_score_of_an_image_is_that_of_a_hand_run(at: int) -> None:
    """Map, box and sum of five pictures, one after the other, with nothing of the package's."""
    model, images = classifier("small"), pictures(5)
    width, height = 47, 32
    box = [5 + at, 4, 30 + at, 25]
    result = grad_cam_pp(model, images[at : at + 1], [at], compat="szyc")
    mapped = szyc.boxes(np.array([box], float), width=width, height=height, side=32)
    found = scores(result, [mapped]).rs[0]

    kept: list[torch.Tensor] = []
    assert isinstance(model.last_conv, torch.nn.Sequential)
    handle = model.last_conv[0].register_forward_hook(lambda _m, _i, output: kept.append(output))
    logits = model.module(model.tensor(images[at : at + 1]).requires_grad_())
    handle.remove()
    (g,) = torch.autograd.grad(logits[0, at], kept)
    values = kept[0].detach()
    denominator = 2 * g**2 + (values * g**3).sum((2, 3), keepdim=True)
    alpha = g**2 / (torch.where(denominator != 0, denominator, 1.0) + 1e-7)
    weights = (alpha * (logits[0, at].detach().exp() * g).relu()).sum((2, 3), keepdim=True)
    cam = (weights * values).sum(1, keepdim=True).relu()
    cam = cam - cam.min()
    cam = functional.interpolate(cam / cam.max(), size=(32, 32), mode="bilinear")[0, 0]
    left, top, right, bottom = by_hand(box, width=width, height=height, side=32)
    expected = float(cam[top:bottom, left:right].sum() / cam.sum())
    assert found == pytest.approx(expected, abs=1e-3)


def test_an_undefined_score_counts_as_zero_there() -> None:
    maps = np.ones((2, 8, 8))
    maps[1] = 0
    found = scores(maps, [np.array([[0, 0, 8, 4.0]])] * 2)
    assert szyc.class_score(found) == 0.25
    assert szyc.class_score(scores(np.ones((0, 8, 8)), [])) is None


def test_its_preparation_crops_nothing_of_the_shorter_side() -> None:
    assert Preparation(resize=224, crop=224) == szyc.PREPARATION
