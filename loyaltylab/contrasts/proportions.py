"""Is one proportion more than another, and is there a trend over several?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import UNSTATED, DataError, ModelError, Provenance, check_known, listed
from ..kernels import FloatArray, critical
from ..moments import Moments, by_name
from .inference import (
    Inference,
    Interval,
    check_not_extreme,
    exponentiated,
    from_interval,
    from_std_error,
    inferred,
    proportion_of,
    recovered,
    score_interval,
)


def _wilson(p: FloatArray, n: FloatArray, z: Any) -> Interval:
    """Takes any z, as Newcombe's p-value asks for it up to 512; `proportion_confint` takes 1 − conf_level, 0 beyond z = 38."""
    centre, spread = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = (centre - spread) / (1 + z**2 / n), (centre + spread) / (1 + z**2 / n)
    return np.where(p == 0, 0.0, low), np.where(p == 1, 1.0, high)


def _of_statsmodels(name: str) -> Callable[..., Interval]:
    """Interval of `proportion_confint`, exactly 0 or 1 where nobody or everybody said yes."""

    def ends(p: FloatArray, n: FloatArray, z: Any) -> Interval:
        from scipy.special import ndtr
        from statsmodels.stats.proportion import proportion_confint

        low, high = proportion_confint(p * n, n, 2 * ndtr(-z), method=name)
        return np.where(p == 0, 0.0, low), np.where(p == 1, 1.0, high)

    return ends


def _score_z(gap: float, variance: float) -> float:
    """What is left of the gap over its standard error at the proportions of the null hypothesis."""
    if variance > 0:
        return float(gap / np.sqrt(variance))
    return float(np.sign(gap)) * np.inf if gap else 0.0


def _score_of_difference(p_1: float, n_1: float, p_2: float, n_2: float, difference: float) -> float:
    """Score statistic of p_1 − p_2 = difference (Mee 1984); the likelihood's cubic has one root in range."""
    n, x_2 = n_1 + n_2, n_2 * p_2
    x = n_1 * p_1 + x_2
    b = ((n_1 + 2 * n_2) * difference - n - x) / n
    c = ((n_2 * difference - n - 2 * x_2) * difference + x) / n
    d = x_2 * difference * (1 - difference) / n
    q = (b / 3) ** 3 - b * c / 6 + d / 2
    s = np.copysign(np.sqrt(max((b / 3) ** 2 - c / 3, 0)), q)
    angle = (np.pi + np.arccos(np.clip(q / s**3, -1, 1))) / 3 if s else 0.0
    null_2 = float(np.clip(2 * s * np.cos(angle) - b / 3, max(0.0, -difference), min(1.0, 1 - difference)))
    null_1 = null_2 + difference
    return _score_z(p_1 - p_2 - difference, null_1 * (1 - null_1) / n_1 + null_2 * (1 - null_2) / n_2)


def _score_of_ratio(p_1: float, n_1: float, p_2: float, n_2: float, ratio: float) -> float:
    """Score statistic of p_1 / p_2 = ratio (Koopman 1984)."""
    a, x = (n_1 + n_2) * ratio, n_1 * p_1 + n_2 * p_2
    b = n_1 * ratio + n_1 * p_1 + n_2 + n_2 * p_2 * ratio
    null_2 = 2 * x / (b + np.sqrt(max(b**2 - 4 * a * x, 0)))
    null_1 = min(ratio * null_2, 1.0)
    return _score_z(p_1 - ratio * p_2, null_1 * (1 - null_1) / n_1 + ratio**2 * null_2 * (1 - null_2) / n_2)


# ---- proportions --------------------------------------------------------------------------------------------------

