from __future__ import annotations

import pytest
from django.utils import timezone

from explain import classifiers
from explain.errors import ParameterError
from studyapp.compute import find_pairs as module
from studyapp.compute.find_pairs import find_pairs, prepare_pairs
from studyapp.compute.probe_rows import ProbeWork
from studyapp.errors import InputError
from studyapp.models import ImageSet, ProbeResult, VisionModel
from studyapp.probing import ProbeRequest
from studyapp.vocabulary import ProbeKind
from tests.studyapp.compute.conftest import CHANNELS
from tests.studyapp.compute.test_explain import break_file


def work(**options: int) -> ProbeWork:
    return ProbeWork(
        classifiers.load(CHANNELS),
        VisionModel.objects.get(name="channels"),
        ProbeRequest("corners", "channels", ProbeKind.PAIRS, options),
        "identity",
    )


def test_each_picture_is_in_one_pair_and_its_classes_differ(corners: ImageSet) -> None:
    failures: list[str] = []
    images = list(corners.images.order_by("pk"))
    assert find_pairs(work(n_pairs=2), images, failures=failures) == 2
    rows = list(ProbeResult.objects.order_by("distance"))
    members = [pk for row in rows for pk in (row.image_id, row.other_id)]
    assert len(set(members)) == 4
    assert all((row.before or {})["classes"][0] != row.after["classes"][0] for row in rows)
    assert {row.provenance["parameters"]["features"] for row in rows} == {"pooled"}
    assert failures == []


def test_pieces_change_no_pair(corners: ImageSet, monkeypatch: pytest.MonkeyPatch) -> None:
    images = list(corners.images.order_by("pk"))
    find_pairs(work(), images, failures=[])
    whole = list(ProbeResult.objects.values_list("image", "other"))
    ProbeResult.objects.all().delete()
    monkeypatch.setattr(module, "IMAGES_AT_ONCE", 2)
    find_pairs(work(), images, failures=[])
    assert list(ProbeResult.objects.values_list("image", "other")) == whole


def test_where_others_found_them_first_theirs_stay(corners: ImageSet) -> None:
    images = list(corners.images.order_by("pk"))
    find_pairs(work(n_pairs=1), images, failures=[])
    (first,) = ProbeResult.objects.values()
    assert find_pairs(work(n_pairs=2), images, failures=[]) == 0  # of the same identity
    assert list(ProbeResult.objects.values()) == [first]


def test_what_cannot_be_compared_is_said(
    corners: ImageSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = list(corners.images.order_by("pk"))
    with pytest.raises(ParameterError, match="no two of 1 images are predicted differently"):
        find_pairs(work(), images[:1], failures=[])
    monkeypatch.setattr(module, "MOST_IMAGES", 4)
    with pytest.raises(InputError, match="5 images are too many"):
        find_pairs(work(), images, failures=[])


def test_an_unreadable_picture_is_named_and_takes_no_part(corners: ImageSet) -> None:
    break_file("image-1")
    failures: list[str] = []
    images = list(corners.images.order_by("pk"))
    prepare_pairs(work(), images)
    find_pairs(work(), images, failures=failures)
    assert len(failures) == 1
    assert "image-1" in failures[0]
    broken = corners.images.get(image_id="image-1").pk
    assert broken not in ProbeResult.objects.values_list("image", flat=True)
    for image in images:
        break_file(image.image_id)
    ProbeResult.objects.all().delete()
    VisionModel.objects.update(created_at=timezone.now())  # nothing is known of them then
    with pytest.raises(InputError, match="none of 5 images can be compared"):
        find_pairs(work(), images, failures=[])
