"""Array kernels in closed form: what one regression says about each driver.

As in `linalg`, `R` is a correlation matrix of (outcome, x_1 … x_p) and leading axes are free; each kernel takes
(R, sizes) and returns (..., players). Those here take single drivers only (sizes all 1).
"""

from __future__ import annotations

import numpy as np

from .linalg import FloatArray, r_squared, solve, symmetric_root


def beta(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Standardised regression coefficients, R_xx⁻¹ r_xy."""
    return solve(R[..., 1:, 1:], R[..., 1:, 0])


def betasq(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Squared standardised coefficients; they do not sum to R² unless the drivers are uncorrelated."""
    return beta(R, sizes) ** 2


def pratt(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Pratt's (1987) index, β_j r_j; sums to R², and is negative for a suppressor."""
    return beta(R, sizes) * R[..., 1:, 0]


def car(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Squared CAR scores of Zuber & Strimmer (2011), (R_xx^−½ r_xy)²; sums to R²."""
    return solve(symmetric_root(R[..., 1:, 1:]), R[..., 1:, 0]) ** 2


def structure(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Structure coefficients: the correlation of each driver with the predicted outcome, r_xy / R."""
    return R[..., 1:, 0] / np.sqrt(r_squared(R))[..., None]


def relative_weights_std_error(R: FloatArray, n: FloatArray) -> FloatArray:
    """Standard errors of relative weights when the coefficients on the orthogonal drivers are normal.

    R (..., p+1, p+1), n (...) → (..., p). With b ~ N(β, s²), Var(b²) = 2 s⁴ + 4 β² s², and weight j is Σ_k λ_jk² b_k².
    λ is taken as known, so this is an approximation; draws are the better way.
    """
    lam = symmetric_root(R[..., 1:, 1:])
    b2 = solve(lam, R[..., 1:, 0]) ** 2
    p = b2.shape[-1]
    s2 = ((1 - r_squared(R)) / (np.asarray(n) - p))[..., None]
    return np.sqrt(np.einsum("...jk,...k->...j", lam**4, 2 * s2**2 + 4 * b2 * s2))
