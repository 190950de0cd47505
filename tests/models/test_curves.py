"""Curves: statsmodels and scipy as peers, known breakpoints, the design, and shares and groups by level."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.interpolate import CubicSpline
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.stats.proportion import confint_proportions_2indep

from loyaltylab import curve
from loyaltylab.contrasts.equivalence import equivalence_rows
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.kernels.linalg import knots_of, spline
from loyaltylab.loyalty.groups import segment_shares
from loyaltylab.loyalty.levels import (
    compare_groups,
    group_equivalence,
    share_by_level,
    share_ratio,
    with_satisfaction_groups,
)
from loyaltylab.models.curves import compare_curves

from ..conftest import survey_of


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(2)
    x = rng.integers(1, 8, 700)
    stay = np.clip(np.round(1 + 0.8 * x + rng.normal(0, 1.2, 700)), 1, 7)
    out = 0.3 * x + np.where(x > 5, 1.5 * (x - 5), 0) + rng.normal(0, 0.6, 700)
    return pd.DataFrame(
        {"x": x, "stay": stay, "love": rng.integers(1, 8, 700), "out": out, "wt": rng.uniform(0.5, 2, 700)}
    )


@pytest.fixture(scope="module")
def compared(frame):
    return compare_curves(survey_of(frame), "out", "x", n_draws=500)


def design(frame, shape):
    x = frame["x"].to_numpy(dtype=float)
    extra = {"linear": [], "quadratic": [(x - x.mean()) ** 2], "spline": [spline(x, knots_of(x, 3))[:, 1:]]}[shape]
    return np.column_stack([np.ones(len(x)), x, *extra])


@pytest.mark.parametrize("shape", ["linear", "quadratic", "spline"])
def test_fit_criteria_and_test_equal_statsmodels(frame, compared, shape):
    peer = sm.OLS(frame["out"], design(frame, shape)).fit()
    found = compared[shape]
    assert (found.r_squared, found.aic, found.bic) == pytest.approx((peer.rsquared, peer.aic, peer.bic))
    at = {float(x): value for x, value in zip(frame["x"], peer.fittedvalues, strict=True)}
    np.testing.assert_allclose(found.estimates, [at[a] for a in found.answers])
    if shape != "linear":
        statistic, p, _ = peer.compare_f_test(sm.OLS(frame["out"], design(frame, "linear")).fit())
        assert found.test[0] == pytest.approx(statistic) and found.test[3] == pytest.approx(p, abs=1e-12)


def test_weights_equal_statsmodels_and_weight_one_is_none(frame):
    found = curve(survey_of(frame, "wt"), "out", "x", shape="spline", n_draws=200)
    peer = sm.WLS(frame["out"], design(frame, "linear"), weights=frame["wt"]).fit()
    straight = curve(survey_of(frame, "wt"), "out", "x", shape="linear", n_draws=200)
    assert straight.r_squared == pytest.approx(peer.rsquared) and straight.slopes[0] == pytest.approx(
        peer.params.iloc[1]
    )
    one = curve(survey_of(frame.assign(wt=1.0), "wt"), "out", "x", shape="spline", n_draws=200)
    none = curve(survey_of(frame), "out", "x", shape="spline", n_draws=200)
    np.testing.assert_allclose(one.estimates, none.estimates)
    assert not np.allclose(found.estimates, none.estimates)


def test_the_basis_spans_the_natural_splines_of_scipy():
    knots, x = np.array([1.0, 3.0, 4.0, 7.0]), np.linspace(1, 7, 40)
    peer = CubicSpline(knots, [0.2, 2.0, -1.0, 0.5], bc_type="natural")(x)
    X = np.column_stack([np.ones(40), spline(x, knots)])
    assert np.abs(X @ np.linalg.lstsq(X, peer, rcond=None)[0] - peer).max() < 1e-10
    beyond = spline(np.array([8.0, 9.0, 10.0]), knots)
    assert np.abs(np.diff(beyond, n=2, axis=0)).max() < 1e-9, "straight beyond the last knot"


def test_the_spread_of_the_draws_is_that_of_theory(frame, compared):
    found = compared["linear"]
    peer = sm.OLS(frame["out"], design(frame, "linear")).fit(cov_type="HC0")
    ends = peer.get_prediction(np.column_stack([np.ones(7), found.answers])).summary_frame(alpha=0.05)
    width = ends["mean_ci_upper"] - ends["mean_ci_lower"]
    np.testing.assert_allclose(found.highs - found.lows, width, rtol=0.15)


def test_a_known_breakpoint_is_found_with_its_slopes(compared):
    found = compared["threshold"]
    assert found.breakpoint[0] == 5 and found.breakpoint[1] <= 5 <= found.breakpoint[2]
    assert found.slopes == pytest.approx((0.3, 1.8), abs=0.1) and found.bend[1] > 0
    assert compared.verdict == "upwards"


@pytest.mark.slow
def test_a_straight_line_is_not_called_curved():
    rng = np.random.default_rng(5)
    wrong = 0
    for seed in range(60):
        x = rng.integers(1, 8, 200)
        rows = pd.DataFrame({"x": x, "out": 0.5 * x + rng.normal(size=200)})
        wrong += compare_curves(survey_of(rows), "out", "x", n_draws=100, seed=seed).verdict != "not shown"
    assert wrong <= 9, "5 % of 60, within three standard errors"


def test_the_wald_test_under_weights_agrees_with_f_where_weights_are_equal(frame):
    f = curve(survey_of(frame), "out", "x", n_draws=2000).test
    wald = curve(survey_of(frame.assign(wt=1.0), "wt"), "out", "x", n_draws=2000).test
    assert wald[1:3] == f[1:3] and wald[0] == pytest.approx(f[0], rel=0.3)


def test_the_ordered_logit_equals_statsmodels(frame):
    found = curve(survey_of(frame), "stay", "x", shape="ordered", top=6, n_draws=200, min_cell=1)
    peer = OrderedModel(frame["stay"].astype(int), frame[["x"]], distr="logit").fit(
        method="bfgs", disp=False, gtol=1e-9
    )
    chance = peer.predict(found.answers[:, None])
    np.testing.assert_allclose(found.estimates, np.asarray(chance)[:, 5:].sum(axis=1), atol=1e-5)
    assert found.slopes[0] == pytest.approx(peer.params["x"], abs=1e-4) and found.aic == pytest.approx(
        peer.aic, abs=1e-4
    )


def test_joining_rare_answers_keeps_the_cut(frame):
    few = frame.assign(stay=frame["stay"].where(frame["stay"] != 1, 2).where(np.arange(700) > 3, 1))
    found = curve(survey_of(few), "stay", "x", shape="ordered", top=6, n_draws=200)
    shares = [(few["stay"] >= 6)[few["x"] == answer].mean() for answer in found.answers]
    assert found.top == 6 and np.corrcoef(found.estimates, shares)[0, 1] > 0.97
    assert np.isnan(found.means).all(), "a share found would tell how few gave the other answers"


def test_means_of_small_cells_are_not_given(frame):
    rows = frame[~((frame["x"] == 4) & (np.arange(700) > 60))]
    assert 0 < (rows["x"] == 4).sum() < 10
    table = curve(survey_of(rows), "out", "x", shape="linear", n_draws=200).tidy().set_index("answer")
    assert np.isnan(table.loc["4", ["mean", "mean_conf_low", "n"]].to_numpy(dtype=float)).all()
    assert table["mean"]["5"] == pytest.approx(rows.loc[rows["x"] == 5, "out"].mean())


def test_share_by_level_by_hand(frame):
    found = share_by_level(survey_of(frame), "stay", "x", at_most=4, groups={"low": 1, "high": 5}).tidy()
    by_hand = [
        (frame["stay"] <= 4).mean(),
        (frame["stay"] <= 4)[frame["x"] < 5].mean(),
        (frame["stay"] <= 4)[frame["x"] >= 5].mean(),
    ]
    np.testing.assert_allclose(found["estimate"], by_hand)
    assert found["segment"].tolist() == ["all", "low", "high"]
    upper = share_by_level(survey_of(frame), "stay", "x", at_least=5, groups={"low": 1, "high": 5}).tidy()
    np.testing.assert_allclose(found["estimate"] + upper["estimate"], 1)
    small = share_by_level(survey_of(frame), "stay", "x", at_most=1).tidy()
    assert small["estimate"].isna().any(), "a level with one to nine such answers is withheld"


def test_who_is_below_the_first_level_is_left_out_and_counted(frame):
    found = share_by_level(survey_of(frame), "stay", "x", at_most=4, groups=[5, 6])
    assert found.provenance.steps[0] == f"left out: {(frame['x'] < 5).sum()} with an answer below 5 on x"
    assert found.tidy()["n"].tolist() == [(frame["x"] >= 5).sum(), (frame["x"] == 5).sum(), (frame["x"] > 5).sum()]
    counts = [(int((frame["stay"] <= 4)[part].sum()), int(part.sum())) for part in (frame["x"] == 5, frame["x"] > 5)]
    peer = confint_proportions_2indep(*counts[0], *counts[1], method="log", compare="ratio")
    ratio = share_ratio(found, "5", "6–7")
    assert ratio.estimate == pytest.approx(np.divide(*counts[0]) / np.divide(*counts[1]))
    assert (ratio.conf_low, ratio.conf_high) == pytest.approx(peer)


def test_satisfaction_groups_and_their_equivalence(frame):
    survey = survey_of(frame)
    grouped = with_satisfaction_groups(survey, "x", "love", boxes=2, attachment_from=5)
    groups = segment_shares(grouped, "satisfaction_group").tidy()
    top, strong = frame["x"] >= 6, frame["love"] >= 5
    np.testing.assert_allclose(groups["estimate"], [(top & strong).mean(), (top & ~strong).mean(), (~top).mean()])
    names = ("Rationally satisfied", "Dissatisfied")
    found = group_equivalence(grouped, "out", "satisfaction_group", *names)
    a, b = frame["out"][top & ~strong], frame["out"][~top]
    sd = np.sqrt(((len(a) - 1) * a.var() + (len(b) - 1) * b.var()) / (len(a) + len(b) - 2))
    peer = equivalence_rows(a, b, bounds=(-0.2 * sd, 0.2 * sd), provenance=survey.provenance)
    for name in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "bound_high"):
        assert getattr(found, name) == pytest.approx(getattr(peer, name)), name
    assert found.verdict == "not shown"
    alike = group_equivalence(
        grouped, "out", "satisfaction_group", "Emotionally satisfied", "Rationally satisfied", bounds_sd=0.8
    )
    assert alike.verdict == "equivalent", "attachment was made to matter nothing"


def test_two_groups_are_equal_different_or_neither(frame):
    grouped = with_satisfaction_groups(survey_of(frame), "x", "love", boxes=2, attachment_from=5)
    names = ("Emotionally satisfied", "Rationally satisfied", "Dissatisfied")
    clear = compare_groups(grouped, "out", "satisfaction_group", *names[1:])
    assert (clear.verdict, clear.apart) == ("different", True)
    assert clear.equal.conf_level == 0.90 and clear.wider.conf_level == 0.95
    assert clear.wider.conf_low < clear.equal.conf_low
    found = {
        compare_groups(grouped, "out", "satisfaction_group", *names[:2], bounds_sd=sd).verdict for sd in (0.01, 0.8)
    }
    assert found == {"undecided", "equivalent"}


def test_what_cannot_be_is_refused(frame):
    survey = survey_of(frame)
    with pytest.raises(UnknownName) as error:
        curve(survey, "out", "x", shape="cubic")
    assert "linear, quadratic, spline, threshold, ordered" in str(error.value)
    with pytest.raises(ModelError) as error:
        curve(survey, "x", "x")
    assert str(error.value) == "'x' is both outcome and driver; name two different variables."
    with pytest.raises(ModelError) as error:
        curve(survey_of(frame.assign(x=np.where(frame["x"] > 4, 2, 1))), "out", "x", shape="quadratic", n_draws=200)
    assert str(error.value) == "'x' has too few different answers for the shape 'quadratic'; use 'linear'."
    with pytest.raises(DataError) as error:
        curve(survey, "out", "x", shape="ordered", top=3)
    assert str(error.value) == "'out' is not answered in whole points; an ordered logit needs an item, not a scale."
    with pytest.raises(DataError) as error:
        share_by_level(survey, "stay", "x")
    assert str(error.value) == "give one of at_most= and at_least=: which answers count."
    with pytest.raises(DataError) as error:
        with_satisfaction_groups(survey, "x", "love", boxes=9)
    assert str(error.value) == "boxes is 9; 'x' has 7 answers, so allowed: 1 to 6."
