from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision import models

from explain import architectures
from explain.errors import ModelError, WeightsError
from explain.preparation import Preparation
from explain.weights import sha256_of_file
from tests.explain.conftest import network, saved

IMAGENET_MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
IMAGENET_STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def inputs(side: int = 64) -> torch.Tensor:
    return torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(1))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_weights_come_back_behind_the_normalisation(
    resnet18: nn.Module, tmp_path: Path, suffix: str
) -> None:
    path = saved(resnet18, tmp_path / f"mine{suffix}")
    built = architectures.build("resnet18", weights=path)
    with torch.inference_mode():
        found = built.module.eval()(inputs())
        expected = resnet18((inputs() - IMAGENET_MEAN) / IMAGENET_STD)
    assert torch.equal(found, expected)
    assert built.weights_sha256 == sha256_of_file(path)
    assert built.weights_name == path.name
    assert built.preparation == Preparation(256, 224)


def test_the_file_tells_how_many_classes_there_are(tmp_path: Path) -> None:
    path = saved(network("squeezenet1_1", num_classes=24), tmp_path / "toy.pth")
    built = architectures.build("squeezenet1_1", weights=str(path))
    with torch.inference_mode():
        assert built.module.eval()(inputs()).shape == (2, 24)


@pytest.mark.slow
def test_half_precision_weights_compute_in_single(resnet18: nn.Module, tmp_path: Path) -> None:
    tensors = {name: tensor.half() for name, tensor in resnet18.state_dict().items()}
    save_file(tensors, path := tmp_path / "half.safetensors")
    built = architectures.build("resnet18", weights=path)
    assert {tensor.dtype for tensor in built.module.parameters()} == {torch.float32}


@pytest.mark.slow
def test_weights_from_before_the_batch_counters_are_taken(
    resnet18_file: Path, tmp_path: Path
) -> None:
    tensors = load_file(resnet18_file)
    old = {name: t for name, t in tensors.items() if not name.endswith("num_batches_tracked")}
    assert len(old) < len(tensors)
    save_file(old, path := tmp_path / "old.safetensors")
    architectures.build("resnet18", weights=path)


@pytest.mark.slow
def test_densenet_is_known_by_its_published_names_too(tmp_path: Path) -> None:
    tensors = network("densenet121", num_classes=3).state_dict()
    old = {
        name.replace("norm1.", "norm.1.")
        .replace("norm2.", "norm.2.")
        .replace("conv1.", "conv.1.")
        .replace("conv2.", "conv.2."): tensor
        for name, tensor in tensors.items()
    }
    assert old.keys() != tensors.keys()
    torch.save(old, path := tmp_path / "densenet.pth")
    network_again = architectures.build("densenet121", weights=path).module.network
    assert isinstance(network_again, nn.Module)
    found = network_again.state_dict()
    assert all(torch.equal(found[name], tensor) for name, tensor in tensors.items())


@pytest.mark.parametrize("auxiliary", [True, False])
@pytest.mark.slow
def test_googlenet_is_built_as_its_file_is(tmp_path: Path, auxiliary: bool) -> None:
    options = {"aux_logits": auxiliary, "init_weights": False, "num_classes": 5}
    path = saved(network("googlenet", **options), tmp_path / "g.safetensors")
    built = architectures.build("googlenet", weights=path)
    with torch.inference_mode():
        assert built.module.eval()(inputs()).shape == (2, 5)


def test_mnasnet_finds_its_own_version(tmp_path: Path) -> None:
    path = saved(network("mnasnet0_5", num_classes=5), tmp_path / "m.safetensors")
    architectures.build("mnasnet0_5", weights=path)


@pytest.mark.slow
def test_a_vision_transformer_s_image_size_is_read_off_its_weights(tmp_path: Path) -> None:
    path = saved(network("vit_b_32", num_classes=2, image_size=64), tmp_path / "v.safetensors")
    built = architectures.build("vit_b_32", weights=path)
    assert built.preparation == Preparation.of_input_size(64)
    with torch.inference_mode():
        assert built.module.eval()(inputs(64)).shape == (2, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "resnet34",
            r"not the weights of resnet34: \d+ tensors missing \(layer1\.2\.conv1\.weight",
        ),
        ("resnet50", r"tensors misshapen \(layer1\.0\.conv1\.weight \(64, 64, 3, 3\) instead"),
        (
            "squeezenet1_1",
            r"122 tensors unknown \(bn1\.bias, bn1\.running_mean, bn1\.r.*_var, \.\.\.\)",
        ),
    ],
)
def test_weights_of_another_architecture_are_named(
    resnet18_file: Path, name: str, expected: str
) -> None:
    with pytest.raises(WeightsError, match=expected):
        architectures.build(name, weights=resnet18_file)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("resnet-18", "resnet18"), ("mobilenetv2", "mobilenet_v2"), ("zzz", "Give a name")],
)
def test_an_unknown_architecture_gets_names_close_to_it(name: str, meant: str) -> None:
    with pytest.raises(ModelError, match=meant):
        architectures.build(name, weights=None)


def test_detectors_are_no_classifiers() -> None:
    assert "retinanet_resnet50_fpn" in models.list_models()
    with pytest.raises(ModelError):
        architectures.build("retinanet_resnet50_fpn", weights=None)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"IMAGENET_V9: there is no such weights file"):
        architectures.build("resnet18", weights="IMAGENET_V9")
