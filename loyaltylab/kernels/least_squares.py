"""Array kernels: weighted least squares for many sets of weights at once, and bases of a curve."""

from __future__ import annotations

import numpy as np

from .linalg import FloatArray

__all__ = ["fit_least_squares", "hinge", "knots_of", "spline"]

#: Where Harrell puts the knots of a restricted cubic spline: quantiles of the driver.
_QUANTILES = {3: (0.1, 0.5, 0.9), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}


def fit_least_squares(X: FloatArray, y: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coefficients and weighted residual sums of squares; not a number where the columns say the same thing.

    X (n, q), y (n,), w (L, n) → (L, q), (L,).
    """
    q = X.shape[1]
    rows, cols = np.tril_indices(q)
    XX = np.empty((len(w), q, q))
    XX[:, rows, cols] = XX[:, cols, rows] = w @ (X[:, rows] * X[:, cols])
    Xy, yy = w @ (X * y[:, None]), w @ y**2
    size = np.sqrt(np.einsum("lii->li", XX))
    empty = size <= 0
    scaled = XX / np.where(empty, 1, size)[:, :, None] / np.where(empty, 1, size)[:, None, :]
    unsound = empty.any(axis=1) | (np.linalg.eigvalsh(scaled)[:, 0] < 1e-11)
    scaled[unsound] = np.eye(q)
    b = np.linalg.solve(scaled, (Xy / np.where(empty, 1, size))[..., None])[..., 0] / np.where(empty, 1, size)
    b[unsound] = np.nan
    rss = yy - 2 * (b * Xy).sum(axis=1) + np.einsum("li,lij,lj->l", b, XX, b)
    return b, np.maximum(rss, 0)


def knots_of(x: FloatArray, number: int) -> FloatArray:
    """Knots at Harrell's quantiles, or evenly over the range where those coincide.  x (n,) → (number,)."""
    knots = np.quantile(x, _QUANTILES[number])
    return knots if (np.diff(knots) > 0).all() else np.linspace(x.min(), x.max(), number + 2)[1:-1]


def spline(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Restricted (natural) cubic spline: straight outside the outer knots (Harrell 2015, 2.4.5).  x (n,) → (n, k − 1)."""
    t, k = knots, len(knots)
    cubed = np.maximum(x[:, None] - t, 0) ** 3
    gap = t[-1] - t[-2]
    bent = (
        cubed[:, : k - 2]
        - cubed[:, [k - 2]] * (t[-1] - t[: k - 2]) / gap
        + cubed[:, [k - 1]] * (t[-2] - t[: k - 2]) / gap
    )
    return np.column_stack([x, bent / (t[-1] - t[0]) ** 2])


def hinge(x: FloatArray, at: float) -> FloatArray:
    """Two straight lines that meet at a value: x and max(x − at, 0).  x (n,) → (n, 2)."""
    return np.column_stack([x, np.maximum(x - at, 0)])
