from __future__ import annotations

import csv
import io
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from torch import nn
from torchvision import models

from explain import classifiers
from explain.classifiers import Classifier
from explain.errors import DeviceError, ImageError, ParameterError
from explain.predict import predict_topk, top_k
from explain.types import Failure, ImageSource, TopK

TINY = "tests.explain.tiny_models"
COLOURS = {"red": 0, "lime": 1, "blue": 2}


def tiny(name: str = "channels") -> Classifier:
    return classifiers.load(f"{TINY}:{name}", device="cpu")


def png(colour: str | tuple[int, int, int], *, side: int = 6) -> bytes:
    Image.new("RGB", (side, side), colour).save(stream := io.BytesIO(), "PNG")
    return stream.getvalue()


def noise(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (240, 250, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream := io.BytesIO(), "PNG")
    return stream.getvalue()


def test_exact_classes_and_probabilities() -> None:
    (found,) = predict_topk(tiny(), [("one", png("red"))], k=3)
    assert isinstance(found, TopK)
    exponentials = np.exp([1, 0.5, 0, 0])
    assert (found.key, found.classes.tolist()) == ("one", [0, 3, 1])
    assert found.probabilities == pytest.approx(exponentials[:3] / exponentials.sum(), abs=1e-7)
    assert (found.classes.dtype.name, found.probabilities.dtype.name) == ("int32", "float32")


def test_results_come_in_order_from_any_kind_of_source(tmp_path: Path) -> None:
    (tmp_path / "lime.png").write_bytes(png("lime"))
    sources: list[tuple[int, ImageSource]] = [
        (0, png("red")),
        (1, tmp_path / "lime.png"),
        (2, lambda: png("blue")),
        (1, str(tmp_path / "lime.png")),
    ]
    sources *= 10
    results = list(predict_topk(tiny(), sources, k=1, batch_size=3, workers=4))
    assert [result.key for result in results] == [key for key, _ in sources]
    assert all(isinstance(r, TopK) and r.classes.tolist() == [r.key] for r in results)


def test_fewer_classes_than_asked_for() -> None:
    (found,) = predict_topk(tiny(), [("one", png("red"))], k=9)
    assert isinstance(found, TopK)
    assert found.classes.tolist() == [0, 3, 1, 2]
    assert found.probabilities.sum() == pytest.approx(1)


def test_equal_logits_rank_by_class() -> None:
    (found,) = predict_topk(tiny(), [("white", png("white")), ("black", png("black"))][:1], k=4)
    assert isinstance(found, TopK)
    assert found.classes.tolist() == [0, 1, 2, 3]


@pytest.mark.slow
@given(
    arrays.arrays(
        np.float32, st.integers(1, 30), elements=st.sampled_from([-1e4, -1, 0, 0.5, 1, 80])
    ),
    st.integers(1, 8),
)
def test_top_k_by_definition(logits: np.ndarray, k: int) -> None:
    classes, probabilities = top_k(logits, k=k)
    by_definition = sorted(range(len(logits)), key=lambda c: (-logits[c], c))[:k]
    assert classes.tolist() == by_definition
    softmax = torch.from_numpy(logits).double().softmax(0).numpy()
    assert probabilities == pytest.approx(softmax[by_definition], abs=1e-7)


def test_a_bad_image_does_not_cost_the_others(tmp_path: Path) -> None:
    def gone() -> bytes:
        raise FileNotFoundError("no such object")

    images: list[tuple[int, ImageSource]] = [
        (1, png("red")),
        (2, b"nonsense"),
        (3, tmp_path / "gone.jpg"),
        (4, gone),
        (5, png("blue")),
    ]
    found = list(predict_topk(tiny(), images, batch_size=2))
    assert [isinstance(result, TopK) for result in found] == [True, False, False, False, True]
    texts = [str(result.error) for result in found if isinstance(result, Failure)]
    assert texts[0].startswith("2: not an image")
    assert "gone.jpg: there is no such file" in texts[1]
    assert texts[2].startswith("4: the file cannot be fetched (no such object)")


def test_strict_stops_at_the_first_bad_image() -> None:
    results = predict_topk(
        tiny(), [(1, png("red")), (2, b"nonsense"), (3, png("red"))], strict=True
    )
    assert next(results).key == 1
    with pytest.raises(ImageError, match=r"^2: not an image"):
        next(results)


def test_logits_that_are_no_numbers_are_that_image_s_failure() -> None:
    found = list(predict_topk(tiny("not_finite"), [(1, png("lime")), (2, png("red"))]))
    assert isinstance(found[0], TopK)
    assert isinstance(found[1], Failure)
    assert "2: the logits" in str(found[1].error)


def test_no_images_no_results() -> None:
    assert list(predict_topk(tiny(), [])) == []


@pytest.mark.parametrize("wrong", ["k", "batch_size", "workers"])
def test_impossible_numbers_are_refused_before_the_first_image(wrong: str) -> None:
    numbers = {"k": 5, "batch_size": 8, "workers": 2, wrong: 0}
    k, batch_size, workers = numbers.values()
    with pytest.raises(ParameterError, match=f"{wrong} = 0: must be at least 1"):
        predict_topk(tiny(), [], k=k, batch_size=batch_size, workers=workers)


def test_progress_counts_images() -> None:
    seen: list[int] = []
    images = [(index, png("red")) for index in range(7)]
    list(predict_topk(tiny(), images, batch_size=3, progress=seen.append))
    assert seen == [3, 6, 7]


@pytest.mark.slow
def test_a_result_does_not_depend_on_its_batch(resnet18_file: Path) -> None:
    classifier = classifiers.load("resnet18", weights=resnet18_file, device="cpu")
    images = [(seed, noise(seed)) for seed in range(9)]
    alone = list(predict_topk(classifier, images, batch_size=1))
    for size in (2, 7):
        together = predict_topk(classifier, images, batch_size=size)
        for one, other in zip(alone, together, strict=True):
            assert isinstance(one, TopK)
            assert isinstance(other, TopK)
            assert np.array_equal(one.classes, other.classes)
            assert np.abs(one.probabilities - other.probabilities).max() <= 1e-5


def test_images_are_read_only_a_few_batches_ahead() -> None:
    asked = 0

    def source() -> Iterator[tuple[int, bytes]]:
        nonlocal asked
        for index in range(1000):
            asked += 1
            yield index, png("red")

    results = predict_topk(tiny(), source(), batch_size=4, workers=2)
    assert asked == 0
    for done in range(1, 101):
        next(results)
        assert asked <= done + 4 + 2 * 4 + 2
    results.close()  # type: ignore[attr-defined]
    assert asked < 200


def test_no_thread_outlives_the_results() -> None:
    before = threading.active_count()
    results = predict_topk(tiny(), [(i, png("red")) for i in range(50)], batch_size=2, workers=3)
    next(results)
    assert threading.active_count() > before
    results.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_an_error_of_the_source_reaches_the_caller() -> None:
    def source() -> Iterator[tuple[int, bytes]]:
        yield 1, png("red")
        raise LookupError("the cursor is gone")

    with pytest.raises(LookupError, match="cursor"):
        list(predict_topk(tiny(), source()))


def test_out_of_memory_halves_the_batch_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    images = [(COLOURS[name], png(name)) for name in COLOURS] * 7
    with caplog.at_level(logging.WARNING, logger="explain.predict"):
        results = list(predict_topk(tiny("crowded"), images, k=1, batch_size=16))
    assert all(isinstance(r, TopK) and r.classes.tolist() == [r.key] for r in results)
    texts = [record.getMessage() for record in caplog.records]
    assert [text.split()[-7] for text in texts] == ["8", "4", "2"]


def test_out_of_memory_at_one_image_is_an_error() -> None:
    with pytest.raises(DeviceError, match="does not hold a single image"):
        list(predict_topk(tiny("full"), [(1, png("red"))] * 3, batch_size=2))


PEAK = """
import io
from pathlib import Path
import numpy as np
from PIL import Image
from explain.classifiers import load
from explain.predict import predict_topk

def photograph(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream := io.BytesIO(), "BMP")
    return stream.getvalue()

classifier = load("tests.explain.tiny_models:channels", device="cpu")
for count in (50, 300):
    images = ((seed, photograph(seed)) for seed in range(count))
    assert sum(1 for _ in predict_topk(classifier, images, batch_size=8, workers=2)) == count
    # Not ru_maxrss: a new process takes over the peak of the one that started it.
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(line for line in status if line.startswith("VmHWM"))
    print(int(peak.split()[1]) // 1024)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_images() -> None:
    command = [sys.executable, "-c", PEAK]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    few, many = (int(mebibytes) for mebibytes in run.stdout.split())
    # 250 more images of 1.4 MB would be 340 MB if they, or what became of them, were kept.
    assert many - few < 50


@pytest.mark.slow
def test_torchvision_s_own_pipeline_gives_the_same(
    resnet18: nn.Module, resnet18_file: Path, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{seed}.png" for seed in range(4)]
    for seed, path in enumerate(paths):
        path.write_bytes(noise(seed))
    transform = models.ResNet18_Weights.IMAGENET1K_V1.transforms()
    batch = torch.stack([transform(Image.open(io.BytesIO(path.read_bytes()))) for path in paths])
    with torch.inference_mode():
        expected = resnet18(batch).softmax(1).topk(5)
    classifier = classifiers.load("resnet18", weights=resnet18_file, device="cpu")
    for row, found in enumerate(predict_topk(classifier, enumerate(paths))):
        assert isinstance(found, TopK)
        assert found.classes.tolist() == expected.indices[row].tolist()
        assert found.probabilities == pytest.approx(expected.values[row].numpy(), abs=1e-5)


@pytest.mark.parametrize(
    ("model", "weights", "top_1", "top_5"),
    [
        ("mobilenet_v2", "mobilenet_v2_1.0_224", 49, 65),
        ("mobilenet_v1", "mobilenet_v1_0.25_128", 33, 46),
    ],
)
@pytest.mark.slow
def test_real_photographs_through_a_real_model(
    shared_data: Path, model: str, weights: str, top_1: int, top_5: int
) -> None:
    """The counts that stand beside the weights, out of 77 photographs."""
    folder = shared_data / "val_photos"
    with (folder / "images.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    classifier = classifiers.load(
        f"tests.explain.shared_models:{model}",
        weights=shared_data / "weights" / f"{weights}.safetensors",
        n_classes=1000,
        device="cpu",
    )
    images = [(int(row["ground_truth"]), folder / "images" / row["file"]) for row in rows]
    results = [r for r in predict_topk(classifier, images) if isinstance(r, TopK)]
    assert len(results) == 77
    assert sum(int(r.classes[0]) == r.key for r in results) == top_1
    assert sum(r.key in r.classes.tolist() for r in results) == top_5
