"""Check 10: the explanation path."""

from __future__ import annotations

import numpy as np
import pytest

from explain import attention
from explain.attention import Background
from explain.errors import ImageError
from tests.explain.attention.networks import SIDE, blobs, network, planted_weights

IMAGE = blobs(1)


@pytest.mark.parametrize("background", ["black", "gray", "blurred"])
def test_the_last_frame_is_the_attention_image(background: Background) -> None:
    classifier = network("small")
    (found,) = attention.explain(
        classifier, IMAGE[None], [3], n_samples=60, top_k=4, background=background
    )
    walked = attention.path(classifier, IMAGE, found)
    assert 1 <= len(walked.frames) == len(found.shown) <= 4
    assert walked.frames[-1].tobytes() == found.image.tobytes()
    for before, after, added in zip(
        walked.frames[:-1], walked.frames[1:], found.shown[1:], strict=True
    ):
        here = found.segments == added
        assert np.array_equal(after[here], IMAGE[here])
        assert np.array_equal(after[~here], before[~here])
    expected = np.exp(classifier.logits(walked.frames).astype(np.float64))
    expected = expected[:, 3] / expected.sum(1)
    assert walked.probabilities == pytest.approx(expected, rel=1e-5)


def test_the_strongest_superpixel_comes_first() -> None:
    classifier = network("additive")
    (found,) = attention.explain(classifier, IMAGE[None], [1], n_samples=200, top_k=3)
    planted = planted_weights(len(found.weights))
    assert found.shown.tolist() == np.argsort(-planted)[:3].tolist()
    first = attention.path(classifier, IMAGE, found).frames[0]
    kept = found.segments == np.argmax(planted)
    assert np.array_equal(first[kept], IMAGE[kept])
    assert not first[~kept].any()


def test_where_nothing_is_positive_there_is_no_frame() -> None:
    classifier = network("indifferent")
    (found,) = attention.explain(classifier, IMAGE[None], [1], n_samples=20)
    walked = attention.path(classifier, IMAGE, found)
    assert walked.frames.shape == (0, SIDE, SIDE, 3)
    assert walked.probabilities.shape == (0,)


def test_another_image_is_refused() -> None:
    classifier = network("small")
    (found,) = attention.explain(classifier, IMAGE[None], [3], n_samples=60)
    with pytest.raises(ImageError, match="is not the image that was explained"):
        attention.path(classifier, blobs(2), found)
