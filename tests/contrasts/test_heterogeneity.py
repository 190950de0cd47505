"""Do groups differ: against a case worked by hand, statsmodels, known truth and identities."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.meta_analysis import combine_effects

import loyaltylab as ll
from loyaltylab.contrasts import Inference
from loyaltylab.contrasts.correlations import meng_z
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.core.glossary import GLOSSARY
from loyaltylab.exhibits.style import WIDTHS, laid_out, sized, theme, too_tight
from loyaltylab.kernels.intervals import pooled

from ..conftest import MADE_UP

pytestmark = pytest.mark.slow

BLOCKS = {"emotional": ("trust", "joy"), "rational": ("price", "speed")}


def found(estimate, std_error, n=100, names=("emotional", "rational")):
    return Inference(*names, estimate, "difference of correlations", "made up", n, MADE_UP, std_error=std_error)


def several(estimates, std_errors, **options):
    rows = {f"provider {i}": found(d, s) for i, (d, s) in enumerate(zip(estimates, std_errors, strict=True))}
    return ll.heterogeneity(rows, **options)


# ---- pooling ------------------------------------------------------------------------------------------------------------


def test_three_groups_worked_by_hand():
    """Estimates .1, .2, .6 with standard errors .1, .1, .2.

    Weights 100, 100, 25 of 225: mean (10 + 20 + 15) / 225 = .2. Q = 100 · .01 + 0 + 25 · .16 = 5 on 2 df, and
    p = exp(−5/2). C = 225 − 20625/225 = 133.333, so τ² = 3 / 133.333 = .0225 and I² = 1 − 2/5 = .6. With τ² the weights
    are 1/.0325 = 30.769 twice and 1/.0625 = 16: mean (30.769 · .3 + 9.6) / 77.538 = .24286, error 77.538^−½ = .11356.
    """
    row = several([0.1, 0.2, 0.6], [0.1, 0.1, 0.2]).glance().iloc[0]
    assert row["cochran_q"] == pytest.approx(5) and row["df"] == 2 and row["p_value"] == pytest.approx(np.exp(-2.5))
    assert row["tau_squared"] == pytest.approx(0.0225) and row["i_squared"] == pytest.approx(0.6)
    assert row["estimate"] == pytest.approx(0.24286, abs=5e-6) and row["std_error"] == pytest.approx(0.11356, abs=5e-6)
    assert row["conf_high"] - row["estimate"] == pytest.approx(1.959964 * 0.113565, abs=1e-5)
    half = 12.7062 * np.sqrt(0.0225 + 1 / 77.5385)  # t with 1 degree of freedom
    assert row["prediction_high"] - row["estimate"] == pytest.approx(half, abs=1e-4)
    z = 1.959964 * (np.log(5) - np.log(2)) / (np.sqrt(10) - np.sqrt(3)) / 2
    h = np.exp(np.log(5 / 2) / 2 + np.array([-z, z]))
    assert row["i_squared_conf_low"] == pytest.approx(max(0, 1 - 1 / h[0] ** 2), abs=1e-6)
    assert row["i_squared_conf_high"] == pytest.approx(1 - 1 / h[1] ** 2, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_pooling_is_that_of_statsmodels(seed):
    rng = np.random.default_rng(seed)
    d, s = rng.normal(0.2, 0.2, 12), rng.uniform(0.05, 0.2, 12)
    ours, theirs = pooled(d, s), combine_effects(d, s**2, method_re="chi2")
    assert ours.tau_squared == pytest.approx(theirs.tau2, abs=1e-12)
    assert ours.random == pytest.approx(theirs.mean_effect_re, abs=1e-12)
    assert ours.random_std_error == pytest.approx(theirs.sd_eff_w_re, abs=1e-12)
    assert ours.fixed == pytest.approx(theirs.mean_effect_fe, abs=1e-12) and ours.q == pytest.approx(
        theirs.q, abs=1e-10
    )
    assert several(d, s).glance()["i_squared"].iloc[0] == pytest.approx(max(0, theirs.i2), abs=1e-12)


def test_the_interval_for_a_few_groups_is_that_of_hartung_and_knapp_with_a_floor():
    """That of statsmodels with Student's t; where it is below the normal error (estimates alike by chance), that error with t."""
    rng, above = np.random.default_rng(1), []
    for _ in range(20):
        d, s = rng.normal(0.2, 0.4, 4), rng.uniform(0.05, 0.2, 4)
        theirs = combine_effects(d, s**2, method_re="chi2", use_t=True)
        if theirs.tau2 < 0:
            continue  # statsmodels has no floor there, see `pooled`
        row = several(d, s, interval="hartung_knapp").glance().iloc[0]
        ends = theirs.conf_int()
        above.append(theirs.sd_eff_w_re_hksj > theirs.sd_eff_w_re)
        expected = ends[3] if above[-1] else ends[1]
        assert (row["conf_low"], row["conf_high"]) == pytest.approx(tuple(expected), abs=1e-10)
    assert {True, False} == set(above)


