"""Verdicts on claims: the rules, the tests behind them, what synthetic data can never do, and the checks without data."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.claims.computed import Computed, Settings
from loyaltylab.claims.consistency import CHECKS_WITHOUT_DATA
from loyaltylab.claims.engagement import engaged
from loyaltylab.claims.ledger import Ledger, Recorded
from loyaltylab.claims.lookup import NotAsked, members_of
from loyaltylab.claims.statistics import TESTS, computed
from loyaltylab.claims.verdicts import VERDICT_RULES, Verdict, decided, digits_of
from loyaltylab.codebook.entries import Item
from loyaltylab.contrasts.inference import Equivalence, Inference
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.core.provenance import UNSTATED
from loyaltylab.reports.cards import cards
from loyaltylab.survey.simulation import build

from ..conftest import write

SETTINGS = Settings(n_draws=300, seed=3)
PRINTED = ll.Provenance("published", "a table")
BOOK = """
title: Shop
source: {en: 600 customers of a shop, nl: 600 klanten van een winkel}
defaults: {range: [1, 7]}
items:
  q1: {label: {en: I trust them, nl: Ik heb vertrouwen in ze}, role: driver, block: emotional}
  q2: {label: {en: A good price, nl: Een goede prijs}, role: driver, block: rational}
  q3: {label: {en: Loyal, nl: Trouw}, role: outcome}
  q4: {label: {en: Content, nl: Tevreden}, metric: satisfaction}
  q5: {label: {en: Will stay, nl: Blijft klant}}
  often: {label: {en: How often they buy, nl: Hoe vaak ze kopen}, role: segment, values: {1: daily, 2: weekly, 3: monthly}}
  felt: {label: {en: Feels loyal, nl: Voelt zich loyaal}}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Answers in which trust goes with loyalty, price hardly, and frequent buyers feel no more loyal than others."""
    folder = tmp_path_factory.mktemp("shop")
    rng = np.random.default_rng(4)
    trust, price, felt = rng.integers(1, 8, size=(3, 600))
    loyal = np.clip(np.round(4 + 0.7 * (trust - 4) + 0.05 * (price - 4) + rng.normal(0, 1, 600)), 1, 7)
    content = np.clip(np.round(loyal + rng.normal(1, 1, 600)), 1, 7)
    frame = {"q1": trust, "q2": price, "q3": loyal, "q4": content, "q5": np.where(rng.random(600) < 0.2, 2, 6)}
    pd.DataFrame({**frame, "often": rng.integers(1, 4, 600), "felt": felt}).to_csv(folder / "shop.csv", index=False)
    return ll.read_data(str(folder / "shop.csv"), str(write(folder / "shop.yml", BOOK)))


@pytest.fixture(scope="module")
def ledger(corp_rep_file):
    return ll.hold_against(ll.read_data("corp_rep"), name="corp_rep", n_draws=300)


def inference(estimate, low, high, *, null=0.0, measure="difference of correlations"):
    spread = (high - low) / 3.92
    return Inference("a", "b", estimate, measure, "draws", 300, PRINTED, null=null, std_error=spread, conf_low=low, conf_high=high)  # fmt: skip


def rule_of(expect, *found, claim="thirty_seventy"):
    return decided({"expect": expect}, ll.read_claim(claim), computed_of(*found))


def computed_of(*found):
    return Computed(found, {"en": "", "nl": ""})


def share(estimate, low, high):
    return inference(estimate, low, high, null=float("nan"), measure="proportion")


@pytest.mark.slow
def test_the_ledger_says_which_claims_were_tested_and_which_computed_again(ledger):
    assert set(ledger.in_common_units) < set(ledger.tested)
    measures = {one.measure for one in ledger.in_common_units}
    assert "correlation" in measures and all("correlation" in one or one in ("share", "proportion") for one in measures)
    assert ledger.count("recomputed", "differs").value == len(ledger.again) > 0
    assert ledger.computed("emotions_index") in ledger.tested and ledger.computed("thirty_seventy").rule == "undecided"
    checks = ll.claims.check_consistency()
    assert {"squares", "seventy_in_three"} <= set(checks.names) and checks.about([]).names == ()


def test_every_verdict_has_a_rule_in_both_languages_and_each_rule_a_verdict():
    assert {rule.verdict for rule in VERDICT_RULES.values()} == set(ll.claims.VERDICTS)
    assert set(ll.claims.VERDICTS) - {"undecided"} == {"recomputed", "differs", "consistent", "contradicted", "not testable with this data", "source not found"}  # fmt: skip


@pytest.mark.parametrize(
    ("expect", "ends", "rule"),
    [
        ("more", (0.2, 0.05, 0.35), "side"),
        ("more", (-0.2, -0.35, -0.05), "other_side"),
        ("more", (0.02, -0.05, 0.09), "undecided"),
        ("more", (0.06, -0.01, 0.13), "undecided"),
        ("less", (-0.2, -0.35, -0.05), "side"),
        ("less", (0.2, 0.05, 0.35), "other_side"),
        ("less", (-0.02, -0.09, 0.05), "undecided"),
        ("not more", (-0.1, -0.3, 0.05), "within"),
        ("not more", (0.2, 0.05, 0.35), "undecided"),
        ("not more", (0.25, 0.15, 0.35), "beyond"),
        ("not more", (0.1, -0.05, 0.25), "undecided"),
    ],
)
def test_which_rule_applies_to_one_comparison(expect, ends, rule):
    assert rule_of(expect, inference(*ends))[0] == rule


def test_a_smallest_size_that_matters_is_no_rule_where_the_claim_is_about_another_bound():
    assert rule_of("more", inference(0.41, 0.29, 0.53, null=0.5, measure="correlation"))[0] == "undecided"


def test_of_several_comparisons_all_must_pass_and_one_must_fail_after_correction():
    clear, weak = inference(0.3, 0.2, 0.4), inference(0.05, -0.05, 0.15)
    assert rule_of("more", clear, inference(0.2, 0.1, 0.3))[0] == "side"
    rule, one, _, _ = rule_of("more", clear, weak)
    assert rule == "undecided" and one.conf_high - one.conf_low > 0.2, "as wide as two comparisons ask"
    barely = inference(-0.11, -0.21, -0.01)
    assert rule_of("more", barely)[0] == "other_side"
    rule, one, p, _ = rule_of("more", barely, *[clear] * 9)
    assert rule == "undecided" and p > 0.05 and one.conf_high > 0, "one of ten may fall so by chance"
    assert rule_of("more", inference(-0.3, -0.4, -0.2), *[clear] * 9)[0] == "other_side"


def test_of_several_figures_all_must_come_near_and_one_must_be_far_after_correction():
    near, wide, far = share(0.7, 0.66, 0.74), share(0.7, 0.5, 0.9), share(0.5, 0.46, 0.54)
    for found, rule in (
        ([near, near], "within"),
        ([near, wide], "undecided"),
        ([near, far], "beyond"),
        ([far, near], "beyond"),
    ):
        got, one, _, _ = rule_of("figure emotional", *found)
        assert got == rule and (rule == "within" or one.estimate == min(each.estimate for each in found))
    barely = share(0.57, 0.54, 0.6)
    assert rule_of("figure emotional", barely)[0] == "beyond"
    rule, one, p, _ = rule_of("figure emotional", barely, *[near] * 9)
    assert rule == "undecided" and p > 0.05 and one.estimate == 0.57 and one.conf_high > 0.605


@pytest.mark.slow
def test_pillars_that_explain_recommending_alone_do_not_explain_loyalty(tmp_path):
    """The source says so of both: both must come near, one that is far refutes it, and one not asked is no support."""
    rng = np.random.default_rng(1)
    pillars = rng.normal(size=(3000, 6))
    whole = pillars.sum(axis=1) / np.sqrt(6)
    noise = rng.normal(size=(3, 3000))
    recommend, also, hardly = (
        np.sqrt(r2) * whole + np.sqrt(1 - r2) * e for r2, e in zip((0.65, 0.65, 0.1), noise, strict=True)
    )
    names = [f"p{i}" for i in range(6)]
    frame = pd.DataFrame(
        {"recommend": recommend, "also": also, "hardly": hardly, **dict(zip(names, pillars.T, strict=True))}
    )
    frame.to_csv(tmp_path / "pillars.csv", index=False)
    claim = ll.read_claim("six_pillars")

    def held(loyal):
        book = "title: Pillars\nsource: {en: made up, nl: verzonnen}\nitems:\n"
        book += "  recommend: {label: {en: Recommends, nl: Beveelt aan}, metric: recommend, role: outcome}\n"
        book += f"  {loyal}: {{label: {{en: Loyal, nl: Trouw}}, role: outcome}}\n" if loyal else ""
        book += "".join(f"  {name}: {{label: {{en: {name}, nl: {name}}}}}\n" for name in names)
        book += (
            f"scales:\n  PIL: {{label: {{en: Pillars, nl: Pijlers}}, items: {names}, role: driver, block: emotional}}\n"
        )
        answers = ll.read_data(str(tmp_path / "pillars.csv"), str(write(tmp_path / "pillars.yml", book)))
        return ll.hold_against(answers, {claim.name: claim}, n_draws=200).computed(claim.name)

    both, one, alone = held("also"), held("hardly"), held("")
    assert (both.rule, both.n_compared) == ("within", 2)
    assert (one.rule, one.n_compared) == ("beyond", 2) and one.what[
        "en"
    ] == "part of Loyal that customer experience explains, adjusted"
    assert (alone.rule, alone.n_compared) == ("in_part", 1) and alone.verdict == "undecided"
    for language, said in (
        ("en", "Not tested, for these data lack it: an outcome."),
        ("nl", "Niet getoetst, want deze gegevens missen het: een uitkomst."),
    ):
        words = [ll.exhibits.verdict_text(found, language) for found in (both, one, alone)]
        assert [said in text for text in words] == [False, False, True]
        assert words[2].split(". ", 1)[1].startswith(said[:-1]), "before the numbers"


def test_a_lead_over_one_of_two_that_are_named_is_no_lead_over_both(shop):
    """Emotion is said to lead reason and brand values; where no values were asked, a lead over reason is a part of that."""
    found = ll.hold_against(shop, {"emotions_index": ll.read_claim("emotions_index")}, n_draws=200).computed(
        "emotions_index"
    )
    assert found.rule == "in_part" and found.estimate > 0.4 and found.conf_low > 0
    assert dict(found.lacking)["en"] == "drivers of the block ‘brand values’"


def test_a_reported_figure_is_held_to_its_last_printed_digit():
    assert (digits_of(0.7), digits_of(0.426), digits_of(15.0)) == (2, 3, 2)
    exact = decided(
        {"expect": "figure emotional"}, ll.read_claim("thirty_seventy"), computed_of(share(0.7, 0.6951, 0.7049)), 1e-6
    )
    assert exact[0] == "within" and exact[3] == pytest.approx((0.695, 0.705))


def test_a_figure_needs_an_interval_within_what_does_not_matter_and_a_wide_one_decides_nothing():
    assert rule_of("figure emotional", share(0.7, 0.61, 0.78))[0] == "within"
    assert rule_of("figure emotional", share(0.6, 0.3, 0.9))[0] == "undecided", (
        "it holds the figure, and nearly all others"
    )
    assert rule_of("figure emotional", share(0.6, 0.5, 0.62))[0] == "undecided", "up to what may be as good as .70"
    rule, _, p, (low, high) = rule_of("figure emotional", share(0.5, 0.45, 0.55))
    assert rule == "beyond" and p < 0.001 and (low, high) == pytest.approx((0.604, 0.788), abs=0.001)


def test_the_smallest_difference_that_matters_is_one_size_on_every_scale():
    equal = ll.contrasts.equivalent_to
    assert equal(0.3, "correlation") == pytest.approx((0.2, 0.4))
    low, high = equal(0.2, "proportion")
    h = [2 * np.arcsin(np.sqrt(p)) - 2 * np.arcsin(np.sqrt(0.2)) for p in (low, high)]
    assert h == pytest.approx([-0.2, 0.2]), "Cohen's h"
    assert np.log(equal(2.0, "risk ratio")) - np.log(2) == pytest.approx([-0.3628, 0.3628], abs=1e-4), "Chinn: d of 0.2"
    assert np.arctanh(np.sqrt(equal(0.65, "r_squared"))) - np.arctanh(np.sqrt(0.65)) == pytest.approx([-0.1, 0.1])
    assert np.isnan(equal(1.0, "bend")).all()
    assert equal(0.0, "correlation", 0.2) == (-0.2, 0.2)


def test_an_order_that_fits_as_well_turned_round_is_not_shown():
    route, back, none = inference(0.2, 0.1, 0.3), inference(0.35, 0.2, 0.5), inference(0.05, -0.05, 0.15)
    claim = ll.read_claim("heart_head_wallet")
    for rival, rule in ((back, "either_way"), (none, "side"), (None, "side")):
        assert decided({}, claim, replace(computed_of(route), rival=rival))[0] == rule
    assert decided({}, claim, replace(computed_of(none), rival=back))[0] == "undecided"


def test_a_part_of_a_claim_that_holds_is_no_support_of_the_whole_and_one_that_fails_refutes_it():
    claim, rest = ll.read_claim("feedback"), {"untested": {"en": "that they change", "nl": "dat ze veranderen"}}
    for ends, rule in (
        ((0.3, 0.2, 0.4), "in_part"),
        ((-0.3, -0.4, -0.2), "other_side"),
        ((0.1, -0.1, 0.3), "undecided"),
    ):
        assert decided(rest, claim, computed_of(inference(*ends)))[0] == rule
    assert VERDICT_RULES["in_part"].verdict == "undecided"
    assert decided({}, claim, computed_of(inference(0.3, 0.2, 0.4)))[0] == "side"
    for one in ll.read_claims().values():
        assert set(one.test.get("other", {}).get("untested", {"en": "", "nl": ""})) == {"en", "nl"}, one.name


def test_a_share_of_what_is_explained_neither_supports_nor_refutes_a_share_of_customers():
    claim = ll.read_claim("thirty_seventy")
    for near in (share(0.7, 0.69, 0.71), share(0.4, 0.35, 0.45)):
        alone = decided({"expect": "figure emotional"}, claim, computed_of(near))
        rule, *same = decided(claim.test["other"], claim, computed_of(near))
        assert VERDICT_RULES[alone[0]].verdict in ("consistent", "contradicted") and list(alone[1:]) == same
        assert rule == "unlike" and VERDICT_RULES[rule].verdict == "undecided"
    assert "another thing" in claim.stands_for["en"] and "iets anders" in claim.stands_for["nl"]


def test_the_ends_that_are_set_against_each_other_leave_out_the_middle(shop):
    """Who is neither for nor against made twice as often of six times."""
    level = np.repeat(np.arange(1.0, 8.0), 100)[:600]
    high = np.where(level >= 5, 0.6, np.where(level >= 4, 0.4, 0.1))
    answers = np.where(np.random.default_rng(7).random(600) < high, 7, 2)
    survey = replace(shop, frame=shop.frame.assign(q1=level, q4=answers))
    test = {"item": {"variable": "q4"}, "level": {"variable": "q1"}}
    ends, middle = (computed("ratio", {**test, "split": split}, survey, SETTINGS) for split in ("ends", "middle"))
    every = {"outer thirds": ends.what, **{str(i): cut for i, (cut, _) in enumerate(ends.cuts)}}
    assert "with 5–7 on" in ends.what["en"] and "over those with 1–2" in ends.what["en"] and len(every) == 4
    assert all(one.estimate > 4 for one in (ends.found[0], *(one for _, one in ends.cuts)))
    assert middle.found[0].estimate < 4 and "over those with 1–4" in middle.what["en"]


def test_the_figure_of_engagement_and_the_ledger_tell_one_share_at_one_cut():
    """Both quote the shares of the rows, at scores that are not rounded."""
    survey = ll.simulate(n=2000, seed=5)
    found = engaged(survey)
    rows, (medium, high) = survey.frame, found.cuts[0]
    assert (medium, high) == (4, 5) and len(found.claims) == 4
    for name, claim in found.claims.items():
        test = claim.test["other"]
        own = computed(test.get("by", claim.kind), test, survey, SETTINGS)
        shown = found.tidy().set_index(["term", "level"]).loc[name, "high"]
        assert (own.found[0].estimate, own.found[0].conf_low, own.found[0].conf_high) == tuple(shown[["estimate", "conf_low", "conf_high"]])  # fmt: skip
        item = next(iter(found.scores[0][name].score.index))[0]
        assert shown["estimate"] == pytest.approx(rows.loc[(rows["EMOTION"] >= high) & rows[item].notna(), item].mean())
        assert [cut["en"] for cut, _ in own.cuts] == [f"‘{survey.codebook.labels('en')[item]}’ from 1 on, ‘Emotions’ ≥6"]  # fmt: skip
    ratio = computed("ratio", ll.read_claim("emotion_multiples").test["other"], survey, SETTINGS)
    assert "≥5 on ‘Emotions’ over those with 1–<3" in ratio.what["en"]
    high, low = (
        (rows.loc[who, "recommend"].dropna() >= 7).mean() for who in (rows["EMOTION"] >= 5, rows["EMOTION"] < 3)
    )
    assert ratio.found[0].estimate == pytest.approx(high / low)


def test_the_words_of_an_estimate_name_the_comparison_it_is_of():
    """Of several comparisons the one that decides is told, and what goes together with price counts beside price alone."""
    rng = np.random.default_rng(8)
    price, clear = rng.normal(size=(2, 800))
    ease = price + 0.5 * rng.normal(size=800)
    frame = pd.DataFrame({"y": price + clear + rng.normal(size=800), "p": price, "e": ease, "c": clear})
    labels = {"y": "Loyal", "p": "A good price", "e": "Convenience", "c": "Clarity"}
    items = {name: Item(name, {"en": text, "nl": text}, range=(-9, 9), role="outcome" if name == "y" else "driver", block="" if name == "y" else "rational") for name, text in labels.items()}  # fmt: skip
    survey = ll.read_survey(frame, ll.Codebook("t", {"en": "t", "nl": "t"}, items, {}, {"en": "made", "nl": "made"}))
    test = {"first": [{"about": "clarity"}, {"about": "ease"}]}
    alone = computed("correlation", test, survey, SETTINGS)
    rule, one, *_ = decided(test, ll.read_claim("value_sources"), alone)
    assert rule == "side" and alone.wording(one)["en"] == "correlation of convenience with Loyal"
    beside = computed("correlation", test | {"beside": [{"about": "price"}]}, survey, SETTINGS)
    rule, one, *_ = decided(test, ll.read_claim("value_sources"), beside)
    assert rule == "undecided" and beside.wording(one)["en"] == "correlation of convenience with Loyal, price and value for money held equal"  # fmt: skip
    r = frame.corr()
    partial = (r["e"]["y"] - r["e"]["p"] * r["p"]["y"]) / np.sqrt((1 - r["e"]["p"] ** 2) * (1 - r["p"]["y"] ** 2))
    assert one.estimate == pytest.approx(partial)
    with pytest.raises(NotAsked, match="a question on quality"):
        computed("correlation", test | {"beside": [{"about": "quality"}]}, survey, SETTINGS)


def test_one_industry_does_not_contradict_a_claim_about_many():
    against = computed_of(inference(-0.3, -0.4, -0.2))
    assert decided({}, ll.read_claim("quality_first"), against)[0] == "other_side"
    assert decided({"scope": "many"}, ll.read_claim("quality_first"), against)[0] == "one_case"


def test_a_verdict_that_turns_with_the_cut_is_undecided_and_every_cut_is_told():
    """No source says where satisfied begins; the case of a fifth that would switch."""
    rng = np.random.default_rng(2)
    happy = rng.integers(4, 8, 600)
    stay = np.where(rng.random(600) < 0.2, 4, rng.integers(5, 8, 600))  # a fifth at the middle, nobody below it
    stay = np.where(rng.random(600) < 0.06, 2, stay)
    book = ll.read_codebook("corporate_reputation")
    frame = pd.DataFrame({"cusa": happy, "cusl_3": stay})
    survey = ll.read_survey(frame, book)
    claim = ll.read_claim("satisfied_switch")
    found = ll.hold_against(survey, {claim.name: claim}, n_draws=200).computed(claim.name)
    said = {cut["en"]: verdict for cut, verdict, _ in found.cuts}
    assert "‘Will stay’ up to 3, ‘Satisfied’ 5–7" in said and "contradicted" in said.values()
    assert found.verdict == "undecided"
    one = found.cuts[1]
    computed = Computed((one[2],), {}, cuts=tuple((cut, at) for cut, _, at in found.cuts))
    assert decided(claim.test["other"], claim, replace(computed, cuts=()))[0] == "beyond"
    near = replace(one[2], estimate=0.2, conf_low=0.18, conf_high=0.22)
    assert decided(claim.test["other"], claim, replace(computed, found=(near,), cuts=()))[0] == "in_part", (
        "a fifth that would switch is half of it"
    )
    half = {key: value for key, value in claim.test["other"].items() if key != "untested"}
    assert decided(half, claim, replace(computed, found=(near,)))[0] == "by_cut", "consistent at one cut only"
    assert decided(half, claim, replace(computed, found=(near,), cuts=()))[0] == "within"


def test_groups_fall_through_to_the_first_cut_that_leaves_enough_as_shares_do(shop):
    """Nobody gives the best answer on satisfaction: satisfied then begins one lower, and the verdict says where."""
    test = {"expect": "alike", "outcome": {"variable": "q3"}}
    best, none = (
        computed(
            "equivalence", test, replace(shop, frame=shop.frame.assign(q4=np.minimum(shop.frame["q4"], most))), SETTINGS
        )
        for most in (7, 6)
    )
    assert best.what["en"].endswith("satisfied from 7 on, attached from 5 on") and len(best.cuts) == 3
    assert none.what["en"].endswith("satisfied from 6 on, attached from 5 on") and len(none.cuts) == 1
    assert [cut["nl"] for cut, _ in none.cuts] == ["tevreden vanaf 6, gehecht vanaf 6"]
    with pytest.raises(NotAsked, match="enough respondents in each group"):
        computed("equivalence", test, replace(shop, frame=shop.frame.assign(q4=4)), SETTINGS)


@pytest.mark.parametrize(
    "claim, answers",
    [
        *(("nps_definition", answers) for answers in ([6], [3, 9], [7, 9], [8], [np.nan])),
        *(("secure_customers", answers) for answers in ([6], [8], [np.nan])),
    ],
)
def test_a_group_that_nobody_is_in_is_too_few(claim, answers):
    """It stopped the reports on claims and on measures; and a band with nobody in it lent its name to the next."""
    survey = ll.simulate(n=200, seed=1)
    recommend = survey.codebook.metric("recommend")
    values = np.resize(np.array(answers, dtype=float), 200)
    survey = replace(survey, frame=survey.frame.assign(**dict.fromkeys(np.atleast_1d(recommend), values)))
    with pytest.raises(NotAsked, match="enough respondents in each group"):
        computed("groups", ll.read_claim(claim).test["other"], survey, SETTINGS)


def test_a_quantity_has_one_standard_error_whichever_test_computed_it(shop):
    """A gap between two groups is a slope on which group one is in; both are of the same draws."""
    item = {"variable": "q3"}
    gap = computed(
        "groups", {"item": item, "first": [{"variable": "q1"}], "rest": [{"variable": "q2"}]}, shop, SETTINGS
    )
    a, b = ((shop.frame[name] - shop.frame[name].mean()).to_numpy() for name in ("q1", "q2"))
    group = np.select([(a > 0) & (b < 0), (a < 0) & (b > 0)], [1.0, 0.0], np.nan)
    two = replace(shop, frame=shop.frame.assign(felt=group))
    drawn = two.draws(["q3", "felt"], n_draws=SETTINGS.n_draws, seed=SETTINGS.seed)
    slopes = drawn.cov[:, 0, 1] / drawn.cov[:, 1, 1]
    assert gap.found[0].std_error == pytest.approx(slopes.std(ddof=1), rel=1e-9)
    r = computed("correlation", {"first": [{"variable": "q1"}], "outcome": item}, shop, SETTINGS).found[0]
    drawn = shop.draws(["q3", "q1"], n_draws=SETTINGS.n_draws, seed=SETTINGS.seed)
    assert r.std_error == pytest.approx(drawn.corr[:, 0, 1].std(ddof=1), rel=1e-9)


def test_a_cut_at_which_nothing_can_be_compared_does_not_take_the_others_with_it(shop):
    """Nobody low on the level gives the highest answers: no ratio at that cut; the first that is left is named."""
    rng = np.random.default_rng(3)
    level = rng.integers(1, 8, 600)

    def ratio(highest, high=8):
        answers = np.where(level < 4, rng.integers(1, highest + 1, 600), rng.integers(min(3, high - 1), high, 600))
        survey = replace(shop, frame=shop.frame.assign(q1=level, q4=answers))
        return computed("ratio", {"item": {"variable": "q4"}, "level": {"variable": "q1"}}, survey, SETTINGS)

    assert ratio(5).found[0].estimate > 1 and len(ratio(5).cuts) == 2 and len(ratio(7).cuts) == 3
    assert ratio(4).what != ratio(5).what
    with pytest.raises(NotAsked) as caught:
        ratio(1, high=2)
    assert caught.value.texts == {"en": "enough respondents in each group", "nl": "genoeg respondenten in elke groep"}


def test_a_share_among_those_high_on_a_level_needs_none_who_are_low_on_it(shop):
    survey = replace(shop, frame=shop.frame[shop.frame["q1"] > 2])
    test = {"item": {"variable": "q4"}, "level": {"variable": "q1"}}
    one = computed("proportion", test, survey, SETTINGS).found[0]
    high = survey.frame["q1"] >= 5
    assert one.estimate == pytest.approx((survey.frame["q4"] >= 5)[high].mean()) and one.n == high.sum()
    survey = replace(shop, frame=shop.frame[shop.frame["q1"] > 6])
    with pytest.raises(NotAsked, match="enough respondents in each group"):
        computed("proportion_difference", test, survey, SETTINGS)


def test_being_alike_needs_the_test_of_being_alike():
    def one(estimate, spread):
        ends = {"conf_low": estimate - 1.96 * spread, "conf_high": estimate + 1.96 * spread, "conf_level": 0.95}
        return Equivalence("a", "b", estimate, "difference of means", "welch", 300, PRINTED, null=0.0, bound_low=-0.2, bound_high=0.2, **ends)  # fmt: skip

    assert rule_of("alike", one(0.0, 0.05))[0] == "within"
    assert rule_of("alike", one(0.0, 0.5))[0] == "undecided", "no difference found is not the same as alike"
    assert rule_of("alike", one(0.15, 0.05))[0] == "undecided", "a difference, but it may be too small to matter"
    rule, _, p, _ = rule_of("alike", one(1.0, 0.2))
    assert rule == "beyond" and p < 0.001


# ---- no verdict on synthetic data ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_synthetic_data_never_yield_a_verdict(tmp_path, ledger):
    """By hand, by file, by a part of the respondents, by mixing with real ones, or by changing a verdict that is there."""
    simulated = ll.simulate(n=300)
    whole = ll.hold_against(simulated, name="simulated", n_draws=200)
    assert not whole.tested and whole.stat("n_tested").value == 0
    assert {one.verdict for one in whole.verdicts if not one.own} == {"not testable with this data", "source not found"}

    csv = next(path for path in build(tmp_path, 300, 1) if path.suffix == ".csv")
    for survey in (ll.read_survey(csv, "loyalty"), simulated.excluding("straight_lining")):
        assert survey.provenance.tier == "synthetic"
        assert not ll.hold_against(survey, n_draws=200).tested

    real = next(one for one in ledger.verdicts if one.is_computed)
    mixed = ll.Provenance.merge([real.provenance, simulated.provenance])
    for origin in (simulated.provenance, mixed):
        with pytest.raises(DataError, match="no verdict can rest on what was simulated or assumed"):
            replace(real, provenance=origin)
    table = ll.read_table("hedonic_utilitarian").everything.select(["AttLoyalty", "Enjoyment", "Excellence"])
    hypothetical = ll.drivers.hypothetical(table, "AttLoyalty", ["Enjoyment", "Excellence"], {"Excellence": 0.42})
    with pytest.raises(DataError, match="the data are synthetic"):
        Verdict(real.claim, "side", hypothetical.provenance, real.what, 0.5, 0.4, 0.6)


def test_answers_whose_source_is_not_stated_yield_no_verdict(shop, ledger):
    unstated = replace(shop, provenance=UNSTATED)
    found = ll.hold_against(unstated, n_draws=200)
    assert not found.tested and found.stat("n_tested").value == 0
    mine = [one for one in found.verdicts if not one.own and one.rule == "unstated"]
    assert mine and {one.verdict for one in mine} == {"not testable with this data"}
    assert mine[0].provenance.tier == "unstated"
    real = next(one for one in ledger.verdicts if one.is_computed)
    for origin in (UNSTATED, ll.Provenance.merge([real.provenance, UNSTATED])):
        with pytest.raises(
            DataError, match="the source of the data is not stated, and no verdict can rest on what may be"
        ):
            replace(real, provenance=origin)
    for data in (shop.frame, shop.moments(["q1", "q3"])):
        with pytest.raises(DataError, match="says neither what its columns mean nor whose answers they are"):
            ll.hold_against(data)


def test_a_finding_whose_source_is_not_stated_has_no_place_in_the_ledger(ledger):
    real = Recorded("drivers/1#headline", "A finding.", "drivers", "loyaltylab:drivers/1", ("fig-a",), "observed", ())
    unstated = replace(real, id="drivers/2#headline", tier="unstated")
    found = ledger.with_findings([unstated, real])
    assert [one.id for one in found.findings] == [real.id]
    assert (found.stat("n_unstated").value, found.stat("n_synthetic").value) == (1, 0)
    with pytest.raises(ModelError, match="a finding whose source is not stated is no evidence"):
        Ledger(ledger.verdicts, ledger.provenance, findings=(unstated,))


def test_a_verdict_without_the_estimate_it_needs_is_refused(ledger):
    one = next(one for one in ledger.verdicts if one.is_computed)
    with pytest.raises(DataError, match="needs an estimate with its interval"):
        replace(one, estimate=np.nan)
    with pytest.raises(DataError, match="rests on no estimate; leave it out"):
        replace(one, rule="no_source")
    with pytest.raises(UnknownName, match="rule 'sides' does not exist; did you mean 'side'"):
        replace(one, rule="sides")


# ---- tests of claims ------------------------------------------------------------------------------------------------


def parts_of(test):
    """Every part of a test, however deep it stands."""
    if isinstance(test, dict):
        return [test, *(part for value in test.values() for part in parts_of(value))]
    return [part for value in test for part in parts_of(value)] if isinstance(test, list) else []


def test_every_claim_that_can_be_tested_says_how_in_words_the_tests_know(ledger):
    from loyaltylab.claims.lookup import concepts

    for claim in ll.read_claims().values():
        assert set(claim.test) <= {"own", "other"}, claim.name
        if other := claim.test.get("other"):
            assert other.get("by", claim.kind) in TESTS, claim.name
            expect = other.get("expect", "more")
            assert expect in ("more", "less", "not more", "alike") or expect.removeprefix("figure ") in claim.figures
            for what in parts_of(other):
                assert "about" not in what or what["about"] in concepts(), claim.name
        if own := claim.test.get("own"):
            assert set(own["figures"]) == set(claim.figures), claim.name
    for (
        one
    ) in ledger.verdicts:  # a definition or a list states no number: what is looked at, and what stands for it, is said
        if one.claim.kind in ("definition", "list") and one.is_computed:
            assert one.claim.test["other"].get("by") and one.claim.stands_for, one.claim.name


def test_a_definition_without_a_test_states_no_finding(ledger):
    bare = replace(ll.read_claim("nps_definition"), test={})
    assert (
        ll.hold_against(ll.read_table("hedonic_utilitarian"), {bare.name: bare}, n_draws=200).main[0].rule
        == "no_finding"
    )


def test_questions_are_found_by_what_they_ask_in_a_survey_never_seen(shop):
    assert members_of(shop, {"about": "trust"}) == {"trust": ("q1",)}
    assert members_of(shop, {"about": "price"}) == {"price": ("q2",)}
    with pytest.raises(NotAsked) as caught:
        members_of(shop, {"about": "honesty"})
    assert caught.value.texts == {"en": "a question on honesty", "nl": "een vraag naar eerlijkheid"}


@pytest.mark.slow
def test_all_claims_held_against_a_survey_of_ones_own(shop):
    """The verdicts are those that went into the answers."""
    found = ll.hold_against(shop, name="shop.csv", n_draws=300)
    verdicts = {one.claim.name: one for one in found.tested}
    assert verdicts["emotions_index"].rule == "in_part", "a lead over reason; no brand values were asked"
    assert verdicts["emotions_index"].conf_low > 0.3 and verdicts["functional_first"].rule == "other_side"
    assert (
        verdicts["emotions_index"].magnitude == "matters"
        and "I trust them" in verdicts["emotions_index"].contains["en"]
    )
    assert verdicts["trust_below_value"].rule == "beyond", "trust leads here, and its own source is another study"
    assert verdicts["frequency"].rule == "undecided"
    switch = verdicts["satisfied_switch"]
    high = shop.frame["q4"] >= 5
    assert switch.estimate == pytest.approx((shop.frame["q5"] <= 4)[high].mean()) and switch.n == high.sum()
    assert switch.rule == "in_part", "a fifth was put in; that only the very satisfied are loyal was not"
    assert found.of("transparency")[0].lacking[0] == ("en", "a question on honesty")


def test_the_lead_of_a_block_is_that_of_the_contrasts_of_the_library():
    table = ll.read_table("hedonic_utilitarian")
    test = {"first": [{"block": "emotional"}], "rest": [{"block": "rational"}], "outcome": {"about": "behaviour"}}
    one = computed("ordering", test, table, SETTINGS).found[0]
    assert one.estimate == pytest.approx(0.481 - 0.474, abs=6e-4), "as recomputed from the printed table"


@pytest.mark.slow
def test_the_instrument_asks_what_most_claims_need():
    """What a test computes on its answers; that simulated ones give no verdict is tested above."""
    answers, claims = ll.simulate(n=1500), ll.read_claims()
    lacking, verdicts = {}, {}
    for claim in claims.values():
        if other := claim.test.get("other"):
            try:
                found = computed(other.get("by", claim.kind), other, answers, SETTINGS)
                verdicts[claim.name] = VERDICT_RULES[decided(other, claim, found)[0]].verdict
            except NotAsked as error:
                lacking[claim.name] = error.texts["en"]
    assert lacking == {"reputation_mediated": "a question on reputation"}
    of_articles = {name for name, claim in claims.items() if claim.article}
    assert of_articles - set(verdicts) == {"acquisition_cost", "mostly_impulse", "train_champagne"}
    put_in = {"six_tips", "tactics", "first_meeting", "cocreation_motives", "film_project", "b2b_b2c", "consumers_want",
              "pleasant_place", "unconscious_pressure", "small_start", "once_or_twice", "experience_decides",
              "badges_reviews", "creation_wish", "ambassadors", "rewarded_return", "contact_image"}  # fmt: skip
    assert {verdicts[name] for name in put_in} == {"consistent"}
    assert {verdicts[name] for name in ("existing_spend", "bond_price", "feedback_condition")} == {"undecided"}, (
        "none was put in"
    )
    pillars = answers.codebook.items_of("PILLARS")
    both = computed("explained_share", claims["six_pillars"].test["other"], answers, SETTINGS).found
    assert [one.b for one in both] == ["recommend", "LOYALTY"], "the source names both"
    for one in both:
        again = ll.ols(answers.moments([one.b, *pillars]), one.b, pillars)
        assert one.estimate == pytest.approx(again.stat("r_squared_adjusted").value)
    found = computed("ordering", claims["many_sectors"].test["other"], answers, SETTINGS).found[0]
    blocks = answers.codebook.blocks("emotional", "rational")
    sectors = ll.contrasts.segment_contrasts(
        answers, "LOYALTY", blocks, *blocks, by=["sector"], n_draws=SETTINGS.n_draws, seed=SETTINGS.seed
    )
    assert (found.estimate, found.conf_low) == (sectors.stat("estimate").value, sectors.stat("prediction_low").value)


#: Claims that take records, a trial or several waves, and the columns without which they hold nothing.
FOLLOWED = {
    "small_start": ["began_small"], "once_or_twice": ["surprises_sent", "gatherings"], "experience_decides": ["wave"],
    "creation_wish": ["wave"], "badges_reviews": ["badge"], "ambassadors": ["promotes"], "contact_image": ["touches"],
    "rewarded_return": ["elem_reward"],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLLOWED)
def test_what_takes_records_a_trial_or_years_is_recovered_and_gone_without_it(name):
    """The numbers are those of the rows; with one column dealt out anew among respondents nothing is found."""
    answers, claim, rng = ll.simulate(n=1500), ll.read_claim(name), np.random.default_rng(5)
    other = claim.test["other"]
    found = computed(other.get("by", claim.kind), other, answers, SETTINGS)
    assert decided(other, claim, found)[0] == "side"
    rows = answers.frame
    if name == "once_or_twice":
        bands = np.digitize(rows["surprises_sent"], [1, 3])
        none, some, many = (rows["bought_after"][bands == k].mean() for k in range(3))
        assert [one.estimate for one in found.found[:2]] == pytest.approx([some - none, 2 * some - none - many])
        assert some - none == pytest.approx(0.6 * 0.2 * 10, abs=0.25), (
            "0.6 standard deviations were put in, of a fifth of 0 to 10"
        )
        assert many - some == pytest.approx(0, abs=0.25), "and nothing for more of them"
    elif other.get("by", claim.kind) == "trend":
        item = {"experience_decides": "exp_decides", "creation_wish": "wants_say"}[name]
        shares = (rows[item].dropna() >= 5).groupby(rows["wave"]).mean()
        assert shares.is_monotonic_increasing
        assert found.found[0].estimate == pytest.approx((shares.iloc[2] - shares.iloc[0]) / 2, abs=0.02)
    elif name == "small_start":
        r = [rows[rows["began_small"] == code][["serves_all", "tenure"]].corr("spearman").iloc[0, 1] for code in (0, 1)]
        assert r[1] > r[0] + 0.3 and abs(r[0]) < 0.1
    else:
        outcome = {"badges_reviews": "hhw_help", "ambassadors": "brought", "contact_image": "image"}
        pair = ["repurchase", "elem_reward"] if name == "rewarded_return" else [FOLLOWED[name][0], outcome[name]]
        assert found.found[0].estimate == pytest.approx(answers.moments(pair).corr[0, 1], abs=0.01)
    dealt = replace(answers, frame=rows.assign(**{column: rng.permutation(rows[column]) for column in FOLLOWED[name]}))
    assert decided(other, claim, computed(other.get("by", claim.kind), other, dealt, SETTINGS))[0] != "side"


def test_the_claims_own_figures_come_out_again(ledger):
    own = {one.claim.name: one for one in ledger.verdicts if one.own}
    assert {name: one.verdict for name, one in own.items()} == dict.fromkeys(own, "recomputed") and len(own) == 4
    assert dict(own["liking_over_competence"].again)["likeability"] == pytest.approx(0.73, abs=0.005)
    wrong = replace(own["attitude_not_behaviour"].claim, figures={"attitude": 0.61, "behaviour": 0.56})
    again = ll.hold_against(ll.read_table("hedonic_utilitarian"), {wrong.name: wrong}, n_draws=200)
    assert again.main[0].verdict == "differs"


def test_the_real_answers_give_what_the_reports_on_them_say(ledger):
    verdicts = {one.claim.name: one for one in ledger.main}
    assert verdicts["emotions_index"].verdict == "undecided"
    assert verdicts["emotional_value_first"].estimate == pytest.approx(0.060, abs=0.001)
    assert verdicts["functional_first"].verdict == "undecided" and not verdicts["emotions_index"].stands_in
    assert verdicts["rational_like_dissatisfied"].verdict == "contradicted"
    assert verdicts["acquisition_cost"].rule == "no_source" and verdicts["nps_definition"].rule == "not_asked"
    assert verdicts["emotion_order"].rule == "not_asked" and dict(verdicts["emotion_order"].lacking)["en"] == "a question on integrity"  # fmt: skip


def test_many_claims_at_once_are_counted(ledger):
    assert ll.claims.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    whole, tested = ledger.glance().iloc[0], ledger.tested
    one_sided = [
        one for one in tested if np.isinf(one.allowed).any() and one.claim.test["other"].get("expect") != "not more"
    ]
    assert whole["n_by_chance"] == pytest.approx(0.05 * len(one_sided)) and len(one_sided) < len(tested)
    assert 0 < whole["n_after_holm"] <= whole["n_decided"] <= len(tested)
    assert sum(ledger.count(name).value for name in ll.claims.VERDICTS) == len(ll.read_claims())
    parts = ledger.by_article()
    assert sum(part.count().value for part in parts.values()) == ledger.count().value
    with pytest.raises(UnknownName, match="article 'bond' does not exist; did you mean 'bonds'"):
        ledger.only("bond")


def test_options_that_cannot_be_are_refused_before_any_claim_is_held_against_anything():
    table = ll.read_table("hedonic_utilitarian")
    with pytest.raises(ModelError, match="n_draws is 1; an interval needs at least 100 draws, better 2,000"):
        ll.hold_against(table, n_draws=1)
    with pytest.raises(ModelError, match="conf_level is 95"):
        ll.hold_against(table, conf_level=95)
    claims = [ll.read_claim("functional_first")]
    for wrong in ({"n_draws": 1}, {"conf_level": 95}, {"seed": -1}):
        (name,) = wrong
        for held in (ll.hold_against, lambda data, **given: ll.claims.comparisons(data, claims, **given)):
            with pytest.raises(ModelError, match=f"^{name} is {wrong[name]};"):
                held(table, **wrong)


def test_a_synthetic_finding_has_no_place_in_the_ledger(ledger):
    real = Recorded("drivers/1#headline", "A finding.", "drivers", "loyaltylab:drivers/1", ("fig-a",), "observed", (("r", 0.5),))  # fmt: skip
    made_up = replace(real, id="drivers/2#headline", tier="synthetic")
    found = ledger.with_findings([real, made_up])
    assert [one.id for one in found.findings] == [real.id] and found.stat("n_synthetic").value == 1
    row = found.tidy().iloc[-1]
    assert (row["term"], row["kind"], row["run"], row["exhibit"]) == (real.id, "finding", real.run, "fig-a")
    with pytest.raises(ModelError, match="a synthetic finding is no evidence"):
        Ledger(ledger.verdicts, ledger.provenance, findings=(made_up,))


# ---- without data ---------------------------------------------------------------------------------------------------


def test_what_the_figures_say_by_themselves():
    found = ll.claims.check_consistency()
    assert found.value("squares").value == pytest.approx(0.75**2 + 0.53**2 + 0.49**2) == pytest.approx(1.0835)
    verdicts = dict(zip(found.tidy()["term"], found.tidy()["verdict"], strict=True))
    assert set(verdicts) == set(CHECKS_WITHOUT_DATA)
    assert verdicts["squares"] == "fails" and verdicts["order"] == "holds" and verdicts["seventy_in_three"] == "fails"
    pair = found.tidy().set_index("term").loc["seventy"]
    ends = [ll.importance(ll.Moments.from_correlations(
        [[1, 0.75, 0.53], [0.75, 1, c], [0.53, c, 1]], ["y", "e", "r"], n=9213, provenance=PRINTED), "y", ["e", "r"]).value("e", "share").value
        for c in np.linspace(-0.16, 0.95, 40)]  # fmt: skip
    assert pair["conf_low"] <= min(ends) and max(ends) <= pair["conf_high"] and max(ends) > 0.74


def test_printed_figures_without_a_number_of_respondents_give_no_interval():
    assert ll.claims.from_figures(ll.read_claim("emotions_index")).conf_low > 0.2
    with pytest.raises(DataError, match="always_buys gives no number of respondents"):
        ll.claims.from_figures(ll.read_claim("always_buys"))


# ---- one quantity, one rule, one set of rows --------------------------------------------------------------------------


#: Claims whose report says the same quantity in its prose as well as in its table of claims.
IN_PROSE = {
    "emotions": {"emotions_index", "functional_first", "trust_below_price_mobile"},
    "satisfaction": {"rational_like_dissatisfied", "satisfied_switch"},
    "heart_head_wallet": {"heart_head_wallet"},
    "bonds": {"thirty_seventy"},
    "value": set(),
}
QUICK = {
    "satisfaction": {"permutations": 100},
    "value": {"thirty": False, "single_draws": 100},
}


@pytest.fixture(scope="module")
def whole(corp_rep_file):
    """The default ledger as the command line and the report make it: 2,000 draws, the default seed."""
    return {
        one.claim.name: one
        for one in ll.hold_against(ll.read_data("corp_rep"), name="corp_rep").verdicts
        if not one.own
    }


def prints(said, found):
    """Whether a number of a prose is this estimate, and its text this estimate and interval, to the digits it is printed with."""
    if float(said["origin"].rsplit(" = ", 1)[1]) != pytest.approx(found[0], abs=1e-9):
        return False
    texts = re.findall(r"[+-]?\d+(?:\.\d+)?", said["interval"].replace("−", "-").replace("95% CI", ""))
    digits = len(texts[0].partition(".")[2])
    return any(list(map(float, texts)) == [round(scale * end, digits) for end in found] for scale in (1, 100))


@pytest.fixture(scope="module")
def quick(corp_rep_file):
    """The ledger with as many draws as the quick reports have."""
    return ll.hold_against(ll.read_data("corp_rep"), n_draws=100)


@pytest.mark.slow
@pytest.mark.parametrize("report", IN_PROSE)
def test_a_report_prints_the_numbers_of_the_ledger(report, told, quick):
    """Every number the ledger has on a claim stands in the report that the claim's card sends its reader to, to the last digit."""
    mine = {one.claim.name: one for one in quick.tested if one.claim.report == report}
    run = told(report, draws=100, **QUICK.get(report, {}))
    table = pd.read_csv(run.folder / "exhibits" / "tbl-claims.csv", index_col="statement")
    printed = {name.removeprefix("Against it: "): row for name, row in table.iterrows()}
    prose = [
        number
        for card in cards(json.loads((run.folder / "notebook.ipynb").read_text(encoding="utf-8")))
        for number in card.get("printed", [])
        if number["interval"]
    ]
    assert mine
    for name, one in mine.items():
        row, found = printed[one.claim.statement["en"]], (one.estimate, one.conf_low, one.conf_high)
        assert (row["estimate"], row["conf_low"], row["conf_high"]) == pytest.approx(found, abs=1e-9), name
        assert row["found"].startswith(f"{ll.exhibits.SYMBOLS[one.verdict][0]} {one.verdict}."), name
        turned = (-one.estimate, -one.conf_high, -one.conf_low)
        assert any(prints(said, way) for said in prose for way in (found, turned)) == (name in IN_PROSE[report]), name


