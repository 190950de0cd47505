"""Workbooks, SPSS, Stata and parquet files: whole, odd, damaged, and under another's name."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat

from . import Case, Loads, Refused, book
from .texts import DATES, ONE, READ, ROWS, TINY, outside, refused, same, text_in

GRID = [["t1", "t2", "merk"], [1, 10, "één"], [5, 0, "één"]]
FRAME = pd.DataFrame(GRID[1:], columns=GRID[0])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
BINARY = book("t1: {range: [0, 1]}")


def workbook(*rows: list, **sheets: list) -> Callable[[Path], None]:
    """A workbook with these rows on one sheet, or with these sheets."""

    def write(path: Path) -> None:
        made = openpyxl.Workbook()
        made.remove(made.active)
        for title, lines in (sheets or {"Data": rows}).items():
            tab = made.create_sheet(title)
            for line in lines:
                tab.append(line)
        made.save(path)

    return write


def merged(path: Path) -> None:
    """A title over all columns, as reports have it."""
    workbook(["Our survey"], *GRID)(path)
    made = openpyxl.load_workbook(path)
    made.active.merge_cells("A1:C1")
    made.save(path)


def spss(frame: pd.DataFrame = FRAME, **options: object) -> Callable[[Path], None]:
    return lambda path: pyreadstat.write_sav(frame, path, **options)


def stata(frame: pd.DataFrame = FRAME, **options: object) -> Callable[[Path], None]:
    return lambda path: pyreadstat.write_dta(frame, path, **options)


def parquet(columns: dict) -> Callable[[Path], None]:
    return lambda path: pd.DataFrame(columns).to_parquet(path)


def cut(write: Callable[[Path], None], end: int) -> Callable[[Path], None]:
    """The same file without its last bytes."""

    def cut_off(path: Path) -> None:
        write(path)
        path.write_bytes(path.read_bytes()[:-end])

    return cut_off


def damaged(kind: str) -> Refused:
    return refused(
        f"shop.{kind}", f"cannot be read as {kind}: the file is damaged or cut off. Export or download it again."
    )


def renamed(kind: str, what: str, right: str) -> Refused:
    return refused(
        f"shop.{kind}", f"cannot be read as {kind}: by its content it is {what}. Rename it so that it ends in {right}."
    )


def labelled(codes: dict, **options: object) -> Callable[[Path], None]:
    """Four answers to t1 and t2, with value labels for t1."""
    frame = pd.DataFrame({"t1": [1.0, 2, 5, 4], "t2": [3.0, 9, 8, 7]})
    return spss(frame, variable_value_labels={"t1": codes}, **options)


NOTHING = book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}")
OLD = "an old Excel file (.xls) or a workbook with a password. Save it as .xlsx, no password."
DATE, MOMENT = datetime.date(2025, 5, 1), datetime.datetime(2025, 5, 1, 12)
PAGE = b"<html><body><table><tr><td>t1</td></tr></table></body></html>"

CASES = [
    # ---- workbooks
    Case("a workbook", "shop.xlsx", workbook(*GRID), same()),
    Case("a workbook with an empty row and an empty sheet", "shop.xlsx", workbook(Data=[GRID[0], [], *GRID[1:]], Leeg=[]), same(READ)),
    Case("numbers kept as text in a workbook", "shop.xlsx", workbook(GRID[0], ["1", " 10", "één"], ["5", "0", "één"]), same()),
    Case("True and False in a workbook", "shop.xlsx", workbook(["t1"], [True], [False], [True]), refused("shop.xlsx", outside("t1", "0", 1, 3)), ONE),
    Case("a workbook of two full sheets", "shop.xlsx", workbook(Wave1=GRID, Wave2=GRID), refused("shop.xlsx", "sheets 'Wave1', 'Wave2' all hold something. Give sheet= with the name of one of them, or save that one as a file of its own.")),
    Case("a merged title above the headers", "shop.xlsx", merged, same(READ)),
    Case("a Qualtrics export as a workbook", "shop.xlsx", workbook(GRID[0], ["Trust?", "Recommend?", "Brand?"], [f'{{"ImportId":"QID{i}"}}' for i in range(3)], *GRID[1:]), same(READ)),
    Case("formulas without values", "shop.xlsx", workbook(*GRID, ["=A2+1", 3, "één"]), refused("shop.xlsx", "cell A4 holds a formula without a saved value. Open the file in Excel, save it, and try again.")),
    Case("an Excel date where a rating should be", "shop.xlsx", workbook(*GRID, [DATE, 3, "één"]), refused("shop.xlsx", text_in("t1", "'2025-05-01 00:00:00'", 1, 3, DATES))),
    Case("an Excel error among answers", "shop.xlsx", workbook(*GRID, ["#N/A", 3, "één"]), refused("shop.xlsx", text_in("t1", "'#N/A'", 1, 3))),
    Case("a duplicate header in a workbook", "shop.xlsx", workbook(["t1", "t1"], [1, 2]), refused("shop.xlsx", "the header 't1' stands more than once. Rename one of the columns.")),
    Case("only headers in a workbook", "shop.xlsx", workbook(GRID[0]), refused("shop.xlsx", "has headers but no rows.")),
    Case("an empty workbook", "shop.xlsx", workbook(Leeg=[]), refused("shop.xlsx", "none of its sheets holds anything. Export it again.")),
    Case("a workbook cut off", "shop.xlsx", cut(workbook(*GRID), 200), damaged("xlsx")),
    Case("a workbook with a password", "shop.xlsx", OLE, refused("shop.xlsx", f"cannot be read as xlsx: by its content it is {OLD}")),
    Case("an old workbook", "shop.xls", OLE, refused("shop.xls", f"cannot be read as xls: by its content it is {OLD}")),
    Case("a web page named .xls", "shop.xls", PAGE, refused("shop.xls", "cannot be read as xls: by its content it is a web page (HTML). Open it in a spreadsheet and save it as .xlsx.")),
    Case("text named .xlsx", "shop.xlsx", ROWS, renamed("xlsx", "a text table", ".csv")),
    Case("a workbook named .csv", "shop.csv", workbook(*GRID), renamed("csv", "an Excel workbook", ".xlsx")),
    # ---- SPSS
    Case("an SPSS file", "shop.sav", spss(), same()),
    Case("a compressed SPSS file", "shop.zsav", spss(compress=True), same()),
    Case("an SPSS file in capitals", "SHOP.SAV", spss(), same()),
    Case("discrete user-missing codes", "shop.sav", labelled({5: "eens"}, missing_ranges={"t1": [5, 4]}), Loads({"t1": [1, 2, None, None]}, (("marked_missing", "t1", 2), ("nonresponse", "t1", 2))), NOTHING),
    Case("a user-missing range", "shop.sav", labelled({5: "eens"}, missing_ranges={"t2": [{"lo": 8, "hi": 99}]}), Loads({"t2": [3, None, None, 7]}, (("marked_missing", "t2", 2), ("nonresponse", "t2", 2))), NOTHING),
    Case("a code labelled as no answer, which the codebook takes for one", "shop.sav", labelled({5: "weet niet", 1: "oneens"}), Loads({"t1": [1, 2, 5, 4]}, (("labelled_missing", "t1", 1),)), NOTHING),
    Case("an SPSS file cut off", "shop.sav", cut(spss(), 10), damaged("sav")),
    Case("a compressed SPSS file cut off", "shop.zsav", cut(spss(compress=True), 10), damaged("zsav")),
    Case("an SPSS file without rows", "shop.sav", spss(FRAME.iloc[:0]), refused("shop.sav", "has headers but no rows.")),
    Case("an SPSS file named .csv", "shop.csv", spss(), renamed("csv", "an SPSS file", ".sav")),
    Case("text named .sav", "shop.sav", ROWS, renamed("sav", "a text table", ".csv")),
    # ---- Stata
    Case("a Stata file", "shop.dta", stata(), same()),
    Case("an old Stata file", "shop.dta", stata(FRAME.assign(merk="een"), version=8), Loads({"t1": [1, 5], "merk": ["een", "een"]}, (TINY,))),
    Case("Stata's .a", "shop.dta", stata(pd.DataFrame({"t1": pd.Series([1, "a", 5], dtype=object)}), missing_user_values={"t1": ["a"]}), Loads({"t1": [1, None, 5]}, (("marked_missing", "t1", 1), ("nonresponse", "t1", 1))), ONE),
    Case("a Stata file cut off", "shop.dta", cut(stata(), 30), damaged("dta")),
    Case("an old Stata file cut off", "shop.dta", cut(stata(version=8), 10), damaged("dta")),
    Case("a Stata file named .sav", "shop.sav", stata(), renamed("sav", "a Stata file", ".dta")),
    # ---- parquet
    Case("a parquet file", "shop.parquet", parquet(FRAME), same()),
    Case("categories, in parquet", "shop.parquet", parquet({"t1": pd.Categorical([1, 5]), "t2": [10, 0], "merk": pd.Categorical(["één", "één"])}), same()),
    Case("whole numbers with gaps, in parquet", "shop.parquet", parquet({"t1": pd.array([1, None, 5], dtype="Int64")}), Loads({"t1": [1, None, 5]}, (("nonresponse", "t1", 1),)), ONE),
    Case("yes and no, in parquet", "shop.parquet", parquet({"t1": [True, False]}), Loads({"t1": [1, 0]}), BINARY),
    Case("yes, no and gaps, in parquet", "shop.parquet", parquet({"t1": pd.array([True, None, False], dtype="boolean")}), Loads({"t1": [1, None, 0]}, (("nonresponse", "t1", 1),)), BINARY),
    Case("yes, no and None as objects, in parquet", "shop.parquet", parquet({"t1": [True, None, False]}), Loads({"t1": [1, None, 0]}, (("nonresponse", "t1", 1),)), BINARY),
    Case("decimals, in parquet", "shop.parquet", parquet({"t1": [Decimal("1.50"), Decimal("5.00")]}), Loads({"t1": [1.5, 5]}), ONE),
    Case("moments where answers should be, in parquet", "shop.parquet", parquet({"t1": pd.to_datetime([MOMENT, MOMENT])}), refused("shop.parquet", text_in("t1", "'2025-05-01 12:00:00'", 2, 2, DATES)), ONE),
    Case("lists in cells, in parquet", "shop.parquet", parquet({"t1": [[1, 2], [3]]}), refused("shop.parquet", "column 't1' holds list<element: int64>, and an answer is a number or a text. Unfold it, or leave it out."), ONE),
    Case("a parquet file without rows", "shop.parquet", parquet(FRAME.iloc[:0]), refused("shop.parquet", "has headers but no rows.")),
    Case("a parquet file cut off", "shop.parquet", cut(parquet(FRAME), 10), damaged("parquet")),
    Case("a parquet file with a bad end", "shop.parquet", b"PAR1" + bytes(200) + b"PAR1", damaged("parquet")),
    Case("a parquet file named .csv", "shop.csv", parquet(FRAME), renamed("csv", "a parquet file", ".parquet")),
]  # fmt: skip
