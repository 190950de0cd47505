"""Scales against psych and printed tables, against longhand, and against what must hold of any scale."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import ModelError, UnknownName
from loyaltylab.kernels import factors
from loyaltylab.models.scales.dimensions import factorability, parallel_analysis, single_factor
from loyaltylab.models.scales.reliability import general_factor, reliability
from loyaltylab.models.scales.validity import (
    corrected_correlations,
    disattenuate,
    fornell_larcker,
    htmt,
    spearman_brown,
)
from loyaltylab.moments.moments import Moments
from loyaltylab.survey.open import input_files

from ..benchmarks import coverage
from ..conftest import MADE_UP, REFERENCE

ITEMS = ["rating", "complaints", "privileges", "learning", "raises", "critical", "advance"]
SIMPLE = {name: [f"{name.lower()}_{j}" for j in (1, 2, 3)] for name in ("COMP", "LIKE")} | {
    "CUSA": ["cusa"],
    "CUSL": ["cusl_1", "cusl_2", "cusl_3"],
}
PATHS = [("COMP", "CUSA"), ("LIKE", "CUSA"), ("COMP", "CUSL"), ("LIKE", "CUSL"), ("CUSA", "CUSL")]


def expected(topic: str) -> dict:
    return json.loads((REFERENCE / topic / "expected.json").read_text())


def population(lam: np.ndarray, names: list[str] | None = None, n: int = 200, sd=None) -> Moments:
    """Moments of items with exactly these loadings, (p,) or (p, k), on uncorrelated factors."""
    lam = lam if lam.ndim == 2 else lam[:, None]
    R = lam @ lam.T
    np.fill_diagonal(R, 1.0)
    names = names or [f"i{j}" for j in range(len(R))]
    return Moments.from_correlations(R, names, n=n, sd=sd, provenance=MADE_UP)


@pytest.fixture(scope="module")
def attitude() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "reliability_attitude" / "input.csv")


@pytest.fixture(scope="module")
def m(attitude) -> Moments:
    return Moments.from_frame(attitude, provenance=MADE_UP)


@pytest.fixture(scope="module")
def simple(corp_rep) -> Moments:
    return corp_rep.moments([item for items in SIMPLE.values() for item in items])


# ---- against R ------------------------------------------------------------------------------------------------------


def test_alpha_and_its_interval_equal_psych(m):
    wanted, found = expected("reliability_attitude"), reliability(m, {"all": ITEMS})
    row = found.tidy().set_index("measure")
    assert row.loc["alpha", "estimate"] == pytest.approx(wanted["alpha"], abs=1e-10)
    assert row.loc["alpha_standardised", "estimate"] == pytest.approx(wanted["alpha_standardised"], abs=1e-10)
    assert row.loc["alpha", ["conf_low", "conf_high"]].tolist() == pytest.approx(wanted["feldt"], abs=1e-10)
    assert row["interval"].to_dict() == {
        "alpha": "feldt",
        "alpha_standardised": "none",
        "omega_total": "none",
        "composite_reliability": "none",
        "ave": "none",
    }


def test_item_statistics_equal_psych(m):
    wanted, frame = expected("reliability_attitude"), reliability(m, {"all": ITEMS}).items().tidy().set_index("term")
    for item in ITEMS:
        row, stats, dropped = frame.loc[item], wanted["items"][item], wanted["dropped"][item]
        found = [row["item_rest"], row["mean"], row["sd"], row["alpha_if_dropped"]]
        assert found == pytest.approx([stats["r.drop"], stats["mean"], stats["sd"], dropped["raw_alpha"]], abs=1e-10)
        assert row["alpha_if_dropped_standardised"] == pytest.approx(dropped["std.alpha"], abs=1e-10)
        assert row["gain"] == pytest.approx(dropped["raw_alpha"] - wanted["alpha"], abs=1e-10)


def test_omega_total_of_one_factor_equals_psych(m):
    found = reliability(m, {"all": ITEMS}).value(("all", "omega_total")).value
    assert found == pytest.approx(expected("reliability_attitude")["omega_total_1f"], abs=1e-6)


def test_hierarchical_omega_is_that_of_psych(m):
    wanted, found = expected("reliability_attitude"), general_factor(m, ITEMS)
    assert found.stat("omega_hierarchical").value == pytest.approx(wanted["omega_hierarchical_3f"], abs=3e-4)
    assert found.stat("omega_total").value == pytest.approx(wanted["omega_total_3f"], abs=3e-4)
    general = found.tidy().set_index("term")["general"]
    assert general.to_dict() == pytest.approx(wanted["general_3f"], abs=2e-3)


def test_two_factor_communalities_are_those_of_psych(m):
    lam = factors.minres(m.corr, 2)
    wanted = expected("reliability_attitude")["minres_2f_communality"]
    assert dict(zip(m.names, (lam**2).sum(axis=1), strict=True)) == pytest.approx(wanted, abs=2e-5)


def test_kmo_and_bartlett_equal_psych(m):
    wanted, found = expected("reliability_attitude"), factorability(m, ITEMS)
    row = found.glance().iloc[0]
    assert found.tidy().set_index("term")["estimate"].to_dict() == pytest.approx(wanted["kmo"]["items"], abs=1e-10)
    assert row["kmo"] == pytest.approx(wanted["kmo"]["overall"], abs=1e-10)
    assert row["chi_squared"] == pytest.approx(wanted["bartlett"]["chisq"], abs=1e-9)
    assert row["p_value"] == pytest.approx(wanted["bartlett"]["p"], rel=1e-9)
    assert row["df"] == wanted["bartlett"]["df"]


def test_eigenvalues_equal_r(m):
    values = expected("reliability_attitude")["eigenvalues"]
    found = parallel_analysis(m, ITEMS, n_draws=100).tidy()
    assert found["estimate"].tolist() == pytest.approx(values, abs=1e-10)
    assert single_factor(m, ITEMS).value("component").value == pytest.approx(values[0] / 7, abs=1e-10)


# ---- against real surveys -------------------------------------------------------------------------------------------


def test_corporate_reputation_has_the_printed_reliabilities(simple):
    wanted = expected("reliability_corp_rep")
    found = reliability(simple, SIMPLE, loadings="composite", paths=PATHS).tidy().set_index(["measure", "term"])
    for measure in ("alpha_standardised", "alpha", "composite_reliability", "ave"):
        for scale, value in wanted[measure].items():
            assert found.loc[(measure, scale), "estimate"] == pytest.approx(value, abs=0.0006), (measure, scale)


def test_corporate_reputation_has_the_printed_htmt(simple):
    found = htmt(simple, SIMPLE)
    for a, b, value in expected("reliability_corp_rep")["htmt"]:
        assert found.value((a, b)).value == pytest.approx(value, abs=0.0006), (a, b)
    assert set(found.tidy()["verdict"]) == {"apart"}


def test_factor_loadings_are_smaller_than_the_printed_composite_loadings(simple):
    """Which kind of loading a printed ρC rests on matters; the three kinds are told apart by COMP."""
    found = {
        kind: reliability(simple, SIMPLE, loadings=kind, paths=PATHS if kind == "composite" else ()).value(
            ("COMP", "ave")
        )
        for kind in factors.LOADINGS
    }
    assert [f"{found[kind]:.3f}" for kind in ("factor", "composite", "component")] == ["0.551", "0.681", "0.692"]


def test_mobi_has_the_known_alphas_and_its_bad_item_is_named(corp_rep_file):
    survey, wanted = ll.read_survey(input_files("mobi")["data"], "mobi"), expected("reliability_mobi")
    scales = {name: survey.codebook.scales[name].items for name in wanted["alpha_standardised"]}
    found = reliability(survey.moments([item for items in scales.values() for item in items]), scales)
    for scale, value in wanted["alpha_standardised"].items():
        assert found.value((scale, "alpha_standardised")).value == pytest.approx(value, abs=0.0006)
    assert found.items().suspects[0] == wanted["bad_item"]
    assert found.improper == ("LOY",)


def test_htmt_intervals_on_the_real_rows(corp_rep, simple):
    draws = corp_rep.draws(simple.names, n_draws=400, seed=3)
    frame = htmt(simple, SIMPLE, draws=draws).tidy()
    assert ((frame["conf_low"] < frame["estimate"]) & (frame["estimate"] < frame["conf_high"])).all()
    assert (frame["conf_high"] < 0.9).all() and (frame["conf_high"] - frame["conf_low"] > 0.05).all()


# ---- against longhand -----------------------------------------------------------------------------------------------


def test_alpha_and_item_rest_longhand(rows):
    items = ["trust", "joy", "price"]
    x = rows[items]
    found = reliability(Moments.from_frame(rows, items, provenance=MADE_UP), {"s": items})
    alpha = 1.5 * (1 - x.var().sum() / x.sum(axis=1).var())
    assert found.value(("s", "alpha")).value == pytest.approx(alpha, abs=1e-12)
    rest = [x[item].corr(x.drop(columns=item).sum(axis=1)) for item in items]
    assert found.items().tidy()["item_rest"].tolist() == pytest.approx(rest, abs=1e-12)


def test_weights_of_two_are_the_row_twice(rows):
    items, twice = ["trust", "joy", "price"], pd.concat([rows, rows], ignore_index=True)
    weighted = Moments.from_frame(rows.assign(two=2.0), items, weight="two", provenance=MADE_UP)
    found, wanted = (
        reliability(s, {"s": items}).tidy() for s in (weighted, Moments.from_frame(twice, items, provenance=MADE_UP))
    )
    np.testing.assert_allclose(found["estimate"], wanted["estimate"], rtol=0, atol=1e-12)
    assert found["conf_low"][0] < wanted["conf_low"][0]  # equal weights add no respondents


def test_standardised_alpha_of_two_items_is_spearman_brown():
    found = reliability(population(np.array([0.6, 0.6])), {"s": ["i0", "i1"]})
    assert found.value(("s", "alpha_standardised")).value == pytest.approx(float(spearman_brown(0.36, 2)), abs=1e-12)
    assert np.isnan(found.items().tidy()["alpha_if_dropped"]).all()


def test_three_items_have_their_loadings_in_closed_form(simple):
    R = simple.select(SIMPLE["LIKE"]).corr
    wanted = np.sqrt([R[0, 1] * R[0, 2] / R[1, 2], R[0, 1] * R[1, 2] / R[0, 2], R[0, 2] * R[1, 2] / R[0, 1]])
    np.testing.assert_allclose(factors.one_factor(R), wanted, rtol=0, atol=1e-9)


def test_one_factor_is_found_again():
    lam = np.array([0.9, 0.7, -0.5, 0.3, 0.6])
    R = population(lam).corr
    np.testing.assert_allclose(factors.one_factor(R), lam, rtol=0, atol=1e-9)
    np.testing.assert_allclose(factors.one_factor(R), factors.minres(R, 1)[:, 0], rtol=0, atol=1e-4)


def test_of_exactly_one_factor_omega_is_composite_reliability():
    lam, sd = np.array([0.9, 0.7, 0.5, 0.4]), [1.0, 2.0, 0.5, 3.0]
    found = reliability(population(lam, sd=sd), {"s": ["i0", "i1", "i2", "i3"]}).tidy().set_index("measure")["estimate"]
    wanted = 2.5**2 / (2.5**2 + (1 - lam**2).sum())
    assert found["omega_total"] == pytest.approx(wanted, abs=1e-9)
    assert found["composite_reliability"] == pytest.approx(wanted, abs=1e-9)
    assert found["ave"] == pytest.approx((lam**2).mean(), abs=1e-9)
    assert found["alpha_standardised"] < wanted  # equal only where loadings are


def test_a_known_general_factor_is_found_again():
    general = np.array([0.7, 0.6, 0.5, 0.7, 0.6, 0.5, 0.7, 0.6, 0.5])
    lam = np.column_stack([general, np.kron(np.eye(3), np.ones((3, 1))) * 0.8 * general[:, None]])
    m = population(lam)
    found = general_factor(m, m.names)
    np.testing.assert_allclose(found.tidy()["general"], general, rtol=0, atol=1e-3)
    assert found.stat("omega_hierarchical").value == pytest.approx(general.sum() ** 2 / m.corr.sum(), abs=1e-3)
    assert found.tidy().groupby("factor")["term"].count().tolist() == [3, 3, 3]


def test_corrected_correlation_is_that_of_the_factors_where_loadings_are_equal():
    lam = np.zeros((6, 2))
    lam[:3, 0], lam[3:] = 0.7, [0.8 * 0.5, 0.8 * np.sqrt(0.75)]
    m = population(lam)
    scales = {"a": m.names[:3], "b": m.names[3:]}
    assert corrected_correlations(m, scales).value(("b", "a")).value == pytest.approx(0.5, abs=1e-12)
    assert htmt(m, scales).value(("b", "a")).value == pytest.approx(0.5, abs=1e-12)
    found = fornell_larcker(m, scales).tidy().iloc[0]
    assert (found["estimate"], found["bound"]) == pytest.approx((0.5, 0.7), abs=1e-9)
    composites = fornell_larcker(m, scales, loadings="component").tidy().iloc[0]
    wanted = 9 * 0.7 * 0.8 * 0.5 / np.sqrt((3 + 6 * 0.49) * (3 + 6 * 0.64))
    assert composites["estimate"] == pytest.approx(wanted, abs=1e-9)


def test_a_correlation_is_corrected_by_both_reliabilities():
    assert float(disattenuate(0.3, 0.5, 0.72)) == pytest.approx(0.5)
    assert np.isnan(disattenuate(0.3, -0.5, -0.72))


# ---- what must hold of any scale ------------------------------------------------------------------------------------


def test_kernels_take_draws_as_one_more_axis(m):
    draws = m.draws(n_draws=100, seed=4)
    S, R = draws.cov, draws.corr
    for kernel in (factors.alpha, factors.alpha_if_dropped, factors.item_rest, factors.component, factors.one_factor):
        np.testing.assert_allclose(kernel(R), np.stack([kernel(one) for one in R]), rtol=0, atol=1e-7)
    where, paths = [[0, 1], [2, 3, 4], [5, 6]], [(0, 2), (1, 2)]
    each = np.stack([factors.mode_a(one, where, paths) for one in R[:20]])
    np.testing.assert_allclose(factors.mode_a(R[:20], where, paths), each, rtol=0, atol=1e-7)
    assert factors.alpha(S).shape == (100,)


def test_feldt_holds_alpha_as_often_as_it_says():
    p, n, r = 5, 40, 0.4
    m = population(np.full(p, np.sqrt(r)), n=n)
    found = factors.alpha(m.draws(n_draws=4000, seed=9).cov)
    low, high = factors.feldt(found, np.array(n), p, 0.9).T
    truth = p * r / (1 + (p - 1) * r)
    assert np.mean((low < truth) & (truth < high)) == pytest.approx(0.9, abs=0.015)


def test_draws_give_every_measure_an_interval(m):
    draws = m.draws(n_draws=300, seed=2)
    found = reliability(m, {"a": ITEMS[:4], "b": ITEMS[4:]}, draws=draws, conf_level=0.8)
    frame = found.tidy()
    assert set(frame["interval"]) == {"draws"} and found.glance()["n_draws"].tolist() == [300]
    drawn = np.stack(found.draw_estimates, axis=1)
    inside = (drawn > frame["conf_low"].to_numpy().reshape(2, 5)) & (
        drawn < frame["conf_high"].to_numpy().reshape(2, 5)
    )
    np.testing.assert_allclose(inside.mean(axis=0), 0.8, rtol=0, atol=0.02)
    np.testing.assert_allclose(drawn[:, 1, 0], factors.alpha(draws.select(ITEMS[4:]).cov), rtol=0, atol=1e-12)
    items = found.items().tidy()
    assert (items["gain_conf_low"] < items["gain"]).all() and (items["item_rest"] < items["item_rest_conf_high"]).all()
    assert found.value(("a", "ave")).conf_level == 0.8
    assert reliability(m, {"a": ITEMS}, draws=draws).tidy().equals(reliability(m, {"a": ITEMS}, draws=draws).tidy())


def test_the_scale_of_an_item_changes_raw_alpha_only(m):
    sd = np.sqrt(np.diagonal(m.cov)) * np.array([1, 10, 1, 1, 1, 1, 1])
    rescaled = Moments.from_correlations(m.corr, m.names, n=30, sd=sd, provenance=MADE_UP)
    before, after = (reliability(s, {"all": ITEMS}).estimates[0] for s in (m, rescaled))
    np.testing.assert_allclose(before[1:], after[1:], rtol=0, atol=1e-12)
    assert abs(before[0] - after[0]) > 0.01


def test_an_item_that_points_the_other_way_is_the_first_suspect():
    m = population(np.array([0.8, 0.7, -0.75, 0.6]))
    found = reliability(m, {"s": m.names})
    assert found.items().suspects == ("i2",)
    assert found.items().value(("s", "i2"), "item_rest").value < 0


def test_two_scales_that_are_one_are_not_apart():
    m = population(np.full(6, 0.8), n=400)
    scales = {"a": m.names[:3], "b": m.names[3:]}
    assert htmt(m, scales).tidy()["verdict"].tolist() == ["not apart"]
    assert fornell_larcker(m, scales).tidy()["verdict"].tolist() == ["not apart"]
    assert htmt(m, scales, draws=m.draws(n_draws=200, seed=1)).tidy()["verdict"].tolist() == ["not apart"]
    assert htmt(m, scales, bound=1, draws=m.draws(n_draws=200, seed=1)).tidy()["verdict"].tolist() == ["undecided"]


def test_one_item_has_no_internal_consistency(simple):
    found = reliability(simple, SIMPLE).tidy().set_index("term")
    assert found.loc["CUSA", "estimate"].isna().all() and set(found.loc["CUSA", "interval"]) == {"none"}


def test_parallel_analysis_finds_the_factors_there_are():
    two = population(np.kron(np.eye(2), np.full((4, 1), 0.7)), n=300)
    none = population(np.zeros(6), n=300)
    assert parallel_analysis(two, two.names, seed=5).stat("n_factors").value == 2
    assert parallel_analysis(none, none.names, seed=5).stat("n_factors").value == 0
    assert parallel_analysis(two, two.names, seed=5).tidy().equals(parallel_analysis(two, two.names, seed=5).tidy())


def test_chance_eigenvalues_are_those_of_random_rows():
    x = np.random.default_rng(8).standard_normal((2000, 40, 5))
    x -= x.mean(axis=1, keepdims=True)
    x /= np.sqrt((x**2).sum(axis=1, keepdims=True))
    rows = np.linalg.eigvalsh(np.swapaxes(x, 1, 2) @ x)[:, ::-1]
    found = factors.random_eigenvalues(40, 5, 2000, seed=1)
    np.testing.assert_allclose(found.mean(axis=0), rows.mean(axis=0), rtol=0, atol=0.02)
    np.testing.assert_allclose(np.quantile(found, 0.95, axis=0), np.quantile(rows, 0.95, axis=0), rtol=0, atol=0.04)


def test_one_dimension_holds_everything_where_items_are_alike():
    m = population(np.full(4, np.sqrt(0.5)))
    found = single_factor(m, m.names, draws=m.draws(n_draws=200, seed=1))
    assert found.value("component").value == pytest.approx(1 / 4 * (1 + 3 * 0.5), abs=1e-12)
    assert found.value("factor").value == pytest.approx(0.5, abs=1e-9)
    assert found.value("factor").conf_low < 0.5 < found.value("factor").conf_high


# ---- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scales", "options", "message"),
    [
        (
            {"a": ["rating", "raises"], "b": ["raises"]},
            {},
            "raises: stands twice among the items; an item belongs to one scale only.",
        ),
        ({"a": "rating"}, {}, "scale a: give a list of one item or more."),
        (
            {},
            {},
            "no scales are given; give a mapping of scale to items, such as {'LIKE': ['like_1', 'like_2']}.",
        ),
        ({"a": ["rating"]}, {"conf_level": 95}, "conf_level is 95; allowed: between 0 and 1, such as 0.95."),
        (
            {"a": ["rating", "raises"]},
            {"loadings": "composite"},
            "paths= and loadings='composite' belong together: composite weights rest on the paths.",
        ),
        (
            {"a": ["rating"], "b": ["raises"], "c": ["critical"]},
            {"loadings": "composite", "paths": [("a", "b")]},
            "c: on no path, so it has no composite weights. Add a path or leave it out.",
        ),
        (
            {"a": ["rating", "raise"]},
            {},
            "variable 'raise' does not exist; did you mean 'raises'? Possible: rating, complaints, privileges, learning, "
            "raises, critical, advance. Rebuild the moments with 'raise' among the variables.",
        ),
        (
            {"a": ["rating"]},
            {"loadings": "factors"},
            "loadings 'factors' does not exist; did you mean 'factor'? Possible: factor, component, composite.",
        ),
    ],
)
def test_refusals(m, scales, options, message):
    with pytest.raises((ModelError, UnknownName)) as error:
        reliability(m, scales, **options)
    assert str(error.value) == message


def test_draws_must_be_draws_and_the_sample_must_be_one_set(m):
    with pytest.raises(ModelError) as error:
        reliability(m, {"a": ITEMS}, draws=m)
    assert str(error.value) == "draws= holds one set; make draws with survey.draws(names) or moments.draws()."
    with pytest.raises(ModelError) as error:
        reliability(m.draws(n_draws=100), {"a": ITEMS})
    assert str(error.value).startswith("these moments are several sets; pick one with [label]")


def test_an_item_twice_under_two_names_is_refused(attitude):
    m = Moments.from_frame(attitude.assign(again=attitude["raises"]), provenance=MADE_UP)
    with pytest.raises(ModelError) as error:
        factorability(m, [*ITEMS, "again"])
    assert (
        str(error.value)
        == "raises, again: each is determined exactly by the others, so their parts cannot be told apart. Leave one out."
    )


def test_too_few_items_scales_or_respondents_are_refused(m):
    for call, message in [
        (
            lambda: general_factor(m, ITEMS[:5]),
            "5 items do not identify a general factor beside 3 group factors; take 3 and 6 items or more.",
        ),
        (lambda: htmt(m, {"a": ITEMS}), "one scale is given (a); comparing takes at least two."),
        (lambda: single_factor(m, ["rating"]), "rating: one item has no correlations; give two items or more."),
        (
            lambda: parallel_analysis(m, ITEMS, quantile=95),
            "quantile = 95, n_draws = 2000: give a quantile in 0…1 and at least 100 draws.",
        ),
        (
            lambda: spearman_brown(0.6, 0),
            "factor = 0: a scale cannot be made that many times as long; give more than 0.",
        ),
    ]:
        with pytest.raises(ModelError) as error:
            call()
        assert str(error.value) == message


def test_the_weakest_scale_and_pairs_that_blur_blocks_are_named(simple):
    found = reliability(simple, SIMPLE)
    alphas = {scale: found.value((scale, "alpha")).value for scale in SIMPLE}
    assert found.weakest == min(alphas, key=alphas.get)
    assert found.weak == sorted((scale for scale in alphas if alphas[scale] < 0.7), key=alphas.get)
    pairs, names = htmt(simple, SIMPLE), list(SIMPLE)
    assert pairs.blurred({"a": names[:1], "b": names[1:]}) == []
    blurred = replace(pairs, bounds=np.full(len(pairs.estimates), 0.1))
    across = {frozenset(pair) for pair in blurred.blurred({"a": names[:1], "b": names[1:3]})}
    assert across == {frozenset((names[0], other)) for other in names[1:3]}, (
        "of other blocks, and of none that is in no block"
    )
    first = blurred.blurred({"a": names[:1], "b": names[1:]})[0]
    assert blurred.value(first).value == max(
        blurred.value(pair).value for pair in blurred.blurred({"a": names[:1], "b": names[1:]})
    )


def test_an_item_that_nearly_all_answer_alike_is_named():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(rng.normal(size=(300, 3)), columns=["a1", "a2", "a3"]).assign(a3=[1.0] * 2 + [0.0] * 298)
    draws = Moments.bootstrap(rows, list(rows), n_draws=200, provenance=MADE_UP)
    with pytest.raises(ModelError, match=r"^a3: nearly everyone answered alike, so \d+ of 200 draws hold one answer"):
        reliability(Moments.from_frame(rows, provenance=MADE_UP), {"A": ["a1", "a2", "a3"]}, draws=draws)


def test_each_scale_of_a_survey_is_measured_on_those_who_answered_all_of_it(attitude):
    scales = {"a": ITEMS[:3], "b": ITEMS[3:]}
    frame = attitude[ITEMS].astype(float)
    frame.loc[:5, ITEMS[0]] = np.nan
    frame.loc[4:11, ITEMS[4]] = np.nan
    found = reliability(frame, scales, n_draws=100)
    alone = [reliability(frame, {name: items}, n_draws=100) for name, items in scales.items()]
    assert found.tidy().groupby("term", sort=False)["n"].first().tolist() == [24, 22]
    pd.testing.assert_frame_equal(found.tidy(), pd.concat([one.tidy() for one in alone], ignore_index=True))
    pd.testing.assert_frame_equal(
        found.items().tidy(), pd.concat([one.items().tidy() for one in alone], ignore_index=True)
    )
    assert (found.stat("n_lowest").value, found.stat("n_highest").value, found.one_n) == (22, 24, False)
    assert set(reliability(Moments.from_frame(frame, provenance=MADE_UP), scales).tidy()["n"]) == {18}


@pytest.mark.slow
def test_intervals_of_scales_hold_and_two_at_the_bound_are_not_called_apart():
    ((_, counted),) = coverage.scales(40, (150,))
    assert all(counted[name] >= 0.85 for name in ("alpha", "omega", "HTMT")) and counted["apart at .9"] <= 0.1
