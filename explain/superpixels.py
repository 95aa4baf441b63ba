"""Superpixels by quickshift (Vedaldi and Soatto, ECCV 2008), on any device.

Every pixel climbs to the nearest denser pixel within a window until it stands on a peak; pixels of
one peak are one superpixel. Labels are those of scikit-image, given the same Lab image.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explain.colour import lab_of
from explain.errors import ImageError, ParameterError
from explain.types import RGBImage

# Powers of 2 beyond this come close to what float64 can hold.
_LARGEST_EXPONENT = 900.0
# Pairs of pixels looked at in one step of the search for parents.
_PAIRS = {"cpu": 1 << 16, "cuda": 1 << 24}


@dataclass(frozen=True, slots=True)
class Quickshift:
    """The constants of the segmentation; the defaults are those of the lime package.

    kernel_size  width of the density's Gaussian, in pixels; the window reaches 3 times as far
    max_dist     pixels farther apart than this, in position and scaled colour, are not joined
    ratio        weight of a unit of Lab against a pixel
    seed         of the noise of 1e-5 that tells equal densities apart
    """

    kernel_size: float = 4.0
    max_dist: float = 200.0
    ratio: float = 0.2
    seed: int = 42

    def __post_init__(self) -> None:
        if not (self.kernel_size >= 1 and self.max_dist > 0 and self.ratio >= 0):
            raise ParameterError(
                "kernel_size must be at least 1, max_dist above 0, ratio at least 0",
                item=str(self),
                remedy="Correct the number that is out of range",
            )

    @property
    def reach(self) -> int:
        """Half-width of the window, in pixels."""
        return math.ceil(3 * self.kernel_size)

    def segment(self, images: list[RGBImage], *, device: torch.device) -> list[Segments]:
        """Images uint8 [H, W, 3] of one size -> for each a map int32 [H, W] of ids 0..F-1.

        A processor's caches hold one image, so there the images are taken one by one; on a GPU
        they go through together. Raises ImageError for what is no such image.
        """
        for image in images:
            _check(image)
        group = 1 if device.type == "cpu" else max(1, len(images))
        maps: list[Segments] = []
        for start in range(0, len(images), group):
            labs = np.stack([lab_of(image) for image in images[start : start + group]])
            labels = self.labels(torch.from_numpy(labs).to(device))
            maps.extend(labels.to("cpu", torch.int32).numpy())
        return maps

    def labels(self, lab: Tensor) -> Tensor:
        """Lab images float64 [B, H, W, 3] -> int64 [B, H, W], ids 0..F-1 in order of the peaks.

        Float32 would move labels: densities differ by less than it can tell.
        """
        noise = np.random.default_rng(self.seed).normal(scale=1e-5, size=tuple(lab.shape[1:3]))
        with _few_threads(lab.device):
            planes = (lab * self.ratio).permute(3, 0, 1, 2).contiguous()
            density = _density(planes, kernel_size=self.kernel_size, reach=self.reach)
            density += torch.from_numpy(noise).to(lab.device)
            parent = _parents(planes, density, reach=self.reach, max_dist=self.max_dist)
            return _trees(parent, images=len(density)).view(density.shape)


Segments = npt.NDArray[np.int32]
"""int32 [H, W]: the superpixel of every pixel, ids 0..F-1 without gaps."""


def count(segments: Segments) -> int:
    """F, the number of superpixels."""
    return int(segments.max()) + 1


def _check(image: RGBImage) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ImageError(
            f"{image.dtype} {image.shape} is not an RGB image",
            item="an image to be segmented",
            remedy="Give uint8 [H, W, 3] in 0..255",
        )


@contextmanager
def _few_threads(device: torch.device) -> Iterator[None]:
    """One thread on a CPU: the thousands of short steps gain nothing from a second one.

    On a machine that others use too they lose a lot, as each step waits for the slower thread.
    """
    threads = torch.get_num_threads()
    if device.type == "cpu" and threads > 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)


def _density(planes: Tensor, *, kernel_size: float, reach: int) -> Tensor:
    """float64 [3, B, H, W] -> [B, H, W]: sum of exp(-d^2 / (2 k^2)) over the window, itself too.

    The distance of a pair is the same from both sides, so half of the offsets do.
    """
    height, width = planes.shape[2:]
    sharpness = 0.5 * math.log2(math.e) / kernel_size**2
    # A distance does not change when all colours move; the numbers below do, and become small.
    scaled = (planes - planes.mean((1, 2, 3), keepdim=True)) * math.sqrt(2 * sharpness)
    half = scaled.square().sum(0) / 2
    # -|a - b|^2 / 2 = ab - |a|^2 / 2 - |b|^2 / 2: the product alone within the exponential saves
    # three passes of ten, as long as it cannot overflow.
    is_product = float(half.max()) < _LARGEST_EXPONENT / 2
    factor = torch.exp2(-half) if is_product else torch.ones_like(half)
    total = torch.zeros_like(half)
    space = planes.new_empty(2 * total.numel())
    for down, right in _half_window(reach):
        if down >= height or abs(right) >= width:
            continue
        here = (..., slice(0, height - down), slice(max(0, -right), width - max(0, right)))
        there = (..., slice(down, height), slice(max(0, right), width + min(0, right)))
        shape = total[here].shape
        exponent, difference = space[: 2 * shape.numel()].view(2, *shape)
        # In place throughout: a pass over fresh memory costs more than the arithmetic.
        exponent.zero_()
        for channel in scaled:
            if is_product:
                exponent.addcmul_(channel[here], channel[there])
            else:
                torch.sub(channel[here], channel[there], out=difference)
                exponent.addcmul_(difference, difference, value=-0.5)
        exponent.exp2_()  # a fifth faster than exp, hence the log2(e) in the sharpness
        nearness = 2 ** (-sharpness * (down**2 + right**2))
        total[here].addcmul_(exponent, factor[there], value=nearness)
        total[there].addcmul_(exponent, factor[here], value=nearness)
    return total * factor + 1


def _half_window(reach: int) -> Iterator[tuple[int, int]]:
    """One offset (down, right) of every pair of opposite ones within the window."""
    for down in range(reach + 1):
        for right in range(-reach if down else 1, reach + 1):
            yield down, right


def _parents(planes: Tensor, density: Tensor, *, reach: int, max_dist: float) -> Tensor:
    """int64 [B * H * W]: the nearest strictly denser pixel of the window, or the pixel itself.

    Of equally near ones the first in reading order. Offsets come nearest first, and a pixel drops
    out as soon as no farther one can be as near as what it has: most do after the first ring.
    """
    side = 2 * reach + 1
    padded = torch.nn.functional.pad(planes, (reach,) * 4).flatten(1)
    height = torch.nn.functional.pad(density, (reach,) * 4, value=-math.inf).flatten()
    stride = density.shape[-1] + 2 * reach
    place = torch.arange(height.numel(), device=density.device).view(len(density), -1, stride)
    place = place[:, reach:-reach, reach:-reach].flatten()  # of every pixel among the padded ones
    own = torch.full_like(height, -1, dtype=torch.int64)
    own[place] = torch.arange(len(place), device=density.device)
    offsets = _offsets(reach)
    nearest = torch.full((len(place),), math.inf, dtype=planes.dtype, device=planes.device)
    rank = torch.full_like(place, side * side)
    open_, start = torch.arange(len(place), device=density.device), 0
    while start < len(offsets) and len(open_):
        budget = _PAIRS.get(density.device.type, _PAIRS["cpu"]) // len(open_)
        ring = offsets[start : start + max(8, budget)]
        found = _nearest(padded, height, place[open_], ring.to(density.device), stride=stride)
        distance, order = _first(*found)
        nearer = (distance < nearest[open_]) | (
            (distance == nearest[open_]) & (order < rank[open_])
        )
        nearest[open_] = torch.where(nearer, distance, nearest[open_])
        rank[open_] = torch.where(nearer, order, rank[open_])
        start += len(ring)
        if start < len(offsets):
            open_ = open_[nearest[open_] >= float(offsets[start, :2].square().sum())]
    has_parent = nearest.sqrt() <= max_dist
    down, right = rank // side - reach, rank % side - reach
    target = torch.where(has_parent, place + down * stride + right, place)
    return own[target]


def _offsets(reach: int) -> Tensor:
    """int64 [n, 3]: down, right, and rank in reading order, nearest first; without (0, 0)."""
    steps = torch.arange(-reach, reach + 1)
    down, right = (axis.flatten() for axis in torch.meshgrid(steps, steps, indexing="ij"))
    table = torch.stack([down, right, torch.arange(len(down))], dim=1)
    order = torch.argsort(down**2 + right**2, stable=True)
    return table[order[1:]]


def _nearest(
    planes: Tensor, height: Tensor, place: Tensor, ring: Tensor, *, stride: int
) -> tuple[Tensor, Tensor]:
    """Squared distances [M, k] of M pixels to k offsets, inf where not denser, and their ranks."""
    down, right, rank = ring.unbind(1)
    other = place[:, None] + down * stride + right
    distance = torch.zeros(other.shape, dtype=planes.dtype, device=planes.device)
    # One operation at a time and in this order: rounded otherwise, equal distances would differ
    # from those of scikit-image in the last bit, and another one would be the first.
    for plane in planes:
        distance += (plane[place][:, None] - plane[other]).square()
    distance += down.square()
    distance += right.square()
    distance.masked_fill_(height[other] <= height[place][:, None], math.inf)
    return distance, rank.expand_as(other)


def _first(distance: Tensor, rank: Tensor) -> tuple[Tensor, Tensor]:
    """Per row the smallest distance, and the smallest rank among those that have it."""
    smallest = distance.amin(1)
    tied = distance == smallest[:, None]
    return smallest, torch.where(tied, rank, torch.iinfo(torch.int64).max).amin(1)


def _trees(parent: Tensor, *, images: int) -> Tensor:
    """Parents int64 [B * H * W] -> the root of every pixel, as its rank within its image."""
    roots = (parent == torch.arange(len(parent), device=parent.device)).view(images, -1)
    rank = (roots.cumsum(1) - 1).flatten()
    root = parent
    while not torch.equal(higher := root[root], root):
        root = higher
    return rank[root]
