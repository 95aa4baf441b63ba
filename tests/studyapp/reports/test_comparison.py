from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from studyapp.models import Prediction
from studyapp.reports import PairReport, build_report
from tests.factories.dataset import PredictionFactory, VisionModelFactory
from tests.studyapp.reports.hand_study import ALPHA, BETA, HandStudy, hand_study

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]

#: The mistakes that hand_study says were accepted.
ACCEPTED = {("i4", 1), ("i5", 1)}


def only(pair: PairReport, kind: str) -> tuple[int, int]:
    n = getattr(pair, kind).n
    return n["only_first"], n["only_second"]


def a_third_model(made: HandStudy, wrong: dict[str, int]) -> None:
    model = VisionModelFactory.create(name="gamma", class_list=made.study.image_set.class_list)
    made.study.vision_models.add(model)
    for image_id, image in made.images.items():
        PredictionFactory.create(vision_model=model, image=image, classes=[wrong.get(image_id, 0)])


def test_a_pair_by_hand() -> None:
    """On nine images, for beta has no prediction on i7."""
    (pair,) = build_report(hand_study().study).comparisons
    assert (pair.first, pair.second, pair.n_images) == ("alpha", "beta", 9)
    assert only(pair, "standard") == (0, 3)
    # i4 is accepted; i8 and i9 stay errors of alpha, i6 of both.
    assert only(pair, "rectified") == (0, 2)
    assert pair.standard.estimate == -3 / 9
    assert pair.rectified.estimate == -2 / 9
    assert pair.standard.p == pytest.approx(binomtest(0, 3).pvalue)
    assert pair.rectified.p == pytest.approx(binomtest(0, 2).pvalue)


@pytest.mark.slow
def test_all_pairs_are_one_family() -> None:
    statsmodels = pytest.importorskip("statsmodels.stats.multitest")
    made = hand_study()
    wrong = {f"i{n}": 5 for n in range(10)}
    a_third_model(made, wrong)
    pairs = build_report(made.study).comparisons
    assert [(pair.first, pair.second) for pair in pairs] == [
        ("alpha", "beta"), ("alpha", "gamma"), ("beta", "gamma"),
    ]  # fmt: skip
    for kind in ("standard", "rectified"):
        raw = [getattr(pair, kind).p for pair in pairs]
        adjusted = [getattr(pair, f"{kind}_p_holm") for pair in pairs]
        assert adjusted == pytest.approx(statsmodels.multipletests(raw, method="holm")[1])
        assert adjusted != raw
    right = {
        "alpha": [image not in ALPHA or (image, 1) in ACCEPTED for image in wrong],
        "beta": [image not in BETA or (image, BETA[image]) in ACCEPTED for image in wrong],
    }
    assert only(pairs[1], "rectified") == (int(np.sum(right["alpha"])), 0)
    assert only(pairs[2], "rectified") == (int(np.sum(right["beta"])) - 1, 0)


def test_models_without_an_image_in_common_are_no_pair() -> None:
    made = hand_study()
    Prediction.objects.filter(vision_model__name="beta").exclude(image__image_id="i0").delete()
    Prediction.objects.filter(vision_model__name="alpha", image__image_id="i0").delete()
    assert build_report(made.study).comparisons == ()
