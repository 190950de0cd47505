"""`contrast_ranges()`: is one printed correlation more than another, whatever the correlation that was not printed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from ...contrasts import OVERLAPPING, Inference, dependence_of, meng_z, zou
from ...core import DataError, ModelError, Provenance, Result, check_known, listed, pd
from ...kernels import FloatArray, check_conf_level, critical, pair_bounds

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
    provenance : Provenance
        Where the numbers came from, and what was done to them.
    conf_level : float
        Level of the intervals, between 0 and 1.
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

    def __repr__(self) -> str:
        data = self.tidy()
        apart = int((data["statistic_least"] > self.bound).sum())
        return (
            f"ContrastRanges of {len(self.names)} correlations with '{self.outcome}', n = {self.n:,}: {apart} of "
            f"{len(data)} pairs told apart whatever the correlation that is not printed"
        )

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
    provenance: Provenance,
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
        Where the numbers came from.
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
    ContrastRanges of 3 correlations with 'outcome', n = 9,213: 3 of 3 pairs told apart whatever the correlation that is not printed
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
