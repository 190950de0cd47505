"""Shares of the highly and the little engaged beside the figures that are printed of them, and how many times one is the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...claims import Engagement
from ...core import tr
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH, name_rows
from ..row_parts import plain
from ..sketch import draws
from ..style import FAINT, INK
from .verdict_words import folded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LETTERS = 34
#: Where the two ends of a claim stand about its row.
_OFF = {"high": 0.17, "low": -0.17}


@draws(Engagement, default=True)
def plot_engagement(found: Engagement, *, printer: Printer) -> Exhibit:
    """A row for each claim: the share among the highly and the little engaged, and their ratio; diamonds are printed figures."""
    tidy = found.tidy()
    asked = [next(iter(levels.score.index))[0] for levels in found.scores[0].values()]
    items = dict(zip(found.scores[0], asked, strict=True))
    names = [folded(printer.label(items[name]), _LETTERS) for name in found.claims]
    data = tidy.assign(term=[printer.label(items[name]) for name in tidy["term"]])
    y = dict(zip(found.claims, range(len(found.claims) - 1, -1, -1), strict=True))

    def draw(figure: Figure) -> Axes:
        shares, times = figure.subplots(1, 2, sharey=True, width_ratios=[2.1, 1])
        for row in tidy.itertuples():
            ax, at = (times, y[row.term]) if row.level == "ratio" else (shares, y[row.term] + _OFF[row.level])
            ax.plot([row.least, row.most], [at, at], color="#D0D0D0", linewidth=6, solid_capstyle="butt", zorder=1)
            ax.plot([row.conf_low, row.conf_high], [at, at], color=INK, linewidth=1.6, zorder=2)
            fill = "white" if row.level == "low" else INK
            ax.plot(row.estimate, at, "o", color=INK, markerfacecolor=fill, markersize=6, zorder=3)
            ax.plot(row.printed, at, "D", color="#A63A2B", markerfacecolor="none", markersize=8, zorder=4)
        name_rows(shares, list(y.values()), list(map(plain, names)), fontsize=9)
        shares.set(xlim=(0, 1), ylim=(-0.6, len(y) - 0.4))
        shares.xaxis.set_major_formatter(printer.ticks(".0%"))
        shares.set_xlabel(printer.tr("Share"))
        times.axvline(1, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        times.set_xscale("log", base=2)
        reach = np.nanmax(tidy.loc[tidy["level"] == "ratio", ["conf_high", "most", "printed"]].to_numpy())
        times.set_xlim(min(0.9, tidy.loc[tidy["level"] == "ratio", "conf_low"].min()), 1.15 * reach)
        times.set_xticks([tick for tick in (1, 2, 4, 8, 16, 32) if tick < 1.15 * reach])
        times.minorticks_off()
        times.xaxis.set_major_formatter(printer.ticks("g"))
        times.set_xlabel(printer.tr("Ratio"))
        for ax in (shares, times):
            ax.spines["left"].set_visible(False)
            ax.tick_params(axis="y", length=0)
        _legend(figure, printer)
        return shares

    listing = "; ".join(
        f"{row['term']}, {printer.text(_WORDS[row['level']])}: {printer.interval(row, '.1f' if row['level'] == 'ratio' else '.0%')}"
        for _, row in data.iterrows()
    )
    low, high = found.cuts[0]
    text = printer.tr(
        "Share of the highest answers among those who score {high} or more on ‘{index}’ and those below {low}; right: how many times the one is the other. Lines are {level} intervals, grey the estimates where these limits lie elsewhere: no source prints any.",
        index=printer.label(found.index),
        low=printer.number(low, "g"),
        high=printer.number(high, "g"),
        level=printer.percent(found.conf_level),
    )
    size = (WIDTH, 0.56 * len(y) + 1.1)
    return printer.figure(data, found.provenance, draw, size, caption=text, alt=f"{listing}.")


_WORDS = {
    "high": tr("highly engaged"),
    "low": tr("little engaged"),
    "ratio": tr("high over low"),
    "printed": tr("as printed"),
}


def _legend(figure: Figure, printer: Printer) -> None:
    from matplotlib.lines import Line2D

    looks = {"high": ("o", INK, INK), "low": ("o", INK, "white"), "printed": ("D", "#A63A2B", "none")}
    handles = [
        Line2D([], [], linestyle="", marker=m, color=c, markerfacecolor=fill, label=printer.text(_WORDS[name]))
        for name, (m, c, fill) in looks.items()
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=3, columnspacing=1.4)
