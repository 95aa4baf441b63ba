from __future__ import annotations

import numpy as np
import pytest

from explain.attention.settings import Settings
from explain.attention.subject import Subject, subjects_of
from explain.types import Failure
from tests.explain.attention.networks import SIDE, blobs, network, segments_of

SMALL = network("small")


def test_a_subject_knows_its_superpixels() -> None:
    (found,) = subjects_of(SMALL, [("one", blobs(1), 2)], settings=Settings())
    assert isinstance(found, Subject)
    assert (found.key, found.class_index) == ("one", 2)
    assert np.array_equal(found.segments, segments_of(blobs(1)))
    assert found.n_superpixels == len(np.unique(found.segments))
    assert not found.is_flat


@pytest.mark.slow
@pytest.mark.parametrize(
    ("image", "wanted", "text"),
    [
        (blobs(1, side=SIDE - 1), 0, r"uint8 \(95, 95, 3\) is not what .*small takes"),
        (blobs(1).astype(np.float32), 0, r"float32 \(96, 96, 3\) is not what"),
        (blobs(1), 5, r"class 5 is out of range, .*small has 0..4"),
        (blobs(1), -1, "class -1 is out of range"),
    ],
)
def test_a_bad_image_is_named_and_costs_no_other(image: np.ndarray, wanted: int, text: str) -> None:
    group = [("a", blobs(1), 0), ("b", image, wanted), ("c", blobs(2), 0)]
    first, bad, last = subjects_of(SMALL, group, settings=Settings())
    assert isinstance(first, Subject)
    assert isinstance(bad, Failure)
    assert isinstance(last, Subject)
    assert np.array_equal(last.segments, segments_of(blobs(2)))
    with pytest.raises(type(bad.error), match=f"^b: .*{text}"):
        raise bad.error


def test_no_more_superpixels_than_are_to_be_shown() -> None:
    n = int(segments_of(blobs(1)).max()) + 1
    (enough,) = subjects_of(SMALL, [(1, blobs(1), 0)], settings=Settings(top_k=n - 1))
    (few,) = subjects_of(SMALL, [(1, blobs(1), 0)], settings=Settings(top_k=n))
    assert isinstance(enough, Subject)
    assert isinstance(few, Failure)
    assert f"has {n} superpixels, the best {n} would be all of it" in str(few.error)


def test_a_flat_image_is_no_failure_whatever_it_is_divided_into() -> None:
    flat = np.full((SIDE, SIDE, 3), 77, dtype=np.uint8)
    (found,) = subjects_of(SMALL, [(1, flat, 0)], settings=Settings(top_k=500))
    assert isinstance(found, Subject)
    assert found.is_flat
