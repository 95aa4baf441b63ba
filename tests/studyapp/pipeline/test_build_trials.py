from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from studyapp.errors import StudyError
from studyapp.identity import center_crop_rendering, rendered_stimulus_hash, wording_version
from studyapp.imaging import render_center_crop
from studyapp.models import Image, Prediction, Question, Stimulus, Study, Trial
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.launch_study import launch_study
from studyapp.recruiters.lots import store_lots
from studyapp.selectors import populations
from studyapp.vocabulary import StudyState
from tests.factories.crowd import HITFactory
from tests.factories.dataset import ImageFactory, PredictionFactory, ShownImageFactory, picture
from tests.factories.study import ConditionFactory
from tests.recruiting import a_draft, add_predictions

pytestmark = pytest.mark.django_db


def asked(study: Study) -> set[tuple[str, int]]:
    return set(
        Trial.objects.filter(condition__study=study).values_list(
            "question__stimulus__image__image_id", "question__label_class__index"
        )
    )


def test_a_trial_for_every_mistake_and_no_other() -> None:
    study = a_draft(images=6, wrong=4)
    summary = build_trials(study)
    assert asked(study) == {("i000", 1), ("i001", 2), ("i002", 3), ("i003", 4)}
    assert (summary.size.images, summary.size.showable) == (4, 4)
    assert (summary.new, summary.reused, summary.stimuli_rendered) == (4, 0, 4)
    assert "Next: manage.py review" in summary.lines()[-1]


def test_the_stimulus_is_the_centre_crop_kept_by_content() -> None:
    study = a_draft(images=1)
    build_trials(study)
    stimulus = Stimulus.objects.get()
    rendering = center_crop_rendering(resize=32, crop=28)
    image = Image.objects.get()
    assert stimulus.rendering == rendering
    assert stimulus.stimulus_hash == rendered_stimulus_hash(
        str(image.content_hash), rendering=rendering
    )
    assert (stimulus.width, stimulus.height) == (28, 28)
    with default_storage.open(str(stimulus.file)) as file, PILImage.open(file) as shown:
        wanted = render_center_crop(picture(number=0, size=(20, 16)), resize=32, crop=28)
        assert shown.format == "PNG"
        np.testing.assert_array_equal(np.asarray(shown), np.asarray(wanted))


def test_the_wording_is_the_studys() -> None:
    study = a_draft(images=1, question="Do you see a {class}?")
    build_trials(study)
    wording = Question.objects.get().wording
    assert wording.text == "Do you see a {class}?"
    assert wording.version == wording_version("relevance", text=wording.text)


def test_a_second_model_costs_only_its_new_pairs() -> None:
    study = a_draft(images=5, wrong=3)
    build_trials(study)
    before = set(Trial.objects.values_list("pk", flat=True))
    # The same mistake on i000, another on i001, a new picture.
    add_predictions(study, name="second", wrong={"i000": 1, "i001": 5, "i004": 2})
    summary = build_trials(study)
    assert (summary.new, summary.reused, summary.stimuli_rendered) == (2, 3, 1)
    assert asked(study) >= {("i001", 2), ("i001", 5), ("i004", 2)}
    assert before < set(Trial.objects.values_list("pk", flat=True))
    assert Stimulus.objects.count() == 4


def test_equal_content_in_two_rows_is_one_stimulus() -> None:
    study = a_draft(images=2)
    twin = ShownImageFactory.create(
        image_set=study.image_set, image_id="twin", number=0, size=(20, 16)
    )
    model = study.vision_models.get()
    PredictionFactory.create(image=twin, vision_model=model, classes=[1])
    summary = build_trials(study)
    assert (summary.size.images, summary.size.pairs, summary.new) == (3, 2, 2)
    assert Stimulus.objects.count() == 2


