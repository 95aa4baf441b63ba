from __future__ import annotations

import hashlib

import numpy as np
import pytest
from lime import lime_image
from sklearn.metrics import pairwise_distances

from explain.attention.perturbation import digest, draw, hidden_image, proximity
from tests.explain.attention.networks import blobs, segments_of


class _Recorder(lime_image.LimeImageExplainer):  # type: ignore[misc]  # lime has no types
    """Keeps what lime itself draws and hides."""

    def data_labels(self, image, fudged_image, segments, *rest, **options):  # type: ignore[no-untyped-def]
        self.hidden = fudged_image
        self.data, labels = super().data_labels(image, fudged_image, segments, *rest, **options)
        return self.data, labels


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_masks_and_hidden_image_are_lime_s_own(
    seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    image = blobs(1)
    segments = segments_of(image)
    explainer = _Recorder(random_state=seed)
    explainer.explain_instance(
        image,
        lambda images: np.full((len(images), 2), 0.5),
        labels=(1,),
        top_labels=None,
        num_samples=40,
        segmentation_fn=lambda _image: segments,
    )
    assert np.array_equal(draw(40, segments.max() + 1, seed=seed), explainer.data)
    assert np.array_equal(hidden_image(image, segments), explainer.hidden)


def test_the_first_sample_is_the_whole_image_and_the_rest_are_even_draws() -> None:
    masks = draw(4000, 30, seed=3)
    assert masks.dtype == np.bool_
    assert masks[0].all()
    # 120,000 fair draws: 0.01 is seven standard deviations.
    assert masks[1:].mean() == pytest.approx(0.5, abs=0.01)


def test_a_digest_is_of_every_sample_and_superpixel() -> None:
    masks = np.array([[True, True, True], [False, True, False]])
    assert digest(masks) == hashlib.sha256(bytes([1, 1, 1, 0, 1, 0])).hexdigest()
    assert digest(masks.T[::2]) == hashlib.sha256(bytes([1, 0, 1, 0])).hexdigest()


def test_proximity_by_definition() -> None:
    masks = np.array([[True] * 4, [True, True, False, False], [False] * 4])
    near = proximity(masks, sigma=0.25)
    distance = pairwise_distances(masks, masks[:1], metric="cosine").ravel()
    assert near == pytest.approx(np.sqrt(np.exp(-(distance**2) / 0.25**2)), rel=1e-12)
    assert near[0] == 1
    # By hand: d = 1 - sqrt(1/2), and d = 1 where nothing is seen.
    assert near[1] == pytest.approx(np.exp(-((1 - 0.5**0.5) ** 2) / 0.125))
    assert near[2] == pytest.approx(np.exp(-8))


def test_a_hidden_superpixel_has_its_mean_cut_to_8_bits() -> None:
    image = np.array([[[0, 10, 255], [1, 11, 255]], [[7, 8, 9], [1, 12, 254]]], dtype=np.uint8)
    segments = np.array([[0, 0], [1, 0]], dtype=np.int32)
    hidden = hidden_image(image, segments)
    # Means 2/3, 11 and 254.67 become 0, 11 and 254.
    assert hidden.dtype == np.uint8
    assert hidden[segments == 0].tolist() == [[0, 11, 254]] * 3
    assert hidden[1, 0].tolist() == [7, 8, 9]
