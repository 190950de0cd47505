"""Array kernels: regression with respondents in clusters, its covariances and degrees of freedom, from sums by cluster alone."""

from __future__ import annotations

import numpy as np

from .linalg import FloatArray, symmetric_root


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
