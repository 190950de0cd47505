"""Missing answers: multiple imputation pooled by Rubin's rules, and correlations of whoever answered both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..codebook import flatten
from ..core import DataError, ModelError, Provenance, Result, listed, unknown
from ..kernels import FloatArray, critical, symmetric_root
from ..moments import Moments
from .decomposition import Importance, importance

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ImputedImportance", "imputed_importance"]


@dataclass(frozen=True, eq=False)
class ImputedImportance(Result):
    """Importance pooled over imputed data sets by Rubin's (1987) rules.

    `estimates` (imputations, k) and `variances` (imputations, k) are those of the shares of each completed data set. The
    pooled variance is the mean variance plus (1 + 1/m) times the variance between imputations; intervals are Student's
    with Barnard & Rubin's (1999) degrees of freedom.
    """

    terms: tuple[str, ...]
    estimates: FloatArray
    variances: FloatArray
    method: str
    n: int
    n_incomplete: int
    provenance: Provenance
    conf_level: float = 0.95

    def columns(self) -> dict[str, Any]:
        """One row per term; `share` with its interval."""
        m, k = self.estimates.shape
        within, between = self.variances.mean(axis=0), self.estimates.var(axis=0, ddof=1)
        total = within + (1 + 1 / m) * between
        lam = (1 + 1 / m) * between / total
        with np.errstate(divide="ignore"):
            df_old = (m - 1) / lam**2
        df_complete = self.n - k - 1
        df_observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - lam)
        df = 1 / (1 / df_old + 1 / df_observed)
        share, half = self.estimates.mean(axis=0), critical(self.conf_level, df) * np.sqrt(total)
        return {
            "term": self.terms,
            "share": share,
            "std_error": np.sqrt(total),
            "share_conf_low": share - half,
            "share_conf_high": share + half,
            "df": df,
            "missing_information": lam,
        }

    def whole(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "n": self.n,
            "n_left_out": 0,
            "n_filled": self.n_incomplete,
            "conf_level": self.conf_level,
        }


def imputed_importance(
    frame: pd.DataFrame,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    provenance: Provenance,
    method: str = "lmg",
    covariates: Sequence[str] = (),
    n_imputations: int = 20,
    n_draws: int = 200,
    seed: int = 1,
    conf_level: float = 0.95,
) -> ImputedImportance:
    """Importance with missing answers imputed several times from a multivariate normal model and pooled.

    Each imputation refits the model to a bootstrap sample (so that its uncertainty counts; King et al. 2001), then draws
    the missing values given the answered ones. It assumes that whether an answer is missing depends only on answers that
    were given. Completed values are not rounded or clipped to the scale, which would bias correlations.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent, such as `survey.frame`.
    n_imputations : int
        At least 5; 20 or more where much is missing.
    n_draws : int
        Bootstrap draws in each completed data set, for the variance within it.
    outcome, drivers, method, covariates, conf_level
        As in `importance`.

    Raises
    ------
    DataError, ModelError
        For a respondent who answered nothing (these are counted), too few imputations, or a model that cannot be fitted.

    References
    ----------
    King, G., Honaker, J., Joseph, A. & Scheve, K. (2001). Analyzing incomplete political science data. American Political
    Science Review 95, 49–69. doi:10.1017/S0003055401000235
    Barnard, J. & Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. Biometrika 86, 948–955.
    doi:10.1093/biomet/86.4.948
    """
    import pandas as pd

    if n_imputations < 5:
        raise ModelError(f"n_imputations is {n_imputations}; allowed: 5 or more, better 20.")
    names = [outcome, *flatten(drivers), *covariates]
    for name in names:
        if name not in frame:
            raise unknown("column", name, frame.columns)
    x = frame[names].to_numpy(dtype=float)
    if silent := int(np.isnan(x).all(axis=1).sum()):
        raise DataError(f"{silent:,} of {len(x):,} respondents answered none of {listed(names)}; leave them out first.")
    rng = np.random.default_rng(seed)
    completed = [pd.DataFrame(_completed(x, rng), columns=names) for _ in range(n_imputations)]
    results = []
    for number, data in enumerate(completed):
        m = Moments.from_frame(data, names, provenance=provenance)
        draws = Moments.bootstrap(data, names, n_draws=n_draws, seed=seed + number, provenance=provenance)
        results.append(importance(m, outcome, drivers, method=method, covariates=covariates, draws=draws))
    incomplete = int(np.isnan(x).any(axis=1).sum())
    step = f"{incomplete:,} of {len(x):,} respondents with missing answers, imputed {n_imputations} times (normal model, seed {seed}) and pooled by Rubin's rules"
    return ImputedImportance(
        terms=results[0].terms,
        estimates=np.stack([result.shares for result in results]),
        variances=np.stack([_variance(result) for result in results]),
        method=method,
        n=len(x),
        n_incomplete=incomplete,
        provenance=provenance.then(step),
        conf_level=conf_level,
    )


def _variance(result: Importance) -> Any:
    shares = result.draw_shares
    return None if shares is None else shares.var(axis=0, ddof=1)


def _completed(x: FloatArray, rng: np.random.Generator) -> FloatArray:
    """x (n, k) with missing values drawn given the others, under a normal model fitted to a bootstrap sample."""
    sample = x[rng.integers(len(x), size=len(x))]
    if np.isnan(sample).all(axis=0).any():
        raise ModelError("a variable was answered by so few that a resample has none of its answers; leave it out.")
    mean, cov = _fit_normal(sample)
    out = x.copy()
    for rows, given, lacking in _patterns(x):
        expected, left = _conditional(mean, cov, x[np.ix_(rows, given)], given, lacking)
        out[np.ix_(rows, lacking)] = expected + rng.standard_normal((len(rows), len(lacking))) @ symmetric_root(left)
    return out


def _fit_normal(x: FloatArray, tolerance: float = 1e-6, most: int = 500) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of a normal model with missing values, by EM (Dempster, Laird & Rubin 1977).  x (n, k)."""
    n, k = x.shape
    mean, spread = np.nanmean(x, axis=0), np.nanvar(x, axis=0)
    cov = np.diag(spread)
    patterns = _patterns(x)
    filled = np.where(np.isnan(x), 0.0, x)
    for _ in range(most):
        extra = np.zeros((k, k))
        for rows, given, lacking in patterns:
            expected, left = _conditional(mean, cov, x[np.ix_(rows, given)], given, lacking)
            filled[np.ix_(rows, lacking)] = expected
            extra[np.ix_(lacking, lacking)] += len(rows) * left
        new_mean = filled.mean(axis=0)
        about = filled - new_mean
        new_cov = (about.T @ about + extra) / n
        change = np.abs(new_cov - cov).max() / spread.max()
        mean, cov = new_mean, new_cov
        if change < tolerance:
            return mean, cov
    raise ModelError(f"the imputation model did not settle in {most} steps; too much is missing. Use fewer variables.")


def _patterns(x: FloatArray) -> list[tuple[Any, Any, Any]]:
    """(rows, answered columns, missing columns) of every pattern with something missing."""
    absent = np.isnan(x)
    kinds, which = np.unique(absent, axis=0, return_inverse=True)
    which = which.reshape(-1)
    return [
        (np.flatnonzero(which == i), np.flatnonzero(~kind), np.flatnonzero(kind))
        for i, kind in enumerate(kinds)
        if kind.any()
    ]


def _conditional(
    mean: FloatArray, cov: FloatArray, x: FloatArray, given: Any, lacking: Any
) -> tuple[FloatArray, FloatArray]:
    """Mean (rows, lacking) and covariance (lacking, lacking) of the missing given the answered."""
    if not len(given):
        return np.broadcast_to(mean[lacking], (len(x), len(lacking))), cov[np.ix_(lacking, lacking)]
    slope = np.linalg.lstsq(cov[np.ix_(given, given)], cov[np.ix_(given, lacking)], rcond=None)[0]
    return mean[lacking] + (x - mean[given]) @ slope, cov[np.ix_(lacking, lacking)] - cov[
        np.ix_(lacking, given)
    ] @ slope
