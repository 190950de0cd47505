"""Importances side by side: by method, by pair of drivers, by segment, by rank, and by how much sets of drivers explain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from ..codebook import flatten
from ..contrasts import Heterogeneity, equivalent_to, heterogeneity
from ..core import MOST_GROUPS, DataError, ModelError, Provenance, Result, check_known, listed, pd, taken_from, watched
from ..kernels import FloatArray, intervals, pooled
from ..moments import Moments, by_name, seed_of_each, usable_draws
from ..survey import MomentSource, Survey, moments_of
from .decomposition import Contrast, Importance, importance
from .methods import METHODS

_EDGE = 1 - 1e-9  # so that its arctanh is a number


@dataclass(frozen=True, eq=False)
class Comparison(Result):
    """Shares of the same drivers by several methods.

    Attributes
    ----------
    results : sequence of Importance
        One for each method.

    See Also
    --------
    loyaltylab.drivers.compare : Makes it.
    """

    results: tuple[Importance, ...]
    provenance: Provenance = field(init=False)
    keys = ("method", "term")

    def __post_init__(self) -> None:
        object.__setattr__(self, "provenance", Provenance.merge([result.provenance for result in self.results]))

    def columns(self) -> pd.DataFrame:
        return pd.concat([r.tidy().assign(method=r.method) for r in self.results], ignore_index=True)

    def whole(self) -> dict[str, Any]:
        shares = np.array([result.shares for result in self.results])
        ranks = pd.DataFrame(shares.T).corr("spearman").to_numpy()
        agreement = float(ranks.min()) if len(self.results[0].terms) > 1 else 1.0
        return {"agreement": agreement, "largest_difference": float(np.ptp(shares, axis=0).max())}

    @property
    def same_first(self) -> bool:
        """Whether every method puts the same driver first."""
        return len({int(np.argmax(result.shares)) for result in self.results}) == 1


def compare(results: Iterable[Importance]) -> Comparison:
    """Several importances of the same drivers, side by side.

    Parameters
    ----------
    results : iterable of Importance
        Of the same outcome and drivers, by different methods.

    Returns
    -------
    Comparison
        `tidy()` has a row for each driver and method.

    Raises
    ------
    ModelError
        For fewer than two, other drivers or outcomes, or a method that stands twice.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> used = ["BehLoyalty", "Enjoyment", "Escapism"]
    >>> both = [importance(table.moments(used), used[0], used[1:], method=name) for name in ("lmg", "first")]
    >>> compare(both)
    Comparison, 4 rows by method, term: agreement 1, largest_difference 0.077
    """
    results = tuple(results)
    if len(results) < 2:
        raise ModelError("comparing takes at least two results.")
    if len({(r.terms, r.outcome, r.covariates) for r in results}) > 1:
        raise ModelError("these results are not about the same drivers and outcome, so they cannot be compared.")
    if twice := sorted({r.method for r in results if [s.method for s in results].count(r.method) > 1}):
        raise ModelError(f"{listed(twice)}: stands twice among the methods to compare.")
    return Comparison(results)


def two_blocks(blocks: Mapping[str, Sequence[str]], chosen: Sequence[str] = ()) -> tuple[str, str]:
    """The two blocks of drivers to compare: those chosen, or the first two.

    Parameters
    ----------
    blocks : mapping of block → drivers
        Names of the drivers, by block.
    chosen : sequence of str
        Two of their names; empty for the first two.

    Returns
    -------
    (str, str)
        The block that is compared, and the one it is compared with.

    Raises
    ------
    ModelError, UnknownName
        Where there are not two, or a chosen one does not exist.

    Examples
    --------
    >>> two_blocks({"emotional": ["joy"], "rational": ["price"], "values": ["ethics"]})
    ('emotional', 'rational')
    """
    for name in chosen:
        check_known("block", name, blocks)
    picked = tuple(chosen) or tuple(blocks)[:2]
    if len(set(picked)) != 2 or len(picked) != 2:
        raise ModelError(
            f"comparing takes two blocks of drivers; here it is {listed(picked)}. The data have these blocks: "
            f"{listed(blocks)}. A driver gets its block in the codebook."
        )
    return picked[0], picked[1]


@dataclass(frozen=True, eq=False)
class HeadToHead(Result):
    """Share of the first driver in every model of two drivers, one from each block.

    Attributes
    ----------
    contrasts : sequence of Contrast
        One for every two drivers.
    a : str
        The block that is compared.
    b : str
        The block it is compared with.

    See Also
    --------
    loyaltylab.drivers.head_to_head : Makes it.
    """

    contrasts: tuple[Contrast, ...]
    a: str
    b: str
    provenance: Provenance
    conf_level: float = 0.95
    keys = ("term", "against")

    def columns(self) -> pd.DataFrame:
        frame = pd.concat([contrast.tidy() for contrast in self.contrasts], ignore_index=True)
        # a difference d of two shares that sum to 1: the first is (1 + d) / 2
        for column in ("estimate", "conf_low", "conf_high"):
            if column in frame:
                name = "share" if column == "estimate" else f"share_{column}"
                frame[name] = (1 + frame[column]) / 2
        return frame

    @property
    def extremes(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The pairs in which the first driver has its smallest and its largest share."""
        ordered = sorted(self.contrasts, key=lambda contrast: contrast.estimate)
        return (ordered[0].a, ordered[0].b), (ordered[-1].a, ordered[-1].b)

    @property
    def finding(self) -> str:
        """Whether it `depends` on the pair which of the two is ahead, or is the `same` in all."""
        return "same" if self.whole()["first_above"] in (0, len(self.contrasts)) else "depends"

    def whole(self) -> dict[str, Any]:
        above = sum(contrast.estimate > 0 for contrast in self.contrasts)
        return {"first_above": above, "n_pairs": len(self.contrasts), "conf_level": self.conf_level}


