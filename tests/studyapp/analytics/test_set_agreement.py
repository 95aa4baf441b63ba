from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.inter_rater import fleiss_kappa

from studyapp.analytics import ColumnError, RuleError
from studyapp.analytics.columns import Bool
from studyapp.analytics.set_agreement import set_agreement
from tests.studyapp.analytics.human_data import read_label_choices


def example() -> tuple[Bool, Bool]:
    """Three items, two coders and a third who codes the last alone; the flags are a, b, c.

    Item 0: {a}, {a, b}. Item 1: {c}, {c}. Item 2: {a}, {b}, and the third says {}.
    """
    flags = np.zeros((3, 3, 3), dtype=np.bool_)
    flags[0, 0, 0] = flags[0, 1, 0] = flags[0, 1, 1] = True
    flags[1, :2, 2] = True
    flags[2, 0, 0] = flags[2, 1, 1] = True
    coded = np.array([[True, True, False], [True, True, False], [True, True, True]])
    return flags, coded


def test_a_hand_example() -> None:
    """Codings: 2 of {a}, 1 of {a, b}, 2 of {c}, 1 of {b}, 1 of {}: n = 7.

    Pairs inside: {a}-{a, b} 2/3 apart; 0; and three of item 2, all 1 apart, each halved.
    Observed = (2 * 2/3 + 0 + 2 * 3 / 2) / 7. Of the 21 pairs, the two of {a} and the two of {c}
    are 0 apart, and the two {a}-{a, b} and the one {b}-{a, b} 2/3, and all others 1.
    """
    flags, coded = example()
    found = set_agreement(flags, coded=coded, names=["a", "b", "c"])
    assert (found.n_items, found.n_codings, found.n_single, found.n_sets) == (3, 7, 0, 5)
    assert found.observed == pytest.approx((4 / 3 + 3) / 7)
    assert found.expected == pytest.approx(2 * (16 + 3 * 2 / 3) / 42)
    assert found.alpha == pytest.approx(1 - (13 / 21) / (18 / 21))
    assert [flag.coding for flag in found.flags] == ["a", "b", "c"]
    assert [flag.n_votes for flag in found.flags] == [7, 7, 7]
    assert found.flags[2].fleiss_kappa == 1
    assert found.flags[0].percent_agreement == pytest.approx((1 + 1 + 1 / 3) / 3)


def test_what_was_not_coded_is_not_looked_at() -> None:
    flags, coded = example()
    noise = flags.copy()
    noise[~coded] = True
    assert set_agreement(noise, coded=coded) == set_agreement(flags, coded=coded)
    once = coded.copy()
    once[1, 0] = False
    found = set_agreement(flags, coded=once)
    assert (found.n_items, found.n_codings, found.n_single) == (2, 5, 1)


def test_the_order_of_items_coders_and_flags_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    flags, coded = rng.random((12, 4, 3)) < 0.4, rng.random((12, 4)) < 0.8
    before = set_agreement(flags, coded=coded)
    items, coders = rng.permutation(12), rng.permutation(4)
    turned = flags[items][:, coders][:, :, [2, 0, 1]]
    after = set_agreement(turned, coded=coded[items][:, coders])
    assert after.alpha == pytest.approx(before.alpha)
    assert after.se == pytest.approx(before.se)


def test_coders_who_flag_by_chance_have_an_alpha_around_zero() -> None:
    flags = np.random.default_rng(9).random((3_000, 3, 4)) < 0.3
    for distance in ("masi", "jaccard", "nominal"):
        found = set_agreement(flags, distance=distance)
        assert found.alpha == pytest.approx(0, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("size", [15, 60])
def test_the_interval_covers_the_alpha_of_all_items(size: int) -> None:
    """Samples of a few items out of a population of 20,000, whose alpha they estimate.

    Over 3,000 samples these two settings cover in 93.8 to 94.9 of 100, a little under the nominal
    95; of 600 samples the standard error is 0.9, which is what the lower bound leaves room for.
    """
    rng = np.random.default_rng(12)
    truth = rng.random((20_000, 1, 3)) < 0.35
    population = np.where(rng.random((20_000, 3, 3)) < 0.85, truth, ~truth)
    target = set_agreement(population).alpha
    assert target is not None
    covered = 0
    for _ in range(600):
        sample = set_agreement(population[rng.choice(20_000, size, replace=False)])
        assert sample.ci_low is not None
        assert sample.ci_high is not None
        covered += sample.ci_low <= target <= sample.ci_high
    assert 0.92 <= covered / 600 <= 0.97


def test_single_codings_leave_every_figure_undefined_with_a_reason() -> None:
    found = set_agreement(np.ones((2, 1, 2), dtype=np.bool_))
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (data["n_items"], data["n_single"]) == (0, 2)
    missing = {name for name, value in data.items() if value is None}
    assert missing == set(found.undefined)
    assert missing == {"observed", "expected", "alpha", "se", "ci_low", "ci_high"}


def test_one_item_has_an_alpha_and_no_interval() -> None:
    found = set_agreement(np.array([[[True, False], [False, True]]]))
    assert found.alpha == 0
    assert set(found.undefined) == {"se", "ci_low", "ci_high"}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"flags": np.zeros((2, 2), dtype=bool)}, ColumnError, "items by raters by at least one"),
        ({"flags": np.zeros((2, 2, 0), dtype=bool)}, ColumnError, "at least one flag"),
        ({"flags": np.zeros((2, 2, 1))}, ColumnError, "True or False"),
        ({"coded": np.ones((2, 3), dtype=bool)}, ColumnError, "each of 2 items by 2 raters"),
        ({"coded": np.ones((2, 2))}, ColumnError, "coded has shape"),
        ({"names": ["a"]}, ColumnError, "1 names for 3 flags"),
        ({"distance": "euclid"}, RuleError, "use one of masi, jaccard, nominal"),
        ({"level": 1.0}, RuleError, "level=1.0 is no confidence"),
    ],
)
def test_bad_arguments_are_refused(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    arguments: dict[str, Any] = {"flags": np.zeros((2, 2, 3), dtype=np.bool_)} | change
    with pytest.raises(error, match=message):
        set_agreement(arguments.pop("flags"), **arguments)


def test_real_choices_of_labels_are_sets(shared_data: Path) -> None:
    """Given, guessed, both or neither: two flags for each of 549 images and five workers."""
    choices = read_label_choices(shared_data)
    found = set_agreement(choices, names=["given", "guessed"])
    assert (found.n_items, found.n_codings, found.n_sets) == (549, 2_745, 4)
    assert [round(flag.shares[0] * 2_745) for flag in found.flags] == [1_234 + 448, 805 + 448]
    for place, flag in enumerate(found.flags):
        yes = choices[:, :, place].sum(axis=1)
        assert flag.fleiss_kappa == pytest.approx(fleiss_kappa(np.stack([yes, 5 - yes], axis=1)))
    whole = set_agreement(choices, distance="nominal")
    kinds = np.stack(
        [(choices @ np.array([1, 2]) == kind).sum(axis=1) for kind in range(4)], axis=1
    )
    # With five votes everywhere alpha is Fleiss' kappa but for its correction of 1 / n.
    kappa = fleiss_kappa(kinds)
    assert whole.alpha == pytest.approx(1 - (1 - kappa) * (2_745 - 1) / 2_745, abs=1e-12)
