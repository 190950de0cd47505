"""Array kernels of the confirmatory factor model: each item on one factor, factors correlated, maximum likelihood.

`R` is a correlation matrix of p items (..., p, p) and `theta` holds the q parameters (..., q): p loadings, the error variances
of the items that are not alone on their factor, and the correlations of the k factors. Nothing here knows names or frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .factors import component
from .intervals import tails
from .linalg import FloatArray

__all__ = ["Pattern", "discrepancy", "fit_confirmatory", "noncentrality", "std_errors"]


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
