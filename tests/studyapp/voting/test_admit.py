from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest
from django.db import connection, transaction

from studyapp.models import HIT, Assignment, Condition, Consent, HITTrial
from studyapp.voting.errors import JudgedBeforeError, TooSoonError, VotingError
from studyapp.voting.record_vote import record_vote
from studyapp.voting.seats import begin, consent_hash
from tests.factories.crowd import HITFactory, RaterIdentityFactory
from tests.factories.study import ConditionFactory, StudyFactory, TrialFactory
from tests.studyapp.web.rate_walk import Walker, open_hit

ADA = "A1ADA00000001"


def a_hit(condition: Condition) -> HIT:
    hit: HIT = HITFactory.create(study=condition.study, state="open")
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
