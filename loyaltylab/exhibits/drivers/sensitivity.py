"""The figure of a `Sensitivity`: shares against the inter-correlation that a source leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import ModelError, listed, pd, tr
from ...drivers import Sensitivity
from ..exhibit import COLOURS, Exhibit, Printer
from ..parts import PHRASES, WIDTH, method_text
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Looks = dict[str, tuple[str, str, Any]]

_MORE_LOOKS = [
    ("#222222", "h"),
    ("#7A7A7A", "v"),
    ("#3C7D5A", "P"),
    ("#9C6FB0", "X"),
    ("#6FA3D0", "s"),
    ("#C9A227", "D"),
]
_DASHES = ["-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)), (0, (1, 1)), (0, (9, 3))]

SENSITIVITY = {
    "robust": tr("{first} is first in every case found."),
    "depends": tr("Which is first then depends on those correlations."),
}


@draws(Sensitivity)
def plot_sensitivity(result: Sensitivity, *, printer: Printer) -> Exhibit:
    """Share of each driver against one assumed inter-correlation; what no data can have is shaded.

    Raises
    ------
    ModelError
        Where the drivers cannot all correlate alike, so that there is no curve to draw.
    """
    if not len(result.common):
        raise ModelError(
            f"{listed(result.names)} cannot all correlate alike given these correlations with {result.outcome}, so there "
            "is no curve to draw; reverse a driver that runs the other way, or print result.tidy()."
        )
    data = result.curve()
    looks = _line_looks(result.names)

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        left = min(0.0, np.floor(10 * result.common_low) / 10)
        for term, rows in data.groupby("term", sort=False):
            colour, marker, dashes = looks[str(term)]
            every = max(1, len(rows) // 6)
            ax.plot(rows["assumed"], rows["share"], color=colour, linestyle=dashes, linewidth=2)
            ax.plot(
                rows["assumed"][every // 2 :: every],
                rows["share"][every // 2 :: every],
                marker,
                color=colour,
                markeredgecolor=INK,
                markersize=6,
            )
        ax.set(xlim=(left, 1), ylim=(min(0.0, data["share"].min() * 1.15), data["share"].max() * 1.15))
        free = _widest_gap([*ax.get_ylim(), *result.common_shares[-1]])
        for edges in ((left, result.common_low), (result.common_high, 1.0)):
            _shade_impossible(ax, *edges, free, printer)
        ax.set(
            xlabel=printer.tr("Assumed correlation between every two drivers"), ylabel=printer.text(PHRASES["share"])
        )
        ax.xaxis.set_major_formatter(printer.ticks(".1f"))
        ax.yaxis.set_major_formatter(printer.ticks(".0%"))
        _label_lines(ax, result, data, looks, printer)
        if result.common_range:
            _mark_range(ax, result.common_range, printer)
        return ax

    return printer.figure(
        data,
        result.provenance,
        draw,
        (WIDTH, 3.6),
        caption=_sensitivity_caption(result, printer),
        alt=_sensitivity_alt(result, printer),
    )


def _line_looks(names: tuple[str, ...]) -> Looks:
    """Colour, marker and dashes of each driver; a driver named as a block looks like that block."""
    own = {name: (COLOURS[name][0], COLOURS[name][2]) for name in names if name in COLOURS}
    taken = {marker for _, marker in own.values()}
    more = iter(style for style in _MORE_LOOKS if style[1] not in taken)
    return {name: (*(own.get(name) or next(more)), dashes) for name, dashes in zip(names, _DASHES, strict=False)}


def _widest_gap(heights: Iterable[float]) -> float:
    """Where a word has most room between lines at these heights."""
    ordered = np.sort(np.array(list(heights)))
    at = np.diff(ordered).argmax()
    return float(ordered[at] + ordered[at + 1]) / 2


def _shade_impossible(ax: Axes, start: float, end: float, height: float, printer: Printer) -> None:
    if end - start <= 0:
        return
    ax.axvspan(start, end, facecolor="#EFEFEF", edgecolor="#C4C4C4", hatch="///", linewidth=0, zorder=0)
    if end - start > 0.035:
        ax.text(
            (start + end) / 2,
            height,
            printer.tr("impossible"),
            rotation=90,
            ha="center",
            va="center",
            fontsize=8,
            bbox={"facecolor": "#EFEFEF", "edgecolor": "none", "pad": 0.5},
        )


def _label_lines(ax: Axes, result: Sensitivity, data: pd.DataFrame, looks: Looks, printer: Printer) -> None:
    """Names to the right of the axes, in the order of the line ends and never on top of each other."""
    ends = data.groupby("term", sort=False).tail(1).sort_values("share", kind="stable")
    low, high = ax.get_ylim()
    room = 0.065 * (high - low)
    at = ends["share"].to_numpy().copy()
    for i in range(1, len(at)):
        at[i] = max(at[i], at[i - 1] + room)
    for i in range(len(at) - 1, -1, -1):
        at[i] = min(at[i], high - room * (len(at) - 1 - i))
    for term, end, y in zip(ends["term"], ends["share"], at, strict=True):
        line = {"color": FAINT, "linewidth": 0.8, "clip_on": False}
        ax.plot([result.common_high, 1, 1.02], [end, end, y], **line)
        ax.plot(1.035, y, looks[term][1], color=looks[term][0], markeredgecolor=INK, markersize=6, clip_on=False)
        ax.annotate(
            printer.label(term), (1.035, y), (7, 0), textcoords="offset points", va="center", annotation_clip=False
        )


def _mark_range(ax: Axes, held: tuple[float, float], printer: Printer) -> None:
    """A bracket along the top over the inter-correlations the result is held to."""
    left, right = ax.get_xlim()
    start, end = max(held[0], left), min(held[1], right)
    for x in (start, end):
        ax.axvline(x, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    across = ax.get_xaxis_transform()
    ax.annotate(
        "",
        (start, 0.955),
        (end, 0.955),
        xycoords=across,
        textcoords=across,
        arrowprops={"arrowstyle": "<->", "color": FAINT},
    )
    ax.text(
        (start + end) / 2,
        0.955,
        printer.tr("assumed range"),
        transform=across,
        ha="center",
        va="center",
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )


def _possible(result: Sensitivity, printer: Printer) -> dict[str, str]:
    return {"low": printer.number(result.common_low, ".2f"), "high": printer.number(result.common_high, ".2f")}


def _sensitivity_caption(result: Sensitivity, printer: Printer) -> str:
    held = ""
    if result.common_range:
        low, high = (printer.number(bound, ".2f") for bound in result.common_range)
        held = printer.tr(" between {low} and {high}", low=low, high=high)
    ranges = "; ".join(
        f"{printer.label(row.term)} {printer.span(row.share_low, row.share_high)}" for row in result.tidy().itertuples()
    )
    return " ".join(
        [
            method_text(result.method, printer),
            printer.tr(
                "The source does not print how the drivers correlate; if they all correlate alike, only {low} to {high} is possible.",
                **_possible(result, printer),
            ),
            printer.tr(
                "If the correlations may differ from each other{held}, the shares found are: {ranges}.",
                held=held,
                ranges=ranges,
            ),
            printer.text(SENSITIVITY[result.verdict], first=printer.label(result.first)),
        ]
    )


def _sensitivity_alt(result: Sensitivity, printer: Printer) -> str:
    """The share of each driver where its line starts and where it ends."""
    to = printer.tr("to")
    first, last = result.common_shares[0], result.common_shares[-1]
    shares = "; ".join(
        f"{printer.label(name)} {printer.percent(start)} {to} {printer.percent(end)}"
        for name, start, end in zip(result.names, first, last, strict=True)
    )
    return printer.tr(
        "Line chart of shares of the explained variance against the correlation assumed between the drivers, from {low} to {high}. {shares}.",
        **_possible(result, printer),
        shares=shares,
    )
