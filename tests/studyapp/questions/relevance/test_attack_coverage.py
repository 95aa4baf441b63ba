"""An attack that did not reach every image: what it says nothing about is in no figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studyapp.models import Condition, Study
from studyapp.questions.relevance.attack_coverage import attacked
from studyapp.reports import build_report
from studyapp.vocabulary import ConditionKind, PopulationKind
from tests.factories.artefacts import AdversarialImageFactory, stored_picture
from tests.factories.dataset import label_class as class_at
from tests.recruiting import a_draft

#: Of ten images two are predicted wrong; of the right ones five are attacked: i2 and i3 flip, i4
#: flips but not in 8 bits, i5 holds, i6 the attacked network gets wrong from the start.
HOLDS: dict[str, Any] = {
    "steps_to_flip": None, "flip_file": None, "flip_class": None, "flip_survives": None,
}  # fmt: skip
ATTACKED: dict[str, dict[str, Any]] = {
    "i001": HOLDS | {"admitted": False},
    "i002": {},
    "i003": {},
    "i004": {"flip_survives": False},
    "i005": HOLDS,
    "i006": HOLDS | {"admitted": False},
}


@pytest.fixture
def study() -> Study:
    made = a_draft(images=10, wrong=2, population=PopulationKind.FLIPPED)
    made.conditions.all().delete()
    Condition.objects.create(study=made, name="whole", kind=ConditionKind.ADVERSARIAL)
    for number, (image_id, fields) in enumerate(ATTACKED.items()):
        AdversarialImageFactory.create(
            image=made.image_set.images.get(image_id=image_id),
            vision_model=made.vision_models.get(),
            parameters_hash="a" * 64,
            **{"flip_file": stored_picture((number, 9, 9)),
               "flip_class": class_at(made.image_set, index=1)} | fields,
        )  # fmt: skip
    return made


@pytest.mark.django_db
def test_images_that_were_not_attacked_are_not_right_under_attack(study: Study) -> None:
    part = build_report(study).part
    assert part is not None
    row = part.values["adversarial"][0]
    assert (row["n_images"], row["n_not_attacked"]) == (6, 4)
    assert (row["n_clean_errors"], row["n_adv_errors"], row["n_flipped"]) == (2, 5, 3)
    assert (row["n_not_surviving"], row["n_asked"], row["n_unasked"]) == (1, 0, 3)
    assert "4 of 10 images are left out" in part.headline
    (told,) = next(table for table in part.tables if table.title == "What was attacked").rows
    assert told[1:] == ("10", "6", "4", "3", "1")
    columns = [line.split()[0] for line in part.exports[0].columns.strip().splitlines()]
    cells = dict(zip(columns, part.exports[0].rows[0], strict=True))
    assert (cells["n_not_attacked"], cells["n_not_surviving"]) == (4, 1)
    assert (cells["bound_low"], cells["bound_high"]) == (row["bound_low"], row["bound_high"])
    assert "Bounds" in part.tables[0].header


@pytest.mark.django_db
def test_before_any_attack_there_is_no_error_under_attack(study: Study) -> None:
    study.vision_models.get().adversarialimages.all().delete()
    part = build_report(study).part
    assert part is not None
    assert part.values["adversarial"] == []
    assert "no attacked image" in part.headline


def test_wrong_images_need_no_row_where_every_right_one_has_one() -> None:
    found = {(1, 10): (True, True, True), (1, 11): (True, False, False)}
    images, correct = np.array([10, 11, 12]), np.array([True, True, False])
    whole = attacked(images, correct=correct, model=(1, "m"), found=found)
    assert whole.coverage.n_not_attacked == 0
    assert (whole.clean.tolist(), whole.after.tolist()) == (
        [True, True, False],
        [False, True, False],
    )
    del found[1, 11]
    part = attacked(images, correct=correct, model=(1, "m"), found=found)
    assert (part.known.tolist(), part.coverage.n_not_attacked) == ([True, False, False], 2)
