"""The link's own form on a study's page."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studyapp.models import ImageSet, Study, StudyLink
from studyapp.pipeline.review_study import review_study
from studyapp.vocabulary import StudyState
from tests.studyapp.admin.test_studies import filled, image_set, made, mara

__all__ = ["image_set", "mara"]
pytestmark = pytest.mark.django_db


def link_fields(link: StudyLink, **changes: object) -> dict[str, object]:
    values = {
        "id": link.pk,
        "study": link.study_id,
        "panel": link.panel,
        "tasks_each": 1,
        "fee_percent": "33.3",
        "participant_field": "PROLIFIC_PID",
        "session_field": "SESSION_ID",
        "completion_code": "C1",
        "screen_out_code": "",
        "full_code": "",
        "return_url": "https://app.prolific.com/submissions/complete?cc={code}",
        **changes,
    }
    named = {f"link-0-{name}": value for name, value in values.items()}
    return {"link-TOTAL_FORMS": 1, "link-INITIAL_FORMS": 1, **named}


@pytest.mark.slow
def test_a_study_by_link_gets_its_form_and_no_other_does(
    client: Client, mara: User, image_set: ImageSet
) -> None:
    study = made(client, image_set, environment="link", reward="0.00")
    page = reverse("admin:studyapp_study_change", args=[study.pk])
    link = StudyLink.objects.get(study=study)
    assert link.panel == "first"
    assert b"link-0-return_url" in client.get(page).content
    review_study(study, check_funds=False)
    conditions = {
        "conditions-TOTAL_FORMS": 0,
        "conditions-INITIAL_FORMS": 0,
    }
    base = filled(image_set, environment="link", reward="0.00") | conditions
    wrong = link_fields(link, return_url="https://evil.example/{code}")
    assert b"evil.example is not among" in client.post(page, base | wrong).content
    answer = client.post(page, base | link_fields(link))
    assert answer.status_code == 302
    link.refresh_from_db()
    assert (link.completion_code, link.participant_field) == ("C1", "PROLIFIC_PID")
    study.refresh_from_db()
    assert study.state == StudyState.REVIEWED, "a code is no part of the protocol"
    assert b"{{%PROLIFIC_PID%}}" in client.get(page).content
    Study.objects.filter(pk=study.pk).update(environment="marketplace")
    assert b"link-0-return_url" not in client.get(page).content
