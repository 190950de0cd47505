"""How many things a set of items measures: sampling adequacy, parallel analysis, Harman's single factor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core import ModelError, Provenance, Result, pd, taken_from
from ...kernels import FloatArray, factors
from ...moments import Moments, by_name
from .scale_checks import checked, ends, independent, summary, usable


@dataclass(frozen=True, eq=False)
class Factorability(Result):
    """Sampling adequacy of each item (Kaiser–Meyer–Olkin) and Bartlett's test that nothing correlates."""

    moments: Moments

    provenance = taken_from("moments.provenance")

    def columns(self) -> dict[str, Any]:
        return {"term": self.moments.names, "estimate": factors.kmo(self.moments.corr)[1]}

    def whole(self) -> dict[str, Any]:
        from scipy.special import chdtrc

        chi_squared, df = factors.bartlett(self.moments.corr, self.moments.n_eff)
        row = {"kmo": float(factors.kmo(self.moments.corr)[0]), "chi_squared": float(chi_squared), "df": df}
        row |= {"p_value": float(chdtrc(df, max(chi_squared, 0))), "n": int(self.moments.n)}
        return row


def factorability(moments: Moments, items: Sequence[str]) -> Factorability:
    """Do these items share enough for a factor analysis?

    Parameters
    ----------
    moments : Moments
        Of these items at least.
    items : sequence of str
        Names of the items, at least two of them.

    Returns
    -------
    Factorability
        `tidy()` has a row for each item; Bartlett's test is that of the whole.

    References
    ----------
    Kaiser, H. F. & Rice, J. (1974). Educational and Psychological Measurement 34, 111–117. doi:10.1177/001316447403400115
    Bartlett, M. S. (1951). Biometrika 38, 337–344. doi:10.1093/biomet/38.3-4.337

    Examples
    --------
    >>> import loyaltylab as ll
    >>> items = ["like_1", "like_2", "like_3"]
    >>> f"{factorability(ll.read_table('corporate_reputation_items').moments(items), items).stat('kmo'):.2f}"
    '0.72'
    """
    items = by_name(moments, items, of="moments")
    m = _items(moments, items)
    independent(m)
    return Factorability(m)


@dataclass(frozen=True, eq=False)
class ParallelAnalysis(Result):
    """Eigenvalues of the items beside those of as many independent ones; term 1 is the largest."""

    moments: Moments
    by_chance: FloatArray
    quantile: float
    seed: int

    @property
    def provenance(self) -> Provenance:
        return self.moments.provenance.then(f"{len(self.by_chance):,} draws of independent items, seed {self.seed}")

    def columns(self) -> dict[str, Any]:
        values = np.linalg.eigvalsh(self.moments.corr)[::-1]
        bound = np.quantile(self.by_chance, self.quantile, axis=0)
        terms = [str(j + 1) for j in range(len(values))]
        kept = np.where(np.cumprod(values > bound) == 1, "kept", "chance")
        return {"term": terms, "estimate": values, "share": values / len(values), "bound": bound, "verdict": kept}

    def whole(self) -> dict[str, Any]:
        kept = int((self.tidy()["verdict"] == "kept").sum())
        return {"n_factors": kept, "n": int(self.moments.n), "n_draws": len(self.by_chance)}