def test_a_claim_that_can_be_tested_stands_in_the_report_its_card_names():
    """There its verdict is told; a claim no report is about stands in that on all claims."""
    for claim in ll.read_claims().values():
        if "other" in claim.test and claim.report != "claims":
            (notebook,) = (Path(__file__).parents[2] / "notebooks").glob(f"*_{claim.report}.ipynb")
            assert f'\\"{claim.name}\\"' in notebook.read_text(encoding="utf-8"), claim.name


@pytest.mark.slow
def test_the_order_of_the_codebook_changes_no_verdict(whole):
    survey = ll.read_data("corp_rep")
    book = survey.codebook
    outcomes = [name for name in book.scales if book.scales[name].role == "outcome"]
    others = [name for name in reversed(book.scales) if name not in outcomes]
    turned = replace(
        book,
        items=dict(reversed(book.items.items())),
        scales={name: book.scales[name] for name in [*reversed(outcomes), *others]},
        block_labels=dict(reversed(book.block_labels.items())),
    )
    assert turned.blocks()["emotional"] == ("ATTR", "LIKE") and turned.names("outcome")[0] == "CUSA"
    again = ll.hold_against(replace(survey, codebook=turned), name="corp_rep")
    for one in again.verdicts:
        if not one.own:
            before = whole[one.claim.name]
            assert (one.rule, one.estimate) == (before.rule, pytest.approx(before.estimate, nan_ok=True)), (
                one.claim.name
            )


