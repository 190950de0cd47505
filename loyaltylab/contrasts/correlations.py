"""Is one correlation more than another? Overlapping, not overlapping, and independent; the tests and the registry of their methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import UNSTATED, MatrixError, ModelError, Provenance, check_known, listed
from ..kernels import FloatArray, check_conf_level, critical, tails
from ..moments import Moments, by_name
from .inference import (
    Inference,
    Interval,
    check_correlations,
    check_n,
    check_triple,
    determinant,
    from_interval,
    from_std_error,
    inferred,
    one_set,
    recovered,
)

# ---- tests of two correlations, and the registry of their methods.


def _covariance_overlapping(r_ya: FloatArray, r_yb: FloatArray, r_ab: FloatArray) -> FloatArray:
    """n times the large-sample covariance of two correlations with a variable in common (Pearson & Filon 1898).

    Parameters
    ----------
    r_ya, r_yb : array
        The two correlations, between −1 and 1.
    r_ab : array
        That of what they do not share.

    Returns
    -------
    array
        Times n: divide by the respondents.

    References
    ----------
    Pearson, K., & Filon, L. N. G. (1898). Mathematical contributions to the theory of evolution IV. Philosophical
    Transactions A 191, 229–311. doi:10.1098/rsta.1898.0007

    Examples
    --------
    >>> float(round(OVERLAPPING(np.float64(0.5), np.float64(0.3), np.float64(0.4)), 3))
    0.226
    """
    rest = 1 - r_ya**2 - r_yb**2
    return r_ab * rest - r_ya * r_yb * (rest - r_ab**2) / 2


def _covariance_nonoverlapping(
    r_ab: FloatArray, r_cd: FloatArray, r_ac: FloatArray, r_ad: FloatArray, r_bc: FloatArray, r_bd: FloatArray
) -> FloatArray:
    """n times the large-sample covariance of two correlations without a variable in common (Pearson & Filon 1898)."""
    return (
        r_ab * r_cd * (r_ac**2 + r_ad**2 + r_bc**2 + r_bd**2) / 2
        + r_ac * r_bd
        + r_ad * r_bc
        - r_ab * (r_ac * r_ad + r_bc * r_bd)
        - r_cd * (r_ac * r_bc + r_ad * r_bd)
    )


def _hotelling(r_ya: FloatArray, r_yb: FloatArray, r_ab: FloatArray, n: FloatArray) -> FloatArray:
    return np.sqrt(2 * determinant(r_ya, r_yb, r_ab) / ((n - 3) * (1 + r_ab)))


def _williams(r_ya: FloatArray, r_yb: FloatArray, r_ab: FloatArray, n: FloatArray) -> FloatArray:
    spread = 2 * (n - 1) / (n - 3) * determinant(r_ya, r_yb, r_ab)
    return np.sqrt((spread + ((r_ya + r_yb) / 2) ** 2 * (1 - r_ab) ** 3) / ((n - 1) * (1 + r_ab)))


def _meng(r_ya: FloatArray, r_yb: FloatArray, r_ab: FloatArray, n: FloatArray) -> FloatArray:
    square = (r_ya**2 + r_yb**2) / 2
    f = np.minimum((1 - r_ab) / (2 * (1 - square)), 1)
    return np.sqrt(2 * (1 - r_ab) * (1 - f * square) / (1 - square) / (n - 3))


def meng_z(r_ya: FloatArray, r_yb: FloatArray, r_ab: FloatArray, n: FloatArray) -> FloatArray:
    """Meng, Rosenthal & Rubin's (1992) z of two correlations with the same outcome, over any r_ab.

    Parameters
    ----------
    r_ya, r_yb : array
        The two correlations with the outcome, between −1 and 1.
    r_ab : array
        That of the two with each other.
    n : array
        Respondents, above 3.

    Returns
    -------
    array
        Positive where `r_ya` is the larger; compare with the standard normal.

    References
    ----------
    Meng, X.-L., Rosenthal, R., & Rubin, D. B. (1992). Comparing correlated correlation coefficients. Psychological
    Bulletin 111, 172–175. doi:10.1037/0033-2909.111.1.172

    Examples
    --------
    >>> float(round(meng_z(np.float64(0.63), np.float64(0.7), np.float64(0.5), np.float64(200)), 3))
    -1.473
    """
    return (np.arctanh(r_ya) - np.arctanh(r_yb)) / _meng(r_ya, r_yb, r_ab, n)


def _fisher(r_1: FloatArray, r_2: FloatArray, n_1: FloatArray, n_2: FloatArray) -> FloatArray:
    return np.sqrt(1 / (n_1 - 3) + 1 / (n_2 - 3))


def _arithmetic_mean(r_1: FloatArray, r_2: FloatArray) -> Interval:
    mean = (r_1 + r_2) / 2
    return mean, mean


def _as_they_are(r_1: FloatArray, r_2: FloatArray) -> Interval:
    return r_1, r_2


def dependence_of(covariance: Callable[..., FloatArray], r_1: FloatArray, r_2: FloatArray, *others: Any) -> FloatArray:
    """Large-sample correlation of the two correlations, the same on Fisher's z scale.

    Parameters
    ----------
    covariance : Callable[..., array]
        Of the two correlations, times n: `OVERLAPPING` or `APART`.
    r_1, r_2 : array
        The two correlations, between −1 and 1.
    *others : Any
        The other correlations that the covariance takes.

    Returns
    -------
    array
        Between −1 and 1.

    Examples
    --------
    >>> float(round(dependence_of(OVERLAPPING, np.float64(0.5), np.float64(0.3), np.float64(0.4)), 3))
    0.332
    """
    return covariance(r_1, r_2, *others) / ((1 - r_1**2) * (1 - r_2**2))


def _pearson_filon(covariance: Callable[..., FloatArray]) -> Callable[..., FloatArray]:
    """Standard error of a difference of correlations."""

    def std_error(r_1: FloatArray, r_2: FloatArray, *others_n: Any) -> FloatArray:
        *others, n = others_n
        return np.sqrt(((1 - r_1**2) ** 2 + (1 - r_2**2) ** 2 - 2 * covariance(r_1, r_2, *others)) / n)

    return std_error


def _z_difference(covariance: Callable[..., FloatArray], pooled: Callable[..., Interval]) -> Callable[..., FloatArray]:
    """Standard error of a difference of Fisher z's, their dependence taken at the pooled correlations."""

    def std_error(r_1: FloatArray, r_2: FloatArray, *others_n: Any) -> FloatArray:
        *others, n = others_n
        return np.sqrt(2 * (1 - dependence_of(covariance, *pooled(r_1, r_2), *others)) / (n - 3))

    return std_error


