"""Sums over all subsets of drivers, compiled by Numba where it is installed.

Numba is optional: `kernel()` is None without it, or with LOYALTYLAB_NUMBA=0 in the environment, and `attribution` then does
the same in NumPy. Nothing here imports Numba before there is work that pays for it. The functions below are plain
Python until `_compiled` hands them to Numba; lanes are always `LANES` adjacent numbers, so that the processor takes
several at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import watched

FloatArray = npt.NDArray[np.float64]

LANES = 64  # subsets or draws worked on side by side
_OPTIONS = {"error_model": "numpy", "fastmath": {"contract"}}
_THREADED = 1 << 23  # subsets from which threads pay


def sums(
    tri: FloatArray, sizes: tuple[int, ...], taken: npt.NDArray[np.intp], share_of: FloatArray, label: str = ""
) -> FloatArray:
    """Sums over all subsets of the players left in each lane: what `attribution` does in NumPy, compiled.

    Parameters
    ----------
    tri : array (q(q+1)/2, lanes)
        Packed lower triangles of the correlations of (outcome, x_1 … x_(q−1)), one lane for each draw and each choice
        already made among other players.
    sizes : tuple of int
        Adjacent columns of each player; they sum to q − 1.
    taken : array (lanes,)
        Players already in.
    share_of : array
        Weight of the residual variance of a subset, by its number of players.
    label : str
        What to call this in a line of progress.

    Returns
    -------
    array (1 + players, lanes)
        Row 0 the weighted sum over all subsets, row j over those that hold player j.

    Raises
    ------
    RuntimeError
        Where `kernel()` is None.
    """
    visit = kernel()
    if visit is None:
        raise RuntimeError(
            "compiled sums need Numba, which is absent or switched off; install it, or let attribution.shapley choose."
        )
    lanes, players = tri.shape[1], np.array(sizes, dtype=np.int64)
    result = np.empty((len(sizes) + 1, lanes))

    def block(start: int) -> None:
        at = np.minimum(np.arange(start, start + LANES), lanes - 1)
        share = share_of[taken[at] + np.arange(len(sizes) + 1)[:, None]]
        out = np.zeros((len(sizes) + 1, LANES))
        visit(np.take(tri, at, axis=1).ravel(), players, share.ravel(), out.ravel())
        result[:, start : start + LANES] = out[:, : lanes - start]

    starts = range(0, lanes, LANES)
    for _ in watched(_each(block, starts, threaded=lanes << len(sizes) >= _THREADED), len(starts), label):
        pass
    return result


def in_orders(R: FloatArray, half: npt.NDArray[np.intp], label: str = "") -> FloatArray:
    """Mean gain in R² of each driver over orders of entry and their reverses: `subsets.shapley_in_orders`, compiled.

    R (sets, p+1, p+1) correlations with the outcome first, half (pairs, p) → (sets, p).

    Raises
    ------
    RuntimeError
        Where `kernel_of_orders()` is None.
    """
    visit = kernel_of_orders()
    if visit is None:
        raise RuntimeError("compiled orders need Numba, which is absent or switched off; let subsets choose.")
    sets, p = len(R), R.shape[1] - 1
    orders = np.concatenate([half, half[:, ::-1]]).astype(np.int64) + 1
    result = np.empty((sets, p))

    def block(start: int) -> None:
        at, out = np.minimum(np.arange(start, start + LANES), sets - 1), np.zeros((p + 1, LANES))
        visit(np.ascontiguousarray(np.moveaxis(R[at], 0, -1)).ravel(), orders, out.ravel())
        result[start : start + LANES] = out[1:, : sets - start].T / len(orders)

    starts = range(0, sets, LANES)
    for _ in watched(_each(block, starts, threaded=sets > LANES), len(starts), label):
        pass
    return result


def threads() -> int:
    """Threads the kernel may use: NUMBA_NUM_THREADS if set, else the processors this process may run on."""
    from numba import config

    return int(config.NUMBA_NUM_THREADS)


def kernel() -> Callable[..., None] | None:
    """The compiled kernel; None without Numba, or where LOYALTYLAB_NUMBA is 0."""
    return _compiled(_visit, "void(float64[::1], int64[::1], float64[::1], float64[::1])") if _wanted() else None


def kernel_of_orders() -> Callable[..., None] | None:
    """The compiled kernel of sampled orders; None as `kernel` is."""
    return _compiled(_enter, "void(float64[::1], int64[:, ::1], float64[::1])") if _wanted() else None


def _wanted() -> bool:
    return os.environ.get("LOYALTYLAB_NUMBA") != "0"


@cache
def _compiled(function: Callable[..., None], signature: str) -> Callable[..., None] | None:
    """Compiled once and kept beside this file, in NUMBA_CACHE_DIR or in the user's cache; in memory only if none can be
    written to."""
    njit = _numba()
    if njit is None:
        return None
    try:
        return njit(signature, nogil=True, cache=True, **_OPTIONS)(function)
    except (RuntimeError, OSError):
        return njit(signature, nogil=True, **_OPTIONS)(function)


@cache
def _numba() -> Callable[..., Any] | None:
    """Numba's njit, once it knows the parts of the kernels; None where it is not installed."""
    try:
        from numba import njit
        from numba.extending import register_jitable
    except ImportError:  # absent, or older than the NumPy beside it
        return None
    for part in (_add, _fourth_in, _layout, _leaf, _pair, _step, _third_in, _volume, _weigh):
        register_jitable(**_OPTIONS)(part)
    return njit


