"""Kernels against longhand computation, R, and identities that must hold whatever the data."""

from itertools import combinations, pairwise
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyaltylab.kernels import attribution, linalg


def random_corr(seed: int, size: int, batch: tuple[int, ...] = ()) -> np.ndarray:
    x = np.random.default_rng(seed).normal(size=(*batch, size + 5, size))
    x = x + 0.7 * x[..., :1]
    x = x - x.mean(axis=-2, keepdims=True)
    x = x / np.sqrt((x**2).sum(axis=-2, keepdims=True))
    return np.swapaxes(x, -1, -2) @ x


def longhand(R: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Shapley values by their definition: every subset, one regression each."""
    ends = np.cumsum((1, *sizes))
    players = [list(range(a, b)) for a, b in pairwise(ends)]

    def r2(subset):
        columns = [j for player in subset for j in players[player]]
        return R[0, columns] @ np.linalg.solve(R[np.ix_(columns, columns)], R[columns, 0]) if columns else 0.0

    k = len(sizes)
    values = np.zeros(k)
    for j in range(k):
        others = [i for i in range(k) if i != j]
        for s in range(k):
            weight = factorial(s) * factorial(k - 1 - s) / factorial(k)
            values[j] += weight * sum(r2((*subset, j)) - r2(subset) for subset in combinations(others, s))
    return values


@pytest.mark.parametrize("sizes", [(1,), (1, 1), (1,) * 5, (2, 1, 3), (4,), (1, 2, 1, 2)])
def test_shapley_equals_the_definition(sizes):
    R = random_corr(3, 1 + sum(sizes))
    np.testing.assert_allclose(attribution.shapley(R, sizes), longhand(R, sizes), rtol=0, atol=1e-12)


def test_lanes_split_into_chunks_give_the_same_numbers(monkeypatch):
    R = random_corr(5, 9, batch=(3, 4))
    whole = attribution.shapley(R, (1,) * 8)
    monkeypatch.setattr(attribution, "_LANES", 16)
    np.testing.assert_allclose(attribution.shapley(R, (1,) * 8), whole, rtol=0, atol=1e-13)
    np.testing.assert_allclose(whole[2, 1], attribution.shapley(R[2, 1], (1,) * 8), rtol=0, atol=1e-13)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**6), p=st.integers(1, 8))
def test_identities(seed, p):
    R, sizes = random_corr(seed, p + 1), (1,) * p
    r2 = linalg.r_squared(R)
    lmg, weights, first, last = (
        kernel(R, sizes)
        for kernel in (attribution.shapley, attribution.relative_weights, attribution.first, attribution.last)
    )
    assert lmg.sum() == pytest.approx(r2, abs=1e-10)
    assert weights.sum() == pytest.approx(r2, abs=1e-10)
    np.testing.assert_allclose(first, R[0, 1:] ** 2, atol=1e-12)
    assert (last >= -1e-12).all() and (lmg >= -1e-12).all()
    order = np.random.default_rng(seed).permutation(p)
    shuffled = R[np.ix_([0, *(order + 1)], [0, *(order + 1)])]
    np.testing.assert_allclose(attribution.shapley(shuffled, sizes), lmg[order], atol=1e-10)
    if p == 2:
        np.testing.assert_allclose(lmg, weights, atol=1e-10)
    if p == 1:
        np.testing.assert_allclose([lmg[0], weights[0], last[0]], r2, atol=1e-12)


def test_uncorrelated_drivers_get_their_squared_correlation():
    r = np.array([0.5, 0.3, -0.2])
    R = np.eye(4)
    R[0, 1:] = R[1:, 0] = r
    for kernel in (attribution.shapley, attribution.relative_weights, attribution.first, attribution.last):
        np.testing.assert_allclose(kernel(R, (1, 1, 1)), r**2, atol=1e-14)


def test_relative_weights_of_a_published_vector():
    """Johnson's weights of the 7 × 7 matrix of the npm package johnsons-relative-weights, as it prints them."""
    upper = [
        [0.66, 0.67, 0.54, 0.68, 0.62, 0.72],
        [0.58, 0.59, 0.68, 0.68, 0.56],
        [0.52, 0.60, 0.62, 0.68],
        [0.52, 0.61, 0.45],
        [0.63, 0.62],
        [0.57],
    ]
    R = np.eye(7)
    for i, row in enumerate(upper):
        R[i, i + 1 :] = R[i + 1 :, i] = row
    expected = [0.107748, 0.116484, 0.065514, 0.121167, 0.080062, 0.171055]
    np.testing.assert_allclose(attribution.relative_weights(R, (1,) * 6), expected, atol=5e-7)
    assert linalg.r_squared(R) == pytest.approx(0.662030, abs=5e-7)


def test_the_dependent_set_is_named_and_nothing_else():
    x = np.random.default_rng(1).normal(size=(40, 4))
    x[:, 3] = x[:, 0] - 2 * x[:, 2]
    assert linalg.dependent_set(np.corrcoef(x.T)) == [0, 2, 3]
    assert linalg.dependent_set(np.corrcoef(x[:, :3].T)) == []
