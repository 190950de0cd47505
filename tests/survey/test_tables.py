"""Any survey file comes in value by value, or is refused in one message that mends it."""

import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from loyaltylab import check_survey, read_codebook, read_data, read_survey
from loyaltylab.codebook.book import parsed_codebook
from loyaltylab.core.errors import DataError, LoyaltyLabError, UnknownName
from loyaltylab.survey.files.raw_table import READABLE, RawTable, read_raw
from loyaltylab.survey.files.text import Detected, parsed

from ..codebook.test_codebook import GOOD
from ..conftest import write

ROWS = "t1,wt,merk\n1,1.5,één\n5,0.25,twee\n"


def saved(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def workbook(tmp_path, name="shop.xlsx", **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        tab = book.create_sheet(title)
        for row in rows:
            tab.append(row)
    book.save(tmp_path / name)
    return tmp_path / name


def message(path, **options):
    with pytest.raises(LoyaltyLabError) as caught:
        read_raw(path, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("encoding", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 without BOM"),
        ("utf-16-be", "UTF-16 without BOM"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
    ],
)
@pytest.mark.parametrize(("sign", "word"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "pipes")])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encoding_and_delimiter_are_found_and_reported(tmp_path, encoding, label, sign, word, end):
    text = ROWS.replace(",", sign).replace("\n", end)
    table = read_raw(saved(tmp_path, "shop.csv", text.encode(encoding)))
    assert table.frame.to_dict("list") == {"t1": ["1", "5"], "wt": ["1.5", "0.25"], "merk": ["één", "twee"]}
    assert table.detected == Detected("csv", label, sign, ".") and table.doubts == {}
    assert table.detected.step == ("" if (label, sign) == ("UTF-8", ",") else f"read as {label}, {word}")


def test_dutch_excel(tmp_path):
    text = 'naam;cijfer;gewicht;"land; regio"\nJosé;7,5;0,123;NL\nZoë;8;1,234;"BE; Gent"\nkees;BLANK;.;NL\n'
    table = read_raw(saved(tmp_path, "enquête.csv", text.encode("cp1252")))
    assert table.frame.to_dict("list") == {
        "naam": ["José", "Zoë", "kees"],
        "cijfer": ["7.5", "8", "BLANK"],
        "gewicht": ["0.123", "1.234", "."],
        "land; regio": ["NL", "BE; Gent", "NL"],
    }
    assert table.detected.step == "read as cp1252, semicolons, decimal commas"


def test_the_step_reaches_the_survey(tmp_path):
    book = read_codebook(saved(tmp_path, "shop.yml", GOOD))
    path = saved(tmp_path, "shop.csv", "t1;t2;wt\n1;5;1,5\n\n2;99;0,5\n".encode("utf-16"))
    survey = read_survey(path, book, weight="wt")
    assert survey.frame["wt"].tolist() == [1.5, 0.5] and survey.weight == "wt"
    assert survey.provenance.steps == ("read as UTF-16, semicolons, decimal commas; 1 empty line left out",)
    assert read_survey(saved(tmp_path, "plain.csv", "t1,t2\n1,5\n"), book).provenance.steps == ()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a;b\n1,234;0,5\n", ["1.234"]),  # another column shows the sign
        ("a;b\n1.234,5;2\n0,5;2\n", ["1234.5", "0.5"]),  # points between thousands, a comma before decimals
        ("a;b\n1,234;2\n2,5;2\n", ["1.234", "2.5"]),
        ("a;b\n-1,5;2\n+,5;2\n1,5E+3;2\n", ["-1.5", "+.5", "1.5E+3"]),
        ('a,b\n"1,5",2\n"2,25",3\n', ["1.5", "2.25"]),  # quoted under commas
        ('a,b\n"1,2,5",2\n"1,2",3\n2,4\n', ["1,2,5", "1,2", "2"]),  # several answers in one cell are no number
        ("a,b\n1.234,2\n", ["1.234"]),  # commas between columns: the point is a decimal point
        ("a;b\n1.234;0.5\n", ["1.234"]),
        ("a\n1.5\n2\n", ["1.5", "2"]),
        ("sep=;\r\na;b\r\n1,5;2\r\n", ["1.5"]),
        (" a , b\n 1, 2\n", ["1"]),
        ('a,b\n"x\ny",2\n"he said ""no""",3\n', ["x\ny", 'he said "no"']),
        ("a,b\r1,2\r3,4\r", ["1", "3"]),
        ("\n\na,b\n1,2", ["1"]),
        ("a,b,\n1,2,\n", ["1"]),
        (",a,b\n0,7,1\n1,8,1\n", ["7", "8"]),
        ('"","a"\n"1","7"\n"2","8"\n', ["7", "8"]),
        ("a,b\n=1+1,2\n", ["=1+1"]),  # a formula in a text file is text
        ("a,b\nNA,2\n,3\n", ["NA", ""]),
        ("a|b\n1|x,y\n2|z\n", ["1", "2"]),
        ("a;b\n1,5;1\nlang wachten;1\nte duur;1\n", ["1,5", "lang wachten", "te duur"]),  # words, not numbers
    ],
)
@pytest.mark.parametrize("large", [-1, 10**9], ids=["by Arrow", "by pandas"])
def test_odd_text_files_that_are_right(tmp_path, monkeypatch, text, values, large):
    monkeypatch.setattr("loyaltylab.survey.files.text._LARGE", large)
    table = read_raw(saved(tmp_path, "odd.csv", text))
    assert table.frame["a"].tolist() == values and table.doubts == {}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\n ,, \n", "\n   \n", "\t\n"])