def _each(work: Callable[[int], None], starts: Iterable[int], *, threaded: bool) -> Iterator[None]:
    """Does the work for each start, in threads if told to, and says so after each."""
    if not threaded or threads() < 2:
        yield from map(work, starts)
        return
    from concurrent.futures import ThreadPoolExecutor, as_completed

    pool = ThreadPoolExecutor(threads())
    try:
        for future in as_completed([pool.submit(work, start) for start in starts]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


# ---- compiled ---------------------------------------------------------------------------------------------------------


def _visit(tri: FloatArray, sizes: npt.NDArray[np.int64], share: FloatArray, out: FloatArray) -> None:
    """One block of lanes: tri (rows · LANES), share ((1 + k) · LANES) by players taken in, out ((1 + k) · LANES).

    A counter runs over the choices for all players but the first four (`_leaf` does those); its bit b decides on player
    4 + b. From one count to the next a single bit turns on, so each needs one Schur step, from the matrix that was there
    before that bit was decided. Leaving out copies nothing. Sums are paired as in a tree, so that little is lost.
    """
    deep = 4 if len(sizes) >= 4 and sizes[:4].max() == 1 else 0
    bits, at = len(sizes) - deep, np.zeros(len(sizes) - deep + 1, np.int64)
    order, own = _layout(sizes, deep, len(tri) // LANES)
    work, partial = np.empty(own[bits] * LANES), np.empty((bits + 1) * LANES)
    work[: len(tri)] = tri
    total, scratch = np.empty(LANES), np.empty(2 * LANES)
    for count in range(1 << bits):
        taken = 0
        if count:
            b = 0
            while not (count >> b) & 1:
                b += 1
            for step in range(sizes[deep + b]):
                _step(work, own[b] if step else at[b + 1], own[b], order[b + 1] - 1 - step, scratch)
            at[: b + 1] = own[b]
            while count >> b:
                taken += (count >> b) & 1
                b += 1
        if deep:
            _leaf(work[at[0] * LANES :], share[taken * LANES :], total, out[LANES:])
        else:
            _weigh(work[at[0] * LANES :], share[taken * LANES :], total)
        b = 0
        while (count >> b) & 1:
            _add(out[(1 + deep + b) * LANES :], total)
            _add(total, partial[b * LANES :])
            b += 1
        partial[b * LANES : (b + 1) * LANES] = total
    out[:LANES] = partial[bits * LANES :]


def _enter(R: FloatArray, orders: npt.NDArray[np.int64], out: FloatArray) -> None:
    """One block of lanes: R ((p+1)² · LANES), orders (m, p) of 1 … p, out ((1 + p) · LANES) sums of gains by driver.

    The triangle is laid out with the last to enter first, so that each entry is a Schur step on its last row.
    """
    p = orders.shape[1]
    work, scratch, at = np.empty((p + 1) * (p + 2) // 2 * LANES), np.empty(2 * LANES), np.zeros(p + 1, np.int64)
    for order in orders:
        at[1:] = order[::-1]
        for i in range(p + 1):
            for j in range(i + 1):
                to, source = (i * (i + 1) // 2 + j) * LANES, (at[i] * (p + 1) + at[j]) * LANES
                work[to : to + LANES] = R[source : source + LANES]
        for last in range(p, 0, -1):
            row, gain = work[last * (last + 1) // 2 * LANES :], out[at[last] * LANES :]
            for lane in range(LANES):
                gain[lane] += row[lane] * row[lane] / row[last * LANES + lane]
            _step(work, 0, 0, last, scratch)


def _layout(sizes: npt.NDArray[np.int64], deep: int, end: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Order of the matrix before each bit is decided, and where the matrix with that bit on is kept; last, the room."""
    bits = len(sizes) - deep
    order, own = np.empty(bits + 1, np.int64), np.empty(bits + 1, np.int64)
    order[0] = 1 + deep
    for b in range(bits):
        order[b + 1] = order[b] + sizes[deep + b]
        own[b] = end
        end += order[b + 1] * (order[b + 1] - 1) // 2
    own[bits] = end
    return order, own


def _add(to: FloatArray, what: FloatArray) -> None:
    for lane in range(LANES):
        to[lane] += what[lane]


def _step(work: FloatArray, source: int, target: int, last: int, scratch: FloatArray) -> None:
    """Schur step: row `last` of the triangle at `source` is taken in, the rows above it are written at `target`."""
    row = work[(source + last * (last + 1) // 2) * LANES :]
    inverse, scaled = scratch[:LANES], scratch[LANES:]
    for lane in range(LANES):
        inverse[lane] = 1.0 / row[last * LANES + lane]
    for i in range(last):
        for lane in range(LANES):
            scaled[lane] = row[i * LANES + lane] * inverse[lane]
        start = i * (i + 1) // 2
        before, after = work[(source + start) * LANES :], work[(target + start) * LANES :]
        for j in range(i + 1):
            for lane in range(LANES):
                after[j * LANES + lane] = before[j * LANES + lane] - scaled[lane] * row[j * LANES + lane]


def _weigh(matrix: FloatArray, share: FloatArray, total: FloatArray) -> None:
    """The one subset that is left where no player is."""
    for lane in range(LANES):
        total[lane] = matrix[lane] * share[lane]


def _leaf(matrix: FloatArray, share: FloatArray, total: FloatArray, D: FloatArray) -> None:
    """All 16 subsets of the first four variables, in registers. One division serves two pivots or two pairs."""
    for l in range(LANES):
        a = (matrix[l], matrix[LANES + l], matrix[2 * LANES + l], matrix[3 * LANES + l], matrix[4 * LANES + l])
        b = (matrix[5 * LANES + l], matrix[6 * LANES + l], matrix[7 * LANES + l], matrix[8 * LANES + l])
        c = (matrix[9 * LANES + l], matrix[10 * LANES + l], matrix[11 * LANES + l], matrix[12 * LANES + l])
        without = a + b + c + (matrix[13 * LANES + l], matrix[14 * LANES + l])
        w = (share[l], share[LANES + l], share[2 * LANES + l], share[3 * LANES + l], share[4 * LANES + l])
        fourth = _fourth_in(without)
        inverse = 1.0 / (without[9] * fourth[9])
        third, both = _third_in(without, inverse * fourth[9]), _third_in(fourth, inverse * without[9])
        v_without, v_third, v_fourth, v_both = _volume(without), _volume(third), _volume(fourth), _volume(both)
        inverse = 1.0 / (v_without * v_third)
        s0, one0, two0 = _pair(without, inverse * v_third, w[0], w[1], w[2])
        s3, one3, two3 = _pair(third, inverse * v_without, w[1], w[2], w[3])
        inverse = 1.0 / (v_fourth * v_both)
        s4, one4, two4 = _pair(fourth, inverse * v_both, w[1], w[2], w[3])
        s34, one34, two34 = _pair(both, inverse * v_fourth, w[2], w[3], w[4])
        total[l] = (s0 + s3) + (s4 + s34)
        D[l] += (one0 + one3) + (one4 + one34)
        D[LANES + l] += (two0 + two3) + (two4 + two34)
        D[2 * LANES + l] += s3 + s34
        D[3 * LANES + l] += s4 + s34


def _fourth_in(m: tuple[float, ...]) -> tuple[float, ...]:
    """Packed triangle of (outcome, x_1 … x_4) → that of (outcome, x_1, x_2, x_3) with x_4 taken in."""
    inverse = 1.0 / m[14]
    f, g, h, i = m[10] * inverse, m[11] * inverse, m[12] * inverse, m[13] * inverse
    first = (m[0] - f * m[10], m[1] - g * m[10], m[2] - g * m[11], m[3] - h * m[10], m[4] - h * m[11], m[5] - h * m[12])
    return (*first, m[6] - i * m[10], m[7] - i * m[11], m[8] - i * m[12], m[9] - i * m[13])


def _third_in(m: tuple[float, ...], inverse: float) -> tuple[float, ...]:
    """The same for x_3, given one over its pivot → packed triangle of (outcome, x_1, x_2)."""
    f, g, h = m[6] * inverse, m[7] * inverse, m[8] * inverse
    return (m[0] - f * m[6], m[1] - g * m[6], m[2] - g * m[7], m[3] - h * m[6], m[4] - h * m[7], m[5] - h * m[8])


def _volume(m: tuple[float, ...]) -> float:
    """Product of the three determinants by which `_pair` divides."""
    product = m[2] * m[5]
    return product * (product - m[4] * m[4])


def _pair(m: tuple[float, ...], inverse: float, w0: float, w1: float, w2: float) -> tuple[float, float, float]:
    """Weighted residual variances of the subsets of {x_1, x_2}, given 1 / volume: all, those with x_1, with x_2."""
    both = (m[2] * m[5] - m[4] * m[4]) * inverse
    beyond = m[2] * m[3] - m[1] * m[4]
    first = m[0] - m[1] * m[1] * (both * m[5])
    second = w1 * (m[0] - m[3] * m[3] * (both * m[2]))
    together = w2 * (first - beyond * beyond * (inverse * m[5]))
    one = w1 * first + together
    return w0 * m[0] + one + second, one, second + together
