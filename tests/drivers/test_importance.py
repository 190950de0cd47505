"""Importance against relaimpo, domir and rwa, against printed tables, and against itself."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import loyaltylab as ll
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.drivers.comparisons import SegmentContrasts
from loyaltylab.drivers.decomposition import Contrast
from loyaltylab.exhibits.style import laid_out, sized

from ..conftest import MADE_UP, REFERENCE, reference_folders


@pytest.mark.parametrize("folder", reference_folders(having="drivers"), ids=lambda folder: folder.name)
def test_equals_the_reference(folder):
    origin = json.loads((folder / "origin.json").read_text())
    expected = pd.read_csv(folder / "expected.csv", keep_default_na=False)
    m = ll.Moments.from_frame(pd.read_csv(folder / "input.csv"), weight=origin.get("weight"), provenance=MADE_UP)
    covariates = origin.get("covariates", [])
    model = {
        "outcome": origin["outcome"],
        "drivers": origin["drivers"],
        "covariates": covariates,
        "players": origin.get("players", "drivers"),
        "after": origin.get("after"),
    }
    for method in set(expected["method"]) & set(ll.METHODS):
        found = ll.importance(m, **model, method=method).tidy().set_index("term")["estimate"]
        wanted = expected[expected["method"] == method].set_index("term")["value"].astype(float)
        np.testing.assert_allclose(found[wanted.index], wanted, rtol=0, atol=1e-10, err_msg=method)
    totals = expected[expected["term"] == ""].set_index("method")["value"].astype(float)
    assert len(totals)
    row = ll.importance(m, **model).glance()
    for name, value in totals.items():
        assert row[name].iloc[0] == pytest.approx(value, abs=1e-10)


def test_every_reference_compares_at_least_one_method():
    for folder in reference_folders(having="drivers"):
        assert set(pd.read_csv(folder / "expected.csv")["method"]) & set(ll.METHODS), folder.name


def test_saved_bootstrap_rows_reproduce_the_replicates_of_r():
    folder = REFERENCE / "bootstrap_swiss"
    frame, expected = pd.read_csv(folder / "input.csv"), pd.read_csv(folder / "expected.csv")
    rows = pd.read_csv(folder / "indices.csv", header=None).to_numpy() - 1
    names = list(frame)
    draws = ll.Moments.bootstrap(frame, names, rows=rows, provenance=MADE_UP)
    imp = ll.importance(ll.Moments.from_frame(frame, provenance=MADE_UP), names[0], names[1:], draws=draws)
    assert imp.draw_estimates.shape == expected.shape == (399, 5)
    np.testing.assert_allclose(imp.draw_estimates, expected[list(imp.terms)], rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("drivers", "shares", "r_squared"),
    [
        (["COMP", "LIKE"], [24.7, 75.3], 0.374),
        (["COMP", "LIKE", "CUSA"], [11.6, 33.9, 54.5], 0.561),
        (["COMP", "LIKE", "QUAL", "PERF", "CSOR", "ATTR"], [8.9, 39.0, 23.7, 11.4, 7.1, 9.8], 0.414),
    ],
)
def test_corporate_reputation_rows(corp_rep, drivers, shares, r_squared):
    imp = ll.importance(corp_rep.moments(["CUSL", *drivers]), "CUSL", drivers)
    np.testing.assert_allclose(100 * imp.shares, shares, atol=0.0501)
    assert imp.r_squared == pytest.approx(r_squared, abs=0.0005)
    assert imp.n == 344


def betas(m, outcome, drivers):
    R = m.select([outcome, *drivers]).corr
    return np.linalg.solve(R[1:, 1:], R[1:, 0])


def test_corporate_reputation_rows_regression(corp_rep):
    m = corp_rep.moments(["CUSL", "COMP", "LIKE", "CUSA"])
    np.testing.assert_allclose(betas(m, "CUSA", ["COMP", "LIKE"]), [0.139, 0.435], atol=0.0005)
    np.testing.assert_allclose(betas(m, "CUSL", ["COMP", "LIKE", "CUSA"]), [0.004, 0.339, 0.511], atol=0.0005)


@pytest.mark.parametrize(
    ("table", "outcome", "drivers", "printed", "r_squared", "rounding"),
    [
        # Half of the last printed digit, and for the two-decimal table of Wetzels et al. a tenth more.
        ("corporate_reputation_simple", "CUSA", ["COMP", "LIKE"], [0.162, 0.424], 0.295, 0.00055),
        ("corporate_reputation_simple", "CUSL", ["COMP", "LIKE", "CUSA"], [0.009, 0.342, 0.504], 0.562, 0.00055),
        ("corporate_reputation", "CUSA", ["COMP", "LIKE"], [0.146, 0.436], 0.292, 0.00055),
        ("corporate_reputation", "COMP", ["QUAL", "PERF", "CSOR", "ATTR"], [0.430, 0.295, 0.059, 0.086], 0.631, 0.00055),
        ("corporate_reputation", "LIKE", ["QUAL", "PERF", "CSOR", "ATTR"], [0.380, 0.117, 0.178, 0.167], 0.558, 0.00055),
        ("mobi", "SAT", ["IMAG", "EXPE", "QUAL", "VAL"], [0.179, 0.063, 0.512, 0.195], 0.681, 0.00055),
        ("mobi", "LOY", ["IMAG", "SAT", "COM"], [0.196, 0.485, 0.067], 0.457, 0.00055),
        ("hedonic_utilitarian", "AttLoyalty", ["VisualAppeal", "Entertainment", "Escapism", "Enjoyment", "Excellence", "Efficiency", "EconomicValue"],
         [0.335, -0.028, 0.238, 0.063, 0.243, 0.130, 0.081], 0.572, 0.0006),
    ],
)  # fmt: skip
def test_published_tables_give_the_printed_paths(table, outcome, drivers, printed, r_squared, rounding):
    m = ll.read_table(table).moments([outcome, *drivers])
    np.testing.assert_allclose(betas(m, outcome, drivers), printed, atol=rounding)
    assert ll.importance(m, outcome, drivers).r_squared == pytest.approx(r_squared, abs=rounding)


@pytest.mark.parametrize(
    ("table", "outcome", "expected"),
    [
        ("hedonic_utilitarian", "AttLoyalty", {"emotional": 0.345, "rational": 0.227}),
        ("hedonic_utilitarian", "BehLoyalty", {"emotional": 0.191, "rational": 0.149}),
    ],
)
def test_published_block_decompositions(table, outcome, expected):
    source = ll.read_table(table)
    blocks = source.codebook.blocks()
    found = ll.importance(source.moments([outcome, *ll.flatten(blocks)]), outcome, blocks).blocks()
    assert dict(zip(found.terms, found.estimates, strict=True)) == pytest.approx(expected, abs=0.0006)


@pytest.mark.parametrize("method", ll.METHODS)
def test_rescaling_changes_nothing(rows, method):
    names = ["loyalty", "trust", "joy", "price", "speed"]
    before = ll.importance(ll.Moments.from_frame(rows, names, provenance=MADE_UP), "loyalty", names[1:], method=method)
    rescaled = rows.assign(trust=1e6 + 1000 * rows["trust"], loyalty=3 * rows["loyalty"] - 7)
    after = ll.importance(
        ll.Moments.from_frame(rescaled, names, provenance=MADE_UP), "loyalty", names[1:], method=method
    )
    np.testing.assert_allclose(after.estimates, before.estimates, atol=1e-10)


def fitted(rows, **options):
    names = ["loyalty", "trust", "joy", "price", "speed"]
    m = ll.Moments.from_frame(rows, names, provenance=MADE_UP)
    draws = ll.Moments.bootstrap(rows, names, n_draws=400, seed=1, provenance=MADE_UP)
    blocks = {"emotional": ("trust", "joy"), "rational": ("price", "speed")}
    return ll.importance(m, "loyalty", blocks, draws=draws, **options)


def test_blocks_are_sums_and_contrasts_are_differences_draw_by_draw(rows):
    imp = fitted(rows)
    blocks = imp.blocks()
    np.testing.assert_allclose(blocks.estimates, [imp.estimates[:2].sum(), imp.estimates[2:].sum()])
    np.testing.assert_allclose(blocks.draw_estimates[:, 0], imp.draw_estimates[:, :2].sum(axis=1))
    gap = imp.contrast("emotional", "rational")
    assert gap.estimate == pytest.approx(blocks.shares[0] - blocks.shares[1])
    row = gap.tidy().iloc[0]
    ordered = np.sort(blocks.draw_shares[:, 0] - blocks.draw_shares[:, 1])
    assert ordered[9] <= row["conf_low"] <= ordered[10] and ordered[389] <= row["conf_high"] <= ordered[390]
    assert imp.contrast("rational", "emotional").estimate == pytest.approx(-gap.estimate)
    assert imp.contrast("trust", "price").estimate == pytest.approx(imp.shares[0] - imp.shares[2])


def test_per_driver_contrasts_do_not_favour_the_larger_block(rows):
    imp = fitted(rows)
    uneven = ll.importance(
        ll.Moments.from_frame(rows, NAMES, provenance=MADE_UP),
        "loyalty",
        {"emotional": ("trust",), "rational": ("joy", "price", "speed")},
    )
    shares = uneven.shares
    assert uneven.contrast("emotional", "rational", of="mean").estimate == pytest.approx(shares[0] - shares[1:].mean())
    assert imp.contrast("emotional", "rational", of="mean").estimate == pytest.approx(
        imp.contrast("emotional", "rational").estimate / 2
    )
    assert uneven.blocks().value("rational", "n_drivers").value == 3


def test_verdict_follows_the_interval(rows):
    assert fitted(rows).contrast("trust", "speed").verdict == "more"
    assert fitted(rows).contrast("speed", "trust").verdict == "less"
    assert fitted(rows).contrast("joy", "price").verdict == "undecided"


@pytest.mark.slow
def test_percentile_intervals_cover_the_truth_about_as_often_as_they_say():
    """200 samples of a population with a known LMG: a 90 % interval should hold it in 80–97 % of them."""
    rng = np.random.default_rng(7)
    R = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1.0]])
    truth = ll.kernels.attribution.shapley(R, (1, 1))
    root = np.linalg.cholesky(R)
    held = 0
    for repeat in range(200):
        frame = pd.DataFrame(rng.normal(size=(150, 3)) @ root.T, columns=["y", "a", "b"])
        draws = ll.Moments.bootstrap(frame, ["y", "a", "b"], n_draws=300, seed=repeat, provenance=MADE_UP)
        imp = ll.importance(
            ll.Moments.from_frame(frame, provenance=MADE_UP), "y", ["a", "b"], draws=draws, conf_level=0.9
        )
        row = imp.tidy().iloc[0]
        held += row["conf_low"] <= truth[0] <= row["conf_high"]
    assert 160 <= held <= 194


def test_wishart_draws_agree_with_resampled_rows_in_width():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(2000, 3)) + rng.normal(size=(2000, 1)), columns=["y", "a", "b"])
    m = ll.Moments.from_frame(frame, provenance=MADE_UP)
    table = ll.Moments.from_correlations(m.corr, m.names, n=2000, provenance=MADE_UP)
    theory = ll.importance(table, "y", ["a", "b"], draws=table.draws(n_draws=2000, seed=1)).tidy()["std_error"]
    resampled = ll.Moments.bootstrap(frame, m.names, n_draws=2000, seed=2, provenance=MADE_UP)
    np.testing.assert_allclose(theory, ll.importance(m, "y", ["a", "b"], draws=resampled).tidy()["std_error"], rtol=0.1)


def test_head_to_head_is_lmg_of_two(rows):
    names = ["loyalty", "trust", "joy", "price", "speed"]
    m = ll.Moments.from_frame(rows, names, provenance=MADE_UP)
    pairs = ll.head_to_head(m, "loyalty", {"e": ("trust", "joy"), "r": ("price",)}, "e", "r")
    r = m.corr
    r2 = ll.kernels.linalg.r_squared(m.select(["loyalty", "trust", "price"]).corr)
    by_hand = (r[0, 1] ** 2 + r2 - r[0, 3] ** 2) / 2 / r2
    assert pairs.value(("trust", "price"), "share").value == pytest.approx(by_hand)
    assert pairs.stat("n_pairs").value == 2
    one, other = (Contrast("a", "b", gap, None, 60, MADE_UP) for gap in (0.1, -0.1))
    told = [replace(pairs, contrasts=found).finding for found in ((one, one), (other, other), (one, other))]
    assert told == ["same", "same", "depends"]
    lowest, highest = pairs.extremes
    assert pairs.value(lowest, "share").value <= pairs.value(highest, "share").value


def test_segments_differ_only_where_the_interval_says_so(rows):
    one = fitted(rows)
    same = ll.compare_segments({"a": one, "b": one}, "emotional", "rational")
    assert same.verdict == "undecided"
    turned = fitted(rows.assign(loyalty=rows["speed"] * 3 + rows["loyalty"] * 0.1))
    apart = ll.compare_segments({"a": one, "b": turned}, "emotional", "rational")
    assert apart.verdict == "differ"
    d, s = (apart.tidy()[name] for name in ("estimate", "std_error"))
    assert apart.stat("cochran_q").value == pytest.approx((d[0] - d[1]) ** 2 / (s[0] ** 2 + s[1] ** 2))
    bare = Contrast("emotional", "rational", 0.1, None, 60, MADE_UP)
    unsure = SegmentContrasts({"a": bare, "b": bare}, "emotional", "rational", MADE_UP)
    with pytest.raises(ModelError, match="a, b: no standard error above 0"):
        _ = unsure.verdict


def many_segments(k, seed=1, spread=0.0):
    rng = np.random.default_rng(seed)
    estimates = 0.1 + spread * rng.normal(size=k) + 0.1 * rng.normal(size=k)
    draws = estimates[:, None] + 0.1 * rng.normal(size=(k, 400))
    found = {
        f"S{i}": Contrast("emotional", "rational", float(d), draws[i], 25, MADE_UP) for i, d in enumerate(estimates)
    }
    return SegmentContrasts(found, "emotional", "rational", MADE_UP)


@pytest.mark.slow
def test_of_4000_segments_one_test_answers_and_no_pair_is_made():
    alike, apart = many_segments(4000), many_segments(4000, spread=0.1)
    assert (alike.verdict, apart.verdict) == ("undecided", "differ")
    assert alike.stat("df").value == 3999
    with pytest.raises(DataError, match="4,000 segments make 7,998,000 pairs; allowed: 40 segments"):
        apart.between()
    assert len(many_segments(40).between()) == 780


@pytest.mark.slow
@pytest.mark.parametrize(("language", "said"), [("en", "360 are not shown"), ("nl", "360 zijn niet getoond")])
def test_of_many_segments_both_ends_are_drawn_shrunken(language, said):
    result = many_segments(380, spread=0.1)
    overall = Contrast("emotional", "rational", 0.1, np.full(50, 0.1) + np.arange(50) / 1e3, 9500, MADE_UP)
    look = {"id": "fig-x", "title": "T", "labels": {}, "language": language}
    exhibit = ll.exhibits.plot_segments(result, overall, **look)
    assert said in exhibit.caption and "Efron & Morris 1975" in exhibit.caption
    assert len(exhibit.data) == 380 and exhibit.size[1] < 9
    figure = laid_out(exhibit.draw, sized(exhibit.size))
    texts = [text.get_text() for text in figure.axes[0].texts]
    gap = {"en": "… 360 groups between, not drawn", "nl": "… 360 groepen ertussen, niet getekend"}[language]
    assert gap in texts and len(figure.axes[0].get_yticks()) == 22
    few = ll.exhibits.plot_segments(many_segments(40), overall, **look)
    assert len(few.data) == 41 and "1975" not in few.caption


def test_comparison_measures_agreement(rows):
    results = [fitted(rows, method=method) for method in ("lmg", "relative_weights", "first", "last")]
    comparison = ll.compare(results)
    assert comparison.same_first
    shares = np.array([result.shares for result in results])
    assert comparison.stat("largest_difference").value == pytest.approx(np.ptp(shares, axis=0).max())
    assert -1 <= comparison.stat("agreement").value <= 1


NAMES = ["loyalty", "trust", "joy", "price", "speed"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"method": "lgm"}, UnknownName, f"method 'lgm' does not exist; did you mean 'lmg'? Possible: {', '.join(ll.METHODS)}."),
        ({"drivers": ["trust", "trsut"]}, UnknownName, "variable 'trsut' does not exist; did you mean 'trust'? Possible: loyalty, trust, joy, price, speed. Rebuild the moments with 'trsut' among the variables."),
        ({"drivers": ["trust", "loyalty"]}, DataError, "'loyalty' is the outcome and cannot also be a driver or covariate."),
        ({"drivers": {"a": ["trust"], "b": ["trust", "joy"]}}, DataError, "driver 'trust' stands twice (in a, b); a driver belongs to one block."),
        ({"drivers": {"a": []}}, DataError, "there are no drivers, or a block is empty; name at least one driver in each block."),
        ({"drivers": {"trust": ["trust", "joy"]}}, DataError, "'trust' is both a driver and a block; give the block another name."),
        ({"drivers": ["trust"], "covariates": ["trust"]}, DataError, "trust: cannot be driver and covariate at once."),
        ({"players": "items"}, UnknownName, "players 'items' does not exist. Possible: drivers, blocks, nested."),
        ({"method": "relative_weights", "players": "blocks"}, ModelError, "'relative_weights' has no form for whole blocks; sum its drivers with .blocks(), or use lmg, dominance, pmvd, first, last."),
        ({"conf_level": 95}, ModelError, "conf_level is 95; allowed: between 0 and 1, such as 0.95."),
    ],
)  # fmt: skip
def test_wrong_input_is_one_clear_message(rows, options, error, message):
    m = ll.Moments.from_frame(rows, NAMES, provenance=MADE_UP)
    with pytest.raises(error) as caught:
        ll.importance(m, "loyalty", **({"drivers": NAMES[1:]} | options))
    assert str(caught.value) == message


def test_after_is_refused_where_it_means_nothing(rows):
    m = ll.Moments.from_frame(rows, NAMES, provenance=MADE_UP)
    cases = [
        (
            {"method": "first", "after": {"joy": ["trust"]}},
            ModelError,
            "after= is for method 'lmg' with players 'drivers'",
        ),
        ({"after": {"joy": ["trsut"]}}, UnknownName, "variable 'trsut' does not exist; did you mean 'trust'"),
        ({"after": {"joy": ["trust"], "trust": ["joy"]}}, ModelError, "each is to enter after the other"),
    ]
    for options, error, message in cases:
        with pytest.raises(error, match=message):
            ll.importance(m, "loyalty", NAMES[1:], **options)


def test_dependent_drivers_are_named(rows):
    frame = rows.assign(total=rows["trust"] + rows["joy"])
    m = ll.Moments.from_frame(frame, [*NAMES, "total"], provenance=MADE_UP)
    with pytest.raises(ModelError, match=r"^trust, joy, total: each is determined exactly by the others"):
        ll.importance(m, "loyalty", ["trust", "joy", "price", "speed", "total"])


def test_a_constant_driver_is_named(rows):
    m = ll.Moments.from_frame(rows.assign(speed=7.1), NAMES, provenance=MADE_UP)
    with pytest.raises(ModelError, match=r"^speed: everyone has the same value"):
        ll.importance(m, "loyalty", NAMES[1:])


def test_fewer_respondents_than_drivers(rows):
    m = ll.Moments.from_frame(rows.head(5), NAMES, provenance=MADE_UP)
    with pytest.raises(
        ModelError, match=r"^fewer than 10 complete respondents are too few for 4 drivers and covariates"
    ):
        ll.importance(m, "loyalty", NAMES[1:])


def test_non_additive_estimates_are_not_summed(rows):
    with pytest.raises(ModelError, match="do not add up"):
        fitted(rows, method="first").blocks()


def test_draws_without_variation_are_counted_not_used():
    """A driver that all but one of 40 share is constant in about a third of the draws; that many is refused."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(40, 3)), columns=["y", "a", "b"]).assign(b=[1.0] + [0.0] * 39)
    m = ll.Moments.from_frame(frame, provenance=MADE_UP)
    draws = ll.Moments.bootstrap(frame, ["y", "a", "b"], n_draws=200, seed=1, provenance=MADE_UP)
    with pytest.raises(ModelError, match=r"of 200 draws leave a driver without variation"):
        ll.importance(m, "y", ["a", "b"], draws=draws)
    frame["b"] = [1.0] * 5 + [0.0] * 35
    draws = ll.Moments.bootstrap(frame, ["y", "a", "b"], n_draws=2000, seed=1, provenance=MADE_UP)
    imp = ll.importance(ll.Moments.from_frame(frame, provenance=MADE_UP), "y", ["a", "b"], draws=draws)
    left_out = imp.stat("n_draws_left_out").value
    assert 0 < left_out < 40
    assert len(imp.draw_estimates) == 2000 - left_out
    assert np.isfinite(imp.draw_estimates).all()


