from __future__ import annotations

import pytest

from studyapp.asking import question_type
from studyapp.models import Example, ExampleSet, Image, Study
from studyapp.questions.attribute.sets import sets_of
from studyapp.reports import build_report
from studyapp.selectors.populations import population_of
from studyapp.selectors.protocol import protocol_of
from studyapp.vocabulary import ExampleRole, StudyState
from tests.studyapp.questions.attribute.test_paper import paper_study

pytestmark = pytest.mark.django_db


def test_a_picture_of_two_sets_is_asked_about_once() -> None:
    study = paper_study()
    population = population_of(study)
    pictures = [
        picture
        for batch in population.pictures(study, study.conditions.create(name="whole"))
        for picture in batch
    ]
    contents = [picture.image.content_hash for picture in pictures]
    sets = sets_of(study)
    assert len(contents) == len(set(contents)) < sum(map(len, sets.values()))
    assert set(contents) == {content for found in sets.values() for content in found}
    assert population.size(study).pairs == len(contents)
    assert list(population.problems(study)) == []


@pytest.mark.slow
def test_sets_stay_as_they_were_drawn_at_launch() -> None:
    study = paper_study()
    before = sets_of(study)
    study.state, study.protocol = StudyState.LIVE, protocol_of(study)
    study.save()
    Example.objects.filter(role=ExampleRole.PROTOTYPE, rank__lt=10).delete()
    study.image_set.images.create(
        image_id="new",
        label=Image.objects.earliest("pk").label,
        content_hash="0" * 63 + "x",
        file="x",
    )
    assert sets_of(Study.objects.get(pk=study.pk)) == before


@pytest.mark.slow
def test_what_is_missing_is_said() -> None:
    study = paper_study()
    before = sets_of(study)
    # A newer set of prototypes alone, made for another study, leaves the criticisms where they are.
    alone = ExampleSet.objects.get()
    image = Example.objects.earliest("pk").image
    alone.pk, alone.parameters_hash = None, "alone"
    alone.save()
    Example.objects.create(
        example_set=alone, image=image, role=ExampleRole.PROTOTYPE, rank=0, strict=True
    )
    assert sets_of(study) == before
    assert not list(population_of(study).warnings(study))
    Example.objects.filter(role=ExampleRole.CRITICISM, rank__lt=3).update(strict=False)
    (warning,) = population_of(study).warnings(study)
    assert warning.startswith("3 criticisms are the best of the rest: too few images")
    assert warning in population_of(study).in_words(study)
    part = build_report(study).part
    assert part is not None
    flagged = [
        sum("best of the rest" in caption for _, caption in gallery.pictures)
        for gallery in part.galleries
    ]
    assert flagged == [0, 3, 0]
    ExampleSet.objects.all().delete()
    study.selection = {"classes": ["n0"]}
    told = " ".join(population_of(study).problems(study))
    assert "names no attributes" in told
    assert "select_examples, for instance with --condition adversarial+criticisms" in told
    study.selection = {"attributes": ["x"], "classes": ["nowhere"]}
    assert "needs one class" in " ".join(population_of(study).problems(study))


@pytest.mark.parametrize(
    ("raw", "reading"),
    [("yes no", "yes"), ("no no", "no"), ("no unsure", "unsure"), ("unsure yes", "yes")],
)
def test_an_answer_is_read(raw: str, reading: str) -> None:
    assert question_type("attribute").read(raw, {"names": ["a", "b"]}) == reading


@pytest.mark.parametrize("raw", ["yes", "yes no no", "yes maybe", "yes -", ""])
def test_nonsense_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="answer"):
        question_type("attribute").read(raw, {"names": ["a", "b"]})
