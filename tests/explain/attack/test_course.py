from __future__ import annotations

import numpy as np

from explain import provenance
from explain.attack.course import Course, Version
from explain.types import Failure
from tests.explain.attack.linear_models import grey, load


def course(**state: object) -> Course[str]:
    made = Course("one.png", grey(1)[0], 0)
    for name, value in state.items():
        setattr(made, name, value)
    return made


def test_a_flip_at_the_last_step_is_one_version() -> None:
    first, last = (Version(step, np.zeros((4, 4, 3), np.float32)) for step in (2, 10))
    assert course(first=first, last=last).versions == [first, last]
    assert course(first=last, last=last).versions == [last]
    assert course(first=first).versions == [first]
    assert course().versions == []


def test_numbers_that_are_none_take_the_image_out() -> None:
    image = course(steps=3)
    assert image.refuse_unless_finite(np.array([0.0, 1.0]), what="logits")
    assert image.error is None
    assert not image.refuse_unless_finite(np.array([0.0, np.nan]), what="logits")
    record = provenance.record(load(), method="m", parameters={})
    result = image.result(provenance=record)
    assert isinstance(result, Failure)
    assert str(result.error).startswith("one.png: after 3 steps of the attack the logits held")


def test_equal_logits_are_the_lower_class() -> None:
    assert course().is_label(np.array([1.0, 1.0], np.float32))
