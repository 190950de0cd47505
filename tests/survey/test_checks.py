"""Every check finds its own trap in a small made-up survey, and nothing in a sound one."""

import json

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from typer.testing import CliRunner

from loyaltylab import check_survey, read_survey, reliability
from loyaltylab.cli.commands import app
from loyaltylab.codebook.book import parsed_codebook
from loyaltylab.codebook.findings import CHECKS, SEVERITIES, Finding
from loyaltylab.core.errors import DataError
from loyaltylab.core.rules import RULES
from loyaltylab.kernels.sums import pairwise
from loyaltylab.survey.checks.check import FINDERS

BOOK = """
title: Made up
source: made up for a test
tier: synthetic
defaults: {range: [1, 7], missing: [99]}
items:
  j1: {}
  j2: {}
  j3: {}
  p1: {}
  p2: {}
  p3: {}
  s1: {}
  s2: {}
  s3: {}
  age: {range: [16, 99], missing: [], role: covariate}
  wt: {missing: [], role: weight}
  branch: {role: cluster}
  who: {role: respondent}
  time: {missing: [], role: duration}
  size: {role: segment, values: {1: small, 2: large}}
scales:
  JOY: {items: [j1, j2, j3], role: driver, block: emotional}
  PRICE: {items: [p1, p2, p3], role: driver, block: rational}
  STAY: {items: [s1, s2, s3], role: outcome}
"""
#: What a sound file still gives: things to know, not to mend.
ALWAYS = {("unused_weight", "wt"), ("clustered_rows", "branch")}


@pytest.fixture
def sound():
    """200 respondents, three scales with an alpha of about .9 that correlate about .3."""
    rng = np.random.default_rng(7)
    n = 200
    common = rng.normal(size=(n, 1)) * 0.5
    frame = pd.DataFrame({"who": [f"r{i}" for i in range(n)]})
    for scale in "jps":
        trait = common + rng.normal(size=(n, 1)) * 0.8
        answers = np.clip(np.round(4 + 1.5 * trait + 0.6 * rng.normal(size=(n, 3))), 1, 7)
        frame[[f"{scale}{i}" for i in (1, 2, 3)]] = answers
    return frame.assign(
        age=rng.integers(18, 90, n),
        wt=rng.uniform(0.5, 1.5, n).round(2),
        branch=np.arange(n) % 20,
        time=rng.integers(400, 800, n),
        size=np.arange(n) % 2 + 1,
    )


def put(frame, column, rows, value):
    """The frame with another value in the first `rows` rows of a column."""
    frame = frame.copy()
    frame[column] = frame[column].astype(object) if isinstance(value, str) else frame[column]
    frame.loc[: rows - 1, column] = value
    return frame


def noisy(frame, column):
    """The frame with a column that has nothing to do with the others."""
    return frame.assign(**{column: np.random.default_rng(5).integers(1, 8, len(frame)).astype(float)})


def without(text, old, new=""):
    assert old in text
    return text.replace(old, new)