def head_to_head(
    data: Moments | MomentSource | pd.DataFrame,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    a: str,
    b: str,
    *,
    draws: Moments | None = None,
) -> HeadToHead:
    """Each driver of block `a` against each driver of block `b`, alone together in a model (LMG).

    It shows how far a verdict on two blocks rests on which drivers happen to be in them.

    Parameters
    ----------
    data : Moments, Survey, PublishedTable, Warehouse or DataFrame
        With the outcome and all drivers.
    outcome : str
        Name of the variable to explain.
    blocks : mapping of block → drivers
        Names of the drivers, by block.
    a, b : str
        The two blocks that are compared: `a` less `b`.
    draws : Moments, optional
        Of moments, as `survey.draws(names)` gives them; without them no intervals. Other data are drawn from here.

    Returns
    -------
    HeadToHead
        `tidy()` has a row for each two drivers: the share of the one in what both explain, 0 to 1.

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> blocks = {"emotional": ["Enjoyment"], "rational": ["Efficiency", "Excellence"]}
    >>> moments = table.moments(["BehLoyalty", "Enjoyment", "Efficiency", "Excellence"])
    >>> head_to_head(moments, "BehLoyalty", blocks, "emotional", "rational").tidy()["share"].round(2).tolist()
    [0.48, 0.34]
    """
    outcome, blocks = by_name(data, outcome, blocks)
    for block in (a, b):
        check_known("block", block, blocks)
    pairs = [importance(data, outcome, [x, y], draws=draws).contrast(x, y) for x in blocks[a] for y in blocks[b]]
    return HeadToHead(tuple(pairs), a, b, Provenance.merge([pair.provenance for pair in pairs]))


