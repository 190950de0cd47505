"""The report on measures: on real rows, on a made-up survey with everything it can show, and on a table without rows."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from loyaltylab import net_promoter, read_survey, simulate

from ..conftest import write
from ..runs import in_order, numbers_of, told_by_hand
from .test_reports import page_text

BOOK = """
title: Made up
source: {en: made up for a test, nl: verzonnen voor een test}
tier: synthetic
defaults: {range: [0, 10], missing: [99]}
items:
  sat: {label: {en: Satisfied, nl: Tevreden}, metric: satisfaction}
  again: {label: {en: Again, nl: Opnieuw}, metric: repurchase}
  tell: {label: {en: Would recommend, nl: Zou aanbevelen}, metric: recommend}
  ease: {label: {en: Ease, nl: Gemak}, range: [1, 7], metric: effort}
  j1: {label: joy one, range: [1, 7]}
  j2: {label: joy two, range: [1, 7]}
  p1: {label: price one, range: [1, 7]}
  p2: {label: price two, range: [1, 7]}
  visits: {label: {en: Visits, nl: Bezoeken}, role: covariate}
  wt: {label: Weight, missing: [], role: weight}
  size: {label: {en: Size, nl: Grootte}, role: segment, values: {1: small, 2: large, 3: tiny}}
scales:
  STAY: {label: {en: Loyalty, nl: Loyaliteit}, items: [sat, again, tell], role: outcome}
  JOY: {label: {en: Joy, nl: Vreugde}, items: [j1, j2], role: driver, block: emotional}
  PRICE: {label: {en: Price, nl: Prijs}, items: [p1, p2], role: driver, block: rational}
