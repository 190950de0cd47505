"""Groups: their means side by side, and `heterogeneity()`: do they differ by more than chance, and what may be expected in another?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from ..codebook import flatten
from ..core import (
    MIN_CELL,
    MOST_GROUPS,
    DataError,
    ModelError,
    OneRow,
    Provenance,
    Result,
    check_known,
    listed,
    withheld,
)
from ..kernels import FloatArray, Pooled, check_conf_level, critical, pooled, sides
from ..moments import Design, by_name, complete, composites, seed_of_each
from ..survey import PublishedTable, Survey, Warehouse, range_of, source_of
from .correlations import correlation_contrast
from .inference import Inference

# ---- `heterogeneity()`: do groups differ by more than chance in an estimate, and what may be expected in another group?

#: Control limits of a funnel plot: two and three standard errors, about.
LIMITS = (0.95, 0.998)


@dataclass(frozen=True, eq=False)
class Heterogeneity(Result):
    """Estimates of k groups with what they have in common and how far they differ.

    `estimate` of `glance()` is the mean over groups that may truly differ (DerSimonian & Laird), with its interval;
    `prediction_low` and `prediction_high` hold the true value of another such group; `i_squared` is the part of the
    variation that is not chance. Groups left out because they are small are counted in `n_withheld`. Ends beyond what is
    `possible`, as for a share, are given as its ends.

    Attributes
    ----------
    groups : sequence of str
        Their names.
    estimates, std_errors : array
        Of each group.
    sizes : array
        Respondents of each group.
    what : (str, str)
        What is estimated.
    n_withheld : int
        Groups left out because they are small.
    interval : str
        Of the mean: normal or hartung_knapp.
    possible : (float, float)
        Between which the truth must lie.

    See Also
    --------
    loyaltylab.contrasts.group_means : Makes it.
    loyaltylab.contrasts.heterogeneity : Makes it.
    loyaltylab.contrasts.segment_contrasts : Makes it.
    """

    groups: tuple[str, ...]
    estimates: FloatArray
    std_errors: FloatArray
    sizes: FloatArray
    what: tuple[str, str]
    provenance: Provenance
    n_withheld: int = 0
    conf_level: float = 0.95
    interval: str = "normal"
    possible: tuple[float, float] = (-np.inf, np.inf)
    keys = ("segment",)
    shown = ("n_groups", "estimate", "cochran_q", "df", "i_squared")

    def __post_init__(self) -> None:
        if abs(float(self.sums.weights.sum()) - 1) > 1e-10:
            raise ModelError("the weights of the groups do not sum to 1; do not use this result.")

    @cached_property
    def sums(self) -> Pooled:
        return pooled(self.estimates, self.std_errors)

    @cached_property
    def _z(self) -> float:
        return float(critical(self.conf_level))

    def shrunken(self) -> tuple[FloatArray, FloatArray]:
        """Empirical-Bayes estimates with their standard errors, (k,) each: every group drawn towards the mean over groups.

        Rule (Efron & Morris 1975, unequal errors): with B = s² / (s² + τ²), the estimate is mean + (1 − B)(d − mean) and its
        variance (1 − B) s² + B² var(mean). τ² is that of DerSimonian & Laird, taken as known; where it is 0, all are the mean.

        References
        ----------
        Efron, B. & Morris, C. (1975). Data analysis using Stein's estimator and its generalizations. Journal of the American
        Statistical Association 70, 311–319. doi:10.1080/01621459.1975.10479864
        """
        s, variance = self.sums, self.std_errors**2
        drawn = variance / (variance + s.tau_squared)
        errors = np.sqrt((1 - drawn) * variance + drawn**2 * s.random_std_error**2)
        return s.random + (1 - drawn) * (self.estimates - s.random), errors

    def control_limits(self, std_errors: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
        """Between which a group with these standard errors stays by chance if all are alike; level 0 to 1.

        References
        ----------
        Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in Medicine 24,
        1185–1202. doi:10.1002/sim.1970
        """

        half = critical(level) * np.asarray(std_errors)
        return self.sums.fixed - half, self.sums.fixed + half

    def n_found(self, level: float = 0.05) -> int:
        """Groups that differ from the mean with a false discovery rate of `level`: of the groups named, so many by chance.

        Each group is held against the mean (two-sided, the limits of the funnel), k tests instead of one of every pair, and
        the k p-values are corrected together (Benjamini & Hochberg 1995, for groups as in Jones, Ohlssen & Spiegelhalter).

        References
        ----------
        Jones, H. E., Ohlssen, D. I. & Spiegelhalter, D. J. (2008). Use of the false discovery rate when comparing multiple
        health care providers. Journal of Clinical Epidemiology 61, 232–240. doi:10.1016/j.jclinepi.2007.04.017
        """
        from scipy.special import ndtr
        from scipy.stats import false_discovery_control

        p = 2 * ndtr(-np.abs(self.estimates - self.sums.fixed) / self.std_errors)
        return int((false_discovery_control(p) < level).sum())

    def columns(self) -> dict[str, Any]:
        half = self._z * self.std_errors
        shrunken, errors = self.shrunken()
        return {
            "segment": self.groups,
            "estimate": self.estimates,
            "std_error": self.std_errors,
            "conf_low": np.clip(self.estimates - half, *self.possible),
            "conf_high": np.clip(self.estimates + half, *self.possible),
            "pooling_weight": self.sums.weights,
            "shrunken": shrunken,
            "shrunken_conf_low": shrunken - self._z * errors,
            "shrunken_conf_high": shrunken + self._z * errors,
            "n": self.sizes,
        }

    def whole(self) -> dict[str, Any]:
        from scipy.special import chdtrc

        s, df = self.sums, len(self.groups) - 1
        robust = self.interval == "hartung_knapp"
        error = s.hartung_knapp_std_error if robust else s.random_std_error
        half = critical(self.conf_level, df if robust else np.nan) * error
        wide = critical(self.conf_level, df - 1) * np.sqrt(s.tau_squared + error**2) if df > 1 else np.nan
        ends = np.clip(s.random + np.array([-half, half, -wide, wide]), *self.possible)
        low, high = self._i_squared_ends()
        beyond = self.control_limits(self.std_errors, LIMITS[1])
        return {
            "estimate": s.random,
            "std_error": error,
            **dict(zip(("conf_low", "conf_high", "prediction_low", "prediction_high"), ends.tolist(), strict=True)),
            "cochran_q": s.q,
            "df": df,
            "p_value": float(chdtrc(df, s.q)),
            "i_squared": max(0.0, 1 - df / s.q) if s.q > 0 else 0.0,
            "i_squared_conf_low": low,
            "i_squared_conf_high": high,
            "tau_squared": s.tau_squared,
            "n_groups": len(self.groups),
            "n_above_zero": int((self.estimates - self._z * self.std_errors > 0).sum()),
            "n_withheld": self.n_withheld,
            "n_beyond": int(((self.estimates < beyond[0]) | (self.estimates > beyond[1])).sum()),
            "n_beyond_expected": (1 - LIMITS[1]) * len(self.groups),
            "n_found": self.n_found(),
            "n": float(self.sizes.sum()),
            "conf_level": self.conf_level,
        }

    def _i_squared_ends(self) -> tuple[float, float]:
        """Interval of I² by way of H = √(Q / df) (Higgins & Thompson 2002, the test-based one)."""
        q, k = self.sums.q, len(self.groups)
        if k < 3:
            return np.nan, np.nan
        if q > k:
            error = (np.log(q) - np.log(k - 1)) / (np.sqrt(2 * q) - np.sqrt(2 * k - 3)) / 2
        else:
            error = np.sqrt((1 - 1 / (3 * (k - 2) ** 2)) / (2 * (k - 2)))
        centre = np.log(max(q, 1e-300) / (k - 1)) / 2
        ends = (max(1.0, float(np.exp(centre + sign * self._z * error))) for sign in (-1, 1))
        low, high = (1 - 1 / h**2 for h in ends)
        return low, high

    @property
    def many(self) -> bool:
        """Whether there are more groups than a figure names (40): both ends in `plot_forest`, all in `plot_funnel`."""
        return len(self.groups) > MOST_GROUPS

    @property
    def verdict(self) -> str:
        """The word "differ" where Q is beyond chance at the level of the intervals, else "undecided"."""
        return "differ" if float(self.glance()["p_value"].iloc[0]) < 1 - self.conf_level else "undecided"

    @property
    def lead(self) -> str:
        """The word "everywhere", "most", "some" or "nowhere": in how many groups the whole interval lies above zero."""
        above = int(self.glance()["n_above_zero"].iloc[0])
        share = above / len(self.groups)
        return "everywhere" if share == 1 else "most" if share > 0.5 else "some" if above else "nowhere"

    @property
    def mean_verdict(self) -> str:
        """The word "more" or "less" where the interval of the mean lies on one side of zero, else "undecided"."""
        whole = self.whole()
        return str(sides(whole["conf_low"], whole["conf_high"]))

    @property
    def foretold(self) -> str:
        """What is expected of another such group: "more", "less", "either" side of zero, or "nothing": all that is possible."""
        whole = self.whole()
        low, high = whole["prediction_low"], whole["prediction_high"]
        if np.isnan(low) or (low, high) == self.possible:
            return "nothing"
        return "more" if low > 0 else "less" if high < 0 else "either"


def heterogeneity(
    by_group: Mapping[str, Result],
    *,
    n_withheld: int = 0,
    conf_level: float = 0.95,
    interval: str = "normal",
    possible: tuple[float, float] = (-np.inf, np.inf),
) -> Heterogeneity:
    """What the estimates of disjoint groups have in common, and whether they differ by more than chance.

    Parameters
    ----------
    by_group : mapping of group → result of one row
        An `Inference` or `Contrast` with a standard error: a difference of correlations, of shares, a mean. No
        respondent may be in two groups.
    n_withheld : int
        Groups left out beforehand because they are small; counted, so that the reader knows.
    conf_level : float
        Between 0 and 1.
    interval : {"normal", "hartung_knapp"}
        Of the mean. With a handful of groups "hartung_knapp" covers where the normal one is too narrow; it is never narrower.
    possible : (float, float)
        Between which the truth must lie, such as −1 and 1 for a difference of shares: no end is given beyond.

    Returns
    -------
    Heterogeneity
        `tidy()` has a row for each group; the mean, Cochran's Q, I² and τ are those of the whole.

    Raises
    ------
    UnknownName
        For another interval.
    DataError, ModelError
        For fewer than two groups, a result of several rows or without a standard error (naming the group), results
        about different things, or a level outside (0, 1).

    Notes
    -----
    Q has little power with few groups, and with many large groups any difference passes it: read τ² and the prediction
    interval beside it. With two groups there is no prediction interval. Equals
    `statsmodels.stats.meta_analysis.combine_effects` (`method_re="chi2"`) to 1e-12, and a case worked by hand.

    References
    ----------
    Hartung, J. & Knapp, G. (2001). A refined method for the meta-analysis of controlled clinical trials with binary outcome.
    Statistics in Medicine 20, 3875–3889. doi:10.1002/sim.1009
    Röver, C., Knapp, G. & Friede, T. (2015). Hartung-Knapp-Sidik-Jonkman approach and its modification for random-effects
    meta-analysis with few studies. BMC Medical Research Methodology 15, 99. doi:10.1186/s12874-015-0091-1
    DerSimonian, R. & Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7, 177–188.
    doi:10.1016/0197-2456(86)90046-2
    Higgins, J. P. T. & Thompson, S. G. (2002). Quantifying heterogeneity in a meta-analysis. Statistics in Medicine 21,
    1539–1558. doi:10.1002/sim.1186
    Higgins, J. P. T., Thompson, S. G. & Spiegelhalter, D. J. (2009). A re-evaluation of random-effects meta-analysis.
    Journal of the Royal Statistical Society A 172, 137–159. doi:10.1111/j.1467-985X.2008.00552.x

    Examples
    --------
    >>> origin = Provenance("published", "three countries")
    >>> def found(d, error):
    ...     return Inference("emotion", "reason", d, "difference", "printed", 500, origin, std_error=error)
    >>> heterogeneity({"NL": found(0.2, 0.05), "FR": found(0.1, 0.05), "DE": found(0.3, 0.05)})
    Heterogeneity, 3 rows by segment: n_groups 3, estimate 0.200 (0.087 to 0.313), cochran_q 8.000, df 2, i_squared
        0.750 (0.172 to 0.925)
    """
    check_conf_level(conf_level)
    check_known("interval", interval, ("normal", "hartung_knapp"))
    if len(by_group) < 2:
        raise DataError(f"{len(by_group)} group ({listed(by_group)}); whether groups differ takes two or more.")
    rows = {group: result.row for group, result in by_group.items() if isinstance(result, OneRow)}
    frames = {group: result.tidy() for group, result in by_group.items() if group not in rows}
    if many := [group for group, frame in frames.items() if len(frame) != 1]:
        raise DataError(f"{listed(many)}: the result of a group must be one row, such as a contrast.")
    rows |= {group: frame.iloc[0].to_dict() for group, frame in frames.items()}
    rows = {group: rows[group] for group in by_group}
    unsure = [group for group, row in rows.items() if not row.get("std_error", 0) > 0]
    if unsure:
        raise DataError(
            f"{listed(unsure)}: without a standard error above 0 a group has no weight; give the test its draws=."
        )
    pairs = {(str(row["term"]), str(row.get("against", ""))) for row in rows.values()}
    if len(pairs) > 1:
        raise DataError(
            f"the groups are about different things: {listed(' against '.join(filter(None, p)) for p in sorted(pairs))}."
        )
    wholes = [result.whole() for result in by_group.values()]
    return Heterogeneity(
        groups=tuple(by_group),
        estimates=np.array([float(row["estimate"]) for row in rows.values()]),
        std_errors=np.array([float(row["std_error"]) for row in rows.values()]),
        sizes=np.array([float(whole["n"]) for whole in wholes]),
        what=pairs.pop(),
        provenance=Provenance.merge([result.provenance for result in by_group.values()]),
        n_withheld=n_withheld,
        conf_level=conf_level,
        interval=interval,
        possible=possible,
    )


def segment_contrasts(
    survey: Survey,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    a: str,
    b: str,
    *,
    by: Sequence[str],
    min_n: int = 50,
    n_draws: int = 2000,
    seed: int = 1,
    standardised: bool = False,
    conf_level: float = 0.95,
) -> Heterogeneity:
    """In each segment: correlation of the outcome with block `a` minus that with block `b`, and whether segments differ.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected in the draws.
    outcome : str
        Name or label of the variable to explain.
    blocks : mapping of block → drivers
        Two of them are compared, each as the mean of its drivers.
    a, b : str
        The two blocks: differences are `a` less `b`.
    by : names of segments
        One, or several that are crossed, as sector × country.
    min_n : int
        Segments with fewer complete respondents are left out and counted; at least 10, and enough for a draw to have
        two different answers.
    n_draws, seed : int
        Of the draws in each segment; segments get seeds of their own, so that their draws are independent.
    standardised : bool
        As in `composites`.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Heterogeneity
        `tidy()` has a row for each group; the mean, Cochran's Q, I² and τ are those of the whole.

    Raises
    ------
    UnknownName, DataError, ModelError
        For an unknown segment, a min_n below 10, or fewer than two segments that are large enough.

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> survey = read_data("simulated n=2000 seed=1")
    >>> found = segment_contrasts(survey, "ATTITUDINAL", survey.codebook.blocks("emotional", "rational"), "emotional",
    ...     "rational", by=["sector"], n_draws=200, seed=1)
    >>> len(found.groups), found.lead
    (4, 'everywhere')
    """
    outcome, blocks, by = by_name(survey, outcome, blocks, by, of="answers")
    if min_n < MIN_CELL:
        raise ModelError(f"min_n is {min_n}; segments of fewer than {MIN_CELL} respondents are not shown.")
    if not by:
        raise DataError("by names no segment; give one, or several that are crossed.")
    pair = {name: tuple(blocks[name]) for name in (a, b)}
    used = [outcome, *flatten(pair)]
    found: dict[str, Inference] = {}
    small = 0
    groups = [*_groups(survey, used, by)]
    seeds = seed_of_each([name for name, _, _ in groups], seed)
    for name, rows, size in groups:
        if size < min_n:
            small += size > 0
            continue
        part = replace(survey, frame=survey.frame.iloc[rows])
        drawn = part.draws(used, n_draws=n_draws, seed=seeds[name])
        options: dict[str, Any] = {"keep": [outcome], "standardised": standardised}
        found[name] = correlation_contrast(
            composites(part.moments(used), pair, **options), outcome, a, b,
            draws=composites(drawn, pair, **options), conf_level=conf_level,
        )  # fmt: skip
    if len(found) < 2:
        raise DataError(
            f"{listed(by)}: {len(found)} segment has {min_n} complete respondents or more and {small} have fewer; "
            "comparing takes two. Choose another segment, or a lower min_n."
        )
    return heterogeneity(found, n_withheld=small, conf_level=conf_level)


def n_large_enough(survey: Survey, names: Sequence[str], by: Sequence[str], *, min_n: int = 50) -> int:
    """In how many groups, crossed where `by` names several segments, at least `min_n` are complete on `names`.

    Parameters
    ----------
    survey : Survey
        As `read_survey` gives it.
    names : sequence of str
        What a respondent must have answered to count.
    by : sequence of str
        Segments; several are crossed.
    min_n : int
        Fewest respondents of a group.

    Returns
    -------
    int
        A number of groups.

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> survey = read_data("simulated n=500 seed=1")
    >>> n_large_enough(survey, ["LOYALTY"], ["sector"]), n_large_enough(survey, ["LOYALTY"], ["sector", "country"])
    (4, 0)
    """
    names, by = by_name(survey, names, by, of="answers")
    return sum(size >= min_n for _, _, size in _groups(survey, names, by))


def segmentations(
    survey: Survey | PublishedTable | Warehouse, names: Sequence[str], *, first: Sequence[str] = (), min_n: int = 50
) -> list[str]:
    """The codebook's segments that make at least two groups of `min_n` respondents complete on `names`; none without rows.

    Those named `first` come first, crossed before one by one, as "sector*country".

    Parameters
    ----------
    survey : Survey, PublishedTable or Warehouse
        As `read_data` gives it.
    names : sequence of str
        What a respondent must have answered to count.
    first : sequence of str
        Segments to cross, and to put in front.
    min_n : int
        Fewest respondents of a group.

    Returns
    -------
    list of str
        Names of segments, as "sector" or crossed "sector*country".

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> survey = read_data("simulated n=500 seed=1")
    >>> segmentations(survey, ["LOYALTY"], first=["sector", "country"])[:2]
    ['sector', 'country']
    >>> segmentations(survey, ["LOYALTY"], first=["sector", "country"], min_n=10)[:2]
    ['sector*country', 'sector']
    """
    names = by_name(survey, names, of="codebook")
    if not isinstance(survey, Survey):
        return []
    known = [name for name in survey.codebook.names("segment") if survey.has(name)]
    wanted = [name for name in (survey.named(asked) for asked in first if survey.has(asked)) if name in known]
    options = [name for name in dict.fromkeys(["*".join(wanted), *wanted, *known]) if name]
    return [name for name in options if n_large_enough(survey, names, name.split("*"), min_n=min_n) > 1]


def _groups(survey: Survey, names: Sequence[str], by: Sequence[str]) -> Iterator[tuple[str, npt.NDArray[np.int_], int]]:
    """Name, rows and number complete on `names` of every group, whatever its size."""
    items = [survey.segment(name) for name in by]
    values = [list(survey.segment_values(item).items()) for item in items]
    place, known = np.zeros(len(survey.frame), dtype=int), np.ones(len(survey.frame), dtype=bool)
    for item, found in zip(items, values, strict=True):
        at = survey.frame[item.name].map({code: i for i, (code, _) in enumerate(found)}).to_numpy(dtype=float)
        known &= ~np.isnan(at)
        place = place * len(found) + np.nan_to_num(at).astype(int)
    order = np.flatnonzero(known)[np.argsort(place[known], kind="stable")]
    complete = survey.frame[survey.present(names)].notna().all(axis=1).to_numpy()
    k = int(np.prod([len(found) for found in values]))
    sizes = np.bincount(place[known & complete], minlength=k)
    ends = np.cumsum(np.bincount(place[known], minlength=k))
    for number, labels in enumerate(product(*values)):
        rows = order[ends[number - 1] if number else 0 : ends[number]]
        yield " × ".join(label["en"] for _, label in labels), rows, int(sizes[number])


# ---- `group_means()`: the mean of an outcome in each of up to thousands of groups, in one pass over the respondents.


def group_means(
    survey: Survey, name: str, by: str, *, min_cell: int = MIN_CELL, conf_level: float = 0.95
) -> Heterogeneity:
    """Mean of an item or scale in each group of a segment, and whether the groups differ; for a shop or an employee each.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    name : str
        The item or scale; its means are in scale points.
    by : str
        A segment of any number of groups; the figures are `plot_forest` and `plot_funnel` with `unit="mean"`.
    min_cell : int
        Groups of fewer respondents are withheld and counted, with the next smallest where a total would give them away.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Heterogeneity
        `tidy()` has a row for each group; the mean, Cochran's Q, I² and τ are those of the whole.

    Raises
    ------
    UnknownName, DataError, ModelError
        For an unknown segment, fewer than two groups that are large enough, or answers that are all alike.

    Notes
    -----
    The variance of an answer is pooled over the groups, and that of a mean is it divided by Kish's effective n: errors from
    25 respondents each would be so unsure themselves that Cochran's Q found differences where there are none. Clusters and
    strata enter the pooled variance as the design effect they have on average.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in Medicine 24,
    1185–1202. doi:10.1002/sim.1970

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> found = group_means(read_data("simulated n=2000 seed=1"), "LOYALTY", "sector")
    >>> len(found.groups), found.verdict
    (4, 'undecided')
    """
    name, by = by_name(survey, name, by, of="answers")
    range_of(survey, name)
    source = source_of(survey, None, None, None, None)
    used, design = complete(source, survey.present([name]))
    values = survey.segment_values(survey.segment(by))
    at = used[by].map({code: i for i, code in enumerate(values)}).to_numpy(dtype=float)
    known, group = ~np.isnan(at), np.nan_to_num(at).astype(int)
    counts = np.bincount(group[known], minlength=len(values))
    hidden = withheld(np.append(len(used), counts)[:, None], min_cell)[1:, 0]
    shown = np.flatnonzero((counts > 1) & ~hidden)
    small = int(((counts > 0) & ~np.isin(np.arange(len(values)), shown)).sum())
    if len(shown) < 2:
        raise DataError(
            f"{by}: {len(shown)} group has {min_cell} respondents with an answer to '{name}' or more and {small} have fewer; "
            "comparing takes two. Choose another segment, or a lower min_cell."
        )
    z = used[name].to_numpy(dtype=float)
    means, variances, sizes = _means(z, np.where(known, group, len(values)), design, len(values) + 1, bool(source.cluster or source.strata))  # fmt: skip
    means, variances, sizes, df = means[shown], variances[shown], sizes[shown], counts[shown] - 1
    pooled = float(df @ (variances * sizes) / df.sum())
    if not pooled > 0:
        raise ModelError(f"'{name}': within every group all answers are the same, so nothing can be told apart.")
    labels = [label["en"] for label in values.values()]
    return Heterogeneity(
        groups=tuple(labels[i] for i in shown),
        estimates=means,
        std_errors=np.sqrt(pooled / sizes),
        sizes=counts[shown].astype(float),
        what=(name, ""),
        provenance=survey.provenance.then(design.step),
        n_withheld=small,
        conf_level=conf_level,
    )


def _means(
    z: FloatArray, group: np.ndarray, design: Design, k: int, by_unit: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weighted mean, its linearised variance and Kish's n of each group, (k,) each, as `loyalty.scores.linearised`."""
    w = design.w
    with np.errstate(invalid="ignore", divide="ignore"):
        total, n = np.bincount(group, w, k), np.bincount(group, minlength=k)
        means = np.bincount(group, w * z, k) / total
        part = w * (z - means[group]) / total[group]
        kish = total**2 / np.bincount(group, w**2, k)
        if not by_unit:
            return means, np.bincount(group, part**2, k) * n / (n - 1), kish
    # Totals of units within strata, of which only those with respondents in the group are stored.
    m = len(design.stratum)
    pairs, place = np.unique(group * m + design.unit, return_inverse=True)
    totals, where, stratum = np.bincount(place, part), pairs // m, design.stratum[pairs % m]
    size = np.bincount(design.stratum).astype(float)
    if (size[np.unique(design.stratum)] < 2).any():
        raise ModelError("a stratum holds a single row or cluster, so it has no variance; join it with another.")
    layers, cell = np.unique(where * len(size) + stratum, return_inverse=True)
    units = size[layers % len(size)]
    spread = np.bincount(cell, totals**2) - np.bincount(cell, totals) ** 2 / units
    return means, np.bincount(layers // len(size), spread * units / (units - 1), k), kish
