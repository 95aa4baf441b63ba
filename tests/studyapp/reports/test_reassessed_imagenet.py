"""Real people's votes through rows, exclusions, verdicts and report: the published table."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from studyapp.exports import export_study
from studyapp.models import Study
from studyapp.reports import build_report
from tests.studyapp.reports.reassessed import imported_study

#: images, misclassified, with votes, >= 3 yes, >= 4, 5, >= 4 yes or maybe, %, %, ReaL %.
TABLE = {
    "resnet50-v1.5-tflite-fp32": (4964, 1209, 1106, 236, 155, 83, 299, 24.3554, 21.2329, 83.0743),
    "mobilenet-v2-1.0-224": (4964, 1420, 1188, 240, 160, 85, 307, 28.6060, 25.3828, 79.7064),
    "mobilenet-v1-1.0-224": (4964, 1421, 1190, 206, 134, 73, 264, 28.6261, 25.9267, 78.5838),
    "mobilenet-v1-0.25-128": (4964, 2754, 927, 122, 75, 44, 170, 55.4795, 53.9686, 50.2807),
}
KAPPAS = {"three_answers": 0.404763, "yes_vs_rest": 0.484559, "no_vs_rest": 0.481231}

pytestmark = [pytest.mark.one_database, pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def study(
    shared_data: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Study]:
    with django_db_blocker.unblock(), transaction.atomic():
        study = imported_study(shared_data)
        # Once, or every test would have all these rows' keys looked at when it ends.
        connection.check_constraints()
        yield study
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("accept", "unsure", "column"), [(3, "no", 3), (4, "no", 4), (5, "no", 5), (4, "yes", 6)]
)
def test_every_accepted_count_of_the_table(
    study: Study, accept: int, unsure: str, column: int
) -> None:
    models = build_report(study, accept=accept, unsure=unsure).models
    assert {model.model for model in models} == set(TABLE)
    for model in models:
        expected = TABLE[model.model]
        assert (model.n_images, model.n_errors, model.n_asked) == expected[:3]
        assert model.n_accepted == expected[column]
        assert model.n_undecided == 0
        assert model.n_unasked == model.n_errors - model.n_asked
        assert round(100 * (model.top1_error or 0), 4) == expected[7]
        assert round(100 * (model.real_accuracy or 0), 4) == expected[9]
        if (accept, unsure) == (4, "no"):
            assert round(100 * (model.rectified_top1_error or 0), 4) == expected[8]


def test_yes_counts_and_agreement(study: Study) -> None:
    report = build_report(study, unsure="no")
    for model in report.models:
        _, _, n_asked, three, four, five, *_ = TABLE[model.model]
        assert sum(model.by_yes) == n_asked
        assert model.by_yes_incomplete == 0
        assert model.by_yes[3:] == (three - four, four - five, five)
    kappas = {row.coding: row.fleiss_kappa for row in report.agreement}
    for coding, kappa in KAPPAS.items():
        assert kappas[coding] == pytest.approx(kappa, abs=5e-7)
    assert {row.n_questions for row in report.agreement[:3]} == {18371}
    assert {row.n_votes for row in report.agreement[:3]} == {91855}


def test_the_study_itself(study: Study) -> None:
    report = build_report(study)
    assert (report.votes.n_votes, report.votes.n_valid) == (91855, 91855)
    assert (report.votes.n_yes, report.votes.n_no, report.votes.n_unsure) == (11526, 72234, 8095)
    assert report.raters.n_raters == 83
    assert (report.data.n_images, report.data.n_questions) == (4964, 18371)
    assert report.protocol.as_planned


@pytest.mark.one_database
def test_exported_and_imported_again_it_is_the_same(study: Study, tmp_path: Path) -> None:
    export_study(study, out=tmp_path / "out")
    call_command(
        "import_votes",
        "--set",
        study.image_set.name,
        "--study",
        "again",
        str(tmp_path / "out" / "votes.csv"),
        stdout=io.StringIO(),
    )
    first, again = build_report(study), build_report(Study.objects.get(name="again"))
    # Raters have other keys, and votes of all questions another order: nothing follows these.
    assert again.models == first.models
    assert again.sensitivity == first.sensitivity
    assert again.agreement == first.agreement
    assert again.raters == first.raters
