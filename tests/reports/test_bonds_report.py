"""The report on bonds, and the functions it rests on: real rows, simulated ones, a table without rows, a made-up survey."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from msgspec import structs

import loyaltylab as ll
from loyaltylab.core import errors

from ..conftest import MADE_UP, write
from ..runs import card_of, in_order, numbers_of, told_by_hand
from .test_reports import page_text

BOOK = """
title: Made up
source: {en: made up for a test, nl: verzonnen voor een test}
tier: synthetic
defaults: {range: [1, 7], missing: [99]}
items:
  stay: {label: {en: Would stay, nl: Zou blijven}, role: outcome}
  joy: {label: {en: Joy, nl: Vreugde}, role: driver, block: emotional}
  price: {label: {en: Price, nl: Prijs}, role: driver, block: rational}
  card: {label: {en: Card, nl: Kaart}, role: segment, values: {0: none, 1: card}}
"""


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    """Answers in which joy counts more for those with a card, and the codebook."""
    folder = tmp_path_factory.mktemp("survey")
    rng = np.random.default_rng(8)
    joy, price = rng.integers(1, 8, size=(2, 400))
    card = rng.integers(0, 2, size=400)
    stay = 4 + (0.1 + 0.6 * card) * (joy - 4) + 0.2 * (price - 4) + rng.normal(0, 0.5, 400)
    frame = pd.DataFrame({"stay": stay.clip(1, 7).round(2), "joy": joy, "price": price, "card": card})
    frame.to_csv(folder / "shop.csv", index=False)
    return {"data": str(folder / "shop.csv"), "codebook": str(write(folder / "shop.yml", BOOK))}


@pytest.fixture(scope="module")
def real(corp_rep_file, report):
    return report("bonds", draws=300)


def test_the_page_opens_with_what_contradicts_the_slogan(real):
    text = page_text(real)
    order = ["In short", "these answers cannot settle", "The slogan has no source", "Structural ties were hardly asked",
             "Which bond goes with loyalty",
             "Thirty to seventy?", "Does one bond stand in for another?", "Is it another bond for other customers?",
             "do not say who is a business customer", "What would change the conclusion", "What may be cited, and what not",
             "You may not write", "The claim, its source and its grade", "Who answered, and what was left out"]  # fmt: skip
    in_order(text, order)
    assert "Having a contract is not the same as feeling tied by one" in text and "has ten questions" in text
    assert real.manifest["evidence_tier"] == "observed"
    assert [id for id in real.manifest["exhibits"] if id.startswith("fig-")] == [
        "fig-split", "fig-bonds", "fig-drivers", "fig-products", "fig-slopes", "fig-segments",
    ]  # fmt: skip


def test_the_figures_hold_what_the_library_gives(real, corp_rep_file):
    survey, columns = ll.read_survey(corp_rep_file, "corporate_reputation").with_indicators("servicetype")
    bonds = {"emotional": ["LIKE", "ATTR"], "rational": ["COMP", "QUAL", "PERF"], "structural": columns}
    m = survey.moments(["CUSL", *ll.flatten(bonds)])
    split = numbers_of(real, "fig-split").set_index("term")["estimate"]
    for method in ("lmg", "relative_weights", "pratt"):
        blocks = ll.importance(m, "CUSL", bonds, method=method).blocks().tidy().set_index("term")["estimate"]
        assert split[method] == pytest.approx(blocks["emotional"] / (blocks["emotional"] + blocks["rational"]))
    assert split.min() == split["LIKE"] < 0.2, "without likeability little is left of the emotional bond"
    slopes = numbers_of(real, "fig-slopes").set_index("term")["estimate"]
    frame = survey.frame.assign(
        emotional=survey.frame[["LIKE", "ATTR"]].mean(axis=1),
        rational=survey.frame[["COMP", "QUAL", "PERF"]].mean(axis=1),
        tied=survey.frame[columns[0]],
    ).dropna(subset=["CUSL"])
    import statsmodels.api as sm

    X = frame[["emotional", "rational", "tied"]].copy()
    about = X - X.mean()
    for one, other in (("emotional", "rational"), ("emotional", "tied"), ("rational", "tied")):
        X[f"{one} {other}"] = about[one] * about[other]
    peer = sm.OLS(frame["CUSL"], sm.add_constant(X)).fit().params
    change = slopes["contract"] - slopes["prepaid"]
    assert change == pytest.approx(peer["emotional tied"], rel=1e-8)
    assert slopes["prepaid"] == pytest.approx(peer["emotional"] + about["tied"].min() * change)


def test_simulated_answers_are_no_evidence_in_dutch(told):
    choice = {"data": "simulated n=2000 seed=5", "draws": 100, "language": "nl"}
    run = told("bonds", **choice)
    text = page_text(run)
    assert run.manifest["evidence_tier"] == "synthetic"
    for said in ("Deze respondenten zijn gesimuleerd", "Eén vraag in een ander blok", "mag als bevinding worden geciteerd",
                 "elke binding heeft één score", "Een andere binding voor andere klanten?"):  # fmt: skip
        assert said in text, said
    assert "Dit mag u schrijven" not in text and "tbl-calibration" not in text
    for english in ("In short", "Source", "Figure", "claimed", "low", "without", "Scale points"):
        assert english not in text.split("Over dit rapport")[0], english
    drawn = (run.folder / "exhibits" / "fig-slopes.json").read_text(encoding="utf-8")
    assert "laag" in drawn and "hoog" in drawn
    rows = ll.simulate(n=2000, seed=5).frame
    loadings = numbers_of(run, "fig-levels")
    ties = loadings[loadings["measure"] == "loading"].groupby("against")["term"].count().to_dict()
    assert ties == {"emotional": 3, "rational": 2, "structural": 5}
    r = rows[["bond_discount", "bond_extras"]].corr().iloc[0, 1]
    both = loadings[loadings["against"] == "rational"].query("measure == 'loading'")["estimate"].prod()
    assert both == pytest.approx(r, abs=0.03), "the loadings of two items give back their correlation"
    assert (loadings[loadings["measure"] == "loading"]["conf_low"] > 0.6).all()
    assert loadings[loadings["measure"] == "correlation"]["conf_high"].max() < 0.7, "three factors, not one"
    first = numbers_of(run, "fig-contents").sort_values("rank")["term"].tolist()
    with_loyalty = rows[["LOYALTY", *first]].corr()["LOYALTY"].drop("LOYALTY").abs()
    assert set(first[:3]) == set(with_loyalty.nlargest(3).index) and len(first) == 10
    lines = numbers_of(run, "fig-price")
    slopes = [np.polyfit(part["at"], part["estimate"], 1)[0] for _, part in lines.groupby("segment", sort=False)]
    tested = ll.claims.comparisons(ll.simulate(n=2000, seed=5), [ll.read_claim("bond_price")], n_draws=100)
    product = next(one for one in tested.found["bond_price"] if " × " in one.a)
    assert np.diff(slopes) == pytest.approx([product.estimate] * 2), "what the ledger tests is what is drawn"


def test_a_table_without_rows_says_what_it_cannot_tell(told):
    run = told("bonds", data="hedonic_utilitarian", draws=200)
    assert [id for id in run.manifest["exhibits"] if id.startswith("fig-")] == ["fig-split", "fig-bonds", "fig-drivers"]
    text = page_text(run)
    assert "Nothing stands for structural ties here" in text and "cannot be looked at here" in text
    assert "Does one bond stand in" not in text


def test_a_made_up_interaction_is_found_and_named(made_up, told):
    run = told("bonds", **(made_up | {"draws": 200}))
    assert card_of(run, "fig-products")["title"].startswith(
        "The stronger the one, the more the other goes with Would stay: "
    )
    slopes = numbers_of(run, "fig-slopes").set_index("term")["estimate"]
    assert slopes["none"] == pytest.approx(0.1, abs=0.08) and slopes["card"] == pytest.approx(0.7, abs=0.08)
    assert "Nothing on this page may be cited as a finding" in page_text(run)


# ---- what the report rests on -------------------------------------------------------------------------------------------


def test_bonds_are_found_where_the_data_have_them(made_up):
    survey = ll.read_survey(made_up["data"], made_up["codebook"])
    found, bonds = ll.three_bonds(survey)
    assert bonds == {"emotional": ("joy",), "rational": ("price",), "structural": ("card=card",)}
    assert found.frame["card=card"].mean() == survey.frame["card"].mean()
    assert ll.three_bonds(survey, structural=["card"])[1] == bonds
    sexes = structs.replace(
        survey.codebook.items["card"],
        name="card",
        label={"en": "Gender", "nl": "Geslacht"},
        wording={},
        values={0: {"en": "man", "nl": "man"}, 1: {"en": "woman", "nl": "vrouw"}},
    )
    asked = survey.frame.rename(columns={"card": "sex"})
    book = replace(
        survey.codebook,
        items={
            **{n: i for n, i in survey.codebook.items.items() if n != "card"},
            "sex": structs.replace(sexes, name="sex"),
        },
    )
    told = replace(survey, frame=asked, codebook=book)
    assert "structural" not in ll.three_bonds(told)[1], "what somebody is ties nobody"
    assert "structural" not in ll.three_bonds(survey.only("card=1"))[1], "whoever has a card tells nothing about cards"


def test_a_moved_item_leaves_one_bond_for_another():
    book = ll.read_codebook("loyalty")
    bonds = {"rational": ("BONDRAT",), "structural": ("BONDS",)}
    before, after = ll.loyalty.moved_item(book, bonds, "bond_card", "rational")
    assert "bond_card" in before["structural"] and "bond_card" not in after["structural"]
    assert after["rational"] == (*before["rational"], "bond_card")
    assert ll.loyalty.moved_item(book, bonds, "bond_discount", "rational") is None


def independent(r, n=200):
    """Moments of an outcome and drivers that do not correlate with each other, and normal draws of them."""
    names = ["y", *"abc"[: len(r)]]
    R = np.eye(len(names))
    R[0, 1:] = R[1:, 0] = r
    m = ll.Moments.from_correlations(R, names=names, n=n, provenance=MADE_UP)
    return m, m.draws(n_draws=300, seed=2)


def test_drivers_that_do_not_correlate_have_one_split():
    m, draws = independent([0.6, 0.3])
    split = ll.drivers.claimed_split(m, "y", {"heart": ["a"], "head": ["b"]}, "heart", "head", claimed=0.7, draws=draws)
    assert split.tidy()["estimate"].to_numpy() == pytest.approx(0.36 / 0.45)
    shown = ll.exhibits.plot_split(split, id="fig-split", title="Split", labels={})
    assert shown.caption == "Lines are 95% intervals; the dashed line is the claimed share."
    assert split.stat("n_choices").value == 3 and split.reported.conf_low < 0.8 < split.reported.conf_high
    m, draws = independent([0.6, 0.3, 0.2])
    split = ll.drivers.claimed_split(
        m, "y", {"heart": ["a"], "head": ["b", "c"]}, "heart", "head", claimed=0.7, draws=draws
    )
    assert split.value(("without", "c")).value == pytest.approx(0.36 / 0.45)
    assert split.value(("without", "b")).value == pytest.approx(0.36 / 0.40)
    shown = ll.exhibits.plot_split(split, id="fig-split", title="Split", labels={})
    assert shown.caption.startswith("First by method, then by the first method with one driver left out.")
    data = split.tidy()
    assert split.stat("n_holding").value == ((data["conf_low"] <= 0.7) & (data["conf_high"] >= 0.7)).sum()


def test_what_may_be_told_of_a_split_follows_from_its_intervals_and_its_choices():
    m, draws = independent([0.6, 0.3])
    blocks = {"heart": ["a"], "head": ["b"]}
    split = ll.drivers.claimed_split(m, "y", blocks, "heart", "head", claimed=0.7, draws=draws)
    assert split.finding == "simulated" and split.agrees and not split.leaves_out
    stated = replace(split, provenance=ll.Provenance("published", "a table"))
    assert stated.finding == "holds" and replace(stated, claimed=0.2).finding == "outside"
    just_beyond = stated.reported.conf_high + 0.01
    assert replace(stated, claimed=just_beyond).finding == "near", "it differs from the interval by less than matters"
    m, draws = independent([0.6, 0.3, 0.2])
    split = ll.drivers.claimed_split(
        m, "y", {"heart": ["a"], "head": ["b", "c"]}, "heart", "head", claimed=0.7, draws=draws
    )
    assert split.leaves_out and not split.agrees, "0.69 to 0.90"


def test_customers_are_compared_by_what_tells_business_from_consumers_or_by_a_segment_of_two(made_up):
    survey = ll.read_survey(made_up["data"], made_up["codebook"])
    assert ll.loyalty.kinds_of_customers(survey) == "card" and ll.loyalty.kinds_of_customers(survey, "x") == "x"
    assert ll.loyalty.kinds_of_customers(ll.read_table("hedonic_utilitarian"), "card") == "", "there are no rows"


def test_a_split_that_cannot_be_taken_is_refused_in_words():
    m, draws = independent([0.6, 0.3])
    blocks = {"heart": ["a"], "head": ["b"]}
    with pytest.raises(errors.ModelError) as caught:
        ll.drivers.claimed_split(m, "y", blocks, "heart", "head", claimed=70, draws=draws)
    assert str(caught.value) == "claimed=70 is no share; give a number between 0 and 1."
    with pytest.raises(errors.ModelError) as caught:
        ll.drivers.claimed_split(m, "y", blocks, "heart", "head", claimed=0.7, methods=["last"], draws=draws)
    assert str(caught.value).startswith("last: blocks can be summed only where parts add up to R²: ")
    with pytest.raises(errors.UnknownName) as caught:
        ll.drivers.claimed_split(m, "y", blocks, "hart", "head", claimed=0.7, draws=draws)
    assert str(caught.value).startswith("block 'hart' does not exist")


def test_a_segment_that_is_about_the_respondent_is_no_structural_tie(tmp_path):
    rng = np.random.default_rng(2)
    joy, price = rng.integers(1, 8, (2, 160))
    stay = np.clip(np.round(0.6 * joy + 0.3 * price + rng.normal(size=160)), 1, 7)
    frame = pd.DataFrame({"joy": joy, "price": price, "stay": stay, "sex": ["m", "v"] * 80})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    text = """
title: T
source: people
defaults: {range: [1, 7]}
items:
  joy: {label: Joy, role: driver, block: emotional}
  price: {label: Price, role: driver, block: rational}
  stay: {label: Stay, role: outcome}
  sex: {label: Geslacht, role: segment, range: null, values: {m: man, v: vrouw}}
"""
    book = write(tmp_path / "book.yml", text)
    said = " ".join(told_by_hand("bonds", data=str(tmp_path / "rows.csv"), codebook=str(book), draws=200))
    assert "Nothing stands for structural ties here" in said
    assert "hardly asked" not in said and "vrouw" not in said and "contract is not the same" not in said