@dataclass(frozen=True, eq=False)
class AboveNoise(Result):
    """Whether each driver explains more than a variable that has nothing to do with the outcome or the other drivers.

    `share` is that of the driver, `share_noise` what an unrelated variable in its place stays below with probability
    `conf_level`, and `p_value` how often it would have as large a share.
    """

    names: tuple[str, ...]
    shares: FloatArray
    noise: FloatArray
    p_values: FloatArray
    n: int
    provenance: Provenance
    conf_level: float = 0.95

    def columns(self) -> dict[str, Any]:
        return {"term": self.names, "share": self.shares, "share_noise": self.noise, "p_value": self.p_values}

    def whole(self) -> dict[str, Any]:
        return {"n": self.n, "n_pairs": len(self.names), "first_above": len(self.terms), "conf_level": self.conf_level}

    @property
    def terms(self) -> tuple[str, ...]:
        """Drivers whose importance an unrelated variable would reach in fewer than 1 − conf_level of samples."""
        return tuple(name for name, p in zip(self.names, self.p_values, strict=True) if p < 1 - self.conf_level + 1e-12)

    @property
    def below(self) -> list[str]:
        """The others."""
        return [name for name in self.names if name not in self.terms]


def above_noise(
    data: Moments | MomentSource | pd.DataFrame,
    outcome: str,
    drivers: Sequence[str],
    *,
    method: str = "relative_weights",
    covariates: Sequence[str] = (),
    draws: Moments | None = None,
    n_draws: int | None = None,
    seed: int = 1,
    conf_level: float = 0.95,
) -> AboveNoise:
    """Is a driver's importance more than that of a variable that is unrelated to everything?

    Importance is never negative, so an interval of its own cannot exclude zero. Here each driver is put in turn in the
    place of an unrelated variable: its correlations with the outcome and the other drivers are those of the draws, moved
    so that they centre on zero (as Fisher's z), and its importance is computed again in each draw.

    Parameters
    ----------
    data, outcome, drivers, method, covariates, draws, n_draws, seed
        As in `importance`; a method whose estimates add up. The draws carry the design of the survey.
    conf_level : float
        One minus the part of unrelated variables that may pass, one driver at a time.

    Returns
    -------
    AboveNoise
        `tidy()` has a row for each driver: its share, and the share a variable unrelated to everything stays below.

    Raises
    ------
    ModelError
        For data without draws, or a method whose estimates do not add up.

    Notes
    -----
    An unrelated driver passes in 5% of samples. A driver that a t test of its coefficient finds in 46% of samples, and
    that is uncorrelated with the others, passes in as many (`tests/benchmarks/coverage.py`); comparing with one column of
    noise in the same model, draw by draw (Tonidandel, LeBreton & Johnson 2009), found it in 4%. A driver without a
    coefficient of its own that goes together with others does have importance, and passes.

    References
    ----------
    Tonidandel, S., LeBreton, J. M. & Johnson, J. W. (2009). Determining the statistical significance of relative weights.
    Psychological Methods 14, 387–399. doi:10.1037/a0017735

    Examples
    --------
    >>> from loyaltylab import read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> len(above_noise(table, "AttLoyalty", ["Escapism", "Excellence"], n_draws=500).terms)
    2
    """
    outcome, drivers, covariates = by_name(data, outcome, drivers, covariates)
    moments, draws = moments_of(data, [outcome, *drivers, *covariates], draws, n_draws=n_draws, seed=seed)
    if draws is None:
        raise ModelError("above_noise() needs draws: give draws=, or data that can be drawn from and not n_draws=0.")
    found = importance(moments, outcome, drivers, method=method, covariates=covariates, conf_level=conf_level)
    everything = [outcome, *found.terms, *covariates]
    kept, _ = usable_draws(draws.select(everything))
    R, drawn = (m.select(everything).partial(covariates).corr for m in (moments, kept))
    z, p = np.arctanh(np.clip(R - np.eye(len(R)), -_EDGE, _EDGE)), len(found.terms)
    moved = np.tanh(np.arctanh(np.clip(drawn - np.eye(len(R)), -_EDGE, _EDGE)) - z)
    noise, p_values = np.empty(p), np.empty(p)
    for j in watched(range(p), p, "each driver against noise"):
        unrelated = np.tile(R, (len(moved), 1, 1))
        unrelated[:, j + 1], unrelated[:, :, j + 1] = moved[:, j + 1], moved[:, :, j + 1]
        unrelated[:, j + 1, j + 1] = 1
        parts = METHODS[method].kernel(unrelated, (1,) * p)
        share = parts[:, j] / parts.sum(axis=1)
        noise[j] = np.quantile(share, conf_level)
        p_values[j] = (1 + (share >= found.shares[j] - 1e-12).sum()) / (1 + len(share))
    step = f"each against an unrelated variable in its place, {len(moved):,} draws"
    origin = Provenance.merge([found.provenance, draws.provenance]).then(step)
    return AboveNoise(found.terms, found.shares, noise, p_values, found.n, origin, conf_level)


