"""Array kernels: tests of two correlations, and the registry of their methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import unknown
from ..kernels import FloatArray

Interval = tuple[FloatArray, FloatArray]

__all__ = [
    "APART",
    "CORRELATION_TESTS",
    "OVERLAPPING",
    "CorrelationTest",
    "Interval",
    "correlation_test",
    "dependence_of",
    "determinant",
    "recovered",
    "zou",
]


def determinant(r_ya: FloatArray, r_yb: FloatArray, r_ab: FloatArray) -> FloatArray:
    """Determinant of the 3 × 3 correlation matrix."""
    return 1 - r_ya**2 - r_yb**2 - r_ab**2 + 2 * r_ya * r_yb * r_ab


def _covariance_overlapping(r_ya: FloatArray, r_yb: FloatArray, r_ab: FloatArray) -> FloatArray:
    """n times the large-sample covariance of two correlations with a variable in common (Pearson & Filon 1898)."""
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
    """Meng, Rosenthal & Rubin's (1992) z of two correlations with the same outcome, over any r_ab."""
    return (np.arctanh(r_ya) - np.arctanh(r_yb)) / _meng(r_ya, r_yb, r_ab, n)


def _fisher(r_1: FloatArray, r_2: FloatArray, n_1: FloatArray, n_2: FloatArray) -> FloatArray:
    return np.sqrt(1 / (n_1 - 3) + 1 / (n_2 - 3))


def _arithmetic_mean(r_1: FloatArray, r_2: FloatArray) -> Interval:
    mean = (r_1 + r_2) / 2
    return mean, mean


def _as_they_are(r_1: FloatArray, r_2: FloatArray) -> Interval:
    return r_1, r_2


def dependence_of(covariance: Callable[..., FloatArray], r_1: FloatArray, r_2: FloatArray, *others: Any) -> FloatArray:
    """Large-sample correlation of the two correlations, the same on Fisher's z scale."""
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
    """Interval of r_1 − r_2 from the Fisher intervals of both (Zou 2007); z is the normal quantile."""
    (low_1, high_1), (low_2, high_2) = (
        (np.tanh(np.arctanh(r) - z / np.sqrt(n - 3)), np.tanh(np.arctanh(r) + z / np.sqrt(n - 3)))
        for r, n in ((r_1, n_1), (r_2, n_2))
    )
    return recovered(r_1, (low_1, high_1), r_2, (low_2, high_2), dependence)


def recovered(p_1: FloatArray, ends_1: Interval, p_2: FloatArray, ends_2: Interval, dependence: Any = 0.0) -> Interval:
    """Interval of p_1 − p_2 from the intervals of p_1 and p_2 ("variance estimates recovery")."""

    def reach(x: FloatArray, y: FloatArray) -> FloatArray:
        return np.sqrt(np.maximum(x**2 + y**2 - 2 * dependence * x * y, 0))

    low = p_1 - p_2 - reach(p_1 - ends_1[0], ends_2[1] - p_2)
    return low, p_1 - p_2 + reach(ends_1[1] - p_1, p_2 - ends_2[0])


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
    if method not in CORRELATION_TESTS[question]:
        raise unknown("method", method, CORRELATION_TESTS[question])
    return CORRELATION_TESTS[question][method]
