"""Array kernels of scales: reliability, loadings and dimensionality from a covariance or correlation matrix.

`S` is a covariance matrix and `R` a correlation matrix of p items, both (..., p, p); leading axes are free and every set
must be finite. Nothing here knows names or frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .intervals import tails
from .linalg import FloatArray, solve

#: What composite reliability and AVE may rest on.
LOADINGS = ("factor", "component", "composite")


def alpha(S: FloatArray) -> FloatArray:
    """Cronbach's (1951) alpha: raw from covariances, standardised from correlations.  S (..., p, p) → (...)."""
    p = S.shape[-1]
    return p / (p - 1) * (1 - np.trace(S, axis1=-2, axis2=-1) / S.sum(axis=(-2, -1)))


def alpha_if_dropped(S: FloatArray) -> FloatArray:
    """Alpha of the other items, for each item; not a number where one item would be left.  S (..., p, p) → (..., p)."""
    p = S.shape[-1]
    if p < 3:
        return np.full(S.shape[:-1], np.nan)
    rests = [[i for i in range(p) if i != j] for j in range(p)]
    return np.stack([alpha(S[..., rest, :][..., :, rest]) for rest in rests], axis=-1)


def item_rest(S: FloatArray) -> FloatArray:
    """Correlation of each item with the sum of the others.  S (..., p, p) → (..., p)."""
    own = np.diagonal(S, axis1=-2, axis2=-1)
    with_rest = S.sum(axis=-1) - own
    rest = S.sum(axis=(-2, -1))[..., None] - 2 * S.sum(axis=-1) + own
    return with_rest / np.sqrt(own * rest)


def feldt(estimate: FloatArray, n: FloatArray, p: int, conf_level: float) -> FloatArray:
    """Feldt's (1965) interval of alpha of p items and n respondents.  estimate (...), n (...) → (..., 2).

    (1 − population alpha) / (1 − alpha) is F distributed with n − 1 and (n − 1)(p − 1) degrees of freedom where items
    are normal and measure the same with equal loadings.
    """
    from scipy.special import fdtri

    df = np.asarray(n, dtype=float) - 1
    return np.stack(
        [1 - (1 - estimate) * fdtri(df, df * (p - 1), tail) for tail in tails(conf_level)[::-1, 0]], axis=-1
    )


def component(R: FloatArray) -> FloatArray:
    """Loadings on the first principal component, their sum not negative.  R (..., p, p) → (..., p)."""
    values, vectors = np.linalg.eigh(R)
    return _positive(vectors[..., -1] * np.sqrt(values[..., -1:]))


def one_factor(R: FloatArray, tolerance: float = 1e-12, most: int = 3000) -> FloatArray:
    """Minimum-residual loadings on one factor, their sum not negative.  R (..., p, p), p ≥ 2 → (..., p).

    Minimises Σ_{i<j} (r_ij − λ_i λ_j)², one loading at a time (Harman & Jones 1966), within −1…1 (Harman & Fukuda 1966).
    Two items do not identify two loadings; they are then taken as equal in size, √|r|.
    """
    p = R.shape[-1]
    if p == 2:
        size = np.sqrt(np.abs(R[..., 0, 1]))
        return np.stack([size, size * np.where(R[..., 0, 1] < 0, -1.0, 1.0)], axis=-1)
    lam = 0.8 * component(R)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(most):
            before = lam.copy()
            for i in range(p):
                shared = np.einsum("...j,...j->...", R[..., i, :], lam) - lam[..., i]
                lam[..., i] = np.clip(shared / ((lam**2).sum(axis=-1) - lam[..., i] ** 2), -1, 1)
            if not (np.abs(lam - before) > tolerance).any():
                break
    return _positive(lam)


def composite_reliability(lam: FloatArray) -> FloatArray:
    """ρC = (Σλ)² / ((Σλ)² + Σ(1 − λ²)) (Jöreskog 1971).  lam (..., p) → (...)."""
    common = lam.sum(axis=-1) ** 2
    return common / (common + (1 - lam**2).sum(axis=-1))


