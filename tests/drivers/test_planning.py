"""The study planner: against brute force, the delta method, Steiger's test, and what it promises about itself."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from loyaltylab import Moments, flatten, importance, read_table
from loyaltylab import exhibits as plots
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.drivers.planning.plan import plan, reliabilities, whole_numbers, world_with
from loyaltylab.drivers.planning.result import compare_plans
from loyaltylab.exhibits.drivers.planning import plot_plan, table_plan, table_plans
from loyaltylab.exhibits.style import laid_out, sized, theme, too_tight
from loyaltylab.kernels import power as kernels

from ..benchmarks import coverage
from ..conftest import MADE_UP

pytestmark = pytest.mark.slow

NAMES = ["loyalty", "trust", "joy", "price", "speed"]
BLOCKS = {"emotional": ("trust", "joy"), "rational": ("price", "speed")}
R = np.array(
    [
        [1.0, 0.6, 0.5, 0.4, 0.3],
        [0.6, 1.0, 0.5, 0.4, 0.3],
        [0.5, 0.5, 1.0, 0.3, 0.3],
        [0.4, 0.4, 0.3, 1.0, 0.4],
        [0.3, 0.3, 0.3, 0.4, 1.0],
    ]
)
QUICK = {"n_simulations": 200, "n_draws": 199, "seed": 4}


def world(corr=R, names=NAMES):
    return Moments.from_correlations(corr, names, n=500, provenance=MADE_UP)


@pytest.fixture(scope="module")
def planned():
    return plan(world(), "loyalty", BLOCKS, n=(60, 120, 240, 480, 960, 1920), **QUICK)


@pytest.fixture(scope="module")
def hedonic():
    table = read_table("hedonic_utilitarian")
    blocks = table.codebook.blocks()
    return table, blocks, table.moments(["AttLoyalty", *flatten(blocks)])


# ---- is it right? -------------------------------------------------------------------------------------------------------


def test_power_and_width_agree_with_brute_force():
    """Rows drawn one study after the other, each resampled by row and analysed by `importance`."""
    n, studies, rng = 120, 200, np.random.default_rng(8)
    root, hits, widths = np.linalg.cholesky(R), 0, []
    for study in range(studies):
        rows = pd.DataFrame(rng.standard_normal((n, 5)) @ root.T, columns=NAMES)
        drawn = Moments.bootstrap(rows, NAMES, n_draws=199, seed=study, provenance=MADE_UP)
        sample = Moments.from_frame(rows, NAMES, provenance=MADE_UP)
        low, high = importance(sample, "loyalty", BLOCKS, draws=drawn).contrast("emotional", "rational").ends
        hits, widths = hits + (low > 0), [*widths, high - low]
    found = plan(world(), "loyalty", BLOCKS, n=(n, 200), n_simulations=2000, n_draws=199, seed=1)
    expected = found.value(str(n), "power").value
    assert abs(hits / studies - expected) < 3 * np.sqrt(expected * (1 - expected) / studies)
    assert 0.15 < expected < 0.85, "a power near 0 or 1 would agree with anything"
    assert np.mean(widths) == pytest.approx(found.value(str(n), "width").value, rel=0.05)


def two_shares(S):
    """Difference of the LMG shares of two drivers, in closed form from a covariance matrix with the outcome first."""
    r = S / np.sqrt(np.outer(np.diag(S), np.diag(S)))
    r2 = (r[0, 1] ** 2 + r[0, 2] ** 2 - 2 * r[0, 1] * r[0, 2] * r[1, 2]) / (1 - r[1, 2] ** 2)
    return (r[0, 1] ** 2 - r[0, 2] ** 2) / r2


def delta_method(S):
    """Standard error of that difference × √n under normality, √(2 tr GSGS), from numerical derivatives G."""
    G = np.zeros((3, 3))
    for i in range(3):
        for j in range(i + 1):
            step = np.zeros((3, 3))
            step[i, j] = step[j, i] = 1e-6
            G[i, j] = G[j, i] = (two_shares(S + step) - two_shares(S - step)) / 2e-6 / (1 if i == j else 2)
    return np.sqrt(2 * np.trace(G @ S @ G @ S))


@pytest.mark.parametrize(("r_1", "r_2", "sizes"), [(0.5, 0.3, (1600, 3200)), (0.45, 0.38, (600, 1200))])
def test_two_uncorrelated_drivers_follow_the_delta_method(r_1, r_2, sizes):
    """Shares are then squared correlations over their sum."""
    S = np.array([[1, r_1, r_2], [r_1, 1, 0], [r_2, 0, 1]])
    assert two_shares(S) == pytest.approx((r_1**2 - r_2**2) / (r_1**2 + r_2**2), abs=1e-12)
    found = plan(world(S, ["y", "a", "b"]), "y", ["b", "a"], n=sizes, n_simulations=2000, n_draws=399, seed=2)
    assert found.contrast == ("a", "b"), "the block that is ahead is named first"
    assert found.stat("estimate").value == pytest.approx(two_shares(S), abs=1e-12)
    for n in sizes:
        std_error = delta_method(S) / np.sqrt(n)
        assert found.value(str(n), "width").value == pytest.approx(2 * 1.96 * std_error, rel=0.04)
        expected = norm.cdf(two_shares(S) / std_error - 1.96)
        assert found.value(str(n), "power").value == pytest.approx(expected, abs=0.04)


def test_two_drivers_have_the_power_of_steigers_test_of_dependent_correlations():
    """With two drivers the shares differ exactly where the correlations do; Z1* of Dunn & Clark, Steiger (1980, eq. 11)."""
    ab, ac, bc, n = 0.4, 0.2, 0.5, 144

    def dependence(ab, ac):
        left = 1 - ab**2 - ac**2
        return (bc * left - 0.5 * ab * ac * (left - bc**2)) / ((1 - ab**2) * (1 - ac**2))

    sd, sd_null = (np.sqrt((2 - 2 * s) / (n - 3)) for s in (dependence(ab, ac), dependence(ab, ab)))
    expected = norm.cdf((np.arctanh(ab) - np.arctanh(ac) - norm.ppf(0.95) * sd_null) / sd)
    corr = np.array([[1, ab, ac], [ab, 1, bc], [ac, bc, 1]])
    found = plan(world(corr, ["y", "a", "b"]), "y", ["a", "b"], n=(n, 300), conf_level=0.9, n_simulations=2000, seed=3)
    assert expected == pytest.approx(0.80, abs=0.002)
    assert found.value(str(n), "power").value == pytest.approx(expected, abs=0.035)


def test_the_intervals_inside_hold_the_truth_as_often_as_they_say(hedonic):
    _, blocks, moments = hedonic
    found = plan(moments, "AttLoyalty", blocks, n=(100, 300), n_simulations=1000, n_draws=399, seed=6)
    assert found.tidy()["coverage"].between(0.93, 0.97).all()


def test_the_size_it_names_has_the_power_and_the_width_that_were_wished(planned):
    needed, wide = int(planned.stat("n_needed").value), int(planned.stat("n_for_width").value)
    again = plan(world(), "loyalty", BLOCKS, n=(needed, wide), n_simulations=2000, n_draws=199, seed=77)
    assert again.value(str(needed), "power").value == pytest.approx(0.8, abs=0.05)
    assert again.value(str(wide), "width").value / 2 == pytest.approx(0.1, abs=0.003)
    low, high = planned.stat("n_needed").conf_low, planned.stat("n_needed").conf_high
    assert low < needed < high


def test_more_simulations_narrow_the_interval_of_the_answer_and_do_not_move_it():
    few, many = (
        plan(world(), "loyalty", BLOCKS, n=(100, 200, 300), **(QUICK | {"n_simulations": size})).needed
        for size in (200, 1800)
    )
    assert (many[2] - many[1]) == pytest.approx((few[2] - few[1]) / 3, rel=0.35)
    assert few[1] < many[0] < few[2]


def test_without_a_difference_a_verdict_is_as_rare_as_the_level_allows():
    corr = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    found = plan(world(corr), "loyalty", BLOCKS, n=(200, 400), n_simulations=2000, n_draws=199, seed=5).tidy()
    assert (found["power"] + found["wrong_side"]).between(0.03, 0.07).all()
    assert found["right_first"].between(0.45, 0.55).all()


def test_the_probit_line_equals_statsmodels():
    import statsmodels.api as sm

    x, hits = np.sqrt([60.0, 120, 240, 480]), np.array([31.0, 90, 160, 195])
    line, covariance = kernels.probit_line(x, hits + 0.0, 200)
    family = sm.families.Binomial(link=sm.families.links.Probit())
    counts = np.stack([hits + 0.01, 200 - hits + 0.01], axis=1)
    fit = sm.GLM(counts, sm.add_constant(x), family=family).fit()
    np.testing.assert_allclose(line, fit.params, rtol=1e-6)
    np.testing.assert_allclose(covariance, fit.cov_params(), rtol=1e-4)


def test_a_factor_is_a_root_of_a_wishart_matrix():
    root, df = np.linalg.cholesky(R), 50.0
    factor = kernels.wishart_factors(root, df, 20_000, np.random.default_rng(1))
    S = factor @ np.swapaxes(factor, -1, -2)
    np.testing.assert_allclose(S.mean(axis=0), R, atol=0.006)
    np.testing.assert_allclose(S.var(axis=0) * df, R**2 + 1, rtol=0.06)


# ---- what makes a study worth less --------------------------------------------------------------------------------------


def test_measurement_error_lowers_correlations_as_added_noise_does():
    rho = np.array([0.9, 0.8, 0.7, 1.0, 0.6])
    noisy = R + np.diag(1 / rho - 1)
    sd = np.sqrt(np.diag(noisy))
    measured_R = noisy / np.outer(sd, sd)
    np.fill_diagonal(measured_R, 1)
    np.testing.assert_allclose(kernels.attenuated(R, rho), measured_R, atol=1e-12)
    found = plan(world(), "loyalty", BLOCKS, n=(100, 200), reliability=dict(zip(NAMES, rho, strict=True)), **QUICK)
    measured = importance(world(measured_R), "loyalty", BLOCKS).contrast("emotional", "rational")
    assert found.stat("measured").value == pytest.approx(measured.estimate, abs=1e-12)
    assert found.stat("estimate").value != pytest.approx(measured.estimate, abs=0.01)


def test_noise_in_the_outcome_alone_leaves_the_shares_and_costs_power(planned):
    found = plan(world(), "loyalty", BLOCKS, n=planned.n, reliability={"loyalty": 0.6}, **QUICK)
    assert found.stat("measured").value == pytest.approx(found.stat("estimate").value, abs=1e-12)
    assert (found.widths > planned.widths).all() and found.needed[0] > planned.needed[2]


def test_clusters_and_missing_answers_divide_n():
    found = plan(world(), "loyalty", BLOCKS, n=(300, 600), cluster_size=11, icc=0.1, missing=0.2, **QUICK)
    np.testing.assert_allclose(found.n_effective, [120, 240])
    assert found.stat("design_effect").value == pytest.approx(2.0)
    full = plan(world(), "loyalty", BLOCKS, n=(120, 240), **QUICK)
    np.testing.assert_allclose(found.widths, full.widths, rtol=0.05)


def test_the_design_effect_of_clustered_normal_rows_lies_below_that_of_a_mean():
    """What the notes of `plan` say: 1 + (m − 1) icc errs on the safe side of 1 + (m − 1) icc²."""
    rng, root, size, icc = np.random.default_rng(3), np.linalg.cholesky(R), 10, 0.3

    def variance(icc):
        between = np.sqrt(icc) * rng.standard_normal((3000, 40, 1, 5))
        x = ((between + np.sqrt(1 - icc) * rng.standard_normal((3000, 40, size, 5))) @ root.T).reshape(3000, -1, 5)
        unit = x - x.mean(axis=1, keepdims=True)
        unit /= np.sqrt((unit**2).sum(axis=1, keepdims=True))
        return np.einsum("si,sik->sk", unit[:, :, 0], unit[:, :, 1:]).var(axis=0).mean()

    ratio = variance(icc) / variance(0.0)
    assert ratio == pytest.approx(1 + (size - 1) * icc**2, rel=0.12)
    assert ratio < 0.6 * kernels.design_effect(size, icc)


def test_unequal_reliability_can_turn_the_difference_around():
    found = plan(world(), "loyalty", BLOCKS, n=(200, 800), reliability={"trust": 0.3, "joy": 0.3}, **QUICK)
    assert found.reversed and found.stat("measured").value < 0 < found.stat("estimate").value
    assert found.verdict == "beyond" and np.isnan(found.stat("n_needed").value)
    assert found.tidy()["wrong_side"].iloc[1] > found.tidy()["power"].iloc[1]
    assert "more respondents do not mend that" in found.sentence()


def test_a_weaker_difference_is_the_part_that_was_asked_for_and_takes_more_respondents(hedonic):
    _, blocks, moments = hedonic
    full = importance(moments, "AttLoyalty", blocks).contrast("emotional", "rational").estimate
    for part in (0.25, 0.5, 1.0):
        less = world_with(moments, "AttLoyalty", blocks, ("rational", "emotional"), difference=part * full)
        found = importance(less, "AttLoyalty", blocks).contrast("emotional", "rational").estimate
        assert found == pytest.approx(part * full, abs=1e-8)
        np.testing.assert_allclose(less.corr[1:, 1:], moments.select(less.names).corr[1:, 1:], atol=1e-12)
    half = plan(moments, "AttLoyalty", blocks, difference=full / 2, **QUICK)
    # over sixteen seeds 4.2 to 5.2 times, on average 4.7: the variance of the difference grows a little too
    assert half.needed[0] == pytest.approx(4.7 * plan(moments, "AttLoyalty", blocks, **QUICK).needed[0], rel=0.2)


# ---- what it promises ---------------------------------------------------------------------------------------------------


def test_a_size_gives_the_same_studies_whatever_the_others(planned):
    again = plan(world(), "loyalty", BLOCKS, n=(480, 120), **QUICK)
    pd.testing.assert_series_equal(again.tidy().loc[1], planned.tidy().loc[1])
    pd.testing.assert_series_equal(again.tidy().loc[0], planned.tidy().loc[3], check_names=False)
    other = plan(world(), "loyalty", BLOCKS, n=(480, 120), **(QUICK | {"seed": 5}))
    assert (other.widths != again.widths).all()


def test_the_sizes_chosen_here_lie_about_both_answers(hedonic):
    _, blocks, moments = hedonic
    found = plan(moments, "AttLoyalty", blocks, **QUICK)
    assert found.verdict == found.verdict_width == "within" and len(found.n) == 7
    assert min(found.n) < min(found.needed[0], found.needed_for_width[0])
    assert max(found.n) > max(found.needed[0], found.needed_for_width[0])
    nothing = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    assert max(plan(world(nothing), "loyalty", BLOCKS, **QUICK).n) <= 100_000


def test_outside_the_sizes_there_is_no_number():
    small, large = (plan(world(), "loyalty", BLOCKS, n=n, **QUICK) for n in ((30, 40), (2000, 3000)))
    assert (small.verdict, small.verdict_width, large.verdict, large.verdict_width) == ("beyond",) * 2 + ("below",) * 2
    for found in (small, large):
        assert np.isnan(found.needed).all() and np.isnan(found.needed_for_width).all()
    assert repr(small).startswith("Plan(lmg) to tell 'emotional' from 'rational' with power 0.8: more than 40 respond")
    assert "at most 2,000 respondents" in repr(large)


def test_it_tells_how_far_it_is():
    told = []
    plan(world(), "loyalty", BLOCKS, n=(60, 120), progress=lambda *at: told.append(at), **QUICK)
    assert told[-1] == (400, 400) and [done for done, _ in told] == sorted({done for done, _ in told})


def test_a_plan_is_never_evidence(hedonic):
    table, blocks, moments = hedonic
    found = plan(moments, "AttLoyalty", blocks, n=(200, 400), **QUICK).provenance
    assert found.tier == "synthetic" and found.citation == table.provenance.citation
    assert found.source["en"].endswith(table.provenance.source["en"]) and "veronderstelling" in found.source["nl"]


def test_other_methods_and_single_drivers_can_be_planned_for():
    weights = plan(world(), "loyalty", BLOCKS, n=(200, 400), method="relative_weights", **QUICK)
    assert (
        weights.stat("estimate").value != plan(world(), "loyalty", BLOCKS, n=(200, 400), **QUICK).stat("estimate").value
    )
    single = plan(world(), "loyalty", NAMES[1:], n=(200, 400), contrast=("speed", "trust"), **QUICK)
    assert single.contrast == ("trust", "speed")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"method": "lgm"}, UnknownName, "method 'lgm' does not exist; did you mean 'lmg'?"),
        ({"method": "first"}, ModelError, "the estimates of 'first' do not add up to blocks; plan with one of lmg, "),
        ({"contrast": ("emotional", "ratio")}, UnknownName, "block 'ratio' does not exist; did you mean 'rational'?"),
        (
            {"contrast": ("emotional",)},
            ModelError,
            "comparing takes two blocks of drivers; here it is emotional. The data have these blocks: ",
        ),
        ({"reliability": {"trst": 0.8}}, UnknownName, "variable 'trst' does not exist; did you mean 'trust'?"),
        ({"reliability": 0.0}, DataError, "reliability of loyalty, trust, joy, price, speed: allowed is above 0 to 1."),
        ({"icc": 1.2}, ModelError, "icc is 1.2; allowed: 0 to 1."),
        ({"missing": 1.0}, ModelError, "missing is 1.0; allowed: 0 to below 1."),
        ({"n_draws": 50}, ModelError, "n_draws is 50; allowed: at least 100."),
        ({"n": (200,)}, ModelError, "n is 200; give at least two different sizes"),
        (
            {"n": (10, 200), "missing": 0.5},
            ModelError,
            "n = 10: clustering and missing answers leave 5 of them, too few",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_mistake_is_one_message(change, error, message):
    with pytest.raises(error) as caught:
        plan(world(), "loyalty", BLOCKS, **({"n": (100, 200)} | QUICK | change))
    assert str(caught.value).startswith(message)


def test_many_drivers_are_refused_for_a_method_that_visits_every_model():
    names = [f"x{i}" for i in range(17)]
    many = world(np.full((17, 17), 0.3) + 0.7 * np.eye(17), names)
    with pytest.raises(ModelError, match=r"lmg visits 2\^16 models .* plan with method='relative_weights'"):
        plan(many, "x0", {"a": names[1:9], "b": names[9:]}, n=(100, 200), **QUICK)
    plan(
        many,
        "x0",
        {"a": names[1:9], "b": names[9:]},
        n=(100, 200),
        method="relative_weights",
        n_simulations=100,
        n_draws=100,
    )


def test_numbers_given_as_text():
    assert whole_numbers(["100", "200"]) == (100, 200) and reliabilities(["trust=0.8"]) == {"trust": 0.8}
    with pytest.raises(DataError, match="many: sizes are whole numbers, as in 200, 400, 800"):
        whole_numbers(["100", "many"])
    with pytest.raises(DataError, match="'trust 0.8': give a number, such as 0.8, or name=number"):
        reliabilities(["trust 0.8"])


def test_only_plans_for_the_same_wish_are_compared(planned):
    other = plan(world(), "loyalty", BLOCKS, n=(60, 120), power=0.9, **QUICK)
    with pytest.raises(ModelError, match="plans are compared for one power, half-width and conf_level, not 2"):
        compare_plans({"a": planned, "b": other})
    both = compare_plans({"a": planned, "b": planned})
    assert both.value("b", "n_needed").value == planned.needed[0] and both.value("b", "n_needed").conf_low


def test_what_is_told_of_a_plan(planned):
    sizes = planned.tidy().set_index("term")["power"]
    assert planned.finding == planned.verdict == "within"
    assert abs(sizes[planned.halfway] - 0.4) == abs(sizes - 0.4).min()
    few, many = (plan(world(), "loyalty", BLOCKS, n=n, **QUICK) for n in ((30, 40), (3000, 2000)))
    assert (few.finding, few.nearest) == ("beyond", "40") and (many.finding, many.nearest) == ("below", "2000")
    hidden = plan(world(), "loyalty", BLOCKS, n=(200, 400), reliability={"trust": 0.2, "joy": 0.2}, **QUICK)
    assert hidden.reversed and hidden.finding == "reversed"


# ---- in words and pictures ----------------------------------------------------------------------------------------------


def test_the_sentence_holds_every_assumption_that_was_made(planned):
    plain = planned.sentence()
    assert "reliability" not in plain and "clusters" not in plain and "incomplete" not in plain
    given = {"reliability": 0.9, "cluster_size": 5, "icc": 0.1, "missing": 0.25}
    dutch = plan(world(), "loyalty", BLOCKS, n=(200, 600, 1200), **given, **QUICK).sentence("nl", {"loyalty": "trouw"})
    for part in ("0,90", "clusters van 5", "0,10", "1,40", "25%", "trouw", "95%-BI", "200 gesimuleerde"):
        assert part in dutch


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("sizes", [(60, 120, 240, 480), (30, 40), (2000, 3000)], ids=["within", "beyond", "below"])
def test_the_figure_fits_and_shows_the_numbers(sizes, language):
    found = plan(world(), "loyalty", BLOCKS, n=sizes, **QUICK)
    figure = plot_plan(found, id="fig-plan", title="T", labels={"emotional": "gevoel"}, language=language)
    pd.testing.assert_frame_equal(figure.data, found.tidy())
    with theme():
        assert too_tight(laid_out(figure.draw, figure.size)) == ""
        drawn = laid_out(figure.draw, sized(figure.size, "two"))
    line = next(line for line in drawn.axes[0].lines if len(line.get_xdata()) == len(sizes))
    np.testing.assert_array_equal(line.get_ydata(), found.tidy()["power"])
    said = f"{figure.caption} {figure.alt}"
    assert "gevoel" in said and ("respondenten" in said) == (language == "nl")


def test_the_tables_say_what_is_known_of_sizes_that_were_not_tried(planned):
    small, large = (plan(world(), "loyalty", BLOCKS, n=n, **QUICK) for n in ((30, 40), (2000, 3000)))
    turned = plan(world(), "loyalty", BLOCKS, n=(200, 800), reliability={"trust": 0.3, "joy": 0.3}, **QUICK)
    both = compare_plans({"a": planned, "b": small, "c": large, "d": turned})
    rows = table_plans(both, id="tbl-x", title="T", labels={}, language="nl").cells
    assert [row[2] for row in rows[2:]] == ["meer dan 40", "hoogstens 2.000", "geen enkel aantal"]
    assert rows[1][2].startswith(f"{planned.needed[0]:.0f} [")
    cells = table_plan(planned, id="tbl-y", title="T", labels={}).cells
    assert len(cells) == 7 and len(cells[0]) == 6, "usable respondents are shown where they are fewer"
    fewer = plan(world(), "loyalty", BLOCKS, n=(100, 200), missing=0.2, **QUICK)
    assert [row[1] for row in table_plan(fewer, id="tbl-z", title="T", labels={}).cells] == ["Usable", "80", "160"]


def test_the_exhibits_are_among_the_plots():
    assert plots.plot_plan is plot_plan and plots.table_plan is table_plan and plots.table_plans is table_plans


def test_a_plan_from_rows_allows_for_how_they_vary():
    rows = dict(coverage.planning(60))
    (_, normal), (_, by_rows) = rows.items()
    assert normal["effect of rows"] == 1 and by_rows["effect of rows"] > 1.3
    assert by_rows["power"] >= 0.68 and normal["power"] < by_rows["power"]


@pytest.mark.parametrize("difference", [0.05, 0.4])
def test_a_plan_is_for_the_smallest_difference_worth_finding(difference):
    found = plan(world(), "loyalty", BLOCKS, n=(100, 400), difference=difference, **QUICK)
    a, b = found.contrast
    assert found.stat("estimate").value == pytest.approx(difference, abs=1e-8)
    pilot = plan(world(), "loyalty", BLOCKS, n=(100, 400), **QUICK)
    assert pilot.contrast == (a, b)
    ahead = np.sign(difference - pilot.stat("estimate").value)
    assert np.sign(found.tidy()["power"].mean() - pilot.tidy()["power"].mean()) == ahead
    with pytest.raises(ModelError, match="difference is 1.2; allowed: above 0 and below 1, in shares"):
        plan(world(), "loyalty", BLOCKS, n=(100, 400), difference=1.2, **QUICK)


def test_a_design_effect_divides_n_with_that_of_clusters():
    found = plan(world(), "loyalty", BLOCKS, n=(300, 600), cluster_size=11, icc=0.1, design_effect=1.5, **QUICK)
    assert found.assumptions["design_effect"] == pytest.approx(3)
    np.testing.assert_allclose(found.n_effective, [100, 200])
    with pytest.raises(ModelError, match="design_effect is 0.5; allowed: 1 or more"):
        plan(world(), "loyalty", BLOCKS, n=(300, 600), design_effect=0.5, **QUICK)
