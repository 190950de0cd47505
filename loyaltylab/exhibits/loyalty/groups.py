"""Answers, groups of customers, and the map of loyalty types, as figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...core import DataError, listed, pd, tr, unknown
from ...loyalty import TYPOLOGIES, Shares
from ...survey import ALL
from ..exhibit import Exhibit, Printer
from ..parts import (
    HATCHED,
    PHRASES,
    WIDTH,
    answer_strip,
    group_word,
    groups_of,
    height_of,
    level_text,
    mixed,
    percent_axis,
    ramp,
    row_axis,
    row_names,
    shown,
    stack,
    with_n,
    withheld_text,
    word,
)
from ..sketch import draws
from ..style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BEST_FIRST = {"secure", "true", "apostle"}
_PHRASES = {
    "sides": tr("{name}: low {low}, middle {middle}, high {high}"),
    "halves": tr("{name}: low {low}, high {high}"),
    "groups": tr("Shares of respondents; the groups exclude each other."),
}


@draws(Shares)
def plot_likert(result: Shares, *, printer: Printer, ends: tuple[str, str] | None = None) -> Exhibit:
    """Answers to items of one range as bars about their middle, the most favourable item on top.

    Parameters
    ----------
    result : Shares
        Made by `answer_shares`, which refuses items of different ranges. A middle answer lies half on each side of zero.
    ends : (str, str), optional
        What the lowest and the highest answer say, in the language of the figure.

    Raises
    ------
    DataError
        If the result does not hold the shares of answers.
    """
    answers = groups_of(result)
    if len(answers) < 2 or not all(answer.lstrip("-").isdigit() for answer in answers):
        raise DataError(
            f"a Likert chart shows the answers to items, made by answer_shares(); this result holds {listed(answers)}. "
            "Use plot_groups() for groups, plot_scores() for scores."
        )
    half = len(answers) // 2
    sides = answers[:half], answers[half : len(answers) - half], answers[len(answers) - half :]
    table = _by_favour(_wide(result), sides[2])
    low, middle, high = (table[list(side)].sum(axis=1) for side in sides)
    names = row_names(table, printer)
    some = table[answers].isna().any(axis=1) & table[answers].notna().any(axis=1)
    rest = float((1 - low - middle - high).where(some, 0.0).max())

    def draw(figure: Figure) -> None:
        strip, ax = figure.subplots(2, 1, height_ratios=[0.42, height_of(names)])
        colours = ramp(len(answers))
        answer_strip(strip, answers, colours, ends or [printer.tr("lowest answer"), printer.tr("highest answer")])
        start, end = -max((low + middle / 2).max(), 0.05), max((high + middle / 2).max(), 0.05)
        span = end - start + (rest + 0.05 if rest else 0)
        stack(ax, table, answers, colours, -(low + middle / 2), span, printer, end + 0.05)
        ax.axvline(0, color=INK, linewidth=0.8, zorder=0.5)
        ax.set(xlim=(start, start + span), xlabel=word(result.measure, printer))
        ax.set_xticks([tick for tick in np.arange(-1, 1.01, 0.25) if start <= tick <= end])
        ax.xaxis.set_major_formatter(lambda value, _: printer.percent(abs(value)))
        row_axis(ax, table, names)
        if rest:
            ax.annotate(
                printer.text(PHRASES["withheld"]),
                (1, 1),
                (0, 2),
                "axes fraction",
                "offset points",
                ha="right",
                fontsize=8,
            )

    listing = "; ".join(
        _sides_text(name, row, sides, printer) for name, (_, row) in zip(names, table.iterrows(), strict=True)
    )
    data = _long(result, table)
    texts = [
        printer.tr(
            "Answers above the middle stand to the right of the line, a middle answer on it; most favourable item on top."
        ),
        printer.tr("Hatched: withheld answers together, on neither side.") if rest else "",
        withheld_text(result, data, printer),
    ]
    alt = printer.tr("Diverging bars of answers. {rows}.", rows=listing)
    text, size = " ".join(filter(None, texts)), (WIDTH, height_of(names) + 1.2)
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=alt)


@draws(Shares, default=True)
def plot_groups(result: Shares, *, printer: Printer) -> Exhibit:
    """Groups that exclude each other as bars of 100%, for all and by segment.

    Raises
    ------
    DataError
        If the result holds no groups.
    """
    groups = groups_of(result)
    if not groups:
        raise DataError(f"{result!r} holds no groups, as promoter_groups() makes; draw it with plot_scores().")
    table, data = _wide(result), result.tidy()[["term", "segment", "answer", "estimate", "n"]]
    names, words = row_names(table, printer), [group_word(g, printer) for g in groups]
    colours = ramp(len(groups))[:: -1 if groups[0] in _BEST_FIRST else 1]
    lines = -(-(len(groups) + 1) // 3)

    def draw(figure: Figure) -> None:
        from matplotlib.patches import Patch

        ax = figure.subplots()
        stack(ax, table, groups, colours, np.zeros(len(table)), 1.0, printer)
        ax.set(xlim=(0, 1), xlabel=word(result.measure, printer))
        percent_axis(ax, printer)
        row_axis(ax, table, names)
        handles = [Patch(color=colour, label=name) for name, colour in zip(words, colours, strict=True)]
        if data["estimate"].isna().any():
            handles.append(Patch(**HATCHED, label=printer.text(PHRASES["withheld"])))
        style = {"handlelength": 1.2, "columnspacing": 1.0, "handletextpad": 0.4, "fontsize": 9}
        figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), **style)

    listing = "; ".join(
        f"{name}: " + ", ".join(f"{w} {_share_text(row[g], printer)}" for g, w in zip(groups, words, strict=True))
        for name, (_, row) in zip(names, table.iterrows(), strict=True)
    )
    text = f"{printer.text(_PHRASES['groups'])} {withheld_text(result, data, printer)}".strip()
    alt, size = (
        printer.tr("Stacked bars of groups. {rows}.", rows=listing),
        (WIDTH, height_of(names) + 0.8 + 0.22 * lines),
    )
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=alt)


@draws(Shares)
def plot_loyalty_types(result: Shares, *, printer: Printer, segment: str = ALL) -> Exhibit:
    """Attitude against behaviour: the share of each of the four loyalty types, darker where it is larger.

    Parameters
    ----------
    result : Shares
        Made by `loyalty_types`.
    segment : str
        Whose types; everyone's unless named.

    Raises
    ------
    DataError, UnknownName
        If the groups are not loyalty types; for a segment the result does not hold.
    """
    groups = groups_of(result)
    if tuple(groups) not in [names for names, _ in TYPOLOGIES.values()]:
        raise DataError(
            f"a map of loyalty types takes a result of loyalty_types(); this one holds {listed(groups)}. "
            "Use plot_groups() for other groups, plot_scores() for scores."
        )
    rows = result.tidy()
    if segment not in set(rows["segment"]):
        raise unknown("segment", segment, dict.fromkeys(rows["segment"]))
    data = rows.loc[
        rows["segment"] == segment, ["term", "segment", "answer", "estimate", "conf_low", "conf_high", "n"]
    ].reset_index(drop=True)
    attitude, behaviour = (word(name, printer) for name in data["term"][0].split(" × "))

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        for corner, (_, row) in zip([(1, 1), (0, 1), (1, 0), (0, 0)], data.iterrows(), strict=True):
            _quadrant(ax, corner, row, printer)
        ax.set(xlim=(0, 2), ylim=(0, 2), xlabel=f"{behaviour} →", ylabel=f"{attitude} →")
        ends = [group_word(end, printer) for end in ("low", "high")]
        ax.set_xticks([0.5, 1.5], ends)
        ax.set_yticks([0.5, 1.5], ends, rotation=90, va="center")
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)

    listing = "; ".join(
        f"{group_word(row['answer'], printer)} {shown(row, '.0%', printer)}" for _, row in data.iterrows()
    )
    whose = with_n(word(segment, printer), data["n"][0], printer)
    alt = printer.tr(
        "{whose} by {attitude} (upwards) and {behaviour} (to the right). {rows}.",
        attitude=attitude,
        behaviour=behaviour,
        whose=whose,
        rows=listing,
    )
    texts = [
        printer.tr("{whose}; where high begins is a choice of the researcher. Darker is more.", whose=whose),
        level_text(result, printer, "brackets"),
    ]
    text = " ".join([*texts, withheld_text(result, data, printer)]).strip()
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.6), caption=text, alt=alt)


def _wide(result: Shares) -> pd.DataFrame:
    """A row for each term and segment, a column for each answer; withheld shares are not a number."""
    data = result.tidy()
    rows = data.drop_duplicates(["term", "segment"])[["term", "segment", "n"]].reset_index(drop=True)
    return rows.join(data.pivot(index=["term", "segment"], columns="answer", values="estimate"), on=["term", "segment"])


def _by_favour(table: pd.DataFrame, high: Sequence[str]) -> pd.DataFrame:
    """Items by their share of high answers; what is withheld counts for nothing, lest the order tell it."""
    best = table.loc[table["segment"] == ALL].set_index("term")[list(high)].sum(axis=1)
    order = table["term"].map(best.rank(method="first", ascending=False)).argsort(kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _long(result: Shares, table: pd.DataFrame) -> pd.DataFrame:
    """The numbers drawn, in the order of the rows of the figure."""
    data = result.tidy()[["term", "segment", "answer", "estimate", "n"]]
    return table[["term", "segment"]].merge(data, on=["term", "segment"])


def _share_text(share: float, printer: Printer) -> str:
    return printer.percent(share) if share == share else printer.text(PHRASES["withheld"])


def _sides_text(name: str, row: pd.Series, sides: Sequence[list[str]], printer: Printer) -> str:
    """Shares of low, middle and high answers; "at least" where a part is withheld."""
    listing = []
    for side in sides:
        values = row[list(side)].to_numpy(dtype=float)
        text = printer.percent(float(np.nansum(values)))
        text = printer.tr("at least {share}", share=text) if np.isnan(values).any() else text
        listing.append(printer.text(PHRASES["withheld"]) if np.isnan(values).any() and not np.nansum(values) else text)
    kind = "sides" if sides[1] else "halves"
    return printer.text(_PHRASES[kind], name=name, low=listing[0], middle=listing[1], high=listing[2])


def _quadrant(ax: Axes, corner: tuple[int, int], row: pd.Series, printer: Printer) -> None:
    from matplotlib.patches import Rectangle

    hidden, share = row["estimate"] != row["estimate"], row["estimate"]
    shade = {"facecolor": mixed(("#F1F5FA", "#7FA6CF"), min(1.0, share / 0.6)), "edgecolor": "white", "linewidth": 3}  # fmt: skip
    ax.add_patch(Rectangle(corner, 1, 1, **(HATCHED if hidden else shade)))
    name, (number, *bounds) = group_word(row["answer"], printer), shown(row, ".0%", printer).partition(" ")[::2]
    if hidden:
        number, bounds = printer.text(PHRASES["withheld"]), [""]
    for up, text, size in ((0.72, name, 10), (0.45, number, 10 if hidden else 16), (0.2, bounds[0], 9)):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 2} if hidden and text else None
        ax.text(corner[0] + 0.5, corner[1] + up, text, ha="center", va="center", fontsize=size, bbox=box)
