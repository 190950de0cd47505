"""Array kernels: a multivariate normal model of answers of which some are missing, and draws of those."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .linalg import FloatArray, symmetric_root

__all__ = ["NormalModel", "complete_rows", "fit_normal", "patterns"]

Patterns = list[tuple[Any, Any, Any]]


class NormalModel(NamedTuple):
    """Mean (k,), covariances (k, k), and whether EM settled."""

    mean: FloatArray
    cov: FloatArray
    settled: bool


def patterns(x: FloatArray) -> Patterns:
    """(rows, answered columns, missing columns) of every pattern with something missing.  x (n, k)."""
    absent = np.isnan(x)
    kinds, which = np.unique(absent, axis=0, return_inverse=True)
    which = which.reshape(-1)
    return [
        (np.flatnonzero(which == i), np.flatnonzero(~kind), np.flatnonzero(kind))
        for i, kind in enumerate(kinds)
        if kind.any()
    ]


def fit_normal(
    x: FloatArray,
    w: FloatArray,
    of: Patterns,
    start: NormalModel | None = None,
    tolerance: float = 1e-6,
    most: int = 500,
) -> NormalModel:
    """Maximum likelihood by EM (Dempster, Laird & Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x).

    x (n, k) with gaps, w (n,) weights or counts, `of` its `patterns`.
    """
    k, total = x.shape[1], w.sum()
    there = ~np.isnan(x)
    filled = np.where(there, x, 0.0)
    heard = w @ there
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = w @ filled / heard
        spread = w @ np.where(there, (x - mean) ** 2, 0.0) / heard
    cov = np.diag(spread)
    if not (spread > 0).all():
        return NormalModel(mean, cov, False)
    if start is not None:
        mean, cov = start.mean, start.cov
    for _ in range(most):
        extra = np.zeros((k, k))
        for rows, given, lacking in of:
            expected, left = _conditional(mean, cov, x[np.ix_(rows, given)], given, lacking)
            filled[np.ix_(rows, lacking)] = expected
            extra[np.ix_(lacking, lacking)] += w[rows].sum() * left
        new_mean = w @ filled / total
        about = filled - new_mean
        new_cov = ((about.T * w) @ about + extra) / total
        change = np.abs(new_cov - cov).max() / spread.max()
        mean, cov = new_mean, new_cov
        if change < tolerance:
            return NormalModel(mean, cov, True)
    return NormalModel(mean, cov, False)


def complete_rows(x: FloatArray, model: NormalModel, of: Patterns, rng: np.random.Generator) -> FloatArray:
    """x (n, k) with its gaps drawn from the model given what was answered."""
    out = x.copy()
    for rows, given, lacking in of:
        expected, left = _conditional(model.mean, model.cov, x[np.ix_(rows, given)], given, lacking)
        out[np.ix_(rows, lacking)] = expected + rng.standard_normal((len(rows), len(lacking))) @ symmetric_root(left)
    return out


def _conditional(
    mean: FloatArray, cov: FloatArray, x: FloatArray, given: Any, lacking: Any
) -> tuple[FloatArray, FloatArray]:
    """Mean (rows, lacking) and covariance (lacking, lacking) of the missing given the answered."""
    if not len(given):
        return np.broadcast_to(mean[lacking], (len(x), len(lacking))), cov[np.ix_(lacking, lacking)]
    slope = np.linalg.lstsq(cov[np.ix_(given, given)], cov[np.ix_(given, lacking)], rcond=None)[0]
    left = cov[np.ix_(lacking, lacking)] - cov[np.ix_(lacking, given)] @ slope
    return mean[lacking] + (x - mean[given]) @ slope, left
