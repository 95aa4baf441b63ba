from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from PIL import Image as PILImage

from studyapp.compute.probe import ProbeSummary, probe
from studyapp.errors import InputError
from studyapp.models import AuditEntry, Box, Image, ImageSet, ProbeResult, VisionModel
from studyapp.probing import ProbeRequest
from studyapp.vocabulary import ProbeKind
from tests.studyapp.compute.conftest import seen
from tests.studyapp.compute.test_explain import break_file


def probed(image_set: ImageSet, kind: ProbeKind, **options: object) -> ProbeSummary:
    return probe(ProbeRequest(image_set.name, "channels", kind, options))


def pixels(name: str) -> np.ndarray:
    with default_storage.open(name) as stream:
        return np.asarray(PILImage.open(stream).convert("RGB"))


def test_tiles_are_parts_of_one_image(corners: ImageSet) -> None:
    assert probed(corners, ProbeKind.TILES).n_new == 20
    parts = ProbeResult.objects.filter(image__image_id="image-0").order_by("part")
    assert [part.part for part in parts] == [0, 1, 2, 3]
    # The left half is red, the upper right quarter green.
    assert [part.after["classes"][0] for part in parts][:3] == [0, 1, 0]
    assert parts[1].box == [16, 0, 32, 16]


def test_done_again_nothing_is_new(corners: ImageSet) -> None:
    probed(corners, ProbeKind.TILES)
    assert probed(corners, ProbeKind.TILES).n_new == 0
    assert probed(corners, ProbeKind.TILES, rows=1).n_new == 10
    assert AuditEntry.objects.filter(verb="probe").count() == 3


def test_noise_covers_the_boxes_of_the_label(corners: ImageSet) -> None:
    with pytest.raises(InputError, match="no boxes, so there is no region to cover"):
        probed(corners, ProbeKind.REGION_NOISE)
    image = corners.images.get(image_id="image-0")
    Box.objects.create(image=image, label_class=image.label, x0=0, y0=0, x1=16, y1=32)
    probed(corners, ProbeKind.REGION_NOISE)
    row = ProbeResult.objects.get(image=image)
    np.testing.assert_array_equal(pixels(row.input_file), seen(0))
    changed = (pixels(row.file) != seen(0)).any(axis=(0, 2))
    assert changed[:16].all()
    assert not changed[17:].any()
    assert row.probability_before is not None
    assert row.probability_after < row.probability_before
    bare = ProbeResult.objects.get(image__image_id="image-1")
    assert bare.flags == ["nothing_covered"]


def test_pairs_are_of_the_set_as_it_is(corners: ImageSet) -> None:
    summary = probed(corners, ProbeKind.PAIRS, n_pairs=1)
    assert summary.n_new == 1
    row = ProbeResult.objects.get()
    assert row.other is not None
    assert row.distance is not None
    assert row.before is not None
    assert row.before["classes"][0] != row.after["classes"][0]
    assert probed(corners, ProbeKind.PAIRS, n_pairs=1).n_new == 0


def test_captions_take_unlabelled_pictures_and_have_no_first_answer(corners: ImageSet) -> None:
    probed(corners, ProbeKind.CAPTIONS)
    row = ProbeResult.objects.get(image__image_id="image-4")
    assert (row.before, row.after["classes"][0]) == (None, 1)


def test_the_command_pastes_an_object(corners: ImageSet, tmp_path: Path) -> None:
    thing = tmp_path / "thing.png"
    PILImage.new("RGBA", (8, 8), (0, 0, 255, 255)).save(thing)
    call_command(
        *("probe", "--kind", "insertion", "--set", "corners", "--model", "channels"),
        *("--object", str(thing), "--confident", "0.1", "--draws", "2", "--scales", "0.3", "0.6"),
    )
    rows = ProbeResult.objects.filter(image__image_id="image-0").order_by("part")
    assert [row.part for row in rows] == [0, 1]
    for row in rows:
        left, top, right, bottom = row.box or []
        assert (pixels(row.file)[top:bottom, left:right] == (0, 0, 255)).all()


def test_a_part_of_the_set_is_probed_and_its_audit_line_is_the_wholes(corners: ImageSet) -> None:
    images = list(corners.images.order_by("pk").values_list("pk", flat=True))
    request = ProbeRequest("corners", "channels", ProbeKind.TILES)
    told: list[tuple[int, int | None]] = []
    probe(
        request,
        images=images[:2],
        progress=lambda done, total=None, message="": told.append((done, total)),
    )
    assert (ProbeResult.objects.count(), told[-1]) == (8, (2, 2))
    assert not AuditEntry.objects.filter(verb="probe").exists()
    summary = probe(request)
    assert (summary.n_new, summary.n_answers) == (12, 20)


def test_parts_of_pairs_leave_the_search_no_picture_but_those_of_the_pairs(
    corners: ImageSet,
) -> None:
    request = ProbeRequest("corners", "channels", ProbeKind.PAIRS, {"n_pairs": 1})
    probe(request)
    values = ("image", "other", "distance", "before", "after", "provenance")
    (first,) = ProbeResult.objects.values(*values)
    ProbeResult.objects.all().delete()
    VisionModel.objects.update(created_at=timezone.now())  # nothing is known of it now
    images = list(corners.images.values_list("pk", flat=True))
    for part in (images[:3], images[3:]):
        probe(request, images=part)
    assert not ProbeResult.objects.exists()
    for image in Image.objects.exclude(pk__in=[first["image"], first["other"]]):
        break_file(image.image_id)
    probe(request)
    (again,) = ProbeResult.objects.values(*values)
    assert again["distance"] == pytest.approx(first.pop("distance"), abs=1e-6)
    assert {name: again[name] for name in first} == first


def test_a_broken_image_is_named_and_does_not_stop_the_rest(corners: ImageSet) -> None:
    break_file("image-1")
    summary = probed(corners, ProbeKind.CAPTIONS)
    assert (summary.n_new, len(summary.failures)) == (4, 1)
    assert any("image-1" in line for line in summary.lines())
