"""A job in parts: any number of workers share it, and it is what its parts are.

The job itself is never sent nor claimed. Its row is brought up to date by whoever worked on a part,
and by the sweep, in case that one was killed before it could.

Some steps compute something of all images together, such as the figure of a class. Theirs is one
part more, the last: it has no images of its own, is made when all the others have ended well, and
is the whole step, which finds their work done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from studyapp import audit
from studyapp.models import Job
from studyapp.vocabulary import GATHERED_VERBS, JobState

PROBLEMS_NAMED = 10
GATHERING = "The images are done; what is of all of them is being made"

_HAS_IMAGES = Q(arguments__has_key="images")


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
    if not parts and verb in GATHERED_VERBS:
        return whole, [_last_part(whole)]
    return whole, parts


def settle(parent_id: int) -> Job | None:
    """Bring a job up to date with its parts, and end it with the last of them.

    Returns the last part where it has just been made: it is to be sent.
    """
    with transaction.atomic():
        # One at a time: of two workers that end the last two parts, the second must see both.
        job = Job.objects.select_for_update(no_key=True).get(pk=parent_id)
        if job.ended_at is not None:
            return None
        counts = job.shards.aggregate(
            done=Sum("done"),
            n=Count("pk"),
            n_open=Count("pk", filter=Q(ended_at__isnull=True)),
            n_failed=Count("pk", filter=Q(state=JobState.FAILED)),
        )
        job.done = counts["done"] or 0
        made = None
        n_ended = counts["n"] - counts["n_open"]
        # Asked only when it is near, since it looks into the arguments of every part.
        is_last = counts["n_open"] < 2 and _last(job).exists()
        if counts["n_open"] and is_last:
            job.message = GATHERING
        elif counts["n_open"]:
            job.message = f"{n_ended} of {counts['n']} parts have ended"
        elif job.verb in GATHERED_VERBS and not is_last and not counts["n_failed"]:
            made = _last_part(job)
            job.message = GATHERING
        else:
            _end(job, counts=counts)
        job.save(update_fields=["done", "state", "message", "ended_at"])
    return made


def settle_open() -> list[Job]:
    """Settle every job in parts that has not ended; the last parts that this made."""
    open_jobs = Job.objects.filter(ended_at__isnull=True, shards__isnull=False).distinct()
    settled = [settle(job.pk) for job in open_jobs]
    return [part for part in settled if part is not None]


def _last(job: Job) -> QuerySet[Job]:
    return job.shards.exclude(_HAS_IMAGES)


def _last_part(whole: Job) -> Job:
    return Job.objects.create(
        verb=whole.verb,
        arguments=whole.arguments,
        parent=whole,
        requested_by=whole.requested_by,
    )


def _end(job: Job, *, counts: Mapping[str, int]) -> None:
    job.state = JobState.FAILED if counts["n_failed"] else JobState.DONE
    job.ended_at = timezone.now()
    last = _last(job).first() if job.verb in GATHERED_VERBS else None
    job.message = _outcome(job, last=last, counts=counts)
    if last is None or last.state != JobState.DONE:
        # Else the step has written its own line, with counts of its own.
        audit.record(job.verb, actor=job.requested_by, summary=_summary(job, counts=counts))


def _outcome(job: Job, *, last: Job | None, counts: Mapping[str, int]) -> str:
    n_failed = counts["n_failed"]
    if last is not None and not n_failed:
        return last.message
    failed = f", {n_failed} of them failed" if n_failed else ""
    lines = [f"{job.done} of {job.total} images in {counts['n']} parts{failed}."]
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
