"""Ways to make drivers of items: scales as they are, one item or driver left out, indices of equal length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np

from ...core import DataError, listed
from ...kernels import FloatArray
from ...survey import PublishedTable, Survey
from ..codings import codings

#: Codebook → items of drivers that, by their wording, ask for loyalty itself; a judgement from reading, not from data.
RESTATES_LOYALTY: dict[str, tuple[str, ...]] = {
    "corporate_reputation": ("like_2",),  # would miss this company more than others
    "loyalty": ("emo_belonging", "rat_points"),  # belongs with the brand; saves its points
}


_Whole = list[tuple[str, str, tuple[str, ...]]]


@dataclass(frozen=True)
class Term:
    """One driver as it enters the model: the mean of these items, in this block."""

    block: str
    items: tuple[str, ...]


Built = tuple[Term, ...]


@dataclass(frozen=True)
class Building:
    """Drivers made one way; `kind` is the way, `left_out` the item or driver left out, if any."""

    kind: str
    left_out: str
    terms: Built
    coding: str = "codebook"


def built(
    evidence: Survey | PublishedTable,
    blocks: Mapping[str, Sequence[str]],
    a: str,
    b: str,
    lengths: Sequence[int],
    leave_one_out: bool,
    overlap: Sequence[str] = (),
) -> tuple[Building, ...]:
    """All ways, scales as they are first: driver_out, item_out, overlap_out, index (one a block), items_5, index_5 and so on.

    Indices of k items take the items of the scales of `a` and `b` in turn; they are made where both have so many. Under
    other codings of the blocks (see `codings`) nothing is left out: near copies would outnumber everything else.
    """
    ways: list[Building] = []
    for name, coding in codings(evidence, blocks).items():
        first = name == "codebook"
        whole = [(block, driver, items) for block, parts in coding.items() for driver, items in parts.items()]
        made = _ways(whole, blocks, a, b, lengths, leave_one_out and first, overlap)
        ways += [replace(one, coding=name) for one in made]
    return tuple(ways)


def _ways(
    whole: _Whole,
    blocks: Iterable[str],
    a: str,
    b: str,
    lengths: Sequence[int],
    leave_one_out: bool,
    overlap: Sequence[str],
) -> list[Building]:
    """All ways under one coding of the blocks."""
    ways = [Building("scales", "", tuple(Term(block, items) for block, _, items in whole))]
    if leave_one_out:
        ways += [*_without_driver(whole, a, b), *_without_item(whole)]
    if overlap:
        ways.append(_without_overlap(whole, a, b, overlap))
    if any(sum(block == name for block, _, _ in whole) > 1 for name in (a, b)):
        ways.append(Building("index", "", _indices(whole)))
    for k in lengths:
        if all(sum(len(items) for block, _, items in whole if block == name) >= k for name in (a, b)):
            short = [part for block in blocks for part in _shortened(whole, block, k if block in (a, b) else 0)]
            ways.append(Building(f"items_{k}", "", tuple(Term(block, items) for block, _, items in short)))
            ways.append(Building(f"index_{k}", "", _indices(short)))
    return ways


def _without_driver(whole: _Whole, a: str, b: str) -> list[Building]:
    """Each driver left out, unless it is all there is of a block that is compared."""
    ways = []
    for _, driver, _ in whole:
        rest = [part for part in whole if part[1] != driver]
        if all(any(block == name for block, _, _ in rest) for name in (a, b)):
            ways.append(Building("driver_out", driver, tuple(Term(block, items) for block, _, items in rest)))
    return ways


def _without_item(whole: _Whole) -> list[Building]:
    """Each item of a scale of two or more left out."""
    return [
        Building("item_out", item, tuple(Term(block, tuple(i for i in own if i != item)) for block, _, own in whole))
        for _, _, items in whole
        if len(items) > 1
        for item in items
    ]


def _without_overlap(whole: _Whole, a: str, b: str, overlap: Sequence[str]) -> Building:
    """All items that restate the outcome left out together, and the drivers that consist of nothing else."""
    there = {item for _, _, items in whole for item in items}
    if absent := [item for item in overlap if item not in there]:
        raise DataError(f"overlap: {listed(absent)} is in no driver; the items are {listed(sorted(there))}.")
    left = [(block, tuple(item for item in items if item not in overlap)) for block, _, items in whole]
    for name in (a, b):
        if not any(items for block, items in left if block == name):
            raise DataError(f"overlap: without {listed(overlap)} nothing is left of block '{name}'; name fewer items.")
    return Building("overlap_out", "", tuple(Term(block, items) for block, items in left if items))


def _indices(whole: _Whole) -> Built:
    """One term a block: the mean of all its items."""
    blocks = dict.fromkeys(block for block, _, _ in whole)
    return tuple(Term(name, tuple(i for block, _, items in whole if block == name for i in items)) for name in blocks)


def _shortened(whole: _Whole, block: str, k: int) -> _Whole:
    """The scales of a block with k items in all, taken in turn; all items where k is 0."""
    own = [part for part in whole if part[0] == block]
    kept = taken_in_turn([items for _, _, items in own], k) if k else {i for _, _, items in own for i in items}
    cut = [(name, driver, tuple(i for i in items if i in kept)) for name, driver, items in own]
    return [part for part in cut if part[2]]


def taken_in_turn(scales: Sequence[Sequence[str]], k: int) -> set[str]:
    """The first item of each scale, then the second of each, until there are k.

    >>> sorted(taken_in_turn([["a1", "a2", "a3"], ["b1"]], 3))
    ['a1', 'a2', 'b1']
    """
    return set([item for turn in zip_longest(*scales) for item in turn if item is not None][:k])


def loadings(outcome: Sequence[str], terms: Built, covariates: Sequence[str], names: Sequence[str]) -> FloatArray:
    """Which items each score is the mean of: rows outcome, terms, covariates; columns the items.  → (k, items)."""
    groups = [tuple(outcome), *(term.items for term in terms), *((name,) for name in covariates)]
    L = np.zeros((len(groups), len(names)))
    for row, group in zip(L, groups, strict=True):
        row[[list(names).index(item) for item in group]] = 1 / len(group)
    return L
