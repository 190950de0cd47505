"""The effects of a path model as dots and as tables."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import format_number, tr
from ...models import ARROW, Mediation, PathModel
from ..exhibit import Exhibit
from ..parts import WIDTH, Labels, numbers_beside, percent
from ..sketch import draws
from ..style import FAINT, INK, PAPER

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MODEL_WORDS", "plot_effects", "said_of", "shown", "table_effects", "table_path_model"]

_WORDS = {
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
MODEL_WORDS = tr("Whether the arrows point the right way cannot be seen in these data.")

_KINDS = ("direct", "indirect", "total")


@draws(PathModel, Mediation)
def plot_effects(
    model: PathModel | Mediation,
    term: str = "",
    outcome: str = "",
    *,
    id: str,
    title: str,
    labels: Labels,
    language: str = "en",
    caption: str = "",
) -> Exhibit:
    """Direct effect, the routes, and the total of one variable on another, with intervals; a mediation names its own two.

    Parameters
    ----------
    term, outcome : str
        From which variable to which, of a path model.
    """
    paths, term, outcome, data = _between(model, term, outcome)
    names, axis = _row_names(data, labels, language), _axis(paths, term, outcome, labels, language)

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
        numbers_beside(ax, y, [format_number(value, ".2f", language) for value in data["estimate"]])
        ax.set_yticks(y, names)
        ax.tick_params(axis="y", length=0)
        ax.set(ylim=(-0.5, len(data) - 0.25), xlabel=textwrap.fill(axis, 34))
        ax.margins(x=0.08)
        ax.locator_params(axis="x", nbins=6)
        ax.spines["left"].set_visible(False)
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, ".1f", language))
        return ax

    said = "; ".join(
        f"{' '.join(name.split())} {shown(row, language)}"
        for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    text = caption or " ".join((said_of("dots", paths, language), MODEL_WORDS[language]))
    lines = sum(1 + 0.45 * name.count("\n") for name in names)
    return Exhibit(id, title, text, f"{said}.", data, model.provenance, language, draw, (WIDTH, 0.42 * lines + 0.95))


@draws(PathModel, Mediation)
def table_effects(
    model: PathModel | Mediation,
    term: str = "",
    outcome: str = "",
    *,
    id: str,
    title: str,
    labels: Labels,
    language: str = "en",
    caption: str = "",
) -> Exhibit:
    """The numbers of `plot_effects`.

    Parameters
    ----------
    term, outcome : str
        From which variable to which, of a path model.
    """
    paths, term, outcome, rows = _between(model, term, outcome)
    names = [" ".join(name.split()) for name in _row_names(rows, labels, language)]
    data = rows.assign(effect=names, shown=[shown(row, language) for _, row in rows.iterrows()])
    said = "; ".join(f"{row['effect']} {row['shown']}" for _, row in data.iterrows())
    text = caption or f"{_axis(paths, term, outcome, labels, language)}. {said_of('dots', paths, language)}"
    columns = {"effect": "{effect}", "estimate": "{shown}"}
    return Exhibit(id, title, text, f"{said}.", data, model.provenance, language, columns=columns)


@draws(PathModel, default=True)
def table_path_model(
    model: PathModel, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """Direct, indirect (all routes together) and total effect of every pair of variables that arrows join."""
    import pandas as pd

    frame = model.tidy().query("route == ''")
    rows = []
    for (term, outcome), part in frame.groupby(["term", "outcome"], sort=False):
        found = {row["effect"]: shown(row, language) for _, row in part.iterrows()}
        numbers = {row["effect"]: row["estimate"] for _, row in part.iterrows()}
        pair = f"{labels.get(term, term)}{ARROW}{labels.get(outcome, outcome)}"
        text = {f"{kind}_text": found.get(kind, "–") for kind in _KINDS}
        rows.append({"term": pair, **{kind: numbers.get(kind, np.nan) for kind in _KINDS}, **text})
    data = pd.DataFrame(rows)
    columns = {"term": "{term}"} | {kind: f"{{{kind}_text}}" for kind in _KINDS}
    headings = {"term": tr("From → to")[language]} | {kind: _WORDS[kind][language].capitalize() for kind in _KINDS}
    headings["indirect"] = tr("Indirect")[language]
    said = "; ".join(f"{row['term']} {row['total_text']}" for row in rows)
    whole = tr("Standardised effects along the arrows; direct and indirect add up to the total. A dash: no such way.")
    text = caption or " ".join((whole[language], said_of("arrows_table", model, language), fit_said(model, language)))
    return Exhibit(
        id, title, text, f"{said}.", data, model.provenance, language, columns=columns, headings=headings, brief={}
    )


def fit_said(model: PathModel, language: str) -> str:
    """How far the data agree with the arrows left out."""
    row, verdict = model.fit.glance().iloc[0], model.fit.verdict
    specs = {"chi_squared": ".1f", "df": "d", "p_value": ".3p", "cfi": ".2f", "rmsea": ".2f", "srmr": ".2f"}
    numbers = {name: format_number(row[name], spec, language) for name, spec in specs.items()}
    indices = tr(
        "Fit of the arrows left out: χ² = {chi_squared} (df = {df}, p = {p_value}), CFI {cfi}, RMSEA {rmsea}, SRMR {srmr}."
    )
    told = [indices[language].format(**numbers)] if model.fit.indices.df else []
    return " ".join([*told, _WORDS[verdict][language]])


def _between(model: PathModel | Mediation, term: str, outcome: str) -> tuple[PathModel, str, str, pd.DataFrame]:
    if isinstance(model, Mediation):
        model, term, outcome = model.paths, model.treatment, model.outcome
    model.effect(term, outcome, "total")  # refuses a pair without a route
    data = model.tidy()
    data = data[(data["term"] == term) & (data["outcome"] == outcome)]
    if (data["route"] != "").sum() == 1:  # the only route is all routes
        data = data[(data["effect"] != "indirect") | (data["route"] != "")]
    return model, term, outcome, data.reset_index(drop=True)


def _row_names(data: pd.DataFrame, labels: Labels, language: str) -> list[str]:
    names = []
    for _, row in data.iterrows():
        if row["route"]:
            inner = ARROW.join(labels.get(name, name) for name in row["route"].split(ARROW)[1:-1])
            names.append(
                textwrap.fill(tr("by way of {names}")[language].format(names=inner), 34, break_long_words=False)
            )
        else:
            names.append(_WORDS[row["effect"]][language])
    return names


def _axis(paths: PathModel, term: str, outcome: str, labels: Labels, language: str) -> str:
    standardised = tr("Difference in {outcome}, in SDs per SD of {term}")
    template = standardised if paths.standardised else tr("Scale points of {outcome} per scale point of {term}")
    return template[language].format(term=labels.get(term, term), outcome=labels.get(outcome, outcome))


def shown(row: Any, language: str) -> str:
    """An effect with its interval."""
    estimate, low, high = (format_number(row[k], ".2f", language) for k in ("estimate", "conf_low", "conf_high"))
    return f"{estimate} [{low}; {high}]"


def said_of(what: str, paths: PathModel, language: str) -> str:
    """One of the captions, with how the intervals were made."""
    draws = paths.estimated.draws
    how = tr("normal theory")[language]
    if draws is not None:
        how = tr("{n} draws")[language].format(n=format_number(len(draws), ",d", language))
    unit = (tr("standardised effects") if paths.standardised else tr("unstandardised effects"))[language]
    return _WORDS[what][language].format(level=percent(paths.conf_level, language), how=how, unit=unit)
