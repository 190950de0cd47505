"""Questionnaires: what each tool is given, and that what it exports comes back as the same answers."""

import csv
import io
import re
import zipfile
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from loyaltylab import read_codebook, read_survey
from loyaltylab.cli.commands import app
from loyaltylab.codebook.book import parsed_codebook
from loyaltylab.codebook.questionnaires import FORMS, questionnaire
from loyaltylab.codebook.questions import minutes, options, sections
from loyaltylab.core.errors import CodebookError, DataError, UnknownName
from loyaltylab.survey.files.survey_tools import matched

from ..conftest import write

pytestmark = pytest.mark.slow

SHOP = r"""
title: {en: "Shop & co", nl: "Winkel & co"}
source: made up
modules: {feel: {en: Feelings, nl: Gevoelens}, buy: {en: Buying, nl: Kopen}, who: {en: About you, nl: Over u}}
formats:
  agree5: {range: [1, 5], ends: {en: [disagree, agree], nl: [oneens, eens]}}
  often3:
    range: [1, 3]
    ends: {en: [never, always], nl: [nooit, altijd]}
    labels: {1: {en: never, nl: nooit}, 2: {en: sometimes, nl: soms}, 3: {en: always, nl: altijd}}
defaults: {missing: [-99]}
items:
  emo_trust: {module: feel, format: agree5, wording: {en: I trust this shop., nl: Ik vertrouw deze winkel.}}
  emo_joy: {module: feel, format: agree5, wording: {en: I like it here., nl: Ik ben hier graag.}}
  emo_doubt: {module: feel, format: agree5, reverse: true, wording: {en: I have doubts - often., nl: Ik twijfel - vaak.}}
  rest_often: {module: feel, format: often3, wording: {en: I come to rest., nl: Ik kom tot rust.}}
  recommend: {module: buy, range: [0, 10], metric: recommend, wording: {en: Would you recommend it?, nl: Raadt u het aan?}}
  spend: {module: buy, role: covariate, unit: {en: euros, nl: euro}, wording: {en: What do you spend?, nl: Wat geeft u uit?}}
  tenure: {module: buy, range: [0, 80], wording: {en: For how many years?, nl: Hoeveel jaar?}}
  country:
    module: who
    role: segment
    wording: {en: "Where do you live?", nl: "Waar woont u?"}
    values: {1: {en: Netherlands, nl: Nederland}, 2: {en: Italy, nl: Italië}}
  score: {module: feel, range: [-2, 2]}
  wt: {role: weight, wording: {en: weight, nl: gewicht}}
  branch: {role: cluster, wording: {en: branch, nl: filiaal}}
scales: {FEEL: {label: Feel, items: [emo_trust, emo_joy, emo_doubt]}}
"""
ASKED = ["emo_trust", "emo_joy", "emo_doubt", "rest_often", "recommend", "spend", "tenure", "country"]


@pytest.fixture
def shop():
    return parsed_codebook(SHOP, "shop")


@pytest.fixture(params=["shop", "loyalty"])
def book(request, shop):
    return shop if request.param == "shop" else read_codebook("loyalty")


def questions(book):
    return [q for section in sections(book) for battery in section.batteries for q in battery.questions]


def one(book, form, language="en", **more):
    (content,) = questionnaire(book, form, language=language, **more).values()
    return content


def answers(book, n=60, seed=20171205):
    """Made-up answers as codes, a tenth of them blank."""
    rng, columns = np.random.default_rng(seed), {}
    for question in questions(book):
        codes = list(question.answers) or [*range(int((question.range or (0, 0))[0]), 40)]
        cells = [str(codes[at]) for at in rng.integers(len(codes), size=n)]
        columns[question.name] = np.where(rng.random(n) < 0.1, "", cells)
    return pd.DataFrame(columns, dtype=object)


# ---- the forms -----------------------------------------------------------------------------------------------------------


def test_what_is_asked(shop):
    assert [question.name for question in questions(shop)] == ASKED
    shape = [[len(battery.questions) for battery in section.batteries] for section in sections(shop)]
    assert shape == [[3, 1], [1, 1, 1], [1]]
    assert options(shop.items["emo_joy"], shop)[1] == {"en": "1 – disagree", "nl": "1 – oneens"}
    assert options(shop.items["rest_often"], shop)[2] == {"en": "sometimes", "nl": "soms"}
    assert options(shop.items["tenure"], shop) == options(shop.items["spend"], shop) == {}


