"""Which choice moves a verdict most, how few choices turn it, and whether one group of respondents carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...codebook import flatten
from ...core import MIN_CELL, DataError, ModelError, Provenance, Result, check_known, pd, taken_from
from ...kernels import FloatArray
from ...moments import by_name, seed_of_each
from ...survey import Survey
from ..decomposition import Contrast, importance
from .curve import SpecificationCurve
from .specifications import FACTORS


@dataclass(frozen=True, eq=False)
class Decisive(Result):
    """For each choice, the mean difference by option, and the part of the variation of the curve that goes with it.

    Attributes
    ----------
    options : mapping of str → mapping of str → float
        Choice → option → mean difference.
    ahead : mapping of str → mapping of str → float
        Choice → option → part of its specifications in which the first block is ahead.
    eta_squared : mapping of str → float
        Choice → part of the variation that goes with it.

    See Also
    --------
    loyaltylab.drivers.decisive : Makes it.
    """

    options: Mapping[str, Mapping[str, float]]
    ahead: Mapping[str, Mapping[str, float]]
    eta_squared: Mapping[str, float]
    provenance: Provenance

    @property
    def ordered(self) -> list[str]:
        """The choices, the one that moves most first."""
        return sorted(self.options, key=lambda name: (-self._spread(name), FACTORS.index(name)))

    def _spread(self, factor: str) -> float:
        means = self.options[factor].values()
        return max(means) - min(means)

    def columns(self) -> list[dict[str, Any]]:
        rows = []
        for factor in self.ordered:
            means = self.options[factor]
            low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
            row = {"term": factor, "spread": self._spread(factor), "eta_squared": self.eta_squared[factor]}
            row |= {"option_low": low, "mean_low": means[low], "part_ahead_low": self.ahead[factor][low]}
            row |= {"option_high": high, "mean_high": means[high], "part_ahead_high": self.ahead[factor][high]}
            rows.append(row | {"n_options": len(means)})
        return rows

    def whole(self) -> dict[str, Any]:
        return {"n_choices": len(self.options)}


def decisive(curve: SpecificationCurve) -> Decisive:
    """Which choice moves the difference between the blocks most: spread of the mean by option, and η².

    Options are compared among specifications that are equal in every other choice. Not every combination exists (some are
    impossible, an item is left out for everyone only), so that plain means would compare options in different company:
    those that survive a correction for error are mostly small models. Where every combination exists, these are the plain
    means. η² is the part of the variance of the estimates that goes with the options of one choice, all others equal.
    Choices that were not varied, or never with the others equal, are left out.

    Parameters
    ----------
    curve : SpecificationCurve
        As `specification_curve` gives it.

    Returns
    -------
    Decisive
        For each choice the mean difference by option, and the part of the variation of the curve that goes with it.

    Examples
    --------
    >>> from loyaltylab import read_table, specification_curve
    >>> from loyaltylab.drivers import specifications
    >>> specs = specifications(read_table("hedonic_utilitarian"), "emotional", "rational", methods=["lmg", "first"])
    >>> decisive(specification_curve(specs, seed=1)).ordered
    ['measure', 'driver_set', 'method']
    """
    x, specs = curve.estimates, curve.specs
    whole = float(((x - x.mean()) ** 2).sum())
    made = pd.DataFrame([spec.choices for spec in specs.all], columns=list(FACTORS))
    options: dict[str, dict[str, float]] = {}
    ahead: dict[str, dict[str, float]] = {}
    eta: dict[str, float] = {}
    for factor in (name for name in specs.options if made[name].nunique() > 1):
        others = made.drop(columns=factor).groupby([name for name in FACTORS if name != factor]).ngroup().to_numpy()
        of = made[factor].to_numpy()
        names = [name for name in specs.options[factor] if (of == name).any()]
        effects, explained = _matched(x, np.stack([of == name for name in names], axis=1).astype(float), others)
        if explained is None:
            continue
        options[factor] = {name: float(x.mean() + effect) for name, effect in zip(names, effects, strict=True)}
        ahead[factor] = {name: float((x[of == name] > 0).mean()) for name in names}
        eta[factor] = explained / whole if whole else 0.0
    return Decisive(options, ahead, eta, curve.provenance)


def _matched(x: FloatArray, dummies: FloatArray, group: np.ndarray) -> tuple[FloatArray, float | None]:
    """Effects of options within groups, zero on average over specifications, and the sum of squares that goes with them.

    x (S,), dummies (S, options), group (S,) → (options,) and a number; None where some option never meets another.
    """
    size = np.bincount(group)
    mean_of = np.stack([np.bincount(group, column) / size for column in (x, *dummies.T)], axis=1)[group]
    y, D = x - mean_of[:, 0], dummies - mean_of[:, 1:]
    effects, _, rank, _ = np.linalg.lstsq(D, y, rcond=None)
    if rank < dummies.shape[1] - 1:
        return effects, None
    return effects - (dummies @ effects).mean(), float(((D @ effects) ** 2).sum())


@dataclass(frozen=True, eq=False)
class SmallestReversal(Result):
    """The fewest choices, made otherwise than in the main specification, that put the other block ahead.

    Attributes
    ----------
    curve : SpecificationCurve
        All specifications.
    reversals : sequence of int
        Places in `curve.specs.all` that put the other block ahead.
    n_choices : int
        Choices made otherwise in each.
    n_at_distance : int
        Specifications that differ in so many.

    See Also
    --------
    loyaltylab.drivers.smallest_reversal : Makes it.
    """

    curve: SpecificationCurve
    reversals: tuple[int, ...]
    n_choices: int
    n_at_distance: int
    keys = ("term",)

    def __post_init__(self) -> None:
        main = self.curve.estimates[0]
        if any(self.curve.estimates[i] * main > 0 for i in self.reversals) or len(self.reversals) > self.n_at_distance:
            raise ModelError("a specification said to turn the verdict does not.")

    provenance = taken_from("curve.provenance")

    def columns(self) -> pd.DataFrame:
        specs, (low, high) = self.curve.specs.all, self.curve.ends
        verdicts = self.curve.verdicts
        rows = []
        for i in self.reversals:
            changed = specs[i].distance(specs[0])
            changes = " + ".join(
                f"{factor}: {specs[i][factor]}" + (f" {specs[i].left_out}" if factor == "driver_set" and specs[i].left_out else "")
                for factor in changed
            )  # fmt: skip
            rows.append((changes, float(self.curve.estimates[i]), low[i], high[i], verdicts[i]))
        return pd.DataFrame(rows, columns=["term", "estimate", "conf_low", "conf_high", "verdict"])

    def whole(self) -> dict[str, Any]:
        return {"n_choices": self.n_choices, "n_changed": len(self.reversals), "n_at_distance": self.n_at_distance}


def smallest_reversal(curve: SpecificationCurve) -> SmallestReversal:
    """The smallest number of choices, changed from the main specification, that puts the other block ahead, and which.

    The main specification is the first. Leaving out one item or one driver counts as one choice. Where no specification
    puts the other block ahead, there are no rows and `n_choices` is 0.

    Parameters
    ----------
    curve : SpecificationCurve
        As `specification_curve` gives it.

    Returns
    -------
    SmallestReversal
        How many choices, and one such set; or that there is none.

    Examples
    --------
    >>> from loyaltylab import read_table, specification_curve
    >>> from loyaltylab.drivers import specifications
    >>> specs = specifications(read_table("hedonic_utilitarian"), "emotional", "rational", methods=["lmg", "first"])
    >>> smallest_reversal(specification_curve(specs, n_draws=100)).tidy()["term"].tolist()
    ['driver_set: driver_out VisualAppeal']
    """
    main = curve.specs.all[0]
    distance = np.array([len(spec.distance(main)) for spec in curve.specs.all])
    other = np.flatnonzero(curve.estimates * curve.estimates[0] < 0)
    if not len(other):
        return SmallestReversal(curve, (), 0, 0)
    least = int(distance[other].min())
    found = [int(i) for i in other if distance[i] == least]
    found.sort(key=lambda i: -abs(curve.estimates[i]))
    return SmallestReversal(curve, tuple(found), least, int((distance == least).sum()))


@dataclass(frozen=True, eq=False)
class GroupsLeftOut(Result):
    """The difference between two blocks without each group of respondents in turn; never without a single one."""

    reported: Contrast
    without: Mapping[str, Contrast]
    provenance: Provenance

    conf_level = taken_from("reported.conf_level")

    @property
    def turned(self) -> list[str]:
        """Groups without which the other block is ahead."""
        return [name for name, one in self.without.items() if one.estimate * self.reported.estimate < 0]

    def columns(self) -> pd.DataFrame:
        rows = {"all": self.reported, **self.without}
        parts = [one.tidy().assign(term=name, n=one.n, verdict=one.verdict) for name, one in rows.items()]
        return pd.concat(parts, ignore_index=True).drop(columns="against")

    def whole(self) -> dict[str, Any]:
        found = [one.estimate for one in self.without.values()]
        return {"n_groups": len(found), "n_changed": len(self.turned), "gap_low": min(found), "gap_high": max(found)}


def leave_groups_out(
    survey: Survey,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    a: str,
    b: str,
    *,
    by: str = "",
    folds: int = 10,
    method: str = "lmg",
    n_draws: int = 500,
    seed: int = 1,
) -> GroupsLeftOut:
    """The difference between two blocks without each group of respondents in turn.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    outcome : str
        Name or label of the variable to explain.
    blocks : mapping of str → sequence of str
        Drivers by block.
    a, b : str
        The two blocks: differences are `a` less `b`.
    by : str
        A segment of the codebook; without one, `folds` parts of the file, drawn at random with `seed`.
    folds : int
        Parts of the file, 2 or more.
    method : str
        One of `METHODS`.
    n_draws, seed : int
        Draws behind the intervals; the seed they start from.

    Returns
    -------
    GroupsLeftOut
        The difference for everyone, and `without` each group.

    Raises
    ------
    DataError
        Where a group would hold fewer than 10 respondents, so that single ones could be told.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> found = leave_groups_out(survey, "LOYALTY", survey.codebook.blocks("emotional", "rational"), "emotional", "rational", folds=2, n_draws=100)
    >>> len(found.without)
    2
    """

    outcome, blocks, by = by_name(survey, outcome, blocks, by, of="answers")
    used = [outcome, *flatten(blocks)]
    for block in (a, b):
        check_known("block", block, blocks)
    size = len(survey.frame)
    if by:
        codes = survey.segment_values(survey.segment(by))
        groups = {label["en"]: (survey.frame[by] == code).to_numpy() for code, label in codes.items()}
        groups = {name: here for name, here in groups.items() if here.sum() >= MIN_CELL}
    else:
        if folds < 2 or size // folds < MIN_CELL:
            raise DataError(f"{folds} parts of {size} respondents: take 2 parts or more, of at least {MIN_CELL} each.")
        part = np.random.default_rng(seed).permutation(size) % folds
        groups = {str(k + 1): part == k for k in range(folds)}
    if len(groups) < 2:
        raise DataError(f"segment '{by}' has fewer than two groups of at least {MIN_CELL} respondents.")

    def contrast(here: pd.DataFrame, seed: int) -> Contrast:
        from dataclasses import replace

        part = replace(survey, frame=here)
        draws = part.draws(used, n_draws=n_draws, seed=seed)
        return importance(part.moments(used), outcome, blocks, method=method, draws=draws).contrast(a, b)

    seeds = seed_of_each(groups, seed)
    whole = contrast(survey.frame, seed)
    without = {name: contrast(survey.frame[~here], seeds[name]) for name, here in groups.items()}
    return GroupsLeftOut(whole, without, whole.provenance.then(f"{len(without)} groups left out in turn"))
