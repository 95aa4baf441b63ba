from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explain.errors import ParameterError
from explain.precision import check, use_bf16
from tests.explain import folding_models
from tests.explain.conftest import network


class Fine(nn.Module):
    """Tells apart what bfloat16 cannot: images near 0.5, normalised by a mean of 0.5."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(0.5))
        self.conv = nn.Conv2d(3, 2, 1, bias=False)
        nn.init.ones_(self.conv.weight)

    def forward(self, images: Tensor) -> Tensor:
        return self.conv((images - self.mean) * 256).mean((2, 3))  # type: ignore[no-any-return]


def test_the_normalisation_stays_in_fp32() -> None:
    module = Fine()
    use_bf16(module)
    step = 1 / 1024  # a quarter of the distance of bfloat16 numbers above 0.5
    logits = module(torch.full((1, 3, 2, 2), 0.5 + step))
    assert logits.dtype == torch.float32
    assert logits.tolist() == [[0.75, 0.75]]


def test_layers_and_activations_are_bf16() -> None:
    module = folding_models.Normed()
    seen: list[torch.dtype] = []
    module.conv.register_forward_hook(lambda _m, _i, output: seen.append(output.dtype))
    module.norm.register_forward_hook(lambda _m, _i, output: seen.append(output.dtype))
    images = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    before = module(images)
    use_bf16(module)
    seen.clear()
    after = module(images)
    assert seen == [torch.bfloat16, torch.bfloat16]
    assert module.conv.weight.dtype == torch.bfloat16
    assert after.dtype == torch.float32
    assert not torch.equal(after, before)
    assert (after - before).abs().max() < 0.02 * before.abs().max()


def test_gradients_reach_the_pixels_in_fp32() -> None:
    module = folding_models.Normed().requires_grad_(False)
    use_bf16(module)
    images = torch.rand(1, 3, 8, 8).requires_grad_()
    module(images).sum().backward()
    assert images.grad is not None
    assert images.grad.dtype == torch.float32
    assert images.grad.abs().sum() > 0


@pytest.mark.parametrize("name", ["vit_b_32", "swin_t", "convnext_tiny", "densenet121"])
@pytest.mark.long
def test_architectures_of_every_kind_run_in_bf16(name: str) -> None:
    module = folding_models.settled(network(name))
    images = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        before = module(images)
        use_bf16(module)
        after = module(images)
    assert after.dtype == torch.float32
    assert (after - before).abs().max() <= 0.1 * before.abs().max()


def test_there_are_two_precisions() -> None:
    check("fp32")
    check("bf16")
    with pytest.raises(ParameterError, match=r"fp16.*Choose one of fp32, bf16"):
        check("fp16")
