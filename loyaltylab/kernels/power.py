"""Array kernels: simulated studies from a population scatter, with the interval each of them would report.

A study of n respondents is one Wishart scatter; its interval comes from Wishart draws of that scatter. Both are products
of triangular factors, so all studies and all their draws are one stack of matrices and nobody is ever simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from . import intervals
from .intervals import critical
from .linalg import FloatArray

_NUMBERS = 1_000_000  # in one stack of matrices: 8 MB, which stays in the cache


def attenuated(R: FloatArray, reliability: FloatArray) -> FloatArray:
    """Correlations of variables measured with error: r_ij √(ρ_i ρ_j) (Spearman 1904).  R (..., k, k), reliability (k,)."""
    measured = R * np.sqrt(np.outer(reliability, reliability))
    np.einsum("...ii->...i", measured)[...] = 1.0
    return measured


def design_effect(cluster_size: float, icc: float) -> float:
    """Kish's (1965) design effect 1 + (m − 1) ρ: by how much clusters of m multiply the variance of a mean."""
    return 1 + (cluster_size - 1) * icc


def delta_variance(kernel: Callable[[FloatArray], FloatArray], S: FloatArray) -> float:
    """n times the variance of what a kernel makes of the covariances of n normal observations.  S (k, k).

    As `path_kernels.covariance`, for kernels that take no complex numbers: gradients by central differences.
    """
    rows, cols = np.tril_indices(len(S))
    at, h = np.arange(len(rows)), 1e-5
    step = np.zeros((len(rows), *S.shape))
    step[at, rows, cols] = step[at, cols, rows] = h
    slopes = (kernel(S + step) - kernel(S - step)) / (2 * h)
    G = np.zeros_like(S)
    G[rows, cols] = G[cols, rows] = slopes * np.where(rows == cols, 1.0, 0.5)
    GS = G @ S
    return float(2 * np.einsum("ab,ba->", GS, GS))


def wishart_factors(root: FloatArray, df: float, size: int, rng: np.random.Generator) -> FloatArray:
    """F with F Fᵀ / df one scatter drawn from Wishart(root rootᵀ / df, df).  root (..., k, k) → (size, ..., k, k).

    Root and factor are lower triangles. Each of their elements is worked on for all draws at once, and lies together in memory.
    """
    *lead, k, _ = root.shape
    draws, scaled = (size, *lead), root / np.sqrt(df)
    below = {(i, j): rng.standard_normal(draws) for i in range(k) for j in range(i)}
    bartlett = below | {(i, i): np.sqrt(rng.chisquare(df - i, size=draws)) for i in range(k)}
    factor, product = np.zeros((k, k, *draws)), np.empty(draws)
    for i, j in zip(*np.tril_indices(k), strict=True):
        for m in range(j, i + 1):
            factor[i, j] += np.multiply(scaled[..., i, m], bartlett[m, j], out=product)
    return np.moveaxis(factor, (0, 1), (-2, -1))


def studies(
    R: FloatArray,
    df: float,
    shares: Callable[[FloatArray], FloatArray],
    n_simulations: int,
    n_draws: int,
    conf_level: float,
    rng: np.random.Generator,
) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
    """Simulated studies in parts: estimates (studies, s), lower and upper ends of their percentile intervals (same shape).

    R (k, k) the population, shares a function of correlations (..., k, k) → (..., s).
    """
    root, k = np.linalg.cholesky(R), len(R)
    part = max(1, _NUMBERS // (n_draws * k * k))
    for start in range(0, n_simulations, part):
        size = min(part, n_simulations - start)
        factor = wishart_factors(root, df, size, rng)
        drawn = shares(correlations(wishart_factors(factor, df, n_draws, rng)))
        ends = intervals.interval(drawn.reshape(n_draws, -1), conf_level).reshape(2, size, -1)
        yield shares(correlations(factor)), ends[0], ends[1]


def probit_line(x: FloatArray, hits: FloatArray, trials: int) -> tuple[FloatArray, FloatArray]:
    """Probit regression of hits in trials on x, by scoring: (intercept, slope) and their covariance.  x, hits (m,).

    A hundredth of a hit and of a miss is added to each, so that a power of 0 or 1 leaves the line finite.
    """
    from scipy.special import log_ndtr, ndtri

    design, tiny = np.stack([np.ones_like(x), x], axis=1), 0.01
    total, part = trials + 2 * tiny, (hits + tiny) / (trials + 2 * tiny)
    line = np.linalg.lstsq(design, ndtri(np.clip(part, 0.01, 0.99)), rcond=None)[0]
    for _ in range(50):
        z = np.clip(design @ line, -8, 8)
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        above, below = np.exp(log_ndtr(z)), np.exp(log_ndtr(-z))
        weight = total * density**2 / (above * below)
        information = design.T @ (weight[:, None] * design)
        step = np.linalg.solve(information, design.T @ (total * density * (part - above) / (above * below)))
        line = line + step
        if np.abs(step).max() < 1e-10:
            break
    return line, np.linalg.inv(information)


def crossing(x: FloatArray, hits: FloatArray, trials: int, target: float, conf_level: float) -> FloatArray:
    """The x at which the probit line reaches `target`, with its interval by the delta method (3,); else not numbers."""
    from scipy.special import ndtri

    (a, b), covariance = probit_line(x, hits, trials)
    q = critical(conf_level)
    if not b > q * np.sqrt(covariance[1, 1]):
        return np.full(3, np.nan)
    at = (ndtri(target) - a) / b
    slope = np.array([-1, -at]) / b
    half = q * np.sqrt(slope @ covariance @ slope)
    return np.array([at, max(at - half, 0.0), at + half])


def correlations(factor: FloatArray) -> FloatArray:
    """Correlations (..., k, k) of the scatter F Fᵀ.  factor (..., k, k), lower triangles."""
    F = np.moveaxis(factor, (-2, -1), (0, 1))
    unit = F / np.sqrt((F**2).sum(axis=1, keepdims=True))
    R = np.ones_like(unit)
    for i, j in zip(*np.tril_indices(len(R), -1), strict=True):
        R[i, j] = R[j, i] = (unit[i, : j + 1] * unit[j, : j + 1]).sum(axis=0)
    return np.moveaxis(R, (0, 1), (-2, -1))
