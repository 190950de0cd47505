"""Checks of the scales: does each measure one thing, and each a thing of its own?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from ...codebook import Finding, Scale
from ...core import RULES
from ...kernels import factors
from .inspected import Inspected


def unreversed_item(seen: Inspected) -> Iterator[Finding]:
    """Items that go against the rest of their scale, by more than chance."""
    for scale in seen.scales.values():
        chance = RULES["standard_errors"][0] / np.sqrt(max(seen.n_of(scale), 1))
        for item, value in zip(scale.items, factors.item_rest(seen.scale_cov(scale)), strict=True):
            if value < -chance:
                yield Finding("unreversed_item", item, fields={"scale": scale.name, "item_rest": float(value)})


def against_block(seen: Inspected) -> Iterator[Finding]:
    """Drivers that go against the others of their block, or with the outcome the other way than those, by more than chance."""
    book, frame = seen.book, seen.frame
    outcome = next((name for name in book.names("outcome") if name in frame), "")
    for block, drivers in book.blocks().items():
        there = [name for name in drivers if name in frame and frame[name].nunique() > 1]
        if len(there) < 2:
            continue
        found = frame[[*there, outcome] if outcome else there].corr()
        least = RULES["standard_errors"][0] / np.sqrt(max(int(frame[there].notna().all(axis=1).sum()), 1))
        with_outcome = found[outcome] if outcome else found[there[0]] * 0
        for name in there:
            mates = [other for other in there if other != name]
            among, others = float(found.loc[name, mates].mean()), float(with_outcome[mates].mean())
            turned = bool(outcome) and with_outcome[name] < -least and others > least
            if among < -least or turned:
                fields = {
                    "block": book.label(block),
                    "among": among,
                    "r": float(with_outcome[name]) if outcome else np.nan,
                }
                yield Finding("against_block", name, fields=fields | {"others": others})


def against_outcome(seen: Inspected) -> Iterator[Finding]:
    """Drivers that go down as the outcome goes up, by more than chance, and have no others in their block to tell them by."""
    book, frame = seen.book, seen.frame
    outcome = next((name for name in book.names("outcome") if name in frame and frame[name].nunique() > 1), "")
    told = {finding.where for finding in against_block(seen)}
    for name in book.names("driver") if outcome else ():
        if name in frame and frame[name].nunique() > 1 and name not in told:
            both = frame[[name, outcome]].dropna()
            r = float(both.corr().iloc[0, 1])
            if r < -RULES["standard_errors"][0] / np.sqrt(max(len(both), 1)):
                yield Finding("against_outcome", name, fields={"outcome": book.label(outcome), "r": r})


def bad_item(seen: Inspected) -> Iterator[Finding]:
    """Items without which alpha would be clearly higher."""
    for scale in seen.scales.values():
        S = seen.scale_cov(scale)
        alpha, without = float(factors.alpha(S)), factors.alpha_if_dropped(S)
        for item, other in zip(scale.items, without, strict=True):
            if other - alpha > RULES["alpha_gain"][0]:
                yield Finding("bad_item", item, fields={"scale": scale.name, "alpha": alpha, "without": float(other)})


def low_reliability(seen: Inspected) -> Iterator[Finding]:
    """Scales with an alpha under .7."""
    rule = RULES["alpha"][0]
    for scale in seen.scales.values():
        if (alpha := float(factors.alpha(seen.scale_cov(scale)))) < rule:
            yield Finding("low_reliability", scale.name, seen.n_of(scale), {"alpha": alpha, "rule": rule})


def alpha_kinds(seen: Inspected) -> Iterator[Finding]:
    """Scales whose raw and standardised alpha differ visibly."""
    for scale in seen.scales.values():
        S = seen.scale_cov(scale)
        sd = np.sqrt(np.diag(S))
        raw, standardised = float(factors.alpha(S)), float(factors.alpha(S / np.outer(sd, sd)))
        if abs(raw - standardised) >= RULES["alpha_apart"][0]:
            yield Finding("alpha_kinds", scale.name, fields={"alpha": raw, "standardised": standardised})


def mixed_ranges(seen: Inspected) -> Iterator[Finding]:
    """Items that nobody answers as high as the other items of their scale."""
    for scale in seen.scales.values():
        tops = {item: float(seen.frame[item].max()) for item in scale.items if not seen.items[item].reverse}
        top = max(tops.values(), default=0.0)
        lower = [item for item, high in tops.items() if high < top]
        if len(lower) == 1 and len(tops) > 2 and seen.n_of(scale) >= 100:
            fields = {"scale": scale.name, "high": tops[lower[0]], "top": top}
            yield Finding("mixed_ranges", lower[0], fields=fields)


def one_construct(seen: Inspected) -> Iterator[Finding]:
    """Two scales that may be one."""
    rule = RULES["htmt"][0]
    for a, b in combinations([s for s in seen.scales.values() if s.role], 2):
        if {*a.items} & {*b.items}:
            continue
        R = seen.corr([*a.items, *b.items])
        first, second = range(len(a.items)), range(len(a.items), len(R))
        value = float(factors.heterotrait_monotrait(R, list(first), list(second)))
        if value > rule:
            yield Finding("one_construct", b.name, fields={"other": a.name, "htmt": value, "rule": rule})


def criterion_overlap(seen: Inspected) -> Iterator[Finding]:
    """Items that are part of an outcome and of a driver."""
    variables = seen.book.variables
    members = {name: v.items if isinstance(v, Scale) else (name,) for name, v in variables.items()}
    for outcome in seen.book.names("outcome"):
        for driver in seen.book.names("driver"):
            for item in members[outcome]:
                if item in members[driver]:
                    yield Finding("criterion_overlap", item, fields={"outcome": outcome, "driver": driver})


def single_factor(seen: Inspected) -> Iterator[Finding]:
    """Harman's test: one component for more than half of the variance of all items in scales."""
    rule = RULES["single_factor"][0]
    scales = [scale for scale in seen.scales.values() if scale.role]
    items = list(dict.fromkeys(item for scale in scales for item in scale.items))
    if len(scales) < 2 or len(items) < 4:  # the items of one scale should share a factor
        return
    R = seen.corr(items)
    if np.isfinite(R).all() and (part := float(np.linalg.eigvalsh(R)[-1] / len(items))) > rule:
        yield Finding("single_factor", fields={"part": part, "rule": rule})
