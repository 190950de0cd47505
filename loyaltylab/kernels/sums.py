"""Array kernels: from rows to weighted sums, for the sample, for groups of rows, and for draws; covariances of slopes from sums by cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from .linalg import FloatArray, symmetric_root


def units(x: FloatArray, w: FloatArray, unit: npt.NDArray[np.intp]) -> list[FloatArray]:
    """weight, n, Σw², mean and scatter of each unit: of each row where no two share one.  x (n, k), unit (n,)."""
    if unit.max() + 1 == len(x):
        order = np.argsort(unit)
        x, w = x[order], w[order]
        return [w, np.ones(len(w)), w**2, x, np.zeros((*x.shape, x.shape[1]))]
    order = np.argsort(unit, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(unit))[:-1])
    parts = [summed(x[at], w[at], np.ones((1, len(at)))) for at in members]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def combined(each: Sequence[FloatArray], counts: FloatArray) -> list[FloatArray]:
    """Sums of units (weight, n, Σw², mean, scatter), each as often as counts (m, units) says."""
    unit_weight, unit_n, unit_w2, unit_mean, unit_scatter = each
    k = unit_mean.shape[1]
    weight = counts @ unit_weight
    centre = unit_weight @ unit_mean / unit_weight.sum()
    offset = unit_mean - centre
    about = unit_scatter + unit_weight[:, None, None] * offset[:, :, None] * offset[:, None, :]
    shift = (counts * unit_weight) @ offset / weight[:, None]
    scatter = (counts @ about.reshape(len(offset), k * k)).reshape(-1, k, k)
    scatter -= weight[:, None, None] * shift[:, :, None] * shift[:, None, :]
    return [weight, counts @ unit_n, counts @ unit_w2, centre + shift, scatter]


def left_out(each: Sequence[FloatArray]) -> list[FloatArray]:
    """Sums of all units (weight, n, Σw², mean, scatter) without each of them in turn."""
    weight, n, w2, mean, scatter = (part[0] for part in combined(each, np.ones((1, len(each[0])))))
    left = weight - each[0]
    gap = each[3] - mean
    scatter = scatter - each[4] - (weight * each[0] / left)[:, None, None] * gap[:, :, None] * gap[:, None, :]
    return [left, n - each[1], w2 - each[2], mean - (each[0] / left)[:, None] * gap, scatter]


def summed(
    x: FloatArray, w: FloatArray, counts: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """weight, n, Σw², mean and scatter of rows x (n, k), each row as often as counts (m, n) says."""
    return _moments_of(counts @ _terms(x, w), w @ x / w.sum())


def summed_once(
    x: FloatArray, w: FloatArray, most: int = 200_000, block: int = 20_000
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """`summed` over rows x (n, k) taken once each; more than `most` a block at a time, in memory that does not grow."""
    if len(x) <= most:
        return summed(x, w, np.ones((1, len(x))))
    centre, (rows, cols) = w @ x / w.sum(), np.tril_indices(x.shape[1])
    sums = np.concatenate([[w.sum(), len(w), np.square(w).sum()], np.zeros(x.shape[1] + len(rows))])
    for start in range(0, len(x), block):
        about = x[start : start + block] - centre
        weighted = w[start : start + block, None] * about
        sums[3:] += np.concatenate([weighted.sum(axis=0), (weighted.T @ about)[rows, cols]])
    return _moments_of(sums[None], centre)


def _terms(x: FloatArray, w: FloatArray) -> FloatArray:
    """What is summed over rows, (n, 3 + k + k(k+1)/2): w, 1, w², and w times the distances to the mean and their products."""
    about = x - w @ x / w.sum()
    rows, cols = np.tril_indices(x.shape[1])
    weighted = w[:, None] * about
    return np.concatenate(
        [np.stack([w, np.ones(len(w)), w**2], axis=1), weighted, weighted[:, rows] * about[:, cols]], axis=1
    )


def _moments_of(
    sums: FloatArray, centre: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """weight, n, Σw², mean and scatter from sums (m, 3 + k + k(k+1)/2) of `_terms`."""
    k = len(centre)
    weight, n, sum_w2 = sums[:, :3].T
    shift = sums[:, 3 : 3 + k] / weight[:, None]
    rows, cols = np.tril_indices(k)
    scatter = np.empty((len(sums), k, k))
    scatter[:, rows, cols] = scatter[:, cols, rows] = sums[:, 3 + k :]
    scatter -= weight[:, None, None] * shift[:, :, None] * shift[:, None, :]
    return weight.copy(), n.copy(), sum_w2.copy(), centre + shift, scatter


def resampled(x: FloatArray, w: FloatArray, n_draws: int, seed: int, cells: int = 1_000_000) -> list[FloatArray]:
    """`summed` over random counts, in chunks that keep memory flat: no row is touched twice."""
    rng, n, terms = np.random.default_rng(seed), len(x), _terms(x, w)
    sums, chunk = np.empty((n_draws, terms.shape[1])), max(1, cells // n)
    counts = np.empty((min(chunk, n_draws), n))
    for start in range(0, n_draws, chunk):
        size = min(chunk, n_draws - start)
        for count, drawn in zip(counts, rng.integers(n, size=(size, n)), strict=False):
            count[:] = np.bincount(drawn, minlength=n)
        np.matmul(counts[:size], terms, out=sums[start : start + size])
    return list(_moments_of(sums, w @ x / w.sum()))


def pairwise(columns: Sequence[FloatArray], rows: int = 20_000) -> tuple[FloatArray, FloatArray, FloatArray]:
    """n, covariance (divisor n) and correlation of every two columns, over the rows that have both.  k columns (n,) → (k, k).

    Means and standard deviations are those of the same rows, so that no correlation is above one. Rows are taken a block at
    a time, in single precision within a block: six digits, in a fraction of time and memory.
    """
    k = len(columns)
    centre = [np.nanmean(x) if (~np.isnan(x)).any() else 0.0 for x in columns]
    totals, squares = np.zeros((2 * k, 2 * k)), np.zeros((k, k))
    for start in range(0, len(columns[0]) if k else 0, rows):
        block = np.empty((2 * k, min(rows, len(columns[0]) - start)), dtype=np.float32)  # answers, and whether there
        for j, x in enumerate(columns):
            np.subtract(x[start : start + rows], centre[j], out=block[j], casting="same_kind")
        gone = np.isnan(block[:k])
        block[:k][gone] = 0.0
        block[k:] = ~gone
        totals += block @ block.T
        squares += np.square(block[:k]) @ block[k:].T
    n, sums, products = totals[k:, k:], totals[:k, k:], totals[:k, :k]
    with np.errstate(invalid="ignore", divide="ignore"):
        cov, var = products / n - sums * sums.T / n**2, squares / n - (sums / n) ** 2
        return n, cov, np.clip(cov / np.sqrt(np.where(var > 1e-9 * squares / n, var * var.T, np.nan)), -1, 1)


def pairwise_weighted(x: FloatArray, counts: FloatArray, cells: int = 4_000_000) -> list[FloatArray]:
    """Weight of each pair, mean, and covariance of every two columns over the rows that have both.

    x (n, k) with gaps, counts (m, n) the weight of each row in each set → (m, k, k), (m, k), (m, k, k). Correlations are
    those of the pair alone; variances are those of everyone who answered, as in `pandas.DataFrame.corr` and `.var`.
    """
    k = x.shape[1]
    there = (~np.isnan(x)).astype(float)
    centre = np.nanmean(x, axis=0)
    y = np.where(there > 0, x - centre, 0.0)
    rows, cols = np.tril_indices(k)
    own, full = rows == cols, there.all(axis=1)
    sums = _summed_in_parts(counts[:, full], y[full], lambda z: (z, z[:, rows] * z[:, cols]), cells)
    first, products = sums[:, :k], sums[:, k:]
    squares = products[:, own]
    whole = [
        counts[:, full].sum(axis=1)[:, None],
        first[:, rows],
        first[:, cols],
        products,
        squares[:, rows],
        squares[:, cols],
    ]

    def gapped(z: FloatArray) -> tuple[FloatArray, ...]:
        """Of rows with gaps: whether both are there, and answers and their products and squares where both are."""
        m, z = (z == z).astype(float), np.nan_to_num(z)
        z_i, z_j, m_i, m_j = z[:, rows], z[:, cols], m[:, rows], m[:, cols]
        return m_i * m_j, z_i * m_j, m_i * z_j, z_i * z_j, z_i**2 * m_j, m_i * z_j**2

    rest = _summed_in_parts(counts[:, ~full], (x - centre)[~full], gapped, cells)
    both, s_i, s_j, p_ij, q_i, q_j = (a + b for a, b in zip(whole, np.split(rest, 6, axis=1), strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        v_i, v_j = q_i / both - (s_i / both) ** 2, q_j / both - (s_j / both) ** 2
        r = (p_ij / both - s_i * s_j / both**2) / np.sqrt(v_i * v_j)
    sd = np.sqrt(v_i[:, own])
    weight, covariance = np.empty((2, len(counts), k, k))
    weight[:, rows, cols] = weight[:, cols, rows] = both
    covariance[:, rows, cols] = covariance[:, cols, rows] = r
    return [weight, centre + s_i[:, own] / both[:, own], covariance * sd[:, :, None] * sd[:, None, :]]


def _summed_in_parts(
    counts: FloatArray, x: FloatArray, terms: Callable[[FloatArray], tuple[FloatArray, ...]], cells: int
) -> FloatArray:
    """counts @ the terms of the rows, some rows at a time.  counts (m, n), x (n, k) → (m, all columns of the terms)."""
    step = max(1, cells // (3 * x.shape[1] * (x.shape[1] + 1)))
    sums = counts[:, :0] @ np.concatenate(terms(x[:0]), axis=1)
    for start in range(0, len(x), step):
        sums += counts[:, start : start + step] @ np.concatenate(terms(x[start : start + step]), axis=1)
    return sums


# ---- regression with respondents in clusters, from sums by cluster -------------------------------------------------------


class Clustered:
    """CR2 of a least-squares fit and its degrees of freedom (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018).

    The working model, to which only the small-sample correction refers, is independent errors whose variance goes as
    1 / weight. Equals R's clubSandwich. S (G, k, k) cross-products and s (G, k) scores Σ w x e of each of G clusters.
    """

    def __init__(self, S: FloatArray, s: FloatArray) -> None:
        root = symmetric_root(np.linalg.inv(S.sum(axis=0)))  # of the bread
        inner = root @ S @ root  # (G, k, k): what each cluster is of the whole; sums to the unit matrix
        share, axes = np.linalg.eigh(inner)
        share = np.clip(share, 0, 1)
        with np.errstate(divide="ignore"):
            scale = np.where(share < 1 - 1e-9, (1 - share) ** -0.5, 0.0)  # of a cluster that alone decides a slope
        adjust = (axes * scale[:, None, :]) @ np.swapaxes(axes, 1, 2)
        moved = np.einsum("ij,gjk,kl,gl->gi", root, adjust, root, s, optimize=True)
        self.cov: FloatArray = moved.T @ moved
        self.bread: FloatArray = root @ root
        self._own = root @ adjust @ inner @ adjust @ root  # (G, k, k)
        self._shared = root @ adjust @ inner  # (G, k, k)

    def df(self, C: FloatArray) -> float:
        """Degrees of freedom of the covariances of contrasts C (q, k), by matching moments; Satterthwaite's for q = 1."""
        omega = C @ self.bread @ C.T
        values, vectors = np.linalg.eigh(omega)
        C = (vectors / np.sqrt(values)) @ vectors.T @ C
        A = C @ self._own @ C.T  # (G, q, q)
        L = C @ self._shared  # (G, q, k)
        LL = L @ np.swapaxes(L, 1, 2)
        M = np.einsum("gsk,gtl->stkl", L, L, optimize=True)
        a, d = np.einsum("gss->gs", A), np.einsum("gss->gs", LL)
        first = a.T @ a - a.T @ d - d.T @ a + (M**2).sum(axis=(2, 3))
        second = (A**2 - 2 * A * LL).sum(axis=0) + np.einsum("stkl,tskl->st", M, M)
        q = len(C)
        return float(q * (q + 1) / (first + second).sum())


def linearised_covariance(bread: FloatArray, s: FloatArray, stratum: FloatArray) -> tuple[FloatArray, float]:
    """Covariances (k, k) of slopes under a stratified design, and its degrees of freedom: units less strata (Binder 1983).

    bread (k, k), s (units, k) scores, stratum (units,).
    """
    about = np.array(s, dtype=float)
    strata = np.unique(stratum)
    for h in strata:
        at = stratum == h
        size = int(at.sum())
        about[at] = (s[at] - s[at].mean(axis=0)) * np.sqrt(size / (size - 1))
    return bread @ (about.T @ about) @ bread, float(len(s) - len(strata))


def wald(coef: FloatArray, cov: FloatArray, df: float, *, reduced: bool = False) -> tuple[float, float]:
    """F and p of all q slopes being zero; `reduced` takes Hotelling's df − q + 1, as covariances of few clusters need."""
    from scipy.special import fdtrc

    q = len(coef)
    rest = df - q + 1 if reduced else df
    if rest <= 0 or np.linalg.matrix_rank(cov) < q:
        return float("nan"), float("nan")
    F = float(coef @ np.linalg.solve(cov, coef)) / q * (rest / df)
    return F, float(fdtrc(q, rest, max(F, 0.0)))
