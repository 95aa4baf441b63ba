"""The Celery application of the tests of shared work, on a queue of its own.

As a program it asks for work (`ask`), or sends again what nobody holds (`sweep`).
"""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command

from studyapp.celery import app

#: Images in a part, a number that no check of a model uses.
PART = 5
MODEL = "tests.journeys.held_model:held"
if name := os.environ.get("SHARD_TEST_QUEUE"):
    app.conf.task_routes = {"studyapp.compute.*": {"queue": name}}


def main(verb: str) -> None:
    django.setup()
    from studyapp import queue

    if verb == "sweep":
        queue.sweep()
        return
    options = ["--kind", "saliency", "--set", "corners", "--model", "held"]
    call_command("explain", *options, "--queue", "--shard-size", str(PART))


if __name__ == "__main__":
    main(sys.argv[1])
