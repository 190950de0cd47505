"""Array kernels: the cumulative logit of many samples and subsets of columns at once, and its fit indices.

The answers are 0 … K−1 and P(answer ≤ c) = F(θ_c − x β), F the logistic function (McCullagh 1980); K = 2 is the binary
logit. A *lane* is one fit: its weights (a bootstrap draw) and the columns it may use (a subset of drivers). With
F(a) − F(b) = F(a) F(−b) (1 − e^(b−a)) the log-likelihood is that of a binary logit in which every row stands twice, once
with each threshold beside its answer, plus one term a middle answer; so all lanes go through the same matrix products.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from .linalg import FloatArray, symmetric_root

BoolArray = npt.NDArray[np.bool_]
_MOST_STEPS = 25  # a finite estimate takes 4 to 10; without one each step moves the linear predictor by about 1
_TOLERANCE = 1e-7  # in SDs of the columns; the log-likelihood is then exact to about n · 1e-14


@dataclass(frozen=True)
class Stack:
    """Rows standing once with each threshold beside their answer, so that log P = Σ log F(D β) + gaps.

    D (m, q) with q = K − 1 + p: thresholds first; owner (m,) the respondent of each row; products (m, q(q+1)/2).
    """

    D: FloatArray
    owner: npt.NDArray[np.intp]
    products: FloatArray
    answers: npt.NDArray[np.intp]
    K: int


def stack(y: npt.NDArray[np.intp], X: FloatArray, K: int) -> Stack:
    """The doubled design of answers y (n,) in 0 … K−1 and columns X (n, p)."""
    below, above = np.flatnonzero(y < K - 1), np.flatnonzero(y > 0)
    edges = np.eye(K - 1)
    upper = np.concatenate([edges[y[below]], -X[below]], axis=1)
    lower = np.concatenate([-edges[y[above] - 1], X[above]], axis=1)
    D = np.concatenate([upper, lower])
    rows, cols = np.tril_indices(D.shape[1])
    return Stack(D, np.concatenate([below, above]), D[:, rows] * D[:, cols], y, K)


def answer_weights(y: npt.NDArray[np.intp], w: FloatArray, K: int) -> FloatArray:
    """Weight of each answer.  y (n,), w (L, n) → (L, K)."""
    return w @ np.eye(K)[y]


def log_likelihood_null(weights: FloatArray) -> FloatArray:
    """Log-likelihood of the thresholds alone, from the weight of each answer.  weights (L, K) → (L,)."""
    part = weights / weights.sum(axis=1, keepdims=True)
    return (weights * np.log(np.where(weights > 0, part, 1.0))).sum(axis=1)


def null_thresholds(weights: FloatArray) -> FloatArray:
    """Thresholds of the model without columns.  weights (L, K), all above 0 → (L, K−1)."""
    below = weights.cumsum(axis=1)[:, :-1]
    return np.log(below) - np.log(weights.sum(axis=1, keepdims=True) - below)


def newton(
    s: Stack, w: FloatArray, include: BoolArray, start: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray, FloatArray]:
    """Maximum likelihood of every lane by Newton's method with halved steps.

    w (L, n), include (L, p) the columns a lane may use, start (L, q) → coefficients (L, q), log-likelihood (L,), whether
    it converged (L,), and the last step (L, q), which for a lane without finite estimate points to where it recedes.
    """
    L, q = start.shape
    free = np.concatenate([np.ones((L, s.K - 1), dtype=bool), include], axis=1)
    weights, middle = w[:, s.owner], answer_weights(s.answers, w, s.K)[:, 1:-1]
    at, step, best = start.copy(), np.zeros((L, q)), np.full(L, -np.inf)
    done, active = np.zeros(L, dtype=bool), np.arange(L)
    for _ in range(_MOST_STEPS):
        trial = at[active] + step[active]
        ll, gradient, hessian = _derivatives(s, weights, middle[active], trial)
        better = ll >= best[active] - 1e-10 * np.abs(best[active])
        gain = _solved(hessian[better], gradient[better], free[active[better]])
        moved = active[better]
        at[moved], best[moved], step[moved] = trial[better], ll[better], gain
        step[active[~better]] /= 2
        done[moved] = np.abs(gain).max(axis=1) < _TOLERANCE
        left = ~done[active]
        if not left.any():
            break
        if not left.all():
            active, weights = active[left], weights[left]
    at[done] += step[done]
    return at, best, done, step


def _derivatives(
    s: Stack, weights: FloatArray, middle: FloatArray, at: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log-likelihood (L,), gradient (L, q) and minus the Hessian (L, q, q) at (L, q); −inf where thresholds cross."""
    z = at @ s.D.T
    e = np.exp(-np.abs(z))
    F = np.where(z >= 0, e, 1.0) / (1 + e)  # 1 − F(z)
    ll = (weights * (np.minimum(z, 0) - np.log1p(e))).sum(axis=1)
    weighted = weights * F
    gradient = weighted @ s.D
    q = at.shape[1]
    rows, cols = np.tril_indices(q)
    hessian = np.empty((len(at), q, q))
    hessian[:, rows, cols] = hessian[:, cols, rows] = (weighted * (1 - F)) @ s.products
    if s.K > 2:
        gap = np.diff(at[:, : s.K - 1], axis=1)
        crossed = (gap <= 0).any(axis=1)
        gap = np.where(gap > 0, gap, 1.0)
        grows = np.expm1(gap)
        ll = np.where(crossed, -np.inf, ll + (middle * np.log(-np.expm1(-gap))).sum(axis=1))
        slope, bend = middle / grows, middle * (grows + 1) / grows**2
        for c in range(s.K - 2):
            gradient[:, c + 1] += slope[:, c]
            gradient[:, c] -= slope[:, c]
            hessian[:, [c, c + 1], [c, c + 1]] += bend[:, c, None]
            hessian[:, [c, c + 1], [c + 1, c]] -= bend[:, c, None]
    return ll, gradient, hessian


