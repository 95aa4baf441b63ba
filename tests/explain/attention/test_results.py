from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version

import numpy as np
import pytest

from explain.attention.results import Attention, Outcome, assemble
from explain.attention.settings import Settings
from explain.attention.subject import Subject
from explain.attention.surrogate import Surrogate
from tests.explain.attention.networks import blobs, network

SMALL = network("small")


def result(weights: list[float], *, is_constant: bool = False, top_k: int = 2) -> Attention:
    image = blobs(1)
    segments = np.zeros(image.shape[:2], dtype=np.int32)
    segments[:, 20:], segments[50:, 40:] = 1, 2
    surrogate = Surrogate(weights=np.array(weights), intercept=0.1, r2=0.8, local_prediction=0.6)
    subject = Subject(key=1, image=image, class_index=3, segments=segments, hidden=image)
    outcome = Outcome(
        subject=subject, surrogate=surrogate, probability=0.7, is_constant=is_constant
    )
    return assemble(SMALL, outcome, settings=Settings(top_k=top_k, seed=9))


def test_the_numbers_of_the_surrogate_and_the_strongest_superpixels() -> None:
    found = result([0.1, -0.2, 0.3])
    assert (found.class_index, found.intercept, found.r2) == (3, 0.1, 0.8)
    assert (found.local_prediction, found.probability, found.n_positive) == (0.6, 0.7, 2)
    assert found.shown.tolist() == [2, 0]
    assert found.flags == ()
    image, hidden = blobs(1), found.segments == 1
    assert np.array_equal(found.image[~hidden], image[~hidden])
    assert not found.image[hidden].any()


@pytest.mark.parametrize(
    ("weights", "is_constant", "flags"),
    [
        ([0.1, -0.2, -0.3], False, ("fewer_positives",)),
        ([-0.1, -0.2, 0.0], False, ("no_positives",)),
        ([0.0, 0.0, 0.0], True, ("constant_response", "no_positives")),
    ],
)
def test_what_an_attention_image_lacks_is_flagged(
    weights: list[float], is_constant: bool, flags: tuple[str, ...]
) -> None:
    found = result(weights, is_constant=is_constant)
    assert found.flags == flags
    assert found.image.any() == (found.n_positive > 0)


def test_where_it_comes_from() -> None:
    """Check 3, LIME's share: no layer is looked at."""
    found = result([0.1, -0.2, 0.3])
    record = found.provenance
    assert (record.method, record.seed, record.layer) == ("lime_v1", 9, None)
    assert record.parameters == Settings(top_k=2).parameters()
    assert record.weights_sha256 == SMALL.weights_sha256
    assert record.versions["scikit-learn"] == version("scikit-learn")
    assert "lime" not in record.versions
    segments = hashlib.sha256(found.segments.astype("<i4").tobytes()).hexdigest()
    assert record.digests == {"segments": segments}
    assert json.loads(json.dumps(asdict(record)))["parameters"]["n_samples"] == 1000
