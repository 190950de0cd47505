"""How sure a share can be: LMG from a sample of orders of entry, and how much wider intervals are because drivers go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..codebook import flatten
from ..core import Provenance, Result, pd
from ..kernels import FloatArray, interval, subsets
from ..models import Collinearity, collinearity
from ..moments import Moments, by_name, usable_draws
from .decomposition import Importance, beside, half_of_orders, importance

# ---- a sample of orders of entry -----------------------------------------------------------------------------------------


def sampled_lmg(
    moments: Moments,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    n_orders: int = 2000,
    seed: int = 1,
    covariates: Sequence[str] = (),
    draws: Moments | None = None,
    conf_level: float = 0.95,
) -> Importance:
    """LMG estimated from random orders of entry, each with its reverse (antithetic pairs).

    For any number of drivers. The parts still sum to R² exactly; each carries a sampling error, which shrinks with the
    square root of the number of orders. `importance` takes this road by itself where an exact one costs too much, from
    10,000 orders, and keeps its draws nearer to exact ones than here.

    Parameters
    ----------
    moments : Moments
        One set, holding the outcome, the drivers and the covariates.
    outcome, drivers, covariates, draws, conf_level
        As in `importance`.
    n_orders : int
        Even number of orders, at least 100; half of them drawn, half their reverses.
    seed : int
        Of the orders; draws use the same orders.

    Returns
    -------
    Importance
        As `importance` gives it.

    References
    ----------
    Castro, J., Gómez, D. & Tejada, J. (2009). Polynomial calculation of the Shapley value based on sampling.
    Computers & Operations Research 36, 1726–1730. doi:10.1016/j.cor.2008.04.004

    Examples
    --------
    >>> from loyaltylab import flatten, read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> used = ["AttLoyalty", *(names := flatten(table.codebook.blocks()))]
    >>> sampled = sampled_lmg(table.moments(used), "AttLoyalty", names, n_orders=1000)
    >>> exact = importance(table.moments(used), "AttLoyalty", names)
    >>> bool((abs(sampled.estimates - exact.estimates) < 4 * sampled.sampling_error).all())
    True
    """
    outcome, drivers, covariates = by_name(moments, outcome, drivers, covariates, of="moments")
    half = half_of_orders(n_orders, flatten(drivers), seed)
    base = importance(
        moments, outcome, drivers, method="first", covariates=covariates, draws=draws, conf_level=conf_level
    )
    names = [outcome, *base.terms, *covariates]
    rest = moments.select(names).partial(covariates)
    pairs = subsets.gains_in_orders(rest.corr, half) * (1 - base.r_squared_covariates)
    drawn = {}
    if draws is not None:
        kept, _ = usable_draws(draws.select(names))  # as many as importance() kept and counted
        R, left = beside(kept, covariates)
        drawn = {"draw_estimates": subsets.shapley_in_orders(R, half) * left[:, None]}
    step = f"lmg from {n_orders:,} sampled orders in antithetic pairs, seed {seed}"
    return replace(
        base,
        method="lmg",
        n_orders=n_orders if drawn else 0,
        n_orders_estimate=n_orders,
        estimates=pairs.mean(axis=0),
        sampling_error=pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs)),
        provenance=base.provenance.then(step),
        **drawn,
    )


# ---- what an interval costs ----------------------------------------------------------------------------------------------

#: What a ratio of two simulated widths may be off by.
_NOISE = 0.1


@dataclass(frozen=True, eq=False)
class IntervalCost(Result):
    """Width of each driver's interval against what it would be if the drivers were uncorrelated.

    `inflation` is about the coefficient (the root of its variance inflation), `share_inflation` about the LMG share:
    `width_of_share` over `width_apart`, both under normal theory with the same n.

    Attributes
    ----------
    collinearity : Collinearity
        Of the drivers.
    share_widths : array
        Width of the interval of each share.
    share_widths_apart : array
        The same if the drivers were uncorrelated.
    n_draws : int
        Draws behind each width.

    See Also
    --------
    loyaltylab.drivers.interval_cost : Makes it.
    """

    collinearity: Collinearity
    share_widths: FloatArray
    share_widths_apart: FloatArray
    n_draws: int
    provenance: Provenance
    conf_level: float = 0.95
    shown = ("n_drivers", "inflation_low", "inflation_high", "share_inflation_low", "share_inflation_high")

    @property
    def verdict(self) -> str:
        """The word "steady" where no share's interval is wider by more than the simulation's own error, else "wider"."""
        return "steady" if float(self.glance()["share_inflation_high"].iloc[0]) <= 1 + _NOISE else "wider"

    def columns(self) -> pd.DataFrame:
        return self.collinearity.tidy().assign(
            width_of_share=self.share_widths,
            width_apart=self.share_widths_apart,
            share_inflation=self.share_widths / self.share_widths_apart,
        )

    def whole(self) -> dict[str, Any]:
        data = self.tidy()
        ends = {
            f"{name}_{end}": getattr(data[name], function)()
            for name in ("inflation", "share_inflation")
            for end, function in (("low", "min"), ("high", "max"))
        }
        return {**self.collinearity.whole(), **ends, "n_draws": self.n_draws, "conf_level": self.conf_level}


def interval_cost(
    moments: Moments,
    result: Importance,
    *,
    n_draws: int = 400,
    n_orders: int = 100,
    seed: int = 1,
    conf_level: float = 0.95,
) -> IntervalCost:
    """What the correlations between drivers cost: by how much they widen the interval of each coefficient and each share.

    Parameters
    ----------
    moments : Moments
        One set, holding the outcome and the drivers of `result`.
    result : Importance
        An LMG of those drivers. Its parts are what uncorrelated drivers are made to explain.
    n_draws, n_orders, seed
        Draws from the Wishart distribution, once with the correlations as they are and once with uncorrelated drivers,
        and the sampled orders of entry in each.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    IntervalCost
        `tidy()` has a row for each driver: the width of its interval against that without correlations between
        drivers.

    Notes
    -----
    "The same, but uncorrelated" is not one thing. Keeping every driver's correlation with the outcome is impossible where
    their squares sum to more than 1, as they do for drivers that overlap. What is kept is each driver's LMG part, and
    thereby R²: an uncorrelated driver that explains the part a has the correlation √a with the outcome. The coefficient's
    factor is exact; that of a share is a simulation and holds within some ten percent with 400 draws.

    References
    ----------
    O'Brien, R. M. (2007). A caution regarding rules of thumb for variance inflation factors. Quality & Quantity 41,
    673–690. doi:10.1007/s11135-006-9018-6

    Examples
    --------
    >>> from loyaltylab import flatten, importance, read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> used = ["AttLoyalty", *flatten(table.codebook.blocks())]
    >>> m = table.moments(used)
    >>> interval_cost(m, importance(m, used[0], used[1:]), n_draws=200)
    IntervalCost, 7 rows by term: n_drivers 7, inflation_low 1.148, inflation_high 1.690, share_inflation_low 0.493,
        share_inflation_high 0.864
    """
    names = [result.outcome, *result.terms]
    names = by_name(moments, names, of="moments")
    sample = moments.select(names)
    n = max(round(float(sample.n_eff)), len(names) + 2)
    origin = sample.provenance
    R = np.eye(len(names))
    R[0, 1:] = R[1:, 0] = np.sqrt(np.clip(result.estimates, 0, None))
    plain = Moments.from_correlations(sample.corr, names, n=n, provenance=origin)
    apart = Moments.from_correlations(R, names, n=n, provenance=origin.then("drivers made uncorrelated"))
    widths = [_share_widths(m, result, n_draws, n_orders, seed, conf_level) for m in (plain, apart)]
    step = f"widths from {n_draws:,} Wishart draws each, {n_orders:,} sampled orders, seed {seed}"
    return IntervalCost(collinearity(sample, result.terms), *widths, n_draws, origin.then(step), conf_level)


def _share_widths(
    m: Moments, result: Importance, n_draws: int, n_orders: int, seed: int, conf_level: float
) -> FloatArray:
    """Width of the percentile interval of each share under normal theory."""
    drawn = m.draws(n_draws=n_draws, seed=seed)
    shares = sampled_lmg(m, result.outcome, result.terms, n_orders=n_orders, seed=seed, draws=drawn).draw_shares
    assert shares is not None  # draws were given
    low, high = interval(shares, conf_level)
    return high - low
