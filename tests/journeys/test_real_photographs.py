"""Real photographs, a real network, real votes: from files to the rectified error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_mobilenet_v2_on_photographs_that_people_judged(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """28 errors, 26 of them judged, 5 accepted: 36.3636 % become 29.8701 %."""
    photos = shared_data / "val_photos"
    call_command(
        "import_images",
        str(photos),
        set="photos",
        labels=photos / "images.csv",
        classes=shared_data / "imagenet_classes" / "classes.csv",
        boxes=photos / "boxes.csv",
    )
    call_command(
        "predict",
        set="photos",
        model="tests.explain.shared_models:mobilenet_v2",
        weights=str(shared_data / "weights" / "mobilenet_v2_1.0_224.safetensors"),
        name="mobilenet-v2",
    )
    # The whole file: votes about photographs that are not in this set are left out and counted.
    votes = shared_data / "reassessed_imagenet" / "votes.csv.gz"
    call_command("import_votes", str(votes), set="photos", study="judged")
    assert "that are not in the set were left out" in capsys.readouterr().out
    call_command("filter_votes", "judged")
    call_command("analyse", "judged", unsure="no", json=str(tmp_path / "report.json"))
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    (model,) = report["models"]
    assert model["n_images"] == 77
    assert (model["n_errors"], model["n_asked"], model["n_accepted"]) == (28, 26, 5)
    assert model["n_unasked"] == 2
    assert round(100 * model["top1_error"], 4) == 36.3636
    assert round(100 * model["rectified_top1_error"], 4) == 29.8701
