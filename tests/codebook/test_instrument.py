"""The loyalty questionnaire: whole, bilingual, answerable, our own words, and of use to every measure."""

import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab import check_survey, read_codebook, read_survey
from loyaltylab.codebook.entries import LANGUAGES

BOOK = read_codebook("loyalty")
ASKED = {name: item for name, item in BOOK.items.items() if item.wording}
#: Words SPSS keeps for itself.
SPSS_RESERVED = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
EMOTIONS = [
    "honesty",
    "integrity",
    "trust",
    "familiarity",
    "belonging",
    "gratitude",
    "compassion",
    "joy",
    "surprise",
    "security",
]


def answered(**given) -> pd.DataFrame:
    """Twelve respondents who give the middle answer to everything, as a file holds it, but for the columns given."""
    n = 12
    columns = {}
    for name, item in BOOK.items.items():
        low, high = item.range or (min(item.values), max(item.values)) if item.range or item.values else (5, 5)
        columns[name] = [int((low + high) // 2)] * n
    columns["respondent"] = [f"r{k}" for k in range(n)]
    return pd.DataFrame(columns | {name: np.resize(value, n) for name, value in given.items()})


def test_the_modules_hold_what_the_articles_ask_for():
    counts = {module: len(BOOK.of_module(module)) for module in BOOK.modules}
    assert counts == {
        "emotions": 10,
        "rational": 8,
        "values": 5,
        "bonds": 13,
        "satisfaction": 10,
        "implicit": 3,
        "relation": 8,
        "pillars": 6,
        "elements": 30,
        "heart": 7,
        "head": 10,
        "wallet": 10,
        "outcomes": 17,
        "acts": 10,
        "contacts": 24,
        "who": 11,
    }
    assert sum(counts.values()) == len(BOOK.items), "an item stands outside every module"
    assert BOOK.scales["EMOTION"].items == BOOK.of_module("emotions") == tuple(f"emo_{name}" for name in EMOTIONS)
    for scale, module in (
        ("RATIONAL", "rational"),
        ("VALUES", "values"),
        ("ACTS", "acts"),
        ("PILLARS", "pillars"),
        ("HEART", "heart"),
    ):
        assert BOOK.scales[scale].items == BOOK.of_module(module)
    levels = [BOOK.scales[name].items for name in ("ELEMFUN", "ELEMEMO", "ELEMLIFE", "ELEMSOC")]
    assert [len(level) for level in levels] == [14, 10, 5, 1]
    assert tuple(name for level in levels for name in level) == BOOK.of_module("elements")
    models = [BOOK.scales[name].items for name in ("COMMUNAL", "AUTHORITY", "EQUALITY", "MARKET")]
    assert tuple(name for model in models for name in model) == BOOK.of_module("relation")
    for tie in ("contract", "subscription", "card"):
        assert f"bond_{tie}" in BOOK.scales["BONDS"].items and BOOK.items[f"has_{tie}"].role == "segment"
    halves = BOOK.scales["ATTITUDINAL"].items + BOOK.scales["BEHAVIOURAL"].items
    assert BOOK.scales["LOYALTY"].items == halves


def test_the_drivers_are_one_scale_a_block_and_loyalty_comes_first():
    assert BOOK.blocks() == {
        "emotional": ("EMOTION",),
        "rational": ("RATIONAL",),
        "values": ("VALUES",),
        "structural": ("BONDS",),
    }
    assert BOOK.names("outcome")[:3] == ("LOYALTY", "ATTITUDINAL", "BEHAVIOURAL")
    assert BOOK.tier == "observed", "answers of real people are; simulated ones say so themselves"
    assert BOOK.rows == {} and BOOK.table == ""


@pytest.mark.parametrize("name", BOOK.items)
def test_every_item_can_be_asked_or_recorded(name):
    item = BOOK.items[name]
    recorded = {
        "implicit_score", "time_pressure", "imp_choices", "branch", "wt", "respondent", "duration", "wave",
        "surprises_sent", "gatherings", "bought_after",
    }  # fmt: skip
    assert bool(item.wording) == (name not in recorded)
    assert item.module in BOOK.modules
    how = [bool(item.format), bool(item.values), bool(item.unit)]
    assert sum(how) == 1 or name in {"branch", "wt", "respondent"}, "one way of answering"
    assert -98 in item.missing and -99 in item.missing
    assert set(item.label) == set(LANGUAGES) and max(map(len, item.label.values())) <= 24


def test_names_are_good_in_every_program():
    for name in BOOK.items:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,19}", name) and not name.endswith("_"), name
    every = [name.casefold() for name in (*BOOK.items, *BOOK.scales)]
    assert not {name: n for name, n in Counter(every).items() if n > 1}, "SPSS does not tell capitals apart"
    assert not SPSS_RESERVED & set(every)
    stems = Counter(name.replace("_", "") for name in BOOK.items)
    assert max(stems.values()) == 1, "some tools take the underscores out"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_or_label_stands_twice(language):
    for texts in (
        [item.wording[language].casefold() for item in ASKED.values()],
        [variable.label[language] for variable in BOOK.variables.values()],
        *([BOOK.items[name].label[language] for name in BOOK.of_module(module)] for module in BOOK.modules),
        [BOOK.modules[module][language] for module in BOOK.modules],
    ):
        assert [text for text, n in Counter(texts).items() if n > 1] == []


def test_a_label_of_a_value_means_one_thing():
    pairs = {(label["en"], label["nl"]) for item in BOOK.items.values() for label in item.values.values()}
    english = [en for en, _ in pairs]
    assert len(set(english)) == len(pairs)
    assert not set(english) & {*BOOK.items, *BOOK.scales, *BOOK.block_labels}


@pytest.mark.parametrize("name", ASKED)
def test_a_question_asks_one_thing_and_does_not_lead(name):
    en, nl = (ASKED[name].wording[language] for language in LANGUAGES)
    asks = bool(ASKED[name].values) or ASKED[name].format not in ("agree7", "offers11")
    for text in (en, nl):
        assert text[0].isupper() and text.endswith("?" if asks else ".") and text.count("?") == asks
        assert len(text) <= 120 and text == " ".join(text.split())
    assert not re.search(r"\b(surely|obviously|of course|clearly|don't you|isn't)\b", en.lower())
    assert not re.search(r"\b(natuurlijk|uiteraard|toch|immers|duidelijk)\b", nl.lower())
    assert not re.search(r"\b(je|jij|jou|jouw|jullie|uw eigen)\b", nl.lower()), "u, throughout"
    assert asks or (not re.search(r"\b(you|your)\b", en) and not re.search(r"\b(u|uw)\b", nl)), "a statement says I"
    assert not asks or (re.search(r"\byou", en) and re.search(r"\b(u|uw)\b", nl)) or name == "sector"
    joined = {  # one thing all the same: a pair, a comparison, a choice
        "val_ethical", "rel_communal", "rel_equality", "rel_market", "rat_interface", "recommend", "promotes", "b2b",
        "hhw_spend_all",
    }  # fmt: skip
    assert bool(re.search(r"\b(and|or)\b", en) or re.search(r"\b(en|of)\b", nl)) == (name in joined)


def test_scales_are_of_one_module_and_one_format():
    for name, scale in BOOK.scales.items():
        members = [BOOK.items[member] for member in scale.items]
        assert len({(item.module, item.format) for item in members}) == 1, name
        assert all(item.role == "" for item in members), f"{name}: an item would be counted beside its scale"
        assert len(members) > 1 or name == "ELEMSOC"
        assert scale.min_answered * 2 >= len(members)
        assert scale.role, name


def test_agreeing_with_everything_is_found_out():
    turned = {name for name, item in BOOK.items.items() if item.reverse}
    held = {"BONDS", "SATRAT", "SWITCHING", "HEART", "ENGAGED", "WALLET", "ATTITUDINAL", "BEHAVIOURAL"}
    assert {name for name, scale in BOOK.scales.items() if turned & set(scale.items)} == {*held, "LOYALTY"}
    survey = read_survey(answered(**dict.fromkeys(BOOK.scales["LOYALTY"].items, 7)), BOOK)
    assert survey.frame["LOYALTY"].unique().tolist() == [(6 * 7 + 2 * 1) / 8]
    assert survey.frame["EMOTION"].unique().tolist() == [4.0]


def test_conflicts_between_the_articles_are_on_record():
    for name in (
        "rat_points", "bond_card", "rat_heritage", "first_thought", "satisfied", "spends_twice", "promotes",
        "always_buys", "emo_compassion", "val_fair_price",
    ):  # fmt: skip
        note = BOOK.items[name].note
        assert "Alternative: " in note and re.search(r"Choice|the five are those of the source", note), name
    assert "86 %" in BOOK.items["first_thought"].note and "86 %" in BOOK.items["two_way"].note
    assert "leeftijd/oorsprong" in BOOK.items["rat_heritage"].note


def test_published_scales_are_cited_and_not_copied():
    notes = " ".join(variable.note for variable in (*BOOK.items.values(), *BOOK.scales.values()))
    for work in (
        "Almquist, Senior & Bloch (2016)", "KPMG Nunwood (2016)", "Fleming & Asplund 2007", "Reichheld 2003", "Burke",
        "Fiske (1992)", "Pol (2017)", "Capgemini (2017)", "Dick & Basu (1994)", "Berry & Parasuraman (1991)",
        "Deci & Ryan 2000", "Greenwald, Nosek & Banaji 2003", "Dixon, Freeman & Toman 2010",
        "Chaudhuri & Holbrook (2001)", "Thomson, MacInnis & Park (2005)",
    ):  # fmt: skip
        assert work in notes, work
    asked = " ".join(item.wording["en"].lower() for item in ASKED.values())
    for phrase in (
        "how likely is it that you would recommend", "friend or colleague", "imagine a world without",
        "perfect company for people like me", "delivers on what they promise", "always delivers on", "i feel proud to be",
        "treats me with respect", "made it easy for me to handle", "definitely would", "i trust this brand",
        "this is an honest brand", "i rely on this brand", "this brand gives me pleasure", "makes me happy",
        "i feel good when i use",
    ):  # fmt: skip
        assert phrase not in asked, phrase


@pytest.mark.slow
def test_every_loyalty_measure_finds_its_questions():
    asked = [BOOK.metric(name) for name in ("satisfaction", "repurchase", "recommend", "effort")]
    assert asked == ["satisfied", "repurchase", "recommend", "pil_time_effort"]
    three = asked[:3]
    rows = answered(satisfied=[10, 9, 8], repurchase=[10, 9, 8], recommend=[10, 9, 7], hhw_spend=20, hhw_spend_all=80)
    survey = read_survey(rows.assign(always_buys=[1, 0, 1] * 4), BOOK)

    def first(score):
        return pytest.approx(float(score.tidy()["estimate"].iloc[0]))

    assert first(ll.secure_customers(survey, *three, min_cell=1)) == 1 / 3
    assert first(ll.secure_customers(survey, *three, definition="top_two_box", min_cell=1)) == 2 / 3
    bands = ll.loyalty.loyalty_bands(survey, three, min_cell=1).tidy().set_index("answer")["estimate"]
    assert bands.round(3).to_dict() == {"not loyal": 0.0, "loyal but not secure": 0.333, "secure": 0.667}
    assert first(ll.net_promoter(survey, "recommend")) == 100 * 2 / 3
    assert first(ll.customer_effort(survey, "pil_time_effort")) == 4
    assert first(ll.top_box(survey, "always_buys", min_cell=1)) == 2 / 3, "the share that says yes"
    assert first(ll.loyalty.share_of_wallet(survey, "hhw_spend", "hhw_spend_all")) == 0.25


@pytest.mark.slow
def test_single_emotions_can_be_ranked_by_naming_them():
    emotions = BOOK.scales["EMOTION"].items
    answers = np.random.default_rng(6).integers(1, 8, (300, len(emotions)))
    rows = pd.concat([answered()] * 25, ignore_index=True)
    rows[list(emotions)] = answers
    for name in BOOK.scales["LOYALTY"].items:  # loyalty is honesty, as the file would hold it
        rows[name] = 8 - answers[:, 0] if BOOK.items[name].reverse else answers[:, 0]
    ranked = ll.importance(read_survey(rows, BOOK).moments(["LOYALTY", *emotions]), "LOYALTY", emotions).tidy()
    shares = ranked.set_index("term")["estimate"]
    assert shares.idxmax() == "emo_honesty" and shares.drop("emo_honesty").max() < 0.1


@pytest.mark.slow
def test_answers_that_go_together_are_not_found():
    assert "impossible" not in set(check_survey(answered(tenure=3), BOOK).tidy()["check"])


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOK.impossible)
def test_answers_that_cannot_go_together_are_found(name):
    combination = BOOK.impossible[name]
    given = {
        item: codes["from"] if isinstance(codes, dict) else codes[0] for item, codes in combination.answers.items()
    }
    found = check_survey(answered(**({"tenure": 3} | given)), BOOK).tidy()
    assert (found["check"] == "impossible").sum() == 1
    assert combination.label["en"] in found.loc[found["check"] == "impossible"].to_string(max_colwidth=None)
