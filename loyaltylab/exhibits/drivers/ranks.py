"""Ranks of single drivers with their intervals, and how far printed correlations can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...core import pd, tr
from ...drivers import ContrastRanges, Importance, ranks
from ..exhibit import Exhibit, Printer
from ..parts import CROWDED, WIDTH, intervals_text, method_text, name_rows, rows_high
from ..row_parts import plain
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MAY_BE_FIRST, _NOT_FIRST = "#A63A2B", "#8C8C8C"
_PHRASES = {"may_be_first": tr("may be first"), "not_first": tr("not first")}


@draws(Importance)
def plot_ranks(result: Importance | Sequence[Importance], *, printer: Printer) -> Exhibit:
    """Rank of each driver with its interval, the strongest on top; filled where it may be the first.

    Parameters
    ----------
    result : Importance, or several
        Several stand below each other, each under what it is about.

    Raises
    ------
    ModelError
        For an importance without draws, whose ranks have no intervals.
    """
    results = [result] if isinstance(result, Importance) else list(result)
    heads = [printer.label(one.outcome) for one in results]
    parts = [ranks(one).tidy() for one in results]
    several = len(results) > 1
    data = pd.concat([part.assign(outcome=head) for part, head in zip(parts, heads, strict=True)], ignore_index=True)
    data = data if several else parts[0]
    names = [[printer.label(term) for term in part["term"]] for part in parts]
    high = [0.23 * len(part) + 0.58 if several else rows_high(len(part), 0.27) + 1.15 for part in parts]

    def draw(figure: Figure) -> Axes:
        axes = figure.subplots(len(parts), 1, height_ratios=high, squeeze=False)[:, 0]
        for ax, part, said, head in zip(axes, parts, names, heads, strict=True):
            _rank_panel(ax, part, said)
            if several:
                ax.set_title(plain(head), loc="left", fontsize=10, weight="bold", pad=3)
        axes[-1].set_xlabel(printer.tr("Rank (1 is the strongest)"))
        _rank_legend(figure, data, printer)
        return axes[0]

    listed = [
        "; ".join(
            printer.tr(
                "{name} {rank} ({low} to {high})",
                name=name,
                rank=row.rank,
                low=int(row.rank_conf_low),
                high=int(row.rank_conf_high),
            )
            for name, row in zip(said, part.itertuples(), strict=True)
        )
        for said, part in zip(names, parts, strict=True)
    ]
    rows = ". ".join(f"{head}: {row}" for head, row in zip(heads, listed, strict=True)) if several else listed[0]
    how = printer.tr(
        "A point is the rank, a line its {level} interval; where the lines of two drivers overlap, their order is not settled by these data. Filled: the interval holds rank 1.",
        level=printer.percent(results[0].conf_level),
    )
    text = f"{how} {method_text(results[0].method, printer)} {intervals_text(results[0], printer)}".strip()
    size = (WIDTH, sum(high) + (0.5 if several else 0))
    alt = printer.tr("Ranks with intervals. {rows}.", rows=rows)
    return printer.figure(data, results[0].provenance, draw, size, caption=text, alt=alt)


def _rank_panel(ax: Axes, data: pd.DataFrame, names: list[str]) -> None:
    crowded = len(data) > CROWDED
    if crowded:
        names = [name.replace(" ", "\N{NO-BREAK SPACE}") for name in names]  # one line each: there is no room for two
    _rank_rows(ax, data)
    name_rows(ax, np.arange(len(data))[::-1], names, fontsize=8 if crowded else 10)
    ax.set(xlim=(0.4, len(data) + 0.6), ylim=(-0.7, len(data) - 0.3))
    ax.set_xticks([1, *range(5, len(data) + 1, 5)] if len(data) > 10 else range(1, len(data) + 1))
    ax.grid(axis="x", color="#E4E4E4", linewidth=0.7)
    ax.set_axisbelow(True)


def _rank_rows(ax: Axes, data: pd.DataFrame) -> None:
    for at, row in zip(np.arange(len(data))[::-1], data.itertuples(), strict=True):
        first = row.rank_conf_low <= 1
        colour = _MAY_BE_FIRST if first else _NOT_FIRST
        ax.hlines(at, row.rank_conf_low, row.rank_conf_high, color=colour, linewidth=2.6 if first else 1.8)
        fill = colour if first else "white"
        ax.plot(
            row.rank,
            at,
            "o",
            color=colour,
            markerfacecolor=fill,
            markeredgewidth=1.4,
            markersize=5 if len(data) > CROWDED else 7,
        )


def _rank_legend(figure: Figure, data: pd.DataFrame, printer: Printer) -> None:
    from matplotlib.lines import Line2D

    looks = {"may_be_first": (_MAY_BE_FIRST, _MAY_BE_FIRST), "not_first": (_NOT_FIRST, "white")}
    here = [name for name, has in (("may_be_first", True), ("not_first", (data["rank_conf_low"] > 1).any())) if has]
    handles = [
        Line2D([], [], marker="o", color=looks[n][0], markerfacecolor=looks[n][1], label=printer.text(_PHRASES[n]))
        for n in here
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), handlelength=1.8, columnspacing=1.4)


@draws(ContrastRanges)
def plot_contrast_ranges(result: ContrastRanges, *, printer: Printer) -> Exhibit:
    """Smallest z of every two printed correlations against n, over every inter-correlation that data can have."""
    data, found = result.curve(), result.tidy()
    dashes = ["-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)), (0, (1, 1))]
    colours = ["#A63A2B", "#1F4E79", "#8A6D1B", INK, FAINT]
    listing = [printer.tr("{a} – {b}", a=printer.label(a), b=printer.label(b)) for a, b in _pairs(found)]

    def draw(figure: Figure) -> Axes:
        from matplotlib.ticker import FixedLocator, NullLocator

        ax = figure.subplots()
        for i, ((_, rows), name) in enumerate(zip(data.groupby(["term", "against"], sort=False), listing, strict=True)):
            style = {"color": colours[i % 5], "linestyle": dashes[i % 5], "linewidth": 2}
            ax.plot(rows["n"], rows["statistic_least"], label=name, **style)
        for row in found.itertuples():
            ax.plot(row.n_enough, result.bound, "o", color=INK, markerfacecolor="white", markersize=6, zorder=4)
            text = printer.number(row.n_enough, ",.0f")
            ax.annotate(text, (row.n_enough, result.bound), (0, -13 - 11 * _lower(row, found)), textcoords="offset points",
                        ha="center", fontsize=8)  # fmt: skip
        ax.axhline(result.bound, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        ax.axvline(result.n, color=FAINT, linewidth=1, linestyle=(0, (1, 2)), zorder=0)
        ax.set(xscale="log", yscale="log", ylabel=printer.tr("Smallest possible z"), xlabel=printer.tr("Respondents"))
        ax.set(ylim=(0.3, None), xlim=(data["n"].min(), data["n"].max()))
        decades = [10.0**p for p in range(1, 9) if data["n"].min() <= 10**p <= data["n"].max()]
        ax.xaxis.set_major_locator(FixedLocator(decades))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_locator(FixedLocator([0.5, 1, 2, 5, 10, 20, 50, 100]))
        ax.yaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(printer.ticks(",.0f"))
        ax.yaxis.set_major_formatter(printer.ticks("g"))
        figure.legend(loc="outside upper left", ncols=len(listing), handlelength=2.4, columnspacing=1.4)
        return ax

    rows = "; ".join(
        f"{name} n = {printer.number(n, ',.0f')}"
        for name, n in zip(listing, found["n_enough"], strict=True)
    )  # fmt: skip
    bound, level = printer.number(result.bound, ".2f"), printer.percent(result.conf_level)
    text = printer.tr(
        "For every two correlations: the smallest test statistic (Meng, Rosenthal & Rubin 1992) over all correlations of the two drivers that data can have. Above the dashed line ({bound}) the two are told apart at {level}. The dotted line is the printed n; it is too large if a person answered more than once.",
        bound=bound,
        level=level,
    )
    alt = printer.tr(
        "Line chart of the smallest z against the number of respondents. Enough to tell apart: {rows}.", rows=rows
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.4), caption=text, alt=alt)


def _pairs(found: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(found["term"], found["against"], strict=True))


def _lower(row: object, found: pd.DataFrame) -> int:
    """1 where a number would stand on the number of a point just right of it, else 0."""
    near = (found["n_enough"] > row.n_enough) & (found["n_enough"] < 2.5 * row.n_enough)  # type: ignore[attr-defined]
    return int(near.any())
