"""Array kernels: the distribution of R² where predictors are drawn with their respondents, and what follows from it.

In n observations of a normal population with R² = ρ², k predictors, R² is a mixture of Betas: given a negative binomial number j
of extra halves, Beta(k/2 + j, (n − k − 1)/2) (Gurland 1968). Drawing rows cannot give its interval: every draw overfits again, so
that with ρ² = 0 no percentile interval of draws holds the truth.
"""

from __future__ import annotations

import numpy as np

from .intervals import check_conf_level
from .linalg import FloatArray

#: Above it the mixture has too many terms to sum, and its numerator is a scaled chi-squared to five digits.
NEAR_ONE = 0.99


def adjusted_r_squared(r_squared: float, n: float, k: int) -> float:
    """R² without the optimism of k predictors (Ezekiel 1930); below 0 where they explain less than chance would."""
    return 1 - (1 - r_squared) * (n - 1) / (n - k - 1)


def r_squared_cdf(x: float, rho_squared: float, n: float, k: int) -> float:
    """Probability of an R² up to x in n normal observations whose population has ρ²; n may be an effective number."""
    from scipy.special import betainc

    if rho_squared > NEAR_ONE:
        scale, df = _scaled_chi_squared(rho_squared, n, k)
        return float(betainc(df / 2, (n - k - 1) / 2, x / (x + scale * (1 - x))))
    j, mass = _mixture(rho_squared, n)
    return float(mass @ betainc(k / 2 + j, (n - k - 1) / 2, x))


def r_squared_interval(
    r_squared: float, n: float, k: int, conf_level: float, draws: FloatArray | None = None
) -> FloatArray:
    """Interval of ρ² by inverting the distribution of R².  draws (B,) → (2,).

    With draws n is divided by the design effect they show: the variance of R² over the draws against that of normal rows
    drawn alike, never taken below 1. It carries heavy tails, clusters and weights into the interval.
    """
    check_conf_level(conf_level)
    r_squared = min(r_squared, 1.0)  # rounding
    if draws is not None:
        spread = float(np.var(draws, ddof=1)) / max(_variance(r_squared, n, k), 1e-300)
        fewer = max((n - 1) / max(spread, 1.0) + 1, k + 2.0)
        part = (fewer - k - 1) / (fewer - 1) * (n - 1) / (n - k - 1)  # keeps adjusted R² where it was
        r_squared, n = max(0.0, 1 - (1 - r_squared) * part), fewer
    low, high = (1 - conf_level) / 2, (1 + conf_level) / 2
    return np.array([_inverted(r_squared, n, k, p) for p in (high, low)])


def _mixture(rho_squared: float, n: float) -> tuple[FloatArray, FloatArray]:
    """Numbers of extra halves and their probabilities, but for tails of about 1e-13."""
    from scipy.special import gammaln, xlogy

    if rho_squared <= 0:
        return np.zeros(1), np.ones(1)
    shape, rest = (n - 1) / 2, 1 - rho_squared
    mean, sd = shape * rho_squared / rest, np.sqrt(shape * rho_squared) / rest
    j = np.arange(max(np.floor(mean - 9 * sd), 0), np.ceil(mean + 9 * sd + 30 / rest))
    return j, np.exp(gammaln(j + shape) - gammaln(shape) - gammaln(j + 1) + xlogy(shape, rest) + xlogy(j, rho_squared))


def _scaled_chi_squared(rho_squared: float, n: float, k: int) -> tuple[float, float]:
    """Scale and degrees of freedom with the mean and variance of the numerator of R²/(1 − R²)."""
    odds = rho_squared / (1 - rho_squared)
    mean = odds * (n - 1) + k
    variance = 2 * ((n - 1) * odds * (odds + 2) + k)
    return variance / (2 * mean), 2 * mean**2 / variance


def _variance(rho_squared: float, n: float, k: int) -> float:
    """Variance of R² in n normal observations; of ρ² near 1 that of (1 − R²)/R², an F."""
    if rho_squared > NEAR_ONE:
        scale, df = _scaled_chi_squared(min(rho_squared, 1 - 1e-9), n, k)
        own, df = n - k - 1, max(df, 5.0)  # fewer have no variance
        return 2 * own * (own + df - 2) / (scale * (df - 2)) ** 2 / (df - 4)
    j, mass = _mixture(rho_squared, n)
    a, total = k / 2 + j, (n - 1) / 2 + j
    mean = mass @ (a / total)
    return float(mass @ (a / total * ((a + 1) / (total + 1))) - mean**2)


def _inverted(x: float, n: float, k: int, p: float) -> float:
    """The ρ² under which an R² up to x has probability p; 0 where even ρ² = 0 makes it rarer."""
    from scipy.optimize import brentq

    if r_squared_cdf(x, 0.0, n, k) <= p:
        return 0.0
    top = min(x, 0.5)
    while r_squared_cdf(x, top, n, k) > p:
        top = (1 + top) / 2
        if top > 1 - 1e-9:
            return 1.0
    return float(brentq(lambda rho: r_squared_cdf(x, rho, n, k) - p, 0, top, xtol=1e-8))
