"""Coefficients of a regression, slopes at values of a moderator, and a claimed split as figures."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from ...core import check_known, pd, tr
from ...drivers import METHODS, Importance, Split
from ...models import INTERCEPT, Regression, SimpleSlopes
from ..exhibit import COLOURS, Exhibit, Printer
from ..parts import SPARE, WIDTH, against_text, name_rows, numbers_beside, signed
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PHRASES = {
    "lines": tr("Lines are {level} intervals. Where a line crosses zero, the sign is not settled."),
    "split": tr("Share of {a} in what {a} and {b} explain together"),
    "method": tr("{term}"),
    "without": tr("without {term}"),
    "methods": tr("Lines are {level} intervals; the dashed line is the claimed share."),
    "how": tr(
        "First by method, then by the first method with one driver left out. Lines are {level} intervals; the dashed line is the claimed share."
    ),
}


@draws(Regression)
def plot_coefficients(result: Regression, *, printer: Printer, terms: Sequence[str] = ()) -> Exhibit:
    """Coefficients with their intervals about a line at zero, in the order of the model; the constant is left out.

    Parameters
    ----------
    terms : sequence of str
        Only these, such as the interactions; all where it is empty.
    """
    data = result.tidy()
    for term in terms:
        check_known("term", term, data["term"])
    data = data[data["term"].isin(list(terms) or [name for name in result.names if name != INTERCEPT])]
    data = data.reset_index(drop=True)
    names = [printer.label(term) for term in data["term"]]
    axis = printer.tr("Scale points of {outcome} per scale point", outcome=printer.label(result.outcome))
    text = printer.text(_PHRASES["lines"], level=printer.percent(result.conf_level))
    return _points(data, names, list(data["block"]), axis, text, result, printer)


@draws(SimpleSlopes)
def plot_simple_slopes(result: SimpleSlopes, *, printer: Printer) -> Exhibit:
    """Slope of a driver at each value of the moderator, with its interval."""
    fit = result.regression
    data = result.tidy()
    names = [f"{printer.label(result.moderator)}: {printer.label(term)}" for term in data["term"]]
    axis = printer.tr(
        "Scale points of {outcome} per scale point of {driver}",
        outcome=printer.label(fit.outcome),
        driver=printer.label(result.driver),
    )
    text = printer.text(_PHRASES["lines"], level=printer.percent(result.conf_level))
    return _points(data, names, [""] * len(data), axis, text, result, printer)


def _points(
    data: pd.DataFrame,
    names: list[str],
    blocks: list[str],
    axis: str,
    text: str,
    result: Regression | SimpleSlopes,
    printer: Printer,
) -> Exhibit:
    largest = float(np.abs(data[["estimate", "conf_low", "conf_high"]].to_numpy()).max())
    places = max(2, 1 - int(np.floor(np.log10(largest)))) if largest > 0 else 2

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.6)
        for at, block, (_, row) in zip(y, blocks, data.iterrows(), strict=True):
            colour, _, marker = COLOURS.get(block, (INK, "", "o") if not block else SPARE)
            ax.plot(row["estimate"], at, marker, color=colour, markeredgecolor=INK, markersize=7)
        numbers_beside(ax, y, [printer.number(value, f"+.{places}f") for value in data["estimate"]])
        name_rows(ax, y, names)
        ax.set(xlabel="\n".join(wrap(axis, 44)), ylim=(-0.5, len(data) - 0.3))
        low, high = min(0, data["conf_low"].min()), max(0, data["conf_high"].max())
        ax.set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
        ax.xaxis.set_major_formatter(printer.ticks(f".{places}f"))
        return ax

    listing = "; ".join(
        f"{name} {printer.interval(row, f'+.{places}f')}" for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    size = (WIDTH, 0.45 * len(data) + 1.25)
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=f"{axis}. {listing}.")


@draws(Regression)
def table_coefficients(result: Regression, *, printer: Printer) -> Exhibit:
    """Coefficients with interval, p and beta."""
    data = result.tidy()
    data = data.assign(term=[printer.tr("Constant") if t == INTERCEPT else printer.label(t) for t in data["term"]])
    columns = {"term": "{term}", "estimate": "{estimate:+.2f} [{conf_low:+.2f}; {conf_high:+.2f}]"}
    columns |= {"p_value": "{p_value:.3p}", "beta": "{beta:+.2f}"}
    text = printer.tr(
        "In brackets: {level} intervals. Beta is the coefficient in standard deviations.",
        level=printer.percent(result.conf_level),
    )
    axis = printer.tr("Scale points of {outcome} per scale point", outcome=printer.label(result.outcome))
    listing = "; ".join(f"{row.term} {printer.number(row.estimate, '+.2f')}" for row in data.itertuples())
    return printer.table(data, result.provenance, columns, caption=text, alt=f"{axis}: {listing}.")


@draws(Split)
def plot_split(result: Split, importance: Importance | None = None, *, printer: Printer) -> Exhibit:
    """The share of one of two blocks under each choice, beside the share that was claimed.

    Parameters
    ----------
    importance : Importance, optional
        Of the same drivers; those that work against its outcome get a sign, and stand below the axis.
    """
    data = result.tidy()
    names = [
        printer.text(
            _PHRASES[row.choice],
            term=printer.text(METHODS[row.term].label)
            if row.choice == "method"
            else signed(row.term, importance, printer),
        )
        for row in data.itertuples()
    ]
    a, b = (printer.label(name) for name in (result.a, result.b))
    axis, note = printer.text(_PHRASES["split"], a=a, b=b), against_text(importance, printer)
    colour, _, marker = COLOURS.get(result.a, SPARE)

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        ax.axvline(result.claimed, color=INK, linewidth=1.4, linestyle=(0, (5, 3)), zorder=0)
        ax.annotate(printer.tr("claimed: {share}", share=printer.percent(result.claimed)), (result.claimed, 1), (0, 3), xycoords=ax.get_xaxis_transform(), textcoords="offset points", ha="center", va="bottom")  # fmt: skip
        ax.hlines(y, data["conf_low"], data["conf_high"], color=INK, linewidth=1.6)
        ax.plot(
            data["estimate"], y, marker, color=colour, markeredgecolor=INK, markersize=7, linestyle="none", zorder=4
        )
        numbers_beside(ax, y, [printer.percent(share) for share in data["estimate"]])
        name_rows(ax, y, names)
        ax.set(xlim=(0, 1), ylim=(-0.5, len(data) - 0.1), xlabel=f"{axis}\n{note}".strip())
        ax.xaxis.set_major_formatter(printer.ticks(".0%"))
        return ax

    listing = "; ".join(
        f"{name} {printer.interval(row, '.0%')}" for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    how = "how" if "without" in set(data["choice"]) else "methods"
    text = printer.text(_PHRASES[how], level=printer.percent(result.conf_level))
    alt = f"{axis}. {listing}. {printer.tr('claimed: {share}', share=printer.percent(result.claimed))}."
    size = (WIDTH, 0.34 * len(data) + 1.15 + 0.2 * len(wrap(note, 50)))
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=f"{alt} {note}".strip(), note=note)
