"""Array kernels: a multivariate normal model of answers of which some are missing, and draws of those."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .linalg import FloatArray, symmetric_root

Patterns = list[tuple[Any, Any, Any]]


class NormalModel(NamedTuple):
    """Means (…, k), covariances (…, k, k), and whether EM settled (…)."""

    mean: FloatArray
    cov: FloatArray
    settled: Any


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

    x (n, k) with gaps, w (…, n) weights or counts, `of` its `patterns`. Respondents of one pattern count by their sums and
    products, so a step takes no longer with more of them. A model has no numbers where a variable has no spread.
    """
    leading, k, weights = w.shape[:-1], x.shape[1], w.reshape(-1, w.shape[-1])
    there, total = ~np.isnan(x), weights.sum(axis=-1)
    centre = np.nanmean(x, axis=0)  # products of what is near 0 lose no digits
    near = np.where(there, x - centre, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        heard = weights @ there
        mean = weights @ near / heard
        spread = weights @ near**2 / heard - mean**2
    cov = spread[..., None] * np.eye(k)
    if start is not None:
        mean, cov = (
            np.broadcast_to(start.mean - centre, mean.shape).copy(),
            np.broadcast_to(start.cov, cov.shape).copy(),
        )
    sums = [(given, lacking, *_sums(near[rows], weights[:, rows])) for rows, given, lacking in of]
    whole = _sums(near[there.all(axis=1)], weights[:, there.all(axis=1)])
    settled, going = np.zeros(len(weights), bool), np.flatnonzero((spread > 0).all(axis=-1))
    for _ in range(most):
        if not len(going):
            break
        _, first, second = (part[going] for part in whole)
        for given, lacking, n, one, two in sums:
            slope, left = _conditional(cov[going], given, lacking)
            n, one, two, line = n[going], one[going], two[going], np.zeros((len(going), k, k))
            line[:, given, given] = 1.0
            line[:, given[:, None], lacking] = slope  # what is expected of an answer: level + answers @ line
            level = np.zeros((len(going), k))
            level[:, lacking] = mean[going][:, lacking] - (mean[going][:, None, given] @ slope)[:, 0]
            projected, across = (one[:, None] @ line)[:, 0], level[:, :, None]
            first = first + n[:, None] * level + projected
            second = second + line.swapaxes(-1, -2) @ two @ line + n[:, None, None] * across * level[:, None]
            second += across * projected[:, None] + projected[:, :, None] * level[:, None]
            second[:, lacking[:, None], lacking] += n[:, None, None] * left
        new = first / total[going, None]
        new_cov = second / total[going, None, None] - new[:, :, None] * new[:, None]
        change = np.abs(new_cov - cov[going]).max(axis=(-1, -2)) / spread[going].max(axis=-1)
        mean[going], cov[going] = new, new_cov
        settled[going] = change < tolerance
        going = going[change >= tolerance]
    mean[~settled], cov[~settled] = np.nan, np.nan
    return NormalModel(
        (mean + centre).reshape(*leading, k),
        cov.reshape(*leading, k, k),
        settled.reshape(leading) if leading else settled[0],
    )


def _sums(x: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights (d,), sums (d, k) and products (d, k, k) of rows x (n, k) by weights (d, n)."""
    products = w @ (x[:, :, None] * x[:, None]).reshape(len(x), -1)
    return w.sum(axis=-1), w @ x, products.reshape(len(w), x.shape[1], x.shape[1])


def complete_rows(x: FloatArray, model: NormalModel, of: Patterns, rng: np.random.Generator) -> FloatArray:
    """x (n, k) with its gaps drawn from the model, of one (k,) mean, given what was answered."""
    out = x.copy()
    for rows, given, lacking in of:
        slope, left = _conditional(model.cov, given, lacking)
        expected = model.mean[lacking] + (x[np.ix_(rows, given)] - model.mean[given]) @ slope
        out[np.ix_(rows, lacking)] = expected + rng.standard_normal((len(rows), len(lacking))) @ symmetric_root(left)
    return out


def _conditional(cov: FloatArray, given: Any, lacking: Any) -> tuple[FloatArray, FloatArray]:
    """Slopes (…, given, lacking) of the missing on the answered, and the covariance that is left (…, lacking, lacking)."""
    across = cov[..., given[:, None], lacking]
    slope = across
    if len(given):
        slope = np.linalg.pinv(cov[..., given[:, None], given], rcond=1e-12, hermitian=True) @ across
    return slope, cov[..., lacking[:, None], lacking] - across.swapaxes(-1, -2) @ slope
