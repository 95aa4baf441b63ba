"""Background work: rows with a lease, sent to a worker by the name of its task after commit.

The broker only wakes a worker up. Which work there is, who does it and how far it is stands in the
database, so a lost message or a killed worker costs time and nothing else: `sweep` sends again what
nobody holds.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from studyapp import shards
from studyapp.celery import app
from studyapp.errors import InputError, QuorumError
from studyapp.models import Job, Study
from studyapp.progress import Progress
from studyapp.row_locks import lock_study
from studyapp.vocabulary import COMPUTE_VERBS, JobState

logger = logging.getLogger(__name__)

WEB_TASK = "studyapp.tasks.run_job"
COMPUTE_TASK = "studyapp.compute.tasks.run_job"
SWEEP_TASK = "studyapp.tasks.sweep_jobs"
COLLECT_TASK = "studyapp.tasks.collect_live"
LAUNCH_TASK = "studyapp.tasks.launch_due"

#: A job whose worker died so often is likely what kills them; somebody must look.
MOST_ATTEMPTS = 20

#: While no worker runs, each message for a waiting job waits twice as long as the one before.
MOST_DOUBLINGS = 5

#: Does the work of one job and returns what a person should read about it.
Verb = Callable[[Job, Progress], str]


class LeaseLostError(QuorumError):
    """Another worker has taken the job over; this one must stop."""


def enqueue(
    verb: str,
    *,
    arguments: Mapping[str, object] | None = None,
    study: Study | None = None,
    requested_by: User | None = None,
) -> Job:
    """Ask for work. The same work asked for twice while it is open is one job."""
    wanted = dict(arguments or {})
    with transaction.atomic():
        if study is not None:
            # Serialises two presses of one button.
            lock_study(study)
        if job := _open_job(verb, arguments=wanted, study=study):
            return job
        job = Job.objects.create(
            verb=verb, arguments=wanted, study=study, requested_by=requested_by
        )
        transaction.on_commit(lambda: _send([job]))
    return job


def enqueue_about(verb: str, *, name: str, about: Collection[str], study: Study) -> Job:
    """Ask for work on some things of the study, together with those that wait for it already.

    Work that is under way may be past them, so it is not enough.
    """
    with transaction.atomic():
        lock_study(study)
        waiting = Job.objects.filter(verb=verb, study=study, parent=None, state=JobState.QUEUED)
        for job in waiting:
            if name not in job.arguments:
                return job  # It is on all of them.
            job.arguments = {name: sorted({*job.arguments[name], *about})}
            if waiting.filter(pk=job.pk).update(arguments=job.arguments):
                return job
        job = Job.objects.create(verb=verb, arguments={name: sorted(about)}, study=study)
        transaction.on_commit(lambda: _send([job]))
    return job


def enqueue_in_shards(
    verb: str,
    *,
    arguments: Mapping[str, object],
    images: Sequence[int],
    size: int,
    requested_by: User | None = None,
) -> Job:
    """Ask for work on images, in parts of at most `size` that any number of workers share.

    The job that is returned is the whole: its progress is the sum of its parts.
    """
    wanted = dict(arguments)
    with transaction.atomic():
        if job := _open_job(verb, arguments=wanted, study=None):
            return job
        job, parts = shards.plan(
            verb, arguments=wanted, images=images, size=size, requested_by=requested_by
        )
        transaction.on_commit(lambda: _send(parts))
    return job


def shard_size(given: int | None, *, usual: int) -> int:
    """Images per part. Raises InputError where a part would hold nothing."""
    if given is not None and given < 1:
        raise InputError(
            "must be at least 1", item=f"--shard-size {given}", remedy="Choose another"
        )
    return given or usual


def _open_job(verb: str, *, arguments: Mapping[str, object], study: Study | None) -> Job | None:
    """The same work, if it was asked for and has not ended. Parts are found by their whole."""
    same = Job.objects.filter(
        verb=verb, study=study, parent=None, state__in=[JobState.QUEUED, JobState.RUNNING]
    )
    return next((job for job in same if job.arguments == arguments), None)


def _send(jobs: Iterable[Job]) -> None:
    if not settings.JOB_SEND:
        return
    for job in jobs:
        task = COMPUTE_TASK if job.verb in COMPUTE_VERBS else WEB_TASK
        try:
            app.send_task(task, args=[job.pk], ignore_result=True, retry=False)
        except OSError as error:
            # The rows are there; the sweep sends them once the broker is back.
            logger.warning("job %s could not be sent now: %s", job.pk, error)
            return
        patience = settings.JOB_LEASE_SECONDS * 2 ** min(job.sends, MOST_DOUBLINGS)
        again = timezone.now() + dt.timedelta(seconds=patience)
        # A worker may have claimed it by now, and then nothing needs to be sent.
        unclaimed = Job.objects.filter(pk=job.pk, lease_holder=job.lease_holder)
        unclaimed.update(sends=F("sends") + 1, send_again_at=again)


def sweep() -> int:
    """Send again every job nobody holds; returns how many."""
    _send(shards.settle_open())
    now = timezone.now()
    patience = now - dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)
    lost = Job.objects.filter(
        Q(state=JobState.RUNNING, lease_until__lt=now)
        | Q(state=JobState.QUEUED, created_at__lt=patience),
        Q(send_again_at__isnull=True) | Q(send_again_at__lt=now),
    )
    _send(lost)
    return len(lost)


@dataclass(frozen=True)
class Lease:
    """The right to work on a job, good until it is not renewed in time."""

    job_id: int
    holder: uuid.UUID

    def renew(self, **fields: object) -> None:
        held = Job.objects.filter(pk=self.job_id, lease_holder=self.holder, state=JobState.RUNNING)
        if not held.update(lease_until=_deadline(), **fields):
            raise LeaseLostError("another worker has taken over", item=f"job {self.job_id}")

    def end(self, state: JobState, *, message: str) -> None:
        held = Job.objects.filter(pk=self.job_id, lease_holder=self.holder)
        held.update(state=state, message=message, lease_until=None, ended_at=timezone.now())


def _deadline() -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim(job_id: int) -> Lease | None:
    """Take the job if it is free; exactly one of many takers gets it."""
    now = timezone.now()
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=now)
    lease = Lease(job_id=job_id, holder=uuid.uuid4())
    taken = Job.objects.filter(free, pk=job_id).update(
        state=JobState.RUNNING,
        lease_holder=lease.holder,
        lease_until=_deadline(),
        attempts=F("attempts") + 1,
        started_at=now,
        # Should this worker die, the sweep is to send it again at once.
        sends=0,
        send_again_at=None,
    )
    return lease if taken else None


def run(job_id: int, *, verbs: Mapping[str, Verb]) -> bool:
    """Do one job from claim to end; False where somebody else has it or it is done."""
    lease = claim(job_id)
    if lease is None:
        return False
    job = Job.objects.select_related("study", "requested_by").get(pk=job_id)
    try:
        _work(job, lease=lease, verbs=verbs)
    finally:
        if job.parent_id is not None:
            _settle(job.parent_id)
    return True


def _settle(parent_id: int) -> None:
    last = shards.settle(parent_id)
    if last is not None:
        _send([last])


def _work(job: Job, *, lease: Lease, verbs: Mapping[str, Verb]) -> None:
    if job.attempts > MOST_ATTEMPTS:
        lease.end(
            JobState.FAILED,
            message=f"Given up: its worker died {MOST_ATTEMPTS} times. What was done is kept; "
            "see the log for the cause, then ask for it again.",
        )
        return
    try:
        with _kept_alive(lease):
            message = verbs[job.verb](job, _job_progress(lease, parent_id=job.parent_id))
    except LeaseLostError:
        logger.warning("job %s was taken over", job.pk)
    except QuorumError as error:
        lease.end(JobState.FAILED, message=str(error))
    except Exception:
        # The worker loop: whatever went wrong, the page must say that it did.
        lease.end(
            JobState.FAILED,
            message="Something unexpected went wrong; the server's log has the details.",
        )
        raise
    else:
        lease.end(JobState.DONE, message=message)


def _job_progress(lease: Lease, *, parent_id: int | None) -> Progress:
    """Writes to the job's row at most once a second."""
    written = 0.0

    def show(done: int, total: int | None = None, message: str = "") -> None:
        nonlocal written
        now = time.monotonic()
        if now - written >= 1 or (total is not None and done >= total):
            written = now
            fields: dict[str, object] = {"done": done, "total": total}
            lease.renew(**fields, **({"message": message} if message else {}))
            if parent_id is not None:
                _settle(parent_id)

    return show


@contextmanager
def _kept_alive(lease: Lease) -> Iterator[None]:
    """Renews the lease from a thread, since one call to a recruiter can outlast it."""
    over = threading.Event()

    def renew() -> None:
        try:
            while not over.wait(settings.JOB_LEASE_SECONDS / 4):
                lease.renew()
        except LeaseLostError:
            logger.warning("job %s: lease lost", lease.job_id)
        finally:
            connection.close()

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