#: Intervals of one proportion: kernel (p, n, z) → ends, and reference.
INTERVAL_METHODS: dict[str, tuple[Callable[..., Interval], str]] = {
    "wilson": (_wilson, "Wilson 1927, doi:10.1080/01621459.1927.10502953"),
    "clopper_pearson": (_of_statsmodels("beta"), "Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404"),
    "jeffreys": (_of_statsmodels("jeffreys"), "Brown, Cai & DasGupta 2001, doi:10.1214/ss/1009213286"),
    "agresti_coull": (_of_statsmodels("agresti_coull"), "Agresti & Coull 1998, doi:10.1080/00031305.1998.10480550"),
}
DIFFERENCE_METHODS = ("newcombe", "score", "wald")


def proportion_interval(
    x: int,
    n: int,
    *,
    method: str = "wilson",
    conf_level: float = 0.95,
    label: str = "proportion",
    provenance: Provenance = UNSTATED,
) -> Inference:
    """A proportion with its interval.

    Parameters
    ----------
    x, n : int
        How many of n; 0 ≤ x ≤ n.
    method : {"wilson", "clopper_pearson", "jeffreys", "agresti_coull"}
        Wilson's score interval covers best on average; Clopper-Pearson's never too little. Agresti-Coull's is cut off
        at 0 and 1.
    conf_level : float
        Level of the intervals, between 0 and 1.
    label : str
        What it is called in the result.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.

    Returns
    -------
    Inference
        Estimate, interval and p-value; `verdict` says in a word what follows.

    Raises
    ------
    UnknownName, DataError
        For another method, or counts that cannot be.

    Notes
    -----
    Equals R 4.2.2 (`prop.test`, `binom.test`) and the definitions of Brown, Cai & DasGupta to 1e-10. Clopper-Pearson,
    Jeffreys and Agresti-Coull are those of `statsmodels`, but where nobody or everybody said yes Jeffreys' end is 0 or 1 as
    Brown, Cai & DasGupta define it: for 1 of 1 (80%) statsmodels ends at 0.994.

    References
    ----------
    Brown, L. D., Cai, T. T., & DasGupta, A. (2001). Interval estimation for a binomial proportion. Statistical Science
    16, 101–133. doi:10.1214/ss/1009213286

    Examples
    --------
    >>> proportion_interval(15, 50, label="promoters")
    Inference(wilson) of 'promoters': proportion 0.300, 95% interval 0.191 to 0.438
    """
    check_known("method", method, INTERVAL_METHODS)
    p = proportion_of(x, n)
    low, high = INTERVAL_METHODS[method][0](np.float64(p), np.float64(n), critical(conf_level))
    numbers = {"estimate": p, "conf_low": low, "conf_high": high}
    return inferred((label, ""), "proportion", method, n, provenance, conf_level, np.nan, numbers)


def compare_proportions(
    x_1: int,
    n_1: int,
    x_2: int,
    n_2: int,
    *,
    method: str = "newcombe",
    conf_level: float = 0.95,
    labels: tuple[str, str] = ("first group", "second group"),
    provenance: Provenance = UNSTATED,
) -> Inference:
    """Is the proportion of one group larger than that of another: the difference x_1 / n_1 − x_2 / n_2.

    Parameters
    ----------
    x_1, n_1, x_2, n_2 : int
        How many of how many, in each of two groups without anybody in common.
    method : {"newcombe", "score", "wald"}
        `newcombe`: hybrid of two Wilson intervals; its statistic is the normal quantile at which it touches 0.
        `score`: the pooled z test (its square is Pearson's chi-square) with the interval that belongs to it (Mee).
        `wald`: unpooled z and the textbook interval, too narrow in small groups.
    conf_level : float
        Of the intervals, between 0 and 1.
    labels : tuple of str
        What the two are called in the result.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.

    Returns
    -------
    Inference
        Estimate, interval and p-value; `verdict` says in a word what follows.

    Raises
    ------
    UnknownName, DataError, ModelError
        For another method, counts that cannot be, or proportions of 0 or 1 where the method has no standard error.

    Notes
    -----
    Equals R 4.2.2 `prop.test(correct = FALSE)` (`score`: chi-square; `wald`: interval) to 1e-12. Not taken from statsmodels
    0.15, `confint_proportions_2indep`: its `score` is not Mee's (56 of 70 against 48 of 80: 0.0531 to 0.3436; Newcombe prints
    0.0533 to 0.3377; 5 of 10 against 5 of 10 is not symmetric: −0.396 to 0.400) and fails for 9 of 10 against 3 of 10; its
    `newcomb` is this one without a p-value; its `wald` is 1 to 1 for 10 of 10 against none of 20.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions. Statistics in
    Medicine 17, 873–890. doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I
    Mee, R. W. (1984). Confidence bounds for the difference between two probabilities. Biometrics 40, 1175–1176.

    Examples
    --------
    >>> compare_proportions(56, 70, 48, 80, labels=("app", "branch"))
    Inference(newcombe) of 'app' against 'branch': difference of proportions 0.200, 95% interval 0.052 to 0.334, p = 0.008
    """
    parts = (proportion_of(x_1, n_1), n_1, proportion_of(x_2, n_2), n_2)
    return _difference(parts, method, conf_level, labels, provenance)


