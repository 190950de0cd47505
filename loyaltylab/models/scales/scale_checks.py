"""What every analysis of scales shares: its input checked, its draws sorted out, its intervals taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...core import ModelError, check_known, listed
from ...kernels import FloatArray, check_conf_level, interval
from ...moments import Moments, check_apart, check_one_set


def checked(
    moments: Moments, scales: Mapping[str, Sequence[str]], conf_level: float = 0.95
) -> dict[str, tuple[str, ...]]:
    """The scales with their items, all of them known, none twice, all of them varying."""
    check_one_set(moments)
    check_conf_level(conf_level)
    every = each_once(scales)
    moments.index(every)
    _ = moments.select(every).corr  # raises, naming the items that do not vary
    return {str(name): tuple(items) for name, items in scales.items()}


def each_once(scales: Mapping[str, Sequence[str]]) -> list[str]:
    """All items of some scales; refuses an item that stands twice, and a scale without items."""
    if bad := [name for name, items in scales.items() if isinstance(items, str) or not len(items)]:
        raise ModelError(f"scale {listed(bad)}: give a list of one item or more.")
    if not scales:
        raise ModelError(
            "no scales are given; give a mapping of scale to items, such as {'LIKE': ['like_1', 'like_2']}."
        )
    every = [item for items in scales.values() for item in items]
    if twice := sorted({item for item in every if every.count(item) > 1}):
        raise ModelError(f"{listed(twice)}: stands twice among the items; an item belongs to one scale only.")
    return every


def independent(m: Moments) -> None:
    """Raises a `ModelError` naming the items when one is fully determined by the others."""
    check_apart(m.corr, m.names)


def blocks(scales: Mapping[str, Sequence[str]]) -> list[list[int]]:
    """Positions of the items of each scale, one scale after the other."""
    ends = np.cumsum([0, *map(len, scales.values())])
    return [list(range(ends[j], ends[j + 1])) for j in range(len(scales))]


def usable(draws: Moments, names: Sequence[str]) -> tuple[Moments, int]:
    """The draws in which every item varies, and how many are left out."""
    if not draws.batch:
        raise ModelError("draws= holds one set; make draws with survey.draws(names) or moments.draws().")
    draws = draws.select(names)
    varies = np.isfinite(np.diagonal(draws.corr, axis1=-2, axis2=-1))
    sound = varies.all(axis=-1)
    left_out = int((~sound).sum())
    if left_out > 0.05 * len(sound):
        rare = [name for name, often in zip(draws.names, varies.mean(axis=0), strict=True) if often < 1]
        raise ModelError(
            f"{listed(rare)}: nearly everyone answered alike, so {left_out:,} of {len(sound):,} draws hold one answer only "
            "and no interval can be made. Leave it out, or give no draws."
        )
    return (draws._take(sound, labels=None) if left_out else draws), left_out


def path_pairs(scales: Mapping[str, Any], loadings: str, paths: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
    """Paths as positions of scales; they and composite loadings go together."""
    names = [*scales]
    for name in (name for path in paths for name in path):
        check_known("scale", name, names)
    if (loadings == "composite") != bool(paths):
        raise ModelError("paths= and loadings='composite' belong together: composite weights rest on the paths.")
    alone = [name for name in names if paths and not any(name in path for path in paths)]
    if alone:
        raise ModelError(f"{listed(alone)}: on no path, so it has no composite weights. Add a path or leave it out.")
    return [(names.index(a), names.index(b)) for a, b in paths]


def ends(draws: FloatArray, conf_level: float) -> FloatArray:
    """Percentile intervals.  draws (B, ...) → (..., 2)."""
    flat = draws.reshape(len(draws), -1)
    return np.moveaxis(interval(flat, conf_level), 0, -1).reshape(*draws.shape[1:], 2)


def summary(m: Moments, draws: FloatArray | None, left_out: int, conf_level: float, **more: Any) -> dict[str, Any]:
    """The one row of a `glance()`; `draws` are draws of whatever was estimated."""
    row: dict[str, Any] = {"n": int(m.n), "n_effective": float(m.n_eff), "conf_level": conf_level}
    if draws is not None:
        row |= {"n_draws": len(draws), "n_draws_left_out": left_out}
    return row | more
