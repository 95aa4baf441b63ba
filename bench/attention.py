"""Seconds per image of LIME, beside the lime package and the bare forward passes, in one run.

The floor is n_samples forward passes of the same network, in the batches we use, over tensors that
are ready in memory. The peer is the lime package as its tutorial calls it: the network in the
default memory layout, batches of 10, pixels scaled and transposed on the host.

Expected on a CPU, ResNet-18, n = 1000, two quiet cores: floor 21 s; ours 0.5 s of composition and
0.3 s of quickshift more, so 95 % of the floor (at least 80 % is asked for); lime 23 to 25 s, so
1.1 times ours. Where the processor has bf16 (AVX512_BF16, AMX, a GPU; elsewhere it is
emulated and slow) the forward pass halves: 10 s, 2.2 times as fast as lime.

Memory: the pixels of one batch and n (F + 8) bytes, so 100, 1000 and 4000 samples peak alike.

    python -m bench.attention [--model resnet18] [--images 2] [--samples 1000] [--threads N]
        [--rounds N] [--bf16] [--no-memory]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from lime import lime_image
from PIL import Image
from torch import Tensor, nn
from torchvision import models

sys.path.insert(0, str(Path(__file__).resolve().parent))

from machine import other_load

from explain import attention
from explain import device as devices
from explain.classifiers import Classifier, load

_MODEL = ""


class _Normalised(nn.Module):
    """A torchvision network that takes [0, 1], with activations of the size of trained ones."""

    input_size = 224

    def __init__(self, name: str) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.network = models.get_model(name, weights=None)
        mean, spread = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        self.register_buffer("mean", mean.view(1, 3, 1, 1))
        self.register_buffer("spread", spread.view(1, 3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        scaled = (images - self.get_buffer("mean")) / self.get_buffer("spread")
        logits: Tensor = self.network(scaled)
        return logits


class _Bf16(nn.Module):
    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.module(images.bfloat16())
        return logits.float()


def network(_weights: Path | None) -> nn.Module:
    """What `classifiers.load` builds: random weights, batch norms calibrated on the pictures."""
    built = _Normalised(_MODEL)
    for part in built.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = None  # the plain mean over what passes
    with torch.no_grad():
        built(torch.from_numpy(_draw(8)).permute(0, 3, 1, 2) / 255)
    return built.eval()


def _draw(n: int) -> np.ndarray:
    """uint8 [n, 224, 224, 3] with structure at every scale."""
    pictures = np.zeros((n, 224, 224, 3))
    generator = np.random.default_rng(0)
    for picture in pictures:
        for cells, weight in ((4, 0.5), (16, 0.25), (64, 0.15), (224, 0.1)):
            coarse = Image.fromarray(generator.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
            picture += weight * np.asarray(coarse.resize((224, 224), Image.Resampling.BICUBIC))
    return pictures.astype(np.uint8)


def _bf16(classifier: Classifier) -> Classifier:
    module = network(None).to(memory_format=classifier.memory_format).bfloat16()
    return replace(classifier, module=_Bf16(module), precision="bf16")


def _floor(classifier: Classifier, images: np.ndarray, *, n: int) -> Callable[[], None]:
    size = devices.batch_size(classifier.device)
    batch = classifier.tensor(np.concatenate([images] * size)[:size])

    def run() -> None:
        with torch.inference_mode():
            for _ in range(0, n * len(images), size):
                classifier.module(batch)
        if classifier.device.type == "cuda":
            torch.cuda.synchronize()

    return run


def _ours(classifier: Classifier, images: np.ndarray, *, n: int) -> Callable[[], None]:
    classes = [0] * len(images)

    def run() -> None:
        attention.explain(classifier, images, classes, n_samples=n)

    return run


def _peer(images: np.ndarray, *, n: int, device: torch.device) -> Callable[[], None]:
    module = network(None).to(device)

    def predict(batch: np.ndarray) -> np.ndarray:
        pixels = (batch / 255).transpose(0, 3, 1, 2).astype(np.float32)
        with torch.inference_mode():
            found: np.ndarray = module(torch.from_numpy(pixels).to(device)).softmax(1).cpu().numpy()
        return found

    def run() -> None:
        for image in images:
            explainer = lime_image.LimeImageExplainer(random_state=0)
            with contextlib.redirect_stderr(io.StringIO()):
                explainer.explain_instance(image, predict, labels=(0,), top_labels=1, num_samples=n)

    return run


_PEAK = """
import sys
from pathlib import Path
import numpy as np, torch
from demo.training_set import draw_square
from explain import attention, classifiers
torch.set_num_threads(1)
toy = classifiers.load("demo.network:load", weights="demo/weights_small.safetensors", device="cpu")
image = draw_square(0, seed=4, split="test", side=112)
attention.explain(toy, image[None], [0], n_samples=int(sys.argv[1]), top_k=4)
# Not ru_maxrss: a new process takes over the peak of the one that started it.
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