def test_the_order_in_which_a_table_was_printed_changes_no_interval():
    """There are no rows to draw from, so the correlations are drawn; of a name, and not of a place."""
    table = ll.read_table("hedonic_utilitarian")
    book = table.codebook
    turned = replace(
        table,
        codebook=replace(book, items=dict(reversed(book.items.items()))),
        everything=table.everything.select(table.everything.names[::-1]),
    )
    one, other = (
        {v.claim.name: v for v in ll.hold_against(data, n_draws=200).verdicts if not v.own} for data in (table, turned)
    )
    tested = [name for name in one if one[name].is_computed]
    assert len(tested) > 3 and other.keys() == one.keys()
    for name in tested:
        ends = [(v.estimate, v.conf_low, v.conf_high) for v in (one[name], other[name])]
        assert other[name].rule == one[name].rule and ends[1] == pytest.approx(ends[0], abs=1e-9), name


def test_every_division_of_a_source_names_questions_there_are_and_says_why():
    from loyaltylab.claims.lookup import sorted_as, sortings

    known = ll.core.read_references()
    for source, division in sortings().items():
        assert source in known and division["source"].startswith(f"@{source}")
        for name in set(division) - {"source"}:
            book = ll.read_codebook(name)
            blocks = {block: part for block, part in division[name].items() if block != "lacking"}
            assert set(blocks) <= set(book.block_labels) and isinstance(division[name]["lacking"], list)
            names = [question for part in blocks.values() for question in part]
            assert len(set(names)) == len(names) and all(book.variable(question) for question in names)
            assert all(set(why) == {"for", "because"} for part in blocks.values() for why in part.values())
    for claim in ll.read_claims().values():
        assert claim.test.get("other", {}).get("blocks", "capgemini2017") in claim.references or "blocks" not in claim.test.get("other", {})  # fmt: skip
    with pytest.raises(
        UnknownName, match="division into blocks 'capgemini' does not exist; did you mean 'capgemini2017'"
    ):
        sorted_as("capgemini", ll.read_table("mobi"))


