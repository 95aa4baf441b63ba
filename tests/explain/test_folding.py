from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explain.folding import Folding, fold
from tests.explain import folding_models as models
from tests.explain.conftest import network


def inputs(side: int = 8) -> Tensor:
    return torch.rand(3, 3, side, side, generator=torch.Generator().manual_seed(1))


def run(module: nn.Module, side: int = 8) -> Tensor:
    with torch.inference_mode():
        result: Tensor = module(inputs(side))
    return result


@pytest.mark.parametrize("options", [{}, {"affine": False}, {"eps": 0.5}])
def test_a_folded_norm_is_gone_and_the_logits_stay(options: dict[str, object]) -> None:
    module = models.Normed(**options)
    before = run(module)
    folded = fold(module)
    assert folded.record == Folding(folded=1, found=1)
    assert isinstance(module.norm, nn.Identity)
    assert torch.allclose(run(module), before, rtol=1e-5, atol=1e-6)
    assert module.conv.weight.dtype == torch.float32


def test_folding_by_hand() -> None:
    module = models.Normed()
    weight, norm = module.conv.weight.clone(), module.norm
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    fold(module)
    assert module.conv.bias is not None
    assert torch.allclose(module.conv.weight, weight * scale.view(-1, 1, 1, 1))
    assert torch.allclose(module.conv.bias, norm.bias - norm.running_mean * scale)


@pytest.mark.parametrize(
    "build",
    [models.Shared, models.TwoReaders, models.ReadsWeights, models.NormFirst],
)
def test_what_another_reads_stays(build: type[models.Normed]) -> None:
    module = build()
    before = run(module)
    assert fold(module).record == Folding(folded=0, found=1)
    assert torch.equal(run(module), before)


def test_a_hooked_layer_stays_and_a_norm_without_statistics_too() -> None:
    hooked = models.Normed()
    hooked.conv.register_forward_hook(lambda _module, _inputs, output: output * 2)
    assert fold(hooked).record.folded == 0
    assert fold(models.Normed(track_running_stats=False)).record.folded == 0


def test_what_cannot_be_traced_stays_and_says_so() -> None:
    module = models.Branches()
    before = run(module)
    record = fold(module).record
    assert (record.folded, record.found) == (0, 1)
    assert str(record) == "0 of 1 batch norms folded (it cannot be traced: TraceError)"
    assert torch.equal(run(module), before)


def test_a_norm_is_replaced_under_all_its_names() -> None:
    module = models.Aliased()
    fold(module)
    assert module.last_conv is module.norm
    assert isinstance(module.norm, nn.Identity)


def test_folding_can_be_taken_back_whole() -> None:
    module = models.Aliased()
    tensors = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    before = run(module)
    folded = fold(module)
    folded.undo(reason="asked to")
    assert folded.record == Folding(folded=0, found=1, reason="asked to")
    assert torch.equal(run(module), before)
    after = module.state_dict()
    assert after.keys() == tensors.keys()
    assert all(torch.equal(after[name], tensor) for name, tensor in tensors.items())


def test_nothing_to_fold() -> None:
    assert str(fold(nn.Conv2d(3, 3, 1)).record) == "no batch norms"


@pytest.mark.parametrize(
    ("name", "folded", "found"),
    [
        ("resnet18", 20, 20),
        ("densenet121", 59, 121),  # its first, and the second of each of 58 layers
        ("mobilenet_v3_small", 34, 34),
        ("squeezenet1_1", 0, 0),
    ],
)
@pytest.mark.slow
def test_architectures_compute_the_same_folded(name: str, folded: int, found: int) -> None:
    module = models.settled(network(name))
    before = run(module, 64)
    assert fold(module).record == Folding(folded=folded, found=found)
    after = run(module, 64)
    assert not torch.equal(after, before) or not folded
    assert (after - before).abs().max() <= 1e-4 * before.abs().max()
