from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import demo
from demo.training_set import draw_square
from explain import classifiers
from explain.classifiers import Classifier
from explain.errors import ModelError, ParameterError
from explain.folding import Folding
from tests.explain import folding_models

HERE = "tests.explain.test_arithmetic"
MODELS = "tests.explain.folding_models"


class Doubles(folding_models.Normed):
    """Insists on float32 maps between its layers."""

    def forward(self, images: Tensor) -> Tensor:
        maps = self.conv(images)
        if maps.dtype != torch.float32:
            raise TypeError("float32 maps only")
        logits: Tensor = self.norm(maps).mean((2, 3))
        return logits


def doubles(weights: Path | None) -> nn.Module:
    return Doubles()


def load(model: str, **options: object) -> Classifier:
    return classifiers.load(model, device="cpu", **options)  # type: ignore[arg-type]


def images(count: int = 3) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)


def test_batch_norms_are_folded_and_the_record_says_so() -> None:
    plain, folded = load(f"{MODELS}:normed", folded=False), load(f"{MODELS}:normed")
    assert plain.arithmetic == "fp32, channels_last, 0 of 1 batch norms folded (not asked for)"
    assert folded.arithmetic == "fp32, channels_last, 1 of 1 batch norms folded"
    assert isinstance(plain.module.norm, nn.BatchNorm2d)
    assert isinstance(folded.module.norm, nn.Identity)
    expected = plain.logits(images())
    assert np.abs(folded.logits(images()) - expected).max() <= 1e-4 * np.abs(expected).max()
    assert folded.weights_sha256 == plain.weights_sha256
    assert not any(parameter.requires_grad for parameter in folded.module.parameters())


def test_the_last_stage_keeps_its_name_when_it_was_a_norm() -> None:
    for model in ("normed", "aliased"):
        found = load(f"{MODELS}:{model}")
        assert found.last_conv is found.module.get_submodule("norm")
        assert isinstance(found.last_conv, nn.Identity)


def test_what_a_trace_got_wrong_is_taken_back() -> None:
    plain, found = load(f"{MODELS}:listed", folded=False), load(f"{MODELS}:listed")
    assert str(found.folding) == "0 of 1 batch norms folded (the logits would change)"
    assert np.array_equal(found.logits(images()), plain.logits(images()))


def test_what_cannot_be_traced_computes_as_it_is() -> None:
    found = load(f"{MODELS}:branches")
    assert "cannot be traced" in found.arithmetic
    assert found.logits(images()).shape == (3, 4)


def test_bf16_on_request(caplog: pytest.LogCaptureFixture) -> None:
    found = load(f"{MODELS}:normed", precision="bf16")
    assert found.precision == "bf16"
    assert found.arithmetic == "bf16, channels_last, 1 of 1 batch norms folded"
    assert found.module.get_parameter("conv.weight").dtype == torch.bfloat16
    assert found.logits(images()).dtype == np.float32
    reference = load(f"{MODELS}:normed")
    assert (reference.precision, reference.compiled) == ("fp32", None)
    deviation = classifiers.deviation(found, reference, images(16), batch_size=5)
    assert deviation.n_images == 16
    assert 0 < deviation.mean_probability <= deviation.max_probability < 0.01
    assert deviation.reference == reference.arithmetic


def test_a_module_that_cannot_compute_in_bf16_is_refused() -> None:
    with pytest.raises(ModelError, match=r"does not compute in bf16: .*float32 maps.*in fp32"):
        load(f"{HERE}:doubles", precision="bf16")
    with pytest.raises(ParameterError, match="fp16"):
        load(f"{MODELS}:normed", precision="fp16")


def test_a_deviation_needs_images_and_the_same_classes() -> None:
    normed = load(f"{MODELS}:normed")
    with pytest.raises(ParameterError, match="no images"):
        classifiers.deviation(normed, normed, images(0))
    other = load("tests.explain.tiny_models:channels")
    with pytest.raises(ParameterError, match=r"differ: \(4, 8\) and \(4, 4\)"):
        classifiers.deviation(normed, other, images())


@pytest.mark.filterwarnings("ignore:`torch.jit.script_method`")  # torch 2.11 warns of its own code
@pytest.mark.long
def test_a_compiled_module_gives_the_same_logits_and_leaves_the_module_to_hooks() -> None:
    plain, found = load(f"{MODELS}:normed"), load(f"{MODELS}:normed", compiled=True)
    assert found.arithmetic.endswith(", compiled")
    expected = plain.logits(images())
    assert np.abs(found.logits(images()) - expected).max() <= 1e-5 * np.abs(expected).max()
    assert np.array_equal(found.features(images()), plain.features(images()))


COMPILE = f"""
import demo
from demo.training_set import draw_square
from explain import classifiers
from explain.errors import ModelError
try:
    classifiers.load("{MODELS}:normed", device="cpu", compiled=True)
except ModelError as error:
    print(error)
"""


@pytest.mark.long
def test_a_machine_without_a_compiler_is_told_so(tmp_path: Path) -> None:
    # Nothing compiled before may be found, and torch looks for a compiler once per process.
    environment = {
        **os.environ,
        "CXX": "no-such-compiler",
        "TORCHINDUCTOR_CACHE_DIR": str(tmp_path),
    }
    command = [sys.executable, "-c", COMPILE]
    run = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert "torch cannot compile it" in run.stdout
    assert "install a C++ compiler" in run.stdout


@pytest.mark.slow
def test_the_toy_network_computes_the_same_in_every_arithmetic() -> None:
    weights = Path(demo.__file__).parent / "weights.safetensors"
    plain = load("demo.network:load", weights=weights, folded=False)
    folded = load("demo.network:load", weights=weights)
    fast = load("demo.network:load", weights=weights, precision="bf16")
    norms = sum(isinstance(part, nn.BatchNorm2d) for part in plain.module.modules())
    assert folded.folding == Folding(folded=norms, found=norms)
    squares = np.stack(
        [draw_square(i, seed=7, split="test", side=plain.input_size) for i in range(8)]
    )
    assert classifiers.deviation(folded, plain, squares).max_logit <= 1e-5
    deviation = classifiers.deviation(fast, plain, squares)
    assert deviation.max_logit <= 0.05
    assert deviation.top_1 >= 7 / 8
    assert np.allclose(folded.features(squares), plain.features(squares), rtol=1e-4, atol=1e-4)