@pytest.mark.parametrize("cell", ["", " ", "\t", "é", "'", "NA", "1,", "#", "\\", "\x0b", " 3"])
def test_arrow_reads_a_large_text_as_pandas_does(monkeypatch, end, cell):
    found = {}
    for large in (-1, 10**9):
        monkeypatch.setattr("loyaltylab.survey.files.text._LARGE", large)
        try:
            frame = parsed(f"a,b,c{end}1,{cell},3{end}{cell},5,6{end}7,8,{cell}{end}", "a.csv", ",")
            found[large] = (frame[0], frame[1].to_csv(), list(frame[1].dtypes), list(frame[1].columns), frame[2])
        except DataError as error:
            found[large] = str(error)
    assert found[-1] == found[10**9]


def test_arrow_is_asked_for_a_large_text_without_quotation_marks(monkeypatch):
    asked = []
    monkeypatch.setattr("loyaltylab.survey.files.text._by_arrow", lambda *_: asked.append(_) or pd.DataFrame([["a"]]))
    monkeypatch.setattr("loyaltylab.survey.files.text._LARGE", 5)
    for text in ("a,b\n1,2\n", 'a,b\n1,"2"\n', "a,b\n1, 2\n", "a,b\n"):
        parsed(text, "a.csv", ",")
    assert len(asked) == 1


