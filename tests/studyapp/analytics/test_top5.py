from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.analytics import ColumnError, RuleError, proportion_ci, verdicts
from studyapp.analytics.top5 import RectifiedTop5, rectified_top5
from tests.studyapp.analytics.panels_of_five import verdicts_with
from tests.studyapp.analytics.strategies import Panel, panels, rules


def percent(share: float | None) -> str:
    assert share is not None
    return f"{100 * share:.2f}"


def small(protocol: str, **words: Any) -> RectifiedTop5:
    """Right; listed and accepted; listed and rejected; absent: accepted, rejected, not asked."""
    return rectified_top5(
        [0, 1, 4, 5, 6, 999],
        question5=[0, 0, 1, 2, 3, -1],
        verdicts5=verdicts_with([5, 2, 4, 0]),
        protocol=protocol,
        **words,
    )


def test_by_hand() -> None:
    a, b = small("A"), small("B", form="five")
    assert (a.n_images, a.n_top1_errors, a.n_top5_errors) == (6, 5, 3)
    assert (a.shown.n_shown, a.shown.n_asked, a.shown.n_accepted) == (5, 4, 2)
    assert (b.shown.n_shown, b.shown.n_asked, b.shown.n_accepted) == (3, 2, 1)
    assert (a.top5_error, b.top5_error) == (0.5, 0.5)
    assert (a.rectified_top5_error, b.rectified_top5_error) == (3 / 6, 2 / 6)
    assert a.ci == proportion_ci(3, n=6)
    assert (a.n_listed_asked, a.n_listed_rejected) == (2, 1)
    assert (b.n_listed_asked, b.n_listed_rejected) == (0, 0)
    assert (a.accepted_share, b.accepted_share) == (2 / 5, 1 / 3)
    assert (a.form, b.form) == ("list", "five")
    assert small("A", unasked="extrapolate").rectified_top5_error == pytest.approx(2.5 / 6)


def test_it_is_json_with_the_protocol_and_the_form() -> None:
    data = json.loads(json.dumps(small("B").to_dict()))
    assert (data["protocol"], data["form"], data["unasked"]) == ("B", "list", "error")
    assert (data["n_shown"], data["n_unasked"], data["rule"]["k"]) == (3, 1, 4)
    assert data["by_yes"] == [1, 0, 0, 0, 1, 0]


def resnet_101() -> dict[str, RectifiedTop5]:
    """3,220 of 11,345 errors have the class nowhere; 285 of the other 8,125 were rejected."""
    accepted = np.zeros(11_345, dtype=bool)
    accepted[: 3_220 - 685] = True
    accepted[3_220 : 11_345 - 285] = True
    rank = np.zeros(50_000, dtype=np.int16)
    rank[:3_220] = 5
    rank[3_220:11_345] = 1 + np.arange(8_125) % 4
    question = np.full(50_000, -1)
    question[:11_345] = np.arange(11_345)
    decided = verdicts_with(np.where(accepted, 4, 1).tolist())
    return {
        protocol: rectified_top5(rank, question5=question, verdicts5=decided, protocol=protocol)
        for protocol in ("A", "B")
    }


def test_the_two_printed_errors_of_resnet_101_from_whole_counts() -> None:
    """Section 3.1: top-5 error 6.44, rectified 1.94 by the one protocol, 1.37 by the other."""
    found = resnet_101()
    a, b = found["A"], found["B"]
    assert [percent(one.top5_error) for one in (a, b)] == ["6.44", "6.44"]
    assert [percent(one.rectified_top5_error) for one in (a, b)] == ["1.94", "1.37"]
    assert (a.shown.n_shown, a.shown.n_accepted) == (11_345, 10_375)
    assert (b.shown.n_shown, b.shown.n_accepted) == (3_220, 2_535)
    assert [percent(one.accepted_share) for one in (a, b)] == ["91.45", "78.73"]
    assert (a.n_listed_asked, a.n_listed_rejected) == (8_125, 285)
    assert percent(a.n_listed_rejected / a.n_listed_asked) == "3.51"


@pytest.mark.slow
@given(panels(), rules(), st.data())
def test_protocol_a_leaves_at_least_as_many_errors_as_b(
    panel: Panel, rule: Any, data: st.DataObject
) -> None:
    asked = st.integers(-1, panel.n_questions - 1)
    images = data.draw(st.lists(st.tuples(st.integers(0, 7), asked), min_size=1, max_size=10))
    decided = verdicts(panel.votes(), rule=rule)
    a, b = (
        rectified_top5(
            [rank for rank, _ in images],
            question5=[question for _, question in images],
            verdicts5=decided,
            protocol=protocol,
        )
        for protocol in ("A", "B")
    )
    assert b.rectified_top5_error <= a.rectified_top5_error
    assert b.rectified_top5_error <= b.top5_error == a.top5_error
    for found in (a, b):
        assert found.bound_low <= found.rectified_top5_error <= found.ci.high
    # What A leaves more: images whose class was listed and that were not accepted.
    more = round((a.rectified_top5_error - b.rectified_top5_error) * len(images))
    unsettled = a.shown.n_undecided + a.shown.n_unasked
    assert a.n_listed_rejected <= more <= a.n_listed_rejected + unsettled


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"rank_of_truth": []}, ColumnError, "There are no images"),
        ({"rank_of_truth": [-1]}, ColumnError, "Row 0 of column rank_of_truth holds -1"),
        ({"question5": [3]}, ColumnError, "Row 0 of column question5 holds 3"),
        ({"protocol": "C"}, RuleError, "protocol='C' is unknown; use one of A, B"),
        ({"form": "six"}, RuleError, "form='six' is unknown"),
        ({"unasked": "design"}, RuleError, "unasked='design' is unknown"),
    ],
)
def test_bad_arguments_are_refused(
    columns: dict[str, Any], error: type[Exception], message: str
) -> None:
    given_: dict[str, Any] = {
        "rank_of_truth": [5],
        "question5": [0],
        "verdicts5": verdicts_with([5]),
    } | columns
    with pytest.raises(error, match=message):
        rectified_top5(given_.pop("rank_of_truth"), **given_)
