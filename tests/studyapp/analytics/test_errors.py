from __future__ import annotations

import pytest

from studyapp.analytics import AnalyticsError, ColumnError, RuleError


@pytest.mark.parametrize("family", [ColumnError, RuleError])
def test_one_base_catches_all_and_is_a_value_error(family: type[AnalyticsError]) -> None:
    assert issubclass(family, AnalyticsError)
    assert issubclass(family, ValueError)
