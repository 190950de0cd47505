"""What printed correlations leave open: `contrast_ranges()` of the one that was not printed between two, `sensitivity()` of all those between drivers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from ..contrasts import OVERLAPPING, Inference, dependence_of, meng_z, zou
from ..core import UNSTATED, DataError, ModelError, Provenance, Result, check_known, listed, pd
from ..kernels import (
    FloatArray,
    bordered,
    check_conf_level,
    climb,
    common_bounds,
    critical,
    equicorrelated,
    from_partial,
    inside,
    limits,
    linalg,
    pair_bounds,
    stretched,
    uniform,
)
from ..moments import Moments
from .decomposition import Importance, importance
from .methods import METHODS

# ---- two printed correlations --------------------------------------------------------------------------------------------

_EDGE = 1e-6  # part of the possible range left out at each end, where the three variables determine each other


@dataclass(frozen=True, eq=False)
class PrintedCorrelations(Result):
    """Correlations with one outcome as a source prints them; intervals by Fisher's z from n alone."""

    names: tuple[str, ...]
    r: FloatArray
    n: int
    provenance: Provenance
    conf_level: float = 0.95

    def columns(self) -> dict[str, Any]:
        half = critical(self.conf_level) / np.sqrt(self.n - 3)
        z = np.arctanh(self.r)
        ends = {"conf_low": np.tanh(z - half), "conf_high": np.tanh(z + half)}
        return {"term": self.names, "estimate": self.r, **ends}

    def whole(self) -> dict[str, Any]:
        total = float(self.r @ self.r)
        return {"n": self.n, "sum_r_squared": total, "conf_level": self.conf_level}


