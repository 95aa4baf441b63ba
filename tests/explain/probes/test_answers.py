from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch

from explain.errors import ImageError, ParameterError
from explain.probes import BY_NAME, captions, insertion, tiles
from explain.probes.answers import generators, probability
from explain.probes.types import Probe
from tests.explain.probes.models import BLUE, GREEN, RED, SIDE, filled, load, random_images


def test_an_answer_is_the_top_k_and_the_followed_class_is_known_outside_it() -> None:
    (found,) = captions.probe(load(), filled(RED), k=2)
    exponentials = np.exp([10.0, 0.0, 0.0, 5.0])
    assert found.after.classes.tolist() == [0, 3]
    assert found.after.probabilities == pytest.approx(exponentials[[0, 3]] / exponentials.sum())
    (other, *_) = tiles.probe(load(), filled(RED), classes=[2], k=1)
    assert (other.class_index, other.after.classes.tolist()) == (2, [0])
    assert other.probability_after == pytest.approx(1 / exponentials.sum())
    assert other.probability_before == pytest.approx(other.probability_after)


def test_probability_by_definition() -> None:
    logits = np.array([1000, 999, -1000], np.float32)
    softmax = torch.from_numpy(logits).double().softmax(0)
    assert [probability(logits, c) for c in range(3)] == pytest.approx(softmax.tolist())


def test_whether_the_answer_changed() -> None:
    patched = filled(RED)
    patched[0, :, 8:] = BLUE
    left, right = tiles.probe(load(), patched, rows=1, columns=2, classes=[0])
    assert left.before is not None
    assert (left.changed, right.changed) == (False, True)
    assert captions.probe(load(), patched)[0].changed is None


def test_what_is_drawn_for_an_image_depends_on_its_pixels_and_the_seed_alone() -> None:
    images = random_images(3)

    def drawn(order: list[int], seed: int) -> dict[int, float]:
        sources = generators(images[order], seed=seed)
        return {index: g.random() for index, g in zip(order, sources, strict=True)}

    assert drawn([0, 1, 2], 5) == drawn([2, 0, 1], 5)
    assert drawn([1], 5)[1] == drawn([0, 1, 2], 5)[1]
    assert len({*drawn([0, 1, 2], 5).values(), *drawn([0, 1, 2], 6).values()}) == 6


@pytest.mark.parametrize("name", ["captions", "tiles", "insertion", "region_noise", "pairs"])
def test_every_probe_carries_where_it_comes_from_whatever_the_batch(name: str) -> None:
    classifier, images = load(), np.concatenate([filled(RED, GREEN, BLUE), random_images(2)])
    needs: dict[str, dict[str, Any]] = {
        "region_noise": {"boxes": [np.array([[2.0, 2.0, 9.0, 9.0]])] * len(images)},
        "insertion": {"inserted": np.full((4, 4, 4), 255, np.uint8)},
    }
    found, again = (
        BY_NAME[name](classifier, images, **needs.get(name, {}), k=3, batch_size=size)
        for size in (1, 64)
    )
    assert found
    assert {probe.kind for probe in found} == {name}
    for probe, other in zip(found, again, strict=True):
        assert isinstance(probe, Probe)
        assert np.array_equal(probe.image, other.image)
        assert np.allclose(probe.after.probabilities, other.after.probabilities, atol=1e-5)
        assert len(probe.after.classes) == 3
        record = json.loads(json.dumps(asdict(probe.provenance)))
        assert record["method"] == f"probe_{name}_v1"
        assert record["parameters"]["k"] == 3
        assert record["weights_sha256"] == classifier.weights_sha256
        assert (record["seed"] is None) == (name in ("captions", "tiles", "pairs"))


def test_a_result_keeps_no_grip_on_the_caller_s_images() -> None:
    images = filled(RED)
    (found,) = captions.probe(load(), images)
    images[:] = 0
    assert found.image[0, 0].tolist() == list(RED)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((1, 5, 5, 3), np.uint8), r"uint8 \(1, 5, 5, 3\), not uint8 \(N, 16, 16, 3\)"),
        (np.zeros((SIDE, SIDE, 3), np.uint8), r"uint8 \(16, 16, 3\), not"),
        (np.zeros((1, SIDE, SIDE, 3), np.float32), r"float32 .*, not uint8"),
    ],
)
def test_images_of_another_kind_are_refused(images: np.ndarray, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        captions.probe(load(), images)


def test_impossible_arguments_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"k = 0: must be at least 1"):
        captions.probe(load(), filled(RED), k=0)
    with pytest.raises(ParameterError, match=r"image 1: class 4 is none of the model's 0\.\.3"):
        tiles.probe(load(), filled(RED, RED), classes=[0, 4])
    with pytest.raises(ParameterError, match="1 classes for 2 images"):
        tiles.probe(load(), filled(RED, RED), classes=[0])
    with pytest.raises(ParameterError, match="seed = -1"):
        insertion.probe(load(), filled(RED), np.full((2, 2, 4), 255, np.uint8), seed=-1)


def test_no_images_no_results() -> None:
    assert captions.probe(load(), filled(RED)[:0]) == []
    assert tiles.probe(load(), filled(RED)[:0]) == []


def test_logits_that_are_no_numbers_name_their_image() -> None:
    images = filled(RED, GREEN, side=3)
    with pytest.raises(ImageError, match=r"^image 1: the logits of .* are not finite"):
        captions.probe(load("broken"), images)
