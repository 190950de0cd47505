"""Elements of value: the map of questions, exact parts with intervals, the price of collinearity, counts and ratios."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import CodebookError, DataError, ModelError
from loyaltylab.core.files import home, read_yaml
from loyaltylab.core.glossary import GLOSSARY
from loyaltylab.core.provenance import Provenance
from loyaltylab.exhibits.style import WIDTHS
from loyaltylab.loyalty.value import MapEntry, _check

from ..drivers.test_performance import fits

MADE_UP = Provenance("synthetic", "made up for a test")


@pytest.fixture(scope="module")
def table():
    found = ll.read_table("hedonic_utilitarian")
    used = ["AttLoyalty", *ll.flatten(found.codebook.blocks())]
    return found.moments(used), found.draws(used, n_draws=300, seed=3), found.codebook.blocks()


def survey_of(answers, recommend, ends=(0, 10)):
    """A survey of elements answered from 0 to 10 and one outcome."""
    items = {name: ll.codebook.Item(name, {"en": name, "nl": name}, range=(0, 10)) for name in answers}
    items["recommend"] = ll.codebook.Item("recommend", {"en": "Recommend", "nl": "Aanbevelen"}, range=ends)
    book = ll.Codebook("shop", {}, items, {}, {"en": "", "nl": ""})
    return ll.read_survey(pd.DataFrame(answers | {"recommend": recommend}), book)


# ---- which question stands for what


def test_every_codebook_of_the_map_has_its_questions():
    for name, entry in read_yaml(home() / "data" / "value.yml")["codebooks"].items():
        book = ll.read_codebook(name)
        found = ll.loyalty.read_value_map(book)
        known = {*book.items, *book.scales}
        assert {*ll.flatten(found.levels), *found.pillars.values(), *found.elsewhere} <= known
        for level in entry["levels"]:
            moved = found.moved(level)
            assert sorted(ll.flatten(moved)) == sorted(ll.flatten(found.levels)), "nothing is lost by another coding"
    loyalty = ll.loyalty.read_value_map(ll.read_codebook("loyalty"))
    assert {name: len(items) for name, items in loyalty.levels.items()} == loyalty.published
    assert not {"switch_1", "switch_2", "switch_3", "switch_4"} & {*ll.flatten(ll.loyalty.read_value_map(ll.read_codebook("corporate_reputation")).levels)}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quality": "elem_speed"}, "value.yml, codebooks: shop: quality: names 'elem_speed'; allowed: a, b."),
        (
            {"elsewhere": {"a": "moral"}},
            "value.yml, codebooks: shop: elsewhere: names 'moral'; allowed: functional, emotional.",
        ),
        ({"pillars": {"wow": "a"}}, "value.yml, codebooks: shop: pillars: names 'wow'; allowed: empathy."),
        (
            {"levels": {"functional": ["a"], "emotional": ["a", "b"]}},
            "value.yml, codebooks: shop: levels: has a in two of them.",
        ),
    ],
)
def test_a_wrong_map_is_refused(change, message):
    entry = {"levels": {"functional": ["a"], "emotional": ["b"]}, "quality": "a", "elsewhere": {}, "pillars": {}, "stand_ins": False} | change  # fmt: skip
    with pytest.raises(CodebookError) as error:
        _check(MapEntry(**entry), entry["levels"], ["functional", "emotional"], ["empathy"], "shop")
    assert str(error.value) == message


def test_a_codebook_without_a_map_has_no_levels():
    items = {"a": ll.codebook.Item("a", {"en": "A", "nl": "A"}, range=(1, 7), role="driver", block="rational")}
    found = ll.loyalty.read_value_map(ll.Codebook("shop", {}, items, {}, {"en": "", "nl": ""}))
    assert found.levels == {} and found.pillars == {} and not found.quality and not found.stand_ins


def test_own_blocks_stand_for_levels_and_for_nothing_else():
    book = ll.read_codebook("corporate_reputation")
    found = ll.loyalty.read_value_map(book)
    assert found.has_elements and found.compared == ("emotional", "functional") and not found.is_complete
    assert ll.loyalty.read_value_map(ll.read_codebook("loyalty")).is_complete
    own = found.of_blocks({"emotional": ["like_1"], "rational": ["qual_1", "qual_2"]})
    assert own.levels == {"emotional": ("like_1",), "rational": ("qual_1", "qual_2")}
    assert not (own.has_elements or own.compared or own.pillars or own.elsewhere or own.quality or own.stand_ins)
    assert own.labels() == {} and own.company == found.company


def test_a_stand_in_is_named_beside_its_pillar():
    book = ll.read_codebook("corporate_reputation")
    found = ll.loyalty.read_value_map(book)
    pillar, item = next(iter(found.pillars.items()))
    assert found.questions({item: "Asked"} | book.labels("nl"), "nl")[item].startswith(
        found.labels("nl")[pillar] + " ("
    )
    asked = ll.loyalty.read_value_map(ll.read_codebook("loyalty"))
    assert list(asked.questions({}).values()) == [asked.labels()[pillar] for pillar in asked.pillars]


# ---- exact parts, intervals from sampled orders


def test_the_parts_are_exact_and_the_intervals_near_those_of_exact_draws(table):
    m, draws, blocks = table
    exact = ll.importance(m, "AttLoyalty", blocks, draws=draws)
    sampled = partial(ll.importance, m, "AttLoyalty", blocks, draws=draws, division="sampled", n_orders=100)
    found = sampled()
    assert np.array_equal(found.estimates, exact.estimates) and found.sampling_error is None
    np.testing.assert_allclose(found.draw_estimates.sum(axis=1), found.draw_r_squared, atol=1e-10)
    off = np.abs(found.draw_estimates - exact.draw_estimates).mean(axis=0) / exact.draw_estimates.std(axis=0)
    plain = ll.drivers.sampled_lmg(m, "AttLoyalty", blocks, n_orders=100, draws=draws)
    without = np.abs(plain.draw_estimates - exact.draw_estimates).mean(axis=0) / exact.draw_estimates.std(axis=0)
    assert off.max() < 0.15 and off.mean() < without.mean() / 2, "the correction earns its place"
    errors = [sampled(seed=seed).draw_estimates.std(axis=0) for seed in range(1, 7)]
    # one set of orders is off by 3 percent on average
    ratio = np.mean(errors, axis=0) / exact.draw_estimates.std(axis=0)
    assert ratio.min() > 0.95 and ratio.max() < 1.05


def test_ranks_tell_how_often_each_is_first(table):
    m, draws, blocks = table
    imp = ll.importance(m, "AttLoyalty", blocks, draws=draws)
    found = ll.drivers.ranks(imp).tidy()
    assert found["part_first"].sum() == pytest.approx(1) and found["part_first"].between(0, 1).all()
    first = imp.draw_estimates.argmax(axis=1) == imp.terms.index(found["term"].iloc[0])
    assert found["part_first"].iloc[0] == pytest.approx(first.mean())
    order = ll.drivers.ranks(imp)
    assert order.first == found["term"].iloc[0] and order.standing(order.first) in ("first", "may")
    assert {term for term in imp.terms if order.standing(term) != "not"} == set(order.may_be_first)


def test_regrouped_blocks_keep_every_part(table):
    m, draws, blocks = table
    imp = ll.importance(m, "AttLoyalty", blocks, draws=draws)
    names = ll.flatten(blocks)
    other = imp.regrouped({"one": names[:2], "rest": names[2:]})
    assert other.blocks().estimates[0] == pytest.approx(imp.estimates[:2].sum())
    with pytest.raises(ModelError, match="other blocks must hold the same drivers"):
        imp.regrouped({"one": names[:2]})


# ---- what collinearity costs


def made(R, n=300):
    return ll.Moments.from_correlations(np.array(R), ["y", "a", "b"], n=n, provenance=MADE_UP)


def test_uncorrelated_drivers_cost_nothing_and_correlated_ones_what_theory_says():
    apart = made([[1, 0.4, 0.3], [0.4, 1, 0], [0.3, 0, 1]])
    found = ll.drivers.interval_cost(apart, ll.importance(apart, "y", ["a", "b"]))
    np.testing.assert_allclose(found.tidy()["inflation"], 1)
    np.testing.assert_allclose(found.tidy()["share_inflation"], 1, atol=0.1)  # two sets of draws
    together = made([[1, 0.5, 0.4], [0.5, 1, 0.8], [0.4, 0.8, 1]])
    cost = ll.drivers.interval_cost(together, ll.importance(together, "y", ["a", "b"]))
    np.testing.assert_allclose(cost.tidy()["inflation"], 1 / np.sqrt(1 - 0.8**2))
    assert cost.verdict == "steady" and (cost.tidy()["share_inflation"] < 1).all()


# ---- what is explained


def test_adjusted_r_squared_equals_that_of_ols(table):
    m, draws, blocks = table
    found = ll.drivers.adjusted_r_squared({"all": ll.importance(m, "AttLoyalty", blocks, draws=draws)})
    fit = ll.ols(m, "AttLoyalty", ll.flatten(blocks))
    assert found.value("all").value == pytest.approx(fit.stat("r_squared_adjusted").value)
    assert [found.verdict("all", claimed) for claimed in (0.1, 0.55, 0.9)] == ["below", "holds", "above"]
    with pytest.raises(DataError, match="all: has no draws"):
        ll.drivers.adjusted_r_squared({"all": ll.importance(m, "AttLoyalty", blocks)})


@pytest.mark.slow
def test_its_interval_holds_the_truth_where_many_drivers_flatter():
    rng, p, n, inside = np.random.default_rng(5), 20, 150, 0
    for _ in range(60):
        X = rng.normal(size=(n, p))
        y = X[:, 0] * 0.7 + rng.normal(size=n) * np.sqrt(0.51)  # R² is .49 in the population
        m = ll.Moments.from_frame(pd.DataFrame(np.column_stack([y, X]), columns=["y", *map(str, range(p))]), provenance=MADE_UP)  # fmt: skip
        imp = ll.importance(m, "y", list(map(str, range(p))), method="first", draws=m.draws(n_draws=200, seed=1))
        found = ll.drivers.adjusted_r_squared({"all": imp}).value("all")
        inside += found.conf_low <= 0.49 <= found.conf_high
    assert inside >= 50, f"{inside} of 60"


# ---- how many elements are scored highly


def test_a_count_is_what_a_reader_would_count():
    answers = {"a": [8, 9, 2, 7, np.nan] * 40, "b": [10, 3, 1, 7, 9] * 40, "c": [8, 8, 0, 7, 9] * 40}
    survey = survey_of(answers, [2, 9, 2, 6, 10] + [10, 9, 2, 6, 10] * 39)
    found = ll.loyalty.high_counts(survey, ["a", "b", "c"], "recommend", smallest=40)
    assert found.tidy()["segment"].tolist() == ["0", "1–2", "3"], "nobody has one, so one and two are joined"
    assert found.tidy()["estimate"].tolist() == [-100, 100, 95] and found.n_left_out == 40 and found.is_net
    assert found.tidy()["mean_count"].tolist() == [0, 2, 3] and found.stat("n_falls").value == 1
    assert found.groups == ("0", "1–2", "3") and found.above("3", "0").value == 195
    cut = ll.loyalty.high_counts(survey, ["a", "b", "c"], "recommend", cuts=[0, 1, 2], min_cell=60)
    assert cut.groups == (), "a group may not be shown"
    joined = ll.loyalty.high_counts(survey, ["a", "b", "c"], "recommend", smallest=60)
    assert joined.tidy()["n"].tolist() == [80, 80] and joined.n_merged == 1


def test_the_slope_is_that_of_a_line_through_the_groups():
    rng = np.random.default_rng(8)
    latent = rng.normal(6, 2, (600, 1))
    answers = np.clip(np.round(latent + rng.normal(0, 2, (600, 6))), 0, 10)
    recommend = np.clip(np.round(latent[:, 0] + rng.normal(0, 2, 600)), 1, 7)
    survey = survey_of({f"e{i}": answers[:, i] for i in range(6)}, recommend, ends=(1, 7))
    found = ll.loyalty.high_counts(survey, [f"e{i}" for i in range(6)], "recommend")
    count = (answers >= 8).sum(axis=1)
    group = np.searchsorted([int(name.split("–")[0]) for name in found.tidy()["segment"]], count, side="right") - 1
    means = np.array([count[group == g].mean() for g in range(group.max() + 1)])
    assert found.slope.estimate == pytest.approx(np.polyfit(means[group], recommend, 1)[0])
    assert found.verdict == "rises" and not found.is_net and found.tidy()["n"].min() >= 75
    flat = ll.loyalty.high_counts(
        survey_of({"e": answers[:, 0]}, rng.permutation(recommend), ends=(1, 7)), ["e"], "recommend"
    )
    assert flat.verdict == "undecided"


def test_wrong_cuts_and_empty_surveys_are_refused():
    survey = survey_of({"a": [8.0, 2] * 40}, [10, 2] * 40)
    for cuts, message in (([0, 5], "cuts is [0, 5]; allowed"), ([1], "cuts is [1]; the first is 0")):
        with pytest.raises(DataError) as error:
            ll.loyalty.high_counts(survey, ["a"], "recommend", cuts=cuts)
        assert str(error.value).startswith(message)
    nobody = survey_of({"a": [np.nan, 2.0] * 40}, [10, np.nan] * 40)
    with pytest.raises(DataError, match="nobody answered 'recommend' and all 1 elements"):
        ll.loyalty.high_counts(nobody, ["a"], "recommend")


def net_of(high, low):
    """Promoter scores of two groups of `n` with so many promoters, the others detractors."""
    rows = [(8, 10)] * high[0] + [(8, 2)] * (high[1] - high[0]) + [(2, 10)] * low[0] + [(2, 2)] * (low[1] - low[0])
    a, recommend = zip(*rows, strict=True)
    return ll.loyalty.high_counts(survey_of({"a": a}, recommend), ["a"], "recommend", cuts=[0, 1]).score


def test_a_ratio_of_promoter_scores_is_given_only_where_it_means_something():
    found = ll.loyalty.score_ratio(net_of((170, 200), (130, 200)), "1", "0")
    assert found.verdict == "bounded" and found.estimate == pytest.approx(70 / 30)
    rng = np.random.default_rng(2)  # Fieller against draws of the two scores
    a, b = (200 * rng.binomial(200, p, 100_000) / 200 - 100 for p in (0.85, 0.65))
    np.testing.assert_allclose([found.conf_low, found.conf_high], np.quantile(a / b, [0.025, 0.975]), rtol=0.06)
    unbounded = ll.loyalty.score_ratio(net_of((170, 200), (105, 200)), "1", "0")
    assert unbounded.verdict == "unbounded" and unbounded.estimate == pytest.approx(14) and np.isnan(unbounded.conf_low)
    negative = ll.loyalty.score_ratio(net_of((170, 200), (80, 200)), "1", "0")
    assert negative.verdict == "none" and np.isnan(negative.estimate)


# ---- figures


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_figures_fit_at_every_width(language):
    survey = ll.read_data("simulated n=900 seed=4")
    found = ll.loyalty.read_value_map(survey.codebook)
    used = ["recommend", *(items := ll.flatten(found.levels))]
    m, draws = survey.moments(used), survey.draws(used, n_draws=100, seed=1)
    imp = ll.importance(m, "recommend", found.levels, method="relative_weights", draws=draws)
    players = ll.importance(m, "recommend", found.levels, players="blocks", draws=draws)
    look = {"title": "A finding", "labels": survey.codebook.labels(language) | found.labels(language), "language": language}  # fmt: skip
    cost = ll.drivers.interval_cost(m, imp, n_draws=100)
    widths = ("", *WIDTHS)
    fits(ll.exhibits.plot_levels(imp, players, id="fig-levels", **look), widths)
    fits(ll.exhibits.plot_interval_cost(cost, id="fig-cost", **look), widths)
    fits(
        ll.exhibits.plot_high_counts(ll.loyalty.high_counts(survey, items, "recommend"), id="fig-high", **look), widths
    )
    fits(
        ll.exhibits.plot_adjusted_r_squared(
            ll.drivers.adjusted_r_squared({"all": imp}), 0.65, id="fig-explained", **look
        ),
        widths,
    )
    assert len(ll.exhibits.table_value_map(found, id="tbl-map", **look).data) == 4


def test_every_column_is_in_the_glossary(table):
    m, draws, blocks = table
    survey = ll.read_data("simulated n=900 seed=4")
    found = ll.loyalty.read_value_map(survey.codebook)
    imp = ll.importance(m, "AttLoyalty", blocks, draws=draws)
    counts = ll.loyalty.high_counts(survey, ll.flatten(found.levels)[:4], "recommend", cuts=[0, 1])
    companies = ll.loyalty.high_companies(survey, ll.flatten(found.levels)[:2], "recommend", "sector")
    assert companies.value(companies.best).value == companies.tidy()["estimate"].max()
    ratio = ll.loyalty.score_ratio(counts.score, "1–4", "0")
    for result in (found, counts, companies, ratio, ll.drivers.adjusted_r_squared({"all": imp}), ll.drivers.interval_cost(m, imp, n_draws=100), ll.drivers.ranks(imp)):  # fmt: skip
        assert {*result.tidy().columns, *result.glance().columns} <= set(GLOSSARY), result