#: Check → a change of the file, of the codebook, and where how many rows are found.
TRAPS = {
    "absent_column": (lambda f: f.drop(columns="j3"), None, "j3", None),
    "unknown_column": (lambda f: f.assign(remark="good"), None, "", None),
    "empty_column": (lambda f: f.assign(age=np.nan), None, "age", 200),
    "constant_column": (lambda f: f.assign(s1=4.0), None, "s1", 200),
    "same_column": (lambda f: f.assign(j2=8 - f["j1"]), None, "j2", 200),
    "computed_column": (lambda f: f.assign(joy=(f["j1"] + f["j2"] + f["j3"]) / 3), lambda b: without(b, "  who: {role: respondent}", "  who: {role: respondent}\n  joy: {}"), "joy", 200),
    "tick_list": (lambda f: f.assign(a=f["j1"] % 2, b=f["j2"] % 2, c=f["p1"] % 2), lambda b: without(b, "  who: {role: respondent}", "  who: {role: respondent}\n" + "".join(f"  {x}: {{range: [0, 1], missing: []}}\n" for x in "abc").rstrip()), "", None),
    "lost_rows": (lambda f: put(f.drop(columns="j3").assign(j3=99.0), "s1", 30, 99).assign(s2=lambda g: g["s1"], s3=lambda g: g["s1"]), None, "", 30),
    "formula_cell": (lambda f: put(f, "branch", 3, "=1+1"), None, "branch", 3),
    "text_among_numbers": (lambda f: put(f, "j1", 4, "BLANK"), None, "j1", 4),
    "outside_range": (lambda f: put(f, "s2", 5, -99), None, "s2", 5),
    "unlisted_answer": (lambda f: f.assign(land=np.where(np.arange(200) < 12, "DE", "NL")), lambda b: without(b, "  who: {role: respondent}", "  who: {role: respondent}\n  land: {role: segment, values: {NL: nl}}"), "land", 12),
    "alike_answers": (lambda f: f.assign(region=np.where(np.arange(200) < 80, "North", np.where(np.arange(200) < 160, "north ", "South"))), lambda b: without(b, "  who: {role: respondent}", "  who: {role: respondent}\n  region: {role: segment}"), "region", 160),
    "two_answers": (lambda f: f.assign(again=np.arange(200) % 2), lambda b: without(b, "  who: {role: respondent}", "  who: {role: respondent}\n  again: {range: [0, 10], missing: []}"), "again", 200),
    "likely_missing": (lambda f: put(f, "age", 6, 999), lambda b: without(b, "{range: [16, 99], missing: [], role: covariate}", "{range: null, role: covariate}"), "age", 6),
    "nonresponse": (lambda f: put(f, "p1", 21, 99), None, "p1", 21),
    "straight_lining": (lambda f: put(put(f, "j1", 200, f["j1"]), [c + i for c in "jps" for i in "123"], 7, 3), None, "", 7),
    "speeding": (lambda f: put(f, "time", 8, 100), None, "time", 8),
    "same_answers": (lambda f: pd.concat([f, f.head(9)], ignore_index=True).assign(who=lambda g: [f"r{i}" for i in range(len(g))]), None, "", 9),
    "repeated_respondent": (lambda f: put(f, "who", 4, "r9"), None, "who", 4),
    "test_rows": (lambda f: put(f.assign(DistributionChannel="anonymous"), "DistributionChannel", 4, "preview"), None, "DistributionChannel", 4),
    "unfinished": (lambda f: put(f.assign(Voortgang=100), "Voortgang", 7, 30), None, "Voortgang", 7),
    "impossible": (lambda f: put(put(f, "age", 3, 16), "j1", 3, 7), lambda b: b + "impossible:\n  child: {label: happy child, answers: {age: {to: 17}, j1: [7]}}\n", "child", 3),
    "unreversed_item": (lambda f: f.assign(p2=8 - f["p2"]), None, "p2", None),
    "against_block": (lambda f: f.assign(**{f"p{i}": 8 - f[f"p{i}"] for i in (1, 2, 3)}), lambda b: without(b, "block: rational", "block: emotional"), "PRICE", None),
    "against_outcome": (lambda f: f.assign(**{f"p{i}": 8 - f[f"p{i}"] for i in (1, 2, 3)}), None, "PRICE", None),
    "bad_item": (lambda f: noisy(f, "j3"), None, "j3", None),
    "low_reliability": (lambda f: noisy(noisy(f, "j3"), "j2").assign(j2=lambda g: g["j2"].sample(frac=1, random_state=1).to_numpy()), None, "JOY", 200),
    "alpha_kinds": (lambda f: noisy(f, "s3").assign(s1=lambda g: g["s1"].clip(3, 5)), None, "STAY", None),
    "mixed_ranges": (lambda f: f.assign(s3=f["s3"].clip(1, 5)), None, "s3", None),
    "one_construct": (lambda f: f.assign(**{f"p{i}": np.clip(f[f"j{i}"].sample(frac=1, random_state=i).where(np.arange(200) < 12, f["j2"]), 1, 7) for i in (1, 2, 3)}), None, "PRICE", None),
    "criterion_overlap": (lambda f: f, lambda b: without(b, "[p1, p2, p3]", "[p1, p2, s1]"), "s1", None),
    "single_factor": (lambda f: f.assign(**{f"{c}{i}": np.clip(f["j1"] + (np.arange(200) * k) % 3 - 1, 1, 7) for k, c in enumerate("jps", 1) for i in (2, 3)}), None, "", None),
    "more_drivers_than_rows": (lambda f: f.head(3), None, "", 3),
    "few_rows_per_driver": (lambda f: f.head(12), None, "", 12),
    "few_rows_for_shares": (lambda f: f.head(60), None, "", 60),
    "negative_weight": (lambda f: put(f, "wt", 2, -1.0), None, "wt", 2),
    "missing_weight": (lambda f: put(f, "wt", 2, np.nan), None, "wt", 2),
    "missing_cluster": (lambda f: put(f, "branch", 2, np.nan), None, "branch", 2),
    "zero_weights": (lambda f: f.assign(wt=0.0), None, "wt", 200),
    "weight_effect": (lambda f: put(f, "wt", 2, 200.0), None, "wt", 200),
    "unused_weight": (lambda f: f, None, "wt", None),
    "clustered_rows": (lambda f: f, None, "branch", None),
    "tiny_segment": (lambda f: f.assign(size=np.where(np.arange(200) < 9, 1, 2)), None, "size", None),
}  # fmt: skip
#: Checks of what only a file of some format has.
OF_FILES = {"how_read", "padded_header", "labelled_missing", "marked_missing", "guessed_missing"}


