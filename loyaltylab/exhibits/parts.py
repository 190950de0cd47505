"""What figures and tables share: their words in two languages, bars, points, and numbers as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import format_number, tr
from ..drivers import METHODS, Importance
from .exhibit import COLOURS
from .style import FAINT, INK

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Labels = Mapping[str, str]
WIDTH = 5.6  # inches: the text width of a thesis page, and still legible on a phone
SPARE = ("#7A7A7A", "xx", "P")  # look of a block that is not one of the four

#: What the figures themselves say, by language.
WORDS = {
    "share": tr("Share of the explained variance"),
    "withheld": tr("withheld"),
    "of_rows": tr("Share of row driver"),
    "interval": tr("Lines are {level} intervals ({scheme})."),
    "brackets": tr("In brackets: {level} intervals ({scheme})."),
    "by_chance": tr("An interval that crosses zero does not tell the two apart."),
}
LEVELS = {
    "complete": tr("complete"),
    "conditional": tr("conditional"),
    "general": tr("general"),
}
#: How draws are made, as a provenance says it; the longer before what they hold.
_SCHEMES = (
    tr("bootstrap draws of rows given by the caller"),
    tr("bootstrap draws of"),
    tr("draws from the Wishart distribution (normal theory)"),
    tr("groups of respondents"),
    tr("random groups of"),
    tr("clusters"),
    tr("rows"),
)


#: After the name of a driver that does not work with the outcome; with it needs no sign.
SIGNS = {"against": " (−)", "not settled": " (?)"}
DIRECTIONS = {"with": tr("works with it"), "against": tr("works against it"), "not settled": tr("not settled")}


def directions_said(result: Importance, language: str) -> str:
    """What the signs after drivers mean, where there are any."""
    said = {
        "against": tr("(−): works against the outcome, the more of it the less of that."),
        "not settled": tr("(?): whether it works with or against the outcome is not settled."),
    }
    there = set(result.directions.values())
    return " ".join(text[language] for direction, text in said.items() if direction in there)


def share_bars(ax: Axes, data: pd.DataFrame, labels: Labels, language: str) -> None:
    """Horizontal bars of `share` with intervals, the first row on top, the number at the end."""
    y = np.arange(len(data))[::-1]
    looks = [COLOURS.get(block, SPARE) for block in data["block"]]
    bars = ax.barh(y, data["share"], color=[look[0] for look in looks], height=0.7)
    for bar, look in zip(bars, looks, strict=True):
        bar.set(hatch=look[1], edgecolor="white", linewidth=0)
    ends = data["share"].to_numpy()
    if "share_conf_low" in data:
        ax.hlines(y, data["share_conf_low"], data["share_conf_high"], color="white", linewidth=3.4)
        ax.hlines(y, data["share_conf_low"], data["share_conf_high"], color=INK, linewidth=1.4)
        ends = np.maximum(ends, data["share_conf_high"].to_numpy())
    for position, end, share in zip(y, ends, data["share"], strict=True):
        ax.annotate(
            percent(share, language), (end, position), (5, 0), textcoords="offset points", va="center", weight="bold"
        )
    signs = [SIGNS.get(way, "") for way in data["direction"]] if "direction" in data else [""] * len(data)
    ax.set_yticks(y, [labels.get(term, term) + sign for term, sign in zip(data["term"], signs, strict=True)])
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(WORDS["share"][language])
    ax.set(xlim=(min(0, data["share"].min()), max(ends) * 1.12), ylim=(-0.6, len(data) - 0.4))
    percent_axis(ax, language)


def numbers_beside(ax: Axes, y: Iterable[float], numbers: Iterable[str]) -> None:
    """The numbers of rows in a column at the right of the axes, where no line runs through them."""
    place = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points", "va": "center", "weight": "bold"}
    for at, text in zip(y, numbers, strict=True):
        ax.annotate(text, (1, at), (6, 0), **place)


def points_about_zero(ax: Axes, names: Sequence[str], data: pd.DataFrame, numbers: Sequence[str]) -> None:
    """Estimates with intervals about a line at zero, their numbers in a column beside them, the first row on top."""
    y = np.arange(len(data))[::-1]
    ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    if "conf_low" in data:
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.6)
    ax.plot(data["estimate"], y, "o", color=INK, markersize=7)
    numbers_beside(ax, y, numbers)
    ax.set_yticks(y, names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def difference_points(ax: Axes, names: list[str], data: pd.DataFrame, language: str) -> None:
    """Differences of shares with intervals about a line at zero, the first row on top."""
    points_about_zero(ax, names, data, [format_number(value, "+.0pp", language) for value in data["estimate"]])
    reach = 1.1 * float(
        np.nanmax(np.abs(data[[c for c in ("estimate", "conf_low", "conf_high") if c in data]].to_numpy()))
    )
    ax.set(xlim=(-reach, reach), ylim=(-0.5, len(data) - 0.2))
    ax.xaxis.set_major_formatter(lambda value, _: format_number(value, "+.0pp", language))


def block_legend(figure: Figure, blocks: list[str], labels: Labels) -> None:
    from matplotlib.patches import Patch

    looks = {block: COLOURS.get(block, SPARE) for block in blocks}
    handles = [
        Patch(facecolor=c, hatch=h, edgecolor="white", linewidth=0, label=labels.get(b, b))
        for b, (c, h, _) in looks.items()
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), handlelength=1.2, columnspacing=1.4)


def percent_axis(ax: Axes, language: str) -> None:
    ax.xaxis.set_major_formatter(lambda value, _: format_number(value, ".0%", language))


def percent(value: float, language: str) -> str:
    return format_number(value, ".0%", language)


def span(low: float, high: float, language: str) -> str:
    return f"{percent(low, language)} – {percent(high, language)}"


def interval_text(row: Any, column: str, language: str, *, points: bool = False) -> str:
    prefix = "" if column == "estimate" else f"{column}_"
    spec = "+.0pp" if points else ".0%"
    low, high = row.get(f"{prefix}conf_low"), row.get(f"{prefix}conf_high")
    text = format_number(row[column], spec, language)
    return (
        text if low is None else f"{text} [{format_number(low, spec, language)}; {format_number(high, spec, language)}]"
    )


def difference_label(a: str, b: str, labels: Labels, language: str) -> str:
    text = tr("{a} minus {b}, percentage points")[language].format(a=labels.get(a, a), b=labels.get(b, b))
    return text[0].upper() + text[1:]


def shares_alt(data: pd.DataFrame, labels: Labels, language: str) -> str:
    said = "; ".join(
        f"{labels.get(row['term'], row['term'])} {interval_text(row, 'share', language)}"
        + (f" ({DIRECTIONS[way][language]})" if (way := row.get("direction", "with")) != "with" else "")
        for _, row in data.iterrows()
    )
    return tr("Shares of the explained variance: {said}.")[language].format(said=said)


def how_to_read(result: Importance, language: str, shown: str = "interval") -> str:
    method = METHODS[result.method]
    text = tr("Method: {method}, {meaning}.")[language].format(
        method=method.label[language], meaning=method.meaning[language]
    )
    return " ".join(filter(None, [text, intervals_said(result, language, shown), directions_said(result, language)]))


def intervals_said(result: Importance, language: str, shown: str = "interval") -> str:
    steps = [step for step in result.provenance.steps if "draws" in step]
    if not steps:
        return ""
    scheme = steps[-1].split(", seed")[0]
    for part in _SCHEMES:
        scheme = scheme.replace(part["en"], part[language])
    scheme = re.sub(
        r"\d+(,\d{3})+", lambda found: format_number(int(found[0].replace(",", "")), ",d", language), scheme
    )
    text = WORDS[shown][language].format(level=percent(result.conf_level, language), scheme=scheme)
    if not result.n_orders:
        return text
    n, alone = (format_number(count, ",d", language) for count in (result.n_orders, result.n_orders_estimate))
    said = (
        tr("The parts come from {alone} sampled orders of entry, in each draw from {n}.")
        if result.n_orders_estimate
        else tr("In each draw the parts come from {n} sampled orders of entry, put right by the exact answer.")
    )[language]
    return f"{text} {said.format(n=n, alone=alone)}"


def labelled(data: pd.DataFrame, labels: Labels, *columns: str) -> pd.DataFrame:
    return data.assign(
        **{column: [labels.get(value, value) for value in data[column]] for column in columns or ("term",)}
    )
