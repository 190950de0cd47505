"""Lifetime value against closed forms, printed examples and customers simulated one by one; and what rests on it."""

import re

import numpy as np
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.core.glossary import GLOSSARY

from ..conftest import MADE_UP

BLOCKS = {"emotional": ["trust", "joy"], "rational": ["price", "speed"]}
MONEY = {"margin": [40, 60, 90], "retention": [0.7, 0.8, 0.9], "discount": [0.08, 0.1, 0.14]}
PER_POINT = [0, 0.05, 0.15]


def worth(*given, **more):
    return ll.lifetime_value(*given, **{"n_draws": 200, **more}).value("value").value


# ---- the value of a customer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retention", "multiples"),
    [(0.6, (1.20, 1.15, 1.11, 1.07)), (0.7, (1.75, 1.67, 1.59, 1.52)), (0.8, (2.67, 2.50, 2.35, 2.22)), (0.9, (4.50, 4.09, 3.75, 3.46))],
)  # fmt: skip
def test_the_margin_multiples_of_gupta_and_lehmann(retention, multiples):
    """r / (1 + d − r) at 10, 12, 14 and 16 %, without the margin of the first year."""
    found = [ll.lifetime_value(1, retention, discount=d).value("later_years").value for d in (0.10, 0.12, 0.14, 0.16)]
    assert tuple(round(x, 2) for x in found) == multiples


def test_the_worked_example_of_berger_and_nasr():
    """Case 1: margin 260, 50 a year on keeping the customer, retention 0.75, discount 20 %, ten renewals."""
    assert round(worth(260, 0.75, discount=0.2, upkeep=50, horizon=10), 2) == 568.78


def test_against_customers_simulated_one_by_one():
    rng, n, r, d, years = np.random.default_rng(8), 400_000, 0.72, 0.12, 9
    total, here = np.full(n, 50.0 - 20 * 3), np.ones(n, dtype=bool)
    for t in range(1, years + 1):
        total -= np.where(here, 4.0 / (1 + d) ** (t - 0.5), 0)
        here &= rng.random(n) < r
        total += np.where(here, (50 * 1.3 + 6) / (1 + d) ** t, 0)
    value = worth(50, r, discount=d, acquisition=20, multiple=3, referral=6, spend_ratio=1.3, upkeep=4, horizon=years)
    assert abs(value - total.mean()) < 4 * total.std() / np.sqrt(n)


def test_limits():
    assert worth(50, 0, discount=0.1) == 50 and worth(50, 0.9, discount=0.1, horizon=0) == 50
    assert worth(50, 0.9, discount=0.1, horizon=1) == pytest.approx(50 + 50 * 0.9 / 1.1)
    full = {"discount": 0.1, "acquisition": 30, "referral": 3, "upkeep": 5}
    assert worth(50, 0.9, **full, horizon=400) == pytest.approx(worth(50, 0.9, **full))
    finite = [worth(50, 0.9, **full, horizon=h) for h in (1, 5, 25)]
    assert finite == sorted(finite) and finite[-1] < worth(50, 0.9, **full)


def test_the_parts_add_up_and_every_column_is_in_the_glossary():
    found = ll.lifetime_value(*[MONEY[k] for k in ("margin", "retention")], discount=0.1, acquisition=15, multiple=7, referral=2, upkeep=3, spend_ratio=1.33)  # fmt: skip
    frame = found.tidy().set_index("term")["estimate"]
    assert frame.drop("value").sum() == pytest.approx(frame["value"]) and frame["acquisition"] == -105
    assert set(found.tidy().columns) | set(found.glance().columns) <= set(GLOSSARY)
    assert found.stat("estimate").conf_low < frame["value"] < found.stat("estimate").conf_high


def test_a_number_nobody_measured_makes_the_result_synthetic_and_is_listed():
    measured = ll.Quantity(0.8, 0.75, 0.85, 0.95, "churn of a year", ll.Provenance("observed", "accounts of 2019"))
    found = ll.lifetime_value([40, 60, 90], measured, discount=0.1)
    assert found.provenance.tier == "synthetic"
    assert found.provenance.source["en"] == "accounts of 2019; assumptions set by the reader, no evidence"
    assert "margin: assumed 40 to 90, most likely 60 (triangular)" in found.provenance.steps
    assert "retention: measured, churn of a year" in found.provenance.steps
    drawn = found.inputs["retention"].values[1:]
    assert drawn.std() == pytest.approx(0.05 / 1.96, rel=0.06)