def _solved(hessian: FloatArray, gradient: FloatArray, free: BoolArray) -> FloatArray:
    """Newton steps (L, q), zero for the columns a lane may not use."""
    q = gradient.shape[1]
    both = free[:, :, None] & free[:, None, :]
    size = np.einsum("lii->l", hessian) / q
    H = np.where(both, hessian, 0.0)
    H[:, range(q), range(q)] += np.where(free, 1e-13 * size[:, None], 1.0)
    return np.linalg.solve(H, np.where(free, gradient, 0.0)[..., None])[..., 0]


def recedes(s: Stack, w: FloatArray, direction: FloatArray) -> bool:
    """Whether the likelihood of weights w (n,) rises for ever in a direction (q,): the columns separate the answers."""
    scale = np.abs(direction).max()
    rise = s.D[w[s.owner] > 0] @ direction
    gaps = np.diff(direction[: s.K - 1])
    return bool(scale > 0 and rise.min() > -1e-3 * rise.max() and (gaps > -1e-3 * rise.max()).all())


def fitted(X: FloatArray, at: FloatArray) -> FloatArray:
    """Probability of answer 1 in a binary logit.  X (n, p), at (L, 1 + p) → (L, n)."""
    from scipy.special import expit

    return expit(at[:, 1:] @ X.T - at[:, :1])


# ---- fit indices ------------------------------------------------------------------------------------------------------


def mcfadden(ll: FloatArray, ll_null: FloatArray, weight: FloatArray) -> FloatArray:
    """1 − ℓ / ℓ₀ (McFadden 1974).  All (L, …) → (L, …)."""
    return 1 - ll / ll_null


def nagelkerke(ll: FloatArray, ll_null: FloatArray, weight: FloatArray) -> FloatArray:
    """Cox and Snell's 1 − exp(2 (ℓ₀ − ℓ) / Σw) over its largest possible value (Nagelkerke 1991)."""
    return np.expm1(2 * (ll_null - ll) / weight) / np.expm1(2 * ll_null / weight)