@pytest.mark.parametrize("k", [3, 4, 5])
def test_with_three_to_five_samples_hartung_knapp_covers_and_the_normal_interval_does_not(k):
    rng = np.random.default_rng(20 + k)
    held = {"hartung_knapp": 0, "normal": 0}
    for _ in range(1000):
        s = rng.uniform(0.06, 0.14, k)
        estimates = rng.normal(0.1, 0.3, k) + rng.normal(0, s)
        for kind in held:
            whole = several(estimates, s, interval=kind).whole()
            held[kind] += whole["conf_low"] <= 0.1 <= whole["conf_high"]
    assert held["hartung_knapp"] > 930 and held["normal"] < 900, held


def test_no_end_lies_beyond_what_is_possible_and_what_says_nothing_says_so():
    wide = several([0.9, -0.6, 0.2], [0.1] * 3, interval="hartung_knapp", possible=(-1.0, 1.0))
    row = wide.glance().iloc[0]
    assert (row["conf_low"], row["conf_high"]) == (-1, 1) and wide.foretold == "nothing"
    assert wide.tidy()["conf_high"].max() == 1 and wide.mean_verdict == "undecided"
    assert several([0.5, 0.5], [0.1] * 2).foretold == "nothing", "two groups predict nothing"
    sure = np.full(8, 0.05)
    assert several(np.full(8, 0.5), sure).foretold == several(np.full(8, 0.5), sure).mean_verdict == "more"
    assert several(np.full(8, -0.5), sure).foretold == several(np.full(8, -0.5), sure).mean_verdict == "less"
    assert several([0.4, -0.4] * 4, sure).foretold == "either"
    with pytest.raises(UnknownName, match="hartung_knap"):
        several([0.1, 0.2], [0.1, 0.1], interval="hartung_knap")


def test_groups_that_do_not_differ():
    alike = several([0.3, 0.3, 0.3], [0.1, 0.2, 0.1])
    row = alike.glance().iloc[0]
    assert (row["cochran_q"], row["i_squared"], row["tau_squared"], alike.verdict) == (0, 0, 0, "undecided")
    assert alike.tidy()["pooling_weight"].tolist() == pytest.approx([4 / 9, 1 / 9, 4 / 9])
    assert row["estimate"] == pytest.approx(0.3) and row["p_value"] == 1


def test_under_one_truth_the_test_holds_its_level_and_with_true_differences_it_finds_them():
    rng = np.random.default_rng(8)
    s = np.full(10, 0.1)
    beyond = lambda spread: np.mean([several(rng.normal(0.2, spread, 10) + rng.normal(0, s), s).verdict == "differ" for _ in range(400)])  # noqa: E731  # fmt: skip
    assert 0.02 < beyond(0.0) < 0.08 and beyond(0.2) > 0.9


def test_verdicts_and_words():
    assert several([0.5, 0.6], [0.1, 0.1]).lead == "everywhere" and several([0.0, 0.0], [0.1, 0.1]).lead == "nowhere"
    assert several([0.5, 0.6, 0.0], [0.1] * 3).lead == "most" and several([0.5, 0.0, 0.0], [0.1] * 3).lead == "some"
    apart = several([0.9, -0.9], [0.1, 0.1])
    assert apart.verdict == "differ" and np.isnan(apart.glance()["prediction_low"].iloc[0]), (
        "two groups predict nothing"
    )
    for frame in (apart.tidy(), apart.glance()):
        assert set(frame.columns) <= set(GLOSSARY)


@pytest.mark.parametrize(
    ("by_group", "error", "text"),
    [
        ({"a": found(0.1, 0.1)}, DataError, "1 group (a); whether groups differ takes two or more."),
        ({"a": found(0.1, 0.1), "b": found(0.1, np.nan)}, DataError, "b: without a standard error above 0 a group has no weight; give the test its draws=."),
        ({"a": found(0.1, 0.1), "b": found(0.1, 0.1, names=("x", "y"))}, DataError, "the groups are about different things: emotional against rational, x against y."),
    ],
)  # fmt: skip
def test_what_cannot_be_pooled_is_refused(by_group, error, text):
    with pytest.raises(error) as caught:
        ll.heterogeneity(by_group)
    assert str(caught.value) == text


