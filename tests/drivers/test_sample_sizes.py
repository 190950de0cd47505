"""Respondents that each analysis takes: held against simulated studies of that size, and against statsmodels."""

import numpy as np
import pytest
from scipy.stats import f as f_distribution
from statsmodels.stats.power import TTestIndPower

from loyaltylab import Moments, flatten, importance, read_table
from loyaltylab.core.errors import ModelError, UnknownName
from loyaltylab.drivers.planning.sample_sizes import sample_sizes
from loyaltylab.kernels.attribution import shapley
from loyaltylab.kernels.linalg import r_squared
from loyaltylab.kernels.power import correlations, delta_variance, wishart_factors

Z = 1.959963984540054


@pytest.fixture(scope="module")
def world():
    table = read_table("hedonic_utilitarian")
    blocks = table.codebook.blocks()
    moments = table.moments(["AttLoyalty", *flatten(blocks)])
    return moments, blocks, sample_sizes(moments, "AttLoyalty", blocks)


def needed(sizes, term, column="n_needed"):
    return int(sizes.value(term, column).value)


def studies(R, n, size=4000, seed=1):
    """Correlation matrices that studies of n respondents would find."""
    return correlations(wishart_factors(np.linalg.cholesky(R), n - 1, size, np.random.default_rng(seed)))


def block_means(R):
    """Correlations of the outcome, the mean of drivers 1–4 and the mean of drivers 5–7."""
    weights = np.zeros((3, 8))
    weights[0, 0], weights[1, 1:5], weights[2, 5:] = 1, 1, 1
    S = weights @ R @ weights.T
    sd = np.sqrt(np.einsum("...ii->...i", S))
    return S / sd[..., :, None] / sd[..., None, :]


def shares(R):
    parts = shapley(R, (1,) * 7)
    return (parts[..., :4].sum(-1) - parts[..., 4:].sum(-1)) / parts.sum(-1)


def differences(R):
    return block_means(R)[..., 0, 1] - block_means(R)[..., 0, 2]


def by_way_of(R):
    S = block_means(R)
    a = S[..., 1, 2]
    return a * (S[..., 0, 2] - a * S[..., 0, 1]) / (1 - a**2)


@pytest.mark.parametrize(
    ("term", "estimate", "within"),
    [("share_difference", shares, 0.02), ("correlation_difference", differences, 0.02), ("indirect", by_way_of, 0.06)],
)
def test_four_in_five_simulated_studies_of_that_size_show_it(world, term, estimate, within):
    """Each study takes its own standard error, from the correlations it found."""
    moments, _, sizes = world
    R = moments.corr
    assert sizes.value(term).value == pytest.approx(float(estimate(R)))
    n = needed(sizes, term)
    found = studies(R, n)
    spread = float(np.std(estimate(found)))
    shown = float(np.mean(np.abs(estimate(found)) > Z * spread))
    assert shown == pytest.approx(0.8, abs=within)


def test_the_variance_of_a_correlation_is_the_known_one():
    R = np.array([[1, 0.5], [0.5, 1]])
    assert delta_variance(lambda S: S[..., 0, 1] / np.sqrt(S[..., 0, 0] * S[..., 1, 1]), R) == pytest.approx(
        (1 - 0.25) ** 2, rel=1e-6
    )


def test_what_a_block_adds_is_found_by_the_f_test(world):
    moments, _, sizes = world
    R, n = moments.corr, needed(sizes, "increment")
    found = studies(R, n)
    full, less = r_squared(found), r_squared(found[:, :5, :5])
    statistic = (full - less) / 3 / ((1 - full) / (n - 8))
    assert float(np.mean(statistic > f_distribution.ppf(0.95, 3, n - 8))) == pytest.approx(0.8, abs=0.03)


def test_groups_equal_the_power_of_a_t_test(world):
    sizes = world[2]
    n = TTestIndPower().solve_power(effect_size=0.2, power=0.8, alpha=0.05, ratio=4)
    assert needed(sizes, "groups") == pytest.approx(5 * n, rel=0.005)


