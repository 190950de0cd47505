"""Array kernels: numbers in, numbers out; no names, no frames.

Everywhere `R` is a correlation matrix of (outcome, x_1 … x_p): row 0 is the outcome. Leading axes are free: a stack of
bootstrap draws is just one more axis.
"""

from __future__ import annotations

from itertools import pairwise
from math import comb

import numpy as np
import numpy.typing as npt

__all__ = [
    "FloatArray",
    "dependent_set",
    "first",
    "last",
    "r_squared",
    "relative_weights",
    "shapley",
    "solve",
    "symmetric_root",
]

FloatArray = npt.NDArray[np.float64]

_LANES = 1 << 15  # lanes worked on at a time: their last levels then stay in the processor's cache


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


def first(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """R² of each player alone.  R (..., p+1, p+1), players of `sizes` adjacent columns → (..., len(sizes))."""
    return np.stack([r_squared(_keep(R, player)) for player in _players(sizes)], axis=-1)


def last(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """R² lost when each player leaves the full model.  Shapes as in `first`."""
    everyone = _players(sizes)
    without = [
        r_squared(_keep(R, [j for other in everyone if other is not player for j in other])) if len(sizes) > 1 else 0.0
        for player in everyone
    ]
    return np.stack([r_squared(R) - r2 for r2 in without], axis=-1)


def relative_weights(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Johnson's (2000) relative weights, also known as Genizi's (1993) measure.  Shapes as in `first`; sizes all 1.

    The drivers are replaced by their nearest orthogonal set Z; weight j is Σ_k λ_jk² β_k², with λ = R_xx^½ the
    correlations of x_j with z_k and β = λ⁻¹ r_xy the regression on Z. The weights sum to R².
    """
    lam = symmetric_root(R[..., 1:, 1:])
    beta = solve(lam, R[..., 1:, 0])
    return np.einsum("...jk,...k->...j", lam**2, beta**2)


def shapley(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Average gain in R² of each player over all orders of entry: lmg, general dominance, Shapley.  Shapes as in `first`.

    Exact over all 2^k subsets at O(1) a subset (Lindeman, Merenda & Gold 1980). With v(T) = 1 − R²(T),

        lmg_j = C − D_j,   D_j = Σ_{T∋j} [w(|T|) + w(|T|−1)] v(T),   w(s) = s! (k−1−s)! / k!,

    and C follows from Σ lmg = R². Players are visited from the last to the first. Leaving one out drops its rows from
    the packed lower triangle, which are the last ones; taking it in is one Schur step for each of its columns. Draws
    and subsets are lanes of the same arrays, contiguous and last. Nothing of size 2^k is stored: a lane's sum is folded
    into its parent's on the way back.
    """
    k, batch = len(sizes), R.shape[:-2]
    rows, cols = np.tril_indices(R.shape[-1])
    packed = np.ascontiguousarray(np.moveaxis(R[..., rows, cols].reshape(-1, len(rows)), 0, -1))
    w = np.array([1 / (k * comb(k - 1, s)) for s in range(k)] + [0.0])
    share_of = w + np.concatenate([[0.0], w[:-1]])  # weight of v(T) in D_j, by |T|
    D = _fold(packed, sizes, np.zeros(packed.shape[1], dtype=np.intp), share_of)[1:]
    C = (r_squared(R).reshape(-1) + D.sum(axis=0)) / k
    return np.moveaxis(C - D, 0, -1).reshape(*batch, k)


def _fold(tri: FloatArray, sizes: tuple[int, ...], taken: npt.NDArray[np.intp], share_of: FloatArray) -> FloatArray:
    """Sums over the subtree of each lane: row 0 of share_of[|T|] v(T), row j of those T that hold player j.

    tri (q(q+1)/2, lanes) packed lower triangles, taken (lanes,) players already in → (1 + players left, lanes).
    """
    k, lanes = len(sizes), tri.shape[1]
    if sizes == (1,):  # half of all the work: both subsets at once, nothing copied
        out = np.empty((2, lanes))
        np.multiply(tri[1], tri[1], out=out[1])
        out[1] /= tri[2]
        np.subtract(tri[0], out[1], out=out[1])
        out[1] *= share_of[1:][taken]
        np.multiply(tri[0], share_of[taken], out=out[0])
        out[0] += out[1]
        return out
    if k == 0:
        return (tri[0] * share_of[taken])[None]
    if lanes > 1 and lanes << k > _LANES:
        half = lanes // 2
        return np.concatenate(
            [
                _fold(np.ascontiguousarray(tri[:, part]), sizes, taken[part], share_of)
                for part in (slice(half), slice(half, None))
            ],
            axis=1,
        )
    both = _fold(_expand(tri, sizes[-1]), sizes[:-1], np.concatenate([taken, taken + 1]), share_of)
    out = np.empty((k + 1, lanes))
    np.add(both[:, :lanes], both[:, lanes:], out=out[:k])
    out[k] = both[0, lanes:]
    return out


def _expand(tri: FloatArray, size: int) -> FloatArray:
    """Each lane twice: first with the last `size` variables left out, then with them taken in (swept)."""
    lanes, q = tri.shape[1], _order(tri)
    taken_in = tri
    for step in range(1, size + 1):
        keep = q - step  # variables that remain
        row = taken_in[keep * (keep + 1) // 2 :]
        scaled = row[:keep] / row[keep]
        final = step == size
        swept = np.empty((keep * (keep + 1) // 2, 2 * lanes if final else lanes))
        target = swept[:, lanes:] if final else swept
        for i in range(keep):
            block = slice(i * (i + 1) // 2, (i + 1) * (i + 2) // 2)
            np.multiply(row[: i + 1], scaled[i], out=target[block])
            np.subtract(taken_in[block], target[block], out=target[block])
        taken_in = target
    swept[:, :lanes] = tri[: len(swept)]
    return swept


def _order(tri: FloatArray) -> int:
    return int(np.sqrt(2 * len(tri)))


def _players(sizes: tuple[int, ...]) -> list[list[int]]:
    """Columns of each player; column 0 is the outcome."""
    ends = np.cumsum((1, *sizes))
    return [list(range(start, end)) for start, end in pairwise(ends)]


def _keep(R: FloatArray, columns: list[int]) -> FloatArray:
    index = [0, *columns]
    return R[..., index, :][..., :, index]
