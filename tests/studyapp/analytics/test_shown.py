from __future__ import annotations

import numpy as np
import pytest

from studyapp.analytics import (
    ColumnError,
    Rule,
    RuleError,
    Verdicts,
    Votes,
    proportion_ci,
    verdicts,
)
from studyapp.analytics.shown import Shown, remaining_errors, shown_images
from tests.studyapp.analytics.panels_of_five import verdicts_with


def some() -> Shown:
    """Ten shown images, four not asked; of the six, 4 and 5 yes, 0, 1 and 3, and one undecided."""
    words = ["yyyyy", "yyyyn", "nnnnn", "ynnnn", "yyynn", "yyy"]
    rows = [(q, r, int(a == "y")) for q, word in enumerate(words) for r, a in enumerate(word)]
    columns = np.array(rows)
    votes = Votes.from_columns(columns[:, 0], rater=columns[:, 1], answer=columns[:, 2])
    question = np.array([-1, 0, 1, 2, -1, 3, 4, 5, -1, -1], dtype=np.int32)
    return shown_images(question, verdicts=verdicts(votes, rule=Rule()))


def test_by_hand() -> None:
    shown = some()
    assert (shown.n_shown, shown.n_asked, shown.n_unasked) == (10, 6, 4)
    assert (shown.n_accepted, shown.n_rejected, shown.n_undecided) == (2, 3, 1)
    assert shown.by_yes.tolist() == [1, 1, 0, 1, 1, 1]
    assert shown.by_yes_incomplete == 1
    assert shown.mean_yes_share == pytest.approx((1 + 0.8 + 0 + 0.2 + 0.6 + 1) / 6)
    assert shown.fields()["n_unasked"] == 4


def test_unasked_images_stay_errors() -> None:
    left = remaining_errors(
        some(), n_other=5, n_images=40, unasked="error", method="wilson", level=0.95
    )
    assert left.share == left.bound_high == 13 / 40
    assert left.bound_low == 12 / 40
    assert left.ci == proportion_ci(13, n=40)
    assert left.accepted_share == 2 / 10


def test_unasked_images_are_like_the_asked_ones() -> None:
    left = remaining_errors(
        some(), n_other=5, n_images=40, unasked="extrapolate", method="wilson", level=0.95
    )
    assert left.accepted_share == 2 / 6
    assert left.share == left.bound_high == pytest.approx((5 + 10 * (1 - 2 / 6)) / 40)
    assert left.bound_low == pytest.approx((5 + 10 * (1 - 3 / 6)) / 40)
    whole = proportion_ci(round(40 * left.share), n=40)
    assert left.ci.high - left.ci.low > whole.high - whole.low


@pytest.mark.parametrize("method", ["wilson", "clopper_pearson", "jeffreys"])
def test_both_codings_are_equal_where_all_were_asked(method: str) -> None:
    question = np.arange(6, dtype=np.int32)
    shown = shown_images(question, verdicts=verdicts_with([5, 4, 4, 3, 2, 0]))
    both = [
        remaining_errors(shown, n_other=1, n_images=20, unasked=word, method=method, level=0.9)
        for word in ("error", "extrapolate")
    ]
    assert both[0] == both[1]
    assert both[0].ci == proportion_ci(4, n=20, method=method, level=0.9)


def test_nothing_shown() -> None:
    shown = shown_images(np.zeros(0, dtype=np.int32), verdicts=verdicts_with([5]))
    left = remaining_errors(
        shown, n_other=0, n_images=9, unasked="extrapolate", method="wilson", level=0.95
    )
    assert (left.share, left.accepted_share, shown.mean_yes_share) == (0, None, None)


def none_asked() -> tuple[Shown, Verdicts]:
    decided = verdicts_with([5])
    return shown_images(np.array([-1, -1], dtype=np.int32), verdicts=decided), decided


def test_what_cannot_be_extrapolated_is_refused() -> None:
    shown, _ = none_asked()
    with pytest.raises(ColumnError, match="None of the 2 images to show was asked"):
        remaining_errors(
            shown, n_other=0, n_images=9, unasked="extrapolate", method="wilson", level=0.95
        )


def test_another_coding_is_refused() -> None:
    shown, _ = none_asked()
    with pytest.raises(RuleError, match="use one of error, extrapolate"):
        remaining_errors(
            shown, n_other=0, n_images=9, unasked="design", method="wilson", level=0.95
        )
