"""The distribution of R² with predictors drawn with their respondents, and the interval that follows."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaln, hyp2f1
from scipy.stats import f as f_distribution

from loyaltylab.kernels import intervals, r_squared_interval
from loyaltylab.kernels.intervals import adjusted_r_squared, r_squared_cdf
from tests.benchmarks import coverage


def density_of_r(r, rho, n):
    """Hotelling (1953): the exact density of a correlation of n normal pairs."""
    log = np.log(n - 2) + gammaln(n - 1) - gammaln(n - 0.5) - 0.5 * np.log(2 * np.pi)
    log += (n - 1) / 2 * np.log(1 - rho**2) + (n - 4) / 2 * np.log(1 - r**2) - (n - 1.5) * np.log(1 - rho * r)
    return np.exp(log) * hyp2f1(0.5, 0.5, n - 0.5, (1 + rho * r) / 2)


@pytest.mark.parametrize(("rho", "n", "x"), [(0.0, 12, 0.2), (0.4, 25, 0.1), (0.7, 40, 0.6), (0.9, 15, 0.7)])
def test_with_one_predictor_it_is_hotellings_distribution_of_a_correlation(rho, n, x):
    expected = quad(density_of_r, -np.sqrt(x), np.sqrt(x), args=(rho, n), epsabs=1e-12)[0]
    assert r_squared_cdf(x, rho**2, n, 1) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("r_squared", [0.05, 0.1, 0.15, 0.2])
def test_it_leaves_zero_out_exactly_where_the_f_test_rejects(r_squared):
    n, k = 80, 4
    p = f_distribution.sf(r_squared / k / ((1 - r_squared) / (n - k - 1)), k, n - k - 1)
    assert (r_squared_interval(r_squared, n, k, 0.95)[0] > 0) == (p < 0.025)


def test_draws_that_spread_more_than_normal_rows_widen_it_and_draws_that_spread_less_do_not_narrow_it():
    rng = np.random.default_rng(1)
    plain = r_squared_interval(0.3, 200, 5, 0.95)
    wide, narrow = (r_squared_interval(0.3, 200, 5, 0.95, 0.3 + sd * rng.standard_normal(2000)) for sd in (0.1, 0.01))
    assert np.allclose(narrow, plain) and wide[0] < plain[0] and wide[1] > plain[1]
    assert plain[0] < adjusted_r_squared(0.3, 200, 5) < plain[1]
    assert (r_squared_interval(0.02, 30, 6, 0.95) == [0, pytest.approx(0.0, abs=0.2)]).all()


@pytest.mark.slow
def test_it_holds_the_truth_where_percentiles_of_draws_never_do():
    found = dict(row for row in coverage.r_squared(40, kinds=("normal",), sizes=(60,)))
    none, some = found["normal, R² = 0.00, n = 60"], found["normal, R² = 0.45, n = 60"]
    assert none["in use"] >= 0.9 and none["percentile"] == 0
    assert some["in use"] >= 0.87 and some["percentile"] <= 0.85


def test_near_one_it_goes_on_where_the_mixture_has_too_many_terms_to_sum(monkeypatch):
    near = r_squared_cdf(0.994, 0.995, 60, 3), r_squared_interval(0.995, 60, 3, 0.95), intervals._variance(0.995, 60, 3)
    monkeypatch.setattr(intervals, "NEAR_ONE", 1.0)
    summed = r_squared_cdf(0.994, 0.995, 60, 3), r_squared_interval(0.995, 60, 3, 0.95)
    assert near[0] == pytest.approx(summed[0], abs=1e-4) and near[1] == pytest.approx(summed[1], abs=1e-6)
    assert near[2] == pytest.approx(intervals._variance(0.995, 60, 3), rel=0.1)


@pytest.mark.parametrize("r_squared", [1 - 1e-9, 1 - 1e-14, 1.0, 1 + 1e-15])
def test_all_explained_takes_no_memory(r_squared):
    low, high = r_squared_interval(r_squared, 200, 2, 0.95, np.full(100, r_squared))
    assert 0.999 < low <= high <= 1 and high > r_squared - 1e-8
