"""Regression models that need rows, through statsmodels: robust errors, binary and ordered outcomes, and influence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import DataError, ModelError, listed, unknown
from .importance import check_names
from .linalg import FloatArray, dependent_set
from .logit import stack
from .provenance import Provenance
from .regression import INTERCEPT, Regression
from .results import Result
from .rows import Design, complete, source_of
from .survey import Survey

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ERRORS",
    "Influence",
    "LogitModel",
    "MarginalEffects",
    "influence",
    "logit",
    "marginal_effects",
    "ordered_logit",
    "robust_ols",
]

#: Heteroskedasticity-robust errors, after MacKinnon & White (1985).
ERRORS = ("HC0", "HC1", "HC2", "HC3")
MOST_ANSWERS = 20


@dataclass(frozen=True)
class _Rows:
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
    def groups(self) -> npt.NDArray[np.intp] | None:
        """The cluster of each row, where there are clusters."""
        return self.design.unit if self.design.units.startswith("clusters") else None


def _rows(survey: Survey, outcome: str, drivers: Sequence[str], covariates: Sequence[str]) -> _Rows:
    if not isinstance(survey, Survey):
        raise DataError(
            "this model needs the answers of respondents; give a survey, as read_survey() makes. ols() takes moments."
        )
    check_names(outcome, list(drivers), {name: (name,) for name in drivers}, covariates)
    terms = (*drivers, *covariates)
    used, design = complete(source_of(survey, None, None, None, None), survey.present([outcome, *terms]))
    X = used[list(terms)].to_numpy(dtype=float)
    if len(used) <= len(terms) + 1:
        raise ModelError(
            f"{len(used)} complete respondents are too few for {len(terms)} terms; use fewer, or more respondents."
        )
    if flat := [name for name, column in zip(terms, X.T, strict=True) if np.ptp(column) == 0]:
        raise ModelError(
            f"{listed(flat)}: everyone has the same value, so nothing can be explained by it. Leave it out."
        )
    if tied := dependent_set(np.atleast_2d(np.corrcoef(X, rowvar=False))):
        raise ModelError(
            f"{listed(terms[i] for i in tied)}: each is determined exactly by the others, so their coefficients cannot be "
            "told apart. Leave one out."
        )
    return _Rows(used[outcome].to_numpy(dtype=float), X, terms, design, survey.provenance.then(design.step))


def robust_ols(
    survey: Survey,
    outcome: str,
    drivers: Sequence[str],
    *,
    covariates: Sequence[str] = (),
    errors: str = "HC3",
    conf_level: float = 0.95,
) -> Regression:
    """Linear regression from rows, its errors robust to unequal spread; to clusters where the survey has them.

    Parameters
    ----------
    errors : {"HC0", "HC1", "HC2", "HC3"}
        HC3 is the safest in small samples. With clusters the errors are cluster-robust (CR1) instead, and say so.

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
    Coefficients and errors are statsmodels' and equal R's `sandwich::vcovHC` on swiss and attitude to 1e-10.

    References
    ----------
    MacKinnon, J. G., & White, H. (1985). Some heteroskedasticity-consistent covariance matrix estimators with improved
    finite sample properties. Journal of Econometrics 29, 305–325. doi:10.1016/0304-4076(85)90158-7
    Long, J. S., & Ervin, L. H. (2000). Using heteroscedasticity consistent standard errors in the linear regression model.
    The American Statistician 54, 217–224. doi:10.1080/00031305.2000.10474549

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> robust_ols(simulate(n=1000), "LOYALTY", ["EMOTION", "RATIONAL"]).errors
    'HC3'
    """
    from statsmodels.regression.linear_model import WLS

    if errors not in ERRORS:
        raise unknown("kind of errors", errors, ERRORS)
    rows = _rows(survey, outcome, drivers, covariates)
    model = WLS(rows.y, rows.full, weights=rows.design.w)
    if rows.groups is None:
        fit = model.fit(cov_type=errors, use_t=True)
        df, kind = float(fit.df_resid), errors
    else:
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": rows.groups, "df_correction": True}, use_t=True)
        df, kind = float(rows.groups.max()), "cluster"
    sd = np.sqrt(np.diagonal(np.cov(rows.X.T, rows.y, aweights=rows.design.w)))
    return Regression(
        outcome,
        (INTERCEPT, *rows.terms),
        {},
        fit.params,
        np.asarray(fit.cov_params()),
        np.concatenate([[np.nan], fit.params[1:] * sd[:-1] / sd[-1]]),
        float(fit.rsquared),
        float(np.sqrt(fit.scale)),
        len(rows.y),
        df,
        kind,
        rows.provenance.then(f"regression of {outcome}, errors {kind}"),
        conf_level,
    )


@dataclass(frozen=True, eq=False)
class LogitModel(Result):
    """A logit model: `estimate` in log odds per scale point, `odds_ratio` its exponential; intervals by normal theory.

    In an ordered model the odds are those of a higher answer against a lower one, the same at every answer.
    """

    outcome: str
    names: tuple[str, ...]
    coef: FloatArray
    cov: FloatArray
    cuts: FloatArray
    answers: FloatArray
    log_likelihood: float
    log_likelihood_null: float
    provenance: Provenance
    X: FloatArray = field(repr=False)
    w: FloatArray = field(repr=False)
    conf_level: float = 0.95

    def __repr__(self) -> str:
        kind = "Logit" if len(self.answers) == 2 else f"Ordered logit, {len(self.answers)} answers,"
        return f"{kind} of '{self.outcome}' on {len(self.names)} terms: McFadden R² = {self.mcfadden:.3f}, n = {len(self.X):,}"

    @property
    def mcfadden(self) -> float:
        """McFadden's R²: by how much the terms improve the likelihood, 0 to 1."""
        return 1 - self.log_likelihood / self.log_likelihood_null

    def tidy(self) -> pd.DataFrame:
        import pandas as pd
        from scipy.stats import norm

        se = np.sqrt(np.diagonal(self.cov))[: len(self.names)]
        half = norm.ppf((1 + self.conf_level) / 2) * se
        low, high = self.coef - half, self.coef + half
        return pd.DataFrame(
            {
                "term": self.names,
                "estimate": self.coef,
                "std_error": se,
                "statistic": self.coef / se,
                "p_value": 2 * norm.sf(np.abs(self.coef / se)),
                "conf_low": low,
                "conf_high": high,
                "odds_ratio": np.exp(self.coef),
                "odds_ratio_conf_low": np.exp(low),
                "odds_ratio_conf_high": np.exp(high),
            }
        )

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        facts = {"outcome": self.outcome, "mcfadden": self.mcfadden, "log_likelihood": self.log_likelihood}
        return pd.DataFrame({**{k: [v] for k, v in facts.items()}, "n": [len(self.X)], "conf_level": [self.conf_level]})

    def probabilities(self, parameters: FloatArray) -> FloatArray:
        """P(answer ≥ each but the lowest) of every row, for slopes and cuts in one vector.  → (n, K − 1)."""
        from scipy.special import expit

        p = len(self.names)
        return expit(self.X @ parameters[:p, None] - parameters[p:])


