"""Seconds per image of quickshift, beside scikit-image's, on one thread each, in one run.

Both are given RGB pixels and turn them into Lab; labels are compared as well. Expected: the density
takes 312 pairs of offsets of 7 passes over 50,000 pixels, at half a nanosecond an element 0.06 s,
and 0.03 s for its exponentials; parents and Lab 0.05 s. With 0.42 s for scikit-image that is 2.5
times as fast; at least 2 times is asked for.

    python -m bench.superpixels [--images 10] [--side 224] [--folder DIR]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from skimage.segmentation import quickshift

from explain.images import decode
from explain.preparation import Preparation
from explain.superpixels import Quickshift, Segments, count
from explain.types import RGBImage


def _draw(seed: int, *, side: int) -> RGBImage:
    """A picture with structure at every scale, about as busy as a photograph."""
    generator = np.random.default_rng(seed)
    picture = np.zeros((side, side, 3))
    for cells, weight in ((4, 0.5), (16, 0.25), (64, 0.15), (side, 0.1)):
        coarse = Image.fromarray(generator.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        picture += weight * np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC))
    return picture.astype(np.uint8)


def _ours(image: RGBImage) -> Segments:
    return Quickshift().segment([image], device=torch.device("cpu"))[0]


def _theirs(image: RGBImage) -> Segments:
    found: Segments = quickshift(image, kernel_size=4, max_dist=200, ratio=0.2)  # type: ignore[no-untyped-call]  # it has no types
    return found


def _timed(run: Callable[[RGBImage], Segments], image: RGBImage) -> tuple[Segments, float, float]:
    start, spent = time.perf_counter(), time.process_time()
    found = run(image)
    return found, time.perf_counter() - start, time.process_time() - spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=10)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--folder", type=Path, help="photographs instead of drawn pictures")
    options = parser.parse_args()
    torch.set_num_threads(1)
    side = options.side
    if options.folder:
        prepared = Preparation.of_input_size(side)
        paths = sorted(options.folder.rglob("*.jpg"))[: options.images]
        images = [prepared.apply(decode(path)) for path in paths]
    else:
        images = [_draw(seed, side=side) for seed in range(options.images)]
    _ours(images[0]), _theirs(images[0])
    rows: dict[str, list[tuple[float, float]]] = {"explain.superpixels": [], "scikit-image": []}
    same, counts = 0, []
    for image in images:
        # In turns, so that what else the machine does falls on both.
        found, *ours = _timed(_ours, image)
        expected, *theirs = _timed(_theirs, image)
        rows["explain.superpixels"].append((ours[0], ours[1]))
        rows["scikit-image"].append((theirs[0], theirs[1]))
        same += int(np.array_equal(found, expected))
        counts.append(count(found))
    print(
        f"{len(images)} images of {side} x {side}, torch {torch.__version__}, one thread;"
        f" {min(counts)}-{max(counts)} superpixels; labels equal on {same}"
    )
    for name, row in rows.items():
        wall, cpu = (statistics.median(column) for column in zip(*row, strict=True))
        print(f"{name:20} {wall:6.3f} s/image {cpu:6.3f} CPU-s/image")
    pairs = zip(rows["scikit-image"], rows["explain.superpixels"], strict=True)
    ratios = [(slow[0] / fast[0], slow[1] / fast[1]) for slow, fast in pairs]
    wall, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"{'ratio':20} {wall:6.2f} x wall  {cpu:6.2f} x CPU (medians of the images' own ratios)")


if __name__ == "__main__":
    main()
