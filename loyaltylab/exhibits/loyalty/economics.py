"""Figures of what a customer is worth: values, over an input, break-even lines, programmes, and the tornado."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import DataError, Provenance, pd, tr
from ...loyalty import BreakEvenCost, LifetimeValue, ProgrammeReturn, Tornado, ValueCurve
from ..exhibit import COLOURS, Exhibit, Labels, Printer
from ..parts import SPARE, WIDTH, points_about_zero
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Names of the inputs; `{block}` is the programme's.
INPUTS = {
    "margin": tr("Margin a year"),
    "retention": tr("Retention"),
    "discount": tr("Discount rate"),
    "acquisition": tr("Cost of keeping a customer"),
    "multiple": tr("Winning against keeping (×)"),
    "referral": tr("Referral a year"),
    "spend_ratio": tr("Existing against new spending (×)"),
    "upkeep": tr("Upkeep a year"),
    "per_point": tr("Retention per scale point"),
    "lift": tr("Lift, {block}"),
    "cost": tr("Cost, {block}"),
    "slope": tr("Association (measured), {block}"),
}
_LINES = (("-", "o", "#A63A2B", 0.35, ""), ("--", "s", "#3E6E9E", 0.0, "////"))


@draws()
def plot_values(values: Mapping[str, LifetimeValue], *, printer: Printer, currency: str) -> Exhibit:
    """Lifetime values under several sets of assumptions, by what a reader calls them.

    Raises
    ------
    DataError
        For no lifetime value.
    """
    if not values:
        raise DataError("no lifetime value is given; name at least one.")
    rows = [{"term": name, **result.row(result.total({}))} for name, result in values.items()]
    origin = Provenance.merge([result.provenance for result in values.values()])
    level = next(iter(values.values())).conf_level
    text = printer.tr(
        "Value of a customer won today, {currency}. Dot: at the most likely inputs; line: middle {level} of the draws from the assumed ranges.",
        currency=currency,
        level=printer.percent(level),
    )
    axis = printer.tr("Value, {currency}", currency=currency)
    return _points(pd.DataFrame(rows), [*values], axis, origin, text, printer)


@draws(ProgrammeReturn)
def plot_programmes(result: ProgrammeReturn, *, printer: Printer, currency: str) -> Exhibit:
    """Return of each programme and their difference, with intervals."""
    data = result.tidy()[["term", "estimate", "conf_low", "conf_high"]]
    a, b = (printer.label(block) for block in result.contrast)
    names = [a, b, printer.tr("{a} minus {b}", a=a, b=b)]
    text = printer.tr(
        "What the customers kept bring in, less what the programme costs, per existing customer over the whole life, {currency}. Dot: at the most likely inputs; line: middle {level} of the draws, of the association as measured and of the assumptions.",
        currency=currency,
        level=printer.percent(result.conf_level),
    )
    axis = printer.tr("Return per customer, {currency}", currency=currency)
    return _points(data, names, axis, result.provenance, text, printer)


def _points(
    data: pd.DataFrame, names: Sequence[str], axis: str, origin: Provenance, caption: str, printer: Printer
) -> Exhibit:
    """Amounts with their intervals about a line at zero, the first row on top."""

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        numbers = [_money(value, data, printer) for value in data["estimate"]]
        points_about_zero(ax, [textwrap.fill(name, 34) for name in names], data, numbers)
        ax.set(ylim=(-0.5, len(data) - 0.3), xlabel=axis)
        _money_axis(ax.xaxis, printer)
        ax.margins(x=0.09)

    listing = "; ".join(f"{name} {_span(row, data, printer)}" for name, row in zip(names, data.to_dict("records"), strict=True))  # fmt: skip
    alt = f"{axis}: {listing}."
    lines = sum(1 + textwrap.fill(name, 34).count("\n") * 0.6 for name in names)
    return printer.figure(data, origin, draw, (WIDTH, 0.42 * lines + 0.9), caption=caption, alt=alt)


@draws()
def plot_value_curves(curves: Sequence[ValueCurve], *, printer: Printer, currency: str) -> Exhibit:
    """Value over retention, of one or two sets of assumptions.

    Raises
    ------
    DataError
        For other than one or two curves over retention.
    """
    if not 1 <= len(curves) <= 2 or any(curve.of != "retention" for curve in curves):
        raise DataError("give one or two curves over retention, from value_at(..., 'retention', ...).")
    data = pd.concat([curve.tidy() for curve in curves], ignore_index=True)
    across = printer.tr("Retention: part that stays until the next year")
    value = printer.tr("Value, {currency}", currency=currency)

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.axhline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        for curve, (line, marker, colour, alpha, hatch) in zip(curves, _LINES, strict=False):
            rows = curve.tidy()
            band = {"facecolor": colour, "alpha": alpha, "linewidth": 0} if alpha else {"facecolor": "none", "edgecolor": colour, "alpha": 0.45, "linewidth": 0.6, "hatch": hatch}  # fmt: skip
            ax.fill_between(rows["set_to"], rows["conf_low"], rows["conf_high"], **band)
            ax.plot(rows["set_to"], rows["estimate"], line, marker=marker, color=colour, linewidth=2, markersize=4, label=curve.name)  # fmt: skip
        ax.set(xlabel=across, ylabel=value)
        ax.xaxis.set_major_formatter(printer.ticks(".0%"))
        _money_axis(ax.yaxis, printer)
        figure.legend(loc="outside upper left", ncols=2)

    listing = []
    for curve in curves:
        first, last = curve.tidy().iloc[0], curve.tidy().iloc[-1]
        ends = (f"{_span(row, data, printer)} ({printer.percent(row['set_to'])})" for row in (first, last))
        listing.append(f"{curve.name}: {' → '.join(ends)}")
    origin = Provenance.merge([curve.provenance for curve in curves])
    text = printer.tr(
        "Lines: value at the most likely inputs; bands: middle {level} of the draws of the other inputs. Below the dashed line a new customer loses money.",
        level=printer.percent(curves[0].conf_level),
    )
    alt = f"{across}; {value}. {'; '.join(listing)}."
    return printer.figure(data, origin, draw, (WIDTH, 3.4), caption=text, alt=alt)


@draws(BreakEvenCost)
def plot_break_even_cost(result: BreakEvenCost, *, printer: Printer, currency: str) -> Exhibit:
    """What each programme may cost at each lift, a panel each."""
    data = result.tidy()
    lift = printer.tr("Lift of the block, scale points")
    cost = printer.tr("Yearly cost per customer, {currency}", currency=currency)

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        top = max(data["conf_high"].max(), *(paid for _, paid in result.paid.values()))
        for ax, block in zip(panels, result.contrast, strict=True):
            rows, (colour, _, marker) = data[data["term"] == block], COLOURS.get(block, SPARE)
            ax.fill_between(rows["set_to"], rows["conf_low"], rows["conf_high"], color=colour, alpha=0.3, linewidth=0)
            ax.plot(rows["set_to"], rows["estimate"], "-", marker=marker, color=INK, linewidth=1.8, markersize=4)
            ax.plot(*result.paid[block], "X", color="white", markeredgecolor=INK, markersize=10, markeredgewidth=1.4, clip_on=False, zorder=4)  # fmt: skip
            ax.set_title(textwrap.fill(printer.label(block), 22), fontsize=9)
            ax.set_xlabel(textwrap.fill(lift, 24))
            _money_axis(ax.xaxis, printer)
        panels[0].set(ylim=(min(0, data["conf_low"].min()), top * 1.08), ylabel=cost)
        _money_axis(panels[0].yaxis, printer)

    listing = []
    for block in result.contrast:
        last = data[data["term"] == block].iloc[-1]
        highest = printer.number(last["set_to"], ".1f")
        listing.append(f"{printer.label(block)}: {_span(last, data, printer)} ({highest})")
    text = printer.tr(
        "Below the line a programme pays, above it it costs more than it brings in. Band: middle {level} of the draws. Cross: the lift and cost that were assumed.",
        level=printer.percent(result.conf_level),
    )
    alt = f"{' '.join(cost.split())}; {lift}. {'; '.join(listing)}."
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.0), caption=text, alt=alt)


@draws(Tornado)
def plot_tornado(result: Tornado, *, printer: Printer, currency: str) -> Exhibit:
    """Swing of the outcome over the range of each input, the largest on top."""
    data = result.tidy()
    names = [
        f"{input_name(r['term'], printer.labels, printer.language)}: {_range(r, printer)}"
        for r in data.to_dict("records")
    ]
    both = data[["at_low", "at_high"]]

    def draw(figure: Figure) -> None:
        narrow = figure.get_figwidth() < WIDTH * 0.8
        if narrow:  # names take more lines
            figure.set_figheight(0.62 * len(data) + 0.9)
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        soft, strong = COLOURS["rational"][0], "#3E6E9E"
        ax.barh(y, data["at_low"] - result.base, left=result.base, color="white", edgecolor=strong, hatch="////", linewidth=0.8, height=0.62)  # fmt: skip
        ax.barh(y, data["at_high"] - result.base, left=result.base, color=soft, edgecolor=strong, linewidth=0.8, height=0.62)  # fmt: skip
        ax.axvline(result.base, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        for at, ends in zip(y, both.to_numpy(), strict=True):
            for value, side in ((min(ends), -1), (max(ends), 1)):
                ax.annotate(_money(value, both, printer), (value, at), (4 * side, 0), textcoords="offset points", va="center", ha="left" if side > 0 else "right", fontsize=8)  # fmt: skip
        ax.set_yticks(y, [textwrap.fill(name, 30) for name in names], fontsize=7 if narrow else 8.5)
        ax.tick_params(axis="y", length=0)
        low, high = both.to_numpy().min(), both.to_numpy().max()
        room = (0.36 if narrow else 0.22) * max(high - low, 1e-9)
        ax.set(xlim=(low - room, high + room), ylim=(-0.6, len(data) - 0.4), xlabel=currency)
        _money_axis(ax.xaxis, printer)

    rows = zip(names, both.to_numpy(), strict=True)
    listing = "; ".join(f"{name} → {_money(low, both, printer)}, {_money(high, both, printer)}" for name, (low, high) in rows)  # fmt: skip
    text = printer.tr(
        "Each bar: the outcome, {currency}, when one input goes from its low (hatched) to its high end (plain), all others at their most likely value. Behind the name: low and high end, which hold the middle {level} of its draws. Dashed: the outcome at the most likely inputs.",
        currency=currency,
        level=printer.percent(result.conf_level),
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, 0.44 * len(data) + 0.8), caption=text, alt=f"{currency}: {listing}.")  # fmt: skip


def input_name(term: str, labels: Labels, language: str) -> str:
    """An input in words.

    Parameters
    ----------
    term : str
        As `tidy()` names it, such as "lift:emotional".
    labels : Labels
        Name → what a reader calls it; a name without one stands as it is.
    language : str
        Of the words: en or nl.

    Returns
    -------
    str
        For a row of a figure.

    Examples
    --------
    >>> input_name("cost:emotional", {"emotional": "Emotion"}, "en")
    'Cost, Emotion'
    """
    kind, _, block = term.partition(":")
    return INPUTS[kind][language].format(block=labels.get(block, block))


def _money(value: float, data: pd.DataFrame, printer: Printer) -> str:
    """An amount with as many decimals as the size of the others asks for."""
    largest = float(np.abs(data.select_dtypes("number").drop(columns="set_to", errors="ignore").to_numpy()).max())
    return printer.number(value, ",.2f" if largest < 10 else ",.1f" if largest < 30 else ",.0f")


def _span(row: Any, data: pd.DataFrame, printer: Printer) -> str:
    value, low, high = (_money(row[name], data, printer) for name in ("estimate", "conf_low", "conf_high"))
    return f"{value} [{low}; {high}]"


def _range(row: Mapping[str, Any], printer: Printer) -> str:
    kind = row["term"].split(":")[0]
    rest = ".0f" if row["assumed_high"] >= 20 else ".1f" if row["assumed_high"] >= 3 else ".2f"
    spec = {"retention": ".0%", "discount": ".0%", "per_point": ".1%"}.get(kind, rest)
    ends = {end: printer.number(row[f"assumed_{end}"], spec) for end in ("low", "high")}
    return printer.tr("{low} to {high}", **ends)


def _money_axis(axis: Any, printer: Printer) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(5))
    axis.set_major_formatter(printer.ticks(",g"))
