from __future__ import annotations

from itertools import product

import pytest
from django.utils import timezone

from studyapp.errors import StudyError
from studyapp.lifecycle import advance, refuse_when_frozen, require_state
from studyapp.models import Study
from studyapp.vocabulary import STUDY_TRANSITIONS, StudyState
from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db


def in_state(state: StudyState) -> Study:
    study = StudyFactory.create()
    Study.objects.filter(pk=study.pk).update(state=state)
    study.refresh_from_db()
    return study


@pytest.mark.parametrize(("start", "to"), list(product(StudyState, StudyState)))
def test_only_the_allowed_transitions(start: StudyState, to: StudyState) -> None:
    study = in_state(start)
    if to in STUDY_TRANSITIONS[start]:
        advance(study, to=to)
        assert study.state == Study.objects.get(pk=study.pk).state == to
    else:
        with pytest.raises(StudyError, match=f"a {start} study cannot become {to}"):
            advance(study, to=to)
        assert Study.objects.get(pk=study.pk).state == start


def test_of_two_who_move_it_one_is_told() -> None:
    first = in_state(StudyState.LIVE)
    second = Study.objects.get(pk=first.pk)
    advance(first, to=StudyState.CLOSED, closed_at=timezone.now())
    with pytest.raises(StudyError, match="somebody else moved it"):
        advance(second, to=StudyState.CLOSED)
    assert first.closed_at is not None


@pytest.mark.parametrize("state", StudyState)
def test_frozen_from_live_on(state: StudyState) -> None:
    study = in_state(state)
    if state in (StudyState.LIVE, StudyState.CLOSED):
        with pytest.raises(StudyError, match="frozen"):
            refuse_when_frozen(study)
    else:
        refuse_when_frozen(study)


def test_a_wrong_state_names_the_remedy() -> None:
    study = in_state(StudyState.DRAFT)
    live = frozenset({StudyState.LIVE})
    with pytest.raises(StudyError, match=r"it is draft, so you cannot publish it\. Launch it"):
        require_state(study, states=live, verb="publish it", remedy="Launch it")
    study.imported = True
    with pytest.raises(StudyError, match="votes gathered elsewhere"):
        require_state(study, states=frozenset(StudyState), verb="publish it", remedy="")
