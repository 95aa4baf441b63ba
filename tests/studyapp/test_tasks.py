"""What beat asks for by itself."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from studyapp.models import HIT, Job, Study
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.launch_study import launch_study
from studyapp.pipeline.publish import publish
from studyapp.pipeline.stop_study import stop_study
from studyapp.tasks import launch_due, run_job
from tests.factories.study import ConditionFactory
from tests.recruiting import Site, a_draft, site

__all__ = ["site"]

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 24 * 3600


def asked_for() -> list[Job]:
    """What two ticks of the clock ask for, and is still to be done."""
    launch_due()
    launch_due()
    return list(Job.objects.filter(ended_at__isnull=True))


def test_a_later_condition_is_launched_at_its_hour_and_a_stop_stands_against_it(
    site: Site, settings: Settings
) -> None:
    study = a_draft(
        images=1, raters_per_trial=2, accept_at=1, trials_per_hit=1,
        launch_gap_hours=24, launches_by_itself=True,
    )  # fmt: skip
    ConditionFactory.create(study=study, name="second", position=1)
    build_trials(study)
    launch_study(study, check_funds=False)
    assert asked_for() == [], "the first is somebody's to publish"
    assert "published by itself, where beat and a worker run" in "\n".join(publish(study).lines())
    settings.MARKETPLACE_CLOCK_OFFSET_S = DAY - 60
    assert asked_for() == []
    settings.MARKETPLACE_CLOCK_OFFSET_S = DAY + 1
    Study.objects.update(launches_by_itself=False)
    assert asked_for() == []
    Study.objects.update(launches_by_itself=True)
    (job,) = asked_for()
    stop_study(study)
    run_job(job.pk)
    job.refresh_from_db()
    assert "asking was stopped" in job.message
    assert asked_for() == []
    assert (len(site.offered()), HIT.objects.filter(state="planned").count()) == (1, 1)
    Study.objects.update(stopped_at=None)
    (job,) = asked_for()
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, len(site.offered())) == ("done", 2), job.message
    assert asked_for() == []