def risk_ratio(
    x_1: int,
    n_1: int,
    x_2: int,
    n_2: int,
    *,
    conf_level: float = 0.95,
    labels: tuple[str, str] = ("first group", "second group"),
    provenance: Provenance = UNSTATED,
) -> Inference:
    """How many times the proportion of the second group is that of the first: (x_1 / n_1) / (x_2 / n_2).

    Parameters
    ----------
    x_1, n_1, x_2, n_2 : int
        How many of how many, in each group. Koopman's score interval, whose ends may be 0 or infinite, with the pooled z
        test that belongs to it.
    conf_level : float
        Level of the intervals, between 0 and 1.
    labels : (str, str)
        What the two are called in the result.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.

    Returns
    -------
    Inference
        Estimate, interval and p-value; `verdict` says in a word what follows.

    Raises
    ------
    DataError, ModelError
        As `compare_proportions`; and where the second group has no yes, as there is no ratio then.

    Notes
    -----
    Equals the example of Koopman, and `confint_proportions_2indep(..., compare="ratio", correction=False)` of statsmodels 0.15
    to 1e-8 where both groups hold a yes and a no. Not taken from there, as it is wrong where everybody says yes: for 50 of 50
    against 47 of 50 it starts at 1.031, though the score test keeps every ratio from 0.986 on, and for none of 50 against 50 of
    50 both its ends are 0.5.

    References
    ----------
    Koopman, P. A. R. (1984). Confidence intervals for the ratio of two binomial proportions. Biometrics 40, 513–517.
    doi:10.2307/2531405

    Examples
    --------
    >>> risk_ratio(56, 70, 48, 80)
    Inference(koopman) of 'first group' against 'second group': risk ratio 1.333, 95% interval 1.080 to 1.671, p = 0.008
    """
    p_1, p_2 = proportion_of(x_1, n_1), proportion_of(x_2, n_2)
    if x_2 == 0:
        raise ModelError(f"nobody of {n_2} in '{labels[1]}' said yes, so there is no ratio; use compare_proportions.")
    z = critical(conf_level)
    numbers = {"estimate": p_1 / p_2} | score_interval(
        lambda ratio: _score_of_ratio(p_1, n_1, p_2, n_2, ratio), p_1 / p_2, 1.0, (0.0, np.inf), z
    )
    return inferred(labels, "risk ratio", "koopman", n_1 + n_2, provenance, conf_level, 1.0, numbers)