# ---- from rows, a table or a frame ------------------------------------------------------------------------------------

VERBS = {
    "importance": ll.importance,
    "dominance": ll.dominance,
    "commonality": ll.commonality,
    "ols": ll.ols,
    "path_model": lambda data, outcome, drivers, **o: ll.path_model(data, {outcome: drivers}, **o),
    "reliability": lambda data, outcome, drivers, **o: ll.reliability(data, {"S": [outcome, *drivers]}, **o),
}
USED = ["loyalty", "trust", "price"]


@pytest.mark.parametrize("name", VERBS)
def test_a_frame_gives_the_numbers_of_its_moments_and_says_that_its_source_is_unstated(name, rows):
    verb, design = VERBS[name], {"provenance": MADE_UP}
    m = ll.Moments.from_frame(rows, USED, **design)
    draws = ll.Moments.bootstrap(rows, USED, n_draws=200, seed=7, **design)
    stated = verb(m, "loyalty", USED[1:], draws=draws)
    unstated = verb(rows, "loyalty", USED[1:], n_draws=200, seed=7)
    pd.testing.assert_frame_equal(unstated.tidy(), stated.tidy())
    pd.testing.assert_frame_equal(unstated.glance(), stated.glance())
    assert (stated.provenance.tier, unstated.provenance.tier) == ("synthetic", "unstated")
    assert unstated.provenance.steps == stated.provenance.steps
    without = verb(rows, "loyalty", USED[1:], n_draws=0)
    pd.testing.assert_frame_equal(without.tidy(), verb(m, "loyalty", USED[1:]).tidy())


