"""A drafted codebook reads back, reads its own file, finds what real files hide, and gives no respondent away."""

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import yaml

from loyaltylab import check_survey, read_codebook, read_survey
from loyaltylab.core.errors import DataError, UnknownName
from loyaltylab.survey.drafting import draft_codebook, snapped, stem
from loyaltylab.survey.files.raw_table import read_raw

from ..conftest import write

HOSTILE = [
    "yes", "1", "1.0", "a: b", "#x", "x #y", "{{x}}", "{x", "!!python/object/apply:os.system", "quote\"d", "it's",
    "line\nbreak", "null", "~", "=cmd|' /C calc'!A0", "één 日本 😀", "- x", "? x", "&x", "*x", "%x", "@x", "`x`", "[x",
    "a, b", "<<", "2020-01-01", "0x1F", "1e3", "|", ">", "back\\slash", "nb\u00a0sp", "nel\x85x", "ls\u2028x", "tab\tx",
    "x" * 1500, "é" * 700, "emotional", "---", "...", ".inf", "on", "key:", "\ufeffbom",
]  # fmt: skip


def likert(n=300, seed=7, points=5, loading=0.8):
    """`n` made-up people: one trait in `base`, and a function that answers an item of it."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=n)

    def item(sign=1):
        z = sign * loading * base + rng.normal(size=n) * np.sqrt(1 - loading**2)
        return np.clip(np.round((points + 1) / 2 + z * points / 5), 1, points)

    return rng, item


def book_of(tmp_path, data, **options):
    text = draft_codebook(data, **options)
    book = read_codebook(write(tmp_path / "drafted.yml", text))
    return text, book, read_survey(data, book, **options)


def saved(frame, path):
    writers = {
        ".csv": lambda: frame.to_csv(path, index=False),
        ".xlsx": lambda: frame.to_excel(path, index=False),
        ".sav": lambda: pyreadstat.write_sav(frame, str(path)),
        ".dta": lambda: frame.to_stata(path, write_index=False),
        ".parquet": lambda: frame.to_parquet(path),
    }
    writers[path.suffix]()
    return path


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_every_header_survives(tmp_path, suffix):
    _, item = likert(60)
    names = [f"  {name} " for name in HOSTILE]
    names = [name for name in names if suffix != ".xlsx" or "\x85" not in name]
    path = saved(pd.DataFrame({name: item() for name in names}), tmp_path / f"odd{suffix}")
    _, book, survey = book_of(tmp_path, path)
    assert list(book.items) == list(read_raw(path).frame.columns) and len(book.items) == len(names)
    assert len(survey.frame) == 60
    assert book.label("null") == "null" and book.label("line\nbreak") == "line break"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".sav", ".dta", ".parquet"])
def test_every_format_reads_back_with_its_draft(tmp_path, suffix):
    rng, item = likert()
    frame = pd.DataFrame({"trust_1": item(), "trust_2": item(), "trust_3": item(-1)})
    frame["wt"] = rng.gamma(9, 1 / 9, 300)
    frame["regio"] = np.where(rng.random(300) < 0.5, "één", "twee")
    frame["waarom"] = [f"omdat {i}" for i in range(300)]
    frame["Duration__in_seconds_"] = rng.integers(60, 4000, 300)
    frame.loc[:20, "trust_1"] = 99
    text, book, survey = book_of(tmp_path, saved(frame, tmp_path / f"shop{suffix}"))
    assert book.items["trust_1"].missing == (99,) and book.items["trust_2"].missing == ()
    assert book.items["trust_1"].range == (1, 5)
    assert [name for name, found in book.items.items() if found.reverse] == ["trust_3"]
    assert book.scales["trust"].items == ("trust_1", "trust_2", "trust_3") and book.scales["trust"].role == "outcome"
    assert book.names("weight") == ("wt",) and book.names("segment") == ("regio",)
    assert set(book.items["regio"].values) == {"één", "twee"}
    assert book.names("duration") == ("Duration__in_seconds_",)
    assert "waarom" not in book.items and "#   waarom: open or varied text" in text and "omdat" not in text
    assert survey.frame["trust_1"].isna().sum() == 21
    assert str(tmp_path) not in text and text == draft_codebook(tmp_path / f"shop{suffix}")


def test_the_text_of_a_small_file(tmp_path):
    frame = pd.DataFrame({"joy": [1, 5, 99, 3] * 10, "nps": [10, 0, 11, 9] * 10, "id": range(40)})
    assert draft_codebook(saved(frame, tmp_path / "shop.csv"), name="mine") == (
        """# A guess from shop.csv: 40 rows, 3 columns.
