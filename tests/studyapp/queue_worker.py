"""A verb for the test of the queue: it never ends at the first attempt, at once at the second."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import django

django.setup()

from studyapp import queue  # noqa: E402
from studyapp.celery import app  # noqa: E402
from studyapp.models import Job  # noqa: E402
from studyapp.progress import Progress  # noqa: E402


def slow_then_fast(job: Job, progress: Progress) -> str:
    (Path(os.environ["QUEUE_TEST_FOLDER"]) / str(job.attempts)).touch()
    if job.attempts == 1:
        time.sleep(3600)
    return "done at last"


@app.task(name=queue.WEB_TASK)
def run_job(job_id: int) -> None:
    queue.run(job_id, verbs={"slow_then_fast": slow_then_fast})


if __name__ == "__main__":
    if sys.argv[1] == "sweep":
        queue.sweep()
    else:
        app.send_task(queue.WEB_TASK, args=[int(sys.argv[1])])