def tjur(y: npt.NDArray[np.intp], p: FloatArray, w: FloatArray) -> FloatArray:
    """Mean fitted probability of those with answer 1 minus that of the others (Tjur 2009).  p, w (L, n) → (L,)."""
    ones, zeros = w * (y == 1), w * (y == 0)
    return (ones * p).sum(axis=1) / ones.sum(axis=1) - (zeros * p).sum(axis=1) / zeros.sum(axis=1)


def squared_correlation(y: npt.NDArray[np.intp], p: FloatArray, w: FloatArray) -> FloatArray:
    """Squared correlation of answer and fitted probability, R²_O of Mittlböck & Schemper (1996).  p, w (L, n) → (L,)."""
    total = w.sum(axis=1, keepdims=True)
    about_y, about_p = y - (w * y).sum(axis=1, keepdims=True) / total, p - (w * p).sum(axis=1, keepdims=True) / total
    cross, yy, pp = (w * about_y * about_p).sum(axis=1), (w * about_y**2).sum(axis=1), (w * about_p**2).sum(axis=1)
    return np.where(pp > 1e-20 * total[:, 0], cross**2 / np.where(pp > 0, pp * yy, 1.0), 0.0)


# ---- importance -------------------------------------------------------------------------------------------------------


def correlations(X: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """SDs (L, p) and correlations (L, p, p) of columns X (n, p) under weights w (L, n); nan where one does not vary."""
    p = X.shape[1]
    rows, cols = np.tril_indices(p)
    total = w.sum(axis=1, keepdims=True)
    mean = w @ X / total
    cov = np.empty((len(w), p, p))
    cov[:, rows, cols] = cov[:, cols, rows] = w @ (X[:, rows] * X[:, cols]) / total
    cov -= mean[:, :, None] * mean[:, None, :]
    variance = np.einsum("lii->li", cov)
    sd = np.sqrt(np.where(variance > 1e-12, variance, np.nan))
    return sd, cov / (sd[:, :, None] * sd[:, None, :])


def relative_weights(beta: FloatArray, sd: FloatArray, R: FloatArray, fit: FloatArray) -> FloatArray:
    """Logistic relative weights (Tonidandel & LeBreton 2010).  beta, sd (L, p), R (L, p, p), fit (L,) → (L, p).

    The columns are replaced by their nearest orthogonal set Z, whose logit coefficients are b = R^½ (β · sd). With the
    logits' variance Σ b² the standardised ones are b √fit / √Σ b², and weight j is Σ_k (R^½)_jk² b_k² fit / Σ b².
    """
    root = symmetric_root(R)
    b = np.einsum("ljk,lk->lj", root, beta * sd)
    return np.einsum("ljk,lk->lj", root**2, b**2) * (fit / (b**2).sum(axis=1))[:, None]


def plan(method: str, k: int) -> tuple[BoolArray, FloatArray]:
    """Subsets (S, k) a method looks at, and the weight of each one's fit in (k estimates, full fit, fit of none).

    The weights are (S, k + 2). `lmg` averages the gain over all orders of entry (Shapley 1953), `first` takes each
    player alone, `last` what is lost without it.
    """
    if method == "lmg":
        members = np.arange(1 << k)[:, None] >> np.arange(k) & 1 == 1
    elif method == "first":
        members = np.concatenate([np.zeros((1, k)), np.eye(k), np.ones((1, k))]) > 0
    else:
        members = np.concatenate([np.zeros((1, k)), 1 - np.eye(k), np.ones((1, k))]) > 0
    if k == 1:
        members = np.array([[False], [True]])
    size, full = members.sum(axis=1), members.all(axis=1)
    none = size == 0
    if method == "lmg":
        order = np.array([1 / (k * comb(k - 1, s)) for s in range(k)])  # s! (k−1−s)! / k!
        gained = np.where(members, order[np.maximum(size - 1, 0)][:, None], -order[np.minimum(size, k - 1)][:, None])
    elif method == "first":
        gained = (members & (size == 1)[:, None]) * 1.0 - none[:, None]
    else:
        gained = full[:, None] - (~members & (size == k - 1)[:, None]) * 1.0
    return members, np.concatenate([gained, full[:, None], none[:, None]], axis=1)
