from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from studyapp.models import AuditEntry, ExpertAnswer, Study
from studyapp.reports import build_report, kept_report
from studyapp.reports.analysis import analyse_study
from studyapp.reports.rater_quality import rater_quality, right_answers
from tests.studyapp.reports.hand_study import hand_study

pytestmark = pytest.mark.django_db
HEADER = "image_id,class_index,answer\n"


def told(path: Path, text: str) -> str:
    path.write_text(HEADER + text, encoding="utf-8")
    out = io.StringIO()
    call_command("import_expert_answers", "hand", str(path), stdout=out)
    return out.getvalue()


def test_experts_come_before_the_labels_and_change_no_figure(tmp_path: Path) -> None:
    """The labels say yes to (i5, 1) and no to (i6, 1), and nothing about (i7, 1)."""
    made = hand_study()
    before = build_report(made.study)
    assert kept_report(made.study) == before
    path = tmp_path / "experts.csv"
    told_once = told(path, "i9,1,yes\n")
    assert "Experts now answer 0 of 6 questions asked" in told_once
    assert "do indices begin at 0?" in told_once
    assert "2 expert answers added, 1 known" in told(path, "i5,1,no\ni7,1,yes\ni9,1,yes\n")
    again = told(path, "i7,1,yes\ni6,2,no\n")
    assert "1 expert answer added, 1 known" in again
    assert "Experts now answer 3 of 6 questions asked" in again
    assert AuditEntry.objects.filter(verb="import_expert_answers").count() == 3
    study = Study.objects.get(pk=made.study.pk)
    analysis = analyse_study(study)
    answer = dict(
        zip(analysis.questions.question.tolist(), right_answers(analysis).tolist(), strict=True)
    )
    found = {pair: answer[trial.question_id] for pair, trial in made.trials.items()}
    assert (found["i5", 1], found["i6", 1], found["i7", 1], found["i6", 2]) == (0, 0, 1, 0)
    quality = rater_quality(analysis)
    assert (quality.n_expert, quality.n_gold) == (3, 5)
    # The first rater said yes, yes, yes, no, yes to (i4, 1), (i5, 1), (i6, 1), (i6, 2), (i7, 1).
    row = next(row for row in quality.rows if row.rater == made.raters[0].pk)
    assert (row.gold.n, row.gold.share) == (5, 3 / 5)
    assert kept_report(study) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("i5,1,no\ni5,1,yes\n", "line 3: the answer to i5 with class 1 is no already"),
        ("i5,1,perhaps\n", "line 2: the answer is 'perhaps'"),
        ("i99,1,no\n", "line 2: there is no image i99"),
        ("i5,77,no\n", "line 2: there is no class 77"),
        ("i5,-1,no\n", "line 2: class_index is '-1'"),
        ("", "it has no row"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_kept(
    tmp_path: Path, text: str, message: str
) -> None:
    hand_study()
    with pytest.raises(CommandError, match=message):
        told(tmp_path / "experts.csv", text)
    assert not ExpertAnswer.objects.exists()
