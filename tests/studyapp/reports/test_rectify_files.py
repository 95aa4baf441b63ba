"""The command's figures: by hand, by the published table, and as rows in a database give them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studyapp.analytics import Rule
from studyapp.reports import build_report
from studyapp.reports.rectify import Offer, RectifyReport
from studyapp.reports.rectify_files import rectify_files
from studyapp.reports.rectify_lines import rectify_lines
from studyapp.reports.rectify_study import rectify_study
from tests.studyapp.reports.reassessed import imported_study
from tests.studyapp.reports.test_reassessed_imagenet import TABLE


def _written(folder: Path, **tables: str) -> dict[str, Path]:
    paths = {name: folder / f"{name}.csv" for name in tables}
    for name, text in tables.items():
        paths[name].write_text(text.replace(" ", "\n") + "\n")
    return paths


@pytest.fixture
def by_hand(tmp_path: Path) -> RectifyReport:
    """Six images; `one` errs on b..f, `two` on c and d; rule 2 of 3."""
    files = _written(
        tmp_path,
        labels="image_id,label,real_labels a,0,0 b,0,1 c,0, d,0,2 e,0, f,0, g,,",
        predictions="image_id,one,two a,0,0 b,1,0 c,1,1 d,2,3 e,1, f,4, g,1,1",
        votes=(
            "image_id,class_index,rater_id,answer b,1,R,yes b,1,S,yes c,1,R,no c,1,S,no "
            "d,2,R,yes d,2,R,yes d,2,S,maybe e,1,R,no e,1,S,yes e,1,T,yes e,1,U,no a,0,R,no"
        ),
    )
    return rectify_files(
        files["predictions"],
        votes=[files["votes"]],
        labels=files["labels"],
        rule=Rule(k=2, n=3),
        offer=Offer(trials_per_hit=2, raters_per_trial=3, reward=Decimal("0.50")),
    ).report


def test_a_report_by_hand(by_hand: RectifyReport) -> None:
    assert (by_hand.n_labelled, by_hand.n_votes, by_hand.n_valid, by_hand.n_raters) == (
        6,
        12,
        10,
        4,
    )
    assert by_hand.n_questions == 5
    one, two = by_hand.models
    assert one.figures is not None
    assert two.figures is not None
    # b and e are accepted (e by its first three), c is rejected, d has one yes of two people.
    counts = one.figures
    assert (counts.n_images, counts.n_errors, counts.n_asked, counts.n_unasked) == (6, 5, 4, 1)
    assert (counts.n_accepted, counts.n_rejected, counts.n_undecided) == (2, 1, 1)
    assert counts.rectified_top1_error == 3 / 6
    assert one.coverage is not None
    assert one.coverage.covered_share == 4 / 5
    assert one.coverage.rectified_like_asked == 5 * 2 / (4 * 6)
    assert (one.coverage.bound_low, one.coverage.bound_high) == (1 / 6, 3 / 6)
    assert (two.n_without_prediction, two.figures.n_images, two.figures.n_errors) == (2, 4, 2)
    assert (two.figures.n_asked, two.figures.n_rejected) == (1, 1)
    # ReaL: of a, b, d `one` is right on all, `two` on a alone.
    assert (one.real.n_correct, one.real.n_images) == (3, 3)
    assert (two.real.n_correct, two.real.n_images) == (1, 3)


def test_what_nobody_judged_and_what_it_costs(by_hand: RectifyReport) -> None:
    pairs = by_hand.uncovered
    assert list(zip(pairs.image.tolist(), pairs.label_class.tolist(), strict=True)) == [
        (3, 3),
        (5, 4),
    ]
    assert pairs.made_by.tolist() == [[False, True], [True, False]]
    cost = by_hand.cost
    assert (cost.trials, cost.hits, cost.assignments) == (2, 1, 3)
    assert cost.total == 3 * Decimal("0.60")
    told = by_hand.to_dict()
    assert told["cost"] == {
        "trials": 2,
        "hits": 1,
        "assignments": 3,
        "rewards_usd": "1.50",
        "fees_usd": "0.30",
        "total_usd": "1.80",
    }
    assert "Nobody judged 2 different pairs" in "\n".join(rectify_lines(by_hand))


def test_a_second_file_of_votes_fills_up_the_first(tmp_path: Path) -> None:
    head = "image_id,class_index,rater_id,answer"
    files = _written(
        tmp_path,
        predictions="image_id,label,net a,0,1",
        first=f"{head} a,1,R,yes",
        second=f"{head} a,1,R,yes a,1,S,no",
    )
    report = rectify_files(
        files["predictions"], votes=[files["first"], files["second"]], rule=Rule(k=2, n=2)
    ).report
    (net,) = report.models
    assert net.figures is not None
    assert (net.figures.n_accepted, report.n_valid, report.n_raters) == (1, 2, 3)


def _of_release(data: Path, *, unsure: str, votes: str = "votes.csv.gz") -> RectifyReport:
    folder = data / "reassessed_imagenet"
    return rectify_files(
        folder / "predictions.csv.gz",
        votes=[folder / votes],
        labels=folder / "labels.csv.gz",
        classes=data / "imagenet_classes" / "classes.csv",
        rule=Rule(unsure=unsure),
    ).report


@pytest.mark.slow
def test_the_published_table(shared_data: Path) -> None:
    report = _of_release(shared_data, unsure="no")
    assert (report.n_votes, report.n_raters, report.n_questions) == (91_855, 83, 18_371)
    assert [model.model for model in report.models] == list(TABLE)
    for model in report.models:
        expected, figures = TABLE[model.model], model.figures
        assert figures is not None
        assert (figures.n_images, figures.n_errors, figures.n_asked) == expected[:3]
        assert figures.n_accepted == expected[4]
        assert round(100 * figures.top1_error, 4) == expected[7]
        assert round(100 * figures.rectified_top1_error, 4) == expected[8]
        assert round(100 * (model.real.accuracy or 0), 4) == expected[9]
    again = _of_release(shared_data, unsure="no", votes="raters_release_format.npz")
    assert again.to_dict() == report.to_dict()


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.one_database
def test_rows_in_a_database_give_the_same_figures(shared_data: Path) -> None:
    study = imported_study(shared_data)
    stored: Any = build_report(study, unsure="no").to_dict()
    by_name = {model["model"]: model for model in stored["models"]}
    files: Any = _of_release(shared_data, unsure="no").to_dict()
    assert len(files["models"]) == len(by_name) == 4
    for model in files["models"]:
        shared = by_name[model["model"]].keys() & model.keys()
        assert len(shared) >= 23
        assert {key: model[key] for key in shared} == {
            key: by_name[model["model"]][key] for key in shared
        }
    rows: Any = rectify_study(study, unsure="no").to_dict()
    assert sorted(rows.pop("models"), key=str) == sorted(files.pop("models"), key=str)
    assert rows == files
