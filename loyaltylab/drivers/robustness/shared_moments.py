"""Specifications that share their respondents: the moments they need, made once, and the difference of two blocks in many models at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core import DataError, listed
from ...kernels import FloatArray
from ...moments import Moments, check_apart, check_enough
from ...survey import Survey, pairwise_draws
from ..methods import METHODS
from .specifications import Specification, Specifications, Term, loadings

# ---- array kernels -------------------------------------------------------------------------------------------------------

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


# ---- cells ---------------------------------------------------------------------------------------------------------------

#: Specifications with the same options of these share their moments.
CELL = ("outcome", "covariates", "segment", "missing", "weighting")


def cell_moments(
    specs: Specifications, cell: Mapping[str, str], n_draws: int, seed: int, made: dict[tuple[str, ...], Any]
) -> tuple[Moments, Moments]:
    """Moments of the items of one outcome, covariates, segment, rule and weight, and their draws.

    Where the items of other outcomes and covariates do not matter for who is counted, those of all are made once and kept
    in `made`; so the n of pairwise correlations is the smallest of all pairs.
    """
    evidence = specs.evidence[cell["missing"]]
    besides = [cell["outcome"], *specs.covariate_sets[cell["covariates"]]]
    items = _items(specs, evidence, besides)
    if not isinstance(evidence, Survey):
        return evidence.moments(items), evidence.draws(items, n_draws=n_draws, seed=seed)
    evidence = replace(evidence, weight=None if cell["weighting"] == "none" else cell["weighting"])
    if cell["segment"] != "all":
        evidence = evidence.only(specs.segments[cell["segment"]])
    every = [*specs.options["outcome"], *(name for names in specs.covariate_sets.values() for name in names)]
    union = evidence.present(dict.fromkeys(i for name in every for i in _items(specs, evidence, [name])))
    pairs = cell["missing"] == "pairwise"
    if not pairs and evidence.frame[union].isna().any(axis=None):
        return evidence.moments(items), evidence.draws(items, n_draws=n_draws, seed=seed)
    key = (cell["segment"], cell["missing"], cell["weighting"])
    if key not in made:
        design = {"n_draws": n_draws, "seed": seed}
        made[key] = (
            pairwise_draws(evidence, union, **design)
            if pairs
            else (evidence.moments(union), evidence.draws(union, **design))
        )
    sample, draws = made[key]
    return sample.select(items), draws.select(items)


def _items(specs: Specifications, evidence: Any, besides: Sequence[str]) -> list[str]:
    """The items of outcome and covariates and of all drivers; an error where one is in both."""
    of_drivers = [i for members in specs.blocks.values() for name in members for i in _parts(evidence, name)]
    others = [i for name in besides for i in _parts(evidence, name)]
    if shared := [item for item in others if item in of_drivers]:
        raise DataError(f"{listed(shared)}: is part of a driver and cannot also be outcome or covariate.")
    return list(dict.fromkeys([*others, *of_drivers]))


def _parts(evidence: Any, name: str) -> tuple[str, ...]:
    """The items of a variable; a table that prints scales as a whole has no smaller parts."""
    return (evidence.codebook.items_of(name) or (name,)) if isinstance(evidence, Survey) else (name,)


def cell_differences(
    specs: Specifications, chosen: Sequence[Specification], sample: Moments, draws: Moments
) -> FloatArray:
    """a minus b of specifications that share their moments; the sample first, then the draws, (1 + B, len(chosen))."""
    evidence = specs.evidence[chosen[0]["missing"]]
    covariates = [Term("", _parts(evidence, name)) for name in specs.covariate_sets[chosen[0]["covariates"]]]
    models, of_model = _models(specs, chosen)
    scores = list(dict.fromkeys(term.items for terms in models for term in terms))
    place = {items: i + 1 for i, items in enumerate(scores)}
    used = [*(Term("", items) for items in scores), *covariates]
    L = loadings(_parts(evidence, chosen[0]["outcome"]), used, (), sample.names)
    extra = list(range(1 + len(scores), len(L)))
    _refused(sample, L, extra, max(map(len, models)))
    S = np.concatenate([sample.scatter[None], draws.scatter])
    found = np.full((len(S), len(chosen)), np.nan)
    wanted: dict[tuple[str, int], dict[tuple[str, str], list[int]]] = {}
    for i, spec in enumerate(chosen):
        shape = (spec["correction"], len(models[of_model[i]]))
        wanted.setdefault(shape, {}).setdefault((spec["method"], spec["measure"]), []).append(i)
    R: dict[str, FloatArray] = {}
    for (correction, _), by_method in wanted.items():
        if correction not in R:
            R[correction] = without_covariates(score_correlations(S, L, correction != "observed"), extra)
        group = sorted({of_model[i] for at in by_method.values() for i in at})
        terms = [models[g] for g in group]
        at = np.array([[0, *(place[term.items] for term in one)] for one in terms])
        shares = shares_of(
            R[correction][:, at[:, :, None], at[:, None, :]], [*dict.fromkeys(name for name, _ in by_method)]
        )
        inside = [
            np.array([[float(term.block == name) for term in one] for one in terms]) for name in (specs.a, specs.b)
        ]
        gaps = {name: _sensible(block_differences(share, *inside), share, *inside) for name, share in shares.items()}
        for (method, measure), here in by_method.items():
            columns = np.searchsorted(group, [of_model[i] for i in here])
            found[:, here] = gaps[method][("sum", "mean").index(measure)][:, columns]
    return found


def equal_weights(specs: Specifications) -> FloatArray:
    """a minus b in each specification if every driver weighed the same, whatever its block.  (S,)."""
    models, of_model = _models(specs, specs.all)
    sizes = np.array([[sum(term.block == name for term in one) for name in (specs.a, specs.b)] for one in models])
    gap = (sizes[:, 0] - sizes[:, 1]) / np.array([len(one) for one in models])
    return np.where([spec["measure"] == "sum" for spec in specs.all], gap[of_model], 0.0)


def _sensible(gaps: FloatArray, share: FloatArray, in_a: FloatArray, in_b: FloatArray) -> FloatArray:
    """Gaps (2, 1 + B, G) where, in the sample, a, b and the rest have no less than nothing; elsewhere not a number."""
    parts = [(share[0] * inside).sum(axis=-1) for inside in (in_a, in_b, 1 - in_a - in_b)]
    return np.where(np.min(parts, axis=0) < -1e-12, np.nan, gaps)


def _models(specs: Specifications, chosen: Sequence[Specification]) -> tuple[list[tuple[Term, ...]], list[int]]:
    """The drivers of each model that is asked for, and which model each specification is about."""
    lookup = {(one.kind, one.left_out, one.coding): one.terms for one in specs.driver_sets}
    number: dict[tuple[str, str, str, str], int] = {}
    models, of_model = [], []
    for spec in chosen:
        key = (spec["driver_set"], spec.left_out, spec["coding"], spec["blocks_kept"])
        if key not in number:
            number[key] = len(models)
            both = (specs.a, specs.b)
            models.append(tuple(term for term in lookup[key[:3]] if key[3] == "all" or term.block in both))
        of_model.append(number[key])
    return models, of_model


def _refused(sample: Moments, L: FloatArray, covariates: Sequence[int], most: int) -> None:
    """An error where there are too few respondents, a score is the same for everyone, or covariates are tied."""
    check_enough(sample.n, most + len(covariates))
    names = [" + ".join(name for name, w in zip(sample.names, row, strict=True) if w) for row in L]
    names = [name if names.count(name) == 1 else f"{name} ({i})" for i, name in enumerate(names)]
    scores = replace(sample, names=tuple(names), mean=sample.mean @ L.T, scatter=L @ sample.scatter @ L.T)
    among = scores.corr[np.ix_(covariates, covariates)]
    if len(covariates):
        check_apart(among, [names[i] for i in covariates])