def test_what_is_left_out_is_noted(tmp_path):
    def notes(text):
        return read_raw(saved(tmp_path, "odd.csv", text)).detected.notes

    assert notes(",a,\n1,7,\n2,8,\n") == (
        "row numbers without a header left out",
        "1 empty column without a header left out",
    )
    assert notes("a,,,b\n1,,,2\n") == ("2 empty columns without a header left out",)
    assert notes("a,b\n\n1,2\n\n\n3,4\n\n") == ("3 empty lines left out",)
    assert notes('a,b\n\n"1",2\n') == ("1 empty line left out",)
    assert notes("a,b\n,\n1,2\n") == ("1 empty line left out",)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("t1;t2\n1,234;2\n2,500;3\n", "column 't1' holds 1,234: 1.234 with a decimal comma, or 1234 with a thousands separator? Nothing in the file tells. Save its numbers without thousands separators and with decimal points."),
        ("t1;t2\n1.234;2\n", "column 't1' holds 1.234: 1.234 with a decimal point, or 1234 with a thousands separator? Nothing in the file tells. Save its numbers without thousands separators and with decimal points."),
        ("t1;t2\n1,234;2.5\n", "column 't1' holds 1,234: 1.234 with a decimal comma, or 1234 with a thousands separator? Nothing in the file tells. Save its numbers without thousands separators and with decimal points."),
        ("t1;t2\n1,5;2\n2.5;3\n", "column 't1' holds 1,5 and 2.5: commas and points cannot both be its decimal sign. Write its numbers in one way, without thousands separators."),
        ("t1;t2\n1,234,567;2\n", "column 't1' holds 1,234,567, with thousands separators. Save its numbers without them."),
    ],
)  # fmt: skip
def test_a_column_in_doubt_is_refused_when_it_is_used(tmp_path, text, doubt):
    book = read_codebook(saved(tmp_path, "shop.yml", GOOD))
    path = saved(tmp_path, "shop.csv", text)
    assert read_raw(path).doubts == {"t1": doubt}
    with pytest.raises(DataError) as caught:
        read_survey(path, book)
    assert str(caught.value) == f"shop.csv: {doubt}"
    unused = saved(tmp_path, "unused.csv", text.replace("t1", "income"))
    assert len(read_survey(unused, book).frame) == text.count("\n") - 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "cannot be read as csv: the file is empty. Export or download it again."),
        (" \n\r\n", "cannot be read as csv: the file is empty. Export or download it again."),
        ("\ufeff\n", "cannot be read as csv: it holds no text. Export it again."),
        ("a,b\n", "has headers but no rows."),
        ("a,b,a \n1,2,3\n", "the header 'a' stands more than once. Rename one of the columns."),
        ("a,,c\n1,2,3\n", "column 2 (counted from the left) holds answers but has no header. Give it a name in the first row."),
        (",,\n1,2,3\n", "column 1, 2, 3 (counted from the left) holds answers but has no header. Give it a name in the first row."),
        ("a,b,c\n1,2,3\n1,2,3,4\n1,2,3\n", "line 3 has 4 fields where line 1 has 3 (commas between them). Put texts that hold one in quotation marks; if these are decimal commas, save the file with semicolons or with decimal points."),
        ("a;b;c\n1;2;3\n1;2\n1;2;3\n", "line 3 has 2 fields where line 1 has 3 (semicolons between them). Complete the line, or export the file again."),
        ('a,b,c\n1,"x\ny",3\n1,2\n1,2,3\n', "line 4 has 2 fields where line 1 has 3 (commas between them). Complete the line, or export the file again."),
        ("a,b,c\n1,2,3\n1,2", "line 3 has 2 fields where line 1 has 3 (commas between them). The file may be cut off; export it again."),
        ("a,b\n1,5,2,5\n", "line 2 has 4 fields where line 1 has 2 (commas between them). Put texts that hold one in quotation marks; if these are decimal commas, save the file with semicolons or with decimal points."),
        ("Our survey\na;b;c\n1;2;3\n", "line 2 has 3 fields where line 1 has 1. The first line must hold the column names, and nothing else."),
        ('a,b\n1,2\n3,"four\n5,6\n', "line 3 opens a quotation mark that is never closed. Close it, or export the file again."),
        ('a,b\n1,2\n"three,4\n5,6\n', "line 3 opens a quotation mark that is never closed. Close it, or export the file again."),
        ("a,b;c\n1,2;3\n", "its lines can be cut at commas (2 columns) and at semicolons (2 columns). Keep one of them, or put texts in quotation marks."),
        ("sep=:\na:b\n1:2\n", "line 1 says sep=:. Possible: a comma, semicolon, tab or pipe."),
        ("a,b\n1,\0\n", "holds zero bytes, so it is not a text file. Export it again as 'CSV UTF-8'."),
        (b"a,b\n\xe9,1\n\xc3\xa9,2\n", "is UTF-8 text except in line 2: two encodings are mixed, or the file is cut off. Save it again as 'CSV UTF-8'."),
        ("a,b\n1,é\n".encode("utf-16")[:-1], "is not valid UTF-16 text; it may be cut off. Export it again."),
        ("<html><table><tr><td>a</td></tr></table></html>", "cannot be read as csv: by its content it is a web page (HTML). Open it in a spreadsheet and save it as .xlsx."),
        ('<?xml version="1.0"?><Workbook/>', "cannot be read as csv: by its content it is XML. Open it in a spreadsheet and save it as .xlsx."),
        ('{"a": 1}', "cannot be read as csv: by its content it is JSON. Export the answers as csv or xlsx."),
        (b"%PDF-1.7", "cannot be read as csv: by its content it is a PDF document. Export the answers as csv or xlsx."),
        (b"\x1f\x8b\x08", "cannot be read as csv: by its content it is a compressed file (gzip). Unpack it first."),
    ],
)  # fmt: skip
def test_a_bad_text_file_is_refused_in_words(tmp_path, text, expected):
    assert message(saved(tmp_path, "shop.csv", text)) == f"shop.csv: {expected}"


def test_the_name_must_fit_the_content(tmp_path):
    pages = b"<html><body><table></table></body></html>"
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100
    book = workbook(tmp_path, Data=[["t1"], [1]]).read_bytes()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("shop.csv", ROWS)
    parquet = io.BytesIO()
    pd.DataFrame({"t1": [1]}).to_parquet(parquet)
    for name, content, expected in (
        ("a.csv", book, "cannot be read as csv: by its content it is an Excel workbook. Rename it so that it ends in .xlsx."),
        ("a.xls", pages, "cannot be read as xls: by its content it is a web page (HTML). Open it in a spreadsheet and save it as .xlsx."),
        ("a.xls", ROWS, "cannot be read as xls: by its content it is a text table. Rename it so that it ends in .csv."),
        ("a.xls", old, "cannot be read as xls: by its content it is an old Excel file (.xls) or a workbook with a password. Save it as .xlsx, no password."),
        ("a.xlsx", old, "cannot be read as xlsx: by its content it is an old Excel file (.xls) or a workbook with a password. Save it as .xlsx, no password."),
        ("a.xlsx", ROWS, "cannot be read as xlsx: by its content it is a text table. Rename it so that it ends in .csv."),
        ("a.xlsx", b"", "cannot be read as xlsx: the file is empty. Export or download it again."),
        ("a.csv", archive.getvalue(), "cannot be read as csv: by its content it is a zip archive. Unpack it first."),
        ("a.sav", parquet.getvalue(), "cannot be read as sav: by its content it is a parquet file. Rename it so that it ends in .parquet."),
        ("a.dta", ROWS, "cannot be read as dta: by its content it is a text table. Rename it so that it ends in .csv."),
    ):  # fmt: skip
        assert message(saved(tmp_path, name, content)) == f"{name}: {expected}"
    kinds = ", ".join(READABLE)
    assert (
        message(saved(tmp_path, "a.docx", "x"))
        == f"a.docx: files of type '.docx' are not read. Save it as one of {kinds}."
    )
    assert message("none.csv").endswith(f"Give the path of a file that ends in one of {kinds}.")


