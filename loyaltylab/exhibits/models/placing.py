"""Where boxes, arrows and numbers of a diagram go, so that nothing covers anything else. Inches throughout."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, right, bottom, top
Arrow = tuple[str, str]

#: Half a number with its interval, across and up.
HALF = (0.38, 0.15)
#: The same on a narrow figure, its interval in two lines.
HALF_STACKED = (0.22, 0.19)
_COLUMNS = 3
_STEP = 0.6  # between possible heights of a box; two of them keep boxes of one column apart
_STARTS = 5
_SEED = 7  # of the starting points; the same diagram every time
_ROOM = 0.62  # the least length of an arrow that bears its number


def around(at: Point, half_x: float, half_y: float) -> Box:
    """The box about a point."""
    return at[0] - half_x, at[0] + half_x, at[1] - half_y, at[1] + half_y


def overlap(a: Box, b: Box) -> float:
    """Area two boxes share."""
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[2], b[2]))


def inside(start: Point, end: Point, box: Box) -> float:
    """Length of a line within a box (Liang & Barsky 1984)."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    low, high = 0.0, 1.0
    for p, q in ((-dx, start[0] - box[0]), (dx, box[1] - start[0]), (-dy, start[1] - box[2]), (dy, box[3] - start[1])):
        if p == 0:
            if q < 0:
                return 0.0
        elif p < 0:
            low = max(low, q / p)
        else:
            high = min(high, q / p)
    return max(0.0, high - low) * math.hypot(dx, dy)


