"""The package says what the tables are, and somebody else's reader agrees."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from studyapp.exports import export_study
from studyapp.exports.study_archive import write_archive
from tests.studyapp.reports.hand_study import HandStudy, add_votes_that_do_not_count, hand_study

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from frictionless import Package, system

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture
def made() -> HandStudy:
    made = hand_study()
    add_votes_that_do_not_count(made)
    return made


def problems(folder: Path) -> list[tuple[str, str]]:
    with system.use_context(trusted=True):
        report = Package(str(folder / "datapackage.json")).validate()
    return [tuple(row) for row in report.flatten(["type", "note"])]


@pytest.mark.slow
def test_every_table_is_told_of_and_valid(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "out")
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))
    assert {resource["path"] for resource in package["resources"]} == {
        path.name for path in (tmp_path / "out").glob("*.csv")
    }
    for resource in package["resources"]:
        header = (tmp_path / "out" / resource["path"]).read_text("utf-8").split("\n")[0]
        assert [field["name"] for field in resource["schema"]["fields"]] == header.split(",")
    assert problems(tmp_path / "out") == []


@pytest.mark.slow
def test_what_was_changed_is_found(made: HandStudy, tmp_path: Path) -> None:
    export_study(made.study, out=tmp_path / "out")
    votes = tmp_path / "out" / "votes.csv"
    votes.write_text(votes.read_text("utf-8").replace(",true,", ",perhaps,", 1), encoding="utf-8")
    kinds = {kind for kind, _ in problems(tmp_path / "out")}
    assert kinds & {"hash-count", "byte-count"}


@pytest.mark.slow
def test_an_archive_is_a_valid_package_too(made: HandStudy, tmp_path: Path) -> None:
    write_archive(tmp_path, study=made.study)
    package = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))
    assert {resource["path"] for resource in package["resources"]} == {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.csv")
    }
    assert problems(tmp_path) == []