@pytest.mark.slow
@pytest.mark.parametrize("name", VERBS)
def test_a_survey_brings_its_own_design_and_a_table_its_own_draws(name):
    verb, table = VERBS[name], ll.read_table("hedonic_utilitarian")
    survey = ll.simulate(n=400)
    for data, outcome, drivers in (
        (table, "AttLoyalty", ["Enjoyment", "Excellence"]),
        (survey, "LOYALTY", ["EMOTION", "BONDS"]),
    ):
        used = [outcome, *drivers]
        found = verb(data, outcome, drivers, n_draws=200, seed=3)
        by_hand = verb(data.moments(used), outcome, drivers, draws=data.draws(used, n_draws=200, seed=3))
        pd.testing.assert_frame_equal(found.tidy(), by_hand.tidy())
        assert found.provenance == by_hand.provenance and found.provenance.tier != "unstated"


def test_clusters_weights_and_strata_of_a_survey_are_those_of_the_draws(rows):
    items = {name: ll.codebook.Item(name, {"en": name, "nl": name}) for name in rows}
    book = ll.Codebook("made_up", {"en": "M", "nl": "M"}, items, {}, {"en": "made up", "nl": "verzonnen"})
    survey = ll.Survey(rows.assign(branch=np.arange(60) % 12, w=1 + np.arange(60) % 3), book, MADE_UP, "w", "branch")
    found = ll.importance(survey, "loyalty", USED[1:], n_draws=200)
    assert any("200 bootstrap draws of 12 clusters (branch), seed 1" in step for step in found.provenance.steps)
    assert any("weighted by w" in step for step in found.provenance.steps)


