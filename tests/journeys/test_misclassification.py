"""A whole study over real HTTP: drawn pictures in, table out, with the truth known."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.truth import Truth, true_rectified_error
from demo.world.write import WorldFiles
from marketplace.robots import Hasty
from studyapp.models import HIT, Assignment, Vote
from tests.journeys.steps import analysed, careful, import_world, let_rate, run_study

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_people_who_never_err_find_the_true_rectified_error(
    world: WorldFiles, two_hosts: str, tmp_path: Path
) -> None:
    predictions = import_world(world, tmp_path)
    run_study(tmp_path)
    let_rate([careful(world, delay_s=0.05)] * 5, site=two_hosts)
    found = analysed(tmp_path)
    truth = Truth.load(world.truth)
    labels = {image_id: record["label"] for image_id, record in truth.images.items()}
    for name, predicted in predictions.items():
        true = true_rectified_error(truth, labels, predicted)
        assert found[name]["n_images"] == true.n_images
        assert found[name]["n_errors"] == found[name]["n_asked"] == true.n_errors
        assert found[name]["n_accepted"] == true.n_errors_in_view
        assert found[name]["n_undecided"] == 0
        assert found[name]["rectified_top1_error"] == pytest.approx(true.rectified_top1_error)
    wanted = HIT.objects.count() * 5
    assert Assignment.objects.filter(state="approved").count() == wanted
    # Without a script the server's clock alone tells the time, also of the first answer of a task.
    assert not Vote.objects.exclude(seconds__gte=0.05, seconds__lt=60).exists()
    before = Vote.objects.count()
    assert analysed(tmp_path) == found
    assert Vote.objects.count() == before


@pytest.mark.long
def test_votes_outside_the_window_are_kept_paid_and_not_counted(
    world: WorldFiles, two_hosts: str, tmp_path: Path
) -> None:
    import_world(world, tmp_path)
    run_study(tmp_path, extra="seconds_min: 60\nseconds_max: 600\n")
    let_rate([Hasty()] * 5, site=two_hosts, tells_time=True)
    found = analysed(tmp_path)
    for model in found.values():
        assert model["n_accepted"] == model["n_rejected"] == 0
        assert model["n_undecided"] == model["n_asked"] == model["n_errors"]
        assert model["rectified_top1_error"] == model["top1_error"] == model["bound_high"]
    assert set(Vote.objects.values_list("exclusion__reason", flat=True)) == {"too_fast"}
    assert not Vote.objects.filter(active_seconds__isnull=True).exists()
    assert not Assignment.objects.exclude(state="approved").exists()
