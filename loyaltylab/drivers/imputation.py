"""Missing answers: multiple imputation, with shares pooled by Rubin's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..codebook import as_blocks, flatten
from ..core import UNSTATED, ModelError, OneRow, Provenance, Result, pd, unknown, watched
from ..kernels import FloatArray, NormalModel, complete_rows, critical, fit_normal, over_imputations, patterns, sides
from ..moments import Moments, by_name
from ..survey import Survey, answered_something, source_of
from .decomposition import importance

_SCALES = {"logit": (lambda p: np.log(p / (1 - p)), lambda z: 1 / (1 + np.exp(-z))), "z": (np.arctanh, np.tanh)}


@dataclass(frozen=True, eq=False)
class ImputedImportance(Result):
    """Shares pooled over imputed data sets by Rubin's (1987) rules.

    `shares` (imputations, k) and `drawn` (imputations, draws, k) are those of each completed data set. The share is the mean
    over data sets; its interval is pooled on the logit, where shares have no bounds, and turned back: Student's with Barnard
    & Rubin's (1999) degrees of freedom, of which complete data would have `df_complete`.
    """

    terms: tuple[str, ...]
    members: dict[str, tuple[str, ...]]
    shares: FloatArray
    drawn: FloatArray
    method: str
    n: int
    n_incomplete: int
    df_complete: float
    provenance: Provenance
    conf_level: float = 0.95

    def columns(self) -> dict[str, Any]:
        """One row per term; `share` with its interval."""
        return {"term": self.terms} | _pooled("logit", self.shares, self.drawn, self)

    def whole(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "n": self.n,
            "n_left_out": 0,
            "n_filled": self.n_incomplete,
            "conf_level": self.conf_level,
        }

    def blocks(self) -> ImputedImportance:
        """The drivers of each block summed."""
        if tuple(self.members) == self.terms:
            return self
        group = np.array([[term in members for members in self.members.values()] for term in self.terms], dtype=float)
        return replace(self, terms=tuple(self.members), shares=self.shares @ group, drawn=self.drawn @ group)

    def contrast(self, a: str, b: str) -> ImputedContrast:
        """Share of `a` minus share of `b`, two drivers or two blocks; its interval is pooled on Fisher's z."""
        on = self if a in self.terms and b in self.terms else self.blocks()
        for name in (a, b):
            if name not in on.terms:
                raise unknown("driver or block", name, [*self.terms, *self.members])
        i, j = on.terms.index(a), on.terms.index(b)
        gaps = on.shares[:, [i]] - on.shares[:, [j]], on.drawn[..., [i]] - on.drawn[..., [j]]
        numbers = {key: float(value[0]) for key, value in _pooled("z", *gaps, self).items()}
        return ImputedContrast(a, b, numbers, self.n, self.provenance, self.conf_level)


@dataclass(frozen=True, eq=False)
class ImputedContrast(OneRow):
    """Difference of two shares over imputed data sets, −1 to 1."""

    a: str
    b: str
    numbers: dict[str, float]
    n: int
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("term", "against")

    @property
    def row(self) -> dict[str, Any]:
        named = {key.replace("share_", "").replace("share", "estimate"): value for key, value in self.numbers.items()}
        return {"term": self.a, "against": self.b} | named

    def whole(self) -> dict[str, Any]:
        return {"n": self.n, "conf_level": self.conf_level}

    @property
    def verdict(self) -> str:
        """The word "more" or "less" where the whole interval lies on one side of zero, else "undecided"."""
        row = self.row
        return str(sides(row["conf_low"], row["conf_high"]))


