"""What figures and tables share: their words in two languages, bars, points, and numbers as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..core import pd, tr
from ..drivers import METHODS, Importance
from .exhibit import COLOURS, Printer
from .style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..kernels import FloatArray

CROWDED = 15  # more rows than this leave no room for names of two lines
WIDTH = 5.6  # inches: the text width of a thesis page, and still legible on a phone
SPARE = ("#7A7A7A", "xx", "P")  # look of a block that is not one of the four

#: What the figures themselves say, by language.
PHRASES = {
    "share": tr("Share of the explained variance"),
    "withheld": tr("withheld"),
    "interval": tr("Lines are {level} intervals ({scheme})."),
    "brackets": tr("In brackets: {level} intervals ({scheme})."),
    "by_chance": tr("An interval that crosses zero does not tell the two apart."),
}
LEVELS = {"complete": tr("complete"), "conditional": tr("conditional"), "general": tr("general")}
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


def directions_text(result: Importance, printer: Printer) -> str:
    """What the signs after drivers mean, where there are any."""
    meanings = {
        "against": tr("(−): works against the outcome, the more of it the less of that."),
        "not settled": tr("(?): whether it works with or against the outcome is not settled."),
    }
    there = set(result.directions.values())
    return " ".join(printer.text(text) for direction, text in meanings.items() if direction in there)


def signed(term: str, result: Importance | None, printer: Printer) -> str:
    """A driver by its label, with its sign where it works against the outcome of this result."""
    return printer.label(term) + (SIGNS["against"] if result is not None and term in result.against else "")


def drivers_against(block: str, result: Importance, printer: Printer) -> str:
    """A line for each driver of a block that works against the outcome, to stand below the block."""
    return "".join(
        f"\n{printer.label(term)}{SIGNS['against']}" for term in result.members[block] if term in result.against
    )


def names_of_blocks(blocks: Iterable[str], result: Importance, printer: Printer) -> list[str]:
    """Blocks by their labels, each above those of its drivers that work against the outcome."""
    return [printer.label(block) + drivers_against(block, result, printer) for block in blocks]


def against_text(result: Importance | None, printer: Printer) -> str:
    """Which drivers work against the outcome, where any does."""
    if result is None or not result.against:
        return ""
    names = ", ".join(map(printer.label, result.against))
    return printer.tr("(−) {names}: works against the outcome, the more of it the less of that.", names=names)


def block_bars(ax: Axes, data: pd.DataFrame, height: float) -> FloatArray:
    """Horizontal bars of `share` in the looks of their blocks, the first row on top; gives where they stand."""
    y, looks = np.arange(len(data))[::-1], [COLOURS.get(block, SPARE) for block in data["block"]]
    for bar, (colour, hatch, _) in zip(ax.barh(y, data["share"], height=height), looks, strict=True):
        bar.set(facecolor=colour, hatch=hatch, edgecolor="white", linewidth=0)
    return y


def share_bars(ax: Axes, data: pd.DataFrame, printer: Printer, names: Sequence[str] = ()) -> None:
    """Horizontal bars of `share` with intervals, the first row on top, the number at the end; `names` of the rows, or labels."""
    y, crowded = block_bars(ax, data, 0.7), len(data) > CROWDED
    points = {"fontsize": 8} if crowded else {}
    ends = data["share"].to_numpy()
    if "share_conf_low" in data:
        ax.hlines(y, data["share_conf_low"], data["share_conf_high"], color="white", linewidth=2.6 if crowded else 3.4)
        ax.hlines(y, data["share_conf_low"], data["share_conf_high"], color=INK, linewidth=1.4)
        ends = np.maximum(ends, data["share_conf_high"].to_numpy())
    for position, end, share in zip(y, ends, data["share"], strict=True):
        ax.annotate(
            printer.percent(share),
            (end, position),
            (5, 0),
            textcoords="offset points",
            va="center",
            weight="bold",
            **points,
        )
    signs = [SIGNS.get(way, "") for way in data["direction"]] if "direction" in data else [""] * len(data)
    labels = [printer.label(term) + sign for term, sign in zip(data["term"], signs, strict=True)]
    ax.set_yticks(y, names or labels, **points)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(printer.text(PHRASES["share"]))
    ax.set(xlim=(min(0, data["share"].min()), max(ends) * 1.12), ylim=(-0.6, len(data) - 0.4))
    percent_axis(ax, printer)


def numbers_beside(ax: Axes, y: Iterable[float], numbers: Iterable[str]) -> None:
    """The numbers of rows in a column at the right of the axes, where no line runs through them."""
    place = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points", "va": "center", "weight": "bold"}
    for at, text in zip(y, numbers, strict=True):
        ax.annotate(text, (1, at), (6, 0), **place)


def rows_high(n: int, each: float) -> float:
    """Inches of so many rows: of many, `each` takes no more than its name does.

    >>> rows_high(10, 0.5), rows_high(30, 0.5)
    (5.0, 4.8)
    """
    return n * (0.16 if n > CROWDED else each)


def name_rows(ax: Axes, y: npt.ArrayLike, names: Sequence[str], **style: Any) -> None:
    """Names at the left of the rows, without ticks or a line between."""
    ax.set_yticks(y, names, **style)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def points_about_zero(ax: Axes, names: Sequence[str], data: pd.DataFrame, numbers: Sequence[str]) -> None:
    """Estimates with intervals about a line at zero, their numbers in a column beside them, the first row on top."""
    y = np.arange(len(data))[::-1]
    ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    if "conf_low" in data:
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.6)
    ax.plot(data["estimate"], y, "o", color=INK, markersize=7)
    numbers_beside(ax, y, numbers)
    name_rows(ax, y, names)


def difference_points(ax: Axes, names: list[str], data: pd.DataFrame, printer: Printer) -> None:
    """Differences of shares with intervals about a line at zero, the first row on top."""
    points_about_zero(ax, names, data, [printer.number(value, "+.0pp") for value in data["estimate"]])
    reach = 1.1 * float(
        np.nanmax(np.abs(data[[c for c in ("estimate", "conf_low", "conf_high") if c in data]].to_numpy()))
    )
    ax.set(xlim=(-reach, reach), ylim=(-0.5, len(data) - 0.2))
    ax.xaxis.set_major_formatter(printer.ticks("+.0pp"))


def block_legend(figure: Figure, blocks: list[str], printer: Printer, *others: Line2D) -> None:
    """The blocks by their looks, four in a row where there are other handles."""
    from matplotlib.patches import Patch

    looks = {block: COLOURS.get(block, SPARE) for block in blocks}
    handles = [
        Patch(facecolor=c, hatch=h, edgecolor="white", linewidth=0, label=printer.label(b))
        for b, (c, h, _) in looks.items()
    ]
    columns = min(len(handles), 4) if others else len(handles)
    figure.legend(
        handles=[*handles, *others], loc="outside upper left", ncols=columns, handlelength=1.2, columnspacing=1.4
    )


def percent_axis(ax: Axes, printer: Printer) -> None:
    ax.xaxis.set_major_formatter(printer.ticks(".0%"))


def difference_label(a: str, b: str, printer: Printer) -> str:
    text = printer.tr("{a} minus {b}, percentage points", a=printer.label(a), b=printer.label(b))
    return text[0].upper() + text[1:]


def shares_alt(data: pd.DataFrame, printer: Printer) -> str:
    listing = "; ".join(
        f"{printer.label(row['term'])} {printer.interval(row, '.0%', 'share')}"
        + (f" ({printer.text(DIRECTIONS[way])})" if (way := row.get("direction", "with")) != "with" else "")
        for _, row in data.iterrows()
    )
    return printer.tr("Shares of the explained variance: {said}.", said=listing)


def method_text(method: str, printer: Printer) -> str:
    label, meaning = (printer.text(phrase) for phrase in (METHODS[method].label, METHODS[method].meaning))
    return printer.tr("Method: {method}, {meaning}.", method=label, meaning=meaning)


def how_to_read(result: Importance, printer: Printer, shown: str = "interval") -> str:
    text = method_text(result.method, printer)
    return " ".join(filter(None, [text, intervals_text(result, printer, shown), directions_text(result, printer)]))


def intervals_text(result: Importance, printer: Printer, shown: str = "interval") -> str:
    steps = [step for step in result.provenance.steps if "draws" in step]
    if not steps:
        return ""
    scheme = steps[-1].split(", seed")[0]
    for part in _SCHEMES:
        scheme = scheme.replace(part["en"], printer.text(part))
    scheme = re.sub(r"\d+(,\d{3})+", lambda found: printer.number(int(found[0].replace(",", "")), ",d"), scheme)
    text = printer.text(PHRASES[shown], level=printer.percent(result.conf_level), scheme=scheme)
    if not result.n_orders:
        return text
    n, alone = (printer.number(count, ",d") for count in (result.n_orders, result.n_orders_estimate))
    orders = (
        tr("The parts come from {alone} sampled orders of entry, in each draw from {n}.")
        if result.n_orders_estimate
        else tr("In each draw the parts come from {n} sampled orders of entry, put right by the exact answer.")
    )
    return f"{text} {printer.text(orders, n=n, alone=alone)}"


def labelled(data: pd.DataFrame, printer: Printer, *columns: str) -> pd.DataFrame:
    return data.assign(**{column: [printer.label(value) for value in data[column]] for column in columns or ("term",)})
