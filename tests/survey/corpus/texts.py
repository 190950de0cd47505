"""Text tables: encodings, separators, numbers written in other ways, lines that do not fit, and what is no table."""

from __future__ import annotations

import gzip

from . import Case, Loads, Refused, book

ROWS = "t1,t2,merk\n1,10,één\n5,0,één\n"
SEEN = {"t1": [1, 5], "t2": [10, 0], "merk": ["één", "één"]}
TINY = ("tiny_segment", "merk", None)
READ = ("how_read", "", None)
IN_DOUBT = "Nothing in the file tells. Save its numbers without thousands separators and with decimal points."
WORDS = "These are answers in words: give each its number under 'labels' of a format, or 'values', in the codebook; loyaltylab codebook draft proposes them."
DATES = "A spreadsheet has taken answers for dates: set the column to text there, enter them again and export."
TEXT = "If it means 'no answer', add it to the missing codes of {0} in the codebook; otherwise correct it in the file."
MOST = "Most answers are: correct the range or the values of {0} in the codebook."
RANGE = "If it means 'no answer', add it to the missing codes of {0}; otherwise correct its range or the file."
DECIMAL = book("t1: {range: [1, 5]}\nwt: {role: weight}")
ONE = book("t1: {range: [1, 5]}")
QUALTRICS = (
    "t1,t2,merk\nHow much do you trust us?,Would you recommend us?,Brand\n"
    '"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}","{""ImportId"":""QID3""}"\n1,10,één\n5,0,één\n'
)


def same(*findings):
    return Loads(SEEN, (TINY, *findings))


def refused(file, words):
    return Refused(f"{file}: {words}")


def text_in(column, found, rows, of, todo=""):
    """What to do depends on what they are, and on how many: all of a column are words, a few stand for no answer."""
    todo = todo or (WORDS if rows > 1 and 2 * rows >= of else TEXT.format(column))
    return f"column '{column}' holds text in {rows} of {of} rows ({found}). {todo}"


def outside(column, found, rows, of, allowed="1 to 5"):
    """What to do depends on how many there are: where most are outside, it is the codebook that is wrong."""
    todo = (MOST if 2 * rows > of and rows > 1 else RANGE).format(column)
    return f"column '{column}' holds {found} in {rows} of {of} rows; the codebook allows {allowed}. {todo}"


LOADS = [
    ("UTF-8 with a byte order mark", ROWS.encode("utf-8-sig"), same(READ)),
    ("UTF-16", ROWS.encode("utf-16"), same(READ)),
    ("UTF-16 without a mark", ROWS.encode("utf-16-le"), same(READ)),
    ("Latin-1, an ë in it", ROWS.replace("één", "Zoë").encode("latin-1"), Loads({"merk": ["Zoë", "Zoë"]}, (TINY, READ))),
    ("Windows-1252, a € in it", ROWS.replace("één", "€uro").encode("cp1252"), Loads({"merk": ["€uro"] * 2}, (TINY, READ))),
    ("lines that end in CR LF", ROWS.replace("\n", "\r\n"), same()),
    ("lines that end in CR", ROWS.replace("\n", "\r"), same()),
    ("no end of line at the end", ROWS.rstrip(), same()),
    ("tabs", ROWS.replace(",", "\t"), same(READ)),
    ("Excel's own sep= line", "sep=;\r\n" + ROWS.replace(",", ";"), same(READ)),
    ("empty lines between", ROWS.replace("\n", "\n\n"), same(READ)),
    ("empty columns at the end", ROWS.replace("\n", ",,\n"), same(READ)),
    ("row numbers without a header", ",t1,t2,merk\n1,1,10,één\n2,5,0,één\n", same(READ)),
    ("a line break in quotation marks", 't1,t2,merk\n1,10,"één\ntwee"\n5,0,\n', Loads({"merk": ["één\ntwee", None]}, (TINY,))),
    ("blanks around headers", "t1 , t2,merk\n1,10,één\n5,0,één\n", same(("padded_header", "t1", None))),
    ("blanks around answers", "t1,t2,merk\n 1,10 ,één\n5\t,0, één \n", same()),
    ("non-breaking spaces around answers", "t1,t2,merk\n\xa01,10\xa0,één\n5,0,één\n", same()),
    ("leading zeros", "t1,t2,merk\n01,010,één\n05,00,één\n", same()),
    ("a plus, an exponent and decimals", "t1,t2,merk\n+1,1e1,één\n5.0,0.00,één\n", same()),
    ("one respondent", "t1,t2,merk\n1,10,één\n", Loads({"t1": [1]}, (TINY,))),
    ("one column", "t1\n1\n5\n", Loads({"t1": [1, 5]}), ONE),
    ("a cell a spreadsheet would run", ROWS + '3,3,"=HYPERLINK(""http://x"")"\n', Loads({"t1": [1, 5, 3]}, (TINY, ("formula_cell", "merk", 1)))),
    ("NA and an empty cell in the brand", "t1,t2,merk\n1,10,NA\n5,0,\n", Loads({"merk": ["NA", None]}, (TINY,))),
]  # fmt: skip