@dataclass(frozen=True, eq=False)
class ContrastRanges(Result):
    """Difference of every two printed correlations, tested at each inter-correlation that data can have.

    `estimate` is the difference; its interval is the widest of Zou's (2007), `statistic_least` and `statistic_most` the
    extremes of Meng's z, and `n_enough` the smallest n at which z passes the two-sided bound whatever the correlation
    that was not printed.

    Attributes
    ----------
    names : sequence of str
        The variables.
    outcome : str
        The variable explained.
    r : array
        Correlations with the outcome.
    n : int
        Respondents.
    n_points : int
        Inter-correlations tried for every two drivers.

    See Also
    --------
    loyaltylab.drivers.contrast_ranges : Makes it.
    """

    names: tuple[str, ...]
    outcome: str
    r: FloatArray
    n: int
    provenance: Provenance
    conf_level: float = 0.95
    n_points: int = 2001
    keys = ("term", "against")

    @cached_property
    def bound(self) -> float:
        """The two-sided standard normal bound."""
        return float(critical(self.conf_level))

    @property
    def correlations(self) -> PrintedCorrelations:
        """The printed correlations with their Fisher intervals."""
        return PrintedCorrelations(self.names, self.r, self.n, self.provenance, self.conf_level)

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Positions of every two correlations, the larger one first."""
        at = [sorted(pair, key=lambda i: -self.r[i]) for pair in combinations(range(len(self.names)), 2)]
        return [(first, second) for first, second in at]

    def possible(self, pair: tuple[int, int]) -> FloatArray:
        """Inter-correlations of two drivers over all that data can have, (n_points,)."""
        low, high = (float(bound[pair]) for bound in pair_bounds(self.r))
        edge = _EDGE * (high - low)
        return np.linspace(low + edge, high - edge, self.n_points)

    def statistics(self, pair: tuple[int, int], n: npt.ArrayLike) -> FloatArray:
        """Least and most of Meng's z over the possible inter-correlations.  n (...) → (2, ...)."""
        per_root = meng_z(self.r[pair[0]], self.r[pair[1]], self.possible(pair), np.float64(4))
        root = np.sqrt(np.asarray(n, dtype=float) - 3)
        return np.array([per_root.min() * root, per_root.max() * root])

    def columns(self) -> list[dict[str, Any]]:
        return [self._row(pair) for pair in self.pairs]

    def _row(self, pair: tuple[int, int]) -> dict[str, Any]:
        from scipy.special import ndtr

        a, b = (np.float64(self.r[i]) for i in pair)
        between, n = self.possible(pair), np.float64(self.n)
        low, high = zou(a, b, dependence_of(OVERLAPPING, a, b, between), n, n, np.float64(self.bound))
        least, most = self.statistics(pair, self.n)
        per_root = float(self.statistics(pair, 4)[0])
        enough = max(4, int(np.ceil(3 + (self.bound / per_root) ** 2))) if per_root > 0 else np.nan
        return {
            "term": self.names[pair[0]],
            "against": self.names[pair[1]],
            "estimate": float(a - b),
            "conf_low": float(low.min()),
            "conf_high": float(high.max()),
            "lowest": float(between[0]),
            "highest": float(between[-1]),
            "statistic_least": float(least),
            "statistic_most": float(most),
            "p_value": float(2 * ndtr(-abs(least))),
            "n_enough": enough,
        }

    def widest(self, a: str, b: str) -> Inference:
        """The difference of two of them, `a` minus `b`, with the widest interval that any inter-correlation gives.

        Raises
        ------
        UnknownName
            For a name that is not among the printed correlations.
        """
        for name in (a, b):
            check_known("printed correlation", name, self.names)
        rows = self.tidy().set_index(["term", "against"])
        turned = (a, b) not in rows.index
        row = rows.loc[(b, a) if turned else (a, b)]
        ends = (-row["conf_high"], -row["conf_low"]) if turned else (row["conf_low"], row["conf_high"])
        return Inference(
            a, b, -row["estimate"] if turned else row["estimate"], "difference of correlations", "zou, widest", self.n,
            self.provenance, null=0.0, p_value=row["p_value"], conf_low=ends[0], conf_high=ends[1], conf_level=self.conf_level,
        )  # fmt: skip

    def curve(self, sizes: Sequence[int] = ()) -> pd.DataFrame:
        """Extremes of z for every two correlations at several n; 60 of them from 10 to ten times the printed n unless given."""
        at = np.asarray(sizes or np.unique(np.geomspace(10, 10 * self.n, 60).round().astype(int)))
        parts = []
        for pair in self.pairs:
            least, most = self.statistics(pair, at)
            names = {"term": self.names[pair[0]], "against": self.names[pair[1]]}
            parts.append(pd.DataFrame({**names, "n": at, "statistic_least": least, "statistic_most": most}))
        return pd.concat(parts, ignore_index=True)

    def whole(self) -> dict[str, Any]:
        data = self.tidy()
        return {
            "outcome": self.outcome,
            "n": self.n,
            "n_pairs": len(data),
            "statistic_least": data["statistic_least"].min(),
            "n_enough": data["n_enough"].max(),
            "sum_r_squared": float(self.r @ self.r),
            "conf_level": self.conf_level,
        }


