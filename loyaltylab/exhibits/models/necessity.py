"""The empty corner of low condition and high outcome, as a figure and a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...core import DataError, Provenance, pd, tr
from ...models import CEILINGS, Necessity
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH
from ..sketch import draws
from ..style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIZES = {
    "none": tr("none"),
    "small": tr("small"),
    "medium": tr("medium", "effect size"),
    "large": tr("large"),
    "very large": tr("very large"),
}
_PHRASES = {"necessary": tr("necessary, by rule"), "not shown": tr("not shown")}


@draws(Necessity)
def plot_necessity(result: Necessity, *, printer: Printer) -> Exhibit:
    """The outcome that enough respondents reach at or below each answer to the condition, and the zone above it."""
    condition, outcome = (printer.label(name) for name in (result.condition, result.outcome))
    left, right, bottom, top = result.box
    table = result.tidy()
    data = pd.DataFrame({"answer": [f"{x:.3g}" for x in result.levels], "estimate": result.tops})

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        x, y = np.append(result.levels, right), np.append(result.tops, result.tops[-1])
        ax.fill_between(x, y, top, step="post", facecolor="#F3E7D3", edgecolor="#B9A27C", hatch="///", linewidth=0)
        ax.step(x, y, where="post", color=INK, linewidth=2)
        room = (top - bottom) * 0.02
        if result.effect_protected > 0.08:
            ax.text(left + (right - left) * 0.02, top - room, printer.tr("as good as nobody"), ha="left", va="top", fontsize=9,
                    style="italic", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip
        ax.set(xlim=(left, right), ylim=(bottom, top + room), xlabel=condition)
        ax.set_title(outcome, fontsize=9.5, weight="normal", loc="left")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(printer.ticks("g"))
        ax.locator_params(nbins=7, integer=True)
        return ax

    rows = [
        printer.tr(
            "{part} of the range of {outcome}: {condition} at least {needed}",
            part=row["answer"],
            outcome=outcome,
            condition=condition,
            needed=printer.number(row["estimate"], ".2g"),
        )
        for row in table.to_dict("records")
        if row["estimate"] == row["estimate"]
    ]
    text = printer.tr(
        "The line is what at least {min_cell} respondents at or below each answer reach; fewer lie in the hatched zone at any answer. The ceiling itself rests on single respondents and is not drawn; d is computed from it.",
        min_cell=result.min_cell,
    )
    listing = "; ".join(rows) or printer.tr("no part of the outcome needs any")
    alt = printer.tr("{outcome} by {condition}. {rows}.", outcome=outcome, condition=condition, rows=listing)
    return printer.figure(data, result.provenance, draw, (WIDTH, 3.2), caption=text, alt=alt)


@draws()
def table_necessity(results: Sequence[Necessity], *, printer: Printer) -> Exhibit:
    """Conditions of one outcome: d, its size and p, and what is left of d without the respondents nearest to the zone.

    Raises
    ------
    DataError
        Where there is none, or they differ in outcome, ceiling or smallest cell.
    """
    if len({(r.outcome, r.ceiling, r.min_cell) for r in results}) != 1:
        raise DataError("give one or more conditions of the same outcome, ceiling and smallest cell.")
    data = pd.concat([r.glance() for r in results], ignore_index=True)
    data = data.assign(
        term=[printer.label(name) for name in data["term"]],
        level=[printer.text(_SIZES[name]) for name in data["level"]],
        verdict=[printer.text(_PHRASES[name]) for name in data["verdict"]],
    )
    columns = {"term": "{term}", "estimate": "{estimate:.2f}", "level": "{level}", "p_value": "{p_value:.3p}"}
    columns |= {"effect_protected": "{effect_protected:.2f}", "verdict": "{verdict}"}
    headings = {"estimate": printer.tr("d"), "level": printer.tr("Size")}
    first = results[0]
    words = {"ceiling": printer.text(CEILINGS[first.ceiling]), "few": str(first.min_cell - 1)}
    listing = "; ".join(
        f"{row.term}: d {printer.number(row.estimate, '.2f')}, {row.level}" for row in data.itertuples()
    )
    text = printer.tr(
        "d is the empty zone as a part of all that is possible ({ceiling}); p: how often answers that only go together as much as these leave as large a zone. Without the outermost: d when at each answer the {few} highest outcomes are set aside; a large gap means that d hangs on a few respondents. Small, medium, large, very large: from 0, 0.1, 0.3, 0.5 (Dul 2016).",
        **words,
    )
    origin = Provenance.merge([r.provenance for r in results])
    return printer.table(data, origin, columns, headings, caption=text, alt=listing + ".")