def test_minutes_by_hand(shop):
    assert minutes(shop) == pytest.approx((6 + 2 * 0.5) * 15 / 85)
    assert minutes(shop, ["who"]) == pytest.approx(15 / 85)
    assert minutes(read_codebook("loyalty")) == pytest.approx(
        sum(minutes(read_codebook("loyalty"), [name]) for name in modules_asked(read_codebook("loyalty")))
    )


def modules_asked(book):
    return [section.name for section in sections(book)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_same_bytes_twice_and_no_clock(book, form, language):
    files = questionnaire(book, form, language=language)
    assert files == questionnaire(book, form, language=language)
    assert all(name.startswith(book.name) for name in files)
    for content in files.values():
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
                assert b"dcterms" not in archive.read("docProps/core.xml").split(b">", 2)[2]


def converted(book, language="en", **more):
    """The form as pyxform, the tool's own converter, makes it."""
    xls2xform = pytest.importorskip("pyxform.xls2xform")
    made = xls2xform.convert(one(book, "xlsform", language, **more), validate=False, file_type=".xlsx")
    return made, ElementTree.fromstring(made.xform)


def test_xlsform_converts_without_a_warning(book):
    made, form = converted(book, "nl")
    assert made.warnings == []
    body = {tag.get("ref"): tag for tag in form.iter() if tag.get("ref") and tag.tag.endswith(("select1", "input"))}
    asked = {ref.rpartition("/")[2] for ref in body} - {"introduction"}
    assert asked == {question.name for question in questions(book)}
    languages = {tag.get("lang"): tag.get("default") for tag in form.iter() if tag.tag.endswith("}translation")}
    assert languages == {"English (en)": None, "Nederlands (nl)": "true()"}
    texts = {value.text for value in form.iter() if value.tag.endswith("}value")}
    for question in questions(book):
        assert {*question.text.values()} <= texts or question.unit


def test_xlsform_limits_a_number(shop):
    _, form = converted(shop)
    binds = {tag.get("nodeset"): tag for tag in form.iter() if tag.tag.endswith("}bind")}
    assert binds["/data/buy/tenure"].get("constraint") == ". >= 0 and . <= 80"
    assert binds["/data/buy/tenure"].get("type") == "int"
    assert binds["/data/buy/spend"].get("type") == "decimal"


def limesurvey_rows(book, language="en", **more):
    text = one(book, "limesurvey", language, **more).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter="\t"))
    assert {len(line) for line in lines} == {len(lines[0])}
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_limesurvey_follows_its_import(book):
    """The rules of `TSVImportSurvey` and of question codes, as LimeSurvey's source has them."""
    rows = limesurvey_rows(book)
    assert [row["class"] for row in rows[:4]] == ["S"] * 4 and rows[0]["text"] == "en"
    both = {lang: [row for row in rows if row["class"] in "GQSQA" and row["language"] == lang] for lang in ("en", "nl")}
    assert len(both["en"]) + len(both["nl"]) + 4 + 8 == len(rows)

    def structure(row):  # a group is known by its number, all else by its code
        return row["class"], row["type/scale"], "" if row["class"] == "G" else row["name"]

    assert [*map(structure, both["en"])] == [*map(structure, both["nl"])]
    kinds = {row["type/scale"] for row in both["en"] if row["class"] == "Q"}
    assert kinds <= {"F", "L", "!", "N"}
    codes = [row["name"] for row in both["en"] if row["class"] in ("Q", "SQ")]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", code) for code in codes)
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,5}", row["name"]) for row in rows if row["class"] == "A")


def test_limesurvey_starts_with_the_language_asked_for(shop):
    rows = limesurvey_rows(shop, "nl")
    assert [row["text"] for row in rows[:2]] == ["nl", "en"]
    assert next(row for row in rows if row["class"] == "G")["name"] == "Gevoelens"


def qualtrics_questions(book, language="en"):
    """Type, id, text, choices and answers of each question, read by the documented tags."""
    text = one(book, "qualtrics", language).decode()
    assert text.startswith("[[AdvancedFormat]]\n")
    found = []
    for part in re.split(r"^\[\[Question:", text, flags=re.M)[1:]:
        part = re.split(r"^\[\[(?:Block|PageBreak)", part, flags=re.M)[0]
        kind, _, rest = part.partition("]]\n")
        tag = re.match(r"\[\[ID:(.+)\]\]\n(.*)\n", rest)
        lists = {name: re.findall(rf"^\[\[{name}:(.+)\]\]\n(.+)$", rest, flags=re.M) for name in ("Choice", "Answer")}
        found.append((kind, *(tag.groups() if tag else ("", rest)), lists["Choice"], lists["Answer"]))
    return found