def contrast_ranges(
    r: npt.ArrayLike,
    names: Sequence[str],
    *,
    n: int,
    provenance: Provenance = UNSTATED,
    outcome: str = "outcome",
    conf_level: float = 0.95,
    n_points: int = 2001,
) -> ContrastRanges:
    """Are printed correlations with one outcome different, over every inter-correlation that data can have?

    A test of two correlations of the same respondents needs the correlation of the two drivers. Where a source leaves it
    out, only the range of the test can be given: this does.

    Parameters
    ----------
    r : array (k,)
        Two or more correlations with the outcome, strictly between −1 and 1, taken as exact.
    names : sequence of str
        The drivers.
    n : int
        Respondents, at least 4, each counted once: the widest n allowed. Several answers of one person make it smaller.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.
    outcome : str
        What it is called in the result.
    conf_level : float
        Between 0 and 1.
    n_points : int
        Inter-correlations tried for every two drivers, at least 101.

    Returns
    -------
    ContrastRanges
        `tidy()` has a row for every two drivers: over all inter-correlations, the range of their difference and of
        its p-value.

    Raises
    ------
    DataError, ModelError
        For correlations outside (−1, 1), names that do not fit, n below 4 or a level outside (0, 1).

    Notes
    -----
    At any one inter-correlation z equals that of cocor 1.1-4 (`meng1992`) and the interval that of `zou2007`, through the
    same kernels as `compare_overlapping_correlations`.

    References
    ----------
    Meng, X.-L., Rosenthal, R. & Rubin, D. B. (1992). Comparing correlated correlation coefficients. Psychological
    Bulletin 111, 172–175. doi:10.1037/0033-2909.111.1.172
    Zou, G. Y. (2007). Toward using confidence intervals to compare correlations. Psychological Methods 12, 399–413.
    doi:10.1037/1082-989X.12.4.399

    Examples
    --------
    >>> origin = Provenance("published", "three indices and stated loyalty")
    >>> found = contrast_ranges([0.75, 0.53, 0.49], ["emotional", "rational", "values"], n=9213, provenance=origin)
    >>> found
    ContrastRanges, 3 rows by term, against: outcome outcome, n 9,213, n_pairs 3, statistic_least 3.017, n_enough
        3,889, sum_r_squared 1.084
    >>> found.tidy()["n_enough"].astype(int).tolist()
    [64, 52, 3889]
    """
    values, names = np.asarray(r, dtype=float), tuple(names)
    if values.shape != (len(names),) or len(names) < 2:
        raise DataError(
            f"{values.size} correlations for {len(names)} drivers ({listed(names)}); give one for each of two or more."
        )
    if len({outcome, *names}) <= len(names):
        raise DataError(f"a name stands twice among {listed((outcome, *names))}; outcome and drivers must differ.")
    if wrong := [f"{name} = {value:g}" for name, value in zip(names, values, strict=True) if not abs(value) < 1]:
        raise DataError(f"{listed(wrong)}: a correlation with {outcome} must lie strictly between −1 and 1.")
    for what, value, least in (("n", n, 4), ("n_points", n_points, 101)):
        if not value >= least:
            raise ModelError(f"{what} is {value}; at least {least} is needed.")
    check_conf_level(conf_level)
    step = "compared over every inter-correlation that data can have"
    return ContrastRanges(names, outcome, values, int(n), provenance.then(step), conf_level, n_points)


# ---- a table without the correlations of the drivers ---------------------------------------------------------------------

_MOST_DRIVERS = 6
_SWEEPS = 20  # of the Gibbs sampler; the draws of one run are that many sweeps away from their common start
_RIDGE = 1e-3  # smallest eigenvalue the search allows: where drivers are one another, importance is not defined


# ---- results ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PairRanges(Result):
    """What the correlation of every two drivers can be, whatever the others."""

    names: tuple[str, ...]
    r: FloatArray
    provenance: Provenance
    keys = ("term", "against")

    def columns(self) -> dict[str, Any]:
        rows, cols = np.triu_indices(len(self.names), 1)
        low, high = pair_bounds(self.r)
        names = np.array(self.names, dtype=object)
        return {"term": names[rows], "against": names[cols], "lowest": low[rows, cols], "highest": high[rows, cols]}

    def whole(self) -> dict[str, Any]:
        data = self.tidy()
        return {"lowest": data["lowest"].min(), "highest": data["highest"].max(), "n_pairs": len(data)}


