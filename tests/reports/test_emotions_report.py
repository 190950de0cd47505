"""The report on emotion, reason and brand values: real rows, simulated ones, a table without rows, a made-up survey."""

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import ReportError

from ..conftest import write
from ..runs import card_of, in_order, numbers_of
from .test_reports import page_text

BOOK = """
title: Made up
source: {en: made up for a test, nl: verzonnen voor een test}
tier: synthetic
defaults: {range: [1, 7], missing: [99]}
items:
  stay: {label: {en: Would stay, nl: Zou blijven}, role: outcome}
  j1: {label: joy one, role: driver, block: emotional}
  j2: {label: joy two, role: driver, block: emotional}
  p1: {label: price one, role: driver, block: rational, range: [0, 10]}
  size: {label: {en: Size, nl: Grootte}, role: segment, values: {1: small, 2: large, 3: tiny}}
"""


@pytest.fixture(scope="module")
def real(corp_rep_file, report):
    return report("emotions", draws=300)


def test_the_page_opens_with_what_contradicts_the_claim(real):
    text = page_text(real)
    order = ["In short", "Nobody can tell which block Loyalty goes with more closely", "Question against question, the two may be equal",
             "Do the published numbers differ?", "Can they be divided?", "Is emotion ahead in these data?",
             "And elsewhere?", "Which emotion comes first?", "What weighs much and is rated low?", "What would the tactics be worth?",
             "In many sectors?", "What would change the conclusion", "What may be cited, and what not", "You may not write",
             "The claim, its source and its grade", "Who answered, and what was left out"]  # fmt: skip
    in_order(text, order)
    assert "correlates 0.59 (95% CI" in text and "remained open (difference +0.060" in text
    assert real.manifest["evidence_tier"] == "observed"
    assert (
        "With the blocks of the claim’s own source (emotional: Trustworthy, Candid, Reliable" in text
        and "the claim is undecided" in text
    )
    assert "emotional: Likeability, Attractiveness (how attractive" in text


def test_every_question_has_its_exhibit(real):
    assert [id for id in real.manifest["exhibits"] if id.startswith("fig-")] == [
        "fig-contrasts", "fig-printed", "fig-implied", "fig-blocks", "fig-elsewhere", "fig-ranks", "fig-map", "fig-tactics",
        "fig-segments", "fig-segments-2",
    ]  # fmt: skip
    assert {"tbl-claims", "tbl-flow", "tbl-sample", "tbl-composition"} <= set(real.manifest["exhibits"])


def test_the_published_numbers_are_those_recomputed(real):
    text = page_text(real)
    for said in (
        "can be told apart from n = 64 on",
        "add up to 1.08",
        "emotions take 31% to 68%",
        "between 0.04 and 0.94",
    ):
        assert said in text, said
    assert "0.75 (95% CI 0.74 to 0.76)" in text and "from n = 3,889 on" in text


def test_the_figures_hold_what_the_library_gives(real, corp_rep_file):
    survey = ll.read_survey(corp_rep_file, "corporate_reputation")
    m = survey.moments(["CUSL", "qual_7", "qual_3"])
    rows = numbers_of(real, "fig-contrasts")
    duel = rows[rows["term"] == "qual_7"].iloc[0]
    assert duel["estimate"] == pytest.approx(m.corr[0, 1] - m.corr[0, 2]) and duel["estimate"] < 0 < duel["conf_high"]
    assert rows["what"].tolist()[2] == "Satisfaction: emotional minus rational"
    shares = numbers_of(real, "fig-blocks").drop_duplicates("term").set_index("term")["share"]
    assert shares["emotional"] == pytest.approx(0.49, abs=0.005) and shares["rational"] == pytest.approx(
        0.44, abs=0.005
    )
    elsewhere = numbers_of(real, "fig-elsewhere")["estimate"].round(3).tolist()
    assert elsewhere == [0.22, 0.050, 0.007]
    assert (
        card_of(real, "fig-elsewhere")["tier"] == "published" and card_of(real, "fig-contrasts")["tier"] == "observed"
    )
    tactics = numbers_of(real, "fig-tactics")
    assert tactics["raised"].eq(0.5).all() and "qual_7" in tactics["driver"].tolist()
    assert numbers_of(real, "fig-segments-2")["segment"].tolist() == [f"provider {i}" for i in (1, 2, 3, 4)]


