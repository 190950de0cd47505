"""Regression and shares with clusters and strata: equal to R's clubSandwich and survey, and right where clusters are few."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.codebook import Item
from loyaltylab.models.regression import INTERCEPT
from tests.benchmarks import coverage

FOLDER = "tests/reference/clusters_swiss"
TERMS = ["Agriculture", "Education", "Catholic"]


@pytest.fixture(scope="module")
def expected():
    found = pd.read_csv(f"{FOLDER}/expected.csv")
    found["term"] = found["term"].replace("(Intercept)", INTERCEPT)
    return found.set_index(["part", "term"])


def swiss(**design):
    frame = pd.read_csv(f"{FOLDER}/input.csv")
    roles = {"g": "cluster", "h": "strata", "w": "weight"}
    items = {
        name: Item(name, {"en": name, "nl": name}, role=roles[name])
        if name in roles
        else Item(name, {"en": name, "nl": name}, range=(0, 1) if name == "yes" else (-99, 999))
        for name in frame
    }
    book = ll.Codebook("swiss", {"en": "s", "nl": "s"}, items, {}, {"en": "swiss", "nl": "swiss"})
    return ll.read_survey(frame, book, **design)


def agrees(fit, wanted):
    found = fit.tidy().set_index("term").loc[wanted.index]
    np.testing.assert_allclose(found[["estimate", "std_error"]], wanted[["estimate", "std_error"]], rtol=1e-8)
    np.testing.assert_allclose(df_of(fit, wanted.index), wanted["df"], rtol=1e-8)


def df_of(fit, terms):
    return [fit.df[fit.names.index(term)] for term in terms]


def test_clusters_equal_clubsandwich_from_rows_and_from_moments(expected):
    survey = swiss(cluster="g")
    frame = survey.frame
    used = ["Fertility", *TERMS]
    by_cluster = ll.Moments.from_frame(frame, used, by="g")
    fits = ll.models.robust_ols(survey, "Fertility", TERMS), ll.ols(by_cluster.total(), "Fertility", TERMS, clusters=by_cluster)  # fmt: skip
    for fit in fits:
        agrees(fit, expected.loc["CR2"])
        np.testing.assert_allclose(fit.tidy().set_index("term")["p_value"], expected.loc["CR2", "p_value"], rtol=1e-6)
        whole, htz = fit.glance().iloc[0], expected.loc[("HTZ", "F")]
        assert whole["f_statistic"] == pytest.approx(htz["estimate"], rel=1e-8)
        assert whole["p_value"] == pytest.approx(htz["p_value"], rel=1e-6)


@pytest.mark.parametrize(
    ("part", "design"), [("svyglm", {"cluster": "g", "strata": "h", "weight": "w"}), ("strata", {"strata": "h", "weight": "w"})]
)  # fmt: skip
def test_strata_are_used_as_in_svyglm(expected, part, design):
    fit = ll.models.robust_ols(swiss(**design), "Fertility", TERMS)
    assert fit.errors == "design"
    agrees(fit, expected.loc[part])


def test_logit_uses_strata_as_svyglm_does(expected):
    survey = swiss(cluster="g", strata="h", weight="w")
    fit = ll.logit(survey, "yes", ["Agriculture", "Education"]).tidy().set_index("term")
    wanted = expected.loc["logit"].loc[["Agriculture", "Education"]]
    np.testing.assert_allclose(fit.loc[wanted.index, "estimate"], wanted["estimate"], rtol=1e-6)
    np.testing.assert_allclose(fit.loc[wanted.index, "std_error"], wanted["std_error"], rtol=1e-6)


def test_logit_with_clusters_takes_students_t_with_clusters_less_one(expected):
    """The same errors held against the normal distribution find something in nothing where clusters are few."""
    from scipy import stats

    survey = swiss(cluster="g")
    fit = ll.logit(survey, "yes", ["Agriculture", "Education"])
    row, G = fit.tidy().iloc[0], survey.frame["g"].nunique()
    half = stats.t.ppf(0.975, G - 1) * row["std_error"]
    assert fit.df == G - 1 and row["conf_high"] == pytest.approx(row["estimate"] + half, rel=1e-10)
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(row["statistic"]), G - 1), rel=1e-8)
    effect = ll.models.marginal_effects(fit).tidy().iloc[0]
    plain = ll.models.marginal_effects(replace(fit, df=float("nan"))).tidy().iloc[0]
    wider = (effect["conf_high"] - effect["conf_low"]) / (plain["conf_high"] - plain["conf_low"])
    assert wider == pytest.approx(stats.t.ppf(0.975, G - 1) / stats.norm.ppf(0.975), rel=1e-6)
    assert np.isnan(ll.logit(swiss(), "yes", ["Agriculture", "Education"]).df), "without a design, normal theory"
    assert (
        ll.logit(swiss(cluster="g", strata="h"), "yes", ["Agriculture", "Education"]).df
        == G - swiss().frame["h"].nunique()
    )


@pytest.mark.parametrize("design", [{"strata": "h"}, {"cluster": "g"}, {"weight": "w"}])
def test_an_ordered_logit_refuses_what_it_would_leave_out(design):
    with pytest.raises(ll.core.DataError, match="takes no weights, clusters or strata"):
        ll.models.ordered_logit(swiss(**design), "yes", ["Agriculture"])


def test_a_share_with_few_clusters_is_that_of_svyciprop(expected):
    row = ll.loyalty.top_box(
        swiss(cluster="g", weight="w"), "yes", boxes=1, interval="clopper_pearson", min_cell=1
    ).tidy()
    wanted = expected.loc["beta"]["estimate"]
    for name in ("estimate", "conf_low", "conf_high"):
        assert row[name].iloc[0] == pytest.approx(wanted[name], rel=1e-6)


@pytest.mark.slow
def test_few_clusters_do_not_pass_for_many():
    """Slopes of 0 with an intraclass correlation of .3: a classical F rejects a fifth of them, or more."""
    (_, found), = coverage.clusters(120, designs=[(10, 30)])  # fmt: skip
    assert found["all slopes rejected"] <= 0.11 and found["a slope rejected"] <= 0.1
    assert found["share covered"] >= 0.9 and found["NPS covered"] >= 0.9
