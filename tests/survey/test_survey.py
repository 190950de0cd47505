"""Surveys: recoding, scoring, counting, and every file that must be refused in words."""

import sys

import numpy as np
import pandas as pd
import pytest

from loyaltylab import Codebook, check_survey, read_codebook, read_data, read_survey
from loyaltylab.codebook.book import parsed_codebook
from loyaltylab.codebook.entries import Combination, Item
from loyaltylab.core.errors import CodebookError, DataError, UnknownName
from loyaltylab.survey import simulation
from loyaltylab.survey.files.raw_table import read_raw
from loyaltylab.survey.open import input_files
from loyaltylab.survey.samples import SCREENS
from loyaltylab.survey.survey import outcome_of

from ..codebook.test_codebook import GOOD
from ..conftest import write

CSV = """t1,t2,p1,l1,wt,kind
1,5,3,10,1.5,1
2,99,4,8,0.5,1
99,99,2,0,1,2
4,1,,5,1,2
5,2,5,7,1,2
"""


@pytest.fixture
def book(tmp_path):
    return read_codebook(write(tmp_path / "shop.yml", GOOD))


def survey_of(tmp_path, book, text=CSV, **options):
    return read_survey(write(tmp_path / "shop.csv", text), book, **options)


def test_missing_codes_reversal_and_scores(tmp_path, book):
    frame = survey_of(tmp_path, book).frame
    np.testing.assert_array_equal(frame["t2"], [1, np.nan, np.nan, 5, 4])
    np.testing.assert_array_equal(frame["TRUST"], [1, 2, np.nan, 4.5, 4.5])
    np.testing.assert_array_equal(frame["p1"], [3, 4, 2, np.nan, 5])


def test_min_answered(tmp_path, book):
    strict = read_codebook(write(tmp_path / "strict.yml", GOOD.replace("[t1, t2],", "[t1, t2], min_answered: 2,")))
    np.testing.assert_array_equal(survey_of(tmp_path, strict).frame["TRUST"], [1, np.nan, np.nan, 4.5, 4.5])


def test_everything_left_out_is_counted(tmp_path, book):
    sample = survey_of(tmp_path, book).sample(["l1", "TRUST", "p1"])
    assert sample.tidy().set_index("term")["n_missing"].to_dict() == {"l1": 0, "TRUST": 1, "p1": 1}
    assert sample.tidy().set_index("term")["n_cells_missing"].to_dict() == {"l1": 0, "TRUST": 3, "p1": 1}
    assert [sample.stat(name).value for name in ("n_rows", "n_complete", "n_left_out")] == [5, 3, 2]


def test_item_mean_is_named_and_counted(tmp_path, book):
    survey = survey_of(tmp_path, book, missing="item_mean")
    np.testing.assert_allclose(survey.frame["t1"], [1, 2, 3, 4, 5])
    assert survey.sample(["TRUST"]).stat("n_filled").value == 3
    assert "3 unanswered items filled with the item mean" in survey.provenance.steps
    assert np.isnan(survey.frame["p1"]).sum() == 1, "only items of scales are filled"


def test_weights_are_used_only_when_named(tmp_path, book):
    plain, weighted = survey_of(tmp_path, book), survey_of(tmp_path, book, weight="wt")
    assert plain.moments(["l1"]).mean[0] == pytest.approx(6)
    assert weighted.moments(["l1"]).mean[0] == pytest.approx((15 + 4 + 0 + 5 + 7) / 5)
    assert weighted.sample(["l1"]).stat("n_effective").value == pytest.approx(25 / 5.5)


def test_parquet_and_frame_equal_csv(tmp_path, book):
    frame = pd.read_csv(write(tmp_path / "shop.csv", CSV))
    frame.to_parquet(tmp_path / "shop.parquet")
    expected = survey_of(tmp_path, book).frame
    pd.testing.assert_frame_equal(read_survey(tmp_path / "shop.parquet", book).frame, expected, check_dtype=False)
    pd.testing.assert_frame_equal(read_survey(frame, book).frame, expected, check_dtype=False)


def test_bom_and_padded_headers(tmp_path, book):
    text = "\ufeff" + CSV.replace("t1,t2,p1", "t1 , t2,p1")
    pd.testing.assert_frame_equal(survey_of(tmp_path, book, text).frame, survey_of(tmp_path, book).frame)


