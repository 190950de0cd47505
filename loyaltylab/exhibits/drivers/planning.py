"""The figure and the table of a `Plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import pd, tr
from ...drivers import Plan, Plans
from ..exhibit import COLOURS, Exhibit, Printer
from ..parts import WIDTH
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PLAN = {
    "usable": tr("Usable"),
    "shows": tr("Shows the difference"),
    "first": tr("Right block first"),
    "within": tr("{n} [{low}; {high}]"),
    "beyond": tr("more than {n}"),
    "below": tr("at most {n}"),
    "never": tr("no number"),
    "half_difference": tr("Difference, ±"),
}


@draws(Plan)
def plot_plan(result: Plan, *, printer: Printer) -> Exhibit:
    """Power against the number of respondents, and beside it the half-width of the interval."""
    data = result.tidy().sort_values("n", ignore_index=True)

    def draw(figure: Figure) -> Axes:
        left, right = figure.subplots(1, 2)
        strong, soft = COLOURS["emotional"][0], COLOURS["rational"][0]
        left.fill_between(
            data["n"], data["power_conf_low"], data["power_conf_high"], color=soft, alpha=0.45, linewidth=0
        )
        left.plot(data["n"], data["power"], "-o", color=strong, linewidth=2, markersize=5)
        _wished(
            left, data["n"], data["power"], result.target, result.needed[0], printer.percent(result.target), printer
        )
        left.set(ylim=(0, 1.04))
        left.set_title(printer.tr("Studies that show\nthe difference"), fontsize=9)
        left.yaxis.set_major_formatter(printer.ticks(".0%"))
        half = data["width"] / 2
        right.plot(data["n"], half, "-s", color=INK, linewidth=2, markersize=5)
        label = printer.number(result.margin_of_error, ".0pp")
        _wished(right, data["n"], half, result.margin_of_error, result.needed_for_width[0], f"±{label}", printer)
        right.set(ylim=(0, max(half.max(), result.margin_of_error) * 1.15))
        right.set_title(printer.tr("Margin of error,\nin points"), fontsize=9)
        right.yaxis.set_major_formatter(printer.ticks(".0pp"))
        for ax in (left, right):
            _sizes(ax, data["n"], printer)
            ax.set_xlabel(printer.tr("Respondents asked"))
        return left

    return printer.figure(
        data, result.provenance, draw, (WIDTH, 3.1), caption=_caption(result, printer), alt=_alt(result, data, printer)
    )


@draws(Plan)
def table_plan(result: Plan, *, printer: Printer) -> Exhibit:
    """The same numbers, with the part of studies that has the right block first and the half-widths of both shares."""
    a, b = (printer.label(name) for name in result.contrast)
    data = result.tidy().sort_values("n", ignore_index=True)
    halves = {"half_difference": "width", "half_a": "share_width", "half_b": "share_width_against"}
    data = data.assign(**{name: data[width] / 2 for name, width in halves.items()})
    columns = {
        "n": "{n:,d}",
        "n_effective": "{n_effective:,.0f}",
        "power": "{power:.0%} [{power_conf_low:.0%}; {power_conf_high:.0%}]",
        "right_first": "{right_first:.0%}",
        **{name: f"{{{name}:.1pp}}" for name in halves},
    }
    words = {"n_effective": "usable", "power": "shows", "right_first": "first", "half_difference": "half_difference"}
    if np.allclose(data["n"], data["n_effective"]):
        del columns["n_effective"]
    headings = {name: printer.text(PLAN[word]) for name, word in words.items()} | {
        "half_a": f"{a}, ±",
        "half_b": f"{b}, ±",
    }
    headings["n"] = printer.tr("Respondents asked")
    text = printer.tr(
        "In brackets: {level} intervals, the simulation's own error. Shows the difference: the study's interval lies wholly above zero. Right block first: whatever the interval. Half-widths are means, in percentage points.",
        level=printer.percent(result.conf_level),
    )
    text = text + (
        printer.tr(" Usable: the complete, independent and normally distributed answers that these are worth.")
        if "n_effective" in columns
        else ""
    )
    alt = _alt(result, data, printer)
    return printer.table(data, result.provenance, columns, headings, caption=text, alt=alt)


@draws(Plans)
def table_plans(result: Plans, *, printer: Printer) -> Exhibit:
    """Respondents needed under each assumption."""
    first = next(iter(result.plans.values()))
    data = result.tidy()
    for name in ("n_needed", "n_for_width"):
        data[f"{name}_said"] = [_needed_text(row, name, printer) for row in data.to_dict("records")]
    data = data.assign(term=[printer.label(term) for term in data["term"]])
    columns = {name: f"{{{name}}}" for name in ("term", "n_needed_said", "n_for_width_said")}
    columns = {"term": "{term}", "measured": "{measured:+.1pp}"} | columns
    wished = printer.percent(first.target), printer.number(first.margin_of_error, ".0pp")
    headings = {
        "term": printer.tr("If"),
        "measured": printer.tr("Difference as measured, points"),
        "n_needed_said": printer.tr("Respondents to show it ({wished})", wished=wished[0]),
        "n_for_width_said": printer.tr("Respondents for ±{wished} points", wished=wished[1]),
    }
    listing = "; ".join(f"{row.term}: {row.n_needed_said}" for row in data.itertuples())
    text = printer.tr(
        "Each row is a plan of its own. In brackets: {level} intervals, the simulation's own error.",
        level=printer.percent(result.conf_level),
    )
    alt = f"{headings['n_needed_said']}. {listing}."
    return printer.table(data, result.provenance, columns, headings, caption=text, alt=alt)


def _needed_text(row: dict[str, Any], name: str, printer: Printer) -> str:
    """A number of respondents with its interval, or what is known where it is not among the sizes tried."""

    def sized(value: float) -> str:
        return printer.number(value, ",.0f")

    state = row["verdict" if name == "n_needed" else "verdict_width"]
    if state == "beyond" and name == "n_needed" and row["measured"] <= 0:
        state = "never"
    n = {"within": row[name], "beyond": row["n_largest"], "below": row["n_smallest"]}.get(state, 0)
    ends = (sized(row[f"{name}_conf_{end}"]) for end in ("low", "high"))
    return printer.text(PLAN[state], n=sized(n), **dict(zip(("low", "high"), ends, strict=True)))


def _wished(
    ax: Axes, n: pd.Series, values: pd.Series, level: float, needed: float, label: str, printer: Printer
) -> None:
    """A dashed line at what is wished, and down to the respondents it takes; the words stand where the curve is not."""
    dashes = {"color": FAINT, "linewidth": 1.1, "linestyle": (0, (4, 3)), "zorder": 0}
    ax.axhline(level, **dashes)
    beside = {"textcoords": "offset points", "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.0}}
    if needed != needed:
        above = bool(values.iloc[0] < level)
        words = printer.tr("wished: {wished}", wished=label)
        ax.annotate(
            words, (n.min(), level), (0, 4 if above else -4), va="bottom" if above else "top", fontsize=8, **beside
        )
        return
    ax.plot([needed, needed], [0, level], **dashes)
    ax.plot(needed, level, "o", color="white", markeredgecolor=INK, markersize=9, markeredgewidth=1.8, zorder=3)
    rises, room = values.iloc[0] < values.iloc[-1], needed < np.sqrt(n.min() * n.max())
    above = rises != room
    text = f"n = {printer.number(needed, ',.0f')}"
    ax.annotate(
        text if ax.figure.get_figwidth() < WIDTH * 0.8 else f"{label}: {text}",
        (needed, level),
        (8 if room else -8, 7 if above else -8),
        ha="left" if room else "right",
        va="bottom" if above else "top",
        weight="bold",
        fontsize=9,
        **beside,
    )


def _sizes(ax: Axes, n: pd.Series, printer: Printer) -> None:
    """A logarithmic axis of respondents, with round numbers that do not touch."""
    low, high = float(n.min()), float(n.max())
    ax.set_xscale("log")
    ax.set_xlim(low * 0.9, high * 1.1)
    round_numbers = np.array([m * 10.0**e for e in range(1, 6) for m in (1, 3)])
    inside = round_numbers[(round_numbers >= low) & (round_numbers <= high)]
    ticks = inside[:: 1 + len(inside) // 4] if len(inside) > 1 else np.array([low, high])
    ax.set_xticks(ticks, [printer.number(tick, ",.0f") for tick in ticks])
    ax.minorticks_off()


def _caption(result: Plan, printer: Printer) -> str:
    a, b = (printer.label(name) for name in result.contrast)
    return printer.tr(
        "Left: part of {studies} simulated studies a size whose {level} interval of the difference ({a} minus {b}) lies wholly above zero; the band is the simulation's own error. Right: the margin of error, the mean half-width of that interval, in percentage points. Dashed: what is wished, and the respondents it takes.",
        studies=printer.number(result.n_simulations, ",d"),
        level=printer.percent(result.conf_level),
        a=a,
        b=b,
    )


def _alt(result: Plan, data: pd.DataFrame, printer: Printer) -> str:
    def sized(value: float) -> str:
        return printer.number(value, ",.0f")

    half = data["width"] / 2
    wished, needed = printer.percent(result.target), result.needed[0]
    return printer.tr(
        "Two lines against the number of respondents, from {low} to {high}. Power rises from {first} to {last}; the half-width of the interval falls from {wide} to {narrow} percentage points. {answer}",
        low=sized(data["n"].iloc[0]),
        high=sized(data["n"].iloc[-1]),
        first=printer.percent(data["power"].iloc[0]),
        last=printer.percent(data["power"].iloc[-1]),
        wide=printer.number(half.iloc[0], ".1pp"),
        narrow=printer.number(half.iloc[-1], ".1pp"),
        answer=printer.text(
            (
                tr("The wished {wished} is reached at {n} respondents.")
                if needed == needed
                else tr("The wished {wished} is not reached between these sizes.")
            ),
            wished=wished,
            n=sized(needed),
        ),
    )
