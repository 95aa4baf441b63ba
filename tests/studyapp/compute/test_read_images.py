from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np

from explain import classifiers
from explain.types import Failure
from studyapp import storage
from studyapp.compute.read_images import Picture, Target, read_images
from tests.factories.dataset import png
from tests.studyapp.compute.conftest import CHANNELS


def target(number: int, *, file: str | None = None) -> Target:
    name = file or storage.store(png(number=number), folder="images", suffix=".png")[0]
    return Target(number, f"i{number}", name, 0)


def test_pictures_come_in_order_and_a_missing_one_is_named() -> None:
    classifier = classifiers.load(CHANNELS)
    targets = [target(number) for number in range(9)]
    targets[4] = target(4, file="images/gone.png")
    found = list(read_images(classifier, targets))
    assert [isinstance(each, Failure) for each in found] == [n == 4 for n in range(9)]
    assert [each.target for each in found if isinstance(each, Picture)] == [
        *targets[:4],
        *targets[5:],
    ]
    failure = found[4]
    assert isinstance(failure, Failure)
    assert failure.error.item == "i4"
    first = found[0]
    assert isinstance(first, Picture)
    assert first.pixels.shape == (32, 32, 3)
    assert first.pixels.dtype == np.uint8


def test_no_more_is_read_than_is_soon_needed_and_no_thread_is_left() -> None:
    taken = 0

    def endless() -> Iterator[Target]:
        nonlocal taken
        while True:
            taken += 1
            yield target(taken % 5)

    source = read_images(classifiers.load(CHANNELS), endless())
    for _ in range(3):
        next(source)
    assert taken < 100
    source.close()  # type: ignore[attr-defined]  # a generator
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read")]
