"""The confirmatory factor model against lavaan and semopy, longhand and what must hold of any model."""

import json

import numpy as np
import pandas as pd
import pytest

from loyaltylab import read_table
from loyaltylab.core.errors import ModelError, UnknownName
from loyaltylab.kernels import factors as confirmatory
from loyaltylab.kernels.factors import Pattern, discrepancy, fit_confirmatory, noncentrality
from loyaltylab.models.scales.confirmatory import confirmatory_model
from loyaltylab.moments.moments import Moments

from ..conftest import MADE_UP, REFERENCE

TESTS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
REPUTATION = {name: [f"{name.lower()}_{j}" for j in (1, 2, 3)] for name in ("LIKE", "COMP", "CUSL")}
LAM = np.array([0.8, 0.7, 0.6, 0.85, -0.75, 0.5, 0.9, 0.4])
TRUTH = {"a": ["i0", "i1", "i2"], "b": ["i3", "i4", "i5"], "c": ["i6", "i7"]}
PATTERN = Pattern((0, 0, 0, 1, 1, 1, 2, 2), (False,) * 8)
THETA = np.concatenate([LAM, 1 - LAM**2, [0.5, -0.3, 0.6]])


def expected(topic: str) -> dict:
    return json.loads((REFERENCE / topic / "expected.json").read_text())


def of_matrix(R: np.ndarray, n: int = 300, sd=None) -> Moments:
    R = (R + R.T) / 2
    np.fill_diagonal(R, 1.0)
    return Moments.from_correlations(R, [f"i{j}" for j in range(len(R))], n=n, sd=sd, provenance=MADE_UP)


@pytest.fixture(scope="module")
def pupils() -> Moments:
    frame = pd.read_csv(REFERENCE / "cfa_holzinger" / "input.csv", index_col="item")
    sd = np.sqrt(np.diagonal(frame))
    R = frame.to_numpy() / np.outer(sd, sd)
    np.fill_diagonal(R, 1.0)
    return Moments.from_correlations(R, list(frame), n=301, sd=sd, provenance=MADE_UP)


@pytest.fixture(scope="module")
def true() -> Moments:
    """Items that have exactly the correlations of a model."""
    return of_matrix(PATTERN.sigma(THETA))


# ---- against the outside world --------------------------------------------------------------------------------------


def test_fit_of_the_nine_tests_is_what_lavaan_prints(pupils):
    wanted, found = expected("cfa_holzinger"), confirmatory_model(pupils, TESTS)
    index = found.fit_indices().tidy().set_index("term")
    assert found.stat("chi_squared").value == pytest.approx(wanted["chi_squared"], abs=5e-4)
    assert found.stat("df").value == wanted["df"]
    assert found.stat("p_value").value == pytest.approx(8.50e-9, rel=1e-3)
    assert index.loc[["cfi", "tli"], "estimate"].tolist() == pytest.approx([wanted["cfi"], wanted["tli"]], abs=5e-4)
    assert index.loc[["rmsea", "srmr"], "estimate"].tolist() == pytest.approx(
        [wanted["rmsea"], wanted["srmr"]], abs=5e-5
    )
    assert index.loc["rmsea", ["conf_low", "conf_high"]].tolist() == pytest.approx(wanted["rmsea_interval"], abs=5e-4)
    assert index["verdict"].to_dict() == {"cfi": "not met", "tli": "not met", "rmsea": "not met", "srmr": "met"}


def test_loadings_and_correlations_of_the_nine_tests_are_what_lavaan_prints(pupils):
    wanted, found = expected("cfa_holzinger"), confirmatory_model(pupils, TESTS).tidy()
    loadings = found[found["measure"] == "loading"].set_index("term")
    for item, (estimate, std_error, low, high) in wanted["loadings"].items():
        row = loadings.loc[item]
        assert [row["estimate"], row["conf_low"], row["conf_high"]] == pytest.approx([estimate, low, high], abs=5.1e-4)
        assert row["std_error"] == pytest.approx(std_error, abs=5.1e-5)
    between = found[found["measure"] == "correlation"]
    for row in between.itertuples():
        printed = wanted["correlations"][f"{row.term}, {row.against}"]
        assert [row.estimate, row.conf_low, row.conf_high] == pytest.approx(printed, abs=5.1e-4)
    assert len(between) == 3


def test_loadings_of_the_reputation_items_are_those_of_semopy():
    wanted = expected("cfa_corp_rep")
    m = read_table("corporate_reputation_items").moments([item for items in REPUTATION.values() for item in items])
    found = confirmatory_model(m, REPUTATION)
    rows = found.tidy().set_index(["term", "against"])["estimate"]
    assert found.stat("chi_squared").value == pytest.approx(wanted["chi_squared"], abs=5e-4)
    assert found.fit_indices().value("cfi").value == pytest.approx(wanted["cfi"], abs=2e-5)
    assert found.fit_indices().value("tli").value == pytest.approx(wanted["tli"], abs=2e-5)
    for item, value in wanted["loadings"].items():
        assert rows[item, item[:4].upper()] == pytest.approx(value, abs=5e-4)
    for pair, value in wanted["correlations"].items():
        assert rows[tuple(pair.split(", "))] == pytest.approx(value, abs=5e-4)


