from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches

from studyapp.models import (
    HIT,
    AdversarialImage,
    Assignment,
    AttentionImage,
    Image,
    ManualExclusion,
    Prediction,
    Rater,
    Study,
    VisionModel,
    Vote,
)
from studyapp.pipeline.name_analysis import name_analysis
from studyapp.reports import StudyReport, build_report, kept, kept_report
from studyapp.selectors.slices import Slice
from studyapp.selectors.study_stand import study_stand
from studyapp.vocabulary import AssignmentState, HITState, PopulationKind
from tests.factories.artefacts import AdversarialImageFactory, AttentionImageFactory
from tests.factories.dataset import (
    PredictionFactory,
    RealLabelFactory,
    VisionModelFactory,
    label_class,
)
from tests.studyapp.reports.hand_study import HandStudy, hand_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[StudyReport]:
    """Every report that was made and not found."""
    made: list[StudyReport] = []

    def build(study: Study, **asked: Any) -> StudyReport:
        made.append(build_report(study, **asked))
        return made[-1]

    monkeypatch.setattr("studyapp.reports.cache.build_report", build)
    return made


def fresh(made: HandStudy) -> Study:
    return Study.objects.get(pk=made.study.pk)


def a_vote(made: HandStudy) -> None:
    made.vote("i8", 1, "yes", assignment=made.assignments[0])


def a_vote_excluded_by_hand(made: HandStudy) -> None:
    vote = Vote.objects.filter(study=made.study, answer="yes").earliest("pk")
    ManualExclusion.objects.create(vote=vote, note="pressed the wrong key")


def another_vote_excluded_instead(made: HandStudy) -> None:
    ManualExclusion.objects.all().delete()
    vote = Vote.objects.filter(study=made.study, answer="no").latest("pk")
    ManualExclusion.objects.create(vote=vote, note="pressed the wrong key")


def a_submission_unconfirmed(made: HandStudy) -> None:
    Assignment.objects.filter(pk=made.assignments[0].pk).update(state=AssignmentState.FINISHED)


def a_test_rater(made: HandStudy) -> None:
    Rater.objects.filter(pk=made.raters[0].pk).update(is_test=True)


def another_test_rater_instead(made: HandStudy) -> None:
    Rater.objects.filter(pk=made.raters[0].pk).update(is_test=False)
    Rater.objects.filter(pk=made.raters[1].pk).update(is_test=True)


def a_test_assignment(made: HandStudy) -> None:
    Assignment.objects.filter(pk=made.assignments[2].pk).update(is_test=True)


def a_hit_not_yet_published(made: HandStudy) -> None:
    HIT.objects.filter(pk=made.hit.pk).update(state=HITState.SENDING)


def a_label(made: HandStudy) -> None:
    other = label_class(made.study.image_set, index=1)
    Image.objects.filter(pk=made.images["i0"].pk).update(label=other)


def a_right_label(made: HandStudy) -> None:
    RealLabelFactory.create(
        image=made.images["i6"], label_class=label_class(made.study.image_set, index=1)
    )


def a_prediction(made: HandStudy) -> None:
    PredictionFactory.create(
        vision_model=VisionModel.objects.get(name="beta"), image=made.images["i7"], classes=[0]
    )


def a_prediction_less(made: HandStudy) -> None:
    Prediction.objects.filter(vision_model__name="beta").earliest("pk").delete()


def a_model(made: HandStudy) -> None:
    made.study.vision_models.add(
        VisionModelFactory.create(name="gamma", class_list=made.study.image_set.class_list)
    )


def a_named_analysis(made: HandStudy) -> None:
    name_analysis(made.study, name="three", accept=3)


def another_window(made: HandStudy) -> None:
    Study.objects.filter(pk=made.study.pk).update(seconds_min=6)


def another_title(made: HandStudy) -> None:
    Study.objects.filter(pk=made.study.pk).update(title="Another")


CHANGES: list[tuple[Callable[[HandStudy], None], ...]] = [
    (a_vote,),
    (a_vote_excluded_by_hand, another_vote_excluded_instead),
    (a_submission_unconfirmed,),
    (a_test_rater, another_test_rater_instead),
    (a_test_assignment,),
    (a_hit_not_yet_published,),
    (a_label,),
    (a_right_label,),
    (a_prediction, a_prediction_less),
    (a_model,),
    (another_window,),
    (a_named_analysis,),
    (another_title,),
]


