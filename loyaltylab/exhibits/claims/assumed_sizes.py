"""A claim beside the evidence against it: reported shares of ordered groups, with intervals only where there can be any."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from ...claims import AssumedSizes, Claim
from ...core import Provenance, pd, tr
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH, name_rows
from ..sketch import draws
from ..style import FAINT, INK, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PHRASES = {
    "claim": tr("Claim: feel loyal, who…"),
    "counter": tr(
        "Against it, bank records: at least half of the trips to one store (light buyers more often than heavy ones), in…"
    ),
}


@draws(AssumedSizes)
def plot_gradient(assumed: AssumedSizes, claim: Claim, counter: Claim, *, printer: Printer) -> Exhibit:
    """Reported shares of a claim with what stands against it below; intervals are dotted, for they rest on an assumed n.

    Parameters
    ----------
    claim, counter : Claim
        The claim the sizes are of, and the one against it.
    """
    data = _rows(assumed, claim, counter, printer)
    parts = [group for _, group in data.groupby("block", sort=False)]

    def draw(figure: Figure) -> Axes:
        headings = [textwrap.fill(part["block"].iloc[0], int(figure.get_figwidth() * 8.2)) for part in parts]
        high = 0.75 * len(data) + sum(1.4 + 0.5 * heading.count("\n") for heading in headings)
        figure.set_figheight(max(figure.get_figheight(), 0.34 * high + 0.5))  # headings take more lines where narrow
        ax = figure.subplots()
        ticks, names, y = [], [], 0.0
        for part, heading in zip(parts, headings, strict=True):
            y -= 0.45 + 0.5 * heading.count("\n")
            ax.text(0.0, y + 0.15, heading, weight="bold", fontsize=8.5, va="bottom", ha="left")
            for _, row in part.iterrows():
                y -= 0.75
                if row["conf_low"] == row["conf_low"]:
                    ax.hlines(y, row["conf_low"], row["conf_high"], color=INK, linewidth=1.4, linestyle=":")
                ax.plot(row["estimate"], y, "o", color=INK, markerfacecolor=PAPER, markersize=6)
                end = np.nanmax([row["estimate"], row["conf_high"]])
                text = printer.percent(row["estimate"])
                ax.annotate(text, (end, y), (6, 0), textcoords="offset points", va="center", weight="bold", fontsize=9)
                ticks.append(y)
                names.append(row["term"])
            y -= 0.95
        name_rows(ax, ticks, names)
        ax.set(xlim=(0, 1.08), ylim=(y + 0.3, 0.45))
        ax.set_xticks(np.arange(0, 1.01, 0.25))
        ax.axvline(0, color=FAINT, linewidth=0.8)
        ax.xaxis.set_major_formatter(printer.ticks(".0%"))
        return ax

    level = printer.percent(assumed.conf_level)
    how = printer.tr(
        "Open dots are reported shares; no source gives the sizes of the groups. Dotted lines are {level} intervals if each group of the claim held {n} respondents.",
        level=level,
        n=printer.number(assumed.n, ",d"),
    )
    text = how
    listing = "; ".join(f"{row.block} {row.term} {printer.percent(row.estimate)}" for row in data.itertuples())
    origin = Provenance.merge([assumed.provenance, counter.provenance])
    size = (WIDTH, 0.27 * len(data) + 0.55 * len(parts) + 0.55)
    return printer.figure(data, origin, draw, size, caption=text, alt=f"{listing}.")


def _rows(assumed: AssumedSizes, claim: Claim, counter: Claim, printer: Printer) -> pd.DataFrame:
    parts = []
    for kind, source, rows in (("claim", claim, assumed.tidy()), ("counter", counter, counter.tidy())):
        names = [printer.text(source.labels[name]) for name in rows["term"]]
        parts.append(rows.assign(term=names, block=printer.text(_PHRASES[kind])))
    columns = ["block", "term", "estimate", "conf_low", "conf_high"]
    return pd.concat([part.reindex(columns=columns) for part in parts], ignore_index=True)
