"""Raters, what they take and what they answer."""

from __future__ import annotations

import hashlib

import factory
from factory.django import DjangoModelFactory

from studyapp.models import HIT, Assignment, HITTrial, Rater, RaterIdentity, Vote
from studyapp.vocabulary import Answer, Environment
from tests.factories.study import StudyFactory, TrialFactory


class RaterFactory(DjangoModelFactory[Rater]):
    class Meta:
        model = Rater


class RaterIdentityFactory(DjangoModelFactory[RaterIdentity]):
    class Meta:
        model = RaterIdentity

    rater = factory.SubFactory(RaterFactory)
    provider = Environment.MARKETPLACE
    worker_id = factory.Sequence(lambda n: f"A{n:013d}")


class HITFactory(DjangoModelFactory[HIT]):
    """A lot; `with_trials=3` gives it that many new trials of its study."""

    class Meta:
        model = HIT
        skip_postgeneration_save = True

    study = factory.SubFactory(StudyFactory)
    lot = factory.Sequence(lambda n: n)
    environment = Environment.MARKETPLACE
    request_token = factory.Sequence(lambda n: hashlib.sha256(f"token {n}".encode()).hexdigest())
    raters = 5

    @factory.post_generation
    def with_trials(self: HIT, create: bool, extracted: int | None, **kwargs: object) -> None:
        for position in range(extracted or 0) if create else ():
            trial = TrialFactory.create(condition=self.study.conditions.get())
            HITTrial.objects.create(hit=self, trial=trial, position=position)


class AssignmentFactory(DjangoModelFactory[Assignment]):
    class Meta:
        model = Assignment

    hit = factory.SubFactory(HITFactory)
    rater = factory.SubFactory(RaterFactory)
    assignment_id = factory.Sequence(lambda n: f"3{n:029d}")


class VoteFactory(DjangoModelFactory[Vote]):
    """An imported vote, on a question its study asks; give `assignment` for a collected one."""

    class Meta:
        model = Vote

    trial = factory.SubFactory(TrialFactory)
    question = factory.LazyAttribute(lambda o: o.trial.question)
    study = factory.LazyAttribute(lambda o: o.trial.condition.study)
    rater = factory.SubFactory(RaterFactory)
    assignment = None
    answer = Answer.YES
    answer_raw = factory.LazyAttribute(lambda o: str(o.answer))
    import_key = factory.Sequence(lambda n: hashlib.sha256(f"vote {n}".encode()).hexdigest())
