"""Path models: against lavaan, boot and printed paths, by identity, and on simulated data with a known truth."""

import json

import numpy as np
import pandas as pd
import pytest

from loyaltylab import Moments, mediate, ols, path_model, read_table
from loyaltylab.claims import read_model
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.exhibits.models.paths import plot_effects, plot_paths, table_effects, table_path_model
from loyaltylab.exhibits.style import laid_out, sized, theme, too_tight
from loyaltylab.models.paths import moderated_mediation

from ..benchmarks import coverage
from ..conftest import MADE_UP, REFERENCE

pytestmark = pytest.mark.slow

FOLDER = REFERENCE / "mediation_attitude"
ATTITUDE = pd.read_csv(FOLDER / "input.csv")
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
USED = ["rating", "complaints", "learning", "raises"]
REPUTATION = {"CUSA": ["COMP", "LIKE"], "CUSL": ["COMP", "LIKE", "CUSA"]}
ECSI = {
    "EXPE": ["IMAG"], "QUAL": ["EXPE"], "VAL": ["EXPE", "QUAL"], "SAT": ["IMAG", "EXPE", "QUAL", "VAL"],
    "COM": ["SAT"], "LOY": ["IMAG", "SAT", "COM"],
}  # fmt: skip


def attitude():
    return Moments.from_frame(ATTITUDE, USED, provenance=MADE_UP)


def drawn():
    rows = pd.read_csv(FOLDER / "indices.csv", header=None).to_numpy() - 1
    return Moments.bootstrap(ATTITUDE, USED[:3], rows=rows, provenance=MADE_UP)


def model_of(kind):
    mediators = ["learning"] if kind == "simple" else ["learning", "raises"]
    how = "serial" if kind == "serial" else "parallel"
    return mediate(attitude(), "complaints", mediators, "rating", kind=how, standardised=False)


@pytest.mark.parametrize("kind", ["simple", "parallel", "serial"])
def test_equals_lavaan(kind):
    found, compared = model_of(kind), 0
    routes = {
        "a*b": "learning", "a*b1": "learning", "a1*b1": "learning", "a2*b2": "raises", "a*d*b2": "learning → raises",
        "cp+a*b": None, "a1*b1+a2*b2": None,
    }  # fmt: skip
    for row in EXPECTED[kind]:
        if row["op"] == "~":
            got = found.paths.frame.set_index(list(found.paths.keys)).loc[row["rhs"], row["lhs"], "direct", ""]
        elif row["lhs"] == "contrast":
            continue
        elif routes[row["rhs"]] is None:
            got = found.tidy().set_index(["effect", "route"]).loc["total" if row["lhs"] == "tot" else "indirect", ""]
        else:
            got = (
                found.tidy()
                .set_index(["effect", "route"])
                .loc["indirect", f"complaints → {routes[row['rhs']]} → rating"]
            )
        np.testing.assert_allclose(got["estimate"], row["est"], atol=2e-9)
        np.testing.assert_allclose(got["std_error"], row["se"], rtol=2e-8)
        compared += 1
    assert compared == {"simple": 5, "parallel": 8, "serial": 9}[kind]


@pytest.mark.parametrize("kind", ["sobel", "aroian", "goodman"])
def test_the_product_tests_equal_those_of_r(kind):
    test = model_of("simple").product_test(kind)
    expected = EXPECTED[kind].get("se", EXPECTED[kind].get("var", 0) ** 0.5)
    np.testing.assert_allclose(test.std_error, expected, rtol=1e-12)
    assert test.verdict == "undecided"