def test_semicolons_and_decimal_commas_are_read_and_reported(tmp_path, book):
    survey = survey_of(tmp_path, book, CSV.replace(",", ";").replace(".5", ",5"), weight="wt")
    plain = survey_of(tmp_path, book, weight="wt")
    pd.testing.assert_frame_equal(survey.frame, plain.frame)
    assert survey.provenance.steps == ("read as UTF-8, semicolons, decimal commas",) and plain.provenance.steps == ()


def test_text_codes_can_be_missing(tmp_path):
    book = read_codebook(write(tmp_path / "b.yml", GOOD.replace("missing: [99]", "missing: [99, BLANK]")))
    assert np.isnan(survey_of(tmp_path, book, CSV.replace("1,5,3,10", "BLANK,5,3,10")).frame["t1"][0])


def test_segments(tmp_path, book):
    survey = survey_of(tmp_path, book)
    assert (
        len(survey.only("kind=large").frame)
        == len(survey.only("kind=groot").frame)
        == len(survey.only("kind = 2").frame)
        == 3
    )
    assert survey.only("kind=large").provenance.steps == ("only kind = large: 3 of 5 rows",)
    assert {name: len(part.frame) for name, part in survey.split("kind", min_n=1).items()} == {"small": 2, "large": 3}
    assert list(survey.split("kind", min_n=3)) == ["large"]
    with pytest.raises(UnknownName, match="value of kind 'huge' does not exist. Possible: small, large"):
        survey.only("kind=huge")
    with pytest.raises(UnknownName, match="segment 't1' does not exist. Possible: kind"):
        survey.split("t1")


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([0, 20, 20, 20, 20], [0, 20, 20, 20, 20]),  # nothing small
        # one small cell, and the next with it: the total would give it away
        ([3, 20, 30, 25, 22], [None, None, 30, 25, 22]),
        ([3, 4, 30, 25, 22], [None, None, 30, 25, None]),  # two that are few together, and the next
    ],
)
def test_small_cells_are_withheld_with_a_complement(tmp_path, book, counts, shown):
    answers = np.repeat([1, 2, 3, 4, 5], counts)
    survey = read_survey(pd.DataFrame({"t1": answers, "t2": 6 - answers}), book)
    found = survey.distribution("TRUST").tidy()
    assert [None if n != n else int(n) for n in found["n"]] == shown
    assert found["share"].isna().tolist() == [n is None for n in shown]


@pytest.mark.parametrize(("sizes", "shown"), [((10, 30), [10, 30]), ((9, 30), [None, None])])
def test_small_segments_are_withheld_with_what_would_give_them_away(book, sizes, shown):
    frame = pd.DataFrame({"t1": 3, "t2": 3, "kind": np.repeat([1, 2], sizes)})
    found = read_survey(frame, book).composition(["TRUST"]).tidy()
    assert found["segment"].tolist() == ["small", "large"]
    for column in ("n_rows", "n_complete"):
        assert [None if n != n else int(n) for n in found[column]] == shown


