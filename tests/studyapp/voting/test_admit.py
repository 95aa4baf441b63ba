from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from studyapp.models import HIT, Assignment, Condition, Consent, HITTrial
from studyapp.voting.errors import TooSoonError
from studyapp.voting.seats import begin, consent_hash
from tests.factories.crowd import HITFactory, RaterIdentityFactory
from tests.factories.study import ConditionFactory, StudyFactory, TrialFactory

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
    begun, stored = Event(), Event()

    def first() -> None:
        with transaction.atomic():
            begin(one, assignment_id="3A", worker_id=ADA)
            begun.set()
            assert stored.wait(10)
        connection.close()

    def second() -> None:
        assert begun.wait(10)
        try:
            begin(other, assignment_id="3B", worker_id=ADA)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(first), pool.submit(second)]
        assert begun.wait(10)
        with pytest.raises(TimeoutError):
            running[1].result(timeout=0.5)
        stored.set()
        running[0].result(timeout=10)
        with pytest.raises(TooSoonError):
            running[1].result(timeout=10)
    assert Assignment.objects.get().hit_id == one.pk