@pytest.mark.parametrize("shape", ["triangular", "pert"])
def test_draws_have_the_mean_of_their_distribution(shape):
    drawn = ll.Assumption(1, 2, 6, shape).draw(np.random.default_rng(1), 200_000)
    mean = {"triangular": (1 + 2 + 6) / 3, "pert": (1 + 4 * 2 + 6) / 6}[shape]
    assert drawn.mean() == pytest.approx(mean, abs=0.01) and drawn.min() >= 1 and drawn.max() <= 6


def test_an_input_has_the_same_draws_in_two_values_so_that_they_can_be_compared():
    one, other = (ll.lifetime_value(60, MONEY["retention"], discount=0.1, acquisition=15, multiple=k) for k in (1, 7))
    gap = one.total({}) - other.total({})
    np.testing.assert_allclose(gap, 90)
    assert not np.array_equal(one.total({}), ll.lifetime_value(60, MONEY["retention"], discount=0.1, acquisition=15, seed=2).total({}))  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"retention": 1.2}, "retention is 1.2; it must be at least 0 and below 1."),
        ({"retention": [0.5, 0.8, 1]}, "retention is 1; it must be at least 0 and below 1."),
        ({"discount": 0}, "discount is 0; it must be above 0."),
        ({"margin": -3}, "margin is -3; it must be at least 0."),
        ({"margin": float("nan")}, "an assumption runs from its lowest over its most likely to its highest value, and nan, nan, nan does not."),
        ({"margin": [1, 2]}, "margin is [1, 2]; give one number, or three: lowest, most likely and highest, as in [1, 2, 3]."),
        ({"margin": True}, "margin is True; give one number, or three: lowest, most likely and highest, as in [1, 2, 3]."),
        ({"margin": "60"}, "margin is '60'; give one number, or three: lowest, most likely and highest, as in [1, 2, 3]."),
        ({"horizon": -1}, "horizon is -1; it is a whole number of renewals, 0 or more, or None for all."),
        ({"horizon": 2.5}, "horizon is 2.5; it is a whole number of renewals, 0 or more, or None for all."),
        ({"n_draws": 5}, "5 draws are too few for an interval; ask for at least 100."),
        ({"retention": ll.Quantity(0.8, None, None, None, "a table", MADE_UP)}, "retention: a table has no interval, so its uncertainty cannot be carried through."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(change, message):
    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        ll.lifetime_value(**{"margin": 60, "retention": 0.8, "discount": 0.1} | change)


# ---- over an input --------------------------------------------------------------------------------------------------------


def test_break_even_is_where_the_value_is_zero_in_every_draw():
    value = ll.lifetime_value(60, MONEY["retention"], discount=0.1, acquisition=15, multiple=7, spend_ratio=1.33)
    found = ll.loyalty.break_even(value, "multiple", between=(0, 100))
    assert found.estimate == pytest.approx((60 + 60 * 1.33 * 0.8 / 0.3) / 15) and found.verdict == "within"
    assert found.conf_low < found.estimate < found.conf_high and found.stat("part_breaking_even").value == 1
    bare = ll.lifetime_value(60, 0.8, discount=0.1, acquisition=105)
    root = ll.loyalty.break_even(bare, "retention", between=(0, 0.99)).estimate
    assert worth(60, root, discount=0.1, acquisition=105) == pytest.approx(0, abs=1e-9)


def test_a_value_that_is_never_zero_says_on_which_side_it_stays():
    value = ll.lifetime_value(60, 0.8, discount=0.1, acquisition=1)
    above = ll.loyalty.break_even(value, "multiple", between=(0, 5))
    assert above.verdict == "above" and np.isnan(above.estimate) and (above.conf_low, above.conf_high) == (5, 5)
    costly = ll.lifetime_value(60, 0.8, discount=0.1, acquisition=1000)
    assert ll.loyalty.break_even(costly, "margin", between=(0, 100)).verdict == "below"
    with pytest.raises(UnknownName, match="input 'multiply' does not exist; did you mean 'multiple'"):
        ll.loyalty.break_even(value, "multiply", between=(0, 5))
    with pytest.raises(DataError, match=re.escape("look for multiple from low to high, within 0 and inf; (5, 1) is not.")):  # fmt: skip
        ll.loyalty.break_even(value, "multiple", between=(5, 1))


def test_a_curve_is_the_value_computed_at_each_point():
    found = ll.lifetime_value(MONEY["margin"], 0.8, discount=0.1)
    curve = ll.loyalty.value_at(found, "retention", [0.2, 0.9], name="mine")
    assert curve.value(("mine", 0.9)).value == pytest.approx(worth(60, 0.9, discount=0.1))
    with pytest.raises(DataError, match="retention is 1; it must be at least 0 and below 1."):
        ll.loyalty.value_at(found, "retention", [0.5, 1])


def test_the_tornado_is_one_input_at_a_time():
    found = ll.lifetime_value(**MONEY, acquisition=15)
    storm = ll.loyalty.tornado(found).tidy()
    assert set(storm["term"]) == {"margin", "retention", "discount"} and storm["share"].sum() == pytest.approx(1)
    row = storm.set_index("term").loc["retention"]
    assert row["at_high"] == pytest.approx(worth(60, row["assumed_high"], discount=0.1, acquisition=15))
    assert list(storm["swing"]) == sorted(storm["swing"], reverse=True) and row["correlation"] > 0
    with pytest.raises(ModelError, match="every input is one number, so nothing can move the outcome"):
        ll.loyalty.tornado(ll.lifetime_value(60, 0.8, discount=0.1))


# ---- programmes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def slopes(rows):
    names = ["loyalty", "trust", "joy", "price", "speed"]
    moments = ll.Moments.from_frame(rows, names, provenance=MADE_UP)
    draws = ll.Moments.bootstrap(rows, names, n_draws=400, seed=3, provenance=MADE_UP)
    return ll.loyalty.block_slopes(moments, "loyalty", BLOCKS, draws=draws)


def programme(slopes, lift=(0.5, 0.5), cost=(4, 4), **more):
    named = {"lift": dict(zip(BLOCKS, lift, strict=True)), "cost": dict(zip(BLOCKS, cost, strict=True))}
    return ll.loyalty.programme_return(slopes, *BLOCKS, **{"per_point": PER_POINT, **named, **MONEY, **more})


def test_the_slopes_are_those_of_statsmodels_on_means_of_rows(rows, slopes):
    import statsmodels.api as sm

    x = np.column_stack([rows[names].mean(axis=1) for names in BLOCKS.values()])
    peer = sm.OLS(rows["loyalty"], sm.add_constant(x)).fit()
    np.testing.assert_allclose(slopes.values[0], peer.params.iloc[1:], rtol=1e-10)
    assert slopes.r_squared == pytest.approx(peer.rsquared)
    spread = slopes.values[1:].std(axis=0)
    np.testing.assert_allclose(spread, peer.bse.iloc[1:], rtol=0.35)


def test_the_return_is_the_difference_of_two_lifetime_values(slopes):
    fixed = {"margin": 60, "retention": 0.8, "discount": 0.1}
    found = programme(slopes, per_point=0.04, **fixed)
    kept = 0.8 + slopes.values[0, 0] * 0.5 * 0.04
    by_hand = worth(60, kept, discount=0.1, upkeep=4) - worth(60, 0.8, discount=0.1)
    row = found.tidy().set_index("term").loc["emotional"]
    assert row["estimate"] == pytest.approx(by_hand) == pytest.approx(row["worth"] - row["spent"])
    assert row["retention"] == pytest.approx(kept)


def test_the_verdict_follows_the_interval_of_the_difference(slopes):
    assert programme(slopes, cost=(4, 40)).verdict == "more" and programme(slopes, cost=(60, 1)).verdict == "less"
    same = programme(slopes, lift=(0, 0))
    assert same.verdict == "undecided" and same.value("difference").value == pytest.approx(0)
    assert same.verdict_of("emotional") == "less", "it costs and does nothing"


def test_assumptions_beside_observed_rows_are_synthetic_and_both_are_named(rows):
    origin = ll.Provenance("observed", "a survey")
    names = ["loyalty", *ll.flatten(BLOCKS)]
    draws = ll.Moments.bootstrap(rows, names, n_draws=200, seed=3, provenance=origin)
    slopes = ll.loyalty.block_slopes(
        ll.Moments.from_frame(rows, names, provenance=origin), "loyalty", BLOCKS, draws=draws
    )
    assert slopes.provenance.tier == "observed" and programme(slopes).provenance.tier == "synthetic"
    assert programme(slopes).provenance.source["en"].startswith("a survey; assumptions")


def test_retention_beyond_its_bounds_is_held_there_and_counted(slopes):
    found = programme(slopes, per_point=1, lift=(5, 5))
    assert found.n_capped > 0 and f"retention held at 0 or 1 in {found.n_capped:,} draws" in found.provenance.steps
    assert found.parts("emotional", {})["retention"].max() == 1 and np.isfinite(found.total({})).all()


def test_what_was_assumed_can_be_supposed_otherwise(slopes):
    found = programme(slopes)
    assert found.ranges["margin"] == (40, 60, 90) and not [name for name in found.ranges if name.startswith("slope")]
    other = found.supposing({"margin": 80, "lift:emotional": 0})
    assert other.given("margin").value == 80 and set(other.ranges) == set(found.ranges) - {"margin", "lift:emotional"}
    expected = found.total({"margin": np.full(401, 80.0), "lift:emotional": np.zeros(401)})
    np.testing.assert_allclose(other.total({}), expected)
    assert "margin set to 80" in other.provenance.steps and found.supposing({}).total({})[0] == found.total({})[0]
    with pytest.raises(DataError, match="retention is 1.2; it must be at least 0 and below 1."):
        found.supposing({"retention": 1.2})
    with pytest.raises(UnknownName, match="input 'margn' does not exist; did you mean 'margin'"):
        found.supposing({"margn": 1})


def test_draws_held_at_a_bound_are_counted_anew_for_what_is_supposed(slopes):
    found = programme(slopes)
    assert found.n_capped == 0 and found.supposing({"per_point": 1, "lift:emotional": 5}).n_capped > 0


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl"])
def test_sliders_follow_a_result_and_say_what_cannot_be(slopes, language):
    found = programme(slopes)
    ranges = {"margin": (40, 60, 90), "retention": (0.7, 0.8, 1.5)}
    look = {"labels": {"margin": "<b>Margin</b>"}, "language": language, "currency": "€"}
    _, moved, reset, shown = ll.exhibits.explore(found.supposing, ranges, **look).children
    before, (margin, retention) = shown.value, moved.children
    assert {"en": "As assumed", "nl": "Zoals aangenomen"}[language] in before and "<img" in before
    assert (margin.min, margin.value, margin.max, margin.step) == (40, 60, 90, 0.1)
    margin.value = 80
    assert shown.value != before and "&lt;b&gt;Margin&lt;/b&gt; 80" in shown.value and "<b>" not in shown.value
    retention.value = 1.5
    assert "retention is 1.5; it must be at least 0 and below 1." in shown.value and "opacity: 0.25" in shown.value
    reset.click()
    assert shown.value == before


def test_below_the_line_a_programme_pays(slopes):
    found = programme(slopes)
    line = ll.loyalty.break_even_cost(found, [0.25, 0.5])
    cost = line.value(("emotional", 0.5)).value
    at = ll.loyalty.break_even(found, "cost:emotional", between=(0, 500), term="emotional")
    assert cost == pytest.approx(at.estimate)
    assert programme(slopes, cost=(cost, 4)).value("emotional").value == pytest.approx(0, abs=1e-9)
    assert set(line.tidy().columns) | set(found.tidy().columns) | set(found.glance().columns) <= set(GLOSSARY)
    lift = ll.loyalty.break_even(found, "lift:emotional", between=(0, 5), term="emotional").estimate
    assert programme(slopes, lift=(lift, 0.5)).value("emotional").value == pytest.approx(0, abs=1e-8)


def test_programmes_that_cannot_be_compared_are_refused(slopes):
    with pytest.raises(DataError, match=re.escape("a programme cannot be compared with itself ('emotional'); name two blocks.")):  # fmt: skip
        ll.loyalty.programme_return(slopes, "emotional", "emotional", lift={}, cost={}, per_point=0.1, **MONEY)
    with pytest.raises(UnknownName, match="block 'values' does not exist"):
        ll.loyalty.programme_return(slopes, "emotional", "values", lift={"emotional": 1}, cost={"emotional": 1}, per_point=0.1, **MONEY)  # fmt: skip
    with pytest.raises(UnknownName, match="Give a cost for each of the two programmes."):
        ll.loyalty.programme_return(slopes, *BLOCKS, lift={"emotional": 1, "rational": 1}, cost={"emotional": 1}, per_point=0.1, **MONEY)  # fmt: skip
    with pytest.raises(DataError, match="per_point is 2; it must be at least 0 and at most 1."):
        programme(slopes, per_point=2)
