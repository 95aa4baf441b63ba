"""A job in parts: any number of workers share it, and it is what its parts are.

The job itself is never sent nor claimed. Its row is brought up to date by whoever worked on a part,
and by the sweep, in case that one was killed before it could.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from studyapp import audit
from studyapp.models import Job
from studyapp.vocabulary import JobState

PROBLEMS_NAMED = 10


def plan(
    verb: str,
    *,
    arguments: Mapping[str, object],
    images: Sequence[int],
    size: int,
    requested_by: User | None = None,
) -> tuple[Job, list[Job]]:
    """Rows for a job over images (primary keys) and its parts of at most `size` images.

    A part has the arguments of the whole, and under "images" its own.
    """
    whole = Job.objects.create(
        verb=verb,
        arguments=dict(arguments),
        state=JobState.RUNNING,
        total=len(images),
        requested_by=requested_by,
        started_at=timezone.now(),
    )
    pieces = [list(images[start : start + size]) for start in range(0, len(images), size)]
    parts = Job.objects.bulk_create(
        Job(
            verb=verb,
            arguments={**arguments, "images": piece},
            parent=whole,
            total=len(piece),
            requested_by=requested_by,
        )
        for piece in pieces
    )
    return whole, parts


def settle(parent_id: int) -> None:
    """Bring a job up to date with its parts, and end it with the last of them."""
    with transaction.atomic():
        # One at a time: of two workers that end the last two parts, the second must see both.
        job = Job.objects.select_for_update().get(pk=parent_id)
        if job.ended_at is not None:
            return
        counts = job.shards.aggregate(
            done=Sum("done"),
            n=Count("pk"),
            n_open=Count("pk", filter=Q(ended_at__isnull=True)),
            n_failed=Count("pk", filter=Q(state=JobState.FAILED)),
        )
        job.done = counts["done"] or 0
        n_ended = counts["n"] - counts["n_open"]
        job.message = f"{n_ended} of {counts['n']} parts have ended"
        if not counts["n_open"]:
            job.state = JobState.FAILED if counts["n_failed"] else JobState.DONE
            job.ended_at = timezone.now()
            job.message = _outcome(job, n=counts["n"], n_failed=counts["n_failed"])
            audit.record(job.verb, actor=job.requested_by, summary=_summary(job, counts=counts))
        job.save(update_fields=["done", "state", "message", "ended_at"])


def settle_open() -> None:
    """Settle every job in parts that has not ended."""
    for job in Job.objects.filter(ended_at__isnull=True, shards__isnull=False).distinct():
        settle(job.pk)


def _outcome(job: Job, *, n: int, n_failed: int) -> str:
    failed = f", {n_failed} of them failed" if n_failed else ""
    lines = [f"{job.done} of {job.total} images in {n} parts{failed}."]
    problems = job.shards.exclude(message="").values_list("message", flat=True).distinct()
    lines += list(problems.order_by("message")[:PROBLEMS_NAMED])
    if n_failed:
        lines.append("What was done is kept: asked for again, only the rest is computed.")
    return "\n".join(lines)


def _summary(job: Job, *, counts: Mapping[str, int]) -> dict[str, object]:
    return {
        **job.arguments,
        "images": job.total,
        "done": job.done,
        "parts": counts["n"],
        "parts_failed": counts["n_failed"],
    }
