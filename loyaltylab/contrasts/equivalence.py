"""Are two means, or a correlation and zero, the same for all practical purposes? (TOST)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core import RULES, UNSTATED, DataError, ModelError, Provenance, check_known
from ..kernels import critical
from .inference import Equivalence, check_correlations, check_n, check_sds, scores_of, tail


def equivalence_means(
    mean_1: float,
    sd_1: float,
    n_1: int,
    mean_2: float,
    sd_2: float,
    n_2: int,
    *,
    bounds: tuple[float, float],
    method: str = "welch",
    conf_level: float = 0.90,
    labels: tuple[str, str] = ("first group", "second group"),
    provenance: Provenance = UNSTATED,
) -> Equivalence:
    """Are the means of two groups as good as equal: is their difference shown to lie within the bounds?

    Parameters
    ----------
    mean_1, sd_1, mean_2, sd_2 : float
        In scale points; standard deviations above 0.
    n_1, n_2 : int
        Respondents, at least 2 in each.
    bounds : (float, float)
        The smallest differences that would matter, in scale points, lower first; chosen before looking.
    method : {"welch", "pooled"}
        Whether the groups keep their own standard deviation or share one.
    conf_level : float
        Of the interval: 1 − 2α, so 0.90 for tests at α = .05.
    labels : (str, str)
        What the two are called in the result.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.

    Returns
    -------
    Equivalence
        Estimate, interval and the larger of the two p-values; `verdict` is "equivalent" or "not shown".

    Raises
    ------
    UnknownName, DataError, ModelError
        For another method, bounds in the wrong order, SDs not above 0, too few respondents.

    Notes
    -----
    Equals R 4.2.2 `t.test` (twice, one-sided, and `conf.level = 0.90`) to 1e-12, and for scores the p-values of `ttost_ind` and
    `ttost_paired` of statsmodels to 1e-10. Those take no printed means and correlations, and give no interval.

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach. Journal of
    Pharmacokinetics and Biopharmaceutics 15, 657–680. doi:10.1007/BF01068419
    Lakens, D. (2017). Equivalence tests. Social Psychological and Personality Science 8, 355–362.
    doi:10.1177/1948550617697177

    Examples
    --------
    >>> found = equivalence_means(7.4, 1.8, 400, 7.5, 1.9, 350, bounds=(-0.5, 0.5))
    >>> found.verdict, round(found.conf_low, 3), round(found.conf_high, 3)
    ('equivalent', -0.323, 0.123)
    """
    check_known("method", method, ("welch", "pooled"))
    check_sds(sd_1, sd_2)
    for n in (n_1, n_2):
        check_n(n, 2, "a mean and its standard deviation")
    if method == "welch":
        v_1, v_2 = sd_1**2 / n_1, sd_2**2 / n_2
        std_error, df = np.sqrt(v_1 + v_2), (v_1 + v_2) ** 2 / (v_1**2 / (n_1 - 1) + v_2**2 / (n_2 - 1))
    else:
        df = n_1 + n_2 - 2
        std_error = np.sqrt(((n_1 - 1) * sd_1**2 + (n_2 - 1) * sd_2**2) / df * (1 / n_1 + 1 / n_2))
    name = "difference of means"
    return _tost(mean_1 - mean_2, std_error, df, bounds, conf_level, (labels, name, method, n_1 + n_2, provenance))


def equivalence_mean(
    mean: float,
    sd: float,
    n: int,
    *,
    bounds: tuple[float, float],
    conf_level: float = 0.90,
    label: str = "mean",
    provenance: Provenance = UNSTATED,
) -> Equivalence:
    """Is a mean shown to lie within bounds? For paired scores: the mean and SD of the differences.

    Parameters
    ----------
    mean, sd : float
        In scale points; the standard deviation above 0.
    n : int
        Respondents, at least 2.
    bounds, conf_level
        As in `equivalence_means`, whose errors and references apply.
    label : str
        What it is called in the result.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.

    Returns
    -------
    Equivalence
        Estimate, interval and the larger of the two p-values; `verdict` is "equivalent" or "not shown".

    Examples
    --------
    >>> equivalence_mean(0.05, 1.2, 300, bounds=(-0.3, 0.3)).verdict
    'equivalent'
    """
    check_sds(sd)
    check_n(n, 2, "a mean and its standard deviation")
    return _tost(mean, sd / np.sqrt(n), n - 1, bounds, conf_level, ((label, ""), "mean", "one_sample", n, provenance))


def equivalence_paired(
    mean_1: float,
    sd_1: float,
    mean_2: float,
    sd_2: float,
    r: float,
    n: int,
    *,
    bounds: tuple[float, float],
    conf_level: float = 0.90,
    labels: tuple[str, str] = ("first", "second"),
    provenance: Provenance = UNSTATED,
) -> Equivalence:
    """Are two means of the same respondents as good as equal?

    Parameters
    ----------
    mean_1, sd_1, mean_2, sd_2 : float
        In scale points; standard deviations above 0.
    r : float
        Correlation of the two scores, between −1 and 1: it makes the standard deviation of the differences.
    n : int
        Respondents, at least 2.
    bounds, conf_level
        As in `equivalence_means`, whose errors and references apply.
    labels : (str, str)
        What the two are called in the result.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.

    Returns
    -------
    Equivalence
        Estimate, interval and the larger of the two p-values; `verdict` is "equivalent" or "not shown".

    Examples
    --------
    >>> equivalence_paired(7.4, 1.8, 7.5, 1.9, 0.6, 300, bounds=(-0.5, 0.5)).verdict
    'equivalent'
    """
    check_sds(sd_1, sd_2)
    check_correlations(r=r)
    check_n(n, 2, "a mean and its standard deviation")
    std_error = np.sqrt((sd_1**2 + sd_2**2 - 2 * r * sd_1 * sd_2) / n)
    about = (labels, "mean difference", "paired", n, provenance)
    return _tost(mean_1 - mean_2, std_error, n - 1, bounds, conf_level, about)


def equivalence_correlation(
    r: float,
    n: float,
    *,
    bounds: tuple[float, float],
    conf_level: float = 0.90,
    label: str = "correlation",
    provenance: Provenance = UNSTATED,
) -> Equivalence:
    """Is a correlation shown to lie within bounds, such as too small to matter?

    Parameters
    ----------
    r : float
        Between −1 and 1.
    n : float
        Respondents, at least 4.
    bounds : (float, float)
        Correlations between −1 and 1, lower first. Both tests use Fisher's z.
    conf_level : float
        Of the interval: 1 − 2α, so 0.90 for tests at α = .05.
    label : str
        What it is called in the result.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.

    Returns
    -------
    Equivalence
        Estimate, interval and the larger of the two p-values; `verdict` is "equivalent" or "not shown".

    Raises
    ------
    MatrixError, ModelError
        For correlations that cannot be, bounds in the wrong order, too few respondents.

    References
    ----------
    Goertzen, J. R., & Cribbie, R. A. (2010). Detecting a lack of association. British Journal of Mathematical and
    Statistical Psychology 63, 527–537. doi:10.1348/000711009X475853

    Examples
    --------
    >>> equivalence_correlation(0.02, 400, bounds=(-0.1, 0.1))
    Equivalence(fisher) of 'correlation': correlation 0.020, 90% interval -0.062 to 0.102, p = 0.055
    """
    check_correlations(r=r, **{"the lower bound": bounds[0], "the upper bound": bounds[1]})
    check_n(n, 4, "a correlation")
    about = ((label, ""), "correlation", "fisher", n, provenance)
    return _tost(r, 1 / np.sqrt(n - 3), np.nan, bounds, conf_level, about, to=np.arctanh, back=np.tanh)


def equivalence_rows(
    x: npt.ArrayLike,
    y: npt.ArrayLike | None = None,
    *,
    bounds: tuple[float, float],
    method: str = "welch",
    conf_level: float = 0.90,
    labels: tuple[str, str] = ("first", "second"),
    provenance: Provenance = UNSTATED,
) -> Equivalence:
    """Equivalence from the scores themselves.

    Parameters
    ----------
    x, y : array (n,)
        Scores without missing values; `y` of another group, of the same respondents in the same order, or left out.
    bounds, conf_level
        As in `equivalence_means`, whose errors and references apply; correlations for "correlation".
    method : {"welch", "pooled", "paired", "one_sample", "correlation"}
        The question: means of two groups, mean of paired differences, one mean, or the correlation of x with y.
    labels : (str, str)
        What the two are called in the result.
    provenance : Provenance
        Where the numbers came from; if left out, it is not stated.

    Returns
    -------
    Equivalence
        Estimate, interval and the larger of the two p-values; `verdict` is "equivalent" or "not shown".

    Raises
    ------
    UnknownName, DataError
        For another method, scores that are missing or do not vary, or `x` and `y` that do not pair up.

    Examples
    --------
    >>> found = equivalence_rows([7, 8, 6, 9, 7], [7, 8, 7, 8, 7], bounds=(-1, 1), method="paired")
    >>> found.verdict, round(found.p_value, 3)
    ('equivalent', 0.017)
    """
    methods = ("welch", "pooled", "paired", "one_sample", "correlation")
    check_known("method", method, methods)
    if (y is None) != (method == "one_sample"):
        raise DataError(f"method '{method}' {'takes x alone; leave y out' if y is not None else 'needs x and y'}.")
    x = scores_of(x, labels[0])
    options: dict[str, Any] = {"bounds": bounds, "conf_level": conf_level, "provenance": provenance}
    if y is None:
        return equivalence_mean(x.mean(), x.std(ddof=1), len(x), label=labels[0], **options)
    y = scores_of(y, labels[1])
    parts = [(v.mean(), v.std(ddof=1), len(v)) for v in (x, y)]
    if method in ("welch", "pooled"):
        return equivalence_means(*parts[0], *parts[1], method=method, labels=labels, **options)
    if len(x) != len(y):
        raise DataError(f"{len(x)} and {len(y)} scores are not of the same respondents; '{method}' needs pairs.")
    check_sds(*(sd for _, sd, _ in parts))
    if method == "correlation":
        r = float(np.corrcoef(x, y)[0, 1])
        return equivalence_correlation(r, len(x), label=f"{labels[0]} with {labels[1]}", **options)
    gap = x - y
    check_sds(gap.std(ddof=1))
    about = (labels, "mean difference", "paired", len(gap), provenance)
    return _tost(gap.mean(), gap.std(ddof=1) / np.sqrt(len(gap)), len(gap) - 1, bounds, conf_level, about)


def _tost(
    estimate: float,
    std_error: float,
    df: float,
    bounds: tuple[float, float],
    conf_level: float,
    about: tuple[tuple[str, str], str, str, float, Provenance],
    to: Callable[[Any], Any] = float,
    back: Callable[[Any], Any] = float,
) -> Equivalence:
    """Both one-sided tests on the scale `to` leads to, the interval brought `back`; `about` is what the result says."""
    low, high = bounds
    if not (np.isfinite(estimate) and np.isfinite(low) and np.isfinite(high) and low < high):
        raise ModelError(
            f"bounds ({low:g}, {high:g}) or estimate {estimate:g}: give finite numbers, the lower bound first."
        )
    tests = [(to(estimate) - to(bound)) / std_error for bound in bounds]
    p_low, p_high = tail(tests[0], df), tail(-tests[1], df)
    half = critical(conf_level, df) * std_error
    labels, measure, method, n, provenance = about
    numbers = {
        "estimate": estimate,
        "std_error": std_error if to is float else np.nan,
        "statistic": tests[0] if p_low > p_high else tests[1],
        "df": df,
        "p_value": max(p_low, p_high),
        "conf_low": back(to(estimate) - half),
        "conf_high": back(to(estimate) + half),
        "bound_low": low,
        "bound_high": high,
        "statistic_low": tests[0],
        "statistic_high": tests[1],
        "p_value_low": p_low,
        "p_value_high": p_high,
    }
    numbers = {name: float(value) for name, value in numbers.items()}
    return Equivalence(*labels, measure=measure, method=method, n=float(n), provenance=provenance, conf_level=conf_level, **numbers)  # fmt: skip


def equivalent_to(value: float, measure: str, region: float = RULES["region"][0]) -> tuple[float, float]:
    """The values that differ from this one by less than matters, lowest and highest; not numbers for a measure without a rule.

    One size serves all: a difference of `region` between correlations is one of 2 × `region` standard deviations between
    means (d), of as much between proportions on the arcsine scale (h), of `region` between multiple correlations on
    Fisher's scale, and a ratio of exp(2 × `region` × π/√3).

    Parameters
    ----------
    value : float
        The number itself, in units of the measure.
    measure : str
        What it is: "correlation", "proportion", "r_squared", "odds ratio", … as results name it.
    region : float
        A difference between correlations that is too small to matter, 0 to 1.

    Returns
    -------
    (float, float)
        Lower and upper end, in units of the measure.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed. Erlbaum: d 2.2.3, r 3.2, q 4.2, h 6.2.
    Chinn, S. (2000). A simple method for converting an odds ratio to effect size. Statistics in Medicine 19, 3127–3131.

    Examples
    --------
    >>> [round(end, 3) for end in equivalent_to(0.2, "proportion")]
    [0.127, 0.285]
    >>> [round(end, 3) for end in equivalent_to(0.65, "r_squared")], equivalent_to(0, "difference of correlations")
    ([0.59, 0.703], (-0.1, 0.1))
    """
    if "correlation" in measure or measure in ("path coefficient", "difference of proportions"):
        return value - region, value + region
    if measure in ("proportion", "share"):
        angle = np.arcsin(np.sqrt(value))
        return tuple(float(np.sin(np.clip(angle + by, 0, np.pi / 2)) ** 2) for by in (-region, region))
    if measure == "r_squared":
        depth = np.arctanh(np.sqrt(value))
        return tuple(float(np.tanh(max(0.0, depth + by)) ** 2) for by in (-region, region))
    if "ratio" in measure:
        factor = float(np.exp(2 * region * np.pi / np.sqrt(3)))
        return value / factor, value * factor
    return np.nan, np.nan


def stands(conf_low: float, conf_high: float, allowed: tuple[float, float]) -> str:
    """Where an interval stands: "within" the values that are allowed, "beyond" them, or "undecided" where it holds both.

    Parameters
    ----------
    conf_low, conf_high : float
        The interval.
    allowed : (float, float)
        The values that are too near to matter, lowest and highest.

    Returns
    -------
    str
        within, beyond or undecided.

    Examples
    --------
    >>> stands(0.18, 0.24, (0.13, 0.29)), stands(0.06, 0.15, (0.13, 0.29)), stands(0.3, 0.4, (0.13, 0.29))
    ('within', 'undecided', 'beyond')
    """
    low, high = allowed
    inside, outside = low < conf_low and conf_high < high, conf_high < low or conf_low > high
    return "within" if inside else "beyond" if outside else "undecided"