def odds_ratio(
    x_1: int,
    n_1: int,
    x_2: int,
    n_2: int,
    *,
    conf_level: float = 0.95,
    labels: tuple[str, str] = ("first group", "second group"),
    provenance: Provenance = UNSTATED,
) -> Inference:
    """Odds of yes in the first group over those in the second.

    Parameters
    ----------
    x_1, n_1, x_2, n_2 : int
        How many of how many, in each group: a yes and a no in both. Woolf's interval, on the logarithm, by `statsmodels`.
    conf_level : float
        Level of the intervals, between 0 and 1.
    labels : (str, str)
        What the two are called in the result.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.

    Returns
    -------
    Inference
        Estimate, interval and p-value; `verdict` says in a word what follows.

    Raises
    ------
    DataError, ModelError
        As `compare_proportions`.

    References
    ----------
    Woolf, B. (1955). On estimating the relation between blood group and disease. Annals of Human Genetics 19, 251–253.
    doi:10.1111/j.1469-1809.1955.tb01348.x

    Examples
    --------
    >>> odds_ratio(56, 70, 48, 80)
    Inference(woolf) of 'first group' against 'second group': odds ratio 2.667, 95% interval 1.276 to 5.572, p = 0.009
    """
    from statsmodels.stats.contingency_tables import Table2x2

    inside = [0 < proportion_of(x, n) < 1 for x, n in ((x_1, n_1), (x_2, n_2))]
    check_not_extreme(all(inside), "woolf", "use compare_proportions")
    table = Table2x2([[x_1, n_1 - x_1], [x_2, n_2 - x_2]])
    numbers = exponentiated(from_std_error(table.log_oddsratio, table.log_oddsratio_se, conf_level=conf_level))
    return inferred(labels, "odds ratio", "woolf", n_1 + n_2, provenance, conf_level, 1.0, numbers)


def proportion_segment_contrast(
    moments: Moments, indicator: str, first: Any, second: Any, *, method: str = "newcombe", conf_level: float = 0.95
) -> Inference:
    """Is the proportion of an indicator larger in one segment than in another?

    Parameters
    ----------
    moments : Moments
        With the segments as leading axis, as from `Moments.from_frame(..., by=)`. With weights, the proportions are
        weighted and n is Kish's effective number.
    indicator : str
        A variable of zeros and ones.
    first, second
        Labels of two segments.
    method : {"newcombe", "score", "wald"}
        As in `compare_proportions`, whose references apply.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Inference
        Estimate, interval and p-value; `verdict` says in a word what follows.

    Raises
    ------
    UnknownName, DataError
        For an absent segment or variable, or values other than 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"promoter": [1] * 56 + [0] * 14 + [1] * 48 + [0] * 32, "app": ["yes"] * 70 + ["no"] * 80})
    >>> m = Moments.from_frame(frame, by="app")
    >>> proportion_segment_contrast(m, "promoter", "yes", "no")
    Inference(newcombe) of 'yes' against 'no': difference of proportions 0.200, 95% interval 0.052 to 0.334, p = 0.008
    """
    indicator = by_name(moments, indicator, of="moments")
    numbers: list[float] = []
    for label in (first, second):
        part = moments[label].select([indicator])
        p, spread = float(part.mean[0]), float(part.scatter[0, 0] / part.weight)
        if not -1e-9 < p < 1 + 1e-9 or abs(spread - p * (1 - p)) > 1e-9:
            raise DataError(f"'{indicator}' holds other values than 0 and 1; make it an indicator first.")
        numbers += [min(max(p, 0.0), 1.0), float(part.n_eff)]
    return _difference(tuple(numbers), method, conf_level, (str(first), str(second)), moments.provenance)


