"""`performance_map()`: how much each driver accounts for against how well it is rated (Martilla & James 1977)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..codebook import Codebook
from ..core import DataError, ModelError, Provenance, Result, check_known, listed, taken_from
from ..kernels import FloatArray, intervals
from ..moments import Moments, by_name, usable_draws
from .decomposition import Importance

#: The four parts of the map, by (share above the mean share, performance above the mean performance).
QUADRANTS: dict[tuple[bool, bool], str] = {
    (True, False): "concentrate here",
    (True, True): "keep up",
    (False, False): "low priority",
    (False, True): "possible overkill",
}


@dataclass(frozen=True, eq=False)
class PerformanceMap(Result):
    """Share of the explained variance and mean rating, 0 to 100 of the answer range, of each driver; with draws of both.

    The lines between the quadrants are the mean share and the mean rating of these drivers. `verdict` is a quadrant where
    both intervals of the distance to a line lie on one side of it, else "undecided".

    Attributes
    ----------
    importance : Importance
        As computed.
    performance, draw_performance : array
        Mean rating, 0 to 100 of the answer range.
    ranges : mapping of str → (float, float)
        Driver → lowest and highest answer.

    See Also
    --------
    loyaltylab.drivers.performance_map : Makes it.
    """

    importance: Importance
    performance: FloatArray
    draw_performance: FloatArray
    ranges: Mapping[str, tuple[float, float]]
    provenance: Provenance

    def __post_init__(self) -> None:
        if (self.performance < -1e-9).any() or (self.performance > 100 + 1e-9).any():
            outside = [t for t, p in zip(self.terms, self.performance, strict=True) if not -1e-9 <= p <= 100 + 1e-9]
            raise DataError(
                f"the mean of {listed(outside)} lies outside the answer range the codebook gives; correct it."
            )

    @property
    def terms(self) -> tuple[str, ...]:
        """The drivers."""
        return self.importance.terms

    conf_level = taken_from("importance.conf_level")

    def beyond_chance(self, quadrant: str) -> tuple[str, ...]:
        """Drivers that lie in this quadrant beyond chance.

        Raises
        ------
        UnknownName
            For another quadrant.
        """
        check_known("quadrant", quadrant, QUADRANTS.values())
        data = self.tidy()
        return tuple(data.loc[data["verdict"] == quadrant, "term"])

    @cached_property
    def _distances(self) -> tuple[FloatArray, FloatArray]:
        """Draws of the distance to the lines, (draws, k) each."""
        shares = self.importance.draw_shares
        assert shares is not None  # performance_map() asks for draws
        means = self.draw_performance.mean(axis=1, keepdims=True)
        return shares - 1 / len(self.terms), self.draw_performance - means

    def columns(self) -> dict[str, Any]:
        level = self.conf_level
        frame = self.importance.tidy()
        low, high = intervals.interval(self.draw_performance, level)
        sides = [self._sides(draws) for draws in self._distances]
        above = zip(
            self.importance.shares > 1 / len(self.terms), self.performance > self.performance.mean(), strict=True
        )
        quadrants = [QUADRANTS[bool(x), bool(y)] for x, y in above]
        decided = (sides[0] != 0) & (sides[1] != 0)
        return {
            "term": self.terms,
            "block": frame["block"],
            "share": frame["share"],
            "share_conf_low": frame["share_conf_low"],
            "share_conf_high": frame["share_conf_high"],
            "performance": self.performance,
            "performance_conf_low": low,
            "performance_conf_high": high,
            "quadrant": quadrants,
            "verdict": [q if s else "undecided" for q, s in zip(quadrants, decided, strict=True)],
        }

    def _sides(self, distance: FloatArray) -> FloatArray:
        """1 where the whole interval of a distance is above zero, −1 below, 0 across.  (draws, k) → (k,)."""
        low, high = intervals.interval(distance, self.conf_level)
        return np.where(low > 0, 1, np.where(high < 0, -1, 0))

    def whole(self) -> dict[str, Any]:
        return {
            "outcome": self.importance.outcome,
            "method": self.importance.method,
            "share": 1 / len(self.terms),
            "performance": float(self.performance.mean()),
            "n_drivers": len(self.terms),
            "n": self.importance.n,
            "n_draws": len(self.draw_performance),
            "conf_level": self.conf_level,
        }


def rescaled(mean: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Means as 0 to 100 of the answer range.  mean (..., k), low and high (k,) → (..., k).

    >>> rescaled(np.array([4.0, 1.0]), np.array([1.0, 1.0]), np.array([7.0, 5.0])).tolist()
    [50.0, 0.0]
    """
    return 100 * (mean - low) / (high - low)


