"""Check 5, LIME against the lime package, and what lime is kept from doing to a terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lime import lime_image

from explain import attention, classifiers
from explain.attention import Attention, Method
from explain.attention.perturbation import digest, draw
from explain.images import decode
from explain.types import Failure
from tests.explain.attention.networks import SIDE, blobs, network

FLAT = np.full((SIDE, SIDE, 3), 9, dtype=np.uint8)


def assert_agree(ours: Attention, theirs: Attention) -> None:
    assert np.array_equal(ours.segments, theirs.segments)
    scale = np.abs(theirs.weights).max()
    assert np.abs(ours.weights - theirs.weights).max() <= 1e-5 * scale
    for name in ("intercept", "r2", "local_prediction", "probability"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-5, abs=1e-7)
    assert ours.shown.tolist() == theirs.shown.tolist()
    assert np.array_equal(ours.image, theirs.image)
    assert ours.flags == theirs.flags


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lime_v1", "lasso_ols"])
def test_both_engines_say_the_same(method: Method) -> None:
    classifier = network("small")
    images, classes = np.stack([blobs(1), FLAT, blobs(2)]), [1, 2, 3]
    ours, theirs = (
        attention.explain(
            classifier, images, classes, n_samples=60, seed=3, method=method, engine=engine
        )
        for engine in ("quorum", "lime")
    )
    for one, other in zip(ours, theirs, strict=True):
        assert_agree(one, other)
        digests = one.provenance.digests
        assert digests["segments"] == other.provenance.digests["segments"]
        n = len(one.weights)
        n_samples = 1 if "constant_response" in one.flags else 60
        assert digests["masks"] == digest(draw(n_samples, n, seed=3))
    assert "lime" in theirs[0].provenance.versions
    assert theirs[0].provenance.parameters["engine"] == "lime"


def test_lime_s_progress_bar_stays_silent_and_is_given_back(
    capfd: pytest.CaptureFixture[str],
) -> None:
    bar = lime_image.tqdm
    attention.explain(network("small"), blobs(1)[None], [1], n_samples=20, engine="lime")
    assert capfd.readouterr() == ("", "")
    assert lime_image.tqdm is bar


@pytest.mark.slow
def test_logits_that_are_no_numbers_are_that_image_s_failure() -> None:
    broken = blobs(2)
    broken[:30, :30] = 255
    settings = attention.Settings(n_samples=20, top_k=4, engine="lime")
    given = [("good", blobs(1), 1), ("broken", broken, 1), ("later", blobs(3), 1)]
    found = dict(attention.stream(network("fragile"), given, settings=settings, strict=False))
    assert [isinstance(one, Failure) for one in found.values()] == [False, True, False]
    assert isinstance(found["broken"], Failure)
    assert "broken: the logits of" in str(found["broken"].error)


@pytest.mark.slow
def test_both_engines_agree_on_photographs_and_a_real_model(shared_data: Path) -> None:
    classifier = classifiers.load(
        "tests.explain.shared_models:mobilenet_v1",
        weights=shared_data / "weights" / "mobilenet_v1_0.25_128.safetensors",
        device="cpu",
    )
    paths = sorted((shared_data / "val_photos" / "images").iterdir())
    images = [classifier.prepare(decode(path)) for path in paths[:20:10]]
    pixels = np.stack([np.rint(image * 255).astype(np.uint8) for image in images])
    classes = classifier.logits(pixels).argmax(1)
    ours, theirs = (
        attention.explain(classifier, pixels, classes, n_samples=150, top_k=4, engine=engine)
        for engine in ("quorum", "lime")
    )
    for one, other in zip(ours, theirs, strict=True):
        assert_agree(one, other)
