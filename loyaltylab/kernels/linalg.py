"""Array kernels: numbers in, numbers out; no names, no frames.

Everywhere `R` is a correlation matrix of (outcome, x_1 … x_p): row 0 is the outcome. Leading axes are free: a stack of
bootstrap draws is just one more axis.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

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


# ---- weighted least squares for many sets of weights at once, and bases of a curve.

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


# ---- how far a number computed from a printed correlation table can move within the rounding of that table.

_MOST_SWEEPS = 20


def rounding_range(
    kernel: Callable[[FloatArray], FloatArray], R: FloatArray, half: float
) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest value of each of q numbers over all tables that print as this one.  R (k, k) → two of (q,).

    Every correlation off the diagonal may lie up to `half` (half a unit in the last printed digit) from what is printed,
    on its own. The extremes are sought among the corners of that box, turning one correlation at a time as long as it
    helps; they are exact where a number moves one way with each correlation, as path coefficients do within so small a
    box. A corner that is not a correlation matrix is no table and is passed by.

    Parameters
    ----------
    kernel : callable
        Correlation matrices (m, k, k) → numbers (m, q).
    half : float
        At least 0.
    """
    centre = kernel(R[None])[0]
    if half <= 0:
        return centre, centre.copy()
    ends = [_extreme(kernel, R, half, centre, sign) for sign in (-1.0, 1.0)]
    return ends[0], ends[1]


def _extreme(
    kernel: Callable[[FloatArray], FloatArray], R: FloatArray, half: float, centre: FloatArray, sign: float
) -> FloatArray:
    """The largest of `sign` times each number, over the corners of the box."""
    rows, cols = np.tril_indices(len(R), -1)
    q, at = len(centre), np.arange(len(rows))
    one = np.zeros((2 * len(rows), len(rows)))
    one[at, at], one[len(rows) + at, at] = 1.0, -1.0
    moved = sign * kernel(_tables(R, half * one, rows, cols))
    corner = np.where(moved[: len(rows)] >= moved[len(rows) :], 1.0, -1.0).T  # (q, entries)
    best = _own(kernel, _tables(R, half * corner, rows, cols), sign)
    for _ in range(_MOST_SWEEPS):
        turned = np.repeat(corner[:, None], len(rows), axis=1)
        turned[:, at, at] *= -1
        flat = turned.reshape(-1, len(rows))
        tables = _tables(R, half * flat, rows, cols)
        values = np.where(_possible(tables)[:, None], sign * kernel(tables), -np.inf)
        found = values.reshape(q, len(rows), q)[np.arange(q), :, np.arange(q)]
        step = found.argmax(axis=1)
        better = found[np.arange(q), step] > best + 1e-12
        if not better.any():
            break
        corner[better, step[better]] *= -1
        best[better] = found[better, step[better]]
    return sign * np.maximum(best, sign * centre)


def _own(kernel: Callable[[FloatArray], FloatArray], tables: FloatArray, sign: float) -> FloatArray:
    """`sign` times number i of table i, as low as can be where that is no table."""
    values = np.diagonal(sign * kernel(tables)).copy()
    return np.where(_possible(tables), values, -np.inf)


def _tables(R: FloatArray, moves: FloatArray, rows: FloatArray, cols: FloatArray) -> FloatArray:
    """R (k, k) with each entry below and above the diagonal moved.  moves (m, entries) → (m, k, k)."""
    tables = np.repeat(R[None], len(moves), axis=0)
    tables[:, rows, cols] += moves
    tables[:, cols, rows] += moves
    return tables


def _possible(tables: FloatArray) -> FloatArray:
    return np.linalg.eigvalsh(tables)[:, 0] > 0


def decimals_apart(ours: float, printed: float, decimals: int) -> bool:
    """Whether our number, rounded to the printed digits, is another one than is printed."""
    return abs(ours - printed) > 0.5 * 10.0**-decimals + 1e-12
