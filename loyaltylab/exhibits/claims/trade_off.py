"""What a lead on one thing makes up for: the expected outcome of something one unit worse, over that lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...claims import TradeOff
from ...core import and_list, pd, tr
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS, _SPREADS = tr("scale points"), tr("standard deviations")


@draws(TradeOff, default=True)
def plot_trade_off(found: TradeOff, *, printer: Printer) -> Exhibit:
    """Expected difference in the outcome over a lead; marked where nothing is lost or gained, with its interval."""
    data = pd.DataFrame(found.line())
    even, unit = found.made_up, printer.text(_POINTS if found.in_points else _SPREADS)
    words = {
        "outcome": printer.label(found.outcome),
        "gain": printer.label(found.gain),
        "losses": and_list([f"‘{printer.label(name)}’" for name in found.losses], printer.language),
        "unit": unit,
        "level": printer.percent(found.conf_level),
    }

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        ax.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        ax.fill_between(data["at"], data["conf_low"], data["conf_high"], color="#D9D9D9", linewidth=0)
        ax.plot(data["at"], data["estimate"], color=INK, linewidth=2)
        last = float(data["at"].iloc[-1])
        if np.isfinite(even.value) and 0 <= even.value <= last:
            ax.plot([even.conf_low, min(even.conf_high or last, last)], [0, 0], color="#A63A2B", linewidth=3)
            ax.plot(even.value, 0, "o", color="#A63A2B", markersize=7)
            ax.annotate(printer.number(even.value, ".2f"), (even.value, 0), (4, -14), textcoords="offset points")
        ax.set(xlim=(0, last))
        ax.set_xlabel(printer.tr("Lead on {gain}, in {unit}", **words))
        ax.set_ylabel(printer.tr("Difference in\n{outcome}", **words))
        ax.xaxis.set_major_formatter(printer.ticks("g"))
        ax.yaxis.set_major_formatter(printer.ticks("+.1f"))
        return ax

    row = found.tidy().iloc[0]
    alt = printer.tr("A rising line that passes zero at a lead of {even}.", even=printer.interval(row, ".2f"))
    text = printer.tr(
        "What is expected of ‘{outcome}’ where the mean of {losses} is one unit worse, over the lead on ‘{gain}’, both in {unit} and in one regression; the band is a {level} interval. The thick line at zero is the lead that makes up for it, with its interval. It compares customers, not offers to one of them.",
        **words,
    )
    return printer.figure(data, found.provenance, draw, (WIDTH, 2.9), caption=text, alt=alt)