def omega_total(R: FloatArray, lam: FloatArray) -> FloatArray:
    """1 − Σ(1 − λ²) / ΣΣ r: McDonald's (1999) omega of one factor, over the observed variance of the sum.

    R (..., p, p), lam (..., p) → (...). It differs from ρC of the same loadings only where one factor does not fit.
    """
    return 1 - (1 - lam**2).sum(axis=-1) / R.sum(axis=(-2, -1))


def average_variance_extracted(lam: FloatArray) -> FloatArray:
    """Mean squared loading (Fornell & Larcker 1981).  lam (..., p) → (...)."""
    return (lam**2).mean(axis=-1)


def mode_a(
    R: FloatArray, blocks: Sequence[Sequence[int]], paths: Sequence[tuple[int, int]], tolerance: float = 1e-11
) -> FloatArray:
    """Partial least squares weights, mode A and path weighting.  R (..., p, p) → (..., p, k).

    `blocks` holds the columns of each of k composites and `paths` pairs (from, to) of composites. Each composite has
    variance 1; R @ weights holds the correlations of items with composites, which inside a block are its loadings.
    (Lohmöller 1989, doi:10.1007/978-3-642-52512-4)
    """
    p, k = R.shape[-1], len(blocks)
    inside = np.zeros((p, k))
    for j, block in enumerate(blocks):
        inside[list(block), j] = 1
    before = [[a for a, b in paths if b == j] for j in range(k)]
    after = [[b for a, b in paths if a == j] for j in range(k)]
    weights = _scaled(R, np.broadcast_to(inside, (*R.shape[:-2], p, k)))
    for _ in range(1000):
        scores = np.swapaxes(weights, -1, -2) @ R @ weights
        inner = np.zeros_like(scores)
        for j in range(k):
            if before[j]:
                inner[..., before[j], j] = solve(
                    scores[..., before[j], :][..., :, before[j]], scores[..., before[j], j]
                )
            inner[..., after[j], j] = scores[..., after[j], j]
        new = _scaled(R, (R @ weights @ inner) * inside)
        moved, weights = np.abs(new - weights).max(), new
        if moved < tolerance:
            break
    return weights


def constructs(
    R: FloatArray, blocks: Sequence[Sequence[int]], loadings: str, paths: Sequence[tuple[int, int]]
) -> tuple[list[FloatArray], FloatArray]:
    """Loadings of the items of each block, k × (..., p_j), and correlations of the constructs, (..., k, k).

    "factor": minimum residuals, each scale alone; the correlation of two factors is the least-squares one given their
    loadings, and may pass 1. "component": first principal component of each scale. "composite": `mode_a`. A block of one
    item has loading 1.
    """
    k, own = len(blocks), [R[..., list(b), :][..., :, list(b)] for b in blocks]
    if loadings == "composite":
        weights = mode_a(R, blocks, paths)
        lam = [(R @ weights)[..., list(block), j] for j, block in enumerate(blocks)]
    else:
        fit = one_factor if loadings == "factor" else component
        lam = [fit(S) if S.shape[-1] > 1 else np.ones(S.shape[:-1]) for S in own]
        weights = np.zeros((*R.shape[:-1], k))
        for j, block in enumerate(blocks):
            size = (lam[j] ** 2).sum(axis=-1, keepdims=True)
            weights[..., list(block), j] = lam[j] / size
    phi = np.swapaxes(weights, -1, -2) @ R @ weights
    phi[..., range(k), range(k)] = 1.0
    return lam, phi


def heterotrait_monotrait(R: FloatArray, a: Sequence[int], b: Sequence[int]) -> FloatArray:
    """HTMT of the items in columns a and b, from absolute correlations.  R (..., p, p) → (...).

    Mean correlation between the scales over the geometric mean of the mean correlations within them (Henseler, Ringle &
    Sarstedt 2015); within a single item it is 1.
    """
    size = np.abs(R)
    between = size[..., list(a), :][..., :, list(b)].mean(axis=(-2, -1))
    return between / np.sqrt(_within(size, list(a)) * _within(size, list(b)))


