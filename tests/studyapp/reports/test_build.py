from __future__ import annotations

import json

import pytest

from studyapp.errors import InputError
from studyapp.models import Image, Prediction, Study, VisionModel
from studyapp.reports import ModelReport, build_report
from studyapp.vocabulary import HITState
from tests.factories.dataset import ImageFactory, PredictionFactory
from tests.factories.study import StudyFactory
from tests.studyapp.reports.hand_study import add_votes_that_do_not_count, hand_study

pytestmark = pytest.mark.django_db


def counts(model: ModelReport) -> tuple[int, ...]:
    return (
        model.n_images,
        model.n_errors,
        model.n_asked,
        model.n_accepted,
        model.n_rejected,
        model.n_undecided,
        model.n_unasked,
    )


def models_of(study: Study, **rule: object) -> dict[str, ModelReport]:
    return {model.model: model for model in build_report(study, **rule).models}  # type: ignore[arg-type]


def test_counts_done_by_hand() -> None:
    models = models_of(hand_study().study)
    alpha, beta = models["alpha"], models["beta"]
    assert counts(alpha) == (10, 6, 5, 2, 1, 2, 1)
    assert (alpha.top1_error, alpha.rectified_top1_error) == (0.6, 0.4)
    assert (alpha.bound_low, alpha.bound_high) == (0.2, 0.4)
    assert alpha.by_yes == (0, 0, 0, 1, 1, 1)
    assert alpha.by_yes_incomplete == 2
    assert (alpha.n_real, alpha.n_real_correct, alpha.real_accuracy) == (4, 3, 0.75)
    assert counts(beta) == (9, 2, 2, 1, 1, 0, 0)
    assert beta.n_without_prediction == 1
    assert (beta.top1_error, beta.rectified_top1_error) == (2 / 9, 1 / 9)
    assert beta.by_yes == (1, 0, 0, 0, 1, 0)


@pytest.mark.parametrize(
    ("accept", "unsure", "expected"),
    [
        (4, "no", (2, 2, 1)),
        (4, "yes", (3, 1, 1)),
        (3, "missing", (4, 0, 1)),
        (5, "missing", (1, 3, 1)),
    ],
)
def test_another_rule(accept: int, unsure: str, expected: tuple[int, int, int]) -> None:
    report = build_report(hand_study().study, accept=accept, unsure=unsure)
    alpha = report.models[0]
    assert (alpha.n_accepted, alpha.n_rejected, alpha.n_undecided) == expected
    assert not report.protocol.as_planned


@pytest.mark.slow
def test_votes_that_do_not_count_change_nothing_but_are_counted() -> None:
    made = hand_study()
    before = build_report(made.study)
    extra = add_votes_that_do_not_count(made)
    after = build_report(made.study)
    assert after.models == before.models
    assert after.agreement == before.agreement
    assert {row.reason: row.n_votes for row in after.votes.excluded if row.n_votes} == {
        reason: len(votes) for reason, votes in extra.items()
    }
    assert after.votes.n_votes == after.votes.n_valid + after.votes.n_excluded
    assert (before.votes.n_valid, before.votes.n_excluded) == (25, 0)


def test_only_published_or_voted_questions_are_asked() -> None:
    made = hand_study()
    made.hit.state = HITState.SENDING
    made.hit.save()
    alpha = models_of(made.study)["alpha"]
    assert (alpha.n_asked, alpha.n_undecided, alpha.n_unasked) == (4, 1, 2)


def test_votes_on_another_wording_are_not_used() -> None:
    made = hand_study()
    Study.objects.filter(pk=made.study.pk).update(question="Do you see {class}?")
    alpha = models_of(Study.objects.get(pk=made.study.pk))["alpha"]
    assert (alpha.n_asked, alpha.n_unasked) == (0, 6)


def test_images_of_equal_content_share_their_question() -> None:
    made = hand_study()
    twin_of = made.images["i4"]
    twin = Image.objects.create(
        image_set=made.study.image_set,
        image_id="twin",
        content_hash=twin_of.content_hash,
        file=twin_of.file,
        label=twin_of.label,
    )
    alpha = VisionModel.objects.get(name="alpha")
    PredictionFactory.create(vision_model=alpha, image=twin, classes=[1])
    assert counts(models_of(made.study)["alpha"]) == (11, 7, 6, 3, 1, 2, 1)


def test_unlabelled_and_file_less_images() -> None:
    made = hand_study()
    image_set = made.study.image_set
    alpha = VisionModel.objects.get(name="alpha")
    for label_index, image_id in ((None, "unlabelled"), (0, "id-only")):
        image = ImageFactory.create(image_set=image_set, image_id=image_id, label_index=label_index)
        PredictionFactory.create(vision_model=alpha, image=image, classes=[1])
    model = models_of(made.study)["alpha"]
    assert counts(model) == (11, 7, 5, 2, 1, 2, 2)


def test_study_without_anything() -> None:
    report = build_report(StudyFactory.create())
    assert report.models == ()
    assert (report.votes.n_votes, report.raters.n_raters, report.data.n_questions) == (0, 0, 0)
    assert [row.fleiss_kappa for row in report.agreement] == [None] * 4
    assert json.loads(json.dumps(report.to_dict()))["votes"]["last_vote_at"] is None


def test_model_without_predictions_has_no_shares() -> None:
    made = hand_study()
    Prediction.objects.filter(vision_model__name="beta").delete()
    beta = models_of(made.study)["beta"]
    assert (beta.n_images, beta.n_without_prediction) == (0, 10)
    assert beta.top1_error is beta.rectified_top1_error is beta.ci_low is beta.real_accuracy is None


@pytest.mark.parametrize("rule", [{"accept": 6}, {"accept": 0}, {"unsure": "perhaps"}])
def test_a_rule_that_cannot_be_is_refused(rule: dict[str, object]) -> None:
    study = hand_study().study
    with pytest.raises(InputError, match="hand"):
        build_report(study, **rule)  # type: ignore[arg-type]


def test_wilson_interval_from_a_second_source() -> None:
    statsmodels = pytest.importorskip("statsmodels.stats.proportion")
    alpha = models_of(hand_study().study)["alpha"]
    low, high = statsmodels.proportion_confint(4, 10, method="wilson")
    assert (alpha.ci_low, alpha.ci_high) == pytest.approx((low, high), abs=1e-12)