def _difference(
    parts: Sequence[float], method: str, conf_level: float, labels: tuple[str, str], provenance: Provenance
) -> Inference:
    """Difference of two proportions from (p_1, n_1, p_2, n_2)."""
    check_known("method", method, DIFFERENCE_METHODS)
    p_1, n_1, p_2, n_2 = (np.float64(value) for value in parts)
    z, estimate = critical(conf_level), p_1 - p_2
    if method == "newcombe":
        numbers = from_interval(lambda q: recovered(p_1, _wilson(p_1, n_1, q), p_2, _wilson(p_2, n_2, q)), estimate, z)
    elif method == "wald":
        std_error = np.sqrt(p_1 * (1 - p_1) / n_1 + p_2 * (1 - p_2) / n_2)
        check_not_extreme(std_error > 0, "wald", "use method='newcombe'")
        numbers = from_std_error(estimate, std_error, conf_level=conf_level)
    else:
        numbers = {"estimate": estimate} | score_interval(
            lambda difference: _score_of_difference(p_1, n_1, p_2, n_2, difference), estimate, 0.0, (-1.0, 1.0), z
        )
    measure = "difference of proportions"
    return inferred(labels, measure, method, n_1 + n_2, provenance, conf_level, 0.0, numbers)


def trend_in_proportions(
    x: Sequence[int],
    n: Sequence[int],
    *,
    scores: Sequence[float] | None = None,
    variance: str = "binomial",
    conf_level: float = 0.95,
    labels: tuple[str, str] = ("proportion", "score"),
    provenance: Provenance = UNSTATED,
) -> Inference:
    """Do proportions rise or fall over ordered groups (Cochran-Armitage)?

    Parameters
    ----------
    x, n : sequence of int
        How many of how many, in each group.
    scores : sequence of float, optional
        The groups' places on a scale; 1, 2, 3, … unless given. They may be any numbers that are not all equal.
    variance : {"binomial", "hypergeometric"}
        Divisor N, as R's `prop.trend.test`; or N − 1, given the totals, as the linear-by-linear test.
    conf_level : float
        Level of the intervals, between 0 and 1.
    labels : (str, str)
        What the two are called in the result.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.

    Returns
    -------
    Inference
        The slope (change in proportion per unit of score) with z, whose square is the chi-square of one degree of
        freedom. It has no interval: its standard error presumes that there is no trend. Verdict "more" is a rise.

    Raises
    ------
    UnknownName, DataError, ModelError
        For counts that cannot be, fewer than two groups, scores all equal, or everybody giving the same answer.

    Notes
    -----
    Equals R 4.2.2 `prop.trend.test` and coin's `lbl_test` to 1e-10. statsmodels has neither the slope nor the binomial variance.

    References
    ----------
    Armitage, P. (1955). Tests for linear trends in proportions and frequencies. Biometrics 11, 375–386.
    doi:10.2307/3001775

    Examples
    --------
    >>> found = trend_in_proportions([83, 90, 129, 70], [86, 93, 136, 82])
    >>> round(found.statistic**2, 4), round(found.p_value, 4), found.verdict
    (8.2249, 0.0041, 'less')
    """
    check_known("variance", variance, ("binomial", "hypergeometric"))
    scores = range(1, len(x) + 1) if scores is None else scores
    if not len(x) == len(n) == len(scores) >= 2:
        raise DataError(
            f"{len(x)} counts, {len(n)} totals and {len(scores)} scores do not fit; give 2 or more of each."
        )
    for yes, size in zip(x, n, strict=True):
        proportion_of(yes, size)
    yes, size, score = (np.array(values, dtype=float) for values in (x, n, scores))
    total = size.sum()
    p, about = yes.sum() / total, score - (size * score).sum() / total
    spread = (size * about**2).sum()
    if not np.isfinite(score).all() or spread <= 1e-14 * (size * score**2).sum():
        raise DataError(f"scores {listed(scores)} do not order the groups; give finite numbers that are not all equal.")
    check_not_extreme(0 < p < 1, "the trend test", "there is nothing to test")
    correction = total / (total - 1) if variance == "hypergeometric" else 1.0
    slope, std_error = (about * yes).sum() / spread, np.sqrt(p * (1 - p) * correction / spread)
    numbers = from_std_error(slope, std_error, conf_level=conf_level, interval=False)
    return inferred(labels, "slope of proportions", variance, total, provenance, conf_level, 0.0, numbers)
