"""`sampled_lmg`: LMG for more drivers than can be visited exactly, from a sample of orders of entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .errors import ModelError
from .importance import Importance, importance, usable_draws
from .linalg import FloatArray
from .moments import Moments

__all__ = ["sampled_lmg"]


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
