"""Array kernels: numbers in, numbers out; no names, no frames.

Everywhere `R` is a correlation matrix of (outcome, x_1 … x_p): row 0 is the outcome. Leading axes are free: a stack of
bootstrap draws is just one more axis.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["FloatArray", "dependent_set", "r_squared", "solve", "symmetric_root"]

FloatArray = npt.NDArray[np.float64]


def solve(A: FloatArray, b: FloatArray) -> FloatArray:
    """Solution of A x = b.  A (..., p, p), b (..., p) → (..., p)."""
    return np.linalg.solve(A, b[..., None])[..., 0]


def r_squared(R: FloatArray) -> FloatArray:
    """R² of the outcome on all x.  R (..., p+1, p+1) → (...)."""
    r_xy = R[..., 1:, 0]
    return (solve(R[..., 1:, 1:], r_xy) * r_xy).sum(axis=-1)


def symmetric_root(A: FloatArray) -> FloatArray:
    """The symmetric square root of a positive semi-definite matrix.  A (..., p, p) → (..., p, p)."""
    values, vectors = np.linalg.eigh(A)
    return (vectors * np.sqrt(np.clip(values, 0, None))[..., None, :]) @ np.swapaxes(vectors, -1, -2)


def dependent_set(R_xx: FloatArray, tolerance: float = 1e-9) -> list[int]:
    """Positions of the variables in the smallest-eigenvalue combination when R_xx (p, p) is singular, else []."""
    values, vectors = np.linalg.eigh(R_xx)
    if values[0] > tolerance:
        return []
    return [int(j) for j in np.flatnonzero(np.abs(vectors[:, 0]) > 1e-5)]
