from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from studyapp.analytics import Rule
from studyapp.exports import export_study
from studyapp.models import HIT, Trial
from studyapp.recount.again import recount_again
from studyapp.recount.ledger import read_ledger
from studyapp.recruiters.lots import plan_lots, store_lots
from studyapp.reports import build_report
from studyapp.reports.sentences import report_lines
from studyapp.reports.study_report import AskedAgain
from studyapp.selectors.turns import turns_to_ask
from studyapp.turns import Turn
from tests.factories.crowd import AssignmentFactory, VoteFactory
from tests.recruiting import a_live_study

pytestmark = pytest.mark.django_db


def vote(lot: int, answers: dict[Trial, str]) -> None:
    """One rater's confirmed answers to some of a lot's trials."""
    work = AssignmentFactory.create(hit=HIT.objects.get(lot=lot), state="approved")
    for trial, answer in answers.items():
        VoteFactory.create(
            trial=trial, rater=work.rater, assignment=work, import_key=None, answer=answer
        )


def test_what_leans_when_undecided_questions_alone_get_their_lost_votes(tmp_path: Path) -> None:
    study = a_live_study(images=3, trials_per_hit=3, raters_per_trial=3, accept_at=2)
    store_lots(study)
    clear, contested, left = Trial.objects.order_by("pk")
    vote(0, {clear: "yes", contested: "yes", left: "yes"})
    vote(0, {clear: "yes", contested: "no", left: "yes"})
    vote(0, {clear: "yes"})
    HIT.objects.update(state="expired", expires_at=timezone.now() - timedelta(days=1))
    turns = turns_to_ask(study, times=1, undecided=True).turns
    assert turns == [Turn(trial=contested.pk, number=1, raters=1)]
    assert build_report(study).asked_again is None
    store_lots(study, plan_lots(study, turns=turns), only_undecided=True)
    vote(1, {contested: "yes"})
    report = build_report(study)
    assert report.asked_again == AskedAgain(
        n_questions=1, n_accepted=1, n_rejected=0, n_undecided=0, n_left=1, n_full=2,
        n_full_again=1, full_agreement=(1 + 1 / 3) / 2, full_agreement_without=1.0,
    )  # fmt: skip
    export_study(study, out=tmp_path / "data")
    rule, window = Rule(k=2, n=3), (study.seconds_min, study.seconds_max)
    counted = recount_again(read_ledger(tmp_path, rule=rule, window=window))
    assert counted == asdict(report.asked_again), "from the tables alone"
    told = "\n".join(report_lines(report))
    assert "decided ones that lack votes were not (1)" in told
    assert "66.7% of pairs of votes agree over all of them, 100.0% over the others" in told
