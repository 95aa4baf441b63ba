from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from explain import classifiers
from explain.attack.settings import LEVEL, Settings, channel_scale, step_sizes
from explain.errors import ModelError, ParameterError
from tests.explain.attack.linear_models import load


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"step": 0.0}, "step = 0.0: must be a positive number"),
        ({"step": float("nan")}, "step = nan"),
        ({"max_steps": 0}, "max_steps = 0: must be at least 1"),
        ({"norm": "l1"}, "norm 'l1': there is no such norm. Choose one of linf, l2"),
        ({"pixel_scale": "bytes"}, "Choose one of unit, normalised"),
        ({"quantised": True, "norm": "l2"}, "quantised with norm l2"),
    ],
)
def test_what_no_image_could_make_right_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Settings(**wrong)


def test_the_record_holds_every_setting() -> None:
    recorded = json.loads(json.dumps(Settings(step=0.002).parameters()))
    assert recorded == {
        "step": 0.002,
        "max_steps": 10,
        "norm": "linf",
        "pixel_scale": "unit",
        "quantised": False,
        "keep_going": True,
    }


@pytest.mark.slow
def test_a_torchvision_network_shows_what_it_divides_by(resnet18_file: Path) -> None:
    classifier = classifiers.load("resnet18", weights=resnet18_file, device="cpu")
    scale = channel_scale(classifier, settings=Settings(pixel_scale="normalised"))
    assert scale.flatten().tolist() == pytest.approx([0.229, 0.224, 0.225])
    assert channel_scale(classifier, settings=Settings()).flatten().tolist() == [1, 1, 1]


def test_a_callable_shows_it_as_an_attribute() -> None:
    scale = channel_scale(load("three_numbers"), settings=Settings(pixel_scale="normalised"))
    assert scale.shape == (1, 3, 1, 1)
    assert scale.flatten().tolist() == pytest.approx([0.2, 0.25, 0.5])


@pytest.mark.parametrize("name", ["linear", "negative_std", "text_std"])
def test_a_callable_that_does_not_is_refused_by_name(name: str) -> None:
    with pytest.raises(ModelError, match=rf"linear_models:{name}.*attribute std"):
        channel_scale(load(name), settings=Settings(pixel_scale="normalised"))


def test_a_quantised_step_is_whole_grey_levels_and_at_least_one() -> None:
    scale = torch.tensor([0.2, 1.0, 2.4]).view(1, 3, 1, 1)
    small = step_sizes(scale, settings=Settings(step=0.001, quantised=True))
    large = step_sizes(scale, settings=Settings(step=2.1 * LEVEL, quantised=True))
    plain = step_sizes(scale, settings=Settings(step=0.5))
    assert (small * 255).flatten().tolist() == pytest.approx([1, 1, 1])
    assert (large * 255).flatten().tolist() == pytest.approx([1, 2, 5])
    assert plain.flatten().tolist() == pytest.approx([0.1, 0.5, 1.2])
