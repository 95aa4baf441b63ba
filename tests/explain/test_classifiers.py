from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from explain import classifiers
from explain.classifiers import Classifier
from explain.errors import DeviceError, ImageError, ModelError, WeightsError
from explain.preparation import Preparation
from explain.weights import sha256_of_file, sha256_of_tensors
from tests.explain.conftest import network, saved
from tests.explain.tiny_models import Channels

TINY = "tests.explain.tiny_models"


def tiny(name: str = "channels", **options: object) -> Classifier:
    return classifiers.load(f"{TINY}:{name}", device="cpu", **options)  # type: ignore[arg-type]


@pytest.mark.slow
def test_an_architecture_with_everything_recorded(resnet18_file: Path) -> None:
    found = classifiers.load("resnet18", weights=resnet18_file, n_classes=1000, device="cpu")
    assert (found.name, found.n_classes, found.input_size) == ("resnet18", 1000, 224)
    assert found.preparation == Preparation(256, 224)
    assert found.preprocess is None
    assert found.weights_name == "resnet18.safetensors"
    assert found.weights_sha256 == sha256_of_file(resnet18_file)
    assert (found.device, found.precision) == (torch.device("cpu"), "fp32")
    assert found.memory_format == torch.channels_last
    assert found.last_conv is found.module.get_submodule("network.layer4")
    assert not found.module.training
    assert not any(parameter.requires_grad for parameter in found.module.parameters())


@pytest.mark.slow
def test_logits_of_uint8_images_equal_torch_s_own(resnet18: nn.Module, resnet18_file: Path) -> None:
    found = classifiers.load("resnet18", weights=resnet18_file, device="cpu")
    images = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    pixels = (torch.from_numpy(images) / 255 - mean) / std
    with torch.inference_mode():
        expected = resnet18(pixels.permute(0, 3, 1, 2).contiguous()).numpy()
    logits = found.logits(images)
    assert logits.dtype == np.float32
    assert np.abs(logits - expected).max() <= 1e-5 * np.abs(expected).max()


def test_exact_logits_of_a_tiny_network() -> None:
    images: npt.NDArray[np.uint8] = np.zeros((2, 4, 4, 3), np.uint8)
    images[0, ..., 0] = 255
    images[1, :2, :, 2] = 51
    expected = [[1.0, 0.0, 0.0, 0.5], [0.0, 0.0, 0.1, 0.5]]
    assert np.allclose(tiny().logits(images), expected, atol=1e-7)
    scaled: npt.NDArray[np.float32] = images.astype(np.float32) / np.float32(255)
    assert np.allclose(tiny().logits(scaled), expected, atol=1e-7)


def test_images_that_may_not_be_written_to_are_taken() -> None:
    images = np.full((1, 4, 4, 3), 255, np.uint8)
    images.flags.writeable = False
    assert tiny().logits(images).tolist() == [[1.0, 1.0, 1.0, 0.5]]


def test_gradients_reach_the_pixels_but_not_the_weights() -> None:
    found = tiny()
    pixels = torch.full((1, 3, 4, 4), 0.5, requires_grad=True)
    found.module(pixels)[0, 1].backward()
    assert pixels.grad is not None
    assert torch.allclose(pixels.grad[0, 1], torch.full((4, 4), 1 / 16))
    assert all(parameter.grad is None for parameter in found.module.parameters())


def test_weights_of_a_callable_are_recorded(tmp_path: Path) -> None:
    model = Channels()
    with torch.no_grad():
        model.conv.weight[3] = 0.25
    save_file(model.state_dict(), path := tmp_path / "mine.safetensors")
    found = tiny(weights=path)
    assert (found.weights_name, found.weights_sha256) == (path.name, sha256_of_file(path))
    logits = found.logits(np.full((1, 4, 4, 3), 255, np.uint8))
    assert np.allclose(logits, [[1, 1, 1, 1.25]])
    without = tiny()
    assert without.weights_name == ""
    assert without.weights_sha256 == sha256_of_tensors(Channels().state_dict())


def test_a_callable_may_be_given_a_folder(tmp_path: Path) -> None:
    assert tiny("views", weights=tmp_path).weights_name == tmp_path.name


def test_a_callable_s_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"gone\.pth: there is no such"):
        tiny(weights=tmp_path / "gone.pth")


def test_a_module_that_cannot_take_channels_last_is_fed_as_it_likes() -> None:
    found = tiny("views")
    assert found.memory_format == torch.contiguous_format
    images = np.full((2, 4, 4, 3), 255, np.uint8)
    assert found.logits(images).tolist() == tiny().logits(images).tolist()


@pytest.mark.slow
def test_preparation_is_that_of_the_papers_unless_told_otherwise(resnet18_file: Path) -> None:
    assert tiny().preparation == Preparation(5, 4)
    other = Preparation(64, 48)
    found = classifiers.load("resnet18", weights=resnet18_file, device="cpu", preparation=other)
    assert (found.preparation, found.input_size) == (other, 48)
    assert found.prepare(Image.new("RGB", (90, 80))).shape == (48, 48, 3)


