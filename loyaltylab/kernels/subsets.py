"""Array kernels that look at every subset of drivers: dominance, commonality, proportional and nested values.

As in `linalg`, `R` is a correlation matrix of (outcome, x_1 … x_p), players are adjacent columns of given `sizes`, and
leading axes are free. `v(T) = 1 − R²(T)` is what the drivers in T leave unexplained. In an array of all subsets, the bit
of player 0 is the fastest axis: subset T stands at Σ_{j∈T} 2^j.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from ..core import watched
from .attribution import shapley
from .compiled import LANES, in_orders, kernel_of_orders
from .linalg import FloatArray

_BLOCK = 14  # subsets are visited in blocks of at most 2^14
_MANY = 20  # drivers from which orders are worth loading Numba
_HELD = 1 << 21  # values of subsets held at once, over draws


def sizes_of_subsets(k: int) -> np.ndarray:
    """Number of players in each of the 2^k subsets."""
    sizes = np.zeros(1, dtype=np.intp)
    for _ in range(k):
        sizes = np.concatenate([sizes, sizes + 1])
    return sizes


def residuals(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """v(T) of every subset.  R (..., p+1, p+1), k players → (..., 2^k)."""
    blocks = list(_blocks(R, sizes, len(sizes)))
    return blocks[0][1]


def _blocks(R: FloatArray, sizes: tuple[int, ...], most: int) -> Iterator[tuple[int, FloatArray]]:
    """(subset of the last players, v of all subsets of the first `most` players joined with it (..., 2^most))."""
    k = len(sizes)
    if k > most:
        for taken, rest in enumerate(_without_or_with_last(R, sizes[-1])):
            for above, v in _blocks(rest, sizes[:-1], most):
                yield above | taken << (k - 1), v
        return
    lanes = R[..., None, :, :]
    for size in reversed(sizes):
        lanes = np.stack(_without_or_with_last(lanes, size), axis=-3).reshape(
            *R.shape[:-2], -1, *[lanes.shape[-1] - size] * 2
        )
    # each step put the new player's bit on the fastest axis, so the first player, done last, is the fastest
    yield 0, lanes[..., 0, 0]


def _without_or_with_last(R: FloatArray, size: int) -> list[FloatArray]:
    """R without its last `size` variables: as it is, and with these swept in."""
    keep = R.shape[-1] - size
    rest, cross, own = R[..., :keep, :keep], R[..., :keep, keep:], R[..., keep:, keep:]
    if size == 1:
        return [rest, rest - cross * np.swapaxes(cross, -1, -2) / own]
    return [rest, rest - cross @ np.linalg.solve(own, np.swapaxes(cross, -1, -2))]


def conditional_dominance(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Average gain in R² of each player joining subsets of each size (Azen & Budescu 2003).

    R (..., p+1, p+1), k players → (..., k, k): row j, column s for subsets of s other players. Row means are the
    general dominance (lmg). With A_s = Σ_{|T|=s} v(T) and E_js the same over subsets that hold j, the gain is
    (A_s − E_js − E_j,s+1) / C(k−1, s); nothing of size 2^k is stored.
    """
    k = len(sizes)
    low = min(k, _BLOCK)
    count = sizes_of_subsets(low)
    members = (np.arange(1 << low)[:, None] >> np.arange(low) & 1).astype(float)  # (2^low, low)
    by_size = (count[:, None] == np.arange(k + 1)).astype(float)  # (2^low, k+1)
    A = np.zeros((*R.shape[:-2], k + 1))
    E = np.zeros((*R.shape[:-2], k, k + 1))
    for above, v in _blocks(R, sizes, low):
        shift = above.bit_count()
        here = v @ by_size[:, : k + 1 - shift]
        A[..., shift:] += here
        weighted = np.einsum("...t,tj->...jt", v, members)
        E[..., :low, shift:] += weighted @ by_size[:, : k + 1 - shift]
        for j in range(low, k):
            if above >> j & 1:
                E[..., j, shift:] += here
    gain = A[..., None, :k] - E[..., :k] - E[..., 1:]
    return gain / np.array([comb(k - 1, s) for s in range(k)])


