"""Seconds per image of Grad-CAM++, Smooth Grad-CAM++ and Score-CAM, beside floors and a peer.

The floor of Grad-CAM++ is one forward pass of the same network over the same batch; that of the
smooth one is a pass for each noisy copy and one for the clean image; that of Score-CAM is a pass
for each channel that masks anything. The peer is pytorch-grad-cam (package grad-cam) on the same
network, in its own default batches.

Expected on a CPU: Grad-CAM++ goes back through the head alone, so it costs its forward pass and at
most 10 % more; the peer goes back through the whole network, which costs as much as two more
passes, and keeps the gradients of all parameters: 3 times ours. Score-CAM is nothing but passes:
composing a mask moves 3 pixels for 3.6 GFLOP of ResNet-18, so at least 90 % of the floor; the peer
loses to batches of 16 in the default layout and to C masked images held at once: 1.3 to 2 times.

Where other programs share the cores, wall time says little and the columns of processor time are
the reliable ones; OMP_WAIT_POLICY=PASSIVE lets waiting threads sleep.

    python -m bench.saliency [--model resnet18] [--images 8] [--rounds 3] [--threads N]
        [--only Score-CAM] [--cold] [--no-peer] [--floor-passes N]
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision import models

sys.path.insert(0, str(Path(__file__).resolve().parent))

from machine import other_load

from explain import device as devices
from explain.classifiers import Classifier, load
from explain.saliency import grad_cam_pp, score_cam, smooth_grad_cam_pp
from explain.types import Images

_SAMPLES = 25


def _peer(name: str) -> Any:
    """A module of other people's, from the folder the tests take it from; None without it."""
    folder = Path(sys.prefix) / "peers"
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            return None


def _pictures(count: int) -> Images:
    """uint8 [count, 224, 224, 3] with structure at several scales."""
    generator = np.random.default_rng(0)
    pictures = np.zeros((count, 224, 224, 3))
    for picture in pictures:
        for side, weight in ((4, 0.5), (16, 0.3), (64, 0.2)):
            coarse = Image.fromarray(generator.integers(0, 256, (side, side, 3), dtype=np.uint8))
            picture += weight * np.asarray(coarse.resize((224, 224), Image.Resampling.BICUBIC))
    return pictures.astype(np.uint8)


def _network(name: str, *, images: Images, device: str | None) -> Classifier:
    """Random weights whose activations have the size of trained ones: no denormal numbers."""
    torch.manual_seed(0)
    network = models.get_model(name, weights=None)
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.momentum = None  # the plain mean over what passes
    with torch.no_grad():
        network(torch.from_numpy(images).permute(0, 3, 1, 2) / 255)
    with tempfile.TemporaryDirectory() as folder:
        save_file(network.state_dict(), path := Path(folder) / f"{name}.safetensors")
        return load(name, weights=path, device=device)


def _passes(classifier: Classifier, images: Images, *, count: int) -> Callable[[], object]:
    """`count` images through the network, in its best batches, tensors ready."""
    size = devices.batch_size(classifier.device)
    tensor = classifier.tensor(np.resize(images, (size, *images.shape[1:])))

    def run() -> None:
        with torch.inference_mode():
            for start in range(0, count, size):
                classifier.module(tensor[: min(size, count - start)])
        if classifier.device.type == "cuda":
            torch.cuda.synchronize()

    return run


def _by_peer(
    classifier: Classifier, images: Images, classes: list[int], *, method: str
) -> Callable[[], object] | None:
    package = _peer("pytorch_grad_cam")
    if package is None:
        return None
    target = _peer("pytorch_grad_cam.utils.model_targets").ClassifierOutputTarget
    # As a user of it would: the network with its parameters as they come, in the default layout.
    module = classifier.module.to(memory_format=torch.contiguous_format).requires_grad_(True)
    tensor = classifier.tensor(images).contiguous()

    def run() -> None:
        module.to(memory_format=torch.contiguous_format).requires_grad_(True)
        with contextlib.redirect_stderr(io.StringIO()):
            cam = getattr(package, method)(model=module, target_layers=[classifier.last_conv])
            cam(tensor, [target(index) for index in classes])
            cam.activations_and_grads.release()

    return run


