from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explain import classifiers
from explain.errors import ParameterError
from explain.probes import region_noise
from tests.explain.probes.models import RED, SIDE, filled, load, random_images

BOX = np.array([[2.0, 3.0, 9.0, 11.0]])


def test_noise_is_inside_the_box_and_nothing_else_is_touched() -> None:
    images = random_images(2)
    for probe in region_noise.probe(load(), images, [BOX, BOX]):
        differs = (probe.image != images[probe.index]).any(axis=2)
        inside = np.zeros((SIDE, SIDE), bool)
        inside[3:11, 2:9] = True
        assert not differs[~inside].any()
        assert differs[inside].mean() > 0.95
        assert probe.box == (2, 3, 9, 11)
        assert probe.flags == ()


def test_everything_but_the_box() -> None:
    images = random_images(1)
    (probe,) = region_noise.probe(load(), images, [BOX], where="outside")
    assert np.array_equal(probe.image[3:11, 2:9], images[0, 3:11, 2:9])
    assert (probe.image != images[0]).any(axis=2).sum() > 0.95 * (SIDE**2 - 56)


def test_uniform_noise_is_uniform_in_every_channel() -> None:
    whole = np.array([[0.0, 0.0, SIDE, SIDE]])
    images = np.stack([filled((index, 0, 0))[0] for index in range(100)])
    found = region_noise.probe(load(), images, [whole] * 100)
    assert all(probe.flags == ("all_covered",) for probe in found)
    pixels = np.stack([probe.image for probe in found]).reshape(-1, 3)
    # 25,600 draws of 0..255: the mean's standard error is 0.46, that of a share 0.0019 at most.
    assert pixels.mean(axis=0) == pytest.approx([127.5] * 3, abs=2.5)
    for channel in pixels.T:
        shares = np.histogram(channel, bins=8, range=(0, 256))[0] / len(channel)
        assert shares == pytest.approx([0.125] * 8, abs=0.012)
    red, green = pixels[:, 0] - 127.5, pixels[:, 1] - 127.5
    assert abs(float((red * green).mean())) < 0.03 * 255**2 / 12  # of the variance: independent


def test_shuffled_pixels_keep_their_colours_and_lose_their_places() -> None:
    images = random_images(1)
    (probe,) = region_noise.probe(load(), images, [BOX], noise="shuffled")
    before, after = (image[3:11, 2:9].reshape(-1, 3) for image in (images[0], probe.image))
    assert not np.array_equal(before, after)
    assert sorted(map(tuple, before)) == sorted(map(tuple, after))
    # The means of the channels are all that this model sees.
    assert probe.probability_after == pytest.approx(probe.probability_before, abs=1e-5)


def test_every_pixel_that_a_box_touches_is_covered_and_boxes_unite() -> None:
    boxes = np.array([[0.9, 0.0, 2.1, 1.0], [1.5, 0.5, 3.0, 2.0], [-4.0, -4.0, 0.5, 0.5]])
    mask = region_noise.covered(boxes, size=4)
    assert mask.astype(int).tolist() == [[1, 1, 1, 0], [0, 1, 1, 0], [0] * 4, [0] * 4]


@pytest.mark.parametrize(
    "boxes", [np.zeros((0, 4)), np.array([[5.0, 5.0, 5.0, 9.0]]), np.array([[16.0, 0, 20, 4]])]
)
def test_a_box_without_a_pixel_is_flagged_and_the_image_stays(boxes: np.ndarray) -> None:
    images = random_images(1)
    (probe,) = region_noise.probe(load(), images, [boxes])
    assert probe.flags == ("nothing_covered",)
    assert np.array_equal(probe.image, images[0])
    assert probe.probability_after == probe.probability_before
    assert probe.box is None


def test_another_seed_is_another_noise_and_the_same_one_the_same() -> None:
    images = random_images(2)
    one, two, again = (
        np.stack([p.image for p in region_noise.probe(load(), images, [BOX, BOX], seed=seed)])
        for seed in (1, 2, 1)
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, two)
    alone = region_noise.probe(load(), images[1:], [BOX], seed=1)[0].image
    assert np.array_equal(one[1], alone)


def test_impossible_arguments_are_refused() -> None:
    with pytest.raises(ParameterError, match="1 lists of boxes for 2 images"):
        region_noise.probe(load(), random_images(2), [BOX])
    for wrong in ({"noise": "pink"}, {"where": "around"}):
        with pytest.raises(ParameterError, match=r"no such choice.*Choose one of"):
            region_noise.probe(load(), filled(RED), [BOX], **wrong)  # type: ignore[arg-type]


@pytest.mark.slow
def test_real_photographs_are_recognised_less_with_their_object_covered(shared_data: Path) -> None:
    """Noise in the middle, where objects are, costs more than as much of it in a corner."""
    folder = shared_data / "val_photos"
    classifier = classifiers.load(
        "tests.explain.shared_models:mobilenet_v1",
        weights=shared_data / "weights" / "mobilenet_v1_0.25_128.safetensors",
        device="cpu",
    )
    with (folder / "images.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    images, classes = [], []
    for row in rows:
        with Image.open(folder / "images" / row["file"]) as picture:
            prepared = classifier.prepare(picture.convert("RGB"))
        images.append(np.rint(np.asarray(prepared, np.float64) * 255).astype(np.uint8))
        classes.append(int(row["ground_truth"]))
    middle = np.array([[32.0, 32.0, 96.0, 96.0]])
    corner = np.array([[0.0, 0.0, 64.0, 64.0]])
    drops = []
    for box in (middle, corner):
        found = region_noise.probe(
            classifier, np.stack(images), [box] * len(images), classes=classes
        )
        lost = [(p.probability_before or 0) - p.probability_after for p in found]
        drops.append(float(np.mean(lost)))
    assert drops[0] > 1.5 * drops[1] > 0