@dataclass(frozen=True, eq=False)
class Sensitivity(Result):
    """Shares of k drivers over every set of inter-correlations that their correlations with the outcome allow.

    Estimates are the correlations with the outcome. Shares are given along one `common` inter-correlation (points,),
    for draws of free ones (draws, k, k) and for matrices found by a search for extremes, `found`.

    Attributes
    ----------
    names : sequence of str
        The variables.
    outcome : str
        The variable explained.
    r : array
        Correlations with the outcome.
    n : int
        Respondents.
    method : str
        One of `METHODS`.
    compare : (str, str)
        The two drivers compared.
    common_low, common_high : float
        Ends of the common inter-correlation that data can have.
    common : array
        (points,), values of it.
    draws : array
        (draws, k, k), free inter-correlations.
    draw_shares : array
        (draws, k).
    found, found_shares : array
        Matrices that give extremes, and their shares.
    common_range : (float, float), optional
        What every inter-correlation is held to.

    See Also
    --------
    loyaltylab.drivers.sensitivity : Makes it.
    """

    names: tuple[str, ...]
    outcome: str
    r: FloatArray
    n: int
    method: str
    compare: tuple[str, str]
    common_low: float
    common_high: float
    common: FloatArray
    draws: FloatArray
    draw_shares: FloatArray
    found: FloatArray
    found_shares: FloatArray
    provenance: Provenance
    common_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for what, R_xx in (("draw", self.draws), ("extreme", self.found)):
            if len(R_xx) and np.linalg.eigvalsh(bordered(self.r, R_xx))[:, 0].min() < -1e-8:
                raise ModelError(f"a {what} is not a correlation matrix; do not use this result.")

    # ---- one common inter-correlation -----------------------------------------------------------------------------

    def moments(self, common: npt.ArrayLike) -> Moments:
        """Moments of outcome and drivers if all drivers had this inter-correlation; a list of them is a leading axis.

        Raises
        ------
        ModelError
            For a value no data can have, naming the possible range.
        """
        at = np.asarray(common, dtype=float)
        if not len(self.common):
            raise ModelError(
                f"{listed(self.names)} cannot all correlate alike, given {listed(self.r)} with {self.outcome}; "
                "reverse a driver that runs the other way, or read the shares over free inter-correlations."
            )
        edge = _EDGE * (self.common_high - self.common_low)
        if bad := [float(c) for c in at.ravel() if not self.common_low - edge <= c <= self.common_high + edge]:
            raise ModelError(
                f"a common inter-correlation of {listed(f'{c:g}' for c in bad)} is impossible given these correlations with "
                f"{self.outcome}; it lies between {self.common_low:.4f} and {self.common_high:.4f}."
            )
        size = np.full(at.shape, float(self.n))
        return Moments(
            names=(self.outcome, *self.names),
            weight=size,
            n=size,
            sum_w2=size,
            mean=np.full((*at.shape, len(self.names) + 1), np.nan),
            scatter=equicorrelated(self.r, at) * (self.n - 1),
            provenance=self.provenance.then("one common inter-correlation assumed"),
            labels=tuple(at.tolist()) if at.ndim == 1 else None,
        )

    def at(self, common: float, method: str | None = None) -> Importance:
        """Importance if all drivers had this inter-correlation, by the method of this result or another one."""
        return importance(self.moments(float(common)), self.outcome, self.names, method=method or self.method)

    @cached_property
    def common_shares(self) -> FloatArray:
        """Shares along the common inter-correlation, (points, k)."""
        return _shares(self.r, self.method)(equicorrelated(self.r, self.common)[..., 1:, 1:])

    def curve(self) -> pd.DataFrame:
        """One row for each driver and assumed common inter-correlation, over the whole possible range.

        `statistic` is the z of Meng, Rosenthal & Rubin (1992) that compares the two drivers of `compare`.
        """
        R, k = equicorrelated(self.r, self.common), len(self.names)
        r_1, r_2 = (self.r[self.names.index(name)] for name in self.compare)
        return pd.DataFrame(
            {
                "assumed": np.repeat(self.common, k),
                "term": np.tile(np.array(self.names, dtype=object), len(self.common)),
                "beta": linalg.solve(R[..., 1:, 1:], R[..., 1:, 0]).ravel(),
                "share": self.common_shares.ravel(),
                "r_squared": np.repeat(linalg.r_squared(R), k),
                "statistic": np.repeat(meng_z(r_1, r_2, self.common, self.n), k),
            }
        )

    @property
    def _common_in_range(self) -> FloatArray:
        low, high = self.common_range or (-1.0, 1.0)
        return self.common_shares[(self.common >= low) & (self.common <= high)]

    @property
    def verdict_common(self) -> str:
        """The word "robust" where one driver is first at every common inter-correlation (in `common_range`), else "depends"."""
        leaders = self._common_in_range.argmax(axis=1)
        if not len(leaders):
            raise ModelError("no common inter-correlation is possible here; read `verdict`, which lets them differ.")
        return "robust" if len(set(leaders.tolist())) == 1 else "depends"

    # ---- free inter-correlations ----------------------------------------------------------------------------------

    @property
    def first(self) -> str:
        """The driver with the largest share in most draws."""
        return self.names[int(np.bincount(self.draw_shares.argmax(axis=1), minlength=len(self.names)).argmax())]

    @cached_property
    def _leads(self) -> FloatArray:
        """Share of `first` minus the largest other share, for draws and extremes."""
        shares, at = np.concatenate([self.draw_shares, self.found_shares]), self.names.index(self.first)
        return shares[:, at] - np.delete(shares, at, axis=1).max(axis=1)

    @property
    def verdict(self) -> str:
        """The word "robust" where `first` is first in every matrix drawn or found by the search, else "depends"."""
        return "robust" if self._leads.min() > 0 else "depends"

    @property
    def worst(self) -> FloatArray:
        """The inter-correlations (k, k) least favourable to `first`; where it is not first, the proof of "depends"."""
        return np.concatenate([self.draws, self.found])[self._leads.argmin()]

    @property
    def sum_r_squared(self) -> float:
        """Σ r²; above 1 the drivers cannot be uncorrelated, and no division of variance by r² is valid."""
        return float(self.r @ self.r)

    @property
    def uncorrelated_possible(self) -> bool:
        """Whether the drivers could be uncorrelated with each other."""
        return self.sum_r_squared <= 1

    @property
    def pairs(self) -> PairRanges:
        """What the correlation of every two drivers can be."""
        return PairRanges(self.names, self.r, self.provenance)

    def columns(self) -> dict[str, Any]:
        shares = np.concatenate([self.draw_shares, self.found_shares])
        along = self._common_in_range
        if not len(along):
            along = np.full((1, len(self.names)), np.nan)
        return {
            "term": self.names,
            "estimate": self.r,
            "share_low": shares.min(axis=0),
            "share_high": shares.max(axis=0),
            "common_share_low": along.min(axis=0),
            "common_share_high": along.max(axis=0),
            "part_first": (self.draw_shares.argmax(axis=1)[:, None] == np.arange(len(self.names))).mean(axis=0),
        }

    def whole(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "method": self.method,
            "sum_r_squared": self.sum_r_squared,
            "common_low": self.common_low,
            "common_high": self.common_high,
            "first": self.first,
            "lead_low": self._leads.min(),
            "verdict": self.verdict,
            "n": self.n,
            "n_draws": len(self.draws),
        }