def test_the_same_rows_drawn_give_boots_replicates_and_intervals():
    jackknife = Moments.jackknife(ATTITUDE, USED[:3], provenance=MADE_UP)
    for kind in ("percentile", "basic", "bca"):
        options = {"standardised": False, "draws": drawn(), "interval": kind, "jackknife": jackknife}
        found = mediate(attitude(), "complaints", "learning", "rating", **options)
        row = found.tidy().set_index(["effect", "route"]).loc["indirect", ""]
        np.testing.assert_allclose(row[["conf_low", "conf_high"]].tolist(), EXPECTED["intervals"][kind], atol=1e-9)
        np.testing.assert_allclose(row["std_error"], EXPECTED["intervals"]["se"], rtol=1e-10)
    at = found.paths.rows.index(("complaints", "rating", "indirect", ""))
    replicates = pd.read_csv(FOLDER / "replicates.csv")["indirect"]
    np.testing.assert_allclose(found.paths.estimated.draws[:, at], replicates, atol=1e-12)


def test_the_paths_of_the_workbook_come_back_as_printed():
    model = path_model(read_table("corporate_reputation_simple").moments(["COMP", "LIKE", "CUSA", "CUSL"]), REPUTATION)
    direct = {pair: round(model.effect(*pair, "direct").value, 3) for pair in
              [("COMP", "CUSA"), ("LIKE", "CUSA"), ("COMP", "CUSL"), ("LIKE", "CUSL"), ("CUSA", "CUSL")]}  # fmt: skip
    assert list(direct.values()) == [0.162, 0.424, 0.009, 0.342, 0.504]
    assert model.r_squared.round(3).tolist() == [0.295, 0.562]
    assert round(model.effect("LIKE", "CUSL", "total").value, 3) == 0.556


def test_the_paths_of_the_extended_model_come_back_as_printed():
    table = read_table("corporate_reputation")
    antecedents = ["QUAL", "PERF", "CSOR", "ATTR"]
    model = path_model(
        table.moments([*antecedents, "COMP", "LIKE", "CUSA", "CUSL"]),
        {"COMP": antecedents, "LIKE": antecedents} | REPUTATION,
    )
    routes = [model.along(name, "CUSA", "CUSL").value for name in ("COMP", "LIKE")]
    np.testing.assert_allclose(routes, [0.0735, 0.2200], atol=5e-4)
    assert len([row for row in model.rows if row[:2] == ("QUAL", "CUSL") and row[3]]) == 4


def test_the_satisfaction_index_comes_back_with_its_total_effects():
    model = path_model(read_table("mobi").moments(["IMAG", "EXPE", "QUAL", "VAL", "SAT", "COM", "LOY"]), ECSI)
    total = [model.effect(name, "LOY", "total").value for name in ("SAT", "IMAG", "QUAL", "EXPE", "VAL")]
    np.testing.assert_allclose(total, [0.521, 0.399, 0.323, 0.218, 0.101], atol=6e-4)
    assert model.explained().tidy()["estimate"].round(3).tolist() == [0.255, 0.310, 0.345, 0.681, 0.279, 0.457]


def test_plain_means_of_the_rows_give_the_unit_weighted_paths(corp_rep):
    model = path_model(corp_rep.moments(["COMP", "LIKE", "CUSA", "CUSL"]), REPUTATION)
    direct = model.frame.query("effect == 'direct'").set_index(["term", "outcome"])["estimate"].round(3)
    assert direct.to_dict() == {
        ("COMP", "CUSA"): 0.139, ("COMP", "CUSL"): 0.004, ("LIKE", "CUSA"): 0.435, ("LIKE", "CUSL"): 0.339,
        ("CUSA", "CUSL"): 0.511,
    }  # fmt: skip
    routes = [model.along(name, "CUSA", "CUSL").value for name in ("COMP", "LIKE")]
    np.testing.assert_allclose(routes, [0.071, 0.222], atol=6e-4)


def test_the_widest_arrow_is_the_largest_direct_effect():
    model = read_model("corporate_reputation_simple")
    paths = path_model(model.moments(model.variables), model.paths)
    sizes = {name: paths.effect(name, "CUSL", "direct").value for name in ("COMP", "LIKE", "CUSA")}
    assert paths.strongest("CUSL") == max(sizes, key=sizes.get) == "CUSA" and paths.strongest("CUSA") == "LIKE"


