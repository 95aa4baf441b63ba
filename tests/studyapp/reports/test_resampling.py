from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studyapp.analytics import Bootstrap, RectifiedBootstrap
from studyapp.models import Prediction, Study
from studyapp.reports import ModelReport, build_report, report_lines, sampling_sentence
from studyapp.reports.resampling import is_shifted, resampled_interval
from tests.studyapp.reports.hand_study import hand_study

pytestmark = pytest.mark.django_db


def alpha_of(study: Study) -> ModelReport:
    return build_report(study).models[0]


def parts_of(model: ModelReport) -> RectifiedBootstrap:
    assert model.resampled is not None
    return model.resampled


def test_other_images_by_an_independent_resampling() -> None:
    """Four of alpha's ten images stay errors: resampled, a binomial share."""
    images = parts_of(alpha_of(hand_study().study)).image_sampling
    drawn = np.random.default_rng(0).binomial(10, 0.4, size=100_000) / 10
    assert (images.estimate, images.n_items, images.n_draws) == (0.4, 10, 1000)
    assert images.se == pytest.approx(drawn.std(), rel=0.08)
    assert (images.low, images.high) == pytest.approx((0.1, 0.7), abs=0.1)


def test_other_raters_by_hand() -> None:
    """With the images kept, i4 stays accepted and i7, i8, i9 stay errors, whoever is drawn."""
    raters = parts_of(alpha_of(hand_study().study)).rater_sampling
    assert raters.n_raters == 5
    assert raters.se
    # i5 and i6 go either way.
    assert raters.low is not None
    assert raters.high is not None
    assert 0.3 <= raters.low <= raters.high <= 0.5


@pytest.mark.slow
def test_the_same_votes_give_the_same_intervals_whatever_other_models_there_are() -> None:
    study = hand_study().study
    first = parts_of(alpha_of(study))
    assert parts_of(alpha_of(study)) == first
    study.vision_models.remove(study.vision_models.get(name="beta"))
    assert parts_of(alpha_of(study)) == first
    Study.objects.filter(pk=study.pk).update(seed=2)
    assert parts_of(alpha_of(Study.objects.get(pk=study.pk))) != first


def test_the_report_says_the_seed_and_all_parts() -> None:
    data = build_report(hand_study().study).to_dict()
    assert data["protocol"]["seed"] == 1  # type: ignore[call-overload,index]
    parts = data["models"][0]["resampled"]  # type: ignore[call-overload,index]
    assert set(parts) == {"rectified_top1_error", "image_sampling", "rater_sampling", "both"}  # type: ignore[arg-type]


def test_without_images_there_is_nothing_to_resample() -> None:
    study = hand_study().study
    Prediction.objects.filter(vision_model__name="alpha").delete()
    alpha = alpha_of(study)
    assert alpha.resampled is None
    assert sampling_sentence(alpha) == ""


def test_the_sentence_tells_a_shift_and_why_nothing_can_be_said() -> None:
    alpha = alpha_of(hand_study().study)
    parts = parts_of(alpha)
    one = replace(parts.both, se=0.01, low=0.38, high=0.42, bias=0.001)
    told = sampling_sentence(replace(alpha, resampled=replace(parts, both=one)))
    assert "1.00 for both; 95 % of resamples of both lie in [38.00, 42.00] %." in told
    assert "shift" not in told
    shifted = replace(one, bias=-0.004)
    told = sampling_sentence(replace(alpha, resampled=replace(parts, both=shifted)))
    assert "[38.00, 42.00] %, shifted by -0.40." in told
    unknown = Bootstrap(
        **{name: getattr(one, name) for name in ("estimate", "unit", "n_draws", "level")},
        se=None, low=None, high=None, bias=None, n_undefined_draws=0, n_items=10, n_raters=1,
        undefined={"se": "fewer than two raters"},
    )  # fmt: skip
    told = sampling_sentence(replace(alpha, resampled=replace(parts, both=unknown)))
    assert told.endswith("cannot be said: fewer than two raters.")
    assert resampled_interval(unknown) == "–"
    assert not is_shifted(unknown)


def test_the_terminal_has_the_parts_of_each_model() -> None:
    report = build_report(hand_study().study)
    lines = report_lines(report)
    start = next(n for n, line in enumerate(lines) if line.startswith("standard error, points"))
    assert [line.split()[0] for line in lines[start + 1 : start + 3]] == ["alpha", "beta"]
    bare = replace(report, models=tuple(replace(m, resampled=None) for m in report.models))
    assert not any("standard error" in line for line in report_lines(bare))