HEADERS = [
    ("Chinese, emoji, Arabic and Hebrew headers", "信任,😀,ثقة,אמון\n1,2,3,4\n5,4,3,2\n", "信任: {range: [1, 5]}\n😀: {range: [1, 5]}\nثقة: {range: [1, 5]}\nאמון: {range: [1, 5]}", {"信任": [1, 5], "😀": [2, 4], "ثقة": [3, 3], "אמון": [4, 2]}, (("constant_column", "ثقة", 2),)),
    ("a letter of two signs, as macOS writes it", "cafe\u0301\n1\n5\n", "cafe\u0301: {range: [1, 5]}", {"cafe\u0301": [1, 5]}, ()),
    ("headers that YAML takes for something else", "yes,null,1\n1,2,3\n5,4,2\n", "'yes': {range: [1, 5]}\n'null': {range: [1, 5]}\n1: {range: [1, 5]}", {"yes": [1, 5], "null": [2, 4], "1": [3, 2]}, ()),
    ("headers that are numbers", "2023,2024\n1,2\n5,4\n", "2023: {range: [1, 5]}\n2024: {range: [1, 5]}", {"2023": [1, 5], "2024": [2, 4]}, ()),
    ("a header of 10,000 signs", f"t1,{'q' * 10000}\n1,2\n5,3\n", "t1: {range: [1, 5]}\n? " + "q" * 10000 + "\n: {range: [1, 5]}", {"t1": [1, 5], "q" * 10000: [2, 3]}, ()),
    ("5,000 columns", ",".join(f"q{i}" for i in range(5000)) + "\n" + (",".join("1234512345" * 500) + "\n") * 2, "q0: {range: [1, 5]}\nq4999: {range: [1, 5]}", {"q0": [1, 1], "q4999": [5, 5]}, (("constant_column", "q0", 2), ("constant_column", "q4999", 2), ("unknown_column", "", None))),
]  # fmt: skip

