"""Forward passes per second of one classifier in every arithmetic: the floor of the other tables.

What an explanation costs is forward passes, so every other table divides by a rate of this one. The
first row, torchvision's module as its documentation runs it (float32, rows of pixels), is the
peer; the others are what `explain.classifiers.load` makes of the same weights. The physical floor
is the network's arithmetic at the rate of a large float32 matrix product in the same run. Ratios
are of processor time on a CPU, where other programs make wall time say little, and of wall time on
a GPU.

Expected on a CPU: channels_last 1.1 to 1.3 times torchvision's layout, most at large batches;
folding another 1.05 to 1.15; batches of 8 the best and of 32 no better, as layers leave the caches.
bfloat16 twice as fast as float32 where the processor computes it (AVX512_BF16, AMX), and several
times slower where it does not. Half to three quarters of the physical floor.

The deviation of bfloat16 is measured on these networks with random weights, which says how
rounding adds up through the layers, and on the demo's trained network on pictures of its own world.

    python bench/classifiers.py [--models resnet18 resnet50] [--batches 1 8 32] [--images 32]
        [--rounds 3] [--threads N] [--compiled]
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torchvision import models

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from demo.training_set import draw_square  # noqa: E402
from explain import classifiers  # noqa: E402
from explain import device as devices  # noqa: E402
from explain.classifiers import Classifier  # noqa: E402

PEER = "fp32 NCHW (torchvision)"
GFLOP = {"resnet18": 3.63, "resnet50": 8.18}  # of one image of 224 px, 2 per multiplication


def pictures(count: int, *, side: int) -> npt.NDArray[np.uint8]:
    """Pictures with structure at every scale, uint8 [count, side, side, 3]."""
    generator = np.random.default_rng(0)
    drawn = np.zeros((count, side, side, 3))
    for cells, weight in ((4, 0.5), (16, 0.25), (64, 0.15), (side, 0.1)):
        for picture in drawn:
            coarse = Image.fromarray(generator.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
            picture += weight * np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC))
    return drawn.astype(np.uint8)


def weights(name: str, folder: Path) -> Path:
    """Random weights whose activations have the size of trained ones: no denormal numbers."""
    torch.manual_seed(0)
    network = models.get_model(name, weights=None)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = None  # the plain mean over what passes
    with torch.no_grad():
        network(torch.from_numpy(pictures(8, side=224)).permute(0, 3, 1, 2) / 255)
    save_file(network.state_dict(), path := folder / f"{name}.safetensors")
    return path


def peer(name: str, path: Path, *, device: torch.device) -> nn.Module:
    network: nn.Module = models.get_model(name, weights=None)
    network.load_state_dict(load_file(path))
    return network.eval().to(device)


def pass_over(module: Callable[[Tensor], Tensor], tensors: list[Tensor]) -> Callable[[], None]:
    def run() -> None:
        with torch.inference_mode():
            for tensor in tensors:
                module(tensor)
        if tensors[0].device.type == "cuda":
            torch.cuda.synchronize()

    return run


def rates(
    runs: dict[str, Callable[[], None]], *, count: int, rounds: int
) -> dict[str, tuple[float, float]]:
    """Images per second and processor milliseconds per image, medians, taken in turns."""
    wall: dict[str, list[float]] = {label: [] for label in runs}
    spent: dict[str, list[float]] = {label: [] for label in runs}
    for run in runs.values():
        run()
    for _ in range(rounds):
        for label, run in runs.items():
            start, before = time.perf_counter(), sum(os.times()[:2])
            run()
            wall[label].append(time.perf_counter() - start)
            spent[label].append(sum(os.times()[:2]) - before)
    return {
        label: (
            count / statistics.median(wall[label]),
            1000 * statistics.median(spent[label]) / count,
        )
        for label in runs
    }


def product_cost(device: torch.device) -> float:
    """Milliseconds per GFLOP of a product of two square float32 matrices, the best of six.

    Of processor time on a CPU, which other programs on it do not lengthen; of wall time on a GPU.
    """
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    one = torch.rand(2048, 2048, device=device)
    best = float("inf")
    for _ in range(6):
        start = clock()
        one @ one
        if device.type == "cuda":
            torch.cuda.synchronize()
        best = min(best, clock() - start)
    return 1000 * best / (2 * 2048**3 / 1e9)


def variants(name: str, path: Path, *, compiled: bool) -> dict[str, Classifier]:
    found = {
        "fp32 channels_last": classifiers.load(name, weights=path, folded=False),
        "fp32 channels_last folded": classifiers.load(name, weights=path),
        "bf16 channels_last folded": classifiers.load(name, weights=path, precision="bf16"),
    }
    if compiled:
        found["fp32 folded compiled"] = classifiers.load(name, weights=path, compiled=True)
    return found


def table(name: str, path: Path, options: argparse.Namespace) -> None:
    found = variants(name, path, compiled=options.compiled)
    device = found["fp32 channels_last"].device
    network = peer(name, path, device=device)
    images = pictures(options.images, side=224)
    floor = product_cost(device) * GFLOP.get(name, 0)
    print(f"\n{name}, {options.images} images; floor {floor:.1f} ms/image")
    for size in options.batches:
        parts = [images[start : start + size] for start in range(0, len(images), size)]
        plain = [found["fp32 channels_last"].tensor(part).contiguous() for part in parts]
        runs = {PEER: pass_over(network, plain)}
        for label, classifier in found.items():
            module = classifier.module if classifier.compiled is None else classifier.compiled
            runs[label] = pass_over(module, [classifier.tensor(part) for part in parts])
        measured = rates(runs, count=len(images), rounds=options.rounds)
        costs = {
            label: 1000 / rate if device.type == "cuda" else spent
            for label, (rate, spent) in measured.items()
        }
        for label, (rate, spent) in measured.items():
            print(
                f"batch {size:3} {label:27} {rate:7.1f} images/s {spent:7.1f} CPU ms/image"
                f" {costs[PEER] / costs[label]:5.2f}x the peer"
                f" {floor / costs[label]:6.0%} of the floor"
            )
    fast, exact = found["bf16 channels_last folded"], found["fp32 channels_last folded"]
    print(classifiers.deviation(fast, exact, images))


def toy_deviation() -> None:
    path = REPOSITORY / "demo" / "weights.safetensors"
    fast, exact = (
        classifiers.load("demo.network:load", weights=path, precision=precision)
        for precision in ("bf16", "fp32")
    )
    images = np.stack(
        [draw_square(index, seed=7, split="test", side=exact.input_size) for index in range(64)]
    )
    print(f"\ndemo.network: {classifiers.deviation(fast, exact, images)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["resnet18", "resnet50"])
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8, 32])
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, help="threads of the network; torch's own choice")
    parser.add_argument("--compiled", action="store_true", help="measure torch.compile as well")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    logging.basicConfig(format="%(message)s")
    device = devices.choose()
    print(
        f"{devices.describe(device)}, torch {torch.__version__}, bf16 in hardware:"
        f" {'yes' if devices.computes_bf16(device) else 'no'}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in options.models:
            table(name, weights(name, Path(folder)), options)
    toy_deviation()


if __name__ == "__main__":
    main()
