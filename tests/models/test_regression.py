"""Regression: equal to R and statsmodels, from moments as from rows, with what it refuses."""

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab import Codebook, Moments, Survey
from loyaltylab.codebook.entries import Item
from loyaltylab.core import errors
from loyaltylab.models.regression import INTERCEPT

from ..conftest import MADE_UP, REFERENCE

DRIVERS = ["trust", "joy", "price", "speed"]


def as_survey(frame, **design):
    items = {name: Item(name, {"en": name, "nl": name}) for name in frame}
    book = Codebook("made_up", {"en": "Made up", "nl": "Verzonnen"}, items, {}, {"en": "made up", "nl": "verzonnen"})
    return Survey(frame, book, MADE_UP, **design)


@pytest.fixture(params=["swiss", "attitude"])
def case(request):
    folder = REFERENCE / f"regression_{request.param}"
    frame = pd.read_csv(folder / "input.csv").astype(float)
    return frame, pd.read_csv(folder / "expected.csv").set_index(["column", "term"])["value"]


def test_equal_to_r(case):
    frame, expected = case
    outcome, *drivers = frame.columns
    m = Moments.from_frame(frame, provenance=MADE_UP)
    fit, overlap = ll.ols(m, outcome, drivers), ll.models.collinearity(m, drivers)
    for result in (fit, overlap):
        rows, whole = result.tidy().set_index("term"), result.glance()
        for (column, term), value in expected.items():
            if column in rows and term in rows.index:
                assert rows.loc[term, column] == pytest.approx(value, rel=1e-10), (column, term)
            if column in whole and term == "all":
                assert whole[column].iloc[0] == pytest.approx(value, rel=1e-10), column
    assert {"estimate", "std_error", "statistic", "p_value", "beta"} <= set(fit.tidy())
    last = ll.importance(m, outcome, drivers, method="last").tidy().set_index("term")["estimate"]
    assert last[drivers].to_numpy() == pytest.approx(expected["semipartial"][drivers].to_numpy(), rel=1e-10)


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC3"])
def test_robust_errors_equal_sandwich(case, kind):
    frame, expected = case
    outcome, *drivers = frame.columns
    found = ll.models.robust_ols(as_survey(frame), outcome, drivers, errors=kind).tidy().set_index("term")
    for term, value in expected[kind].items():
        assert found.loc[term, "std_error"] == pytest.approx(value, rel=1e-10), term


def test_draws_give_percentiles_of_the_refitted_model(rows):
    survey = as_survey(rows)
    m, draws = survey.moments(["loyalty", *DRIVERS]), survey.draws(["loyalty", *DRIVERS], n_draws=200, seed=3)
    fit = ll.ols(m, "loyalty", DRIVERS, draws=draws)
    one = draws[17]
    again = np.linalg.lstsq(
        np.linalg.cholesky(one.scatter[1:, 1:]).T, np.linalg.solve(np.linalg.cholesky(one.scatter[1:, 1:]), one.scatter[1:, 0]), rcond=None
    )[0]  # fmt: skip
    assert fit.drawn[17, 1:] == pytest.approx(again, rel=1e-8)
    low, high = fit.ends
    assert ((low < fit.coef) & (fit.coef < high)).all() and fit.errors == "draws"
    width = (high - low) / (ll.ols(m, "loyalty", DRIVERS).tidy().eval("conf_high - conf_low").to_numpy())
    assert (width > 0.6).all() and (width < 1.6).all()


def test_a_printed_table_has_slopes_and_no_constant():
    table = ll.read_table("hedonic_utilitarian")
    fit = ll.ols(
        table.everything, "AttLoyalty", ["Escapism", "Excellence"], draws=table.everything.draws(n_draws=500, seed=1)
    )
    assert fit.names == ("Escapism", "Excellence") and fit.value("Excellence").conf_low > 0
    assert fit.coef == pytest.approx(fit.beta)


def test_the_paths_of_the_reputation_survey(corp_rep):
    m = corp_rep.moments(["CUSL", "COMP", "LIKE", "CUSA"])
    fit = ll.ols(m, "CUSL", ["COMP", "LIKE", "CUSA"])
    beta = fit.tidy().set_index("term")["beta"].round(3)
    assert beta[["COMP", "LIKE", "CUSA"]].tolist() == [0.004, 0.339, 0.511]
    assert ll.ols(m, "CUSA", ["COMP", "LIKE"]).tidy().set_index("term")["beta"].round(3)[["COMP", "LIKE"]].tolist() == [
        0.139,
        0.435,
    ]


