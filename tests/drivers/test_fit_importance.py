"""Importance for binary and ordered outcomes: against glm and polr of R, against statsmodels longhand, and itself."""

import json
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.drivers import fit_importance as logit_fits
from loyaltylab.drivers.fit_importance import FITS, importance_of_fit
from loyaltylab.kernels import logit as logit_kernels
from loyaltylab.moments.rows import complete
from loyaltylab.survey.survey import source_of

from ..conftest import MADE_UP, reference_folders

DRIVERS = ["trust", "joy", "price"]


@pytest.fixture
def answers() -> pd.DataFrame:
    """One hundred and fifty made-up respondents: stays 0/1, recommend 0…4, three drivers, a segment, weight, cluster."""
    rng = np.random.default_rng(20260101)
    drivers = 0.7 * rng.normal(size=(150, 1)) + rng.normal(size=(150, 3))
    latent = drivers @ [0.8, 0.5, 0.2] + rng.logistic(size=150)
    frame = pd.DataFrame(drivers, columns=DRIVERS)
    frame = frame.assign(stays=(latent > 0) * 1, recommend=np.digitize(latent, [-3, -1, 0.5, 2.5]))
    return frame.assign(segment=rng.integers(3, size=150), wt=rng.uniform(0.5, 2, 150), branch=np.arange(150) % 15)


def fit(frame, outcome="stays", drivers=DRIVERS, **options):
    return importance_of_fit(frame, outcome, drivers, provenance=MADE_UP, **options)


def longhand(value, k):
    """General dominance from a function of the tuple of players in the model."""
    out = np.zeros(k)
    for j in range(k):
        others = [i for i in range(k) if i != j]
        for s in range(k):
            gains = [value((*some, j)) - value(some) for some in combinations(others, s)]
            out[j] += sum(gains) / comb(k - 1, s) / k
    return out


@pytest.mark.parametrize("folder", reference_folders(having="terms"), ids=lambda folder: folder.name)
def test_equals_r(folder):
    origin = json.loads((folder / "origin.json").read_text())
    expected = pd.read_csv(folder / "expected.csv", keep_default_na=False)
    frame = pd.read_csv(folder / "input.csv")
    model = {name: origin[name] for name in ("family", "weight", "covariates", "categorical") if name in origin}
    estimates = expected[expected["term"] != ""]
    for (index, method), rows in estimates.groupby(["fit", "method"]):
        found = fit(frame, origin["outcome"], origin["terms"], fit=index, method=method, **model)
        got = found.tidy().set_index("term")["estimate"][rows["term"]]
        np.testing.assert_allclose(got, rows["value"].astype(float), rtol=0, atol=1e-12, err_msg=f"{index} {method}")
        totals = expected[(expected["fit"] == index) & (expected["term"] == "")].set_index("method")["value"]
        for name, value in totals.astype(float).items():
            assert found.glance()[name].iloc[0] == pytest.approx(value, abs=1e-12)
    assert len(estimates) > 4


# it stops at 1e-9, short of the 0 it wants
@pytest.mark.filterwarnings("ignore:Maximum Likelihood optimization failed")
@pytest.mark.parametrize("index", ["mcfadden", "nagelkerke"])
def test_ordered_equals_statsmodels_longhand(answers, index):
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    y, n = answers["recommend"].to_numpy(), len(answers)
    share = np.bincount(y) / n
    null = n * (share * np.log(share)).sum()

    def value(some):
        if not some:
            return 0.0
        X = answers[[DRIVERS[i] for i in some]].to_numpy()
        ll_model = OrderedModel(y, X, distr="logit").fit(method="bfgs", disp=0, gtol=1e-6).llf
        if index == "mcfadden":
            return 1 - ll_model / null
        return (1 - np.exp(2 * (null - ll_model) / n)) / (1 - np.exp(2 * null / n))

    found = fit(answers, "recommend", family="ordered", fit=index)
    np.testing.assert_allclose(found.estimates, longhand(value, 3), rtol=0, atol=1e-9)


