"""What figures and tables share: words, bars, points and rows, and numbers as text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..core import pd, tr
from ..drivers import METHODS, Importance
from ..loyalty import Score, Shares
from ..survey import ALL
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
    tr("groups of clusters"),
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


def points_legend(figure: Figure, points: Mapping[str, Mapping[str, Any]], **style: Any) -> None:
    """What each kind of point says, by its looks, beside each other."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], label=said, **look) for said, look in points.items()]
    figure.legend(handles=handles, loc="outside upper left", **({"ncols": len(handles)} | style))


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


BARE: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
HATCHED: dict[str, Any] = {"facecolor": "white", "edgecolor": FAINT, "hatch": "////", "linewidth": 0.5}
#: Light to dark on each side; the low side stays lighter than the high side, which tells them apart in greyscale.
_LOW, _MIDDLE, _HIGH = ("#F8E2C6", "#C8651B"), "#EDEDED", ("#BFD4EA", "#0B2F5E")

#: Measures, rows and groups as the library names them, in words; the labels of a codebook come first.
NAMES = {
    "net promoter score": tr("Net promoter score"),
    "secure customer index (burke)": tr("Secure customers (best answer to all three)"),
    "secure customer index (top_two_box)": tr("Secure customers (best two answers to all three)"),
    "mean in scale points": tr("Mean, in scale points"),
    "customer effort, in scale points": tr("Customer effort, in scale points"),
    "index, 0 to 100": tr("Index, 0 to 100"),
    "share of wallet, of spending": tr("Share of wallet, of all spending"),
    "share of wallet, of customers": tr("Share of wallet, mean of customers"),
    "purchases per period": tr("Purchases per period"),
    "share of respondents": tr("Share of respondents"),
    "share who ticked it": tr("Share who ticked it"),
    ALL: tr("All respondents"),
    "customers": tr("Customers"),
    "secure customers": tr("Secure customers"),
    "satisfaction index": tr("Satisfaction index"),
    "share of wallet": tr("Share of wallet"),
    "detractors": tr("detractors (0–6)"),
    "passives": tr("passives (7–8)"),
    "promoters": tr("promoters (9–10)"),
    "secure": tr("secure"),
    "favourable": tr("favourable"),
    "vulnerable": tr("vulnerable"),
    "at risk": tr("at risk"),
    "not loyal": tr("not loyal"),
    "loyal but not secure": tr("loyal but not secure"),
    "true": tr("true loyalty"),
    "latent": tr("latent loyalty"),
    "spurious": tr("spurious loyalty"),
    "none": tr("no loyalty"),
    "apostle": tr("apostles"),
    "mercenary": tr("mercenaries"),
    "hostage": tr("hostages"),
    "defector": tr("defectors"),
    "low": tr("low"),
    "medium": tr("medium"),
    "group": tr("Group"),
    "high": tr("high"),
}
_BOX = {
    ("top", True): tr("Share with the highest answer"),
    ("top", False): tr("Share with the {k} highest answers"),
    ("bottom", True): tr("Share with the lowest answer"),
    ("bottom", False): tr("Share with the {k} lowest answers"),
}
_INTERVALS = {
    "score": "Tango 1998",
    "wald": "Wald",
    "wilson": "Wilson",
    "clopper_pearson": "Clopper–Pearson",
    "jeffreys": "Jeffreys",
    "agresti_coull": "Agresti–Coull",
}
_WITHHELD = tr("Withheld: fewer than {min_cell} respondents, or what would give them away.")


def word(name: str, printer: Printer) -> str:
    """A variable, segment, group or measure as a reader names it: the label of the codebook, else the words here."""
    if box := re.fullmatch(r"(top|bottom)-(\d+)-box share", name):
        return printer.text(_BOX[box[1], box[2] == "1"], k=box[2])
    if " × " in name:
        return " × ".join(word(part, printer) for part in name.split(" × "))
    return printer.labels.get(name) or NAMES.get(name, {}).get(printer.language, name)


def group_word(name: str, printer: Printer) -> str:
    """As `word`, with the words here first: a label of some answer `none` or `true` is not the name of a group."""
    return printer.text(NAMES[name]) if name in NAMES else printer.label(name)


def spec_of(score: Score) -> str:
    """The format of a score: shares in percent, scores from −100 in points, an index with one decimal, else two."""
    low, high = score.limits
    return {(0, 1): ".0%", (-100, 100): "+.0f", (0, 100): ".1f"}.get((low, high), ".2f")


def shown(row: Any, spec: str, printer: Printer) -> str:
    """Estimate with its interval where it has one, or that it is withheld."""
    hidden = row["estimate"] != row["estimate"]
    return printer.text(PHRASES["withheld"]) if hidden else printer.interval(row, spec)


def level_text(result: Score, printer: Printer, kind: str) -> str:
    """The sentence on intervals; kind is "interval" for lines and "brackets" for text."""
    level = printer.percent(result.conf_level)
    return printer.text(PHRASES[kind], level=level, scheme=_INTERVALS.get(result.method, result.method))


def withheld_text(result: Score, data: pd.DataFrame, printer: Printer) -> str:
    """The sentence on withheld cells, where there are any."""
    return printer.text(_WITHHELD, min_cell=result.min_cell) if data["estimate"].isna().any() else ""


