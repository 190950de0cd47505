"""Lines that are or are not parallel, the region in which a slope is told from zero, and promoters that are none."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from ...core import and_list, pd, tr
from ...loyalty import BECOME, Misclassification
from ...models import JohnsonNeyman, Lines
from ..exhibit import COLOURS, Exhibit, Printer
from ..parts import WIDTH
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STRONG, _SOFT = COLOURS["emotional"][0], COLOURS["rational"][0]
_DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
_SHADES = (INK, _STRONG, _SOFT, "#7A7A7A")
_PHRASES = {
    "everywhere": tr("everywhere"),
    "nowhere": tr("nowhere"),
    "above": tr("above {edges}"),
    "below": tr("below {edges}"),
    "between": tr("between {edges}"),
    "outside": tr("outside {edges}"),
    "passives": tr("counted as passives"),
    "detractors": tr("counted as detractors"),
}


@draws(Lines)
def plot_lines(results: Lines | list[Lines], *, printer: Printer) -> Exhibit:
    """Expected outcome over a driver at each value of a moderator; several results of one outcome side by side."""
    panels = [results] if isinstance(results, Lines) else list(results)
    outcome, moderator = (printer.label(name) for name in (panels[0].regression.outcome, panels[0].moderator))
    data = pd.concat([panel.tidy().assign(term=panel.driver) for panel in panels], ignore_index=True)

    def draw(figure: Figure) -> Axes:
        axes = np.atleast_1d(figure.subplots(1, len(panels), sharey=True))
        for ax, panel in zip(axes, panels, strict=True):
            for (name, rows), dashes, colour in zip(panel.lines.items(), _DASHES, _SHADES, strict=False):
                ax.fill_between(rows[:, 0], rows[:, 2], rows[:, 3], color=colour, alpha=0.16, linewidth=0)
                ax.plot(
                    rows[:, 0], rows[:, 1], linestyle=dashes, color=colour, linewidth=2.2, label=printer.label(name)
                )
            ax.set_xlabel(printer.label(panel.driver))
            ax.xaxis.set_major_formatter(printer.ticks("g"))
            ax.yaxis.set_major_formatter(printer.ticks(".1f"))
        axes[0].set_ylabel(textwrap.fill(printer.tr("Expected {outcome}", outcome=outcome), 24))
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=len(names), handlelength=2.6, columnspacing=1.6)
        return axes[0]

    fields = {"outcome": outcome, "moderator": moderator, "level": printer.percent(panels[0].conf_level)}
    rows = "; ".join(
        printer.tr("{driver}, {name}: from {low} to {high}", driver=printer.label(panel.driver), name=printer.label(name), low=printer.number(row[0, 1], ".2f"), high=printer.number(row[-1, 1], ".2f"))
        for panel in panels
        for name, row in panel.lines.items()
    )  # fmt: skip
    alt = printer.tr("Line chart of {outcome}. {rows}.", rows=rows, **fields)
    text = printer.tr(
        "Lines: expected {outcome} at each value of a driver, everything else at its mean. Bands are {level} intervals at each value by itself. Where the lines of a panel are parallel, the slope does not depend on {moderator}.",
        **fields,
    )
    return printer.figure(data, panels[0].provenance, draw, (WIDTH, 3.1), caption=text, alt=alt)


@draws(JohnsonNeyman)
def plot_region(result: JohnsonNeyman, *, printer: Printer) -> Exhibit:
    """Slope of a driver over the range of a moderator, shaded where its interval excludes zero."""
    data, slopes = result.tidy(), result.slopes
    fields = {
        "driver": printer.label(slopes.driver),
        "moderator": printer.label(slopes.moderator),
        "outcome": printer.label(slopes.regression.outcome),
        "level": printer.percent(result.conf_level),
    }
    shown = ((data["conf_low"] > 0) | (data["conf_high"] < 0)).to_numpy()

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        ax.fill_between(data["at"], data["conf_low"], data["conf_high"], color="#D9D9D9", linewidth=0)
        ax.fill_between(
            data["at"], data["conf_low"], data["conf_high"], where=shown, color=_STRONG, alpha=0.35, linewidth=0
        )
        ax.plot(data["at"], data["estimate"], color=INK, linewidth=2)
        ax.axhline(0, color=FAINT, linewidth=1.2, linestyle=(0, (4, 3)))
        for edge in result.edges:
            ax.axvline(edge, color=FAINT, linewidth=1)
            label = printer.number(edge, "+.2f")
            ax.annotate(label, (edge, 1), (3, -2), ("data", "axes fraction"), "offset points", va="top", fontsize=9)
        ax.set(xlim=result.span)
        ax.set_xlabel(printer.tr("{moderator}, distance from its mean", **fields))
        ax.set_ylabel(printer.tr("{outcome} per point of\n{driver}", **fields))
        for axis, spec in ((ax.xaxis, "g"), (ax.yaxis, ".2f")):
            axis.set_major_formatter(lambda value, _, spec=spec: printer.number(value, spec))
        return ax

    edges = and_list((printer.number(edge, "+.2f") for edge in result.edges), printer.language)
    alt = printer.tr(
        "A line with a band: the slope goes from {first} to {last}; told from zero: {where}.",
        first=printer.number(data["estimate"].iloc[0], ".2f"),
        last=printer.number(data["estimate"].iloc[-1], ".2f"),
        where=printer.text(_PHRASES[result.verdict], edges=edges),
    )
    text = printer.tr(
        "Slope of {driver} at each value of {moderator}, with its {level} interval at each value by itself. Shaded: where the interval excludes zero (Johnson & Neyman 1936).",
        **fields,
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, 2.9), caption=text, alt=alt)


@draws(Misclassification)
def plot_misclassification(result: Misclassification, *, printer: Printer, observed: float | None = None) -> Exhibit:
    """A net score over the assumed part of misfiled promoters, as passives and as detractors.

    `observed`: a part that was measured, marked on the axis.

    Parameters
    ----------
    observed : float, optional
        The part of promoters found misfiled in the data, marked on the axis.
    """
    data = result.tidy()
    start, _, low, high = result.reported
    zero = result.glance().iloc[0]["rate_to_zero_detractors"]

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        ax.axhspan(low, high, color="#EDEDED", zorder=0, label=printer.tr("as answered (interval)"))
        ax.axhline(0, color=FAINT, linewidth=1.2, linestyle=(0, (4, 3)))
        for term, colour, dashes in zip(BECOME, (_SOFT, _STRONG), _DASHES, strict=False):
            rows = data[data["term"] == term]
            ax.fill_between(rows["rate"], rows["conf_low"], rows["conf_high"], color=colour, alpha=0.2, linewidth=0)
            ax.plot(
                rows["rate"],
                rows["estimate"],
                color=colour,
                linestyle=dashes,
                linewidth=2.2,
                label=printer.text(_PHRASES[term]),
            )
        if zero == zero:
            _mark(ax, zero, printer.tr("as detractors: from {rate} on\nnot told from zero", rate=printer.percent(zero)))
        if observed is not None:
            _mark(ax, observed, printer.tr("measured: {rate}", rate=printer.percent(observed)))
        ax.set(xlim=(0, data["rate"].max()))
        ax.set_xlabel(printer.tr("Part of the promoters misfiled (assumed)"))
        ax.set_ylabel(printer.text(tr("Promoter score") if result.is_net_promoter else tr("Net score")))
        ax.xaxis.set_major_formatter(printer.ticks(".0%"))
        ax.yaxis.set_major_formatter(printer.ticks("+.0f"))
        figure.legend(loc="outside upper left", ncols=3, handlelength=2.0, columnspacing=1.0, fontsize=8.5)
        return ax

    last = data.groupby("term")["estimate"].last()
    alt = printer.tr(
        "Two falling lines from {start}: at {most} misfiled, {passives} if they are passives and {detractors} if they are detractors.",
        start=printer.number(start, "+.0f"),
        most=printer.percent(data["rate"].max()),
        **{term: printer.number(last[term], "+.0f") for term in BECOME},
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.2), caption=_misfiled_caption(result, printer), alt=alt)  # fmt: skip


def _misfiled_caption(result: Misclassification, printer: Printer) -> str:
    first, last = (f"{value:g}" for value in result.span)
    net = (
        ""
        if result.is_net_promoter
        else printer.tr(
            " Answers run from {first} to {last}, so this is a net score of their ends and not the net promoter score.",
            first=first,
            last=last,
        )
    )
    low, high = (f"{value:g}" for value in result.ends)
    return printer.tr(
        "The score if a part of those who answered as promoters ({high} or more) thinks otherwise and counts as a passive, or as a detractor ({low} or less). Bands are {level} intervals of the score; the part itself is an assumption, and no interval knows it.{net}",
        low=low,
        high=high,
        level=printer.percent(result.conf_level),
        net=net,
    )


def _mark(ax: Axes, rate: float, label: str) -> None:
    """A part of the promoters with what is to be said about it, below where the lines are."""
    ax.axvline(rate, color=INK, linewidth=1, linestyle=(0, (1.5, 1.5)))
    narrow = ax.get_figure().get_figwidth() < WIDTH * 0.8
    label = textwrap.fill(label, 14) if narrow else label
    ax.annotate(
        label, (rate, 0), (5, 5), ("data", "axes fraction"), "offset points", va="bottom", fontsize=8 if narrow else 9
    )