# Every line may be wrong; what was guessed says why. What to do next:
#   1. Fill in title and source.
#   2. Read items and scales; correct ranges, missing codes and reverse; give labels in English and Dutch.
#   3. See to it that every driver stands in its block (emotional, rational, values, structural) and that the outcome is yours.
#   4. loyaltylab check FILE --codebook mine.yml
title: {en: 'TO REPLACE: what this survey is about', nl: 'VERVANG DIT: waar deze enquête over gaat'}
source: {en: 'TO REPLACE: how many people of which kind were asked, when and how', nl: 'VERVANG DIT: hoeveel mensen van welk soort zijn ondervraagd, wanneer en hoe'}

defaults:
  range: [1, 5]  # guess: 1 of 2 columns with a range
  missing: [99]  # guess: 1 of these columns; joy: 99 far from the other answers

items:
  joy:
    label: joy
    role: driver
    block: emotional  # guess: its wording (joy)
  nps:
    label: nps
    range: [0, 10]  # guess: answers from 0 to 10
    missing: [11]  # guess: 0 to 10 cover 75% of answers; 11 is likely a code
    role: outcome  # guess: asks for recommend
    metric: recommend  # guess: its wording
  id:
    label: id
    missing: []
    role: respondent  # guess: different in every row
"""
    )


@pytest.mark.parametrize(
    ("answers", "missing", "span"),
    [
        ([1, 2, 3, 4, 5, -99], (-99,), (1, 5)),
        ([1, 2, 3, 4, 5, 9], (9,), (1, 5)),
        ([1, 2, 3, 4, 5, 8, 9], (8, 9), (1, 5)),
        ([1, 2, 3, 4, 5, 6, 7, 9], (9,), (1, 7)),
        ([1, 4, 7, 97, 98, 99], (97, 98, 99), (1, 7)),
        (["1", "2", "5", "BLANK", "n.v.t.", "NA", "weet niet", "Don't know"], ("BLANK", "Don't know", "NA", "n.v.t.", "weet niet"), (1, 5)),
        ([18, 40, 77, 80, 999], (999,), (0, 100)),
        ([18, 40, 77, 88, 99], (), (0, 100)),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9], (), (1, 10)),
        ([-3, -2, -1, 0, 1, 2, 3], (), (-3, 3)),
        ([0, 1], (), (0, 1)),
        ([0.5, 1.25, 250.0], (), None),
    ],
)  # fmt: skip
def test_codes_that_stand_apart(tmp_path, answers, missing, span):
    frame = pd.DataFrame({"q": answers * 20, "other": [1, 2] * (10 * len(answers))})
    _, book, survey = book_of(tmp_path, saved(frame, tmp_path / "shop.csv"))
    assert book.items["q"].missing == missing and book.items["q"].range == span
    assert survey.frame["q"].isna().sum() == 20 * len(missing)


def coded(real):
    """Four questions; 0 and 6 are blank and never used, or true steps beyond 1 and 5."""
    rng, item = likert(600, seed=3)
    frame = pd.DataFrame({f"Q7{name}": item() for name in ("ART", "FOOD", "SIGN", "ROADS")})
    for name in frame:
        if real:
            frame.loc[(frame[name] == 5) & (rng.random(600) < 0.5) & (frame.mean(axis=1) > 4), name] = 6
            frame.loc[(frame[name] == 1) & (rng.random(600) < 0.7) & (frame.mean(axis=1) < 2.2), name] = 0
        else:
            frame.loc[rng.random(600) < 0.2, name] = 6
            frame.loc[rng.random(600) < 0.05, name] = 0
    return frame


def test_codes_next_to_the_scale(tmp_path):
    text, book, _ = book_of(tmp_path, saved(coded(real=False), tmp_path / "airport.csv"))
    assert {(found.range, frozenset(found.missing)) for found in book.items.values()} == {((1, 5), frozenset({0, 6}))}
    assert "cover " in text and "6 is likely a code" in text and "0 is likely a code" in text
    assert len(book.scales["Q7"].items) == 4


def test_a_category_beside_ratings_keeps_its_six(tmp_path):
    frame = coded(real=False)
    frame["often"] = np.tile([1, 2, 3, 4, 5, 6], 100)
    _, book, _ = book_of(tmp_path, saved(frame, tmp_path / "airport.csv"))
    assert book.items["often"].missing == () and book.items["often"].range == (1, 6)


def test_questions_of_the_same_scale_that_lack_the_code_tell(tmp_path):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {f"s{j}": rng.integers(1, 6, 50) for j in range(5)} | {"s5": [1, 2, 3, 4, 5, 6, 6, 3, 4, 5] * 5}
    )
    _, book, _ = book_of(tmp_path, saved(frame, tmp_path / "shop.csv"))
    assert book.items["s5"].missing == (6,) and book.items["s5"].range == (1, 5)


def test_a_true_step_is_no_code(tmp_path):
    frame = coded(real=True)
    assert set(frame.to_numpy().ravel()) == set(range(7))
    _, book, _ = book_of(tmp_path, saved(frame, tmp_path / "airport.csv"))
    assert {(found.range, found.missing) for found in book.items.values()} == {((0, 6), ())}


def test_what_an_spss_file_states(tmp_path):
    rng, item = likert(200)
    ends = {1.0: "helemaal oneens", 5.0: "helemaal eens", 6.0: "weet niet"}
    frame = pd.DataFrame({"v1": item(), "v2": item(), "gsl": rng.integers(1, 4, 200).astype(float), "v4": item()})
    frame.loc[:9, "v1"], frame.loc[:4, "v4"] = 6, 77
    path = tmp_path / "shop.sav"
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=["Ik  vertrouw: 'X' #1", "", "Geslacht", ""],
        variable_value_labels={"v1": ends, "v2": ends, "gsl": {1.0: "man", 2.0: "vrouw", 4.0: "anders"}},
        missing_ranges={"v4": [77]},
    )
    text, book, survey = book_of(tmp_path, path)
    assert book.label("v1") == "Ik vertrouw: 'X' #1" and book.label("v2") == "v2"
    assert book.items["v1"].missing == book.items["v2"].missing == (6,) and book.items["v1"].range == (1, 5)
    assert {code: label["nl"] for code, label in book.items["gsl"].values.items()} == {
        1: "man", 2: "vrouw", 3: "3", 4: "anders",
    }  # fmt: skip
    assert book.items["gsl"].role == "segment"
    assert book.items["v4"].missing == (77,) and "missing: [77]  # guess: the file marks them as missing" in text
    assert survey.frame.isna().sum().to_dict() == {"v1": 10, "v2": 0, "gsl": 0, "v4": 5}


def test_groups_under_ten_are_not_written(tmp_path):
    frame = pd.DataFrame({"stad": ["Ede"] * 50 + ["Goes"] * 40 + ["Urk"] * 9, "joy": [1, 2, 5] * 33})
    text, book, _ = book_of(tmp_path, saved(frame, tmp_path / "shop.csv"))
    assert set(book.items["stad"].values) == {"Ede", "Goes"} and "Urk" not in text
    assert "# guess: 1 given by fewer than 10 not listed" in text
    few = draft_codebook(saved(frame.iloc[::12], tmp_path / "few.csv"))
    assert "Ede" not in few and "#   stad: open or varied text" in few


def test_respondents_technical_columns_and_clusters(tmp_path):
    _, item = likert(120)
    frame = pd.DataFrame(
        {
            "ResponseId": [f"R_{i}" for i in range(120)], "IPAddress": "1.2.3.4", "StartDate": "2024-05-01 10:00",
            "External Data Reference": "", "Location Latitude": 52.1, "Recipient Last Name": "Jansen",
            "RecipientEmail": [f"p{i}@x.nl" for i in range(120)], "klant_id": [i // 3 for i in range(120)],
            "respnum": range(5000, 5120), "wanneer": [f"2024-05-{1 + i % 28:02d}" for i in range(120)],
            "leeg": "", "leeftijd": ["43 jaar"] * 5 + ["50"] * 115, "joy": item(),
        }
    )  # fmt: skip
    text, book, _ = book_of(tmp_path, saved(frame, tmp_path / "qualtrics.csv"))
    assert list(book.items) == ["klant_id", "respnum", "joy"]
    assert book.names("cluster") == ("klant_id",) and book.names("respondent") == ("respnum",)
    for name, why in {
        "IPAddress": "date, technical or personal column",
        "RecipientEmail": "date, technical or personal column",
        "wanneer": "dates or times",
        "leeg": "no answers",
        "leeftijd": "numbers mixed with texts that are not known to mean 'no answer'",
    }.items():
        assert f"#   {name}: {why}\n" in text
    assert not any(answer in text for answer in ("1.2.3.4", "Jansen", "52.1", "R_7", "p7@", "43 jaar", "2024"))


def test_files_with_nothing_to_analyse_still_make_a_codebook(tmp_path):
    text, book, _ = book_of(tmp_path, saved(pd.DataFrame({"a": ["x", "y"], "date": ["b", "c"]}), tmp_path / "two.csv"))
    assert book.names("cluster") == ("a",) and "no column holds answers to analyse" in text


def test_columns_in_doubt(tmp_path):
    path = write(tmp_path / "dutch.csv", "t1;t2\n1,234;2\n2,500;3\n")
    text, book, _ = book_of(tmp_path, path)
    assert list(book.items) == ["t2"] and "#   t1: its numbers can be read in two ways" in text
    with pytest.raises(DataError, match="Nothing in the file tells"):
        draft_codebook(write(tmp_path / "all.csv", "t1;t2\n1.234;1.234\n"))


def test_frames(tmp_path):
    frame = pd.DataFrame({"flag": [True, False] * 10, "day": pd.Timestamp("2024-01-01"), "inf": [np.inf, 1.0] * 10})
    text, book, _ = book_of(tmp_path, frame.assign(kind=pd.Categorical(["a", "b"] * 10)))
    assert list(book.items) == ["flag", "kind"] and "#   inf: holds infinite numbers" in text
    with pytest.raises(DataError, match="'a' stands more than once"):
        draft_codebook(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_scale_never_takes_the_name_of_a_column_or_block(tmp_path):
    _, item = likert()
    frame = pd.DataFrame({"trust": item(), "trust_1": item(), "trust_2": item(), "values1": item(), "values2": item()})
    _, book, _ = book_of(tmp_path, frame)
    assert set(book.scales) == {"trust_scale", "values_scale"}


def test_stems_and_ranges():
    names = ["like_1", "Q4_1", "q1a", "trust1", "CUSA1", "Q7ART", "Q9-1", "Q3", "V12", "age", "1", "x"]
    assert [stem(name) for name in names] == ["like", "Q4", "q1", "trust", "CUSA", "Q7", "Q9", "", "", "", "", ""]
    assert [snapped(*ends) for ends in ((1, 3), (2, 4), (1, 5), (3, 6), (0, 5), (0, 9), (1, 33), (-1, 4))] == [
        (1, 3), (1, 4), (1, 5), (1, 7), (0, 5), (0, 10), None, None,
    ]  # fmt: skip


def test_codes_in_the_last_rows_of_a_long_file_are_seen(tmp_path):
    frame = pd.DataFrame({"joy": np.tile(np.arange(1.0, 6), 12_000)})
    frame.loc[59_999, "joy"] = 99
    text, book, survey = book_of(tmp_path, saved(frame, tmp_path / "long.parquet"))
    assert book.items["joy"].missing == (99,) and survey.frame["joy"].isna().sum() == 1
    assert "Correlations are those of its first 50,000 rows." in text


def test_respondents_and_weights_without_a_telling_name(tmp_path):
    rng, item = likert()
    frame = pd.DataFrame(
        {"nummer": rng.permutation(300) + 1, "w8": np.repeat([0.5, 0.7, 1.0, 1.2, 1.6], 60), "joy": item()}
    )
    _, book, _ = book_of(tmp_path, frame)
    assert book.names("respondent") == ("nummer",) and book.names("weight") == ("w8",)
    text, book, _ = book_of(tmp_path, pd.DataFrame({"respondent": [f"p{i}" for i in range(60)], "joy": [1, 5] * 30}))
    assert book.names("respondent") == ("respondent",) and "p7" not in text


@pytest.mark.parametrize(
    "answer",
    [
        "BLANK",
        "n.v.t.",
        "N/A",
        "-",
        ".",
        "#N/A",
        "Don't know",
        "don’t know",
        "Weet niet",
        "Never used",
        "prefer not to say",
        "(geen antwoord)",
        "weet niet / geen mening",
        "Don't know or refused",
    ],
)
def test_words_for_no_answer(tmp_path, answer):
    frame = pd.DataFrame({"joy": ["1", "3", "5", answer] * 10})
    _, book, survey = book_of(tmp_path, frame)
    assert book.items["joy"].missing == (answer,) and survey.frame["joy"].isna().sum() == 10


@pytest.mark.parametrize("answer", ["10+", "none of it was good", "natural", "weet niet wat Jan ervan vindt"])
def test_words_that_may_be_an_answer(tmp_path, answer):
    frame = pd.DataFrame({"joy": ["1", "3", "5", "4"] * 10 + [answer], "stay": [1, 5] * 20 + [3]})
    text, book, _ = book_of(tmp_path, frame)
    assert list(book.items) == ["stay"] and answer not in text


def test_an_item_as_wide_as_its_neighbours_and_a_category_as_it_is(tmp_path):
    frame = pd.DataFrame({"q2a": [1, 4, 7, 2] * 10, "q2b": [1, 10, 3, 5] * 10, "q2c": [1, 2, 3, 4] * 10})
    _, book, _ = book_of(tmp_path, frame)
    assert [book.items[name].range for name in frame] == [(1, 10), (1, 10), (1, 4)]


def test_a_scale_of_which_nothing_can_be_said_is_not_made(tmp_path):
    rng = np.random.default_rng(11)
    frame = pd.DataFrame({f"trust{j}": rng.integers(1, 8, 400) for j in range(3)})
    text, book, _ = book_of(tmp_path, frame)
    assert book.scales == {} and "scales:" not in text


def test_missing_ranges_and_letters_of_spss_and_stata(tmp_path):
    _, item = likert(60)
    frame = pd.DataFrame({"eens1": item(), "eens2": item(-1)})
    frame.loc[:2, "eens1"], frame.loc[3:4, "eens1"] = 97, 98
    pyreadstat.write_sav(frame, str(tmp_path / "shop.sav"), missing_ranges={"eens1": [{"lo": 97, "hi": 98}]})
    _, book, survey = book_of(tmp_path, tmp_path / "shop.sav")
    assert book.items["eens1"].range == (1, 5) and survey.frame["eens1"].isna().sum() == 5
    assert not book.items["eens1"].reverse and book.items["eens2"].reverse  # of two, the second
    letters = frame.astype(object)
    letters.loc[:4, "eens1"] = "a"
    pyreadstat.write_dta(letters, str(tmp_path / "shop.dta"), missing_user_values={"eens1": ["a"]})
    _, book, survey = book_of(tmp_path, tmp_path / "shop.dta")
    assert book.items["eens1"].missing == ("a",) and survey.frame["eens1"].isna().sum() == 5


@pytest.mark.parametrize(
    "content",
    ["a\n1.5\n2\n", "sep=;\r\na;b\r\n1,5;2\r\n", "a;b\n-1,5;2\n+,5;2\n1,5E+3;2\n", ",a,b\n0,7,1\n1,8,1\n", "a,b\n=1+1,2\n",
     "a,b\nNA,2\n,3\n", "a\n5\n", "a\n\n0\n", 'a,b\n"x\ny",2\n', "a,b\n1_0,\u0661\n", "a,b\n1e300,-0\n", "a,b\n,\n,1\n"],
)  # fmt: skip
def test_small_odd_files_read_back(tmp_path, content):
    _, book, survey = book_of(tmp_path, write(tmp_path / "odd.csv", content))
    assert set(survey.frame) == set(book.items) and len(survey.frame) >= 1


def test_an_item_that_hangs_loose_is_not_turned_round(tmp_path):
    _, item = likert()
    frame = pd.DataFrame({"trust1": item(), "trust2": item(), "trust3": item()})
    other = np.roll(frame["trust1"], 1)  # the answers of someone else
    against = np.corrcoef(other, frame.sum(axis=1))[0, 1] > 0
    frame["trust4"] = 6 - other if against else other
    assert -0.15 < np.corrcoef(frame["trust4"], frame[["trust1", "trust2", "trust3"]].mean(axis=1))[0, 1] < 0
    _, book, _ = book_of(tmp_path, frame)
    assert len(book.scales["trust"].items) == 4 and not any(found.reverse for found in book.items.values())


def drafted(tmp_path, frame, suffix=".csv", **options):
    """The codebook that is drafted from a frame, as a file."""
    path = tmp_path / f"shop{suffix}"
    if suffix == ".sav":
        pyreadstat.write_sav(frame.astype(float), str(path), **options)
    else:
        saved(frame, path)
    return read_codebook(write(tmp_path / "drafted.yml", draft_codebook(path)))


def test_a_scale_from_minus_three_is_no_scale_of_missing_codes(tmp_path):
    """Also where one question of the file was never answered with its lowest steps; a lone -1 is a code still."""
    both = [-3, -2, -1, 0, 1, 2, 3] * 20
    frame = pd.DataFrame({"gut": both, "mild": [max(-1, v) for v in both], "code": [v if v > 0 else -1 for v in both]})
    book = drafted(tmp_path, frame)
    assert book.items["gut"].range == book.items["mild"].range == (-3, 3)
    assert book.items["gut"].missing == book.items["mild"].missing == ()


def test_what_the_file_labels_as_an_answer_is_one(tmp_path):
    frame = pd.DataFrame({"klas": [1, 2, 3, 4, 5] * 20 + [6] * 9, "oordeel": [1, 2, 3, 4, 5] * 20 + [8] * 9})
    labels = {
        "klas": {i: f"Groep {i}" for i in range(1, 7)},
        "oordeel": {1: "Zeer slecht", 5: "Zeer goed", 8: "Weet niet"},
    }
    book = drafted(tmp_path, frame, ".sav", variable_value_labels=labels)
    assert book.items["klas"].missing == () and book.items["oordeel"].missing == (8,)


@pytest.mark.parametrize(
    ("labels", "rated"),
    [
        (["Zeer vervelend", "Vervelend", "Neutraal", "Leuk", "Zeer leuk"], True),
        (["Heel lastig", "Lastig", "Makkelijk", "Heel makkelijk"], True),
        (["Never", "Seldom", "Sometimes", "Often", "Always"], True),
        (["Hate", "Dislike", "Neither", "Like", "Love"], True),
        (["Utrecht", "Zeeland", "Drenthe", "Friesland"], False),
        (["Red", "Green", "Blue"], False),
    ],
)
def test_labels_that_grade_make_a_rating_and_others_a_segment(tmp_path, labels, rated):
    frame = pd.DataFrame({"x": [*range(1, len(labels) + 1)] * 20})
    book = drafted(tmp_path, frame, ".sav", variable_value_labels={"x": dict(enumerate(labels, 1))})
    found = book.items["x"]
    assert (found.range == (1, len(labels))) == rated and (found.role == "segment") != rated


@pytest.mark.parametrize("name", ["telefoon", "Phone", "Status", "achternaam", "bezorging_te_duur", "naam", "wtp"])
def test_a_rating_is_one_whatever_its_header_says(tmp_path, name):
    _, item = likert(150)
    assert drafted(tmp_path, pd.DataFrame({"a": item(), name: item()})).items[name].range == (1, 5)


def test_a_stray_answer_hides_no_code(tmp_path):
    frame = pd.DataFrame({"a": [1, 2, 3, 4, 5] * 40 + [55] + [98, 99] * 5})
    assert drafted(tmp_path, frame).items["a"].missing == (98, 99)


def test_a_battery_has_one_range_also_where_one_question_was_never_answered_low(tmp_path):
    _, item = likert(200, points=11)
    frame = pd.DataFrame({f"merk_{i}": item() - 1 for i in range(1, 4)})
    frame["merk_3"] = frame["merk_3"].clip(lower=1)
    frame["merk_1"] = frame["merk_1"].where(frame.index > 3, 0)
    book = drafted(tmp_path, frame)
    assert book.scales["merk"].items == ("merk_1", "merk_2", "merk_3")


def test_a_guessed_code_is_told_with_its_count_and_one_the_file_marks_is_not(tmp_path):
    frame = pd.DataFrame({"a": [1, 2, 3, 4, 7, 6, 5] * 10 + [999] * 4, "y": [1, 2, 3, 4, 5, 6, 7] * 10 + [1, 9, 2, 3]})
    pyreadstat.write_sav(frame.astype(float), str(tmp_path / "shop.sav"), missing_ranges={"y": [9]})
    told = {f.where: f for f in check_survey(tmp_path / "shop.sav").found if f.check == "guessed_missing"}
    assert set(told) == {"a"} and told["a"].n_rows == 4 and told["a"].fields["codes"] == "999"


def test_drivers_and_outcome_are_proposed_by_their_wording_in_both_languages(tmp_path):
    _, item = likert(150)
    titles = ["I feel proud of them", "Ze leveren snel", "Het milieu gaat hun ter harte", "Ik blijf klant", "xyz"]
    frame = pd.DataFrame({title: item() for title in titles})
    book = drafted(tmp_path, frame)
    blocks = {name: block for block, names in book.blocks().items() for name in names}
    assert book.names("outcome") == ("Ik blijf klant",)
    assert [blocks[t] for t in (*titles[:3], "xyz")] == ["emotional", "rational", "values", "unsorted"]
    text = draft_codebook(frame, outcome="xyz", emotional=["Ze leveren snel"], title="Mijn winkel")
    asked = read_codebook(write(tmp_path / "asked.yml", text))
    assert asked.names("outcome") == ("xyz",) and asked.blocks()["emotional"] == ("Ze leveren snel",)
    assert asked.title["en"] == "Mijn winkel"
    with pytest.raises(UnknownName, match="did you mean 'xyz'"):
        draft_codebook(frame, outcome="xyzz")


def test_a_question_that_hardly_anybody_answered_is_no_driver(tmp_path):
    _, item = likert(200)
    frame = pd.DataFrame({"trust": item(), "price": item(), "quality": item(), "nps": 2 * item()})
    frame["lounge is pleasant"] = item()
    frame.loc[frame.index % 10 > 0, "lounge is pleasant"] = np.nan
    text, book, survey = book_of(tmp_path, saved(frame, tmp_path / "shop.csv"))
    assert "lounge is pleasant" not in book.names("driver") and "# no driver, for 90% did not answer it" in text
    assert survey.sample([*book.names("driver"), "nps"]).stat("n_complete").value == 200


#: Headers as real files have them, and what each is taken for: outcome, segment, a block, or "" where it plays no part.
REAL = {
    "constructs by abbreviation": (
        {"servicetype": 2, "serviceprovider": 4, "cusa": 7, "cusl_1": 7, "cusl_2": 7, "qual_1": 7, "qual_2": 7, "like_1": 7, "like_2": 7, "csor_1": 7, "csor_2": 7},
        {"servicetype": "segment", "serviceprovider": "segment", "cusa": "", "cusl": "outcome", "qual": "rational", "like": "emotional", "csor": "values"},
    ),
    "recommending on five points": (
        {"Satisfaction": 5, "Recommendation": 5, "Repurchase": 5, "TrustUs": 5, "TermsCondPrices": 5, "country": 3},
        {"Satisfaction": "", "Recommendation": "outcome", "Repurchase": "outcome", "TrustUs": "emotional", "TermsCondPrices": "rational", "country": "segment"},
    ),
    "an overall rating first": ({"rating": 5, "trust": 5, "price": 5}, {"rating": "outcome", "trust": "emotional", "price": "rational"}),
    "an age among scales": ({"A1": 6, "A2": 6, "E1": 6, "E2": 6, "trust": 6, "age": 80}, {"age": "", "A": "first", "E": "last", "trust": "outcome"}),
    "a number that is no rating": ({"trust": 5, "price": 5, "home": 90, "stay": 5}, {"home": "", "stay": "outcome", "price": "rational"}),
    "a statement with a word of time": (
        {"I would buy here again next year": 5, "They deliver the next day": 5, "My city feels like home here": 5, "city": 4},
        {"I would buy here again next year": "outcome", "They deliver the next day": "rational", "My city feels like home here": "emotional", "city": "segment"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", REAL)
def test_headers_of_real_files_are_taken_for_what_they_are(tmp_path, kind):
    columns, expected = REAL[kind]
    rng = np.random.default_rng(7)
    # what belongs together by its stem is of one trait
    traits = {name: stem(name) or name for name in columns}
    bases = {trait: rng.normal(size=120) for trait in traits.values()}
    frame = pd.DataFrame(
        {
            name: np.clip(np.ceil((1 / (1 + np.exp(-bases[traits[name]] - 0.5 * rng.normal(size=120)))) * top), 1, top)
            for name, top in columns.items()
        }
    )
    _, book, _ = book_of(tmp_path, saved(frame, tmp_path / "shop.csv"))
    found = {name: one for name, one in {**book.items, **book.scales}.items() if name in expected}
    played = {name: one.block or ("" if one.role == "driver" else one.role or "") for name, one in found.items()}
    assert played == expected


def test_rows_that_are_numbered_number_the_respondents(tmp_path):
    _, item = likert(30)
    frame = pd.DataFrame({"no name": range(1, 31), "trust": item(), "price": item(), "stay": item()})
    _, book, _ = book_of(tmp_path, saved(frame, tmp_path / "shop.csv"))
    assert book.names("respondent") == ("no name",)


NUMBERINGS = {
    "11 to 15": range(11, 16), "21 to 27": range(21, 28), "101 to 105": range(101, 106), "1 to 11": range(1, 12),
    "hundreds": range(100, 600, 100), "fives": range(0, 55, 5), "from 5 by 5": range(5, 30, 5),
    "-3 to 3": range(-3, 4), "-4 to 4": range(-4, 5), "-100 to 100": range(-100, 150, 50), "1 3 5 7": range(1, 8, 2),
}  # fmt: skip


def battery(points, n, seed, names=("trust", "warmth", "price", "speed", "staff", "stay")):
    rng, points = np.random.default_rng(seed), np.array(points, dtype=float)
    z = rng.normal(size=(n, 1)) + rng.normal(size=(n, len(names)))
    at = np.clip(np.rint(z * len(points) / 5 + (len(points) - 1) / 2), 0, len(points) - 1).astype(int)
    return pd.DataFrame(points[at], columns=[*names])


@pytest.mark.parametrize("n", [40, 400])
@pytest.mark.parametrize("kind", NUMBERINGS)
def test_a_battery_has_a_range_however_its_answers_are_numbered(tmp_path, kind, n):
    frame = battery(NUMBERINGS[kind], n, seed=n)
    text, book, survey = book_of(tmp_path, frame)
    ends = (min(NUMBERINGS[kind]), max(NUMBERINGS[kind]))
    assert {item.range for item in book.items.values()} == {ends}
    assert len(book.names("driver")) == 5 and book.names("outcome") == ("stay",)
    assert survey.moments(["stay", "trust"]).n == n
    if kind == "hundreds":
        assert "6 questions that go together are answered from 100 to 500 in steps of 100" in text or "6 of 6" in text


@pytest.mark.parametrize("code", [99, 999, -1])
def test_a_code_beyond_a_battery_is_no_answer_of_it(tmp_path, code):
    frame = battery(range(11, 16), 200, seed=3)
    frame.loc[:9, "price"] = code
    _, book, survey = book_of(tmp_path, frame)
    assert book.items["price"].missing == (code,) and book.items["trust"].missing == ()
    assert survey.frame["price"].isna().sum() == 10


def drawn_together(n, rho=0.5, seed=0):
    rng = np.random.default_rng(seed)
    return np.sqrt(rho) * rng.normal(size=(n, 1)) + np.sqrt(1 - rho) * rng.normal(size=(n, 3))


NO_SCALES = {
    "years": lambda z: 2015 + 1.5 * z, "ages": lambda z: 34 + 8 * z, "hours": lambda z: np.clip(12 + 2 * z, 8, 18),
    "amounts": lambda z: np.rint(np.exp(4 + 0.7 * z) / 10) * 10, "seconds": lambda z: np.exp(5 + 0.4 * z),
    "minutes": lambda z: np.rint(np.exp(3 + 0.4 * z) / 5) * 5, "degrees": lambda z: 25 + 2 * z,
    "zip codes": lambda z: 1012 + 600 * np.rint(z), "sizes": lambda z: 170 + 8 * z,
}  # fmt: skip


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("kind", NO_SCALES)
def test_columns_that_measure_or_date_are_no_battery(kind, beside):
    for seed, n in enumerate([40, 150, 600, 1500] * 3):
        frame = pd.DataFrame(np.rint(NO_SCALES[kind](drawn_together(n, seed=seed))), columns=["home", "work", "other"])
        if beside:
            frame = frame.join(battery(range(1, 6), n, seed, ("trust", "price", "stay")))
        book = yaml.safe_load(draft_codebook(frame, name="x"))
        usual = book.get("defaults", {}).get("range")
        ranges = [book["items"][name].get("range", usual) for name in ("home", "work", "other")]
        assert all(ends in (None, [0, 100], [1, 100]) for ends in ranges)  # 0 to 100 is a thermometer, of any column


def test_codes_of_places_that_do_not_go_together_are_no_battery():
    for seed in range(12):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(rng.integers(11, 16, size=(60, 3)).astype(float), columns=["a", "b", "c"])
        frame["d"] = frame["a"]  # one column twice
        items = yaml.safe_load(draft_codebook(frame, name="x"))["items"]
        assert [items[name].get("range", "usual") for name in "abcd"] == [None] * 4
    named = battery(range(101, 108), 300, seed=1, names=("winkel", "de winkel toen", "winkel nu", "aantal bezoeken"))
    assert {entry["range"] for entry in yaml.safe_load(draft_codebook(named, name="x"))["items"].values()} == {None}


def test_a_question_and_its_boxes_have_names_of_their_own(tmp_path):
    """A rating Q5 before the boxes Q5_1 to Q5_3: the set that is guessed has not the name of a column."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({name: rng.integers(1, 8, 200) for name in ("Q5", "stay", "joy", "price")})
    for number in (1, 2, 3):
        rows[f"Q5_{number}"] = np.where(rng.random(200) < 0.4, 1.0, np.nan)
    rows.to_csv(tmp_path / "ticks.csv", index=False)
    book = read_codebook(write(tmp_path / "ticks.yml", draft_codebook(tmp_path / "ticks.csv")))
    assert book.sets["Q5_boxes"].items == ("Q5_1", "Q5_2", "Q5_3") and "Q5" in book.items


def test_one_code_among_ratings_is_no_driver_unless_its_words_say_what_it_asks(tmp_path):
    names = ("trust", "warmth", "price", "speed", "staff", "web", "shop", "care", "stay")
    frame = battery(range(1, 6), 200, seed=2, names=names)
    rng = np.random.default_rng(2)
    frame = frame.assign(DESTGEO=rng.integers(1, 10, 200), quality=rng.integers(0, 11, 200))
    text, book, _ = book_of(tmp_path, frame)
    assert book.items["DESTGEO"].role == "" and book.items["quality"].role == "driver"
    assert "# no driver, for most questions are answered from 1 to 5, and its name says nothing" in text
    few = frame[["trust", "price", "speed", "stay", "DESTGEO"]]  # too few to tell what is usual
    assert book_of(tmp_path, few)[1].items["DESTGEO"].role == "driver"
