"""Exported votes, imported again as votes gathered elsewhere, give the same figures."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.core.management import call_command

from studyapp.exports import export_study
from studyapp.models import Study
from studyapp.reports import build_report
from tests.studyapp.reports.hand_study import add_votes_that_do_not_count, hand_study

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_valid_votes_of_an_own_study(tmp_path: Path) -> None:
    made = hand_study()
    add_votes_that_do_not_count(made)
    export_study(made.study, out=tmp_path / "out")
    with (tmp_path / "out" / "votes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / "valid.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row for row in rows if row["is_valid"] == "true")
    again = _imported(tmp_path / "valid.csv", like=made.study)
    first, second = build_report(made.study), build_report(again)
    assert second.agreement == first.agreement
    assert (second.votes.n_votes, second.votes.n_valid) == (25, 25)
    for before, after in zip(first.models, second.models, strict=True):
        assert after.by_yes == before.by_yes
        assert after.rectified_top1_error == before.rectified_top1_error
        assert after.n_accepted == before.n_accepted
        assert after.n_rejected == before.n_rejected
    # The one question that was published without a vote is not known to have been asked.
    assert first.models[0].n_asked - second.models[0].n_asked == 1


def _imported(path: Path, *, like: Study) -> Study:
    call_command(
        "import_votes",
        "--set",
        like.image_set.name,
        "--study",
        "again",
        str(path),
        stdout=io.StringIO(),
    )
    return Study.objects.get(name="again")
