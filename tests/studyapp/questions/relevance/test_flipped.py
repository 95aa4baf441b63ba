from __future__ import annotations

from decimal import Decimal

import pytest

from studyapp.models import Condition, Stimulus, Study, Trial, VisionModel
from studyapp.pipeline.build_trials import build_trials
from studyapp.questions.relevance.explained_twice import explained_twice
from studyapp.recruiters.lots import store_lots
from studyapp.reports import build_report, methods_text
from studyapp.selectors.population import population_size, study_cost
from studyapp.selectors.protocol import protocol_of, refuse_other_draw
from studyapp.selectors.readiness import readiness
from studyapp.selectors.slices import Slice
from studyapp.vocabulary import (
    Allocation,
    ConditionKind,
    HITState,
    PopulationKind,
    StudyState,
)
from tests.factories.artefacts import AdversarialImageFactory, AttentionImageFactory, stored_picture
from tests.factories.dataset import PredictionFactory, ShownImageFactory, VisionModelFactory
from tests.factories.dataset import label_class as class_at
from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db

ATTACK = "a" * 64


@pytest.fixture
def study() -> Study:
    """Four images the model gets right: two flips, one that does not survive, one that holds."""
    made: Study = StudyFactory.create(population=PopulationKind.FLIPPED, with_condition=False)
    for position, (name, kind) in enumerate(
        (("whole", ConditionKind.ADVERSARIAL), ("attention", ConditionKind.ATTENTION))
    ):
        Condition.objects.create(study=made, name=name, kind=kind, position=position)
    model: VisionModel = VisionModelFactory.create(name="net", class_list=made.image_set.class_list)
    made.vision_models.add(model)
    for number in range(4):
        image = ShownImageFactory.create(image_set=made.image_set, image_id=f"i{number}")
        PredictionFactory.create(image=image, vision_model=model, classes=[0])
        AdversarialImageFactory.create(
            image=image,
            vision_model=model,
            parameters_hash=ATTACK,
            flip_survives=number != 2 if number < 3 else None,
            flip_file=stored_picture((number, 9, 9)) if number < 3 else None,
            flip_class=class_at(made.image_set, index=1) if number < 3 else None,
            steps_to_flip=2 if number < 3 else None,
        )
    return made


def explain(study: Study, *images: str) -> None:
    for number, image_id in enumerate(images):
        AttentionImageFactory.create(
            image=study.image_set.images.get(image_id=image_id),
            vision_model=study.vision_models.get(),
            label_class=class_at(study.image_set, index=1),
            parameters={"of_attack": ATTACK},
            file=stored_picture((200, number, 0)),
        )


def test_each_condition_shows_the_same_images_in_its_way(study: Study) -> None:
    explain(study, "i0", "i1")
    assert readiness(study).errors == ()
    assert population_size(study).pairs == 4
    # A HIT holds one condition, however much room it has.
    study.trials_per_hit = 4
    assert (study_cost(study).hits, study_cost(study).trials) == (2, 4)
    assert study_cost(study).parts[0].fee == Decimal("0.02")
    study.masters_only = True
    assert study_cost(study).parts[0].fee == Decimal("0.03")  # 0.025: a twentieth more, rounded up
    summary = build_trials(study)
    assert (summary.new, summary.unusable) == (4, {})
    rows = Trial.objects.values_list(
        "condition__name", "question__stimulus__image__image_id", "question__label_class__index"
    )
    assert set(rows) == {(c, i, 1) for c in ("whole", "attention") for i in ("i0", "i1")}
    methods = Stimulus.objects.values_list("rendering__method", flat=True)
    assert sorted(methods) == ["adversarial"] * 2 + ["attention"] * 2
    assert {stimulus.width for stimulus in Stimulus.objects.all()} == {16}
    assert build_trials(study).new == 0


def test_other_settings_are_another_stimulus(study: Study) -> None:
    explain(study, "i0", "i1")
    build_trials(study)
    study.vision_models.get().adversarialimages.update(parameters_hash="b" * 64)
    assert build_trials(study).withdrawn == 4


def test_without_any_attention_image_there_is_no_launch(study: Study) -> None:
    told = " ".join(readiness(study).errors)
    assert "no adversarial image has an attention image" in told


def test_an_image_that_could_not_be_explained_is_asked_about_whole_only(study: Study) -> None:
    explain(study, "i0")
    assert readiness(study).errors == ()
    assert population_size(study).pairs == build_trials(study).new == 3
    known = study.image_set.class_list.classes.values_list("wnid", flat=True)
    study.selection = {"classes": [*known, "nowhere"]}
    assert "does not know nowhere" in " ".join(readiness(study).errors)


