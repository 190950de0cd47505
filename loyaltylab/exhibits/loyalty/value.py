"""Value and experience: what correlated drivers cost, the score by the number of high elements, and levels counted in two ways."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import pd, tr
from ...drivers import AdjustedRSquared, Importance, IntervalCost
from ...loyalty import HighCompanies, HighCounts, ValueMap
from ..exhibit import COLOURS, Exhibit, Printer
from ..parts import (
    CROWDED,
    SPARE,
    WIDTH,
    against_text,
    name_rows,
    names_of_blocks,
    numbers_beside,
    percent_axis,
    points_legend,
    rows_high,
    shown,
    signed,
    spec_of,
    withheld_text,
    word,
)
from ..sketch import draws
from ..style import FAINT, INK, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_RED = "#A63A2B"
_PHRASES = {
    "times": tr("Width of the interval, times that of uncorrelated drivers"),
    "sum": tr("sum of its questions"),
    "player": tr("each level as one"),
}


@draws(ValueMap)
def table_value_map(result: ValueMap, importance: Importance | None = None, *, printer: Printer) -> Exhibit:
    """Which questions stand for each level of value, beside the number of elements in the source.

    Parameters
    ----------
    importance : Importance, optional
        Of these questions; those that work against its outcome get a sign.
    """
    data, names = result.tidy(), result.labels(printer.language)
    questions = [
        ", ".join(
            printer.tr("{name}*", name=signed(item, importance, printer))
            if item in result.elsewhere
            else signed(item, importance, printer)
            for item in result.levels.get(level, ())
        )
        or printer.tr("none asked")
        for level in data["term"]
    ]
    data = data.assign(term=[names.get(level, level) for level in data["term"]], what=questions)
    headings = {"term": printer.tr("Level"), "what": printer.tr("Questions that stand for it")}
    headings |= {"n_elements": printer.tr("Elements in the source")}
    columns = {"term": "{term}", "n_elements": "{n_elements:,.0f}", "what": "{what}"}
    alt = "; ".join(f"{row.term}: {row.what}" for row in data.itertuples())
    text = printer.tr(
        "Which question stands for which level is a choice, written down in data/value.yml. With an asterisk: another reader may put it in another level; the report computes both."
    )
    caption = f"{text} {against_text(importance, printer)}".strip()
    return printer.table(data, result.provenance, columns, headings, caption=caption, alt=f"{alt}.")


@draws(HighCompanies)
def table_high_companies(result: HighCompanies, *, printer: Printer) -> Exhibit:
    """High elements of each company, how many surely and possibly are, and its score."""
    rows, spec = result.tidy(), spec_of(result.score)
    names = [word(name, printer) for name in rows["segment"]]
    data = rows.assign(segment=names, shown=[shown(row, spec, printer) for _, row in rows.iterrows()])
    columns = {"segment": "{segment}", "n": "{n:,.0f}", "n_high_elements": "{n_high_elements:,.0f}"}
    columns |= {"n_surely": "{n_surely:,.0f} – {n_possibly:,.0f}", "estimate": "{shown}"}
    headings = {"segment": printer.tr("Company"), "n_surely": printer.tr("Surely – possibly")}
    headings |= {"estimate": word(result.score.measure, printer)}
    alt = "; ".join(f"{row.segment}: {row.n_high_elements:.0f}, {row.shown}" for row in data.itertuples())
    text = printer.tr(
        "An element is high for a company where at least half of its customers score it highly. Surely: the {level} interval of that share lies wholly at or above half; possibly: it reaches half. The last column has {level} intervals.",
        level=printer.percent(result.conf_level),
    )
    return printer.table(data, result.provenance, columns, headings, caption=text, alt=f"{alt}.")


@draws(IntervalCost)
def plot_interval_cost(result: IntervalCost, *, printer: Printer) -> Exhibit:
    """Times as wide as if drivers were uncorrelated: the interval of each coefficient and of each share, widest on top."""
    data = result.tidy().sort_values("inflation", ascending=False, kind="stable", ignore_index=True)
    names = [printer.label(term) for term in data["term"]]
    crowded = len(names) > CROWDED
    if crowded:
        names = [name.replace(" ", "\N{NO-BREAK SPACE}") for name in names]  # one line each: there is no room for two

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import MaxNLocator

        ax, y = figure.subplots(), np.arange(len(data))[::-1]
        ax.hlines(y, data["share_inflation"], data["inflation"], color="#D5D5D5", linewidth=1.4, zorder=1)
        ax.axvline(1, color=INK, linewidth=1.0, zorder=0)
        ax.plot(data["inflation"], y, "s", color=_RED, markersize=5)
        ax.plot(data["share_inflation"], y, "o", color=INK, markerfacecolor=PAPER, markersize=5)
        name_rows(ax, y, names, fontsize=8 if crowded else 10)
        ax.set(xlim=(0, 1.08 * data["inflation"].max()), ylim=(-0.7, len(data) - 0.3))
        ax.set_xlabel(printer.text(_PHRASES["times"]))
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.xaxis.set_major_formatter(printer.ticks(".1f"))
        share = {"marker": "o", "linestyle": "", "color": INK, "markerfacecolor": PAPER}
        points = {printer.tr("share (LMG)"): share}
        points[printer.tr("coefficient")] = {"marker": "s", "linestyle": "", "color": _RED}
        points_legend(figure, points, handletextpad=0.3)

    listing = "; ".join(
        printer.tr(
            "{name}: coefficient {a}, share {b}",
            name=printer.label(row.term),
            a=printer.number(row.inflation, ".2f"),
            b=printer.number(row.share_inflation, ".2f"),
        )
        for row in data.itertuples()
    )
    alt = f"{printer.text(_PHRASES['times'])}. {listing}."
    size = (WIDTH, rows_high(len(data), 0.3) + 1.3)
    text = printer.tr(
        "Right of the line an interval is wider because drivers go together, left of it narrower. Squares: the regression coefficient (root of the variance inflation). Dots: the LMG share, against uncorrelated drivers that explain the same parts; simulated, normal theory, the same n."
    )
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=alt)


@draws(HighCounts)
def plot_high_counts(result: HighCounts, *, printer: Printer) -> Exhibit:
    """The score of each group at its mean number of highly scored elements, with the straight line through them."""
    data = result.tidy()[["segment", "mean_count", "estimate", "conf_low", "conf_high", "n"]]
    spec, measure = spec_of(result.score), word(result.score.measure, printer)
    kept = data.dropna(subset="estimate")

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import MaxNLocator

        ax = figure.subplots()
        if result.slope is not None:
            centre = np.average(kept["mean_count"], weights=kept["n"]), np.average(kept["estimate"], weights=kept["n"])
            ends = kept["mean_count"].iloc[[0, -1]]
            ax.plot(ends, centre[1] + result.slope.estimate * (ends - centre[0]), color="#B9B9B9", linewidth=2.2)
        ax.vlines(kept["mean_count"], kept["conf_low"], kept["conf_high"], color=INK, linewidth=1.5)
        ax.plot(kept["mean_count"], kept["estimate"], "o", color=_RED, markersize=6.5)
        if kept["conf_low"].min() < 0 < kept["conf_high"].max():
            ax.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        for row in kept.iloc[[0, -1]].itertuples():
            text = printer.number(row.estimate, spec)
            ax.annotate(
                text, (row.mean_count, row.estimate), (7, 0), textcoords="offset points", va="center", weight="bold"
            )
        ax.set(xlabel=printer.tr("Elements scored highly"), ylabel=textwrap.fill(measure, 24))
        ax.set_xlim(-0.04 * kept["mean_count"].max(), 1.12 * kept["mean_count"].max())
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        ax.yaxis.set_major_formatter(printer.ticks(spec))

    listing = "; ".join(f"{row['segment']}: {shown(row, spec, printer)}" for _, row in data.iterrows())
    how = printer.tr(
        "Each point is a group of customers, at their mean number of highly scored elements; lines are {level} intervals. Neighbouring numbers are put together until a group has {smallest} customers. The straight line is the trend.",
        level=printer.percent(result.conf_level),
        smallest=result.smallest,
    )
    text = f"{how} {withheld_text(result.score, data, printer)}".strip()
    alt = f"{measure}, {printer.tr('Elements scored highly').lower()}. {listing}."
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.3), caption=text, alt=alt)


@draws(AdjustedRSquared)
def plot_adjusted_r_squared(result: AdjustedRSquared, claimed: float, *, printer: Printer) -> Exhibit:
    """Adjusted R² of each set of drivers with its interval, beside the part that was claimed.

    Parameters
    ----------
    claimed : float
        The part of the variance that was claimed, between 0 and 1.
    """
    data = result.tidy().assign(target=claimed)
    names = [printer.label(term) for term in data["term"]]

    def draw(figure: Figure) -> None:
        ax, y = figure.subplots(), np.arange(len(data))[::-1]
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.8)
        ax.plot(data["estimate"], y, "o", color=INK, markersize=7)
        numbers_beside(ax, y, [printer.percent(value) for value in data["estimate"]])
        ax.axvline(claimed, color=_RED, linewidth=1.8, linestyle=(0, (5, 3)))
        label = printer.tr("claimed {value}", value=printer.percent(claimed))
        ax.text(claimed + 0.015, len(data) - 0.45, label, color=_RED, va="center", weight="bold")
        name_rows(ax, y, names)
        ax.set(xlim=(0, 1), ylim=(-0.5, len(data) - 0.1), xlabel=printer.tr("Part explained (adjusted R²)"))
        percent_axis(ax, printer)

    listing = printer.rows(names, data, ".0%", ":")
    alt = f"{printer.tr('Part explained (adjusted R²)')}. {listing}; {printer.tr('claimed {value}', value=printer.percent(claimed))}."
    text = printer.tr(
        "Points are adjusted R², lines {level} intervals that allow for the optimism of many drivers. The dashed line is the part that was claimed.",
        level=printer.percent(result.conf_level),
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, 0.62 * len(data) + 1.0), caption=text, alt=alt)


@draws(Importance)
def plot_levels(summed: Importance, players: Importance, *, printer: Printer) -> Exhibit:
    """Share of each level counted in two ways: the shares of its questions added, and the level as one player.

    Parameters
    ----------
    players : Importance
        The same model with whole blocks for players.
    """
    parts = {"sum": summed.blocks().tidy(), "player": players.tidy()}
    columns = ["how", "term", "n_drivers", "share", "share_conf_low", "share_conf_high"]
    data = pd.concat([frame.assign(how=how)[columns] for how, frame in parts.items()], ignore_index=True)

    def draw(figure: Figure) -> None:
        ax, k = figure.subplots(), len(parts["sum"])
        for how, rows in data.groupby("how", sort=False):
            y = np.arange(k)[::-1] + (0.17 if how == "sum" else -0.17)
            for at, row in zip(y, rows.itertuples(), strict=True):
                _level_row(ax, at, row, how == "sum", printer)
        name_rows(ax, np.arange(k)[::-1], names_of_blocks(parts["sum"]["term"], summed, printer))
        ax.set(
            xlim=(0, 1.16 * data["share_conf_high"].max()),
            ylim=(-0.5, k - 0.5),
            xlabel=printer.tr("Share of the explained variance"),
        )
        percent_axis(ax, printer)
        fills = {"sum": "#8C8C8C", "player": PAPER}
        look = {"marker": "o", "linestyle": "", "color": INK, "markersize": 8}
        points = {printer.text(_PHRASES[how]): look | {"markerfacecolor": fill} for how, fill in fills.items()}
        points_legend(figure, points, handletextpad=0.3)

    listing = "; ".join(
        f"{printer.label(row['term'])}, {printer.text(_PHRASES[row['how']])}: {printer.interval(row, '.0%', 'share')}"
        for _, row in data.iterrows()
    )
    text = printer.tr(
        "Filled: the LMG shares of its questions added, which favours a level with many questions. Open: each level enters as a whole, whatever its number of questions. Lines are {level} intervals.",
        level=printer.percent(summed.conf_level),
    )
    size = (WIDTH, 0.62 * len(parts["sum"]) + 0.2 * len(summed.against) + 1.2)
    against = against_text(summed, printer)
    return printer.figure(
        data,
        summed.provenance,
        draw,
        size,
        caption=text,
        alt=f"{printer.tr('Share of the explained variance')}. {listing}. {against}".strip(),
        note=against,
    )


def _level_row(ax: Axes, at: float, row: Any, filled: bool, printer: Printer) -> None:
    colour, _, marker = COLOURS.get(row.term, SPARE)
    ax.hlines(at, row.share_conf_low, row.share_conf_high, color=INK, linewidth=1.5)
    ax.plot(row.share, at, marker, color=INK, markerfacecolor=colour if filled else PAPER, markersize=8)
    text, style = printer.percent(row.share), {"weight": "bold" if filled else "normal", "fontsize": 9}
    ax.annotate(text, (row.share_conf_high, at), (5, 0), textcoords="offset points", va="center", **style)