def test_totals_are_slopes_of_a_regression_without_the_mediators():
    m = attitude()
    found = mediate(m, "complaints", ["learning", "raises"], "rating", kind="serial", standardised=False)
    np.testing.assert_allclose(
        found.value(("total", "")).value, ols(m, "rating", ["complaints"]).value("complaints").value
    )
    parallel = mediate(m, "complaints", ["learning", "raises"], "rating", standardised=False)
    np.testing.assert_allclose(found.mediated.value, parallel.mediated.value, rtol=1e-12)


def test_rescaling_changes_no_standardised_effect():
    scaled = ATTITUDE.assign(learning=ATTITUDE["learning"] * 40 - 7)
    one = mediate(attitude(), "complaints", "learning", "rating").tidy()
    two = mediate(Moments.from_frame(scaled, USED, provenance=MADE_UP), "complaints", "learning", "rating").tidy()
    pd.testing.assert_frame_equal(one, two, rtol=1e-9)


def test_routes_through_one_mediator_are_summed_with_the_interval_of_the_sum():
    m = attitude()
    draws = m.draws(n_draws=300, seed=1)
    found = mediate(m, "complaints", ["learning", "raises"], "rating", kind="serial", draws=draws)
    routes = found.tidy().query("route != ''").set_index("route")["estimate"]
    through = [found.through(name).value for name in ("learning", "raises")]
    assert through[0] == pytest.approx(routes[[r for r in routes.index if "learning" in r]].sum())
    both = "complaints → learning → raises → rating"
    assert sum(through) == pytest.approx(found.mediated.value + routes[both])
    alone = mediate(m, "complaints", "learning", "rating", draws=draws)
    one, same = alone.through("learning"), alone.mediated
    np.testing.assert_allclose([one.conf_low, one.conf_high], [same.conf_low, same.conf_high], rtol=1e-10)
    with pytest.raises(ModelError) as error:
        model_of("simple").through("learning")
    assert str(error.value) == ("the sum of several routes has an interval only from draws; give mediate() its draws=.")


def test_a_proportion_of_opposite_effects_is_no_number():
    R = [[1, 0.5, 0.2], [0.5, 1, -0.3], [0.2, -0.3, 1]]
    m = Moments.from_correlations(R, ["x", "m", "y"], n=200, provenance=MADE_UP)
    assert mediate(m, "x", "m", "y").tidy()["estimate"].isna().tolist() == [False] * 4 + [True]


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng, truth, hits = np.random.default_rng(7), 0.5 * 0.4, {"theory": 0, "draws": 0}
    for seed in range(200):
        x = rng.normal(size=150)
        m = 0.5 * x + rng.normal(size=150)
        frame = pd.DataFrame({"x": x, "m": m, "y": 0.4 * m + 0.2 * x + rng.normal(size=150)})
        moments = Moments.from_frame(frame, provenance=MADE_UP)
        for name, draws in (("theory", None), ("draws", moments.draws(n_draws=400, seed=seed))):
            q = mediate(moments, "x", "m", "y", standardised=False, draws=draws).mediated
            hits[name] += q.conf_low <= truth <= q.conf_high
    assert all(180 <= count <= 198 for count in hits.values()), hits


def moderated(n=4000):
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(2, n))
    m = 0.4 * x + 0.3 * x * w + rng.normal(size=n)
    frame = pd.DataFrame({"x": x, "w": w, "m": m, "y": 0.5 * m + 0.1 * x + rng.normal(size=n)})
    return frame.assign(xw=(x - x.mean()) * (w - w.mean()), mw=(m - m.mean()) * (w - w.mean()))


