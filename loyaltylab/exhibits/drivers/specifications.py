"""Figures of one comparison under every combination of choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core import GLOSSARY, format_number, tr
from ...drivers import FACTORS, METHODS, Decisive, SmallestFlip, SpecificationCurve
from ..exhibit import Exhibit
from ..parts import WIDTH, Labels, difference_label
from ..sketch import draws
from ..style import FAINT, INK, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["factor_name", "flip_names", "option_name", "plot_decisive", "plot_specification_curve"]

_BAND = "#C9C9C9"
_PAPER = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}
_MOST = 60  # columns of the lower panel; more specifications than this are grouped
_OPTIONS = {
    "scales": tr("Scales, all items"),
    "driver_out": tr("One driver left out"),
    "item_out": tr("One item left out"),
    "index": tr("One index a block"),
    "items_": tr("Scales, {k} items"),
    "index_": tr("Index of {k} items"),
    "sum": tr("Summed"),
    "mean": tr("Per driver"),
    "all": tr("Everyone"),
    "two": tr("Only these two"),
    "none": tr("None"),
    "listwise": tr("Complete answers"),
    "item_mean": tr("Gaps filled in"),
    "pairwise": tr("Pair by pair"),
    "observed": tr("As observed"),
    "attenuation": tr("Corrected for error"),
    "overlap_out": tr("Without look-alikes"),
    "codebook": tr("As in the codebook"),
    "elsewhere": tr("Items where other sources put them"),
    "weakest_out": tr("Without each block's weakest scale"),
}
_FACTORS = {
    "coding": tr("Coding of blocks"),
    "measure": tr("Blocks compared"),
    "correction": tr("Error of measurement"),
    "missing": tr("Unanswered items"),
}


def factor_name(factor: str, language: str) -> str:
    """A choice in words."""
    return (_FACTORS.get(factor) or GLOSSARY[factor].heading)[language]


def option_name(factor: str, option: str, labels: Labels, language: str) -> str:
    """An option of a choice in words."""
    if factor == "method":
        return METHODS[option].label[language]
    kind, _, k = option.partition("_")
    if factor == "building" and k.isdigit():
        return _OPTIONS[f"{kind}_"][language].format(k=k)
    if factor == "blocks_kept" and option == "all":
        return tr("All blocks")[language]
    known = factor in ("building", "coding", "measure", "blocks_kept", "correction", "missing") or option in (
        "all",
        "none",
    )
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


@draws(SpecificationCurve)
def plot_specification_curve(
    result: SpecificationCurve, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """The sorted estimates of all specifications above, the choices behind them below; the data hold every one of them."""
    rows = _rows(result)
    names = [factor_name(*row, language) if len(row) == 1 else option_name(*row, labels, language) for row in rows]

    def draw(figure: Figure) -> Axes:
        top, below = figure.subplots(2, 1, sharex=True, height_ratios=[2.2, 0.2 * len(rows)])
        _estimates(top, result, language)
        _panel(below, result, rows, names)
        what = difference_label(result.specs.a, result.specs.b, labels, language)
        top.set_title(what.replace(", ", ",\n"), weight="normal")
        below.set_xlabel(tr("Specifications, sorted")[language])
        return below

    text = caption or _caption(result, language)
    size = (WIDTH, 2.7 + 0.2 * len(rows))
    alt = _alt(result, labels, language)
    return Exhibit(id, title, text, alt, result.tidy(), result.provenance, language, draw, size)


def _rows(result: SpecificationCurve) -> list[tuple[str, ...]]:
    """What stands beside the lower panel: each choice that was varied, then its options."""
    varied = [(name, options) for name, options in result.specs.options.items() if len(options) > 1]
    return [row for name, options in varied for row in [(name,), *((name, option) for option in options)]]


def _estimates(ax: Axes, result: SpecificationCurve, language: str) -> None:
    """Band of intervals, line of estimates, line at zero, the main specification; medians of neighbours where many."""
    order = np.argsort(result.estimates, kind="stable")
    groups = np.array_split(order, min(len(order), _MOST))
    x = np.cumsum([0, *map(len, groups)]) / len(order)
    low, high = (np.array([np.median(ends[group]) for group in groups]) for ends in result.ends)
    middle = np.array([np.median(result.estimates[group]) for group in groups])
    ax.fill_between(x, [*low, low[-1]], [*high, high[-1]], step="post", color=_BAND, linewidth=0)
    ax.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    ax.plot((x[1:] + x[:-1]) / 2, middle, color=INK, linewidth=1.8)
    main = result.estimates[0]
    ax.plot((result.estimates < main).mean(), main, "s", color=INK, markerfacecolor="white", markersize=7)
    ax.yaxis.set_major_formatter(lambda value, _: format_number(value, "+.0pp", language))
    ax.tick_params(axis="x", length=0, labelbottom=False)


def _panel(ax: Axes, result: SpecificationCurve, rows: list[tuple[str, ...]], names: list[str]) -> None:
    """One row an option; black where every specification of a group of neighbours made that choice."""
    groups = np.array_split(np.argsort(result.estimates, kind="stable"), min(len(result.estimates), _MOST))
    made = dict(zip(FACTORS, np.array([spec.choices for spec in result.specs.all]).T, strict=True))
    picture = np.ones((8 * len(rows), len(groups)))  # a row is eight lines high, of which two are white
    for y, row in enumerate(rows):
        if len(row) == 2:
            part = np.array([(made[row[0]][group] == row[1]).mean() for group in groups])
            picture[8 * y + 1 : 8 * y + 7] = 1 - part / max(part.max(), 1e-9)
    extent = (0, 1, len(rows) - 0.5, -0.5)
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1, aspect="auto", extent=extent, interpolation="nearest")
    whole = [name.replace(" ", "\u00a0") for name in names]  # a row is one line high
    at = {len(row) == 1: [y for y, one in enumerate(rows) if (len(one) == 1) == (len(row) == 1)] for row in rows}
    points = _points()
    ax.set_yticks(at[False], [whole[y] for y in at[False]], fontsize=points)
    for y in at[True]:
        ax.text(0, y + 0.08, whole[y], weight="bold", fontsize=points, va="center")
    ax.set(ylim=(len(rows) - 0.5, -0.5), xlim=(0, 1), xticks=[])
    ax.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def _points() -> float:
    """Size of the many small labels: a little less than the other letters."""
    import matplotlib

    return 0.9 * float(matplotlib.rcParams["font.size"])


def _caption(result: SpecificationCurve, language: str) -> str:
    many = len(result.estimates) > _MOST
    shade = (
        tr("specifications are grouped in {bins}, and the darker, the more of a group made that choice")
        if many
        else tr("a tick is a choice made")
    )[language].format(bins=_MOST)
    n = format_number(len(result.estimates), ",d", language)
    level = format_number(result.conf_level, ".0%", language)
    text = tr(
        "Above: the difference in each of {n} specifications, sorted, with {level} intervals in grey; the square is the main specification. Below: which choices were made there; {shade}. Specifications share their respondents, so they are not independent pieces of evidence."
    )[language].format(n=n, level=level, shade=shade)
    if not result.impossible:
        return text
    return text + tr(
        " {none} more combinations have no place here: no data can have their correlations, or Pratt gives a block less than nothing. They stand at the end of the file with the numbers."
    )[language].format(none=format_number(len(result.impossible), ",d", language))


def _alt(result: SpecificationCurve, labels: Labels, language: str) -> str:
    whole = result.glance().iloc[0]
    points = {"median": "median", "low": "lowest", "high": "highest"}
    parts = {"ahead": "part_ahead", "clear": "part_clear", "against": "part_clear_against"}
    said = {key: format_number(whole[column], "+.0pp", language) for key, column in points.items()}
    said |= {key: format_number(whole[column], ".0%", language) for key, column in parts.items()}
    return tr(
        "{what}: median {median}, from {low} to {high}; above zero in {ahead} of the specifications, with the whole interval in {clear}, and with the whole interval below zero in {against}."
    )[language].format(what=difference_label(result.specs.a, result.specs.b, labels, language), **said)


@draws(Decisive)
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
        y = np.arange(len(data))[::-1] * 1.0
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        ax.hlines(y, data["mean_low"], data["mean_high"], color=INK, linewidth=2)
        for side, marker in (("low", "o"), ("high", "s")):
            ax.plot(data[f"mean_{side}"], y, marker, color=INK, markerfacecolor="white", markersize=6)
        for at, term, name in zip(y, data["term"], names, strict=True):
            look = {"transform": ax.get_yaxis_transform(), "fontsize": _points(), "va": "center", "bbox": _PAPER}
            ax.text(0, at + 0.56, factor_name(term, language), weight="bold", **look)
            ax.text(0, at + 0.29, f"○ {name['low']}   □ {name['high']}", **look)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_ylim(-0.4, len(data) - 0.2)
        ax.set_xlabel(difference_label(a, b, labels, language).replace(", ", ",\n"))
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, "+.0pp", language))
        return ax

    alt = "; ".join(
        f"{factor_name(row['term'], language)}: {name['low']} {format_number(row['mean_low'], '+.0pp', language)}, "
        f"{name['high']} {format_number(row['mean_high'], '+.0pp', language)}"
        for (_, row), name in zip(data.iterrows(), names, strict=True)
    )
    size = (WIDTH, 0.62 * len(data) + 1.0)
    text = (
        caption
        or tr(
            "Mean difference with an option, among specifications that are equal in every other choice: the lowest and the highest option of each. A line that crosses zero: that choice decides which block is ahead on average."
        )[language]
    )
    return Exhibit(id, title, text, f"{alt}.", data, result.provenance, language, draw, size)
