from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from demo.errors import NetworkError
from demo.network import INPUT_SIZE, WIDTHS, build, load
from demo.world.kinds import KINDS

DEMO = Path(__file__).resolve().parents[2] / "demo"
COMMITTED = {"weights.safetensors": 2_000_000, "weights_small.safetensors": 1_000_000}


def contiguous(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.contiguous() for name, value in network.state_dict().items()}


@pytest.mark.parametrize("size", WIDTHS)
def test_what_is_saved_is_loaded_ready_to_use(size: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = build(size).eval()
    save_file(contiguous(network), tmp_path / "w.safetensors")
    loaded = load(tmp_path / "w.safetensors")
    images = torch.rand(2, 3, INPUT_SIZE, INPUT_SIZE)
    with torch.inference_mode():
        logits = loaded(images)
        assert torch.equal(logits, network(images))
    assert logits.shape == (2, len(KINDS))
    assert not loaded.training
    assert loaded.input_size == INPUT_SIZE


@pytest.mark.parametrize("name", COMMITTED)
def test_the_committed_weights_are_small_and_load(name: str) -> None:
    assert (DEMO / name).stat().st_size < COMMITTED[name]
    network = load(str(DEMO / name))
    assert not hasattr(network, "preprocess"), "the platform's own preparation is meant"


def test_the_last_stage_feeds_the_pooling() -> None:
    network = build("small").eval()
    seen: list[torch.Tensor] = []
    network.last_conv.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    network.pool.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    with torch.inference_mode():
        network(torch.rand(1, 3, INPUT_SIZE, INPUT_SIZE))
    assert torch.equal(seen[0], seen[1])
    assert seen[0].shape == (1, WIDTHS["small"][-1], 7, 7)


def test_normalisation_is_inside() -> None:
    network = build("small").eval()
    caught: list[torch.Tensor] = []
    network.stem.register_forward_pre_hook(lambda _module, inputs: caught.append(inputs[0]))
    with torch.inference_mode():
        network(network.mean.expand(1, 3, INPUT_SIZE, INPUT_SIZE))
    assert caught[0].abs().max() == 0


def test_one_image_is_classified_as_in_company() -> None:
    network = load(DEMO / "weights.safetensors")
    images = torch.rand(3, 3, INPUT_SIZE, INPUT_SIZE, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        together = network(images)
        alone = torch.cat([network(image[None]) for image in images])
    assert torch.allclose(together, alone, atol=1e-4)


def test_unusable_weights_are_refused_with_their_name(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"needs its weights: give demo/weights"):
        load(None)
    with pytest.raises(NetworkError, match=r"missing\.safetensors cannot be read"):
        load(tmp_path / "missing.safetensors")
    (tmp_path / "torn.safetensors").write_bytes(b"not weights")
    with pytest.raises(NetworkError, match=r"torn\.safetensors cannot be read"):
        load(tmp_path / "torn.safetensors")
    save_file({"head.weight": torch.zeros(10, 10)}, tmp_path / "other.safetensors")
    with pytest.raises(NetworkError, match="not those of a toy network of 24 classes"):
        load(tmp_path / "other.safetensors")
    state = contiguous(build("small"))
    del state["stem.0.weight"]
    save_file(state, tmp_path / "partial.safetensors")
    with pytest.raises(NetworkError, match="belong to another network"):
        load(tmp_path / "partial.safetensors")
