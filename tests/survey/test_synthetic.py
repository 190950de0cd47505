"""Simulated respondents: the published figures come back, nothing passes for evidence, the model is known exactly."""

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyaltylab import read_codebook, read_data, read_survey, read_table
from loyaltylab.core.errors import DataError, MatrixError, ModelError, UnknownName
from loyaltylab.core.files import home
from loyaltylab.core.provenance import Provenance
from loyaltylab.exhibits.survey.sample import table_calibration
from loyaltylab.kernels.bivariate import covariances, normal_grid, sums_above
from loyaltylab.moments.moments import Moments
from loyaltylab.survey.files.raw_table import read_raw
from loyaltylab.survey.latent_model import Instrument, Respondents, calibration_file, coded, solved, spec_of
from loyaltylab.survey.mark import LEAST, blocks, is_marked, present, strength
from loyaltylab.survey.scoring import origin_of
from loyaltylab.survey.simulation import (
    build,
    calibration_table,
    exact_rows,
    rows_of,
    simulate,
    simulated_rows,
)

from ..conftest import write

pytestmark = pytest.mark.slow

CORE = ("emotions", "rational", "values", "wallet", "outcomes")


@pytest.fixture(scope="module")
def book():
    return read_codebook("loyalty")


@pytest.fixture(scope="module")
def calibration(book):
    return calibration_table(modules=CORE, codebook=book)


def test_every_target_is_returned(calibration):
    data = calibration.tidy()
    missed = data[data["difference"].abs() > data["tolerance"]]
    assert missed.empty, missed.to_string()
    figures = calibration.glance().iloc[0]
    assert figures["n"] == 9213 and figures["n_held"] == figures["n_targets"] == len(data) == 40
    assert set(data["grade"]) == {"A", "B", "C", "D", "assumed"} - {"A"}


def test_the_figures_are_those_of_the_evidence_base(calibration):
    """Typed in here once more, so that a slip in the calibration file is found."""
    found = {(row.term, row.against): (row.target, row.grade) for row in calibration.tidy().itertuples()}
    assert [found[index, "LOYALTY"] for index in ("EMOTION", "RATIONAL", "VALUES")] == [(0.75, "C"), (0.53, "C"), (0.49, "C")]  # fmt: skip
    countries = {"Italy": 0.65, "Brazil": 0.57, "United States": 0.56, "Spain": 0.51, "Germany": 0.47}
    assert {name: found["high", name] for name in countries} == {name: (s, "B") for name, s in countries.items()}
    assert found["always_buys", "high"] == (0.82, "B") and found["always_buys", "low"] == (0.38, "B")
    assert found["promotes", "high"] == (0.81, "B") and found["spends_twice", "high"] == (0.7, "B")
    assert found["bigger_role", "high"] == (0.69, "D") and found["bigger_role", "low"] == (0.08, "D")
    often = [found["att_loyal", f"every {unit}"] for unit in ("day", "week", "month")]
    assert often == [(0.87, "D"), (0.64, "D"), (0.49, "D")]
    assert found["emo_surprise", "LOYALTY"] == (0.57, "B")


@pytest.mark.parametrize(("seed", "intercorrelation"), [(1, 0.5), (2, 0.3), (3, 0.7)])
def test_targets_hold_for_other_seeds_and_intercorrelations(book, seed, intercorrelation):
    data = calibration_table(intercorrelation=intercorrelation, seed=seed, modules=CORE, codebook=book).tidy()
    assert data.loc[data["measure"] == "correlation", "difference"].abs().max() < 0.01
    assert data.loc[data["grade"].isin(["B"]) & (data["measure"] == "share"), "difference"].abs().max() < 0.01


def test_independent_respondents_are_within_sampling_error(book):
    """Not matched: the population has the targets, a sample only nearly. Bounds of four standard errors."""
    data = calibration_table(n=40_000, seed=4, modules=CORE, matched=False, clustering=0.0, codebook=book).tidy()
    r = data[(data["measure"] == "correlation")]
    assert (r["difference"].abs() < 4 * (1 - r["target"] ** 2) / math.sqrt(40_000) + 0.002).all()
    share = data[(data["term"] == "high")]
    assert (share["difference"].abs() < 4 * np.sqrt(share["target"] * (1 - share["target"]) / 4444) + 0.004).all()
    assert share["difference"].abs().max() > 1e-3, "matched after all"