def test_who_is_excluded_is_the_users_choice_and_is_counted():
    items = {f"q{i}": Item(f"q{i}", {"en": "", "nl": ""}, range=(1, 5), reverse=i == 8) for i in range(1, 10)}
    items |= {"time": Item("time", {"en": "", "nl": ""}, role="duration")}
    items |= {"who": Item("who", {"en": "", "nl": ""}, role="respondent")}
    rule = Combination("a", {"en": "", "nl": ""}, {"q1": (1,), "q8": {"from": 5}})
    book = Codebook("b", {}, items, {}, {"en": "", "nl": ""}, impossible={"a": rule})
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.integers(1, 6, size=(60, 9)), columns=[f"q{i}" for i in range(1, 10)])
    frame = frame.assign(q8=3, time=600, who=[f"r{i}" for i in range(60)])
    frame.iloc[0, :9] = 4  # a straight line, the reversed q8 with it
    frame.iloc[2, :9] = frame.iloc[1, :9]
    frame.loc[3, "time"] = 299
    frame.loc[4, "time"] = 300  # half the median is not under it
    frame.loc[[5, 6], ["q1", "q8"]] = [[1, 5], [1, 4]]
    frame.loc[7, "who"] = "r6"
    survey = read_survey(frame, book)
    assert survey.excluded == {} and len(survey.frame) == 60
    kept = survey.excluding(*SCREENS)
    one_each = dict.fromkeys(SCREENS, 1)
    assert kept.excluded == one_each and len(kept.frame) == 55
    sample = kept.sample(["q1"])
    assert [sample.stat(name).value for name in ("n_rows", "n_excluded", "n_complete", "n_left_out")] == [60, 5, 55, 5]
    flow = sample.flow().tidy().set_index("term")["n"].to_dict()
    assert flow == {"asked": 60, **one_each, "incomplete": 0, "used": 55}
    assert "excluded for speeding: 1 of 59 rows" in kept.provenance.steps
    with pytest.raises(UnknownName, match="rule 'speed' does not exist; did you mean 'speeding'?"):
        survey.excluding("speed")
    with pytest.raises(DataError, match="excluding straight_lining leaves no respondent"):
        read_survey(frame.assign(**{name: 2 for name in book.items if name[0] == "q"}), book).excluding(
            "straight_lining"
        )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1,5,3", "soso,5,3", "column 't1' holds text in 1 of 5 rows ('soso'). If it means 'no answer', add it to the missing codes of t1 in the codebook; otherwise correct it in the file."),
        ("1,5,3", "6,5,3", "column 't1' holds 6 in 1 of 5 rows; the codebook allows 1 to 5. If it means 'no answer', add it to the missing codes of t1; otherwise correct its range or the file."),
        ("1.5,1", "1.5,3", "column 'kind' holds 3 in 1 of 5 rows; the codebook allows 1, 2. If it means 'no answer', add it to the missing codes of kind; otherwise correct its range or the file."),
        ("t1,t2", "t1,t1", "the header 't1' stands more than once. Rename one of the columns."),
        ("t1,t2,p1,l1,wt,kind", "q1,q2,q3,q4,q5,q6", "none of its columns is in the codebook 'shop'. The file has q1, q2, q3, q4, q5, q6; the codebook has t1, t2, p1, l1, wt, kind."),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_the_way_out(tmp_path, book, old, new, message):
    with pytest.raises(DataError) as caught:
        survey_of(tmp_path, book, CSV.replace(old, new, 1))
    assert str(caught.value) == f"shop.csv: {message}"


def test_nobodys_own_words_are_repeated(tmp_path, book):
    with pytest.raises(DataError) as caught:
        survey_of(tmp_path, book, CSV.replace("1,5,3,10", "my neighbour told me so,5,3,10"))
    assert "holds text in 1 of 5 rows (a longer text)" in str(caught.value) and "neighbour" not in str(caught.value)


def test_a_report_on_a_handful_is_refused(tmp_path, book):
    path = write(tmp_path / "shop.csv", CSV)
    with pytest.raises(DataError, match="only kind=large: fewer than 10 respondents are left"):
        read_data(str(path), str(tmp_path / "shop.yml"), only="kind=large")


def test_all_problems_are_named_at_once(tmp_path, book):
    with pytest.raises(DataError) as caught:
        survey_of(tmp_path, book, CSV.replace("1,5,3,10", "7,x,3,11"))
    assert [line.split("'")[1] for line in str(caught.value).splitlines()] == ["t1", "t2", "l1"]