# ---- the door -----------------------------------------------------------------------------------------------------------


def sensitivity(
    r: npt.ArrayLike,
    names: Sequence[str],
    *,
    n: int,
    provenance: Provenance = UNSTATED,
    outcome: str = "outcome",
    method: str = "lmg",
    common_range: tuple[float, float] | None = None,
    compare: tuple[str, str] | None = None,
    n_points: int = 201,
    n_draws: int = 2000,
    seed: int = 1,
) -> Sensitivity:
    """Importance over all inter-correlations that are possible when a source prints only those with the outcome.

    Parameters
    ----------
    r : array (k,)
        Correlations of 2 to 6 drivers with the outcome, strictly between −1 and 1. They are taken as exact: neither
        their sampling error nor their rounding is in the ranges.
    names : sequence of str
        The drivers.
    n : int
        Respondents behind the correlations, at least 4.
    provenance : Provenance
        Where the correlations were printed; if left out, it is not stated.
    outcome : str
        What it is called in the result.
    method : str
        Any of `METHODS` whose estimates are parts of R².
    common_range : (low, high), optional
        What every inter-correlation is held to be, such as (0.3, 0.8); without it anything possible is allowed.
        It narrows the draws, the extremes and both verdicts, not the curve.
    compare : (name, name), optional
        Two drivers whose correlations are compared by z; the first two unless given.
    n_points, n_draws, seed : int
        Points on the curve (at least 2), matrices drawn (at least 100) and seed of NumPy's PCG64.

    Returns
    -------
    Sensitivity
        `pairs` (range of each inter-correlation), `curve()` and `at(c)` (one common inter-correlation), `tidy()` and
        `verdict` (free inter-correlations).

    Raises
    ------
    UnknownName, DataError, ModelError
        For correlations outside (−1, 1), names that do not fit, a method without shares (`beta`, `structure`), and a
        range that no data can have.

    Notes
    -----
    The possible R_xx are r rᵀ + D^½ P D^½, D = diag(1 − r²), P any correlation matrix: the partial correlations given
    the outcome. Matrices are drawn uniformly over that set; the part of draws in which a driver is first is therefore a
    count of possibilities, not a probability. Drawing rarely comes near the edge, so each extreme share, and each
    driver's lead over `first`, is searched for from the best of several parts of the draws (sequential quadratic programming). A
    "depends" comes with its matrix, `worst`; a "robust" says that none was found. Likewise the true extremes of a share
    are at least as far apart as `share_low` and `share_high`. The search keeps the smallest eigenvalue of P at 0.001 or
    more: where drivers become one another a share depends on how one gets there.

    References
    ----------
    Meng, X.-L., Rosenthal, R. & Rubin, D. B. (1992). Comparing correlated correlation coefficients. Psychological
    Bulletin 111, 172–175. doi:10.1037/0033-2909.111.1.172
    Olkin, I. (1981). Range restrictions for product-moment correlation matrices. Psychometrika 46, 469–472.
    doi:10.1007/BF02293804
    Sherman, J. & Morrison, W. J. (1950). Adjustment of an inverse matrix corresponding to a change in one element of a
    given matrix. Annals of Mathematical Statistics 21, 124–127. doi:10.1214/aoms/1177729893

    Examples
    --------
    >>> origin = Provenance("published", "three indices and stated loyalty")
    >>> found = sensitivity([0.75, 0.53, 0.49], ["emotional", "rational", "values"], n=9213, provenance=origin, seed=1)
    >>> round(found.common_low, 3), round(found.common_high, 3), found.uncorrelated_possible
    (0.044, 0.938, False)
    >>> found.at(0.30).shares.round(3).tolist(), found.verdict_common, found.verdict
    ([0.593, 0.227, 0.18], 'robust', 'depends')
    """
    values, names = np.asarray(r, dtype=float), tuple(names)
    _check_names(values, names, outcome, method)
    _check_numbers(n, n_points, n_draws, common_range)
    compare = _compared(compare, names)
    by_name = sorted(range(len(names)), key=names.__getitem__)  # drawn in this order, whatever that of the drivers
    ordered = values[by_name]
    low, high = limits(ordered, common_range)
    bounds = common_bounds(values)
    start = inside(low, high)
    if start is None:
        possible = f"one common value lies between {bounds[0]:.3f} and {bounds[1]:.3f}" if bounds[0] < bounds[1] else ""
        raise ModelError(
            f"no data can have every inter-correlation in {common_range} given these correlations with {outcome}"
            f"{'; ' + possible if possible else ''}. Widen common_range."
        )
    partial = uniform(start, low, high, n_draws, np.random.default_rng(seed))
    draws = from_partial(ordered, partial)
    found = from_partial(ordered, _extremes(ordered, method, partial, _shares(ordered, method)(draws), low, high))
    back = np.argsort(by_name)
    draws, found = (R_xx[:, back][:, :, back] for R_xx in (draws, found))
    shares = _shares(values, method)
    step = (
        f"{n_draws:,} possible sets of inter-correlations"
        + (f" between {common_range[0]:g} and {common_range[1]:g}" if common_range else "")
        + f", drawn uniformly, seed {seed}"
    )
    return Sensitivity(
        names=names,
        outcome=outcome,
        r=values,
        n=int(n),
        method=method,
        compare=compare,
        common_low=float(bounds[0]),
        common_high=float(bounds[1]),
        common=_points(*bounds, n_points),
        draws=draws,
        draw_shares=shares(draws),
        found=found,
        found_shares=shares(found),
        provenance=provenance.then(step),
        common_range=common_range,
    )


