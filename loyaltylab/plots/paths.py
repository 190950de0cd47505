"""A path model as a diagram, and its effects as dots and as a table."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ..exhibits import FAINT, INK, PAPER, Exhibit
from ..path_results import ARROW, Mediation, PathModel
from ..results import format_number
from .parts import WIDTH, Labels, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_effects", "plot_paths", "table_effects"]

_WORDS = {
    "direct": {"en": "direct", "nl": "rechtstreeks"},
    "indirect": {"en": "indirect, all routes", "nl": "indirect, alle routes"},
    "total": {"en": "total", "nl": "totaal"},
    "proportion": {"en": "indirect part of total", "nl": "indirect deel van totaal"},
    "by": {"en": "by way of {names}", "nl": "via {names}"},
    "axis": {
        True: {"en": "Difference in {outcome}, in SDs per SD of {term}", "nl": "Verschil in {outcome}, in SD’s per SD van {term}"},
        False: {"en": "Scale points of {outcome} per scale point of {term}", "nl": "Schaalpunten {outcome} per schaalpunt {term}"},
    },
    "arrows": {
        "en": "A wider arrow is a larger effect; a dashed arrow may be zero. Numbers are {unit} with {level} intervals ({how}).",
        "nl": "Hoe breder de pijl, hoe groter het effect; een gestreepte pijl kan nul zijn. Getallen zijn {unit} met {level}-intervallen ({how}).",
    },
    "dots": {
        "en": "Dots are effects, lines {level} intervals ({how}); a line that crosses zero may be zero. Direct and indirect add up to the total.",
        "nl": "Punten zijn effecten, lijnen {level}-intervallen ({how}); een lijn die de nul kruist, kan nul zijn. Rechtstreeks en indirect tellen op tot het totaal.",
    },
    "unit": {
        True: {"en": "standardised effects", "nl": "gestandaardiseerde effecten"},
        False: {"en": "unstandardised effects", "nl": "ongestandaardiseerde effecten"},
    },
    "model": {
        "en": "Whether the arrows point the right way cannot be seen in these data.",
        "nl": "Of de pijlen de juiste kant op wijzen, is aan deze gegevens niet te zien.",
    },
    "draws": {"en": "{n} draws", "nl": "{n} trekkingen"},
    "theory": {"en": "normal theory", "nl": "normale theorie"},
}  # fmt: skip
_TALL, _WIDE = 0.62, 1.15  # inches of a box
_LANES = (0.86, 0.14, 0.62, 0.38)  # height of a box between the outer columns, as a part of the whole
_HALF = (0.38, 0.15)  # inches, half of a number with its interval


def plot_paths(
    model: PathModel | Mediation, *, id: str, title: str, labels: Labels, language: str = "en", caption: str = ""
) -> Exhibit:
    """The variables as boxes, an arrow for each direct effect: its width follows its size, dashed where it may be zero.

    Columns run from causes on the left to consequences on the right.
    """
    paths = model.paths if isinstance(model, Mediation) else model
    data = paths.tidy().query("effect == 'direct'").reset_index(drop=True)
    where, size = _layout(paths.equations)
    names = {name: labels.get(name, name) for name in where}
    r2 = dict(zip(paths.equations, paths.r_squared, strict=True))

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        width, height = figure.get_figwidth() - 0.15, size[1]
        spots = {name: (x * width, y) for name, (x, y) in where.items()}
        ax.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[])
        ax.axis("off")
        for name, at in spots.items():
            _box(ax, at, names[name], r2.get(name), language)
        _arrows(ax, spots, data, language)
        return ax

    said = "; ".join(
        f"{names[row['term']]}{ARROW}{names[row['outcome']]} {_shown(row, language)}" for _, row in data.iterrows()
    )
    text = caption or " ".join((_said("arrows", paths, language), _WORDS["model"][language]))
    return Exhibit(id, title, text, f"{said}.", data, model.provenance, language, draw, (WIDTH, size[1] + 0.35))


def _layout(equations: dict[str, tuple[str, ...]]) -> tuple[dict[str, tuple[float, float]], tuple[float, float]]:
    """Centre of each box, across as a part of the width and up in inches; and the inches of the whole.

    A variable stands one column right of the last of its causes; columns are shifted up and down in turn, so that an
    arrow that skips a column has a way round the boxes in between.
    """
    depth: dict[str, int] = {}
    for outcome, predictors in equations.items():
        for name in predictors:
            depth.setdefault(name, 0)
        depth[outcome] = 1 + max(depth[name] for name in predictors)
    columns = [[name for name, at in depth.items() if at == column] for column in range(max(depth.values()) + 1)]
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
    edge = _WIDE / 2 / (WIDTH - 0.15) + 0.005
    first, last = 0.5 / columns, 1 - 0.5 / columns
    return edge + (x - first) / (last - first) * (1 - 2 * edge)


def _box(ax: Axes, at: tuple[float, float], name: str, r2: float | None, language: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = at
    width = _box_width(ax)
    style = "round,pad=0,rounding_size=0.06"
    corner = (x - width / 2, y - _TALL / 2)
    ax.add_patch(FancyBboxPatch(corner, width, _TALL, boxstyle=style, facecolor="#EFEFEF", edgecolor=INK, zorder=3))
    text = textwrap.fill(name, int(width * 12.5), break_long_words=False)
    if r2 is not None:
        text += f"\nR² {format_number(r2, '.2f', language)}"
    ax.text(x, y, text, ha="center", va="center", fontsize=8, zorder=4, linespacing=1.05)


def _box_width(ax: Axes) -> float:
    return min(_WIDE, _WIDE * ax.get_xlim()[1] / (WIDTH - 0.15))


def _arrows(ax: Axes, spots: dict[str, tuple[float, float]], data: pd.DataFrame, language: str) -> None:
    """Arrows between the boxes, each with its number where no box and no other number is."""
    from matplotlib.patches import FancyArrowPatch

    largest = float(data["estimate"].abs().max()) or 1.0
    taken = [_around(at, _box_width(ax) / 2 + 0.02, _TALL / 2 + 0.02) for at in spots.values()]
    lines = []
    for _, row in data.sort_values("estimate", key=abs, ascending=False).iterrows():
        start, end = _ends(spots[row["term"]], spots[row["outcome"]], _box_width(ax))
        dashed = row["conf_low"] <= 0 <= row["conf_high"]
        width = 0.7 + 3.2 * abs(row["estimate"]) / largest
        look: dict[str, Any] = {"color": FAINT if dashed else INK, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
        look |= {"linestyle": (0, (4, 2.5)) if dashed else "-", "mutation_scale": 8 + 2.2 * width, "zorder": 1}
        ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", **look))
        lines.append((row, start, end))
        taken.append(_around(end, 0.1, 0.1))
    for row, start, end in lines:
        at = _free(start, end, taken, ax.get_xlim()[1])
        taken.append(_around(at, *_HALF))
        number = format_number(row["estimate"], ".2f", language)
        low, high = (format_number(row[k], ".2f", language) for k in ("conf_low", "conf_high"))
        style = {"ha": "center", "va": "center", "zorder": 5, "linespacing": 1.0, "fontsize": 7.5}
        patch = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6, "alpha": 0.92}
        ax.text(*at, f"{number}\n[{low}; {high}]", bbox=patch, **style)


def _ends(a: tuple[float, float], b: tuple[float, float], width: float) -> tuple[Any, Any]:
    """Where the line from box to box leaves the first and meets the second."""
    (ax, ay), (bx, by) = a, b
    dx, dy = bx - ax, by - ay
    reach = min(
        (width / 2) / abs(dx) if dx else np.inf,
        (_TALL / 2) / abs(dy) if dy else np.inf,
    )
    gap = 0.03 / max(np.hypot(dx, dy), 1e-9)
    return (ax + dx * (reach + gap / 2), ay + dy * (reach + gap / 2)), (
        bx - dx * (reach + gap),
        by - dy * (reach + gap),
    )


def _around(at: tuple[float, float], half_x: float, half_y: float) -> tuple[float, float, float, float]:
    return at[0] - half_x, at[0] + half_x, at[1] - half_y, at[1] + half_y


def _free(start: Any, end: Any, taken: list[tuple[float, float, float, float]], width: float) -> tuple[float, float]:
    """The point along an arrow where a number covers least of what already stands there."""
    best, least = (0.0, 0.0), np.inf
    for t in (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.2, 0.8):
        for up in (0, 0.1, -0.1, 0.2, -0.2, 0.3, -0.3):
            x = float(np.clip(start[0] + t * (end[0] - start[0]), _HALF[0], width - _HALF[0]))
            y = start[1] + t * (end[1] - start[1]) + up
            box = _around((x, y), *_HALF)
            cost = sum(_overlap(box, other) for other in taken) * 100 + 4 * abs(up) + abs(t - 0.5)
            if cost < least:
                best, least = (x, y), cost
    return best


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[2], b[2]))


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
    """Direct effect, the routes, and the total of one variable on another, with intervals; a mediation names its own two."""
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
            text = format_number(row["estimate"], ".2f", language)
            ax.annotate(text, (row["estimate"], at), (0, 5), textcoords="offset points", ha="center", fontsize=9)
        ax.set_yticks(np.arange(len(data))[::-1], names)
        ax.tick_params(axis="y", length=0)
        ax.set(ylim=(-0.5, len(data) - 0.25), xlabel=textwrap.fill(axis, 34))
        ax.margins(x=0.08)
        ax.locator_params(axis="x", nbins=6)
        ax.spines["left"].set_visible(False)
        ax.xaxis.set_major_formatter(lambda value, _: format_number(value, ".1f", language))
        return ax

    said = "; ".join(
        f"{' '.join(name.split())} {_shown(row, language)}"
        for name, (_, row) in zip(names, data.iterrows(), strict=True)
    )
    text = caption or " ".join((_said("dots", paths, language), _WORDS["model"][language]))
    lines = sum(1 + 0.45 * name.count("\n") for name in names)
    return Exhibit(id, title, text, f"{said}.", data, model.provenance, language, draw, (WIDTH, 0.42 * lines + 0.95))


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
    """The numbers of `plot_effects`."""
    paths, term, outcome, rows = _between(model, term, outcome)
    names = [" ".join(name.split()) for name in _row_names(rows, labels, language)]
    data = rows.assign(effect=names, shown=[_shown(row, language) for _, row in rows.iterrows()])
    said = "; ".join(f"{row['effect']} {row['shown']}" for _, row in data.iterrows())
    text = caption or f"{_axis(paths, term, outcome, labels, language)}. {_said('dots', paths, language)}"
    columns = {"effect": "{effect}", "estimate": "{shown}"}
    return Exhibit(id, title, text, f"{said}.", data, model.provenance, language, columns=columns)


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
            names.append(textwrap.fill(_WORDS["by"][language].format(names=inner), 34, break_long_words=False))
        else:
            names.append(_WORDS[row["effect"]][language])
    return names


def _axis(paths: PathModel, term: str, outcome: str, labels: Labels, language: str) -> str:
    template = _WORDS["axis"][paths.standardised][language]  # type: ignore[index]
    return template.format(term=labels.get(term, term), outcome=labels.get(outcome, outcome))


def _shown(row: Any, language: str) -> str:
    estimate, low, high = (format_number(row[k], ".2f", language) for k in ("estimate", "conf_low", "conf_high"))
    return f"{estimate} [{low}; {high}]"


def _said(what: str, paths: PathModel, language: str) -> str:
    draws = paths.estimated.draws
    how = _WORDS["theory"][language]
    if draws is not None:
        how = _WORDS["draws"][language].format(n=format_number(len(draws), ",d", language))
    unit = _WORDS["unit"][paths.standardised][language]  # type: ignore[index]
    return _WORDS[what][language].format(level=percent(paths.conf_level, language), how=how, unit=unit)
