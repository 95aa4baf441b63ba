from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from explain import provenance
from explain.attack.batching import Attack
from explain.attack.course import Course
from explain.attack.results import Attacked
from explain.attack.settings import Settings
from explain.batches import Batches
from explain.classifiers import Classifier
from explain.errors import ImageError
from explain.types import Failure, Images
from tests.explain.attack.linear_models import grey, load, norm1, with_margins


def attack(classifier: Classifier, *, size: int, settings: Settings | None = None) -> Attack[int]:
    return Attack(
        classifier,
        settings or Settings(),
        Batches(classifier.device, size),
        provenance.record(classifier, method="m", parameters={}),
    )


def courses(images: Images) -> Iterator[Course[int]]:
    return (Course(place, image, 0) for place, image in enumerate(images))


def planted(classifier: Classifier, *, count: int) -> Images:
    """Flips spread over steps 1 to 12, in no order; some wrong from the start."""
    steps = np.random.default_rng(3).permutation(np.arange(count) % 14) - 0.5
    return with_margins(classifier, steps * 0.001 * norm1(classifier))


@pytest.mark.slow
@pytest.mark.parametrize("keep_going", [True, False])
@pytest.mark.parametrize("size", [1, 3, 8, 64])
def test_a_compacted_batch_and_a_dense_one_tell_the_same(size: int, keep_going: bool) -> None:
    classifier = load()
    images, settings = planted(classifier, count=28), Settings(keep_going=keep_going)
    alone = [
        next(attack(classifier, size=1, settings=settings).run(iter([course])))
        for course in courses(images)
    ]
    together = list(attack(classifier, size=size, settings=settings).run(courses(images)))
    assert {result.key for result in together} == set(range(28))
    for result in together:
        expected = alone[result.key]
        assert isinstance(result, Attacked)
        assert isinstance(expected, Attacked)
        assert result.steps_to_flip == expected.steps_to_flip
        assert result.label_probability == pytest.approx(expected.label_probability, abs=1e-6)
        for one, other in (
            (result.first_flip, expected.first_flip),
            (result.final, expected.final),
        ):
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                assert one.png == other.png
                assert one.step == other.step


def test_places_that_become_free_are_taken_at_once() -> None:
    """Until the source is empty, every pass with gradients is a full one."""
    classifier = load()
    passes: list[tuple[int, bool]] = []
    handle = classifier.module.register_forward_hook(
        lambda module, given, out: passes.append((len(out), given[0].requires_grad))
    )
    steps = np.where(np.arange(30) % 3 == 0, 3.5, 0.5)
    images = with_margins(classifier, steps * 0.001 * norm1(classifier))
    left = 30

    def counted() -> Iterator[Course[int]]:
        nonlocal left
        for course in courses(images):
            left -= 1
            if not left:
                passes.append((0, False))
            yield course

    results = list(attack(classifier, size=5, settings=Settings(keep_going=False)).run(counted()))
    handle.remove()
    flips = [r.steps_to_flip for r in results if isinstance(r, Attacked)]
    assert sorted(flips, key=str) == [1] * 20 + [4] * 10
    # A look before each step and one after the last; each file is read once.
    assert sum(size for size, _ in passes) == 20 * 2 + 10 * 5 + 30
    stepping = [size for size, slopes in passes[: passes.index((0, False))] if slopes]
    assert len(stepping) > 10
    assert set(stepping) == {5}


def test_the_source_is_read_as_places_become_free() -> None:
    classifier = load()
    taken = 0

    def counted() -> Iterator[Course[int]]:
        nonlocal taken
        for course in courses(planted(classifier, count=60)):
            taken += 1
            yield course

    for done, _ in enumerate(attack(classifier, size=4).run(counted())):
        assert taken - done <= 3 * 4


def test_out_of_memory_halves_the_batch_and_changes_no_result(
    caplog: pytest.LogCaptureFixture,
) -> None:
    images = planted(load(), count=20)
    with caplog.at_level(logging.WARNING):
        crowded = list(attack(load("crowded"), size=8).run(courses(images)))
    assert "4 images at once" in caplog.text
    assert "2 images at once" in caplog.text
    roomy = {result.key: result for result in attack(load(), size=8).run(courses(images))}
    assert len(crowded) == 20
    for result in crowded:
        other = roomy[result.key]
        assert isinstance(result, Attacked)
        assert isinstance(other, Attacked)
        assert result.steps_to_flip == other.steps_to_flip


def test_an_image_whose_logits_break_on_the_way_costs_the_others_nothing() -> None:
    classifier = load("breaks")
    images = with_margins(classifier, [30.0, 30.0, 30.0])
    sign = float(classifier.module.get_buffer("weight")[0, 0, 0])
    images[1, 0, 0, 0] = 0.9981 if sign < 0 else 1.0  # reaches 1 at step 2, or is there
    results = {r.key: r for r in attack(classifier, size=3).run(courses(images))}
    assert [type(results[key]).__name__ for key in range(3)] == ["Attacked", "Failure", "Attacked"]
    broken = results[1]
    assert isinstance(broken, Failure)
    assert "steps of the attack the logits" in str(broken.error)


def test_an_infinite_gradient_is_told_from_a_large_one() -> None:
    classifier = load("steep")
    images = grey(2)
    images[1, 0, 0, 0] = 0
    labels = classifier.logits(images).argmax(1)
    given = (Course(i, image, int(labels[i])) for i, image in enumerate(images))
    results = {r.key: r for r in attack(classifier, size=2).run(given)}
    assert isinstance(results[0], Attacked)
    assert isinstance(results[1], Failure)
    assert "the gradient held values that are no numbers" in str(results[1].error)


def test_a_gradient_of_zero_is_flagged() -> None:
    (flat,) = attack(load("flat"), size=2).run(courses(grey(1)))
    (sloped,) = attack(load(), size=2).run(courses(with_margins(load(), [30.0])))
    assert isinstance(flat, Attacked)
    assert isinstance(sloped, Attacked)
    assert (flat.zero_gradient, flat.steps_to_flip) == (True, None)
    assert (sloped.zero_gradient, sloped.steps_to_flip) == (False, None)


def test_an_image_refused_beforehand_is_passed_on_as_it_is() -> None:
    error = ImageError("no image", item="two", remedy="Leave it out")
    given = [replace(course, error=error) for course in courses(grey(9))]
    results = list(attack(load(), size=2).run(iter(given)))
    assert all(isinstance(result, Failure) and result.error is error for result in results)
    assert len(results) == 9