def test_upper_case_and_other_endings(tmp_path):
    for name in ("A.CSV", "a.txt", "a.tsv"):
        assert read_raw(saved(tmp_path, name, ROWS)).frame["merk"].tolist() == ["één", "twee"]


def test_workbook(tmp_path):
    rows = [["t1", " prijs ", "merk"], [1, 2.5, "één"], [None, None, None], [5, None, "99"], [None, " ", None]]
    table = read_raw(workbook(tmp_path, Data=rows, Leeg=[]))
    expected = pd.DataFrame({"t1": [1, 5], "prijs": [2.5, np.nan], "merk": ["één", "99"]})
    pd.testing.assert_frame_equal(table.frame, expected, check_dtype=False)
    assert table.detected == Detected("xlsx", sheet="Data", notes=("1 empty row left out",))
    assert table.detected.step == "1 empty row left out"


def test_a_damaged_sheet_is_refused(tmp_path):
    path = workbook(tmp_path, Data=[["t1", "t2"], [1, 2], [3, 4]])
    whole = path.read_bytes()
    for old, new in (
        (b"</row>", b""),
        (b"<v>3</v>", b"<v>three</v>"),
        (b't="n"', b't="q"'),
        (b"<sheetData>", b"<rows>"),
    ):
        with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(path, "w") as target:
            contents = {name: source.read(name) for name in source.namelist()}
            assert old in contents["xl/worksheets/sheet1.xml"]
            contents["xl/worksheets/sheet1.xml"] = contents["xl/worksheets/sheet1.xml"].replace(old, new, 1)
            for name, content in contents.items():
                target.writestr(name, content)
        if old == b't="n"':  # an unknown type of cell: its value is kept
            assert len(read_raw(path).frame) == 2
        else:
            assert message(path) == (
                "shop.xlsx: cannot be read as xlsx: the file is damaged or cut off. Export or download it again."
            )


def test_sheets(tmp_path):
    path = workbook(tmp_path, Data=[["t1"], [1]], Uitleg=[["x"], [2]], Leeg=[])
    assert message(path) == (
        "shop.xlsx: sheets 'Data', 'Uitleg' all hold something. Give sheet= with the name of one of them, or save that one as a file of its own."
    )
    table = read_raw(path, sheet="Uitleg")
    assert table.frame.to_dict("list") == {"x": [2]} and table.detected.step == "read from sheet 'Uitleg'"
    assert message(path, sheet="Leeg") == "shop.xlsx: sheet 'Leeg' is empty. Give another one of: Data, Uitleg, Leeg."
    with pytest.raises(UnknownName) as caught:
        read_raw(path, sheet="Dat")
    assert (
        str(caught.value) == "shop.xlsx: sheet 'Dat' does not exist; did you mean 'Data'? Possible: Data, Uitleg, Leeg."
    )
    assert (
        message(saved(tmp_path, "a.csv", ROWS), sheet="Data")
        == "a.csv: is a text table and has no sheets. Leave sheet out."
    )
    book = read_codebook(saved(tmp_path, "shop.yml", GOOD))
    assert read_survey(path, book, sheet="Data").provenance.steps == ("read from sheet 'Data'",)


def test_hidden_sheets_are_left_aside(tmp_path):
    path = workbook(tmp_path, Codes=[["x"], [2]], Data=[["t1"], [1]])
    book = openpyxl.load_workbook(path)
    book["Codes"].sheet_state = "hidden"
    book.active = 1
    book.save(path)
    table = read_raw(path)
    assert table.frame.to_dict("list") == {"t1": [1]} and table.detected.notes == ("hidden sheet 'Codes' left aside",)