def complete_dominance(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Part of the subsets of the others in which the row's player adds more than the column's (Budescu 1993).

    R (..., p+1, p+1), k players → (..., k, k), diagonal not a number; 1 is complete dominance. It compares all 2^k
    values, so it stores them: 134 MB for 24 players.
    """
    k = len(sizes)
    v = residuals(R, sizes)
    cube = v.reshape(*v.shape[:-1], *(2,) * k)  # axis −1 is player 0
    out = np.full((*v.shape[:-1], k, k), np.nan)
    for i, j in combinations(range(k), 2):
        at = np.moveaxis(cube, (-1 - i, -1 - j), (0, 1)).reshape(2, 2, *v.shape[:-1], -1)
        gap = at[0, 1] - at[1, 0]  # v with j only − v with i only: positive where i adds more
        tie = np.abs(gap) < 1e-14
        out[..., i, j] = ((gap > 0) & ~tie).mean(axis=-1)
        out[..., j, i] = ((gap < 0) & ~tie).mean(axis=-1)
    return out


def commonality(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Commonality coefficients of every subset of players (Mood 1971); that of no player is 0, and all sum to R².

    R (..., p+1, p+1), k players → (..., 2^k). With N all players, f(U) = v(N∖U) − v(N) is what the players in U explain
    that the others do not, the sum of the coefficients of all subsets of U; differencing along each bit inverts that.
    """
    k = len(sizes)
    v = residuals(R, sizes)
    f = (v[..., ::-1] - v[..., -1:]).reshape(*v.shape[:-1], *(2,) * k)
    for axis in range(-k, 0):
        f = np.concatenate([np.take(f, [0], axis=axis), np.diff(f, axis=axis)], axis=axis)
    return f.reshape(v.shape)


def pmvd(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Proportional marginal variance decomposition (Feldman 2005).  R (..., p+1, p+1), k players → (..., k).

    An average over orders of entry like lmg, in which an order weighs Π 1/(v(S_i) − v(N)) over its beginnings S_i: a
    player without a coefficient of its own gets nothing.
    """

    def of(part: FloatArray) -> FloatArray:
        v = residuals(part, sizes)
        a = 1 / np.maximum(v - v[..., -1:], 1e-15)
        a[..., [0, -1]] = 1.0
        return _over_orders(v, a, {})

    return _in_parts(of, R, len(sizes))


def shapley_after(R: FloatArray, sizes: tuple[int, ...], after: Mapping[int, Sequence[int]]) -> FloatArray:
    """LMG over the orders in which each player of `after` enters later than the players it names.

    For an interaction, which says nothing before its main effects (relaimpo does the same).  R (..., p+1, p+1) → (..., k).
    """

    def of(part: FloatArray) -> FloatArray:
        v = residuals(part, sizes)
        return _over_orders(v, np.ones_like(v), after)

    return _in_parts(of, R, len(sizes))


def _in_parts(kernel: Callable[[FloatArray], FloatArray], R: FloatArray, k: int) -> FloatArray:
    """What the kernel, which holds all 2^k values of every matrix, makes of so few matrices at a time that memory holds them."""
    sets, few = R.reshape(-1, *R.shape[-2:]), max(1, _HELD >> k)
    starts = range(0, len(sets), few)
    parts = (kernel(sets[at : at + few]) for at in starts)
    found = [*watched(parts, len(starts), f"2^{k} models × {len(sets):,} draws")]
    return np.concatenate(found).reshape(*R.shape[:-2], -1)


def _over_orders(v: FloatArray, a: FloatArray, after: Mapping[int, Sequence[int]]) -> FloatArray:
    """Gain in R² of each player averaged over the allowed orders, an order weighing Π a(S_i) over its beginnings.

    v, a (..., 2^k) → (..., k). Orders are not listed: F(S) sums the weights of the ways into S, B(S) of those on from S.
    """
    k = v.shape[-1].bit_length() - 1
    full, count, subsets = (1 << k) - 1, sizes_of_subsets(k), np.arange(1 << k)
    needs = [sum(1 << i for i in after.get(j, ())) for j in range(k)]
    may_enter = [((subsets >> j & 1) == 0) & (subsets & needs[j] == needs[j]) for j in range(k)]  # j joins S
    F, B = np.zeros_like(v), np.zeros_like(v)
    F[..., 0] = B[..., full] = 1.0
    for s in range(1, k + 1):
        at = np.flatnonzero(count == s)
        into = [np.where((at >> j & 1) & may_enter[j][at & ~(1 << j)], F[..., at & ~(1 << j)], 0.0) for j in range(k)]
        F[..., at] = a[..., at] * sum(into)
        at = np.flatnonzero(count == k - s)
        B[..., at] = sum(np.where(may_enter[j][at], (a * B)[..., at | 1 << j], 0.0) for j in range(k))
    out = []
    for j in range(k):
        before = np.flatnonzero(may_enter[j])
        then = before | 1 << j
        passing = F[..., before] * a[..., then] * B[..., then]
        out.append((passing * (v[..., before] - v[..., then])).sum(axis=-1) / F[..., full])
    return np.stack(out, axis=-1)


def gains_in_orders(R: FloatArray, half: npt.NDArray[np.intp], chunk: int = 256) -> FloatArray:
    """Mean gain in R² of each driver over an order of entry and its reverse.  R (p+1, p+1), half (pairs, p) → (pairs, p).

    With the outcome last in a Cholesky factor, the squares of its row are the gains, in order of entry. Pairs are taken
    `chunk` at a time, for memory.
    """
    starts = range(0, len(half), chunk)
    return np.concatenate(
        [(_gains(R, half[at : at + chunk]) + _gains(R, half[at : at + chunk, ::-1])) / 2 for at in starts]
    )


def _gains(R: FloatArray, orders: npt.NDArray[np.intp]) -> FloatArray:
    index = np.concatenate([orders + 1, np.zeros((len(orders), 1), dtype=orders.dtype)], axis=1)
    ordered = R[index[:, :, None], index[:, None, :]]
    ordered[:, -1, -1] = 2  # no gain depends on it, and an outcome that the drivers determine has a factor too
    factor = np.linalg.cholesky(ordered)
    gains = np.empty(orders.shape)
    np.put_along_axis(gains, orders, factor[:, -1, :-1] ** 2, axis=1)
    return gains


def shapley_in_orders(R: FloatArray, half: npt.NDArray[np.intp]) -> FloatArray:
    """LMG over the given orders and their reverses alone.  R (..., p+1, p+1), half (pairs, p) → (..., p); sums to R².

    Where Numba is installed, many draws go to the kernel of `compiled`; NumPy gives the same numbers.
    """
    sets, label = R.reshape(-1, *R.shape[-2:]), f"{2 * len(half):,} orders of entry × {R[..., 0, 0].size:,} draws"
    if len(sets) >= LANES and half.shape[1] >= _MANY and kernel_of_orders() is not None:
        return in_orders(sets, half, label).reshape(*R.shape[:-2], -1)
    means = (gains_in_orders(one, half).mean(axis=0) for one in sets)
    return np.stack([*watched(means, len(sets), label)]).reshape(*R.shape[:-2], -1)


def average_coefficients(S: FloatArray) -> FloatArray:
    """Average regression coefficient of each driver over the models of each size.

    S (..., p+1, p+1) covariances with the outcome first → (..., p, p): row a driver, column s for models of s + 1 drivers.
    """
    p = S.shape[-1] - 1
    out = np.zeros((*S.shape[:-2], p, p))
    for size in range(1, p + 1):
        for chosen in combinations(range(1, p + 1), size):
            columns = list(chosen)
            coefficients = np.linalg.solve(S[..., columns, :][..., :, columns], S[..., columns, :1])[..., 0]
            out[..., [j - 1 for j in columns], size - 1] += coefficients / comb(p - 1, size - 1)
    return out


def owen(R: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Owen (1977) values: Shapley among blocks, and within each block among its members.

    R (..., p+1, p+1), blocks of `sizes` adjacent columns → (..., p), one value a driver. Those of a block sum to the
    block's value as a player (`shapley` with these sizes), and all sum to R². For every set H of other blocks, H is
    swept in and the members of the block divide what is left.
    """
    ends = np.cumsum((1, *sizes))
    blocks = [list(range(start, start + size)) for start, size in zip(ends, sizes, strict=False)]
    parts = []
    for block in blocks:
        others = [other for other in blocks if other is not block]
        value = np.zeros((*R.shape[:-2], len(block)))
        for s in range(len(others) + 1):
            weight = 1 / (len(blocks) * comb(len(others), s))
            for chosen in combinations(others, s):
                columns = [j for other in chosen for j in other]
                own = [0, *block]
                taken = R[..., [*own, *columns], :][..., :, [*own, *columns]]
                left = _without_or_with_last(taken, len(columns))[1] if columns else taken
                value += weight * shapley(left, (1,) * len(block))
        parts.append(value)
    return np.concatenate(parts, axis=-1)
