"""Every defensible combination of choices in the comparison of two blocks: which there are, not what they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ...core import DataError, ModelError, check_known, listed
from ...moments import by_name
from ...survey import PublishedTable, Survey
from ..methods import METHODS
from .driver_sets import Building, built

#: What can be chosen; the first option of each is the main specification.
FACTORS = (
    "outcome",
    "building",
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
        return differ or (("building",) if self.left_out != other.left_out else ())


@dataclass(frozen=True, eq=False)
class Specifications:
    """Every combination of the options of each factor, and the evidence they are computed from; made by `specifications`."""

    evidence: Mapping[str, Survey | PublishedTable]
    a: str
    b: str
    blocks: Mapping[str, Sequence[str]]
    options: Mapping[str, tuple[str, ...]]
    buildings: tuple[Building, ...]
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
    36 specifications of emotional minus rational: building 3, method 2, measure 2
    """
    sources = dict(evidence) if isinstance(evidence, Mapping) else {_rule(evidence): evidence}
    first = next(iter(sources.values()))
    outcomes, blocks, covariates = by_name(first, outcomes, blocks, covariates, of="codebook")
    if isinstance(first, Survey) and not sum(first.cells_missing.values()):
        sources = dict([*sources.items()][:1])  # no gaps: every rule is the same
    book, rows = first.codebook, isinstance(first, Survey)
    blocks = {k: tuple(v) for k, v in (blocks or book.blocks()).items()}
    _check(a, b, blocks, methods, measures, corrections)
    made = built(first, blocks, a, b, lengths, leave_one_out, overlap)
    sets = {" + ".join(names) or "none": tuple(names) for names in covariates}
    parts, small = _segment_options(first, segments, min_n)
    options: dict[str, tuple[str, ...]] = {
        "outcome": tuple(outcomes) or book.names("outcome")[:1],
        "building": tuple(dict.fromkeys(one.kind for one in made)),
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
    options: Mapping[str, tuple[str, ...]], made: Sequence[Building], of_two: set[str]
) -> tuple[Specification, ...]:
    """Every combination that is not the same as another one, nor a near copy."""
    crossed = [name for name in FACTORS if name not in ("building", "coding")]
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