def logit(
    survey: Survey,
    outcome: str,
    drivers: Sequence[str],
    *,
    covariates: Sequence[str] = (),
    at_least: float | None = None,
    conf_level: float = 0.95,
) -> LogitModel:
    """Logit model of a binary outcome: one of 0 and 1, or whether an answer is `at_least` so high.

    Weighted where the survey has weights (errors then robust), its errors robust to clusters where it has those.

    Raises
    ------
    DataError, ModelError
        For an outcome that is not 0 and 1 where `at_least` is not given, one everybody answers alike, and drivers that
        separate the answers exactly, for which no finite coefficient exists.

    Notes
    -----
    Estimates are statsmodels' and equal R's `glm` on MASS::birthwt.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> logit(simulate(n=1000), "always_buys", ["EMOTION", "RATIONAL"]).names
    ('EMOTION', 'RATIONAL')
    """
    import statsmodels.api as sm

    rows = _rows(survey, outcome, drivers, covariates)
    found = np.unique(rows.y)
    if at_least is None and not np.isin(found, [0, 1]).all():
        raise DataError(
            f"'{outcome}' holds {listed(f'{value:g}' for value in found[:6])}{' …' if len(found) > 6 else ''}; a binary "
            "outcome holds 0 and 1. Say from which answer on with at_least=, or use ordered_logit()."
        )
    y = rows.y if at_least is None else (rows.y >= at_least).astype(float)
    _check_separation(y.astype(np.intp), rows, outcome, 2)
    weighted = not np.allclose(rows.design.w, 1)
    w = rows.design.w / rows.design.w.mean()
    model = sm.GLM(y, rows.full, family=sm.families.Binomial(), var_weights=w)
    options: dict[str, Any] = {"cov_type": "HC0"} if weighted else {}
    if rows.groups is not None:
        options = {"cov_type": "cluster", "cov_kwds": {"groups": rows.groups}}
    fit = model.fit(tol=1e-12, **options)
    turn = np.array([*range(1, len(fit.params)), 0])
    sign = np.where(turn == 0, -1.0, 1.0)  # the constant as a cut, as in an ordered model
    cov = np.asarray(fit.cov_params())[np.ix_(turn, turn)] * np.outer(sign, sign)
    return LogitModel(
        outcome,
        rows.terms,
        fit.params[1:],
        cov,
        -fit.params[:1],
        np.array([0.0, 1.0]),
        float(fit.llf),
        float(fit.llnull),
        rows.provenance.then(f"logit of {outcome}" + (f" ≥ {at_least:g}" if at_least is not None else "")),
        rows.X,
        w,
        conf_level,
    )


