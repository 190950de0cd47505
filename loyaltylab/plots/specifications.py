"""Figures of one comparison under every combination of choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..exhibits import FAINT, INK, Exhibit
from ..flips import Decisive, SmallestFlip
from ..methods import METHODS
from ..results import GLOSSARY, format_number
from ..specification_curves import SpecificationCurve
from .parts import WIDTH, Labels, difference_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["factor_name", "flip_names", "option_name", "plot_decisive", "plot_specification_curve"]

_BAND = "#C9C9C9"
_MOST = 120  # columns of the lower panel; more specifications than this are grouped
_OPTIONS = {
    "scales": {"en": "Scales, all items", "nl": "Schalen, alle items"},
    "driver_out": {"en": "One driver left out", "nl": "Eén driver weg"},
    "item_out": {"en": "One item left out", "nl": "Eén item weg"},
    "index": {"en": "One index a block", "nl": "Eén index per blok"},
    "items_": {"en": "Scales, {k} items a block", "nl": "Schalen, {k} items per blok"},
    "index_": {"en": "Index of {k} items", "nl": "Index van {k} items"},
    "sum": {"en": "Summed", "nl": "Opgeteld"},
    "mean": {"en": "Per driver", "nl": "Per driver"},
    "all": {"en": "Everyone", "nl": "Iedereen"},
    "all blocks": {"en": "All blocks", "nl": "Alle blokken"},
    "two": {"en": "Only these two", "nl": "Alleen deze twee"},
    "none": {"en": "None", "nl": "Geen"},
    "listwise": {"en": "Gaps left open", "nl": "Niets ingevuld"},
    "item_mean": {"en": "Gaps filled in", "nl": "Open items gevuld"},
}
_FACTORS = {
    "measure": {"en": "Blocks compared", "nl": "Blokken vergeleken"},
    "missing": {"en": "Unanswered items", "nl": "Onbeantwoorde items"},
}
_WORDS = {
    "how": {
        "en": "Above: the difference in each of {n} specifications, sorted, with {level} intervals in grey; the square is the main specification. Below: which choices were made there; {shade}. Specifications share their respondents, so they are not independent pieces of evidence.",
        "nl": "Boven: het verschil in elk van de {n} specificaties, gesorteerd, met {level}-intervallen in grijs; het vierkant is de hoofdkeuze. Onder: welke keuzes daar zijn gemaakt; {shade}. Specificaties delen hun respondenten en zijn dus geen onafhankelijk bewijs.",
    },
    "ticks": {"en": "a tick is a choice made", "nl": "een streepje is een gemaakte keuze"},
    "shades": {
        "en": "specifications are grouped in {bins}, and the darker, the more of a group made that choice",
        "nl": "specificaties zijn gegroepeerd in {bins}, en hoe donkerder, hoe meer van een groep die keuze maakte",
    },
    "alt": {
        "en": "{what}: median {median}, from {low} to {high}; above zero in {ahead} of the specifications, with the whole interval in {clear}, and with the whole interval below zero in {against}.",
        "nl": "{what}: mediaan {median}, van {low} tot {high}; boven nul in {ahead} van de specificaties, met het hele interval in {clear}, en met het hele interval onder nul in {against}.",
    },
    "sorted": {"en": "Specifications, sorted", "nl": "Specificaties, gesorteerd"},
    "decisive": {
        "en": "Mean difference over all specifications with an option: the lowest and the highest option of each choice. A line that crosses zero: that choice decides which block is ahead on average.",
        "nl": "Gemiddeld verschil over alle specificaties met een optie: de laagste en de hoogste optie van elke keuze. Een lijn die de nul kruist: die keuze beslist welk blok gemiddeld voorligt.",
    },
}


def factor_name(factor: str, language: str) -> str:
    """A choice in words."""
    return _FACTORS.get(factor, GLOSSARY[factor])[language]


def option_name(factor: str, option: str, labels: Labels, language: str) -> str:
    """An option of a choice in words."""
    if factor == "method":
        return METHODS[option].label[language]
    kind, _, k = option.partition("_")
    if factor == "building" and k.isdigit():
        return _OPTIONS[f"{kind}_"][language].format(k=k)
    if factor == "blocks_kept" and option == "all":
        return _OPTIONS["all blocks"][language]
    known = factor in ("building", "measure", "blocks_kept", "missing") or option in ("all", "none")
    if known and option in _OPTIONS:
        return _OPTIONS[option][language]
    return " + ".join(labels.get(part, part) for part in option.split(" + "))


def flip_names(result: SmallestFlip, labels: Labels, language: str, most: int = 8) -> list[str]:
    """The changes that put the other block ahead, in words; the largest reversals first."""
    specs, names = result.curve.specs.all, []
    for i in result.flips[:most]:
        parts = [
            f"{factor_name(factor, language).lower()}: {option_name(factor, specs[i][factor], labels, language).lower()}"
            + (f" ({labels.get(specs[i].left_out, specs[i].left_out)})" if factor == "building" and specs[i].left_out else "")
            for factor in specs[i].distance(specs[0])
        ]  # fmt: skip
        names.append(" + ".join(parts))
    return names


def plot_specification_curve(
    result: SpecificationCurve, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """The sorted estimates of all specifications above, the choices behind them below."""
    data, rows = _binned(result)
    names = [factor_name(*row, language) if len(row) == 1 else option_name(*row, labels, language) for row in rows]

    def draw(figure: Figure) -> Axes:
        top, below = figure.subplots(2, 1, sharex=True, height_ratios=[2.2, 0.24 * len(rows)])
        _estimates(top, data, result, language)
        _panel(below, data, rows, names)
        what = difference_label(result.specs.a, result.specs.b, labels, language)
        top.set_title(what.replace(", ", ",\n"), weight="normal")
        below.set_xlabel(_WORDS["sorted"][language])
        return below

    text = caption or _caption(result, len(data), language)
    size = (WIDTH, 2.9 + 0.24 * len(rows))
    return Exhibit(id, title, text, _alt(result, labels, language), data, result.provenance, language, draw, size)


def _binned(result: SpecificationCurve) -> tuple[pd.DataFrame, list[tuple[str, ...]]]:
    """Medians of groups of neighbours in the sorted curve, the part of each that made each choice; and the rows."""
    import pandas as pd

    frame, S = result.tidy(), len(result.estimates)
    group = np.arange(S) * min(S, _MOST) // S
    found = frame.groupby(group)[["estimate", "conf_low", "conf_high"]].median().assign(n=np.bincount(group))
    varied = {name: options for name, options in result.specs.options.items() if len(options) > 1}
    rows: list[tuple[str, ...]] = []
    columns = {}
    for factor, options in varied.items():
        rows.append((factor,))
        for option in options:
            rows.append((factor, option))
            columns[f"{factor}: {option}"] = (frame[factor] == option).groupby(group).mean()
    return pd.concat([found, pd.DataFrame(columns)], axis=1).rename(columns={"n": "n_specifications"}), rows


def _estimates(ax: Axes, data: pd.DataFrame, result: SpecificationCurve, language: str) -> None:
    """Band of intervals, line of estimates, line at zero, the main specification."""
    x = (np.cumsum(data["n_specifications"]) - data["n_specifications"] / 2) / data["n_specifications"].sum()
    width = 1 / len(data)
    for at, low, high in zip(x, data["conf_low"], data["conf_high"], strict=True):
        ax.fill_between([at - width / 2, at + width / 2], low, high, color=_BAND, linewidth=0)
    ax.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    ax.plot(x, data["estimate"], color=INK, linewidth=1.8)
    main = result.estimates[0]
    ax.plot((result.estimates < main).mean(), main, "s", color=INK, markerfacecolor="white", markersize=7)
    ax.yaxis.set_major_formatter(lambda value, _: format_number(value, "+.0pp", language))
    ax.tick_params(axis="x", length=0, labelbottom=False)


def _panel(ax: Axes, data: pd.DataFrame, rows: list[tuple[str, ...]], names: list[str]) -> None:
    """One row an option; black where every specification of a group made that choice."""
    n = len(data)
    for y, row in enumerate(rows):
        if len(row) == 1:
            continue
        values = data[f"{row[0]}: {row[1]}"].to_numpy()
        shade = values / max(values.max(), 1e-9) if values.max() < 1 else values
        for i in np.flatnonzero(shade > 0.02):
            ax.fill_between(
                [(i + 0.08) / n, (i + 0.92) / n], y - 0.36, y + 0.36, color=str(round(0.94 * (1 - shade[i]), 2)), linewidth=0
            )  # fmt: skip
    ax.set_yticks(range(len(rows)), names)
    for label, row in zip(ax.get_yticklabels(), rows, strict=True):
        label.set(weight="bold" if len(row) == 1 else "normal", fontsize=8)
    ax.set(ylim=(len(rows) - 0.5, -0.5), xlim=(0, 1), xticks=[])
    ax.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def _caption(result: SpecificationCurve, bins: int, language: str) -> str:
    many = len(result.estimates) > _MOST
    shade = _WORDS["shades" if many else "ticks"][language].format(bins=bins)
    n = format_number(len(result.estimates), ",d", language)
    level = format_number(result.conf_level, ".0%", language)
    return _WORDS["how"][language].format(n=n, level=level, shade=shade)


def _alt(result: SpecificationCurve, labels: Labels, language: str) -> str:
    whole = result.glance().iloc[0]
    points = {"median": "median", "low": "lowest", "high": "highest"}
    parts = {"ahead": "part_ahead", "clear": "part_clear", "against": "part_clear_against"}
    said = {key: format_number(whole[column], "+.0pp", language) for key, column in points.items()}
    said |= {key: format_number(whole[column], ".0%", language) for key, column in parts.items()}
    return _WORDS["alt"][language].format(
        what=difference_label(result.specs.a, result.specs.b, labels, language), **said
    )


def plot_decisive(
    result: Decisive, a: str, b: str, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """For each choice, from the option with the lowest mean difference to the one with the highest."""
    data = result.tidy()
    names = [
        {side: option_name(row["term"], row[f"option_{side}"], labels, language) for side in ("low", "high")}
        for _, row in data.iterrows()
    ]

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        ax.hlines(y, data["mean_low"], data["mean_high"], color=INK, linewidth=2)
        for side, marker in (("low", "o"), ("high", "s")):
            ax.plot(data[f"mean_{side}"], y, marker, color=INK, markerfacecolor="white", markersize=7)
        ticks = [
            f"{factor_name(term, language)}:\n○ {name['low']}\n□ {name['high']}"
            for term, name in zip(data["term"], names, strict=True)
        ]
        ax.set_yticks(y, ticks, fontsize=8.5, linespacing=1.15)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_ylim(-0.6, len(data) - 0.4)
        ax.set_xlabel(difference_label(a, b, labels, language).replace(", ", ",\n"))
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, "+.0pp", language))
        return ax

    alt = "; ".join(
        f"{factor_name(row['term'], language)}: {name['low']} {format_number(row['mean_low'], '+.0pp', language)}, "
        f"{name['high']} {format_number(row['mean_high'], '+.0pp', language)}"
        for (_, row), name in zip(data.iterrows(), names, strict=True)
    )
    size = (WIDTH, 0.62 * len(data) + 1.0)
    text = caption or _WORDS["decisive"][language]
    return Exhibit(id, title, text, f"{alt}.", data, result.provenance, language, draw, size)
