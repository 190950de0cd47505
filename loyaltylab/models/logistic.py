"""Logit models of binary and ordered outcomes through statsmodels, and what they say in probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..codebook import flatten
from ..contrasts import tail
from ..core import DataError, ModelError, Provenance, Result, listed, taken_from, unknown
from ..kernels import FloatArray, critical, linearised_covariance, stack
from ..moments import Design, Source, by_name, check_apart, check_enough, complete
from ..survey import Survey
from .robust import ModelRows, model_rows

# ---- rows to arrays ------------------------------------------------------------------------------------------------------

MOST_ANSWERS = 20


@dataclass(frozen=True)
class LogitRows:
    """Arrays of the complete rows: answers y (n,) in 0 … K−1, standardised columns X (n, p), weights w (n,).

    Attributes
    ----------
    outcome : str
        The variable explained.
    y : array of int
        (n,), answers 0 … K−1.
    X : array
        (n, p), standardised.
    w : array
        (n,), weights.
    K : int
        Answers there are.
    player_of : array of int
        (p,), the player a column belongs to; −1 for a covariate.
    names : sequence of str
        Of the columns.
    design : Design
        How the rows were sampled.

    See Also
    --------
    loyaltylab.models.logit_rows : Makes it.
    """

    outcome: str
    y: npt.NDArray[np.intp]
    X: FloatArray
    w: FloatArray
    K: int
    player_of: npt.NDArray[np.intp]  # of each column; −1 for covariates
    names: tuple[str, ...]  # the variable each column stands for
    design: Design


def logit_rows(
    source: Source,
    outcome: str,
    members: list[tuple[str, ...]],
    covariates: Sequence[str],
    categorical: Sequence[str],
    family: str,
) -> LogitRows:
    """Arrays of the rows complete on the outcome, the players' `members` and the covariates.

    Parameters
    ----------
    source : Source
        Rows and their design.
    outcome : str
        Name or label of the variable to explain.
    members : list of sequence of str
        The variables of each player.
    covariates : sequence of str
        Always in the model; what they explain is no share of any driver.
    categorical : sequence of str
        Those that get a column for each value but the first.
    family : str
        binary or ordered.

    Returns
    -------
    LogitRows
        Answers numbered from 0, standardised columns, weights.

    Raises
    ------
    ModelError
        For a variable everyone has the same value of, or answers that do not fit the family.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Provenance
    >>> from loyaltylab.moments import Source
    >>> frame = pd.DataFrame({"stay": [0, 1, 1, 0] * 10, "trust": [1, 3, 2, 2] * 10})
    >>> rows = logit_rows(Source(frame, Provenance("synthetic", "made up"), None, None, None), "stay", [("trust",)], (), (), "binary")
    >>> rows.K, rows.X.shape
    (2, (40, 1))
    """
    variables = [*flatten(dict(enumerate(members))), *covariates]
    used, design = complete(source, [outcome, *variables], text=categorical)
    y, K = _answers(used[outcome].to_numpy(dtype=float), outcome, family)
    owners = [j for j, group in enumerate(members) for _ in group] + [-1] * len(covariates)
    parts = [_columns(used[name].to_numpy(), name in categorical) for name in variables]
    columns = [column for part in parts for column in part]
    names = [name for name, part in zip(variables, parts, strict=True) for _ in part]
    players = [owner for owner, part in zip(owners, parts, strict=True) for _ in part]
    if flat := [name for name, part in zip(variables, parts, strict=True) if not part or np.ptp(part[0]) == 0]:
        raise ModelError(
            f"{listed(flat)}: everyone has the same value, so nothing can be explained by it. Leave it out."
        )
    return LogitRows(
        outcome=outcome,
        y=y,
        X=_standardised(np.stack(columns, axis=1), design.w, names),
        w=design.w,
        K=K,
        player_of=np.array(players),
        names=tuple(names),
        design=design,
    )


def _answers(values: FloatArray, outcome: str, family: str) -> tuple[npt.NDArray[np.intp], int]:
    """Answers as codes 0 … K−1, and K."""
    found, codes = np.unique(values, return_inverse=True)
    if len(found) < 2:
        raise ModelError(f"{outcome}: everyone has the same answer, so nothing can be explained about it.")
    if family == "binary" and found.tolist() != [0, 1]:
        raise DataError(
            f"'{outcome}' holds {listed(f'{value:g}' for value in found[:6])}{' …' if len(found) > 6 else ''}; a binary "
            "outcome holds 0 and 1. Recode it, or use family='ordered'."
        )
    if len(found) > MOST_ANSWERS:
        raise DataError(
            f"'{outcome}' holds {len(found)} different values; an ordered outcome has at most {MOST_ANSWERS} answers. "
            "Use importance() for a score."
        )
    return codes, len(found)


def _columns(values: Any, is_categorical: bool) -> list[FloatArray]:
    """A variable as columns: itself, or an indicator of each value but the first."""
    if not is_categorical:
        return [values.astype(float)]
    return [(values == value).astype(float) for value in sorted(set(values.tolist()), key=_sortable)[1:]]


def _sortable(value: Any) -> tuple[bool, Any]:
    return isinstance(value, str), value


def _standardised(X: FloatArray, w: FloatArray, names: Sequence[str]) -> FloatArray:
    """Columns of weighted mean 0 and SD 1, after checking that each says something of its own."""
    n, p = X.shape
    check_enough(n, p, "columns of drivers and covariates")
    about = X - w @ X / w.sum()
    X = about / np.sqrt(w @ about**2 / w.sum())
    check_apart((X * w[:, None]).T @ X / w.sum(), names)
    return X


def only_answers(rows: LogitRows, given: npt.NDArray[np.bool_]) -> tuple[LogitRows, npt.NDArray[np.bool_]]:
    """The rows (n,) with one of the `given` (K,) answers, these numbered anew, and which rows that are.

    Parameters
    ----------
    rows : LogitRows
        As `logit_rows` gives them.
    given : array of bool (K,)
        Which answers are kept.

    Returns
    -------
    (LogitRows, array of bool)
        The rows that are left, and which those are (n,).

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Provenance
    >>> from loyaltylab.moments import Source
    >>> frame = pd.DataFrame({"stay": [1, 2, 3, 2] * 10, "trust": [1, 3, 2, 2] * 10})
    >>> rows = logit_rows(Source(frame, Provenance("synthetic", "made up"), None, None, None), "stay", [("trust",)], (), (), "ordered")
    >>> kept, which = only_answers(rows, np.array([True, True, False]))
    >>> kept.K, int(which.sum())
    (2, 30)
    """
    keep, code = given[rows.y], np.cumsum(given) - 1
    return replace(rows, y=code[rows.y[keep]], X=rows.X[keep], w=rows.w[keep], K=int(given.sum())), keep


# ---- models --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class LogitModel(Result):
    """A logit model: `estimate` in log odds per scale point, `odds_ratio` its exponential; intervals by normal theory.

    With clusters or strata they are Student's with `df` degrees of freedom, units less strata: a cluster less one. In an ordered model the odds are those of a higher answer against a lower one, the same at every answer.
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
    df: float = float("nan")

    @property
    def mcfadden(self) -> float:
        """McFadden's R²: by how much the terms improve the likelihood, 0 to 1."""
        return 1 - self.log_likelihood / self.log_likelihood_null

    def columns(self) -> dict[str, Any]:
        se = np.sqrt(np.diagonal(self.cov))[: len(self.names)]
        half = critical(self.conf_level, self.df) * se
        low, high = self.coef - half, self.coef + half
        return {
            "term": self.names,
            "estimate": self.coef,
            "std_error": se,
            "statistic": self.coef / se,
            "p_value": 2 * tail(np.abs(self.coef / se), self.df),
            "conf_low": low,
            "conf_high": high,
            "odds_ratio": np.exp(self.coef),
            "odds_ratio_conf_low": np.exp(low),
            "odds_ratio_conf_high": np.exp(high),
        }

    def whole(self) -> dict[str, Any]:
        fit = {"mcfadden": self.mcfadden, "log_likelihood": self.log_likelihood}
        return {"outcome": self.outcome, **fit, "n": len(self.X), "conf_level": self.conf_level}

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

    Weighted where the survey has weights (errors then robust), its errors robust to the clusters and strata where it has those,
    with Student's t for the units there are: of few clusters normal theory finds something in nothing.

    Parameters
    ----------
    survey : Survey
        As `read_survey` gives it.
    outcome : str
        Name of the variable to explain.
    drivers : sequence of str
        Names of the drivers.
    covariates : sequence of str
        Also in the model.
    at_least : float, optional
        An answer of at least this counts as 1, a lower one as 0.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    LogitModel
        `tidy()` has a row for each coefficient, in log odds, and its odds ratio.

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
    outcome, drivers, covariates = by_name(survey, outcome, drivers, covariates, of="answers")
    import statsmodels.api as sm

    rows = model_rows(survey, outcome, drivers, covariates)
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
    found_cov = np.asarray(fit.cov_params())
    df = float("nan") if rows.groups is None else float(rows.groups.max())
    if rows.strata is not None:
        scores = rows.by_unit(rows.full * (w * (y - fit.mu))[:, None])
        found_cov, df = linearised_covariance(fit.normalized_cov_params, scores, rows.strata)
    turn = np.array([*range(1, len(fit.params)), 0])
    sign = np.where(turn == 0, -1.0, 1.0)  # the constant as a cut, as in an ordered model
    cov = found_cov[np.ix_(turn, turn)] * np.outer(sign, sign)
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
        df,
    )