def test_formulas_need_their_value(tmp_path):
    path = workbook(tmp_path, Data=[["t1", "t2"], [1, 2], [3, "=A3+1"]])
    assert message(path) == (
        "shop.xlsx: cell B3 holds a formula without a saved value. Open the file in Excel, save it, and try again."
    )
    for value, expected in ((b"<v>4</v>", [2, 4]), (b"<v></v>", None)):
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "new.xlsx", "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name.startswith("xl/worksheets/"):
                    content = content.replace(b"<v />", b"<v/>").replace(b"<v></v>", b"<v/>")
                    assert b"<f>A3+1</f><v/>" in content
                    content = content.replace(b"<f>A3+1</f><v/>", b"<f>A3+1</f>" + value)
                    if expected is None:  # a formula that gives an empty text has a value
                        content = content.replace(b'<c r="B3"', b'<c r="B3" t="str"')
                new.writestr(name, content)
        found = read_raw(tmp_path / "new.xlsx").frame["t2"]
        assert found.tolist() == expected if expected else found[0] == 2 and pd.isna(found[1])


def test_bad_workbooks(tmp_path):
    assert (
        message(workbook(tmp_path, A=[], B=[[None]]))
        == "shop.xlsx: none of its sheets holds anything. Export it again."
    )
    assert message(workbook(tmp_path, A=[["t1", "t2"]])) == "shop.xlsx: has headers but no rows."
    assert message(workbook(tmp_path, A=[["t1", "t1 "], [1, 2]])) == (
        "shop.xlsx: the header 't1' stands more than once. Rename one of the columns."
    )
    assert message(workbook(tmp_path, A=[["Our survey"], ["t1", "t2"], [1, 2]])) == (
        "shop.xlsx: column 2 (counted from the left) holds answers but has no header. Give it a name in the first row."
    )


SPSS = pd.DataFrame({"t1": [1, 2, 99, 5, -3], "t2": [5, np.nan, 8, 9, 1], "merk": ["een", "twee", "zz", "", "één"]})


@pytest.fixture
def spss(tmp_path):
    def made(name="shop.sav", **options):
        pyreadstat.write_sav(
            SPSS,
            tmp_path / name,
            column_labels={"t1": "Ik vertrouw hen", "t2": "Nooit"},
            variable_value_labels={"t1": {1: "oneens", 5: "eens", 99: "weet niet"}},
            missing_ranges={"t1": [99, {"lo": -5, "hi": -1}], "t2": [{"lo": 8, "hi": 9}], "merk": ["zz"]},
            **options,
        )
        return tmp_path / name

    return made


@pytest.mark.parametrize(("name", "options"), [("shop.sav", {}), ("shop.zsav", {"compress": True})])
def test_spss(spss, name, options):
    table = read_raw(spss(name, **options))
    pd.testing.assert_frame_equal(table.frame, SPSS, check_dtype=False)
    assert table.labels == {"t1": {1: "oneens", 5: "eens", 99: "weet niet"}}
    assert table.titles == {"t1": "Ik vertrouw hen", "t2": "Nooit"}
    assert {key: set(codes) for key, codes in table.missing.items()} == {
        "t1": {99, (-5, -1)},
        "t2": {(8, 9)},
        "merk": {"zz"},
    }
    assert table.detected == Detected("sav") and table.detected.step == ""


def test_user_missing_answers_are_blank_and_counted(tmp_path, spss):
    frame, step = read_raw(spss()).answers(["t1", "t2", "merk", "nowhere"])
    np.testing.assert_array_equal(frame["t1"], [1, 2, np.nan, 5, np.nan])
    np.testing.assert_array_equal(frame["t2"], [5, np.nan, np.nan, np.nan, 1])
    assert frame["merk"].fillna("-").tolist() == ["een", "twee", "-", "", "één"]
    assert step == "blank because the file marks them as missing: t1 2, t2 2, merk 1"
    book = read_codebook(saved(tmp_path, "shop.yml", GOOD.replace("missing: [99]", "missing: []")))
    survey = read_survey(spss(), book)
    assert survey.provenance.steps == ("blank because the file marks them as missing: t1 2, t2 2",)
    assert survey.cells_missing == {"t1": 2, "t2": 3}
    np.testing.assert_array_equal(survey.frame["t1"], [1, 2, np.nan, 5, np.nan])


def test_nothing_is_blank_without_marks(tmp_path):
    pyreadstat.write_sav(SPSS[["t1"]], tmp_path / "plain.sav")
    frame, step = read_raw(tmp_path / "plain.sav").answers(["t1"])
    assert frame["t1"].tolist() == [1, 2, 99, 5, -3] and step == ""
    table = RawTable(SPSS, "data frame", missing={"t1": (77,)})
    assert table.answers(["t1"]) == (table.frame, "")


