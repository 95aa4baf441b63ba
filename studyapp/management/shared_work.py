"""What commands have in common that leave their work to the compute workers."""

from __future__ import annotations

import time

from django.core.management.base import CommandError, CommandParser

from studyapp.management.terminal import progress_bar
from studyapp.models import Job
from studyapp.vocabulary import JobState

#: How often a command that waits looks how far the workers are.
POLL_S = 0.5


def add_queue_options(parser: CommandParser) -> None:
    """For work that compute workers can share."""
    parser.add_argument(
        "--queue", action="store_true", help="Leave the work to the compute workers."
    )
    parser.add_argument(
        "--shard-size", type=int, metavar="N", help="With --queue: images per part of the work."
    )
    parser.add_argument(
        "--wait",
        action="store_true",
        help="With --queue: show how far the workers are, and end when they have ended.",
    )


def asked_for(job: Job, *, wait: bool) -> str:
    """What a command says that has left its work to the workers, at once or at their end."""
    parts = f"{job.total} images in {job.shards.count()} parts" if job.total else "one part"
    asked = f"Asked for: {parts} (job {job.pk})."
    if not wait:
        return f"{asked}\nNext: watch it in the admin, at the image set or under Jobs"
    return f"{asked}\n{_outcome(job)}"


def _outcome(job: Job) -> str:
    """The message of a job at its end. Raises CommandError where it failed."""
    with progress_bar(job.label) as progress:
        while job.ended_at is None:
            time.sleep(POLL_S)
            job.refresh_from_db()
            progress(job.done, job.total)
    if job.state == JobState.FAILED:
        raise CommandError(job.message)
    return job.message
