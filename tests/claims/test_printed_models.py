"""Published path models: printed numbers, the range that rounding leaves, the file of one's own, and the figures."""

import re
from itertools import product

import numpy as np
import pytest
import yaml

from loyaltylab import path_model, read_data
from loyaltylab.claims.published.leads import leads
from loyaltylab.claims.published.models import models_of, read_model
from loyaltylab.claims.published.reproduction import _kernel, against_rows, reproduce, reproductions
from loyaltylab.core.errors import CodebookError, DataError, LoyaltyLabError, MatrixError, UnknownName
from loyaltylab.core.files import available, home
from loyaltylab.exhibits.claims.reproduction import (
    plot_against_rows,
    plot_leads,
    plot_reproductions,
    table_reproduction,
    table_reproductions,
)
from loyaltylab.exhibits.models import placing
from loyaltylab.exhibits.models.paths import plot_paths, table_path_model
from loyaltylab.exhibits.style import laid_out, sized, theme, too_tight
from loyaltylab.kernels.linalg import rounding_range

from ..conftest import write

pytestmark = pytest.mark.slow

MODELS = list(available("data/published/models", ".yml"))


@pytest.fixture(scope="module")
def found():
    return {name: reproduce(read_model(name), n_draws=300, seed=3) for name in MODELS}


# ---- printed against ours --------------------------------------------------------------------------------------------


def test_what_comes_back_and_what_does_not(found):
    counts = {name: one.frame["verdict"].value_counts().to_dict() for name, one in found.items()}
    assert counts == {
        "corporate_reputation": {"equal": 19},
        "corporate_reputation_simple": {"equal": 7},
        "ecsi_mobile": {"rounding": 20},
        "hedonic_utilitarian": {"differs": 4, "rounding": 3, "close": 1, "equal": 1},
    }
    overall = reproductions(*found.values())
    assert overall.stat("n_returned").value == 50 and overall.stat("n_differs_same").value == 0
    assert overall.stat("largest_off").value == pytest.approx(0.225, abs=5e-4)
    assert overall.finding == "form" and reproductions(found["ecsi_mobile"]).finding == "whole"
    assert [name for name in MODELS if found[name].has_printed_intervals] == ["corporate_reputation"]


def test_totals_of_unit_weighted_composites_are_those_of_the_evidence(found):
    one = found["hedonic_utilitarian"]
    got = [one.value(("2", term, "AttLoyalty", "total")).value for term in ("HEDONIC", "UTILITARIAN")]
    np.testing.assert_allclose(got, [0.475, 0.382], atol=5e-4)
    assert one.value(("2", "HEDONIC", "AttLoyalty", "total"), "printed").value == 0.70


@pytest.mark.parametrize("name", MODELS)
def test_the_kernel_of_the_rounding_is_the_path_model(found, name):
    """Two ways to the same number: arrays alone, and `path_model` on moments with composites."""
    one = found[name]
    for i, group in enumerate(one.model.printed, 1):
        kernel = _kernel(one.model, group.paths, tuple(group.values))
        ours = one.frame.loc[one.frame["group"] == str(i), "estimate"]
        np.testing.assert_allclose(kernel(one.model.table.everything.corr[None])[0], ours, atol=1e-12)


def test_the_range_of_rounding_holds_every_table_that_prints_alike():
    """Against brute force over all corners of three correlations, and tables drawn within the box."""

    def kernel(R):
        names = [np.linalg.solve(S[:2, :2], S[:2, 2]) for S in R]
        return np.array([[b[0], b[1], b @ S[:2, 2]] for b, S in zip(names, R, strict=True)])

    R = np.array([[1, 0.46, 0.65], [0.46, 1, 0.60], [0.65, 0.60, 1]])
    low, high = rounding_range(kernel, R, 0.005)

    def moved(by):
        T = R.copy()
        for (i, j), step in zip([(1, 0), (2, 0), (2, 1)], by, strict=True):
            T[i, j] += step
            T[j, i] += step
        return T

    corners = kernel(np.array([moved(by) for by in product([-0.005, 0.005], repeat=3)]))
    np.testing.assert_allclose(low, corners.min(axis=0), atol=1e-14)
    np.testing.assert_allclose(high, corners.max(axis=0), atol=1e-14)
    drawn = kernel(np.array([moved(by) for by in np.random.default_rng(1).uniform(-0.005, 0.005, (500, 3))]))
    assert (drawn >= low - 1e-12).all() and (drawn <= high + 1e-12).all()
    np.testing.assert_array_equal(rounding_range(kernel, R, 0.0), [kernel(R[None])[0]] * 2)


