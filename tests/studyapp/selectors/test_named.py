from __future__ import annotations

import pytest

from studyapp.errors import InputError
from studyapp.selectors.named import study_named
from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db


def test_by_name() -> None:
    study = StudyFactory.create(name="birds")
    assert study_named("birds") == study


def test_an_unknown_name_lists_the_known_ones() -> None:
    StudyFactory.create(name="birds")
    with pytest.raises(InputError, match=r"^bird: there is no study.*are: birds\.$"):
        study_named("bird")


def test_without_any_study_the_way_to_one_is_told() -> None:
    with pytest.raises(InputError, match="new_study"):
        study_named("birds")
