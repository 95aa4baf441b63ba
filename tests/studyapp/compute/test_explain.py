from __future__ import annotations

import pytest
from django.core.files.storage import default_storage

from studyapp.compute.explain import explain
from studyapp.compute.predict import predict
from studyapp.errors import InputError
from studyapp.explanation import ExplainRequest, make_request, settings_of
from studyapp.models import AuditEntry, Image, ImageSet, SaliencyMap, VisionModel
from tests.studyapp.compute.conftest import CHANNELS, add_image


def request_of(kind: str = "saliency", **options: object) -> ExplainRequest:
    settings = settings_of(kind, options=options)
    return make_request("corners", model="channels", settings=settings)


def break_file(image_id: str) -> None:
    broken = Image.objects.get(image_id=image_id)
    with default_storage.open(str(broken.file), "wb") as stream:
        stream.write(b"not a picture")


def test_done_again_it_makes_what_is_new_and_changes_nothing(corners: ImageSet) -> None:
    assert explain(request_of()).n_new == 4
    before = list(SaliencyMap.objects.values())
    assert explain(request_of()).n_new == 0
    assert list(SaliencyMap.objects.values()) == before
    add_image(corners, strong=0, label=0, name="late")
    predict(corners, model=CHANNELS, name="channels")
    assert explain(request_of()).n_new == 1


def test_other_settings_are_other_artefacts(corners: ImageSet) -> None:
    explain(request_of())
    summary = explain(request_of(method="score_cam"))
    assert summary.n_new == 4
    assert explain(request_of(method="score_cam", variant="official")).n_new == 4
    # What another method alone knows is no part of the identity.
    assert explain(request_of(seed=5)).n_new == 0
    assert SaliencyMap.objects.count() == 12


def test_a_part_of_the_set_is_made_and_counted(corners: ImageSet) -> None:
    images = list(corners.images.order_by("pk").values_list("pk", flat=True)[:2])
    seen: list[tuple[int, int | None]] = []
    summary = explain(
        request_of(),
        images=images,
        progress=lambda done, total=None, message="": seen.append((done, total)),
    )
    assert (summary.n_wanted, summary.n_new) == (2, 2)
    assert seen[-1] == (2, 2)
    assert not AuditEntry.objects.filter(verb="explain").exists()


def test_only_the_images_of_some_classes(corners: ImageSet) -> None:
    settings = settings_of("saliency", options={})
    request = make_request("corners", model="channels", settings=settings, classes=[1])
    assert ExplainRequest.from_arguments(request.arguments()) == request
    assert explain(request).n_new == 2
    assert set(SaliencyMap.objects.values_list("image__label__index", flat=True)) == {1}
    assert explain(request_of()).n_new == 2


def test_one_line_of_audit(corners: ImageSet) -> None:
    explain(request_of())
    entry = AuditEntry.objects.get(verb="explain")
    assert entry.summary["new"] == 4
    assert entry.summary["kind"] == "saliency"


def test_a_broken_image_is_named_and_does_not_stop_the_rest(corners: ImageSet) -> None:
    break_file("image-1")
    summary = explain(request_of())
    assert (summary.n_new, len(summary.failures)) == (3, 1)
    assert any("image-1" in line for line in summary.lines())


def test_where_every_image_fails_it_is_an_error(corners: ImageSet) -> None:
    for number in range(5):
        break_file(f"image-{number}")
    with pytest.raises(InputError, match="none of 4 images could be explained"):
        explain(request_of())


def test_without_predictions_it_says_what_to_run(corners: ImageSet) -> None:
    request = make_request("birds", model="channels", settings=settings_of("saliency", options={}))
    with pytest.raises(InputError, match="Run predict"):
        explain(request)


def test_weights_that_changed_since_predict_are_refused(corners: ImageSet) -> None:
    VisionModel.objects.update(weights_hash="0" * 64)
    with pytest.raises(InputError, match="not the weights that its predictions were made with"):
        explain(request_of())
    assert not SaliencyMap.objects.exists()
