from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from explain import selection
from studyapp.compute.explain import explain
from studyapp.compute.predict import predict
from studyapp.compute.select_examples import prepare_examples, select_examples
from studyapp.errors import InputError
from studyapp.explanation import AdversarialSettings
from studyapp.models import AuditEntry, Example, ExampleSet, Image, ImageSet, VisionModel
from studyapp.selection import CONDITIONS, Method, SelectionRequest
from tests.factories.dataset import ImageSetFactory
from tests.factories.study import StimulusFactory, StudyFactory, TrialFactory
from tests.studyapp.compute.conftest import CHANNELS, add_image
from tests.studyapp.compute.test_explain import break_file, request_of

N_PER_CLASS = 8


@pytest.fixture
def corners(transactional_db: None) -> ImageSet:
    """Eight pictures of each of two classes, all predicted right, and one of a third."""
    image_set = ImageSetFactory.create(name="corners")
    for label in (0, 1):
        for number in range(N_PER_CLASS):
            name = f"{label}-{number}"
            add_image(image_set, strong=label, label=label, name=name, number=8 * number)
    add_image(image_set, strong=2, label=2, name="2-0")
    predict(image_set, model=CHANNELS, name="channels")
    return image_set


def asked(method: Method, **changes: Any) -> SelectionRequest:
    return SelectionRequest("corners", method, model="channels", **changes)


def test_prototypes_withstand_the_attack_and_criticisms_do_not(corners: ImageSet) -> None:
    explain(request_of("adversarial", step=0.02, max_steps=12))
    steps = AdversarialSettings(step=0.02, max_steps=12)
    summary = select_examples(asked("adversarial", prototypes=2, criticisms=2, steps=steps))
    assert (summary.n_classes, summary.n_new, len(summary.problems)) == (2, 2, 1)
    assert "crane" in summary.problems[0]
    for example_set in ExampleSet.objects.all():
        good = [row.scores["flip_step"] for row in example_set.examples.filter(role="prototype")]
        odd = [row.scores["flip_step"] for row in example_set.examples.filter(role="criticism")]
        assert min(good) >= max(odd)
        shown = example_set.examples.values_list("image", flat=True)
        assert len(set(shown)) == 4
        assert all(row.image.label == example_set.label_class for row in example_set.examples.all())


@pytest.mark.parametrize("method", ["mmd", "confidence"])
def test_a_model_is_asked(corners: ImageSet, method: Method) -> None:
    select_examples(asked(method, prototypes=3, criticisms=2, classes=(0,)))
    example_set = ExampleSet.objects.get()
    assert example_set.n_candidates == N_PER_CLASS
    assert example_set.provenance["model"] == CHANNELS
    roles = list(example_set.examples.values_list("role", "rank"))
    assert roles == [
        *(("prototype", rank) for rank in range(3)),
        ("criticism", 0),
        ("criticism", 1),
    ]


def test_chance_needs_no_model_and_its_seed_decides(corners: ImageSet) -> None:
    request = SelectionRequest("corners", "uniform", classes=(0,))
    select_examples(request)
    first = list(Example.objects.values_list("image", flat=True))
    assert select_examples(request).n_new == 0
    select_examples(replace(request, seed=1))
    assert ExampleSet.objects.count() == 2
    second = Example.objects.filter(example_set=ExampleSet.objects.latest("pk"))
    assert list(second.values_list("image", flat=True)) != first
    assert AuditEntry.objects.filter(verb="select_examples").count() == 3


def test_pictures_people_are_asked_about_are_never_shown(corners: ImageSet) -> None:
    images = list(corners.images.filter(label__index=0))
    study = StudyFactory.create(name="asks", image_set=corners)
    for image in images[:2]:
        stimulus = StimulusFactory.create(image=image)
        TrialFactory.create(condition=study.conditions.get(), question__stimulus=stimulus)
    select_examples(SelectionRequest("corners", "uniform", classes=(0,), avoid="asks"))
    shown = set(Example.objects.values_list("image_id", flat=True))
    assert shown == {image.pk for image in images[2:]}


def test_a_method_that_asks_a_model_needs_its_name(corners: ImageSet) -> None:
    with pytest.raises(InputError, match="this method asks a model"):
        SelectionRequest("corners", "mmd")


def test_without_an_attack_it_says_what_to_run(corners: ImageSet) -> None:
    with pytest.raises(CommandError, match="explain --kind adversarial"):
        call_command("select_examples", set="corners", condition="adversarial", model="channels")


def test_the_command_takes_a_condition_of_the_papers(
    corners: ImageSet, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command(
        "select_examples", set="corners", condition="confidence+criticisms", model="channels"
    )
    assert "confidence: example sets of 2 classes (2 now)" in capsys.readouterr().out
    assert Example.objects.filter(role="criticism").count() == 6


def test_the_conditions_are_those_of_the_papers() -> None:
    ours = {
        name: (each.method, each.prototypes, each.criticisms) for name, each in CONDITIONS.items()
    }
    theirs = selection.CONDITIONS.items()
    assert ours == {name: (each.method, each.prototypes, each.criticisms) for name, each in theirs}


@pytest.mark.parametrize("method", ["mmd", "confidence"])
def test_parts_leave_the_choice_nothing_to_compute_and_change_nothing(
    corners: ImageSet, method: Method
) -> None:
    request = asked(method, prototypes=2, criticisms=1)
    select_examples(request)
    first = examples()
    ExampleSet.objects.all().delete()
    VisionModel.objects.update(created_at=timezone.now())  # nothing is known of it now
    images = list(corners.images.values_list("pk", flat=True))
    for part in (images[:7], images[7:]):
        prepare_examples(request, images=part)
    assert not ExampleSet.objects.exists()
    for image in Image.objects.all():
        break_file(image.image_id)  # nobody looks at them again
    assert select_examples(request).failures == ()
    for (picture, scores), (same, again) in zip(first, examples(), strict=True):
        assert picture == same
        assert again == pytest.approx(scores, rel=1e-4)
    assert AuditEntry.objects.filter(verb="select_examples").count() == 2


def examples() -> list[tuple[int, dict[str, float]]]:
    rows = Example.objects.order_by("example_set", "role", "rank")
    return [(row.image_id, row.scores) for row in rows]


def test_an_image_that_takes_no_part_is_named(corners: ImageSet) -> None:
    break_file("0-3")
    summary = select_examples(asked("confidence", prototypes=2, classes=(0,)))
    assert ExampleSet.objects.get().n_candidates == N_PER_CLASS - 1
    assert any("0-3" in line for line in summary.lines())