def test_qualtrics_follows_the_documented_tags(book):
    found = qualtrics_questions(book, "nl")
    kinds = {kind for kind, *_ in found}
    assert kinds <= {"DB", "Matrix", "MC:SingleAnswer:Vertical", "MC:SingleAnswer:Horizontal", "TE:SingleLine"}
    ids = [tag for _, tag, *_ in found if tag]
    assert len(set(ids)) == len(ids) == len(found) - 1
    statements = [text for kind, _, _, choices, _ in found if kind == "Matrix" for _, text in choices]
    alone = [text for kind, _, text, *_ in found if kind not in ("Matrix", "DB")]
    for question in questions(book):
        assert any(text.startswith(question.text["nl"]) for text in statements + alone)
    assert len(statements) + len(alone) == len(questions(book))


def word_text(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("word/document.xml").decode()
    ElementTree.fromstring(xml)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", xml)).split())


def pdf_text(content):
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize(("form", "text_of"), [("word", word_text), ("pdf", pdf_text)])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_paper_has_every_question_and_a_box_for_every_answer(book, form, text_of, language):
    text = text_of(one(book, form, language))
    at = 0
    for number, question in enumerate(questions(book), 1):
        at = text.index(f"{number}.", at)
        assert re.sub(r"\W", "", question.text[language]) in re.sub(r"\W", "", text[at:])
    assert text.count("☐") == sum(len(question.answers) for question in questions(book))
    assert book.title[language] in text and {"en": "Thank you", "nl": "Dank u wel"}[language] in text
    assert {"en": "You may skip any question", "nl": "U mag elke vraag overslaan"}[language] in text


def test_one_module(shop):
    text = word_text(one(shop, "word", modules=["who"]))
    assert "Where do you live?" in text and "trust" not in text and "takes about 1 minute." in text
    assert {row["name"] for row in limesurvey_rows(shop, modules=["who"]) if row["class"] == "Q"} == {"country"}


HOSTILE = '=1+1 "q" {x} ${y} [[Block:z]] ``` #a <b>|\t\\ &amp; *c*'


@pytest.mark.parametrize("form", FORMS)
def test_no_wording_breaks_a_form(shop, form):
    shop.items["emo_joy"].wording.update(en=HOSTILE, nl=HOSTILE)
    content = one(shop, form)
    if form == "xlsform":
        made, _ = converted(shop)
        assert made.warnings == [] and "=1+1 &quot;q&quot;" in made.xform.replace('"', "&quot;")
    elif form == "limesurvey":
        text = next(row for row in limesurvey_rows(shop) if row["name"] == "emojoy")["text"]
        assert text.startswith('=1+1 "q" { x}') and "\\" not in text and " &lt;b&gt;|" in text
    elif form == "qualtrics":
        assert [tag for _, tag, *_ in qualtrics_questions(shop)][1] == "feel_1" and b"[[Block:z" not in content
        assert b" &lt;b&gt;|" in content
    else:
        text = {"word": word_text, "pdf": pdf_text}[form](content)
        assert '=1+1 "q" {x} ${y} [[Block:z]] ``` #a <b>|' in text


@pytest.mark.parametrize("form", FORMS)
def test_no_control_character_breaks_a_form(form):
    """A vertical tab, as Word pastes it, in whatever is printed of a codebook."""
    odd = SHOP
    for words in ("disagree", "sometimes", "I like it here.", "Feelings", "Netherlands", "euros"):
        odd = odd.replace(words, f'"{words}\\u000b"', 1)
    content = one(parsed_codebook(odd, "shop"), form)
    assert odd.count("u000b") == 6
    assert content.startswith((b"PK", b"%PDF")) or b"\x0b" not in content


# ---- and back ------------------------------------------------------------------------------------------------------------


def as_csv(frame, sep=",", **options):
    return frame.to_csv(index=False, sep=sep, **options)


def odk(book, frame, separator):
    """As ODK Central (`group-item`) or KoBo (`group/item`) writes it, from the paths pyxform made."""
    _, form = converted(book)
    refs = [tag.get("ref") for tag in form.iter() if tag.get("ref") and tag.tag.endswith(("select1", "input"))]
    paths = {ref.rpartition("/")[2]: separator.join(ref.split("/")[2:]) for ref in refs}
    table = frame.rename(columns=paths)
    table.insert(0, "SubmissionDate" if separator == "-" else "start", "2026-03-01T10:00:00.000Z")
    return table.assign(**{"meta-instanceID" if separator == "-" else "_uuid": "uuid:1"})


def in_words(book, frame, language):
    words = {q.name: {str(code): text[language] for code, text in q.answers.items()} for q in questions(book)}
    return frame.apply(lambda column: column.map(lambda cell: words[column.name].get(cell, cell)))


def kobo_labels(book, frame, language):
    """KoBo with labels: the question as header, the answer's label in the cell."""
    wordings = {q.name: q.text[language] + (f" ({q.unit[language]})" if q.unit else "") for q in questions(book)}
    return in_words(book, frame, language).rename(columns=wordings)


def limesurvey(book, frame, headed="{q}[{sq}]"):
    """Headers by question code, as its import took the codes; answers as codes."""
    headers, parent = {}, ""
    for row in limesurvey_rows(book):
        parent = row["name"] if row["class"] == "Q" else parent
        if row["class"] in ("Q", "SQ"):
            code = headed.format(q=parent, sq=row["name"]) if row["class"] == "SQ" else row["name"]
            headers[row["name"]] = code
    plain = {name: headers[name.replace("_", "")] for name in frame}
    table = frame.rename(columns=plain)
    numbers = [plain[q.name] for q in questions(book) if not q.answers]
    table[numbers] = table[numbers].map(lambda cell: f"{cell}.0000000000" if cell else "")
    start = pd.DataFrame({"id": range(1, len(table) + 1), "submitdate": "1980-01-01 00:00:00", "startlanguage": "en"})
    return pd.concat([start, table], axis=1)


def qualtrics(book, frame, words=False):
    """Three header rows; a matrix as `id_1`, `id_2` with the statement after the question."""
    columns, titles, names = [], [], iter(frame.columns)
    for kind, tag, text, choices, _ in qualtrics_questions(book)[1:]:
        for number, statement in choices if kind == "Matrix" else [("", "")]:
            columns.append(f"{tag}_{number}" if number else tag)
            titles.append(f"{text} - {statement}" if number else text)
            assert not number or book.items[next(names)].wording["en"] == statement
        if kind != "Matrix":
            assert next(names) == tag
    body = (in_words(book, frame, "en") if words else frame).set_axis(columns, axis=1)
    heads = [titles, [f'{{"ImportId":"QID{at}"}}' for at in range(len(columns))]]
    table = pd.concat([pd.DataFrame(heads, columns=columns), body], ignore_index=True)
    recorded = ["Response ID", '{"ImportId":"_recordId"}', *(f"R_{at}" for at in body.index)]
    return pd.concat([pd.Series(recorded, name="ResponseId"), table], axis=1)


EXPORTS = {
    "odk": lambda book, frame: as_csv(odk(book, frame, "-")),
    "kobo": lambda book, frame: as_csv(odk(book, frame, "/"), ";"),
    "kobo labels": lambda book, frame: as_csv(kobo_labels(book, frame, "en"), ";"),
    "kobo labels in Dutch": lambda book, frame: as_csv(kobo_labels(book, frame, "nl"), ";"),
    "limesurvey": lambda book, frame: "\ufeff" + as_csv(limesurvey(book, frame), quoting=csv.QUOTE_ALL),
    "limesurvey for R": lambda book, frame: as_csv(limesurvey(book, frame, "{q}_{sq}")),
    "limesurvey full answers": lambda book, frame: as_csv(limesurvey(book, in_words(book, frame, "en"))),
    "qualtrics": lambda book, frame: as_csv(qualtrics(book, frame)),
    "qualtrics choice text": lambda book, frame: as_csv(qualtrics(book, frame, words=True)),
}


@pytest.mark.parametrize("tool", EXPORTS)
def test_an_export_of_each_tool_gives_the_same_answers(tmp_path, book, tool):
    frame = answers(book)
    expected = read_survey(write(tmp_path / "plain.csv", as_csv(frame)), book)
    path = tmp_path / "export.csv"
    path.write_text(EXPORTS[tool](book, frame), encoding="utf-8")
    survey = read_survey(path, book)
    pd.testing.assert_frame_equal(survey.frame[expected.frame.columns], expected.frame)
    assert "headers read as item names: " in "; ".join(survey.provenance.steps)


def test_an_export_as_workbook(tmp_path, book):
    frame = answers(book)
    numbers = odk(book, frame, "/").map(lambda cell: int(cell) if cell.isdigit() else cell or None)
    numbers.to_excel(tmp_path / "kobo.xlsx", index=False)
    expected = read_survey(write(tmp_path / "plain.csv", as_csv(frame)), book)
    found = read_survey(tmp_path / "kobo.xlsx", book).frame
    pd.testing.assert_frame_equal(found[expected.frame.columns], expected.frame)


def test_what_was_changed_is_said(tmp_path, shop):
    path = write(tmp_path / "a.csv", "feel/emo_trust,feel[emojoy],country\n1 – Disagree,A4,Italië\n5,3,1\n")
    survey = read_survey(path, shop)
    assert survey.frame.astype(float).to_dict("list") == {"emo_trust": [1, 5], "emo_joy": [4, 3], "country": [2, 1]}
    assert survey.provenance.steps == (
        "headers read as item names: feel/emo_trust as emo_trust, feel[emojoy] as emo_joy; "
        "answers in words read as codes: emo_trust 1, emo_joy 1, country 1",
    )


def test_the_tools_own_columns_fill_respondent_and_duration():
    book = parsed_codebook("{title: t, source: s, items: {who: {role: respondent}, secs: {role: duration}}}", "b")
    assert matched(["ResponseId", "Duration (in seconds)", "_id"], book) == {
        "ResponseId": "who",
        "Duration (in seconds)": "secs",
    }


@pytest.mark.parametrize(
    "header", ["old_emo_trust", "emo_trust2", "trust", "emo trust", "joy", "EMO_TRUST", "", "I trust"]
)
def test_a_header_that_is_only_like_an_item_is_not_taken_for_it(shop, header):
    assert matched([header], shop) == {}


def test_an_item_that_is_there_is_not_filled_twice(shop):
    assert matched(["emo_trust", "wave2/emo_trust"], shop) == {}


def test_a_question_that_stands_over_two_columns_is_taken_for_neither(shop):
    assert matched(["a_1"], shop, {"a_1": "How true? - I trust this shop."}) == {"a_1": "emo_trust"}
    titles = {"a_1": "How true? - I trust this shop.", "b_1": "How dear to you? - I trust this shop."}
    assert matched(["a_1", "b_1"], shop, titles) == {}


def test_two_columns_that_could_be_one_item_are_refused(tmp_path, shop):
    path = write(tmp_path / "a.csv", "pre/emo_trust,post/emo_trust\n1,2\n")
    with pytest.raises(DataError) as caught:
        read_survey(path, shop)
    assert str(caught.value) == (
        "a.csv: columns 'pre/emo_trust', 'post/emo_trust' could each be 'emo_trust'. "
        "Rename the one that is meant to 'emo_trust', and the other to something else."
    )


# ---- refusals ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "named"),
    [(("form", "xml"), "xlsform"), (("language", "fr"), "nl"), (("modules", ["mood"]), "feel")],
)
def test_what_does_not_exist_is_refused_with_what_does(shop, asked, named):
    given = {"form": "word", **dict([asked])}
    with pytest.raises(UnknownName, match=named):
        questionnaire(shop, **given)


