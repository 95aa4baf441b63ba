"""The Celery application of the tests of shared work, on a queue of its own.

As a program it asks for work by the name of a command, or sends again what nobody holds (`sweep`).
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
ASKED = {
    "explain": ["--kind", "saliency", "--model", "held", "--shard-size", str(PART)],
    "probe": ["--kind", "tiles", "--model", "channels", "--shard-size", str(2 * PART)],
    "select_examples": [
        *("--condition", "mmd+criticisms", "--model", "channels"),
        *("--shard-size", str(2 * PART)),
    ],
    "robustness": ["--model", "channels", "--shard-size", str(2 * PART)],
}
if name := os.environ.get("SHARD_TEST_QUEUE"):
    app.conf.task_routes = {"studyapp.compute.*": {"queue": name}}


def main(verb: str) -> None:
    django.setup()
    from studyapp import queue

    if verb == "sweep":
        queue.sweep()
        return
    call_command(verb, *ASKED[verb], "--set", "corners", "--queue")


if __name__ == "__main__":
    main(sys.argv[1])