def test_a_level_must_be_one():
    with pytest.raises(ModelError) as caught:
        several([0.1, 0.2], [0.1, 0.1], conf_level=95)
    assert str(caught.value) == "conf_level is 95; allowed: between 0 and 1, such as 0.95."


# ---- means of blocks ----------------------------------------------------------------------------------------------------


def test_composites_are_the_moments_of_row_means(rows):
    m = ll.Moments.from_frame(rows, ["loyalty", "trust", "joy", "price", "speed"], weight="wt", provenance=MADE_UP)
    byhand = rows.assign(**{name: rows[list(members)].mean(axis=1) for name, members in BLOCKS.items()})
    direct = ll.Moments.from_frame(byhand, ["loyalty", *BLOCKS], weight="wt", provenance=MADE_UP)
    ours = ll.composites(m, BLOCKS, keep=["loyalty"])
    np.testing.assert_allclose(ours.scatter, direct.scatter, rtol=1e-12)
    np.testing.assert_allclose(ours.mean, direct.mean, rtol=1e-12)
    assert ours.names == ("loyalty", "emotional", "rational")
    z = (rows - rows.mean()) / rows.std()
    z = z.assign(**{name: z[list(members)].mean(axis=1) for name, members in BLOCKS.items()})
    plain = ll.Moments.from_frame(rows, m.names, provenance=MADE_UP)
    even = ll.composites(plain, BLOCKS, keep=["loyalty"], standardised=True)
    np.testing.assert_allclose(even.corr, z[["loyalty", *BLOCKS]].corr(), rtol=1e-12)


def test_composites_of_draws_are_draws_of_composites(rows):
    names = ["loyalty", "trust", "joy", "price", "speed"]
    drawn = ll.Moments.bootstrap(rows, names, n_draws=100, seed=2, provenance=MADE_UP)
    byhand = rows.assign(**{name: rows[list(members)].mean(axis=1) for name, members in BLOCKS.items()})
    direct = ll.Moments.bootstrap(byhand, ["loyalty", *BLOCKS], n_draws=100, seed=2, provenance=MADE_UP)
    np.testing.assert_allclose(ll.composites(drawn, BLOCKS, keep=["loyalty"]).corr, direct.corr, rtol=1e-10)


def test_composites_of_a_printed_table():
    table = ll.read_table("hedonic_utilitarian")
    blocks = table.codebook.blocks()
    for outcome, expected in (("AttLoyalty", (0.653, 0.604)), ("BehLoyalty", (0.481, 0.474))):
        m = ll.composites(table.moments([outcome, *ll.flatten(blocks)]), blocks, keep=[outcome])
        assert m.corr[0, 1:].round(3).tolist() == list(expected) and np.isnan(m.mean).all()


def test_composites_refuse_what_has_no_mean(rows):
    m = ll.Moments.from_frame(rows, ["loyalty", "trust"], provenance=MADE_UP)
    with pytest.raises(DataError) as caught:
        ll.composites(m, {"emotional": ()})
    assert str(caught.value) == "emotional: a block without drivers has no mean; name at least one driver in it."
    with pytest.raises(DataError) as caught:
        ll.composites(m, {"loyalty": ("trust",)}, keep=["loyalty"])
    assert str(caught.value) == "loyalty: a block has the name of a variable that is kept; give it another name."


# ---- segments -----------------------------------------------------------------------------------------------------------


def test_segments_of_the_real_survey(corp_rep):
    blocks = corp_rep.codebook.blocks("emotional", "rational")
    by = {"by": ["serviceprovider"], "n_draws": 400, "seed": 1}
    result = ll.contrasts.segment_contrasts(corp_rep, "CUSL", blocks, "emotional", "rational", **by)
    assert list(result.groups) == ["provider 1", "provider 2"] and result.n_withheld == 2
    used = ["CUSL", *ll.flatten(blocks)]
    m = ll.composites(corp_rep.only("serviceprovider=2").moments(used), blocks, keep=["CUSL"])
    assert result.estimates[1] == pytest.approx(m.corr[0, 1] - m.corr[0, 2], abs=1e-12)
    theory = ll.contrasts.correlation_contrast(m, "CUSL", "emotional", "rational", method="pearson_filon")
    assert result.std_errors[1] == pytest.approx(theory.std_error, rel=0.3), "draws and normal theory tell the same"
    assert (
        ll.contrasts.segment_contrasts(corp_rep, "CUSL", blocks, "emotional", "rational", **by)
        .tidy()
        .equals(result.tidy())
    )


