from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from studyapp.compute.explain import explain
from studyapp.compute.mapped_boxes import mapped_boxes, preparation_of
from studyapp.compute.robustness import robustness
from studyapp.errors import InputError
from studyapp.models import AuditEntry, Box, ImageSet, RobustnessScore, VisionModel
from tests.studyapp.compute.conftest import seen
from tests.studyapp.compute.test_explain import request_of


def add_box(image_set: ImageSet, image_id: str, box: tuple[float, float, float, float]) -> None:
    image = image_set.images.get(image_id=image_id)
    x0, y0, x1, y1 = box
    Box.objects.create(image=image, label_class=image.label, x0=x0, y0=y0, x1=x1, y1=y1)


@pytest.fixture
def boxed(corners: ImageSet) -> ImageSet:
    """Maps of four images; one has a box on its left half, one a box that the crop leaves out."""
    explain(request_of())
    add_box(corners, "image-0", (0, 0, 16, 32))
    add_box(corners, "image-1", (0, 0, 1, 1))
    return corners


def test_the_score_is_the_share_of_the_map_inside_the_box(boxed: ImageSet) -> None:
    robustness(request_of())
    row = RobustnessScore.objects.get(saliency_map__image__image_id="image-0")
    red = seen(0)[..., 0].astype(np.float64)
    saliency = (red - red.min()) / (red.max() - red.min())
    # 32 pixels became 37, and 2 of them are left of the crop: the box ends at 16 * 37 / 32 - 2.
    edge = 16 * 37 / 32 - 2
    columns = np.clip(edge - np.arange(32), 0, 1)
    assert row.score == pytest.approx((saliency * columns).sum() / saliency.sum(), abs=1e-5)
    assert row.area == pytest.approx(edge / 32)


def test_what_is_undefined_is_counted_and_never_zero(boxed: ImageSet) -> None:
    summary = robustness(request_of())
    why = dict(RobustnessScore.objects.values_list("saliency_map__image__image_id", "undefined"))
    assert why == {
        "image-0": "",
        "image-1": "every box lies outside the crop",
        "image-2": "no box",
        "image-3": "no box",
    }
    assert not RobustnessScore.objects.filter(score=0).exists()
    text = "\n".join(summary.lines())
    assert "1 of 4 maps scored" in text
    assert "2 without a score: no box" in text


def test_scored_again_nothing_is_new_until_a_box_is(boxed: ImageSet) -> None:
    assert robustness(request_of()).n_new == 4
    assert robustness(request_of()).n_new == 0
    add_box(boxed, "image-2", (0, 0, 32, 32))
    summary = robustness(request_of())
    assert summary.n_new == 1
    scores = {label.index: score for label, score in summary.classes}
    assert scores[0].n_scored == 2
    assert scores[1].crs is None
    assert AuditEntry.objects.filter(verb="robustness").count() == 3


def test_the_command_writes_class_scores(boxed: ImageSet, tmp_path: Path) -> None:
    out = tmp_path / "crs.csv"
    call_command("robustness", set="corners", model="channels", csv=out)
    with out.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["class_index"] for row in rows] == ["0", "1"]
    assert rows[0]["n_scored"] == "1"
    assert rows[1]["crs"] == ""
    with pytest.raises(CommandError, match="Name a file in a folder that exists"):
        call_command("robustness", set="corners", model="channels", csv=out / "crs.csv")


def test_without_maps_it_says_what_to_run(corners: ImageSet) -> None:
    with pytest.raises(InputError, match="explain --kind saliency first"):
        robustness(request_of())


def test_boxes_cannot_follow_a_preparation_nobody_recorded(boxed: ImageSet) -> None:
    model = VisionModel.objects.get()
    model.details["geometry"] = None
    with pytest.raises(InputError, match="in its own way"):
        preparation_of(model)


def test_boxes_of_another_class_are_not_the_objects(boxed: ImageSet) -> None:
    image = boxed.images.get(image_id="image-0")
    other = boxed.class_list.classes.get(index=4)
    Box.objects.create(image=image, label_class=other, x0=20, y0=20, x1=30, y1=30)
    preparation = preparation_of(VisionModel.objects.get())
    assert image.label is not None
    found = mapped_boxes(preparation, classes={image.pk: image.label.pk})
    assert found[image.pk].shape == (1, 4)


def test_a_part_scores_its_images_and_leaves_classes_and_audit_to_the_whole(
    boxed: ImageSet,
) -> None:
    images = list(boxed.images.order_by("pk").values_list("pk", flat=True)[:2])
    part = robustness(request_of(), images=images)
    assert (part.n_new, part.classes) == (2, ())
    assert not AuditEntry.objects.filter(verb="robustness").exists()
    whole = robustness(request_of())
    assert (whole.n_new, len(whole.classes)) == (2, 2)