# ---- rows whose truth is known, of questions nobody at hand was asked ---------------------------------------------------

ASKED = """
title: Told truths
source: {en: 1500 made-up customers, nl: 1500 verzonnen klanten}
defaults: {range: [1, 7]}
items:
  loyal: {label: {en: Loyal, nl: Trouw}, role: outcome}
  content: {label: {en: Satisfied, nl: Tevreden}, metric: satisfaction, role: covariate}
  felt: {label: {en: Implicit association, nl: Impliciete associatie}, role: covariate, range: [-2, 2]}
  lot: {label: {en: Time pressure, nl: Tijdsdruk}, role: segment, values: {0: at leisure, 1: under pressure}}
  trust: {label: {en: Trust, nl: Vertrouwen}, role: covariate}
  engaged: {label: {en: Taking part, nl: Meedoen}, role: covariate}
  price: {label: {en: A good price, nl: Een goede prijs}, role: covariate}
  quality: {label: {en: High quality, nl: Hoge kwaliteit}, role: covariate}
"""
WITH_TRUST = ("Consistent", "Objective information", "Personal face", "Privacy", "Easy to reach", "Excellent service")
WITH_ENGAGEMENT = ("Autonomy", "Competence", "Relatedness", "Progress", "Purpose")
WITH_LOYALTY = ("Convenience", "Clarity", "Exclusivity", "The brand itself", "Surpassed expectation", "Experience")


