from __future__ import annotations

import pytest

from studyapp.templatetags.report_numbers import (
    coefficient,
    percentage,
    share_of,
    thousands,
    unbroken,
)


def test_numbers() -> None:
    assert thousands(1234567) == "1,234,567"
    assert (percentage(0.12345), percentage(None)) == ("12.35 %", "–")
    assert (coefficient(0.4996), coefficient(None)) == ("0.500", "–")
    assert coefficient(-1e-17) == "0.000"


@pytest.mark.parametrize(
    ("part", "whole", "width"), [(1, 4, "0.2500"), (5, 4, "1.0000"), (0, 0, "0")]
)
def test_a_width_stays_within_its_bar(part: int, whole: int, width: str) -> None:
    assert share_of(part, whole) == width


def test_an_interval_stays_on_one_line() -> None:
    assert unbroken("on 9.47 % [9.22, 9.73]; 5 asked") == (
        "on 9.47\u00a0% [9.22,\u00a09.73]; 5 asked"
    )
