from __future__ import annotations

import io
import threading
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

from studyapp.figures import (
    NARROW,
    WIDE,
    AcceptCurve,
    ChoiceMark,
    DesignLine,
    ErrorRow,
    RaterDot,
    YesRow,
    accept_figure,
    accept_text,
    as_file,
    as_svg,
    choices_figure,
    choices_text,
    design_figure,
    design_text,
    error_figure,
    error_text,
    rater_figure,
    rater_text,
    yes_figure,
    yes_text,
)
from studyapp.figures.canvas import COLOURS
from studyapp.figures.errors import EDGE

HOSTILE = '<script>alert("1")</script> $\\frac{1}{0}$ #17202b id="x"'
ERRORS = [
    ErrorRow("resnet", 0.2436, 0.2123, 0.2012, 0.2239, 0.20, 0.2123),
    ErrorRow(HOSTILE, 0.5548, 0.5397, 0.525, 0.553, 0.5397, 0.5397),
]
YES = [YesRow("resnet", (400, 200, 150, 81, 72, 83)), YesRow(HOSTILE, (0, 0, 0, 0, 0, 1))]

CHOICES = [
    ChoiceMark("As in this report", 0.21, 0.20, 0.22, planned=True),
    ChoiceMark(f"resnet {HOSTILE}", 0.24, 0.235, 0.25),
]
CURVES = [
    AcceptCurve("resnet", ((1, 0.1, 0.09, 0.11), (2, 0.12, 0.11, 0.13), (3, 0.2, 0.19, 0.21))),
    AcceptCurve(HOSTILE, ((1, 0.12, 0.11, 0.13), (2, 0.14, 0.13, 0.15), (3, 0.2, 0.19, 0.21))),
]
DOTS = [
    RaterDot("r1", 2.5, 0.9, 400, flagged=False),
    RaterDot("resnet", 0.4, 0.55, 40, flagged=True),
    RaterDot(HOSTILE, 12.0, 0.7, 4, flagged=True),
]
LINES = [
    DesignLine("resnet", ((10, 0.05), (500, 0.02), (1000, 0.01)), strong=True),
    DesignLine(HOSTILE, ((10, 0.05), (500, 0.019), (1000, 0.009))),
]


def drawings() -> dict[str, Figure]:
    return {
        "errors-wide": error_figure(ERRORS),
        "errors-narrow": error_figure(ERRORS, width=NARROW),
        "yes-wide": yes_figure(YES, accept_at=4),
        "yes-narrow": yes_figure(YES, accept_at=4, width=NARROW),
        "choices-wide": choices_figure(CHOICES),
        "choices-narrow": choices_figure(CHOICES, width=NARROW),
        "curve-wide": accept_figure(CURVES, accept_at=2),
        "curve-narrow": accept_figure(CURVES, accept_at=2, width=NARROW),
        "raters-wide": rater_figure(DOTS),
        "raters-narrow": rater_figure(DOTS, width=NARROW),
        "design-wide": design_figure(LINES, wanted=0.02, asked=500),
        "design-narrow": design_figure(LINES, wanted=0.02, asked=500, width=NARROW),
    }


@pytest.mark.parametrize("name", drawings())
def test_svg_is_sound_and_takes_its_colours_from_the_page(name: str) -> None:
    svg = as_svg(drawings()[name], name=name, text=f'Said "{HOSTILE}"')
    root = ET.fromstring(svg)  # noqa: S314 - our own
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(str(identity).startswith(name) for identity in ids)
    assert root.get("aria-label") == f'Said "{HOSTILE}"'
    styles = " ".join(element.get("style", "") for element in root.iter())
    assert "var(--accepted)" in styles
    assert "#" not in styles.replace("url(#", "")
    assert not [e for e in root.iter() if e.tag.endswith(("}style", "}script", "}metadata"))]
    texts = [element.text or "" for element in root.iter() if element.tag.endswith("}text")]
    assert any("resnet" in text for text in texts)
    assert "DejaVu" not in svg


@pytest.mark.parametrize("name", drawings())
def test_nothing_lies_outside_the_drawing(name: str) -> None:
    figure = drawings()[name]
    figure.draw_without_rendering()
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert box.x0 >= -1, text.get_text()
        assert box.x1 <= figure.bbox.width + 1, text.get_text()


def test_equal_figures_are_equal_bytes_even_in_threads() -> None:
    expected = as_svg(error_figure(ERRORS), name="e", text="")
    found: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(as_svg(error_figure(ERRORS), name="e", text=""))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_dots_lie_where_the_numbers_say() -> None:
    axes = error_figure(ERRORS).axes[0]
    dots = {
        (round(float(np.asarray(line.get_xdata())[0]), 3), line.get_markersize())
        for line in axes.lines
        if line.get_marker() == "o"
    }
    scale = (WIDE - 2 * EDGE) / 0.6
    assert dots == {
        (round(EDGE + scale * share, 3), size)
        for row in ERRORS
        for share, size in ((row.error, 9), (row.rectified, 10))
    }


def test_bars_are_as_long_as_their_shares_and_green_from_the_line_of_acceptance() -> None:
    drawn = yes_figure(YES[:1], accept_at=4).axes[0].patches
    patches = [patch for patch in drawn if isinstance(patch, Rectangle)]
    widths = [patch.get_width() / (WIDE - 4) for patch in patches]
    assert widths == pytest.approx([count / 986 for count in YES[0].by_yes])
    green = [to_hex(patch.get_facecolor()) == COLOURS["accepted"] for patch in patches]
    assert green == [False] * 4 + [True] * 2