"""
ALL = {
    "weight": "wt", "exclude": ["straight_lining"], "attitude": "STAY", "attitude_from": 7.0, "behaviour": "visits",
    "behaviour_from": 5.0, "emotion": "JOY", "medium_from": 3.0, "high_from": 5.0, "draws": 200,
}  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey")
    rng = np.random.default_rng(4)
    n, common = 300, rng.normal(size=300)

    def answers(low, high, weight):
        spread = (high - low) / 5
        return np.clip(np.round((low + high) / 2 + spread * (weight * common + rng.normal(size=n))), low, high)

    joy, price = rng.normal(size=(2, n))
    frame = pd.DataFrame({name: answers(0, 10, 1.5) for name in ("sat", "again", "tell", "visits")})
    frame = frame.assign(
        ease=answers(1, 7, 0.5),
        **{f"j{i}": np.clip(np.round(4 + 1.4 * joy + 0.5 * rng.normal(size=n)), 1, 7) for i in (1, 2)},
        **{f"p{i}": np.clip(np.round(4 + 1.4 * price + 0.5 * rng.normal(size=n)), 1, 7) for i in (1, 2)},
        wt=rng.uniform(0.5, 2, n).round(2),
        size=np.where(np.arange(n) < 6, 3, np.arange(n) % 2 + 1),
    )
    frame.loc[:4, "tell"] = 99
    frame.to_csv(folder / "shop.csv", index=False)
    write(folder / "shop.yml", BOOK)
    return {"data": str(folder / "shop.csv"), "codebook": str(folder / "shop.yml")}


@pytest.fixture(scope="module")
def everything(files, told):
    return told("measures", **(files | ALL))


def test_the_real_survey_opens_with_what_stands_in_the_way(corp_rep_file, report):
    run = report("measures", draws=200)
    text = page_text(run)
    order = ["In short", "cannot be told apart", "Satisfied is not secure", 
             "Do the scales measure", "Are the scales different", "How loyalty was answered", "Loyalty metrics", "What may be concluded",
             "Who answered", "What is wrong with the file"]  # fmt: skip
    in_order(text, order)
    assert "says nothing that ‘Reliable’ does not" in text and "SRMR 0.052" in text
    assert run.manifest["exhibits"][0] == "fig-apart", "the figure that the finding rests on"


def test_every_metric_is_shown_where_its_question_is_asked(everything, files):
    shown = {"fig-satisfied", "fig-promoters", "fig-promoter-groups", "fig-security", "fig-effort",
             "fig-types", "fig-engaged", "fig-answers", "fig-reliability", "tbl-flow", "tbl-findings", "tbl-means"}  # fmt: skip
    assert shown <= set(everything.manifest["exhibits"])
    survey = read_survey(files["data"], files["codebook"], weight="wt")
    score = net_promoter(survey, "tell", by="size").tidy()
    drawn = numbers_of(everything, "fig-promoters")
    np.testing.assert_allclose(drawn["estimate"], score["estimate"])
    assert everything.manifest["evidence_tier"] == "synthetic"


@pytest.mark.parametrize("few", ["tell", "sat", "ease"])
def test_a_metric_that_a_handful_answered_is_left_out_in_one_line(files, told, tmp_path, few):
    frame = pd.read_csv(files["data"])
    frame.loc[(frame.index < 20) | (frame.index > 22), few] = 99
    frame.to_csv(tmp_path / "few.csv", index=False)
    book = write(tmp_path / "few.yml", BOOK.replace("[sat, again, tell]", "[again]"))
    run = told("measures", data=str(tmp_path / "few.csv"), codebook=str(book), draws=100)
    figures = {"sat": "fig-satisfied", "tell": "fig-promoters", "ease": "fig-effort"}
    found = set(run.manifest["exhibits"])
    assert figures[few] not in found and {*figures.values()} - {figures[few]} <= found, "the rest of the report goes on"
    assert page_text(run).count(f"Not computed here: ‘{few}’ cannot be shown") == 1


def test_no_small_group_is_in_a_figure_or_its_data(everything):
    tiny = 0
    for path in sorted((everything.folder / "exhibits").glob("*.csv")):
        data = pd.read_csv(path)
        if "segment" in data and "n" in data:
            small = data[data["segment"] == "tiny"]
            tiny += len(small)
            assert small.select_dtypes("number").isna().all(axis=None), path.name
    assert tiny > 5
    composition = numbers_of(everything, "tbl-composition")
    assert composition["n_rows"].isna().sum() >= 2, "the tiny segment, and one that would give it away"


def test_no_row_of_a_respondent_is_in_the_report(everything, files):
    rows = pd.read_csv(files["data"])["wt"].astype(str)
    page = everything.page.read_text(encoding="utf-8").split("<svg")[0]
    assert "shop.csv" in page and not any(f"<td>{weight}</td>" in page for weight in rows)


def test_in_dutch(files, told):
    text = page_text(told("measures", **(files | ALL | {"language": "nl"})))
    assert "Tevreden is nog niet zeker" in text and "Wat mag worden geconcludeerd" in text
    for english in ("In short", "Source", "Figure", "warning", "withheld", "secure", "promoters,"):
        assert english not in text.split("Over dit rapport")[0], english


def test_on_a_table_without_rows_it_says_what_cannot_be_said(told):
    run = told("measures", data="hedonic_utilitarian", draws=200)
    assert "come from a printed table, not from people" in page_text(run) and run.manifest["exhibits"] == ["tbl-claims"]


def test_reliability_needs_no_rows_where_a_table_prints_items(told):
    run = told("measures", data="corporate_reputation_items", draws=200)
    assert "tbl-reliability" in run.manifest["exhibits"] and "tbl-flow" not in run.manifest["exhibits"]


def test_simulated_respondents_show_what_they_were_made_to_return(told):
    run = told("measures", data="simulated n=1500 seed=5", draws=200)
    assert run.manifest["evidence_tier"] == "synthetic" and "tbl-calibration" in run.manifest["exhibits"]
    text = page_text(run)
    assert "Synthetic: simulated respondents" in text and "Nobody answered this questionnaire" in text
    lost = "rows are lost to missing answers"
    assert text.index(lost) < text.index("In short") and lost not in run.manifest["headline"], "a warning is no finding"
    headline, *_ = run.manifest["findings"]
    assert headline["id"] == "headline" and headline["text"] == run.manifest["headline"] != ""


def test_who_plans_to_leave_by_band_and_by_security_is_as_in_the_rows(told):
    shown = numbers_of(told("measures", data="simulated n=1500 seed=5", draws=200), "fig-leaving")
    rows = simulate(n=1500, seed=5).frame
    leaving = rows["switch_intent"]
    bands = pd.cut(rows["satisfied"], [-1, 6, 8, 10], labels=["0–6", "7–8", "9–10"])
    means = leaving.groupby(bands, observed=True).mean()
    steps = shown[shown["claim"] == "nearly_secure"].set_index("term")["estimate"]
    assert steps["7–8"] == pytest.approx(means["7–8"] - means["0–6"]) and steps["7–8"] < 0
    assert steps["9–10"] == pytest.approx(means["9–10"] - means["7–8"]) and steps["9–10"] < 0
    three = rows[["satisfied", "repurchase", "recommend"]].dropna()
    secure = (three >= 9).all(axis=1)
    gap = leaving[secure.index][secure].mean() - leaving[secure.index][~secure].mean()
    apart = shown.set_index("claim")["estimate"]
    assert apart["secure_customers"] == pytest.approx(gap) and gap < 0
    assert apart["ambassadors"] == pytest.approx(rows[["promotes", "brought"]].dropna().corr().iloc[0, 1])
    for claim, names in (
        ("consumers_want", ["LOYALTY", "hhw_experience", "emo_honesty", "pil_resolution", "want_continuity"]),
        ("rewarded_return", ["elem_reward", "repurchase", "recommend"]),
    ):
        by_hand = rows[names].dropna().corr().iloc[0, 1:]
        drawn = shown.loc[shown["claim"] == claim, "estimate"]
        assert sorted(drawn) == pytest.approx(sorted(by_hand)) and drawn.min() > 0.2
    assert set(shown["claim"]) == {"nearly_secure", "secure_customers", "consumers_want", "ambassadors", "rewarded_return"}  # fmt: skip


SINGLE = """
title: Shop
source: people
defaults: {range: [1, 5]}
items:
  trust: {label: Trust, role: driver, block: emotional}
  price: {label: Price, role: driver, block: rational}
  stay: {label: Stay, role: outcome}
  k1: {label: {en: Near, nl: Dichtbij}, range: [0, 1]}
  k2: {label: {en: Cheap, nl: Goedkoop}, range: [0, 1]}
