from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from studyapp.models import Exclusion
from studyapp.reports import build_report
from tests.studyapp.reports.hand_study import add_votes_that_do_not_count, hand_study

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]

MODEL_KEYS = {
    "model", "n_images", "n_errors", "n_asked", "n_accepted", "n_rejected", "n_undecided",
    "n_unasked", "top1_error", "rectified_top1_error", "ci_low", "ci_high", "bound_low",
    "bound_high", "by_yes", "real_accuracy",
}  # fmt: skip
AGREEMENT_KEYS = {"coding", "n_questions", "n_votes", "percent_agreement", "fleiss_kappa"}


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_analyse_prints_a_sentence_and_tables() -> None:
    hand_study()
    text = run("analyse", "hand")
    assert text.startswith(
        "beta errs least: on 22.22 % of 9 images; when people are asked and four of five must "
        "agree with it, on 11.11 % [1.99, 43.50]; 2 images asked, 1 accepted."
    )
    alpha = next(line.split() for line in text.splitlines() if line.startswith("alpha"))
    assert alpha[1:10] == ["10", "6", "5", "2", "1", "2", "1", "60.0000", "40.0000"]
    assert "three_answers" in text
    assert text.endswith("\nNext: manage.py export hand --out DIR\n")


@pytest.mark.slow
def test_analyse_as_json_alone() -> None:
    made = hand_study()
    data = json.loads(run("analyse", "hand", "--json", "-"))
    assert data == json.loads(json.dumps(build_report(made.study).to_dict()))
    assert set(data["models"][0]) >= MODEL_KEYS
    assert set(data["agreement"][0]) >= AGREEMENT_KEYS
    assert data["schema_version"] == 1
    assert [row["coding"] for row in data["agreement"]] == [
        "three_answers",
        "yes_vs_rest",
        "no_vs_rest",
        "unsure_missing",
    ]


@pytest.mark.slow
def test_analyse_under_another_rule_into_a_file(tmp_path: Path) -> None:
    hand_study()
    path = tmp_path / "figures.json"
    text = run("analyse", "hand", "--accept", "3", "--unsure", "no", "--json", str(path))
    assert "look around" in text
    data = json.loads(path.read_text("utf-8"))
    assert (data["protocol"]["accept_at"], data["protocol"]["unsure"]) == (3, "no")
    assert data["models"][0]["n_accepted"] == 4
    assert [entry.name for entry in tmp_path.iterdir()] == ["figures.json"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["analyse", "nobody"], "nobody: there is no study of this name"),
        (["analyse", "hand", "--accept", "6"], "hand: .*5 raters"),
        (["analyse", "hand", "--json", "/nowhere/figures.json"], "/nowhere/figures.json: .*folder"),
        (["filter_votes", "nobody"], "no study of this name"),
        (["export", "nobody", "--out", "x"], "no study of this name"),
    ],
)
def test_errors_name_the_item_and_the_remedy(arguments: list[str], message: str) -> None:
    hand_study()
    with pytest.raises(CommandError, match=message):
        run(*arguments)


@pytest.mark.slow
def test_filter_then_export(tmp_path: Path) -> None:
    add_votes_that_do_not_count(hand_study())
    assert "hand: 34 votes, 25 count, 9 do not." in run("filter_votes", "hand")
    assert Exclusion.objects.count() == 9
    text = run("export", "hand", "--out", str(tmp_path / "out"))
    assert "votes.csv: 34 rows" in text
    assert f"hand: {len(list((tmp_path / 'out').iterdir()))} files in" in text
    assert "Next: docs/reference/exports.md" in text
    assert (tmp_path / "out" / "manifest.json").is_file()
    part = ("--class", "0", "--model", "beta", "--format", "latex")
    text = run("export", "hand", "--out", str(tmp_path / "part"), *part)
    assert "A slice of the study, not planned: images annotated" in text
    table = (tmp_path / "part" / "models.tex").read_text("utf-8")
    assert "votes of 1 to 60 s; 25 of 34 votes count. A slice of the study, not planned" in table
    assert "beta" in table
    assert "alpha &" not in table
    with pytest.raises(CommandError, match=r"“model” gamma .* choose one of alpha, beta"):
        run("export", "hand", "--out", str(tmp_path / "none"), "--model", "gamma")
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_analyse_under_a_name_is_listed_ever_after() -> None:
    hand_study()
    User.objects.create_user("ada")
    arguments = ("--seconds=2-", "--accept", "3", "--name", "slow-three", "--by", "ada")
    text = run("analyse", "hand", *arguments)
    assert "hand: the analysis slow-three is named." in text
    again = run("analyse", "hand", *arguments)
    assert "was named before, with the same settings" in again
    later = json.loads(run("analyse", "hand", "--json", "-"))
    (named,) = later["analyses"]
    assert (named["name"], named["author"], named["accept_at"]) == ("slow-three", "ada", 3)
    assert (named["seconds_min"], named["seconds_max"]) == (2.0, None)


@pytest.mark.slow
def test_analyse_in_another_window() -> None:
    hand_study()
    data = json.loads(run("analyse", "hand", "--seconds=-4", "--json", "-"))
    assert (data["protocol"]["seconds_min"], data["protocol"]["seconds_max"]) == (None, 4.0)
    assert data["votes"]["n_valid"] == 0
    assert data["protocol"]["as_planned"] is False
    assert data["sensitivity"][0]["window_high"] == 4.0
    for text in ("5", "9-2", "a-b", "-1-2", ""):
        with pytest.raises(CommandError, match="no timing window"):
            run("analyse", "hand", f"--seconds={text}")


@pytest.mark.slow
def test_design_without_a_study_and_with_one(tmp_path: Path) -> None:
    text = run("design", "--width", "0.5", "--people", "2000", "--reward", "0.12")
    assert text.startswith("For ± 0.5 points, ask about ")
    made = hand_study()
    path = tmp_path / "design.json"
    text = run("design", "--study", "hand", "--yes", "60", "--json", str(path))
    data = json.loads(path.read_text("utf-8"))
    assert (data["wish"]["n_errors"], data["wish"]["yes_rate"]) == (6, 0.6)
    assert "From hand:" in text
    assert json.loads(run("design", "--pilot", made.study.name, "--json", "-"))["trials"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--study", "nobody"], "no study of this name"),
        (["--images", "many"], "--images many: this is no number"),
        (["--reward", "nan"], "--reward nan: this is no number|cannot be"),
        (["--errors", "60000"], "the design: 60,000 mistakes of 50,000 images cannot be"),
    ],
)
def test_a_design_that_cannot_be(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("design", *arguments)
