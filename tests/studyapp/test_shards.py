from __future__ import annotations

import threading

import pytest
from django.db import connection

from studyapp import queue, shards
from studyapp.errors import InputError
from studyapp.models import AuditEntry, Job
from studyapp.progress import Progress
from studyapp.vocabulary import JobState

pytestmark = pytest.mark.django_db(transaction=True)


def ten_in_three_parts() -> Job:
    return queue.enqueue_in_shards("count", arguments={"by": 1}, images=range(10), size=4)


def count(job: Job, progress: Progress) -> str:
    progress(len(job.arguments["images"]), len(job.arguments["images"]))
    return ""


def fail_on_the_last(job: Job, progress: Progress) -> str:
    if 9 in job.arguments["images"]:
        raise InputError("is broken", item="picture 9")
    return count(job, progress)


def ten_gathered() -> Job:
    """As above, of a step that ends with a last part."""
    return queue.enqueue_in_shards("robustness", arguments={"by": 1}, images=range(10), size=4)


def gather(job: Job, progress: Progress) -> str:
    if "images" in job.arguments:
        return (
            fail_on_the_last(job, progress) if job.arguments.get("fails") else count(job, progress)
        )
    progress(0)
    return "all ten, put together"


def run_gathered(part: Job) -> None:
    queue.run(part.pk, verbs={"robustness": gather})


def run(part: Job, verb: queue.Verb = count) -> None:
    queue.run(part.pk, verbs={"count": verb})


def test_every_image_is_in_one_part() -> None:
    whole = ten_in_three_parts()
    pieces = [part.arguments["images"] for part in whole.shards.order_by("pk")]
    assert pieces == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert all(part.arguments["by"] == 1 for part in whole.shards.all())


def test_asked_for_twice_it_is_one_job() -> None:
    assert ten_in_three_parts() == ten_in_three_parts()
    assert Job.objects.filter(parent=None).count() == 1


def test_progress_is_the_sum_of_the_parts() -> None:
    whole = ten_in_three_parts()
    first, second, third = whole.shards.order_by("pk")
    run(first)
    run(third)
    whole.refresh_from_db()
    assert (whole.state, whole.done, whole.total) == (JobState.RUNNING, 6, 10)
    assert whole.message == "2 of 3 parts have ended"
    run(second)
    whole.refresh_from_db()
    assert (whole.state, whole.done) == (JobState.DONE, 10)
    assert whole.message == "10 of 10 images in 3 parts."
    assert AuditEntry.objects.get(verb="count").summary["done"] == 10


def test_a_part_that_failed_fails_the_whole_at_its_end() -> None:
    whole = ten_in_three_parts()
    for part in whole.shards.order_by("-pk"):
        run(part, fail_on_the_last)
    whole.refresh_from_db()
    assert (whole.state, whole.done) == (JobState.FAILED, 8)
    assert "1 of them failed" in whole.message
    assert "picture 9: is broken." in whole.message


def test_nobody_can_claim_or_send_the_whole() -> None:
    whole = ten_in_three_parts()
    assert queue.claim(whole.pk) is None
    Job.objects.update(created_at="2020-01-01T00:00:00Z")
    assert queue.sweep() == 3


def test_the_last_two_parts_may_end_at_once() -> None:
    whole = ten_in_three_parts()
    start = threading.Barrier(3)

    def work(part: Job) -> None:
        start.wait()
        run(part)
        connection.close()

    threads = [threading.Thread(target=work, args=[part]) for part in whole.shards.all()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole.refresh_from_db()
    assert (whole.state, whole.done) == (JobState.DONE, 10)


def test_the_sweep_ends_a_job_whose_last_worker_died_too_early_to_tell() -> None:
    whole = ten_in_three_parts()
    for part in whole.shards.all():
        lease = queue.claim(part.pk)
        assert lease is not None
        lease.renew(done=part.total)
        lease.end(JobState.DONE, message="")
    queue.sweep()
    whole.refresh_from_db()
    assert (whole.state, whole.done) == (JobState.DONE, 10)
    shards.settle(whole.pk)
    assert AuditEntry.objects.filter(verb="count").count() == 1


def test_the_last_part_is_made_once_when_the_others_have_ended() -> None:
    whole = ten_gathered()
    first, second, third = whole.shards.order_by("pk")
    run_gathered(first)
    run_gathered(second)
    assert whole.shards.count() == 3
    run_gathered(third)
    whole.refresh_from_db()
    assert whole.message == shards.GATHERING
    assert shards.settle(whole.pk) is None
    (last,) = whole.shards.exclude(pk__in=[first.pk, second.pk, third.pk])
    assert last.arguments == whole.arguments == {"by": 1}
    whole.refresh_from_db()
    assert (whole.state, whole.done, whole.total) == (JobState.RUNNING, 10, 10)
    assert whole.message == shards.GATHERING
    run_gathered(last)
    whole.refresh_from_db()
    assert (whole.state, whole.done) == (JobState.DONE, 10)
    assert whole.message == "all ten, put together"
    # The step itself writes the line, with what it counted.
    assert not AuditEntry.objects.filter(verb="robustness").exists()


def test_the_workers_that_end_the_last_two_parts_make_one_last_part() -> None:
    whole = ten_gathered()
    first, second, third = whole.shards.order_by("pk")
    run_gathered(first)
    start = threading.Barrier(2)

    def work(part: Job) -> None:
        start.wait()
        run_gathered(part)
        connection.close()

    threads = [threading.Thread(target=work, args=[part]) for part in (second, third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert whole.shards.count() == 4


def test_where_a_part_failed_nothing_is_put_together() -> None:
    whole = queue.enqueue_in_shards(
        "robustness", arguments={"fails": True}, images=range(10), size=4
    )
    for part in whole.shards.order_by("-pk"):
        run_gathered(part)
    whole.refresh_from_db()
    assert (whole.state, whole.shards.count()) == (JobState.FAILED, 3)
    assert "picture 9: is broken." in whole.message
    assert AuditEntry.objects.get(verb="robustness").summary["parts_failed"] == 1


def test_without_images_there_is_the_last_part_alone() -> None:
    whole = queue.enqueue_in_shards("robustness", arguments={}, images=[], size=4)
    run_gathered(whole.shards.get())
    whole.refresh_from_db()
    assert (whole.state, whole.message) == (JobState.DONE, "all ten, put together")


def test_the_sweep_makes_the_last_part_where_a_worker_died_too_early_to_do_so() -> None:
    whole = ten_gathered()
    for part in whole.shards.all():
        lease = queue.claim(part.pk)
        assert lease is not None
        lease.renew(done=part.total)
        lease.end(JobState.DONE, message="")
    queue.sweep()
    queue.sweep()
    assert whole.shards.count() == 4


def test_a_last_part_whose_worker_died_is_done_again() -> None:
    whole = ten_gathered()
    for part in whole.shards.all():
        run_gathered(part)
    last = whole.shards.get(state=JobState.QUEUED)
    assert queue.claim(last.pk) is not None  # and never heard of again
    Job.objects.filter(pk=last.pk).update(lease_until="2020-01-01T00:00:00Z")
    assert queue.sweep() == 1
    run_gathered(last)
    whole.refresh_from_db()
    assert (whole.state, whole.message) == (JobState.DONE, "all ten, put together")
