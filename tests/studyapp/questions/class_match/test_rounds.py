from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from studyapp.errors import StudyError
from studyapp.models import Condition, Example, ExampleSet, HITTrial, Image, Study, Trial
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.launch_study import launch_study
from studyapp.questions.class_match import read_match
from studyapp.questions.class_match.rounds import example_sets, plan_rounds
from studyapp.recruiters.lots import plan_lots, store_lots
from studyapp.selectors.population import population_size, study_cost
from studyapp.selectors.populations import population_of
from studyapp.selectors.protocol import refuse_changed_protocol
from studyapp.selectors.readiness import readiness
from studyapp.vocabulary import Allocation, ConditionKind, ExampleRole, PopulationKind, QuestionKind
from tests.factories.dataset import (
    ClassListFactory,
    PredictionFactory,
    ShownImageFactory,
    VisionModelFactory,
)
from tests.factories.dataset import label_class as class_at
from tests.factories.study import StudyFactory

pytestmark = pytest.mark.django_db

CLASSES, TARGETS = 7, 2


@pytest.fixture
def study() -> Study:
    """Seven classes with six examples each by two methods, and two more pictures each."""
    made: Study = StudyFactory.create(
        image_set__class_list=ClassListFactory.create(n_classes=CLASSES),
        question_kind=QuestionKind.CLASS_MATCH,
        population=PopulationKind.ROUNDS,
        question="Which group does this picture belong to?",
        allocation=Allocation.ONE,
        selection={"rounds": 10},
        render_resize=16,
        render_crop=16,
        trials_per_hit=4,
        raters_per_trial=2,
        accept_at=1,
        with_condition=False,
    )
    model = VisionModelFactory.create(name="net", class_list=made.image_set.class_list)
    made.vision_models.add(model)
    for position, (name, kind, roles) in enumerate(
        (
            ("mixed", ConditionKind.CRITICISMS, (3, 3)),
            ("chance", ConditionKind.RANDOM, (6, 0)),
        )
    ):
        Condition.objects.create(
            study=made,
            name=name,
            kind=kind,
            position=position,
            parameters={"method": name, "prototypes": roles[0], "criticisms": roles[1]},
        )
    for index in range(CLASSES):
        images = [
            ShownImageFactory.create(image_set=made.image_set, label_index=index, size=(16, 16))
            for _ in range(6 + TARGETS)
        ]
        for method, (prototypes, criticisms) in (("mixed", (3, 3)), ("chance", (6, 0))):
            _example_set(made, index, method, images[:6], prototypes, criticisms)
        PredictionFactory.create(vision_model=model, image=images[0], classes=[index])
    return made


def _example_set(
    study: Study, index: int, method: str, images: list[Image], prototypes: int, criticisms: int
) -> None:
    row = ExampleSet.objects.create(
        image_set=study.image_set,
        label_class=class_at(study.image_set, index=index),
        method=method,
        parameters={"prototypes": prototypes, "criticisms": criticisms},
        parameters_hash=method,
        candidates_hash="c",
        n_candidates=6,
    )
    roles = [ExampleRole.PROTOTYPE] * prototypes + [ExampleRole.CRITICISM] * criticisms
    for at, (image, role) in enumerate(zip(images, roles, strict=True)):
        rank = at if role == ExampleRole.PROTOTYPE else at - prototypes
        Example.objects.create(example_set=row, image=image, role=role, rank=rank, strict=True)


@pytest.mark.slow
def test_rounds_are_the_same_every_time_and_another_seed_makes_others(study: Study) -> None:
    def told() -> list[tuple[object, ...]]:
        return [(r.classes, r.right, r.target.pk) for r in plan_rounds(study)]

    first = told()
    assert first == told()
    assert len(first) == 10
    study.seed = 2
    assert told() != first


def test_no_target_is_among_the_pictures_shown_or_asked_twice(study: Study) -> None:
    shown = {
        image.content_hash
        for condition in study.conditions.all()
        for images in example_sets(study, condition).values()
        for image in images
    }
    rounds = plan_rounds(study)
    targets = [found.target.content_hash for found in rounds]
    assert not shown & set(targets)
    assert len(set(targets)) == len(targets)
    for found in rounds:
        assert len(set(found.classes)) == 6
        assert found.classes[found.right] == found.target.label_id


@pytest.mark.slow
def test_equal_pictures_under_two_ids_are_one(study: Study) -> None:
    example = Example.objects.select_related("image").first()
    assert example is not None
    twin = example.image
    copy = Image.objects.create(
        image_set=twin.image_set,
        image_id="copy",
        label=twin.label,
        file=twin.file,
        content_hash=twin.content_hash,
    )
    study.selection = {"rounds": 14}
    assert copy.pk not in {found.target.pk for found in plan_rounds(study)}


