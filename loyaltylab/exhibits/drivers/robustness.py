"""Figures of two objections to a comparison of blocks: unequal length, and what the way of asking adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core import tr
from ...drivers import AssumedMethod, IndexLength
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH, difference_label, name_rows
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@draws(IndexLength)
def plot_index_length(result: IndexLength, *, printer: Printer) -> Exhibit:
    """The difference between two indices at each equal length, and as asked."""
    data = result.tidy()
    of = {"a": printer.label(result.a), "b": printer.label(result.b)}
    names = [printer.text((tr("1 item each") if k == 1 else tr("{k} items each")), k=k) for k in result.lengths]
    names.append(printer.tr("{a} against {b}", a=result.sizes[0], b=result.sizes[1]))

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        ax.hlines(y[:-1], data["subset_low"][:-1], data["subset_high"][:-1], color="#C9C9C9", linewidth=9)
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.4)
        ax.plot(data["estimate"], y, "o", color=INK, markerfacecolor="white", markersize=6)
        ax.plot(data["predicted"][:-1], y[:-1], "x", color=INK, markersize=5)
        name_rows(ax, y, names)
        label = printer.tr("{a} minus {b}, correlation", **of)
        ax.set_xlabel((label[:1].upper() + label[1:]).replace(", ", ",\n"))
        ax.xaxis.set_major_formatter(printer.ticks("+.2f"))
        ax.locator_params(axis="x", nbins=5)
        return ax

    fields = {"level": printer.percent(result.conf_level), "n": str(int(data["n_subsets"].max()))}
    text = printer.tr(
        "Correlation with the outcome of an index of {a} minus that of one of {b}. Dots: mean over {n} subsets of items of that length at most, with {level} intervals for the respondents; grey: where 95% of the subsets lie; crosses: what length alone would give (Spearman–Brown). The last row has all items as they were asked: {size_a} against {size_b}.",
        size_a=result.sizes[0],
        size_b=result.sizes[1],
        **of,
        **fields,
    )
    alt = "; ".join(f"{name}: {printer.number(x, '+.2f')}" for name, x in zip(names, data["estimate"], strict=True))
    size = (WIDTH, 0.3 * len(data) + 1.1)
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=f"{alt}.")


@draws(AssumedMethod)
def plot_assumed_method(result: AssumedMethod, *, printer: Printer) -> Exhibit:
    """The difference between two blocks over what the way of asking may have added to every correlation."""
    data = result.tidy()
    x = data["r_marker"].to_numpy()

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        ax.fill_between(x, data["conf_low"], data["conf_high"], color="#C9C9C9", linewidth=0)
        ax.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        ax.plot(x, data["estimate"], color=INK, linewidth=1.8)
        if 0 < result.smallest <= x[-1]:
            ax.axvline(result.smallest, color=INK, linewidth=1, linestyle=":")
        ax.set_xlabel(printer.tr("Correlation that the way of asking adds"))
        ax.set_title(difference_label(result.a, result.b, printer).replace(", ", ",\n"), weight="normal")
        ax.xaxis.set_major_formatter(printer.ticks(".1f"))
        ax.yaxis.set_major_formatter(printer.ticks("+.0pp"))
        ax.set_xlim(0, x[-1])
        ax.locator_params(axis="x", nbins=6)
        return ax

    reversal = result.reverses_at
    turn = printer.text(
        (tr("the sign stays the same") if reversal is None else tr("zero at {at}")),
        at=printer.number(reversal or 0, ".2f"),
    )
    ends = {"first": data["estimate"].iloc[0], "last": data["estimate"].iloc[-1]}
    fields = {name: printer.number(value, "+.0pp") for name, value in ends.items()}
    alt = printer.tr(
        "From {first} with nothing assumed to {last} at {r}; {turn}.",
        r=printer.number(x[-1], ".2f"),
        turn=turn,
        **fields,
    )
    numbers = {"smallest": result.smallest, "most": result.most}
    about = {name: printer.number(value, ".2f") for name, value in numbers.items()}
    dotted = (
        printer.tr(
            "Dotted: the smallest correlation of all ({smallest}), which Lindell & Whitney (2001) take where no unrelated question was asked. ",
            **about,
        )
        if 0 < result.smallest <= x[-1]
        else ""
    )
    level = printer.percent(result.conf_level)
    text = printer.tr(
        "The difference if the way of asking had added that much to every correlation; grey: {level} intervals. {dotted}From {most} on, no data can have what is left.",
        level=level,
        dotted=dotted,
        most=about["most"],
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.2), caption=text, alt=alt)