@pytest.mark.parametrize("version", [10, 13, 15])
def test_stata(tmp_path, version):
    codes = pd.DataFrame({"t1": pd.Series([1, "a", 5], dtype=object), "wt": [0.5, np.nan, 1.5], "merk": ["x", "é", ""]})
    pyreadstat.write_dta(
        codes,
        tmp_path / "shop.dta",
        version=version,
        column_labels=["Vertrouwen", "", ""],
        missing_user_values={"t1": ["a"]},
        variable_value_labels={"t1": {1: "oneens", "a": "weigert"}},
    )
    if version < 14:  # Stata itself wrote these in Windows-1252
        content = (tmp_path / "shop.dta").read_bytes()
        assert content.count("é".encode()) == 1
        saved(tmp_path, "shop.dta", content.replace("é".encode(), b"\xe9\0"))
    table = read_raw(tmp_path / "shop.dta")
    assert table.frame["t1"].tolist() == [1, "a", 5] and table.frame["merk"].tolist() == ["x", "é", ""]
    assert table.labels == {"t1": {1: "oneens", "a": "weigert"}} and table.titles == {"t1": "Vertrouwen"}
    assert table.missing == {"t1": ("a",)}
    frame, step = table.answers(["t1", "wt"])
    np.testing.assert_array_equal(frame["t1"], np.array([1, np.nan, 5]))
    np.testing.assert_array_equal(frame["wt"], [0.5, np.nan, 1.5])
    assert frame["t1"].dtype == float and step == "blank because the file marks them as missing: t1 1"


def test_stata_as_pandas_writes_it(tmp_path):
    frame = pd.DataFrame({"t1": [1.0, 2.0], "kind": pd.Categorical(["small", "large"], ["small", "large"])})
    frame.to_stata(tmp_path / "p.dta", write_index=False)
    table = read_raw(tmp_path / "p.dta")
    assert table.frame.to_dict("list") == {"t1": [1, 2], "kind": [0, 1]}
    assert table.labels == {"kind": {0: "small", 1: "large"}}


def test_parquet(tmp_path):
    frame = pd.DataFrame({" t1": [1, 2], "merk": ["é", None]})
    frame.to_parquet(tmp_path / "a.parquet")
    table = read_raw(tmp_path / "a.parquet")
    assert table.frame["t1"].tolist() == [1, 2] and table.detected == Detected("parquet")
    assert len(table.sha256) == 64


@pytest.mark.parametrize("kind", ["xlsx", "sav", "zsav", "dta", "parquet"])
def test_a_file_cut_off_anywhere_is_refused_in_one_line(tmp_path, spss, kind):
    path = tmp_path / f"shop.{kind}"
    numbers = pd.DataFrame(np.arange(200).reshape(50, 4), columns=list("abcd")).astype(float)
    if kind == "xlsx":
        workbook(tmp_path, Data=[list("abcd"), *numbers.to_numpy().tolist()])
    elif kind == "dta":
        pyreadstat.write_dta(numbers, path)
    elif kind == "parquet":
        numbers.to_parquet(path)
    else:
        spss(path.name, compress=kind == "zsav")
    whole = path.read_bytes()
    assert len(read_raw(path).frame) in (5, 50)
    # cut in the data: the first bytes still say what it is
    for cut in np.linspace(600, len(whole) - 1, 25).astype(int):
        expected = (
            f"shop.{kind}: cannot be read as {kind}: the file is damaged or cut off. Export or download it again."
        )
        assert message(saved(tmp_path, path.name, whole[:cut])) == expected
    for cut in (1, 2, 3, 5, 10):
        assert "\n" not in message(saved(tmp_path, path.name, whole[:cut]))


@pytest.mark.slow
def test_wide_and_unicode(tmp_path):
    headers = [f"vraag_{i}_é漢" for i in range(5000)]
    text = ",".join(headers) + "\n" + ",".join("1" * 5000) + "\n"
    frame = read_raw(saved(tmp_path, "wide.csv", text)).frame
    assert list(frame) == headers and frame.shape == (1, 5000)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_extra_header_rows_of_qualtrics_become_titles(tmp_path, suffix):
    rows = [
        ["How much joy,\n do you feel?", "Which shop?"],
        ['{"ImportId":"QID1"}', '{"ImportId":"QID2"}'],
        ["5", "north"],
        ["7", "south"],
    ]
    path = tmp_path / f"export{suffix}"
    frame = pd.DataFrame(rows, columns=["joy", "shop"])
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_excel(path, index=False)
    table = read_raw(path)
    assert table.titles == {"joy": "How much joy, do you feel?", "shop": "Which shop?"}
    assert pd.to_numeric(table.frame["joy"]).tolist() == [5, 7] and table.frame["shop"].tolist() == ["north", "south"]
    assert "two rows of Qualtrics under the headers left out" in table.detected.step