def test_several_attacks_have_to_be_told_apart(study: Study) -> None:
    explain(study, "i0", "i1")
    launched = protocol_of(study)
    AdversarialImageFactory.create(
        image=study.image_set.images.get(image_id="i0"),
        vision_model=study.vision_models.get(),
        parameters_hash="c" * 64,
        parameters={"step": 0.004, "quantised": True},
    )
    assert population_size(study).pairs == 5
    told = " ".join(readiness(study).errors)
    assert f"attack: {ATTACK[:12]} (" in told
    assert "cccccccccccc (quantised, step 0.004)" in told
    study.selection = {"attack": ATTACK[:12]}
    assert readiness(study).errors == ()
    # One that was launched before the second attack stays with the first.
    study.selection, study.protocol, study.state = {}, launched, StudyState.LIVE
    assert population_size(study).pairs == 4
    refuse_other_draw(study)


def test_a_study_of_a_few_classes(study: Study) -> None:
    explain(study, "i0", "i1")
    study.selection = {"classes": ["n00000001"]}
    assert population_size(study).images == 0
    study.selection = {"classes": ["n00000000"]}
    assert population_size(study).images == 2


def test_without_an_attack_there_is_nothing_to_ask(study: Study) -> None:
    study.vision_models.get().adversarialimages.all().delete()
    assert "run `manage.py explain --kind adversarial`" in " ".join(readiness(study).errors)


def test_a_lot_holds_an_image_in_every_condition(study: Study) -> None:
    """Raters shared out among the conditions all have work in every lot, though one image lacks
    an attention image."""
    model = study.vision_models.get()
    for number in range(4, 10):
        image = ShownImageFactory.create(image_set=study.image_set, image_id=f"i{number}")
        PredictionFactory.create(image=image, vision_model=model, classes=[0])
        AdversarialImageFactory.create(
            image=image,
            vision_model=model,
            parameters_hash=ATTACK,
            flip_file=stored_picture((number, 9, 9)),
            flip_class=class_at(study.image_set, index=1),
        )
    explain(study, *(f"i{number}" for number in (0, 1, 4, 5, 6, 7, 8)))
    study.allocation, study.trials_per_hit = Allocation.ONE, 3
    study.save()
    estimate = study_cost(study)
    build_trials(study)
    assert store_lots(study) == estimate.hits == 3
    assert (estimate.trials, estimate.raters_per_hit) == (8, 10)
    for hit in study.hits.all():
        rows = hit.hit_trials.values_list(
            "trial__question__stimulus__image__image_id", "trial__condition__name"
        )
        of = {name: {i for i, n in rows if n == name} for name in ("whole", "attention")}
        assert of["attention"]
        assert of["whole"] - {"i9"} == of["attention"]
        assert len(of["whole"]) <= 3
    Study.objects.filter(pk=study.pk).update(state=StudyState.LIVE)
    study.refresh_from_db()
    assert study_cost(study) == estimate


def test_a_report_without_verdicts_gives_no_shares_and_says_what_was_shown(study: Study) -> None:
    explain(study, "i0", "i1")
    study.vision_models.update(details={"input_size": 128})
    build_trials(study)
    store_lots(study)
    study.hits.update(state=HITState.OPEN)
    report = build_report(study)
    assert report.part is not None
    assert report.part.headline.endswith("are being asked about, and none is decided yet.")
    assert "squares of 128 × 128 pixels that the model was given" in " ".join(methods_text(report))


def test_an_image_explained_before_and_after_the_attack_is_shown_both_ways(study: Study) -> None:
    explain(study, "i0", "i1")
    image = study.image_set.images.get(image_id="i1")
    before = AttentionImageFactory.create(
        image=image, vision_model=study.vision_models.get(), label_class=image.label
    )
    (strip,) = explained_twice(study)
    assert [picture.row == before.pk for picture in strip.pictures] == [True, True, False, False]
    assert strip.title.startswith("i1: ")
    assert strip.title.endswith(" after 2 steps")
    label = image.label_id or 0
    assert list(explained_twice(study, only=Slice(model="net", class_key=label))) == [strip]
    for elsewhere in (Slice(model="other"), Slice(class_key=label + 1)):
        assert list(explained_twice(study, only=elsewhere)) == []