NUMBERS = [
    ("Dutch Excel: semicolons and decimal commas", "t1;wt\n1,5;0,25\n5;1,234\n", Loads({"t1": [1.5, 5], "wt": [0.25, 1.234]}, (READ, ("unused_weight", "wt", None)))),
    ("points between thousands, decimal commas", "t1;wt\n1,5;1.000,5\n5;2.000,5\n", Loads({"t1": [1.5, 5], "wt": [1000.5, 2000.5]}, (READ, ("unused_weight", "wt", None)))),
    ("decimal commas in quotation marks", 't1,wt\n"1,5",1\n5,1\n', Loads({"t1": [1.5, 5]}, (READ, ("unused_weight", "wt", None)))),
    ("1,5 and 1.5 in one column", "t1;wt\n1,5;1\n1.5;1\n", "column 't1' holds 1,5 and 1.5: commas and points cannot both be its decimal sign. Write its numbers in one way, without thousands separators."),
    ("thousands separators or decimals?", "t1;wt\n1;1,234\n2;2,500\n", f"column 'wt' holds 1,234: 1.234 with a decimal comma, or 1234 with a thousands separator? {IN_DOUBT}"),
    ("surely thousands separators", "t1;wt\n1;1,234,567\n2;2,500\n", "column 'wt' holds 1,234,567 and 2,500: commas and points cannot both be its decimal sign. Write its numbers in one way, without thousands separators."),
    ("unquoted decimal commas between commas", "t1,wt\n1,5,0,25\n5,1\n", "line 2 has 4 fields where line 1 has 2 (commas between them). Put texts that hold one in quotation marks; if these are decimal commas, save the file with semicolons or with decimal points."),
    ("infinity", "t1,wt\n1,1\ninf,1\n", outside("t1", "inf", 1, 2)),
    ("minus infinity as a weight", "t1,wt\n1,1\n2,-Infinity\n", outside("wt", "-inf", 1, 2, "any finite number")),
    ("1e308 among answers", "t1,wt\n1,1\n1e308,1\n", outside("t1", "1e+308", 1, 2)),
    ("1e400, which is no number here", "t1,wt\n1,1\n1e400,1\n", outside("t1", "inf", 1, 2)),
    ("nan in words is no answer", "t1,wt\n1,1\nnan,1\nNaN,2\n3,1\n", Loads({"t1": [1, None, None, 3]}, (("nonresponse", "t1", 2), ("unused_weight", "wt", None)))),
    ("NA in words", "t1,wt\n1,1\nNA,1\n", text_in("t1", "'NA'", 1, 2)),
    ("n.v.t.", "t1,wt\n1,1\nn.v.t.,1\n", text_in("t1", "'n.v.t.'", 1, 2)),
    ("True and False", "t1,wt\nTrue,1\nFalse,1\n", outside("t1", "0", 1, 2)),
    ("percentages", "t1,wt\n80%,1\n5,1\n", outside("t1", "80", 1, 2)),
    ("a non-breaking space between thousands", "t1,wt\n1,1\xa0000\n5,1\n", text_in("wt", "'1\\xa0000'", 1, 2)),
    ("a hard minus sign", "t1,wt\n−1,1\n5,1\n", text_in("t1", "'−1'", 1, 2)),
    ("full-width digits", "t1,wt\n５,1\n5,1\n", text_in("t1", "'５'", 1, 2)),
    ("labels instead of codes", "t1,wt\n1 - oneens,1\n5 - eens,1\n", Loads({"t1": [1, 5]}, (READ, ("unused_weight", "wt", None)))),
    ("numbers after their words, and others without", "t1,wt\nHelemaal oneens 1,1\n3,1\n5 (eens),1\n", Loads({"t1": [1, 3, 5]}, (READ, ("unused_weight", "wt", None)))),
    ("two texts for one number", "t1,wt\n1 - oneens,1\n1 - eens,1\n", text_in("t1", "'1 - eens', '1 - oneens'", 2, 2)),
    ("many different texts", "t1,wt\n" + "".join(f"word{i},1\n" for i in range(50)), text_in("t1", "'word0', 'word1', 'word10' and 47 more", 50, 50)),
    ("a very long text", f"t1,wt\n{'long ' * 2000},1\n2,1\n", text_in("t1", "a longer text", 1, 2)),
]  # fmt: skip

