from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from explain import weights
from explain.errors import WeightsError

TENSORS = {"fc.weight": torch.arange(6.0).reshape(2, 3), "fc.bias": torch.tensor([1.0, -1.0])}


def assert_read(path: Path) -> None:
    found = weights.read_state_dict(path)
    assert found.keys() == TENSORS.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in TENSORS.items())


def test_safetensors_are_read(tmp_path: Path) -> None:
    save_file(TENSORS, path := tmp_path / "a.safetensors")
    assert_read(path)


@pytest.mark.parametrize("suffix", [".pth", ".pt"])
@pytest.mark.parametrize("nest", [None, "state_dict", "model", "model_state_dict"])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_torch_files_are_unwrapped(
    tmp_path: Path, suffix: str, nest: str | None, prefix: str
) -> None:
    tensors = {prefix + name: tensor for name, tensor in TENSORS.items()}
    torch.save({nest: tensors, "epoch": 3} if nest else tensors, path := tmp_path / f"a{suffix}")
    assert_read(path)


def test_a_name_that_only_some_tensors_begin_with_is_kept(tmp_path: Path) -> None:
    tensors = {"module.a": torch.ones(1), "b": torch.ones(1)}
    torch.save(tensors, path := tmp_path / "a.pth")
    assert weights.read_state_dict(path).keys() == tensors.keys()


def test_a_pickled_model_is_refused(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), path := tmp_path / "model.pth")
    with pytest.raises(WeightsError, match=r"model\.pth: .*more than tensors.*safetensors"):
        weights.read_state_dict(path)


@pytest.mark.parametrize("content", [{"epoch": 3}, [1, 2], {"state_dict": {}}])
def test_a_file_without_tensors_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, path := tmp_path / "a.pth")
    with pytest.raises(WeightsError, match="no tensors"):
        weights.read_state_dict(path)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize("damage", ["cut", "text"])
def test_a_damaged_file_is_refused(tmp_path: Path, suffix: str, damage: str) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".pth":
        torch.save(TENSORS, path)
    else:
        save_file(TENSORS, path)
    path.write_bytes(path.read_bytes()[:-20] if damage == "cut" else b"<html>not found</html>")
    with pytest.raises(WeightsError, match=rf"a{suffix}: "):
        weights.read_state_dict(path)


def test_missing_and_empty_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"gone\.pth: there is no such"):
        weights.read_state_dict(tmp_path / "gone.pth")
    (tmp_path / "empty.pth").touch()
    with pytest.raises(WeightsError, match=r"empty\.pth: the weights file is empty"):
        weights.read_state_dict(tmp_path / "empty.pth")


def test_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert weights.sha256_of_file(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()


def test_hash_of_tensors_sees_names_types_shapes_and_values_but_no_order() -> None:
    def digest(**tensors: torch.Tensor) -> str:
        return weights.sha256_of_tensors(tensors)

    a, b = torch.zeros(2), torch.ones(2, 2).t()
    same = {digest(a=a, b=b), digest(b=b, a=a)}
    assert len(same) == 1
    others = {
        digest(a=a),
        digest(c=a, b=b),
        digest(a=a.double(), b=b),
        digest(a=a.reshape(2, 1), b=b),
        digest(a=a + 1, b=b),
        digest(a=torch.tensor(1), b=b),
    }
    assert len(others) == 6
    assert not same & others
