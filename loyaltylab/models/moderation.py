"""Where a slope depends on a third variable: the region in which it is told from zero, and the lines that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import ModelError, Quantity, Result, pd, taken_from
from ..kernels import FloatArray, critical, interval
from .regression import INTERCEPT, Regression, SimpleSlopes, simple_slopes

_POINTS = 61


@dataclass(frozen=True, eq=False)
class JohnsonNeyman(Result):
    """Slope of a driver over the whole range of a moderator, and where its interval excludes zero.

    Intervals hold at each value of the moderator by itself. `verdict`: "everywhere", "nowhere", "above" or "below" one edge, "between" or "outside" two of them.

    Attributes
    ----------
    slopes : SimpleSlopes
        Over the range of the moderator.
    span : (float, float)
        The range.
    edges : sequence of float
        Where the interval begins or ends to exclude zero.

    See Also
    --------
    loyaltylab.models.johnson_neyman : Makes it.
    """

    slopes: SimpleSlopes
    span: tuple[float, float]
    edges: tuple[float, ...]

    provenance = taken_from("slopes.provenance")
    conf_level = taken_from("slopes.conf_level")
    shown = ("edge", "edge_second", "verdict")

    @property
    def verdict(self) -> str:
        """Where the slope is told from zero, within the span."""
        frame = self.tidy()
        shown = ((frame["conf_low"] > 0) | (frame["conf_high"] < 0)).to_numpy()
        if shown.all() or not shown.any():
            return "everywhere" if shown.all() else "nowhere"
        return {(False, True): "above", (True, False): "below", (False, False): "between"}.get(
            (bool(shown[0]), bool(shown[-1])), "outside"
        )

    def columns(self) -> pd.DataFrame:
        return self.slopes.tidy()

    def whole(self) -> dict[str, Any]:
        low, high = (*self.edges, float("nan"), float("nan"))[:2]
        return {
            **self.slopes.whole(),
            "span_low": self.span[0],
            "span_high": self.span[1],
            "edge": low,
            "edge_second": high,
            "verdict": self.verdict,
        }


def johnson_neyman(
    regression: Regression, driver: str, moderator: str, product: str, *, between: tuple[float, float]
) -> JohnsonNeyman:
    """Values of a moderator at which the slope of a driver is told from zero.

    Parameters
    ----------
    regression, driver, moderator, product
        As in `simple_slopes`.
    between : (float, float)
        Lowest and highest value of the moderator, as distances from its mean; beyond what was answered nothing is known.

    Returns
    -------
    JohnsonNeyman
        `tidy()` the slope with its interval at 61 values; `glance()` the edges of the region and the verdict.

    Raises
    ------
    UnknownName, ModelError
        For a term that is not in the regression, or a span that is none.

    Notes
    -----
    The edges are the values at which the t interval of b₁ + b₃ m just touches zero: the roots of
    (b₁ + b₃ m)² = t² (v₁₁ + 2 m v₁₃ + m² v₃₃). The interval holds at each value by itself, not over all of them at once.

    References
    ----------
    Johnson, P. O., & Neyman, J. (1936). Tests of certain linear hypotheses and their application to some educational
    problems. Statistical Research Memoirs 1, 57–93.
    Bauer, D. J., & Curran, P. J. (2005). Probing interactions in fixed and multilevel regression. Multivariate
    Behavioral Research 40, 373–400. doi:10.1207/s15327906mbr4003_5

    Examples
    --------
    >>> from loyaltylab import ols, simulate
    >>> survey, product = simulate(n=1000).with_product("EMOTION", "RATIONAL")
    >>> fit = ols(survey.moments(["LOYALTY", "EMOTION", "RATIONAL", product]), "LOYALTY", ["EMOTION", "RATIONAL", product])
    >>> johnson_neyman(fit, "EMOTION", "RATIONAL", product, between=(-2, 2)).verdict
    'everywhere'
    """
    low, high = map(float, between)
    if not low < high:
        raise ModelError(
            f"between is {between}; give the lowest and the highest value of '{moderator}', in this order."
        )
    at = {f"{value:.6g}": float(value) for value in np.linspace(low, high, _POINTS)}
    slopes = simple_slopes(regression, driver, moderator, product, at)
    i, j = regression.names.index(driver), regression.names.index(product)
    q = float(critical(regression.conf_level, regression.df[regression.names.index(product)])) ** 2
    b, v = regression.coef, regression.cov
    roots = np.roots([b[j] ** 2 - q * v[j, j], 2 * (b[i] * b[j] - q * v[i, j]), b[i] ** 2 - q * v[i, i]])
    edges = sorted(float(root.real) for root in roots if abs(root.imag) < 1e-12 and low <= root.real <= high)
    return JohnsonNeyman(slopes, (low, high), tuple(edges))


@dataclass(frozen=True, eq=False)
class Lines(Result):
    """Expected outcome over a driver, at values of a moderator, everything else at its mean; bands hold at each value by itself.

    Attributes
    ----------
    regression : Regression
        What it was computed from.
    driver : str
        The driver.
    moderator : str
        The moderator.
    lines : dict of str → array
        Name → (points, 4): the driver, the outcome and its ends.

    See Also
    --------
    loyaltylab.models.conditional_lines : Makes it.
    """

    regression: Regression
    driver: str
    moderator: str
    lines: dict[str, FloatArray]  # level → (points, 4): value of the driver, estimate, lower and upper end
    keys = ("segment", "at")

    provenance = taken_from("regression.provenance")
    conf_level = taken_from("regression.conf_level")
    shown = ("outcome", "r_squared", "n")

    def columns(self) -> pd.DataFrame:
        columns = ["at", "estimate", "conf_low", "conf_high"]
        return pd.concat(
            [pd.DataFrame(rows, columns=columns).assign(segment=name) for name, rows in self.lines.items()],
            ignore_index=True,
        )[["segment", *columns]]

    def whole(self) -> dict[str, Any]:
        return self.regression.whole()


def as_claimed(*changes: tuple[Quantity, str]) -> str:
    """Whether slopes change the way a claim says.

    Parameters
    ----------
    changes : pairs of a change with its interval and "below" or "above"
        On which side of zero the claim puts it.

    Returns
    -------
    str
        The word "reversed" where one lies beyond chance on the other side; else "both" (or all) where every one lies on
        the side that was claimed, "half" where one does, "undecided" where none does.

    Examples
    --------
    >>> from loyaltylab import Provenance
    >>> lower = Quantity(-0.3, -0.5, -0.1, 0.95, "a change", Provenance("observed", "an experiment"))
    >>> unsure = Quantity(0.1, -0.1, 0.3, 0.95, "a change", Provenance("observed", "an experiment"))
    >>> as_claimed((lower, "below"), (unsure, "above")), as_claimed((lower, "above"), (unsure, "above"))
    ('half', 'reversed')
    """
    found = [(change.beside(0), side) for change, side in changes]
    if any(where not in (side, "holds") for where, side in found):
        return "reversed"
    right = [where == side for where, side in found]
    return "both" if all(right) else "half" if any(right) else "undecided"


def conditional_lines(
    regression: Regression,
    driver: str,
    moderator: str,
    product: str,
    *,
    at: Mapping[str, float],
    over: Sequence[float],
    means: Mapping[str, float],
) -> Lines:
    """Expected outcome over values of a driver, at named values of a moderator.

    Parameters
    ----------
    regression, driver, moderator, product
        As in `simple_slopes`; the regression has a constant.
    at : mapping of name → value
        Values of the moderator, as distances from its mean.
    over : sequence of float
        Values of the driver, as distances from its mean.
    means : mapping of name → mean
        Of every term of the regression in the data it was made of; others than the three stay there.

    Returns
    -------
    Lines
        `tidy()` has a row for each value of the driver on each line.

    Raises
    ------
    UnknownName, ModelError
        For a term that is not in the regression, or a regression without a constant.

    Examples
    --------
    >>> from loyaltylab import ols, simulate
    >>> survey, product = simulate(n=1000).with_product("EMOTION", "RATIONAL")
    >>> terms = ["EMOTION", "RATIONAL", product]
    >>> m = survey.moments(["LOYALTY", *terms])
    >>> fit, means = ols(m, "LOYALTY", terms), dict(zip(m.names, m.mean, strict=True))
    >>> lines = conditional_lines(fit, "EMOTION", "RATIONAL", product, at={"mean": 0}, over=[-1, 0, 1], means=means)
    >>> lines.tidy()["estimate"].round(2).tolist()
    [4.18, 4.77, 5.36]
    """
    for name in (driver, moderator, product):
        regression.value(name)
    if INTERCEPT not in regression.names:
        raise ModelError("the regression has no constant, so it has no expected outcome; make it from raw moments.")
    half = float(critical(regression.conf_level, regression.df.min()))
    values, found = np.asarray(over, dtype=float), {}
    for name, level in at.items():
        X = np.tile([1.0 if term == INTERCEPT else means[term] for term in regression.names], (len(values), 1))
        X[:, regression.names.index(driver)] = means[driver] + values
        X[:, regression.names.index(moderator)] = means[moderator] + level
        X[:, regression.names.index(product)] = values * level
        estimate = X @ regression.coef
        error = half * np.sqrt(np.einsum("ij,jk,ik->i", X, regression.cov, X))
        low, high = estimate - error, estimate + error
        if regression.drawn is not None:
            low, high = interval(regression.drawn @ X.T, regression.conf_level)
        found[name] = np.stack([means[driver] + values, estimate, low, high], axis=1)
    return Lines(regression, driver, moderator, found)