@dataclass(frozen=True, eq=False)
class SegmentContrasts(Result):
    """The same contrast in each segment, and between each two segments; `n_withheld` were left out because they are small.

    Attributes
    ----------
    by_segment : dict of str → Contrast
        Segment → difference.
    a : str
        The block that is compared.
    b : str
        The block it is compared with.
    n_withheld : int
        Segments left out because they are small.

    See Also
    --------
    loyaltylab.drivers.compare_segments : Makes it.
    """

    by_segment: dict[str, Contrast]
    a: str
    b: str
    provenance: Provenance
    conf_level: float = 0.95
    n_withheld: int = 0
    keys = ("segment",)

    def columns(self) -> list[dict[str, Any]]:
        return [{**c.row, "segment": name, "n": c.n} for name, c in self.by_segment.items()]

    def whole(self) -> dict[str, Any]:
        row = {
            "n": sum(c.n for c in self.by_segment.values()),
            "n_groups": len(self.by_segment),
            "n_withheld": self.n_withheld,
        }
        if all(c.draw_estimates is not None for c in self.by_segment.values()):
            row |= dict(zip(("cochran_q", "df", "p_value"), self.homogeneity, strict=True))
        return row | {"conf_level": self.conf_level}

    @property
    def verdict(self) -> str:
        """The word "differ" where Cochran's Q is beyond chance at the level of the intervals, else "undecided".

        One test over all segments, however many: of k segments k (k − 1) / 2 pairs would find a difference by chance.

        References
        ----------
        Cochran, W. G. (1954). The combination of estimates from different experiments. Biometrics 10, 101–129.
        doi:10.2307/3001666
        """
        return "differ" if self.homogeneity[2] < 1 - self.conf_level else "undecided"

    @cached_property
    def heterogeneity(self) -> Heterogeneity:
        """Whether and by how much the segments differ beyond chance, about their mean."""
        return heterogeneity(self.by_segment, n_withheld=self.n_withheld, conf_level=self.conf_level)

    @property
    def homogeneity(self) -> tuple[float, int, float]:
        """Cochran's Q, its degrees of freedom and p.

        Raises
        ------
        ModelError
            For contrasts without draws, or a segment whose draws are all the same.
        """
        from scipy.special import chdtrc

        rows = self.tidy()
        if "std_error" not in rows or not (rows["std_error"] > 0).all():
            varies = rows.get("std_error", rows["estimate"] * 0) > 0
            raise ModelError(
                f"{listed(rows['segment'][~varies])}: no standard error above 0, so it cannot be told whether segments differ; "
                "give importance() its draws=."
            )
        q, df = pooled(rows["estimate"].to_numpy(), rows["std_error"].to_numpy()).q, len(rows) - 1
        return q, df, float(chdtrc(df, q))

    def between(self) -> list[tuple[str, str, Contrast]]:
        """Contrast of the first segment minus that of the second, for every two; their draws are independent.

        Not corrected for the number of pairs, and refused for more than 40 segments: hold each against the mean instead.

        Raises
        ------
        DataError
            For more than 40 segments.
        """
        if (k := len(self.by_segment)) > MOST_GROUPS:
            raise DataError(
                f"{k:,} segments make {k * (k - 1) // 2:,} pairs; allowed: {MOST_GROUPS} segments. Hold each against the mean with "
                "heterogeneity(…) and plot_funnel(), or compare fewer."
            )
        found = []
        for (s, first), (t, second) in combinations(self.by_segment.items(), 2):
            draws = None
            if first.draw_estimates is not None and second.draw_estimates is not None:
                size = min(len(first.draw_estimates), len(second.draw_estimates))
                draws = first.draw_estimates[:size] - second.draw_estimates[:size]
            found.append(
                (
                    s,
                    t,
                    Contrast(
                        s,
                        t,
                        first.estimate - second.estimate,
                        draws,
                        first.n + second.n,
                        self.provenance,
                        self.conf_level,
                    ),
                )
            )
        return found