def _measured(
    runs: dict[str, Callable[[], object]],
    *,
    rounds: int,
    cold: bool,
    before: Callable[[], object],
) -> dict[str, tuple[float, float]]:
    """Median wall and processor seconds of each, taken in turns; `before` each that is ours."""
    wall: dict[str, list[float]] = {label: [] for label in runs}
    cpu: dict[str, list[float]] = {label: [] for label in runs}
    for turn in range(1 if cold else 0, rounds + 1):
        for label, run in runs.items():
            before()
            start, spent = time.perf_counter(), time.process_time()
            run()
            if turn:  # the first warms up
                wall[label].append(time.perf_counter() - start)
                cpu[label].append(time.process_time() - spent)
    return {
        label: (statistics.median(wall[label]), statistics.median(cpu[label])) for label in runs
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="resnet18", help="an architecture of torchvision")
    parser.add_argument("--images", type=int, default=8, help="for Grad-CAM++")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--cold", action="store_true", help="no round to warm up: for minutes' work"
    )
    parser.add_argument("--no-peer", dest="peer", action="store_false")
    parser.add_argument("--floor-passes", type=int, help="of Score-CAM's floor; the rest is scaled")
    parser.add_argument("--threads", type=int, help="torch's own choice without")
    parser.add_argument("--device")
    parser.add_argument("--only", default="", help="methods whose title begins so")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    images = _pictures(options.images)
    classifier = _network(options.model, images=images, device=options.device)
    classes = classifier.logits(images).argmax(1).tolist()
    one, first = images[:1], classes[:1]
    live = _live(classifier, one)
    passes = min(live, options.floor_passes or live)

    def ours_again() -> None:
        classifier.module.to(memory_format=torch.channels_last).requires_grad_(False)

    groups: dict[str, tuple[int, dict[str, Callable[[], object] | None]]] = {
        "Grad-CAM++": (
            len(images),
            {
                "floor": _passes(classifier, images, count=len(images)),
                "ours": lambda: grad_cam_pp(classifier, images, classes),
                "pytorch-grad-cam": _by_peer(classifier, images, classes, method="GradCAMPlusPlus")
                if options.peer
                else None,
            },
        ),
        f"Smooth Grad-CAM++, {_SAMPLES} copies": (
            1,
            {
                "floor": _passes(classifier, images, count=_SAMPLES + 1),
                "ours": lambda: smooth_grad_cam_pp(classifier, one, first, n_samples=_SAMPLES),
            },
        ),
        f"Score-CAM, {live} live channels": (
            1,
            {
                "floor": _passes(classifier, images, count=passes),
                "ours": lambda: score_cam(classifier, one, first),
                "pytorch-grad-cam": _by_peer(classifier, one, first, method="ScoreCAM")
                if options.peer
                else None,
            },
        ),
    }
    print(
        f"{options.model}, random weights, 224 px, {devices.describe(classifier.device)},"
        f" torch {torch.__version__}; seconds per image"
    )
    print(f"{'':52}{'wall':>9}{'CPU':>9}{'CPU / floor':>13}")
    for title, (count, runs) in groups.items():
        if not title.startswith(options.only):
            continue
        present = {label: run for label, run in runs.items() if run is not None}
        with other_load(title):
            found = _measured(present, rounds=options.rounds, cold=options.cold, before=ours_again)
        if title.startswith("Score-CAM") and passes < live:
            wall, cpu = found["floor"]
            found["floor"] = (wall * live / passes, cpu * live / passes)
        for label, (wall, cpu) in found.items():
            ratio = cpu / found["floor"][1]
            print(f"{title + ': ' + label:52}{wall / count:9.3f}{cpu / count:9.3f}{ratio:13.2f}")


def _live(classifier: Classifier, images: Images) -> int:
    kept: list[torch.Tensor] = []
    assert classifier.last_conv is not None
    handle = classifier.last_conv.register_forward_hook(lambda _m, _i, output: kept.append(output))
    classifier.logits(images)
    handle.remove()
    return int((kept[0].amax((2, 3)) > kept[0].amin((2, 3))).sum())


if __name__ == "__main__":
    main()
