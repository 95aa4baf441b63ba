from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from studyapp.analytics import ExclusionReason
from studyapp.errors import StudyError
from studyapp.models import HIT, Assignment, Condition, Consent, HITTrial, Study
from studyapp.pipeline.filter_votes import filter_votes
from studyapp.recruiters.reviews import plan_bonus
from studyapp.voting.errors import JudgedBeforeError, TooSoonError, VotingError
from studyapp.voting.record_vote import record_vote
from studyapp.voting.seats import begin, consent_hash, locked_assignment
from tests.factories.crowd import HITFactory, RaterIdentityFactory
from tests.factories.study import ConditionFactory, StudyFactory, TrialFactory
from tests.studyapp.web.rate_walk import Walker, open_hit

ADA = "A1ADA00000001"


def a_hit(condition: Condition) -> HIT:
    study = condition.study
    hit: HIT = HITFactory.create(study=study, state="open", environment=study.environment)
    HITTrial.objects.create(hit=hit, trial=TrialFactory.create(condition=condition), position=0)
    return hit


@pytest.mark.django_db(transaction=True)
def test_who_begins_in_two_windows_at_once_is_let_into_one() -> None:
    """The second waits for the first to be stored, and then sees it."""
    study = StudyFactory.create(cooldown_hours=72)
    conditions = [study.conditions.get(), ConditionFactory.create(study=study, name="b")]
    one, other = map(a_hit, conditions)
    rater = RaterIdentityFactory.create(worker_id=ADA).rater
    # Agreeing for the first time would make the two wait for each other by itself.
    Consent.objects.create(rater=rater, study=study, text_hash=consent_hash(study))

    at_once(
        lambda: begin(one, assignment_id="3A", worker_id=ADA),
        lambda: begin(other, assignment_id="3B", worker_id=ADA),
        refused=TooSoonError,
    )
    assert Assignment.objects.get().hit_id == one.pk


@pytest.mark.django_db(transaction=True)
def test_of_two_hits_with_a_trial_in_common_the_second_gets_no_answer() -> None:
    """Both are begun before either has an answer; then both are answered in one moment."""
    one = open_hit(n=1)
    trial = one.trials.get()
    other = open_hit(n=0, study=one.study)
    HITTrial.objects.create(hit=other, trial=trial, position=0, part=1)
    walker = Walker(other, worker=ADA, assignment="3B")
    page = walker.begin()
    seats = [
        begin(hit, assignment_id=f"3{name}", worker_id=ADA)
        for hit, name in ((one, "A"), (other, "B"))
    ]
    answers = [
        partial(record_vote, seat, trial=trial.pk, sequence=0, answer="yes") for seat in seats
    ]
    at_once(*answers, refused=JudgedBeforeError)
    assert Assignment.objects.get(votes__isnull=False).hit_id == one.pk
    assert walker.press(page.forms["trial"], answer="no").problem == "judged-before"
    assert walker.begin().problem == "judged-before", "loading it again says why, with no picture"


def at_once(
    first: Callable[[], object], second: Callable[[], object], *, refused: type[VotingError]
) -> None:
    """Before the first is stored the second comes; it waits, and is refused."""
    begun, stored = Event(), Event()

    def go_first() -> None:
        with transaction.atomic():
            first()
            begun.set()
            assert stored.wait(10)
        connection.close()

    def go_second() -> None:
        assert begun.wait(10)
        try:
            second()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(go_first), pool.submit(go_second)]
        assert begun.wait(10)
        with pytest.raises(TimeoutError):
            running[1].result(timeout=0.5)
        stored.set()
        running[0].result(timeout=10)
        with pytest.raises(refused):
            running[1].result(timeout=10)


def needs_postgres() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("environments", [("marketplace", "sandbox"), ("production", "sandbox")])
def test_who_begins_at_two_marketplaces_in_one_instant_does_not_count(
    environments: tuple[str, str],
) -> None:
    """Neither transaction sees the new record of the other, so both let the person in."""
    needs_postgres()
    studies = [
        StudyFactory.create(name=f"at-{name}", environment=name, cooldown_hours=72, state="live")
        for name in environments
    ]
    for study, other in zip(studies, reversed(studies), strict=True):
        Study.objects.filter(pk=study.pk).update(cooldown_studies=other.name)
    hits = [a_hit(Condition.objects.get(study=study)) for study in studies]
    both_in = Barrier(2)

    def begins(hit: HIT) -> None:
        fresh = HIT.objects.select_related("study").get(pk=hit.pk)
        with transaction.atomic():
            seat = begin(fresh, assignment_id=f"3{fresh.pk}", worker_id=ADA)
            both_in.wait(10)
        record_vote(seat, trial=fresh.trials.get().pk, sequence=0, answer="yes")
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(begins, hits))
    Assignment.objects.update(state="approved")
    for study in studies:
        summary = filter_votes(Study.objects.get(pk=study.pk))
        assert (summary.n_votes, summary.by_reason) == (1, {ExclusionReason.EXPOSURE: 1})


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_bonus_for_the_same_work_do_not_wait_in_a_circle() -> None:
    needs_postgres()
    hit = open_hit(n=1)
    seat = begin(hit, assignment_id="3A", worker_id=ADA)
    work = Assignment.objects.select_related("hit__study").get()
    held = Event()

    def answers() -> None:
        with transaction.atomic():
            locked_assignment(seat)
            held.set()
            wait_for_a_lock()
            record_vote(seat, trial=hit.trials.get().pk, sequence=0, answer="yes")
        connection.close()

    def pays() -> None:
        assert held.wait(10)
        try:
            plan_bonus(work, amount=Decimal("0.10"), reason="Thank you.")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answering, paying = pool.submit(answers), pool.submit(pays)
        with pytest.raises(StudyError, match="not handed in yet"):
            paying.result(timeout=20)
        answering.result(timeout=20)
    assert work.votes.count() == 1


def wait_for_a_lock() -> None:
    """Until somebody at this database waits for somebody else."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(waiting)
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")