@pytest.mark.parametrize(
    ("encoding", "data"),
    [("utf-7", b"a,b\n+2AA-,2\n"), ("idna", b"xn--a.,b\n1,2\n"), ("hex", b"a,b\n1,2\n"), ("utf\0-8", b"a,b\n1,2\n")],
    ids=["half a letter", "domain names", "no text", "a zero byte"],
)
def test_an_encoding_that_gives_no_text_is_refused_in_words(tmp_path, encoding, data):
    said = message(saved(tmp_path, "a.csv", data), encoding=encoding)
    assert "allowed: a name such as utf-8" in said or "Leave the encoding out, or give another" in said


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_file_longer_than_the_head_its_delimiter_is_found_in(tmp_path, monkeypatch, end, quoted):
    monkeypatch.setattr("loyaltylab.survey.files.text._HEAD", 500)
    merk = '"a, b"' if quoted else "ab"
    rows = [f"{i % 7};{i % 5},5;{merk}" for i in range(1000)]
    table = read_raw(saved(tmp_path, "a.csv", end.join(["joy;price;merk", *rows, ""]).encode()))
    assert (table.detected.delimiter, table.detected.decimal) == (";", ",")
    assert table.frame["joy"].astype(int).tolist() == [i % 7 for i in range(1000)]
    assert table.frame["price"].astype(float).tolist() == [i % 5 + 0.5 for i in range(1000)]
    assert set(table.frame["merk"]) == {merk.strip('"')}


def test_blank_lines_and_lines_of_separators_are_counted_wherever_they_stand(tmp_path):
    text = "\n\njoy,price\n\n1,2\n,\n\n,4\n5,\n\n\n"
    table = read_raw(saved(tmp_path, "a.csv", text.encode()))
    assert table.frame.to_dict("list") == {"joy": ["1", "", "5"], "price": ["2", "4", ""]}
    assert table.detected.notes == ("3 empty lines left out",)


