"""What each kind of analysis takes: a figure on a line of respondents, and the same as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import Phrase, pd, tr
from ...drivers import SampleSizes
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH, name_rows
from ..sketch import draws
from ..style import FAINT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
_PHRASES = {
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

    def draw(figure: Figure) -> Axes:
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
        _legend(figure, result, printer)
        return ax

    rows = "; ".join(f"{row.analysis} ({row.size}): {row.shown}" for row in data.itertuples())
    alt = printer.tr(
        "Dot chart of respondents needed for {count} analyses, on a logarithmic scale. {rows}.",
        count=len(data),
        rows=rows,
    )
    text = _caption("how", result, printer)
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
    text = _caption("table", result, printer)
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


def _caption(key: str, result: SampleSizes, printer: Printer) -> str:
    return printer.text(
        _PHRASES[key],
        wished=printer.percent(result.target),
        level=printer.percent(result.conf_level),
        half=printer.number(result.margin_of_error, ".3g"),
    )


def _width_words(result: SampleSizes, printer: Printer) -> str:
    key = "width" if result.margin_of_error == 0.1 else "width_other"
    return printer.text(_PHRASES[key], half=printer.number(result.margin_of_error, ".3g"))


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


def _legend(figure: Figure, result: SampleSizes, printer: Printer) -> None:
    from matplotlib.lines import Line2D

    shown = printer.tr("to show it ({wished} of studies)", wished=printer.percent(result.target))
    handles = [
        Line2D([], [], linestyle="", marker="o", color=INK, markersize=7, label=shown),
        Line2D([], [], linestyle="", marker="D", color="white", markeredgecolor=INK, markersize=5.5,
               label=_width_words(result, printer)),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside upper left", ncols=2, handlelength=1.2, columnspacing=1.4, fontsize=8.5)