def _peaks() -> None:
    for n in (100, 1000, 4000):
        command = [sys.executable, "-c", _PEAK, str(n)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(
            f"peak memory of a process, toy network, n_samples = {n:4}: {done.stdout.strip()} MiB"
        )


def _compare(fp32: Classifier, bf16: Classifier, images: np.ndarray, *, n: int) -> None:
    one, other = (
        attention.explain(c, images, [0] * len(images), n_samples=n) for c in (fp32, bf16)
    )
    for a, b in zip(one, other, strict=True):
        common = len(set(a.shown.tolist()) & set(b.shown.tolist()))
        pearson = float(np.corrcoef(a.weights, b.weights)[0, 1])
        print(f"bf16 against fp32: Pearson {pearson:.4f}, {common} of {len(a.shown)} shown alike")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="resnet18", help="an architecture of torchvision")
    parser.add_argument("--images", type=int, default=2)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--threads", type=int, help="threads of the network; torch's own choice")
    parser.add_argument(
        "--no-memory", dest="memory", action="store_false", help="leave out the peaks of memory"
    )
    parser.add_argument("--bf16", action="store_true", help="where the processor has it")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    global _MODEL
    _MODEL = options.model
    images, n = _draw(options.images), options.samples
    fp32 = load(f"{__name__}:network")
    bf16 = _bf16(fp32) if options.bf16 else None
    runs = {
        "floor, fp32": _floor(fp32, images, n=n),
        "ours, fp32": _ours(fp32, images, n=n),
        "lime, fp32": _peer(images, n=n, device=fp32.device),
    }
    if bf16:
        runs |= {
            "floor, bf16": _floor(bf16, images, n=n),
            "ours, bf16": _ours(bf16, images, n=n),
        }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    with other_load("measured"):
        for _ in range(options.rounds):
            for name, run in runs.items():
                start, spent = time.perf_counter(), time.process_time()
                run()
                taken[name].append((time.perf_counter() - start, time.process_time() - spent))
    print(
        f"{options.model}, {len(images)} images, n_samples {n},"
        f" {devices.describe(fp32.device)}, torch {torch.__version__}"
    )
    cpu = {}
    for name, rows in taken.items():
        wall, cpu[name] = (statistics.median(c) / len(images) for c in zip(*rows, strict=True))
        print(f"{name:12} {wall:7.2f} s/image {cpu[name]:7.2f} CPU-s/image")
    for kind in ("fp32", "bf16") if bf16 else ("fp32",):
        ours = cpu[f"ours, {kind}"]
        print(
            f"ours, {kind}: {cpu[f'floor, {kind}'] / ours:.0%} of its floor,"
            f" {cpu['lime, fp32'] / ours:.2f} x lime (CPU-seconds)"
        )
    if bf16:
        _compare(fp32, bf16, images, n=n)
    if options.memory:
        _peaks()


if __name__ == "__main__":
    main()
