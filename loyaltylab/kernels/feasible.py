"""Array kernels: which inter-correlations are possible, given the correlations of drivers with an outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .linalg import FloatArray

_SWEEPS = 20  # of the Gibbs sampler; the draws of one run are that many sweeps away from their common start
_RIDGE = 1e-3  # smallest eigenvalue the search allows: where drivers are one another, importance is not defined
_EDGE = 1e-6  # part of an interval left out at each end, for the same reason


def pair_bounds(r: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest possible correlation of every two drivers, whatever the others.  r (k,) → two of (k, k).

    Two drivers with correlations r_i and r_j with the outcome have r_ij = r_i r_j + √((1 − r_i²)(1 − r_j²)) p, with
    −1 ≤ p ≤ 1 their partial correlation given the outcome. Every p is possible whatever the number of other drivers.
    """
    middle, reach = np.outer(r, r), reach_of(r)
    low, high = middle - reach, middle + reach
    np.fill_diagonal(low, 1.0)
    np.fill_diagonal(high, 1.0)
    return low, high


def common_bounds(r: FloatArray) -> tuple[float, float]:
    """Lowest and highest c that all k drivers can have as their common inter-correlation; not a number where none can.

    By the inverse of the equicorrelated matrix (Sherman & Morrison 1950), with Q = Σ r² and S = Σ r,

        R²(c) = [Q − c S² / (1 + (k−1) c)] / (1 − c),

    and R² ≤ 1 is (k−1) c² + [(k−1) Q − S² − (k−2)] c + Q − 1 ≤ 0 for −1/(k−1) < c < 1. R² is 1 at both ends.
    """
    k, Q, S = len(r), float(r @ r), float(r.sum())
    half = ((k - 1) * Q - S**2 - (k - 2)) / (2 * (k - 1))
    under_root = half**2 - (Q - 1) / (k - 1)
    if under_root < -1e-14 or not -1 / (k - 1) <= -half <= 1:
        return np.nan, np.nan
    width = np.sqrt(max(under_root, 0.0))
    return max(-half - width, -1 / (k - 1)), min(-half + width, 1.0)


def entry_bounds(R: FloatArray, i: int, j: int) -> tuple[float, float]:
    """Lowest and highest entry (i, j) of a correlation matrix (k, k), all others as they are; not a number where none can.

    With Z the other variables, r_iZ R_ZZ⁻¹ r_Zj ± √((1 − R²_i·Z)(1 − R²_j·Z)) (Olkin 1981, Psychometrika 46, 469–472).
    """
    others = [z for z in range(len(R)) if z not in (i, j)]
    by_others = np.linalg.solve(R[np.ix_(others, others)], R[others][:, [i, j]])
    explained = R[[i, j]][:, others] @ by_others
    left = 1 - np.diagonal(explained)
    if (left < -1e-12).any():
        return np.nan, np.nan
    middle, reach = float(explained[0, 1]), float(np.sqrt(np.prod(np.maximum(left, 0))))
    return middle - reach, middle + reach


def equicorrelated(r: FloatArray, common: FloatArray) -> FloatArray:
    """Matrices of (outcome, drivers) with one inter-correlation.  r (k,), common (...) → (..., k+1, k+1)."""
    between = np.broadcast_to(common[..., None, None], (*common.shape, len(r), len(r)))
    return bordered(r, np.where(np.eye(len(r), dtype=bool), 1.0, between))


def bordered(r: FloatArray, R_xx: FloatArray) -> FloatArray:
    """R_xx (..., k, k) with the outcome as row and column 0."""
    k = len(r)
    R = np.ones((*R_xx.shape[:-2], k + 1, k + 1))
    R[..., 0, 1:] = R[..., 1:, 0] = r
    R[..., 1:, 1:] = R_xx
    return R


def reach_of(r: FloatArray) -> FloatArray:
    return np.sqrt(np.outer(1 - r**2, 1 - r**2))


def inside(low: FloatArray, high: FloatArray) -> FloatArray | None:
    """A positive definite correlation matrix with entries strictly between bounds (k, k), or None where none is found.

    Alternating projections on the box and on the matrices with eigenvalues above a floor that is lowered in steps.
    """
    width, P = 0.01 * (high - low), np.eye(len(low))
    for step in range(1500):
        P = np.clip(P, low + width, high - width)
        np.fill_diagonal(P, 1.0)
        values, vectors = np.linalg.eigh(P)
        if values[0] > 1e-6:
            return P
        P = (vectors * np.maximum(values, 0.05 * 0.98**step)) @ vectors.T
    return None


