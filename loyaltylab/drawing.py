"""How figures are drawn and saved: one look, no clock, and the widths of a journal column, a page and a slide."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import combinations
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

__all__ = ["FAINT", "INK", "MIN_POINTS", "PAPER", "WIDTHS", "laid_out", "saved", "sized", "theme", "too_tight"]

INK, FAINT, PAPER = "#222222", "#767676", "#FFFFFF"
#: Inches of one column (85 mm), two columns (180 mm) and a slide (16:9; its letters grow with the screen).
WIDTHS: dict[str, float] = {"one": 85 / 25.4, "two": 180 / 25.4, "slide": 64 / 9}
#: No letter is printed smaller.
MIN_POINTS = 7
_SLIDE_HEIGHT = 4.0


def theme(points: float = 10) -> AbstractContextManager[None]:
    """The settings every figure is drawn with, its letters of so many points; nothing global changes."""
    import matplotlib

    return matplotlib.rc_context(
        {
            **matplotlib.rcParamsDefault,
            "backend": matplotlib.get_backend(),
            "font.size": points,
            "axes.titlesize": points,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelcolor": INK,
            "axes.edgecolor": FAINT,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "xtick.color": INK,
            "ytick.color": INK,
            "text.color": INK,
            "figure.facecolor": PAPER,
            "hatch.linewidth": 0.7,
            "legend.frameon": False,
            "pdf.fonttype": 42,
            "svg.fonttype": "path",
            "svg.hashsalt": "loyaltylab",
            "savefig.dpi": 300,
        }
    )


def sized(size: tuple[float, float], width: str = "") -> tuple[float, float]:
    """Inches of a figure that asks for `size` in the report, at one of the `WIDTHS`.

    >>> sized((5.6, 3.2), "slide"), sized((5.6, 4.5), "slide")
    ((7.111111111111111, 4.0), (8.0, 4.5))
    """
    if not width:
        return size
    if width == "slide":
        height = max(_SLIDE_HEIGHT, size[1])
        return height * 16 / 9, height
    return WIDTHS[width], size[1]


def laid_out(draw: Callable[[Figure], Any], size: tuple[float, float]) -> Figure:
    """The figure drawn at this size, with labels and legends folded where they would not fit."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    draw(figure)
    _fold(figure)
    return figure


def _fold(figure: Figure) -> None:
    """Legends in fewer columns and labels in more lines, until the figure is wide enough for them."""
    import matplotlib

    room = figure.get_figwidth() * 72
    for legend in list(figure.legends):
        columns = len(legend.get_texts())
        while columns > 1 and legend.get_window_extent().width * 72 / figure.dpi > room * 0.98:
            columns = min(columns, legend._ncols) - 1
            legend = _in_columns(figure, legend, columns)
    letters = room / (matplotlib.rcParams["font.size"] * 0.52)
    for axes in figure.axes:
        axes.set_xlabel(_folded(axes.get_xlabel(), int(letters * 0.68)))
        names = [label.get_text() for label in axes.get_yticklabels()]
        folded = [_folded(name, max(17, int(letters * 0.25))) for name in names]
        if room < 300 and folded != names and not any(label.get_rotation() for label in axes.get_yticklabels()):
            axes.set_yticks(axes.get_yticks(), folded)


def _folded(text: str, letters: int) -> str:
    """Lines of about so many letters; words and brackets, as in "(n = 342)", stay whole."""
    whole = re.sub(r"\([^)]*\)", lambda found: found[0].replace(" ", "\u00a0"), text)
    return "\n".join(textwrap.fill(line, letters, break_long_words=False) for line in whole.split("\n"))


def _in_columns(figure: Figure, legend: Legend, columns: int) -> Legend:
    """The same legend above the axes in so many columns."""
    look = {name: getattr(legend, name) for name in ("handlelength", "handletextpad", "columnspacing")}
    names = [text.get_text() for text in legend.get_texts()]
    legend.remove()
    return figure.legend(legend.legend_handles, names, loc="outside upper left", ncols=columns, **look)


def too_tight(figure: Figure) -> str:
    """Why a figure cannot be printed at its size: letters that are cut, touch or are too small; empty if it can."""
    from matplotlib.text import Text

    figure.draw_without_rendering()
    hidden = _outside(figure)
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in hidden]
    boxes = [(t, t.get_window_extent()) for t in texts]
    for text, box in boxes:
        if box.x0 < -1 or box.y0 < -1 or box.x1 > figure.bbox.x1 + 1 or box.y1 > figure.bbox.y1 + 1:
            return f"'{text.get_text()}' is cut"
        if text.get_fontsize() < MIN_POINTS:
            return f"'{text.get_text()}' is set in {text.get_fontsize():g} points"
    upright = [(t, box) for t, box in boxes if t.get_rotation() % 90 == 0]
    for (a, first), (b, second) in combinations(upright, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        along = min(first.y1, second.y1) - max(first.y0, second.y0)
        if across > 1 and along > 2:
            return f"'{a.get_text()}' and '{b.get_text()}' touch"
    return ""


def _outside(figure: Figure) -> set[Artist]:
    """Tick labels that are not on paper: beyond the range of their axis, or on its far side."""
    hidden: set[Artist] = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                hidden |= {tick.label2} if low - 1e-9 <= tick.get_loc() <= high + 1e-9 else {tick.label1, tick.label2}
    return hidden


def saved(figure: Figure, suffix: str, facts: dict[str, str]) -> bytes:
    """The figure as svg, pdf or png with facts about it inside, without a clock or a random id.

    `facts` has Title, Description, Source, Identifier, Language and Creator; each format holds those it has room for.
    """
    if suffix == "svg":
        metadata: dict[str, Any] = {**facts, "Date": None}
    elif suffix == "pdf":
        known = {"Title": "Title", "Description": "Subject", "Creator": "Creator"}
        metadata = {name: facts[key] for key, name in known.items()}
        metadata |= {"Keywords": "; ".join(filter(None, (facts["Source"], facts.get("Identifier"))))}
        metadata |= {"Author": "loyaltylab", "Producer": None, "CreationDate": None}
    else:
        metadata = {**facts, "Software": None}
    buffer = io.BytesIO()
    figure.savefig(buffer, format=suffix, metadata=metadata)
    return buffer.getvalue()