def test_whatever_is_made_from_it_is_synthetic(book, tmp_path):
    survey = simulate(90, codebook=book)
    assert survey.provenance.tier == survey.moments(["LOYALTY", "EMOTION"]).provenance.tier == "synthetic"
    assert survey.provenance.source == {
        "en": "simulated respondents, not people (n = 90, seed 20171205); made to return published figures",
        "nl": "gesimuleerde respondenten, geen mensen (n = 90, seed 20171205); gemaakt om gepubliceerde cijfers terug te geven",
    }
    for path in build(tmp_path, n=90):
        back = read_survey(path, book)
        assert back.provenance.tier == "synthetic" and "simul" in back.provenance.source["nl"], path.suffix
        pd.testing.assert_frame_equal(back.frame, survey.frame, check_dtype=False)


def test_files_are_the_same_to_the_byte(book, tmp_path, monkeypatch):
    first = [path.read_bytes() for path in build(tmp_path / "a", n=90)]
    import time

    time.sleep(1.1)  # a sav file holds the second it was made in, unless that is taken out
    assert [path.read_bytes() for path in build(tmp_path / "b", n=90)] == first


def test_the_seed_decides_and_modules_do_not(book):
    whole, again = simulated_rows(300, seed=5, codebook=book), simulated_rows(300, seed=5, codebook=book)
    pd.testing.assert_frame_equal(whole, again)
    part = simulated_rows(300, seed=5, modules=("emotions", "bonds"), codebook=book)
    shared = [name for name in part if name != "duration"]  # fewer questions take less time
    pd.testing.assert_frame_equal(part[shared], whole[shared])
    assert set(part) == {i.name for i in book.items.values() if i.module in ("emotions", "bonds", "who")}
    assert not simulated_rows(300, seed=6, codebook=book)["emo_trust"].equals(whole["emo_trust"])


def test_every_item_is_answered_within_its_range(book):
    rows = simulated_rows(2000, codebook=book)
    assert list(rows) == list(book.items)
    for item in book.items.values():
        answers = rows[item.name].dropna()
        if item.range and "decimals" not in spec_of(item.name):
            assert set(answers) <= set(np.arange(item.range[0], item.range[1] + 1)), item.name
            assert answers.nunique() >= 2, item.name
        if item.values:
            assert set(answers) <= set(item.values), item.name
    survey = read_survey(rows, book)
    spent = survey.frame[["hhw_spend", "hhw_spend_all"]].dropna()
    assert (spent["hhw_spend"] <= spent["hhw_spend_all"]).all() and (spent > 0).all().all()
    assert not survey.unavailable


def test_reversed_items_are_turned_round_once(book):
    rows, frame = simulated_rows(2000, codebook=book), simulate(2000, codebook=book).frame
    assert (
        rows["att_indifferent"].corr(rows["att_prefer"])
        < -0.4
        < 0.4
        < frame["att_indifferent"].corr(frame["att_prefer"])
    )
    assert frame["switch_stay"].corr(frame["switch_intent"]) > 0.2


def test_open_answers_grow_towards_the_end(book):
    rows = simulated_rows(9213, codebook=book)
    asked = [item.name for item in book.items.values() if item.wording and item.name != "country"]
    part = rows[asked].isna().mean().to_numpy()
    assert 0.015 < part[:15].mean() < 0.025 and 0.05 < part[-15:].mean() < 0.065
    assert not rows[[name for name in rows if name not in asked]].isna().any().any()
    per_person = rows[asked].isna().sum(axis=1)
    assert per_person.var() > 2 * per_person.mean(), "some leave more open than others"
    assert not simulated_rows(300, missing=False, codebook=book).isna().any().any()


def test_design(book):
    survey = simulate(9213, modules=("emotions",), weight="wt", cluster="branch", codebook=book)
    frame = survey.frame
    assert (
        frame["wt"].mean() == pytest.approx(1, abs=1e-3) and 0.5 < frame["wt"].min() < 0.8 < 1.2 < frame["wt"].max() < 3
    )
    known = frame.dropna(subset="age_band")
    part = known.groupby("age_band")["wt"].sum() / known["wt"].sum()
    np.testing.assert_allclose(part, calibration_file()["population"]["age_band"], atol=0.01)
    assert frame.groupby("branch")["country"].nunique().max() == 1 and 250 < frame["branch"].nunique() < 350
    assert frame["respondent"].is_unique and frame["duration"].min() > 30


