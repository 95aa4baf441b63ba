"""Tested with what they are for; see test_robustness.py for boxes of several classes."""

from __future__ import annotations

import pytest

from explain.preparation import Preparation
from studyapp.compute.mapped_boxes import mapped_boxes
from studyapp.models import Box
from tests.factories.dataset import ImageFactory


@pytest.mark.django_db
def test_a_box_moves_with_its_image_and_a_box_of_no_class_counts() -> None:
    image = ImageFactory.create(width=512, height=256)
    Box.objects.create(image=image, label_class=None, x0=144, y0=16, x1=400, y1=240)
    found = mapped_boxes(Preparation(), classes={image.pk: 1})
    # The shorter side is 256 already; the crop takes 144 off the left and 16 off the top.
    assert found[image.pk].tolist() == [[0, 0, 224, 224]]


@pytest.mark.django_db
def test_an_image_without_a_box_has_none() -> None:
    image = ImageFactory.create(width=512, height=256)
    assert mapped_boxes(Preparation(), classes={image.pk: 1})[image.pk].shape == (0, 4)