def test_segments_too_small_are_counted_and_never_shown(corp_rep):
    blocks = corp_rep.codebook.blocks("emotional", "rational")
    call = ("CUSL", blocks, "emotional", "rational")
    with pytest.raises(ModelError) as caught:
        ll.contrasts.segment_contrasts(corp_rep, *call, by=["serviceprovider"], min_n=5)
    assert str(caught.value) == "min_n is 5; segments of fewer than 10 respondents are not shown."
    with pytest.raises(DataError) as caught:
        ll.contrasts.segment_contrasts(corp_rep, *call, by=["serviceprovider"], min_n=129)
    assert str(caught.value) == (
        "serviceprovider: 1 segment has 129 complete respondents or more and 3 have fewer; comparing takes two. "
        "Choose another segment, or a lower min_n."
    )


# ---- the correlation that is not printed ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ranges():
    printed = ll.Provenance("published", "three indices against stated loyalty")
    return ll.drivers.contrast_ranges(
        [0.75, 0.53, 0.49], ["emotional", "rational", "values"], n=9213, provenance=printed
    )


def test_intervals_from_n_alone_are_the_recomputed_ones(ranges):
    rows = ranges.correlations.tidy().round(4)
    ends = rows[["conf_low", "conf_high"]].to_numpy().tolist()
    assert ends == [[0.7409, 0.7588], [0.5152, 0.5445], [0.4743, 0.5054]]
    assert ranges.correlations.stat("sum_r_squared").value == pytest.approx(1.0835)


def test_z_at_a_common_inter_correlation_lies_within_the_range(ranges):
    row = ranges.tidy().set_index(["term", "against"]).loc[("emotional", "rational")]
    for common, z in ((0.1, 25.4), (0.3, 27.4), (0.5, 30.9), (0.6, 33.8), (0.7, 38.2)):
        assert meng_z(0.75, 0.53, np.float64(common), 9213) == pytest.approx(z, abs=0.05)
        assert row["statistic_least"] < z < row["statistic_most"]
    test = ll.compare_overlapping_correlations(0.75, 0.53, 0.5, 9213, provenance=MADE_UP)
    assert row["conf_low"] < test.conf_low < test.conf_high < row["conf_high"]


def test_smallest_n_is_the_smallest(ranges):
    for pair, row in zip(ranges.pairs, ranges.tidy().itertuples(), strict=True):
        enough = int(row.n_enough)
        assert ranges.statistics(pair, enough)[0] >= ranges.bound > ranges.statistics(pair, enough - 1)[0]
    curve = ranges.curve([64, 9213])
    at = curve[(curve["term"] == "emotional") & (curve["against"] == "rational")]["statistic_least"].tolist()
    assert at[0] == pytest.approx(at[1] * np.sqrt(61 / 9210))
    assert ranges.stat("n_enough").value == 3889


def test_equal_correlations_are_never_told_apart():
    result = ll.drivers.contrast_ranges([0.5, 0.5], ["a", "b"], n=1000, provenance=MADE_UP)
    row = result.tidy().iloc[0]
    assert np.isnan(row["n_enough"]) and row["p_value"] == 1 and row["conf_low"] < 0 < row["conf_high"]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        ({"r": [0.5]}, DataError, "1 correlations for 2 drivers (a, b); give one for each of two or more."),
        ({"r": [0.5, 1.0]}, DataError, "b = 1: a correlation with outcome must lie strictly between −1 and 1."),
        ({"names": ["a", "a"]}, DataError, "a name stands twice among outcome, a, a; outcome and drivers must differ."),
        ({"n": 3}, ModelError, "n is 3; at least 4 is needed."),
        ({"conf_level": 2}, ModelError, "conf_level is 2; allowed: between 0 and 1, such as 0.95."),
    ],
)
def test_printed_correlations_that_cannot_be(call, error, text):
    with pytest.raises(error) as caught:
        ll.drivers.contrast_ranges(**({"r": [0.5, 0.4], "names": ["a", "b"], "n": 50, "provenance": MADE_UP} | call))
    assert str(caught.value) == text