@pytest.mark.parametrize("clustering", [0.0, 0.3])
def test_branches_differ_as_much_as_asked(book, clustering):
    who = Respondents(book, 45_000, 1, clustering, False)
    emotion = pd.Series(who.shocks[:, 0]).groupby(who.branch)
    within = emotion.var().mean()
    between = emotion.mean().var() - within / emotion.size().mean()
    assert between / (between + within) == pytest.approx(clustering, abs=0.03)


def test_the_model_is_known_exactly(book):
    """Its closed forms against 180,000 draws of the same model."""
    of = Instrument(book, 0.5)
    latent = solved(of, of.goal)
    expected = latent.figures(of)
    who = Respondents(book, 180_000, 3, 0.0, False)
    found = who.figures(of, latent, *who.fixed(of))
    for name, tolerance in {
        "scale": 0.005,
        "between": 0.006,
        "item": 0.005,
        "group": 0.01,
        "high": 0.006,
        "low": 0.008,
    }.items():
        np.testing.assert_allclose(found[name], expected[name], atol=tolerance, err_msg=name)


def test_covariances_of_two_halves():
    """Two answers cut at zero: P(both) = 1/4 + arcsin(r) / 2π (Sheppard 1899)."""
    for r in (-0.6, 0.0, 0.3, 0.75):
        S = covariances(np.zeros((2, 1)), np.array([[1, r], [r, 1]]), np.zeros(2), np.zeros(1), np.ones(1))
        np.testing.assert_allclose(
            S, [[0.25, math.asin(r) / (2 * math.pi)], [math.asin(r) / (2 * math.pi), 0.25]], atol=1e-5
        )


def test_groups_with_other_means_are_a_mixture():
    """One answer cut at zero in two groups: a Bernoulli variable whatever the groups."""
    shift, part = np.array([0.8, -0.5]), np.array([0.25, 0.75])
    S = covariances(np.zeros((1, 1)), np.ones((1, 1)), np.array([0.9]), shift, part)
    p = part @ [0.5 * math.erfc(-0.9 * s / math.sqrt(2)) for s in shift]
    assert S[0, 0] == pytest.approx(p * (1 - p), abs=1e-12)


def test_sums_of_independent_halves_are_binomial():
    e, weight = normal_grid(np.zeros(1))
    found = sums_above(np.zeros((5, 1)), np.zeros(5), e, np.arange(6.0))
    expected = [sum(math.comb(5, j) for j in range(k, 6)) / 32 for k in range(6)]
    np.testing.assert_allclose(weight @ found, [expected], atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(k=st.integers(1, 8), extra=st.integers(1, 60), seed=st.integers(0, 999), rank=st.integers(1, 8))
def test_exact_rows_have_the_moments_given(k, extra, seed, rank):
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((k, min(k, rank)))
    mean, cov, n = rng.uniform(-3, 7, k), root @ root.T, k + extra
    rows = exact_rows(mean, cov, n, seed=seed).to_numpy()
    np.testing.assert_allclose(rows.mean(axis=0), mean, atol=1e-12)
    centred = rows - rows.mean(axis=0)
    np.testing.assert_allclose(centred.T @ centred / (n - 1), cov, atol=1e-12 * max(1, np.abs(cov).max()))
    by_n = exact_rows(mean, cov, n, seed=seed, divisor=n).to_numpy()
    centred = by_n - by_n.mean(axis=0)
    np.testing.assert_allclose(centred.T @ centred / n, cov, atol=1e-12 * max(1, np.abs(cov).max()))


@pytest.mark.parametrize("name", ["hedonic_utilitarian", "corporate_reputation", "corporate_reputation_means"])
def test_a_published_table_becomes_rows(name):
    table = read_table(name)
    rows = rows_of(table)
    m = Moments.from_frame(rows, provenance=Provenance("synthetic", "rows made from a table"))
    assert int(m.n) == int(table.everything.n) and m.names == table.everything.names
    np.testing.assert_allclose(m.corr, table.everything.corr, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: exact_rows([0, 0], [[1, 2], [2, 1]], 9), MatrixError, "no data can have these covariances: the smallest eigenvalue is -1, below 0."),
        (lambda: exact_rows([0, 0], [[1, 0], [0, 1]], 2), MatrixError, "n = 2: rows with given moments of 2 variables need n of 3 or more."),
        (lambda: exact_rows([0], [[1, 0], [0, 1]], 9), MatrixError, "means (1,), covariances (2, 2) and 1 names do not fit together."),
        (lambda: exact_rows([0, 0], [[1, 0.2], [0.3, 1]], 9), MatrixError, "means and covariances must be numbers, and covariances alike on both sides of the diagonal."),
        (lambda: simulate(80), DataError, "n = 80: fewer than ten respondents in each of the nine countries. Simulate 90 or more."),
        (lambda: simulate(90, matched=True), DataError, "n = 90: fewer than 5,000 respondents cannot be matched to shares of small groups."),
        (lambda: simulate(90, clustering=0.9), DataError, "clustering 0.9: allowed: 0 to 0.5, a part of the variance."),
        (lambda: simulate(90, intercorrelation=0.1), ModelError, "an intercorrelation of 0.1 cannot go with the published correlations of the indices with loyalty, once their measurement error is allowed for. Choose one nearer to 0.5."),
        (lambda: read_data("simulated n=many"), UnknownName, "'n=many' in 'simulated n=many': write it as in 'simulated n=2000 seed=7', with n, seed, intercorrelation."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_a_module_that_does_not_exist_is_named():
    with pytest.raises(UnknownName, match="module 'emotion' does not exist; did you mean 'emotions'"):
        simulate(90, modules=("emotion",))


def test_a_report_can_ask_for_them_by_name():
    survey = read_data("simulated n=90 seed=7 intercorrelation=0.4", cluster="branch")
    assert len(survey.frame) == 90 and survey.cluster == "branch" and "seed 7" in survey.provenance.source["en"]
    pd.testing.assert_frame_equal(survey.frame, simulate(90, seed=7, intercorrelation=0.4).frame)


def test_the_calibration_file_describes_every_item(book):
    found = calibration_file()
    for item in book.items.values():
        if item.role in ("respondent", "cluster", "weight", "duration") or item.name in ("country", "hhw_frequency"):
            continue
        spec = spec_of(item.name)
        if "shares" in spec:
            assert len(spec["shares"]) <= len(coded(item)) and sum(spec["shares"]) == pytest.approx(1), item.name
    used = {key for key in found["items"] if any(name == key or name.startswith(key) for name in book.items)}
    assert used == set(found["items"]), "entries for items that do not exist"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "r of Honesty and Loyalty"), ("nl", "r van Eerlijkheid en Loyaliteit")]
)
def test_the_calibration_is_an_exhibit(calibration, book, language, words):
    table = table_calibration(
        calibration, id="tbl-calibration", title="T", labels=book.labels(language), language=language
    )
    assert words in table.html() and words in table.alt
    assert ("assumed" if language == "en" else "aanname") in table.html()
    assert table.source.startswith(
        {"en": "Source (synthetic, no evidence)", "nl": "Bron (synthetisch, geen bewijs)"}[language]
    )
    assert len(table.cells) == 41