sets:
  why: {label: {en: Why here, nl: Waarom hier}, items: [k1, k2], base: %s}
"""


@pytest.mark.parametrize(
    ("language", "said", "base", "title"),
    [
        ("en", "There is no scale to judge", "any", "Why here: Cheap most, ticked by 80% of the 100 who ticked any"),
        ("nl", "Er is geen schaal om te beoordelen", "all", "Waarom hier: Goedkoop het meest, aangekruist door 67% van alle 120 respondenten"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("door", ["", "duckdb:"])
def test_single_questions_are_no_printed_table_and_boxes_have_their_own(
    tmp_path, told, door, language, said, base, title
):
    """Scores between two points, no scale, and a question of which one ticks all that apply: file and database alike."""
    if door:
        pytest.importorskip("ibis")
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(rng.integers(1, 6, (120, 2)), columns=["trust", "price"])
    frame["stay"] = frame.mean(axis=1)
    frame["k1"], frame["k2"] = np.where(np.arange(120) < 40, 1, None), np.where((np.arange(120) >= 20) & (np.arange(120) < 100), 1, None)  # fmt: skip
    frame.to_csv(tmp_path / "rows.csv", index=False)
    book = write(tmp_path / "book.yml", SINGLE % base)
    run = told("measures", data=f"{door}{tmp_path / 'rows.csv'}", codebook=str(book), draws=100, language=language)
    text = page_text(run)
    assert said in text and "printed table" not in text and "gedrukte tabel" not in text
    assert title in text
    assert numbers_of(run, "tbl-ticked-1")["n"].tolist() == [100 if base == "any" else 120] * 2
    if not door:
        assert "between two scale points; boxes need answers as they were given" in text, "one figure is lost, not all"
        assert "tbl-means" in run.manifest["exhibits"]


def test_many_rows_of_few_people_are_counted_as_rows_with_intervals_of_people(tmp_path, told):
    people = np.repeat(np.arange(15), 8)
    stay = np.repeat(np.random.default_rng(3).integers(1, 6, 15), 8)
    frame = pd.DataFrame({"person": people, "trust": 1 + people % 5, "price": 1 + (people * 7) % 5, "stay": stay})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    items = SINGLE.partition("  k1:")[0] + "  person: {role: cluster, range: null}\n"
    given = {
        "data": str(tmp_path / "rows.csv"),
        "codebook": str(write(tmp_path / "book.yml", items)),
        "cluster": "person",
    }
    each = stay[::8]
    half = stats.t.ppf(0.975, 14) * each.std(ddof=1) / np.sqrt(15)
    interval = f"[{each.mean() - half:.2f}; {each.mean() + half:.2f}]"
    text = page_text(told("measures", draws=100, **given))
    assert f"{each.mean():.2f} {interval}" in text and "name it" not in text, "nothing is advised that was done"
    assert "120 rows in 15 clusters" in text and "120 of 120 rows have a score" in text
    assert interval[1:-1].replace(";", " to") in page_text(told("drivers", draws=100, **given))


SCALED = """
title: T
source: people
defaults: {range: [1, 5]}
items: {d1: {}, d2: {}, d3: {}, d4: {}, d5: {}, d6: {}, stay: {label: Stay, role: outcome, metric: repurchase}}
scales:
  EMO: {label: Emotion, items: [d1, d2, d3], role: driver, block: emotional}
  RAT: {label: Reason, items: [d4, d5, d6], role: driver, block: rational}