def importance_of_parts(
    parts: Mapping[str, Survey],
    outcome: str,
    drivers: Mapping[str, Sequence[str]],
    *,
    method: str = "lmg",
    covariates: Sequence[str] = (),
    interval: str = "percentile",
    n_draws: int,
    seed: int,
) -> Iterator[tuple[str, Importance]]:
    """The importance of the drivers in each part of a survey, from `survey.split`, one at a time: draws take room.

    Parts are disjoint groups of respondents, so each gets draws of its own: with the next seed. One that no model can be
    fitted to, such as a group in which all gave one answer, is not among them; see `n_groups` of `compare_segments`.

    Parameters
    ----------
    parts : mapping of name → Survey
        As `survey.split` gives it.
    outcome : str
        Name of the variable to explain.
    drivers : sequence, or mapping of block → drivers
        Names of the drivers.
    method : str
        One of `METHODS`; its label says how it divides.
    covariates : sequence of str
        Always in the model; what they explain is no share of any driver.
    interval : {"percentile", "bca"}
        Kind of interval.
    n_draws, seed : int
        Draws behind the intervals; the seed they start from.

    Yields
    ------
    (str, Importance)
        Name of the part and its importance.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> parts = simulate(n=400).split("b2b")
    >>> found = importance_of_parts(parts, "LOYALTY", {"emotional": ["EMOTION"]}, n_draws=100, seed=1)
    >>> [name for name, _ in found]
    ['private customer', 'business customer']
    """
    used = [outcome, *flatten(drivers), *covariates]
    seeds = seed_of_each(parts, seed)
    for name, part in parts.items():
        try:
            jackknife = part.jackknife(used) if interval == "bca" else None
            draws = part.draws(used, n_draws=n_draws, seed=seeds[name])
            options = {"method": method, "covariates": covariates, "interval": interval}
            found = importance(part.moments(used), outcome, drivers, **options, draws=draws, jackknife=jackknife)
        except (DataError, ModelError):
            continue
        yield name, found


def compare_segments(
    by_segment: Mapping[str, Importance] | Iterable[tuple[str, Importance]],
    a: str,
    b: str,
    *,
    n_withheld: int = 0,
    n_groups: int = 0,
) -> SegmentContrasts:
    """The contrast of `a` and `b` in each segment, from importances of disjoint groups drawn with different seeds.

    Of thousands of segments give pairs of name and importance, made one at a time: only the contrasts are kept.
    `n_withheld` counts the segments left out beforehand, so that the reader knows; or give `n_groups`, how many there are in
    all, and those that are not compared are counted.

    Parameters
    ----------
    by_segment : mapping of name → Importance, or iterable of pairs
        The importance in each segment, with draws.
    a, b : str
        The two blocks that are compared: `a` less `b`.
    n_withheld : int
        Segments that were left out beforehand.
    n_groups : int
        Instead: all the segments there are.

    Returns
    -------
    SegmentContrasts
        `tidy()` has a row for each segment; `heterogeneity` says whether they differ.

    Raises
    ------
    ModelError
        For fewer than two segments.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> from loyaltylab.drivers import importance_of_parts
    >>> parts = simulate(n=400).split("b2b")
    >>> blocks = {"emotional": ["EMOTION"], "rational": ["RATIONAL"]}
    >>> found = importance_of_parts(parts, "LOYALTY", blocks, n_draws=100, seed=1)
    >>> compare_segments(found, "emotional", "rational").tidy()["segment"].tolist()
    ['private customer', 'business customer']
    """
    pairs = by_segment.items() if isinstance(by_segment, Mapping) else by_segment
    contrasts = {name: result.contrast(a, b) for name, result in pairs}
    if len(contrasts) < 2:
        raise ModelError(
            "fewer than two groups can be compared; the others are too small, or their answers do not vary."
        )
    origin = Provenance.merge([c.provenance for c in contrasts.values()])
    return SegmentContrasts(contrasts, a, b, origin, n_withheld=max(n_withheld, n_groups - len(contrasts)))


