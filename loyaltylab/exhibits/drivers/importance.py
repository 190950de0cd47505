"""How much of the outcome goes with each driver and block, as figures and tables; ranks, and what each block contains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...core import MOST_GROUPS, pd, the_one_called, tr
from ...drivers import (
    METHODS,
    Comparison,
    Contrast,
    ContrastRanges,
    Dominance,
    HeadToHead,
    Importance,
    SegmentContrasts,
    ranks,
)
from ...kernels import FloatArray
from ...survey import BlockContents, name_in_words
from ..exhibit import Exhibit, Printer
from ..groups import plot_forest
from ..parts import (
    CROWDED,
    DIRECTIONS,
    LEVELS,
    PHRASES,
    SIGNS,
    WIDTH,
    against_text,
    block_legend,
    difference_label,
    difference_points,
    how_to_read,
    intervals_text,
    labelled,
    method_text,
    name_rows,
    names_of_blocks,
    percent_axis,
    points_legend,
    rows_high,
    share_bars,
    shares_alt,
)
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure


@draws(Importance, default=True)
def plot_importance(result: Importance, *, printer: Printer) -> Exhibit:
    """Share of each driver in the explained variance, largest on top, coloured by block."""
    data = result.tidy().sort_values("share", ascending=False, kind="stable", ignore_index=True)
    size = (WIDTH, rows_high(len(data), 0.34) + 1.35)

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        share_bars(ax, data, printer)
        block_legend(figure, list(dict.fromkeys(data["block"])), printer)

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

    def draw(figure: Figure) -> None:
        top, bottom = figure.subplots(2, 1, height_ratios=[len(shares), 1.15])
        share_bars(top, shares, printer, names)
        difference_points(bottom, [""], difference, printer)
        bottom.set_xlabel(difference_label(contrast.a, contrast.b, printer))

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

    def draw(figure: Figure) -> None:
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

    def draw(figure: Figure) -> None:
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

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        difference_points(ax, names, data, printer)
        ax.set_xlabel(difference_label(result.a, result.b, printer))

    listing = printer.rows(names, data, "+.0pp", ":")
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


_MAY_BE_FIRST, _NOT_FIRST = "#A63A2B", "#8C8C8C"
_FIRST = {"may_be_first": tr("may be first"), "not_first": tr("not first")}


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

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(parts), 1, height_ratios=high, squeeze=False)[:, 0]
        for ax, part, said, head in zip(axes, parts, names, heads, strict=True):
            _rank_panel(ax, part, said)
            if several:
                ax.set_title(head, loc="left", fontsize=10, weight="bold", pad=3)
        axes[-1].set_xlabel(printer.tr("Rank (1 is the strongest)"))
        looks = {"may_be_first": {"marker": "o", "color": _MAY_BE_FIRST}}
        if (data["rank_conf_low"] > 1).any():
            looks["not_first"] = {"marker": "o", "color": _NOT_FIRST, "markerfacecolor": "white"}
        points = {printer.text(_FIRST[name]): look for name, look in looks.items()}
        points_legend(figure, points, handlelength=1.8, columnspacing=1.4)

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
        size = 5 if len(data) > CROWDED else 7
        ax.plot(row.rank, at, "o", color=colour, markerfacecolor=fill, markeredgewidth=1.4, markersize=size)


@draws(ContrastRanges)
def plot_contrast_ranges(result: ContrastRanges, *, printer: Printer) -> Exhibit:
    """Smallest z of every two printed correlations against n, over every inter-correlation that data can have."""
    data, found = result.curve(), result.tidy()
    dashes = ["-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)), (0, (1, 1))]
    colours = ["#A63A2B", "#1F4E79", "#8A6D1B", INK, FAINT]
    listing = [printer.tr("{a} – {b}", a=printer.label(a), b=printer.label(b)) for a, b in _pairs(found)]

    def draw(figure: Figure) -> None:
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


@draws(BlockContents)
def table_blocks(result: BlockContents, importance: Importance | None = None, *, printer: Printer) -> Exhibit:
    """The drivers of each block with the questions they are made of, and where other sources put these.

    Parameters
    ----------
    importance : Importance, optional
        Of these drivers; those that work against its outcome get a sign.
    """
    data = result.tidy()
    names = data["term"].tolist()
    data["items"] = ["; ".join(result.questions(name, printer.language)) or "–" for name in names]
    against = importance.against if importance is not None else []
    data["driver"] = [
        name_in_words(result.codebook, name, printer.language) + SIGNS["against"] * (name in against) for name in names
    ]
    data["place"] = [printer.label(block) for block in data["block"]]
    columns = {"block": "{place}", "term": "{driver}", "items": "{items}"}
    headings = {"items": printer.tr("Questions"), "term": printer.tr("Driver")}
    how = tr(
        "Which driver stands in which block is a choice, and a verdict on blocks rests on it. In brackets after a driver: what was really asked, where it stands in for something else; after a question: the block another source puts it in."
    )
    alt = " ".join(f"{row.place}, {row.driver}: {row.items}." for row in data.itertuples())
    return printer.table(data, result.provenance, columns, headings, caption=f"{printer.text(how)} {against_text(importance, printer)}".strip(), alt=alt)  # fmt: skip