def ordered_logit(
    survey: Survey,
    outcome: str,
    drivers: Sequence[str],
    *,
    covariates: Sequence[str] = (),
    conf_level: float = 0.95,
) -> LogitModel:
    """Proportional-odds model of an answer on an ordered scale, without pretending its steps are equal.

    Raises
    ------
    DataError, ModelError
        For weights and clusters, which the model does not take (`importance_of_fit` does); more than 20 answers; an
        outcome everybody answers alike; drivers that separate the answers exactly.

    Notes
    -----
    Estimates are statsmodels' `OrderedModel` and equal R's `MASS::polr`.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal Statistical Society B 42, 109–142.
    doi:10.1111/j.2517-6161.1980.tb01109.x

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> len(ordered_logit(simulate(n=1000), "att_loyal", ["EMOTION"]).cuts)
    6
    """
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    rows = _rows(survey, outcome, drivers, covariates)
    if rows.groups is not None or not np.allclose(rows.design.w, 1):
        raise DataError(
            "ordered_logit() takes no weights or clusters; read the survey without them, or use logit(at_least=)."
        )
    found, y = np.unique(rows.y, return_inverse=True)
    if len(found) > MOST_ANSWERS:
        raise DataError(
            f"'{outcome}' holds {len(found)} different values; an ordered outcome has at most {MOST_ANSWERS} answers. Use ols() for a score."
        )
    _check_separation(y, rows, outcome, len(found))
    centre, spread = rows.X.mean(axis=0), rows.X.std(axis=0)
    model = OrderedModel(y, (rows.X - centre) / spread, distr="logit")
    fit = model.fit(method="bfgs", disp=False, gtol=1e-8, maxiter=500)
    if not fit.mle_retvals["converged"]:
        fit = model.fit(start_params=fit.params, method="newton", disp=False, maxiter=100)
    p, K = rows.X.shape[1], len(found)
    # statsmodels has the first cut and the logarithms of the steps to the next ones; here the cuts themselves are wanted
    steps = np.exp(fit.params[p + 1 :])
    jacobian = np.zeros((p + K - 1, p + K - 1))
    jacobian[range(p), range(p)] = 1 / spread
    jacobian[p:, :p] = centre / spread
    jacobian[p:, p] = 1
    for j in range(1, K - 1):
        jacobian[p + j :, p + j] = steps[j - 1]
    slopes = fit.params[:p] / spread
    cuts = fit.params[p] + np.concatenate([[0.0], np.cumsum(steps)]) + slopes @ centre
    return LogitModel(
        outcome,
        rows.terms,
        slopes,
        jacobian @ np.asarray(fit.cov_params()) @ jacobian.T,
        cuts,
        found,
        float(fit.llf),
        float(fit.llnull),
        rows.provenance.then(f"ordered logit of {outcome}"),
        rows.X,
        rows.design.w,
        conf_level,
    )


def _check_separation(y: npt.NDArray[np.intp], rows: _Rows, outcome: str, K: int) -> None:
    """Refuse answers without a finite maximum of the likelihood (Albert & Anderson 1984, doi:10.1093/biomet/71.1.1)."""
    from scipy.optimize import linprog

    if len(np.unique(y)) < 2:
        raise ModelError(f"{outcome}: everyone has the same answer, so nothing can be explained about it.")
    D = stack(y, (rows.X - rows.X.mean(axis=0)) / rows.X.std(axis=0), K).D

    def separates(columns: Sequence[int]) -> bool:
        part = D[:, [*range(K - 1), *(K - 1 + j for j in columns)]]
        found = linprog(-part.sum(axis=0), A_ub=-part, b_ub=np.zeros(len(part)), bounds=[(-1, 1)] * part.shape[1])
        return found.status == 0 and -found.fun > 1e-6

    everything = range(len(rows.terms))
    if separates(everything):
        apart = [name for j, name in enumerate(rows.terms) if separates([j])] or rows.terms
        raise ModelError(
            f"{outcome}: {listed(apart)} can tell the answers apart without error, so no finite coefficient exists. Leave "
            "one out, or join answers that few gave."
        )