def test_a_table_rounded_on_purpose_gives_back_its_numbers_within_rounding(tmp_path):
    """The unrounded paths of ECSI lie within the range of a table cut to two decimals, though many are not equal."""
    model = yaml.safe_load((home() / "data/published/models/ecsi_mobile.yml").read_text())
    table = yaml.safe_load((home() / "data/published/mobi.yml").read_text())
    table["correlations"] = [[round(r, 2) for r in row] for row in table["correlations"]]
    write(tmp_path / "cut.yml", yaml.safe_dump(table))
    path = write(tmp_path / "cut_model.yml", yaml.safe_dump(model | {"table": "cut.yml"}))
    one = reproduce(read_model(path), n_draws=100)
    assert set(one.frame["verdict"]) == {"rounding"} and one.frame["off"].abs().max() > 0.003


def test_simulated_samples_are_no_evidence_and_miss_by_chance():
    model = read_model("corporate_reputation_simple").simulated(4)
    one = reproduce(model, n_draws=100)
    assert one.provenance.tier == "synthetic" and model.rows == ""
    assert 0.01 < one.stat("largest_off").value < 0.25
    again = reproduce(read_model("corporate_reputation_simple").simulated(4), n_draws=100)
    np.testing.assert_array_equal(one.frame["estimate"], again.frame["estimate"])


# ---- emotion against reason, table against rows -------------------------------------------------------------------------


def test_each_sample_of_respondents_counts_once_in_the_mean():
    """Two models rest on one set of rows: their comparisons are averaged, and asking twice makes nothing surer."""
    ahead = leads([read_model(name) for name in MODELS], n_draws=500, seed=3)
    pooled, rows = ahead.pooled, {key: lead.row for key, lead in ahead.contrasts.items()}
    assert pooled.groups == ("corp_rep", "mobi", "hedonic_utilitarian") and pooled.sizes.tolist() == [344, 250, 190]
    twice = [rows[name, "CUSL"] for name in ("corporate_reputation", "corporate_reputation_simple")]
    assert pooled.estimates[0] == pytest.approx(np.mean([row["estimate"] for row in twice]))
    assert pooled.std_errors[0] == pytest.approx(np.mean([row["std_error"] for row in twice]))
    assert pooled.std_errors[1] == pytest.approx(rows["ecsi_mobile", "LOY"]["std_error"])
    assert pooled.interval == "hartung_knapp" and pooled.possible == (-1, 1)
    assert pooled.mean_verdict == "undecided" and pooled.verdict == "differ" and pooled.foretold == "nothing"
    again = leads([read_model(name) for name in [*MODELS, MODELS[1]]], n_draws=500, seed=3).pooled
    assert again.whole() == pooled.whole()
    assert leads([read_model("ecsi_mobile")], n_draws=100).pooled is None, "one sample has no mean over samples"
    assert ahead.sample_labels("nl")["corp_rep"] == "Reputatie van mobiele aanbieders"


def test_blocks_in_each_model():
    ahead = leads([read_model(name) for name in MODELS], n_draws=2000, seed=20171205)
    verdicts = ahead.frame.set_index(["segment", "outcome"])["verdict"].to_dict()
    assert verdicts == {
        ("corporate_reputation", "CUSL"): "undecided",
        ("corporate_reputation_simple", "CUSL"): "ahead",
        ("ecsi_mobile", "LOY"): "behind",
        ("hedonic_utilitarian", "AttLoyalty"): "undecided",
        ("hedonic_utilitarian", "BehLoyalty"): "undecided",
    }
    assert ahead.first("ecsi_mobile", "LOY") == "SAT" and ahead.lowest == ("ecsi_mobile", "LOY")
    assert ahead.verdict("corporate_reputation_simple", "CUSL") == "ahead"
    assert list(ahead.of("hedonic_utilitarian")) == ["AttLoyalty", "BehLoyalty"]
    only = {name: leads([read_model(name)], n_draws=300, seed=3).finding for name in MODELS}
    assert only == {"corporate_reputation": "none", "corporate_reputation_simple": "all", "ecsi_mobile": "behind", "hedonic_utilitarian": "none"}  # fmt: skip
    assert (
        ahead.finding == "some" and leads([read_model("ecsi_mobile").simulated(3)], n_draws=300).finding == "simulated"
    )
    shares = ahead.importances["hedonic_utilitarian", "BehLoyalty"].blocks().shares
    np.testing.assert_allclose(shares, [0.563, 0.437], atol=5e-3)  # 56/44 in the evidence