def kmo(R: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Kaiser–Meyer–Olkin sampling adequacy (Kaiser & Rice 1974).  R (..., p, p) → overall (...), items (..., p)."""
    inverse = np.linalg.inv(R)
    scale = np.sqrt(np.diagonal(inverse, axis1=-2, axis2=-1))
    off = 1 - np.eye(R.shape[-1])
    partial = (inverse / (scale[..., :, None] * scale[..., None, :])) ** 2 * off
    r2 = R**2 * off
    overall = r2.sum(axis=(-2, -1)) / (r2 + partial).sum(axis=(-2, -1))
    return overall, r2.sum(axis=-1) / (r2 + partial).sum(axis=-1)


def bartlett(R: FloatArray, n: FloatArray) -> tuple[FloatArray, int]:
    """Bartlett's (1951) χ² that all correlations are 0, and its degrees of freedom.  R (..., p, p), n (...) → (...), int."""
    p = R.shape[-1]
    return -(np.asarray(n) - 1 - (2 * p + 5) / 6) * np.linalg.slogdet(R)[1], p * (p - 1) // 2


def random_eigenvalues(n: float, p: int, n_draws: int, seed: int) -> FloatArray:
    """Eigenvalues, largest first, of correlations of p independent normal variables and n rows → (n_draws, p)."""
    rng = np.random.default_rng(seed)
    factor = np.tril(rng.standard_normal((n_draws, p, p)), -1)
    factor[:, range(p), range(p)] = np.sqrt(rng.chisquare(n - 1 - np.arange(p), size=(n_draws, p)))
    factor /= np.sqrt((factor**2).sum(axis=-1))[..., None]
    return np.linalg.eigvalsh(factor @ np.swapaxes(factor, -1, -2))[:, ::-1]


def minres(R: FloatArray, k: int) -> FloatArray:
    """Minimum-residual loadings on k unrotated factors of one matrix.  R (p, p) → (p, k)."""
    from scipy.optimize import minimize

    def parts(psi: FloatArray) -> tuple[FloatArray, FloatArray]:
        return np.linalg.eigh(R - np.diag(psi))

    def misfit(psi: FloatArray) -> tuple[float, FloatArray]:
        values, vectors = parts(psi)
        left = values[:-k]
        return 0.5 * float((left**2).sum()), -(vectors[:, :-k] ** 2 @ left)

    start = 0.5 / np.diagonal(np.linalg.inv(R))
    options = {"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-10}
    found = minimize(misfit, start, jac=True, method="L-BFGS-B", bounds=[(0.005, 1)] * len(R), options=options)
    values, vectors = parts(found.x)
    lam = (vectors[:, -k:] * np.sqrt(np.clip(values[-k:], 0, None)))[:, ::-1]
    return lam * np.where(lam.sum(axis=0) < 0, -1.0, 1.0)


def schmid_leiman(R: FloatArray, k: int) -> tuple[FloatArray, FloatArray]:
    """Loadings on a general factor and what k group factors add (Schmid & Leiman 1957).  R (p, p) → (p,), (p, k).

    Minimum residuals, rotated obliquely (quartimin, that is oblimin with γ = 0), and one factor of the factor
    correlations; k is at least 3 because two factors do not identify a general one.
    """
    pattern, phi = _quartimin(minres(R, k))
    signs = np.where(pattern.sum(axis=0) < 0, -1.0, 1.0)
    pattern, phi = pattern * signs, phi * np.outer(signs, signs)
    second = one_factor(phi)
    general = pattern @ second
    turn = 1.0 if general.sum() >= 0 else -1.0
    return turn * general, pattern * np.sqrt(1 - second**2)


def omega_hierarchical(R: FloatArray, general: FloatArray, groups: FloatArray) -> tuple[float, float]:
    """Omega hierarchical and omega total of a Schmid–Leiman solution (McDonald 1999; Zinbarg et al. 2005)."""
    total = R.sum()
    unique = (1 - general**2 - (groups**2).sum(axis=1)).sum()
    return float(general.sum() ** 2 / total), float(1 - unique / total)


def _positive(lam: FloatArray) -> FloatArray:
    return lam * np.where(lam.sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)


def _quartimin(A: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Oblique loadings and factor correlations with the smallest cross-loadings, the best of seven fixed starts.

    From one start alone the search can end on a saddle, as it does from loadings with equal eigenvalues.
    """
    from statsmodels.multivariate.factor_rotation import rotate_factors

    k = A.shape[1]
    grid = np.arange(1, k + 1)
    starts = [np.eye(k), *(np.linalg.qr(np.cos(np.outer(grid, grid + j) * 1.7))[0] for j in range(6))]
    found = [rotate_factors(A @ Q, "quartimin", max_tries=500, tol=1e-7) for Q in starts]

    def cross(L: FloatArray) -> float:
        return float(((L**2).sum(axis=1) ** 2 - (L**4).sum(axis=1)).sum())

    L, T = min(found, key=lambda pair: round(cross(pair[0]), 9))
    return L, T.T @ T


def _scaled(R: FloatArray, weights: FloatArray) -> FloatArray:
    """Weights of composites with variance 1 and a positive sum of loadings."""
    spread = np.sqrt(np.einsum("...ij,...ik,...kj->...j", weights, R, weights))
    weights = weights / spread[..., None, :]
    loadings = (R @ weights) * (weights != 0)
    return weights * np.where(loadings.sum(axis=-2, keepdims=True) < 0, -1.0, 1.0)


def _within(size: FloatArray, items: list[int]) -> FloatArray:
    p = len(items)
    if p == 1:
        return np.ones(size.shape[:-2])
    own = size[..., items, :][..., :, items]
    return (own.sum(axis=(-2, -1)) - np.trace(own, axis1=-2, axis2=-1)) / (p * (p - 1))


# ---- of the confirmatory factor model: each item on one factor, factors correlated, maximum likelihood.
#
# `R` is a correlation matrix of p items (..., p, p) and `theta` holds the q parameters (..., q): p loadings, the error variances
# of the items that are not alone on their factor, and the correlations of the k factors. Nothing here knows names or frames.


@dataclass(frozen=True)
class Pattern:
    """Which item loads where: `of` gives the factor of each item, `alone` whether it is the only one there."""

    of: tuple[int, ...]
    alone: tuple[bool, ...]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Factors that correlate."""
        return list(combinations(range(max(self.of) + 1), 2))

    @property
    def df(self) -> int:
        """Correlations of items less what is estimated; a lone item has no error of its own."""
        p = len(self.of)
        return p * (p + 1) // 2 - (2 * p - sum(self.alone)) - len(self.pairs)

    def matrices(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Loadings (..., p, k), error variances (..., p), factor correlations (..., k, k) of parameters (..., q)."""
        p, k, free = len(self.of), max(self.of) + 1, ~np.array(self.alone)
        lam, psi = np.zeros((*theta.shape[:-1], p, k)), np.zeros((*theta.shape[:-1], p))
        lam[..., range(p), self.of] = theta[..., :p]
        psi[..., free] = theta[..., p : p + free.sum()]
        phi = np.broadcast_to(np.eye(k), (*theta.shape[:-1], k, k)).copy()
        for at, (a, b) in enumerate(self.pairs, start=p + free.sum()):
            phi[..., a, b] = phi[..., b, a] = theta[..., at]
        return lam, psi, phi

    def sigma(self, theta: FloatArray) -> FloatArray:
        """Correlations the model implies.  theta (..., q) → (..., p, p)."""
        lam, psi, phi = self.matrices(theta)
        return lam @ phi @ np.swapaxes(lam, -1, -2) + psi[..., None] * np.eye(len(self.of))

    def directions(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """w, U, V of dΣ/dθ_a = w_a (u_a v_aᵀ + v_a u_aᵀ): (q,) and (..., p, q) twice."""
        lam, _, phi = self.matrices(theta)
        unit = np.broadcast_to(np.eye(len(self.of)), (*theta.shape[:-1], len(self.of), len(self.of)))
        errors = unit[..., ~np.array(self.alone)]
        first, second = ([pair[side] for pair in self.pairs] for side in (0, 1))
        u = np.concatenate([unit, errors, lam[..., first]], axis=-1)
        v = np.concatenate([(lam @ phi)[..., list(self.of)], errors, lam[..., second]], axis=-1)
        w = np.ones(u.shape[-1])
        w[len(self.of) : len(self.of) + errors.shape[-1]] = 0.5
        return w, u, v

    def information(self, theta: FloatArray, inverse: FloatArray) -> FloatArray:
        """tr(Σ⁻¹ Σ_a Σ⁻¹ Σ_b), twice the expected information of one respondent.  → (..., q, q)."""
        w, u, v = self.directions(theta)
        ut, vt = np.swapaxes(u, -1, -2) @ inverse, np.swapaxes(v, -1, -2) @ inverse
        return 2 * np.outer(w, w) * ((ut @ u) * (vt @ v) + (ut @ v) * (vt @ u))

    def gradient(self, R: FloatArray, theta: FloatArray, inverse: FloatArray) -> FloatArray:
        """Of the discrepancy, tr(Σ⁻¹ (Σ − R) Σ⁻¹ Σ_a).  → (..., q)."""
        w, u, v = self.directions(theta)
        misfit = inverse - inverse @ R @ inverse
        return 2 * w * np.einsum("...pa,...pq,...qa->...a", u, misfit, v, optimize=True)

    def standardised(self, theta: FloatArray) -> FloatArray:
        """Loadings, then factor correlations, of a model fitted to correlations, whose diagonal it implies.  → (..., m)."""
        p, pairs = len(self.of), len(self.pairs)
        return np.concatenate([theta[..., :p], theta[..., theta.shape[-1] - pairs :]], axis=-1)

    def start(self, R: FloatArray) -> FloatArray:
        """First components of the scales, somewhat reduced, and their correlations."""
        p, k, of = len(self.of), max(self.of) + 1, np.array(self.of)
        lam = np.zeros((*R.shape[:-2], p, k))
        for j in range(k):
            at = np.flatnonzero(of == j)
            lam[..., at, j] = component(R[..., at, :][..., :, at]) if len(at) > 1 else 1.0
        between = np.swapaxes(lam, -1, -2) @ R @ lam
        sd = np.sqrt(np.diagonal(between, axis1=-2, axis2=-1))
        phi = between / (sd[..., :, None] * sd[..., None, :])
        own = np.where(self.alone, 1.0, 0.9) * lam[..., range(p), self.of]
        pairs = [phi[..., a, b, None] for a, b in self.pairs]
        return np.concatenate([own, 1 - own[..., ~np.array(self.alone)] ** 2, *pairs], axis=-1)


def discrepancy(R: FloatArray, sigma: FloatArray) -> FloatArray:
    """log|Σ| + tr(R Σ⁻¹) − log|R| − p; infinite where Σ is not positive definite.  (..., p, p) → (...)."""
    sound = np.linalg.eigvalsh(sigma)[..., 0] > 1e-10
    safe = np.where(sound[..., None, None], sigma, np.eye(R.shape[-1]))
    trace = np.einsum("...ij,...ji->...", R, np.linalg.inv(safe))
    found = np.linalg.slogdet(safe)[1] + trace - np.linalg.slogdet(R)[1] - R.shape[-1]
    return np.where(sound, found, np.inf)


def fit_confirmatory(
    R: FloatArray, model: Pattern, start: FloatArray, most: int = 300
) -> tuple[FloatArray, FloatArray]:
    """Maximum-likelihood parameters by Fisher scoring, and whether they were found.  R (B, p, p) → (B, q), (B,).

    A step that does not lower the discrepancy is halved; found is a gradient below 1e-8 throughout.
    """
    theta, found = np.array(start), np.zeros(len(R), dtype=bool)
    ridge = 1e-10 * np.eye(theta.shape[-1])
    for _ in range(most):
        at = np.flatnonzero(~found)
        now, S = theta[at], R[at]
        inverse = np.linalg.inv(model.sigma(now))
        slope = model.gradient(S, now, inverse)
        found[at] = np.abs(slope).max(axis=-1) < 1e-8
        if found.all():
            break
        step = np.linalg.solve(model.information(now, inverse) + ridge, slope[..., None])[..., 0]
        theta[at] = _lower(S, model, now, step)
    return theta, found


def _lower(R: FloatArray, model: Pattern, theta: FloatArray, step: FloatArray) -> FloatArray:
    """Each set of parameters moved by its step, or by the largest half of a half of it that does not raise the discrepancy."""
    value, size = discrepancy(R, model.sigma(theta)), np.ones((len(R), 1))
    for _ in range(30):
        worse = discrepancy(R, model.sigma(theta - size * step)) > value + 1e-13
        if not worse.any():
            break
        size[worse] /= 2
    return theta - size * step


def std_errors(model: Pattern, theta: FloatArray, n: float) -> FloatArray:
    """Of `model.standardised(theta)`, by the delta method from the expected information.  theta (q,) → (m,)."""
    p = len(model.of)
    spread = 2 / n * np.linalg.inv(model.information(theta, np.linalg.inv(model.sigma(theta))))
    lam, psi, _ = model.matrices(theta)
    own, free = lam[range(p), model.of], np.flatnonzero(~np.array(model.alone))
    change = np.zeros((p + len(model.pairs), len(theta)))
    change[range(p), range(p)] = psi  # of λ / √(λ² + ψ), where λ² + ψ = 1
    change[free, p + np.arange(len(free))] = -own[free] / 2
    change[p:, p + len(free) :] = np.eye(len(model.pairs))
    return np.sqrt(np.clip(np.einsum("ij,jk,ik->i", change, spread, change), 0, None))


def noncentrality(chi_squared: float, df: int, conf_level: float) -> FloatArray:
    """Interval of the noncentrality of a χ² that was observed, (2,), not below 0."""
    from scipy.optimize import brentq
    from scipy.stats import ncx2

    def end(tail: float) -> float:
        def off(nc: float) -> float:
            return float(ncx2.cdf(chi_squared, df, nc)) - tail

        return 0.0 if off(1e-9) <= 0 else brentq(off, 1e-9, 10 * (chi_squared + df + 10))

    return np.array([end(tail) for tail in tails(conf_level)[::-1, 0]])


# ---- agreement of judges -------------------------------------------------------------------------------------------------


def agreement_beyond_chance(counts: npt.NDArray[np.integer]) -> float:
    """Gwet's (2008) AC1.  counts (items, categories): how many judges put each item in each category; judges may be missing.

    (p_a − p_e) / (1 − p_e): p_a over the items that two judges or more placed, p_e = Σ π_q (1 − π_q) / (Q − 1) with π_q the
    mean over all placed items of the part of judges in category q.

    >>> pairs = np.repeat([[2, 0], [1, 1], [0, 2]], [118, 7, 0], axis=0)  # 125 subjects, two raters
    >>> round(agreement_beyond_chance(pairs), 4)
    0.9408
    """
    n = counts.sum(axis=1)
    several, some = counts[n > 1], counts[n > 0]
    if not len(several):
        return float("nan")
    m = several.sum(axis=1)
    agreed = float(((several * (several - 1)).sum(axis=1) / (m * (m - 1))).mean())
    parts = (some / some.sum(axis=1, keepdims=True)).mean(axis=0)
    by_chance = float((parts * (1 - parts)).sum() / (counts.shape[1] - 1))
    return (agreed - by_chance) / (1 - by_chance)