def test_an_indirect_effect_that_depends_on_a_moderator_is_found():
    frame = moderated()
    m = Moments.from_frame(frame, provenance=MADE_UP)
    found = (
        moderated_mediation(m, "x", "m", "y", "w", "xw", draws=m.draws(n_draws=500, seed=1)).tidy().set_index("term")
    )
    np.testing.assert_allclose(found["estimate"], [0.05, 0.2, 0.35, 0.15], atol=0.03)
    assert found.loc["index", "conf_low"] > 0.1
    a, b = ols(m, "m", ["x", "w", "xw"]), ols(m, "y", ["x", "m", "w", "xw"])
    np.testing.assert_allclose(found.loc["index", "estimate"], a.value("xw").value * b.value("m").value, rtol=1e-10)
    second = moderated_mediation(m, "x", "m", "y", "w", "mw", stage="second").tidy().set_index("term")
    assert second.loc["index", "conf_low"] < 0 < second.loc["index", "conf_high"]


def test_errors_say_what_and_what_to_do():
    m = attitude()
    with pytest.raises(ModelError) as error:
        path_model(m, {"learning": ["rating"], "rating": ["raises"], "raises": ["learning"]})
    assert (
        str(error.value) == "the arrows go round: learning → raises → rating → learning. Turn or leave out one of them."
    )
    with pytest.raises(UnknownName, match="variable 'speed' does not exist"):
        path_model(m, {"rating": ["speed"]})
    with pytest.raises(UnknownName) as error:
        mediate(m, "complaints", "learning", "rating", kind="series")
    assert str(error.value).startswith(
        "kind 'series' does not exist; did you mean 'serial'? Possible: parallel, serial."
    )
    with pytest.raises(DataError) as error:
        mediate(m, "complaints", "complaints", "rating")
    assert str(error.value) == (
        "complaints: has two places in the model; treatment, mediators, outcome and covariates differ."
    )
    with pytest.raises(ModelError) as error:
        model_of("serial").product_test()
    assert str(error.value) == "sobel tests one mediator; this model has 2. Use draws=."
    double = Moments.from_frame(ATTITUDE.assign(twice=2 * ATTITUDE["learning"]), provenance=MADE_UP)
    with pytest.raises(ModelError, match="learning, twice: each is determined exactly by the others"):
        path_model(double, {"rating": ["learning", "twice"]})


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("equations", [REPUTATION, ECSI], ids=["reputation", "ecsi"])
def test_the_figures_fit_wherever_they_are_printed(equations, language):
    table = read_table("mobi" if equations is ECSI else "corporate_reputation_simple")
    names = list(dict.fromkeys(n for o, p in equations.items() for n in (*p, o)))
    model = path_model(table.moments(names), equations, draws=table.draws(names, n_draws=200, seed=1))
    look = {"labels": table.codebook.labels(language), "language": language}
    figure = plot_paths(model, id="fig-paths", title="Paths", **look)
    effects = plot_effects(model, names[0], names[-1], id="fig-effects", title="Effects", **look)
    for exhibit, widths in (
        (figure, ("", "two", "slide")),
        (effects, ("", "two", "slide", "one")[: 3 if equations is ECSI else 4]),
    ):
        for width in widths:
            with theme(8 if width == "one" else 10):
                assert too_tight(laid_out(exhibit.draw, sized(exhibit.size, width))) == "", (exhibit.id, width)
    decimal = "," if language == "nl" else "."
    assert f"0{decimal}" in figure.alt and len(figure.data) == sum(map(len, equations.values()))
    rows = table_effects(model, names[0], names[-1], id="tbl-effects", title="Effects", **look).cells
    assert len(rows) == 1 + len(effects.data)


# ---- whether the data speak against the arrows left out


FIT = pd.read_csv(REFERENCE / "paths_fit" / "expected.csv").set_index(["model", "measure"])["value"]
PATHS = {
    "chain": {"learning": ["complaints"], "raises": ["learning"], "rating": ["raises"]},
    "fork": {
        "learning": ["complaints", "privileges"], "raises": ["learning"], "advance": ["raises", "privileges"],
        "rating": ["complaints", "advance"],
    },
    "parallel": {"learning": ["complaints"], "raises": ["complaints", "learning"], "rating": ["learning", "raises"]},
}  # fmt: skip


