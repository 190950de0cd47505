"""Kernels over all subsets: against R, against longhand, and against each other."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyaltylab.kernels import attribution, linalg, subsets

from .test_linalg import longhand, random_corr


@pytest.fixture
def case(dominance_case):
    frame, expected = dominance_case
    return frame.corr().to_numpy(), list(frame)[1:], expected


def test_conditional_and_complete_dominance_equal_domir(case):
    R, names, expected = case
    sizes = (1,) * len(names)
    np.testing.assert_allclose(subsets.conditional_dominance(R, sizes), expected["conditional"], rtol=0, atol=1e-10)
    wanted = np.array(expected["complete_proportion"], dtype=float)
    np.testing.assert_allclose(subsets.complete_dominance(R, sizes), wanted, rtol=0, atol=1e-12)


def test_commonality_equals_yhat(case):
    R, names, expected = case
    found = subsets.commonality(R, (1,) * len(names))
    assert len(expected["commonality"]) == 2 ** len(names) - 1
    for subset, (coefficient, _share) in expected["commonality"].items():
        at = sum(1 << names.index(name) for name in subset.split(","))
        assert found[at] == pytest.approx(coefficient, abs=1e-10), subset


def r2(R, columns):
    return R[0, columns] @ np.linalg.solve(R[np.ix_(columns, columns)], R[columns, 0]) if len(columns) else 0.0


def test_residuals_are_one_minus_r_squared_of_each_subset():
    R = random_corr(11, 7)
    v = subsets.residuals(R, (1, 2, 1, 2))
    players = [[1], [2, 3], [4], [5, 6]]
    for subset in range(16):
        columns = [j for k, player in enumerate(players) if subset >> k & 1 for j in player]
        assert v[subset] == pytest.approx(1 - r2(R, columns), abs=1e-12)


def test_visiting_in_blocks_changes_nothing(monkeypatch):
    R, sizes = random_corr(2, 9, batch=(3,)), (1,) * 8
    whole = subsets.conditional_dominance(R, sizes)
    monkeypatch.setattr(subsets, "_BLOCK", 3)
    np.testing.assert_allclose(subsets.conditional_dominance(R, sizes), whole, rtol=0, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), p=st.integers(1, 6))
def test_identities(seed, p):
    R, sizes = random_corr(seed, p + 1), (1,) * p
    whole, lmg = linalg.r_squared(R), attribution.shapley(R, sizes)
    levels = subsets.conditional_dominance(R, sizes)
    np.testing.assert_allclose(levels.mean(axis=1), lmg, atol=1e-10)
    np.testing.assert_allclose(levels[:, 0], attribution.first(R, sizes), atol=1e-10)
    np.testing.assert_allclose(levels[:, -1], attribution.last(R, sizes), atol=1e-10)
    parts = subsets.commonality(R, sizes)
    assert parts[0] == 0 and parts.sum() == pytest.approx(whole, abs=1e-10)
    holds = np.arange(1 << p)[:, None] >> np.arange(p) & 1
    np.testing.assert_allclose(parts @ holds, attribution.first(R, sizes), atol=1e-9)
    assert subsets.pmvd(R, sizes).sum() == pytest.approx(whole, abs=1e-10)
    for additive in (attribution.car, attribution.pratt):
        assert additive(R, sizes).sum() == pytest.approx(whole, abs=1e-10)
    proportion = subsets.complete_dominance(R, sizes)
    off = ~np.eye(p, dtype=bool)
    assert ((proportion + proportion.T)[off] <= 1 + 1e-12).all() and np.isnan(np.diag(proportion)).all()


def test_pmvd_equals_the_average_over_all_orders():
    R, p = random_corr(4, 6), 5
    weights, gains = [], []
    for order in permutations(range(1, p + 1)):
        cumulated = [r2(R, list(order[:i])) for i in range(p + 1)]
        weights.append(np.prod([1 / (cumulated[-1] - value) for value in cumulated[1:-1]]))
        gain = np.zeros(p)
        gain[np.array(order) - 1] = np.diff(cumulated)
        gains.append(gain)
    np.testing.assert_allclose(subsets.pmvd(R, (1,) * p), np.average(gains, axis=0, weights=weights), atol=1e-10)


def test_owen_adds_up_at_both_levels_and_equals_its_definition():
    sizes, R = (2, 1, 3), random_corr(9, 7)
    found = subsets.owen(R, sizes)
    blocks = attribution.shapley(R, sizes)
    np.testing.assert_allclose([found[:2].sum(), found[2], found[3:].sum()], blocks, atol=1e-12)
    members, others = [4, 5, 6], [[1, 2], [3]]
    by_definition = np.zeros(3)
    for s in range(3):
        for chosen in combinations(others, s):
            base = [j for other in chosen for j in other]
            weight = {0: 1 / 3, 1: 1 / 6, 2: 1 / 3}[s]
            for i, member in enumerate(members):
                rest = [j for j in members if j != member]
                for t in range(3):
                    for inside in combinations(rest, t):
                        share = {0: 1 / 3, 1: 1 / 6, 2: 1 / 3}[t]
                        by_definition[i] += weight * share * (r2(R, [*base, *inside, member]) - r2(R, [*base, *inside]))
    np.testing.assert_allclose(found[3:], by_definition, atol=1e-12)
    np.testing.assert_allclose(subsets.owen(R, (1,) * 6), longhand(R, (1,) * 6), atol=1e-12)
    np.testing.assert_allclose(subsets.owen(R, (6,)), longhand(R, (1,) * 6), atol=1e-12)


def test_batches_are_lanes():
    R = random_corr(6, 5, batch=(2, 3))
    for kernel in (
        subsets.conditional_dominance,
        subsets.complete_dominance,
        subsets.commonality,
        subsets.pmvd,
        subsets.owen,
    ):
        whole = kernel(R, (1, 1, 2))
        np.testing.assert_allclose(whole[1, 2], kernel(R[1, 2], (1, 1, 2)), atol=1e-12, err_msg=kernel.__name__)


def test_an_outcome_that_its_drivers_determine_is_divided_whole_in_every_order():
    X = np.random.default_rng(1).normal(size=(200, 4))
    R = np.corrcoef(np.column_stack([X @ [1, 2, 3, 4], X]).T)
    gains = subsets.gains_in_orders(R, np.array(list(permutations(range(4)))))
    np.testing.assert_allclose(gains.sum(axis=-1), 1)
    np.testing.assert_allclose(gains.mean(axis=0), longhand(R, (1, 1, 1, 1)))
