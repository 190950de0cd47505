"""Intervals, designs, noise, missing answers, and many drivers: each against R, longhand, or a simulation with a known truth."""

from dataclasses import replace

import msgspec
import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.kernels import fit_normal, over_imputations, patterns

from ..benchmarks import coverage
from ..conftest import MADE_UP, REFERENCE
from .test_importance import NAMES


@pytest.fixture(scope="module")
def swiss():
    folder = REFERENCE / "bootstrap_swiss"
    frame = pd.read_csv(folder / "input.csv")
    rows = pd.read_csv(folder / "indices.csv", header=None).to_numpy() - 1
    names = list(frame)
    return {
        "data": ll.Moments.from_frame(frame, provenance=MADE_UP),
        "outcome": names[0],
        "drivers": names[1:],
        "draws": ll.Moments.bootstrap(frame, names, rows=rows, provenance=MADE_UP),
        "jackknife": ll.Moments.jackknife(frame, names, provenance=MADE_UP),
    }


@pytest.mark.parametrize("interval", ["percentile", "basic", "normal", "bca"])
def test_intervals_equal_those_of_boot(swiss, interval):
    expected = (
        pd.read_csv(REFERENCE / "bootstrap_swiss" / "intervals.csv").query("interval == @interval").set_index("term")
    )
    found = ll.importance(**swiss, interval=interval).tidy().set_index("term")
    np.testing.assert_allclose(
        found[["conf_low", "conf_high"]], expected.loc[found.index, ["low", "high"]], rtol=0, atol=1e-10
    )


def test_contrasts_and_shares_take_the_same_kind_of_interval(swiss):
    ends = {}
    for interval in ("percentile", "basic", "normal", "bca"):
        imp = ll.importance(**swiss, interval=interval)
        ends[interval] = tuple(imp.contrast("Education", "Agriculture").ends)
        share = imp.tidy().iloc[0]
        assert share["share_conf_low"] < share["share_conf_high"]
    assert len(set(ends.values())) == 4
    estimate = imp.contrast("Education", "Agriculture").estimate
    assert ends["basic"] == pytest.approx((2 * estimate - ends["percentile"][1], 2 * estimate - ends["percentile"][0]))


def test_bca_needs_the_jackknife(swiss):
    with pytest.raises(ModelError, match="interval 'bca' needs draws= and jackknife="):
        ll.importance(**(swiss | {"jackknife": None}), interval="bca")


def test_rank_intervals_hold_the_rank(swiss):
    found = ll.importance(**swiss).tidy()
    assert (found["rank_conf_low"] <= found["rank"]).all() and (found["rank"] <= found["rank_conf_high"]).all()
    assert found["rank_conf_low"].between(1, 5).all()


def test_jackknife_leaves_each_row_or_cluster_out(rows):
    found = ll.Moments.jackknife(rows, NAMES, weight="wt", provenance=MADE_UP)
    for i in (0, 31):
        alone = ll.Moments.from_frame(rows.drop(index=i), NAMES, weight="wt", provenance=MADE_UP)
        np.testing.assert_allclose(found[i].scatter, alone.scatter, atol=1e-10)
        np.testing.assert_allclose(found[i].mean, alone.mean, atol=1e-12)
        assert float(found[i].n_eff) == pytest.approx(float(alone.n_eff))
    by_branch = ll.Moments.jackknife(rows, NAMES, cluster="branch", provenance=MADE_UP)
    without = ll.Moments.from_frame(rows[rows["branch"] != 3], NAMES, provenance=MADE_UP)
    np.testing.assert_allclose(by_branch[3].scatter, without.scatter, atol=1e-10)


def test_standard_errors_of_relative_weights_equal_the_definition():
    folder = REFERENCE / "rwa_std_error"
    frame = pd.read_csv(folder / "input.csv")
    expected = pd.read_csv(folder / "expected.csv").set_index(["method", "term"])["value"]
    m = ll.Moments.from_frame(frame, provenance=MADE_UP)
    found = ll.importance(m, "rating", list(frame)[1:], method="relative_weights").tidy().set_index("term")
    np.testing.assert_allclose(found["std_error"], expected["std_error"][found.index], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found["estimate"], expected["relative_weights"][found.index], rtol=0, atol=1e-10)


