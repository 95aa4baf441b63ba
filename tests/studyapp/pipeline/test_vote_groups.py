"""Votes asked for in groups, and again where they were lost, over the real marketplace."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studyapp import queue
from studyapp.analytics import Rule, Verdict, Votes, verdicts
from studyapp.errors import BudgetError, InputError, StudyError
from studyapp.exports import archive_study
from studyapp.models import HIT, Assignment, HITTrial, Job, Study, Trial, Vote
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.extend_study import extend_study
from studyapp.pipeline.name_analysis import name_analysis
from studyapp.pipeline.publish import publish
from studyapp.pipeline.set_budget import set_budget
from studyapp.pipeline.stop_study import stop_study
from studyapp.publication import Again
from studyapp.recruiters.lots import store_lots
from studyapp.recruiters.spending import spending
from studyapp.reports import analyse_study, build_report
from studyapp.reports.mistakes import mistakes_of
from studyapp.selectors.turns import trial_stand, turns_to_ask
from studyapp.tasks import collect_live, run_job
from studyapp.turns import Turn
from studyapp.vocabulary import HITState, JobState
from studyapp.voting.admission import check_admitted
from studyapp.voting.errors import JudgedBeforeError
from tests.factories.crowd import AssignmentFactory, VoteFactory
from tests.recruiting import Site, a_live_study, new_workers, take

pytestmark = pytest.mark.django_db(transaction=True)


def fill(study: Study, *, answers: dict[int, list[str]]) -> int:
    """New workers take every free place; the n-th vote on a trial is the n-th of its answers."""
    taken = 0
    given: Counter[int] = Counter(Vote.objects.values_list("trial", flat=True))
    for hit in HIT.objects.filter(study=study, state=HITState.OPEN).order_by("lot"):
        for worker in new_workers(hit.raters - hit.assignments.count()):

            def answer(trial: Trial) -> str:
                return answers[trial.pk][given[trial.pk]]

            take(hit, worker=worker, answer=answer)
            given.update(hit.trials.values_list("pk", flat=True))
            taken += 1
    return taken


def test_groups_stop_where_all_votes_would_say_the_same(
    site: Site, client: Client, tmp_path: Path
) -> None:
    study = a_live_study(
        images=40, trials_per_hit=5, vote_groups="2+2+1", complete_share=Decimal("0.2"), seed=5
    )
    chance = random.Random(7)
    full = {
        trial: chance.choices(["yes", "no", "unsure"], weights=[6, 3, 1], k=5)
        for trial in Trial.objects.values_list("pk", flat=True)
    }
    publish(study)
    for _ in range(6):
        if not fill(study, answers=full):
            break
        collect_votes(study)
        publish(study)
    stand = trial_stand(study)
    assert (stand.waiting, stand.next, stand.short, stand.unpublished) == (0, 0, 0, 0)

    given = defaultdict(list)
    for trial, answer in Vote.objects.order_by("pk").values_list("trial", "answer"):
        given[trial].append(answer)
    codes = {"yes": 1, "no": 0, "unsure": -1}
    rule = Rule(k=4, n=5)

    def verdict(answers: dict[int, list[str]]) -> list[int]:
        rows = [(row, n, codes[a]) for row, t in enumerate(full) for n, a in enumerate(answers[t])]
        question, rater, answer = zip(*rows, strict=True)
        votes = Votes.from_columns(
            question, rater=rater, answer=answer, n_questions=len(full), n_raters=5
        )
        return [int(code) for code in verdicts(votes, rule=rule).code]

    assert verdict(dict(given)) == verdict(full)
    assert Counter(verdict(full)).keys() == {v.value for v in Verdict}, "the draw has all three"
    # The complete ones have all five; of the others none had a vote more than it needed.
    whole = {trial for trial, answers in given.items() if len(answers) == 5}
    assert sum(map(len, given.values())) < 5 * len(full)
    report = build_report(study)
    assert report.protocol.vote_groups == (2, 2, 1)
    complete = set(HITTrial.objects.filter(hit__raters=5).values_list("trial", flat=True))
    assert 0 < len(complete) < 20
    assert complete <= whole
    assert report.data.n_questions_complete == len(complete)
    assert report.agreement[0].n_votes == 5 * len(complete)
    (model,) = report.models
    assert sum(model.by_yes) + model.by_yes_incomplete == len(complete)
    assert model.resampled is None
    analysis = analyse_study(study)
    shown = [mistakes_of(analysis).models[0].with_yes(yes).size for yes in range(6)]
    assert tuple(shown) == model.by_yes
    assert report.sensitivity == ()
    assert model.n_undecided == stand.undecided
    with pytest.raises(InputError, match="no other rule"):
        analyse_study(study, accept=3)
    with pytest.raises(InputError, match="no other rule"):
        analyse_study(study, window=(1, None))
    with pytest.raises(InputError, match="no other rule"):
        name_analysis(study, name="lax", accept=3)
    client.force_login(User.objects.create_superuser("root"))
    for page in ("study-report", "study-votes", "study-raters", "study-gallery"):
        assert client.get(reverse(page, args=[study.name])).status_code == 200
    told = client.get(reverse("study-report", args=[study.name])).content.decode()
    assert f"({len(complete)} of 40)" in told
    assert "Votes were asked for in groups of 2, 2 and 1" in told
    # The archive's own program gets every figure again from the files, or there is no archive.
    archive_study(study, out=tmp_path / "groups.zip")


def test_a_lost_vote_costs_no_turn() -> None:
    study = a_live_study(images=1, vote_groups="2+2+1", complete_share=Decimal(0))
    store_lots(study)
    over = timezone.now() - timedelta(days=1)
    HIT.objects.update(state=HITState.EXPIRED, expires_at=over, asked_at=over)
    work = AssignmentFactory.create(hit=HIT.objects.get(), state="approved")
    trial = Trial.objects.get()
    VoteFactory.create(trial=trial, rater=work.rater, assignment=work, import_key=None)
    # Somebody may have handed in since votes were collected.
    assert turns_to_ask(study).turns == []
    with pytest.raises(StudyError, match="1 HIT ended, and votes were not collected since"):
        publish(study, again=Again(times=1), dry_run=True)
    HIT.objects.update(asked_at=timezone.now())
    assert turns_to_ask(study).turns == [Turn(trial=trial.pk, number=1, raters=3)]


def test_lots_that_are_not_full_wait_for_others(site: Site) -> None:
    study = a_live_study(images=4, trials_per_hit=2, vote_groups="2+3", complete_share=Decimal(0))
    publish(study)
    first = HIT.objects.order_by("lot")[0]
    odd = first.trials.order_by("pk")[0]
    for worker in new_workers(2):
        take(first, worker=worker, answer=lambda trial: "yes" if trial == odd else "no")
    collect_votes(study)
    assert publish(study).opened == 0, "one trial fills no HIT, and another lot is still out"
    assert publish(study, again=Again(now=True), dry_run=True).cost.hits == 1
    second = HIT.objects.order_by("lot")[1]
    judged = Assignment.objects.filter(hit=first)[0].rater
    for worker in new_workers(2):
        take(second, worker=worker, answer=lambda _: "no")
    collect_votes(study)
    assert publish(study).opened == 1, "nothing else can come, so it goes out alone"
    third = HIT.objects.order_by("lot")[2]
    assert (third.raters, [*third.trials.all()]) == (3, [odd])
    assert HITTrial.objects.get(hit=third).turn == 1
    report = build_report(study)
    assert report.data.n_questions_complete == report.agreement[0].n_questions == 0
    assert report.models[0].mean_yes_share is None
    with pytest.raises(JudgedBeforeError):
        check_admitted(third, rater=judged.pk)
    check_admitted(third, rater=Assignment.objects.filter(hit=second)[0].rater_id)


def test_collecting_in_the_background_goes_on_with_the_next_group(site: Site) -> None:
    study = a_live_study(
        images=3, trials_per_hit=2, raters_per_trial=2, accept_at=2, vote_groups="1+1",
        complete_share=Decimal(0),
    )  # fmt: skip
    publish(study)
    answers = {trial: ["yes", "no"] for trial in Trial.objects.values_list("pk", flat=True)}
    fill(study, answers=answers)
    # Stopped, it stays stopped until somebody says otherwise.
    stop_study(study)
    run_job(queue.enqueue("collect_votes", study=study).pk)
    assert (HIT.objects.count(), len(turns_to_ask(study).turns)) == (2, 3)
    extend_study(study, days=7)
    for _ in range(2):
        collect_live()
    job = Job.objects.get(ended_at__isnull=True)
    assert (job.verb, job.requested_by) == ("collect_votes", None)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.message
    assert "2 HITs opened" in job.message
    later = HIT.objects.filter(lot__gte=2).order_by("lot")
    # Off the list, they are asked about until who was at work has had their time.
    HIT.objects.update(state=HITState.EXPIRED, expires_at=timezone.now() - timedelta(minutes=30))
    collect_live()
    assert Job.objects.filter(ended_at__isnull=True).count() == 1
    run_job(Job.objects.get(ended_at__isnull=True).pk)
    HIT.objects.update(expires_at=timezone.now() - timedelta(days=2))
    collect_live()
    assert not Job.objects.filter(ended_at__isnull=True).exists()
    # Three trials in two lots: two and one, in company they were in before.
    assert [hit.trials.count() for hit in later] == [2, 1]
    assert {*later[0].trials.all()} == {*HIT.objects.get(lot=0).trials.all()}


def test_lost_votes_are_asked_for_again_within_rounds_and_money(site: Site, client: Client) -> None:
    study = a_live_study(images=2, trials_per_hit=2, raters_per_trial=2, accept_at=1)
    publish(study)
    hit = HIT.objects.get()
    good, forger = new_workers(2)
    take(hit, worker=good)
    take(hit, worker=forger, nonce="0" * 32)
    collect_votes(study)
    assert publish(study).opened == 0, "a study that asks at once goes on when it is told to"
    unit = Decimal("0.12")
    set_budget(study, amount=3 * unit - Decimal("0.01"))
    with pytest.raises(BudgetError, match="Nothing was sent"):
        publish(study, again=Again(times=1))
    assert HIT.objects.count() == 1
    set_budget(study, amount=3 * unit)
    assert publish(study, again=Again(times=1, undecided=True)).opened == 0, "one yes decides"
    assert publish(study, again=Again(times=1)).opened == 1
    assert spending(study).committed == 3 * unit
    second = HIT.objects.get(lot=1)
    assert (second.raters, second.trials.count()) == (1, 2)
    assert publish(study, again=Again(times=1)).opened == 0, "its place is out"
    take(second, worker=new_workers(1)[0], nonce="1" * 32)
    collect_votes(study)
    summary = publish(study, again=Again(times=1))
    assert (summary.opened, summary.turns and summary.turns.short) == (0, 2)
    assert "--again 2" in "\n".join(summary.lines())
    with pytest.raises(BudgetError):
        publish(study, again=Again(times=2))
    set_budget(study, amount=None)
    client.force_login(User.objects.create_superuser("root"))
    client.post(reverse("admin:studyapp_study_money", args=[study.pk]), {"again": 1, "times": 2})
    run_job(Job.objects.get(verb="publish").pk)
    assert HIT.objects.filter(state=HITState.OPEN).count() == 3
    with pytest.raises(StudyError, match="different numbers of raters"):
        extend_study(study, raters=4)
    # A lot that has ended is not put back on the list beside the one that replaces it.
    HIT.objects.filter(lot=0).update(state=HITState.EXPIRED, expires_at=timezone.now())
    told = extend_study(study, days=30)
    assert (told.lots, told.troubles) == (
        2,
        ["lot 0 is over: later HITs ask for what it lacked"],
    )


def test_more_than_nine_raters_are_spread_over_hits_of_the_same_trials(site: Site) -> None:
    study = a_live_study(
        images=3, trials_per_hit=3, raters_per_trial=11, accept_at=8, most_raters_per_hit=9
    )
    summary = publish(study)
    assert summary.cost.total == 11 * Decimal("0.12"), "20 %, not 40"
    hits = list(HIT.objects.order_by("lot"))
    assert [hit.raters for hit in hits] == [6, 5]
    assert {*hits[0].trials.all()} == {*hits[1].trials.all()}
    ours = take(hits[0], worker=new_workers(1)[0])
    collect_votes(study)
    with pytest.raises(JudgedBeforeError):
        check_admitted(hits[1], rater=ours.rater_id)
    assert turns_to_ask(study, times=1).waiting == 3
    with pytest.raises(StudyError, match="different numbers of raters"):
        extend_study(study, raters=12)
