"""The importance-performance map, what tactics are worth if they are taken at their word, and a table changed by hand."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from ...core import pd, tr
from ...drivers import QUADRANTS, Hypothetical, PerformanceMap
from ...kernels import FloatArray
from ...loyalty import ASSUMPTIONS, ExpectedChange, Tactics
from ..exhibit import COLOURS, Exhibit, Printer
from ..parts import (
    PHRASES,
    SPARE,
    WIDTH,
    block_bars,
    block_legend,
    intervals_text,
    name_rows,
    numbers_beside,
    percent_axis,
)
from ..sketch import draws
from ..style import FAINT, INK, settle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PHRASES = {
    "concentrate here": tr("concentrate here"),
    "keep up": tr("keep up"),
    "low priority": tr("low priority"),
    "possible overkill": tr("possible overkill"),
    "undecided": tr("quadrant undecided"),
}


@draws(PerformanceMap)
def plot_performance_map(result: PerformanceMap, *, printer: Printer) -> Exhibit:
    """Share of each driver against its mean rating; points are numbers, with their names beneath."""
    data = result.tidy().sort_values("share", ascending=False, kind="stable", ignore_index=True)
    lines = result.glance().iloc[0]
    names = [printer.label(term) for term in data["term"]]
    columns = 2 if len(data) > 6 else 1
    rows = -(-len(data) // columns)
    key = 0.19 * rows + 0.1
    size = (WIDTH, 3.7 + key)

    def draw(figure: Figure) -> None:
        ax, below = figure.subplots(2, height_ratios=[size[1] - key, key])
        _map_points(ax, data)
        _map_lines(ax, data, lines, printer)
        _key(below, names, columns, rows)
        _number(ax, data)

    listing = "; ".join(_map_row(name, row, printer) for name, (_, row) in zip(names, data.iterrows(), strict=True))
    how = printer.tr(
        "Up: how much of the explained variance goes to the driver; right: how well it is rated. Filled points lie in their quadrant beyond chance, open ones may lie in another. Dashed lines are the means of these drivers (Martilla & James 1977)."
    )
    text = f"{how} {intervals_text(result.importance, printer)}"
    alt = printer.tr("Importance-performance map. {rows}.", rows=listing)
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=alt)


def _look(row: pd.Series) -> dict[str, object]:
    colour, _, marker = COLOURS.get(row["block"], SPARE if row["block"] != row["term"] else (INK, "", "o"))
    return {"marker": marker, "color": colour, "markerfacecolor": colour if row["verdict"] != "undecided" else "white"}


def _map_points(ax: Axes, data: pd.DataFrame) -> None:
    faint = 0.9 if len(data) <= 12 else 0.35
    for _, row in data.iterrows():
        x, y = row["performance"], row["share"]
        ax.hlines(y, row["performance_conf_low"], row["performance_conf_high"], color=FAINT, linewidth=0.9, alpha=faint)
        ax.vlines(x, row["share_conf_low"], row["share_conf_high"], color=FAINT, linewidth=0.9, alpha=faint)
        ax.plot(
            x, y, markersize=6.5, markeredgecolor=INK, markeredgewidth=0.9, linestyle="none", zorder=3, **_look(row)
        )


def _map_lines(ax: Axes, data: pd.DataFrame, lines: pd.Series, printer: Printer) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.axhline(lines["share"], color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    ax.axvline(lines["performance"], color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    low, high = data["performance_conf_low"].min(), data["performance_conf_high"].max()
    room = 0.06 * (high - low)
    bottom, top = data["share_conf_low"].min(), data["share_conf_high"].max()
    spare = 0.12 * (top - bottom)
    ax.set(xlim=(low - room, high + room), ylim=(bottom - spare, top + spare))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6, min_n_ticks=3))
    places = {"concentrate here": (0.01, 0.99), "keep up": (0.99, 0.99), "low priority": (0.01, 0.01), "possible overkill": (0.99, 0.01)}  # fmt: skip
    for quadrant in QUADRANTS.values():
        x, y = places[quadrant]
        ax.text(
            x, y, printer.text(_PHRASES[quadrant]), transform=ax.transAxes, style="italic", fontsize=8.5, color="#5A5A5A",
            ha="left" if x < 0.5 else "right", va="bottom" if y < 0.5 else "top",
        )  # fmt: skip
    ax.set(xlabel=printer.tr("Mean answer, 0 to 100 of the range"), ylabel=printer.text(PHRASES["share"]))
    ax.xaxis.set_major_formatter(printer.ticks(".0f"))
    ax.yaxis.set_major_formatter(printer.ticks(".0%"))


def _number(ax: Axes, data: pd.DataFrame) -> None:
    """A number beside each point, moved outwards until it is on no point and no other number."""
    settle(ax.figure)
    box = ax.get_window_extent()
    size = np.array([box.width, box.height]) * 72 / ax.figure.dpi - [0, 20]  # the source line will take some
    part = ax.transAxes.inverted().transform(ax.transData.transform(data[["performance", "share"]].to_numpy()))
    for i, place in enumerate(_places(part * size, size)):
        point, offset = (data["performance"][i], data["share"][i]), tuple(place)
        if np.hypot(*place) > 16:
            line = {"arrowstyle": "-", "color": FAINT, "linewidth": 0.7, "shrinkA": 5, "shrinkB": 3}
            ax.annotate("", point, offset, textcoords="offset points", arrowprops=line).set_in_layout(False)
        style = {"ha": "center", "va": "center", "fontsize": 9, "weight": "bold", "zorder": 5}
        ax.annotate(str(i + 1), point, offset, textcoords="offset points", **style).set_in_layout(False)


def _places(at: FloatArray, size: FloatArray) -> list[FloatArray]:
    """Offsets in points for numbers beside points `at` (k, 2) on axes of this size, greedily."""
    box, found, taken = np.array([16.0, 13.0]), [], np.empty((0, 2))
    corners = np.array([[0, size[1]], [size[0], size[1]], [0, 0], [size[0], 0]]) + np.array(
        [[45, -7], [-30, -7], [40, 7], [-45, 7]]
    )
    angles = np.pi / 4 + np.arange(16) * np.pi / 8
    for i, point in enumerate(at):
        best, least = np.array([9.0, 9.0]), np.inf
        for reach in (11, 14, 18, 23, 29, 36, 44):
            for angle in angles:
                place = reach * np.array([np.cos(angle), np.sin(angle)])
                centre = point + place
                cost = 0.15 * reach
                cost += 100 * (np.abs(taken - centre) < box).all(axis=1).sum()
                cost += 25 * (np.abs(np.delete(at, i, axis=0) - centre) < box * 0.75).all(axis=1).sum()
                cost += 60 * (np.abs(corners - centre) < [52, 13]).all(axis=1).sum()
                cost += 200 * bool((centre < 6).any() or (centre > size - 6).any())
                if cost < least:
                    best, least = place, cost
        found.append(best)
        taken = np.vstack([taken, point + best])
    return found


def _key(ax: Axes, names: list[str], columns: int, rows: int) -> None:
    ax.axis("off")
    ax.set(xlim=(0, 1), ylim=(rows, 0), xticks=[], yticks=[])
    indent = 0.05 if ax.figure.get_figwidth() > 4.5 else 0.08
    width = 78 // columns
    for i, name in enumerate(names):
        x, y = (i // rows) / columns, i % rows + 0.5
        ax.text(x, y, f"{i + 1}", weight="bold", fontsize=8.5, va="center")
        ax.text(x + indent, y, textwrap.shorten(name, width, placeholder="…"), fontsize=8.5, va="center")


def _map_row(name: str, row: pd.Series, printer: Printer) -> str:
    return printer.tr(
        "{name}: share {share}, rated {performance}, {verdict}",
        name=name,
        share=printer.percent(row["share"]),
        performance=printer.number(row["performance"], ".0f"),
        verdict=printer.text(_PHRASES[row["verdict"]]),
    )


@draws(ExpectedChange)
def plot_expected_change(result: ExpectedChange, tactics: Tactics, *, printer: Printer) -> Exhibit:
    """Difference in the outcome that goes with each tactic's emotion; the assumptions stand in the caption.

    Parameters
    ----------
    tactics : Tactics
        What was read by `loyalty.read_tactics`, for their names.
    """
    data = result.tidy()
    tactic_names = tactics.labels(printer.language)
    emotion = {t.name: printer.text(t.emotion_label) for t in tactics.tactics}
    names = [f"{emotion[term]}: {tactic_names[term]}" for term in data["term"]]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        narrow = figure.get_figwidth() < 4.5
        y = np.arange(len(data))[::-1]
        ax.axvline(0, color=INK, linewidth=0.9, zorder=0)
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.6)
        ax.plot(data["estimate"], y, "o", color="#A63A2B", markeredgecolor=INK, markersize=7)
        numbers_beside(ax, y, [printer.number(value, "+.2f") for value in data["estimate"]])
        folded = ["\n".join(textwrap.wrap(name, 17 if narrow else 34)) for name in names]
        name_rows(ax, y, folded, fontsize=7 if narrow else 9)
        ax.set(
            ylim=(-0.6, len(data) - 0.4),
            xlabel=printer.tr("Difference in {outcome}, scale points", outcome=printer.label(result.outcome)),
        )
        ax.xaxis.set_major_formatter(printer.ticks("+.2f"))
        ax.locator_params(axis="x", nbins=5)

    how = printer.tr(
        "Difference between customers who differ {raised} scale points on the emotion, the other drivers equal; lines are {level} intervals. It is what the tactic brings about only if {assumptions}.",
        raised=printer.number(result.raised, "g"),
        level=printer.percent(result.conf_level),
        assumptions="; ".join(printer.text(assumption) for assumption in ASSUMPTIONS),
    )
    rows = printer.rows(names, data, "+.2f")
    alt = printer.tr("Points with intervals by tactic. {rows}.", rows=rows)
    size = (WIDTH, 0.5 * len(data) + 0.8)
    return printer.figure(data, result.provenance, draw, size, caption=how, alt=alt)


_FOUND = tr("as found")


@draws(Hypothetical)
def plot_what_if(result: Hypothetical, *, printer: Printer) -> Exhibit:
    """Bars of the shares in the changed table, a line where each was found; drivers in the order that was found."""
    data = result.tidy().sort_values("share_found", ascending=False, kind="stable", ignore_index=True)

    def draw(figure: Figure) -> None:
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
