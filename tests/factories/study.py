"""Studies and what they ask."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from studyapp.identity import elsewhere_stimulus_hash, rendered_stimulus_hash, wording_version
from studyapp.models import Condition, Question, Stimulus, Study, Trial, Wording
from studyapp.models.study import DEFAULT_QUESTION
from studyapp.vocabulary import QuestionKind, StimulusKind
from tests.factories.dataset import ImageFactory, ImageSetFactory, ShownImageFactory, label_class


class StudyFactory(DjangoModelFactory[Study]):
    """A draft; `with_condition=False` leaves out its one condition."""

    class Meta:
        model = Study
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"study-{n}")
    title = "Does the word fit the picture?"
    contact = "lab@example.org"
    image_set = factory.SubFactory(ImageSetFactory)

    @factory.post_generation
    def with_condition(self: Study, create: bool, extracted: object, **kwargs: object) -> None:
        if create and extracted is not False:
            ConditionFactory.create(study=self)


class ConditionFactory(DjangoModelFactory[Condition]):
    class Meta:
        model = Condition

    study = factory.SubFactory(StudyFactory, with_condition=False)
    name = "whole"


class WordingFactory(DjangoModelFactory[Wording]):
    class Meta:
        model = Wording
        django_get_or_create = ("version",)

    kind = QuestionKind.RELEVANCE
    text = DEFAULT_QUESTION
    version = factory.LazyAttribute(lambda o: wording_version(o.kind, text=o.text))


class StimulusFactory(DjangoModelFactory[Stimulus]):
    """A rendered stimulus: here the image's own file stands for the rendering."""

    class Meta:
        model = Stimulus
        django_get_or_create = ("stimulus_hash",)

    image = factory.SubFactory(ShownImageFactory)
    kind = StimulusKind.RENDERED
    rendering = factory.LazyFunction(lambda: {"method": "as it is"})
    file = factory.LazyAttribute(lambda o: o.image.file)
    width = factory.LazyAttribute(lambda o: o.image.width)
    height = factory.LazyAttribute(lambda o: o.image.height)
    stimulus_hash = factory.LazyAttribute(
        lambda o: rendered_stimulus_hash(o.image.content_hash, rendering=o.rendering)
    )


class ElsewhereStimulusFactory(StimulusFactory):
    """A showing we have no pixels of."""

    image = factory.SubFactory(ImageFactory)
    kind = StimulusKind.ELSEWHERE
    rendering = factory.LazyFunction(dict)
    file = factory.LazyAttribute(lambda _: None)
    stimulus_hash = factory.LazyAttribute(
        lambda o: elsewhere_stimulus_hash(o.image.image_set.name, image_id=o.image.image_id)
    )


class QuestionFactory(DjangoModelFactory[Question]):
    """`class_index` names the class asked about."""

    class Meta:
        model = Question

    class Params:
        class_index = 1

    stimulus = factory.SubFactory(StimulusFactory)
    label_class = factory.LazyAttribute(
        lambda o: label_class(o.stimulus.image.image_set, index=o.class_index)
    )
    wording = factory.SubFactory(WordingFactory)


class TrialFactory(DjangoModelFactory[Trial]):
    """A trial of the study's one condition, on an image of its set."""

    class Meta:
        model = Trial

    condition = factory.SubFactory(ConditionFactory)
    question = factory.SubFactory(
        QuestionFactory,
        stimulus__image__image_set=factory.SelfAttribute("....condition.study.image_set"),
    )
