"""A path model as a diagram: boxes, arrows as wide as the effects, and a number on each."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

from ...core import pd
from ...models import ARROW, Mediation, PathModel
from ..exhibit import Exhibit, Printer
from ..parts import WIDTH
from ..sketch import draws
from ..style import FAINT, INK, MIN_POINTS, PAPER
from . import placing
from .paths import CAVEAT, phrase_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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

    def draw(figure: Figure) -> Axes:
        ax = figure.subplots()
        width, height = figure.get_figwidth() - 0.15, size[1]
        edge = (_box_width(width) - _WIDE * width / _ACROSS) / 2
        spots = {name: (edge + x * (width - 2 * edge), y) for name, (x, y) in where.items()}
        ax.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[])
        ax.axis("off")
        for name, at in spots.items():
            _box(ax, at, names[name], r2.get(name), printer)
        _arrows(ax, spots, data, printer)
        return ax

    listing = "; ".join(
        f"{names[row['term']]}{ARROW}{names[row['outcome']]} {printer.interval(row, '.2f')}"
        for _, row in data.iterrows()
    )
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