def test_binary_with_covariate_and_blocks_equals_statsmodels_longhand(answers):
    import statsmodels.api as sm

    blocks = {"emotional": ("trust", "joy"), "rational": ("price",)}
    y = answers["stays"].to_numpy()
    dummies = pd.get_dummies(answers["segment"], drop_first=True).to_numpy(dtype=float)

    def value(some):
        names = [name for i in some for name in list(blocks.values())[i]]
        p = sm.Logit(y, sm.add_constant(np.column_stack([answers[names], dummies]))).fit(disp=0, tol=1e-12).predict()
        return p[y == 1].mean() - p[y == 0].mean()

    options = {"covariates": ["segment"], "categorical": ["segment"], "fit": "tjur"}
    found = fit(answers, drivers=blocks, players="blocks", **options)
    assert found.terms == ("emotional", "rational")
    np.testing.assert_allclose(found.estimates, longhand(value, 2), rtol=0, atol=1e-10)
    assert found.r_squared_covariates == pytest.approx(value(()), abs=1e-10)
    last = fit(answers, drivers=blocks, players="blocks", method="last", **options)
    assert last.estimates[0] == pytest.approx(value((0, 1)) - value((1,)), abs=1e-10)


def test_logistic_relative_weights_equal_their_definition(answers):
    import statsmodels.api as sm

    X, y = answers[DRIVERS].to_numpy(), answers["stays"].to_numpy()
    X = (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)
    left, _, right = np.linalg.svd(X, full_matrices=False)
    Z = left @ right
    Z = (Z - Z.mean(axis=0)) / Z.std(axis=0, ddof=1)
    model = sm.Logit(y, sm.add_constant(Z)).fit(disp=0, tol=1e-12)
    b, p = model.params[1:], model.predict()
    r_squared = np.corrcoef(y, p)[0, 1] ** 2
    standardised = b * np.sqrt(r_squared) / np.log(p / (1 - p)).std(ddof=1)
    loadings = np.linalg.lstsq(Z, X, rcond=None)[0]
    found = fit(answers, method="relative_weights")
    np.testing.assert_allclose(found.estimates, (loadings**2).T @ standardised**2, rtol=0, atol=1e-10)
    assert found.estimates.sum() == pytest.approx(r_squared, abs=1e-10)
    assert found.fit == "squared_correlation"


@pytest.mark.parametrize("index", FITS)
def test_parts_sum_to_the_full_fit(answers, index):
    found = fit(answers, fit=index)
    assert found.estimates.sum() == pytest.approx(found.r_squared, abs=1e-12)
    assert 0 < found.r_squared < 1
    assert found.fit == index
    assert (
        found.provenance.steps[-1] == f"importance of trust, joy, price for stays (binary logit, {index}), method lmg"
    )


@pytest.mark.parametrize("index", FITS)
def test_identities(answers, index):
    before = fit(answers, fit=index).estimates
    same = {
        "units": fit(answers.assign(trust=1e5 - 300 * answers["trust"]), fit=index),
        "turned round": fit(answers.assign(stays=1 - answers["stays"]), fit=index),
        "weight 3": fit(answers.assign(three=3.0), fit=index, weight="three"),
        "order": fit(answers, drivers=DRIVERS[::-1], fit=index),
        "single blocks": fit(answers, drivers={name[0]: [name] for name in DRIVERS}, players="blocks", fit=index),
    }
    for what, found in same.items():
        estimates = found.estimates[::-1] if what == "order" else found.estimates
        np.testing.assert_allclose(estimates, before, rtol=0, atol=1e-10, err_msg=what)


@pytest.mark.parametrize("outcome", ["stays", "recommend"])
def test_weight_2_is_the_row_twice(answers, outcome):
    family = {"stays": "binary", "recommend": "ordered"}[outcome]
    answers["often"] = 1 + np.arange(150) % 3
    twice = answers.loc[answers.index.repeat(answers["often"])]
    weighted = fit(answers, outcome, family=family, weight="often")
    np.testing.assert_allclose(weighted.estimates, fit(twice, outcome, family=family).estimates, rtol=0, atol=1e-12)


def test_two_ordered_answers_are_a_binary_outcome(answers):
    ordered = fit(answers.assign(stays=answers["stays"] * 2 + 5), family="ordered")
    np.testing.assert_allclose(ordered.estimates, fit(answers).estimates, rtol=0, atol=1e-12)


def test_labels_of_a_categorical_driver_do_not_matter(answers):
    coded = fit(answers, drivers=["trust", "segment"], categorical=["segment"])
    named = answers.assign(segment=answers["segment"].map({0: "post", 1: "app", 2: "shop"}))
    found = fit(named, drivers=["trust", "segment"], categorical=["segment"])
    np.testing.assert_allclose(found.estimates, coded.estimates, rtol=0, atol=1e-12)


