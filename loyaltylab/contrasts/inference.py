"""What a test of two things returns, and what the tests share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import DataError, MatrixError, ModelError, OneRow, Provenance, Quantity, how_many
from ..kernels import FloatArray, critical, sides
from ..moments import Moments, check_one_set

Interval = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, eq=False, repr=False)
class Inference(OneRow):
    """One number with its test and its interval; what a method does not give is not a number, and left out of `tidy()`.

    Parameters
    ----------
    a, b : str
        What is compared with what; `b` is empty for a number by itself.
    estimate : float
        In the unit `measure` names.
    null : float
        The estimate if `a` and `b` were alike: 0 for a difference, 1 for a ratio.
    statistic, df : float
        Standard normal, or Student's t where there are degrees of freedom.
    p_value : float
        Two-sided.
    n : float
        Respondents, both groups together; the effective number where there are weights.

    See Also
    --------
    loyaltylab.claims.from_figures : Makes it.
    loyaltylab.contrasts.compare_independent_correlations : Makes it.
    loyaltylab.contrasts.compare_nonoverlapping_correlations : Makes it.
    loyaltylab.contrasts.compare_overlapping_correlations : Makes it.
    """

    a: str
    b: str
    estimate: float
    measure: str
    method: str
    n: float
    provenance: Provenance
    null: float = np.nan
    std_error: float = np.nan
    statistic: float = np.nan
    df: float = np.nan
    p_value: float = np.nan
    conf_low: float = np.nan
    conf_high: float = np.nan
    conf_level: float = 0.95
    keys = ("term", "against")

    def __post_init__(self) -> None:
        if np.isnan(self.estimate) or self.conf_low > self.conf_high or self.p_value < 0 or self.p_value > 1:
            raise ModelError(
                f"{self.method} cannot be computed for these numbers: estimate {self.estimate:.3g}, p {self.p_value:.3g}, "
                f"interval {self.conf_low:.3g} to {self.conf_high:.3g}. Try another method."
            )

    def __repr__(self) -> str:
        what = f"'{self.a}' against '{self.b}'" if self.b else f"'{self.a}'"
        parts = [f"{self.__class__.__name__}({self.method}) of {what}: {self.measure} {self.estimate:.3f}"]
        if not np.isnan(self.conf_low):
            parts.append(f"{self.conf_level:.0%} interval {self.conf_low:.3f} to {self.conf_high:.3f}")
        if not np.isnan(self.p_value):
            parts.append("p < 0.001" if self.p_value < 0.0005 else f"p = {self.p_value:.3f}")
        return ", ".join(parts)

    @property
    def row(self) -> dict[str, Any]:
        numbers = {name: getattr(self, name) for name in self._numbers()}
        known = {name: number for name, number in numbers.items() if number == number}
        return {"term": self.a, "against": self.b} | known

    def whole(self) -> dict[str, Any]:
        return {"method": self.method, "measure": self.measure, "n": self.n, "conf_level": self.conf_level}

    @property
    def quantity(self) -> Quantity:
        """The estimate with its interval, for prose."""
        return self.value((self.a, self.b))

    @property
    def verdict(self) -> str:
        """The word "more" or "less" where the interval (without one: the p-value) excludes no difference, else "undecided"."""
        if np.isnan(self.null):
            raise ModelError(
                f"{self.measure} of '{self.a}' stands by itself; a verdict needs something to compare with."
            )
        if np.isnan(self.conf_low):
            decided = self.p_value < 1 - self.conf_level
            return ("more" if self.statistic > 0 else "less") if decided else "undecided"
        return str(sides(self.conf_low, self.conf_high, self.null))

    def _numbers(self) -> tuple[str, ...]:
        return ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


@dataclass(frozen=True, eq=False, repr=False)
class Equivalence(Inference):
    """Two one-sided tests (TOST): is the estimate above the lower bound, and below the upper bound.

    `statistic` and `p_value` are those of the weaker of the two. The interval of level 1 − 2α (90% for α = .05) lies
    inside the bounds exactly when both tests reject at α = (1 − conf_level) / 2.

    Attributes
    ----------
    bound_low, bound_high : float
        Between which nothing matters.
    statistic_low, p_value_low : float
        Test against the lower bound.
    statistic_high, p_value_high : float
        Test against the upper bound.
    conf_level : float
        1 − 2α: 0.90 for tests at α = .05.

    See Also
    --------
    loyaltylab.contrasts.equivalence_correlation : Makes it.
    loyaltylab.contrasts.equivalence_mean : Makes it.
    loyaltylab.contrasts.equivalence_means : Makes it.
    loyaltylab.contrasts.equivalence_paired : Makes it.
    """

    bound_low: float = np.nan
    bound_high: float = np.nan
    statistic_low: float = np.nan
    statistic_high: float = np.nan
    p_value_low: float = np.nan
    p_value_high: float = np.nan
    conf_level: float = 0.90

    @property
    def verdict(self) -> str:
        """The word "equivalent" where both one-sided tests reject, else "not shown"; that is not the same as "different"."""
        return "equivalent" if self.p_value < (1 - self.conf_level) / 2 else "not shown"

    def _numbers(self) -> tuple[str, ...]:
        tests = ("statistic_low", "p_value_low", "statistic_high", "p_value_high")
        return (*super()._numbers(), "bound_low", "bound_high", *tests)


def inferred(
    labels: tuple[str, str],
    measure: str,
    method: str,
    n: float,
    provenance: Provenance,
    conf_level: float,
    null: float,
    numbers: dict[str, Any],
) -> Inference:
    """An `Inference` of these numbers, each a plain float.

    Parameters
    ----------
    labels : (str, str)
        What the two are called in the result.
    measure : str
        What the estimate is, such as "difference of correlations".
    method : str
        How the interval is made.
    n : float
        Respondents; the effective number where there are weights.
    provenance : Provenance
        Where the numbers came from.
    conf_level : float
        Level of the intervals, between 0 and 1.
    null : float
        The value without a difference: 0, or 1 for ratios.
    numbers : dict of str → Any
        Columns of the result, as `from_std_error` gives them.

    Returns
    -------
    Inference
        Estimate, interval and p-value; `verdict` says in a word what follows.

    Examples
    --------
    >>> numbers = from_std_error(0.2, 0.1, conf_level=0.95)
    >>> inferred(("trust", "price"), "difference", "normal", 200, Provenance("published", "a table"), 0.95, 0.0, numbers)
    Inference(normal) of 'trust' against 'price': difference 0.200, 95% interval 0.004 to 0.396, p = 0.046
    """
    numbers = {name: float(value) for name, value in numbers.items()}
    return Inference(*labels, measure=measure, method=method, n=float(n), provenance=provenance, conf_level=conf_level, null=null, **numbers)  # fmt: skip


def from_std_error(
    estimate: Any, std_error: Any, *, df: float = np.nan, conf_level: float, interval: bool = True
) -> dict[str, Any]:
    """Test against 0 and interval of an estimate with a known standard error.

    Parameters
    ----------
    estimate : Any
        In any unit.
    std_error : Any
        In the same unit, above 0.
    df : float
        Degrees of freedom; the normal distribution where it is not a number.
    conf_level : float
        Level of the intervals, between 0 and 1.
    interval : bool
        Whether there is one: none where the error presumes that the estimate is 0.

    Returns
    -------
    dict of str → Any
        Columns of a result: estimate, std_error, statistic, df, p_value, conf_low and conf_high.

    Examples
    --------
    >>> found = from_std_error(0.2, 0.1, conf_level=0.95)
    >>> round(float(found["conf_low"]), 3), round(float(found["conf_high"]), 3), round(float(found["p_value"]), 3)
    (0.004, 0.396, 0.046)
    """
    statistic, half = estimate / std_error, critical(conf_level, df) * std_error
    ends = {"conf_low": estimate - half, "conf_high": estimate + half} if interval else {}
    p_value = 2 * tail(abs(statistic), df)
    return {"estimate": estimate, "std_error": std_error, "statistic": statistic, "df": df, "p_value": p_value} | ends


def exponentiated(numbers: dict[str, Any]) -> dict[str, Any]:
    """From a logarithm to the ratio; the standard error stays behind.

    Parameters
    ----------
    numbers : dict of str → Any
        Estimate, interval and test on the scale of logarithms.

    Returns
    -------
    dict of str → Any
        The same numbers, estimate and interval as ratios.

    Examples
    --------
    >>> float(exponentiated({"estimate": 0.0, "std_error": 0.1, "conf_low": -1.0, "conf_high": 1.0})["estimate"])
    1.0
    """
    ends = {name: np.exp(numbers[name]) for name in ("estimate", "conf_low", "conf_high")}
    return {name: value for name, value in numbers.items() if name != "std_error"} | ends


def from_interval(ends: Callable[[float], Interval], estimate: Any, z: float) -> dict[str, Any]:
    """Interval at z, and as statistic the signed normal quantile at which the interval touches 0.

    Zou's interval of two correlations near 1 and −1 may touch 0 at no level; there is no statistic then, nor a p-value.
    """
    from scipy.optimize import brentq

    low, high = ends(z)
    statistic = 0.0
    if abs(estimate) > 1e-15:
        side, sign = (0, 1) if estimate > 0 else (1, -1)
        upper = 1.0
        while sign * ends(upper)[side] > 0 and upper < 512:
            upper *= 2
        touches = sign * ends(upper)[side] <= 0
        statistic = sign * brentq(lambda q: ends(q)[side], 0.0, upper, xtol=1e-13) if touches else np.nan
    p_value = 2 * tail(abs(statistic), np.nan)
    return {"estimate": estimate, "statistic": statistic, "p_value": p_value, "conf_low": low, "conf_high": high}


def score_interval(
    score: Callable[[float], float], estimate: float, null: float, limits: tuple[float, float], z: float
) -> dict[str, Any]:
    """Test of `null`, and the values whose score statistic lies within ± z; the statistic falls as the value rises."""
    from scipy.optimize import brentq

    def end(target: float, limit: float) -> float:
        inner, outer = estimate, limit
        if np.isinf(limit):
            outer = max(estimate, 1.0)
            while score(outer) > target:
                outer *= 4
        if abs(score(outer)) < abs(target):
            return limit
        return brentq(lambda value: np.clip(score(value), -1e6, 1e6) - target, *sorted((inner, outer)), xtol=1e-14)

    statistic = score(null)
    low, high = end(z, limits[0]), end(-z, limits[1])
    return {"statistic": statistic, "p_value": 2 * tail(abs(statistic), np.nan), "conf_low": low, "conf_high": high}


def tail(statistic: Any, df: float) -> Any:
    """Probability above the statistic: standard normal, or Student's t where df is a number.

    Parameters
    ----------
    statistic : Any
        z or t.
    df : float
        Degrees of freedom; the normal distribution where it is not a number.

    Returns
    -------
    Any
        0 to 1, of the shape of the statistic.

    Examples
    --------
    >>> round(float(tail(1.96, np.nan)), 4), round(float(tail(2.0, 10)), 4)
    (0.025, 0.0367)
    """
    from scipy.special import ndtr, stdtr

    return ndtr(-statistic) if np.isnan(df) else stdtr(df, -statistic)


def one_set(moments: Moments, names: list[str]) -> FloatArray:
    """Correlations (k, k) of the named variables."""
    check_one_set(moments)
    return moments.select(names).corr


def scores_of(values: npt.ArrayLike, label: str) -> FloatArray:
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2:
        raise DataError(f"'{label}' must be one row of at least 2 scores; its shape is {values.shape}.")
    if bad := int((~np.isfinite(values)).sum()):
        raise DataError(
            f"'{label}' has {how_many(bad, len(values))} of {len(values):,} scores missing or infinite; remove those respondents first."
        )
    return values


def check_correlations(**values: float) -> None:
    for name, r in values.items():
        if not -1 < r < 1:
            raise MatrixError(f"{name} is {r:g}; allowed: a correlation between −1 and 1, not −1 or 1 itself.")


def check_triple(r_ya: float, r_yb: float, r_ab: float) -> None:
    if determinant(np.float64(r_ya), np.float64(r_yb), np.float64(r_ab)) > 1e-12:
        return
    middle, reach = r_ya * r_yb, np.sqrt((1 - r_ya**2) * (1 - r_yb**2))
    raise MatrixError(
        f"no data can have these correlations: where y correlates {r_ya:g} with a and {r_yb:g} with b, r_ab lies between "
        f"{middle - reach:.3f} and {middle + reach:.3f}; it is {r_ab:g}. Look for a printing or typing error."
    )


def check_n(n: float, least: int, what: str) -> None:
    if not least <= n < np.inf:
        raise ModelError(f"n = {n:g} is not possible; {what} needs at least {least} respondents.")


def check_sds(*sds: float) -> None:
    for sd in sds:
        if not 0 < sd < np.inf:
            raise DataError(
                f"a standard deviation is {sd:g}; allowed: above 0. Scores that do not vary cannot be tested."
            )


def check_not_extreme(sound: Any, method: str, instead: str) -> None:
    if not sound:
        raise ModelError(f"proportions of 0 or 1 leave {method} without a standard error; {instead}.")


def proportion_of(x: float, n: float) -> float:
    """x / n, if these can be counts."""
    if not (1 <= n < np.inf and n % 1 == 0 and x % 1 == 0):
        raise DataError(f"{x:g} of {n:g}: counts are whole numbers, and there is at least 1 respondent.")
    if not 0 <= x <= n:
        raise DataError(f"{x:g} of {n:g} is not possible; a count lies between 0 and its total.")
    return x / n


def determinant(r_ya: FloatArray, r_yb: FloatArray, r_ab: FloatArray) -> FloatArray:
    """Determinant of the 3 × 3 correlation matrix."""
    return 1 - r_ya**2 - r_yb**2 - r_ab**2 + 2 * r_ya * r_yb * r_ab


def recovered(p_1: FloatArray, ends_1: Interval, p_2: FloatArray, ends_2: Interval, dependence: Any = 0.0) -> Interval:
    """Interval of p_1 − p_2 from the intervals of p_1 and p_2 ("variance estimates recovery")."""

    def reach(x: FloatArray, y: FloatArray) -> FloatArray:
        return np.sqrt(np.maximum(x**2 + y**2 - 2 * dependence * x * y, 0))

    low = p_1 - p_2 - reach(p_1 - ends_1[0], ends_2[1] - p_2)
    return low, p_1 - p_2 + reach(ends_1[1] - p_1, p_2 - ends_2[0])