def told_truths(folder, *, follows=True, without=""):
    """Under pressure the implicit score alone makes loyal (or, unless it `follows`, as little as at leisure); of what goes with
    trust, taking part and loyalty, the question `without` does not."""
    rng = np.random.default_rng(11)
    n, book = 1500, ASKED
    lot = rng.integers(0, 2, n)
    felt, content, trust, engaged, price, quality = rng.normal(size=(6, n))
    slope = np.where(lot, 1.0, 0.1) if follows else 0.1
    stated = np.where(lot, 0.1, 0.8) if follows else 0.8
    loyal = slope * felt + stated * content + 0.5 * rng.normal(size=n)
    columns = {
        "loyal": loyal,
        "content": content,
        "trust": trust,
        "engaged": engaged,
        "price": price,
        "quality": quality,
    }
    for labels, other in ((WITH_TRUST, trust), (WITH_ENGAGEMENT, engaged), (WITH_LOYALTY, loyal)):
        for label in labels:
            name = label.lower().replace(" ", "_")
            columns[name] = (0 if label == without else 0.5) * other + rng.normal(size=n)
            book += f"  {name}: {{label: {{en: {label}, nl: {label}}}, role: covariate}}\n"
    frame = pd.DataFrame({name: np.clip(np.round(4 + 1.2 * value), 1, 7) for name, value in columns.items()})
    frame = frame.assign(felt=np.clip(felt, -2, 2), lot=lot)
    frame.to_csv(folder / "told.csv", index=False)
    return ll.read_data(str(folder / "told.csv"), str(write(folder / "told.yml", book)))


