"""What each driver accounts for, an array kernel a method: indices in closed form, and exact LMG (Shapley) of many drivers and draws at once.

As in `linalg`, `R` is a correlation matrix of (outcome, x_1 … x_p) and leading axes are free; each kernel takes
(R, sizes) and returns (..., players). Those in closed form take single drivers only (sizes all 1).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import comb

import numpy as np
import numpy.typing as npt

from ..core import watched
from . import compiled
from .linalg import FloatArray, r_squared, solve, symmetric_root

# ---- in closed form: what one regression says about each driver ----------------------------------------------------------


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


# ---- over subsets --------------------------------------------------------------------------------------------------------

_LANES = 256  # lanes worked on side by side; fewer leave NumPy's calls with little to do
_CACHED = 1 << 16  # lanes whose last levels stay in the processor's cache
_LONG = 1 << 25  # subsets from which loading Numba pays, over all draws
_MANY = 20  # players from which it is loaded at once: there will be draws


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

    and C follows from Σ lmg = R². Players are visited from the largest to the smallest. Leaving one out drops its rows
    from the packed lower triangle, which are the last ones; taking it in is one Schur step for each of its columns.
    Draws and subsets are lanes of the same arrays, contiguous and last. Nothing of size 2^k is stored. Where Numba is
    installed, long work goes to the kernel of `compiled`; NumPy gives the same numbers.
    """
    k, batch, players = len(sizes), R.shape[:-2], _players(sizes)
    visit = np.argsort(sizes, kind="stable")
    at = np.array([0, *(column for j in visit for column in players[j])])
    rows, cols = np.tril_indices(len(at))
    packed = np.stack([R[..., i, j].reshape(-1) for i, j in zip(at[rows], at[cols], strict=True)])
    w = np.array([1 / (k * comb(k - 1, s)) for s in range(k)] + [0.0])
    share_of = w + np.concatenate([[0.0], w[:-1]])  # weight of v(T) in D_j, by |T|
    draws = packed.shape[1]
    is_long = (k >= _MANY or draws << k >= _LONG) and compiled.kernel() is not None
    D = np.empty((k, draws))
    D[visit] = _fold(
        packed,
        tuple(int(sizes[j]) for j in visit),
        np.zeros(draws, dtype=np.intp),
        share_of,
        compiled.sums if is_long else _sums,
        f"2^{k} models" + (f" × {draws:,} draws" if draws > 1 else ""),
    )[1:]
    residual = np.empty((1, draws))
    _sweep(packed, len(at) - 1, residual)
    C = (packed[0] - residual[0] + D.sum(axis=0)) / k
    return np.moveaxis(C - D, 0, -1).reshape(*batch, k)


def _fold(
    tri: FloatArray,
    sizes: tuple[int, ...],
    taken: npt.NDArray[np.intp],
    share_of: FloatArray,
    kernel: Callable[..., FloatArray],
    label: str,
) -> FloatArray:
    """Sums over the subtree of each lane: row 0 of share_of[|T|] v(T), row j of those T that hold player j.

    tri (q(q+1)/2, lanes) packed lower triangles, taken (lanes,) players already in → (1 + players left, lanes). The
    first players are decided on here, until there are lanes enough for the kernel to work on side by side.
    """
    lanes = tri.shape[1]
    if not sizes or lanes >= _LANES or (sizes[-1] == 1 and lanes << len(sizes) <= _CACHED):
        return kernel(tri, sizes, taken, share_of, label)
    twice = np.concatenate([taken, taken + 1])
    both = _fold(_expand(tri, sizes[-1]), sizes[:-1], twice, share_of, kernel, label)
    return np.concatenate([both[:, :lanes] + both[:, lanes:], both[:1, lanes:]])


