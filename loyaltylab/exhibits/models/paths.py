"""The effects of a path model: as a diagram, as dots and as tables."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core import pd, tr
from ...models import ARROW, Mediation, PathModel
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH, name_rows, numbers_beside
from ..sketch import draws
from ..style import FAINT, INK, MIN_POINTS, PAPER
from . import placing

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

    def draw(figure: Figure) -> None:
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

    listing = printer.rows(names, data, ".2f")
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


_ACROSS = WIDTH - 0.15  # inches of the diagram
_TALL, _WIDE, _SLIM = 0.62, 1.15, 0.78  # inches of a box; of one on a narrow figure
_LANES = (0.86, 0.14, 0.62, 0.38)  # height of a box between the outer columns, as a part of the whole
_FOLDED = 3  # more columns than these are folded


@draws(PathModel, Mediation, default=True)
def plot_paths(model: PathModel | Mediation, *, printer: Printer) -> Exhibit:
    """The variables as boxes, an arrow for each direct effect: its width follows its size, dashed where it may be zero.

    Columns run from causes on the left to consequences on the right.
    """
    paths = model.paths if isinstance(model, Mediation) else model
    data = paths.tidy().query("effect == 'direct'").reset_index(drop=True)
    where, size = _layout(paths.equations)
    names = {name: printer.label(name) for name in where}
    r2 = dict(zip(paths.equations, paths.r_squared, strict=True))

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        width, height = figure.get_figwidth() - 0.15, size[1]
        edge = (_box_width(width) - _WIDE * width / _ACROSS) / 2
        spots = {name: (edge + x * (width - 2 * edge), y) for name, (x, y) in where.items()}
        ax.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[])
        ax.axis("off")
        for name, at in spots.items():
            _box(ax, at, names[name], r2.get(name), printer)
        _arrows(ax, spots, data, printer)

    listing = printer.rows([f"{names[row.term]}{ARROW}{names[row.outcome]}" for row in data.itertuples()], data, ".2f")
    text = " ".join((phrase_of("arrows", paths, printer), printer.text(CAVEAT)))
    return printer.figure(data, model.provenance, draw, (WIDTH, size[1] + 0.35), caption=text, alt=f"{listing}.")


def _layout(equations: dict[str, tuple[str, ...]]) -> tuple[dict[str, tuple[float, float]], tuple[float, float]]:
    """Centre of each box, across as a part of the width and up in inches; and the inches of the whole.

    A variable stands one column right of the last of its causes; columns are shifted up and down in turn, so that an
    arrow that skips a column has a way round the boxes in between. More than three columns leave no room for numbers
    between them: such a model is folded into three, see `placing.grid`.
    """
    depth: dict[str, int] = {}
    for outcome, predictors in equations.items():
        for name in predictors:
            depth.setdefault(name, 0)
        depth[outcome] = 1 + max(depth[name] for name in predictors)
    columns = [[name for name, at in depth.items() if at == column] for column in range(max(depth.values()) + 1)]
    if len(columns) > _FOLDED:
        width = _ACROSS
        arrows = tuple((name, outcome) for outcome, predictors in equations.items() for name in predictors)
        found, height = placing.grid(arrows, width, _WIDE, _TALL)
        return {name: (x / width, y) for name, (x, y) in found.items()}, (WIDTH, height)
    middle, most = len(columns) - 2, max(map(len, columns))
    low = most == 1 and middle == 1  # one mediator: the direct arrow below, the route above
    height = 2.0 if low else 1.32 * max(most, (1, 2, 2.4, 3.4)[min(middle, 3)])
    where = {}
    for c, column in enumerate(columns):
        x = _pulled((c + 0.5) / len(columns), len(columns))
        for i, name in enumerate(column):
            y = (len(column) - i - 0.5) / len(column)
            if len(column) == 1 and 0 < c <= middle:
                y = _LANES[(c - 1) % len(_LANES)]
            where[name] = (x, height * (0.2 if low and y == 0.5 else 0.8 if low else y))
    return where, (WIDTH, height)


def _pulled(x: float, columns: int) -> float:
    """Columns spread so that the outer boxes touch the edge of the paper."""
    edge = _WIDE / 2 / _ACROSS + 0.005
    first, last = 0.5 / columns, 1 - 0.5 / columns
    return edge + (x - first) / (last - first) * (1 - 2 * edge)


def _box(ax: Axes, at: tuple[float, float], name: str, r2: float | None, printer: Printer) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = at
    width = _box_width(ax.get_xlim()[1])
    narrow = width < _WIDE
    style = "round,pad=0,rounding_size=0.06"
    corner = (x - width / 2, y - _TALL / 2)
    ax.add_patch(FancyBboxPatch(corner, width, _TALL, boxstyle=style, facecolor="#EFEFEF", edgecolor=INK, zorder=3))
    if narrow:  # a word wider than the box goes on on the next line
        name = re.sub(r"\w{15,}", lambda word: f"{word[0][:13]}- {word[0][13:]}", name)
    text = textwrap.fill(name, int(width * (18 if narrow else 12.5)), break_long_words=False)
    if r2 is not None:
        text += f"\nR² {printer.number(r2, '.2f')}"
    ax.text(x, y, text, ha="center", va="center", fontsize=MIN_POINTS if narrow else 8, zorder=4, linespacing=1.05)


def _box_width(width: float) -> float:
    return _WIDE if width >= _ACROSS else _SLIM


def _arrows(ax: Axes, spots: dict[str, tuple[float, float]], data: pd.DataFrame, printer: Printer) -> None:
    """Arrows between the boxes, each with its number on it where no box, number or other arrow is."""
    from matplotlib.patches import FancyArrowPatch

    largest = float(data["estimate"].abs().max()) or 1.0
    wide = _box_width(ax.get_xlim()[1])
    narrow = wide < _WIDE
    rows = [row for _, row in data.sort_values("estimate", key=abs, ascending=False).iterrows()]
    lines = [placing.ends(spots[row["term"]], spots[row["outcome"]], wide, _TALL) for row in rows]
    for row, (start, end) in zip(rows, lines, strict=True):
        dashed = row["conf_low"] <= 0 <= row["conf_high"]
        width = 0.7 + 3.2 * abs(row["estimate"]) / largest
        look: dict[str, Any] = {"color": FAINT if dashed else INK, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
        look |= {"linestyle": (0, (4, 2.5)) if dashed else "-", "mutation_scale": 8 + 2.2 * width, "zorder": 1}
        ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", **look))
    boxes = [placing.around(at, wide / 2 + 0.02, _TALL / 2 + 0.02) for at in spots.values()]
    half = placing.HALF_STACKED if narrow else placing.HALF
    found = placing.numbers(lines, boxes, ax.get_xlim()[1], ax.get_ylim()[1], half)
    for row, at in zip(rows, found, strict=True):
        number = printer.number(row["estimate"], ".2f")
        low, high = (printer.number(row[k], ".2f") for k in ("conf_low", "conf_high"))
        style = {
            "ha": "center",
            "va": "center",
            "zorder": 5,
            "linespacing": 1.0,
            "fontsize": MIN_POINTS if narrow else 7.5,
        }
        patch = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}
        ax.text(*at, f"{number}\n[{low};{chr(10) if narrow else ' '}{high}]", bbox=patch, **style)