# ---- which drivers may be the strongest ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Ranks(Result):
    """Ranks of drivers with intervals; in `tidy()` the strongest comes first."""

    importance: Importance
    provenance: Provenance

    conf_level = taken_from("importance.conf_level")

    @cached_property
    def _sorted(self) -> pd.DataFrame:
        return self.importance.tidy().sort_values("rank", kind="stable", ignore_index=True)

    def columns(self) -> pd.DataFrame:
        columns = ["term", "block", "estimate", "conf_low", "conf_high", "rank", "rank_conf_low", "rank_conf_high"]
        return self._sorted[columns].assign(part_first=self._part_first)

    @cached_property
    def _part_first(self) -> list[float]:
        """Part of the draws in which each term, in order, has the largest estimate."""
        draws = self.importance.draw_estimates
        assert draws is not None  # ranks() asks for draws
        counts = np.bincount(draws.argmax(axis=1), minlength=len(self.importance.terms))
        return [float(counts[self.importance.terms.index(term)] / len(draws)) for term in self._sorted["term"]]

    @property
    def first(self) -> str:
        """The driver with rank 1."""
        return str(self._sorted["term"].iloc[0])

    @property
    def may_be_first(self) -> tuple[str, ...]:
        """Drivers whose interval of ranks holds rank 1."""
        return tuple(self._sorted.loc[self._sorted["rank_conf_low"] <= 1, "term"])

    def standing(self, term: str) -> str:
        """Whether a driver is `first` in its whole interval of ranks, `may` be, or is `not`."""
        low, high = (self.value(term, f"rank_conf_{end}").value for end in ("low", "high"))
        return "first" if high == 1 else "may" if low == 1 else "not"

    @cached_property
    def _settled(self) -> int:
        """Neighbours in rank whose difference has an interval above zero."""
        draws = self.importance.draw_estimates
        assert draws is not None  # ranks() asks for draws
        at = [self.importance.terms.index(term) for term in self._sorted["term"]]
        gaps = np.column_stack([draws[:, i] - draws[:, j] for i, j in pairwise(at)])
        return int((intervals.interval(gaps, self.conf_level)[0] > 0).sum())

    def whole(self) -> dict[str, Any]:
        return {
            "outcome": self.importance.outcome,
            "method": self.importance.method,
            "first": self.first,
            "n_may_be_first": len(self.may_be_first),
            "n_settled": self._settled,
            "n_drivers": len(self._sorted),
            "n": self.importance.n,
            "conf_level": self.conf_level,
        }


