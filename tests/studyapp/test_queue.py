from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from studyapp import queue
from studyapp.errors import InputError
from studyapp.models import Job
from studyapp.progress import Progress
from studyapp.vocabulary import JobState
from tests.processes import database_url

REPOSITORY = Path(__file__).resolve().parents[2]


def ended(job: Job, *, verbs: dict[str, queue.Verb]) -> Job:
    queue.run(job.pk, verbs=verbs)
    job.refresh_from_db()
    return job


@pytest.mark.django_db
def test_the_same_work_asked_for_twice_is_one_job() -> None:
    first = queue.enqueue("count", arguments={"upto": 3})
    assert queue.enqueue("count", arguments={"upto": 3}) == first
    assert queue.enqueue("count", arguments={"upto": 4}) != first


@pytest.mark.django_db
def test_work_that_ended_can_be_asked_for_again() -> None:
    first = ended(queue.enqueue("count"), verbs={"count": lambda job, progress: "three"})
    assert (first.state, first.message) == (JobState.DONE, "three")
    assert queue.enqueue("count") != first


@pytest.mark.django_db(transaction=True)
def test_progress_reaches_the_row() -> None:
    seen = []

    def count(job: Job, progress: Progress) -> str:
        progress(2, 2, "counting")
        seen.append(Job.objects.values_list("done", "total", "message").get(pk=job.pk))
        return ""

    ended(queue.enqueue("count"), verbs={"count": count})
    assert seen == [(2, 2, "counting")]


@pytest.mark.django_db(transaction=True)
def test_a_job_that_kills_its_workers_is_given_up() -> None:
    job = queue.enqueue("count")
    for _ in range(queue.MOST_ATTEMPTS):
        assert queue.claim(job.pk) is not None
        Job.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    job = ended(job, verbs={"count": lambda job, progress: "three"})
    assert job.state == JobState.FAILED
    assert "Given up" in job.message
    assert queue.sweep() == 0
    assert ended(queue.enqueue("count"), verbs={"count": lambda _, __: "three"}).message == "three"


@pytest.mark.django_db(transaction=True)
def test_an_error_for_people_is_the_message_of_the_job() -> None:
    def fail(job: Job, progress: Progress) -> str:
        raise InputError("is broken", item="picture 7", remedy="Replace it")

    job = ended(queue.enqueue("fail"), verbs={"fail": fail})
    assert (job.state, job.message) == (JobState.FAILED, "picture 7: is broken. Replace it.")


@pytest.mark.django_db(transaction=True)
def test_an_unexpected_error_ends_the_job_and_reaches_the_log() -> None:
    def crash(job: Job, progress: Progress) -> str:
        raise ZeroDivisionError

    job = queue.enqueue("crash")
    with pytest.raises(ZeroDivisionError):
        queue.run(job.pk, verbs={"crash": crash})
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "log" in job.message


@pytest.mark.django_db(transaction=True)
def test_one_of_many_takers_gets_the_job() -> None:
    job = queue.enqueue("count")
    leases: list[queue.Lease | None] = []

    def take() -> None:
        leases.append(queue.claim(job.pk))
        connection.close()

    takers = [threading.Thread(target=take) for _ in range(8)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert len([lease for lease in leases if lease]) == 1


@pytest.mark.django_db
def test_a_lost_lease_is_taken_over_and_the_first_holder_stops() -> None:
    job = queue.enqueue("count")
    first = queue.claim(job.pk)
    assert first is not None
    assert queue.claim(job.pk) is None
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    second = queue.claim(job.pk)
    assert second is not None
    with pytest.raises(queue.LeaseLostError):
        first.renew(done=5)
    first.end(JobState.DONE, message="too late")
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.RUNNING, 2)


@pytest.mark.django_db
def test_the_sweep_finds_what_nobody_holds() -> None:
    long_ago = timezone.now() - dt.timedelta(days=1)
    expired, forgotten, fresh = (queue.enqueue(verb) for verb in ("a", "b", "c"))
    queue.claim(expired.pk)
    Job.objects.filter(pk=expired.pk).update(lease_until=long_ago)
    Job.objects.filter(pk=forgotten.pk).update(created_at=long_ago)
    assert queue.sweep() == 2
    assert fresh.state == JobState.QUEUED


WORKER = ["-m", "celery", "--app", "studyapp", "worker", "--include", "tests.studyapp.queue_worker"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_nothing(
    tmp_path: Path,
) -> None:
    """A real worker on the embedded broker is killed -9; the sweep gives its job to the next."""
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "JOB_SEND": "1",
        "JOB_LEASE_SECONDS": "2",
        "QUEUE_TEST_FOLDER": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "studyapp.settings",
        "PYTHONWARNINGS": "ignore",
    }
    environment.pop("CELERY_BROKER_URL", None)
    command = [sys.executable, *WORKER, "--queues", "web", "--pool", "solo", "--loglevel", "ERROR"]
    job = queue.enqueue("slow_then_fast")
    send = [sys.executable, "-m", "tests.studyapp.queue_worker"]

    first = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    try:
        subprocess.run([*send, str(job.pk)], cwd=REPOSITORY, env=environment, check=True)
        _wait_for(tmp_path / "1")
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    time.sleep(2.5)
    second = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    try:
        subprocess.run([*send, "sweep"], cwd=REPOSITORY, env=environment, check=True)
        _wait_for(tmp_path / "2")
        for _ in range(100):
            job.refresh_from_db()
            if job.state == JobState.DONE:
                break
            time.sleep(0.1)
    finally:
        second.send_signal(signal.SIGKILL)
        second.wait()
    assert (job.state, job.attempts, job.message) == (JobState.DONE, 2, "done at last")


def _wait_for(path: Path) -> None:
    for _ in range(300):
        if path.exists():
            return
        time.sleep(0.1)
    raise TimeoutError(f"{path.name} did not appear")