def test_a_model_s_own_preprocess_replaces_the_preparation() -> None:
    found = tiny("corner_pixels")
    assert found.preparation is None
    image = Image.new("RGB", (8, 8), (51, 0, 0))
    image.putpixel((7, 7), (255, 255, 255))
    prepared = found.prepare(image)
    assert prepared.dtype == np.float32
    assert np.array_equal(prepared, np.full((4, 4, 3), [0.2, 0, 0], np.float32))


def test_a_preprocess_may_leave_the_grid_of_8_bits() -> None:
    found = tiny("half_grey")
    prepared = found.prepare(Image.new("RGB", (1, 1)))
    assert found.logits(prepared[None])[0] == pytest.approx([0.3, 0.3, 0.3, 0.5])


def test_an_image_that_the_model_s_preprocess_refuses_is_named() -> None:
    with pytest.raises(ImageError, match=r"thin\.png: .*narrower than 4 pixels"):
        tiny("corner_pixels").prepare(Image.new("RGB", (3, 8)), name="thin.png")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("normalises_outside", r"values from -1\.5 to -1\.5, not in \[0, 1\]"),
        ("wrong_square", r"a tensor \(3, 5, 5\), not \(3, 4, 4\)"),
        ("wrong_image", "an image of 320 x 240, not 4 x 4"),
        ("returns_a_list", "returned list, not a tensor or an image"),
        ("preprocess_is_text", "preprocess cannot be called"),
        ("no_input_size", "no attribute input_size"),
        ("odd_input_size", "input_size is '224'"),
        ("not_a_module", "not a torch module"),
        ("maps", r"returned \(2, 4, 4, 4\)"),
        ("never_finite", "not finite"),
        ("grey_only", "forward pass"),
    ],
)
def test_a_model_that_breaks_the_contract_is_refused_at_once(name: str, message: str) -> None:
    with pytest.raises(ModelError, match=rf"{TINY}:{name}.*{message}"):
        tiny(name)


def test_another_number_of_classes_is_refused(tmp_path: Path) -> None:
    path = saved(network("squeezenet1_1", num_classes=24), tmp_path / "toy.safetensors")
    assert classifiers.load("squeezenet1_1", weights=path, device="cpu").n_classes == 24
    message = re.escape("tells 24 classes apart, the class list has 1000")
    with pytest.raises(WeightsError, match=rf"toy\.safetensors.*{message}"):
        classifiers.load("squeezenet1_1", weights=path, n_classes=1000, device="cpu")


def test_a_device_that_is_not_there_is_refused(resnet18_file: Path) -> None:
    with pytest.raises(DeviceError, match="cuda:99"):
        classifiers.load("resnet18", weights=resnet18_file, device="cuda:99")


def test_features_are_the_means_of_the_last_stage_s_maps() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3), dtype=np.uint8)
    features = tiny().features(images, batch_size=2)
    expected = images.mean((1, 2)) / 255
    assert features.dtype == np.float32
    assert features.shape == (5, 4)
    assert np.allclose(features[:, :3], expected, atol=1e-6)
    assert np.allclose(features[:, 3], 0.5)
    assert tiny().features(images[:0]).shape == (0, 4)


@pytest.mark.slow
def test_features_of_a_residual_network_are_what_its_final_layer_gets(
    resnet18: nn.Module, resnet18_file: Path
) -> None:
    found = classifiers.load("resnet18", weights=resnet18_file, device="cpu")
    images = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    final = resnet18.get_submodule("fc")
    with torch.inference_mode():
        logits = final(torch.from_numpy(found.features(images))).numpy()
    expected = found.logits(images)
    assert np.abs(logits - expected).max() <= 1e-5 * np.abs(expected).max()


def test_one_pass_gives_both_logits_and_features() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3), dtype=np.uint8)
    logits, features = tiny().described(images, batch_size=2)
    assert np.allclose(logits, tiny().logits(images), atol=1e-6)
    assert np.array_equal(features, tiny().features(images, batch_size=2))
    none = tiny().described(images[:0])
    assert [part.shape for part in none] == [(0, logits.shape[1]), (0, 4)]


def test_a_model_without_a_last_stage_has_no_features() -> None:
    with pytest.raises(ModelError, match="no last convolutional stage"):
        tiny("tokens").features(np.zeros((1, 4, 4, 3), np.uint8))


def test_features_leave_no_hook_and_survive_a_full_memory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = tiny("crowded")
    images = np.random.default_rng(0).integers(0, 256, (9, 4, 4, 3), dtype=np.uint8)
    assert np.allclose(found.features(images, batch_size=8), tiny().features(images), atol=1e-6)
    assert "4 images at once" in caplog.text
    assert found.last_conv is not None
    assert not found.last_conv._forward_hooks