def imputed_importance(
    data: Survey | pd.DataFrame,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    provenance: Provenance | None = None,
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    method: str = "lmg",
    covariates: Sequence[str] = (),
    n_imputations: int = 20,
    n_draws: int = 200,
    seed: int = 1,
    conf_level: float = 0.95,
) -> ImputedImportance:
    """Importance with missing answers imputed several times from a multivariate normal model and pooled.

    Each imputation refits the model to a bootstrap sample drawn by the design (so that its uncertainty counts; King et al.
    2001), then draws the missing values given the answered ones. It assumes that whether an answer is missing depends only
    on answers that were given, and that respondents of a cluster are alike in what they answered only. Completed values
    are not rounded or clipped to the scale, which would bias correlations.

    Parameters
    ----------
    data : Survey or DataFrame
        A survey brings its weight, clusters, strata and provenance; those of a frame are named here.
    outcome, drivers, method, covariates, conf_level
        As in `importance`; a method whose shares are never below 0.
    provenance : Provenance, optional
        Of a frame: where it came from.
    weight, cluster, strata : str, optional
        Columns of a frame's design.
    n_imputations : int
        At least 5; 20 or more where much is missing.
    n_draws : int
        Bootstrap draws in each completed data set, for the variance within it.
    seed : int
        Of the imputations and the draws.

    Returns
    -------
    ImputedImportance
        `tidy()` has a row for each driver; intervals by Rubin's rules allow for what is missing.

    Raises
    ------
    DataError, ModelError
        For a respondent who answered nothing (these are counted), two variables that fewer than 10 respondents answered
        both (naming them), too few imputations, a model that cannot be fitted, or a share that is not above 0.

    See Also
    --------
    loyaltylab.survey.imputed_draws : the same model, as moments and draws for every other method.

    References
    ----------
    King, G., Honaker, J., Joseph, A. & Scheve, K. (2001). Analyzing incomplete political science data. American Political
    Science Review 95, 49–69. doi:10.1017/S0003055401000235
    Barnard, J. & Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. Biometrika 86, 948–955.
    doi:10.1093/biomet/86.4.948

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"stay": [1, 2, None, 4, 5, 3] * 10, "trust": [1, 3, 2, 5, 4, 3] * 10, "price": [2, 1, 4, None, 3, 5] * 10})
    >>> found = imputed_importance(frame, "stay", ["trust", "price"], n_imputations=5, n_draws=100)
    >>> found.tidy()["term"].tolist()
    ['trust', 'price']
    """
    outcome, drivers, covariates = by_name(data, outcome, drivers, covariates, of="rows")
    if n_imputations < 5:
        raise ModelError(f"n_imputations is {n_imputations}; allowed: 5 or more, better 20.")
    blocks, source = as_blocks(drivers), source_of(data, weight, cluster, strata, provenance)
    # gaps are drawn in this order, whatever that of the drivers
    names = sorted([outcome, *flatten(blocks), *covariates])
    for name in names:
        if name not in source.frame:
            raise unknown("column", name, source.frame.columns)
    x, design, incomplete = answered_something(source, names)
    columns = {"weight": source.weight, "cluster": source.cluster, "strata": source.strata}
    by_design = source.frame[[column for column in columns.values() if column]].reset_index(drop=True)
    of, rng = patterns(x), np.random.default_rng(seed)
    shares, drawn = [], []
    models = fit_normal(x, np.concatenate([*design.draws(n_imputations, seed, n_imputations)]), of)
    if not models.settled.all():
        raise ModelError(
            "the imputation model did not settle, or a resample has no answers to a variable; too much is missing. "
            "Use fewer variables."
        )
    for number in watched(range(n_imputations), n_imputations, "imputations"):
        model = NormalModel(models.mean[number], models.cov[number], True)
        filled = pd.concat([pd.DataFrame(complete_rows(x, model, of, rng), columns=names), by_design], axis=1)
        m = Moments.from_frame(filled, names, weight=source.weight, provenance=source.provenance)
        draws = Moments.bootstrap(
            filled, names, n_draws=n_draws, seed=seed + number, provenance=source.provenance, **columns
        )
        found = importance(m, outcome, blocks, method=method, covariates=covariates, draws=draws)
        shares.append(found.shares)
        drawn.append(found.draw_shares)
    if not (np.min(shares) > 0 and min(float(np.min(part)) for part in drawn) > 0):  # type: ignore[arg-type]
        raise ModelError(f"{method} gives shares that are not above 0 here, which cannot be pooled; use lmg.")
    few = min(len(part) for part in drawn)  # type: ignore[arg-type]
    step = f"{incomplete:,} of {len(x):,} respondents with missing answers, imputed {n_imputations} times (normal model, seed {seed}) and pooled by Rubin's rules"
    units = len(design.stratum) - len(np.unique(design.stratum))
    return ImputedImportance(
        terms=found.terms,
        members=blocks,
        shares=np.stack(shares),
        drawn=np.stack([part[:few] for part in drawn]),  # type: ignore[index]
        method=method,
        n=len(x),
        n_incomplete=incomplete,
        df_complete=float(units if source.cluster or source.strata else design.n_effective - len(names)),
        provenance=(source.provenance or UNSTATED).then(step),
        conf_level=conf_level,
    )


def _pooled(scale: str, values: FloatArray, drawn: FloatArray, result: ImputedImportance) -> dict[str, FloatArray]:
    """Mean over data sets, and its interval from a scale without bounds.  values (m, k), drawn (m, draws, k)."""
    there, back = _SCALES[scale]
    found = over_imputations(there(values), there(drawn).var(axis=1, ddof=1), result.df_complete)
    half = critical(result.conf_level, found.df) * found.std_error
    slope = values.mean(axis=0) * (1 - values.mean(axis=0)) if scale == "logit" else 1 - values.mean(axis=0) ** 2
    return {
        "share": values.mean(axis=0),
        "std_error": found.std_error * slope,
        "share_conf_low": back(found.estimate - half),
        "share_conf_high": back(found.estimate + half),
        "df": found.df,
        "missing_information": found.missing,
    }
