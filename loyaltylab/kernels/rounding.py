"""Array kernels: how far a number computed from a printed correlation table can move within the rounding of that table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .linalg import FloatArray

__all__ = ["decimals_apart", "rounding_range"]

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