def zou(
    r_1: FloatArray, r_2: FloatArray, dependence: FloatArray, n_1: FloatArray, n_2: FloatArray, z: FloatArray
) -> Interval:
    """Interval of r_1 − r_2 from the Fisher intervals of both (Zou 2007); z is the normal quantile.

    Parameters
    ----------
    r_1, r_2 : array
        The two correlations, between −1 and 1.
    dependence : array
        Their own correlation, as `dependence_of` gives it; 0 for two samples.
    n_1, n_2 : array
        Respondents of each, above 3.
    z : array
        Normal quantile of the level, such as 1.96.

    Returns
    -------
    Interval
        Lower and upper end.

    References
    ----------
    Zou, G. Y. (2007). Toward using confidence intervals to compare correlations. Psychological Methods 12, 399–413.
    doi:10.1037/1082-989X.12.4.399

    Examples
    --------
    >>> low, high = zou(*map(np.float64, (0.6, 0.4, 0.0, 100, 150, 1.96)))
    >>> round(float(low), 3), round(float(high), 3)
    (0.009, 0.383)
    """
    (low_1, high_1), (low_2, high_2) = (
        (np.tanh(np.arctanh(r) - z / np.sqrt(n - 3)), np.tanh(np.arctanh(r) + z / np.sqrt(n - 3)))
        for r, n in ((r_1, n_1), (r_2, n_2))
    )
    return recovered(r_1, (low_1, high_1), r_2, (low_2, high_2), dependence)


