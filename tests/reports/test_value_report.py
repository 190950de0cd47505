"""The report on value: real stand-ins, all thirty elements simulated, a table without rows."""

import re

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.reports.running.parameters import SHARED

from ..runs import numbers_of
from .test_reports import page_text

FIGURES = [
    "fig-levels",
    "fig-elements",
    "fig-ranks",
    "fig-cost",
    "fig-high",
    "fig-explained",
    "fig-pillars",
    "fig-thirty",
]
FEW = {"draws": 200, "single_draws": 100}


@pytest.fixture(scope="module")
def run(report):
    return report("value", **FEW)


def test_the_real_survey_opens_with_what_stands_against_a_claim(run, corp_rep_file):
    text = page_text(run)
    parts = ["depends on how contested questions are coded", "What six pillars explain, these answers cannot say",
             "comes first here; elsewhere it was quality", "Does quality come first?",
             "What overlapping questions cost", "Do more highly scored elements", "Six pillars: do they explain",
             "A test of the method, on simulated answers", "What would change the conclusion", "What may be cited",
             "The claim, its source and its grade", "Who answered"]  # fmt: skip
    found = [text.index(part) for part in parts]
    assert found == sorted(found)
    assert [id for id in run.manifest["exhibits"] if id.startswith("fig-")] == FIGURES
    assert run.manifest["evidence_tier"] == "observed"
    survey = ll.read_survey(corp_rep_file, "corporate_reputation")
    levels = ll.loyalty.read_value_map(survey.codebook).levels
    exact = ll.importance(survey.moments(["cusl_1", *ll.flatten(levels)]), "cusl_1", levels)
    shares = dict(zip(exact.blocks().terms, exact.blocks().shares, strict=True))
    assert f"‘Functional’ takes {shares['functional']:.0%}" in text and f"‘Emotional’ {shares['emotional']:.0%}" in text
    drawn = numbers_of(run, "fig-elements").set_index("term")["share"]
    np.testing.assert_allclose(drawn[list(exact.terms)], exact.shares, atol=1e-9)
    companies = numbers_of(run, "tbl-companies")
    rows = survey.frame[survey.frame["cusl_1"].notna()]
    shares = (rows[ll.flatten(levels)] >= 6).groupby(rows["serviceprovider"]).mean()
    assert companies["n_high_elements"].tolist() == (shares >= 0.5).sum(axis=1).tolist() == [2, 2, 0, 0]
    assert (companies["n_surely"] <= companies["n_high_elements"]).all()


def test_one_difference_is_that_of_the_report_on_drivers_and_another_is_told_from_it(run, told, corp_rep_file):
    """Few questions are divided as that report divides them; many of another outcome give another difference, and both are told."""
    asked = {"n_draws": FEW["draws"], "seed": SHARED["seed"].default}
    survey = ll.read_data("corp_rep")
    theirs = ll.importance(survey, "CUSL", survey.codebook.blocks(), **asked).contrast("emotional", "rational")
    text = page_text(run)
    assert f"Emotional less rational, is {theirs.difference:ci+.0pp} percentage points. Here ‘Would recommend’" in text
    table = ll.read_data("hedonic_utilitarian")
    blocks = dict(reversed(table.codebook.blocks().items()))  # as the levels stand in the list of values
    same = ll.importance(table, "AttLoyalty", blocks, **asked).contrast("emotional", "rational")
    text = page_text(told("value", **(FEW | {"data": "hedonic_utilitarian", "thirty": False})))
    assert f"is {same.difference:ci+.0pp} percentage points" in text and "Not the difference" not in text


def test_thirty_elements_are_decomposed_exactly_and_kept_apart(run):
    text = page_text(run)
    assert "All 1,073,741,824 combinations of 30 elements were computed, exactly" in text
    survey = ll.read_data("simulated n=4000 seed=5")
    items = ll.flatten(ll.loyalty.read_value_map(survey.codebook).levels)
    shares = numbers_of(run, "fig-thirty").set_index("term")["share"]
    sampled = ll.drivers.sampled_lmg(survey.moments(["recommend", *items]), "recommend", items, n_orders=1000)
    error = sampled.sampling_error / sampled.estimates.sum()
    assert (np.abs(shares[list(sampled.terms)] - sampled.shares) < 4.5 * error).all() and len(shares) == 30
    card = run.manifest["exhibits"]
    assert "fig-thirty" in card and re.search(r"Simulated: all thirty elements.*?Source \(synthetic", text)