def test_nothing_is_called_an_effect(real):
    text = page_text(real).split("About this report")[0].lower()
    assert " effect" not in text.replace("effective", "") and "significant" not in text
    assert "only if the tactic raises its emotion by as much as is assumed" in text


def test_in_dutch_and_with_the_claim_turned_round(corp_rep_file, told):
    asked = {"draws": 200, "language": "nl", "contrast": ["values", "emotional"], "segments": ["none"], "delta": 1.0}
    run = told("emotions", **asked)
    text = page_text(run)
    assert "De bewering wordt hier tegengesproken: het blok ‘emotioneel’" in text
    assert "hing Loyaliteit sterker samen met het blok ‘emotioneel’" in text and "stijging van 1 schaalpunten" in text
    assert "Geen twee groepen zijn hier groot genoeg" in text and "fig-segments" not in run.manifest["exhibits"]
    for english in ("In short", "Source", "Figure", "minus", " rank", "Simulated", "concentrate", "You may"):
        assert english not in text.split("Over dit rapport")[0], english


def test_simulated_respondents_are_never_cited(told):
    run = told("emotions", data="simulated n=2500 seed=5", draws=200)
    text = page_text(run)
    assert run.manifest["evidence_tier"] == "synthetic" and "Nobody answered" in text
    assert "Nothing here may be cited: these respondents are not people." in text
    assert "You may write" not in text and "Nothing from the simulated respondents may be cited." in text
    for id in ("fig-blocks", "fig-ranks", "fig-map", "fig-tactics", "fig-segments"):
        assert card_of(run, id)["title"].startswith("Simulated: "), id
    assert len(numbers_of(run, "fig-ranks")) == 10 and len(numbers_of(run, "fig-tactics")) == 8
    segments = numbers_of(run, "fig-segments")
    assert segments["segment"].str.contains(" × ").all() and (segments["n"] >= 40).all() and 20 < len(segments) <= 36
    sectors = numbers_of(run, "fig-segments-2").set_index("segment")
    answers = ll.simulate(n=2500, seed=5)
    rows = answers.frame
    for code, label in answers.segment_values(answers.segment("sector")).items():
        r = rows[rows["sector"] == code][["LOYALTY", "EMOTION", "RATIONAL"]].dropna().corr()["LOYALTY"]
        if label["en"] in sectors.index:
            assert sectors.loc[label["en"], "estimate"] == pytest.approx(r["EMOTION"] - r["RATIONAL"], abs=0.02)
    assert len(sectors) == 4


def test_the_highly_and_the_little_engaged_stand_beside_what_is_printed(told):
    """The shares are those of the rows, and the printed ones, which were put into the answers, come out."""
    run = told("emotions", data="simulated n=2500 seed=5", draws=200)
    shown = numbers_of(run, "fig-engaged")
    rows = ll.simulate(n=2500, seed=5).frame
    groups = {"high": rows[rows["EMOTION"] >= 5], "low": rows[rows["EMOTION"] < 4]}
    printed = {("Always buys it", "high"): 0.82, ("Always buys it", "low"): 0.38, ("Spends twice as much", "high"): 0.7,
               ("Thinks of it first", "high"): 0.86, ("Wants bigger role", "high"): 0.69, ("Wants bigger role", "low"): 0.08}  # fmt: skip
    items = {"Always buys it": "always_buys", "Spends twice as much": "spends_twice",
             "Thinks of it first": "first_thought", "Wants bigger role": "bigger_role"}  # fmt: skip
    assert set(shown["term"]) == set(items) and len(shown) == 12
    for row in shown[shown["level"] != "ratio"].itertuples():
        assert row.estimate == pytest.approx(groups[row.level][items[row.term]].mean())
        assert row.least <= row.estimate <= row.most and row.conf_low < row.estimate < row.conf_high
        claimed = printed.get((row.term, row.level))
        assert row.printed == pytest.approx(claimed) if claimed else np.isnan(row.printed)
        assert not claimed or row.conf_low - 0.01 < claimed < row.conf_high + 0.01
    times = shown[shown["level"] == "ratio"].set_index("term")
    assert times.loc["Always buys it", "printed"] == pytest.approx(0.82 / 0.38)
    assert times.loc["Always buys it", "estimate"] == pytest.approx(groups["high"]["always_buys"].mean() / groups["low"]["always_buys"].mean())  # fmt: skip


