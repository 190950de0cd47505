"""Specifications that share their respondents: the moments they need, made once, and the difference in each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...core import DataError, listed
from ...kernels import FloatArray
from ...moments import Moments, check_apart, check_enough
from ...survey import Survey, pairwise_draws
from .block_differences import block_differences, score_correlations, shares_of, without_covariates
from .driver_sets import Term, loadings
from .specifications import Specification, Specifications

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
    lookup = {(one.kind, one.left_out, one.coding): one.terms for one in specs.buildings}
    number: dict[tuple[str, str, str, str], int] = {}
    models, of_model = [], []
    for spec in chosen:
        key = (spec["building"], spec.left_out, spec["coding"], spec["blocks_kept"])
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
