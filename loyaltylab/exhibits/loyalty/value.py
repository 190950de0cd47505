"""Value and experience: what correlated drivers cost, the score by the number of high elements, and levels counted in two ways."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import format_number, tr
from ...drivers import Explained, Importance, IntervalCost
from ...loyalty import HighCompanies, HighCounts, ValueMap
from ..exhibit import COLOURS, Exhibit
from ..parts import SPARE, WIDTH, Labels, interval_text, numbers_beside, percent, percent_axis
from ..row_parts import shown, spec_of, withheld_said, word
from ..sketch import draws
from ..style import FAINT, INK, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "plot_explained",
    "plot_high_counts",
    "plot_interval_cost",
    "plot_levels",
    "table_high_companies",
    "table_value_map",
]

_RED = "#A63A2B"
_WORDS = {
    "times": tr("Width of the interval, times that of uncorrelated drivers"),
    "sum": tr("sum of its questions"),
    "player": tr("each level as one"),
}


@draws(ValueMap)
def table_value_map(
    result: ValueMap, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Which questions stand for each level of value, beside the number of elements in the source."""
    data, names = result.tidy(), result.labels(language)
    questions = [
        ", ".join(
            tr("{name}*")[language].format(name=labels.get(item, item))
            if item in result.elsewhere
            else labels.get(item, item)
            for item in result.levels.get(level, ())
        )
        or tr("none asked")[language]
        for level in data["term"]
    ]
    data = data.assign(term=[names.get(level, level) for level in data["term"]], what=questions)
    headings = {"term": tr("Level")[language], "what": tr("Questions that stand for it")[language]}
    headings |= {"n_elements": tr("Elements in the source")[language]}
    columns = {"term": "{term}", "n_elements": "{n_elements:,.0f}", "what": "{what}"}
    alt = "; ".join(f"{row.term}: {row.what}" for row in data.itertuples())
    text = (
        caption
        or tr(
            "Which question stands for which level is a choice, written down in data/value.yml. With an asterisk: another reader may put it in another level; the report computes both."
        )[language]
    )
    return Exhibit(id, title, text, f"{alt}.", data, result.provenance, language, columns=columns, headings=headings)