@pytest.mark.parametrize("index", [range(7), [3] * 7], ids=["counted", "one label for all"])
def test_rows_in_which_nobody_answered_are_no_respondents_of_a_frame_of_numbers_either(tmp_path, index):
    frame = pd.DataFrame({"t1": [1, np.nan, 5, np.nan, 3, 2, np.nan], "t2": [0, np.nan, 8, np.nan, np.nan, 4, np.nan]})
    book = write(
        tmp_path / "b.yml", "title: Shop\nsource: made up\nitems:\n  t1: {range: [1, 5]}\n  t2: {range: [0, 10]}\n"
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    rows, file = read_survey(frame.set_axis(index), book), read_survey(tmp_path / "a.csv", book)
    assert rows.frame["t1"].tolist() == file.frame["t1"].tolist() == [1, 5, 3, 2]
    assert "3 blank rows left out" in rows.provenance.steps[0]


def test_headers_of_a_frame_are_texts_each_once_and_two_rows_of_them_are_joined():
    book = parsed_codebook("{title: t, source: s, items: {1: {range: [1, 7]}, 2: {range: [1, 7]}}}", "shop")
    frame = pd.DataFrame([[1, 2], [3, 4]] * 8, columns=[1, 2])
    assert read_survey(frame, book).frame.columns.tolist() == ["1", "2"]
    above = frame.set_axis(pd.MultiIndex.from_tuples([("1", "Response"), ("2", "Response")]), axis=1)
    assert read_survey(above, book).frame["2"].tolist() == [2, 4] * 8
    for look in (read_survey, check_survey):
        with pytest.raises(DataError, match="the header '1' stands more than once. Rename one of the columns"):
            look(pd.concat([frame, frame[[1]]], axis=1), book)


def total(rows, *cells):
    """A workbook whose last row has a name beside these cells."""
    return lambda folder: workbook(folder, Sheet1=[["id", "t1", "t2"], *rows, ["Totaal", *cells]])


ANSWERED = [[i, 1 + i % 5, i % 11] for i in range(1, 12)]


@pytest.mark.parametrize("cells", [(None, 4.9), (None, None), (33, 55), (3.0, 4.9)])
def test_a_named_row_at_the_end_is_no_respondent_whatever_it_sums_up(tmp_path, cells):
    table = read_raw(total(ANSWERED, *cells)(tmp_path))
    assert len(table.frame) == 11 and "the last row left out, which summarises those above" in table.detected.notes


def test_a_last_respondent_who_answered_as_the_average_is_one(tmp_path):
    rows = [["id", "t1", "t2"], *ANSWERED, ["twelve", 3, 5]]
    assert len(read_raw(workbook(tmp_path, Sheet1=rows)).frame) == 12


HEADS = ["nr", "tevreden", "prijs", "aanbevelen", "geslacht"]
BODY = [[i + 1, 1 + i % 5, 1 + (2 * i) % 5, (3 * i) % 11, "mv"[i % 2]] for i in range(12)]


def titled(path, above, *, sign=";", padded=False, heads=HEADS, body=BODY, merged=()):
    """A csv or workbook with these lines above its headers."""
    if path.suffix == ".csv":
        lines = [line + sign * (len(heads) - 1) * (padded and bool(line)) for line in above]
        path.write_text("\n".join([*lines, *(sign.join(map(str, row)) for row in (heads, *body))]) + "\n")
        return path
    book = openpyxl.Workbook()
    for row in ([[line or None] for line in above], [heads], body):
        for cells in row:
            book.active.append([None if cell == "" else cell for cell in cells])
    for area in merged:
        book.active.merge_cells(area)
    book.save(path)
    return path


ABOVE = {
    "one": ["Klanttevredenheid 2026"], "with a blank": ["Klanttevredenheid 2026", ""],
    "two": ["Customer survey", "Exported on 2026-01-02"], "apart": ["Customer survey", "", "n = 12"],
    "a comma": ["Survey, spring, all"],
}  # fmt: skip


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("name, sign, padded", [("a.csv", ";", False), ("a.csv", ";", True), ("a.csv", "\t", False), ("a.xlsx", "", False)])  # fmt: skip
def test_a_title_above_the_headers_is_left_out_and_told(tmp_path, above, name, sign, padded):
    n = len(list(filter(None, ABOVE[above])))
    found = read_raw(titled(tmp_path / name, ABOVE[above], sign=sign, padded=padded))
    plain = read_raw(titled(tmp_path / f"plain-{name}", [], sign=sign or ";"))
    pd.testing.assert_frame_equal(found.frame, plain.frame)
    said = f"{'a row' if n == 1 else f'{n} rows'} with a title above the headers left out"
    assert said in found.detected.step and "title" not in plain.detected.step
    book = write(tmp_path / "b.yml", "title: t\nsource: s\nitems:\n  tevreden: {range: [1, 5]}\n")
    survey = read_survey(tmp_path / name, read_codebook(book))
    assert said in str(survey.provenance.steps) and len(survey.frame) == 12


def test_a_title_over_merged_cells_and_question_texts_under_the_headers(tmp_path):
    texts = ["", "Hoe tevreden?", "De prijs", "Zou u ons aanbevelen?", "Wat bent u?"]
    path = titled(tmp_path / "a.xlsx", ["Survey", "Wave 2"], body=[texts, *BODY], merged=["A1:E1", "A2:E2"])
    found = read_raw(path)
    assert [*found.frame] == HEADS and len(found.frame) == 12 and found.titles["prijs"] == "De prijs"
    assert found.frame["prijs"].dtype.kind == "i"


def test_blank_rows_above_the_headers_are_no_headers(tmp_path):
    found = read_raw(titled(tmp_path / "a.xlsx", ["", ""]))
    assert [*found.frame] == HEADS and "2 empty rows left out" in found.detected.step


NO_TITLE = {
    "no headers": ({"heads": [1, 2, 3, 4, 5]}, ["Survey"]),
    "a header twice": ({"heads": ["nr", "prijs", "prijs", "q", "r"]}, ["Survey"]),
    "few rows": ({"body": BODY[:1]}, ["Survey"]),
    "open answers": ({"heads": ["a", "b", "c"], "body": [[f"t{i}", f"u{i}", f"w{i}"] for i in range(12)]}, ["Survey"]),
    "two columns": ({"heads": ["a", "b"], "body": [row[:2] for row in BODY]}, ["Survey"]),
    "many lines": ({}, ["Survey"] * 11),
    "a header missing": ({"heads": ["nr", "", "prijs", "q", "r"]}, ["Survey"]),
}


@pytest.mark.parametrize("name, kind", [(name, kind) for name in ("a.csv", "a.xlsx") for kind in NO_TITLE if (name, kind) != ("a.csv", "many lines")])  # fmt: skip
def test_what_may_be_no_title_is_refused_as_it_was(tmp_path, name, kind):
    how, above = NO_TITLE[kind]
    with pytest.raises(
        DataError, match=r"first line must hold the column names|as a title does|has no header|Give it a name"
    ):
        read_raw(titled(tmp_path / name, above, **how))


def test_a_question_over_several_columns_is_no_title(tmp_path):
    parts = ["", "Prijs", "Service", "Snelheid", "Response"]
    path = titled(tmp_path / "a.xlsx", [], heads=["nr", "Hoe tevreden", "", "", "geslacht"], body=[parts, *BODY])
    assert [*read_raw(path).frame][:3] == ["nr", "Hoe tevreden - Prijs", "Hoe tevreden - Service"]


def test_a_database_says_that_a_title_stands_above_its_csv(tmp_path):
    pytest.importorskip("ibis")
    titled(tmp_path / "a.csv", ["Survey"], sign=",")
    book = write(tmp_path / "b.yml", "title: t\nsource: s\nitems:\n  tevreden: {range: [1, 5]}\n")
    with pytest.raises(DataError, match="a row with a title, which an engine takes for a respondent"):
        read_data(f"duckdb:{tmp_path / 'a.csv'}", str(book))