def test_draws_within_strata_keep_the_size_of_each(rows):
    frame = rows.assign(
        region=np.where(np.arange(60) < 15, "north", "south"), north=np.where(np.arange(60) < 15, 1.0, 0.0)
    )
    draws = ll.Moments.bootstrap(frame, ["loyalty", "north"], strata="region", n_draws=200, provenance=MADE_UP)
    np.testing.assert_allclose(draws.mean[:, 1], 0.25, atol=1e-12)
    assert "within 2 strata" in draws.scheme
    with pytest.raises(ModelError, match="a stratum holds a single row"):
        ll.Moments.bootstrap(rows.assign(region=[0] * 59 + [1]), NAMES, strata="region", provenance=MADE_UP)
    with pytest.raises(DataError, match="a cluster of 'branch' lies in more than one stratum"):
        ll.Moments.bootstrap(frame, NAMES, strata="region", cluster="branch", provenance=MADE_UP)


def test_design_based_draws_have_the_variance_of_the_design():
    """The variance of a weighted mean over draws equals the linearised one of the survey package: Σ_h n_h/(n_h−1) Σ (z − z̄_h)²."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"y": rng.normal(size=200) + np.repeat([0, 3], 100), "x": rng.normal(size=200)})
    frame = frame.assign(w=rng.uniform(1, 4, 200), stratum=np.repeat([0, 1], 100))
    draws = ll.Moments.bootstrap(frame, ["y", "x"], weight="w", strata="stratum", n_draws=6000, provenance=MADE_UP)
    mean = np.average(frame["y"], weights=frame["w"])
    z = frame["w"] * (frame["y"] - mean) / frame["w"].sum()
    by_stratum = [z[frame["stratum"] == h] for h in (0, 1)]
    linearised = sum(len(part) / (len(part) - 1) * ((part - part.mean()) ** 2).sum() for part in by_stratum)
    assert draws.mean[:, 0].var() == pytest.approx(linearised, rel=0.06)


@pytest.mark.slow
def test_an_unrelated_driver_passes_as_noise_and_a_weak_one_as_often_as_a_t_test_finds_it():
    """Two-sided t at .05 and this test at .05 are about the same test where drivers are uncorrelated."""
    (_, found), = coverage.above_noise(120, methods=("relative_weights",))  # fmt: skip
    assert found["unrelated passes"] <= 0.1
    assert abs(found["weak passes"] - found["weak, t test"]) <= 0.08 and found["weak passes"] > 0.3


def test_what_noise_reaches_is_what_theory_says():
    """The squared correlation of an unrelated driver is χ²(1) / n; the 95th percentile of its share follows."""
    R = np.eye(4)
    R[0, 1:3] = R[1:3, 0] = 0.5
    m = ll.Moments.from_correlations(R, ["y", "a", "b", "idle"], n=2000, provenance=MADE_UP)
    found = ll.drivers.above_noise(m, "y", ["a", "b", "idle"], method="first", draws=m.draws(n_draws=4000, seed=3))
    assert found.tidy().set_index("term")["share_noise"]["idle"] == pytest.approx(3.841 / 2000 / 0.5, rel=0.1)
    assert found.terms == ("a", "b") and found.stat("first_above").value == 2
    with pytest.raises(ModelError, match="above_noise\\(\\) needs draws"):
        ll.drivers.above_noise(m, "y", ["a", "b"])


def test_indicators_do_not_depend_on_the_answer_left_out():
    rng = np.random.default_rng(1)
    plan = rng.integers(1, 4, 200)
    x = rng.normal(size=200)
    y = x + np.array([0, 1.0, -1.0])[plan - 1] + rng.normal(size=200)
    results = []
    for order in ([1, 2, 3], [3, 1, 2]):
        values = {code: {"en": f"p{code}", "nl": f"p{code}"} for code in order}
        items = {
            name: ll.codebook.Item(
                name, {"en": name, "nl": name}, role="covariate", values=values if name == "plan" else {}
            )
            for name in ("plan", "x", "y")
        }
        book = ll.Codebook(
            "b", {"en": "B", "nl": "B"}, items, {}, {"en": "made up", "nl": "verzonnen"}, tier="synthetic"
        )
        survey, members = ll.read_survey(pd.DataFrame({"plan": plan, "x": x, "y": y}), book).with_indicators("plan")
        assert len(members) == 2
        results.append(
            ll.importance(
                survey.moments(["y", *members, "x"]), "y", {"plan": members, "quality": ["x"]}, players="blocks"
            )
        )
    np.testing.assert_allclose(results[0].estimates, results[1].estimates, atol=1e-12)
    between = (
        sum((plan == c).sum() * (y[plan == c].mean() - y.mean()) ** 2 for c in (1, 2, 3)) / ((y - y.mean()) ** 2).sum()
    )
    assert ll.importance(
        survey.moments(["y", *members]), "y", {"plan": members}, players="blocks"
    ).r_squared == pytest.approx(between)


def test_sampled_lmg_is_within_its_stated_error():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(400, 12)) + rng.normal(size=(400, 1))
    names = [f"x{i}" for i in range(12)]
    frame = pd.DataFrame(x, columns=names).assign(y=x @ rng.normal(size=12) + rng.normal(size=400))
    m = ll.Moments.from_frame(frame, ["y", *names], provenance=MADE_UP)
    exact = ll.importance(m, "y", names[:10], covariates=names[10:])
    ratios = []
    for seed in range(30):
        sampled = ll.drivers.sampled_lmg(m, "y", names[:10], covariates=names[10:], n_orders=400, seed=seed)
        assert sampled.estimates.sum() == pytest.approx(exact.estimates.sum(), abs=1e-10)
        ratios.append((sampled.estimates - exact.estimates) / sampled.sampling_error)
    assert 0.8 < np.std(ratios) < 1.2, "the stated error is the error made"
    assert "sampling_error" in sampled.tidy()


def test_forty_drivers_are_refused_exactly_and_can_be_sampled():
    names = [f"x{i}" for i in range(40)]
    m = ll.Moments.from_correlations(np.eye(41) * 0.7 + 0.3, ["y", *names], n=500, provenance=MADE_UP)
    with pytest.raises(
        ModelError, match=r"^40 drivers: lmg visits 1\.1e\+12 models, about .* More than 32 drivers are not "
    ):
        ll.importance(m, "y", names, division="exact")
    found = ll.drivers.sampled_lmg(m, "y", names, n_orders=400)
    np.testing.assert_allclose(found.estimates, found.r_squared / 40, rtol=0.3)
    with pytest.raises(ModelError, match="n_orders is 101; allowed: an even number"):
        ll.drivers.sampled_lmg(m, "y", names, n_orders=101)


# ---- missing answers ---------------------------------------------------------------------------------------------------


def gaps(seed, n=500):
    """y on a and b; b is missing more often where a is high, so that complete rows are a biased sample."""
    rng = np.random.default_rng(seed)
    R = np.array([[1, 0.6, 0.5], [0.6, 1, 0.4], [0.5, 0.4, 1.0]])
    frame = pd.DataFrame(rng.normal(size=(n, 3)) @ np.linalg.cholesky(R).T, columns=["y", "a", "b"])
    hidden = rng.random(n) < 1 / (1 + np.exp(-3 * frame["y"]))
    return frame.assign(b=frame["b"].mask(hidden)), ll.kernels.attribution.shapley(R, (1, 1))


@pytest.mark.slow
def test_imputation_recovers_what_complete_rows_miss():
    truth, pooled, complete = None, [], []
    for seed in range(12):
        frame, lmg = gaps(seed)
        truth = lmg / lmg.sum()
        found = ll.drivers.imputed_importance(
            frame, "y", ["a", "b"], provenance=MADE_UP, n_imputations=8, n_draws=100, seed=seed
        )
        pooled.append(found.tidy()["share"].to_numpy())
        complete.append(ll.importance(ll.Moments.from_frame(frame, provenance=MADE_UP), "y", ["a", "b"]).estimates)
    assert np.mean(pooled, axis=0) == pytest.approx(truth, abs=0.04)
    whole = gaps(0)[1]
    assert np.mean(complete, axis=0).sum() < 0.75 * whole.sum(), "complete rows understate what is explained"


def test_without_gaps_imputation_changes_nothing(rows):
    found = ll.drivers.imputed_importance(
        rows, "loyalty", NAMES[1:], provenance=MADE_UP, n_imputations=5, n_draws=100
    ).tidy()
    plain = ll.importance(ll.Moments.from_frame(rows, NAMES, provenance=MADE_UP), "loyalty", NAMES[1:])
    np.testing.assert_allclose(found["share"], plain.shares, atol=1e-10)
    np.testing.assert_allclose(found["missing_information"], 0, atol=1e-12)


def test_pooling_equals_rs_mice():
    """mice 3.15 of R 4.2.2: pool.scalar(Q = c(1, 2, 4, 4.5, 3), U = c(2, 2.5, 1.5, 2, 2.2), n = 100, k = 3)."""
    found = over_imputations(np.array([[1.0, 2, 4, 4.5, 3]]).T, np.array([[2.0, 2.5, 1.5, 2, 2.2]]).T, 97)
    T, df, part = 4.5, 10.21280738617941, 0.54666666666666667
    assert found.estimate[0] == pytest.approx(2.9) and found.std_error[0] ** 2 == pytest.approx(T)
    assert found.df[0] == pytest.approx(df) and found.missing[0] == pytest.approx(part)


def test_the_imputation_model_fits_the_moments_of_complete_data(rows):
    x, w = rows[NAMES].to_numpy(), np.arange(1.0, len(rows) + 1)
    found = fit_normal(x, w, patterns(x))
    np.testing.assert_allclose(found.mean, np.average(x, axis=0, weights=w), atol=1e-10)
    np.testing.assert_allclose(found.cov, np.cov(x.T, aweights=w, ddof=0), atol=1e-10)


def test_a_pair_never_asked_together_is_refused_by_name():
    frame = pd.DataFrame(np.random.default_rng(3).normal(size=(200, 4)), columns=["y", "a", "b", "c"])
    frame.loc[:99, "a"], frame.loc[100:, "b"] = np.nan, np.nan
    for how in (
        lambda: ll.drivers.imputed_importance(frame, "y", ["a", "b", "c"]),
        lambda: ll.survey.imputed_draws(coverage.survey_of(frame), ["y", "a", "b"]),
    ):
        with pytest.raises(DataError, match="a and b were both answered by 0 respondents; at least 10 are needed"):
            how()


def test_imputed_blocks_add_up_and_follow_the_design():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(240, 4)), columns=["y", "a", "b", "c"])
    frame = frame.assign(
        y=frame["y"] + frame["a"] + 0.5 * frame["b"], w=rng.uniform(0.5, 2, 240), g=np.repeat(range(24), 10)
    )
    frame.loc[rng.random(240) < 0.2, "b"] = np.nan
    blocks = {"first": ["a"], "rest": ["b", "c"]}
    found = ll.drivers.imputed_importance(
        coverage.survey_of(frame, weight="w", cluster="g"), "y", blocks, n_imputations=6, n_draws=100
    )
    assert found.blocks().tidy()["share"].sum() == pytest.approx(1) and found.df_complete == 23
    rows, gap = found.tidy(), found.contrast("first", "rest")
    assert gap.row["estimate"] == pytest.approx(rows["share"][0] - rows["share"][1:].sum())
    assert (rows["share_conf_low"] > 0).all() and gap.verdict == "more" and gap.row["conf_high"] < 1
    plain = ll.drivers.imputed_importance(frame, "y", blocks, n_imputations=6, n_draws=100)
    assert not np.allclose(plain.tidy()["share"], rows["share"], atol=1e-3)
    with pytest.raises(UnknownName, match="driver or block 'last'"):
        found.contrast("first", "last")


def test_moments_over_gaps_are_those_of_complete_rows_where_there_are_none_and_wider_where_there_are():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.normal(size=(300, 3)), columns=["y", "a", "b"]).assign(w=rng.uniform(1, 2, 300))
    frame["y"] += frame["a"]
    survey = coverage.survey_of(frame, weight="w")
    m, draws = ll.survey.imputed_draws(survey, ["y", "a", "b"], n_draws=200)
    np.testing.assert_allclose(m.corr, survey.moments(["y", "a", "b"]).corr, atol=1e-10)
    np.testing.assert_allclose(draws.corr, survey.draws(["y", "a", "b"], n_draws=200).corr, atol=1e-8)
    frame.loc[rng.random(300) < 0.4, "a"] = np.nan
    gaps, drawn = ll.survey.imputed_draws(coverage.survey_of(frame, weight="w"), ["y", "a", "b"], n_draws=200)
    assert int(gaps.n) == 300 and drawn.corr[:, 0, 1].std() > 1.05 * draws.corr[:, 0, 1].std()


@pytest.mark.slow
def test_few_respondents_hold_the_largest_share_too_seldom_and_enough_hold_it():
    """What the rule `steady_shares` rests on; a binomial standard error is 2 points."""
    few, enough = (next(coverage.by_rank(200, sizes=(n,)))[1] for n in (30, int(ll.core.RULES["steady_shares"][0])))
    assert few["1"] < 0.88 < 0.9 < enough["1"] and enough["difference of blocks"] > 0.9


@pytest.mark.slow
def test_intervals_over_gaps_hold_the_truth():
    (_, found), = coverage.imputed(40, sizes=(100,))  # fmt: skip
    assert found["largest"] >= 0.85 and found["difference"] >= 0.85 and found["below 0"] == 0
    assert found["largest, EM"] >= 0.8 and found["difference, EM"] >= 0.85


def test_a_survey_read_with_imputed_gaps_leaves_nobody_out_who_answered_something(tmp_path):
    frame, _ = gaps(1)
    survey = coverage.survey_of(frame.iloc[:200])
    book = survey.codebook
    kept = ll.read_survey(frame.iloc[:200], book, missing="imputed")
    names = ["y", "a", "b"]
    sample, draws = ll.survey.imputed_draws(survey, names, n_draws=100, seed=5)
    np.testing.assert_allclose(kept.moments(names).cov, sample.cov)
    np.testing.assert_allclose(kept.draws(names, n_draws=100, seed=5).cov, draws.cov)
    assert kept.moments(names).n > survey.moments(names).n
    counted = kept.sample(names).glance().iloc[0]
    assert counted["n_left_out"] == 200 - kept.moments(names).n
    assert counted["n_filled"] == survey.sample(names).tidy()["n_missing"].sum()
    assert type(kept.excluding()) is type(kept), "what is chosen from it is read the same way"
    with pytest.raises(ModelError, match="these are possible: interval percentile, basic, normal"):
        kept.jackknife(names)


def test_respondents_who_answered_nothing_are_refused(rows):
    frame = rows[NAMES].copy()
    frame.iloc[:2] = np.nan
    with pytest.raises(DataError, match="fewer than 10 of 60 respondents answered none of"):
        ll.drivers.imputed_importance(frame, "loyalty", NAMES[1:], provenance=MADE_UP)


# ---- the order in which drivers and groups stand --------------------------------------------------------------------------


def of_a_table(frame, drivers):
    """A printed table of these drivers, and draws of it."""
    table = ll.Moments.from_correlations(frame.corr().to_numpy(), list(frame), n=150, provenance=MADE_UP)
    return table.select(["y", *drivers]), table.select(["y", *drivers]).draws(n_draws=100)


def divided(frame, drivers, **options):
    table, draws = of_a_table(frame, drivers)
    return ll.importance(table, "y", drivers, draws=draws, **options)


def in_orders(frame, drivers):
    table, draws = of_a_table(frame, drivers)
    return ll.drivers.sampled_lmg(table, "y", drivers, n_orders=100, draws=draws)


def over_gaps(frame, drivers):
    holes = frame.mask(np.random.default_rng(6).random(frame.shape) < 0.1).dropna(how="all")
    return ll.drivers.imputed_importance(holes, "y", drivers, n_imputations=5, n_draws=100, provenance=MADE_UP)


def possible(frame, drivers):
    r = frame.corr().loc["y", list(drivers)]
    return ll.drivers.sensitivity(r, drivers, n=150, compare=("a", "b"), n_draws=100, provenance=MADE_UP)


def in_blocks(drivers):
    return {block: [name for name in drivers if name in members] for block, members in (("one", "abc"), ("two", "de"))}


def planned(frame, drivers, **options):
    table, _ = of_a_table(frame, drivers)
    return ll.plan(table, "y", in_blocks(drivers), n=(200, 300, 400), n_simulations=100, n_draws=100, **options)


def made_shorter(frame, drivers):
    table, draws = of_a_table(frame, drivers)
    return ll.drivers.index_length(table, ["y"], *in_blocks(drivers).items(), draws=draws, most=5)


BY_CHANCE = {
    "draws of a printed table": divided,
    "draws in sampled orders": lambda *asked: divided(*asked, division="sampled", n_orders=100),
    "sampled orders": in_orders,
    "gaps filled in": over_gaps,
    "what inter-correlations can be": possible,
    "a plan": planned,
    "a plan for a difference": lambda *asked: planned(*asked, difference=0.1, reliability={"y": 0.9, "e": 0.7}),
    "shorter indices": made_shorter,
}


@pytest.mark.slow
@pytest.mark.parametrize("what", BY_CHANCE)
def test_what_is_drawn_for_a_driver_does_not_depend_on_where_it_stands(what):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(150, 1)) + rng.normal(size=(150, 6)), columns=["y", *"abcde"])
    one, other = (BY_CHANCE[what](frame, list(drivers)).tidy() for drivers in ("abcde", "dbeca"))
    one, other = one.set_index(one.columns[0]), other.set_index(one.columns[0])
    assert set(one.index) == set(other.index)
    numbers = one.select_dtypes("number").columns
    np.testing.assert_allclose(other.loc[one.index, numbers], one[numbers], rtol=0, atol=1e-6)


def test_groups_have_the_same_draws_in_whatever_order_a_codebook_names_them():
    survey = ll.simulate(n=600, seed=1)
    book, segment = survey.codebook, survey.codebook.items["sector"]
    turned = msgspec.structs.replace(segment, values=dict(reversed(segment.values.items())))
    again = replace(survey, codebook=replace(book, items={**book.items, "sector": turned}))
    blocks, options = {"emotional": ["EMOTION"], "rational": ["RATIONAL"]}, {"n_draws": 100, "seed": 1}
    for analysis in (
        lambda asked: ll.contrasts.segment_contrasts(
            asked, "LOYALTY", blocks, *blocks, by=["sector"], **options
        ).tidy(),
        lambda asked: ll.compare_segments(
            ll.drivers.importance_of_parts(asked.split("sector"), "LOYALTY", blocks, **options), *blocks
        ).tidy(),
        lambda asked: ll.drivers.leave_groups_out(asked, "LOYALTY", blocks, *blocks, by="sector", n_draws=100).tidy(),
    ):
        one, other = map(analysis, (survey, again))
        by = one.select_dtypes(exclude="number").columns.tolist()
        one, other = one.set_index(by), other.set_index(by)
        assert list(one.index) != list(other.index)
        pd.testing.assert_frame_equal(other.loc[one.index], one, rtol=1e-12)
