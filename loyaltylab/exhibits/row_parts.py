"""Words, colours, bars and cells that the figures and tables of loyalty metrics and of scales share."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import pd, tr
from ..loyalty import Score, Shares
from ..survey import ALL
from .exhibit import Printer
from .parts import PHRASES
from .style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