def test_weak_effects_are_divided_as_in_a_linear_model():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(60_000, 3)) @ np.linalg.cholesky([[1, 0.5, 0.2], [0.5, 1, 0.4], [0.2, 0.4, 1]]).T
    frame = pd.DataFrame(x, columns=DRIVERS)
    frame["stays"] = (x @ [0.2, 0.1, 0.05] + rng.logistic(size=len(x)) > 0) * 1
    linear = ll.Moments.from_frame(frame, provenance=MADE_UP)
    for method in ("lmg", "relative_weights"):
        expected = ll.importance(linear, "stays", DRIVERS, method=method)
        for index in ["squared_correlation"] if method == "relative_weights" else FITS:
            found = fit(frame, method=method, fit=index)
            np.testing.assert_allclose(found.shares, expected.shares, atol=0.01)
        assert found.r_squared == pytest.approx(expected.r_squared, rel=0.02)


# ---- draws --------------------------------------------------------------------------------------------------------------


def test_draws_are_those_of_moments(answers):
    for design in (
        {},
        {"weight": "wt"},
        {"cluster": "branch"},
        {"weight": "wt", "cluster": "branch"},
        {"strata": "segment"},
    ):
        names = {"weight": None, "cluster": None, "strata": None} | design
        drawn = ll.Moments.bootstrap(answers, DRIVERS, n_draws=100, seed=3, provenance=MADE_UP, **design)
        source = source_of(answers, names["weight"], names["cluster"], names["strata"], MADE_UP)
        used, sampled = complete(source, DRIVERS)
        w = np.concatenate(list(sampled.draws(100, 3, 37)))
        np.testing.assert_allclose(w.sum(axis=1), drawn.weight)
        np.testing.assert_allclose(w @ used[DRIVERS].to_numpy() / w.sum(axis=1, keepdims=True), drawn.mean, atol=1e-12)
        assert drawn.scheme == sampled.description(100, 3)


@pytest.mark.parametrize(
    ("outcome", "options"),
    [
        ("stays", {"fit": "tjur"}),
        ("stays", {"method": "relative_weights"}),
        ("stays", {"method": "last", "fit": "nagelkerke", "covariates": ["segment"], "categorical": ["segment"]}),
        ("recommend", {"family": "ordered"}),
    ],
)
def test_a_draw_is_a_fit_of_the_rows_drawn(answers, outcome, options):
    answers.loc[answers["recommend"] == 4, "recommend"] = 3
    answers.loc[:1, "recommend"] = 4  # two respondents: missing from about one draw in eight
    found = fit(answers, outcome, n_draws=100, seed=5, **options)
    assert found.n_draws_left_out == 0
    rows = np.random.default_rng(5).integers(150, size=(100, 150))
    for draw in range(0, 100, 4):
        refit = fit(answers.iloc[rows[draw]], outcome, **options)
        np.testing.assert_allclose(found.draw_estimates[draw], refit.estimates, rtol=0, atol=1e-10)
        assert found.draw_r_squared[draw] == pytest.approx(refit.r_squared, abs=1e-10)
    four_absent = ~(answers["recommend"].to_numpy()[rows] == 4).any(axis=1)
    assert four_absent[::4].any() and not four_absent[::4].all()


def test_draws_by_cluster_are_whole_clusters(answers):
    found = fit(answers, cluster="branch", n_draws=100, seed=2)
    drawn = np.random.default_rng(2).integers(15, size=(100, 15))
    rows = np.concatenate([np.flatnonzero(answers["branch"] == branch) for branch in drawn[7]])
    np.testing.assert_allclose(found.draw_estimates[7], fit(answers.iloc[rows]).estimates, rtol=0, atol=1e-10)
    assert "100 bootstrap draws of 15 clusters (branch), seed 2" in found.provenance.steps
    row = found.tidy().iloc[0]
    assert row["conf_low"] < row["estimate"] < row["conf_high"]


@pytest.mark.slow
def test_intervals_cover_about_as_often_as_they_say():
    rng = np.random.default_rng(11)
    big = rng.normal(size=(200_000, 2))
    latent = big @ [0.8, 0.4] + rng.logistic(size=len(big))
    truth = fit(pd.DataFrame(big, columns=["a", "b"]).assign(stays=(latent > 0) * 1), drivers=["a", "b"]).shares[0]
    held = 0
    for repeat in range(60):
        x = rng.normal(size=(200, 2))
        sample = pd.DataFrame(x, columns=["a", "b"])
        sample["stays"] = (x @ [0.8, 0.4] + rng.logistic(size=200) > 0) * 1
        row = fit(sample, drivers=["a", "b"], n_draws=200, seed=repeat, conf_level=0.9).tidy().iloc[0]
        held += row["share_conf_low"] <= truth <= row["share_conf_high"]
    assert 46 <= held <= 60