def groups_of(result: Any) -> list[str]:
    """The groups or answers of a result that has them."""
    return list(dict.fromkeys(row[1] for row in result.index)) if isinstance(result, Shares) else []


def row_names(rows: pd.DataFrame, printer: Printer) -> list[str]:
    """Term or segment of each row, whichever tells it from the others, with n unless it is withheld."""
    terms, names = rows["term"].nunique() > 1 or len(rows) == 1, []
    for row in rows.itertuples():
        part = row.segment if row.segment != ALL or not terms else row.term
        name = word(part, printer)
        if terms and row.segment != ALL:
            name = f"– {name}"
        names.append(with_n(name, row.n, printer))
    return names


def with_n(name: str, n: float, printer: Printer) -> str:
    """A name with the number of respondents behind it, unless that is withheld."""
    return name if n != n else f"{name} (n = {printer.number(n, ',.0f')})"


def row_axis(ax: Axes, rows: pd.DataFrame, names: Sequence[str]) -> None:
    """Names beside the rows, the first on top, those about everyone in bold."""
    y = np.arange(len(names))[::-1]
    ax.set_yticks(y, [_wrapped(name) for name in names], fontsize=9)
    for tick, segment in zip(ax.get_yticklabels(), rows["segment"], strict=True):
        tick.set_weight("bold" if segment == ALL and rows["segment"].nunique() > 1 else "normal")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.6, len(names) - 0.4)


def height_of(names: Sequence[str]) -> float:
    """Inches for these rows."""
    return len(names) * (0.22 + 0.14 * max(_wrapped(name).count("\n") + 1 for name in names))


def _wrapped(name: str) -> str:
    return "\n".join(textwrap.wrap(name.replace("n = ", "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"), 24))


def say_withheld(ax: Axes, at: float, printer: Printer) -> None:
    """The word in place of what would be drawn in a row, at the left of the axes."""
    across = ax.get_yaxis_transform()
    ax.text(
        0.02,
        at,
        printer.text(PHRASES["withheld"]),
        transform=across,
        va="center",
        style="italic",
        color="#5A5A5A",
        bbox=BARE,
    )


def ramp(k: int) -> list[str]:
    """k colours from the low end to the high end, light towards the middle."""
    half = k // 2
    far = np.linspace(1, 0, half) if half > 1 else np.ones(half)
    middle = [_MIDDLE] * (k % 2)
    return [mixed(_LOW, x) for x in far] + middle + [mixed(_HIGH, x) for x in far[::-1]]


def mixed(ends: tuple[str, str], part: float) -> str:
    """The colour at this part, 0 to 1, of the way from one to the other."""
    first, last = (np.array([int(end[i : i + 2], 16) for i in (1, 3, 5)]) for end in ends)
    return "#" + "".join(f"{round(x):02X}" for x in first + part * (last - first))


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on this colour."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 120 else INK


def stack(
    ax: Axes,
    table: pd.DataFrame,
    parts: Sequence[str],
    colours: Sequence[str],
    starts: Sequence[float],
    span: float,
    printer: Printer,
    rest_at: float | None = None,
) -> None:
    """Bars of the shares shown, end to end; what is withheld stands together, hatched, after them or at `rest_at`.

    A share is printed where it fits in its part of `span`, the width of the axes.
    """
    inches = 0.62 * ax.get_figure().get_figwidth() / span  # of one: the names take the rest
    for i, (start, values) in enumerate(zip(starts, table[list(parts)].to_numpy(), strict=True)):
        at, x = len(table) - 1 - i, start
        for value, colour in zip(values, colours, strict=True):
            if not value > 0:
                continue
            ax.barh(at, value, left=x, height=0.72, color=colour, edgecolor="white", linewidth=0.8)
            text = printer.percent(value)
            if value * inches > 0.094 * len(text):
                ax.text(x + value / 2, at, text, ha="center", va="center", fontsize=8, color=ink_on(colour))
            x += value
        if np.isnan(values).all():
            say_withheld(ax, at, printer)
        elif np.isnan(values).any():
            ax.barh(at, 1 - np.nansum(values), left=x if rest_at is None else rest_at, height=0.72, **HATCHED)


def answer_strip(ax: Axes, answers: Sequence[str], colours: Sequence[str], ends: Sequence[str]) -> None:
    """The legend of a scale: a box for each answer, and what the lowest and the highest say."""
    from matplotlib.patches import Rectangle

    for j, (answer, colour) in enumerate(zip(answers, colours, strict=True)):
        ax.add_patch(Rectangle((j, 0), 1, 0.55, facecolor=colour, edgecolor="white", linewidth=0.8))
        ax.text(j + 0.5, 0.27, answer, ha="center", va="center", fontsize=8, color=ink_on(colour))
    for x, text, side in ((0, ends[0], "left"), (len(answers), ends[1], "right")):
        ax.text(x, 0.65, text, ha=side, va="bottom", fontsize=8)
    ax.set(xlim=(0, len(answers)), ylim=(0, 1), xticks=[], yticks=[])
    ax.set_axis_off()