def test_two_thousand_draws_unless_asked_otherwise(rows):
    assert repr(ll.importance(rows, "loyalty", USED[1:])).endswith("n_draws 2,000")
    assert "n_draws" not in repr(ll.importance(rows, "loyalty", USED[1:], n_draws=0))


def test_a_square_frame_is_rows():
    square = pd.DataFrame(np.eye(12) + np.arange(12)[:, None] % 5, columns=[f"v{i}" for i in range(12)])
    assert ll.importance(square, "v0", ["v1", "v2"], n_draws=0).n == 12


def test_what_no_verb_can_take_is_named(rows):
    m = ll.Moments.from_frame(rows, USED)
    with pytest.raises(UnknownName, match="column 'truts' does not exist; did you mean 'trust'"):
        ll.importance(rows, "loyalty", ["truts", "price"])
    with pytest.raises(
        DataError, match=r"this takes a survey, a table, a data frame or moments, and what was given is a list"
    ):
        ll.importance([[1, 2]], "loyalty", USED[1:])
    for data, options in ((m, {}), (rows, {"draws": m.draws(n_draws=100)})):
        with pytest.raises(ModelError, match="n_draws= is for data that are drawn from here"):
            ll.importance(data, "loyalty", USED[1:], n_draws=200, **options)
    with pytest.raises(ModelError, match="50 draws are too few"):
        ll.dominance(rows, "loyalty", USED[1:], n_draws=50)
    with pytest.raises(ModelError, match="needs draws= and jackknife="):
        ll.importance(rows, "loyalty", USED[1:], interval="bca", n_draws=200)
    jackknife = ll.Moments.jackknife(rows, USED)
    assert ll.importance(rows, "loyalty", USED[1:], interval="bca", n_draws=200, jackknife=jackknife).interval == "bca"