def test_what_the_article_advises_is_drawn_where_it_was_asked(told, corp_rep_file):
    shown = numbers_of(told("emotions", data="simulated n=2500 seed=5", draws=200), "fig-practice")
    rows = ll.simulate(n=2500, seed=5).frame
    bands = np.digitize(rows["surprises_sent"], [1, 3])
    none, some, many = (rows["bought_after"][bands == k].mean() for k in range(3))
    sent = shown[shown["claim"] == "once_or_twice"].set_index(["term", "against"])["estimate"]
    assert sent["Surprises sent", "first"] == pytest.approx(some - none)
    assert sent["Surprises sent", "further"] == pytest.approx(2 * some - none - many)
    assert len(shown[shown["claim"] == "hard_emotions"]) == 8
    found = told("emotions", draws=200)
    assert not {"fig-engaged", "fig-practice"} & set(found.manifest["exhibits"]), "nobody was asked there"


def test_on_a_table_without_rows_it_says_what_needs_rows(told):
    run = told("emotions", data="hedonic_utilitarian", draws=200)
    text = page_text(run)
    assert (
        "the respondents themselves are not available" in text.lower()
        and "nothing can be said about the tactics" in text
    )
    figures = [id for id in run.manifest["exhibits"] if id.startswith("fig-")]
    assert figures == ["fig-contrasts", "fig-printed", "fig-implied", "fig-blocks", "fig-elsewhere", "fig-ranks"]
    assert numbers_of(run, "fig-contrasts")["estimate"].round(3).tolist() == [0.050, 0.007]


def test_a_made_up_survey_without_tactics_or_a_pair(tmp_path, told):
    rng = np.random.default_rng(2)
    n, joy, price = 200, *rng.normal(size=(2, 200))

    def answers(x, low=1, high=7):
        return np.clip(np.round((low + high) / 2 + 1.2 * x), low, high)

    noise = rng.normal(size=(3, n))
    frame = pd.DataFrame({"stay": answers(0.2 * joy + 0.9 * price + 0.5 * noise[0]), "j1": answers(joy + 0.4 * noise[1]), "j2": answers(joy + 0.4 * noise[2]), "p1": answers(price, 0, 10), "size": np.where(np.arange(n) < 8, 3, np.arange(n) % 2 + 1)})  # fmt: skip
    frame.to_csv(tmp_path / "shop.csv", index=False)
    write(tmp_path / "shop.yml", BOOK)
    asked = {"data": str(tmp_path / "shop.csv"), "codebook": str(tmp_path / "shop.yml"), "draws": 200}
    run = told("emotions", **asked)
    text = page_text(run)
    assert (
        "Divided, the rational block is ahead:" in text
        and "No: the rational block is." in text
        and "Nothing here may be cited" in text
        and "You may write" not in text
    )
    assert "nothing can be said about the tactics" in text and "fig-map" in run.manifest["exhibits"]
    assert numbers_of(run, "fig-segments")["segment"].tolist() == ["small", "large"], "8 respondents are left out"
    assert "Left out because they are small: 1." in card_of(run, "fig-segments")["caption"]
    with pytest.raises(ReportError, match="comparing takes two blocks of drivers; here it is emotional"):
        told("emotions", **(asked | {"blocks": ["emotional"]}))
