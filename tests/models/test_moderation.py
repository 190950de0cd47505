"""Slopes that depend on a third variable: held against statsmodels' predictions and the definition of an edge."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import t

from loyaltylab import Moments, Quantity, ols
from loyaltylab.core.errors import ModelError, UnknownName
from loyaltylab.models.moderation import as_claimed, conditional_lines, johnson_neyman

from ..conftest import MADE_UP


def made(slope_change, n=200, seed=1):
    rng = np.random.default_rng(seed)
    x, m, z = rng.normal(size=(3, n))
    x, m = x - x.mean(), m - m.mean()
    y = 3 + 0.3 * x + 0.2 * m + slope_change * x * m + 0.5 * z + rng.normal(size=n)
    return pd.DataFrame({"y": y, "x": x, "m": m, "xm": x * m, "z": z})


@pytest.fixture(scope="module")
def crossing():
    frame = made(0.35)
    moments = Moments.from_frame(frame, provenance=MADE_UP)
    return frame, moments, ols(moments, "y", ["x", "m", "xm", "z"])


def test_at_an_edge_the_interval_of_the_slope_just_touches_zero(crossing):
    _, _, fit = crossing
    found = johnson_neyman(fit, "x", "m", "xm", between=(-6, 6))
    assert len(found.edges) == 2 and found.verdict == "outside"
    i, j = fit.names.index("x"), fit.names.index("xm")
    for edge in found.edges:
        slope = fit.coef[i] + edge * fit.coef[j]
        error = np.sqrt(fit.cov[i, i] + 2 * edge * fit.cov[i, j] + edge**2 * fit.cov[j, j])
        assert abs(slope) == pytest.approx(t.ppf(0.975, fit.df) * error)
    low, high = found.edges
    frame = found.tidy()
    inside = frame["at"].between(low, high)
    assert ((frame["conf_low"] <= 0) & (frame["conf_high"] >= 0) == inside).all()


@pytest.mark.parametrize(
    ("between", "verdict"),
    [((0.5, 2), "everywhere"), ((-1, 2), "above"), ((-6, -0.5), "below"), ((-0.9, -0.7), "nowhere")],
)
def test_the_verdict_is_about_the_span_that_was_answered(crossing, between, verdict):
    assert johnson_neyman(crossing[2], "x", "m", "xm", between=between).verdict == verdict


def test_a_slope_that_never_leaves_zero_has_no_edge():
    frame = made(0.0, n=40, seed=3)
    frame["y"] = np.random.default_rng(9).normal(size=40)
    fit = ols(Moments.from_frame(frame, provenance=MADE_UP), "y", ["x", "m", "xm"])
    found = johnson_neyman(fit, "x", "m", "xm", between=(-1, 1))
    assert found.verdict == "nowhere" and found.edges == () and np.isnan(found.glance()["edge"][0])


def test_lines_equal_the_predictions_of_statsmodels(crossing):
    frame, moments, fit = crossing
    means = dict(zip(moments.names, moments.mean, strict=True))
    lines = conditional_lines(fit, "x", "m", "xm", at={"low": -1, "high": 1}, over=[-1, 0, 2], means=means)
    model = sm.OLS(frame["y"], sm.add_constant(frame[["x", "m", "xm", "z"]])).fit()
    for name, level in (("low", -1), ("high", 1)):
        grid = np.array([[1, x, level, x * level, frame["z"].mean()] for x in (-1, 0, 2)])
        expected = model.get_prediction(grid).summary_frame()[["mean", "mean_ci_lower", "mean_ci_upper"]]
        ours = lines.tidy().set_index("segment").loc[name, ["estimate", "conf_low", "conf_high"]]
        np.testing.assert_allclose(ours, expected, rtol=1e-9)


def test_draws_give_their_own_bands(crossing):
    _, moments, _ = crossing
    drawn = moments.draws(n_draws=300, seed=1)
    fit = ols(moments, "y", ["x", "m", "xm", "z"], draws=drawn)
    means = dict(zip(moments.names, moments.mean, strict=True))
    bands = conditional_lines(fit, "x", "m", "xm", at={"mean": 0}, over=[0], means=means).tidy()
    drawn_at_mean = fit.drawn @ np.array([1, means["x"], means["m"], 0, means["z"]])
    assert bands["conf_low"][0] == pytest.approx(np.quantile(drawn_at_mean, 0.025), abs=0.01)


def test_what_is_asked_wrongly_is_named(crossing):
    _, moments, fit = crossing
    with pytest.raises(ModelError, match="lowest and the highest value of 'm'"):
        johnson_neyman(fit, "x", "m", "xm", between=(1, -1))
    with pytest.raises(UnknownName, match="'w'"):
        johnson_neyman(fit, "w", "m", "xm", between=(-1, 1))
    plain = ols(
        Moments.from_correlations(moments.corr, moments.names, n=200, provenance=MADE_UP), "y", ["x", "m", "xm"]
    )
    with pytest.raises(ModelError, match="has no constant"):
        conditional_lines(plain, "x", "m", "xm", at={"mean": 0}, over=[0], means={})


@pytest.mark.parametrize(
    ("said", "felt", "word"),
    [(-1, 1, "both"), (-1, 0, "half"), (0, 1, "half"), (0, 0, "undecided"), (1, 1, "reversed"), (-1, -1, "reversed")],
)
def test_changes_are_as_claimed_only_beyond_chance(said, felt, word):
    one, other = (Quantity(at, at - 0.5, at + 0.5, 0.95, "a change", MADE_UP) for at in (said, felt))
    assert as_claimed((one, "below"), (other, "above")) == word