@dataclass(frozen=True, eq=False)
class MarginalEffects(Result):
    """Average change in the probability of an answer at least so high, per scale point of each driver; 0 to 1."""

    model: LogitModel
    answer: float

    @property
    def provenance(self) -> Provenance:  # type: ignore[override]
        return self.model.provenance

    @property
    def conf_level(self) -> float:
        """Confidence level of the intervals."""
        return self.model.conf_level

    def __repr__(self) -> str:
        return f"MarginalEffects of {len(self.model.names)} terms on P({self.model.outcome} ≥ {self.answer:g})"

    def _reaching(self, parameters: FloatArray) -> FloatArray:
        """P(answer ≥ `answer`) of every row (n,)."""
        return self.model.probabilities(parameters)[:, int(np.searchsorted(self.model.answers, self.answer)) - 1]

    def _averages(self, parameters: FloatArray) -> FloatArray:
        """Average marginal effects (p,) at slopes and cuts."""
        m, P = self.model, self._reaching(parameters)
        return (m.w @ (P * (1 - P))) / m.w.sum() * parameters[: len(m.names)]

    def tidy(self) -> pd.DataFrame:
        import pandas as pd
        from scipy.stats import norm
        from statsmodels.tools.numdiff import approx_fprime

        m = self.model
        at = np.concatenate([m.coef, m.cuts])
        slope, gradient = self._averages(at), np.atleast_2d(approx_fprime(at, self._averages, centered=True))
        se = np.sqrt(np.einsum("ij,jk,ik->i", gradient, m.cov, gradient))
        half = norm.ppf((1 + m.conf_level) / 2) * se
        ends = {"conf_low": slope - half, "conf_high": slope + half}
        return pd.DataFrame({"term": m.names, "estimate": slope, "std_error": se, **ends})

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        m = self.model
        P = self._reaching(np.concatenate([m.coef, m.cuts]))
        return pd.DataFrame({"outcome": [m.outcome], "share": [float(m.w @ P / m.w.sum())], "n": [len(m.X)]})


def marginal_effects(model: LogitModel, *, answer: float | None = None) -> MarginalEffects:
    """What a logit says in probabilities: the average change in P(answer ≥ `answer`) per scale point of each driver.

    Intervals by the delta method; a model of association, whatever its name.

    Parameters
    ----------
    answer : float, optional
        The highest answer where it is not given.

    Raises
    ------
    UnknownName
        For an answer nobody gave, or the lowest, which everybody reaches.

    Notes
    -----
    Equals statsmodels' `get_margeff(at="overall")` for a binary logit.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> found = marginal_effects(logit(simulate(n=1000), "always_buys", ["EMOTION", "RATIONAL"]))
    >>> bool(0 < found.value("EMOTION").value < 0.5)
    True
    """
    answer = float(model.answers[-1]) if answer is None else float(answer)
    if answer not in model.answers[1:]:
        raise unknown(f"answer of {model.outcome}", f"{answer:g}", [f"{a:g}" for a in model.answers[1:]])
    return MarginalEffects(model, answer)


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

    def __repr__(self) -> str:
        data = self.tidy()
        return f"Influence on {len(self.names)} coefficients: leaving one of {self.n:,} respondents out moves one by at most {data['largest_change'].max():.2f} standard errors"

    def tidy(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(
            {
                "term": self.names,
                "estimate": self.coef,
                "std_error": self.std_error,
                "largest_change": np.abs(self.change) / self.std_error,
                "sign_kept": np.sign(self.coef + self.change) == np.sign(self.coef),
            }
        )

    def glance(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame({**{f"n_{rule}": [count] for rule, count in self.counts.items()}, "n": [self.n]})


def influence(survey: Survey, outcome: str, drivers: Sequence[str], *, covariates: Sequence[str] = ()) -> Influence:
    """Does a regression hang on single respondents?

    Counted are respondents with Cook's distance above 4/n, leverage above 2k/n, or a studentised residual beyond 3; and
    for each coefficient the largest change, in standard errors, when one respondent is left out.

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
    from statsmodels.regression.linear_model import OLS
    from statsmodels.stats.outliers_influence import OLSInfluence

    rows = _rows(survey, outcome, drivers, covariates)
    if not np.allclose(rows.design.w, rows.design.w[0]):
        raise DataError("influence() takes no weights; read the survey without them.")
    fit = OLS(rows.y, rows.full).fit()
    found, (n, k) = OLSInfluence(fit), rows.full.shape
    bounds = {"cook": 4 / n, "leverage": 2 * k / n, "residual": 3.0}
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