def _expand(tri: FloatArray, size: int) -> FloatArray:
    """Each lane twice: first with the last `size` variables left out, then with them taken in."""
    lanes, q = tri.shape[1], _order(tri) - size
    twice = np.empty((q * (q + 1) // 2, 2 * lanes))
    twice[:, :lanes] = tri[: len(twice)]
    _sweep(tri, size, twice[:, lanes:])
    return twice


def _sweep(tri: FloatArray, size: int, out: FloatArray) -> None:
    """Writes the packed triangles with the last `size` variables taken in: a Schur step for each."""
    for last in range(_order(tri) - 1, _order(tri) - 1 - size, -1):
        rows = last * (last + 1) // 2
        row, target = tri[rows:], out if rows == len(out) else np.empty((rows, tri.shape[1]))
        scaled = row[:last] / row[last] if last == 1 else row[:last] * (1 / row[last])
        for i in range(last):
            block = slice(i * (i + 1) // 2, (i + 1) * (i + 2) // 2)
            np.multiply(row[: i + 1], scaled[i], out=target[block])
            np.subtract(tri[block], target[block], out=target[block])
        tri = target


def _sums(
    tri: FloatArray, sizes: tuple[int, ...], taken: npt.NDArray[np.intp], share_of: FloatArray, label: str
) -> FloatArray:
    """What `_fold` asks of a kernel, in NumPy: depth first, and the last players breadth first within the cache."""
    k, most = len(sizes), max(_LANES, _CACHED >> len(sizes))
    lanes = min(tri.shape[1], most)
    wide = min(sizes.count(1), (_CACHED // lanes).bit_length() - 1)
    rows = [np.empty((i + 1, lanes << (wide - i))) for i in range(wide + 1)]
    scratch = np.empty(max(row.size for row in rows))
    members = np.zeros(1, dtype=np.intp)
    for _ in range(wide):
        members = np.concatenate([members, members + 1])

    def part(start: int) -> FloatArray:
        chosen = slice(start, start + most)
        lane_members = (members[:, None] + taken[chosen]).ravel()
        shares = [share_of[lane_members + t] for t in range(k - wide + 1)]
        return _depth_first(np.ascontiguousarray(tri[:, chosen]), sizes, shares, rows, scratch)

    starts = range(0, tri.shape[1], most)
    return np.concatenate([*watched(map(part, starts), len(starts), label)], axis=1)


def _depth_first(
    tri: FloatArray, sizes: tuple[int, ...], shares: list[FloatArray], rows: list[FloatArray], scratch: FloatArray
) -> FloatArray:
    """`_fold` of the players beyond those that `rows` has room for; shares[t] after t of them are taken in."""
    if len(sizes) < len(rows):
        return _breadth_first(tri, shares[0], rows, scratch)
    q = _order(tri) - sizes[-1]
    swept = np.empty((q * (q + 1) // 2, tri.shape[1]))
    _sweep(tri, sizes[-1], swept)
    without = _depth_first(tri[: len(swept)], sizes[:-1], shares, rows, scratch)
    within = _depth_first(swept, sizes[:-1], shares[1:], rows, scratch)
    return np.concatenate([without + within, within[:1]])


def _breadth_first(tri: FloatArray, share: FloatArray, rows: list[FloatArray], scratch: FloatArray) -> FloatArray:
    """`_fold` of single variables; rows[i] (i + 1, lanes · 2^(k−i)) has room for row i of every triangle it is part of.

    Triangles without a variable stay where they are; those with it are written beside them.
    """
    lanes, k = tri.shape[1], len(rows) - 1
    now = lanes
    for i, row in enumerate(rows):
        row[:, :now] = tri[i * (i + 1) // 2 : (i + 1) * (i + 2) // 2]
    for last in range(k, 0, -1):
        row = rows[last][:, :now]
        scaled = scratch[: last * now].reshape(last, now)
        if last == 1:
            np.divide(row[:1], row[1], out=scaled)
        else:
            np.multiply(row[:last], np.divide(1, row[last], out=row[last]), out=scaled)
        for i in range(last):
            target = rows[i][:, now : 2 * now]
            np.multiply(row[: i + 1], scaled[i], out=target)
            np.subtract(rows[i][:, :now], target, out=target)
        now *= 2
    weighted = np.multiply(rows[0][0, :now], share, out=scratch[:now])
    out = np.empty((k + 1, lanes))
    for j in range(1, k + 1):
        now //= 2
        weighted[now : 2 * now].reshape(-1, lanes).sum(axis=0, out=out[j])
        weighted[:now] += weighted[now : 2 * now]
    out[0] = weighted[:lanes]
    return out


def _order(tri: FloatArray) -> int:
    return int(np.sqrt(2 * len(tri)))


def _players(sizes: tuple[int, ...]) -> list[list[int]]:
    """Columns of each player; column 0 is the outcome."""
    ends = np.cumsum((1, *sizes))
    return [list(range(start, end)) for start, end in pairwise(ends)]


def _keep(R: FloatArray, columns: list[int]) -> FloatArray:
    index = [0, *columns]
    return R[..., index, :][..., :, index]
