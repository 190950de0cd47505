"""LMG from a sample of orders of entry: for more drivers than can be visited exactly, or for the draws behind intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..codebook import flatten
from ..kernels import subsets
from ..moments import Moments, by_name, usable_draws
from .decomposition import Importance, half_of_orders, importance


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
        left = kept.partial(covariates)
        part = left.scatter[:, 0, 0] / kept.scatter[:, 0, 0]  # of the outcome, which the covariates leave
        drawn = {"draw_estimates": subsets.shapley_in_orders(left.corr, half) * part[:, None]}
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


def lmg_with_intervals(
    moments: Moments,
    outcome: str,
    drivers: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    draws: Moments,
    n_orders: int = 100,
    seed: int = 1,
    conf_level: float = 0.95,
) -> Importance:
    """LMG of many drivers, exact, with intervals from draws in which it is sampled and put right by the exact answer.

    Two thousand exact decompositions of 30 drivers would take most of an hour. Here each draw is decomposed over the same
    few orders of entry, and the error those orders make in the sample itself, which is known exactly, is taken off
    every draw (a control variate). Beyond 32 drivers nothing is exact: the parts come from 100 times as many orders,
    and the result has a `sampling_error`. It is `importance(division="sampled")`, also where exact draws cost little.

    Parameters
    ----------
    moments : Moments
        One set, holding the outcome and the drivers.
    outcome, drivers, draws, conf_level
        As in `importance`.
    n_orders, seed
        As in `sampled_lmg`, for the draws.

    Returns
    -------
    Importance
        As `importance` gives it.

    Notes
    -----
    Against 150 exact draws of 27 drivers of the corporate reputation survey (n = 341) the standard errors are right
    within 3 percent on average, and the draws off by 6 percent of a standard error (23 without the correction).

    References
    ----------
    Castro, J., Gómez, D. & Tejada, J. (2009). Polynomial calculation of the Shapley value based on sampling.
    Computers & Operations Research 36, 1726–1730. doi:10.1016/j.cor.2008.04.004

    Examples
    --------
    >>> from loyaltylab import flatten, read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> used = ["AttLoyalty", *(names := flatten(table.codebook.blocks()))]
    >>> lmg_with_intervals(table.moments(used), used[0], names, draws=table.draws(used, n_draws=200, seed=1))
    Importance, 7 rows by term: method lmg, outcome AttLoyalty, fit r_squared, r_squared 0.572 (0.454 to 0.645), n
        190, n_draws 200, n_orders 100
    """
    outcome, drivers = by_name(moments, outcome, drivers, of="moments")
    return importance(
        moments, outcome, drivers, draws=draws, conf_level=conf_level, division="sampled", n_orders=n_orders, seed=seed
    )
