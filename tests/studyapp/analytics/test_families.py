from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from studyapp.analytics.errors import ColumnError
from studyapp.analytics.families import bh, holm, holm_known

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def test_by_hand() -> None:
    p = [0.04, 0.01, 0.03]
    assert holm(p).tolist() == pytest.approx([0.06, 0.03, 0.06])
    assert bh(p).tolist() == pytest.approx([0.04, 0.03, 0.04])


@pytest.mark.slow
@settings(max_examples=4)  # theirs takes a tenth of a second each
@given(p_values)
def test_statsmodels_agrees(p: list[float]) -> None:
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], atol=1e-12)
    np.testing.assert_allclose(bh(p), multipletests(p, method="fdr_bh")[1], atol=1e-12)


@given(p_values)
def test_adjusting_never_helps_and_holm_is_the_stricter(p: list[float]) -> None:
    assert (np.array(p) <= bh(p) + 1e-15).all()
    assert (bh(p) <= holm(p) + 1e-15).all()
    assert (holm(p) <= 1).all()


def test_no_test_at_all() -> None:
    assert holm([]).size == bh([]).size == 0
    assert holm_known([]) == []
    assert holm_known([0.04, None, 0.01]) == pytest.approx([0.04, None, 0.02])


@pytest.mark.parametrize("adjust", [holm, bh])
def test_what_is_no_p_value_is_refused(adjust: object) -> None:
    assert callable(adjust)
    with pytest.raises(ColumnError, match=r"Row 1 of column p holds 1\.5"):
        adjust([0.1, 1.5])
    with pytest.raises(ColumnError, match="Row 0 of column p holds nan"):
        adjust([math.nan])