def rules_on(answers, *names):
    found = {one.claim.name: one for one in ll.hold_against(answers, name="told", n_draws=300).verdicts if not one.own}
    return [found[name].rule for name in names]


LISTS = {"trust_cues": WITH_TRUST, "motivators": WITH_ENGAGEMENT, "value_sources": WITH_LOYALTY}


@pytest.mark.slow
def test_what_was_put_into_rows_is_what_the_ledger_finds(tmp_path):
    answers = told_truths(tmp_path)
    assert rules_on(answers, "unconscious_pressure", *LISTS) == ["side", "in_part", "in_part", "side"]
    lead = computed("ordering", ll.read_claim("memorable_over_good").test["other"], answers, SETTINGS).found[0]
    r = answers.moments(["loyal", "surpassed_expectation", "content"]).corr[0]
    assert lead.estimate == pytest.approx(r[1] - r[2])
    one = computed("under_condition", ll.read_claim("unconscious_pressure").test["other"], answers, SETTINGS)
    felt, said = one.found
    assert felt.estimate == pytest.approx(0.9 * 1.2, abs=0.15) and said.estimate == pytest.approx(0.7, abs=0.12)
    assert rules_on(told_truths(tmp_path, follows=False), "unconscious_pressure") == ["undecided"]


@pytest.mark.slow
@pytest.mark.parametrize("claim", LISTS)
def test_a_list_of_which_one_goes_with_nothing_is_not_found_as_a_whole(tmp_path, claim):
    answers = told_truths(tmp_path, without=LISTS[claim][-1])
    others = [name for name in LISTS if name != claim]
    assert rules_on(answers, claim) == ["undecided"] and set(rules_on(answers, *others)) <= {"side", "in_part"}


