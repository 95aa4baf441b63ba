from __future__ import annotations

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from studyapp.compute.explain import explain
from studyapp.errors import InputError
from studyapp.models import AttentionImage, ImageSet
from tests.studyapp.compute.conftest import seen
from tests.studyapp.compute.test_explain import request_of

#: Small pictures fall into few superpixels.
FEW = {"top_k": 2, "n_samples": 60}


def stored(name: str | None) -> np.ndarray:
    with default_storage.open(str(name)) as stream:
        return np.asarray(PILImage.open(stream))


def test_mistakes_are_explained_for_the_class_that_was_predicted(corners: ImageSet) -> None:
    explain(request_of("attention", **FEW))
    rows = AttentionImage.objects.order_by("image")
    assert [(row.image.image_id, row.label_class.index) for row in rows] == [
        ("image-2", 2),
        ("image-3", 0),
    ]


def test_the_attention_image_shows_the_strongest_superpixels_and_nothing_else(
    corners: ImageSet,
) -> None:
    explain(request_of("attention", **FEW))
    row = AttentionImage.objects.get(image__image_id="image-3")
    segments = stored(row.segments_file)
    assert len(row.weights) == segments.max() + 1
    kept = np.isin(segments, row.shown)
    shown = stored(row.file)
    np.testing.assert_array_equal(shown[kept], seen(0, number=3)[kept])
    assert not shown[~kept].any()
    # The strongest one lies on the red half, which is all the evidence there is for class 0.
    reds = seen(0, number=3)[segments == row.shown[0]][:, 0]
    assert reds.mean() > 150
    assert row.shown == sorted(row.shown, key=lambda superpixel: -row.weights[superpixel])


def test_the_path_ends_with_the_attention_image(corners: ImageSet) -> None:
    explain(request_of("attention", **FEW))
    row = AttentionImage.objects.get(image__image_id="image-3")
    strip = stored(row.path_file)
    assert strip.shape == (32, 32 * len(row.shown), 3)
    np.testing.assert_array_equal(strip[:, -32:], stored(row.file))
    assert len(row.path_probabilities) == len(row.shown)


def test_too_few_superpixels_are_an_error_that_names_the_image(corners: ImageSet) -> None:
    with pytest.raises(InputError, match="image-2"):
        explain(request_of("attention", top_k=200, n_samples=10))
    assert not AttentionImage.objects.exists()


def test_both_engines_are_two_artefacts(corners: ImageSet) -> None:
    explain(request_of("attention", **FEW))
    explain(request_of("attention", **FEW, engine="lime"))
    ours, theirs = AttentionImage.objects.filter(image__image_id="image-3").order_by("pk")
    np.testing.assert_allclose(ours.weights, theirs.weights, atol=1e-4)
    assert ours.provenance["seed"] == 0
