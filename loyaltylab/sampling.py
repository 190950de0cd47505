"""LMG from a sample of orders of entry: for more drivers than can be visited exactly, or for the draws behind intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .accelerated import kernel
from .errors import ModelError
from .importance import Importance, importance, usable_draws
from .linalg import FloatArray
from .moments import Moments
from .provenance import Provenance

__all__ = ["MOST_EXACT", "MOST_WITHOUT_NUMBA", "lmg_with_intervals", "sampled_lmg"]

#: Drivers divided exactly: with Numba 2^32 models take a few seconds, without it 2^27 do.
MOST_EXACT, MOST_WITHOUT_NUMBA = 32, 27


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
    square root of the number of orders. It is never chosen for you: `importance` refuses what it cannot visit exactly.

    Parameters
    ----------
    n_orders : int
        Even number of orders, at least 100; half of them drawn, half their reverses.
    seed : int
        Of the orders; draws use the same orders.
    outcome, drivers, covariates, draws, conf_level
        As in `importance`.

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
    if n_orders < 100 or n_orders % 2:
        raise ModelError(f"n_orders is {n_orders}; allowed: an even number of at least 100.")
    base = importance(
        moments, outcome, drivers, method="first", covariates=covariates, draws=draws, conf_level=conf_level
    )
    names = [outcome, *base.terms, *covariates]
    half = np.random.default_rng(seed).permuted(np.tile(np.arange(len(base.terms)), (n_orders // 2, 1)), axis=1)
    pairs = _pairs(moments.select(names), covariates, half)
    drawn = {}
    if draws is not None:
        kept, _ = usable_draws(draws.select(names))  # as many as importance() kept and counted
        sets = [_pairs(kept._take(at, labels=None), covariates, half).mean(axis=0) for at in range(kept.batch[0])]
        drawn = {"draw_estimates": np.stack(sets)}
    step = f"lmg from {n_orders:,} sampled orders in antithetic pairs, seed {seed}"
    return replace(
        base,
        method="lmg",
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
    most: int | None = None,
    conf_level: float = 0.95,
) -> Importance:
    """LMG of many drivers, exact, with intervals from draws in which it is sampled and put right by the exact answer.

    Two thousand exact decompositions of 30 drivers would take most of an hour. Here each draw is decomposed over the same
    few orders of entry, and the error those orders make in the sample itself, which is known exactly, is taken off
    every draw (a control variate). Beyond `most` drivers nothing is exact: the parts come from 20 times as many orders,
    and the result has a `sampling_error`.

    Parameters
    ----------
    n_orders, seed
        As in `sampled_lmg`, for the draws.
    most : int, optional
        Most drivers that are divided exactly; 32 where Numba is installed, else 27.
    outcome, drivers, draws, conf_level
        As in `importance`.

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
    Importance(lmg) of 7 terms for 'AttLoyalty': R² = 0.572, n = 190, intervals: 200 draws
    """
    few = sampled_lmg(moments, outcome, drivers, n_orders=n_orders, seed=seed, draws=draws, conf_level=conf_level)
    most = most or (MOST_WITHOUT_NUMBA if kernel() is None else MOST_EXACT)
    if len(few.terms) <= most:
        centre = importance(moments, outcome, drivers, conf_level=conf_level)
        how = f"exact over all 2^{len(few.terms)} models"
    else:
        centre = sampled_lmg(moments, outcome, drivers, n_orders=20 * n_orders, seed=seed, conf_level=conf_level)
        how = f"from {20 * n_orders:,} sampled orders of entry"
    assert few.draw_estimates is not None  # draws were given
    origin = Provenance.merge([centre.provenance, draws.provenance])
    return replace(
        few,
        estimates=centre.estimates,
        draw_estimates=few.draw_estimates + (centre.estimates - few.estimates),
        sampling_error=centre.sampling_error,
        provenance=origin.then(f"{how}; intervals from {n_orders:,} sampled orders, seed {seed}, put right by it"),
    )


def _pairs(m: Moments, covariates: Sequence[str], half: npt.NDArray[np.intp], chunk: int = 256) -> FloatArray:
    """Mean gain in R² of each driver over an order and its reverse.  half (pairs, p) → (pairs, p)."""
    rest = m.partial(covariates)
    scale = rest.scatter[0, 0] / m.scatter[0, 0]
    R = rest.corr
    parts = [
        (_gains(R, half[at : at + chunk]) + _gains(R, half[at : at + chunk, ::-1])) / 2
        for at in range(0, len(half), chunk)
    ]
    return np.concatenate(parts) * scale


def _gains(R: FloatArray, orders: npt.NDArray[np.intp]) -> FloatArray:
    """Gain in R² of each driver as it enters.  R (p+1, p+1), orders (m, p) → (m, p).

    With the outcome last in a Cholesky factor, the squares of its row are the gains, in order of entry.
    """
    index = np.concatenate([orders + 1, np.zeros((len(orders), 1), dtype=orders.dtype)], axis=1)
    factor = np.linalg.cholesky(R[index[:, :, None], index[:, None, :]])
    gains = np.empty(orders.shape)
    np.put_along_axis(gains, orders, factor[:, -1, :-1] ** 2, axis=1)
    return gains