"""


@pytest.mark.parametrize(
    "kind, change, said, judged",
    [
        ("constant", lambda f: f.assign(d1=3.0), "d1: everyone has the same value", ["RAT"]),
        ("unanswered", lambda f: f.assign(d1=np.nan), "0 of 60 rows are complete on d1, d2, d3", ["RAT"]),
        ("twice", lambda f: f.assign(d2=f["d1"], d3=f["d1"]), "d1, d2, d3: each is determined exactly", ["EMO", "RAT"]),
        ("all constant", lambda f: f * 0 + 3, "d4, d5, d6: everyone has the same value", []),
        ("few rows", lambda f: f.head(8), "8 rows are too few to draw from", []),
    ],
)
def test_a_scale_that_cannot_be_judged_costs_its_own_part_only(tmp_path, kind, change, said, judged):
    rng = np.random.default_rng(2)
    z = rng.normal(size=(60, 1)) + rng.normal(size=(60, 7))
    frame = pd.DataFrame(np.clip(np.rint(3 + z), 1, 5), columns=[*(f"d{i}" for i in range(1, 7)), "stay"])
    change(frame).to_csv(tmp_path / "rows.csv", index=False)
    book = write(tmp_path / "book.yml", SCALED)
    text = " ".join(told_by_hand("measures", data=str(tmp_path / "rows.csv"), codebook=str(book)))
    assert said in text
    assert ("No scale can be judged" in text) == (not judged)
    assert "Drivers of different blocks are clearly different things" not in text or len(judged) == 2
    assert ("Do the scales measure one thing" in text) == bool(judged)
