"""Exports in the shapes of survey tools go from file to draft to check to drivers, in English and Dutch, without an edit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from loyaltylab import check_survey, importance, read_codebook, read_survey
from loyaltylab.codebook import Codebook, flatten
from loyaltylab.codebook.book import parsed_codebook
from loyaltylab.core import LoyaltyLabError, listed
from loyaltylab.loyalty import ticked_shares
from loyaltylab.reports import reports_on
from loyaltylab.survey import draft_codebook, outcome_of

from ..conftest import write
from ..runs import told_by_hand

N = 160
EN = [
    "I trust this brand",
    "I feel at home with them",
    "The price is fair",
    "Delivery is quick",
    "I will stay a customer",
]
NL = ["Ik vertrouw dit merk", "Ik voel me er thuis", "De prijs is redelijk", "Ze leveren snel", "Ik blijf klant"]
AGREE = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
EENS = ["Helemaal mee oneens", "Mee oneens", "Neutraal", "Mee eens", "Helemaal mee eens"]
SATISFIED = ["Zeer ontevreden", "Ontevreden", "Niet tevreden, niet ontevreden", "Tevreden", "Zeer tevreden"]
LIKELY = "How likely is it that you would recommend us to a friend?"
AANBEVELEN = "Hoe waarschijnlijk is het dat u ons aanbeveelt?"


def answers(points: int = 5, tens: bool = True) -> pd.DataFrame:
    """Made-up answers to four drivers, of staying and, from 0 to 10, of recommending."""
    rng = np.random.default_rng(11)
    liking, reason = rng.normal(size=(2, N))
    traits = [liking, liking, reason, reason, liking + 0.6 * reason]
    columns = {
        f"q{i}": np.clip(np.round((points + 1) / 2 + points / 5 * (x + 0.7 * rng.normal(size=N))), 1, points).astype(
            int
        )
        for i, x in enumerate(traits, start=1)
    }
    nps = np.clip(np.round(6 + 1.6 * (liking + 0.5 * reason) + rng.normal(size=N)), 0, 10).astype(int)
    return pd.DataFrame(columns | ({"q6": nps} if tens else {}))


def worded(words: list[str], frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """The answers to the first five in words."""
    frame = answers() if frame is None else frame
    return frame.assign(**{f"q{i}": [words[code - 1] for code in frame[f"q{i}"]] for i in range(1, 6)})


def csv(frame: pd.DataFrame, **options: object) -> Callable[[Path], None]:
    return lambda path: frame.to_csv(path, index=False, **options)


def rows_above(frame: pd.DataFrame, *rows: list) -> pd.DataFrame:
    return pd.concat(
        [pd.DataFrame([row for row in rows], columns=frame.columns), frame.astype(object)], ignore_index=True
    )


def qualtrics(texts: list[str], last: str, words: list[str] | None = None, keys: bool = True) -> pd.DataFrame:
    frame = (worded(words) if words else answers()).rename(columns={f"q{i}": f"Q{i}" for i in range(1, 7)})
    frame.insert(0, "ResponseId", [f"R_{i}" for i in range(N)])
    frame.insert(0, "StartDate", "2026-01-05 10:00:00")
    frame["Duration (in seconds)"] = np.arange(N) * 3 + 120
    titles = ["Start Date", "Response ID", *texts, last, "Duration (in seconds)"]
    second = [[f'{{"ImportId":"QID{i}"}}' for i in range(len(frame.columns))]] if keys else []
    return rows_above(frame, titles, *second)


def surveymonkey(texts: list[str], question: str, last: str, words: list[str]) -> pd.DataFrame:
    frame = worded(words).astype(object)
    first = ["Respondent ID", question, "", "", "", "", last]
    second = ["", *texts, "Response"]
    body = [[10_000 + i, *row] for i, row in enumerate(frame.to_numpy().tolist())]
    return pd.DataFrame([second, *body], columns=first)


def forms(texts: list[str], words: list[str], last: str, stamp: str) -> pd.DataFrame:
    frame = worded(words).set_axis([*texts, last], axis=1)
    frame.insert(0, stamp, "2026/01/05 10:00:00 a.m. CET")
    return frame


def kobo(words: list[str], texts: list[str]) -> pd.DataFrame:
    frame = worded(words).set_axis([f"mening/{text}" for text in texts] + ["mening/aanbevelen"], axis=1)
    frame["waarom"] = ["prijs gemak", "prijs"] * (N // 2)
    frame["waarom/prijs"], frame["waarom/gemak"] = 1, [1, 0] * (N // 2)
    return frame.assign(_id=np.arange(N) + 900, _submission_time="2026-01-05T10:00:00")


def sheet(frame: pd.DataFrame, average: bool = False) -> Callable[[Path], None]:
    def save(path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(list(frame.columns))
        for row in frame.to_numpy().tolist():
            book.active.append(row)
        if average:
            book.active.append([float(frame[name].mean()) for name in frame])
        book.save(path)

    return save


def spss(
    labels: dict[int, str], texts: list[str], frame: pd.DataFrame | None = None, **options: object
) -> Callable[[Path], None]:
    frame = answers() if frame is None else frame
    values = {f"q{i}": labels for i in range(1, 6)}
    names = dict(zip(frame.columns, [*texts, LIKELY], strict=False))
    return lambda path: pyreadstat.write_sav(
        frame.astype(float), str(path), column_labels=names, variable_value_labels=values, **options
    )


NUMBERS = {i + 1: word for i, word in enumerate(EENS)}
LONG_EN, LONG_NL = [f"q{i}. {t}" for i, t in enumerate(EN, 1)], [f"vraag{i}. {t}" for i, t in enumerate(NL, 1)]
TENS_EN = [
    f"{i} - {'Not at all likely' if i == 0 else 'Extremely likely'}" if i in (0, 10) else str(i) for i in range(11)
]

EXPORTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "Qualtrics, numbers": ("a.csv", csv(qualtrics(EN, LIKELY))),
    "Qualtrics, choice text": ("a.csv", csv(qualtrics(EN, LIKELY, AGREE))),
    "Qualtrics, Dutch choice text, tabs": ("a.tsv", csv(qualtrics(NL, AANBEVELEN, EENS), sep="\t", encoding="utf-16")),
    "Qualtrics of 2015, one extra row": ("a.csv", csv(qualtrics(EN, LIKELY, keys=False))),
    "LimeSurvey, codes": ("a.csv", csv(answers().rename(columns={f"q{i}": f"mening[SQ00{i}]" for i in range(1, 6)} | {"q6": "aanbevelen"}))),
    "LimeSurvey, codes and questions": ("a.csv", csv(answers().set_axis([*LONG_NL, f"aanbeveling1. {AANBEVELEN}"], axis=1), sep=";")),
    "LimeSurvey, whole answers": ("a.csv", csv(worded(EENS).set_axis([*NL, AANBEVELEN], axis=1), sep=";", encoding="utf-8-sig")),
    "SurveyMonkey, English": ("a.csv", csv(surveymonkey(EN, "How far do you agree?", LIKELY, AGREE))),
    "SurveyMonkey, Dutch, as a workbook": ("a.xlsx", sheet(surveymonkey(NL, "In hoeverre bent u het eens?", AANBEVELEN, EENS))),
    "Google Forms, English": ("a.csv", csv(forms(EN, AGREE, LIKELY, "Timestamp"))),
    "Google Forms, Dutch": ("a.csv", csv(forms(NL, EENS, AANBEVELEN, "Tijdstempel"))),
    "Google Forms, a grid": ("a.csv", csv(forms([f"Hoe tevreden bent u? [{t}]" for t in NL], SATISFIED, AANBEVELEN, "Tijdstempel"))),
    "Google Forms, ten with words": ("a.csv", csv(forms(EN, AGREE, LIKELY, "Timestamp").assign(**{LIKELY: [TENS_EN[c] for c in answers()["q6"]]}))),
    "KoBo, labels": ("a.csv", csv(kobo(EENS, NL), sep=";")),
    "KoBo, xlsx": ("a.xlsx", sheet(kobo(AGREE, EN))),
    "SPSS, labelled": ("a.sav", spss(NUMBERS, NL)),
    "SPSS, a bipolar scale": ("a.sav", spss({i - 2: w for i, w in enumerate(AGREE)}, EN, answers().assign(**{f"q{i}": answers()[f"q{i}"] - 3 for i in range(1, 6)}))),
    "SPSS, portable": ("a.por", lambda path: pyreadstat.write_por(answers().astype(float), str(path), column_labels=[*EN, LIKELY])),
    "SAS transport": ("a.xpt", lambda path: pyreadstat.write_xport(answers().astype(float), str(path), column_labels=dict(zip(answers().columns, [*NL, AANBEVELEN], strict=True)))),
    "Excel, Dutch numbers and a row of averages": ("a.xlsx", sheet(answers().set_axis([*NL, AANBEVELEN], axis=1), average=True)),
    "a Mac's csv": ("a.csv", lambda path: path.write_bytes(worded(EENS).assign(plaats="Eén dorp").set_axis([*NL, AANBEVELEN, "Plaats"], axis=1).to_csv(index=False, sep=";").encode("mac_roman"))),
}  # fmt: skip


@pytest.mark.parametrize("export", EXPORTS)
def test_an_export_runs_from_file_to_drivers_without_an_edit(tmp_path, export):
    name, save = EXPORTS[export]
    save(tmp_path / name)
    book = read_codebook(write(tmp_path / "drafted.yml", draft_codebook(tmp_path / name)))
    survey = read_survey(tmp_path / name, book)
    assert len(survey.frame) == N
    outcome = outcome_of(survey)
    blocks = book.blocks()
    wordless = export == "LimeSurvey, codes"  # codes alone tell no block, and two halves let a report run
    assert set(blocks) == ({"first", "last"} if wordless else {"emotional", "rational"}), blocks
    items = [item for driver in flatten(blocks) for item in book.items_of(driver)]
    expected = answers()[[f"q{i}" for i in range(1, 6 if wordless else 5)]].to_numpy(dtype=float)
    found = survey.frame[items].to_numpy(dtype=float)
    shift = 3 if "bipolar" in export else 0
    np.testing.assert_array_equal(found + shift, expected)
    metrics = sorted(item.metric for item in book.items.values() if item.metric)
    assert metrics == (["recommend"] if wordless else ["recommend", "repurchase"])
    shares = importance(survey, outcome, blocks, n_draws=100)
    assert 0.2 < shares.r_squared < 1
    checked = check_survey(tmp_path / name, book)
    assert checked.ok and {fit.report for fit in reports_on(checked) if not fit.runs} <= {"heart_head_wallet"}


TICKED = np.random.default_rng(4).random((N, 3)) < [0.6, 0.5, 0.4]
WHY = ["Price", "Quality", "Service"]


def ticked(sign: str, options: list[str] = WHY) -> list[str]:
    return [sign.join(option for option, is_it in zip(options, row, strict=True) if is_it) for row in TICKED]


def each(name: str, yes: object, no: object) -> dict[str, np.ndarray]:
    return {name.format(option, k + 1): np.where(TICKED[:, k], yes, no) for k, option in enumerate(WHY)}


def own_words(name: str) -> dict[str, np.ndarray]:
    return {name.format(option, k + 1): np.where(TICKED[:, k], option, "") for k, option in enumerate(WHY)}


NUMBER = np.round(np.linspace(1, 9, N), 3)
#: What tools put beside the questions → what a draft takes it for: left out, a box of 0 and 1 by itself or in a set, or a group of respondents.
BESIDE: dict[str, tuple[dict[str, object], str]] = {
    "Qualtrics' timers": ({f"Q6_{what}": NUMBER.round() for what in ("First Click", "Last Click", "Page Submit", "Click Count")}, "out"),
    "places": ({"LocationLatitude": NUMBER, "_locatie_longitude": NUMBER.round(), "Longitude": NUMBER, "_locatie_precision": NUMBER}, "out"),
    "LimeSurvey's pages and timers": ({"lastpage": 3, "seed": range(5, N + 5), "groupTime12": NUMBER, "G01Q01Time": NUMBER, "Laatste pagina": 3}, "out"),
    "KoBo's marks": ({"_index": range(1, N + 1), "__version__": "vK3", "_status": "submitted_via_web", "_uuid": [f"u{i}" for i in range(N)]}, "out"),
    "the group of a promoter": ({"Q5_NPS_GROUP": [1, 2, 3, 3] * (N // 4)}, "out"),
    "several answers in a cell, commas": ({"Why?": ticked(", ")}, "out"),
    "several answers in a cell, semicolons": ({"Why?": [f"{cell};" if cell else "" for cell in ticked(";")]}, "out"),
    "several codes in a cell": ({"Q7": ticked(",", ["1", "2", "3"])}, "out"),
    "several answers beside a column for each": ({"why": ticked(" ", ["price", "quality", "service"])} | each("why/{0}", 1, 0), "box"),
    "boxes of true and false": (each("why/{0}", "True", "False"), "box"),
    "boxes of yes and no in Dutch": (each("Waarom? [{0}]", "Ja", "Nee"), "box"),
    "boxes of codes": (each("G02Q04[SQ00{1}]", "Y", "N"), "box"),
    "boxes that hold their own words": (own_words("Q8_{1}"), "set"),
    "boxes of yes or nothing": (each("G02Q04[SQ00{1}]", "Y", ""), "set"),
    "boxes that hold a one or nothing": (each("Why? - {0}", "1", ""), "set"),
    "one question of yes and no": ({"Ever complained?": ["Yes", "No"] * (N // 2)}, "segment"),
    "a town": ({"City": ["Utrecht", "Zwolle"] * (N // 2)}, "segment"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BESIDE)
@pytest.mark.parametrize("door", ["csv", "frame"])
def test_what_tools_put_beside_the_questions_is_no_driver_and_no_group(tmp_path, kind, door):
    columns, taken_for = BESIDE[kind]
    frame = forms(EN, AGREE, LIKELY, "Timestamp").assign(**columns)
    frame.to_csv(tmp_path / "a.csv", index=False)
    data = tmp_path / "a.csv" if door == "csv" else frame
    book = read_codebook(write(tmp_path / "drafted.yml", draft_codebook(data, name="drafted")))
    assert book.blocks() == {"emotional": tuple(EN[:2]), "rational": tuple(EN[2:4])}
    whole = [name for name in columns if f"{name}/price" not in {*map(str.lower, columns)}]
    found = {name: book.items.get(name) for name in whole}
    sets = {box for one in book.sets.values() for box in one.items}
    assert {name: "out" if one is None else "set" if name in sets else "box" if one.range == (0, 1) and not one.role else one.role for name, one in found.items()} == dict.fromkeys(whole, taken_for)  # fmt: skip
    if taken_for in ("box", "set"):  # where a blank may be either, whoever ticked none may not have been asked
        asked = TICKED if taken_for == "box" else TICKED[TICKED.any(axis=1)]
        boxes = read_survey(data, book).frame[whole]
        np.testing.assert_allclose(boxes.mean().to_numpy(), asked.mean(axis=0))
        assert boxes.notna().sum().tolist() == [len(asked)] * len(whole)


def one_trait() -> pd.DataFrame:
    """The same four drivers where all who like also see reason: one scale, by its answers."""
    frame = answers()
    return frame.assign(
        q3=frame["q2"].where(frame.index % 3 > 0, frame["q3"]), q4=frame["q1"].where(frame.index % 3 > 1, frame["q4"])
    )


STEM = "How satisfied are you with our service?"
#: A matrix of both blocks, whose stem has a word of one: header → its question, as tools write them.
MATRIX = {
    "Qualtrics": [f"Q1_{i}" for i in range(1, 5)],
    "LimeSurvey": [f"G1Q1[SQ00{i}]. {STEM} [{text}]" for i, text in enumerate(EN[:4], 1)],
    "LimeSurvey, codes named by letters": [f"mening[SQ00{i}]. {STEM} [{text}]" for i, text in enumerate(EN[:4], 1)],
}


@pytest.mark.parametrize("door", ["csv", "frame"])
@pytest.mark.parametrize("tool", MATRIX)
def test_a_matrix_that_is_all_there_is_to_drive_is_taken_apart_by_its_wording(tmp_path, tool, door):
    stay, likely = ("Q2", "Q3") if tool == "Qualtrics" else (f"stay. {EN[4]}", f"G2Q2. {LIKELY}")
    frame = one_trait().set_axis([*MATRIX[tool], stay, likely], axis=1)
    if tool == "Qualtrics":
        frame = rows_above(frame, [*(f"{STEM} - {text}" for text in EN[:4]), EN[4], LIKELY])
    frame.to_csv(tmp_path / "a.csv", index=False)
    data = tmp_path / "a.csv" if door == "csv" else frame
    book = read_codebook(write(tmp_path / "drafted.yml", draft_codebook(data, name="drafted")))
    assert not book.scales
    assert book.blocks() == {"emotional": tuple(MATRIX[tool][:2]), "rational": tuple(MATRIX[tool][2:])}
    assert [book.items[name].metric for name in (stay, likely)] == ["repurchase", "recommend"]
    assert all(fit.runs for fit in reports_on(check_survey(data, book)) if fit.report != "heart_head_wallet")


def test_every_header_of_a_limesurvey_file_has_a_code_before_its_words(tmp_path):
    frame = answers().set_axis([f"G1Q{i}. {text}" for i, text in enumerate([*EN, LIKELY], 1)], axis=1)
    boxes = {
        f"G2Q1[SQ00{k + 1}]. Why? (tick all) [{o}]": np.where(TICKED[:, k], "Yes", "No") for k, o in enumerate(WHY)
    }
    sent = ["2026-01-05 10:00:00"] * (N - 9) + [""] * 9
    frame = frame.assign(
        **boxes, **{"lastpage. Last page": [3] * (N - 9) + [1] * 9, "submitdate. Date submitted": sent}
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    book = read_codebook(write(tmp_path / "b.yml", draft_codebook(tmp_path / "a.csv")))
    assert {name for name in book.items if name not in frame.columns[:6]} == set(boxes)
    assert {(book.items[name].range, book.items[name].role) for name in boxes} == {((0, 1), "")}
    assert not book.scales
    found = check_survey(tmp_path / "a.csv", book)
    told = {finding.check: finding.n_rows for finding in found.found}
    assert told["unfinished"] == 9
    means = read_survey(tmp_path / "a.csv", book).frame[list(boxes)].mean().to_numpy()
    np.testing.assert_allclose(means, TICKED.mean(axis=0))


def test_marks_of_qualtrics_are_no_answers_where_spss_labels_them(tmp_path):
    frame = answers().assign(Finished=1, Status=0)
    marks = {"Finished": {0: "False", 1: "True"}, "Status": {0: "IP Address", 1: "Survey Preview"}}
    pyreadstat.write_sav(frame.astype(float), str(tmp_path / "a.sav"), variable_value_labels=marks)
    book = read_codebook(write(tmp_path / "b.yml", draft_codebook(tmp_path / "a.sav")))
    assert list(book.items) == [f"q{i}" for i in range(1, 7)]


def test_questions_of_one_page_are_no_scale(tmp_path):
    frame = one_trait().set_axis([f"G1Q{i}" for i in range(1, 7)], axis=1)
    assert not read_codebook(write(tmp_path / "b.yml", draft_codebook(frame))).scales


def test_columns_of_one_matrix_are_told_apart_in_a_list():
    names = [f"Which of our services do you use? (tick all that apply)/{option}" for option in WHY]
    assert len(set(listed(names).split(", "))) == 3


def test_the_name_of_a_group_of_questions_says_nothing_of_each(tmp_path):
    names = ["trust", "warmth", "price", "speed", "satisfaction", "recommend"]
    frame = answers().set_axis([f"loyal/{name}" for name in names], axis=1)
    book = read_codebook(write(tmp_path / "b.yml", draft_codebook(frame, name="b")))
    assert book.blocks() == {"emotional": ("loyal/trust", "loyal/warmth"), "rational": ("loyal/price", "loyal/speed")}
    assert book.items["loyal/satisfaction"].metric == "satisfaction"
    assert book.label("loyal/trust") == "trust"


def test_staying_is_not_being_glad(tmp_path):
    drawn = draft_codebook(answers().set_axis(["blij", "prijs", "kwaliteit", "levering", "blijven", "nps"], axis=1))
    items = read_codebook(write(tmp_path / "b.yml", drawn)).items
    assert items["blij"].block == "emotional" and items["blijven"].metric == "repurchase"


def test_a_matrix_on_two_subjects_is_no_scale_and_nothing_in_it_is_turned_round(tmp_path):
    frame = answers().rename(columns={f"q{i}": f"Q3_{i}" for i in range(1, 5)})
    book = read_codebook(write(tmp_path / "drafted.yml", draft_codebook(frame, name="drafted")))
    assert not book.scales and not [item.name for item in book.items.values() if item.reverse]


def test_boxes_with_their_own_words_hide_no_second_row_of_headers(tmp_path):
    frame = surveymonkey(EN, "How far do you agree?", LIKELY, AGREE)
    words = pd.DataFrame([WHY, *[[w if t else None for w, t in zip(WHY, row, strict=True)] for row in TICKED]])
    whole = pd.concat([frame, words.set_axis(["Why?", "", ""], axis=1)], axis=1)
    sheet(whole)(tmp_path / "a.xlsx")
    survey = read_survey(
        tmp_path / "a.xlsx", read_codebook(write(tmp_path / "b.yml", draft_codebook(tmp_path / "a.xlsx")))
    )
    assert len(survey.frame) == N


def drafted(path: Path, data: object) -> tuple[str, Codebook]:
    """The draft of a file or a frame, and the codebook it is."""
    text = draft_codebook(data, name="drafted")
    return text, read_codebook(write(path / "drafted.yml", text))


@pytest.mark.parametrize("door", ["csv", "frame"])
@pytest.mark.parametrize(("words", "stray"), [(EENS, "mee eens, denk ik"), (AGREE, "Agree somewhat"), (None, "4?")])
def test_one_stray_answer_makes_a_question_no_other_and_check_says_which(tmp_path, door, words, stray):
    frame = (worded(words) if words else answers()).astype(object).set_axis([*EN, LIKELY], axis=1)
    frame.loc[2, EN[0]] = stray
    frame.to_csv(tmp_path / "a.csv", index=False)
    data = tmp_path / "a.csv" if door == "csv" else frame
    _, book = drafted(tmp_path, data)
    assert book.blocks() == {"emotional": tuple(EN[:2]), "rational": tuple(EN[2:4])}
    found = check_survey(data, book)
    (wrong,) = [finding for finding in found.found if finding.severity == "error"]
    assert (wrong.check, wrong.where, wrong.n_rows) == ("text_among_numbers", EN[0], 1)
    assert repr(stray) in wrong.what("en") and "otherwise correct it in the file" in wrong.todo("en")
    assert not any(fit.runs for fit in reports_on(found) if fit.report != "published_models")
    mended = frame.drop(index=2)
    assert len(read_survey(mended, book).frame) == N - 1 and all(
        fit.runs for fit in reports_on(check_survey(mended, book)) if fit.report != "heart_head_wallet"
    )


def test_in_a_file_of_marks_out_of_ten_nine_is_a_mark(tmp_path):
    marks = answers().assign(
        q3=lambda d: d["q3"] * 2 - 1, q1=lambda d: d["q1"] * 2, q2=lambda d: d["q2"] * 2, q5=lambda d: d["q5"] * 2
    )
    _, book = drafted(tmp_path, marks)
    assert book.items["q3"].missing == () and book.items["q3"].range == (1, 10)
    fives = answers().assign(q3=lambda d: d["q3"].where(d.index % 9 > 0, 9))
    assert drafted(tmp_path, fives)[1].items["q3"].missing == (9,)


@pytest.mark.parametrize("days", [["1-feb", "3-mei", "6-okt"], ["01-Feb", "03-May", "06-Oct"], ["feb-01", "mei-03", "okt-06"]])  # fmt: skip
def test_answers_that_a_spreadsheet_made_days_are_no_numbers(tmp_path, days):
    frame = answers().assign(visits=[days[i % 3] for i in range(N)])
    text, book = drafted(tmp_path, frame)
    assert "visits" not in book.items and "#   visits: dates or times" in text
    asked = parsed_codebook("{title: t, source: s, items: {visits: {range: [1, 6]}}}", "shop")
    (wrong, *_) = check_survey(frame, asked).found
    assert wrong.check == "text_among_numbers" and "A spreadsheet has taken answers for dates" in wrong.todo("en")


def test_a_label_of_no_answer_that_nobody_gave_is_a_code_and_no_trouble(tmp_path):
    spss({1: "Oneens", 5: "Eens", -1: "Geen antwoord"}, NL)(tmp_path / "a.sav")
    _, book = drafted(tmp_path, tmp_path / "a.sav")
    assert {book.items[f"q{i}"].missing for i in range(1, 6)} == {(-1,)}


def test_a_score_beside_its_questions_is_neither_explained_nor_explains(tmp_path):
    frame = answers(tens=False).assign(index=lambda d: d[["q1", "q3", "q4"]].mean(axis=1))
    text, book = drafted(tmp_path, frame)
    assert book.items["index"].role == "" and book.names("outcome") == ("q5",)
    assert "# no driver and no outcome, for it is made of q1, q3, q4" in text
    assert [f.where for f in check_survey(frame, book).found if f.check == "computed_column"] == ["index"]


def test_a_header_in_html_has_a_label_without(tmp_path):
    frame = answers().set_axis([f"<p><strong>{i}. {text}</strong></p>" for i, text in enumerate(EN)] + [LIKELY], axis=1)
    _, book = drafted(tmp_path, frame)
    assert [book.label(name) for name in frame][:2] == [f"0. {EN[0]}", f"1. {EN[1]}"]


def test_the_filter_of_spss_is_no_box_and_many_rows_of_few_people_are_clusters(tmp_path):
    frame = answers().assign(**{"filter_$": 1, "person": np.arange(N) // 8, "client": np.arange(N) % 2})
    _, book = drafted(tmp_path, frame)
    assert "filter_$" not in book.items
    assert book.items["person"].role == "cluster" and book.items["client"].range == (0, 1)


OPTIONS = ["Price, quality", "Service", "Brand"]


@pytest.mark.parametrize("door", ["csv", "xlsx", "frame"])
@pytest.mark.parametrize("sign", [", ", ";"])
def test_a_draft_makes_boxes_of_several_answers_in_a_cell(tmp_path, door, sign):
    frame = forms(EN, AGREE, LIKELY, "Timestamp").assign(**{"Why here?": ticked(sign, OPTIONS)})
    path = tmp_path / f"a.{door}"
    if door != "frame":
        getattr(frame, {"csv": "to_csv", "xlsx": "to_excel"}[door])(path, index=False)
    data = frame if door == "frame" else path
    _, book = drafted(tmp_path, data)
    assert sorted(book.sets["Why here?"].items) == sorted(f"Why here?/{option}" for option in OPTIONS)
    assert book.label("Why here?/Price, quality") == "Price, quality"
    found = ticked_shares(read_survey(data, book), "Why here?").tidy().set_index("term")
    asked = TICKED[TICKED.any(axis=1)]
    np.testing.assert_allclose(found["estimate"][[f"Why here?/{option}" for option in OPTIONS]], asked.mean(axis=0))
    assert set(found["n"]) == {len(asked)}
    assert all(fit.runs for fit in reports_on(check_survey(data, book)) if fit.report != "heart_head_wallet")


def test_what_ten_people_ticked_is_an_option_and_what_one_wrote_is_in_no_draft(tmp_path):
    cells = ticked(", ", OPTIONS)
    cells[3] = "Service, because of my neighbour Jan"
    text, book = drafted(tmp_path, answers().assign(why=cells))
    assert "Jan" not in text and len(book.sets["why"].items) == 3
    assert "1 of them hold something else as well" in str(
        read_survey(answers().assign(why=cells), book).provenance.steps
    )


def test_stars_are_marks_and_a_sum_that_went_wrong_is_no_answer(tmp_path):
    stars = answers().astype(object)
    for name in ("q1", "q2", "q3"):
        stars[name] = ["★" * mark + "☆" * (5 - mark) for mark in answers()[name]]
    stars.loc[4, "q4"] = "#DEEL/0!"
    _, book = drafted(tmp_path, stars)
    assert book.items["q4"].missing == ("#DEEL/0!",)
    np.testing.assert_array_equal(read_survey(stars, book).frame[["q1", "q2", "q3"]], answers()[["q1", "q2", "q3"]])


@pytest.mark.parametrize("signs", [["--", "-", "+/-", "+", "++"], ["🙁", "😐", "🙂", "😀", "😍"]])
def test_an_answer_that_is_a_sign_is_no_blank(tmp_path, signs):
    frame = answers().astype(object).assign(q3=[signs[mark - 1] for mark in answers()["q3"]])
    _, book = drafted(tmp_path, frame)
    assert book.items["q3"].role == "segment" and not book.items["q3"].missing
    assert set(book.items["q3"].values) == set(signs)


def test_what_is_too_little_to_draw_from_is_told_by_check(tmp_path):
    _, book = drafted(tmp_path, answers().head(9))
    fits = {fit.report: fit for fit in reports_on(check_survey(answers().head(9), book))}
    assert not fits["drivers"].runs and fits["drivers"].todo["en"] == "9 complete respondents; it takes 10"
    assert fits["measures"].runs
    with pytest.raises(LoyaltyLabError, match="9 rows are too few to draw from; an interval needs at least 10"):
        told_by_hand(
            "drivers", data=str(saved_csv(tmp_path, answers().head(9))), codebook=str(tmp_path / "drafted.yml")
        )


def saved_csv(folder: Path, frame: pd.DataFrame) -> Path:
    frame.to_csv(folder / "rows.csv", index=False)
    return folder / "rows.csv"