def parallel_analysis(
    moments: Moments, items: Sequence[str], *, quantile: float = 0.95, n_draws: int = 2000, seed: int = 1
) -> ParallelAnalysis:
    """How many components are larger than those of independent items (Horn 1965)?

    Parameters
    ----------
    moments : Moments
        One set that holds the items.
    items : sequence of str
        Three or more, none determined by the others.
    quantile : float
        Of the eigenvalues by chance, between 0 and 1; 0.95 rather than Horn's mean, which keeps too many.
    n_draws, seed : int
        Draws of independent normal items, as many respondents as n_eff.

    Returns
    -------
    ParallelAnalysis
        `tidy()` has a row for each component: its eigenvalue, and the one that chance gives.

    Raises
    ------
    ModelError
        For a quantile that is none, fewer than 100 draws, or more items than respondents.

    References
    ----------
    Horn, J. L. (1965). Psychometrika 30, 179–185. doi:10.1007/BF02289447
    Glorfeld, L. W. (1995). Educational and Psychological Measurement 55, 377–393. doi:10.1177/0013164495055003002

    Examples
    --------
    >>> import loyaltylab as ll
    >>> items = ["like_1", "like_2", "like_3", "cusl_1", "cusl_2", "cusl_3"]
    >>> m = ll.read_table("corporate_reputation_items").moments(items)
    >>> parallel_analysis(m, items, n_draws=200).stat("n_factors").value
    1
    """
    items = by_name(moments, items, of="moments")
    m = _items(moments, items)
    if not 0 < quantile < 1 or n_draws < 100:
        raise ModelError(
            f"quantile = {quantile:g}, n_draws = {n_draws}: give a quantile in 0…1 and at least 100 draws."
        )
    if m.n_eff - 1 < len(m.names):
        raise ModelError(f"{len(m.names)} items are more than there are respondents. Use fewer items.")
    by_chance = factors.random_eigenvalues(float(m.n_eff), len(m.names), n_draws, seed)
    return ParallelAnalysis(m, by_chance, quantile, seed)


@dataclass(frozen=True, eq=False)
class SingleFactor(Result):
    """Part of the variance of all items on one dimension, by measure: first component, one factor."""

    moments: Moments
    estimates: FloatArray
    provenance: Provenance
    draw_estimates: FloatArray | None = None
    n_draws_left_out: int = 0
    conf_level: float = 0.95

    def columns(self) -> pd.DataFrame:
        frame = pd.DataFrame({"term": ["component", "factor"], "estimate": self.estimates})
        if self.draw_estimates is not None:
            low, high = np.moveaxis(ends(self.draw_estimates, self.conf_level), -1, 0)
            frame = frame.assign(conf_low=low, conf_high=high)
        return frame

    def whole(self) -> dict[str, Any]:
        return summary(self.moments, self.draw_estimates, self.n_draws_left_out, self.conf_level)


def single_factor(
    moments: Moments, items: Sequence[str], *, draws: Moments | None = None, conf_level: float = 0.95
) -> SingleFactor:
    """Harman's check: how much of the variance of all items lies on one dimension?

    A large part may come from a common method or from constructs that do go together; the check cannot tell which, and a
    small part does not clear the data (Podsakoff et al. 2003).

    Parameters
    ----------
    moments : Moments
        Of these items at least.
    items : sequence of str
        Names of the items, at least two of them.
    draws : Moments, optional
        Draws of the same moments, as `survey.draws(names)` gives them; without them no intervals.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    SingleFactor
        The part of the variance of all items on one dimension, by measure.

    References
    ----------
    Podsakoff, P. M., MacKenzie, S. B., Lee, J.-Y. & Podsakoff, N. P. (2003). Journal of Applied Psychology 88, 879–903.
    doi:10.1037/0021-9010.88.5.879

    Examples
    --------
    >>> import loyaltylab as ll
    >>> items = ["like_1", "like_2", "like_3", "cusl_1", "cusl_2", "cusl_3"]
    >>> m = ll.read_table("corporate_reputation_items").moments(items)
    >>> f"{single_factor(m, items).value('component'):.0%}"
    '60%'
    """
    items = by_name(moments, items, of="moments")
    m = _items(moments, items, conf_level)

    def shares(R: FloatArray) -> FloatArray:
        return np.stack([(lam**2).mean(axis=-1) for lam in (factors.component(R), factors.one_factor(R))], axis=-1)

    if draws is None:
        return SingleFactor(m, shares(m.corr), m.provenance, conf_level=conf_level)
    kept, left_out = usable(draws, m.names)
    both = Provenance.merge([m.provenance, draws.provenance])
    return SingleFactor(m, shares(m.corr), both, shares(kept.corr), left_out, conf_level)


def _items(moments: Moments, items: Sequence[str], conf_level: float = 0.95) -> Moments:
    """The moments of two items or more."""
    names = checked(moments, {"items": items}, conf_level)["items"]
    if len(names) < 2:
        raise ModelError(f"{names[0]}: one item has no correlations; give two items or more.")
    return moments.select(names)
