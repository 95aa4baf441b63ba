"""Five answers read in two ways, counted by hand."""

from __future__ import annotations

import pytest

from studyapp.models import Prediction, Study, VisionModel
from studyapp.questions.five_relevance import read_five
from studyapp.questions.list_relevance.population import list_subject
from studyapp.reports import build_report
from studyapp.vocabulary import QuestionKind
from tests.studyapp.questions.rows import (
    about_subjects,
    cast,
    elsewhere,
    paper_classes,
    paper_images,
)

pytestmark = pytest.mark.django_db

NO = "no no no no no"
#: First: all five raters back one class. Second: each backs another. Third: nobody any.
RAW = (
    ["yes no no no no"] * 5,
    [
        "yes no no no no",
        "no yes no no no",
        "no no yes no no",
        "no no no yes no",
        "no no no no yes",
    ],
    [NO] * 5,
)


@pytest.mark.parametrize(
    ("raw", "reading"),
    [
        ("no no no no yes", "yes"),
        ("no unsure no no yes", "yes"),
        ("no no no no no", "no"),
        ("no no unsure no no", "unsure"),
    ],
)
def test_a_page_is_read_as_one_answer(raw: str, reading: str) -> None:
    assert read_five(raw, None) == reading


@pytest.mark.parametrize("raw", ["yes", "no no no no", "no no no no no no", "no no no no maybe"])
def test_another_number_of_answers_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="answer"):
        read_five(raw, None)


def test_raters_who_back_different_classes_accept_by_rater_and_not_by_class() -> None:
    part = build_report(paper_study()).part
    assert part is not None
    found = {
        (row["form"], row["protocol"]): (row["n_accepted"], row["n_rejected"])
        for row in part.values["top5"]
    }
    assert found == {
        ("any_class", "A"): (1, 2),
        ("any_class", "B"): (1, 2),
        ("any_rater", "A"): (2, 1),
        ("any_rater", "B"): (2, 1),
    }
    assert "protocol A" in part.headline
    assert "1 accepted" in part.headline


def paper_study() -> Study:
    classes = paper_classes(6)
    image_set, images = paper_images(3, label=classes[0])
    model = VisionModel.objects.create(
        name="net", class_list=image_set.class_list, source="imported"
    )
    listed = [1, 2, 3, 4, 5]
    Prediction.objects.bulk_create(
        Prediction(vision_model=model, image=image, top1=classes[1], classes=listed)
        for image in images
    )
    study = Study.objects.create(
        name="five",
        title="t",
        image_set=image_set,
        imported=True,
        question_kind=QuestionKind.FIVE_RELEVANCE,
        question="Is each of these relevant for this image?",
    )
    study.vision_models.add(model)
    subject = dict(list_subject(listed, class_list=image_set.class_list.content_hash))
    questions = about_subjects(study, elsewhere(images, image_set="paper"), [subject] * 3)
    answers = [[read_five(raw, None) for raw in row] for row in RAW]
    cast(study, questions, answers, raws=RAW)
    return study