# ---- simulated stays synthetic -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows(book):
    """Simulated answers whose numbers say nothing."""
    return simulated_rows(2000, seed=8, codebook=book).assign(respondent=range(2000))


DISGUISES = {
    "numbered anew": lambda rows: rows,
    "without numbers": lambda rows: rows.drop(columns="respondent"),
    "shuffled": lambda rows: rows.sample(frac=1, random_state=1),
    "half of the rows": lambda rows: rows.sample(frac=0.5, random_state=2),
    "200 of the rows": lambda rows: rows.sample(200, random_state=3),
    "half of the columns": lambda rows: rows.sample(frac=0.5, axis=1, random_state=4),
    "every other column": lambda rows: rows.iloc[:, 1::2],
    "the first columns": lambda rows: rows.iloc[:, :12],
    "one scale and loyalty": lambda rows: rows[[*read_codebook("loyalty").scales["RATIONAL"].items, "country"]],
    "complete respondents": lambda rows: rows[rows.iloc[:, :40].notna().all(axis=1)],
    "other rows among them": lambda rows: pd.concat([rows, real_rows(rows)]),
    "columns in another order": lambda rows: rows[rows.columns[::-1]],
}


def on_another_scale(rows, change):
    """The rows with the answers of each question otherwise."""
    items = [name for block in blocks(read_codebook("loyalty")) for name in block if name in rows]
    return rows.assign(**{name: change(rows[name]) for name in items})


