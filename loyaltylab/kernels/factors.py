"""Array kernels of scales: reliability, loadings and dimensionality from a covariance or correlation matrix.

`S` is a covariance matrix and `R` a correlation matrix of p items, both (..., p, p); leading axes are free and every set
must be finite. Nothing here knows names or frames.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .intervals import tails
from .linalg import FloatArray, solve

__all__ = [
    "LOADINGS",
    "alpha",
    "alpha_if_dropped",
    "average_variance_extracted",
    "bartlett",
    "component",
    "composite_reliability",
    "constructs",
    "feldt",
    "heterotrait_monotrait",
    "item_rest",
    "kmo",
    "minres",
    "mode_a",
    "omega_hierarchical",
    "omega_total",
    "one_factor",
    "random_eigenvalues",
    "schmid_leiman",
]

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