def test_the_table_beside_rows(corp_rep):
    model = read_model("corporate_reputation")
    one = against_rows(model, corp_rep, n_draws=300, seed=1)
    rows = one.tidy().set_index(["term", "outcome", "effect"])
    assert rows.loc[("LIKE", "CUSA", "direct"), "rows_estimate"] == pytest.approx(0.435, abs=1e-3)
    assert rows.loc[("LIKE", "CUSL", "total"), "estimate"] == pytest.approx(0.344 + 0.436 * 0.505, abs=1e-3)
    assert len(rows) == 13 + 10 and not rows.index.duplicated().any()
    moments = corp_rep.moments(model.variables)
    again = path_model(moments, model.paths, draws=moments.draws(n_draws=300, seed=1)).frame
    boot = path_model(moments, model.paths, draws=corp_rep.draws(model.variables, n_draws=300, seed=1)).frame
    at = again.index[(again["term"] == "LIKE") & (again["outcome"] == "CUSL") & (again["effect"] == "total")][0]
    ratio = (boot["conf_high"] - boot["conf_low"])[at] / (again["conf_high"] - again["conf_low"])[at]
    assert rows.loc[("LIKE", "CUSL", "total"), "width_ratio"] == pytest.approx(ratio)


# ---- a file of one's own ------------------------------------------------------------------------------------------------


def documented():
    text = (home() / "docs" / "files.md").read_text(encoding="utf-8")
    return re.search(r"## A published model.*?```yaml\n(.*?)```", text, re.DOTALL).group(1)