def test_what_cannot_be_shown_is_counted_and_said() -> None:
    study = a_draft(images=3)
    model = study.vision_models.get()
    nameless = ImageFactory.create(image_set=study.image_set, image_id="by-id")
    PredictionFactory.create(image=nameless, vision_model=model, classes=[1])
    unlabelled = ShownImageFactory.create(
        image_set=study.image_set, image_id="probe", label_index=None
    )
    PredictionFactory.create(image=unlabelled, vision_model=model, classes=[1])
    summary = build_trials(study)
    assert (summary.size.images, summary.size.showable, summary.size.by_id_only) == (4, 3, 1)
    assert "1 are known by id only" in summary.lines()[0]
    assert not Trial.objects.filter(question__stimulus__image=nameless).exists()


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_lost_picture_is_named_and_the_others_go_on(damage: str) -> None:
    study = a_draft(images=3)
    image = Image.objects.get(image_id="i001")
    # A file of its own: other tests share the storage.
    content = b"" if damage == "gone" else b"\x89PNG\r\n\x1a\n cut short"
    name = f"images/damaged-{study.pk}.png"
    if content:
        name = default_storage.save(name, ContentFile(content))
    image.file, image.content_hash = name, f"{study.pk:064d}"
    image.save()
    summary = build_trials(study)
    assert list(summary.unusable) == ["i001"]
    assert "image i001" in "\n".join(summary.lines())
    assert {image for image, _ in asked(study)} == {"i000", "i002"}


def test_again_changes_nothing_whatever_the_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    study = a_draft(images=7)
    monkeypatch.setattr(populations, "BATCH", 2)
    seen: list[int] = []
    build_trials(study, progress=lambda done, total=None, message="": seen.append(done))
    assert seen == [2, 4, 6, 7]
    before = list(Trial.objects.order_by("pk").values())
    summary = build_trials(study)
    assert (summary.new, summary.reused, summary.stimuli_rendered) == (0, 7, 0)
    assert list(Trial.objects.order_by("pk").values()) == before


def test_a_draft_that_changed_withdraws_what_no_longer_belongs() -> None:
    study = a_draft(images=4)
    build_trials(study)
    Study.objects.filter(pk=study.pk).update(render_crop=24)
    Prediction.objects.filter(image__image_id="i003").delete()
    study.refresh_from_db()
    summary = build_trials(study)
    assert (summary.new, summary.withdrawn) == (3, 4)
    assert {t.question.stimulus.width for t in Trial.objects.all()} == {24}


def test_a_live_study_follows_its_images_until_it_has_lots_and_then_only_grows() -> None:
    study = a_draft(images=4)
    build_trials(study)
    Prediction.objects.filter(image__image_id="i003").delete()
    launch_study(study, check_funds=False)
    assert build_trials(study).withdrawn == 1
    store_lots(study)
    Prediction.objects.filter(image__image_id="i002").delete()
    assert build_trials(study).withdrawn == 0
    assert Trial.objects.count() == 3


def test_each_condition_has_its_trials() -> None:
    study = a_draft(images=2)
    ConditionFactory.create(study=study, name="second", position=1)
    assert build_trials(study).new == 4
    assert Question.objects.count() == 2


def test_every_state_has_its_answer() -> None:
    study = a_draft(images=1)
    build_trials(study)
    launch_study(study, check_funds=False)
    assert build_trials(study).reused == 1
    close_study(study)
    with pytest.raises(StudyError, match="it is closed"):
        build_trials(study)
    Study.objects.filter(pk=study.pk).update(state=StudyState.DRAFT, imported=True)
    study.refresh_from_db()
    with pytest.raises(StudyError, match="votes gathered elsewhere"):
        build_trials(study)


def test_an_empty_population_is_refused() -> None:
    study = a_draft(images=3, wrong=0)
    with pytest.raises(StudyError, match="nothing to ask"):
        build_trials(study)


def test_a_live_study_whose_protocol_was_tampered_with_is_refused() -> None:
    study = a_draft(images=2)
    build_trials(study)
    launch_study(study, check_funds=False)
    Study.objects.filter(pk=study.pk).update(reward=Decimal("9"), question="Another {class}?")
    study.refresh_from_db()
    with pytest.raises(StudyError, match="different now: payment, question"):
        build_trials(study)


def test_a_published_trial_is_never_withdrawn() -> None:
    study = a_draft(images=2)
    build_trials(study)
    hit = HITFactory.create(study=study)
    trial = Trial.objects.order_by("pk")[0]
    hit.hit_trials.create(trial=trial, position=0)
    study.vision_models.clear()
    add_predictions(study, name="other", wrong={"i001": 5})
    assert build_trials(study).withdrawn == 1
    assert Trial.objects.filter(pk=trial.pk).exists()
