from __future__ import annotations

import pytest

from studyapp.ingest.image_keys import SCHEMA, stage_images
from studyapp.ingest.staging import staging
from tests.factories.dataset import ImageFactory, ImageSetFactory

pytestmark = pytest.mark.django_db


def test_images_are_known_by_id_and_by_a_last_part_that_is_theirs_alone() -> None:
    image_set = ImageSetFactory.create()
    keys = {
        name: ImageFactory.create(image_set=image_set, image_id=name).pk
        for name in ("cat/1", "dog/1", "dog/2", "dog/3", "3")
    }
    ImageFactory.create(image_id="cat/2")
    with staging(SCHEMA) as db:
        stage_images(db, image_set=image_set)
        known = dict(db.execute("SELECT name, pk FROM known_image"))
    assert known == keys | {"2": keys["dog/2"]}
    assert known["3"] == keys["3"], "a whole id goes before a part of another"