def test_an_interaction_is_found_by_regressions_of_that_size(world):
    """f² = .02 on top of two main effects; the interaction of two independent standard normal variables."""
    n, rng = needed(world[2], "interaction"), np.random.default_rng(3)
    hits = 0
    for _ in range(1500):
        x, z, e = rng.standard_normal((3, n))
        design = np.column_stack([np.ones(n), x, z, x * z])
        y = 0.3 * x + 0.2 * z + np.sqrt(0.02) * x * z + e
        beta, rest, *_ = np.linalg.lstsq(design, y, rcond=None)
        error = np.sqrt(rest[0] / (n - 4) * np.linalg.inv(design.T @ design)[3, 3])
        hits += abs(beta[3] / error) > Z
    assert hits / 1500 == pytest.approx(0.8, abs=0.035)


def test_two_one_sided_tests_of_equal_groups_of_that_size_agree_they_are_equal(world):
    n, rng = needed(world[2], "equivalence"), np.random.default_rng(4)
    small = round(n * 0.2)
    gap = rng.standard_normal(20_000) * np.sqrt(1 / small + 1 / (n - small))
    inside = np.abs(gap) + 1.6448536 * np.sqrt(1 / small + 1 / (n - small)) < 0.2
    assert float(inside.mean()) == pytest.approx(0.8, abs=0.01)


def test_a_promoter_score_of_that_size_is_told_from_zero(world):
    n, rng = needed(world[2], "promoter_score"), np.random.default_rng(5)
    counts = rng.multinomial(n, [1 / 3 + 0.05, 1 / 3, 1 / 3 - 0.05], size=20_000) / n
    score, ends = counts[:, 0] - counts[:, 2], counts[:, 0] + counts[:, 2]
    assert float(np.mean(score > Z * np.sqrt((ends - score**2) / n))) == pytest.approx(0.8, abs=0.01)


def test_half_a_difference_takes_four_times_as_many_and_lost_answers_come_on_top(world):
    moments, blocks, sizes = world
    half = sample_sizes(moments, "AttLoyalty", blocks, assumed={"groups": 0.1})
    assert needed(half, "groups") == pytest.approx(4 * needed(sizes, "groups"), rel=0.01)
    more = sample_sizes(moments, "AttLoyalty", blocks, missing=0.2, cluster_size=11, icc=0.05)
    same = sample_sizes(moments, "AttLoyalty", blocks, missing=0.2, design_effect=1.5)
    assert needed(same, "share_difference") == needed(more, "share_difference")
    assert needed(more, "retention") == pytest.approx(needed(sizes, "retention") * 1.5 / 0.8, rel=0.01)


def test_scales_that_measure_worse_take_more_respondents(world):
    """The world as those scales would see it: the correlations attenuated by hand (Spearman 1904) give the same numbers."""
    moments, blocks, sizes = world
    worse = sample_sizes(moments, "AttLoyalty", blocks, reliability=0.8)
    seen = np.where(np.eye(8), 1.0, 0.8 * moments.corr)
    again = Moments.from_correlations(seen, moments.names, n=190, provenance=moments.provenance)
    by_hand = sample_sizes(again, "AttLoyalty", blocks)
    for term in ("share_difference", "correlation_difference", "indirect", "leader", "every_method"):
        assert needed(worse, term) == needed(by_hand, term)
    assert needed(worse, "share_difference") > needed(sizes, "share_difference")
    assert needed(worse, "groups") == needed(sizes, "groups"), "a convention is one of what is measured"


def test_methods_that_disagree_on_the_sign_take_no_number_at_all():
    table = read_table("hedonic_utilitarian")
    blocks = {"a": ["Entertainment", "Excellence"], "b": ["Escapism", "Enjoyment"]}
    moments = table.moments(["BehLoyalty", *flatten(blocks)])
    split = sample_sizes(moments, "BehLoyalty", blocks)
    signs = [importance(moments, "BehLoyalty", blocks, method=m).contrast("a", "b").estimate for m in ("lmg", "pmvd")]
    assert signs[0] * signs[1] < 0
    assert np.isinf(split.value("every_method", "n_needed").value) and split.stat("n_never").value == 1


def test_what_is_asked_wrongly_is_named(world):
    moments, blocks, _ = world
    with pytest.raises(UnknownName, match="assumption 'group' does not exist; did you mean 'groups'"):
        sample_sizes(moments, "AttLoyalty", blocks, assumed={"group": 0.2})
    with pytest.raises(ModelError, match="groups is 2; allowed: between 0 and 1"):
        sample_sizes(moments, "AttLoyalty", blocks, assumed={"groups": 2})
    with pytest.raises(ModelError, match="power is 1"):
        sample_sizes(moments, "AttLoyalty", blocks, power=1)
