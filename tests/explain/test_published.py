from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torchvision.models import (
    Inception_V3_Weights,
    MaxVit_T_Weights,
    ResNet18_Weights,
    ResNet50_Weights,
    get_model_weights,
)

from explain import architectures, published
from explain.errors import DownloadError
from explain.preparation import Preparation
from tests.explain.conftest import network, saved


def test_sets_are_found_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert published.member("resnet50", weights=None) is ResNet50_Weights.DEFAULT
    assert published.member("resnet50", weights="IMAGENET1K_V1") is ResNet50_Weights.IMAGENET1K_V1
    assert published.member("resnet50", weights="mine.pth") is None
    (tmp_path / "IMAGENET1K_V1").touch()
    assert published.member("resnet50", weights="IMAGENET1K_V1") is None


def test_preparation_is_that_of_the_set() -> None:
    v2 = published.preset("resnet50", known=ResNet50_Weights.IMAGENET1K_V2)
    assert v2.preparation == Preparation(232, 224)
    first = published.preset("resnet50", known=None)
    assert first.preparation == Preparation(256, 224)
    assert (first.mean, first.std) == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    inception = published.preset("inception_v3", known=Inception_V3_Weights.IMAGENET1K_V1)
    assert inception.preparation == Preparation(342, 299)
    maxvit = published.preset("maxvit_t", known=MaxVit_T_Weights.IMAGENET1K_V1)
    assert maxvit.preparation == Preparation(224, 224, "bicubic")


@pytest.mark.parametrize("name", architectures.names())
def test_every_set_has_a_preparation_and_a_hash(name: str) -> None:
    for member in get_model_weights(name):
        preset = published.preset(name, known=member)
        assert 224 <= preset.preparation.crop <= preset.preparation.resize
        prefix = Path(member.url).stem.rpartition("-")[2]
        assert published.recognise(name, sha256=prefix + "0" * 56) is member
    assert published.recognise(name, sha256="not a hash") is None


def test_a_download_that_fails_names_the_address_and_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the discard port: nobody listens
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DownloadError, match=r"resnet18-f37072fd\.pth.*--weights FILE") as caught:
        architectures.build("resnet18", weights=None)
    assert caught.value.retryable
    assert not list((tmp_path / "hub" / "checkpoints").iterdir())


@pytest.mark.slow
def test_a_set_in_torch_s_cache_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    path = saved(network("resnet18"), folder / "resnet18-f37072fd.pth")
    assert published.download(ResNet18_Weights.IMAGENET1K_V1) == path


def test_the_hub_s_folder_is_torch_s_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert torch.hub.get_dir() == str(tmp_path / "hub")