def test_the_widest_difference_is_turned_with_its_names(ranges):
    row = ranges.tidy().set_index(["term", "against"]).loc[("emotional", "values")]
    one, other = ranges.widest("emotional", "values"), ranges.widest("values", "emotional")
    assert (one.estimate, one.conf_low, one.conf_high) == (row["estimate"], row["conf_low"], row["conf_high"])
    assert (other.conf_low, other.conf_high, other.verdict) == (-one.conf_high, -one.conf_low, "less")
    with pytest.raises(UnknownName) as caught:
        ranges.widest("emotional", "price")
    assert str(caught.value).startswith("printed correlation 'price' does not exist")


def test_contrasts_of_different_tiers_are_never_in_one_figure(ranges):
    with pytest.raises(DataError) as caught:
        ll.exhibits.plot_contrasts(
            {"a": ranges.widest("emotional", "values"), "b": found(0.1, 0.1)}, id="fig-c", title="T"
        )
    assert str(caught.value) == (
        "b: a row of this figure is one difference with an interval, such as a contrast with draws."
    )
    mixed = {"a": ranges.widest("emotional", "values"), "b": replace(found(0.1, 0.1), conf_low=-0.1, conf_high=0.3)}
    with pytest.raises(DataError) as caught:
        ll.exhibits.plot_contrasts(mixed, id="fig-c", title="T")
    assert str(caught.value) == (
        "evidence is published, synthetic; tiers are never mixed in one figure, so give each its own."
    )


# ---- figures --------------------------------------------------------------------------------------------------------------


def crossed():
    groups = [f"{s} × {c}" for s in ("retail", "telecom", "financial services", "automotive") for c in "ABCDEFGHI"]
    rng = np.random.default_rng(3)
    return ll.heterogeneity({g: found(d, s) for g, d, s in zip(groups, rng.normal(0.2, 0.1, 36), rng.uniform(0.03, 0.1, 36), strict=True)}, n_withheld=4)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "nl"])
def test_figures_fit_at_every_width(ranges, language):
    look = {"title": "A finding", "labels": {}, "language": language}
    shown = [
        ll.exhibits.plot_forest(crossed(), id="fig-forest", **look),
        ll.exhibits.plot_forest(several([0.1, 0.2, 0.6], [0.1, 0.1, 0.2]), id="fig-few", **look),
        ll.exhibits.plot_contrast_ranges(ranges, id="fig-ranges", **look),
        ll.exhibits.plot_contrasts(
            {
                "Loyaliteit: emotioneel min rationeel": ranges.widest("emotional", "rational"),
                "The other": ranges.widest("values", "rational"),
            },
            id="fig-contrasts",
            title="A finding",
            language=language,
        ),
    ]
    for exhibit in shown:
        for width in ("", *WIDTHS):
            with theme(8 if width == "one" else 10):
                assert too_tight(laid_out(exhibit.draw, sized(exhibit.size, width))) == "", (exhibit.id, width)
    assert ("Left out" in shown[0].caption) == (language == "en") and "36" not in shown[0].alt[:20]


def test_the_forest_says_what_it_draws():
    exhibit = ll.exhibits.plot_forest(several([0.1, 0.2, 0.6], [0.1, 0.1, 0.2]), id="fig-forest", title="T", labels={"emotional": "Emotie"}, language="nl")  # fmt: skip
    assert (
        "Q = 5,0, df = 2, p = 0,082, I² = 60%." in exhibit.caption
        and "Rechts van nul ligt Emotie voor" in exhibit.caption
    )
    assert "+0,60 [+0,21; +0,99]" in exhibit.alt and isinstance(exhibit.data, pd.DataFrame) and len(exhibit.data) == 3


# ---- many groups ------------------------------------------------------------------------------------------------------


def test_shrunken_estimates_are_nearer_the_truth_and_their_intervals_hold_it():
    rng = np.random.default_rng(20171205)
    truth, s = rng.normal(0.2, 0.1, 4000), rng.uniform(0.05, 0.3, 4000)
    result = several(rng.normal(truth, s), s)
    data = result.tidy()
    raw, shrunken = (float(((data[name] - truth) ** 2).sum()) for name in ("estimate", "shrunken"))
    best = float(((0.2 + 0.01 / (0.01 + s**2) * (data["estimate"] - 0.2) - truth) ** 2).sum())
    assert shrunken < raw / 3 and shrunken < 1.02 * best, "as good as with mean and variance known"
    assert ((data["shrunken_conf_low"] <= truth) & (truth <= data["shrunken_conf_high"])).mean() == pytest.approx(
        0.95, abs=0.02
    )


