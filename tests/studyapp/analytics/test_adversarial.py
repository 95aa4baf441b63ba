from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, Rule, RuleError, proportion_ci, verdicts
from studyapp.analytics.adversarial import RectifiedAdversarial, rectified_adversarial
from tests.studyapp.analytics.panels_of_five import verdicts_with
from tests.studyapp.analytics.strategies import Panel, panels, rules

#: Whole images of 50,000: right before the attack, right after it.
CLEAN_RIGHT, ADV_RIGHT = 38_655, 3_980
FLIPPED = CLEAN_RIGHT - ADV_RIGHT


def percent(share: float | None) -> str:
    assert share is not None
    return f"{100 * share:.2f}"


def table_2(accepted: int, asked: int, **words: Any) -> RectifiedAdversarial:
    """The attack of section 3.2, with the first `asked` of the flipped images shown to people."""
    clean = np.arange(50_000) < CLEAN_RIGHT
    adversarial = np.arange(50_000) < ADV_RIGHT
    question = np.full(50_000, -1)
    question[ADV_RIGHT : ADV_RIGHT + asked] = np.arange(asked)
    yes = np.where(np.arange(asked) < accepted, 4, 1).tolist()
    return rectified_adversarial(
        clean, adv_correct=adversarial, question=question, verdicts=verdicts_with(yes), **words
    )


def test_by_hand() -> None:
    """Wrong before and after, right throughout, flipped and accepted, flipped and rejected."""
    columns: dict[str, Any] = {
        "clean_correct": [False, True, True, True],
        "adv_correct": [False, True, False, False],
        "question": [0, 1, 2, 3],
        "verdicts": verdicts_with([5, 5, 4, 3]),
    }
    flipped = rectified_adversarial(columns["clean_correct"], **without_first(columns))
    assert (flipped.n_clean_errors, flipped.n_adv_errors, flipped.n_flipped) == (1, 3, 2)
    assert (flipped.shown.n_shown, flipped.shown.n_accepted) == (2, 1)
    assert (flipped.clean_error, flipped.adv_error, flipped.rectified_error) == (0.25, 0.75, 0.5)
    assert flipped.accepted_share == 0.5
    assert flipped.shown.mean_yes_share == pytest.approx(0.7)
    assert flipped.ci == proportion_ci(2, n=4)
    both = rectified_adversarial(
        columns["clean_correct"], **without_first(columns), over="all_errors"
    )
    assert (both.shown.n_shown, both.shown.n_accepted, both.rectified_error) == (3, 2, 0.25)


def without_first(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: column for name, column in columns.items() if name != "clean_correct"}


@pytest.mark.parametrize(
    ("accepted", "agreement", "rectified"),
    [(7_631, "22.01", "76.78"), (7_632, "22.01", "76.78"), (10_680, "30.80", "70.68")],
)
def test_table_2_from_whole_counts(accepted: int, agreement: str, rectified: str) -> None:
    found = table_2(accepted, FLIPPED)
    assert (found.n_flipped, found.n_adv_errors) == (34_675, 46_020)
    assert percent(1 - found.clean_error) == "77.31"
    assert percent(1 - found.adv_error) == "7.96"
    assert percent(found.accepted_share) == agreement
    assert percent(found.rectified_error) == rectified


@pytest.mark.parametrize(
    ("accepted", "agreement", "rectified", "wilson"),
    [(188, "22.01", "76.77", (19.4, 24.9)), (263, "30.80", "70.68", (27.8, 34.0))],
)
def test_table_2_from_854_images_extrapolated_to_all_flipped_ones(
    accepted: int, agreement: str, rectified: str, wilson: tuple[float, float]
) -> None:
    """Unrounded 188/854 gives 76.77 where the paper, from a rounded share, prints 76.78."""
    found = table_2(accepted, 854, unasked="extrapolate")
    assert percent(found.accepted_share) == agreement
    assert percent(found.rectified_error) == rectified
    own = proportion_ci(accepted, n=854)
    assert (round(100 * own.low, 1), round(100 * own.high, 1)) == wilson
    # The interval must hold what the 854 leave open, which is the larger part.
    assert found.ci.high - found.ci.low > 0.6935 * (own.high - own.low) * 0.98


def test_crediting_all_errors_gives_other_figures() -> None:
    """The 13.22 points accepted in Table 1 (6,610 images) as well: 63.56 and 57.46."""
    for accepted, expected in ((7_631, "63.56"), (10_680, "57.46")):
        clean = np.arange(50_000) < CLEAN_RIGHT
        yes = np.full(46_020, 0)
        yes[:accepted] = 5
        yes[FLIPPED : FLIPPED + 6_610] = 5
        question = np.arange(50_000) - ADV_RIGHT
        question[question < 0] = -1
        found = rectified_adversarial(
            clean,
            adv_correct=np.arange(50_000) < ADV_RIGHT,
            question=question,
            verdicts=verdicts_with(yes.tolist()),
            over="all_errors",
        )
        assert percent(found.rectified_error) == expected


def test_854_is_the_only_size_that_gives_both_printed_shares() -> None:
    sizes = [
        n
        for n in range(100, 1001)
        if all(percent(round(n * share) / n) == f"{100 * share:.2f}" for share in (0.2201, 0.3080))
    ]
    assert sizes == [854]


def test_it_is_json_with_the_base() -> None:
    data = json.loads(json.dumps(table_2(3, 5, over="all_errors").to_dict()))
    assert (data["rectified_over"], data["unasked"]) == ("all_errors", "error")
    assert (data["n_shown"], data["n_asked"], data["n_accepted"]) == (46_020, 5, 3)


@pytest.mark.slow
@given(panels(), rules(), st.data())
def test_its_parts_add_up(panel: Panel, rule: Rule, data: st.DataObject) -> None:
    row = st.tuples(st.booleans(), st.booleans(), st.integers(-1, panel.n_questions - 1))
    images = np.array(data.draw(st.lists(row, min_size=1, max_size=10)))
    decided = verdicts(panel.votes(), rule=rule)
    flipped, both = (
        rectified_adversarial(
            images[:, 0].astype(bool),
            adv_correct=images[:, 1].astype(bool),
            question=images[:, 2],
            verdicts=decided,
            over=over,
        )
        for over in ("flipped", "all_errors")
    )
    assert both.rectified_error <= flipped.rectified_error <= flipped.adv_error
    assert flipped.shown.n_accepted <= flipped.n_flipped <= flipped.n_adv_errors
    if flipped.accepted_share is not None:
        taken = flipped.accepted_share * flipped.n_flipped / len(images)
        assert flipped.rectified_error == pytest.approx(flipped.adv_error - taken)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"clean_correct": [], "adv_correct": [], "question": []}, ColumnError, "no images"),
        ({"adv_correct": [True, False]}, ColumnError, "Column adv_correct has 2 rows"),
        ({"question": [7]}, ColumnError, "Row 0 of column question holds 7"),
        ({"over": "flip"}, RuleError, "over='flip' is unknown; use one of flipped, all_errors"),
    ],
)
def test_bad_arguments_are_refused(
    changed: dict[str, Any], error: type[Exception], message: str
) -> None:
    columns: dict[str, Any] = {
        "clean_correct": [True],
        "adv_correct": [False],
        "question": [0],
        "verdicts": verdicts_with([5]),
    } | changed
    with pytest.raises(error, match=message):
        rectified_adversarial(columns["clean_correct"], **without_first(columns))