def ordered_logit(
    survey: Survey, outcome: str, drivers: Sequence[str], *, covariates: Sequence[str] = (), conf_level: float = 0.95
) -> LogitModel:
    """Proportional-odds model of an answer on an ordered scale, without pretending its steps are equal.

    Parameters
    ----------
    survey : Survey
        Without weights, clusters or strata.
    outcome : str
        Name of the variable to explain.
    drivers : sequence of str
        Names of the drivers.
    covariates : sequence of str
        Also in the model.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    LogitModel
        `tidy()` has a row for each coefficient, in log odds, and its odds ratio.

    Raises
    ------
    DataError, ModelError
        For weights, clusters and strata, which the model does not take (`importance_of_fit` does); more than 20 answers; an
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
    outcome, drivers, covariates = by_name(survey, outcome, drivers, covariates, of="answers")
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    rows = model_rows(survey, outcome, drivers, covariates)
    if rows.groups is not None or rows.strata is not None or not np.allclose(rows.design.w, 1):
        raise DataError(
            "ordered_logit() takes no weights, clusters or strata; read the survey without them, or use logit(at_least=)."
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


def _check_separation(y: npt.NDArray[np.intp], rows: ModelRows, outcome: str, K: int) -> None:
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
            f"{outcome}: some answers to {listed(apart)} always go with the same answers of it, so no finite coefficient "
            "exists. Leave one out, or join answers that few gave."
        )


@dataclass(frozen=True, eq=False)
class MarginalEffects(Result):
    """Average change in the probability of an answer at least so high, per scale point of each driver; 0 to 1."""

    model: LogitModel
    answer: float

    provenance = taken_from("model.provenance")
    conf_level = taken_from("model.conf_level")

    def _reaching(self, parameters: FloatArray) -> FloatArray:
        """P(answer ≥ `answer`) of every row (n,)."""
        return self.model.probabilities(parameters)[:, int(np.searchsorted(self.model.answers, self.answer)) - 1]

    def _averages(self, parameters: FloatArray) -> FloatArray:
        """Average marginal effects (p,) at slopes and cuts."""
        m, P = self.model, self._reaching(parameters)
        return (m.w @ (P * (1 - P))) / m.w.sum() * parameters[: len(m.names)]

    def columns(self) -> dict[str, Any]:
        from statsmodels.tools.numdiff import approx_fprime

        m = self.model
        at = np.concatenate([m.coef, m.cuts])
        slope, gradient = self._averages(at), np.atleast_2d(approx_fprime(at, self._averages, centered=True))
        se = np.sqrt(np.einsum("ij,jk,ik->i", gradient, m.cov, gradient))
        half = critical(m.conf_level, m.df) * se
        ends = {"conf_low": slope - half, "conf_high": slope + half}
        return {"term": m.names, "estimate": slope, "std_error": se, **ends}

    def whole(self) -> dict[str, Any]:
        m = self.model
        P = self._reaching(np.concatenate([m.coef, m.cuts]))
        return {"outcome": m.outcome, "share": float(m.w @ P / m.w.sum()), "n": len(m.X)}


def marginal_effects(model: LogitModel, *, answer: float | None = None) -> MarginalEffects:
    """What a logit says in probabilities: the average change in P(answer ≥ `answer`) per scale point of each driver.

    Intervals by the delta method; a model of association, whatever its name.

    Parameters
    ----------
    model : LogitModel
        Of `logit` or `ordered_logit`.
    answer : float, optional
        The highest answer where it is not given.

    Returns
    -------
    MarginalEffects
        `tidy()` has a row for each driver, in probabilities.

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
