from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from explain.attack.stored import adversarial_image, label_probability, store, unit
from tests.explain.attack.linear_models import grey


def test_the_file_holds_the_nearest_eight_bit_image() -> None:
    attacked = np.random.default_rng(0).random((6, 6, 3), dtype=np.float32)
    stored = store(attacked, original=attacked)
    read = np.array(Image.open(io.BytesIO(stored.png)))
    assert read.dtype == np.uint8
    assert np.array_equal(read, stored.pixels)
    assert np.abs(read / 255 - attacked).max() <= 0.5 / 255 + 1e-7


def test_one_step_of_a_thousandth_gives_the_original_s_file() -> None:
    """A quarter of a grey level is rounded away; two steps are not."""
    (original,) = grey(1)
    sign = np.sign(np.random.default_rng(1).standard_normal(original.shape)).astype(np.float32)
    steps = [
        store(unit(original) + t * np.float32(0.001) * sign, original=original) for t in (1, 2)
    ]
    assert steps[0].png == store(unit(original), original=original).png
    assert np.array_equal(steps[0].pixels, original)
    assert np.array_equal(steps[1].pixels, original + sign.astype(np.int16))


def test_distances_are_those_of_the_floats_and_of_the_file() -> None:
    original = np.full((4, 4, 3), 100, dtype=np.uint8)
    attacked = unit(original).copy()
    attacked[0, 0, 0] += np.float32(0.003)  # 0.765 of a level: 1 in the file
    attacked[1, 1, 1] -= np.float32(0.001)  # nothing in the file
    stored = store(attacked, original=original)
    assert stored.computed == pytest.approx((0.003, np.hypot(0.003, 0.001)), abs=1e-7)
    assert stored.stored == pytest.approx((1 / 255, 1 / 255), abs=1e-7)


@pytest.mark.parametrize(
    ("computed", "stored", "survives"),
    [
        ([0, 2, 1], [0, 3, 2], True),  # flipped, and flipped in the file
        ([0, 2, 1], [0, 1, 2], True),  # flipped, to another class
        ([0, 2, 1], [3, 2, 1], False),  # flipped, and the label again in the file
        ([3, 2, 1], [5, 2, 1], True),  # resisted, and resisted in the file
        ([3, 2, 1], [1, 2, 1], False),  # resisted, but not in the file
    ],
)
def test_survival_is_the_same_answer_to_the_attack_s_question(
    computed: list[int], stored: list[int], survives: bool
) -> None:
    file = store(unit(grey(1)[0]), original=grey(1)[0])
    image = adversarial_image(
        file,
        step=3,
        label=0,
        computed=np.array(computed, np.float32),
        stored=np.array(stored, np.float32),
    )
    assert image.survives_uint8 is survives
    assert image.computed.predicted == int(np.argmax(computed))
    assert image.stored.classes.tolist() == sorted(range(3), key=lambda c: -stored[c])
    softmax = np.exp(stored) / np.exp(stored).sum()
    assert image.stored.label_probability == pytest.approx(softmax[0])


def test_the_label_s_probability_of_large_logits() -> None:
    logits = np.array([1000.0, 1000.0 - np.log(3)], np.float32)
    assert label_probability(logits, label=0) == pytest.approx(0.75, abs=1e-4)
