from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW

from studyapp.analytics.equivalence import tost
from studyapp.analytics.errors import RuleError


def test_by_hand() -> None:
    """0.01 with se 0.01 inside -+0.03: z of 4 and 2, p the larger tail 0.02275."""
    found = tost(0.01, se=0.01, margin=0.03)
    assert found.p_high == pytest.approx(0.0227501, abs=1e-7)
    assert found.p_low == pytest.approx(3.16712e-5, abs=1e-9)
    assert (found.p, found.equivalent) == (found.p_high, True)
    assert found.low == pytest.approx(0.01 - 0.0164485, abs=1e-6)
    assert found.high == pytest.approx(0.01 + 0.0164485, abs=1e-6)
    assert not tost(0.02, se=0.01, margin=0.03).equivalent
    assert json.loads(json.dumps(found.to_dict()))["df"] is None


@pytest.mark.slow
@given(st.lists(st.floats(-3, 3), min_size=3, max_size=30), st.floats(0.1, 2))
def test_statsmodels_agrees_with_t(values: list[float], margin: float) -> None:
    column = np.array(values)
    se = column.std(ddof=1) / math.sqrt(column.size)
    if se < 1e-9:
        return
    found = tost(float(column.mean()), se=float(se), margin=margin, df=column.size - 1)
    p, low, high = DescrStatsW(column).ttost_mean(-margin, margin)
    assert found.p == pytest.approx(p, abs=1e-12)
    assert found.p_low == pytest.approx(low[1], abs=1e-12)
    assert found.p_high == pytest.approx(high[1], abs=1e-12)


@given(
    st.floats(-1, 1),
    st.floats(0.001, 1),
    st.floats(0.01, 1),
    st.none() | st.integers(1, 50),
    st.floats(0.01, 0.2),
)
def test_equivalent_is_an_interval_inside_the_margins(
    estimate: float, se: float, margin: float, df: int | None, alpha: float
) -> None:
    found = tost(estimate, se=se, margin=margin, df=df, alpha=alpha)
    inside = min(found.low + margin, margin - found.high)
    if abs(inside) > 1e-9:
        assert found.equivalent == (inside > 0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"se": 0}, "se=0 is not possible"),
        ({"margin": -1}, "margin=-1 is not possible"),
        ({"estimate": math.nan}, "estimate=nan"),
        ({"df": 0}, "df=0"),
        ({"alpha": 0.5}, "alpha=0.5"),
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, float], message: str) -> None:
    options = {"estimate": 0.0, "se": 0.1, "margin": 0.2} | wrong
    with pytest.raises(RuleError, match=message):
        tost(options.pop("estimate"), **options)
