"""Figure of a table changed by hand: shares as they would be, beside those that were found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core import pd, tr
from ...drivers import Hypothetical
from ..exhibit import Exhibit, Printer
from ..parts import PHRASES, WIDTH, block_bars, block_legend, percent_axis
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FOUND = tr("as found")


@draws(Hypothetical)
def plot_what_if(result: Hypothetical, *, printer: Printer) -> Exhibit:
    """Bars of the shares in the changed table, a line where each was found; drivers in the order that was found."""
    data = result.tidy().sort_values("share_found", ascending=False, kind="stable", ignore_index=True)

    def draw(figure: Figure) -> Axes:
        from matplotlib.lines import Line2D

        ax = figure.subplots()
        y = block_bars(ax, data, 0.6)
        ax.vlines(data["share_found"], y - 0.42, y + 0.42, color="white", linewidth=4)
        ax.vlines(data["share_found"], y - 0.42, y + 0.42, color=INK, linewidth=1.8)
        ends = np.maximum(data["share"], data["share_found"])
        beside = data["share_found"].between(data["share"], data["share"] + 0.14 * max(ends))
        at = np.where(beside, data["share_found"], data["share"])
        for position, end, share in zip(y, at, data["share"], strict=True):
            ax.annotate(printer.percent(share), (end, position), (6, 0), textcoords="offset points", va="center", weight="bold")  # fmt: skip
        ax.set_yticks(y, [printer.label(term) for term in data["term"]])
        ax.tick_params(axis="y", length=0)
        ax.axvline(0, color=FAINT, linewidth=0.8)
        ax.set(xlabel=printer.text(PHRASES["share"]), xlim=(min(0, data["share"].min()), max(ends) * 1.14), ylim=(-0.6, len(data) - 0.4))  # fmt: skip
        percent_axis(ax, printer)
        found = Line2D([], [], color=INK, marker="|", linestyle="", markersize=11, markeredgewidth=1.8)
        found.set_label(printer.text(_FOUND))
        block_legend(figure, list(dict.fromkeys(data["block"])), printer, found)
        return ax

    size = (WIDTH, 0.34 * len(data) + 1.35)
    how = _caption(result, printer)
    return printer.figure(data, result.provenance, draw, size, caption=how, alt=_alt(data, printer))  # fmt: skip


def _caption(result: Hypothetical, printer: Printer) -> str:
    """What was changed, and that nobody observed it."""
    moved = "; ".join(
        f"{printer.label(name)} {printer.number(result.correlations_found[name], '.2f')} → "
        f"{printer.number(result.correlations[name], '.2f')}"
        for name in result.changed
    )
    outcome = printer.label(result.after.outcome)
    return printer.tr(
        "Bars: shares in a table changed by hand, which nobody observed. Dark lines: shares as found. Changed were correlations with {outcome}: {moved}.",
        outcome=outcome,
        moved=moved or printer.tr("none", "no change"),
    )


def _alt(data: pd.DataFrame, printer: Printer) -> str:
    listing = "; ".join(
        f"{printer.label(row.term)} {printer.percent(row.share)} ({printer.text(_FOUND)} {printer.percent(row.share_found)})"
        for row in data.itertuples()
    )
    return printer.tr("Shares if correlations were other than found: {said}.", said=listing)