def whole():
    return Moments.from_frame(pd.read_csv(REFERENCE / "regression_attitude" / "input.csv"), provenance=MADE_UP)


@pytest.mark.parametrize("name", list(PATHS))
def test_fit_equals_lavaan(name):
    found = path_model(whole(), PATHS[name]).fit.glance().iloc[0]
    names = {"chisq": "chi_squared", "df": "df", "pvalue": "p_value", "cfi": "cfi", "rmsea": "rmsea", "srmr": "srmr"}
    names |= {"rmsea.ci.lower": "rmsea_conf_low", "rmsea.ci.upper": "rmsea_conf_high"}
    for theirs, ours in names.items():
        assert found[ours] == pytest.approx(FIT[name, theirs], abs=2e-6), theirs


def test_the_table_of_a_model_says_whether_the_data_contradict_it():
    from loyaltylab.core import GLOSSARY

    found = path_model(whole(), PATHS["chain"])
    assert {*found.fit.tidy(), *found.fit.glance(), *found.glance()} <= set(GLOSSARY)
    text = table_path_model(found, id="tbl-t", title="T", labels={}).caption
    assert "χ² = 31.5 (df = 3, p = <0.001), CFI 0.58" in text and "do not tell them as effects" in text
    assert (
        "vertel ze niet als effecten"
        in table_path_model(found, id="tbl-t", title="T", labels={}, language="nl").caption
    )


def test_pairs_without_an_arrow_are_tested_given_the_causes_of_both():
    fit = path_model(whole(), PATHS["chain"]).fit
    rows = fit.tidy().set_index(["term", "against"])
    assert rows["given"].tolist() == ["learning", "raises", "complaints, raises"]
    for pair, row in rows.iterrows():
        assert row["estimate"] == pytest.approx(FIT["dsep", " ".join(pair)], abs=1e-12)
        assert row["p_value"] == pytest.approx(FIT["dsep", " ".join(pair) + " p"], rel=1e-9)
    assert fit.stat("fisher_c").value == pytest.approx(FIT["dsep", "C"])
    assert fit.stat("p_value_c").value == pytest.approx(FIT["dsep", "C p"])


def test_a_chain_is_told_only_where_the_data_could_have_spoken_against_it_and_did_not():
    saturated = path_model(whole(), {"learning": ["complaints"], "rating": ["learning", "complaints"]})
    assert saturated.fit.verdict == "untested" and not saturated.may_be_told
    assert np.isnan(saturated.stat("cfi").value) and saturated.stat("df").value == 0
    true = Moments.from_correlations(
        [[1, 0.6, 0.36], [0.6, 1, 0.6], [0.36, 0.6, 1]], ["t", "m", "y"], n=500, provenance=MADE_UP
    )
    assert mediate(true, "t", "m", "y").may_be_told
    past = Moments.from_correlations(
        [[1, 0.6, 0.7], [0.6, 1, 0.6], [0.7, 0.6, 1]], ["t", "m", "y"], n=500, provenance=MADE_UP
    )
    assert mediate(past, "t", "m", "y").chain.verdict == "does not fit"
    (_, found), = coverage.chains(60, sizes=(344,))  # fmt: skip
    assert found["true chain told"] >= 0.9 and found["direct effect of .3 overlooked"] <= 0.25


@pytest.mark.parametrize(
    ("a", "b", "direct", "verdict"),
    [(0.0, 0.5, 0.4, "none"), (0.6, -0.5, 0.4, "less"), (0.4, 0.3, 0.5, "some"), (0.6, 0.6, 0.1, "most")],
)
def test_how_much_runs_by_way_of_the_mediator(a, b, direct, verdict):
    total = direct + a * b
    r = [[1, a, total], [a, 1, b + a * direct], [total, b + a * direct, 1]]
    moments = Moments.from_correlations(r, names=["x", "m", "y"], n=500, provenance=MADE_UP)
    assert mediate(moments, "x", "m", "y").verdict == verdict
