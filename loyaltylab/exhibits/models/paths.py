"""The effects of a path model as dots and as tables."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from ...core import pd, tr
from ...models import ARROW, Mediation, PathModel
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH, name_rows, numbers_beside
from ..sketch import draws
from ..style import FAINT, INK, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PHRASES = {
    "direct": tr("direct"),
    "indirect": tr("indirect, all routes"),
    "total": tr("total"),
    "proportion": tr("indirect part of total"),
    "arrows": tr(
        "A wider arrow is a larger effect; a dashed arrow may be zero. Numbers are {unit} with {level} intervals ({how})."
    ),
    "dots": tr(
        "Dots are effects, lines {level} intervals ({how}); a line that crosses zero may be zero. Direct and indirect add up to the total."
    ),
    "arrows_table": tr("In brackets: {level} intervals ({how})."),
    "does not fit": tr("The data contradict these arrows: do not tell them as effects."),
    "untested": tr("No arrow is left out, so any data fit: nothing here tests the arrows."),
    "fits": tr("The data do not contradict these arrows."),
}
#: What no figure of a path model can show.
CAVEAT = tr("Whether the arrows point the right way cannot be seen in these data.")

_KINDS = ("direct", "indirect", "total")


@draws(PathModel, Mediation)
def plot_effects(model: PathModel | Mediation, term: str = "", outcome: str = "", *, printer: Printer) -> Exhibit:
    """Direct effect, the routes, and the total of one variable on another, with intervals; a mediation names its own two.

    Parameters
    ----------
    term, outcome : str
        From which variable to which, of a path model.
    """
    paths, term, outcome, data = _between(model, term, outcome)
    names, axis = _row_names(data, printer), _axis(paths, term, outcome, printer)

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        ax.axvline(0, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        for i, (_, row) in enumerate(data.iterrows()):
            at, whole = (
                len(data) - 1 - i,
                row["effect"] == "total" or (row["effect"] == "indirect" and not row["route"]),
            )
            ax.hlines(at, row["conf_low"], row["conf_high"], color=INK, linewidth=2.2 if whole else 1.3)
            fill = INK if whole or row["effect"] == "direct" else PAPER
            marker = {"direct": "s", "total": "D"}.get(row["effect"], "o")
            ax.plot(row["estimate"], at, marker, color=INK, markerfacecolor=fill, markersize=6)
        y = np.arange(len(data))[::-1]
        numbers_beside(ax, y, [printer.number(value, ".2f") for value in data["estimate"]])
        name_rows(ax, y, names)
        ax.set(ylim=(-0.5, len(data) - 0.25), xlabel=textwrap.fill(axis, 34))
        ax.margins(x=0.08)
        ax.locator_params(axis="x", nbins=6)
        ax.xaxis.set_major_formatter(printer.ticks(".1f"))
        return ax

    listing = "; ".join(
        f"{' '.join(name.split())} {printer.interval(row, '.2f')}"
        for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    text = " ".join((phrase_of("dots", paths, printer), printer.text(CAVEAT)))
    lines = sum(1 + 0.45 * name.count("\n") for name in names)
    return printer.figure(data, model.provenance, draw, (WIDTH, 0.42 * lines + 0.95), caption=text, alt=f"{listing}.")


@draws(PathModel, Mediation)
def table_effects(model: PathModel | Mediation, term: str = "", outcome: str = "", *, printer: Printer) -> Exhibit:
    """The numbers of `plot_effects`.

    Parameters
    ----------
    term, outcome : str
        From which variable to which, of a path model.
    """
    paths, term, outcome, rows = _between(model, term, outcome)
    names = [" ".join(name.split()) for name in _row_names(rows, printer)]
    data = rows.assign(effect=names, shown=[printer.interval(row, ".2f") for _, row in rows.iterrows()])
    listing = "; ".join(f"{row['effect']} {row['shown']}" for _, row in data.iterrows())
    text = f"{_axis(paths, term, outcome, printer)}. {phrase_of('dots', paths, printer)}"
    columns = {"effect": "{effect}", "estimate": "{shown}"}
    return printer.table(data, model.provenance, columns, caption=text, alt=f"{listing}.")


@draws(PathModel, default=True)
def table_path_model(model: PathModel, *, printer: Printer) -> Exhibit:
    """Direct, indirect (all routes together) and total effect of every pair of variables that arrows join."""
    frame = model.tidy().query("route == ''")
    rows = []
    for (term, outcome), part in frame.groupby(["term", "outcome"], sort=False):
        found = {row["effect"]: printer.interval(row, ".2f") for _, row in part.iterrows()}
        numbers = {row["effect"]: row["estimate"] for _, row in part.iterrows()}
        pair = f"{printer.label(term)}{ARROW}{printer.label(outcome)}"
        text = {f"{kind}_text": found.get(kind, "–") for kind in _KINDS}
        rows.append({"term": pair, **{kind: numbers.get(kind, np.nan) for kind in _KINDS}, **text})
    data = pd.DataFrame(rows)
    columns = {"term": "{term}"} | {kind: f"{{{kind}_text}}" for kind in _KINDS}
    headings = {"term": printer.tr("From → to")} | {kind: printer.text(_PHRASES[kind]).capitalize() for kind in _KINDS}
    headings["indirect"] = printer.tr("Indirect")
    listing = "; ".join(f"{row['term']} {row['total_text']}" for row in rows)
    whole = tr("Standardised effects along the arrows; direct and indirect add up to the total. A dash: no such way.")
    text = " ".join((printer.text(whole), phrase_of("arrows_table", model, printer), fit_text(model, printer)))
    return printer.table(data, model.provenance, columns, headings, caption=text, alt=f"{listing}.", brief={})


def fit_text(model: PathModel, printer: Printer) -> str:
    """How far the data agree with the arrows left out."""
    row, verdict = model.fit.glance().iloc[0], model.fit.verdict
    specs = {"chi_squared": ".1f", "df": "d", "p_value": ".3p", "cfi": ".2f", "rmsea": ".2f", "srmr": ".2f"}
    numbers = {name: printer.number(row[name], spec) for name, spec in specs.items()}
    indices = tr(
        "Fit of the arrows left out: χ² = {chi_squared} (df = {df}, p = {p_value}), CFI {cfi}, RMSEA {rmsea}, SRMR {srmr}."
    )
    tested = [printer.text(indices, **numbers)] if model.fit.indices.df else []
    return " ".join([*tested, printer.text(_PHRASES[verdict])])


def _between(model: PathModel | Mediation, term: str, outcome: str) -> tuple[PathModel, str, str, pd.DataFrame]:
    if isinstance(model, Mediation):
        model, term, outcome = model.paths, model.treatment, model.outcome
    model.effect(term, outcome, "total")  # refuses a pair without a route
    data = model.tidy()
    data = data[(data["term"] == term) & (data["outcome"] == outcome)]
    if (data["route"] != "").sum() == 1:  # the only route is all routes
        data = data[(data["effect"] != "indirect") | (data["route"] != "")]
    return model, term, outcome, data.reset_index(drop=True)


def _row_names(data: pd.DataFrame, printer: Printer) -> list[str]:
    names = []
    for _, row in data.iterrows():
        if row["route"]:
            inner = ARROW.join(printer.label(name) for name in row["route"].split(ARROW)[1:-1])
            names.append(textwrap.fill(printer.tr("by way of {names}", names=inner), 34, break_long_words=False))
        else:
            names.append(printer.text(_PHRASES[row["effect"]]))
    return names


def _axis(paths: PathModel, term: str, outcome: str, printer: Printer) -> str:
    standardised = tr("Difference in {outcome}, in SDs per SD of {term}")
    template = standardised if paths.standardised else tr("Scale points of {outcome} per scale point of {term}")
    return printer.text(template, term=printer.label(term), outcome=printer.label(outcome))


def phrase_of(what: str, paths: PathModel, printer: Printer) -> str:
    """One of the captions, with how the intervals were made."""
    draws = paths.estimated.draws
    how = printer.tr("normal theory")
    if draws is not None:
        how = printer.tr("{n} draws", n=printer.number(len(draws), ",d"))
    unit = printer.text(tr("standardised effects") if paths.standardised else tr("unstandardised effects"))
    return printer.text(_PHRASES[what], level=printer.percent(paths.conf_level), how=how, unit=unit)