@pytest.mark.parametrize("accept_at", [1, 5])
def test_a_rule_at_either_end_is_drawn(accept_at: int) -> None:
    assert len(yes_figure(YES[:1], accept_at=accept_at).axes[0].patches) == 6


def test_pdf_and_png() -> None:
    assert as_file(error_figure(ERRORS), file_format="pdf", text="Errors").startswith(b"%PDF")
    png = as_file(yes_figure(YES, accept_at=4), file_format="png", text="Votes")
    image = Image.open(io.BytesIO(png))
    assert image.width == pytest.approx(WIDE / 72 * 300, abs=2)
    assert as_file(error_figure(ERRORS), file_format="pdf", text="E") == as_file(
        error_figure(ERRORS), file_format="pdf", text="E"
    )


def test_words_hold_every_number() -> None:
    assert "resnet: 24.36 % standard, 21.23 % rectified" in error_text(ERRORS)
    assert "interval 20.12 to 22.39 %, bounds 20.00 to 21.23 %" in error_text(ERRORS)
    assert "5 yes 83 (8.4%)" in yes_text(YES)


def test_what_is_not_decided_is_no_finding() -> None:
    row = replace(ERRORS[0], rectified=ERRORS[0].error, decided=False)
    assert "resnet: 24.36 % standard, no verdicts yet, interval" in error_text([row])
    for width in (WIDE, NARROW):
        axes = error_figure([row], width=width).axes[0]
        assert "24.36 %, no verdicts yet" in [text.get_text() for text in axes.texts]
        assert COLOURS["accepted"] not in {to_hex(line.get_color()) for line in axes.lines}


def test_a_small_error_and_a_wide_interval_fit() -> None:
    rows = [ErrorRow("tiny", 0.0, 0.0, 0.0, 0.9, 0.0, 0.0)]
    figure = error_figure(rows)
    ends = [float(np.max(np.asarray(line.get_xdata()))) for line in figure.axes[0].lines]
    assert max(ends) <= WIDE


def test_the_line_of_the_plan_runs_down_from_its_dot() -> None:
    lines = choices_figure(CHOICES).axes[0].lines
    (dot,) = [line for line in lines if line.get_marker() == "o" and _is_green(line)]
    dashed = [line for line in lines if line.get_linestyle() == "--"]
    assert len(dashed) == len(CHOICES)
    assert {float(np.asarray(line.get_xdata())[0]) for line in dashed} == {
        float(np.asarray(dot.get_xdata())[0])
    }


def test_models_with_the_same_end_have_labels_apart() -> None:
    texts = accept_figure(CURVES, accept_at=2).axes[0].texts
    heights = [text.get_position()[1] for text in texts if text.get_position()[0] > 392]
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) >= 12


def test_choices_and_curves_in_words() -> None:
    assert "As in this report: 21.00 %, interval 20.00 to 22.00 %." in choices_text(
        CHOICES, model="resnet"
    )
    assert "resnet: 10.00 % at 1 yes, 12.00 % at 2 yes, 20.00 % at 3 yes." in accept_text(CURVES)


def test_raters_lie_where_their_time_and_agreement_say() -> None:
    marks = {
        line.get_marker(): [float(np.asarray(part)[0]) for part in line.get_data()]
        for line in rater_figure(DOTS[:2]).axes[0].lines
        if line.get_marker() in ("o", "D")
    }
    # From 0.4 to 2.5 seconds the scale has its whole width, upwards from 50 %.
    assert marks["D"][0] == pytest.approx(46 + 12)
    assert marks["o"][0] == pytest.approx(WIDE - 18 - 12)
    assert marks["o"][1] == pytest.approx(14 + 270 * (1 - 0.9) / 0.5)
    assert marks["D"][1] == pytest.approx(14 + 270 * (1 - 0.55) / 0.5)


def test_raters_in_words_and_without_any() -> None:
    assert "3 raters: agreement with the others from 55 to 90 %" in rater_text(DOTS)
    assert "from 0.4 to 12.0 seconds; 2 of them flagged" in rater_text(DOTS)
    assert rater_text([]).startswith("No rater")
    alone = rater_figure([RaterDot("r", 3.0, 1.0, 1, flagged=False)], width=NARROW)
    assert [line for line in alone.axes[0].lines if line.get_marker() == "o"]


def test_a_design_marks_what_is_wanted_and_asked() -> None:
    lines = design_figure(LINES, wanted=0.02, asked=500).axes[0].lines
    right = WIDE * 0.74
    (wanted,) = [line for line in lines if line.get_linestyle() == "--"]
    assert float(np.asarray(wanted.get_ydata())[0]) == pytest.approx(16 + 270 * (1 - 0.02 / 0.05))
    upright = [np.asarray(line.get_xdata()) for line in lines]
    assert any(x[0] == x[-1] == pytest.approx(46 + (right - 46) / 2) for x in upright)
    told = design_text(LINES, wanted=0.02, asked=500)
    assert "Wanted: ± 2 points; to be asked: 500." in told
    assert "resnet: ± 5.00 points with 10 asked, ± 1.00 with 1,000." in told


def _is_green(line: Line2D) -> bool:
    return to_hex(line.get_color()) == COLOURS["accepted"]