def test_weight_one_is_no_weight(rows):
    plain = ll.ols(as_survey(rows).moments(["loyalty", *DRIVERS]), "loyalty", DRIVERS).tidy()
    ones = as_survey(rows.assign(wt=2.5), weight="wt")
    weighted = ll.ols(ones.moments(["loyalty", *DRIVERS]), "loyalty", DRIVERS).tidy()
    pd.testing.assert_frame_equal(plain, weighted)


def test_an_interaction_is_the_same_wherever_the_variables_have_their_zero(rows):
    shifted = rows.assign(trust=rows["trust"] + 40)
    slopes = []
    for frame in (rows, shifted):
        survey, product = as_survey(frame).with_product("trust", "price")
        fit = ll.ols(survey.moments(["loyalty", "trust", "price", product]), "loyalty", ["trust", "price", product])
        slopes.append(fit.tidy().set_index("term").loc[["trust", "price", product], "estimate"].to_numpy())
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-6)


def test_a_product_is_the_interaction_statsmodels_fits(rows):
    import statsmodels.api as sm

    survey, product = as_survey(rows).with_product("trust", "price")
    about = rows[["trust", "price"]] - rows[["trust", "price"]].mean()
    X = sm.add_constant(about.assign(both=about["trust"] * about["price"]))
    peer = sm.OLS(rows["loyalty"], X).fit()
    fit = ll.ols(survey.moments(["loyalty", "trust", "price", product]), "loyalty", ["trust", "price", product])
    assert fit.coef[1:] == pytest.approx(peer.params.to_numpy()[1:], rel=1e-9)
    assert fit.std_error[1:] == pytest.approx(peer.bse.to_numpy()[1:], rel=1e-9)
    glance = fit.glance().iloc[0]
    assert glance[["f_statistic", "p_value"]].tolist() == pytest.approx([peer.fvalue, peer.f_pvalue], rel=1e-8)


def test_a_respondent_without_a_weight_does_not_spoil_a_product(rows):
    blank = rows.assign(wt=rows["wt"].where(rows.index > 4))
    found, product = as_survey(blank, weight="wt").with_product("trust", "price")
    there = blank.index[5:]
    mean = np.average(rows.loc[there, ["trust", "price"]], axis=0, weights=rows.loc[there, "wt"])
    assert found.frame[product].to_numpy() == pytest.approx((rows[["trust", "price"]] - mean).prod(axis=1).to_numpy())


def test_drivers_are_called_inflated_by_the_rule_alone(rows):
    close = rows.assign(twin=rows["trust"] + 0.1 * rows["speed"])
    found = ll.models.collinearity(as_survey(close).moments(["trust", "twin", "joy"]), ["trust", "twin", "joy"])
    data = found.tidy().set_index("term")
    assert data["verdict"].to_dict() == {"trust": "inflated", "twin": "inflated", "joy": "apart"}
    assert found.stat("n_inflated").value == 2
    alone = ll.ols(as_survey(close).moments(["trust", "twin", "joy"]), "trust", ["twin", "joy"])
    assert data.loc["trust", "own_part"] == pytest.approx(1 - alone.r_squared)
    assert ll.core.rule("variance_inflation").value == 10 and ll.core.rule("condition_index").value == 30


def test_simple_slopes_are_those_of_a_moderator_with_its_zero_there(rows):
    survey, product = as_survey(rows).with_product("trust", "price")
    names = ["loyalty", "trust", "price", product]
    fit = ll.ols(survey.moments(names), "loyalty", names[1:])
    sd = rows["price"].std()
    found = ll.models.simple_slopes(fit, "trust", "price", product, {"low": -sd, "high": sd}).tidy().set_index("term")
    about = rows["price"] - rows["price"].mean() - sd
    frame = rows.assign(price=about, tp=(rows["trust"] - rows["trust"].mean()) * about)
    there = ll.ols(
        Moments.from_frame(frame, ["loyalty", "trust", "price", "tp"], provenance=MADE_UP),
        "loyalty",
        ["trust", "price", "tp"],
    )
    expected = there.tidy().set_index("term").loc["trust", ["estimate", "std_error", "conf_low", "conf_high"]]
    assert found.loc["high", expected.index].to_numpy(dtype=float) == pytest.approx(
        expected.to_numpy(dtype=float), rel=1e-8
    )


