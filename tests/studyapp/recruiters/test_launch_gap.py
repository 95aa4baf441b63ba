from __future__ import annotations

from datetime import timedelta

import pytest

from studyapp import clock
from studyapp.errors import StudyError
from studyapp.models import HIT, Condition, HITTrial, Study
from studyapp.recruiters.launch_gap import due, held_back
from tests.factories.crowd import HITFactory
from tests.factories.study import ConditionFactory, StudyFactory, TrialFactory

pytestmark = pytest.mark.django_db
NOW = clock.now()


@pytest.fixture
def study() -> Study:
    """Three conditions a day apart, the last of them with nothing to ask."""
    made: Study = StudyFactory.create(launch_gap_hours=24, with_condition=False)
    for position, name in enumerate(("a", "b", "empty")):
        ConditionFactory.create(study=made, name=name, position=position)
    return made


def lot(study: Study, name: str, *, hours_ago: float | None = None) -> HIT:
    """A lot of the condition, out since then or not at all."""
    opened = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    state = "planned" if opened is None else "open"
    hit: HIT = HITFactory.create(study=study, state=state, opened_at=opened)
    condition = Condition.objects.get(study=study, name=name)
    trial = TrialFactory.create(condition=condition)
    HITTrial.objects.create(hit=hit, trial=trial, position=0)
    return hit


def test_a_condition_waits_for_the_last_lot_before_it_but_once_begun_for_none(
    study: Study,
) -> None:
    first, second = lot(study, "a", hours_ago=30), lot(study, "b")
    assert held_back(study) == []
    late = lot(study, "a")
    (held,) = held_back(study)
    assert (held.name, held.behind, held.until) == ("b", "a", None)
    assert due(study, [late, second]) == [late]
    with pytest.raises(StudyError, match="b waits until all of a is out"):
        due(study, [second])
    HIT.objects.filter(pk=late.pk).update(opened_at=NOW - timedelta(hours=23), state="open")
    (held,) = held_back(study)
    assert held.until == NOW + timedelta(hours=1)
    HIT.objects.filter(pk=late.pk).update(opened_at=NOW - timedelta(hours=25))
    assert due(study, [second]) == [second]
    assert due(study, [second], begins=False) == [], "what goes on by itself begins nothing"
    HIT.objects.filter(pk=second.pk).update(opened_at=NOW, state="open")
    more = [lot(study, "a"), lot(study, "b")]
    assert due(study, more) == due(study, more, begins=False) == more
    assert first.opened_at is not None


def test_trials_in_no_lot_yet_hold_up_what_comes_after(study: Study) -> None:
    lot(study, "a", hours_ago=99)
    # One with a known answer may be in no lot for good.
    TrialFactory.create(condition=study.conditions.get(name="a"), known_answer="yes")
    lot(study, "b")
    assert held_back(study) == []
    TrialFactory.create(condition=study.conditions.get(name="a"))
    assert [held.until for held in held_back(study)] == [None]
    study.launch_gap_hours = 0
    assert held_back(study) == []
