"""Answers in whole steps on normal variables: their exact moments and shares, and rows with moments that are given."""

from __future__ import annotations

import numpy as np

from ..core import MatrixError
from .linalg import FloatArray, symmetric_root

__all__ = ["TERMS", "above", "coloured", "covariances", "normal_grid", "normal_quantile", "normal_tail", "sums_above"]

#: Terms of the Hermite series; what is left out is below 1e-5 for correlations up to .8.
TERMS = 24


def normal_tail(z: FloatArray) -> FloatArray:
    """P(Z > z) of a standard normal variable."""
    from scipy.special import ndtr

    return ndtr(-z)


def normal_quantile(p: FloatArray) -> FloatArray:
    """The z with P(Z < z) = p."""
    from scipy.special import ndtri

    return ndtri(p)


def normal_grid(shift: FloatArray, step: float = 0.1) -> tuple[FloatArray, FloatArray]:
    """Points (q,) and weights (g, q) that integrate over N(shift_g, 1); the trapezium rule is near exact here."""
    e = np.arange(min(shift.min(), 0) - 6, max(shift.max(), 0) + 6, step)
    return e, step * np.exp(-0.5 * (e - shift[:, None]) ** 2) / np.sqrt(2 * np.pi)


def above(tau: FloatArray, along: FloatArray, e: FloatArray) -> FloatArray:
    """P(z > tau | e) of variables with correlation `along` with e.  tau (i, t), along (i,), e (q,) → (q, i, t)."""
    return normal_tail((tau - along[:, None] * e[:, None, None]) / np.sqrt(1 - along[:, None] ** 2))


def sums_above(tau: FloatArray, along: FloatArray, e: FloatArray, cuts: FloatArray) -> FloatArray:
    """P(sum of the answers ≥ cut | e), the answers being independent given e.  → (q, cuts).

    An answer counts the thresholds that its variable exceeds, so that the sum runs from 0 up.
    """
    p = above(tau, along, e)
    ends = np.ones((*p.shape[:2], 1))
    mass = -np.diff(np.concatenate([ends, p, 0 * ends], axis=-1), axis=-1)
    size = 1 + tau.size
    whole = np.fft.irfft(np.fft.rfft(mass, size).prod(axis=1), size)
    return np.stack([whole[:, int(np.ceil(cut - 1e-9)) :].sum(axis=-1) for cut in cuts], axis=-1)


def _series(tau: FloatArray) -> FloatArray:
    """Hermite coefficients of the number of thresholds exceeded.  tau (..., t) → (..., TERMS), from the first degree."""
    finite = np.isfinite(tau)
    t = np.where(finite, tau, 0.0)
    density = np.where(finite, np.exp(-0.5 * t**2) / np.sqrt(2 * np.pi), 0.0)
    before, h, found = np.zeros_like(t), np.ones_like(t), []
    for k in range(1, TERMS + 1):
        found.append((density * h).sum(axis=-1) / np.sqrt(k))
        before, h = h, (t * h - np.sqrt(k - 1) * before) / np.sqrt(k)
    return np.stack(found, axis=-1)


def covariances(
    tau: FloatArray, corr: FloatArray, along: FloatArray, shift: FloatArray, part: FloatArray
) -> FloatArray:
    """Covariances (i, i) of answers on normal variables whose means differ between groups.

    Parameters
    ----------
    tau : array (i, t)
        Thresholds of each answer, increasing; infinite where an answer has fewer.
    corr : array (i, i)
        Correlations of the variables within a group.
    along, shift, part : array (i,), (g,), (g,)
        The mean of variable i in group g is along_i · shift_g; `part` of all are in group g.

    References
    ----------
    Mehler, F. G. (1866). J. reine angew. Math. 66, 161–176: a bivariate normal density in Hermite polynomials.
    """
    moved = tau - (along * shift[:, None])[..., None]
    p, a = normal_tail(moved), _series(moved)
    mean = p.sum(axis=-1)
    odd = 2 * np.arange(tau.shape[1]) + 1
    variance = (odd * p).sum(axis=-1) - mean**2
    power, within = np.ones_like(corr), np.zeros((len(shift), *corr.shape))
    for k in range(TERMS):
        power = power * corr
        within += a[:, :, None, k] * a[:, None, :, k] * power
    np.einsum("gii->gi", within)[...] = variance
    gap = mean - part @ mean
    return np.tensordot(part, within + gap[:, :, None] * gap[:, None, :], 1)


def coloured(mean: FloatArray, cov: FloatArray, n: int, seed: int, divisor: int) -> FloatArray:
    """Rows (n, k) of normal draws whose sample mean and covariance are those given.

    The draws are centred, whitened by their own covariances and coloured by the root of `cov`, which may be singular.

    Raises
    ------
    MatrixError
        For too few rows, or covariances that no data can have.
    """
    k = len(mean)
    if n <= k:
        raise MatrixError(f"n = {n:,}: rows with given moments of {k} variables need n of {k + 1} or more.")
    values = np.linalg.eigvalsh(cov)
    if values[0] < -1e-10 * max(values[-1], 1e-300):
        raise MatrixError(f"no data can have these covariances: the smallest eigenvalue is {values[0]:.3g}, below 0.")
    x = np.random.default_rng(seed).standard_normal((n, k))
    for _ in range(2):  # the second time takes out what rounding left
        x -= x.mean(axis=0)
        x = np.linalg.qr(x)[0] * np.sqrt(divisor)
    x -= x.mean(axis=0)
    return mean + x @ symmetric_root(cov)
