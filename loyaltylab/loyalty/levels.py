"""Groups of respondents by the level of a variable: shares at each level, and satisfied with or without attachment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from ..codebook import Item
from ..contrasts import (
    Equivalence,
    Inference,
    equivalence_means,
    exponentiated,
    from_std_error,
    inferred,
    trend_in_proportions,
)
from ..core import LANGUAGES, MIN_CELL, RULES, DataError, ModelError, tr
from ..kernels import FloatArray
from ..moments import by_name
from ..survey import Survey, answers_of, range_of, whole_points
from .groups import satisfaction_codes
from .metrics import top_box
from .scores import Score, scored

#: Gallup's groups: satisfied in the highest answer with and without strong attachment, and everyone else.
_NAMES = (tr("Emotionally satisfied"), tr("Rationally satisfied"), tr("Dissatisfied"))


def share_by_level(
    survey: Survey,
    item: str,
    level: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    groups: Mapping[str, float] | Sequence[float] = (),
    conf_level: float = 0.95,
    min_cell: int = MIN_CELL,
) -> Score:
    """Share of low (or high) answers to an item, at each level of another: who would not stay, by satisfaction.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    item : str
        Answered in whole points.
    level : str
        An item or scale with a range.
    at_most, at_least : float
        One of the two: the highest low answer that counts, or the lowest high one.
    groups : mapping of name → lowest answer, or lowest answers
        Levels together under a name, or named by their answers, as in 5–7; each whole answer by itself without. A score of a scale is
        not rounded: its levels are named 1–<4, 4–<5, ≥5. Who answers below the first is left out, and counted in the provenance.
    conf_level : float
        Level of the intervals, between 0 and 1.
    min_cell : int
        As in `top_box`: a share is withheld where it, its complement, or what would give them away is too small.

    Returns
    -------
    Score
        The segments are the levels; the first row is about everyone.

    Raises
    ------
    UnknownName, DataError
        For an absent variable, a cut that leaves all answers on one side, groups out of order, or both or none of
        `at_most` and `at_least`.

    Examples
    --------
    >>> import pandas as pd
    >>> from loyaltylab import Codebook, read_survey
    >>> items = {name: Item(name, {"en": name}, range=(1, 5)) for name in ("sat", "stay")}
    >>> rows = pd.DataFrame({"sat": [3] * 50 + [5] * 50, "stay": [1] * 20 + [4] * 30 + [1] * 10 + [5] * 40})
    >>> survey = read_survey(rows, Codebook("shop", {}, items, {}, {"en": "", "nl": ""}))
    >>> found = share_by_level(survey, "stay", "sat", at_most=2, groups={"not satisfied": 1, "satisfied": 4})
    >>> found.tidy()[["segment", "estimate"]].values.tolist()
    [['all', 0.3], ['not satisfied', 0.4], ['satisfied', 0.2]]
    """
    item, level = by_name(survey, item, level, of="answers")
    low, high = whole_points(survey, item)
    if at_most is not None and at_least is None:
        boxes, end = at_most - low + 1, "bottom"
    elif at_least is not None and at_most is None:
        boxes, end = high - at_least + 1, "top"
    else:
        raise DataError("give one of at_most= and at_least=: which answers count.")
    if boxes % 1 or not 1 <= boxes <= high - low:
        raise DataError(f"the answers to '{item}' run from {low:g} to {high:g}; some must count, and some not.")
    first, last = range_of(survey, level)
    points = np.arange(np.ceil(first), np.floor(last) + 1)
    answers = survey.frame[level].to_numpy(dtype=float)
    whole = level not in survey.codebook.scales and bool(np.all(np.isnan(answers) | (answers % 1 == 0)))
    if isinstance(groups, Mapping):
        named = dict(groups)
    elif whole:
        named = _named(np.ceil(list(groups) or points), points[-1])
    else:
        named = _named(list(groups) or points)
    cuts = list(named.values())
    if len(cuts) < 2 or cuts != sorted(set(cuts)) or not first <= cuts[0] or not cuts[-1] <= last:
        raise DataError(
            f"groups is {named}; allowed: at least two names, each with a larger answer, from {first:g} to {last:g}."
        )
    inside = answers >= cuts[0]
    codes = np.where(inside, np.digitize(answers, cuts) - 1.0, np.nan)
    labels = [dict.fromkeys(LANGUAGES, name) for name in named]
    leveled = with_segment(survey, f"{level} (levels)", survey.codebook.variable(level).label, codes, labels)
    left_out = int((answers < cuts[0]).sum())
    step = f"left out: {left_out:,} with an answer below {cuts[0]:g} on {level}"
    origin = survey.provenance.then(step) if left_out else survey.provenance
    used = replace(leveled, frame=leveled.frame[inside], provenance=origin)
    options = {"conf_level": conf_level, "min_cell": min_cell}
    return top_box(used, item, boxes=int(boxes), end=end, by=f"{level} (levels)", **options)  # type: ignore[arg-type]


def share_ratio(score: Score, first: str, second: str) -> Inference:
    """How many times the share of one level is that of another, from `share_by_level` or any share by segment.

    The interval is on the logarithm with the errors of the design (Katz et al. 1978 without weights and clusters).

    Parameters
    ----------
    score : Score
        Shares by segment.
    first, second : str
        The level that is compared, and the one it is divided by.

    Returns
    -------
    Inference
        A ratio, with an interval on the logarithm that allows for respondents in both.

    Raises
    ------
    UnknownName, ModelError
        For a level that does not exist or is withheld, or a share of 0.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> share_ratio(share_by_level(survey, "recommend", "LOYALTY", at_least=8, groups=[1, 5]), "≥5", "1–<5").estimate > 1
    True
    """
    i, j = score._row(first), score._row(second)
    a, b = score.estimates[i], score.estimates[j]
    if score.limits != (0.0, 1.0) or not (a > 0 and b > 0):
        raise ModelError(f"{first} and {second}: a ratio needs two shares above 0.")
    V = score.covariances
    variance = V[i, i] / a**2 + V[j, j] / b**2 - 2 * V[i, j] / (a * b)
    log_ratio = from_std_error(np.log(a / b), np.sqrt(variance), conf_level=score.conf_level)
    n = float(score.n[i] + score.n[j])
    labels, level = (first, second), score.conf_level
    return inferred(labels, "ratio of shares", "linearised", n, score.provenance, level, 1.0, exponentiated(log_ratio))


def with_satisfaction_groups(
    survey: Survey, satisfaction: str, attachment: str, *, boxes: int = 1, attachment_from: float | None = None
) -> Survey:
    """The survey with a segment `satisfaction_group`: emotionally satisfied, rationally satisfied, dissatisfied.

    As Gallup defines them: emotionally satisfied is the highest answer on satisfaction with strong attachment; rationally
    satisfied the highest answer without it; dissatisfied everyone else, whatever the word suggests. With the segment, every
    metric can be had by group, `segment_shares` gives the size of each, and `group_equivalence` compares two of them.

    Parameters
    ----------
    survey : Survey
        With the answers that are grouped.
    satisfaction : str
        An item answered in whole points.
    attachment : str
        An item or scale.
    boxes : int
        How many of the highest answers are satisfied: 1 in Gallup's definition.
    attachment_from : float, optional
        Lowest strong attachment; two thirds up the answer range without. The source prints no cut-off, so it is ours.

    Returns
    -------
    Survey
        A copy; the survey given stays as it is.

    References
    ----------
    Fleming, J. H. & Asplund, J. (2007). Human Sigma. Gallup Press.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> grouped = with_satisfaction_groups(survey, "satisfied", "EMOTION")
    >>> [label["en"] for label in grouped.codebook.items["satisfaction_group"].values.values()]
    ['Emotionally satisfied', 'Rationally satisfied', 'Dissatisfied']
    """
    satisfaction, attachment = by_name(survey, satisfaction, attachment, of="answers")
    codes, step = satisfaction_codes(survey, satisfaction, attachment, boxes, attachment_from)
    label = tr("Kind of satisfaction")
    return with_segment(survey, "satisfaction_group", label, codes, _NAMES, step)


def group_equivalence(
    survey: Survey,
    outcome: str,
    by: str,
    first: str,
    second: str,
    *,
    bounds_sd: float = RULES["equivalence"][0],
    conf_level: float = 0.90,
    min_cell: int = MIN_CELL,
) -> Equivalence:
    """Are the means of two segments as good as equal? Two one-sided tests, with bounds in standard deviations.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    outcome : str
        Name or label of the variable to explain.
    by, first, second : str
        A segment and two of its values.
    bounds_sd : float
        The smallest difference that matters, as a part of the outcome's standard deviation within the two groups
        (pooled); 0.2, Cohen's small difference, unless you have reason for another.
    conf_level : float
        1 − 2α: 0.90 for tests at α = .05.
    min_cell : int
        Groups of fewer respondents are withheld.

    Returns
    -------
    Equivalence
        Estimate, interval and the larger of the two p-values; `verdict` is "equivalent" or "not shown".

    Raises
    ------
    UnknownName, DataError, ModelError
        For an absent segment or value, a group that is too small, or bounds that are not above 0.

    Notes
    -----
    Welch's test on means, standard deviations and effective n of the design: without weights and clusters it equals
    `equivalence_rows`.

    References
    ----------
    Lakens, D. (2017). Equivalence tests. Social Psychological and Personality Science 8, 355–362.
    doi:10.1177/1948550617697177

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=500, seed=1)
    >>> group_equivalence(survey, "LOYALTY", "sector", "retail", "telecom").verdict
    'not shown'
    """
    outcome, by = by_name(survey, outcome, by, of="answers")
    if not 0 < bounds_sd < np.inf:
        raise ModelError(f"bounds_sd is {bounds_sd:g}; allowed: a part of a standard deviation above 0, such as 0.2.")
    found = answers_of(survey, [outcome], by)
    options: dict[str, Any] = {"measure": "mean in scale points", "interval": "t", "limits": (-np.inf, np.inf)}
    score = scored([(outcome, found, found[outcome])], **options, conf_level=conf_level, min_cell=min_cell)
    rows = [score.tidy().iloc[score._row(name)] for name in (first, second)]
    parts = [(row["estimate"], row["sd"] * np.sqrt(row["n"] / (row["n"] - 1)), row["std_error"]) for row in rows]
    sizes = [(sd / error) ** 2 for _, sd, error in parts]
    pooled = np.sqrt(sum((n - 1) * sd**2 for n, (_, sd, _) in zip(sizes, parts, strict=True)) / (sum(sizes) - 2))
    (mean_1, sd_1, _), (mean_2, sd_2, _) = parts
    bounds = (-bounds_sd * float(pooled), bounds_sd * float(pooled))
    origin = score.provenance.then(f"{first} against {second}: bounds of {bounds_sd:g} SD")
    return equivalence_means(mean_1, sd_1, sizes[0], mean_2, sd_2, sizes[1], bounds=bounds, conf_level=conf_level,
                             labels=(first, second), provenance=origin)  # type: ignore[arg-type]  # fmt: skip


@dataclass(frozen=True)
class GroupComparison:
    """The difference of two groups, asked both ways: may it be called equal, may it be called different?

    Attributes
    ----------
    equal : Equivalence
        Two one-sided tests at 5%, so with an interval of 90%.
    wider : Equivalence
        The same difference with an interval of 95%.

    See Also
    --------
    loyaltylab.loyalty.compare_groups : Makes it.
    """

    equal: Equivalence
    wider: Equivalence

    @property
    def apart(self) -> bool:
        """Whether the wider interval excludes zero."""
        return self.wider.conf_low > 0 or self.wider.conf_high < 0

    @property
    def verdict(self) -> str:
        """The word "equivalent" where equality is shown, else "different" where the groups are apart, else "undecided"."""
        return "equivalent" if self.equal.verdict == "equivalent" else "different" if self.apart else "undecided"


def compare_groups(
    survey: Survey, outcome: str, by: str, first: str, second: str, *, bounds_sd: float = RULES["equivalence"][0]
) -> GroupComparison:
    """Whether the means of two segments are equal, different, or neither was shown; see `group_equivalence`.

    Parameters
    ----------
    survey : Survey
        Its weights, clusters and strata are respected.
    outcome : str
        Name or label of the variable to explain.
    by : str
        A segment.
    first, second : str
        Two of its values.
    bounds_sd : float
        The smallest difference that matters, in standard deviations.

    Returns
    -------
    GroupComparison
        `verdict` is equivalent, different or undecided, from a 90% interval against the bounds and a 95% one
        against 0.

    Examples
    --------
    >>> from loyaltylab import read_data
    >>> survey = read_data("simulated n=2000 seed=1")
    >>> compare_groups(survey, "LOYALTY", "sector", "retail", "telecom").verdict
    'equivalent'
    """
    outcome, by = by_name(survey, outcome, by, of="answers")
    equal, wider = (
        group_equivalence(survey, outcome, by, first, second, bounds_sd=bounds_sd, conf_level=level)
        for level in (0.90, 0.95)
    )
    return GroupComparison(equal, wider)


def _named(cuts: Sequence[float] | FloatArray, last: float | None = None) -> dict[str, float]:
    """Lowest answers by a name that tells the whole answers together up to the `last`; without one, as limits of scores."""
    if last is None:
        below = {f"{a:g}–<{b:g}": float(a) for a, b in pairwise(cuts)}
        return below | {f"≥{cuts[-1]:g}": float(cuts[-1])}
    ends = [*(cut - 1 for cut in cuts[1:]), last]
    return {f"{a:g}" if a >= b else f"{a:g}–{b:g}": float(a) for a, b in zip(cuts, ends, strict=True)}


def with_segment(
    survey: Survey,
    name: str,
    label: Mapping[str, str],
    codes: FloatArray,
    values: Sequence[dict[str, str]],
    step: str = "",
) -> Survey:
    """The survey with a segment; codes (n,) are positions in `values`, or not a number; `step` says how it was made."""
    item = Item(name, label, role="segment", values=dict(enumerate(values)))
    return survey.with_columns({name: codes}, [item], step)


def trend_of_score(score: Score, *, conf_level: float = 0.95) -> Inference:
    """Cochran-Armitage trend of a share over its segments, in their order; withheld segments are not in it.

    With weights each group counts as its effective number of respondents.

    Parameters
    ----------
    score : Score
        Shares by segment, in order.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Inference
        The slope per group, with its z; it has no interval.

    Raises
    ------
    DataError
        For fewer than two groups that are large enough.

    Examples
    --------
    >>> from loyaltylab import simulate
    >>> survey = simulate(n=2000, seed=1)
    >>> trend_of_score(share_by_level(survey, "recommend", "LOYALTY", at_least=8, groups=[1, 4, 6])).verdict
    'more'
    """
    rows = score.tidy()
    rows = rows[(rows["segment"] != "all") & rows["estimate"].notna()]
    if len(rows) < 2:
        raise DataError("fewer than two groups are large enough to be shown, so there is no trend to test.")
    n = np.floor(rows["n_effective"].to_numpy()).astype(int)
    x = np.rint(rows["estimate"].to_numpy() * n).astype(int)
    return trend_in_proportions(x.tolist(), n.tolist(), provenance=score.provenance, conf_level=conf_level)
