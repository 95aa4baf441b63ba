from __future__ import annotations

import io

import numpy as np
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from studyapp.compute.explain import explain
from studyapp.models import ImageSet, SaliencyMap
from tests.studyapp.compute.conftest import seen
from tests.studyapp.compute.test_explain import request_of


def stored_map(row: SaliencyMap) -> np.ndarray:
    with default_storage.open(row.file) as stream:
        values: np.ndarray = np.load(io.BytesIO(stream.read()))["map"]
    return values


def test_the_map_is_the_evidence_of_the_label(corners: ImageSet) -> None:
    """The model sees channel c for class c, so its map is that channel stretched to [0, 1]."""
    explain(request_of())
    row = SaliencyMap.objects.get(image__image_id="image-2")
    assert (row.label_class.index, row.method) == (0, "grad_cam_pp")
    red = seen(2, number=2)[..., 0].astype(np.float64)
    expected = (red - red.min()) / (red.max() - red.min())
    np.testing.assert_allclose(stored_map(row), expected, atol=1e-5)
    np.testing.assert_allclose(row.grid, stored_map(row), atol=1e-6)


def test_the_row_tells_how_it_was_made(corners: ImageSet) -> None:
    explain(request_of(method="smooth_grad_cam_pp", n_samples=2, seed=3))
    row = SaliencyMap.objects.filter(image__image_id="image-0").get()
    assert row.parameters["n_samples"] == 2
    assert (row.provenance["seed"], row.provenance["layer"]) == (3, "last_conv")
    assert row.provenance["weights_sha256"] == row.vision_model.weights_hash
    with default_storage.open(row.input_file) as stream:
        square = np.asarray(PILImage.open(stream))
    np.testing.assert_array_equal(square, seen(0))


def test_a_map_that_points_nowhere_is_flagged(corners: ImageSet) -> None:
    """Class 3 has no evidence at all."""
    image = corners.images.get(image_id="image-0")
    image.label = corners.class_list.classes.get(index=3)
    image.save()
    explain(request_of())
    row = SaliencyMap.objects.get(image=image)
    assert (row.constant, row.flags) == (True, ["constant"])
    assert not stored_map(row).any()