def test_a_codebook_without_a_wording_is_refused():
    book = parsed_codebook("{title: t, source: s, items: {a: {range: [1, 5]}}}", "bare")
    with pytest.raises(CodebookError) as caught:
        questionnaire(book, "word")
    assert str(caught.value) == "bare.yml: no item to ask has a wording. Give items a wording, en and nl."


@pytest.mark.parametrize(
    ("form", "item", "message"),
    [
        ("limesurvey", "a: {values: {-1: x, 2: y}, wording: w}", "LimeSurvey cannot hold the code '-1'"),
        ("limesurvey", "a_b: {wording: v}, ab: {wording: w}", "LimeSurvey cannot hold the name 'ab' twice"),
        ("limesurvey", "this: {wording: v}", "LimeSurvey cannot hold the name 'this'"),
        ("qualtrics", "a: {values: {NL: x, IT: y}, wording: w}", "Qualtrics cannot hold the code 'NL', 'IT'"),
        ("xlsform", "my item: {wording: w}", "XLSForm cannot hold the name 'my item'"),
    ],
)
def test_names_and_codes_a_tool_cannot_hold_are_refused(form, item, message):
    book = parsed_codebook(f"{{title: t, source: s, items: {{{item}}}}}", "b")
    with pytest.raises(CodebookError, match=re.escape(message)):
        questionnaire(book, form)


# ---- the command ---------------------------------------------------------------------------------------------------------


def test_the_command_writes_and_does_not_write_over(tmp_path):
    call = ["questionnaire", "loyalty", "-f", "qualtrics", "-m", "emotions", "--language", "nl", "-o", str(tmp_path)]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert "Takes about 1.0 minutes to answer" in done.output
    assert "[[Block:Emoties]]" in (tmp_path / "loyalty_qualtrics_nl.txt").read_text(encoding="utf-8")
    again = CliRunner().invoke(app, call)
    assert isinstance(again.exception, CodebookError) and "--force" in str(again.exception)
    assert CliRunner().invoke(app, [*call, "--force"]).exit_code == 0
