"""Dominance and commonality as results."""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import ModelError
from loyaltylab.kernels import linalg, subsets

from ..benchmarks import coverage
from ..conftest import MADE_UP, REFERENCE
from .test_importance import NAMES


@pytest.fixture
def case(dominance_case):
    frame, expected = dominance_case
    return ll.Moments.from_frame(frame, provenance=MADE_UP), list(frame), expected


def test_relations_equal_dominanceanalysis(case):
    m, (outcome, *drivers), expected = case
    relations = ll.dominance(m, outcome, drivers).relations()
    for level, name in enumerate(("complete", "conditional_relation", "general_relation")):
        np.testing.assert_array_equal(relations[level], expected[name], err_msg=name)


def test_shares_ranks_and_differences_equal_relaimpo(case):
    m, (outcome, *drivers), expected = case
    imp = ll.importance(m, outcome, drivers)
    assert dict(zip(drivers, imp.tidy()["rank"], strict=True)) == expected["ranks"]
    found = [imp.estimates[i] - imp.estimates[j] for i, j in combinations(range(len(drivers)), 2)]
    np.testing.assert_allclose(found, expected["differences"], rtol=0, atol=1e-10)
    names = {"genizi": "relative_weights"}
    for method, shares in expected["shares"].items():
        found = ll.importance(m, outcome, drivers, method=names.get(method, method)).shares
        np.testing.assert_allclose(found, [shares[d] for d in drivers], rtol=0, atol=1e-10, err_msg=method)


def test_average_coefficients_equal_relaimpo(case):
    m, (outcome, *drivers), expected = case
    found = ll.dominance(m, outcome, drivers).average_coefficients()["estimate"].to_numpy().reshape(len(drivers), -1)
    np.testing.assert_allclose(found, expected["average_coefficients"], rtol=0, atol=1e-10)


def test_r_squared_of_every_subset_equals_yhat(case):
    m, (_, *drivers), expected = case
    v = subsets.residuals(m.corr, (1,) * len(drivers))
    assert len(expected["all_subsets_r_squared"]) == len(v) - 1
    for names, r2 in expected["all_subsets_r_squared"].items():
        assert 1 - v[sum(1 << drivers.index(name) for name in names.split(","))] == pytest.approx(r2, abs=1e-10), names


def test_the_orthogonal_stand_ins_of_relative_weights_equal_rwa(case):
    m, (_, *drivers), expected = case
    lam = linalg.symmetric_root(m.corr[1:, 1:])
    np.testing.assert_allclose(lam, expected["lambda"], rtol=0, atol=1e-10)
    signs = np.sign(linalg.solve(lam, m.corr[1:, 0]))
    assert ["+" if sign > 0 else "-" for sign in signs] == [expected["signs"][driver] for driver in drivers]


