"""Array kernels: intervals from draws, as R's boot package defines them (Davison & Hinkley 1997, chapter 5).

Percentile is the default because it held the truth most nearly as often as it says. Coverage of 95 % intervals in 1,000
samples of a population with the correlations of the corporate reputation table, 1,000 draws each (`tests/benchmarks/coverage.py`):

====================================  ==========  =====  =====  ======
quantity, n                           percentile  basic    bca  normal
====================================  ==========  =====  =====  ======
shares of six drivers, 100                  94.9   84.5   89.2    90.4
shares of six drivers, 344                  95.2   89.6   93.0    92.4
difference of two blocks, 100               92.4   86.8   90.1    88.9
difference of two blocks, 344               94.8   92.5   93.2    93.0
indirect effect, 100                        94.4   93.6   95.4    94.6
indirect effect, 344                        94.8   94.3   95.2    94.3
====================================  ==========  =====  =====  ======
"""

from __future__ import annotations

import numpy as np

from .linalg import FloatArray

__all__ = ["KINDS", "acceleration", "interval", "quantile"]

KINDS = ("percentile", "basic", "bca", "normal")


def quantile(draws: FloatArray, alpha: FloatArray) -> FloatArray:
    """Quantiles at (B + 1) α, interpolated on the normal scale.  draws (B, k), alpha (m, k) or (m, 1) → (m, k)."""
    from scipy.special import ndtri

    ordered, B, k = np.sort(draws, axis=0), len(draws), draws.shape[1]
    alpha = np.broadcast_to(alpha, (len(alpha), k))
    rank = (B + 1) * alpha
    below = np.clip(np.floor(rank + 1e-10).astype(int), 1, B - 1)
    lower, upper = (np.take_along_axis(ordered, at, axis=0) for at in (below - 1, below))
    z, z0, z1 = ndtri(alpha), ndtri(below / (B + 1)), ndtri((below + 1) / (B + 1))
    part = np.clip((z - z0) / (z1 - z0), 0, 1)  # beyond the outermost draws: the outermost draw
    return lower + part * (upper - lower)


def acceleration(estimate: FloatArray, jackknife: FloatArray) -> FloatArray:
    """BCa acceleration from estimates that leave each row or cluster out.  estimate (k,), jackknife (n, k) → (k,)."""
    influence = estimate - jackknife
    return (influence**3).sum(axis=0) / (6 * (influence**2).sum(axis=0) ** 1.5)


def interval(
    draws: FloatArray,
    conf_level: float,
    kind: str = "percentile",
    estimate: FloatArray | None = None,
    jackknife: FloatArray | None = None,
) -> FloatArray:
    """Lower and upper end.  draws (B, k), estimate (k,), jackknife (n, k) → (2, k).

    `percentile` takes the draws as they are; `basic` reflects them about the estimate; `bca` corrects percentile for
    bias and skewness (Efron 1987) and needs the jackknife; `normal` is estimate − bias ± z · SD.
    """
    from scipy.special import ndtr, ndtri

    tails = np.array([[(1 - conf_level) / 2], [(1 + conf_level) / 2]])
    if kind == "percentile":
        return quantile(draws, tails)
    if estimate is None:
        raise ValueError(f"an interval of kind '{kind}' needs the estimate")
    if kind == "basic":
        return 2 * estimate - quantile(draws, tails[::-1])
    if kind == "normal":
        return 2 * estimate - draws.mean(axis=0) + ndtri(tails) * draws.std(axis=0, ddof=1)
    if jackknife is None:
        raise ValueError("an interval of kind 'bca' needs the jackknife")
    a = acceleration(estimate, jackknife)
    w = ndtri(np.clip((draws < estimate).mean(axis=0), 1 / (2 * len(draws)), 1 - 1 / (2 * len(draws))))
    shifted = w + ndtri(tails)
    return quantile(draws, ndtr(w + shifted / (1 - a * shifted)))
