"""Groups of items set against each other, written out. Shared by the types that code pictures."""

from __future__ import annotations

from studyapp.analytics import Contrast
from studyapp.analytics.versus import Versus

VERSUS_COLUMNS = """
    label string What is shown or given
    first string A group of images
    second string Another one
    n_first integer Images of the first that are tested
    n_first_with integer Those of them with it
    n_second integer Images of the second that are tested
    n_second_with integer Those of them with it
    n_shared integer Images of both: of sets, tested in the first alone; of models, in neither
    difference number Share in the first less share in the second
    ci_low number Lower end of its interval (Newcombe, 95 %)
    ci_high number Upper end of it
    p number Of Fisher's exact test, two-sided
    p_holm number The same adjusted over all tests of the table
"""


def p_words(p: float | None) -> str:
    """A p value as a page prints it."""
    if p is None:
        return "–"
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}"


def versus_words(versus: Versus) -> tuple[str, ...]:
    """The row of a table of such differences."""
    contrast = versus.contrast
    return (
        versus.label,
        f"{versus.first} less {versus.second}",
        f"{contrast.n['n1']:,} and {contrast.n['n2']:,}",
        f"{versus.n_shared:,}",
        *difference_words(contrast),
        p_words(contrast.p),
        p_words(versus.p_holm),
    )


def difference_words(contrast: Contrast) -> tuple[str, str]:
    """The difference in points, and its interval."""
    ends = (
        f"[{100 * contrast.low:+.2f}, {100 * contrast.high:+.2f}]"
        if contrast.low is not None and contrast.high is not None
        else "–"
    )
    return f"{100 * contrast.estimate:+.2f} points", ends