def performance_map(result: Importance, moments: Moments, codebook: Codebook, *, draws: Moments) -> PerformanceMap:
    """Importance against performance of each driver, both with their uncertainty.

    Parameters
    ----------
    result : Importance
        Of single drivers, by a method with shares, with draws.
    moments : Moments
        One set, holding the drivers with their means.
    codebook : Codebook
        Gives the answer range that turns a mean into 0 to 100.
    draws : Moments
        The draws the importance was computed from, so that share and mean come from the same resampled respondents.

    Returns
    -------
    PerformanceMap
        `tidy()` has a row for each driver: share, performance from 0 to 100, and its quadrant.

    Raises
    ------
    DataError, ModelError
        Where a mean or an answer range is not known (naming the driver), where the draws are not those of the importance,
        or it has none.

    Notes
    -----
    Importance here is what a driver accounts for statistically, not what customers say is important to them, and a
    quadrant is no advice by itself: that raising a rating raises loyalty is not shown by it.

    References
    ----------
    Martilla, J. A. & James, J. C. (1977). Importance-performance analysis. Journal of Marketing 41(1), 77–79.
    doi:10.1177/002224297704100112

    Examples
    --------
    >>> from loyaltylab import importance, read_data
    >>> survey = read_data("simulated n=500 seed=1")
    >>> used = ["ATTITUDINAL", "emo_trust", "emo_joy", "rat_price"]
    >>> m, drawn = survey.moments(used), survey.draws(used, n_draws=200, seed=1)
    >>> imp = importance(m, used[0], used[1:], draws=drawn)
    >>> performance_map(imp, m, survey.codebook, draws=drawn).glance()[["n_drivers", "n"]].values.tolist()
    [[3, 461]]
    """
    if result.draw_shares is None:
        raise ModelError(
            "this importance has no draws; give importance() its draws=, so that the map can show how sure it is."
        )
    names = list(result.terms)
    ranges = {name: found for name in names if (found := _range(codebook, name)) is not None}
    if lacking := [name for name in names if name not in ranges]:
        raise DataError(
            f"{listed(lacking)}: the codebook gives no answer range, so a mean cannot be turned into 0 to 100."
        )
    at = moments.index(by_name(moments, names, of="moments"))
    if moments.batch or np.isnan(moments.mean[at]).any():
        raise DataError("a performance map takes one set of moments with means; this source prints no means.")
    drawn = draws.select(names)
    # the importance left out the draws that no model can be made of
    if drawn.batch and drawn.batch[0] > len(result.draw_shares):
        drawn = usable_draws(draws.select([result.outcome, *names]))[0].select(names)
    if not drawn.batch or drawn.batch[0] != len(result.draw_shares):
        raise ModelError(
            f"the importance has {len(result.draw_shares):,} draws and draws= {drawn.batch[0] if drawn.batch else 'none'}; "
            "give the draws it was computed from."
        )
    low, high = (np.array([ranges[name][end] for name in names]) for end in (0, 1))
    step = "means as 0 to 100 of the answer range"
    return PerformanceMap(
        result,
        rescaled(moments.mean[at], low, high),
        rescaled(drawn.mean, low, high),
        ranges,
        result.provenance.then(step),
    )


def _range(codebook: Codebook, name: str) -> tuple[float, float] | None:
    """The one answer range of all items of a variable; None where there is none, or several."""
    found = {codebook.range_of(item) for item in codebook.items_of(name)}
    return found.pop() if len(found) == 1 else None