@dataclass(frozen=True)
class CorrelationTest:
    """A row of `CORRELATION_TESTS`.

    Parameters
    ----------
    std_error : callable, optional
        Kernel (correlations in the order of the function that uses it, n) → standard error; `zou` has none.
    fisher_z : bool
        Whether the difference is taken of Fisher z's (Cohen's q) or of the correlations.
    interval : bool
        Whether estimate ± quantile × std_error is an interval: not where the error presumes that both are equal.
    student : bool
        Whether the statistic is t with n − 3 degrees of freedom instead of standard normal.

    Examples
    --------
    >>> sorted(CORRELATION_TESTS["overlapping"])[:3]
    ['dunn_clark', 'hotelling', 'meng']
    """

    std_error: Callable[..., FloatArray] | None
    fisher_z: bool
    interval: bool
    student: bool
    cite: str


OVERLAPPING, APART = _covariance_overlapping, _covariance_nonoverlapping
_PEARSON_FILON = "Pearson & Filon 1898, doi:10.1098/rsta.1898.0007"
_DUNN_CLARK = "Dunn & Clark 1969, doi:10.1080/01621459.1969.10500981"
_STEIGER = "Steiger 1980, doi:10.1037/0033-2909.87.2.245"
_ZOU = CorrelationTest(None, False, True, False, "Zou 2007, doi:10.1037/1082-989X.12.4.399")

#: By question, the methods that answer it. Synonyms: Olkin's z is `pearson_filon`; Raghunathan, Rosenthal & Rubin's z
#: (non-overlapping) is `dunn_clark`; "Steiger's t" and "Hotelling-Williams t" are `williams`.
CORRELATION_TESTS: dict[str, dict[str, CorrelationTest]] = {
    "overlapping": {
        "zou": _ZOU,
        "williams": CorrelationTest(
            _williams, False, False, True, "Williams 1959, doi:10.1111/j.2517-6161.1959.tb00346.x"
        ),
        "steiger": CorrelationTest(_z_difference(OVERLAPPING, _arithmetic_mean), True, False, False, _STEIGER),
        "meng": CorrelationTest(
            _meng, True, True, False, "Meng, Rosenthal & Rubin 1992, doi:10.1037/0033-2909.111.1.172"
        ),
        "dunn_clark": CorrelationTest(_z_difference(OVERLAPPING, _as_they_are), True, True, False, _DUNN_CLARK),
        "hotelling": CorrelationTest(_hotelling, False, False, True, "Hotelling 1940, doi:10.1214/aoms/1177731867"),
        "pearson_filon": CorrelationTest(_pearson_filon(OVERLAPPING), False, True, False, _PEARSON_FILON),
    },
    "nonoverlapping": {
        "zou": _ZOU,
        "steiger": CorrelationTest(_z_difference(APART, _arithmetic_mean), True, False, False, _STEIGER),
        "dunn_clark": CorrelationTest(_z_difference(APART, _as_they_are), True, True, False, _DUNN_CLARK),
        "pearson_filon": CorrelationTest(_pearson_filon(APART), False, True, False, _PEARSON_FILON),
    },
    "independent": {
        "zou": _ZOU,
        "fisher": CorrelationTest(_fisher, True, True, False, "Fisher 1925, Statistical Methods for Research Workers"),
    },
}


def correlation_test(question: str, method: str) -> CorrelationTest:
    check_known("method", method, CORRELATION_TESTS[question])
    return CORRELATION_TESTS[question][method]


# ---- Is one correlation more than another? Overlapping, not overlapping, and independent.


