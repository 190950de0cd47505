"""Does a loyalty programme pay? Return on raising one block of drivers against another, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from ..core import DataError, ModelError, Provenance, Result, check_known, unknown
from ..kernels import FloatArray, interval, sides
from ..moments import Moments, by_name, composites
from .economics import Given, Input, Modelled, check_horizon, discounted, drawn_inputs


@dataclass(frozen=True, eq=False)
class BlockSlopes(Result):
    """Scale points of the outcome that go with one scale point of each block's mean, the other blocks being equal.

    Attributes
    ----------
    values : array (1 + draws, k)
        The estimate first.
    standardised : bool
        Whether a point is a standard deviation: the source prints none, or every variable was standardised.
    """

    outcome: str
    names: tuple[str, ...]
    values: FloatArray
    r_squared: float
    n: int
    n_draws_left_out: int
    standardised: bool
    provenance: Provenance
    conf_level: float = 0.95

    def columns(self) -> dict[str, Any]:
        low, high = interval(self.values[1:], self.conf_level)
        return {"term": self.names, "estimate": self.values[0], "conf_low": low, "conf_high": high}

    def whole(self) -> dict[str, Any]:
        return {"outcome": self.outcome, "r_squared": self.r_squared, "n": self.n, "n_draws": len(self.values) - 1, "n_draws_left_out": self.n_draws_left_out}  # fmt: skip


def block_slopes(moments: Moments, outcome: str, blocks: Mapping[str, Sequence[str]], *, draws: Moments) -> BlockSlopes:
    """Regression of the outcome on the mean of each block, all at once.

    An association: who scores a block higher also scores the outcome higher. In a table without standard deviations a
    point is one standard deviation.

    Parameters
    ----------
    moments : Moments
        One set that holds the variables named.
    outcome : str
        Name or label of the variable to explain.
    blocks : mapping of str → sequence of str
        Block → drivers; a block counts as the mean of its drivers.
    draws : Moments
        Draws of the same variables, as `survey.draws` gives them.

    Returns
    -------
    BlockSlopes
        Scale points of the outcome for one of each block, the others held alike; of standardised variables, in SDs.

    Raises
    ------
    ModelError
        Where blocks say the same thing exactly.

    Notes
    -----
    Equals statsmodels' OLS on the means computed row by row, to 1e-10.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks, names = table.codebook.blocks(), ["AttLoyalty", *sum(table.codebook.blocks().values(), ())]
    >>> block_slopes(table.moments(names), "AttLoyalty", blocks, draws=table.draws(names, n_draws=200, seed=1))
    BlockSlopes, 2 rows by term: outcome AttLoyalty, r_squared 0.541, n 190, n_draws 200, n_draws_left_out 0
    """
    outcome, blocks = by_name(moments, outcome, blocks, of="moments")
    fits = []
    for each in (moments, draws):
        m = composites(each, blocks, keep=[outcome])
        S = np.atleast_3d(m.scatter).reshape(-1, *m.scatter.shape[-2:])
        usable = np.linalg.matrix_rank(S[:, 1:, 1:], hermitian=True) == len(blocks)
        slopes = np.linalg.solve(S[usable][:, 1:, 1:], S[usable][:, 1:, :1])[..., 0]
        fits.append((slopes, S[usable], int((~usable).sum())))
    (b, S, lost), (drawn, _, left_out) = fits
    if lost:
        raise ModelError("the means of the blocks determine each other, so no slope can be told apart. Use fewer blocks.")  # fmt: skip
    r2 = float((b[0] * S[0, 1:, 0]).sum() / S[0, 0, 0])
    provenance = Provenance.merge([moments.provenance, draws.provenance])
    provenance = provenance.then(f"regression of {outcome} on block means, {left_out:,} draws left out")
    standardised = bool(np.allclose(np.diagonal(moments.cov), 1))
    slopes = np.concatenate([b, drawn])
    return BlockSlopes(outcome, tuple(blocks), slopes, r2, int(moments.n), left_out, standardised, provenance)


@dataclass(frozen=True, eq=False)
class ProgrammeReturn(Modelled):
    """Return of a programme per existing customer over the customer's whole life, and the difference of two programmes.

    `worth` is what the customers kept bring in, `spent` what the programme costs, `estimate` = worth − spent.

    Attributes
    ----------
    contrast : (str, str)
        The two blocks compared.
    inputs : dict of str → Input
        Name → its draws, the most likely value first.
    horizon : int, optional
        Years counted; none is for ever.
    n_draws : int
        Draws behind the intervals.

    See Also
    --------
    loyaltylab.loyalty.programme_return : Makes it.
    """

    contrast: tuple[str, str]
    inputs: dict[str, Input]
    horizon: int | None
    n_draws: int
    provenance: Provenance
    conf_level: float = 0.95

    def __post_init__(self) -> None:
        both = self.total({}, self.contrast[0]) - self.total({}, self.contrast[1])
        if not np.allclose(both, self.total({})):
            raise ModelError("the difference of these programmes is not that of their returns; do not use it.")

    def parts(self, block: str, changed: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Retention with the programme, what it is worth and what is spent, each (1 + draws,)."""
        x = self.values(changed)
        gained = x[f"slope:{block}"] * x[f"lift:{block}"] * x["per_point"]
        kept = np.clip(x["retention"] + gained, 0, 1)
        before, _ = discounted(x["retention"], x["discount"], self.horizon)
        after, payments = discounted(kept, x["discount"], self.horizon)
        a_year = x["margin"] * x["spend_ratio"] + x["referral"]
        return {"retention": kept, "worth": a_year * (after - before), "spent": x[f"cost:{block}"] * payments}

    def total(self, changed: Mapping[str, FloatArray], term: str = "") -> FloatArray:
        if term and term not in self.contrast:
            raise unknown("programme", term, self.contrast)
        a, b = (self.parts(block, changed) for block in ((term, term) if term else self.contrast))
        value = a["worth"] - a["spent"]
        return value if term else value - (b["worth"] - b["spent"])

    @property
    def n_capped(self) -> int:
        """Draws in which retention is held at 0 or 1."""
        ends = [self.parts(block, {})["retention"][1:] for block in self.contrast]
        return int(np.any([(kept <= 0) | (kept >= 1) for kept in ends], axis=0).sum())

    @property
    def verdict(self) -> str:
        """The word "more" or "less" where the interval of the difference lies on one side of zero, else "undecided"."""
        return self.verdict_of("")

    def verdict_of(self, block: str) -> str:
        """The same for the return of one programme."""
        row = self.row(self.total({}, block))
        return str(sides(row["conf_low"], row["conf_high"]))

    def columns(self) -> list[dict[str, Any]]:
        rows = []
        for block in self.contrast:
            parts = {name: self.row(drawn) for name, drawn in self.parts(block, {}).items()}
            row = {"term": block, **self.row(self.total({}, block))}
            for name, part in parts.items():
                row |= {name: part["estimate"], f"{name}_conf_low": part["conf_low"], f"{name}_conf_high": part["conf_high"]}  # fmt: skip
            rows.append(row)
        return [*rows, {"term": "difference", **self.row(self.total({}))}]

    def whole(self) -> dict[str, Any]:
        above = float((self.total({})[1:] > 0).mean())
        return self.row(self.total({})) | {"verdict": self.verdict, "part_above_zero": above, "n_capped": self.n_capped, "n_draws": self.n_draws, "conf_level": self.conf_level}  # fmt: skip