def test_draws_that_separate_are_counted_or_refused():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"a": rng.normal(size=80), "b": np.repeat([1.0, 0.0], [12, 68])})
    frame["stays"] = (frame["a"] + rng.logistic(size=80) > 0) * 1
    frame.loc[:11, "stays"] = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    found = fit(frame, drivers=["a", "b"], n_draws=1000)
    assert 0 < found.n_draws_left_out < 50
    assert len(found.draw_estimates) == 1000 - found.n_draws_left_out
    assert np.isfinite(found.draw_estimates).all()
    frame.loc[:11, "stays"] = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    with pytest.raises(ModelError, match=r"^\d+ of 1,000 draws leave a driver without variation or separate answers"):
        fit(frame, drivers=["a", "b"], n_draws=1000)


def test_a_survey_brings_its_design():
    import loyaltylab.codebook as codebook

    book = codebook.read_codebook("mobi")
    rng = np.random.default_rng(6)
    rows = pd.DataFrame({name: rng.integers(1, 11, size=60) for name in book.items}).assign(wt=rng.uniform(1, 2, 60))
    survey = ll.read_survey(rows, book, weight="wt")
    items = list(book.items)
    found = importance_of_fit(survey, items[0], items[1:3], family="ordered")
    by_hand = fit(survey.frame, items[0], items[1:3], family="ordered", weight="wt")
    np.testing.assert_array_equal(found.estimates, by_hand.estimates)
    assert found.provenance.steps[-2].endswith("60 of 60 rows, weighted by wt")
    assert found.n_effective < 60
    with pytest.raises(DataError, match=r"^a survey brings its own weight, clusters, strata and provenance"):
        importance_of_fit(survey, items[0], items[1:3], family="ordered", weight="wt")


# ---- wrong input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda f: f.assign(trust=f["stays"] * 2 + f["trust"].rank() / 1000), "trust"),
        (lambda f: f.assign(joy=np.where(f["stays"] == 1, f["joy"].abs(), 0.0)), "joy"),
        (lambda f: f.assign(price=((f["stays"] == 1) & (f["trust"] > 1)) * 1.0), "price"),
    ],
    ids=["complete", "quasi", "rare"],
)
def test_separation_names_the_driver(answers, change, named):
    for index in ("mcfadden", "tjur"):
        with pytest.raises(ModelError) as caught:
            fit(change(answers), fit=index)
        assert str(caught.value) == (
            f"{named}: some answers always go with the same answers of 'stays', so a logit has no finite estimate. "
            "Leave it out, join its rare values, or join rare answers of the outcome."
        )


def test_drivers_that_separate_only_together_are_both_named(answers):
    both = answers.assign(stays=(answers["trust"] + answers["joy"] > 0.3) * 1)
    with pytest.raises(ModelError, match=r"^trust, joy: some answers always go with the same answers of 'stays'"):
        fit(both, drivers=["trust", "joy"])


def test_separation_of_ordered_answers_and_by_categories(answers):
    with pytest.raises(ModelError, match=r"^trust: some answers always go with the same answers of 'recommend'"):
        fit(answers.assign(trust=answers["recommend"] + answers["trust"].rank() / 1000), "recommend", family="ordered")
    rare = answers.assign(
        segment=np.where(answers.index < 3, "few", "many"), stays=np.r_[1, 1, 1, answers["stays"][3:]]
    )
    with pytest.raises(ModelError, match=r"^segment: some answers always go with the same answers of 'stays'"):
        fit(rare, drivers=["trust", "segment"], categorical=["segment"])


def test_nearly_separated_is_not_separated(answers):
    clear = answers.assign(trust=answers["stays"] * 3 + answers["trust"].rank() / 100)
    with pytest.raises(ModelError, match=r"^trust: some answers always go with"):
        fit(clear, drivers=["trust", "joy"])
    clear.loc[clear["stays"].idxmin(), "trust"] = 4.0  # one who leaves, among those who stay
    found = fit(clear, drivers=["trust", "joy"])
    assert found.shares[0] > 0.9


def test_a_model_that_does_not_converge_gives_no_number(answers, monkeypatch):
    monkeypatch.setattr(logit_kernels, "_MOST_STEPS", 2)
    with pytest.raises(ModelError, match=r"^the model of 'stays' does not converge; use fewer drivers"):
        fit(answers)