def test_where_the_questions_were_not_asked_the_card_names_them(ledger):
    lacking = {one.claim.name: dict(one.lacking)["en"] for one in ledger.main if one.rule == "not_asked" or one.lacking}
    assert "an implicit association" in lacking["unconscious_pressure"]
    assert "consistency" in lacking["trust_cues"] and "autonomy" in lacking["motivators"]
    assert "convenience" in lacking["value_sources"] and "remembered" in lacking["memorable_over_good"]


# ---- what makes up for what --------------------------------------------------------------------------------------------


def test_a_lead_that_makes_up_for_a_worse_product_is_a_ratio_of_slopes(tmp_path):
    """In rows in which the answer was put: 0.8 a point of the lead, and 0.5 a point of the mean of price and quality."""
    rng = np.random.default_rng(3)
    n, book = 1200, "title: Shop\nsource: {en: made up, nl: verzonnen}\ndefaults: {range: [0, 10]}\nitems:\n"
    bond, price, quality = 5 + rng.normal(size=(3, n))
    again = 5 + 0.8 * (bond - 5) + 0.25 * (price - 5) + 0.25 * (quality - 5) + 0.5 * rng.normal(size=n)
    labels = {"again": "Would buy again", "bond": "Feels close", "price": "A good price", "quality": "High quality"}
    more = {"again": "role: outcome, metric: repurchase", "bond": "role: driver, block: emotional"}
    for name, label in labels.items():
        kind = more.get(name, "role: driver, block: rational")
        book += f"  {name}: {{label: {{en: {label}, nl: {label}}}, {kind}}}\n"
    pd.DataFrame({"again": again, "bond": bond, "price": price, "quality": quality}).to_csv(
        tmp_path / "r.csv", index=False
    )
    answers = ll.read_data(str(tmp_path / "r.csv"), str(write(tmp_path / "r.yml", book)))
    claim = ll.read_claim("product_second")
    found = ll.claims.trade_off(answers, claim, n_draws=400)
    X = np.column_stack([np.ones(n), bond, (price + quality) / 2])
    b = np.linalg.lstsq(X, again, rcond=None)[0]
    assert found.made_up.value == pytest.approx(b[2] / b[1]) and found.losses == ("price", "quality")
    assert found.made_up.conf_low < 0.5 / 0.8 < found.made_up.conf_high and found.in_points
    line = found.line()
    assert line["estimate"] == pytest.approx(b[1] * line["at"] - b[2])
    at = int(np.argmin(np.abs(line["at"] - found.made_up.value)))
    assert line["conf_low"][at] < 0 < line["conf_high"][at]
    without = replace(answers, codebook=ll.read_codebook("mobi"))
    assert ll.claims.trade_off(without, claim, n_draws=100) is None
    no_gain = answers.frame.assign(bond=rng.permutation(answers.frame["bond"]))
    unsure = ll.claims.trade_off(replace(answers, frame=no_gain), claim, n_draws=400)
    assert unsure.made_up.conf_high == np.inf, "where the lead may bring nothing, no lead is sure to make up for it"