def test_other_refusals(tmp_path, book):
    with pytest.raises(DataError, match="has headers but no rows"):
        survey_of(tmp_path, book, "t1,t2\n")
    with pytest.raises(DataError, match="cannot be read as csv"):
        survey_of(tmp_path, book, "")
    with pytest.raises(DataError, match=r"files of type '\.docx' are not read"):
        read_survey(write(tmp_path / "shop.docx", CSV), book)
    with pytest.raises(DataError, match="is not a file here"):
        read_survey(tmp_path / "none.csv", book)
    (tmp_path / "latin.csv").write_bytes("t1,t2\n1,é\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"latin.csv: column 't2' holds text in 1 of 1 rows \('é'\)"):
        read_survey(tmp_path / "latin.csv", book)
    with pytest.raises(DataError, match="cannot be read as parquet"):
        read_survey(write(tmp_path / "bad.parquet", "no"), book)
    with pytest.raises(UnknownName, match=r"weight column 'wight' does not exist; did you mean 'Weight' \(wt\)"):
        survey_of(tmp_path, book, weight="wight")
    with pytest.raises(UnknownName, match="missing rule 'mean' does not exist"):
        survey_of(tmp_path, book, missing="mean")
    with pytest.raises(DataError, match="TRUST cannot be scored: the file has no column t2"):
        survey_of(tmp_path, book, "t1,l1\n1,2\n3,4\n").moments(["TRUST"])


def test_missing_codes_are_not_a_nicety(corp_rep_file):
    """Left in as a number, −99 turns LIKE → CUSA of .435 into about −.05."""
    book = read_codebook("corporate_reputation")
    raw = pd.read_csv(corp_rep_file)
    naive = raw.assign(
        LIKE=raw[["like_1", "like_2", "like_3"]].mean(axis=1), COMP=raw[["comp_1", "comp_2", "comp_3"]].mean(axis=1)
    )
    x = naive[["LIKE", "COMP", "cusa"]].corr().to_numpy()
    assert np.linalg.solve(x[:2, :2], x[:2, 2])[0] == pytest.approx(-0.05, abs=0.01)
    survey = read_survey(corp_rep_file, book)
    assert {name: survey.cells_missing[name] for name in ("cusa", "cusl_1", "cusl_2", "cusl_3")} == {
        "cusa": 1,
        "cusl_1": 3,
        "cusl_2": 4,
        "cusl_3": 3,
    }
    assert len(survey.frame) == 344 and {
        name: len(part.frame) for name, part in survey.split("servicetype").items()
    } == {"prepaid": 125, "contract": 219}


def test_the_switching_columns_are_recoded_quality_items(corp_rep_file):
    """The codebook keeps SWITCH out of the drivers because of this; if it ever changes, so should the codebook."""
    raw = pd.read_csv(corp_rep_file)
    for switch, quality in (
        ("switch_1", "qual_6"),
        ("switch_2", "qual_7"),
        ("switch_3", "qual_5"),
        ("switch_4", "qual_6"),
    ):
        assert raw.groupby(quality)[switch].nunique().max() == 1
    assert read_codebook("corporate_reputation").scales["SWITCH"].role == ""


def test_read_data_knows_names_tables_and_files(tmp_path, book, corp_rep_file):
    assert read_data("corp_rep").has_rows and read_data("mobi").has_rows
    assert not read_data("hedonic_utilitarian").has_rows
    head, *rows = CSV.splitlines(keepends=True)
    write(tmp_path / "shop.csv", head + "".join(rows * 5))
    assert read_data(str(tmp_path / "shop.csv"), str(tmp_path / "shop.yml"), only="kind=large").frame.shape[0] == 15
    with pytest.raises(UnknownName, match="needs a codebook"):
        read_data(str(tmp_path / "shop.csv"))
    with pytest.raises(UnknownName, match="data 'corp_rap' does not exist; did you mean 'corp_rep'"):
        read_data("corp_rap")
    with pytest.raises(DataError, match="no respondents to weight, group or choose from"):
        read_data("hedonic_utilitarian", weight="wt")


def test_without_the_rows_the_published_table_stands_in_and_says_so(monkeypatch):
    monkeypatch.setattr("loyaltylab.survey.open.find_spec", lambda name: None)
    table = read_data("corp_rep")
    assert not table.has_rows and "seminr" in table.note["en"] and "seminr" in table.note["nl"]
    assert table.provenance.tier == "published"
    used = ["CUSL", *[n for members in table.codebook.blocks().values() for n in members]]
    assert table.moments(used).n == 344
    assert input_files("corp_rep")["data"].name == "corporate_reputation.yml"


def test_input_files_are_those_that_are_read(tmp_path, corp_rep_file):
    assert {k: v.name for k, v in input_files("corp_rep").items()} == {
        "data": "corp_rep_data.csv",
        "codebook": "corporate_reputation.yml",
    }
    assert {k: v.name for k, v in input_files("hedonic_utilitarian").items()} == {
        "data": "hedonic_utilitarian.yml",
        "codebook": "hedonic_utilitarian.yml",
    }
    mine = {"data": write(tmp_path / "shop.csv", CSV), "codebook": write(tmp_path / "shop.yml", GOOD)}
    assert input_files(*map(str, mine.values())) == mine


def test_rows_without_a_weight_or_a_cluster_are_left_out_and_counted_as_check_says():
    book = parsed_codebook(
        "{title: t, source: s, items: {a: {range: [1, 5], role: driver, block: rational}, y: {range: [1, 5], role: outcome}, "
        "w: {role: weight}, tak: {role: cluster}}}",
        "shop",
    )
    frame = pd.DataFrame(
        {
            "a": [1, 2, 3, 4, 5] * 8,
            "y": [2, 1, 3, 5, 4] * 8,
            "w": [1.0, 2.0] * 20,
            "tak": [f"t{i % 12}" for i in range(40)],
        }
    )
    frame.loc[:2, "w"], frame.loc[[5, 6], "tak"] = np.nan, None
    survey = read_survey(frame, book, weight="w", cluster="tak")
    assert len(survey.frame) == 35 and survey.excluded == {"unweighted": 3, "unclustered": 2}
    assert (
        survey.sample(["a", "y"]).stat("n_clusters").value == 12 and survey.draws(["a", "y"], n_draws=100).n.max() > 0
    )
    told = {f.check: f.n_rows for f in check_survey(frame, book).found}
    assert told["missing_weight"] == 3 and told["missing_cluster"] == 2
    with pytest.raises(DataError, match="weight 'w' is blank in every row"):
        read_survey(frame.assign(w=np.nan), book, weight="w")


def test_no_outcome_is_said_in_words_and_what_could_be_one():
    book = parsed_codebook("{title: t, source: s, items: {a: {range: [1, 5]}, b: {range: [1, 5]}}}", "shop")
    survey = read_survey(pd.DataFrame({"a": [1, 2, 5], "b": [3, 4, 2]}), book)
    with pytest.raises(CodebookError, match="names no outcome. Give one item or scale 'role: outcome'.*possible: a, b"):
        outcome_of(survey)
    assert outcome_of(survey, "b") == "b" and outcome_of(survey, "", "nobody", "a") == "a"


def test_no_alpha_of_a_check_is_above_one_whatever_is_missing():
    book = parsed_codebook(
        "{title: t, source: s, items: {a1: {range: [1, 7]}, a2: {range: [1, 7]}, a3: {range: [1, 7]}}, "
        "scales: {A: {items: [a1, a2, a3], min_answered: 1}}}",
        "shop",
    )
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a1": rng.integers(1, 8, 300)}).astype(float)
    frame["a2"] = np.where(np.isin(frame["a1"], [1, 7]), frame["a1"], np.nan)
    frame["a3"] = np.where(np.isin(frame["a1"], [1, 7]), 8 - frame["a1"].clip(2, 6), np.nan)
    found = [f for f in check_survey(frame, book).found if "alpha" in f.fields]
    assert all(f.fields["alpha"] <= 1 and f.fields.get("standardised", 0) <= 1 for f in found)


def test_answers_written_as_spss_read_back_with_their_labels(tmp_path):
    text = (
        "{title: t, source: s, items: {a: {range: [1, 5], reverse: true, label: Alfa, role: driver, block: rational}, "
        "b: {format: five}, land: {role: segment, values: {NL: nl, BE: be}}}, "
        "formats: {five: {range: [1, 5], labels: {1: low, 5: high}}}}"
    )
    book = parsed_codebook(text, "shop")
    frame = pd.DataFrame({"a": [1, 2, 5, np.nan], "b": [3, 4, 5, 1], "land": ["NL", "BE", "NL", None]})
    survey = read_survey(frame, book)
    path = survey.to_sav(tmp_path / "shop.sav")
    pd.testing.assert_frame_equal(read_survey(path, book).frame, survey.frame, check_dtype=False)
    raw = read_raw(path)
    assert raw.titles["a"] == "Alfa" and raw.labels["land"] == {"NL": "nl", "BE": "be"}
    assert raw.labels["b"][5].endswith("high") and raw.frame["a"].tolist()[:3] == [1, 2, 5]
    with pytest.raises(DataError, match="ends in .sav"):
        survey.to_sav(tmp_path / "shop.csv")


def test_parquet_says_what_to_install_where_it_cannot_be_read(tmp_path, monkeypatch):
    pd.DataFrame({"joy": [1, 2]}).to_parquet(tmp_path / "shop.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(DataError) as refused:
        read_raw(tmp_path / "shop.parquet")
    assert str(refused.value) == (
        "shop.parquet: reading parquet needs the extra 'parquet': pip install 'loyaltylab[parquet]'."
    )


def test_simulated_respondents_are_written_without_parquet_where_it_cannot_be(tmp_path, monkeypatch):
    monkeypatch.setattr(simulation, "find_spec", lambda name: None)
    assert [path.name for path in simulation.build(tmp_path, n=90)] == ["simulated.csv", "simulated.sav"]
