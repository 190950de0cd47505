"""What a study takes: the figure and the tables of a plan, and respondents by kind of analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import Phrase, pd, tr
from ...drivers import Plan, Plans, SampleSizes
from ..exhibit import COLOURS, Exhibit, Printer
from ..parts import WIDTH, name_rows, points_legend
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

    def draw(figure: Figure) -> None:
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


#: What is to be shown, the report that does so, and how its size is written.
_ROWS: dict[str, tuple[Phrase, str, str]] = {
    "promoter_score": (
        tr("Promoter score is not zero"),
        "measures", "{:.0pp} {points}",
    ),
    "share_difference": (
        tr("{a} weighs more than {b}"),
        "drivers", "{:+.0pp} {points}",
    ),
    "correlation_difference": (
        tr("{a} correlates more than {b}"),
        "emotions", "r {:+.2f}",
    ),
    "groups": (
        tr("Two groups differ in their mean"),
        "satisfaction", "d {:.2f}",
    ),
    "equivalence": (
        tr("Two groups do not differ"),
        "satisfaction", "d ±{:.2f}",
    ),
    "interaction": (
        tr("A relation depends on a third variable"),
        "conscious_unconscious", "f² {:.2f}",
    ),
    "indirect": (
        tr("{a} works by way of {b}"),
        "heart_head_wallet", "ab {:+.2f}",
    ),
    "increment": (
        tr("Block ‘{last}’ adds to the others"),
        "bonds", "ΔR² {:.3f}",
    ),
    "leader": (
        tr("The first driver beats the second"),
        "value", "{:+.0pp} {points}",
    ),
    "retention": (
        tr("A programme keeps more customers"),
        "economics", "{:+.0pp} {points}",
    ),
    "printed_difference": (
        tr("The difference of a printed table"),
        "published_models", "{:+.0pp} {points}",
    ),
    "every_method": (
        tr("The same, whatever the method"),
        "robustness", "{:+.0pp} {points}",
    ),
}  # fmt: skip
_SAID = {
    "width": tr("to know it to ± a tenth"),
    "width_other": tr("to know it to ± {half}"),
    "how": tr(
        "Filled: respondents asked so that {wished} of studies show what the row says, if the size in brackets is true. Open: respondents for a {level} interval of ± {half} on the row's own scale. Sizes with a ring are conventions, the others come from the source; the dashed line is its own number of respondents."
    ),
    "table": tr(
        "Assumed is what the number rests on: from the source, or a convention (Cohen 1988; two thirds of respondents at either end of a promoter score; proportions around one half; the smaller group one fifth of the respondents). The interval is one of {level}, ± {half} on the row's own scale."
    ),
}


@draws(SampleSizes)
def plot_sample_sizes(result: SampleSizes, *, printer: Printer) -> Exhibit:
    """Respondents each analysis takes, the least demanding on top; filled to show it, open to know how large it is."""
    data = _worded(result, printer).sort_values(["n_needed", "term"], ignore_index=True)

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        y = np.arange(len(data))[::-1]
        ax.hlines(y, data["n_needed"].clip(upper=1e9), data["n_for_width"], color="#CFCFCF", linewidth=2, zorder=1)
        ax.plot(data["n_for_width"], y, "D", color="white", markeredgecolor=INK, markersize=5.5, zorder=2)
        own = data["basis"] == "source"
        ax.plot(data["n_needed"], y, "o", color=INK, markersize=7.5, zorder=3)
        ax.plot(data["n_needed"][~own], y[~own], "o", color="white", markersize=3, zorder=4)
        _numbers(ax, data, y)
        ax.axvline(result.n_source, color=FAINT, linewidth=1.1, linestyle=(0, (4, 3)), zorder=0)
        label = printer.tr("source: n = {n}", n=printer.number(result.n_source, ",d"))
        ax.annotate(label, (result.n_source, len(data) - 0.35), (3, 0), textcoords="offset points", fontsize=8)
        _axis(ax, data, printer)
        shown = printer.tr("to show it ({wished} of studies)", wished=printer.percent(result.target))
        points = {
            shown: {"linestyle": "", "marker": "o", "color": INK, "markersize": 7},
            _width_words(result, printer): {
                "linestyle": "",
                "marker": "D",
                "color": "white",
                "markeredgecolor": INK,
                "markersize": 5.5,
            },
        }
        points_legend(figure, points, handlelength=1.2, columnspacing=1.4, fontsize=8.5)

    rows = "; ".join(f"{row.analysis} ({row.size}): {row.shown}" for row in data.itertuples())
    alt = printer.tr(
        "Dot chart of respondents needed for {count} analyses, on a logarithmic scale. {rows}.",
        count=len(data),
        rows=rows,
    )
    text = _sizes_caption("how", result, printer)
    size = (WIDTH, 0.33 * len(data) + 1.1)
    return printer.figure(data, result.provenance, draw, size, caption=text, alt=alt)


@draws(SampleSizes)
def table_sample_sizes(result: SampleSizes, *, printer: Printer) -> Exhibit:
    """The same numbers, with what each rests on and the report that makes the analysis."""
    data = _worded(result, printer)
    data["size_said"] = [
        f"{row.size} ({printer.text(tr('convention') if row.basis == 'convention' else tr('source'))})"
        for row in data.itertuples()
    ]
    data["wide"] = [_sized(value, printer) for value in data["n_for_width"]]
    columns = {name: f"{{{name}}}" for name in ("analysis", "report", "size_said", "shown", "wide")}
    wished = printer.percent(result.target)
    headings = {
        "analysis": printer.tr("To be shown"),
        "report": printer.tr("Report"),
        "size_said": printer.tr("Assumed"),
        "shown": f"n {printer.tr('to show it ({wished} of studies)', wished=wished)}",
        "wide": f"n {_width_words(result, printer)}",
    }
    rows = "; ".join(f"{row.analysis}: {row.shown}" for row in data.itertuples())
    text = _sizes_caption("table", result, printer)
    return printer.table(data, result.provenance, columns, headings, caption=text, alt=rows + ".")


def _worded(result: SampleSizes, printer: Printer) -> pd.DataFrame:
    """The rows with what is to be shown, its size and the number as text."""
    data = result.tidy()
    a, b, last = (printer.label(name) for name in result.blocks)
    names = {"a": a[:1].upper() + a[1:], "b": b, "last": last}
    points = printer.tr("points")
    sizes = [_size(_ROWS[row.term][2], row.estimate, points, printer) for row in data.itertuples()]
    return data.assign(
        analysis=[printer.text(_ROWS[term][0], **names) for term in data["term"]],
        report=[_ROWS[term][1] for term in data["term"]],
        size=sizes,
        shown=[_sized(value, printer) for value in data["n_needed"]],
    )


def _size(pattern: str, estimate: float, points: str, printer: Printer) -> str:
    before, rest = pattern.split("{", 1)
    spec, after = rest.split("}", 1)
    return before + printer.number(estimate, spec.lstrip(":")) + after.replace("{points}", points)


def _sized(value: float, printer: Printer) -> str:
    if value != value:
        return "–"
    return printer.tr("no number", "sample size") if np.isinf(value) else printer.number(value, ",.0f")


def _sizes_caption(key: str, result: SampleSizes, printer: Printer) -> str:
    return printer.text(
        _SAID[key],
        wished=printer.percent(result.target),
        level=printer.percent(result.conf_level),
        half=printer.number(result.margin_of_error, ".3g"),
    )


def _width_words(result: SampleSizes, printer: Printer) -> str:
    key = "width" if result.margin_of_error == 0.1 else "width_other"
    return printer.text(_SAID[key], half=printer.number(result.margin_of_error, ".3g"))


def _numbers(ax: Axes, data: pd.DataFrame, y: Any) -> None:
    """The number beside its point, on the side where no line runs."""
    for at, row in zip(y, data.itertuples(), strict=True):
        if np.isinf(row.n_needed):
            ax.annotate(
                row.shown, (0.99, at), xycoords=("axes fraction", "data"), ha="right", va="center", fontsize=8.5
            )
            continue
        right = not row.n_for_width > row.n_needed
        ax.annotate(
            row.shown, (row.n_needed, at), (8 if right else -8, 0), textcoords="offset points",
            ha="left" if right else "right", va="center", weight="bold", fontsize=8.5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip


def _axis(ax: Axes, data: pd.DataFrame, printer: Printer) -> None:
    values = data[["n_needed", "n_for_width"]].to_numpy()
    values = values[np.isfinite(values) & (values > 0)]
    ax.set_xscale("log")
    low, high = max(10, values.min() / 4), values.max() * 5
    ax.set(xlim=(low, high), ylim=(-0.6, len(data) + 0.1))
    ticks = [10.0**e for e in range(1, 8) if low <= 10.0**e <= high]
    ax.set_xticks(ticks, [printer.number(tick, ",.0f") for tick in ticks])
    ax.minorticks_off()
    name_rows(
        ax, np.arange(len(data))[::-1], [f"{row.analysis}\n({row.size})" for row in data.itertuples()], fontsize=8
    )
    ax.grid(axis="x", color="#E4E4E4", linewidth=0.7)
    ax.set_axisbelow(True)
    ax.set_xlabel(printer.tr("Respondents (each step is ten times as many)"), fontsize=9)
