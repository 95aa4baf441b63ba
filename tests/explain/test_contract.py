from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from explain import contract
from explain.errors import ModelError
from tests.explain import tiny_models
from tests.explain.conftest import network


def images(side: int = 4) -> torch.Tensor:
    return contract.noise(side).permute(0, 3, 1, 2) / 255


def test_classes_and_last_stage_of_a_tiny_network() -> None:
    model = tiny_models.Channels()
    found = contract.check(model, images=images(), item="tiny")
    assert found.n_classes == 4
    assert found.last_conv is model.conv


def test_the_module_s_own_word_on_its_last_stage_counts() -> None:
    model = tiny_models.Channels()
    model.last_conv = own = nn.Conv2d(1, 1, 1)
    assert contract.check(model, images=images(), item="tiny").last_conv is own


def test_tokens_have_no_last_stage() -> None:
    assert contract.check(tiny_models.Tokens(), images=images(), item="tiny").last_conv is None


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("resnet18", "layer4"),
        ("squeezenet1_1", "classifier.2"),
        ("mobilenet_v3_small", "features"),
        ("shufflenet_v2_x0_5", "conv5"),
        ("swin_t", "permute"),
        ("vit_b_32", None),
    ],
)
@pytest.mark.slow
def test_last_stage_of_architectures(name: str, stage: str | None) -> None:
    model = network(name)
    found = contract.check(model, images=images(224), item=name)
    assert found.n_classes == 1000
    places = {module: place for place, module in model.named_modules()}
    assert (found.last_conv and places[found.last_conv]) == stage


@pytest.mark.parametrize(
    ("name", "side", "stage", "shape"),
    [
        ("alexnet", 224, "features", (256, 6, 6)),
        ("convnext_tiny", 224, "features", (768, 7, 7)),
        ("densenet121", 224, "features", (1024, 7, 7)),
        ("efficientnet_b0", 224, "features", (1280, 7, 7)),
        ("efficientnet_v2_s", 224, "features", (1280, 7, 7)),
        ("googlenet", 224, "inception5b", (1024, 7, 7)),
        ("inception_v3", 299, "Mixed_7c", (2048, 8, 8)),
        ("maxvit_t", 224, "blocks.3", (512, 7, 7)),
        ("mnasnet0_5", 224, "layers", (1280, 7, 7)),
        ("mobilenet_v2", 224, "features", (1280, 7, 7)),
        ("regnet_x_400mf", 224, "trunk_output", (400, 7, 7)),
        ("regnet_y_400mf", 224, "trunk_output", (440, 7, 7)),
        ("resnet50", 224, "layer4", (2048, 7, 7)),
        ("resnext50_32x4d", 224, "layer4", (2048, 7, 7)),
        ("squeezenet1_0", 224, "classifier.2", (1000, 13, 13)),
        ("swin_v2_t", 256, "permute", (768, 8, 8)),
        ("vgg11_bn", 224, "features", (512, 7, 7)),
    ],
)
@pytest.mark.long
def test_last_stage_and_its_maps_across_families(
    name: str, side: int, stage: str, shape: tuple[int, int, int]
) -> None:
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model = network(name, **options)
    last = contract.check(model, images=images(side), item=name).last_conv
    assert last is model.get_submodule(stage)
    maps: list[torch.Tensor] = []
    last.register_forward_hook(lambda _module, _inputs, output: maps.append(output))
    with torch.inference_mode():
        model(images(side))
    assert [tuple(found.shape) for found in maps] == [(2, *shape)]


def test_a_pooling_that_leaves_several_places_is_no_stage() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 1), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 2)
    )
    assert contract.check(model, images=images(), item="tiny").last_conv is model[0]


def test_no_hook_is_left_behind() -> None:
    model = tiny_models.Channels()
    contract.check(model, images=images(), item="tiny")
    assert not model.conv._forward_hooks


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (tiny_models.maps, r"returned \(2, 4, 4, 4\), not \(2, classes\)"),
        (tiny_models.one_row, r"returned \(4,\), not \(2, classes\)"),
        (tiny_models.never_finite, "not finite"),
        (tiny_models.grey_only, r"a forward pass over \(2, 3, 4, 4\) failed .RuntimeError"),
    ],
)
def test_a_broken_contract_is_named(
    build: Callable[[Path | None], nn.Module], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        contract.check(build(None), images=images(), item="model 'm:f'")


def test_the_noise_is_always_the_same() -> None:
    assert contract.noise(8).shape == (2, 8, 8, 3)
    assert torch.equal(contract.noise(8), contract.noise(8))
    assert not torch.equal(*contract.noise(8))
