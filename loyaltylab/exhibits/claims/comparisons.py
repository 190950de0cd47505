"""The comparisons behind the tests of claims: a panel for each claim, a row for each comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...claims import Comparisons
from ...contrasts import Inference
from ...core import DataError, tr
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH, name_rows
from ..row_parts import plain, word
from ..sketch import draws
from ..style import FAINT, INK
from .verdict_words import folded, spec_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Inches of a row, of a line of a heading, and of the axis below; letters of a heading and of a name.
_ROW, _LINE, _AXIS = 0.18, 0.16, 0.48
_LEAST = 1.6  # of a figure of one panel, with its source
_WIDE, _NAME = 72, 46
#: What a first and a further step of an amount add.
_STEPS = {"first": tr("what the first add"), "further": tr("by how much that is more than further ones add")}
#: Measures that lie between nothing and all.
_PARTS = ("proportion", "share", "r_squared", "alpha")
_MEASURES = {
    "correlation": tr("correlation"),
    "partial correlation": tr("correlation, the others held"),
    "difference of correlations": tr("difference of correlations"),
    "difference of correlations with its own and another": tr("correlation with its own less that with the other"),
    "difference of means": tr("difference of means, scale points"),
    "difference of proportions": tr("difference of shares"),
    "difference of slopes": tr("difference of slopes"),
    "slope": tr("slope"),
    "proportion": tr("share"),
    "share": tr("share"),
    "alpha": tr("Cronbach’s alpha"),
    "r_squared": tr("part explained"),
}
#: Letters of a heading and of a name where the figure is as wide as a column.
_NARROW = (44, 17)


@draws(Comparisons, default=True)
def plot_comparisons(compared: Comparisons, *, printer: Printer) -> Exhibit:
    """A panel for each claim, what it states above; a row for each comparison, the weakest on top, against no difference.

    Raises
    ------
    DataError
        Where these data hold what no claim needs.
    """
    if not compared.found:
        raise DataError("these data hold what none of these claims needs, so there is nothing to compare.")
    printer = replace(printer, labels=compared.labels[printer.language])
    statements = {name: printer.text(compared.claims[name].statement) for name in compared.found}
    shown = {name: ones[: compared.most] for name, ones in compared.found.items()}

    def layout(wide: int, name_wide: int) -> tuple[dict[str, str], dict[str, list[str]], dict[str, float]]:
        """Headings, names of rows and inches of each panel, in lines of so many letters."""
        heads = {name: folded(text, wide) for name, text in statements.items()}
        rows = {
            name: [_row(one, printer.text(compared.what[name]), len(ones), printer, name_wide) for one in ones]
            for name, ones in shown.items()
        }
        high = {
            name: _AXIS
            + _LINE * (heads[name].count("\n") + 2)
            + sum(_ROW + 0.13 * row.count("\n") for row in rows[name])
            for name in shown
        }
        return heads, rows, high

    _, rows, high = layout(_WIDE, _NAME)
    data = compared.tidy()
    data["statement"] = [statements[name] for name in data["claim"]]
    data["term"] = list(map(printer.label, data["term"]))
    data["against"] = list(map(printer.label, data["against"]))

    def draw(figure: Figure) -> Axes:
        narrow = figure.get_figwidth() < WIDTH * 0.8
        heads, rows, high = layout(*(_NARROW if narrow else (_WIDE, _NAME)))
        figure.set_figheight(max(figure.get_figheight(), sum(high.values())))
        parts = figure.subplots(len(shown), 1, height_ratios=[*high.values()], squeeze=False)[:, 0]
        for ax, (name, ones) in zip(parts, shown.items(), strict=True):
            left = len(compared.found[name]) - len(ones)
            _panel(ax, ones, rows[name], heads[name], left, compared.printed(name), printer)
        return parts[0]

    alt = " ".join(
        f"{statements[name]} "
        + "; ".join(
            f"{row.replace(chr(10), ' ')} {printer.interval(vars(one), spec_of(one.measure))}"
            for row, one in zip(rows[name], ones, strict=True)
        )
        + "."
        for name, ones in shown.items()
    )
    text = printer.tr(
        "Above each panel what is claimed; a dot is a comparison its test rests on, with its {level} interval, the weakest on top and {most} at most. The dashed line is no difference, or the least that is claimed.",
        level=printer.percent(compared.conf_level),
        most=compared.most,
    )
    if data["printed"].notna().any():
        text += " " + printer.tr("A diamond is the figure as it was printed.")
    return printer.figure(
        data, compared.provenance, draw, (WIDTH, max(_LEAST, sum(high.values()))), caption=text, alt=alt
    )


def _row(one: Inference, what: str, n: int, printer: Printer, letters: int) -> str:
    """What is compared, in words."""
    if one.a == one.measure or n == 1:
        return folded(what, letters)
    a, b = word(one.a, printer), word(one.b, printer)
    if one.b in _STEPS:
        return folded(f"{a}: {printer.text(_STEPS[one.b])}", letters)
    if not b or one.measure.endswith("correlation"):  # the outcome is that of all
        return folded(a, letters)
    if one.measure.startswith("difference") and not one.measure.endswith("another"):
        return folded(printer.tr("{a} less {b}", a=a, b=b), letters)
    return folded(f"{a}, {b}", letters)


def _panel(
    ax: Axes, ones: tuple[Inference, ...], rows: list[str], head: str, left: int, printed: float, printer: Printer
) -> None:
    from matplotlib.ticker import MaxNLocator

    y = np.arange(len(ones))[::-1]
    if (null := ones[0].null) == null:
        ax.axvline(null, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    for at, one in zip(y, ones, strict=True):
        ax.plot([one.conf_low, one.conf_high], [at, at], color=INK, linewidth=1.6)
        ax.plot(one.estimate, at, "o", color=INK, markersize=5)
        ax.plot(printed, at, "D", color=INK, markerfacecolor="none", markersize=8)
    if ones[0].measure in _PARTS:
        ax.set_xlim(0, 1)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    name_rows(ax, y, [plain(row) for row in rows], fontsize=8)
    ax.set_ylim(-0.7, len(ones) - 0.3)
    at = {"xycoords": ("figure fraction", "axes fraction"), "textcoords": "offset points", "va": "bottom"}
    ax.annotate(plain(head), (0.01, 1), (0, 3), **at, fontsize=8, weight="bold")
    ax.tick_params(axis="x", labelsize=8)
    label = [printer.text(_MEASURES[ones[0].measure])] if ones[0].measure in _MEASURES else []
    label += [printer.tr("{n} more lie further on the side that is claimed", n=left)] if left else []
    ax.set_xlabel("\n".join(label), fontsize=8)
    ax.xaxis.set_major_formatter(printer.ticks(spec_of(ones[0].measure)))