def compare_overlapping_correlations(
    r_ya: float,
    r_yb: float,
    r_ab: float,
    n: float,
    *,
    method: str = "zou",
    conf_level: float = 0.95,
    labels: tuple[str, str] = ("a", "b"),
    provenance: Provenance = UNSTATED,
) -> Inference:
    """Does y correlate more with a than with b, among the same respondents?

    Parameters
    ----------
    r_ya, r_yb : float
        The two correlations compared, between −1 and 1, with their sign: reverse a negatively worded item first.
    r_ab : float
        Correlation of a with b. Without it there is no test; the two correlations are not independent.
    n : float
        Respondents (effective number, where weighted), at least 4.
    method : str
        `zou` gives the interval of r_ya − r_yb, and as statistic the normal quantile at which it touches 0. `williams`
        is the t test most often advised; see `CORRELATION_TESTS["overlapping"]` for all. Methods with an interval of
        Cohen's q (`meng`, `dunn_clark`) state the difference of Fisher z's; so does `steiger`, which has no
        interval because its standard error presumes equal correlations.
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
    UnknownName, MatrixError, ModelError
        For another method, correlations no data can have (with the possible range), or too few respondents.

    Notes
    -----
    Equals cocor 1.1-4 and psych 2.2.9 (`r.test`) to 1e-12.

    References
    ----------
    Zou, G. Y. (2007). Toward using confidence intervals to compare correlations. Psychological Methods 12, 399–413.
    doi:10.1037/1082-989X.12.4.399

    Examples
    --------
    >>> compare_overlapping_correlations(0.75, 0.53, 0.40, 120, labels=("trust", "price"))
    Inference(zou) of 'trust' against 'price': difference of correlations 0.220, 95% interval 0.087 to 0.365, p = 0.001
    """
    test = correlation_test("overlapping", method)
    check_correlations(r_ya=r_ya, r_yb=r_yb, r_ab=r_ab)
    check_triple(r_ya, r_yb, r_ab)
    check_n(n, 4, "a comparison of correlations")
    r = (r_ya, r_yb, r_ab)
    dependence = dependence_of(OVERLAPPING, *map(np.float64, r))
    return _compared(test, method, (*r, n), (n, n), dependence, n, conf_level, labels, provenance)


def compare_nonoverlapping_correlations(
    r_ab: float,
    r_cd: float,
    r_ac: float,
    r_ad: float,
    r_bc: float,
    r_bd: float,
    n: float,
    *,
    method: str = "zou",
    conf_level: float = 0.95,
    labels: tuple[str, str] = ("a with b", "c with d"),
    provenance: Provenance = UNSTATED,
) -> Inference:
    """Does a correlate more with b than c with d, four variables of the same respondents?

    Parameters
    ----------
    r_ab, r_cd : float
        The two correlations compared, between −1 and 1.
    r_ac, r_ad, r_bc, r_bd : float
        The four others.
    n : float
        Respondents, at least 4.
    method : {"zou", "steiger", "dunn_clark", "pearson_filon"}
        As in `compare_overlapping_correlations`.
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
    UnknownName, MatrixError, ModelError
        As `compare_overlapping_correlations`.

    Notes
    -----
    Equals cocor 1.1-4 and psych 2.2.9 (`r.test`) to 1e-12.

    References
    ----------
    Steiger, J. H. (1980). Tests for comparing elements of a correlation matrix. Psychological Bulletin 87, 245–251.
    doi:10.1037/0033-2909.87.2.245

    Examples
    --------
    >>> found = compare_nonoverlapping_correlations(0.6, 0.3, 0.4, 0.2, 0.3, 0.3, 200)
    >>> found.verdict, round(found.conf_low, 3), round(found.conf_high, 3)
    ('more', 0.153, 0.448)
    """
    test = correlation_test("nonoverlapping", method)
    r = {"r_ab": r_ab, "r_cd": r_cd, "r_ac": r_ac, "r_ad": r_ad, "r_bc": r_bc, "r_bd": r_bd}
    check_correlations(**r)
    matrix = np.array([[1, r_ab, r_ac, r_ad], [r_ab, 1, r_bc, r_bd], [r_ac, r_bc, 1, r_cd], [r_ad, r_bd, r_cd, 1]])
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    if smallest < 1e-10:
        raise MatrixError(
            f"no four variables can have these six correlations, unless one is determined by the others: the smallest "
            f"eigenvalue of their matrix is {smallest:.3f}, allowed: above 0. Look for a printing or typing error."
        )
    check_n(n, 4, "a comparison of correlations")
    dependence = dependence_of(APART, *map(np.float64, r.values()))
    return _compared(test, method, (*r.values(), n), (n, n), dependence, n, conf_level, labels, provenance)