def test_a_logit_and_its_marginal_effects_equal_statsmodels():
    import statsmodels.api as sm

    frame = pd.read_csv(REFERENCE / "logit_birthwt" / "input.csv").astype(float)
    terms = ["age", "lwt", "smoke", "ht"]
    model = ll.logit(as_survey(frame), "low", terms)
    peer = sm.Logit(frame["low"], sm.add_constant(frame[terms])).fit(disp=False, tol=1e-12)
    assert model.coef == pytest.approx(peer.params[terms].to_numpy(), rel=1e-6)
    assert model.tidy()["std_error"].to_numpy() == pytest.approx(peer.bse[terms].to_numpy(), rel=1e-6)
    assert model.mcfadden == pytest.approx(peer.prsquared, rel=1e-9)
    margins = peer.get_margeff(at="overall")
    found = ll.models.marginal_effects(model).tidy()
    assert found["estimate"].to_numpy() == pytest.approx(margins.margeff, rel=1e-6)
    assert found["std_error"].to_numpy() == pytest.approx(margins.margeff_se, rel=1e-5)


def test_an_ordered_logit_of_two_answers_is_a_logit_and_answers_may_have_any_numbers():
    frame = pd.read_csv(REFERENCE / "logit_birthwt" / "input.csv").astype(float)
    one = ll.logit(as_survey(frame), "low", ["lwt", "smoke"])
    two = ll.models.ordered_logit(as_survey(frame.assign(low=frame["low"] * 4 + 3)), "low", ["lwt", "smoke"])
    assert two.coef == pytest.approx(one.coef, rel=1e-4) and two.cuts == pytest.approx(one.cuts, rel=1e-4)
    assert two.cov == pytest.approx(one.cov, rel=1e-3, abs=1e-7)
    assert ll.models.marginal_effects(two, answer=7).tidy()["estimate"].to_numpy() == pytest.approx(
        ll.models.marginal_effects(one).tidy()["estimate"].to_numpy(), rel=1e-4
    )


def test_an_ordered_logit_returns_what_made_the_answers():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4000, 2)) * [1, 3] + [5, 50]
    eta = x @ [0.8, -0.2] + rng.logistic(size=4000)
    answers = np.digitize(eta, [-8, -6, -5]).astype(float)
    model = ll.models.ordered_logit(
        as_survey(pd.DataFrame({"y": answers, "a": x[:, 0], "b": x[:, 1]})), "y", ["a", "b"]
    )
    data = model.tidy()
    assert ((data["conf_low"] < [0.8, -0.2]) & (data["conf_high"] > [0.8, -0.2])).all()
    assert model.cuts == pytest.approx([-8, -6, -5], abs=0.5)
    at = np.concatenate([model.coef, model.cuts])
    assert model.probabilities(at).mean(axis=0) == pytest.approx([(answers >= k).mean() for k in (1, 2, 3)], abs=0.01)


def test_an_ordered_logit_equals_polr_as_printed_and_in_likelihood():
    rows, printed = (pd.read_csv(REFERENCE / "polr_housing" / f"{name}.csv") for name in ("input", "expected"))
    each = rows.loc[rows.index.repeat(rows["Freq"])].reset_index(drop=True)
    terms = [term for term in printed["term"] if "=" in term]
    columns = {term: (each[term.split("=")[0]] == int(term.split("=")[1])).astype(float) for term in terms}
    model = ll.models.ordered_logit(
        as_survey(pd.DataFrame({"Sat": each["Sat"].astype(float), **columns})), "Sat", terms
    )
    assert np.concatenate([model.coef, model.cuts]) == pytest.approx(printed["estimate"].to_numpy(), abs=2e-6)
    assert np.sqrt(np.diagonal(model.cov)) == pytest.approx(printed["std_error"].to_numpy(), abs=6e-5)
    assert model.mcfadden == pytest.approx(fit_of_r("ordered_housing"), rel=1e-10)


@pytest.mark.parametrize(("folder", "design"), [("logit_birthwt", {}), ("logit_birthwt_weights", {"weight": "wt"})])
def test_the_likelihood_of_a_logit_is_that_of_glm(folder, design):
    frame = pd.read_csv(REFERENCE / folder / "input.csv").astype(float)
    model = ll.logit(as_survey(frame, **design), "low", ["age", "lwt", "smoke", "ptl", "ht", "ui"])
    assert model.mcfadden == pytest.approx(fit_of_r(folder), rel=1e-10)


def fit_of_r(folder):
    """McFadden's R² of the model with all terms, from R."""
    expected = pd.read_csv(REFERENCE / folder / "expected.csv").set_index(["fit", "method"])["value"]
    return expected["mcfadden", "r_squared"]


