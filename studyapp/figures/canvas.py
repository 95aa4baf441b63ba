"""What figures share: the page's colours, one size of text, and how they become SVG, PDF or PNG.

Figures are drawn with matplotlib's objects and never with pyplot, which keeps global state that
two requests would share. The few global settings needed are set once, where it is loaded; and it is
loaded by the first drawing, for it takes longer to load than most commands take to run.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Colours of the light page, by the name of its custom property. Files carry these; inline SVG
#: carries the names, and so follows the reader's light or dark page.
COLOURS = {
    "paper": "#ffffff",
    "paper-2": "#f4f6f9",
    "line": "#cfd6df",
    "ink": "#17202b",
    "ink-2": "#4d5a69",
    "action": "#1f5fbf",
    "accepted": "#0b6e4f",
    "rejected": "#a8321e",
    "undecided": "#66717e",
}
TEXT = 12
WIDE, NARROW = 560, 300
#: The shortest width of a letter to reckon with, in text sizes.
LETTER = 0.62

FileFormat = Literal["pdf", "png"]


def new_figure(width: int, height: float) -> tuple[Figure, Axes]:
    """A figure of this many CSS pixels, and axes that fill it but for nothing."""
    figure = _figure_class()(figsize=(width / 72, height / 72), dpi=72)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    return figure, axes


@cache
def _figure_class() -> type[Figure]:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update(
        {
            "svg.fonttype": "none",  # text stays text: to be read aloud, searched and recoloured
            "svg.hashsalt": "quorum",  # equal figures are equal bytes
            "pdf.fonttype": 42,
            "text.parse_math": False,  # a model's name may hold a dollar sign
            "font.family": ["DejaVu Sans"],
        }
    )
    return Figure


def shortened(text: str, *, width: float) -> str:
    """The text, cut with an ellipsis where it would be wider than `width` pixels."""
    room = max(4, int(width / (TEXT * LETTER)))
    return text if len(text) <= room else text[: room - 1] + "…"


def scale_marks(
    axes: Axes,
    *,
    marks: Sequence[tuple[float, str]],
    bottom: float,
    spans: Sequence[tuple[float, float]] = (),
) -> None:
    """Values of the scale at `bottom`, and quiet lines above them over each span of heights."""
    right = axes.get_xlim()[1]
    for x, label in marks:
        for low, high in (*spans, (bottom, bottom + 4)):
            axes.plot([x, x], [low, high], color=COLOURS["line"], linewidth=1, zorder=0)
        end = "left" if x < TEXT else "right" if x > right - TEXT else "center"
        axes.text(x, bottom + 8, label, color=COLOURS["ink-2"], fontsize=TEXT - 1, ha=end, va="top")


def as_svg(figure: Figure, *, name: str, text: str) -> str:
    """SVG to stand in a page: `text` is its alternative, `name` keeps its ids apart.

    Links in it are for the pointer: to keyboards and screen readers the figure is one image, and
    the table beside it has the same links.
    """
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    svg = out.getvalue()
    # matplotlib's own style sheet would hold for the whole page.
    for unwanted in ("metadata", "style"):
        svg = re.sub(rf"<{unwanted}\b.*?</{unwanted}>", "", svg, flags=re.DOTALL)
    start = svg.index("<svg")
    box = re.search(r'viewBox="[\d. -]+"', svg)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{box[0] if box else ""} role="img" aria-label="{escape(text)}">'
    )
    body = svg[svg.index(">", start) + 1 :]
    return opening + re.sub(r"<[^>]+>", lambda tag: _for_page(tag[0], name), body)


def _for_page(tag: str, name: str) -> str:
    """A tag with ids of its own, the page's colours and the page's letters."""
    tag = re.sub(r'\bid="', f'id="{name}-', tag)
    tag = re.sub(r"^<a ", '<a tabindex="-1" ', tag)
    tag = re.sub(r'(url\(#|xlink:href="#)', rf"\g<1>{name}-", tag)
    tag = re.sub(r'font-family: [^;"]*', "font-family: inherit", tag)
    for variable, colour in COLOURS.items():
        tag = tag.replace(colour, f"var(--{variable})")
    return tag


def as_file(figure: Figure, *, file_format: FileFormat, text: str) -> bytes:
    """The same figure for a paper: PDF with text as text, or PNG at 300 dots per inch."""
    out = io.BytesIO()
    about = (
        {"Title": text, "CreationDate": None, "Producer": None, "Creator": "Quorum"}
        if file_format == "pdf"
        else {"Description": text, "Software": "Quorum"}
    )
    figure.savefig(out, format=file_format, dpi=300, facecolor=COLOURS["paper"], metadata=about)
    return out.getvalue()