def compare_independent_correlations(
    r_1: float,
    r_2: float,
    n_1: float,
    n_2: float,
    *,
    method: str = "zou",
    conf_level: float = 0.95,
    labels: tuple[str, str] = ("first group", "second group"),
    provenance: Provenance = UNSTATED,
) -> Inference:
    """Is a correlation larger in one group of respondents than in another?

    Parameters
    ----------
    r_1, r_2 : float
        The correlation in each group, between −1 and 1.
    n_1, n_2 : float
        Respondents in each, at least 4; nobody is in both.
    method : {"zou", "fisher"}
        `zou`: interval of r_1 − r_2. `fisher`: difference of Fisher z's (Cohen's q) with its z test and interval.
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
    UnknownName, MatrixError, ModelError
        As `compare_overlapping_correlations`.

    Notes
    -----
    Equals cocor 1.1-4 to 1e-12.

    References
    ----------
    Zou (2007), doi:10.1037/1082-989X.12.4.399

    Examples
    --------
    >>> compare_independent_correlations(0.6, 0.4, 100, 150, method="fisher")
    Inference(fisher) of 'first group' against 'second group': Cohen's q 0.269, 95% interval 0.013 to 0.526, p = 0.039
    """
    test = correlation_test("independent", method)
    check_correlations(r_1=r_1, r_2=r_2)
    for n in (n_1, n_2):
        check_n(n, 4, "a comparison of correlations")
    args = (r_1, r_2, n_1, n_2)
    return _compared(test, method, args, (n_1, n_2), 0.0, n_1 + n_2, conf_level, labels, provenance)


def correlation_contrast(
    moments: Moments,
    outcome: str,
    a: str,
    b: str,
    *,
    method: str | None = None,
    draws: Moments | None = None,
    conf_level: float = 0.95,
) -> Inference:
    """Does the outcome correlate more with `a` than with `b`?

    Parameters
    ----------
    moments : Moments
        One set holding the three variables; n is Kish's effective number where there are weights.
    outcome : str
        Name or label of the variable to explain.
    a, b : str
        The two variables: the difference is `a` less `b`.
    method : str, optional
        As in `compare_overlapping_correlations`; "zou" unless draws are given.
    draws : Moments, optional
        Draws of the same variables: the interval is then their percentile interval, which respects clusters and
        strata where the draws did. There is no p-value.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Inference
        Estimate, interval and p-value; `verdict` says in a word what follows.

    Raises
    ------
    UnknownName, MatrixError, ModelError
        For an absent variable, a method together with draws, or several sets of moments.

    References
    ----------
    Zou (2007), doi:10.1037/1082-989X.12.4.399

    Examples
    --------
    >>> R = [[1, 0.75, 0.53], [0.75, 1, 0.4], [0.53, 0.4, 1]]
    >>> m = Moments.from_correlations(R, ["loyalty", "trust", "price"], n=120)
    >>> correlation_contrast(m, "loyalty", "trust", "price").verdict
    'more'
    """
    outcome, a, b = by_name(moments, outcome, a, b, of="moments")
    R = one_set(moments, [outcome, a, b])
    if draws is None:
        return compare_overlapping_correlations(
            R[0, 1], R[0, 2], R[1, 2], float(moments.n_eff),
            method="zou" if method is None else method, conf_level=conf_level, labels=(a, b), provenance=moments.provenance,
        )  # fmt: skip
    if method is not None:
        raise ModelError(
            f"the interval is either that of the draws or that of method '{method}'; leave one of them out."
        )
    check_conf_level(conf_level)
    drawn = draws.select([outcome, a, b]).corr
    if drawn.ndim == 3:  # a draw of a few rows may leave a variable without variation
        drawn = drawn[np.isfinite(drawn).all(axis=(1, 2))]
    if drawn.ndim != 3 or len(drawn) < 0.95 * len(draws.n):
        raise ModelError("draws= are not draws in which every variable varies; use survey.draws or moments.draws.")
    differences = drawn[:, 0, 1] - drawn[:, 0, 2]
    origin = Provenance.merge([moments.provenance, draws.provenance])
    low, high = np.quantile(differences, tails(conf_level)[:, 0])
    return Inference(
        a, b, float(R[0, 1] - R[0, 2]), _UNIT_R, "draws", float(moments.n_eff), origin, null=0.0,
        std_error=float(differences.std(ddof=1)), conf_low=float(low), conf_high=float(high), conf_level=conf_level,
    )  # fmt: skip