def programme_return(
    slopes: BlockSlopes,
    a: str,
    b: str,
    *,
    lift: Mapping[str, Given],
    cost: Mapping[str, Given],
    per_point: Given,
    margin: Given,
    retention: Given,
    discount: Given,
    spend_ratio: Given = 1,
    referral: Given = 0,
    horizon: int | None = None,
    seed: int = 1,
    conf_level: float = 0.95,
) -> ProgrammeReturn:
    """What a programme that raises block `a` returns, against one that raises block `b`.

    Retention becomes retention + slope · lift · per_point; the slope is measured (with its draws), all else is assumed.

    Parameters
    ----------
    slopes : BlockSlopes
        Of `block_slopes`.
    a, b : str
        The two blocks: the contrast is `a` less `b`.
    lift : mapping of block → number, three numbers or Assumption
        Scale points by which the programme raises the block's mean.
    cost : mapping of block → the same
        Money per customer a year, paid halfway the year for as long as the customer stays.
    per_point : the same
        Change of yearly retention that goes with one scale point of the outcome, 0 to 1. What people say they will do is
        not what they do; nothing in a survey tells this number.
    margin, retention, discount, spend_ratio, referral, horizon
        As for `lifetime_value`; for a customer the firm already has, so acquisition plays no part.
    seed : int
        Of the draws of the assumptions.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    ProgrammeReturn
        Money a customer for each programme, and the difference, with their intervals.

    Raises
    ------
    UnknownName
        For a block that has no slope.
    DataError
        For an input that cannot have its value.

    Notes
    -----
    Reading a slope as what a programme would do assumes that the association is causal, stays as it is when a driver is
    raised, and is the same for everybody. Retention that would pass 0 or 1 is held there, and those draws are counted.
    Equals the difference of two `lifetime_value`.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks, names = table.codebook.blocks(), ["AttLoyalty", *sum(table.codebook.blocks().values(), ())]
    >>> slopes = block_slopes(table.moments(names), "AttLoyalty", blocks, draws=table.draws(names, n_draws=500, seed=1))
    >>> money = {"margin": 60, "retention": 0.8, "discount": 0.1}
    >>> same = {"lift": {"emotional": 0.5, "rational": 0.5}, "cost": {"emotional": 4, "rational": 4}}
    >>> programme_return(slopes, "emotional", "rational", per_point=[0, 0.05, 0.1], **same, **money).verdict
    'undecided'
    """
    check_horizon(horizon)
    if a == b:
        raise DataError(f"a programme cannot be compared with itself ('{a}'); name two blocks.")
    given: dict[str, Given] = {"margin": margin, "retention": retention, "discount": discount, "spend_ratio": spend_ratio, "referral": referral, "per_point": per_point}  # fmt: skip
    for block in (a, b):
        check_known("block", block, slopes.names)
        for what, each in (("lift", lift), ("cost", cost)):
            check_known(what, block, each, f"Give a {what} for each of the two programmes.")
            given[f"{what}:{block}"] = each[block]
    n = len(slopes.values) - 1
    inputs, provenance = drawn_inputs(given, n_draws=n, seed=seed)
    for block in (a, b):
        drawn = slopes.values[:, slopes.names.index(block)]
        inputs[f"slope:{block}"] = Input(drawn, "measured", slopes.provenance)
    provenance = Provenance.merge([slopes.provenance, provenance])
    made = ProgrammeReturn((a, b), inputs, horizon, n, provenance, conf_level)
    return replace(made, provenance=provenance.then(f"retention held at 0 or 1 in {made.n_capped:,} draws"))


