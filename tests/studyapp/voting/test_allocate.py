from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studyapp.models import HIT, Assignment, Condition, HITTrial, Rater
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import Allocation, AssignmentState
from studyapp.voting.allocate import allocate, condition_of
from studyapp.voting.sitting import ordered_slots
from tests.factories.crowd import AssignmentFactory, HITFactory, RaterFactory
from tests.factories.study import ConditionFactory, StudyFactory, TrialFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def hit() -> HIT:
    """A HIT with two trials in each of three conditions, which raters are shared out among."""
    study = StudyFactory.create(allocation=Allocation.ONE, with_condition=False)
    made: HIT = HITFactory.create(study=study)
    for position, name in enumerate(("a", "b", "c")):
        condition = ConditionFactory.create(study=study, name=name, position=position)
        for place in range(2):
            trial = TrialFactory.create(condition=condition)
            HITTrial.objects.create(hit=made, trial=trial, position=2 * position + place)
    return made


def come(hit: HIT, *, state: str = AssignmentState.WORKING) -> Assignment:
    rater: Rater = RaterFactory.create()
    made: Assignment = AssignmentFactory.create(
        hit=hit, rater=rater, state=state, condition_id=allocate(hit, rater=rater.pk)
    )
    return made


def test_everybody_sees_everything_unless_raters_are_shared_out(hit: HIT) -> None:
    hit.study.allocation = Allocation.EVERY
    assert allocate(hit, rater=RaterFactory.create().pk) is None
    assert condition_of(1, study=hit.study) is None


def test_conditions_fill_evenly_with_those_at_work_counted(hit: HIT) -> None:
    given = [come(hit).condition_id for _ in range(9)]
    for start in (0, 3, 6):
        assert len(set(given[start : start + 3])) == 3
    assert set(given) == set(Condition.objects.values_list("pk", flat=True))


def test_who_left_or_was_refused_leaves_the_place_free(hit: HIT) -> None:
    gone, refused, _ = come(hit), come(hit), come(hit)
    Assignment.objects.filter(pk=gone.pk).update(started_at=timezone.now() - timedelta(days=1))
    Assignment.objects.filter(pk=refused.pk).update(state=AssignmentState.REJECTED)
    assert {come(hit).condition_id, come(hit).condition_id} == {
        gone.condition_id,
        refused.condition_id,
    }


@pytest.mark.parametrize("state", [AssignmentState.WORKING, AssignmentState.FINISHED])
def test_who_never_hands_in_leaves_the_place_free(hit: HIT, state: str) -> None:
    came = [come(hit, state=state) for _ in range(6)]
    gone = [row.pk for row in came if row.condition_id == came[0].condition_id]
    began = timezone.now() - time_allowed(hit.study)
    Assignment.objects.filter(pk__in=gone).update(started_at=began + timedelta(minutes=1))
    assert len({come(hit).condition_id for _ in range(3)}) == 3
    Assignment.objects.filter(pk__in=gone).update(started_at=began)
    assert [come(hit).condition_id for _ in gone] == [came[0].condition_id] * 2


@pytest.mark.parametrize("state", [AssignmentState.SUBMITTED, AssignmentState.APPROVED])
def test_who_handed_in_keeps_the_place(hit: HIT, state: str) -> None:
    there, _, _ = come(hit, state=state), come(hit), come(hit)
    Assignment.objects.filter(pk=there.pk).update(started_at=timezone.now() - timedelta(days=9))
    assert len({come(hit).condition_id for _ in range(3)}) == 3


def test_a_test_rater_takes_no_place(hit: HIT) -> None:
    first = come(hit)
    Assignment.objects.filter(pk=first.pk).update(is_test=True)
    assert len({come(hit).condition_id for _ in range(3)}) == 3


def test_a_rater_keeps_the_condition_in_another_hit(hit: HIT) -> None:
    first = come(hit)
    other: HIT = HITFactory.create(study=hit.study)
    assert allocate(other, rater=first.rater_id) == first.condition_id
    assert condition_of(first.rater_id, study=hit.study) == first.condition_id


def test_a_rater_is_shown_the_trials_of_one_condition(hit: HIT) -> None:
    condition = hit.study.conditions.get(name="b")
    slots = ordered_slots(hit, assignment_id="3A", rater=1, condition=condition.pk)
    assert {slot.trial for slot in slots} == set(condition.trials.values_list("pk", flat=True))
    assert [slot.position for slot in slots] == [0, 1]
    assert len(ordered_slots(hit, assignment_id="3A", rater=1)) == 6
