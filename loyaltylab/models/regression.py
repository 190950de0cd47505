"""`ols()`: linear regression from moments, with classical, cluster-robust or bootstrap intervals; slopes at values of a moderator; `collinearity()`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..codebook import as_blocks, flatten
from ..core import RULES, DataError, ModelError, Provenance, Result, listed, pd, taken_from
from ..kernels import (
    Clustered,
    FloatArray,
    adjusted_r_squared,
    critical,
    dependent_set,
    interval,
    r_squared_interval,
    wald,
)
from ..moments import Moments, by_name, check_apart, check_enough, check_names, usable_draws
from ..survey import MomentSource, moments_of

#: Name of the constant in a result.
INTERCEPT = "(constant)"


@dataclass(frozen=True, eq=False)
class Regression(Result):
    """Coefficients of a regression, in scale points of the outcome per scale point of the driver.

    Attributes
    ----------
    coef, cov : array (k,), (k, k)
        Coefficients and their covariances; the constant first where there is one.
    beta : array (k,)
        The same for standardised variables; not a number for the constant.
    df : array (k,)
        Degrees of freedom of each coefficient; with clusters Satterthwaite's, at most their number less one.
    df_test : float
        The same of the test that all slopes are zero, a Wald test on `cov` (with clusters Hotelling's, HTZ).
    ends : array (2, k) or None
        Bootstrap intervals where draws were given; else intervals are Student's with `df` degrees of freedom.
    errors : str
        How the standard errors were made: classical, cluster (CR2), design (strata), HC0 … HC3 or draws.
    r_squared_ends : array (2,) or None
        Interval of R² in the population; none where errors are robust and no draws tell how R² spreads.

    See Also
    --------
    loyaltylab.models.ols : Makes it.
    loyaltylab.models.robust_ols : Makes it.
    """

    outcome: str
    names: tuple[str, ...]
    block_of: dict[str, str]
    coef: FloatArray
    cov: FloatArray
    beta: FloatArray
    r_squared: float
    sigma: float
    n: int
    n_effective: float
    df: FloatArray
    df_test: float
    errors: str
    provenance: Provenance
    conf_level: float = 0.95
    ends: FloatArray | None = None
    drawn: FloatArray | None = field(default=None, repr=False)
    r_squared_ends: FloatArray | None = None

    @property
    def std_error(self) -> FloatArray:
        """Standard errors (k,)."""
        return np.sqrt(np.diagonal(self.cov))

    def settled(self, terms: Sequence[str] = ()) -> tuple[str, ...]:
        """Of these terms, or of all but the constant, those whose interval excludes zero."""
        rows = self.tidy().set_index("term").loc[list(terms) or [name for name in self.names if name != INTERCEPT]]
        return tuple(rows.index[(rows["conf_low"] > 0) | (rows["conf_high"] < 0)])

    def signs(self, terms: Sequence[str] = ()) -> str:
        """The sign of those that are settled: `positive`, `negative` or `both`; `none` where no interval excludes zero."""
        found = {"positive" if self.value(term).value > 0 else "negative" for term in self.settled(terms)}
        return "both" if len(found) > 1 else next(iter(found), "none")

    def columns(self) -> dict[str, Any]:
        from scipy.special import stdtr

        se = self.std_error
        half = critical(self.conf_level, self.df) * se
        low, high = (self.coef - half, self.coef + half) if self.ends is None else self.ends
        return {
            "term": self.names,
            "block": [self.block_of.get(name, "") for name in self.names],
            "estimate": self.coef,
            "std_error": se,
            "statistic": self.coef / se,
            "p_value": 2 * stdtr(self.df, -np.abs(self.coef / se)),
            "conf_low": low,
            "conf_high": high,
            "beta": self.beta,
        }

    def whole(self) -> dict[str, Any]:
        slopes = [i for i, name in enumerate(self.names) if name != INTERCEPT]
        F, p = wald(
            self.coef[slopes],
            self.cov[np.ix_(slopes, slopes)],
            self.df_test,
            reduced=self.errors in ("cluster", "design"),
        )
        low, high = (np.nan, np.nan) if self.r_squared_ends is None else self.r_squared_ends
        return {
            "outcome": self.outcome,
            "r_squared": self.r_squared,
            "r_squared_conf_low": low,
            "r_squared_conf_high": high,
            "r_squared_adjusted": adjusted_r_squared(self.r_squared, self.n_effective, len(slopes)),
            "sigma": self.sigma,
            "f_statistic": F,
            "p_value": p,
            "df": self.df_test,
            "n": self.n,
            "n_effective": self.n_effective,
            "conf_level": self.conf_level,
        }


def ols(
    data: Moments | MomentSource | pd.DataFrame,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    covariates: Sequence[str] = (),
    clusters: Moments | None = None,
    draws: Moments | None = None,
    conf_level: float = 0.95,
    n_draws: int | None = None,
    seed: int = 1,
) -> Regression:
    """Linear regression by least squares, from moments alone.

    Parameters
    ----------
    data : Moments, Survey, PublishedTable, Warehouse or DataFrame
        Moments: one set, holding outcome, drivers and covariates; without means, as of a printed table, there is no
        constant. The rest as in `importance`: summed and drawn from here, the source of a frame not stated.
    drivers : sequence of str, or mapping of block → drivers
        Names or labels; given by block, those of every block.
    clusters : Moments, optional
        The same rows by cluster, as a leading axis of disjoint groups: errors are then robust to clusters (CR2),
        with Satterthwaite's degrees of freedom, so that few clusters do not pass for many.
    draws : Moments, optional
        Bootstrap or Wishart draws of the moments: intervals are then percentiles and errors the draws' SD.
    conf_level : float
        Between 0 and 1.
    n_draws, seed : int, optional
        Draws made here of data that are not moments: 2,000 unless you choose, 0 for none, and none with `clusters`.
    outcome : str
        Name of the variable to explain.
    covariates : sequence of str
        Always in the model, and listed after the drivers.

    Returns
    -------
    Regression
        In scale points of the outcome per scale point of a driver; `beta` is standardised.

    Raises
    ------
    DataError, ModelError
        For names that stand twice, drivers that say the same thing (naming them), fewer respondents than terms, clusters
        that are not those of the moments, and for both `clusters` and `draws`.

    Notes
    -----
    With survey weights the classical errors take Kish's effective n for n; draws are the better choice there. Equals
    R 4.2.2 `lm` on swiss and attitude to 1e-10; with clusters R's clubSandwich (CR2, Satterthwaite, HTZ) to 1e-8.

    References
    ----------
    Pustejovsky, J. E., & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and hypothesis
    testing in fixed effects models. Journal of Business & Economic Statistics 36, 672–683.
    doi:10.1080/07350015.2016.1247004

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> fit = ols(table.moments(["AttLoyalty", "Escapism", "Excellence"]), "AttLoyalty", ["Escapism", "Excellence"])
    >>> fit
    Regression, 2 rows by term: outcome AttLoyalty, r_squared 0.473 (0.361 to 0.568), r_squared_adjusted 0.468, sigma
        0.730, f_statistic 84.043, p_value <0.001
    >>> round(fit.value("Excellence").value, 3)
    0.52
    """
    outcome, drivers, covariates = by_name(data, outcome, drivers, covariates)
    blocks = as_blocks(drivers)
    names = flatten(blocks)
    check_names(outcome, names, blocks, covariates)
    if clusters is not None and (draws is not None or n_draws):
        raise ModelError("give clusters= or draws=, not both: draws by cluster already allow for clusters.")
    terms = [*names, *covariates]
    n_draws = 0 if clusters is not None and n_draws is None else n_draws
    moments, draws = moments_of(data, [outcome, *terms], draws, n_draws=n_draws, seed=seed)
    m = moments.select([outcome, *terms])
    if m.batch:
        raise ModelError(f"ols() takes one set of moments, and these are {m.scheme}; pick one, or give them as draws=.")
    check_enough(float(m.n_eff), len(terms))
    check_apart(m.corr[1:, 1:], terms)
    b, r_squared, rss = _solved(m)
    rest = float(m.n_eff) - len(terms) - 1
    df, df_test = np.full(1 + len(terms), rest), rest
    sigma2 = float(rss / m.weight * m.n_eff / rest)
    constant = bool(np.isfinite(m.mean).all())
    coef, cov = _with_constant(m, b, np.linalg.inv(m.scatter[1:, 1:]) * sigma2 * m.weight / m.n_eff, sigma2 / m.n_eff)
    errors, ends, drawn, provenance = "classical", None, None, m.provenance
    r_ends = (
        None if clusters is not None else r_squared_interval(float(r_squared), float(m.n_eff), len(terms), conf_level)
    )
    if clusters is not None:
        coef, cov, df, df_test = _clustered(m, clusters.select([outcome, *terms]), b)
        errors, provenance = "cluster", provenance.then(f"errors robust to {clusters.batch[0]:,} clusters")
    if draws is not None:
        usable, left_out = usable_draws(draws.select([outcome, *terms]))
        slopes, drawn_r_squared, _ = _solved(usable)
        drawn = _with_constants(usable, slopes)
        r_ends = r_squared_interval(float(r_squared), float(m.n_eff), len(terms), conf_level, drawn_r_squared)
        ends, cov, errors = interval(drawn, conf_level), np.cov(drawn, rowvar=False), "draws"
        left = f", {left_out:,} left out" if left_out else ""
        provenance = Provenance.merge([provenance, draws.provenance]).then(f"regression of {outcome}{left}")
    keep = slice(None) if constant else slice(1, None)
    sd = np.sqrt(np.diagonal(m.scatter))
    return Regression(
        outcome,
        (INTERCEPT, *terms)[keep],
        {name: block for block, members in blocks.items() for name in members if block != name},
        coef[keep],
        np.atleast_2d(cov)[keep, keep],
        np.concatenate([[np.nan], b * sd[1:] / sd[0]])[keep],
        float(r_squared),
        float(np.sqrt(sigma2)),
        int(m.n),
        float(m.n_eff),
        df[keep],
        df_test,
        errors,
        provenance,
        conf_level,
        None if ends is None else ends[:, keep],
        None if drawn is None else drawn[:, keep],
        r_ends,
    )


def _solved(m: Moments) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Slopes (..., k), R² (...) and residual sum of squares (...); the outcome comes first."""
    S_yy, S_xy, S_xx = m.scatter[..., 0, 0], m.scatter[..., 1:, 0], m.scatter[..., 1:, 1:]
    b = np.linalg.solve(S_xx, S_xy[..., None])[..., 0]
    explained = (b * S_xy).sum(axis=-1)
    return b, explained / S_yy, S_yy - explained


def _with_constants(m: Moments, b: FloatArray) -> FloatArray:
    """The constant before the slopes.  (..., 1 + k)."""
    return np.concatenate([(m.mean[..., 0] - (m.mean[..., 1:] * b).sum(axis=-1))[..., None], b], axis=-1)


def _with_constant(m: Moments, b: FloatArray, cov: FloatArray, of_mean: float) -> tuple[FloatArray, FloatArray]:
    """Coefficients and covariances about the means, with the constant moved to where the drivers are zero."""
    k = len(b)
    centred = np.zeros((1 + k, 1 + k))
    centred[0, 0], centred[1:, 1:] = of_mean, cov
    move = _move(m)
    return _with_constants(m, b), move @ centred @ move.T


def _move(m: Moments) -> FloatArray:
    """What makes the constant and slopes of the mean and slopes."""
    move = np.eye(len(m.names))
    move[0, 1:] = -m.mean[1:]
    return move


def _clustered(m: Moments, groups: Moments, b: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Coefficients, CR2 covariances, their degrees of freedom and those of all slopes, from the moments of the clusters."""
    if len(groups.batch) != 1 or groups.batch[0] < 2:
        raise ModelError("clusters= needs moments with a leading axis of at least two clusters.")
    if not np.isclose(groups.weight.sum(), m.weight) or int(groups.n.sum()) != int(m.n):
        raise DataError("the clusters hold other respondents than the moments; make both from the same rows.")
    off, w = groups.mean - m.mean, groups.weight
    x = np.concatenate([np.ones((len(off), 1)), off[:, 1:]], axis=1)
    S = w[:, None, None] * x[:, :, None] * x[:, None, :]
    S[:, 1:, 1:] += groups.scatter[:, 1:, 1:]
    xy = w[:, None] * x * off[:, [0]]
    xy[:, 1:] += groups.scatter[:, 1:, 0]
    found = Clustered(S, xy - S[:, :, 1:] @ b)
    move = _move(m)
    df = np.array([found.df(row[None]) for row in move])
    return _with_constants(m, b), move @ found.cov @ move.T, df, found.df(move[1:])


@dataclass(frozen=True, eq=False)
class SimpleSlopes(Result):
    """Slope of a driver at chosen values of a moderator, in scale points of the outcome per scale point of the driver.

    Attributes
    ----------
    regression : Regression
        What it was computed from.
    driver : str
        The driver.
    moderator : str
        The moderator.
    product : str
        Their product.
    at : dict of str → float
        Name → value of the moderator.

    See Also
    --------
    loyaltylab.models.simple_slopes : Makes it.
    """

    regression: Regression
    driver: str
    moderator: str
    product: str
    at: dict[str, float]

    provenance = taken_from("regression.provenance")
    conf_level = taken_from("regression.conf_level")

    def columns(self) -> dict[str, Any]:
        fit = self.regression
        i, j = fit.names.index(self.driver), fit.names.index(self.product)
        value = np.array(list(self.at.values()))
        slope = fit.coef[i] + value * fit.coef[j]
        se = np.sqrt(fit.cov[i, i] + 2 * value * fit.cov[i, j] + value**2 * fit.cov[j, j])
        half = critical(fit.conf_level, fit.df[j]) * se
        low, high = slope - half, slope + half
        if fit.drawn is not None:
            low, high = interval(fit.drawn[:, [i]] + value * fit.drawn[:, [j]], fit.conf_level)
        return {
            "term": list(self.at),
            "at": value,
            "estimate": slope,
            "std_error": se,
            "conf_low": low,
            "conf_high": high,
        }

    def whole(self) -> dict[str, Any]:
        change = self.regression.tidy().set_index("term").loc[self.product]
        columns = ("estimate", "std_error", "p_value", "conf_low", "conf_high")
        return {**{name: change[name] for name in columns}, "n": self.regression.n}


def simple_slopes(
    regression: Regression, driver: str, moderator: str, product: str, at: Mapping[str, float]
) -> SimpleSlopes:
    """Slope of a driver at values of a moderator, from a regression with their product.

    Parameters
    ----------
    regression : Regression
        Of `ols()` with the driver, the moderator and their product (`Survey.with_product`) among its terms.
    driver, moderator, product : str
        Names of three terms of the regression.
    at : mapping of name → value
        Values of the moderator as they enter the product: distances from its mean, in scale points.

    Returns
    -------
    SimpleSlopes
        `tidy()` has a row for each value of the moderator: the slope of the driver there.

    Raises
    ------
    UnknownName, ModelError
        For a term that is not in the regression, or no value to take the slope at.

    References
    ----------
    Aiken, L. S., & West, S. G. (1991). Multiple Regression: Testing and Interpreting Interactions. Sage.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> x, z = np.repeat([-1.0, 0, 1], 20), np.tile([-1.0, 1], 30)
    >>> frame = pd.DataFrame({"y": x + 0.5 * x * z + np.sin(np.arange(60.0)), "x": x, "z": z, "xz": x * z})
    >>> fit = ols(frame, "y", ["x", "z", "xz"], n_draws=0)
    >>> simple_slopes(fit, "x", "z", "xz", {"low": -1, "high": 1}).tidy()["estimate"].round(1).tolist()
    [0.5, 1.5]
    """
    for name in (driver, moderator, product):
        regression.value(name)
    if not at:
        raise ModelError("at= names no value of the moderator to take the slope at.")
    return SimpleSlopes(regression, driver, moderator, product, {name: float(value) for name, value in at.items()})


# ---- drivers that are determined by each other ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Collinearity(Result):
    """How far each driver is determined by the others: variance inflation, its inverse, and the condition number.

    Attributes
    ----------
    moments : Moments
        Of the drivers.

    See Also
    --------
    loyaltylab.models.collinearity : Makes it.
    """

    moments: Moments

    provenance = taken_from("moments.provenance")

    @property
    def most_inflated(self) -> str:
        """The driver that can be told from the others least."""
        return str(self.tidy().sort_values("vif")["term"].iloc[-1])

    def columns(self) -> dict[str, Any]:
        vif = np.diagonal(np.linalg.inv(self.moments.corr))
        verdict = np.where(vif > RULES["variance_inflation"][0], "inflated", "apart")
        facts = {"vif": vif, "own_part": 1 / vif, "inflation": np.sqrt(vif), "verdict": verdict}
        return {"term": self.moments.names, **facts}

    def whole(self) -> dict[str, Any]:
        values = np.linalg.eigvalsh(self.moments.corr)
        data = self.tidy()
        return {
            "condition_number": float(values[-1] / values[0]),
            "condition_index": float(np.sqrt(values[-1] / values[0])),
            "vif": data["vif"].max(),
            "inflation": data["inflation"].max(),
            "n_inflated": int((data["verdict"] == "inflated").sum()),
            "n_drivers": len(data),
            "n": int(self.moments.n),
        }


def collinearity(moments: Moments, drivers: Iterable[str]) -> Collinearity:
    """Variance inflation of each driver, and the condition number of their correlation matrix.

    `inflation` is the square root of the variance inflation: by how much the interval of a driver's coefficient is wider than
    if it were uncorrelated with the others. `condition_number` is the largest eigenvalue of the correlation matrix over the
    smallest, `condition_index` its root. `verdict` follows the rule `variance_inflation` of `RULES`; there is one for
    `condition_index` too. Both are usual, and contested.

    Parameters
    ----------
    moments : Moments
        Of these drivers at least.
    drivers : iterable of str
        Two or more.

    Returns
    -------
    Collinearity
        `tidy()` has a row for each driver; 1 is no inflation.

    Raises
    ------
    ModelError
        Where a driver is determined exactly by others, naming them; for a single driver.

    Notes
    -----
    Equals R's `car::vif`, and `kappa(R, exact = TRUE)` of the correlation matrix, on swiss and attitude to 1e-10.
    `variance_inflation_factor` of statsmodels takes rows, one driver at a time, without weights; moments and printed tables
    have no rows.

    References
    ----------
    O'Brien, R. M. (2007). A caution regarding rules of thumb for variance inflation factors. Quality & Quantity 41,
    673–690. doi:10.1007/s11135-006-9018-6
    Belsley, D. A., Kuh, E., & Welsch, R. E. (1980). Regression Diagnostics. Wiley. doi:10.1002/0471725153

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> collinearity(read_table("hedonic_utilitarian").everything, ["Escapism", "Enjoyment", "Efficiency"])
    Collinearity, 3 rows by term: condition_number 6.017, condition_index 2.453, vif 1.981, inflation 1.407,
        n_inflated 0, n_drivers 3
    """
    drivers = by_name(moments, drivers, of="moments")
    m = moments.select(list(drivers))
    if len(m.names) < 2:
        raise ModelError("collinearity is about at least two drivers.")
    if tied := dependent_set(m.corr):
        raise ModelError(
            f"{listed(m.names[i] for i in tied)}: each is determined exactly by the others. Leave one out."
        )
    return Collinearity(m)