def seen(frame, text=BOOK):
    found = check_survey(frame, parsed_codebook(text, "made_up"))
    return {(f.check, f.where): f.n_rows for f in found.found}


def test_every_check_has_a_function_and_a_trap():
    assert {*FINDERS, "text_among_numbers", "outside_range", "unlisted_answer"} == {*CHECKS} == {*TRAPS} | OF_FILES


def test_nothing_is_found_in_a_sound_file(sound):
    assert {*seen(sound)} == ALWAYS


@pytest.mark.slow
@pytest.mark.parametrize("check", TRAPS)
def test_the_trap_is_found_where_it_is(sound, check):
    change, rewrite, where, n_rows = TRAPS[check]
    found = seen(change(sound), rewrite(BOOK) if rewrite else BOOK)
    assert (check, where) in found, found
    assert found[check, where] == n_rows
    if check not in ("unused_weight", "clustered_rows"):
        assert check not in {name for name, _ in seen(sound)}


def test_file_traps(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_bytes("j1 ;wt\n1;0,5\n2;1,5\n3;0,7\n".encode("cp1252"))
    book = parsed_codebook("title: t\nsource: s\nitems: {j1: {range: [1, 7]}, wt: {role: weight}}", "b")
    found = {(f.check, f.where) for f in check_survey(path, book).found}
    assert {("padded_header", "j1"), ("how_read", "")} <= found
    sav = tmp_path / "a.sav"
    frame = pd.DataFrame({"j1": [1.0, 2, 8, 9, 9]})
    labels = {"j1": {1.0: "never", 8.0: "weet niet", 9.0: "geen antwoord"}}
    pyreadstat.write_sav(frame, sav, variable_value_labels=labels, missing_ranges={"j1": [9]})
    found = {(f.check, f.where): f.n_rows for f in check_survey(sav, parsed_codebook("title: t\nsource: s\nitems: {j1: {range: [1, 8]}}", "b")).found}  # fmt: skip
    assert found == {("labelled_missing", "j1"): 1, ("marked_missing", "j1"): 2, ("nonresponse", "j1"): 2}


@pytest.mark.slow
def test_words_of_every_check_in_both_languages(sound):
    for check, (change, rewrite, _, _) in TRAPS.items():
        book = parsed_codebook(rewrite(BOOK) if rewrite else BOOK, "made_up")
        for finding in check_survey(change(sound), book).found:
            if finding.check == check:
                english, dutch = (f"{finding.what(language)} {finding.todo(language)}" for language in ("en", "nl"))
                assert english != dutch and "{" not in english + dutch, finding


def test_numbers_in_words_follow_the_language():
    finding = Finding("nonresponse", "j1", 1234, {"part": 0.127, "rule": 0.1})
    assert finding.what() == "13% did not answer (more than 10%)"
    kinds = Finding("alpha_kinds", "JOY", None, {"alpha": 0.8272, "standardised": 0.831})
    assert kinds.what("nl") == "ruwe alfa is 0,827, gestandaardiseerd 0,831"


def test_every_threshold_names_its_source():
    assert all(len(reference) > 10 for _, reference in RULES.values())
    assert {check.severity for check in CHECKS.values()} == {*SEVERITIES}


def test_worst_comes_first_and_counts_add_up(sound):
    found = check_survey(put(put(sound, "j1", 4, 12), "time", 3, 1), parsed_codebook(BOOK, "made_up"))
    kinds = found.tidy()["severity"].tolist()
    assert kinds == sorted(kinds, key=list(SEVERITIES).index) and kinds[0] == "error" and not found.ok
    assert sum(found.stat(f"n_{kind}s").value for kind in SEVERITIES) == len(kinds)


@pytest.mark.slow
def test_a_sound_check_means_a_file_that_can_be_read(sound):
    book = parsed_codebook(BOOK, "made_up")
    for change, rewrite, _, _ in TRAPS.values():
        changed = parsed_codebook(rewrite(BOOK), "made_up") if rewrite else book
        frame = change(sound)
        if check_survey(frame, changed).ok:
            read_survey(frame, changed)


def test_alpha_of_the_checks_is_that_of_reliability(sound):
    book = parsed_codebook(BOOK, "made_up")
    frame = noisy(sound, "j3")
    scales = {"JOY": book.scales["JOY"].items}
    survey = read_survey(frame, book)
    expected = reliability(survey.moments(scales["JOY"]), scales).value(("JOY", "alpha")).value
    [finding] = [f for f in check_survey(frame, book).found if f.check == "bad_item"]
    assert finding.fields["alpha"] == pytest.approx(expected, abs=1e-6)


def test_pairwise_sums_equal_pandas(sound):
    frame = sound[["j1", "p2", "s3", "age"]].astype(float)
    frame = frame.mask(np.random.default_rng(2).random(frame.shape) < 0.2)
    n, cov, corr = pairwise([frame[name].to_numpy() for name in frame], rows=33)
    there = frame.notna().astype(float).to_numpy()
    np.testing.assert_array_equal(n, there.T @ there)
    sd = np.sqrt(np.diag(cov))
    by_pair = np.array([[frame[[a, b]].dropna().cov(ddof=0).iloc[0, -1] for b in frame] for a in frame])
    np.testing.assert_allclose(corr, frame.corr(), atol=1e-5)
    np.testing.assert_allclose(cov / np.outer(sd, sd), by_pair / np.outer(sd, sd), atol=1e-5)


@pytest.mark.slow
def test_the_real_survey_tells_what_is_wrong_with_it(corp_rep_file):
    found = {(f.check, f.where) for f in check_survey("corp_rep").found}
    assert {("same_column", f"switch_{i}") for i in (1, 2, 3, 4)} <= found, "recodings of the quality items"
    assert {("bad_item", "CUSL2"), ("low_reliability", "LOY")} <= {
        (f.check, f.where) for f in check_survey("mobi").found
    }


def test_simulated_respondents_are_checked_like_any_and_stay_synthetic():
    found = check_survey("simulated n=600 seed=3")
    assert found.ok and found.n_all == 600 and found.provenance.tier == "synthetic"


def test_a_published_table_has_no_rows_to_check():
    with pytest.raises(DataError, match="'hedonic_utilitarian' is a published table; it has no rows to check"):
        check_survey("hedonic_utilitarian")


# ---- the command line


@pytest.fixture
def files(tmp_path, sound, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sound.to_csv("good.csv", index=False)
    put(sound, "j1", 4, 12).to_csv("bad.csv", index=False)
    (tmp_path / "book.yml").write_text(BOOK)
    return tmp_path


def test_check_prints_what_a_person_can_act_on(files):
    good = CliRunner().invoke(app, ["check", "good.csv", "--codebook", "book.yml"])
    assert good.exit_code == 0 and "good.csv · 200 rows" in good.output
    assert good.output.rstrip().endswith("It can be used. To weigh: 0 warnings, 2 notes.")
    bad = CliRunner().invoke(app, ["check", "bad.csv", "-c", "book.yml", "--language", "nl"])
    text = " ".join(bad.output.split())
    assert bad.exit_code == 1
    assert "fout kolom 'j1' bevat 12 in 4 van de 200 rijen; het codeboek staat 1 tot 7 toe → Betekent het" in text
    assert "Het is zo niet bruikbaar: 1 fout te verhelpen." in text


def test_check_as_json(files):
    bad = CliRunner().invoke(app, ["check", "bad.csv", "-c", "book.yml", "--json"])
    told = json.loads(bad.output)
    assert bad.exit_code == 1 and told["ok"] is False and told["n_errors"] == 1
    assert told["findings"][0] | {"what": "", "todo": ""} == {
        "severity": "error", "check": "outside_range", "where": "j1", "n_rows": 4, "what": "", "todo": ""
    }  # fmt: skip
    none = CliRunner().invoke(app, ["check", "none.csv", "--json"])
    assert none.exit_code == 1 and "is not a file here" in json.loads(none.output)["error"]


@pytest.mark.slow
def test_draft_then_check(files):
    drafted = CliRunner().invoke(app, ["codebook", "draft", "good.csv"])
    assert drafted.exit_code == 0 and "Draft: good.yml" in drafted.output
    assert CliRunner().invoke(app, ["check", "good.csv", "-c", "good.yml"]).exit_code == 0
    again = CliRunner().invoke(app, ["codebook", "draft", "good.csv"])
    assert "'good.yml' is there already" in str(again.exception)
    guessed = CliRunner().invoke(app, ["check", "good.csv"])
    assert guessed.exit_code == 0 and "No codebook was given" in guessed.output