def ranks(result: Importance) -> Ranks:
    """Ranks of the drivers of an importance, with what may be said about their order.

    Parameters
    ----------
    result : Importance
        With draws, of two drivers or more.

    Returns
    -------
    Ranks
        `tidy()` has a row for each driver, the strongest first: its rank with the interval.

    Raises
    ------
    ModelError
        For a single driver, or an importance without draws.

    Examples
    --------
    >>> from loyaltylab import importance, read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> used = ["AttLoyalty", "VisualAppeal", "Entertainment", "Escapism", "Enjoyment"]
    >>> drawn = table.draws(used, n_draws=500, seed=1)
    >>> ranks(importance(table.moments(used), used[0], used[1:], method="first", draws=drawn))
    Ranks, 4 rows by term: outcome AttLoyalty, method first, first VisualAppeal, n_may_be_first 2, n_settled 0,
        n_drivers 4
    """
    if result.draw_estimates is None:
        raise ModelError("these ranks have no intervals; give importance() its draws=.")
    if len(result.terms) < 2:
        raise ModelError("a rank takes two drivers or more.")
    return Ranks(result, result.provenance)


# ---- how much sets of drivers explain, without the optimism of many drivers ----------------------------------------------


@dataclass(frozen=True, eq=False)
class AdjustedRSquared(Result):
    """Adjusted R² of several sets of drivers, with the intervals of R² in the population (`Importance.r_squared_ends`).

    Attributes
    ----------
    results : dict of str → Importance
        Name of the set → importance.

    See Also
    --------
    loyaltylab.drivers.adjusted_r_squared : Makes it.
    """

    results: dict[str, Importance]

    @property
    def provenance(self) -> Provenance:
        return Provenance.merge([result.provenance for result in self.results.values()])

    @property
    def conf_level(self) -> float:
        return next(iter(self.results.values())).conf_level

    def verdict(self, term: str, claimed: float, *, some: bool = False) -> str:
        """Where a claimed part stands: "above" or "below" the whole interval, or this "holds" it, or what is as good as it.

        As good as the claimed part is what differs from it by less than matters, see `equivalent_to`. Where only `some` of
        the drivers that the claim is about were asked, that they explain less leaves it "open".
        """
        found = self.value(term)
        assert found.conf_low is not None and found.conf_high is not None  # adjusted_r_squared() asks for draws
        low, high = equivalent_to(claimed, "r_squared")
        if low > found.conf_high:
            return "open" if some else "above"
        return "below" if high < found.conf_low else "holds"

    def columns(self) -> list[dict[str, Any]]:
        return [_row(name, result) for name, result in self.results.items()]

    def whole(self) -> dict[str, Any]:
        return {"conf_level": self.conf_level}


def adjusted_r_squared(results: Mapping[str, Importance]) -> AdjustedRSquared:
    """How much of its outcome each set of drivers explains.

    Parameters
    ----------
    results : mapping of what the set is called → its importance, with draws
        Their outcomes may differ.

    Returns
    -------
    AdjustedRSquared
        `tidy()` has a row for each set: adjusted R², with the interval of R² in the population.

    Raises
    ------
    DataError
        For an importance without draws.

    Examples
    --------
    >>> from loyaltylab import importance, read_table
    >>> table = read_table("hedonic_utilitarian")
    >>> used = ["AttLoyalty", "Excellence", "Efficiency", "EconomicValue"]
    >>> imp = importance(table.moments(used), used[0], used[1:], draws=table.draws(used, n_draws=500, seed=1))
    >>> found = adjusted_r_squared({"functional": imp})
    >>> round(found.value("functional").value, 3), found.verdict("functional", 0.65), found.verdict("functional", 0.65, some=True)
    (0.417, 'above', 'open')
    """
    if bare := [name for name, result in results.items() if result.draw_r_squared is None]:
        raise DataError(f"{listed(bare)}: has no draws, so no interval; give importance() its draws=.")
    return AdjustedRSquared(dict(results))


def _row(name: str, result: Importance) -> dict[str, Any]:
    low, high = result.r_squared_ends
    p = sum(map(len, result.members.values()))
    return {
        "term": name,
        "outcome": result.outcome,
        "estimate": max(0.0, float(result.stat("r_squared_adjusted").value)),
        "conf_low": low,
        "conf_high": high,
        "r_squared": result.r_squared,
        "n_drivers": p,
        "n_models": float(2**p),
        "n": result.n,
    }
