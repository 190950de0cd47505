"""Importance against performance, ranks, and tactics taken at their word."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm

import loyaltylab as ll
from loyaltylab.core.errors import DataError, ModelError
from loyaltylab.core.glossary import GLOSSARY
from loyaltylab.exhibits.style import WIDTHS, laid_out, sized, theme, too_tight
from loyaltylab.loyalty.tactics import ASSUMPTIONS

from ..conftest import MADE_UP
from .test_importance import fitted

pytestmark = pytest.mark.slow

ITEMS = ["like_1", "like_2", "like_3", "attr_1", "attr_2", "attr_3", "qual_3", "qual_7"]


@pytest.fixture(scope="module")
def real(corp_rep):
    used = ["CUSL", *ITEMS]
    m, drawn = corp_rep.moments(used), corp_rep.draws(used, n_draws=300, seed=1)
    return corp_rep, m, drawn, ll.importance(m, "CUSL", ITEMS, draws=drawn)


@pytest.fixture(scope="module")
def simulated():
    survey = ll.read_data("simulated n=1500 seed=4")
    emotions = list(survey.codebook.items_of("EMOTION"))
    used = ["ATTITUDINAL", *emotions]
    return survey, emotions, survey.moments(used), survey.draws(used, n_draws=200, seed=1)


# ---- the map ------------------------------------------------------------------------------------------------------------


def test_the_map_holds_shares_and_rescaled_means(real):
    survey, m, drawn, imp = real
    found = ll.drivers.performance_map(imp, m, survey.codebook, draws=drawn)
    data, rows = found.tidy().set_index("term"), survey.frame[["CUSL", *ITEMS]].dropna()
    np.testing.assert_allclose(data["performance"], 100 * (rows[ITEMS].mean() - 1) / 6)
    np.testing.assert_allclose(data["share"], imp.shares)
    half = 1.96 * 100 / 6 * rows["qual_7"].std() / np.sqrt(len(rows))
    assert data.loc["qual_7", "performance_conf_high"] - data.loc["qual_7", "performance"] == pytest.approx(
        half, rel=0.2
    )
    assert found.stat("share").value == 1 / 8 and set(found.tidy().columns) <= set(GLOSSARY)
    assert found.stat("performance").value == pytest.approx(data["performance"].mean())


def test_quadrants_follow_the_lines_and_are_withheld_where_chance_may_cross_them(real):
    survey, m, drawn, imp = real
    found = ll.drivers.performance_map(imp, m, survey.codebook, draws=drawn)
    data, middle = found.tidy(), found.performance.mean()
    for row in data.itertuples():
        important, good = row.share > 1 / 8, row.performance > middle
        expected = {(1, 0): "concentrate here", (1, 1): "keep up", (0, 0): "low priority", (0, 1): "possible overkill"}
        assert row.quadrant == expected[important, good] and row.verdict in (row.quadrant, "undecided")
    one = data.set_index("term").loc["attr_2"]
    assert one["verdict"] == "low priority", "few can see themselves work there, and it hardly counts"
    assert (data["verdict"] == "undecided").any()


def test_the_map_refuses_what_has_no_answer_range_means_or_draws(real):
    survey, m, drawn, imp = real
    with pytest.raises(ModelError) as caught:
        ll.drivers.performance_map(ll.importance(m, "CUSL", ITEMS), m, survey.codebook, draws=drawn)
    assert str(caught.value) == (
        "this importance has no draws; give importance() its draws=, so that the map can show how sure it is."
    )
    other = survey.draws(["CUSL", *ITEMS], n_draws=120, seed=2)
    with pytest.raises(ModelError) as caught:
        ll.drivers.performance_map(imp, m, survey.codebook, draws=other)
    assert str(caught.value) == ("the importance has 300 draws and draws= 120; give the draws it was computed from.")
    table = ll.read_table("hedonic_utilitarian")
    used = ["AttLoyalty", "Enjoyment", "Efficiency"]
    drawn = table.draws(used, n_draws=100, seed=1)
    printed = ll.importance(table.moments(used), used[0], used[1:], draws=drawn)
    with pytest.raises(DataError) as caught:
        ll.drivers.performance_map(printed, table.moments(used), table.codebook, draws=drawn)
    assert str(caught.value) == (
        "Enjoyment, Efficiency: the codebook gives no answer range, so a mean cannot be turned into 0 to 100."
    )


# ---- tactics --------------------------------------------------------------------------------------------------------------


def test_the_article_names_eight_tactics():
    tactics = ll.loyalty.read_tactics()
    emotions = [t.emotion for t in tactics.tactics]
    assert len(emotions) == 8 and emotions.count("belonging") == 3
    assert [t.emotion for t in tactics.tactics if not t.in_index] == ["appreciation"], "not one of the ten"
    books = {name: ll.read_codebook(name) for name in ("loyalty", "corporate_reputation", "mobi")}
    asked = {name: tactics.drivers(book) for name, book in books.items()}
    assert len(asked["loyalty"]) == 8 and len(asked["corporate_reputation"]) == 5 and asked["mobi"] == {}
    for name, drivers in asked.items():
        assert set(drivers.values()) <= set(books[name].items)
    assert asked["loyalty"]["own_benefits"] == "emo_gratitude"
    assert tactics.provenance.tier == "published" and set(tactics.labels("nl")) == set(tactics.labels("en"))


def test_expected_change_is_the_rise_times_the_coefficient(simulated):
    survey, emotions, m, drawn = simulated
    tactics = ll.loyalty.read_tactics()
    found = ll.loyalty.expected_change(m, "ATTITUDINAL", emotions, tactics, survey.codebook, raised=0.5, draws=drawn)
    rows = survey.frame[["ATTITUDINAL", *emotions]].dropna()
    fit = sm.OLS(rows["ATTITUDINAL"], sm.add_constant(rows[emotions])).fit()
    data = found.tidy().set_index("term")
    np.testing.assert_allclose(data["estimate"], 0.5 * fit.params[data["driver"]].to_numpy(), rtol=1e-10)
    np.testing.assert_allclose(data["std_error"], 0.5 * fit.bse[data["driver"]].to_numpy(), rtol=0.25)
    twice = ll.loyalty.expected_change(m, "ATTITUDINAL", emotions, tactics, survey.codebook, raised=1.0, draws=drawn)
    np.testing.assert_allclose(twice.estimates, 2 * found.estimates)
    same = data.loc[["beta_tests", "events", "feedback"], ["estimate", "conf_low", "conf_high"]]
    assert len(same.drop_duplicates()) == 1, "three tactics for one emotion cannot be told apart"
    assert (found.stat("n_tactics").value, found.stat("n_not_asked").value) == (8, 0)


def test_tactics_whose_emotion_is_not_asked_are_counted(real):
    survey, m, drawn, _ = real
    found = ll.loyalty.expected_change(
        m, "CUSL", ITEMS, ll.loyalty.read_tactics(), survey.codebook, raised=0.5, draws=drawn
    )
    assert found.terms == ("beta_tests", "quick_response", "events", "feedback") and len(found.not_asked) == 4
    assert set(found.tidy().columns) | set(found.glance().columns) <= set(GLOSSARY)


@pytest.mark.parametrize(
    ("drivers", "raised", "error", "text"),
    [
        (ITEMS, 0, ModelError, "raised is 0; give scale points above 0, such as 0.5."),
        (ITEMS, 4, ModelError, "raised is 4, which takes the average beyond the highest answer of like_1 (mean {like_1:.2f}, highest answer 7), qual_7 (mean {qual_7:.2f}, highest answer 7); take less."),
        (["attr_1", "attr_2"], 1, DataError, "none of the emotions of the tactics is among the drivers attr_1, attr_2."),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused(real, drivers, raised, error, text):
    survey, m, drawn, _ = real
    means = dict(zip(m.names, m.mean, strict=True))
    with pytest.raises(error) as caught:
        ll.loyalty.expected_change(
            m, "CUSL", drivers, ll.loyalty.read_tactics(), survey.codebook, raised=raised, draws=drawn
        )
    assert str(caught.value) == text.format(**means)


# ---- figures --------------------------------------------------------------------------------------------------------------


def fits(exhibit, widths):
    for width in widths:
        with theme(8 if width == "one" else 10):
            assert too_tight(laid_out(exhibit.draw, sized(exhibit.size, width))) == "", (exhibit.id, width)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_figures_of_ten_emotions_fit_at_every_width(simulated, language):
    survey, emotions, m, drawn = simulated
    imp = ll.importance(m, "ATTITUDINAL", {"emotional": emotions}, method="first", draws=drawn)
    tactics = ll.loyalty.read_tactics()
    change = ll.loyalty.expected_change(m, "ATTITUDINAL", emotions, tactics, survey.codebook, raised=0.5, draws=drawn)
    look = {"title": "A finding", "labels": survey.codebook.labels(language), "language": language}
    found = ll.drivers.performance_map(imp, m, survey.codebook, draws=drawn)
    shown = ll.exhibits.plot_expected_change(change, tactics, id="fig-tactics", **look)
    for exhibit in (
        ll.exhibits.plot_ranks(imp, id="fig-ranks", **look),
        ll.exhibits.plot_performance_map(found, id="fig-map", **look),
        shown,
    ):
        fits(exhibit, ("", *WIDTHS))
    assert all(assumption in shown.caption for assumption in (one[language] for one in ASSUMPTIONS))


def test_figures_of_thirty_drivers_fit():
    rng = np.random.default_rng(11)
    names = [f"d{i}" for i in range(30)]
    book = ll.read_codebook("corporate_reputation")
    real_items = [n for n in book.items if n[:4] in ("like", "attr", "comp", "qual", "perf", "csor", "cusl")][:31]
    R = 0.4 + 0.6 * np.eye(31)
    R[0, 1:] = R[1:, 0] = rng.uniform(0.3, 0.6, 30)
    m = ll.Moments.from_correlations(R, ["y", *names], n=400, mean=[4, *rng.uniform(3, 6, 30)], provenance=MADE_UP)
    m = ll.Moments(tuple(["y", *real_items[:30]]), m.weight, m.n, m.sum_w2, m.mean, m.scatter, MADE_UP)
    drawn = m.draws(n_draws=100, seed=1)
    imp = ll.importance(m, "y", real_items[:30], method="relative_weights", draws=drawn)
    look = {"title": "A finding", "labels": book.labels("en")}
    fits(ll.exhibits.plot_ranks(imp, id="fig-ranks", **look), ("", *WIDTHS))
    exhibit = ll.exhibits.plot_performance_map(
        ll.drivers.performance_map(imp, m, book, draws=drawn), id="fig-map", **look
    )
    fits(exhibit, ("", "two", "slide"))


def test_ranks_show_what_tidy_says(rows):
    imp = fitted(rows)
    exhibit = ll.exhibits.plot_ranks(imp, id="fig-ranks", title="T", labels={})
    data, own = exhibit.data.set_index("term"), imp.tidy().set_index("term")
    assert (data["rank"] == own["rank"].loc[data.index]).all() and data["rank"].tolist() == [1, 2, 3, 4]
    first = exhibit.data.iloc[0]
    names = ["loyalty", "trust", "joy"]
    bare = ll.importance(ll.Moments.from_frame(rows, names, provenance=MADE_UP), names[0], names[1:])
    assert f"{first['term']} 1 ({first['rank_conf_low']} to {first['rank_conf_high']})" in exhibit.alt
    with pytest.raises(ModelError) as caught:
        ll.exhibits.plot_ranks(bare, id="fig-ranks", title="T", labels={})
    assert str(caught.value) == "these ranks have no intervals; give importance() its draws=."


def test_which_drivers_may_be_first_and_which_neighbours_are_settled(rows):
    imp = fitted(rows)
    found = ll.drivers.ranks(imp)
    own = imp.tidy()
    assert found.first == own.sort_values("rank")["term"].iloc[0]
    assert found.may_be_first == tuple(own.loc[own["rank_conf_low"] == 1].sort_values("rank")["term"])
    order = found.tidy()["term"].tolist()
    settled = [imp.contrast(a, b).tidy()["conf_low"].iloc[0] > 0 for a, b in pairwise(order)]
    assert found.stat("n_settled").value == sum(settled) and found.stat("n_drivers").value == 4
    assert set(found.glance().columns) <= set(GLOSSARY)
    with pytest.raises(ModelError) as caught:
        ll.drivers.ranks(replace(imp, draw_estimates=None))
    assert str(caught.value) == "these ranks have no intervals; give importance() its draws=."