# ---- longhand -------------------------------------------------------------------------------------------------------


def test_gradient_and_information_are_those_of_differences(true):
    R, model = true.corr, PATTERN
    elsewhere = THETA * 0.9
    h = 1e-5 * np.eye(len(THETA))

    def misfit(theta):
        return discrepancy(R, model.sigma(theta))

    def slope(theta):
        return model.gradient(R, theta, np.linalg.inv(model.sigma(theta)))

    by_steps = [(misfit(elsewhere + e) - misfit(elsewhere - e)) / 2e-5 for e in h]
    np.testing.assert_allclose(slope(elsewhere), by_steps, rtol=0, atol=1e-8)
    # where the model is true, the expected information is the curvature
    curvature = np.array([(slope(THETA + e) - slope(THETA - e)) / 2e-5 for e in h])
    np.testing.assert_allclose(model.information(THETA, np.linalg.inv(R)), curvature, rtol=0, atol=1e-6)


def test_no_other_search_finds_a_better_fit(pupils):
    from scipy.optimize import minimize

    model, R = Pattern((0, 0, 0, 1, 1, 1, 2, 2, 2), (False,) * 9), pupils.corr
    start = np.concatenate([np.full(9, 0.7), np.full(9, 0.5), np.full(3, 0.3)])
    found = minimize(
        lambda theta: min(discrepancy(R, model.sigma(theta)), 1e6), start, method="BFGS", options={"gtol": 1e-7}
    )
    ours = confirmatory_model(pupils, TESTS)
    assert discrepancy(R, model.sigma(ours.theta)) <= found.fun + 1e-10
    np.testing.assert_allclose(ours.tidy()["estimate"], model.standardised(found.x), rtol=0, atol=1e-4)


def test_three_items_have_their_loadings_in_closed_form(pupils):
    R = pupils.select(TESTS["visual"]).corr
    wanted = np.sqrt([R[0, 1] * R[0, 2] / R[1, 2], R[0, 1] * R[1, 2] / R[0, 2], R[0, 2] * R[1, 2] / R[0, 1]])
    found = confirmatory_model(pupils, {"visual": TESTS["visual"]})
    np.testing.assert_allclose(found.tidy()["estimate"], wanted, rtol=0, atol=1e-7)
    assert found.stat("df").value == 0 and found.stat("chi_squared").value == pytest.approx(0, abs=1e-9)
    assert found.fit_indices().tidy()["verdict"].tolist() == ["none"] * 4


def test_two_lone_items_have_the_correlation_they_have():
    found = confirmatory_model(of_matrix(np.array([[1, 0.4], [0.4, 1]]), n=100), {"a": ["i0"], "b": ["i1"]}).tidy()
    assert found["estimate"].tolist() == pytest.approx([1, 1, 0.4], abs=1e-9)
    assert found["std_error"].tolist() == pytest.approx([0, 0, (1 - 0.4**2) / 10], abs=1e-9)


def test_interval_of_noncentrality_puts_the_statistic_at_its_tails():
    from scipy.stats import ncx2

    low, high = noncentrality(60.0, 24, 0.9)
    assert [ncx2.cdf(60.0, 24, low), ncx2.cdf(60.0, 24, high)] == pytest.approx([0.95, 0.05], abs=1e-9)
    assert noncentrality(10.0, 24, 0.9).tolist() == [0.0, 0.0]


# ---- what must hold of any model ------------------------------------------------------------------------------------


def test_a_true_model_is_found_again(true):
    found = confirmatory_model(true, TRUTH)
    np.testing.assert_allclose(found.tidy()["estimate"], PATTERN.standardised(THETA), rtol=0, atol=1e-7)
    assert found.stat("chi_squared").value == pytest.approx(0, abs=1e-9)
    index = found.fit_indices()
    assert [index.value(term).value for term in ("cfi", "rmsea", "srmr")] == pytest.approx([1, 0, 0], abs=1e-7)
    assert found.improper == ()


def test_units_and_order_change_nothing(pupils, true):
    rescaled = of_matrix(true.corr.copy(), sd=np.arange(1.0, 9))
    before, after = (confirmatory_model(m, TRUTH).tidy().set_index(["term", "against"]) for m in (true, rescaled))
    pd.testing.assert_frame_equal(before, after)
    turned = {name: items[::-1] for name, items in reversed(TESTS.items())}
    one, other = confirmatory_model(pupils, TESTS), confirmatory_model(pupils, turned)
    for item in pupils.names:
        scale = next(name for name, items in TESTS.items() if item in items)
        assert one.value((item, scale)).value == pytest.approx(other.value((item, scale)).value, abs=1e-7)
    assert one.value(("speed", "visual")).value == pytest.approx(other.value(("visual", "speed")).value, abs=1e-7)