def test_work_in_parts_changes_nothing(answers, monkeypatch):
    whole = fit(answers, n_draws=100, fit="tjur")
    monkeypatch.setattr(logit_fits, "_CELLS", 1000)
    parts = fit(answers, n_draws=100, fit="tjur")
    np.testing.assert_allclose(parts.estimates, whole.estimates, rtol=0, atol=1e-14)
    np.testing.assert_allclose(parts.draw_estimates, whole.draw_estimates, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"family": "binry"}, UnknownName, "family 'binry' does not exist; did you mean 'binary'? Possible: binary, ordered."),
        ({"fit": "r2"}, UnknownName, "fit 'r2' does not exist. Possible: mcfadden, nagelkerke, tjur, squared_correlation."),
        ({"method": "pratt"}, UnknownName, "method 'pratt' does not exist. Possible: lmg, relative_weights, first, last."),
        ({"outcome": "recommend", "family": "ordered", "fit": "tjur"}, ModelError, "'tjur' is defined for a binary outcome only; for an ordered one use lmg with mcfadden, nagelkerke."),
        ({"outcome": "recommend", "family": "ordered", "method": "relative_weights"}, ModelError, "'relative_weights' is defined for a binary outcome only; for an ordered one use lmg with mcfadden, nagelkerke."),
        ({"method": "relative_weights", "fit": "mcfadden"}, ModelError, "relative weights divide 'squared_correlation', not 'mcfadden'; for 'mcfadden' use method='lmg'."),
        ({"method": "relative_weights", "covariates": ["wt"]}, ModelError, "logistic relative weights have no form with covariates always in; make them drivers, or use lmg."),
        ({"method": "relative_weights", "players": "blocks"}, ModelError, "'relative_weights' has no form for whole blocks or categorical drivers, whose columns belong together; use lmg."),
        ({"outcome": "recommend"}, DataError, "'recommend' holds 0, 1, 2, 3, 4; a binary outcome holds 0 and 1. Recode it, or use family='ordered'."),
        ({"outcome": "wt", "family": "ordered"}, DataError, "'wt' holds 150 different values; an ordered outcome has at most 20 answers. Use importance() for a score."),
        ({"outcome": "same"}, ModelError, "same: everyone has the same answer, so nothing can be explained about it."),
        ({"drivers": ["trust", "same"]}, ModelError, "same: everyone has the same value, so nothing can be explained by it. Leave it out."),
        ({"drivers": ["trust", "joy", "both"]}, ModelError, "trust, joy, both: each is determined exactly by the others, so their parts cannot be told apart. Leave one out."),
        ({"drivers": ["trust", "word"]}, DataError, "word: holds text, not numbers. Recode it first, or leave it out."),
        ({"categorical": ["segment"]}, UnknownName, "segment: named in categorical= but neither a driver nor a covariate."),
        ({"drivers": ["trust", "stays"]}, DataError, "'stays' is the outcome and cannot also be a driver or covariate."),
        ({"weight": "zero"}, DataError, "weight 'zero' is missing, zero, negative or above 1e+12 in fewer than 10 of 150 rows. Correct or remove those rows."),
        ({"n_draws": 20}, ModelError, "20 draws are too few for an interval; ask for at least 100, better 2,000."),
        ({"drivers": [f"x{i}" for i in range(19)]}, ModelError, "lmg fits 2^19 models for 19 players; above 18 that is too many. Use players='blocks', method='relative_weights', or fewer draws (n_draws=, or -p draws=). Take fewer drivers (drivers=, or -p blocks=)."),
        ({"drivers": [f"x{i}" for i in range(16)], "n_draws": 5000}, ModelError, "lmg fits 2^16 models to 150 rows 5,001 times: 4.9e+10 rows, where 2e+10 take about half an hour. Use players='blocks', method='relative_weights', or fewer draws (n_draws=, or -p draws=). Take fewer drivers (drivers=, or -p blocks=)."),
        ({"conf_level": 95}, ModelError, "conf_level is 95; allowed: between 0 and 1, such as 0.95."),
    ],
)  # fmt: skip
def test_wrong_input_is_one_clear_message(answers, options, error, message):
    extra = {f"x{i}": np.random.default_rng(i).normal(size=150) for i in range(19)}
    frame = answers.assign(same=1, both=answers["trust"] + answers["joy"], word="a", zero=[0.0] + [1.0] * 149, **extra)
    with pytest.raises(error) as caught:
        fit(frame, **options)
    assert str(caught.value) == message


def test_a_frame_that_does_not_say_where_it_came_from_says_so(answers):
    found = importance_of_fit(answers, "stays", DRIVERS)
    assert found.provenance.tier == "unstated" and found.provenance.source["nl"] == "bron niet vermeld"


def test_too_few_respondents(answers):
    with pytest.raises(ModelError, match=r"^fewer than 10 complete respondents are too few for 3 columns of drivers"):
        fit(answers.iloc[[0, 1, 2, 5]].assign(stays=[0, 1, 0, 1]))