def test_the_file_in_the_manual_is_read_and_reproduced(tmp_path):
    model = read_model(write(tmp_path / "banks.yml", documented()))
    assert repr(model) == "PublishedModel 'banks': SAT, LOY explained; n = 210; 8 printed numbers"
    assert model.blocks == {"emotional": ("WARMTH",), "rational": ("PRICE",)} and model.outcomes == ("LOY",)
    one = reproduce(model, n_draws=200)
    assert one.value(("1", "WARMTH", "SAT", "direct")).value == pytest.approx((0.52 - 0.31 * 0.44) / (1 - 0.31**2))
    assert leads([model], n_draws=200).first("banks", "LOY") == "WARMTH"
    assert model.provenance.citation.startswith("Author") and model.labels("nl")["PRICE"] == "Prijs"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  LOY: [WARMTH, SAT]", "  LOY: [WARMTH, TRUST]", "banks.yml, paths: LOY: names 'TRUST'; allowed: WARMTH, PRICE, SAT, LOY."),
        ("  SAT: [WARMTH, PRICE]", "  SAT: [WARMTH, LOY]", "banks.yml, paths: go round among SAT, LOY; turn or leave out an arrow."),
        ("    grade: A ", "    grade: Z ", "banks.yml, printed: 1: grade: is 'Z'; allowed: A, B, C, D, F."),
        ("PRICE: 0.31}, LOY", "PRICE: 0.315}, LOY", "banks.yml, printed: 1: direct: SAT: PRICE: is 0.315, which has more than the 2 decimals given for this group."),
        ("SAT: 0.50}}", "SAT: 50}}", "banks.yml, printed: 1: direct: LOY: SAT: is 50; a standardised effect or R² is not so large, so a decimal point may be missing."),
        ("[0.21, 0.14, 0.29]", "[0.21, 0.24, 0.29]", "banks.yml, printed: 1: indirect: LOY: WARMTH: is [0.21, 0.24, 0.29]; the number lies outside its interval [low, high]."),
        ("total: {LOY: {PRICE: 0.16}}", "indirect2: {}", "banks.yml, printed: 1: has an entry 'indirect2'; did you mean 'indirect'? Allowed: citation, decimals, direct, grade, indirect, other, paths, r_squared, total, where."),
        ("{LOY: {PRICE: 0.16}}", "{SAT: {LOY: 0.16}}", "banks.yml, printed: 1: total: SAT: names 'LOY', from which no arrows lead there; look at 'paths'."),
        ("    decimals: 2 ", "    places: 2 ", "banks.yml, printed: 1: lacks 'decimals'; a group of printed numbers has decimals, grade, where."),
        ("  n: 210", "  n: many", "banks.yml, table: n: is 'many'; allowed: a whole number of respondents."),
        ("block: rational", "block: sensible", "banks.yml, table: variables: PRICE: block: is 'sensible'; allowed: emotional, rational, values, structural."),
        ("citation: ", "cited: ", "banks.yml, the file: has an entry 'cited'; allowed: blocks, citation, composites, items, note, outcomes, paths, printed, rows, source, table, table_is, title."),
        ("    - [0.31, 1]", "    - [0.31]", "banks.yml: correlations must be the lower triangle with its diagonal, rows of 1 to 4 numbers."),
        ("    - [0.31, 1]", "    - ['.31', 1]", "banks.yml: correlations hold '.31', which is not a number."),
        ("block: rational", "block: emotional", "banks.yml, blocks: lack 'rational'; name the drivers of both: {emotional: […], rational: […]}."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_entry(tmp_path, old, new, message):
    text = documented()
    assert old in text
    with pytest.raises((CodebookError, MatrixError)) as error:
        read_model(write(tmp_path / "banks.yml", text.replace(old, new, 1)))
    assert str(error.value) == message


def test_a_table_no_data_can_have_is_refused(tmp_path):
    text = documented().replace("[0.48, 0.29, 0.61, 1]", "[0.95, -0.90, 0.61, 1]")
    with pytest.raises(MatrixError, match=r"^banks\.yml: "):
        read_model(write(tmp_path / "banks.yml", text))
    for shape in ("printed: 3", "paths: [a]", "table: 5", "composites: x", "blocks: [a]"):
        key = shape.split(":")[0]
        entries = yaml.safe_load(documented()) | yaml.safe_load(shape)
        with pytest.raises(LoyaltyLabError, match=f"banks.yml, {key}"):
            read_model(write(tmp_path / "banks.yml", yaml.safe_dump(entries)))


def test_models_are_found_by_what_they_rest_on(tmp_path):
    assert models_of() == MODELS
    assert models_of("corp_rep") == ["corporate_reputation", "corporate_reputation_simple"]
    assert models_of("hedonic_utilitarian") == ["hedonic_utilitarian"] and models_of("mobi") == ["ecsi_mobile"]
    with pytest.raises(UnknownName, match="published model 'airports' does not exist"):
        models_of("airports")
    path = write(tmp_path / "banks.yml", documented())
    assert models_of(str(path)) == [str(path)]


# ---- figures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "nl"])
def test_figures_fit_and_tables_say_the_verdict(found, language, corp_rep):
    overall = reproductions(*found.values())
    models = [one.model for one in found.values()]
    look = {"labels": models[0].labels(language), "language": language}
    beside = against_rows(models[0], corp_rep, n_draws=100, seed=1)
    figures = [
        plot_reproductions(overall, id="fig-all", title="T", language=language),
        plot_leads(leads(models, n_draws=200), id="fig-leads", title="T", **look),
        plot_against_rows(beside, "CUSL", id="fig-rows", title="T", **look),
        *(
            plot_paths(one.paths, id="fig-paths", title="T", labels=one.model.labels(language), language=language)
            for one in found.values()
        ),
    ]
    for exhibit in figures:
        for width in ("", "two", "slide"):
            with theme(10):
                assert too_tight(laid_out(exhibit.draw, sized(exhibit.size, width))) == "", (exhibit.alt, width)
    table = table_reproduction(found["hedonic_utilitarian"], 2, id="tbl-a", title="T", language=language)
    verdict = {"en": "different", "nl": "anders"}[language]
    assert [row[-1] for row in table.cells[1:]] == [verdict] * 4
    decimal = {"en": ".", "nl": ","}[language]
    assert table.cells[1][1] == "0.70 [0.64; 0.80]".replace(".", decimal)
    assert len(table_path_model(found["ecsi_mobile"].paths, id="tbl-b", title="T", **look).cells) == 1 + 21
    assert "190" in table_reproductions(overall, id="tbl-c", title="T", language=language).html()


@pytest.mark.parametrize("name", ["corporate_reputation", "ecsi_mobile"])
def test_no_number_of_a_deep_diagram_covers_a_box_an_arrow_or_another_number(name):
    model = read_model(name)
    arrows = tuple((p, outcome) for outcome, ps in model.paths.items() for p in ps)
    where, height = placing.grid(arrows, 5.45, 1.15, 0.62)
    boxes = [placing.around(at, 1.15 / 2, 0.62 / 2) for at in where.values()]
    lines = [placing.ends(where[a], where[b], 1.15, 0.62) for a, b in arrows]
    found = [placing.around(at, *placing.HALF) for at in placing.numbers(lines, boxes, 5.45, height)]
    everything = [*boxes, *found]
    for i, box in enumerate(found):
        assert not [
            j for j, other in enumerate(everything) if j != i + len(boxes) and placing.overlap(box, other) > 0.004
        ]
        others = [line for j, line in enumerate(lines) if j != i]
        assert sum(placing.inside(*line, box) for line in others) < 0.12
        assert placing.inside(*lines[i], box) > 0.1, "it stands on its own arrow"
    for (a, b), (start, end) in zip(arrows, lines, strict=True):
        assert not [
            n for n, box in zip(where, boxes, strict=True) if n not in (a, b) and placing.inside(start, end, box) > 0
        ]
        assert where[b][0] >= where[a][0] - 1e-9, "no arrow runs back"


def test_rows_that_are_not_those_of_the_model_are_refused():
    with pytest.raises(LoyaltyLabError, match="the rows do not have IMAG"):
        against_rows(read_model("ecsi_mobile"), read_data("simulated n=100"), n_draws=100)


def test_answers_are_not_taken_for_a_model(tmp_path):
    (tmp_path / "mine.sav").write_bytes(b"$FL2 not a model")
    with pytest.raises(
        DataError, match="mine.sav holds answers, and no published model rests on them; run this report without"
    ):
        models_of(str(tmp_path / "mine.sav"))