def test_thirty_simulated_elements_are_exact_and_no_evidence(told):
    run = told("value", **(FEW | {"data": "simulated", "language": "nl"}))
    text = page_text(run).split("Over dit rapport")[0]
    assert "Deze verdeling is exact" in text and "1.073.741.824 combinaties" in text
    assert "Hieruit mag niets worden geciteerd" in text and "Dit mag u schrijven" not in text
    assert "fig-thirty" not in run.manifest["exhibits"], "the thirty are the data themselves"
    assert "heeft “zoveel keer” geen betekenis" in text, "a promoter score below zero has no ratio"
    for english in ("In short", "Source", "Figure", "undecided", "Functional", "scale points", "questions"):
        assert english not in text, english


def test_beyond_what_can_be_exact_it_says_that_the_parts_were_sampled(tmp_path, told):
    rng, names = np.random.default_rng(1), [f"d{i}" for i in range(34)]
    common = rng.normal(size=(300, 1))
    answers = np.clip(np.rint(4 + common + rng.normal(size=(300, 35))), 1, 7)
    pd.DataFrame(answers, columns=[*names, "stay"]).to_csv(tmp_path / "mine.csv", index=False)
    blocks = ("emotional", "rational")
    drivers = "".join(
        f"  {name}: {{label: {name}, role: driver, block: {blocks[i % 2]}}}\n" for i, name in enumerate(names)
    )
    (tmp_path / "mine.yml").write_text(
        "title: Mine\nsource: {en: mine, nl: van mij}\ndefaults: {range: [1, 7]}\nitems:\n"
        f"{drivers}  stay: {{label: Stay, role: outcome}}\n"
    )
    given = {"data": str(tmp_path / "mine.csv"), "codebook": str(tmp_path / "mine.yml"), "thirty": False}
    run = told("value", **(FEW | given | {"language": "nl"}))
    text = page_text(run).split("Over dit rapport")[0]
    assert "Dit is een benadering: 17.179.869.184 combinaties zijn te veel om te berekenen" in text
    assert "De delen komen uit 10.000 getrokken volgordes van opname, in elke trekking uit 100." in text


def test_a_table_of_scales_is_taken_by_its_blocks_and_says_only_what_it_can(told):
    run = told("value", **(FEW | {"data": "corporate_reputation", "thirty": False}))
    text = page_text(run)
    assert [id for id in run.manifest["exhibits"] if id.startswith("fig-")] == [
        "fig-levels",
        "fig-elements",
        "fig-cost",
    ]
    for unasked in ("Does quality come first?", "Six pillars", "highly scored", "are stand-ins", "Another reader"):
        assert unasked not in text.split("What may be cited")[0].replace("The claim, its source", ""), unasked


def test_a_survey_of_a_few_questions_says_what_it_cannot_test(tmp_path, told):
    """Three questions and two hundred customers make no groups: the page says so, where it stopped in a cell before."""
    rng = np.random.default_rng(1)
    common = rng.normal(size=(200, 1))
    answers = np.clip(np.rint(4 + common + rng.normal(size=(200, 4))), 1, 7)
    pd.DataFrame(answers, columns=["joy", "price", "speed", "stay"]).to_csv(tmp_path / "mine.csv", index=False)
    (tmp_path / "mine.yml").write_text(
        "title: Mine\nsource: {en: mine, nl: van mij}\ndefaults: {range: [1, 7]}\nitems:\n"
        "  joy: {label: Joy, role: driver, block: emotional}\n  price: {label: Price, role: driver, block: rational}\n"
        "  speed: {label: Speed, role: driver, block: rational}\n  stay: {label: Stay, role: outcome}\n"
    )
    given = {
        "data": str(tmp_path / "mine.csv"),
        "codebook": str(tmp_path / "mine.yml"),
        "thirty": False,
        "smallest": 150,
    }
    text = page_text(told("value", **(FEW | given)))
    assert (
        "The number of highly scored elements could not be tested" in text
        and "too few groups (1), or groups too small to show" in text
    )
    assert "{" not in text
