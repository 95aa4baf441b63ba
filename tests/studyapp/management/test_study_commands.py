"""The commands of a study's life, from a file to a closed study, over real HTTP."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from studyapp.models import HIT, Assignment, Study, VisionModel
from studyapp.vocabulary import StudyState
from tests.factories.dataset import ImageSetFactory, ShownImageFactory, mistakes
from tests.recruiting import Site, new_workers, proxy, site, take

__all__ = ["proxy", "site"]
pytestmark = pytest.mark.django_db(transaction=True)
FILE = "name: birds\nset: toy\nmodels: [m]\nrender_resize: 32\nrender_crop: 28\n"


def run(*command: str) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    images = ImageSetFactory.create(name="toy")
    for number in range(4):
        ShownImageFactory.create(
            image_set=images, image_id=f"i{number}", number=number, size=(20, 16)
        )
    mistakes(images, model="m", wrong={"i0": 1, "i1": 2})
    mistakes(images, model="n", wrong={"i0": 1, "i3": 2})
    path = tmp_path / "study.yaml"
    path.write_text(FILE)
    return path


def test_a_studys_whole_life(path: Path, site: Site) -> None:
    User.objects.create(username="ada")
    made = run("new_study", str(path), "--owner", "ada")
    assert "birds is a draft now" in made
    assert made.endswith("Next: manage.py review birds\n")
    assert Study.objects.get().owner == User.objects.get()
    assert "birds is reviewed" in run("review", "birds")
    launched = run("launch", "birds")
    assert "birds is live" in launched
    assert "2 new trials" in launched
    assert launched.endswith("Next: manage.py publish birds\n")
    assert "CreateHITWithHITType: lot 0, 2 trials" in run("publish", "birds", "--dry-run")
    assert "1 HIT opened" in run("publish", "birds")
    take(HIT.objects.get(), worker=new_workers(1)[0])
    assert "1 newly confirmed, 1 approved" in run("collect_votes", "birds")
    assert Assignment.objects.get().state == "approved"
    assert "Model n is part of birds" in run("add_model", "birds", "n")
    assert "1 new trial, 2 were there before" in run("build_trials", "birds")
    assert "1 HIT opened" in run("publish", "birds")
    assert "birds is closed: 2 HITs" in run("close", "birds")
    assert Study.objects.get().state == StudyState.CLOSED


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["new_study", "nothing.yaml"], "cannot be read"),
        (["publish", "birds"], "it is draft"),
        (["collect_votes", "birds"], "it is draft"),
        (["close", "birds"], "it is draft"),
        (["add_model", "birds", "nobody"], "There are: m, n"),
        *(
            ([verb, "nothing"], "There are: birds")
            for verb in ("build_trials", "review", "launch", "publish", "collect_votes", "close")
        ),
    ],
)
def test_errors_end_the_command_with_their_message(
    command: list[str], message: str, path: Path
) -> None:
    run("new_study", str(path))
    with pytest.raises(CommandError, match=message) as caught:
        run(*command)
    assert caught.value.returncode == 1


def test_an_unknown_owner_makes_nothing(path: Path) -> None:
    with pytest.raises(CommandError, match=r"nobody.*manage.py researcher"):
        run("new_study", str(path), "--owner", "nobody")
    assert not Study.objects.exists()
    assert VisionModel.objects.count() == 2


def test_review_and_launch_work_offline(path: Path) -> None:
    run("new_study", str(path))
    assert "balance" not in run("review", "birds", "--offline")
    assert "balance" not in run("launch", "birds", "--offline")
