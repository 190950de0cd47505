"""Linear regression that needs rows, through statsmodels: robust errors, and whether it hangs on single respondents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import RULES, DataError, ModelError, Provenance, Result, check_known, listed
from ..kernels import Clustered, FloatArray, linearised_covariance
from ..moments import Design, by_name, check_apart, check_enough, check_names, complete
from ..survey import Survey, source_of
from .regression import INTERCEPT, Regression

#: Heteroskedasticity-robust errors, after MacKinnon & White (1985).
ERRORS = ("HC0", "HC1", "HC2", "HC3")


@dataclass(frozen=True)
class ModelRows:
    """Arrays of the complete rows: y (n,), X (n, k) and the design."""

    y: FloatArray
    X: FloatArray
    terms: tuple[str, ...]
    design: Design
    provenance: Provenance

    @property
    def full(self) -> FloatArray:
        """X with a constant before it."""
        return np.column_stack([np.ones(len(self.y)), self.X])

    @property
    def strata(self) -> npt.NDArray[np.intp] | None:
        """The stratum of each unit, where there are several."""
        return self.design.stratum if self.design.stratum.any() else None

    def by_unit(self, values: FloatArray) -> FloatArray:
        """Rows summed by cluster, or as they are where there are none.  (n, k) → (units, k)."""
        return np.stack([np.bincount(self.design.unit, column) for column in values.T], axis=1)

    @property
    def groups(self) -> npt.NDArray[np.intp] | None:
        """The cluster of each row, where there are clusters."""
        return self.design.unit if self.design.units.startswith("clusters") else None


def model_rows(survey: Survey, outcome: str, drivers: Sequence[str], covariates: Sequence[str]) -> ModelRows:
    """The rows complete on outcome, drivers and covariates, once it is sure that each of these says something of its own."""
    if not isinstance(survey, Survey):
        raise DataError(
            "this model needs the answers of respondents; give a survey, as read_survey() makes. ols() takes moments."
        )
    check_names(outcome, list(drivers), {name: (name,) for name in drivers}, covariates)
    terms = (*drivers, *covariates)
    used, design = complete(source_of(survey, None, None, None, None), survey.present([outcome, *terms]))
    X = used[list(terms)].to_numpy(dtype=float)
    check_enough(len(used), len(terms))
    if flat := [name for name, column in zip(terms, X.T, strict=True) if np.ptp(column) == 0]:
        raise ModelError(
            f"{listed(flat)}: everyone has the same value, so nothing can be explained by it. Leave it out."
        )
    check_apart(np.atleast_2d(np.corrcoef(X, rowvar=False)), terms)
    return ModelRows(used[outcome].to_numpy(dtype=float), X, terms, design, survey.provenance.then(design.step))


def robust_ols(
    survey: Survey,
    outcome: str,
    drivers: Sequence[str],
    *,
    covariates: Sequence[str] = (),
    errors: str = "HC3",
    conf_level: float = 0.95,
) -> Regression:
    """Linear regression from rows, its errors robust to unequal spread; to the clusters and strata the survey has.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    outcome : str
        Name or label of the variable to explain.
    drivers : sequence of str
        Items or scales.
    covariates : sequence of str
        Always in the model; what they explain is no share of any driver.
    errors : {"HC0", "HC1", "HC2", "HC3"}
        HC3 is the safest in small samples. With clusters the errors are CR2 instead, with Satterthwaite's degrees of
        freedom, which hold with few clusters; with strata they are linearised by the design, with units less strata
        degrees of freedom. The result says which.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Regression
        In scale points of the outcome per scale point of a driver, weighted where the survey has weights.

    Raises
    ------
    UnknownName, DataError, ModelError
        For other errors, names that stand twice, drivers that say the same thing, too few respondents.

    Notes
    -----
    HC errors are statsmodels' and equal R's `sandwich::vcovHC` on swiss and attitude to 1e-10; CR2, its degrees of freedom
    and the test of all slopes equal R's `clubSandwich`, those of a design `survey::svyglm`, to 1e-8.

    References
    ----------
    MacKinnon, J. G., & White, H. (1985). Some heteroskedasticity-consistent covariance matrix estimators with improved
    finite sample properties. Journal of Econometrics 29, 305–325. doi:10.1016/0304-4076(85)90158-7
    Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
    samples. Survey Methodology 28, 169–181.
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. International
    Statistical Review 51, 279–292. doi:10.2307/1402588
    Long, J. S., & Ervin, L. H. (2000). Using heteroscedasticity consistent standard errors in the linear regression model.
    The American Statistician 54, 217–224. doi:10.1080/00031305.2000.10474549

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> robust_ols(simulate(n=1000), "LOYALTY", ["EMOTION", "RATIONAL"]).errors
    'HC3'
    """
    outcome, drivers, covariates = by_name(survey, outcome, drivers, covariates, of="answers")
    from statsmodels.regression.linear_model import WLS

    check_known("kind of errors", errors, ERRORS)
    rows = model_rows(survey, outcome, drivers, covariates)
    X, w = rows.full, rows.design.w
    fit = WLS(rows.y, X, weights=w).fit(cov_type=errors, use_t=True)
    cov, df, df_test, kind = np.asarray(fit.cov_params()), np.full(X.shape[1], fit.df_resid), fit.df_resid, errors
    if rows.groups is not None or rows.strata is not None:
        cov, df, df_test, kind = _by_design(rows, fit.resid)
    sd = np.sqrt(np.diagonal(np.cov(rows.X.T, rows.y, aweights=w)))
    return Regression(
        outcome,
        (INTERCEPT, *rows.terms),
        {},
        fit.params,
        cov,
        np.concatenate([[np.nan], fit.params[1:] * sd[:-1] / sd[-1]]),
        float(fit.rsquared),
        float(np.sqrt(fit.scale)),
        len(rows.y),
        rows.design.n_effective,
        df,
        float(df_test),
        kind,
        rows.provenance.then(f"regression of {outcome}, errors {kind}"),
        conf_level,
    )


def _by_design(rows: ModelRows, rest: FloatArray) -> tuple[FloatArray, FloatArray, float, str]:
    """Covariances, degrees of freedom, those of all slopes, and the kind of errors, where there are clusters or strata."""
    X, w = rows.full, rows.design.w
    scores = rows.by_unit(X * (w * rest)[:, None])
    if rows.strata is not None:
        cov, df = linearised_covariance(np.linalg.inv((X.T * w) @ X), scores, rows.strata)
        return cov, np.full(X.shape[1], df), df, "design"
    k = X.shape[1]
    S = rows.by_unit((w[:, None, None] * X[:, :, None] * X[:, None, :]).reshape(len(X), k * k)).reshape(-1, k, k)
    found, unit_rows = Clustered(S, scores), np.eye(k)
    return found.cov, np.array([found.df(row[None]) for row in unit_rows]), found.df(unit_rows[1:]), "cluster"


@dataclass(frozen=True, eq=False)
class Influence(Result):
    """How far single respondents carry a regression: how many stand out by each rule, and what leaving one out changes.

    No respondent is named; counts below 10 are common here and concern nobody in particular.
    """

    names: tuple[str, ...]
    counts: dict[str, int]
    bounds: dict[str, float]
    coef: FloatArray
    std_error: FloatArray
    change: FloatArray
    n: int
    provenance: Provenance

    def columns(self) -> dict[str, Any]:
        return {
            "term": self.names,
            "estimate": self.coef,
            "std_error": self.std_error,
            "largest_change": np.abs(self.change) / self.std_error,
            "sign_kept": np.sign(self.coef + self.change) == np.sign(self.coef),
        }

    def whole(self) -> dict[str, Any]:
        return {**{f"n_{rule}": count for rule, count in self.counts.items()}, "n": self.n}


def influence(survey: Survey, outcome: str, drivers: Sequence[str], *, covariates: Sequence[str] = ()) -> Influence:
    """Does a regression hang on single respondents?

    Counted are respondents beyond the rules `cook` (4/n), `leverage` (2k/n) and `studentised` (3) of `RULES`; and for each coefficient the largest change, in standard errors, when one respondent is left out.

    Parameters
    ----------
    survey : Survey
        With rows, without weights.
    outcome : str
        Name of the variable to explain.
    drivers : sequence of str
        Names of the drivers.
    covariates : sequence of str
        Also in the model.

    Returns
    -------
    Influence
        How many respondents stand out by each rule, and what leaving one out changes.

    Raises
    ------
    DataError, ModelError
        As `robust_ols()`; for a survey with weights, whose influence statsmodels does not compute.

    Notes
    -----
    Through statsmodels' `OLSInfluence`; the changes equal fits without each respondent.

    References
    ----------
    Belsley, D. A., Kuh, E., & Welsch, R. E. (1980). Regression Diagnostics. Wiley. doi:10.1002/0471725153
    Cook, R. D. (1977). Detection of influential observation in linear regression. Technometrics 19, 15–18.
    doi:10.1080/00401706.1977.10489493

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> bool(influence(simulate(n=1000), "LOYALTY", ["EMOTION"]).tidy()["sign_kept"].all())
    True
    """
    outcome, drivers, covariates = by_name(survey, outcome, drivers, covariates, of="answers")
    from statsmodels.regression.linear_model import OLS
    from statsmodels.stats.outliers_influence import OLSInfluence

    rows = model_rows(survey, outcome, drivers, covariates)
    if not np.allclose(rows.design.w, rows.design.w[0]):
        raise DataError("influence() takes no weights; read the survey without them.")
    fit = OLS(rows.y, rows.full).fit()
    found, (n, k) = OLSInfluence(fit), rows.full.shape
    bounds = {
        "cook": RULES["cook"][0] / n,
        "leverage": RULES["leverage"][0] * k / n,
        "residual": RULES["studentised"][0],
    }
    values = {
        "cook": found.cooks_distance[0],
        "leverage": found.hat_matrix_diag,
        "residual": np.abs(found.resid_studentized_external),
    }
    H = np.linalg.inv(rows.full.T @ rows.full)
    moved = -(rows.full @ H) * (fit.resid / (1 - found.hat_matrix_diag))[:, None]
    worst = moved[np.abs(moved).argmax(axis=0), range(k)]
    return Influence(
        rows.terms,
        {rule: int((values[rule] > bound).sum()) for rule, bound in bounds.items()},
        bounds,
        fit.params[1:],
        fit.bse[1:],
        worst[1:],
        n,
        rows.provenance.then(f"influence on the regression of {outcome}"),
    )