# ---- how often a verdict is wrong --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_intervals_of_the_ledger_hold_the_truth():
    from ..benchmarks import coverage

    ((_, held),) = coverage.of_claims(12, (344,))
    assert set(held) == set(coverage.OF_CLAIMS) and np.mean(list(held.values())) > 0.85


@pytest.mark.slow
def test_no_more_verdicts_are_wrong_than_the_level_of_the_intervals_says():
    from ..benchmarks import verdicts

    none = verdicts.of_a_lead(0.0, 344, samples=40)
    assert none["both contradicted"] == 0 and none["decided"] <= 2 * 0.05 + 0.15
    small = verdicts.of_a_lead(0.05, 344, samples=40)
    assert small.get("emotional_value_first contradicted", 0) == 0 == small.get("functional_first consistent", 0)
    clear = verdicts.of_a_lead(0.2, 344, samples=20)
    assert clear["emotional_value_first consistent"] == clear["functional_first contradicted"] > 0.9
    assert verdicts.of_a_figure(0.4, 60, samples=30).get("consistent", 0) == 0
    for what in ("leads 3 that are level with it", "half runs through another"):
        assert verdicts.at_the_edge(what, 344, samples=30).get("undecided", 0) >= 0.85
    assert verdicts.of_an_order(344, samples=20) == {"undecided": 1.0}
    alike = verdicts.of_blocks(344, samples=20)
    assert alike.get("more", 0) == 0 and alike.get("less", 0) <= 0.1


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["belonging", "over_and_above", "groups", "weighed_less", "weighed_more", "one_scale", "enough"]
)
def test_a_kind_of_test_finds_what_is_there_and_seldom_what_is_not(kind):
    from ..benchmarks import verdicts

    false, true = (verdicts.of_a_kind(kind, effect, 600, samples=20) for effect in (0.0, 0.25))
    assert false.get("consistent", 0) <= 0.1 and false.get("contradicted", 0) <= 0.15
    assert true.get("contradicted", 0) == 0 and true["consistent"] >= 0.6


# ---- the comparisons behind the verdicts -------------------------------------------------------------------------------


def test_the_comparisons_of_a_claim_are_those_its_verdict_rests_on(ledger):
    survey = ll.read_data("corp_rep")
    tested = [one for one in ledger.verdicts if one.is_computed and not one.own]
    found = ll.claims.comparisons(survey, ll.read_claims().values(), n_draws=300)
    # made from these very rows: not held against them once more
    again = {one.claim.name for one in ledger.verdicts if one.own}
    assert set(found.found) - again == {one.claim.name for one in tested} - again
    for one in tested:
        ones = found.found[one.claim.name]
        assert len(ones) == one.n_compared
        assert any(each.estimate == one.estimate for each in ones), one.claim.name
    assert found.stat("n_pairs").value == len(found.tidy()) == sum(map(len, found.found.values()))
    pages = found.pages(12)
    assert len(pages) > 1 and [name for page in pages for name in page.found] == list(found.found)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_figure_of_comparisons_bears_the_mark_of_simulated_answers(language):
    claims = [ll.read_claim(name) for name in ("nearly_secure", "bond_contents", "acquisition_cost")]
    found = ll.claims.comparisons(ll.simulate(n=600), claims, n_draws=200)
    assert list(found.found) == ["nearly_secure", "bond_contents"] and found.provenance.tier == "synthetic"
    figure = found.plot("fig-compared").exhibit(title="t", labels={}, language=language)
    assert claims[0].statement[language] in figure.alt and figure.provenance.tier == "synthetic"
    assert len(figure.data) == found.stat("n_pairs").value == 2 + 16
    with pytest.raises(DataError, match="these data hold what none of these claims needs"):
        ll.claims.comparisons(ll.simulate(n=300), claims[2:], n_draws=200).plot("fig-a").exhibit(title="t", labels={})
