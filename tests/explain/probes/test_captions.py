from __future__ import annotations

import numpy as np
import pytest

from explain.errors import ParameterError
from explain.probes import captions
from tests.explain.probes.models import GREEN, RED, filled, load


def test_every_picture_gets_its_answer_and_has_no_first_one() -> None:
    images = filled(GREEN, RED, (0, 0, 0))
    found = captions.probe(load(), images)
    assert [int(probe.after.classes[0]) for probe in found] == [1, 0, 3]
    assert [probe.index for probe in found] == [0, 1, 2]
    assert all(np.array_equal(p.image, image) for p, image in zip(found, images, strict=True))
    assert all(p.before is None and p.probability_before is None for p in found)


def test_a_picture_the_model_is_not_sure_of_is_flagged() -> None:
    half = filled((140, 0, 0))  # 5.5 against 5 of the fourth class
    sure, unsure = captions.probe(load(), np.concatenate([filled(RED), half]), confident=0.9)
    assert (sure.flags, unsure.flags) == ((), ("not_confident",))


def test_a_confidence_is_a_probability() -> None:
    with pytest.raises(ParameterError, match=r"confident = 1\.5"):
        captions.probe(load(), filled(RED), confident=1.5)
