from __future__ import annotations

import pytest

from studyapp.models import HIT, HITTrial, Study, Trial
from studyapp.recruiters.launch_gap import due
from studyapp.recruiters.lots import plan_lots, store_lots
from tests.factories.study import ConditionFactory, TrialFactory
from tests.recruiting import a_live_study

pytestmark = pytest.mark.django_db


def test_lots_hold_every_trial_once() -> None:
    study = a_live_study(images=12)
    lots = plan_lots(study)
    assert [len(lot.trials) for lot in lots] == [5, 5, 2]
    assert sorted(trial for lot in lots for trial in lot.trials) == sorted(
        Trial.objects.values_list("pk", flat=True)
    )
    assert plan_lots(study) == lots


def test_the_order_is_no_order_of_building() -> None:
    study = a_live_study(images=30, trials_per_hit=30)
    (lot,) = plan_lots(study)
    assert list(lot.trials) != sorted(lot.trials)
    Study.objects.filter(pk=study.pk).update(seed=2)
    assert plan_lots(Study.objects.get(pk=study.pk)) != [lot]


def test_conditions_are_never_mixed_in_a_lot() -> None:
    study = a_live_study(images=7)
    second = ConditionFactory.create(study=study, name="second", position=1)
    for _ in range(3):
        TrialFactory.create(condition=second)
    kinds = [
        set(Trial.objects.filter(pk__in=lot.trials).values_list("condition__name", flat=True))
        for lot in plan_lots(study)
    ]
    assert kinds == [{"whole"}, {"whole"}, {"second"}]
    # Nor by what is known: a lot that held another condition's trial would be launched with it.
    for condition in study.conditions.all():
        TrialFactory.create(condition=condition, known_answer="yes")
    Study.objects.filter(pk=study.pk).update(gold_per_hit=2, launch_gap_hours=24)
    study.refresh_from_db()
    store_lots(study)
    held = [
        set(hit.trials.values_list("condition__name", "known_answer"))
        for hit in HIT.objects.order_by("lot")
    ]
    first = {("whole", ""), ("whole", "yes")}
    assert held == [first, first, {("second", ""), ("second", "yes")}]
    # As earlier versions stored them.
    stray = Trial.objects.get(condition__name="whole", known_answer="yes")
    HITTrial.objects.create(hit=HIT.objects.get(lot=2), trial=stray, position=99, turn=99)
    assert due(study, HIT.objects.order_by("lot")) == list(HIT.objects.filter(lot__lt=2))


def test_storing_is_all_at_once_and_once() -> None:
    study = a_live_study(images=12)
    assert store_lots(study) == 3
    assert store_lots(study) == 0
    assert list(HIT.objects.order_by("lot").values_list("lot", flat=True)) == [0, 1, 2]
    assert HITTrial.objects.count() == 12
    tokens = HIT.objects.values_list("request_token", flat=True)
    assert len(set(tokens)) == 3
    # UniqueRequestToken takes 64 characters; the annotation is ASCII.
    assert all(len(token) <= 64 and token.isascii() for token in tokens)


def test_later_trials_make_later_lots() -> None:
    study = a_live_study(images=3)
    store_lots(study)
    TrialFactory.create(condition=study.conditions.get())
    assert store_lots(study) == 1
    assert [hit.hit_trials.count() for hit in HIT.objects.order_by("lot")] == [3, 1]


def test_two_studies_alike_have_tokens_of_their_own() -> None:
    for name in ("one", "two"):
        store_lots(a_live_study(images=2, name=name))
    assert len(set(HIT.objects.values_list("request_token", flat=True))) == 2
