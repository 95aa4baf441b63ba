from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from explain import attention
from explain.attention import Attention, Settings
from explain.errors import ImageError, ParameterError
from explain.types import Failure
from tests.explain.attention.networks import SIDE, blobs, network

SMALL = network("small")


@pytest.mark.slow
def test_the_same_call_gives_the_same_bytes() -> None:
    """Check 1: run to run."""
    images = np.stack([blobs(1), blobs(2)])
    one, other = (attention.explain(SMALL, images, [1, 3], n_samples=60, seed=5) for _ in "ab")
    for a, b in zip(one, other, strict=True):
        assert a.weights.tobytes() == b.weights.tobytes()
        assert a.segments.tobytes() == b.segments.tobytes()
        assert a.image.tobytes() == b.image.tobytes()
        assert a.provenance == b.provenance


@pytest.mark.slow
def test_batches_and_threads_move_nothing_but_the_last_digits() -> None:
    """Check 1: batch sizes 1, 7 and 64, and two threads."""
    images = np.stack([blobs(1), blobs(2)])
    found = [
        attention.explain(SMALL, images, [1, 3], n_samples=60, batch_size=size)
        for size in (1, 7, 64)
    ]
    torch.set_num_threads(2)  # the fixture gives the one back
    found.append(attention.explain(SMALL, images, [1, 3], n_samples=60, batch_size=7))
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            assert np.array_equal(a.segments, b.segments)
            assert np.abs(a.weights - b.weights).max() <= 1e-5 * np.abs(a.weights).max()


def test_another_seed_gives_other_weights_on_the_same_superpixels() -> None:
    one, other = (
        attention.explain(SMALL, blobs(1)[None], [1], n_samples=60, seed=seed)[0] for seed in (0, 1)
    )
    assert np.array_equal(one.segments, other.segments)
    assert not np.allclose(one.weights, other.weights, rtol=1e-3)


def test_types_and_shapes_of_a_result() -> None:
    (found,) = attention.explain(SMALL, blobs(1)[None], [1], n_samples=60)
    n = int(found.segments.max()) + 1
    kinds = [
        values.dtype.name for values in (found.segments, found.weights, found.shown, found.image)
    ]
    assert kinds == ["int32", "float64", "int32", "uint8"]
    assert found.segments.shape == (SIDE, SIDE)
    assert found.weights.shape == (n,)
    assert found.image.shape == (SIDE, SIDE, 3)


@pytest.mark.slow
def test_progress_counts_images() -> None:
    seen: list[int] = []
    images = np.stack([blobs(seed) for seed in range(3)])
    attention.explain(SMALL, images, [1, 1, 1], n_samples=20, progress=seen.append)
    assert seen == [1, 2, 3]


def test_no_images_no_results() -> None:
    assert attention.explain(SMALL, np.empty((0, SIDE, SIDE, 3), np.uint8), []) == []


def test_images_without_a_class_are_refused() -> None:
    with pytest.raises(ParameterError, match="there are 2 images and 1 classes"):
        attention.explain(SMALL, np.stack([blobs(1)] * 2), [1])


def test_a_batch_of_no_images_is_refused_before_the_first_image() -> None:
    with pytest.raises(ParameterError, match="batch_size = 0: must be at least 1"):
        attention.stream(SMALL, iter([]), batch_size=0)


def test_an_array_with_a_bad_image_names_it_by_its_place() -> None:
    images = np.stack([blobs(1), blobs(2)])
    with pytest.raises(ImageError, match=r"^image 1: class 9 is out of range"):
        attention.explain(SMALL, images, [1, 9], n_samples=20)


@pytest.mark.slow
def test_a_stream_goes_on_after_a_bad_image_and_is_read_only_a_little_ahead() -> None:
    asked = 0

    def source() -> Iterator[tuple[str, np.ndarray, int]]:
        nonlocal asked
        for index in range(30):
            asked += 1
            yield f"{index}.png", blobs(index % 3), 9 if index == 1 else 1

    results = attention.stream(
        SMALL, source(), settings=Settings(n_samples=20), batch_size=8, strict=False
    )
    assert asked == 0
    found = []
    for done in range(1, 11):
        found.append(next(results))
        assert asked <= done + 3
    assert [key for key, _ in found] == [f"{index}.png" for index in range(10)]
    assert [isinstance(one, Failure) for _, one in found] == [False, True] + [False] * 8


def test_a_strict_stream_stops_at_the_first_bad_image() -> None:
    source = [(1, blobs(1), 1), (2, blobs(2), 7), (3, blobs(3), 1)]
    results = attention.stream(SMALL, source, settings=Settings(n_samples=20))
    key, first = next(results)
    assert key == 1
    assert isinstance(first, Attention)
    with pytest.raises(ImageError, match=r"^2: class 7"):
        next(results)


LEAK = """
import resource, sys
from pathlib import Path
import numpy as np
import torch
from demo.training_set import draw_square
from explain import attention, classifiers

torch.set_num_threads(1)
classifier = classifiers.load(
    "demo.network:load", weights=Path("demo/weights_small.safetensors"), device="cpu"
)
pictures = [draw_square(index, seed=4, split="test", side=112) for index in range(20)]

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

source = ((index, pictures[index % 20], index % 24) for index in range(1000))
settings = attention.Settings(n_samples=50, top_k=4)
sizes = []
for key, _ in attention.stream(classifier, source, settings=settings):
    if key in (199, 999):
        sizes.append(held())
print(*sizes)
"""


@pytest.mark.long
def test_a_thousand_images_leak_less_than_a_hundredth_of_the_memory() -> None:
    """Check 30: from the 200th image, when every cache is warm, to the 1,000th."""
    run = subprocess.run([sys.executable, "-c", LEAK], check=True, capture_output=True, text=True)
    early, late = (int(size) for size in run.stdout.split())
    assert late <= 1.01 * early


PEAK = """
import sys
from pathlib import Path
import torch
from explain import attention
from tests.explain.attention.networks import blobs, network

torch.set_num_threads(1)
attention.explain(network("small"), blobs(1)[None], [1], n_samples=int(sys.argv[1]))
# Not ru_maxrss: a new process takes over the peak of the one that started it.
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.long
def test_memory_does_not_grow_with_the_number_of_samples() -> None:
    """Check 30: 3,900 samples more, kept as pixels, would be 430 MB."""

    def peak(n_samples: int) -> int:
        command = [sys.executable, "-c", PEAK, str(n_samples)]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        return int(run.stdout)

    assert peak(4000) - peak(100) < 20_000  # KiB
