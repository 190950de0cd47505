"""Array kernels: recursive path models from covariances, the effects along their routes, and standard errors by the delta method.

Equations are pairs (position of the outcome, positions of its predictors), in causal order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from .linalg import FloatArray, solve

Equations = Sequence[tuple[int, tuple[int, ...]]]
Kernel = Callable[[FloatArray], FloatArray]


def standardised(S: FloatArray) -> FloatArray:
    """Correlations of covariances.  S (..., k, k) → (..., k, k)."""
    sd = np.sqrt(np.einsum("...ii->...i", S))
    return S / (sd[..., :, None] * sd[..., None, :])


def coefficients(S: FloatArray, equations: Equations) -> FloatArray:
    """B with B[j, p] the slope of variable j on its predictor p, by least squares.  S (..., k, k) → (..., k, k)."""
    B = np.zeros_like(S)
    for j, predictors in equations:
        p = list(predictors)
        B[..., j, p] = solve(S[..., p, :][..., :, p], S[..., p, j])
    return B


def r_squared(S: FloatArray, B: FloatArray, equations: Equations) -> FloatArray:
    """R² of each equation.  → (..., equations)."""
    parts = [(B[..., j, :] * S[..., j, :]).sum(axis=-1) / S[..., j, j] for j, _ in equations]
    return np.stack(parts, axis=-1)


def implied(S: FloatArray, B: FloatArray, equations: Equations) -> FloatArray:
    """Covariances if the arrows are all there is: errors unrelated, causes without causes free.  → (k, k)."""
    outcomes = [j for j, _ in equations]
    first = [i for i in range(len(S)) if i not in outcomes]
    errors = np.zeros_like(S)
    errors[np.ix_(first, first)] = S[np.ix_(first, first)]
    errors[outcomes, outcomes] = [S[j, j] - B[j] @ S[j] for j in outcomes]
    spread = np.linalg.inv(np.eye(len(S)) - B)
    return spread @ errors @ spread.T


def totals(B: FloatArray) -> FloatArray:
    """Total effects (I − B)⁻¹ − I (Bollen 1987).  B (..., k, k) → (..., k, k), [target, source]."""
    unit = np.eye(B.shape[-1])
    return np.linalg.inv(unit - B) - unit


def routes(equations: Equations, source: int, target: int) -> list[tuple[int, ...]]:
    """Every route from source to target along the arrows, both ends included, shortest first."""
    into = dict(equations)

    def back(node: int) -> list[tuple[int, ...]]:
        if node == source:
            return [(source,)]
        return [(*route, node) for before in into.get(node, ()) for route in back(before)]

    return sorted(back(target), key=lambda route: (len(route), route))


def along(B: FloatArray, route: tuple[int, ...]) -> FloatArray:
    """Product of the slopes along a route.  B (..., k, k) → (...)."""
    value = np.ones(B.shape[:-2], dtype=B.dtype)
    for before, after in pairwise(route):
        value = value * B[..., after, before]
    return value


def covariance(kernel: Kernel, S: FloatArray, n: float) -> FloatArray:
    """Covariance of what a kernel makes of the covariances of n normal observations.  S (k, k) → (q, q).

    For a smooth function with gradient G, cov(f_i, f_j) = 2 tr(G_i S G_j S) / n (Browne 1984). Gradients by complex
    steps, exact to rounding (Squire & Trapp 1998, doi:10.1137/S003614459631241X).
    """
    k, h = len(S), 1e-30
    rows, cols = np.tril_indices(k)
    at = np.arange(len(rows))
    moved = np.repeat(S[None].astype(complex), len(rows), axis=0)
    moved[at, rows, cols] += 1j * h
    moved[at[rows != cols], cols[rows != cols], rows[rows != cols]] += 1j * h
    slopes = kernel(moved).imag / h  # (entries, q)
    G = np.zeros((slopes.shape[1], k, k))
    half = np.where(rows == cols, 1.0, 0.5)
    G[:, rows, cols] = G[:, cols, rows] = (slopes * half[:, None]).T
    GS = G @ S
    return 2 * np.einsum("iab,jba->ij", GS, GS) / n


def product_std_error(a: float, se_a: float, b: float, se_b: float, kind: str = "sobel") -> float:
    """Standard error of a·b of two independent slopes; Aroian (1947) adds, Goodman (1960) takes off se_a² se_b²."""
    extra = {"sobel": 0, "aroian": 1, "goodman": -1}[kind] * se_a**2 * se_b**2
    variance = a**2 * se_b**2 + b**2 * se_a**2 + extra
    return float(np.sqrt(variance)) if variance > 0 else float("nan")
