"""Coefficients, slopes, lines and regions of a regression, a claimed split, and promoters that are none."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from ...core import and_list, check_known, pd, tr
from ...drivers import METHODS, Importance, Split
from ...loyalty import BECOME, Misclassification
from ...models import INTERCEPT, JohnsonNeyman, Lines, Regression, SimpleSlopes
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

    def draw(figure: Figure) -> None:
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

    listing = printer.rows(names, data, f"+.{places}f")
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

    def draw(figure: Figure) -> None:
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

    listing = printer.rows(names, data, ".0%")
    how = "how" if "without" in set(data["choice"]) else "methods"
    text = printer.text(_PHRASES[how], level=printer.percent(result.conf_level))
    alt = f"{axis}. {listing}. {printer.tr('claimed: {share}', share=printer.percent(result.claimed))}."
    size = (WIDTH, 0.3 * len(data) + 1.15 + 0.2 * len(wrap(note, 50)))
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=f"{alt} {note}".strip(), note=note)


_STRONG, _SOFT = COLOURS["emotional"][0], COLOURS["rational"][0]
_DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
_SHADES = (INK, _STRONG, _SOFT, "#7A7A7A")
_WHERE = {
    "everywhere": tr("everywhere"),
    "nowhere": tr("nowhere"),
    "above": tr("above {edges}"),
    "below": tr("below {edges}"),
    "between": tr("between {edges}"),
    "outside": tr("outside {edges}"),
    "passives": tr("counted as passives"),
    "detractors": tr("counted as detractors"),
}


@draws(Lines)
def plot_lines(results: Lines | list[Lines], *, printer: Printer) -> Exhibit:
    """Expected outcome over a driver at each value of a moderator; several results of one outcome side by side."""
    panels = [results] if isinstance(results, Lines) else list(results)
    outcome, moderator = (printer.label(name) for name in (panels[0].regression.outcome, panels[0].moderator))
    data = pd.concat([panel.tidy().assign(term=panel.driver) for panel in panels], ignore_index=True)

    def draw(figure: Figure) -> None:
        axes = np.atleast_1d(figure.subplots(1, len(panels), sharey=True))
        for ax, panel in zip(axes, panels, strict=True):
            for (name, rows), dashes, colour in zip(panel.lines.items(), _DASHES, _SHADES, strict=False):
                ax.fill_between(rows[:, 0], rows[:, 2], rows[:, 3], color=colour, alpha=0.16, linewidth=0)
                ax.plot(
                    rows[:, 0], rows[:, 1], linestyle=dashes, color=colour, linewidth=2.2, label=printer.label(name)
                )
            ax.set_xlabel(printer.label(panel.driver))
            ax.xaxis.set_major_formatter(printer.ticks("g"))
            ax.yaxis.set_major_formatter(printer.ticks(".1f"))
        axes[0].set_ylabel(textwrap.fill(printer.tr("Expected {outcome}", outcome=outcome), 24))
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=len(names), handlelength=2.6, columnspacing=1.6)

    fields = {"outcome": outcome, "moderator": moderator, "level": printer.percent(panels[0].conf_level)}
    rows = "; ".join(
        printer.tr("{driver}, {name}: from {low} to {high}", driver=printer.label(panel.driver), name=printer.label(name), low=printer.number(row[0, 1], ".2f"), high=printer.number(row[-1, 1], ".2f"))
        for panel in panels
        for name, row in panel.lines.items()
    )  # fmt: skip
    alt = printer.tr("Line chart of {outcome}. {rows}.", rows=rows, **fields)
    text = printer.tr(
        "Lines: expected {outcome} at each value of a driver, everything else at its mean. Bands are {level} intervals at each value by itself. Where the lines of a panel are parallel, the slope does not depend on {moderator}.",
        **fields,
    )
    return printer.figure(data, panels[0].provenance, draw, (WIDTH, 3.1), caption=text, alt=alt)


@draws(JohnsonNeyman)
def plot_region(result: JohnsonNeyman, *, printer: Printer) -> Exhibit:
    """Slope of a driver over the range of a moderator, shaded where its interval excludes zero."""
    data, slopes = result.tidy(), result.slopes
    fields = {
        "driver": printer.label(slopes.driver),
        "moderator": printer.label(slopes.moderator),
        "outcome": printer.label(slopes.regression.outcome),
        "level": printer.percent(result.conf_level),
    }
    shown = ((data["conf_low"] > 0) | (data["conf_high"] < 0)).to_numpy()

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.fill_between(data["at"], data["conf_low"], data["conf_high"], color="#D9D9D9", linewidth=0)
        ax.fill_between(
            data["at"], data["conf_low"], data["conf_high"], where=shown, color=_STRONG, alpha=0.35, linewidth=0
        )
        ax.plot(data["at"], data["estimate"], color=INK, linewidth=2)
        ax.axhline(0, color=FAINT, linewidth=1.2, linestyle=(0, (4, 3)))
        for edge in result.edges:
            ax.axvline(edge, color=FAINT, linewidth=1)
            label = printer.number(edge, "+.2f")
            ax.annotate(label, (edge, 1), (3, -2), ("data", "axes fraction"), "offset points", va="top", fontsize=9)
        ax.set(xlim=result.span)
        ax.set_xlabel(printer.tr("{moderator}, distance from its mean", **fields))
        ax.set_ylabel(printer.tr("{outcome} per point of\n{driver}", **fields))
        for axis, spec in ((ax.xaxis, "g"), (ax.yaxis, ".2f")):
            axis.set_major_formatter(lambda value, _, spec=spec: printer.number(value, spec))

    edges = and_list((printer.number(edge, "+.2f") for edge in result.edges), printer.language)
    alt = printer.tr(
        "A line with a band: the slope goes from {first} to {last}; told from zero: {where}.",
        first=printer.number(data["estimate"].iloc[0], ".2f"),
        last=printer.number(data["estimate"].iloc[-1], ".2f"),
        where=printer.text(_WHERE[result.verdict], edges=edges),
    )
    text = printer.tr(
        "Slope of {driver} at each value of {moderator}, with its {level} interval at each value by itself. Shaded: where the interval excludes zero (Johnson & Neyman 1936).",
        **fields,
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, 2.9), caption=text, alt=alt)


@draws(Misclassification)
def plot_misclassification(result: Misclassification, *, printer: Printer, observed: float | None = None) -> Exhibit:
    """A net score over the assumed part of misfiled promoters, as passives and as detractors.

    `observed`: a part that was measured, marked on the axis.

    Parameters
    ----------
    observed : float, optional
        The part of promoters found misfiled in the data, marked on the axis.
    """
    data = result.tidy()
    start, _, low, high = result.reported
    zero = result.glance().iloc[0]["rate_to_zero_detractors"]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.axhspan(low, high, color="#EDEDED", zorder=0, label=printer.tr("as answered (interval)"))
        ax.axhline(0, color=FAINT, linewidth=1.2, linestyle=(0, (4, 3)))
        for term, colour, dashes in zip(BECOME, (_SOFT, _STRONG), _DASHES, strict=False):
            rows = data[data["term"] == term]
            ax.fill_between(rows["rate"], rows["conf_low"], rows["conf_high"], color=colour, alpha=0.2, linewidth=0)
            ax.plot(
                rows["rate"],
                rows["estimate"],
                color=colour,
                linestyle=dashes,
                linewidth=2.2,
                label=printer.text(_WHERE[term]),
            )
        if zero == zero:
            _mark(ax, zero, printer.tr("as detractors: from {rate} on\nnot told from zero", rate=printer.percent(zero)))
        if observed is not None:
            _mark(ax, observed, printer.tr("measured: {rate}", rate=printer.percent(observed)))
        ax.set(xlim=(0, data["rate"].max()))
        ax.set_xlabel(printer.tr("Part of the promoters misfiled (assumed)"))
        ax.set_ylabel(printer.text(tr("Promoter score") if result.is_net_promoter else tr("Net score")))
        ax.xaxis.set_major_formatter(printer.ticks(".0%"))
        ax.yaxis.set_major_formatter(printer.ticks("+.0f"))
        figure.legend(loc="outside upper left", ncols=3, handlelength=2.0, columnspacing=1.0, fontsize=8.5)

    last = data.groupby("term")["estimate"].last()
    alt = printer.tr(
        "Two falling lines from {start}: at {most} misfiled, {passives} if they are passives and {detractors} if they are detractors.",
        start=printer.number(start, "+.0f"),
        most=printer.percent(data["rate"].max()),
        **{term: printer.number(last[term], "+.0f") for term in BECOME},
    )
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.2), caption=_misfiled_caption(result, printer), alt=alt)  # fmt: skip


def _misfiled_caption(result: Misclassification, printer: Printer) -> str:
    first, last = (f"{value:g}" for value in result.span)
    net = (
        ""
        if result.is_net_promoter
        else printer.tr(
            " Answers run from {first} to {last}, so this is a net score of their ends and not the net promoter score.",
            first=first,
            last=last,
        )
    )
    low, high = (f"{value:g}" for value in result.ends)
    return printer.tr(
        "The score if a part of those who answered as promoters ({high} or more) thinks otherwise and counts as a passive, or as a detractor ({low} or less). Bands are {level} intervals of the score; the part itself is an assumption, and no interval knows it.{net}",
        low=low,
        high=high,
        level=printer.percent(result.conf_level),
        net=net,
    )


def _mark(ax: Axes, rate: float, label: str) -> None:
    """A part of the promoters with what is to be said about it, below where the lines are."""
    ax.axvline(rate, color=INK, linewidth=1, linestyle=(0, (1.5, 1.5)))
    narrow = ax.get_figure().get_figwidth() < WIDTH * 0.8
    label = textwrap.fill(label, 14) if narrow else label
    ax.annotate(
        label, (rate, 0), (5, 5), ("data", "axes fraction"), "offset points", va="bottom", fontsize=8 if narrow else 9
    )
