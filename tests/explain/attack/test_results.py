from __future__ import annotations

from explain.attack import ifgsm
from explain.attack.results import flip_step
from tests.explain.attack.linear_models import load, norm1, with_margins


def test_columns_and_accuracies_of_images_of_known_margins() -> None:
    classifier = load()
    step = 0.001 * norm1(classifier)
    images = with_margins(classifier, [3.5 * step, -step, 40 * step, 0.5 * step])
    for keep_going in (True, False):
        result = ifgsm(classifier, images, [0, 0, 0, 0], keep_going=keep_going)
        assert result.flip_steps.tolist() == [4, 0, 11, 1]
        assert result.flip_steps.dtype.name == "int32"
        assert result.admitted.tolist() == [True, False, True, True]
        assert (result.accuracy_before, result.accuracy_after) == (0.75, 0.25)
        assert [flip_step(image, max_steps=20) for image in result.images] == [4, 0, 21, 1]


def test_an_image_without_a_slope_gives_no_answer() -> None:
    result = ifgsm(load("flat"), with_margins(load(), [1.0]), [0])
    assert result.admitted.tolist() == [True]
    assert result.flip_steps.tolist() == [0]
    assert result.accuracy_after == 1.0