def _shares(r: FloatArray, method: str) -> Callable[[FloatArray], FloatArray]:
    """Function of R_xx (..., k, k) → shares (..., k)."""
    kernel, sizes = METHODS[method].kernel, (1,) * len(r)

    def shares(R_xx: FloatArray) -> FloatArray:
        if not R_xx.size:
            return np.empty(R_xx.shape[:-1])
        estimates = kernel(bordered(r, R_xx), sizes)
        return estimates / estimates.sum(axis=-1, keepdims=True)

    return shares


def _points(low: float, high: float, n_points: int) -> FloatArray:
    if not low < high:
        return np.empty(0)
    edge = _EDGE * (high - low)
    return np.linspace(low + edge, high - edge, n_points)


def _extremes(
    r: FloatArray, method: str, partial: FloatArray, shares: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Matrices (m, k, k) with the smallest and largest share of each driver, and the smallest lead of the first."""
    k, of = len(r), _shares(r, method)
    first = int(np.bincount(shares.argmax(axis=1), minlength=k).argmax())
    unit = np.eye(k)
    aims = np.concatenate([unit, -unit, np.delete(unit, first, axis=0) - unit[first]])
    starts = np.concatenate([partial, stretched(partial, low, high)])
    parts = [(part, of(from_partial(r, part))) for part in np.array_split(starts, max(4, 24 // k))]
    found = []
    for aim in aims:

        def score(P: FloatArray, aim: FloatArray = aim) -> FloatArray:
            return of(from_partial(r, P)) @ aim

        for part, part_shares in parts:
            P = climb(score, part[(part_shares @ aim).argmax()], low, high)
            if P is not None:
                found.append(P)
    return np.array(found).reshape(-1, k, k)


def _check_names(r: FloatArray, names: tuple[str, ...], outcome: str, method: str) -> None:
    divides = [name for name, m in METHODS.items() if m.unit == "r_squared"]
    check_known("method with shares", method, divides)
    if r.shape != (len(names),):
        raise DataError(f"{r.size} correlations for {len(names)} drivers ({listed(names)}); give one for each driver.")
    if len({outcome, *names}) <= len(names):
        raise DataError(f"a name stands twice among {listed((outcome, *names))}; outcome and drivers must differ.")
    if not 2 <= len(names) <= _MOST_DRIVERS:
        raise DataError(f"{len(names)} drivers; the inter-correlations of 2 to {_MOST_DRIVERS} can be explored.")
    if wrong := [f"{name} = {value:g}" for name, value in zip(names, r, strict=True) if not abs(value) < 1]:
        raise DataError(f"{listed(wrong)}: a correlation with {outcome} must lie strictly between −1 and 1.")


def _check_numbers(n: int, n_points: int, n_draws: int, common_range: tuple[float, float] | None) -> None:
    for what, value, least in (("n", n, 4), ("n_points", n_points, 2), ("n_draws", n_draws, 100)):
        if value < least:
            raise ModelError(f"{what} is {value}; at least {least} is needed.")
    if common_range is not None and not -1 <= common_range[0] < common_range[1] <= 1:
        raise ModelError(f"common_range is {common_range}; give a lower and a higher correlation, such as (0.3, 0.8).")


def _compared(compare: tuple[str, str] | None, names: tuple[str, ...]) -> tuple[str, str]:
    a, b = compare or names[:2]
    for name in (a, b):
        check_known("driver", name, names)
    if a == b:
        raise ModelError(f"'{a}' cannot be compared with itself; name two of {listed(names)}.")
    return a, b