def test_draws_of_a_known_source_do_not_make_an_unstated_one_known(rows):
    observed = ll.Provenance("observed", "a survey")
    m, draws = ll.Moments.from_frame(rows, USED), ll.Moments.bootstrap(rows, USED, n_draws=200, provenance=observed)
    for name, verb in VERBS.items():
        assert verb(m, "loyalty", USED[1:], draws=draws).provenance.tier == "unstated", name
    contrast = ll.contrasts.correlation_contrast(m, "loyalty", "trust", "price", draws=draws)
    assert contrast.provenance.tier == "unstated"


# ---- shares have no sign, drivers have -----------------------------------------------------------------------------------


def with_directions(n=600, seed=3):
    """Loyalty rises with trust, falls with hassle, and has nothing to do with colour."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    trust, hassle, colour, noise = rng.normal(size=(4, n))
    frame = pd.DataFrame({"loyalty": trust - 0.8 * hassle + noise, "trust": trust, "hassle": hassle, "colour": colour})
    return ll.importance(frame, "loyalty", {"good": ["trust", "colour"], "bad": ["hassle"]}, n_draws=400)


def test_a_driver_works_with_the_outcome_or_against_it_or_that_is_not_settled():
    found = with_directions()
    assert found.directions == {"trust": "with", "colour": "not settled", "hassle": "against"}
    assert found.against == ["hassle"] and found.value("hassle", "share").value > 0.2, "a share has no sign"
    coefficient = found.value("hassle", "coefficient")
    assert coefficient.conf_low < coefficient.value < coefficient.conf_high < 0
    assert found.blocks().directions == {} and "direction" not in found.blocks().tidy()
    bare = ll.importance(found_moments(), "loyalty", ["trust", "hassle"])
    assert bare.directions == {} and "direction" not in bare.tidy(), "without draws nothing is said"


def found_moments():
    R = [[1, 0.5, -0.4], [0.5, 1, 0.1], [-0.4, 0.1, 1]]
    return ll.Moments.from_correlations(
        R, ["loyalty", "trust", "hassle"], n=200, provenance=ll.Provenance("published", "t")
    )


def test_a_forgotten_reverse_turns_the_direction_and_nothing_else():
    import pandas as pd

    rng = np.random.default_rng(5)
    trust, joy, noise = rng.normal(size=(3, 500))
    frame = pd.DataFrame({"loyalty": trust + joy + noise, "trust": trust, "joy": joy})
    right = ll.importance(frame, "loyalty", ["trust", "joy"], n_draws=300)
    turned = ll.importance(frame.assign(joy=-joy), "loyalty", ["trust", "joy"], n_draws=300)
    np.testing.assert_allclose(right.shares, turned.shares)
    assert (right.against, turned.against) == ([], ["joy"])


@pytest.mark.slow
def test_a_driver_is_seldom_said_to_work_the_wrong_way():
    """Of a null driver one in ten at most is said to have a direction: two intervals of 95 %, mostly about one thing."""
    said = [with_directions(150, seed).directions for seed in range(60)]
    assert sum(one["colour"] != "not settled" for one in said) <= 8
    assert all(one["hassle"] != "with" and one["trust"] != "against" for one in said)


@pytest.mark.parametrize(("language", "word", "sign"), [("en", "works against it", "works against the outcome"), ("nl", "werkt tegen", "werkt de uitkomst tegen")])  # fmt: skip
def test_the_figure_and_the_table_say_which_drivers_work_against_the_outcome(language, word, sign):
    found = with_directions()
    labels = {"trust": "Trust", "hassle": "Hassle", "colour": "Colour"}
    figure = ll.exhibits.plot_importance(found, id="fig-d", title="T", labels=labels, language=language)
    assert "Hassle" in figure.alt and f"({word})" in figure.alt and sign in figure.caption
    figure.draw(drawn := Figure())
    assert {tick.get_text() for tick in drawn.axes[0].get_yticklabels()} == {"Trust", "Hassle (−)", "Colour (?)"}
    table = ll.exhibits.table_importance(found, id="tbl-d", title="T", labels=labels, language=language)
    assert word in table.data["way"].tolist()
