import numpy as np
import pytest

from loyaltylab.kernels import summed, summed_once, units


@pytest.fixture
def rows():
    rng = np.random.default_rng(1)
    return rng.normal(300, 1, size=(5000, 4)), rng.gamma(2, size=5000)


def test_sums_a_block_at_a_time_are_those_of_all_rows_at_once(rows):
    whole = summed(*rows, np.ones((1, 5000)))
    for one, other in zip(whole, summed_once(*rows, most=10, block=700), strict=True):
        assert other.shape == one.shape
        np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-9)
    for one, other in zip(whole, summed_once(*rows), strict=True):
        assert np.array_equal(one, other)


def test_sums_of_units_are_those_of_their_rows(rows):
    x, w = rows
    unit = np.random.default_rng(2).integers(7, size=5000)
    found = units(x, w, unit)
    for u in range(7):
        for one, other in zip(summed(x[unit == u], w[unit == u], np.ones((1, (unit == u).sum()))), found, strict=True):
            np.testing.assert_allclose(other[u], one[0], rtol=1e-12)