@pytest.mark.slow
def test_every_condition_asks_every_round_with_pictures_of_its_own(study: Study) -> None:
    summary = build_trials(study)
    assert (summary.new, summary.unusable) == (20, {})
    assert population_size(study).pairs == 20
    by_target: dict[str, set[str]] = {}
    for target, condition, subject in Trial.objects.values_list(
        "question__stimulus__image__image_id", "condition__name", "question__subject"
    ):
        by_target.setdefault(target, set()).add(condition)
        assert subject is not None
        assert [len(group) for group in subject["groups"]] == [6] * 6
        assert 0 <= subject["right"] < 6
    assert all(conditions == {"mixed", "chance"} for conditions in by_target.values())
    assert build_trials(study).new == 0


@pytest.mark.slow
def test_prototypes_and_criticisms_are_mixed(study: Study) -> None:
    sets = example_sets(study, study.conditions.get(name="mixed"))
    roles = {row.image_id: row.role for row in Example.objects.filter(example_set__method="mixed")}
    orders = {tuple(roles[image.pk] for image in images) for images in sets.values()}
    assert len(orders) > 1


@pytest.mark.slow
def test_the_best_of_the_rest_are_told(study: Study) -> None:
    assert "best of the rest" not in " ".join(readiness(study).warnings)
    Example.objects.filter(example_set__method="mixed", rank=0).update(strict=False)
    told = "14 of 42 in mixed are the best of the rest"
    assert told in " ".join(readiness(study).warnings)
    assert told in population_of(study).in_words(study)
    # What came after the launch is in no picture of the study.
    study.live_at = ExampleSet.objects.earliest("created_at").created_at - timedelta(hours=1)
    assert "best of the rest" not in population_of(study).in_words(study)


@pytest.mark.slow
def test_a_lot_holds_the_rounds_of_one_rater_in_every_condition(study: Study) -> None:
    build_trials(study)
    lots = plan_lots(study)
    assert [len(lot.trials) for lot in lots] == [8, 8, 4]
    store_lots(study)
    for hit in study.hits.all():
        assert hit.raters == 4
        rows = HITTrial.objects.filter(hit=hit).values_list(
            "trial__question__stimulus", "trial__condition__name"
        )
        of_condition = {name: {s for s, n in rows if n == name} for name in ("mixed", "chance")}
        assert of_condition["mixed"] == of_condition["chance"]
    cost = study_cost(study)
    assert (cost.hits, cost.raters_per_hit) == (3, 4)


def more_images(study: Study) -> None:
    for index in range(CLASSES):
        ShownImageFactory.create(image_set=study.image_set, label_index=index, size=(16, 16))


def newer_example_sets(study: Study) -> None:
    row = ExampleSet.objects.filter(method="chance").select_related("label_class").first()
    assert row is not None
    shown = list(
        Image.objects.filter(image_set=study.image_set, label=row.label_class).order_by("-pk")[:6]
    )
    ExampleSet.objects.filter(pk=row.pk).update(candidates_hash="before")
    _example_set(study, row.label_class.index, "chance", shown, 6, 0)


@pytest.mark.slow
@pytest.mark.parametrize("change", [more_images, newer_example_sets])
def test_a_live_study_gets_no_other_rounds(study: Study, change: Callable[[Study], None]) -> None:
    launch_study(study, check_funds=False)
    build_trials(study)
    before = set(Trial.objects.values_list("pk", flat=True))
    Trial.objects.filter(pk=min(before)).delete()
    assert (build_trials(study).new, build_trials(study).new) == (1, 0)
    change(study)
    with pytest.raises(StudyError, match="drawn at launch") as refused:
        build_trials(study)
    assert f"manage.py publish {study.name}" in str(refused.value)
    assert Trial.objects.count() == len(before)
    refuse_changed_protocol(study)


@pytest.mark.slow
def test_a_draft_is_drawn_anew_until_its_launch(study: Study) -> None:
    build_trials(study)
    more_images(study)
    assert build_trials(study).withdrawn > 0


@pytest.mark.slow
def test_what_is_missing_is_named(study: Study) -> None:
    assert readiness(study).errors == ()
    study.selection = {"rounds": 15}
    assert "images for 14 rounds only" in " ".join(readiness(study).errors)
    ExampleSet.objects.filter(method="chance", label_class__index__lt=2).delete()
    told = " ".join(readiness(study).errors)
    assert "condition chance has example sets of 5 classes and needs 6" in told


def test_the_answer_is_read_by_the_group() -> None:
    subject = {"right": 2}
    assert [read_match(str(n), subject) for n in (1, 3)] == ["no", "yes"]
    for raw in ("0", "7", "", "3 ", "yes"):
        with pytest.raises(ValueError, match="groups"):
            read_match(raw, subject)
