from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from explain.attack.course import Course, Version
from explain.attack.reading import read
from explain.attack.stored import unit
from explain.batches import Batches
from tests.explain.attack.linear_models import load, with_margins


def test_each_version_is_read_as_floats_and_as_its_file() -> None:
    """A margin of 0.05 is lost in rounding one way or the other; the readings are the network's."""
    classifier = load()
    images = with_margins(classifier, [0.9, -0.05, 0.05, -0.9])
    courses = [Course(i, image, 0) for i, image in enumerate(images)]
    for course in courses:
        course.last = Version(10, course.original)  # type: ignore[arg-type]  # floats here
    with ThreadPoolExecutor(1) as pool:
        read(courses, classifier=classifier, batches=Batches(classifier.device, 3), pool=pool)
    for course, logits in zip(courses, classifier.logits(images), strict=True):
        assert course.last is not None
        assert course.last.file is not None
        assert course.last.file_logits is not None
        assert course.after is course.last.logits
        assert course.after == pytest.approx(logits, abs=1e-5)
        again = classifier.logits(unit(course.last.file.pixels)[None])[0]
        assert course.last.file_logits == pytest.approx(again, abs=1e-5)
    assert [course.first is course.last for course in courses] == [False, True, False, True]


def test_what_is_known_already_is_not_asked_again_and_an_error_is_left_alone() -> None:
    classifier = load()
    (image,) = with_margins(classifier, [0.5])
    known = Course("known", image, 0)
    known.first = Version(2, np.asarray(image, np.float32), logits=np.array([0, 7], np.float32))
    broken = Course("broken", image, 0, last=Version(10, np.asarray(image, np.float32)))
    assert not broken.refuse_unless_finite(np.array([np.nan]), what="gradient")
    with ThreadPoolExecutor(1) as pool:
        read(
            [known, broken], classifier=classifier, batches=Batches(classifier.device, 3), pool=pool
        )
    assert known.first.logits is not None
    assert known.first.logits.tolist() == [0, 7]
    assert known.first.file_logits is not None
    assert broken.last is not None
    assert broken.last.file is None