def test_draws_are_fitted_one_by_one(pupils):
    draws = pupils.draws(n_draws=100, seed=3)
    found = confirmatory_model(pupils, TESTS, draws=draws)
    alone = [confirmatory_model(of_matrix(R.copy()), _renamed(TESTS)).tidy()["estimate"] for R in draws.corr[:5]]
    np.testing.assert_allclose(found.draw_estimates[:5], alone, rtol=0, atol=1e-6)
    assert found.n_draws_left_out == 0 and found.value(("x1", "visual")).conf_low < 0.7719


def test_of_a_true_model_draws_and_theory_agree(true):
    theory = confirmatory_model(true, TRUTH).tidy()
    drawn = confirmatory_model(true, TRUTH, draws=true.draws(n_draws=1000, seed=6)).tidy()
    np.testing.assert_allclose(drawn["std_error"][:6], theory["std_error"][:6], rtol=0.1)
    np.testing.assert_allclose(drawn["conf_low"][:6], theory["conf_low"][:6], rtol=0, atol=0.03)


def test_a_loading_beyond_one_is_named():
    R = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    found = confirmatory_model(of_matrix(R), {"a": ["i0", "i1", "i2"]})
    assert found.value(("i0", "a")).value == pytest.approx(np.sqrt(0.8 * 0.8 / 0.5), abs=1e-7)
    assert found.improper == ("i0",)


def test_a_real_survey_with_lone_items(corp_rep):
    scales = {name: s.items for name, s in corp_rep.codebook.scales.items() if s.role}
    found = confirmatory_model(corp_rep.moments([item for items in scales.values() for item in items]), scales)
    assert (found.stat("df").value, found.stat("n_factors").value) == (407, 8)
    assert found.value(("cusa", "CUSA")).value == pytest.approx(1, abs=1e-9)
    assert found.improper == () and found.fit_indices().value("rmsea").conf_level == 0.9


# ---- refusals -------------------------------------------------------------------------------------------------------


def test_what_is_not_identified_is_refused():
    two = of_matrix(np.array([[1, 0.5], [0.5, 1]]))
    with pytest.raises(ModelError) as error:
        confirmatory_model(two, {"a": ["i0", "i1"]})
    assert str(error.value) == "2 items do not identify a factor model of a; give a scale three items or more."
    R = np.kron(np.eye(2), np.full((2, 2), 0.5))
    with pytest.raises(ModelError) as error:
        confirmatory_model(of_matrix(R), {"a": ["i0", "i1"], "b": ["i2", "i3"]})
    assert str(error.value) == (
        "the factor model of a, b has no single solution for these 4 items. Usual reasons are a scale whose items hardly "
        "correlate, or two items apart from all others, in a small sample; leave that scale out."
    )


def test_an_item_twice_under_two_names_and_unknown_rules_are_refused(true):
    R = np.ones((4, 4)) * 0.5
    R[0, 1] = R[1, 0] = 1.0
    with pytest.raises(ModelError) as error:
        confirmatory_model(of_matrix(R), {"a": ["i0", "i1", "i2", "i3"]})
    assert (
        str(error.value)
        == "i0, i1: each is determined exactly by the others, so their parts cannot be told apart. Leave one out."
    )
    with pytest.raises(UnknownName) as unknown:
        confirmatory_model(true, TRUTH).fit_indices("strict")
    assert str(unknown.value) == "rules 'strict' does not exist. Possible: hu_bentler1999."


def test_draws_without_solutions_are_counted_or_refused(true, monkeypatch):
    def unlucky(R, model, start):
        theta, found = fit_confirmatory(R, model, start)
        return theta, found & (np.arange(len(R)) % every > 0 if len(R) > 1 else True)

    monkeypatch.setattr("loyaltylab.models.scales.confirmatory.fit_confirmatory", unlucky)
    every, draws = 25, true.draws(n_draws=100, seed=1)
    found = confirmatory_model(true, TRUTH, draws=draws)
    assert (found.n_draws_left_out, len(found.draw_estimates)) == (4, 96)
    every = 10
    with pytest.raises(ModelError) as error:
        confirmatory_model(true, TRUTH, draws=draws)
    assert str(error.value) == "10 of 100 draws have no solution; leave draws= out, or simplify the model."


def test_a_matrix_that_is_not_positive_definite_never_fits():
    bad = np.array([[1, 0.9], [0.9, 0.5]])
    assert confirmatory.discrepancy(np.eye(2), bad) == np.inf


def _renamed(scales: dict) -> dict:
    names = [item for items in scales.values() for item in items]
    return {name: [f"i{names.index(item)}" for item in items] for name, items in scales.items()}