def ends(a: Point, b: Point, wide: float, tall: float) -> tuple[Point, Point]:
    """Where the line from box to box leaves the first and meets the second."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    reach = min((wide / 2) / abs(dx) if dx else math.inf, (tall / 2) / abs(dy) if dy else math.inf)
    gap = 0.03 / max(math.hypot(dx, dy), 1e-9)
    first = (a[0] + dx * (reach + gap / 2), a[1] + dy * (reach + gap / 2))
    return first, (b[0] - dx * (reach + gap), b[1] - dy * (reach + gap))


# ---- boxes --------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def grid(arrows: tuple[Arrow, ...], width: float, wide: float, tall: float) -> tuple[dict[str, Point], float]:
    """Centres of the boxes of a deep model on three columns, causes to the left or above, and the height they take.

    Boxes are moved one at a time to wherever the arrows cross fewest boxes and each other and leave room for numbers;
    from several starts, the best of which is kept.
    """
    names = list(dict.fromkeys(name for arrow in arrows for name in arrow))
    x = [float(v) for v in np.linspace(wide / 2 + 0.02, width - wide / 2 - 0.02, _COLUMNS)]
    rows = 2 * max(3, -(-len(names) // _COLUMNS) + 1) + 1
    spots = [(x[c], -_STEP * r) for c in range(_COLUMNS) for r in range(rows)]
    rng, best, least = np.random.default_rng(_SEED), {}, math.inf
    for _ in range(_STARTS):
        order = rng.permutation(len(spots))
        where = {name: spots[order[i]] for i, name in enumerate(names)}
        cost = _descend(where, names, spots, arrows, wide, tall, x)
        if cost < least - 1e-9:
            best, least = where, cost
    top, bottom = max(y for _, y in best.values()), min(y for _, y in best.values())
    height = top - bottom + tall + 0.06
    return {name: (px, py - bottom + tall / 2 + 0.03) for name, (px, py) in best.items()}, height


def _descend(
    where: dict[str, Point],
    names: Sequence[str],
    spots: Sequence[Point],
    arrows: Sequence[Arrow],
    wide: float,
    tall: float,
    x: Sequence[float],
) -> float:
    """Move one box at a time to its best spot, trading places with whatever stands there, until nothing gains."""
    cost = _cost(where, arrows, wide, tall, x, math.inf)
    for _ in range(12):
        before = cost
        for name in names:
            for spot in spots:
                old = where[name]
                if spot == old:
                    continue
                other = next((o for o in names if where[o] == spot), None)
                where[name] = spot
                if other:
                    where[other] = old
                found = _cost(where, arrows, wide, tall, x, cost)
                if found < cost - 1e-9:
                    cost = found
                else:
                    where[name] = old
                    if other:
                        where[other] = spot
        if cost >= before - 1e-9:
            break
    return cost


def _cost(
    where: dict[str, Point], arrows: Sequence[Arrow], wide: float, tall: float, x: Sequence[float], most: float
) -> float:
    """How bad an arrangement is; beyond `most` it does not matter how much worse."""
    heights = [y for _, y in where.values()]
    cost = 2.0 * (max(heights) - min(heights))
    cost += 100.0 * sum(a[0] == b[0] and abs(a[1] - b[1]) < tall + 0.45 for a, b in combinations(where.values(), 2))
    if cost > most:
        return cost
    boxes = {name: around(at, wide / 2 + 0.06, tall / 2 + 0.06) for name, at in where.items()}
    lines = []
    sources, targets = {a for a, _ in arrows}, {b for _, b in arrows}
    for a, b in arrows:
        start, end = ends(where[a], where[b], wide, tall)
        length = math.hypot(end[0] - start[0], end[1] - start[1])
        cost += 0.7 * length + 40 * max(0.0, _ROOM - length)
        across, up = where[b][0] - where[a][0], where[b][1] - where[a][1]
        cost += 60 * (across < -0.1) + (1.0 + 6.0 * (up > 0)) * (abs(across) < 0.1)
        cost += sum(50 for name in where if name not in (a, b) and inside(start, end, boxes[name]) > 0)
        lines.append((a, b, start, end))
        if cost > most:
            return cost
    cost += sum(5 for name in sources - targets if where[name][0] > x[0] + 0.1)
    cost += sum(5 for name in targets - sources if where[name][0] < x[-1] - 0.1)
    for (a, b, p, q), (c, d, r, s) in combinations(lines, 2):
        if not {a, b} & {c, d}:
            cost += 12 * _cross(p, q, r, s)
        elif a == c or b == d:
            cost += 8 * (_angle(p, q, r, s) < 0.18)
    return cost


def _cross(p: Point, q: Point, r: Point, s: Point) -> bool:
    def side(a: Point, b: Point, c: Point) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    return side(p, q, r) * side(p, q, s) < 0 and side(r, s, p) * side(r, s, q) < 0


def _angle(p: Point, q: Point, r: Point, s: Point) -> float:
    u, v = (q[0] - p[0], q[1] - p[1]), (s[0] - r[0], s[1] - r[1])
    return abs(math.atan2(u[0] * v[1] - u[1] * v[0], u[0] * v[0] + u[1] * v[1]))


# ---- numbers ------------------------------------------------------------------------------------------------------------


def numbers(
    lines: Sequence[tuple[Point, Point]], boxes: Iterable[Box], width: float, height: float, half: Point = HALF
) -> list[Point]:
    """A spot on each arrow for its number, where no box, no other number and no other arrow is.

    Every arrow takes its best spot in turn, given the others; a few rounds are enough for all to settle.
    """
    taken = [*boxes, *(around(end, 0.13, 0.12) for _, end in lines)]
    options = [_options(start, end, width, height, half) for start, end in lines]
    own = [np.array([_fixed(at, i, lines, taken, half) for at in spots]) for i, spots in enumerate(options)]
    chosen = [spots[int(cost.argmin())] for spots, cost in zip(options, own, strict=True)]
    for _ in range(6):
        before = list(chosen)
        for i, spots in enumerate(options):
            others = [around(at, *half) for j, at in enumerate(chosen) if j != i]
            shared = np.array([sum(overlap(around(at, *half), other) for other in others) for at in spots])
            chosen[i] = spots[int((own[i] + 400 * shared).argmin())]
        if chosen == before:
            break
    return chosen


def _options(start: Point, end: Point, width: float, height: float, half: Point) -> list[Point]:
    found = []
    for t in np.linspace(0.08, 0.92, 43):
        for up in (0.0, 0.08, -0.08, 0.16, -0.16):
            at_x = float(np.clip(start[0] + t * (end[0] - start[0]), half[0], width - half[0]))
            at_y = float(np.clip(start[1] + t * (end[1] - start[1]) + up, half[1], height - half[1]))
            found.append((at_x, at_y))
    return found


def _fixed(at: Point, i: int, lines: Sequence[tuple[Point, Point]], taken: Sequence[Box], half: Point) -> float:
    """What a spot costs whatever the other numbers do: boxes, other arrows, distance from the own arrow and its middle."""
    box, (start, end) = around(at, *half), lines[i]
    cost = sum(overlap(box, other) for other in taken) * 400
    cost += 25 * sum(inside(p, q, box) for j, (p, q) in enumerate(lines) if j != i)
    direction = np.array(end) - np.array(start)
    t = float(np.dot(np.array(at) - np.array(start), direction) / np.dot(direction, direction))
    away = float(np.hypot(*(np.array(at) - np.array(start) - t * direction)))
    return cost + 12 * away + abs(t - 0.5)