@pytest.mark.parametrize("name", ["set", "all"])
def test_levels_of_sets_and_beyond_covariates_equal_domir(name):
    folder = REFERENCE / f"domir_swiss_{name}"
    expected = json.loads((folder / "dominance.json").read_text())
    m = ll.Moments.from_frame(pd.read_csv(folder / "input.csv"), provenance=MADE_UP)
    found = ll.dominance(
        m, "Fertility", expected["drivers"], players=expected["players"], covariates=expected["covariates"]
    )
    np.testing.assert_allclose(found.conditional, expected["conditional"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(
        found.complete, np.array(expected["complete_proportion"], dtype=float), rtol=0, atol=1e-12
    )


def test_commonality_results(case):
    m, (outcome, *drivers), expected = case
    found = ll.commonality(m, outcome, drivers)
    assert found.value(" + ".join(drivers)).value == pytest.approx(
        expected["commonality"][",".join(drivers)][0], abs=1e-10
    )
    parts = found.drivers_tidy().set_index("term")
    r2 = m.corr[0, 1:] ** 2
    np.testing.assert_allclose(parts["unique"] + parts["common"], r2, atol=1e-10)
    np.testing.assert_allclose(parts["unique"], ll.importance(m, outcome, drivers, method="last").estimates, atol=1e-10)


def test_reproducibility_is_the_part_of_draws_that_agree(rows):
    m = ll.Moments.from_frame(rows, NAMES, provenance=MADE_UP)
    draws = ll.Moments.bootstrap(rows, NAMES, n_draws=300, seed=1, provenance=MADE_UP)
    found = ll.dominance(m, "loyalty", NAMES[1:], draws=draws)
    one_by_one = np.mean([ll.dominance(draws[b], "loyalty", NAMES[1:]).relations() == 1 for b in range(300)], axis=0)
    np.testing.assert_allclose(found.reproducibility, one_by_one, atol=1e-12)
    row = found.tidy().set_index(["term", "against"]).loc[("trust", "speed")]
    assert row["level"] == "complete" and row["reproducibility"] > 0.9
    pairs = found.tidy()
    again = (pairs["level"] == "complete") & (pairs["reproducibility"] >= 0.95)
    assert found.stat("n_dominant_again").value == again.sum() < found.stat("n_dominant").value


def test_blocks_and_covariates(rows):
    m = ll.Moments.from_frame(rows, NAMES, provenance=MADE_UP)
    blocks = {"emotional": ["trust", "joy"], "rational": ["price"]}
    found = ll.dominance(m, "loyalty", blocks, players="blocks", covariates=["speed"])
    general = ll.importance(m, "loyalty", blocks, players="blocks", covariates=["speed"])
    np.testing.assert_allclose(found.conditional.mean(axis=1), general.estimates, atol=1e-12)
    assert found.terms == ("emotional", "rational")


def test_commonality_beyond_covariates_and_with_intervals(rows):
    m = ll.Moments.from_frame(rows, NAMES, provenance=MADE_UP)
    draws = ll.Moments.bootstrap(rows, NAMES, n_draws=200, seed=1, provenance=MADE_UP)
    found = ll.commonality(m, "loyalty", ["trust", "joy"], covariates=["price", "speed"], draws=draws)
    beyond = ll.importance(m, "loyalty", ["trust", "joy"], method="last", covariates=["price", "speed"])
    np.testing.assert_allclose(found.coefficients[:2], beyond.estimates, atol=1e-12)
    assert found.r_squared == pytest.approx(beyond.r_squared - beyond.r_squared_covariates)
    table = found.tidy()
    assert (table["conf_low"] <= table["estimate"]).all() and (table["estimate"] <= table["conf_high"]).all()
    alone = ll.commonality(draws[7], "loyalty", ["trust", "joy"], covariates=["price", "speed"])
    np.testing.assert_allclose(found.draw_coefficients[7], alone.coefficients, atol=1e-12)


def test_draws_in_which_drivers_are_tied_are_left_out_by_every_method():
    """Two drivers that differ in four of forty rows are the same in about one draw of seventy."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"y": rng.normal(size=40), "x": rng.normal(size=40), "a": [1.0] * 12 + [0.0] * 28})
    frame = frame.assign(b=frame["a"].where(~frame.index.isin([10, 11, 12, 13]), 1 - frame["a"]))
    names = ["y", "x", "a", "b"]
    m = ll.Moments.from_frame(frame, names, provenance=MADE_UP)
    draws = ll.Moments.bootstrap(frame, names, n_draws=1000, seed=1, provenance=MADE_UP)
    imp = ll.importance(m, "y", names[1:], draws=draws)
    left_out = imp.stat("n_draws_left_out").value
    assert left_out > 0
    sampled = ll.drivers.sampled_lmg(m, "y", names[1:], n_orders=100, draws=draws)
    common = ll.commonality(m, "y", names[1:], draws=draws)
    assert len(sampled.draw_estimates) == len(common.draw_coefficients) == 1000 - left_out
    np.testing.assert_allclose(sampled.draw_estimates.sum(axis=1), imp.draw_r_squared, atol=1e-8)
    np.testing.assert_allclose(common.draw_coefficients.sum(axis=1), imp.draw_r_squared, atol=1e-8)
    kept = ll.dominance(m, "y", names[1:], draws=draws).reproducibility * (1000 - left_out)
    np.testing.assert_allclose(kept, np.rint(kept), atol=1e-6)


def test_too_many_players_are_refused_with_a_way_out():
    names = [f"x{i}" for i in range(25)]
    m = ll.Moments.from_correlations(np.eye(26) * 0.5 + 0.5, ["y", *names], n=500, provenance=MADE_UP)
    with pytest.raises(ModelError, match=r"complete dominance compares 2\^25 models; above 24 players use importance"):
        ll.dominance(m, "y", names)
    with pytest.raises(ModelError, match=r"commonality has 2\^25 parts; above 20 players"):
        ll.commonality(m, "y", names)


def test_equal_drivers_dominate_in_nearly_every_sample_and_seldom_again():
    """Complete dominance in the sample says nothing; recurring in 95 % of draws is right in nine of ten."""
    ((_, found),) = coverage.dominance(60, sizes=(344,))
    assert found["equal, in the sample"] > 0.85 and found["equal, again"] <= 0.2 and found["first, again"] > 0.9
