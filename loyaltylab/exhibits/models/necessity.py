"""The empty corner of low condition and high outcome, as a figure and a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...core import DataError, Provenance, format_number
from ...models import CEILINGS, Necessity
from ..exhibit import Exhibit
from ..parts import WIDTH, Labels
from ..row_parts import plain
from ..style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_necessity", "table_necessity"]

_WORDS: dict[str, dict[str, str]] = {
    "empty": {"en": "as good as nobody", "nl": "vrijwel niemand"},
    "how": {
        "en": "The line is what at least {min_cell} respondents at or below each answer reach; fewer lie in the hatched zone at any answer. The ceiling itself rests on single respondents and is not drawn; d is computed from it.",
        "nl": "De lijn is wat minstens {min_cell} respondenten bij of onder elk antwoord halen; in het gearceerde deel liggen er bij geen enkel antwoord zo veel. Het plafond zelf berust op losse respondenten en is niet getekend; d is ermee berekend.",
    },
    "alt": {"en": "{outcome} by {condition}. {rows}.", "nl": "{outcome} naar {condition}. {rows}."},
    "row": {
        "en": "{part} of the range of {outcome}: {condition} at least {needed}",
        "nl": "{part} van het bereik van {outcome}: {condition} minstens {needed}",
    },
    "none": {"en": "no part of the outcome needs any", "nl": "geen deel van de uitkomst vraagt iets"},
    "table": {
        "en": "d is the empty zone as a part of all that is possible ({ceiling}); p: how often answers that only go together as much as these leave as large a zone. Without the outermost: d when at each answer the {few} highest outcomes are set aside; a large gap means that d hangs on a few respondents. Small, medium, large, very large: from 0, 0.1, 0.3, 0.5 (Dul 2016).",
        "nl": "d is de lege zone als deel van al het mogelijke ({ceiling}); p: hoe vaak antwoorden die alleen even sterk samengaan een even grote zone overlaten. Zonder de uitersten: d als bij elk antwoord de {few} hoogste uitkomsten opzij worden gezet; een groot verschil betekent dat d aan enkele respondenten hangt. Klein, middelgroot, groot, zeer groot: vanaf 0, 0,1, 0,3, 0,5 (Dul 2016).",
    },
    "effect": {"en": "d", "nl": "d"},
    "size": {"en": "Size", "nl": "Grootte"},
    "sizes": {"en": "none|small|medium|large|very large", "nl": "geen|klein|middelgroot|groot|zeer groot"},
    "necessary": {"en": "necessary, by rule", "nl": "noodzakelijk volgens de regel"},
    "not shown": {"en": "not shown", "nl": "niet aangetoond"},
}  # fmt: skip


def plot_necessity(
    result: Necessity, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """The outcome that enough respondents reach at or below each answer to the condition, and the zone above it."""
    import pandas as pd

    condition, outcome = (labels.get(name, name) for name in (result.condition, result.outcome))
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
            ax.text(left + (right - left) * 0.02, top - room, _WORDS["empty"][language], ha="left", va="top", fontsize=9,
                    style="italic", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip
        ax.set(xlim=(left, right), ylim=(bottom, top + room), xlabel=plain(condition))
        ax.set_title(plain(outcome), fontsize=9.5, weight="normal", loc="left")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(lambda value, _: format_number(value, "g", language))
        ax.locator_params(nbins=7, integer=True)
        return ax

    rows = [
        _WORDS["row"][language].format(
            part=row["answer"],
            outcome=outcome,
            condition=condition,
            needed=format_number(row["estimate"], ".2g", language),
        )
        for row in table.to_dict("records")
        if row["estimate"] == row["estimate"]
    ]
    text = caption or _WORDS["how"][language].format(min_cell=result.min_cell)
    said = "; ".join(rows) or _WORDS["none"][language]
    alt = _WORDS["alt"][language].format(outcome=outcome, condition=condition, rows=said)
    return Exhibit(id, title, text, alt, data, result.provenance, language, draw, (WIDTH, 3.2))


def table_necessity(
    results: Sequence[Necessity], *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Conditions of one outcome: d, its size and p, and what is left of d without the respondents nearest to the zone.

    Raises
    ------
    DataError
        Where there is none, or they differ in outcome, ceiling or smallest cell.
    """
    import pandas as pd

    if len({(r.outcome, r.ceiling, r.min_cell) for r in results}) != 1:
        raise DataError("give one or more conditions of the same outcome, ceiling and smallest cell.")
    data = pd.concat([r.glance() for r in results], ignore_index=True)
    sizes = dict(zip(_WORDS["sizes"]["en"].split("|"), _WORDS["sizes"][language].split("|"), strict=True))
    data = data.assign(
        term=[labels.get(name, name) for name in data["term"]],
        level=[sizes[name] for name in data["level"]],
        verdict=[_WORDS[name][language] for name in data["verdict"]],
    )
    columns = {"term": "{term}", "estimate": "{estimate:.2f}", "level": "{level}", "p_value": "{p_value:.3p}"}
    columns |= {"effect_protected": "{effect_protected:.2f}", "verdict": "{verdict}"}
    headings = {"estimate": _WORDS["effect"][language], "level": _WORDS["size"][language]}
    first = results[0]
    words = {"ceiling": CEILINGS[first.ceiling][language], "few": str(first.min_cell - 1)}
    said = "; ".join(
        f"{row.term}: d {format_number(row.estimate, '.2f', language)}, {row.level}" for row in data.itertuples()
    )
    text = caption or _WORDS["table"][language].format(**words)
    origin = Provenance.merge([r.provenance for r in results])
    return Exhibit(id, title, text, said + ".", data, origin, language, columns=columns, headings=headings)
