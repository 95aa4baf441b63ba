from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studyapp import clock
from studyapp.errors import StudyError
from studyapp.models import AuditEntry, HITTrial, Study
from studyapp.pipeline.launch_by_hand import launch_by_hand
from tests.factories.crowd import HITFactory
from tests.factories.study import ConditionFactory, StudyFactory, TrialFactory

pytestmark = pytest.mark.django_db
BUTTON = "Publish nothing by itself"


def test_it_can_be_switched_off_while_the_study_is_live(client: Client) -> None:
    study: Study = StudyFactory.create(launch_gap_hours=24, launches_by_itself=True)
    with pytest.raises(StudyError, match="launches_by_itself"):
        launch_by_hand(study)
    Study.objects.update(state="live")
    conditions = [
        study.conditions.get(),
        ConditionFactory.create(study=study, name="second", position=1),
    ]
    for condition, opened_at in zip(conditions, [clock.now(), None], strict=True):
        hit = HITFactory.create(
            study=study, state="open" if opened_at else "planned", opened_at=opened_at
        )
        trial = TrialFactory.create(condition=condition)
        HITTrial.objects.create(hit=hit, trial=trial, position=0)
    client.force_login(User.objects.create_superuser("boss"))
    page = reverse("admin:studyapp_study_change", args=[study.pk])
    assert BUTTON in client.get(page).content.decode()
    for _ in range(2):
        told = client.post(
            reverse("admin:studyapp_study_act", args=[study.pk]),
            {"verb": "launch_by_hand"},
            follow=True,
        ).content.decode()
    assert not Study.objects.get().launches_by_itself
    assert "as before somebody has to publish each later condition" in told
    assert BUTTON not in told
    assert AuditEntry.objects.filter(verb="launch_by_hand").count() == 1
