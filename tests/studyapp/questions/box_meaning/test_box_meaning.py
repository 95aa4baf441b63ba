from __future__ import annotations

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from studyapp.imaging import boxes_in_crop
from studyapp.models import Box, Image, Question, Stimulus, Study
from studyapp.pipeline.build_trials import build_trials
from studyapp.questions.box_meaning.population import boxed_pictures
from studyapp.reports import build_report
from studyapp.selectors.populations import population_of
from studyapp.selectors.protocol import protocol_of
from studyapp.vocabulary import PopulationKind, QuestionKind, StudyState
from tests.factories.dataset import ShownImageFactory, label_class
from tests.factories.study import StudyFactory
from tests.studyapp.questions.rows import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def boxed() -> Study:
    """Three images of class 0 and two of class 1 with a box of theirs, one without."""
    study = StudyFactory.create(
        question_kind=QuestionKind.BOX_MEANING,
        population=PopulationKind.BOXED,
        question="Does the yellow frame mark what you understand by {class}?",
        raters_per_trial=3,
        accept_at=2,
        render_crop=64,
        render_resize=64,
        selection={"sample": 2},
    )
    for at in range(6):
        image = ShownImageFactory.create(
            image_set=study.image_set,
            label=label_class(study.image_set, index=0 if at < 3 else 1),
            number=at,
            size=(64, 64),
        )
        if at < 5:
            Box.objects.create(image=image, label_class=image.label, x0=16, y0=16, x1=48, y1=40)
    return study


def test_frames_are_drawn_where_the_boxes_are(boxed: Study) -> None:
    summary = build_trials(boxed)
    assert summary.size.pairs == summary.new == 4
    assert not Image.objects.filter(stimuli__isnull=False, boxes__isnull=True).exists()
    stimulus = Stimulus.objects.filter(questions__isnull=False).first()
    assert stimulus is not None
    assert stimulus.rendering["boxes"] == [[16, 16, 48, 40]]
    with default_storage.open(str(stimulus.file)) as stream:
        pixels = np.asarray(PILImage.open(stream).convert("RGB")).astype(int)
    yellow = (pixels == (255, 210, 0)).all(axis=2)
    down, across = np.nonzero(yellow)
    assert (across.min(), across.max(), down.min(), down.max()) == (13, 50, 13, 42)
    assert not yellow[17:39, 17:47].any(), "what is framed is not covered"


def test_boxes_follow_the_rendering() -> None:
    # 400 x 200: the shorter side to 100, the middle 80; half the size, 60 off the left, 10 the top.
    found = boxes_in_crop(
        [(140, 40, 200, 100), (0, 0, 119, 200), (110, 0, 300, 200)],
        width=400, height=200, resize=100, crop=80,
    )  # fmt: skip
    assert found == ((10, 10, 40, 40), (0, 0, 80, 80))


def test_a_share_for_each_class_and_a_draw_that_stays(boxed: Study) -> None:
    build_trials(boxed)
    before = [picture.image.content_hash for picture in boxed_pictures(boxed)]
    boxed.state, boxed.protocol = StudyState.LIVE, protocol_of(boxed)
    boxed.save()
    more = ShownImageFactory.create(
        image_set=boxed.image_set,
        label=label_class(boxed.image_set, index=0),
        number=90,
        size=(64, 64),
    )
    Box.objects.create(image=more, label_class=more.label, x0=1, y0=1, x1=30, y1=30)
    # Nor does a box that comes to a drawn image: people judged the picture without it.
    drawn = Image.objects.get(content_hash=before[0])
    Box.objects.create(image=drawn, label_class=drawn.label, x0=1, y0=1, x1=30, y1=30)
    study = Study.objects.get(pk=boxed.pk)
    assert [picture.image.content_hash for picture in boxed_pictures(study)] == before
    questions = list(Question.objects.order_by("label_class__index", "pk"))
    cast(study, questions, [["yes"] * 3, ["no"] * 3, ["yes"] * 3, ["yes", "yes", "no"]])
    part = build_report(study).part
    assert part is not None
    rows = {row["class_index"]: row for row in part.values["classes"]}
    assert (rows[0]["n_accepted"], rows[0]["n_rejected"]) == (1, 1)
    assert rows[1]["share"] == 1
    assert part.values["all"]["share"] == 0.75
    assert part.galleries[0].title == "Boxes that people reject (1)"


def test_what_is_missing_is_said(boxed: Study) -> None:
    boxed.selection = {"lowest": 2, "classes": ["nowhere"]}
    told = " ".join(population_of(boxed).problems(boxed))
    assert "run explain --kind saliency, then robustness" in told
    assert "does not know nowhere" in told
    Box.objects.all().delete()
    assert "import_images --boxes" in " ".join(population_of(boxed).problems(boxed))