def uniform(start: FloatArray, low: FloatArray, high: FloatArray, n_draws: int, rng: Any) -> FloatArray:
    """Correlation matrices spread uniformly over those with entries between bounds (k, k) → (n_draws, k, k).

    Gibbs: given the other entries, P stays positive definite while an entry moves by less than
    1 / (√(a_ii a_jj) − a_ij) up or 1 / (√(a_ii a_jj) + a_ij) down, with A = P⁻¹.
    """
    P = np.tile(start, (n_draws, 1, 1))
    for _ in range(_SWEEPS):
        for i, j in zip(*np.tril_indices(len(start), -1), strict=True):
            A = np.linalg.inv(P)
            a, root = A[:, i, j], np.sqrt(A[:, i, i] * A[:, j, j])
            bottom = np.maximum(P[:, i, j] - (1 - _EDGE) / (root + a), low[i, j])
            top = np.minimum(P[:, i, j] + (1 - _EDGE) / (root - a), high[i, j])
            P[:, i, j] = P[:, j, i] = rng.uniform(bottom, top)
    return P


def matrices(x: FloatArray, k: int) -> FloatArray:
    """Correlation matrices from free numbers: the rows below the first of a triangular root.  x (..., q) → (..., k, k)."""
    rows, cols = np.tril_indices(k)
    W = np.zeros((*x.shape[:-1], k, k))
    W[..., 0, 0] = 1.0
    W[..., rows[1:], cols[1:]] = x
    W /= np.linalg.norm(W, axis=-1, keepdims=True)
    return (1 - _RIDGE) * W @ np.swapaxes(W, -1, -2) + _RIDGE * np.eye(k)


def climb(
    of: Callable[[FloatArray], FloatArray], start: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray | None:
    """The matrix near `start` (k, k), entries between bounds, that makes of (m, k, k) → (m,) largest; None if not found."""
    from scipy.optimize import minimize

    k = len(start)
    rows, cols = np.tril_indices(k, -1)
    bounded = bool((low > -1).any() or (high < 1).any())

    def room(P: FloatArray) -> FloatArray:
        return np.concatenate([(P - low)[..., rows, cols], (high - P)[..., rows, cols]], axis=-1)

    def slope(f: Callable[[FloatArray], FloatArray], x: FloatArray, h: float = 1e-5) -> FloatArray:
        step = h * np.eye(len(x))
        return (f(matrices(x + step, k)) - f(matrices(x - step, k))) / (2 * h)

    limits = {"type": "ineq", "fun": lambda x: room(matrices(x, k)), "jac": lambda x: slope(room, x).T}
    found = minimize(
        lambda x: -of(matrices(x[None], k))[0],
        np.linalg.cholesky(start)[np.tril_indices(k)][1:],
        jac=lambda x: -slope(of, x),
        method="SLSQP",
        constraints=[limits] if bounded else [],
        options={"maxiter": 60, "ftol": 1e-7},
    )
    P = matrices(found.x, k)
    return P if np.isfinite(P).all() and room(P).min() > -1e-6 else None


def from_partial(r: FloatArray, P: FloatArray) -> FloatArray:
    """R_xx from the partial correlations given the outcome.  P (..., k, k) → (..., k, k)."""
    R_xx = np.outer(r, r) + reach_of(r) * P
    np.einsum("...ii->...i", R_xx)[...] = 1.0
    return R_xx


def limits(r: FloatArray, common_range: tuple[float, float] | None) -> tuple[FloatArray, FloatArray]:
    """Bounds (k, k) of the partial correlations that keep the inter-correlations in a range."""
    k = len(r)
    if common_range is None:
        return np.full((k, k), -1.0), np.full((k, k), 1.0)
    low, high = ((bound - np.outer(r, r)) / reach_of(r) for bound in common_range)
    return np.clip(low, -1, 1), np.clip(high, -1, 1)


def stretched(P: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Matrices (m, k, k) moved away from their mean, to 98% of the way to the edge of what is possible."""
    centre = P.mean(axis=0)
    away = P - centre
    root = np.linalg.inv(np.linalg.cholesky(centre))
    to_edge = 1 / np.maximum(-np.linalg.eigvalsh(root @ away @ root.T)[:, 0], 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_side = np.where(away > 0, (high - centre) / away, np.where(away < 0, (low - centre) / away, np.inf))
    reach = 0.98 * np.minimum(to_edge, to_side.min(axis=(-2, -1)))
    return centre + reach[:, None, None] * away