def test_groups_that_do_not_differ_shrink_to_their_mean_and_sure_ones_stay():
    alike = several([0.3, 0.3, 0.3], [0.1, 0.2, 0.1]).tidy()
    assert alike["shrunken"].tolist() == pytest.approx([0.3] * 3)
    within = several([0.28, 0.3, 0.32], [0.1, 0.2, 0.1])
    assert within.sums.tau_squared == 0 and within.tidy()["shrunken"].tolist() == pytest.approx([within.sums.fixed] * 3)
    assert several([-0.5, 0.9], [1e-6, 1e-6]).tidy()["shrunken"].tolist() == pytest.approx([-0.5, 0.9])


def test_the_limits_of_the_funnel_hold_what_is_alike():
    rng = np.random.default_rng(3)
    s = rng.uniform(0.05, 0.3, 4000)
    alike = several(rng.normal(0.2, s), s)
    assert alike.stat("n_beyond").value == pytest.approx(8, abs=8)
    low, high = alike.control_limits(s, 0.95)
    assert ((alike.estimates > low) & (alike.estimates < high)).mean() == pytest.approx(0.95, abs=0.01)
    assert alike.stat("n_beyond_expected").value == pytest.approx(8)
    assert alike.stat("n_found").value <= 1  # in 19 of 20 samples none


def test_groups_found_hold_their_false_discovery_rate():
    """Of 400 groups 40 truly differ, by 5 standard errors: nearly all are found, and of those found few are false."""
    found, false = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        s = rng.uniform(0.05, 0.3, 400)
        shift = np.where(np.arange(400) < 40, 5 * s * np.where(np.arange(400) % 2, 1, -1), 0.0)
        result = several(rng.normal(0.2, s) + shift, s)
        found.append(result.n_found())
        z = np.abs(result.estimates - result.sums.fixed) / s
        false.append(np.sort(z)[::-1][: found[-1]].size - np.isin(np.argsort(-z)[: found[-1]], np.arange(40)).sum())
    assert 36 < np.mean(found) < 45 and np.sum(false) / np.sum(found) == pytest.approx(0.045, abs=0.03)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_of_4000_groups_the_ends_are_drawn_and_all_are_in_the_csv(language):
    rng = np.random.default_rng(4)
    s = rng.uniform(0.05, 0.3, 4000)
    result = several(rng.normal(0.2, s), s)
    look = {"title": "Many", "labels": {}, "language": language}
    forest, funnel = (
        ll.exhibits.plot_forest(result, id="fig-a", **look),
        ll.exhibits.plot_funnel(result, id="fig-b", **look),
    )
    assert len(forest.data) == 4000 and forest.size[1] < 9 and len(forest.alt) < 2500
    assert {"en": "3,980 are not shown", "nl": "3.980 zijn niet getoond"}[language] in forest.caption
    for exhibit in (forest, funnel):
        with theme():
            assert not too_tight(laid_out(exhibit.draw, sized(exhibit.size)))
    assert len(funnel.alt) < 300 and funnel.csv().count("\n") == 4001
    drawn = laid_out(ll.exhibits.plot_funnel(result, id="fig-c", unit="share", **look).draw, sized(funnel.size)).axes[0]
    drawn.figure.draw_without_rendering()
    assert {"10", "20"} <= {tick.get_text() for tick in drawn.get_yticklabels()}  # points, as on the other axis


def test_a_row_of_contrasts_is_named_by_its_labels(ranges):
    one = ranges.widest("emotional", "rational")
    labels = {"stay": "Blijft", "emotional": "emotie", "rational": "ratio"}
    rows = {"claim": one, "stay": one, ("stay", "emotional", "rational"): one, "As it is": one}
    drawn = ll.exhibits.plot_contrasts(rows, id="fig-c", title="T", labels=labels, language="nl")
    assert list(drawn.data["what"]) == [
        "De bewering (breedste interval)",
        "Blijft",
        "Blijft: emotie min ratio",
        "As it is",
    ]


def test_segmentations_are_those_with_two_large_groups():
    survey = ll.read_data("simulated n=2000 seed=1")
    found = ll.contrasts.segmentations(survey, ["LOYALTY"], first=["sector", "country"], min_n=40)
    assert found[:3] == ["sector*country", "sector", "country"] and len(found) == len(set(found))
    strict = ll.contrasts.segmentations(survey, ["LOYALTY"], first=["sector", "country"], min_n=100)
    assert "sector*country" not in strict and {*strict} < {*found}
    assert ll.contrasts.segmentations(ll.read_table("hedonic_utilitarian"), ["AttLoyalty"]) == []
