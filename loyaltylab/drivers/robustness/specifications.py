"""Every defensible combination of choices in the comparison of two blocks, ways to make drivers of items among them: which there are, not what they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product, zip_longest
from typing import Any

import numpy as np

from ...core import DataError, ModelError, check_known, listed
from ...kernels import FloatArray
from ...moments import by_name
from ...survey import PublishedTable, Survey
from ..choices import codings
from ..methods import METHODS

# ---- ways to make drivers of items ---------------------------------------------------------------------------------------

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


Terms = tuple[Term, ...]


@dataclass(frozen=True)
class DriverSet:
    """Drivers made one way; `kind` is the way, `left_out` the item or driver left out, if any."""

    kind: str
    left_out: str
    terms: Terms
    coding: str = "codebook"


def driver_sets_of(
    evidence: Survey | PublishedTable,
    blocks: Mapping[str, Sequence[str]],
    a: str,
    b: str,
    lengths: Sequence[int],
    leave_one_out: bool,
    overlap: Sequence[str] = (),
) -> tuple[DriverSet, ...]:
    """All ways, scales as they are first: driver_out, item_out, overlap_out, index (one a block), items_5, index_5 and so on.

    Indices of k items take the items of the scales of `a` and `b` in turn; they are made where both have so many. Under
    other codings of the blocks (see `codings`) nothing is left out: near copies would outnumber everything else.
    """
    ways: list[DriverSet] = []
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
) -> list[DriverSet]:
    """All ways under one coding of the blocks."""
    ways = [DriverSet("scales", "", tuple(Term(block, items) for block, _, items in whole))]
    if leave_one_out:
        ways += [*_without_driver(whole, a, b), *_without_item(whole)]
    if overlap:
        ways.append(_without_overlap(whole, a, b, overlap))
    if any(sum(block == name for block, _, _ in whole) > 1 for name in (a, b)):
        ways.append(DriverSet("index", "", _indices(whole)))
    for k in lengths:
        if all(sum(len(items) for block, _, items in whole if block == name) >= k for name in (a, b)):
            short = [part for block in blocks for part in _shortened(whole, block, k if block in (a, b) else 0)]
            ways.append(DriverSet(f"items_{k}", "", tuple(Term(block, items) for block, _, items in short)))
            ways.append(DriverSet(f"index_{k}", "", _indices(short)))
    return ways


def _without_driver(whole: _Whole, a: str, b: str) -> list[DriverSet]:
    """Each driver left out, unless it is all there is of a block that is compared."""
    ways = []
    for _, driver, _ in whole:
        rest = [part for part in whole if part[1] != driver]
        if all(any(block == name for block, _, _ in rest) for name in (a, b)):
            ways.append(DriverSet("driver_out", driver, tuple(Term(block, items) for block, _, items in rest)))
    return ways


def _without_item(whole: _Whole) -> list[DriverSet]:
    """Each item of a scale of two or more left out."""
    return [
        DriverSet("item_out", item, tuple(Term(block, tuple(i for i in own if i != item)) for block, _, own in whole))
        for _, _, items in whole
        if len(items) > 1
        for item in items
    ]


def _without_overlap(whole: _Whole, a: str, b: str, overlap: Sequence[str]) -> DriverSet:
    """All items that restate the outcome left out together, and the drivers that consist of nothing else."""
    there = {item for _, _, items in whole for item in items}
    if absent := [item for item in overlap if item not in there]:
        raise DataError(f"overlap: {listed(absent)} is in no driver; the items are {listed(sorted(there))}.")
    left = [(block, tuple(item for item in items if item not in overlap)) for block, _, items in whole]
    for name in (a, b):
        if not any(items for block, items in left if block == name):
            raise DataError(f"overlap: without {listed(overlap)} nothing is left of block '{name}'; name fewer items.")
    return DriverSet("overlap_out", "", tuple(Term(block, items) for block, items in left if items))


def _indices(whole: _Whole) -> Terms:
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


def loadings(outcome: Sequence[str], terms: Terms, covariates: Sequence[str], names: Sequence[str]) -> FloatArray:
    """Which items each score is the mean of: rows outcome, terms, covariates; columns the items.  → (k, items)."""
    groups = [tuple(outcome), *(term.items for term in terms), *((name,) for name in covariates)]
    L = np.zeros((len(groups), len(names)))
    for row, group in zip(L, groups, strict=True):
        row[[list(names).index(item) for item in group]] = 1 / len(group)
    return L


# ---- every combination ---------------------------------------------------------------------------------------------------

#: What can be chosen; the first option of each is the main specification.
FACTORS = (
    "outcome",
    "driver_set",
    "coding",
    "method",
    "measure",
    "blocks_kept",
    "correction",
    "covariates",
    "segment",
    "missing",
    "weighting",
)
#: Correlations as observed, or corrected for unreliability by raw alpha (Spearman 1904).
CORRECTIONS = ("observed", "attenuation")
#: Choices that need the answers themselves; a printed table leaves them out, and says so.
NEED_ROWS = ("correction", "segment", "missing", "weighting")
_MEASURES = ("sum", "mean")
_KEPT = ("all", "two")
_ALONE = ("correction", "segment", "missing", "weighting")


@dataclass(frozen=True)
class Specification:
    """One combination of choices: an option of each factor, and what is left out where the building leaves one out."""

    choices: tuple[str, ...]
    left_out: str = ""

    def __getitem__(self, factor: str) -> str:
        return self.choices[FACTORS.index(factor)]

    def distance(self, other: Specification) -> tuple[str, ...]:
        """The factors on which the two differ."""
        pairs = zip(FACTORS, self.choices, other.choices, strict=True)
        differ = tuple(factor for factor, mine, its in pairs if mine != its)
        return differ or (("driver_set",) if self.left_out != other.left_out else ())


@dataclass(frozen=True, eq=False)
class Specifications:
    """Every combination of the options of each factor, and the evidence they are computed from; made by `specifications`."""

    evidence: Mapping[str, Survey | PublishedTable]
    a: str
    b: str
    blocks: Mapping[str, Sequence[str]]
    options: Mapping[str, tuple[str, ...]]
    driver_sets: tuple[DriverSet, ...]
    covariate_sets: Mapping[str, tuple[str, ...]]
    all: tuple[Specification, ...] = field(repr=False)
    segments: Mapping[str, str] = field(default_factory=dict)
    too_small: tuple[str, ...] = ()
    unavailable: tuple[str, ...] = ()

    def __repr__(self) -> str:
        varied = ", ".join(f"{name} {len(options)}" for name, options in self.options.items() if len(options) > 1)
        return f"{len(self.all):,} specifications of {self.a} minus {self.b}: {varied}"

    def __len__(self) -> int:
        return len(self.all)


def specifications(
    evidence: Survey | PublishedTable | Mapping[str, Survey],
    a: str,
    b: str,
    *,
    outcomes: Sequence[str] = (),
    blocks: Mapping[str, Sequence[str]] | None = None,
    methods: Sequence[str] = ("lmg", "relative_weights", "car", "first", "last"),
    measures: Sequence[str] = _MEASURES,
    corrections: Sequence[str] = CORRECTIONS[:1],
    covariates: Sequence[Sequence[str]] = ((),),
    weights: Sequence[str] = (),
    segments: Sequence[str] = (),
    lengths: Sequence[int] = (5, 8, 10),
    leave_one_out: bool = True,
    overlap: Sequence[str] = (),
    min_n: int = 100,
) -> Specifications:
    """Every combination of choices that one could defend; the first option of each is the main specification.

    Parameters
    ----------
    evidence : Survey or PublishedTable, or mapping of missing rule → Survey
        With a mapping the rule for unanswered items is one of the choices, where there are any. Under the name
        "pairwise" every two items are compared over those who answered both.
    a, b : str
        The two blocks of drivers to be compared.
    outcomes : names of scales or items
        The first of the codebook where none is named.
    blocks : mapping of block → drivers, optional
        All of the codebook. Where there are more than two, keeping only `a` and `b` is one of the choices.
    methods : names of `METHODS` in units of R²
        Estimates are divided by their sum, so methods that do not add up (first, last) can be compared. Where Pratt gives
        a block less than nothing, there is no share and the specification is counted as impossible.
    measures : of {"sum", "mean"}
        Sum of a block's shares, or shares per driver, scaled so that the two blocks keep the share they have together:
        the same number where both have equally many drivers, and the sign of `contrast(a, b, of="mean")` always.
    corrections : of {"observed", "attenuation"}
        Correlations as they are, or as they would be were every scale free of error, by raw alpha; for rows only. A
        corrected correlation is an extrapolation, not the truth: alpha knows no shared error, and where correlations
        become impossible together the specification is counted as such.
    covariates : sequences of names
        Sets of variables that are always in the model.
    weights, segments : names
        "" in `weights` is no weight; each value of a segment with `min_n` respondents is an option beside all.
    lengths : int
        Equal index length: as many items of both blocks, taken from its scales in turn, where both have so many.
    leave_one_out : bool
        Whether each item, and each driver, is left out in turn. An item is left out for everyone, in the main rule for
        gaps, weight and correction only: crossed with all of those, near copies would outnumber everything else.
    overlap : items
        Items that restate the outcome; leaving them out together is a way of making drivers.
    min_n : int
        Fewest respondents complete on all that a specification uses.
    Which block a driver stands in is a choice too (`coding`): as in the codebook, with the items that other sources put
    elsewhere moved there, and without the weakest scale of each block; see `codings`.

    Returns
    -------
    Specifications

    Raises
    ------
    UnknownName, DataError, ModelError
        For a block, method, measure, correction or variable that is not there, or a method that is not in units of R².

    Notes
    -----
    Which options are defensible is a judgement that comes before the data: whoever adds an absurd option can make any
    result look fragile, and whoever leaves one out can make it look firm.

    References
    ----------
    Spearman, C. (1904). American Journal of Psychology 15, 72–101. doi:10.2307/1412159
    Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour 4,
    1208–1214. doi:10.1038/s41562-020-0912-z

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> specifications(read_table("hedonic_utilitarian"), "emotional", "rational", methods=["lmg", "first"])
    36 specifications of emotional minus rational: driver_set 3, method 2, measure 2
    """
    sources = dict(evidence) if isinstance(evidence, Mapping) else {_rule(evidence): evidence}
    first = next(iter(sources.values()))
    outcomes, blocks, covariates = by_name(first, outcomes, blocks, covariates, of="codebook")
    if isinstance(first, Survey) and not sum(first.cells_missing.values()):
        sources = dict([*sources.items()][:1])  # no gaps: every rule is the same
    book, rows = first.codebook, isinstance(first, Survey)
    blocks = {k: tuple(v) for k, v in (blocks or book.blocks()).items()}
    _check(a, b, blocks, methods, measures, corrections)
    made = driver_sets_of(first, blocks, a, b, lengths, leave_one_out, overlap)
    sets = {" + ".join(names) or "none": tuple(names) for names in covariates}
    parts, small = _segment_options(first, segments, min_n)
    options: dict[str, tuple[str, ...]] = {
        "outcome": tuple(outcomes) or book.names("outcome")[:1],
        "driver_set": tuple(dict.fromkeys(one.kind for one in made)),
        "coding": tuple(dict.fromkeys(one.coding for one in made)),
        "method": tuple(methods),
        "measure": tuple(measures),
        "blocks_kept": _KEPT if len(blocks) > 2 else _KEPT[:1],
        "correction": tuple(corrections) if rows else CORRECTIONS[:1],
        "covariates": tuple(sets),
        "segment": ("all", *parts),
        "missing": tuple(sources),
        "weighting": tuple(name or "none" for name in weights) or (getattr(first, "weight", None) or "none",),
    }
    if empty := [name for name, values in options.items() if not values]:
        raise DataError(f"there is no option for {listed(empty)}; the codebook '{book.name}' names none, so give one.")
    every = _crossed(options, made, _of_two(first, blocks, a, b))
    away = () if rows else NEED_ROWS
    return Specifications(sources, a, b, blocks, options, made, sets, every, parts, small, away)


def _crossed(
    options: Mapping[str, tuple[str, ...]], made: Sequence[DriverSet], of_two: set[str]
) -> tuple[Specification, ...]:
    """Every combination that is not the same as another one, nor a near copy."""
    crossed = [name for name in FACTORS if name not in ("driver_set", "coding")]
    at = {name: i for i, name in enumerate(crossed)}
    rest = [*product(*(options[name] for name in crossed))]
    alone = [row for row in rest if all(row[at[name]] == options[name][0] for name in _ALONE)]
    return tuple(
        Specification((row[0], one.kind, one.coding, *row[1:]), one.left_out)
        for one in made
        for row in (alone if one.kind == "item_out" else rest)
        if not (one.left_out and row[at["blocks_kept"]] == "two" and one.left_out not in of_two)
    )


def _rule(evidence: Survey | PublishedTable) -> str:
    return getattr(evidence, "missing", "listwise")


def _check(
    a: str,
    b: str,
    blocks: Mapping[str, Any],
    methods: Sequence[str],
    measures: Sequence[str],
    corrections: Sequence[str],
) -> None:
    for name in (a, b):
        check_known("block", name, blocks)
    if a == b:
        raise ModelError(f"'{a}' is to be compared with itself; name two blocks.")
    able = [name for name, row in METHODS.items() if row.unit == "r_squared"]
    for name in methods:
        check_known("method", name, able, "A specification needs a method in units of R².")
    for name in corrections:
        check_known("correction", name, CORRECTIONS)
    for name in measures:
        check_known("measure", name, _MEASURES)


def _of_two(evidence: Survey | PublishedTable, blocks: Mapping[str, Sequence[str]], a: str, b: str) -> set[str]:
    """Drivers and items of the two blocks."""
    drivers = [*blocks[a], *blocks[b]]
    return {*drivers, *(item for driver in drivers for item in evidence.codebook.items_of(driver))}


def _segment_options(
    evidence: Survey | PublishedTable, segments: Sequence[str], min_n: int
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Option → condition of each value of the segments, and the values with too few respondents."""
    found, small = {}, []
    for segment in segments:
        if not isinstance(evidence, Survey):
            raise DataError("a published table has no segments; leave segments= out.")
        large = evidence.split(segment, min_n=min_n)
        for label in evidence.segment_values(evidence.segment(segment)).values():
            if label["en"] in large:
                found[label["en"]] = f"{segment}={label['en']}"
            else:
                small.append(label["en"])
    return found, tuple(small)
