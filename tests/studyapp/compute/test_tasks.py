from __future__ import annotations

from pathlib import Path

import pytest

from studyapp import queue
from studyapp.compute.tasks import VERBS
from studyapp.vocabulary import JobState
from tests.factories.dataset import ImageSetFactory, ShownImageFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_calls_no_code_the_operator_did_not_allow(tmp_path: Path) -> None:
    image_set = ImageSetFactory.create()
    ShownImageFactory.create(image_set=image_set)
    folder = tmp_path / "var"
    folder.mkdir()
    arguments = {"set": image_set.name, "model": "shutil:rmtree", "weights": str(folder)}
    job = queue.enqueue("predict", arguments=arguments)
    queue.run(job.pk, verbs=VERBS)
    job.refresh_from_db()
    assert folder.exists()
    assert job.state == JobState.FAILED
    assert "MODEL_CALLABLES" in job.message