def correlation_pair_contrast(
    moments: Moments, first: tuple[str, str], second: tuple[str, str], *, method: str = "zou", conf_level: float = 0.95
) -> Inference:
    """Do two variables correlate more than two others, of the same respondents?

    Parameters
    ----------
    moments : Moments
        One set holding the four variables.
    first, second : (str, str)
        Two pairs without a variable in common; with one in common, use `correlation_contrast`.
    method : str
        As in `compare_nonoverlapping_correlations`, whose errors and references apply.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Inference
        Estimate, interval and p-value; `verdict` says in a word what follows.

    Raises
    ------
    ModelError
        For pairs that share a variable, or several sets of moments.

    Examples
    --------
    >>> R = [[1, 0.6, 0.4, 0.2], [0.6, 1, 0.3, 0.3], [0.4, 0.3, 1, 0.3], [0.2, 0.3, 0.3, 1]]
    >>> m = Moments.from_correlations(R, ["trust", "joy", "price", "speed"], n=200)
    >>> correlation_pair_contrast(m, ("trust", "joy"), ("price", "speed")).verdict
    'more'
    """
    first, second = by_name(moments, first, second, of="moments")
    if shared := [name for name in first if name in second]:
        raise ModelError(
            f"both pairs hold {listed(shared)}; use correlation_contrast with that variable as the outcome."
        )
    R = one_set(moments, [*first, *second])
    return compare_nonoverlapping_correlations(
        R[0, 1], R[2, 3], R[0, 2], R[0, 3], R[1, 2], R[1, 3], float(moments.n_eff),
        method=method, conf_level=conf_level, labels=(" with ".join(first), " with ".join(second)), provenance=moments.provenance,
    )  # fmt: skip


def correlation_segment_contrast(
    moments: Moments,
    outcome: str,
    driver: str,
    first: Any,
    second: Any,
    *,
    method: str = "zou",
    conf_level: float = 0.95,
) -> Inference:
    """Does the outcome correlate more with a driver in one segment than in another?

    Parameters
    ----------
    moments : Moments
        With the segments as leading axis, as from `Moments.from_frame(..., by=)`.
    outcome : str
        Name or label of the variable to explain.
    driver : str
        The variable it is correlated with in both.
    first, second
        Labels of two segments.
    method : {"zou", "fisher"}
        As in `compare_independent_correlations`, whose errors and references apply.
    conf_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    Inference
        Estimate, interval and p-value; `verdict` says in a word what follows.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"loyalty": [1, 2, 3, 4, 5] * 4, "trust": [1, 2, 3, 4, 6] * 2 + [3, 1, 4, 2, 3] * 2})
    >>> m = Moments.from_frame(frame.assign(app=["yes"] * 10 + ["no"] * 10), by="app")
    >>> correlation_segment_contrast(m, "loyalty", "trust", "yes", "no").verdict
    'more'
    """
    outcome, driver = by_name(moments, outcome, driver, of="moments")
    parts = [moments[label] for label in (first, second)]
    r = [float(one_set(part, [outcome, driver])[0, 1]) for part in parts]
    return compare_independent_correlations(
        *r, *(float(part.n_eff) for part in parts),
        method=method, conf_level=conf_level, labels=(str(first), str(second)), provenance=moments.provenance,
    )  # fmt: skip


_UNIT_R, _UNIT_Q = "difference of correlations", "Cohen's q"


def _compared(
    test: CorrelationTest,
    method: str,
    args: tuple[float, ...],
    sizes: tuple[float, float],
    dependence: Any,
    n: float,
    conf_level: float,
    labels: tuple[str, str],
    provenance: Provenance,
) -> Inference:
    """One row of `CORRELATION_TESTS` at work; `args` are what its kernel takes."""
    z = critical(conf_level)
    r_1, r_2, *others = (np.float64(value) for value in args)
    if test.std_error is None:
        numbers = from_interval(lambda q: zou(r_1, r_2, dependence, *map(np.float64, sizes), q), r_1 - r_2, z)
    else:
        estimate = np.arctanh(r_1) - np.arctanh(r_2) if test.fisher_z else r_1 - r_2
        with np.errstate(invalid="ignore"):
            std_error = test.std_error(r_1, r_2, *others)
        if not std_error > 0:
            raise ModelError(
                f"method '{method}' has no standard error for correlations this extreme; use method='zou'."
            )
        df = n - 3 if test.student else np.nan
        numbers = from_std_error(estimate, std_error, df=df, conf_level=conf_level, interval=test.interval)
    measure = _UNIT_Q if test.fisher_z else _UNIT_R
    return inferred(labels, measure, method, n, provenance, conf_level, 0.0, numbers)