def test_influence_is_that_of_leaving_each_respondent_out(rows):
    found = ll.models.influence(as_survey(rows), "loyalty", DRIVERS)
    whole = ll.ols(Moments.from_frame(rows, ["loyalty", *DRIVERS], provenance=MADE_UP), "loyalty", DRIVERS)
    without = [
        ll.ols(Moments.from_frame(rows.drop(i), ["loyalty", *DRIVERS], provenance=MADE_UP), "loyalty", DRIVERS).coef
        for i in rows.index
    ]
    moved = np.abs(np.array(without) - whole.coef).max(axis=0)[1:] / whole.std_error[1:]
    assert found.tidy()["largest_change"].to_numpy() == pytest.approx(moved, rel=1e-8)
    import statsmodels.api as sm

    peer = sm.OLS(rows["loyalty"], sm.add_constant(rows[DRIVERS])).fit().get_influence()
    counted = (peer.cooks_distance[0] > 4 / 60).sum(), (peer.hat_matrix_diag > 10 / 60).sum()
    assert (found.stat("n_cook").value, found.stat("n_leverage").value) == counted and min(counted) > 0


def refused(error, call):
    with pytest.raises(error) as caught:
        call()
    return str(caught.value)


def test_what_cannot_be_fitted_is_refused_in_words(rows):
    survey = as_survey(rows.assign(twice=2 * rows["trust"], bought=(rows["trust"] > 0).astype(float), same=1.0))
    m = survey.moments(["loyalty", "trust", "twice", "joy"])
    tied = "trust, twice: each is determined exactly by the others, so their parts cannot be told apart. Leave one out."
    assert refused(errors.ModelError, lambda: ll.ols(m, "loyalty", ["trust", "twice", "joy"])) == tied
    assert (
        refused(errors.ModelError, lambda: ll.models.robust_ols(survey, "loyalty", ["trust", "twice", "joy"])) == tied
    )
    assert (
        refused(errors.ModelError, lambda: ll.models.collinearity(m, ["trust"]))
        == "collinearity is about at least two drivers."
    )
    assert refused(
        errors.UnknownName, lambda: ll.models.robust_ols(survey, "loyalty", ["trust"], errors="HC9")
    ).startswith("kind of errors 'HC9' does not exist")
    assert refused(errors.ModelError, lambda: ll.logit(survey, "bought", ["trust", "joy"])) == (
        "bought: some answers to trust always go with the same answers of it, so no finite coefficient exists. Leave one out, or join answers that few gave."
    )
    assert refused(errors.DataError, lambda: ll.logit(survey, "loyalty", ["joy"])).startswith("'loyalty' holds ")
    assert refused(errors.ModelError, lambda: ll.ols(m, "loyalty", ["joy"], clusters=m, draws=m)) == (
        "give clusters= or draws=, not both: draws by cluster already allow for clusters."
    )
    assert refused(errors.ModelError, lambda: ll.models.robust_ols(survey, "loyalty", ["same"])) == (
        "same: everyone has the same value, so nothing can be explained by it. Leave it out."
    )
    assert refused(errors.DataError, lambda: survey.with_product("joy", "joy")) == (
        "the product of 'joy' with itself is a square, not an interaction; name two variables."
    )


def test_a_constant_is_named_and_never_standardised(rows):
    first = ll.ols(as_survey(rows).moments(["loyalty", "trust"]), "loyalty", ["trust"]).tidy().iloc[0]
    assert first["term"] == INTERCEPT and np.isnan(first["beta"])


def test_clusters_take_the_place_of_draws(case):
    rows = case[0].assign(branch=np.arange(len(case[0])) % 8)
    outcome, *drivers = [name for name in case[0]][:3]
    by = Moments.from_frame(rows, [outcome, *drivers], by="branch")
    assert ll.ols(rows, outcome, drivers, clusters=by).errors == "cluster"
    assert ll.ols(rows, outcome, drivers, n_draws=100).errors == "draws"
    with pytest.raises(errors.ModelError, match="give clusters= or draws=, not both"):
        ll.ols(rows, outcome, drivers, clusters=by, n_draws=100)


def test_signs_are_those_of_terms_whose_interval_excludes_zero():
    R = np.eye(4)
    R[0, 1:] = R[1:, 0] = 0.5, -0.4, 0.01
    fit = ll.ols(Moments.from_correlations(R, names=["y", "up", "down", "flat"], n=200, provenance=MADE_UP), "y", ["up", "down", "flat"])  # fmt: skip
    assert fit.settled() == ("up", "down") and fit.settled(["flat", "down"]) == ("down",)
    assert [fit.signs(terms) for terms in ([], ["up"], ["down", "flat"], ["flat"])] == ["both", "positive", "negative", "none"]  # fmt: skip
