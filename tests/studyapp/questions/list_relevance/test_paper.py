"""The two rectified top-5 errors of Stock and Cisse (2018), from votes to report.

6.44 % of images have their label outside the five; people leave 1.94 % when shown every image whose
first prediction is wrong (A), and 1.37 % when shown those 6.44 % alone (B). Here per 10,000 images,
where all three are whole numbers.
"""

from __future__ import annotations

import pytest

from studyapp.models import Prediction, Study, VisionModel
from studyapp.questions.list_relevance.population import list_subject
from studyapp.reports import build_report
from studyapp.reports.parts import Part
from studyapp.vocabulary import PopulationKind, QuestionKind
from tests.studyapp.questions.rows import (
    ACCEPTED,
    BATCH,
    REJECTED,
    about_subjects,
    cast,
    elsewhere,
    paper_classes,
    paper_images,
    printed,
)

N, TOP1_ERRORS, TOP5_ERRORS = 10_000, 2_269, 644
LEFT_A, LEFT_B = 194, 137
#: Lists that hold the label and were rejected all the same: 285 of 8,125 in the paper's numbers.
LISTED_REJECTED = LEFT_A - LEFT_B

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_both_protocols_from_the_same_votes() -> None:
    part = _part(_study(PopulationKind.MISTAKES))
    a, b = part.values["top5"]
    assert [a["protocol"], b["protocol"]] == ["A", "B"]
    assert (printed(a["top5_error"]), printed(a["rectified_top5_error"])) == (6.44, 1.94)
    assert (printed(b["top5_error"]), printed(b["rectified_top5_error"])) == (6.44, 1.37)
    assert (a["n_shown"], b["n_shown"]) == (TOP1_ERRORS, TOP5_ERRORS)
    assert (a["n_listed_asked"], a["n_listed_rejected"]) == (
        TOP1_ERRORS - TOP5_ERRORS,
        LISTED_REJECTED,
    )
    assert a["form"] == "list"
    assert part.headline == (
        "ResNet-101 has a top-5 error of 6.44 % on 10,000 images; when people are shown every "
        "image whose first prediction is wrong with its five predictions (protocol A), 1.94 % "
        "[1.69, 2.23] remain; 2,269 images asked, 2,075 accepted."
    )


def test_protocol_b_alone() -> None:
    (b,) = _part(_study(PopulationKind.TOP5_MISTAKES)).values["top5"]
    assert (b["protocol"], b["n_shown"], b["n_asked"]) == ("B", TOP5_ERRORS, TOP5_ERRORS)
    assert printed(b["rectified_top5_error"]) == 1.37
    assert b["n_listed_asked"] == 0


def _part(study: Study) -> Part:
    report = build_report(study)
    assert report.part is not None
    assert report.models == ()
    return report.part


def _study(population: str) -> Study:
    """The first images are outside the five, then come wrong first predictions with the label."""
    classes = paper_classes(7)
    image_set, images = paper_images(N, label=classes[0])
    model = VisionModel.objects.create(
        name="ResNet-101", class_list=image_set.class_list, source="imported"
    )
    outside, listed, right = [1, 2, 3, 4, 5], [6, 0, 1, 2, 3], [0, 1, 2, 3, 4]

    def said(place: int) -> list[int]:
        if place < TOP5_ERRORS:
            return outside
        return listed if place < TOP1_ERRORS else right

    Prediction.objects.bulk_create(
        (
            Prediction(vision_model=model, image=image, top1=classes[said(at)[0]], classes=said(at))
            for at, image in enumerate(images)
        ),
        batch_size=BATCH,
    )
    study = Study.objects.create(
        name="top5",
        title="t",
        image_set=image_set,
        imported=True,
        question_kind=QuestionKind.LIST_RELEVANCE,
        population=population,
        question="Is at least one of these relevant for this image?",
    )
    study.vision_models.add(model)
    shown = images[:TOP1_ERRORS] if population == PopulationKind.MISTAKES else images[:TOP5_ERRORS]
    subjects = [
        dict(list_subject(said(at), class_list=image_set.class_list.content_hash))
        for at in range(len(shown))
    ]
    questions = about_subjects(study, elsewhere(shown, image_set="paper"), subjects)
    answers = [
        REJECTED if at < LEFT_B or TOP5_ERRORS <= at < TOP5_ERRORS + LISTED_REJECTED else ACCEPTED
        for at in range(len(shown))
    ]
    cast(study, questions, answers)
    return study
