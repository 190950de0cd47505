"""Array kernels: from covariances of items to the difference of two blocks in many models at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...kernels import FloatArray
from ..methods import METHODS

TOLERANCE = 1e-10  # smallest eigenvalue that counts as above zero


def score_correlations(S: FloatArray, L: FloatArray, corrected: bool) -> FloatArray:
    """Correlations of scores, the means of items.  S (..., m, m) covariances, L (k, m) → (..., k, k).

    Corrected ones are r / √(α_a α_b), with each score's raw alpha (Spearman 1904); they may exceed 1. Not a number where
    a score does not vary or its alpha is not above 0.
    """
    C = L @ S @ L.T
    variance = np.diagonal(C, axis1=-2, axis2=-1)
    scale = np.sqrt(np.where(variance > 0, variance, np.nan))
    if corrected:
        alpha = raw_alphas(S, L)
        scale = scale * np.sqrt(np.where(alpha > 0, alpha, np.nan))
    R = C / (scale[..., :, None] * scale[..., None, :])
    np.einsum("...ii->...i", R)[...] = np.where(np.isnan(scale), np.nan, 1.0)
    return R


def raw_alphas(S: FloatArray, L: FloatArray) -> FloatArray:
    """Cronbach's raw alpha of each score; 1, so no correction, for a single item.  S (..., m, m), L (k, m) → (..., k)."""
    inside = (L > 0).astype(float)
    k = inside.sum(axis=1)
    own = np.diagonal(S, axis1=-2, axis2=-1) @ inside.T
    whole = np.einsum("km,...mn,kn->...k", inside, S, inside, optimize=True)
    many = np.where(k > 1, k, 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(k > 1, many / (many - 1) * (1 - own / whole), 1.0)


def without_covariates(R: FloatArray, covariates: Sequence[int]) -> FloatArray:
    """Correlations of the other scores with the covariates taken out of all.  R (..., k, k) → (..., k − c, k − c)."""
    if not len(covariates):
        return R
    rest = [i for i in range(R.shape[-1]) if i not in covariates]
    sound = np.isfinite(R).all(axis=(-2, -1))
    R = np.where(sound[..., None, None], R, np.eye(R.shape[-1]))
    cross = R[..., covariates, :][..., rest]
    inner = R[..., covariates, :][..., covariates]
    P = R[..., rest, :][..., rest] - np.swapaxes(cross, -1, -2) @ np.linalg.solve(inner, cross)
    variance = np.diagonal(P, axis1=-2, axis2=-1)
    scale = np.sqrt(np.where(variance > TOLERANCE, variance, np.nan))
    P = P / (scale[..., :, None] * scale[..., None, :])
    np.einsum("...ii->...i", P)[...] = 1.0
    return np.where(sound[..., None, None], P, np.nan)


def possible(R: FloatArray) -> tuple[npt.NDArray[np.bool_], FloatArray, FloatArray]:
    """Whether data can have these correlations, and eigenvalues (..., p) and vectors (..., p, p) of those of the drivers.

    R (..., p+1, p+1), the outcome first; where they are impossible, the eigenvalues are those of uncorrelated drivers.
    """
    sound = np.isfinite(R).all(axis=(-2, -1))
    R = np.where(sound[..., None, None], R, np.eye(R.shape[-1]))
    values, vectors = np.linalg.eigh(R[..., 1:, 1:])
    sound &= values[..., 0] > TOLERANCE
    values = np.where(sound[..., None], values, 1.0)
    along = np.einsum("...ji,...j->...i", vectors, R[..., 1:, 0])
    sound &= (along**2 / values).sum(axis=-1) <= 1
    return sound, values, vectors


def shares_of(R: FloatArray, methods: Sequence[str]) -> dict[str, FloatArray]:
    """Share of each driver under each method, (..., p) each; not a number where the correlations are impossible.

    Methods in closed form use one eigendecomposition together, which also tells what is impossible; they equal the
    kernels of `METHODS` to 1e-12.
    """
    sound, values, V = possible(R)
    R = np.where(sound[..., None, None], R, np.eye(R.shape[-1]))
    r, Vt = R[..., 1:, 0], np.swapaxes(V, -1, -2)
    along = (Vt @ r[..., None])[..., 0]
    beta = (V @ (along / values)[..., None])[..., 0]

    def rooted(power: float) -> FloatArray:
        return (V * (values**power)[..., None, :]) @ Vt

    def on_nearest() -> FloatArray:
        return np.square((V @ (along / np.sqrt(values))[..., None])[..., 0])

    closed = {
        "first": lambda: r**2,
        "last": lambda: beta**2 / (V**2 @ (1 / values)[..., None])[..., 0],
        "pratt": lambda: beta * r,
        "betasq": lambda: beta**2,
        "car": on_nearest,
        "relative_weights": lambda: (rooted(0.5) ** 2 @ on_nearest()[..., None])[..., 0],
    }
    p, found = R.shape[-1] - 1, {}
    for method in methods:
        parts = closed[method]() if method in closed else METHODS[method].kernel(R, (1,) * p)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = parts / parts.sum(axis=-1, keepdims=True)
        found[method] = np.where(sound[..., None], shares, np.nan)
    return found


def block_differences(shares: FloatArray, in_a: FloatArray, in_b: FloatArray) -> FloatArray:
    """Share of a minus share of b: summed, and per driver.  shares (..., p), in_a, in_b (..., p) of 0 and 1 → (2, ...).

    Per driver, the two blocks divide the share they have together by their means per driver.
    """
    of_a, of_b = (shares * in_a).sum(axis=-1), (shares * in_b).sum(axis=-1)
    each_a, each_b = of_a / in_a.sum(axis=-1), of_b / in_b.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([of_a - of_b, (each_a - each_b) / (each_a + each_b) * (of_a + of_b)])