RESCALED = {
    "turned round": lambda rows: on_another_scale(rows, lambda answers: answers.max() + answers.min() - answers),
    "counted from nought": lambda rows: on_another_scale(rows, lambda answers: answers - answers.min()),
    "in tens": lambda rows: on_another_scale(rows, lambda answers: answers * 10),
    "in rounded percents": lambda rows: on_another_scale(rows, lambda answers: (answers / answers.max() * 100).round()),
    "standardised": lambda rows: on_another_scale(rows, lambda answers: (answers - answers.mean()) / answers.std()),
    "99 for what is open": lambda rows: rows.fillna(99),
}
#: What is left of those that can be told when no column has its name.
UNNAMED = {
    "whole": lambda rows: rows,
    "turned round": RESCALED["turned round"],
    "in rounded percents": RESCALED["in rounded percents"],
    "half of the rows": lambda rows: rows.sample(frac=0.5, random_state=2),
    "the first columns": lambda rows: rows.loc[:, :"rat_delivery"],
    "columns between": lambda rows: pd.concat(
        [
            part
            for at in range(0, rows.shape[1], 4)
            for part in (rows.iloc[:, at : at + 4], rows.iloc[:, [at]].assign(**{f"x{at}": 1})[[f"x{at}"]])
        ],
        axis=1,
    ),
}