@dataclass(frozen=True, eq=False)
class BreakEvenCost(Result):
    """What a programme may cost per customer a year, at each lift; below the line it pays.

    Attributes
    ----------
    contrast : (str, str)
        The two blocks compared.
    lifts : sequence of float
        In scale points.
    values : array
        (rows, draws), money per customer a year.
    paid : dict of str → (float, float)
        Block → assumed lift and cost.

    See Also
    --------
    loyaltylab.loyalty.break_even_cost : Makes it.
    """

    assumed: ClassVar[bool] = True
    contrast: tuple[str, str]
    lifts: tuple[float, ...]
    values: FloatArray
    paid: dict[str, tuple[float, float]]
    provenance: Provenance
    conf_level: float
    keys = ("term", "set_to")

    def columns(self) -> dict[str, Any]:
        low, high = interval(self.values[:, 1:].T, self.conf_level)
        terms = [block for block in self.contrast for _ in self.lifts]
        return {"term": terms, "set_to": [*self.lifts] * 2, "estimate": self.values[:, 0], "conf_low": low, "conf_high": high}  # fmt: skip

    def whole(self) -> dict[str, Any]:
        return {"lowest": self.values[:, 0].min(), "highest": self.values[:, 0].max(), "conf_level": self.conf_level}  # fmt: skip


def break_even_cost(result: ProgrammeReturn, lifts: Sequence[float]) -> BreakEvenCost:
    """The yearly cost at which each programme returns nothing, for each lift; the assumed lift and cost go along.

    Parameters
    ----------
    result : ProgrammeReturn
        As `programme_return` gives it.
    lifts : sequence of float
        In scale points.

    Returns
    -------
    BreakEvenCost
        `tidy()` has a row for each programme and lift: money per customer a year.

    Raises
    ------
    DataError
        Where no lift is given.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = table.codebook.blocks("emotional", "rational")
    >>> used = ["AttLoyalty", *(name for names in blocks.values() for name in names)]
    >>> slopes = block_slopes(table.moments(used), "AttLoyalty", blocks, draws=table.draws(used, n_draws=100))
    >>> found = programme_return(slopes, "emotional", "rational", lift={"emotional": 0.3, "rational": 0.3}, cost={"emotional": 5, "rational": 5}, per_point=0.02, margin=100, retention=0.8, discount=0.1)
    >>> len(break_even_cost(found, [0.1, 0.3]).tidy())
    4
    """
    if not len(lifts):
        raise DataError("no lift is given; name at least one.")
    rows = []
    for block in result.contrast:
        name, free = f"lift:{block}", {f"cost:{block}": np.ones(result.n_draws + 1)}
        for lift in lifts:
            parts = result.parts(block, {name: np.full(result.n_draws + 1, float(lift)), **free})
            rows.append(parts["worth"] / parts["spent"])
    paid = {block: (float(result.inputs[f"lift:{block}"].values[0]), float(result.inputs[f"cost:{block}"].values[0])) for block in result.contrast}  # fmt: skip
    provenance = result.provenance.then("break-even cost at each lift")
    return BreakEvenCost(result.contrast, tuple(map(float, lifts)), np.array(rows), paid, provenance, result.conf_level)
