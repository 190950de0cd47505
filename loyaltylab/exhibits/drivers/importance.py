"""From a result to a figure. Drawing is last: no statistic is computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core import MOST_GROUPS, pd, the_one_called
from ...drivers import METHODS, Comparison, Contrast, Dominance, HeadToHead, Importance, SegmentContrasts
from ...kernels import FloatArray
from ..exhibit import Exhibit, Printer
from ..groups import plot_forest
from ..parts import (
    DIRECTIONS,
    LEVELS,
    PHRASES,
    WIDTH,
    against_text,
    block_legend,
    difference_label,
    difference_points,
    how_to_read,
    intervals_text,
    labelled,
    method_text,
    names_of_blocks,
    percent_axis,
    rows_high,
    share_bars,
    shares_alt,
)
from ..sketch import draws
from ..style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure


@draws(Importance, default=True)
def plot_importance(result: Importance, *, printer: Printer) -> Exhibit:
    """Share of each driver in the explained variance, largest on top, coloured by block."""
    data = result.tidy().sort_values("share", ascending=False, kind="stable", ignore_index=True)
    size = (WIDTH, rows_high(len(data), 0.34) + 1.35)

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        share_bars(ax, data, printer)
        block_legend(figure, list(dict.fromkeys(data["block"])), printer)
        return ax

    return printer.figure(
        data, result.provenance, draw, size, caption=how_to_read(result, printer), alt=shares_alt(data, printer)
    )


@draws(Importance)
def plot_blocks(result: Importance, contrast: Contrast, *, printer: Printer) -> Exhibit:
    """Shares of the blocks, and below them the difference between two with its interval.

    Parameters
    ----------
    contrast : Contrast
        The difference drawn below the shares, as `result.contrast(a, b)`.
    """
    shares, difference = result.blocks().tidy(), contrast.tidy()
    names, against = names_of_blocks(shares["term"], result, printer), against_text(result, printer)

    def draw(figure: Figure) -> Axes:
        top, bottom = figure.subplots(2, 1, height_ratios=[len(shares), 1.15])
        share_bars(top, shares, printer, names)
        difference_points(bottom, [""], difference, printer)
        bottom.set_xlabel(difference_label(contrast.a, contrast.b, printer))
        return top

    gap = printer.interval(difference.iloc[0], "+.0pp")
    alt = f"{shares_alt(shares, printer)} {difference_label(contrast.a, contrast.b, printer)}: {gap}. {against}".strip()
    how = f"{method_text(result.method, printer)} {intervals_text(result, printer)}".strip()
    text = f"{how} {printer.text(PHRASES['by_chance'])} {printer.tr('Differences are taken before rounding.')}"
    data = pd.concat([shares, difference], ignore_index=True)
    size = (WIDTH, 0.38 * len(shares) + 0.2 * len(result.against) + 2.2)
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=alt, note=against)


@draws(Comparison)
def plot_comparison(result: Comparison, *, printer: Printer) -> Exhibit:
    """The share of each driver by each method."""
    data, methods = result.tidy(), [r.method for r in result.results]
    lead = result.results[0].tidy().sort_values("share", kind="stable")["term"].tolist()
    looks = [
        ("#222222", "o"),
        ("#A63A2B", "s"),
        ("#6FA3D0", "^"),
        ("#C9A227", "D"),
        ("#7A7A7A", "v"),
        ("#3C7D5A", "P"),
        ("#9C6FB0", "X"),
    ]

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        step = 0.7 / len(methods)
        for m, method in enumerate(methods):
            rows = data[data["method"] == method].set_index("term").loc[lead]
            y = np.arange(len(lead)) + (len(methods) / 2 - m - 0.5) * step
            colour, marker = looks[m % len(looks)]
            if "share_conf_low" in rows:
                ax.hlines(y, rows["share_conf_low"], rows["share_conf_high"], color=colour, linewidth=1)
            ax.plot(rows["share"], y, marker, color=colour, markersize=5, label=printer.text(METHODS[method].label))
        for y in range(1, len(lead)):
            ax.axhline(y - 0.5, color="#E5E5E5", linewidth=0.8, zorder=0)
        ax.set_yticks(range(len(lead)), [printer.label(term) for term in lead])
        ax.tick_params(axis="y", length=0)
        ax.set(xlabel=printer.text(PHRASES["share"]), ylim=(-0.5, len(lead) - 0.5))
        percent_axis(ax, printer)
        ax.set_xlim(left=min(0, ax.get_xlim()[0]))
        figure.legend(
            loc="outside upper left",
            ncols=min(3, len(methods)) if len(methods) != 4 else 2,
            handletextpad=0.3,
            columnspacing=1.2,
        )
        return ax

    listing = "; ".join(
        f"{printer.text(METHODS[r.method].label)}: "
        + ", ".join(f"{printer.label(t)} {printer.percent(s)}" for t, s in zip(r.terms, r.shares, strict=True))
        for r in result.results
    )
    alt = printer.tr("Dot plot of shares by method. {said}.", said=listing)
    meanings = "; ".join(f"{printer.text(METHODS[m].label)}: {printer.text(METHODS[m].meaning)}" for m in methods)
    text = f"{meanings}. {intervals_text(result.results[0], printer)}"
    return printer.figure(
        data, result.provenance, draw, (WIDTH, 0.16 * len(methods) * len(lead) + 1.6), caption=text, alt=alt
    )


def _cells(ax: Axes, values: FloatArray, low: float, colours: str, *, line: float) -> QuadMesh:
    """A heat map from `low` to one, its first row on top, on axes without a frame."""
    ax.spines[:].set_visible(False)
    ax.invert_yaxis()
    return ax.pcolormesh(values, vmin=low, vmax=1, cmap=colours, linewidths=line, edgecolors="white")


@draws(HeadToHead)
def plot_head_to_head(result: HeadToHead, *, printer: Printer) -> Exhibit:
    """Share of each row's driver in a model with each column's driver, the darker the more."""
    data = result.tidy()
    rows, cols = list(dict.fromkeys(data["term"])), list(dict.fromkeys(data["against"]))
    shares = data["share"].to_numpy().reshape(len(rows), len(cols))

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        _cells(ax, shares, 0, "Reds", line=2)  # dark at one end only, so that grey tells the ends apart
        for k, row in enumerate(data.itertuples()):
            y, x = divmod(k, len(cols))
            ink = "white" if row.share > 0.62 else INK
            decided = hasattr(row, "share_conf_low") and (row.share_conf_low > 0.5 or row.share_conf_high < 0.5)
            ax.text(
                x + 0.5,
                y + 0.5,
                printer.percent(row.share),
                ha="center",
                va="bottom",
                color=ink,
                fontsize=12,
                weight="bold" if decided else "normal",
            )
            if hasattr(row, "share_conf_low"):
                ax.text(
                    x + 0.5,
                    y + 0.56,
                    printer.span(row.share_conf_low, row.share_conf_high),
                    ha="center",
                    va="top",
                    color=ink,
                    fontsize=8,
                )
        ax.tick_params(length=0)
        ax.set_yticks(np.arange(len(rows)) + 0.5, [printer.label(row) for row in rows])
        tilted = {"rotation": 25, "ha": "right", "rotation_mode": "anchor"} if len(cols) > 3 else {}
        ax.set_xticks(np.arange(len(cols)) + 0.5, [printer.label(col) for col in cols], **tilted)
        ax.set_ylabel(printer.label(result.a), weight="bold")
        ax.set_xlabel(printer.label(result.b), weight="bold")
        return ax

    listing = "; ".join(
        f"{printer.label(r.term)} – {printer.label(r.against)} {printer.percent(r.share)}" for r in data.itertuples()
    )
    alt = printer.tr("Share of the first driver in a model of two. {said}.", said=listing)
    level = printer.percent(result.conf_level)
    how = printer.tr(
        "Each cell is a model of two drivers: the share of the row's driver in what the two explain together (LMG), with its {level} interval; bold where the interval excludes one half.",
        level=level,
    )
    return printer.figure(
        data,
        result.provenance,
        draw,
        (WIDTH, max(2.0, 0.75 * len(rows) + 1.1 + 0.4 * (len(cols) > 3))),
        caption=how,
        alt=alt,
    )


@draws(SegmentContrasts)
def plot_segments(result: SegmentContrasts, overall: Contrast, *, printer: Printer) -> Exhibit:
    """The difference between two blocks in each segment, below that of all respondents.

    Of more than 40 segments both ends are drawn, shrunken, with the mean over segments, as `plot_forest` does.

    Parameters
    ----------
    overall : Contrast
        The same difference for all respondents.
    """
    if len(result.by_segment) > MOST_GROUPS:
        return plot_forest(result.heterogeneity, printer=printer, unit="share")
    everyone = printer.tr("All respondents")
    data = pd.concat([overall.tidy().assign(segment=everyone, n=overall.n), result.tidy()], ignore_index=True)
    names = [
        f"{printer.label(s)} (n = {printer.number(n, ',d')})" for s, n in zip(data["segment"], data["n"], strict=True)
    ]

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        difference_points(ax, names, data, printer)
        ax.set_xlabel(difference_label(result.a, result.b, printer))
        return ax

    listing = "; ".join(
        f"{name}: {printer.interval(row, '+.0pp')}" for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    alt = f"{difference_label(result.a, result.b, printer)}. {listing}."
    text, size = printer.text(PHRASES["by_chance"]), (WIDTH, 0.42 * len(data) + 1.0)
    small = printer.tr("Left out because they are small: {n}.", n=result.n_withheld) if result.n_withheld else ""
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=alt, note=small)


@draws(Importance)
def table_importance(result: Importance, *, printer: Printer) -> Exhibit:
    """Estimates, shares and ranks with their intervals."""
    data = labelled(result.tidy(), printer, "term", "block").sort_values("rank", kind="stable", ignore_index=True)
    interval = "conf_low" in data
    columns = {
        "rank": "{rank:d}",
        "term": "{term}",
        "block": "{block}",
        "estimate": "{estimate:.3f}" + (" [{conf_low:.3f}; {conf_high:.3f}]" if interval else ""),
        "share": "{share:.1%}" + (" [{share_conf_low:.1%}; {share_conf_high:.1%}]" if interval else ""),
    }
    headings = {"estimate": printer.tr("Part of R²")}
    if "direction" in data:
        data["way"] = [printer.text(DIRECTIONS[way]) for way in data["direction"]]
        columns["direction"] = "{way}: {coefficient:+.2f} [{coefficient_conf_low:+.2f}; {coefficient_conf_high:+.2f}]"
    text = how_to_read(result, printer, "brackets")
    return printer.table(
        data, result.provenance, columns, headings, caption=text, alt=shares_alt(result.tidy(), printer)
    )


@draws(Dominance)
def table_dominance(result: Dominance, *, printer: Printer, of: str) -> Exhibit:
    """Whether one term dominates each of the others, at which level, in how many models and draws.

    Parameters
    ----------
    of : str
        The term set against each of the others.
    """
    data = result.tidy()
    of = the_one_called("driver", of, {term: [printer.label(term)] for term in dict.fromkeys(data["term"])})
    data = (
        data[data["term"] == of]
        .drop(columns="term")
        .assign(level=lambda d: [printer.text(LEVELS[v]) for v in d["level"]])
    )
    columns = {"against": "{against}", "level": "{level}", "proportion": "{proportion:.0%}"}
    if "reproducibility" in data:
        columns["reproducibility"] = "{reproducibility:.0%}"
    data = labelled(data, printer, "against")
    listing = "; ".join(f"{row.against}: {row.level}, {printer.percent(row.proportion)}" for row in data.itertuples())
    name = printer.label(of)
    alt = printer.tr("Dominance of {name} over each other driver. {said}.", name=name, said=listing)
    how = printer.tr(
        "Complete: it adds more in every model of the other drivers; conditional: on average in models of every size; general: on average over sizes. Of models: in how many it adds more. Of draws: in how many the same dominance is found."
    )
    return printer.table(data, result.provenance, columns, caption=how, alt=alt)