def real_rows(rows):
    """A quarter as many rows in which nothing goes with anything."""
    rng = np.random.default_rng(2)
    return pd.DataFrame({name: rng.choice(rows[name].to_numpy(), len(rows) // 4) for name in rows})


@pytest.fixture
def claimed(tmp_path):
    """The codebook of someone who says that these are people."""
    text = (home() / "data/codebooks/loyalty.yml").read_text(encoding="utf-8")
    return write(tmp_path / "claimed.yml", re.sub(r"^tier: .*$", "", text, flags=re.MULTILINE))


@pytest.mark.parametrize("disguise", DISGUISES)
def test_simulated_answers_are_known_in_any_disguise(rows, claimed, disguise):
    found = DISGUISES[disguise](rows).reset_index(drop=True)
    assert read_survey(found, read_codebook(claimed)).provenance.tier == "synthetic"


@pytest.fixture(params=["frame", "csv", "duckdb"])
def tier(request, tmp_path):
    """By one of the doors: what kind of evidence these numbers are, with a codebook that asks one thing of one column."""
    if request.param == "duckdb":
        pytest.importorskip("ibis")

    def read(rows):
        text = "title: Mine\nsource: people\nitems: {NAME: {label: A, range: null}}\n".replace("NAME", rows.columns[-1])
        book = str(write(tmp_path / "mine.yml", text))
        if request.param == "frame":
            return read_survey(rows, book).provenance.tier
        rows.to_csv(tmp_path / "mine.csv", index=False)
        return read_data(f"{request.param}:{tmp_path}/mine.csv".removeprefix("csv:"), book).provenance.tier

    return read


@pytest.mark.parametrize("disguise", RESCALED)
def test_simulated_answers_are_known_on_any_scale(rows, tier, disguise):
    assert tier(RESCALED[disguise](rows.iloc[:, :24].select_dtypes("number"))) == "synthetic"


@pytest.mark.parametrize("disguise", UNNAMED)
def test_simulated_answers_are_known_by_their_order_when_their_columns_have_other_names(rows, tier, disguise):
    found = UNNAMED[disguise](rows.select_dtypes("number").drop(columns="respondent"))
    assert tier(found.set_axis([f"q{at}" for at in range(found.shape[1])], axis=1)) == "synthetic"


@pytest.mark.parametrize("door", ["{}.csv", "{}.sav", "{}.xlsx", "{}.parquet", "{}.dta", "duckdb:{}.csv", "duckdb:{}.parquet", "duckdb:{}.duckdb#answers"])  # fmt: skip
def test_simulated_answers_are_known_at_every_door(rows, claimed, tmp_path, door):
    half = rows.drop(columns="respondent").sample(frac=0.3, random_state=1)
    kind, path = door.partition(".")[2].partition("#")[0], str(tmp_path / "mine")
    writers = {"csv": lambda: half.to_csv(f"{path}.csv", index=False), "xlsx": lambda: half.to_excel(f"{path}.xlsx", index=False),
               "parquet": lambda: half.to_parquet(f"{path}.parquet"), "dta": lambda: pyreadstat.write_dta(half, f"{path}.dta"),
               "sav": lambda: pyreadstat.write_sav(half, f"{path}.sav")}  # fmt: skip
    if kind == "duckdb":
        duckdb = pytest.importorskip("duckdb")
        with duckdb.connect(f"{path}.duckdb") as base:
            base.execute("CREATE TABLE answers AS SELECT * FROM half")
    else:
        writers[kind]()
    if door.startswith("duckdb"):
        pytest.importorskip("ibis")
    assert read_data(door.format(path), str(claimed)).provenance.tier == "synthetic"


@pytest.mark.parametrize("ending", ["sav", "parquet"])
def test_the_file_itself_says_that_nobody_answered(book, claimed, tmp_path, ending):
    build(tmp_path, n=90)
    raw = read_raw(tmp_path / f"simulated.{ending}")
    assert raw.is_simulated and not read_raw(tmp_path / "simulated.csv").is_simulated
    few = replace(raw, frame=raw.frame[["country", *read_codebook("loyalty").scales["RATIONAL"].items[:2]]])
    assert origin_of(few, read_codebook(claimed)).tier == "synthetic"


def test_real_answers_are_never_taken_for_simulated(book, corp_rep_file):
    """Of 300 files with the columns of the questionnaire and answers of real people, the strongest is far from the rule.

    If no answers knew the signs, the square of the strength would be 1 on average.
    """
    real = pd.concat([read_data("corp_rep").frame, read_data("mobi").frame])
    real = real[[name for name in real if real[name].dropna().between(0, 10).all() and real[name].nunique() > 4]]
    real = real.loc[:, (real.fillna(0) % 1 == 0).all()]
    places = [name for block in blocks(book) for name in block]
    rng, found = np.random.default_rng(11), []
    for _ in range(300):
        names = dict(
            zip(rng.choice(real.columns, 12, replace=False), places[3 * (len(found) % 20) :][:12], strict=False)
        )
        columns = real[list(names)].rename(columns=names)
        assert not is_marked(columns)
        codes, ones = columns.fillna(-1).astype(int), np.ones(len(columns), int)
        found.append(strength(present(columns), lambda names: (codes[list(names)].to_numpy(), ones)))  # noqa: B023
    assert np.mean(np.square(found)) < 1.5 and np.abs(found).max() < LEAST - 1


def test_the_mark_moves_nobodys_score_and_no_items_shares(book, monkeypatch):
    found = simulated_rows(5000, seed=9, codebook=book)
    monkeypatch.setattr("loyaltylab.survey.simulation.marked", lambda rows, *_: rows)
    plain = simulated_rows(5000, seed=9, codebook=book)
    assert (found.notna() == plain.notna()).all(axis=None) and is_marked(found) and not is_marked(plain)
    a, b = read_survey(found, book).frame, read_survey(plain, book).frame
    for scale in book.scales:
        np.testing.assert_allclose(a[scale], b[scale], err_msg=scale)
    for name in plain.select_dtypes("number"):
        assert found[name].value_counts().equals(plain[name].value_counts()), name


# ---- questions that came later ------------------------------------------------------------------------------------------


LATER = ("acts", "contacts")


def test_questions_that_came_later_leave_the_answers_before_them_as_they_were(book):
    items = {name: item for name, item in book.items.items() if item.module not in LATER and name != "imp_choices"}
    scales = {name: scale for name, scale in book.scales.items() if name != "ACTS"}
    before = replace(
        book, items=items, scales=scales, modules={k: v for k, v in book.modules.items() if k not in LATER}
    )
    rows, then = simulated_rows(400, seed=3, codebook=book), simulated_rows(400, seed=3, codebook=before)
    shared = [name for name in then if name != "duration"]  # more questions take more time
    pd.testing.assert_frame_equal(rows[shared], then[shared])
    assert set(rows) - set(then) == {name for name in book.items if name not in items}


def test_what_was_put_into_later_questions_comes_out(book):
    """An act goes with its emotion most; a tie with loyalty by kind of customer; a choice with what the time allows."""
    rows = simulated_rows(4000, seed=5, missing=False, matched=False, codebook=book)
    R = rows.corr(numeric_only=True)
    own = {"act_occasions": "emo_joy", "act_gifts": "emo_surprise", "act_response": "emo_trust"}
    for act, emotion in own.items():
        assert R.loc[act, [f"emo_{name}" for name in ("joy", "surprise", "trust", "honesty")]].idxmax() == emotion
    of = {part: rows[rows["b2b"] == part].corr(numeric_only=True)["att_prefer"] for part in (0, 1)}
    assert of[1]["tie_organisation"] > of[0]["tie_organisation"] + 0.2
    assert of[0]["tie_product"] > of[1]["tie_product"] + 0.2
    hurried = {part: rows[rows["time_pressure"] == part].corr(numeric_only=True)["imp_choices"] for part in (0, 1)}
    assert hurried[1]["implicit_score"] > 0.5 > 0.4 > hurried[0]["implicit_score"]
    assert abs(R.loc["co_reward", "hhw_ideas"]) < 0.05 < 0.3 < R.loc["co_skills", "hhw_ideas"]
