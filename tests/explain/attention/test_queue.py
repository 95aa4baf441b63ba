from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from explain.attention.perturbation import draw, proximity
from explain.attention.queue import outcomes
from explain.attention.results import Outcome
from explain.attention.settings import Settings
from explain.attention.subject import Subject, subjects_of
from explain.classifiers import Classifier
from explain.errors import ImageError
from explain.types import Failure
from tests.explain.attention.networks import SIDE, blobs, network, planted_weights

SETTINGS = Settings(n_samples=50, top_k=4)
FLAT = np.full((SIDE, SIDE, 3), 9, dtype=np.uint8)


def subjects(classifier: Classifier, images: list[np.ndarray]) -> list[Subject[int] | Failure[int]]:
    group = [(index, image, 1) for index, image in enumerate(images)]
    return subjects_of(classifier, group, settings=SETTINGS)


def run(
    classifier: Classifier, images: list[np.ndarray], *, batch_size: int = 8
) -> list[Outcome[int] | Failure[int]]:
    given = subjects(classifier, images)
    return list(outcomes(classifier, given, settings=SETTINGS, batch_size=batch_size))


@pytest.mark.slow
def test_planted_weights_come_back_as_the_closed_form_has_them() -> None:
    """Check 6: the order exactly, the values within the ridge's shrinkage (1e-9)."""
    classifier = network("additive")
    (subject,) = subjects(classifier, [blobs(1)])
    assert isinstance(subject, Subject)
    settings = Settings(n_samples=1000)
    (found,) = outcomes(classifier, [subject], settings=settings, batch_size=8)
    assert isinstance(found, Outcome)
    planted = planted_weights(subject.n_superpixels)
    assert np.argsort(found.surrogate.weights).tolist() == np.argsort(planted).tolist()

    masks = draw(1000, subject.n_superpixels, seed=0)
    near = proximity(masks, sigma=0.25)
    design = np.column_stack([np.ones(1000), masks])
    penalty = np.diag([0.0] + [1.0] * len(planted))
    gram = design.T @ (design * near[:, None])
    exact = np.linalg.solve(gram + penalty, gram @ np.concatenate([[0.5], planted]))
    assert found.surrogate.weights == pytest.approx(exact[1:], abs=1e-9)
    assert found.surrogate.intercept == pytest.approx(exact[0], abs=1e-9)
    assert found.surrogate.r2 > 0.999
    assert found.probability == pytest.approx(0.5 + planted.sum(), abs=1e-9)


@pytest.mark.slow
def test_every_batch_but_the_last_is_full() -> None:
    classifier = network("small")
    sizes: list[int] = []

    def remember(_module: object, inputs: tuple[Tensor]) -> None:
        sizes.append(len(inputs[0]))

    hook = classifier.module.register_forward_pre_hook(remember)
    run(classifier, [blobs(1), blobs(2), FLAT, blobs(3)], batch_size=16)
    hook.remove()
    # 50 samples of each, and the flat image alone.
    assert sizes == [16] * 9 + [7]


@pytest.mark.slow
def test_an_outcome_depends_on_its_own_image_alone() -> None:
    """Check 2, and check 1 for the size of the batch."""
    classifier = network("small")
    together = run(classifier, [blobs(1), blobs(2), blobs(3)], batch_size=7)
    for index, one in enumerate(together):
        for size in (1, 64):
            (alone,) = run(classifier, [blobs(index + 1)], batch_size=size)
            assert isinstance(one, Outcome)
            assert isinstance(alone, Outcome)
            scale = np.abs(alone.surrogate.weights).max()
            assert np.abs(one.surrogate.weights - alone.surrogate.weights).max() <= 1e-5 * scale
            assert one.surrogate.r2 == pytest.approx(alone.surrogate.r2, rel=1e-5)


@pytest.mark.slow
def test_results_and_failures_keep_their_order() -> None:
    classifier = network("fragile")
    broken = blobs(2)
    broken[:30, :30] = 255
    given = subjects(classifier, [blobs(1), FLAT, broken, blobs(3)])
    error = ImageError("is not here", item="5", remedy="Look elsewhere")
    found = list(
        outcomes(
            classifier,
            [Failure(key=5, error=error), *given],
            settings=SETTINGS,
            batch_size=64,
        )
    )
    keys = [one.key if isinstance(one, Failure) else one.subject.key for one in found]
    assert keys == [5, 0, 1, 2, 3]
    assert [isinstance(one, Failure) for one in found] == [True, False, False, True, False]
    assert "2: the logits of" in str(found[3].error if isinstance(found[3], Failure) else "")


def test_a_flat_image_is_asked_about_once_and_says_nothing() -> None:
    classifier = network("small")
    (found,) = run(classifier, [FLAT])
    assert isinstance(found, Outcome)
    assert found.is_constant
    assert not found.surrogate.weights.any()
    logits = torch.from_numpy(classifier.logits(FLAT[None])[0])
    assert found.probability == pytest.approx(float(logits.softmax(0)[1]), rel=1e-6)


def test_a_model_that_looks_at_nothing_has_weights_of_exactly_zero() -> None:
    """Check 7."""
    (found,) = run(network("indifferent"), [blobs(1)])
    assert isinstance(found, Outcome)
    assert found.is_constant
    assert not found.surrogate.weights.any()


@pytest.mark.slow
def test_subjects_are_taken_one_at_a_time() -> None:
    classifier = network("small")
    taken = 0

    def source() -> Iterator[Subject[int] | Failure[int]]:
        nonlocal taken
        for subject in subjects(classifier, [blobs(1)]) * 20:
            taken += 1
            yield subject

    results = outcomes(classifier, source(), settings=SETTINGS, batch_size=8)
    for done in range(1, 11):
        next(results)
        # One in the batch that is being filled, one whose arrival brought this result.
        assert taken <= done + 2


def test_least_squares_after_the_lasso_through_the_queue() -> None:
    classifier = network("additive")
    settings = Settings(n_samples=200, method="lasso_ols", top_k=3)
    given = subjects(classifier, [blobs(1)])
    (found,) = outcomes(classifier, given, settings=settings, batch_size=8)
    assert isinstance(found, Outcome)
    assert np.count_nonzero(found.surrogate.weights) == 3