BROKEN = [
    ("an empty file", "", "cannot be read as csv: the file is empty. Export or download it again."),
    ("only blanks", " \n\n", "cannot be read as csv: the file is empty. Export or download it again."),
    ("only headers", "t1,t2,merk\n", "has headers but no rows."),
    ("a duplicate header", "t1,t1,merk\n1,2,een\n", "the header 't1' stands more than once. Rename one of the columns."),
    ("a header that is a duplicate but for a blank", "t1,t1 ,merk\n1,2,een\n", "the header 't1' stands more than once. Rename one of the columns."),
    ("a missing header", "t1,,merk\n1,2,een\n", "column 2 (counted from the left) holds answers but has no header. Give it a name in the first row."),
    ("a title above the headers", "Our survey\nt1,t2,merk\n1,2,een\n", "line 2 has 3 fields where line 1 has 1. The first line must hold the column names, and nothing else."),
    ("a line too long", ROWS + "1,2,een,twee\n1,2,een\n", "line 4 has 4 fields where line 1 has 3 (commas between them). Put texts that hold one in quotation marks; if these are decimal commas, save the file with semicolons or with decimal points."),
    ("a line too short", ROWS + "1,2\n1,2,een\n", "line 4 has 2 fields where line 1 has 3 (commas between them). Complete the line, or export the file again."),
    ("cut off in the last line", ROWS[:-6], "line 3 has 2 fields where line 1 has 3 (commas between them). The file may be cut off; export it again."),
    ("cut off inside a letter", ROWS.encode()[:-3], "is UTF-8 text except in line 3: two encodings are mixed, or the file is cut off. Save it again as 'CSV UTF-8'."),
    ("a quotation mark never closed", ROWS + '1,2,"een\n3,4,twee\n', "line 4 opens a quotation mark that is never closed. Close it, or export the file again."),
    ("two separators that do equally well", "t1,t2;merk\n1,2;een\n", "its lines can be cut at commas (2 columns) and at semicolons (2 columns). Keep one of them, or put texts in quotation marks."),
    ("zero bytes", "t1,t2,merk\n1,\0,een\n", "holds zero bytes, so it is not a text file. Export it again as 'CSV UTF-8'."),
    ("binary garbage", bytes(range(1, 256)) * 4, "is no text in UTF-8, UTF-16 or Windows-1252. Save it again as 'CSV UTF-8'."),
    ("two encodings in one file", "t1,t2,merk\n1,2,één\n".encode() + "1,2,één\n".encode("latin-1"), "is UTF-8 text except in line 3: two encodings are mixed, or the file is cut off. Save it again as 'CSV UTF-8'."),
    ("UTF-16 cut off", ROWS.encode("utf-16")[:-1], "is not valid UTF-16 text; it may be cut off. Export it again."),
    ("gzip", gzip.compress(ROWS.encode(), mtime=0), "cannot be read as csv: by its content it is a compressed file (gzip). Unpack it first."),
    ("JSON", '{"t1": [1, 5]}', "cannot be read as csv: by its content it is JSON. Export the answers as csv or xlsx."),
    ("JSON, a list of records", '[{"t1": 1, "t2": 2}, {"t1": 5, "t2": 3}]', "cannot be read as csv: by its content it is JSON. Export the answers as csv or xlsx."),
    ("JSON, set out over lines", '{\n  "t1": [1, 5],\n  "t2": [1, 5]\n}\n', "cannot be read as csv: by its content it is JSON. Export the answers as csv or xlsx."),
    ("a PDF", b"%PDF-1.7\n1 0 obj", "cannot be read as csv: by its content it is a PDF document. Export the answers as csv or xlsx."),
    ("a web page", "<!DOCTYPE html><table><tr><td>t1</td></tr></table>", "cannot be read as csv: by its content it is a web page (HTML). Open it in a spreadsheet and save it as .xlsx."),
    ("another file altogether", "naam,adres\nx,y\n", "none of its columns is in the codebook 'book'. The file has naam, adres; the codebook has t1, t2, merk."),
]  # fmt: skip

CASES = [
    *(Case(name, "shop.csv", content, expected, *rest) for name, content, expected, *rest in LOADS),
    *(Case(name, "shop.csv", text, Loads(cells, found), book(items)) for name, text, items, cells, found in HEADERS),
    *(
        Case(name, "shop.csv", text, e if isinstance(e, Loads) else refused("shop.csv", e), DECIMAL)
        for name, text, e in NUMBERS
    ),
    *(Case(name, "shop.csv", content, refused("shop.csv", words)) for name, content, words in BROKEN),
    Case("a Qualtrics export with its two extra header rows", "shop.csv", QUALTRICS, same(READ)),
    Case(
        "a header with a zero-width blank in it",
        "shop.csv",
        "t1,t2\u200b\n1,2\n5,3\n",
        Loads({"t1": [1, 5], "t2": [2, 3]}, (("absent_column", "merk", None), ("padded_header", "t2", None))),
    ),
    Case("text of another kind by its ending", "shop.docx", ROWS, refused("shop.docx", "files of type '.docx' are not read. Save it as one of .csv, .tsv, .txt, .xlsx, .xlsm, .sav, .zsav, .por, .xpt, .dta, .parquet.")),
    Case("no ending", "shop", ROWS, refused("shop", "files of type '' are not read. Save it as one of .csv, .tsv, .txt, .xlsx, .xlsm, .sav, .zsav, .por, .xpt, .dta, .parquet.")),
    Case("a folder", "shop.csv", lambda path: path.mkdir(), Refused("'shop.csv' is not a file here (the current folder is 'here'). Give the path of a file that ends in one of .csv, .tsv, .txt, .xlsx, .xlsm, .sav, .zsav, .por, .xpt, .dta, .parquet.")),
    Case("no file", "shop.csv", lambda path: None, Refused("'shop.csv' is not a file here (the current folder is 'here'). Give the path of a file that ends in one of .csv, .tsv, .txt, .xlsx, .xlsm, .sav, .zsav, .por, .xpt, .dta, .parquet.")),
]  # fmt: skip