@draws(HighCompanies)
def table_high_companies(
    result: HighCompanies, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """High elements of each company, how many surely and possibly are, and its score."""
    rows, spec = result.tidy(), spec_of(result.score)
    names = [word(name, labels, language) for name in rows["segment"]]
    data = rows.assign(segment=names, shown=[shown(row, spec, language) for _, row in rows.iterrows()])
    columns = {"segment": "{segment}", "n": "{n:,.0f}", "n_high_elements": "{n_high_elements:,.0f}"}
    columns |= {"n_surely": "{n_surely:,.0f} – {n_possibly:,.0f}", "estimate": "{shown}"}
    headings = {"segment": tr("Company")[language], "n_surely": tr("Surely – possibly")[language]}
    headings |= {"estimate": word(result.score.measure, labels, language)}
    alt = "; ".join(f"{row.segment}: {row.n_high_elements:.0f}, {row.shown}" for row in data.itertuples())
    text = caption or tr(
        "An element is high for a company where at least half of its customers score it highly. Surely: the {level} interval of that share lies wholly at or above half; possibly: it reaches half. The last column has {level} intervals."
    )[language].format(level=percent(result.conf_level, language))
    return Exhibit(id, title, text, f"{alt}.", data, result.provenance, language, columns=columns, headings=headings)


@draws(IntervalCost)
def plot_interval_cost(
    result: IntervalCost, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Times as wide as if drivers were uncorrelated: the interval of each coefficient and of each share, widest on top."""
    data = result.tidy().sort_values("inflation", ascending=False, kind="stable", ignore_index=True)
    names = [labels.get(term, term) for term in data["term"]]
    crowded = len(names) > 15
    if crowded:
        names = [name.replace(" ", "\N{NO-BREAK SPACE}") for name in names]  # one line each: there is no room for two

    def draw(figure: Figure) -> Axes:
        from matplotlib.lines import Line2D
        from matplotlib.ticker import MaxNLocator

        ax, y = figure.subplots(), np.arange(len(data))[::-1]
        ax.hlines(y, data["share_inflation"], data["inflation"], color="#D5D5D5", linewidth=1.4, zorder=1)
        ax.axvline(1, color=INK, linewidth=1.0, zorder=0)
        ax.plot(data["inflation"], y, "s", color=_RED, markersize=6)
        ax.plot(data["share_inflation"], y, "o", color=INK, markerfacecolor=PAPER, markersize=6)
        ax.set_yticks(y, names, fontsize=8.5 if crowded else 10)
        ax.tick_params(axis="y", length=0)
        ax.set(xlim=(0, 1.08 * data["inflation"].max()), ylim=(-0.7, len(data) - 0.3))
        ax.set_xlabel(_WORDS["times"][language])
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, ".1f", language))
        ax.spines["left"].set_visible(False)
        handles = [
            Line2D(
                [], [], marker="o", linestyle="", color=INK, markerfacecolor=PAPER, label=tr("share (LMG)")[language]
            ),
            Line2D([], [], marker="s", linestyle="", color=_RED, label=tr("coefficient")[language]),
        ]
        figure.legend(handles=handles, loc="outside upper left", ncols=2, handletextpad=0.3)
        return ax

    said = "; ".join(
        tr("{name}: coefficient {a}, share {b}")[language].format(
            name=labels.get(row.term, row.term),
            a=format_number(row.inflation, ".2f", language),
            b=format_number(row.share_inflation, ".2f", language),
        )
        for row in data.itertuples()
    )
    alt = f"{_WORDS['times'][language]}. {said}."
    size = (WIDTH, (0.21 if crowded else 0.3) * len(data) + 1.3)
    text = (
        caption
        or tr(
            "Right of the line an interval is wider because drivers go together, left of it narrower. Squares: the regression coefficient (root of the variance inflation). Dots: the LMG share, against uncorrelated drivers that explain the same parts; simulated, normal theory, the same n."
        )[language]
    )
    return Exhibit(id, title, text, alt, data, result.provenance, language, draw, size)


@draws(HighCounts)
def plot_high_counts(
    result: HighCounts, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """The score of each group at its mean number of highly scored elements, with the straight line through them."""
    data = result.tidy()[["segment", "mean_count", "estimate", "conf_low", "conf_high", "n"]]
    spec, measure = spec_of(result.score), word(result.score.measure, labels, language)
    kept = data.dropna(subset="estimate")

    def draw(figure: Figure) -> Axes:
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
            text = format_number(row.estimate, spec, language)
            ax.annotate(
                text, (row.mean_count, row.estimate), (7, 0), textcoords="offset points", va="center", weight="bold"
            )
        ax.set(xlabel=tr("Elements scored highly")[language], ylabel=textwrap.fill(measure, 24))
        ax.set_xlim(-0.04 * kept["mean_count"].max(), 1.12 * kept["mean_count"].max())
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        ax.yaxis.set_major_formatter(lambda value, _: format_number(value, spec, language))
        return ax

    said = "; ".join(f"{row['segment']}: {shown(row, spec, language)}" for _, row in data.iterrows())
    how = tr(
        "Each point is a group of customers, at their mean number of highly scored elements; lines are {level} intervals. Neighbouring numbers are put together until a group has {smallest} customers. The straight line is the trend."
    )[language].format(level=percent(result.conf_level, language), smallest=result.smallest)
    text = caption or f"{how} {withheld_said(result.score, data, language)}".strip()
    alt = f"{measure}, {tr('Elements scored highly')[language].lower()}. {said}."
    return Exhibit(id, title, text, alt, data, result.provenance, language, draw, (WIDTH, 3.3))


@draws(Explained)
def plot_explained(
    result: Explained, claimed: float, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Adjusted R² of each set of drivers with its interval, beside the part that was claimed.

    Parameters
    ----------
    claimed : float
        The part of the variance that was claimed, between 0 and 1.
    """
    data = result.tidy().assign(target=claimed)
    names = [labels.get(term, term) for term in data["term"]]

    def draw(figure: Figure) -> Axes:
        ax, y = figure.subplots(), np.arange(len(data))[::-1]
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.8)
        ax.plot(data["estimate"], y, "o", color=INK, markersize=7)
        numbers_beside(ax, y, [percent(value, language) for value in data["estimate"]])
        ax.axvline(claimed, color=_RED, linewidth=1.8, linestyle=(0, (5, 3)))
        said = tr("claimed {value}")[language].format(value=percent(claimed, language))
        ax.text(claimed + 0.015, len(data) - 0.45, said, color=_RED, va="center", weight="bold")
        ax.set_yticks(y, names)
        ax.tick_params(axis="y", length=0)
        ax.set(xlim=(0, 1), ylim=(-0.5, len(data) - 0.1), xlabel=tr("Part explained (adjusted R²)")[language])
        ax.spines["left"].set_visible(False)
        percent_axis(ax, language)
        return ax

    said = "; ".join(
        f"{name}: {interval_text(row, 'estimate', language)}"
        for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    alt = f"{tr('Part explained (adjusted R²)')[language]}. {said}; {tr('claimed {value}')[language].format(value=percent(claimed, language))}."
    text = caption or tr(
        "Points are adjusted R², lines {level} intervals that allow for the optimism of many drivers. The dashed line is the part that was claimed."
    )[language].format(level=percent(result.conf_level, language))
    return Exhibit(id, title, text, alt, data, result.provenance, language, draw, (WIDTH, 0.62 * len(data) + 1.0))


@draws(Importance)
def plot_levels(
    summed: Importance,
    players: Importance,
    *,
    id: str,
    title: str,
    labels: Labels,
    language: str = "en",
    caption: str = "",
) -> Exhibit:
    """Share of each level counted in two ways: the shares of its questions added, and the level as one player.

    Parameters
    ----------
    players : Importance
        The same model with whole blocks for players.
    """
    import pandas as pd

    parts = {"sum": summed.blocks().tidy(), "player": players.tidy()}
    columns = ["how", "term", "n_drivers", "share", "share_conf_low", "share_conf_high"]
    data = pd.concat([frame.assign(how=how)[columns] for how, frame in parts.items()], ignore_index=True)

    def draw(figure: Figure) -> Axes:
        ax, k = figure.subplots(), len(parts["sum"])
        for how, rows in data.groupby("how", sort=False):
            y = np.arange(k)[::-1] + (0.17 if how == "sum" else -0.17)
            for at, row in zip(y, rows.itertuples(), strict=True):
                _level_row(ax, at, row, how == "sum", language)
        ax.set_yticks(np.arange(k)[::-1], [labels.get(term, term) for term in parts["sum"]["term"]])
        ax.tick_params(axis="y", length=0)
        ax.set(
            xlim=(0, 1.16 * data["share_conf_high"].max()),
            ylim=(-0.5, k - 0.5),
            xlabel=tr("Share of the explained variance")[language],
        )
        ax.spines["left"].set_visible(False)
        percent_axis(ax, language)
        _level_legend(figure, language)
        return ax

    said = "; ".join(
        f"{labels.get(row['term'], row['term'])}, {_WORDS[row['how']][language]}: {interval_text(row, 'share', language)}"
        for _, row in data.iterrows()
    )
    text = caption or tr(
        "Filled: the LMG shares of its questions added, which favours a level with many questions. Open: each level enters as a whole, whatever its number of questions. Lines are {level} intervals."
    )[language].format(level=percent(summed.conf_level, language))
    size = (WIDTH, 0.62 * len(parts["sum"]) + 1.2)
    return Exhibit(
        id,
        title,
        text,
        f"{tr('Share of the explained variance')[language]}. {said}.",
        data,
        summed.provenance,
        language,
        draw,
        size,
    )


def _level_row(ax: Axes, at: float, row: Any, filled: bool, language: str) -> None:
    colour, _, marker = COLOURS.get(row.term, SPARE)
    ax.hlines(at, row.share_conf_low, row.share_conf_high, color=INK, linewidth=1.5)
    ax.plot(row.share, at, marker, color=INK, markerfacecolor=colour if filled else PAPER, markersize=8)
    text, look = percent(row.share, language), {"weight": "bold" if filled else "normal", "fontsize": 9}
    ax.annotate(text, (row.share_conf_high, at), (5, 0), textcoords="offset points", va="center", **look)


def _level_legend(figure: Figure, language: str) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [], [], marker="o", linestyle="", color=INK, markerfacecolor=fill, label=_WORDS[how][language], markersize=8
        )
        for how, fill in (("sum", "#8C8C8C"), ("player", PAPER))
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=2, handletextpad=0.3)