@pytest.mark.slow
@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: changes[0].__name__)
def test_a_report_is_found_again_and_never_older_than_its_study(
    built: list[StudyReport], changes: tuple[Callable[[HandStudy], None], ...]
) -> None:
    made = hand_study()
    first = kept_report(fresh(made))
    assert kept_report(fresh(made)) == first
    assert len(built) == 1
    for change in changes:
        change(made)
        after = kept_report(fresh(made))
        assert after == build_report(fresh(made))
        assert after != first
        first = after
    assert len(built) == 1 + len(changes)


def an_attack(image: Image, model: VisionModel) -> None:
    AdversarialImageFactory.create(image=image, vision_model=model)


def an_attention_image(image: Image, model: VisionModel) -> None:
    AttentionImageFactory.create(image=image, vision_model=model)


@pytest.mark.slow
@pytest.mark.parametrize("explain", [an_attack, an_attention_image])
def test_an_attack_that_goes_on_is_another_stand(
    explain: Callable[[Image, VisionModel], None],
) -> None:
    made = hand_study()
    model = VisionModel.objects.get(name="alpha")
    mistakes_only = study_stand(fresh(made))
    explain(made.images["i1"], model)
    assert study_stand(fresh(made)) == mistakes_only
    Study.objects.filter(pk=made.study.pk).update(population=PopulationKind.FLIPPED)
    stands = [study_stand(fresh(made))]
    explain(made.images["i2"], model)
    stands.append(study_stand(fresh(made)))
    if explain is an_attack:
        AdversarialImage.objects.update(flip_survives=False)
        stands.append(study_stand(fresh(made)))
    for row in (*AdversarialImage.objects.all()[:1], *AttentionImage.objects.all()[:1]):
        row.delete()
    stands.append(study_stand(fresh(made)))
    assert all(one != other for one, other in pairwise(stands))
    assert study_stand(fresh(made)) == stands[-1]


@pytest.mark.slow
def test_an_attacked_image_changes_the_kept_report(built: list[StudyReport]) -> None:
    made = hand_study()
    Study.objects.filter(pk=made.study.pk).update(population=PopulationKind.FLIPPED)
    before = kept_report(fresh(made))
    AdversarialImageFactory.create(
        image=made.images["i1"], vision_model=VisionModel.objects.get(name="alpha")
    )
    assert kept_report(fresh(made)) != before
    assert len(built) == 2


@pytest.mark.slow
def test_another_rule_is_another_report(built: list[StudyReport]) -> None:
    study = hand_study().study
    for _ in range(2):
        assert kept_report(study).protocol.as_planned
        assert kept_report(study, accept=3).models[0].n_accepted == 4
        assert kept_report(study, unsure="yes").models[0].n_accepted == 3
        assert kept_report(study, window=(10, None)).models[0].n_accepted == 0
        assert len(kept_report(study, only=Slice(model="beta")).models) == 1
    assert len(built) == 5


def test_what_came_in_while_it_was_made_is_not_kept_under_the_old_stand() -> None:
    stands, values = iter([1, 2, 1, 1, 1]), iter(["between", "sound"])

    def look() -> object:
        return kept("test", key=lambda: {"stand": next(stands)}, make=lambda: next(values))

    assert [look(), look(), look()] == ["between", "sound", "sound"]


@pytest.mark.slow
def test_a_file_that_is_no_longer_whole_is_made_anew(built: list[StudyReport]) -> None:
    study = hand_study().study
    first = kept_report(study)
    files = list(Path(caches["reports"]._dir).glob("*.djcache"))  # type: ignore[attr-defined]
    assert files
    for broken in (b"", b"\x80\x04\x8a\x01", files[0].read_bytes()[:-40]):
        for path in files:
            path.write_bytes(broken)
        assert kept_report(study) == first
    assert len(built) == 4


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_costs_time_and_nothing_else(
    built: list[StudyReport], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(caches["reports"]), "set", full)
    study = hand_study().study
    assert kept_report(study) == kept_report(study)
    assert len(built) == 2
    assert "cannot be kept" in caplog.text
