"""Answers that one type, one reader or one habit of an export would have changed in silence."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd

from . import Case, Loads, book
from .formats import workbook
from .texts import READ, outside, refused

LAND = "t1: {range: [1, 5]}\nland: {role: segment, values: %s}"
TINY = ("tiny_segment", "land", None)
PROVINCES = "{01: North, 02: South, 08: East, 09: West}"
QUOTED = "{'01': North, '02': South, '08': East, '09': West}"


def rows(codes: list, header: str = "t1,land") -> str:
    return header + "\n" + "".join(f"{1 + i % 5},{code}\n" for i, code in enumerate(codes))


def by_branch(path: Path) -> None:
    """A workbook whose branches are one merged cell each over the rows of their respondents."""
    workbook(["t1", "land"], [1, "north"], [2, None], [3, None], [4, "south"], [5, None])(path)
    made = openpyxl.load_workbook(path)
    made.active.merge_cells("B2:B4")
    made.active.merge_cells("B5:B6")
    made.save(path)


def averages(path: Path) -> None:
    workbook(
        ["id", "t1", "t2"], *([i, 1 + i % 5, i % 11] for i in range(1, 12)), ["Gemiddelde", 33 / 11, 55 / 11 + 0.25], []
    )(path)


CODES = ["01", "02", "08", "09"] * 10
CARDS = ["None", "NA", "Gold", "null"] * 10
STRAY = 't1,t2,merk\n1,2,ok\n2,3,"te kort\n' + "3,4,ok\n" * 8 + '4,5,"te lang\n5,6,ok\n'
MIDDLE = 't1,merk,t2\n1,ok,2\n2,"te kort,3\n' + "3,ok,4\n" * 3 + '4,"te lang,5\n5,ok,6\n'

#: Answers that have the same values whatever door they come in by.
TWINS = [
    Case("codes with leading zeros, listed as YAML reads them", "shop.csv", rows(CODES), Loads({"land": [1, 2, 8, 9] * 10}), book(LAND % PROVINCES)),
    Case("codes with leading zeros, listed in quotation marks", "shop.csv", rows(CODES), Loads({"land": CODES}), book(LAND % QUOTED)),
    Case("plain codes, listed with leading zeros", "shop.csv", rows([1, 2, 8, 9] * 10), Loads({"land": CODES}), book(LAND % QUOTED)),
    Case("None, NA and null as answers", "shop.csv", rows(CARDS), Loads({"land": CARDS}), book(LAND % '{"None": none, "NA": north america, Gold: gold, "null": zero}')),
    Case("a group that the codebook does not list", "shop.csv", rows(["a"] * 20 + ["b"] * 12), Loads({"land": ["a"] * 20 + ["(not listed)"] * 12}, (("unlisted_answer", "land", 12),)), book(LAND % "{a: A}")),
    Case("TRUE and FALSE, in capitals", "shop.csv", rows(["TRUE", "FALSE", "TRUE"], "t1,ja"), Loads({"ja": [1, 0, 1]}, (READ,)), book("ja: {range: [0, 1]}\nt1: {range: [1, 5]}").replace("range: [1, 5]", "range: null")),
    Case("waar en onwaar", "shop.csv", rows(["Waar", "Onwaar", "waar"], "t1,ja"), Loads({"ja": [1, 0, 1]}, (READ,)), book("ja: {range: [0, 1]}\nt1: {range: null}")),
    Case("percentages with a decimal comma", "shop.csv", rows(['"85,5 %"', '"40 %"', '"7 %"'], "t1,deel"), Loads({"deel": [85.5, 40, 7]}, (READ,)), book("deel: {range: [0, 100]}\nt1: {range: null}")),
    Case("a scale in Dutch words", "shop.csv", rows(["mee eens", "Helemaal mee eens", "MEE ONEENS "], "t1,eens"), Loads({"eens": [4, 5, 2]}, (READ,)), book("eens: {format: five}\nt1: {range: null}", "formats:\n  five: {range: [1, 5], labels: {1: helemaal mee oneens, 2: mee oneens, 3: neutraal, 4: mee eens, 5: helemaal mee eens}}\n")),
    Case("an average score beside whole ones", "shop.csv", rows(["1.5", "2.25", "3"], "t1,eens"), Loads({"eens": [1.5, 2.25, 3]}), book("eens: {range: [1, 5]}\nt1: {range: null}")),
]  # fmt: skip

FILES = [
    Case("two stray quotation marks in the last column", "shop.csv", STRAY, refused("shop.csv", "line 3 opens a quotation mark, and 9 lines stand within it that look like respondents of their own. Take the mark away or close it, or export the file again.")),
    Case("two stray quotation marks in the middle", "shop.csv", MIDDLE, refused("shop.csv", "line 3 opens a quotation mark, and 4 lines stand within it that look like respondents of their own. Take the mark away or close it, or export the file again.")),
    Case("an answer over several lines, with commas in them", "shop.csv", 't1,t2,merk\n1,2,"goed, snel\nen, ja, netjes\n3, 4 keer"\n5,6,ok\n', Loads({"merk": ["goed, snel\nen, ja, netjes\n3, 4 keer", "ok"]}, (("tiny_segment", "merk", None),))),
    Case("a tick-all option with the name of a rating", "shop.csv", "t1,waarom,waarom/t2,waarom/anders\n1,t2,1,0\n5,anders,0,1\n", Loads({"t1": [1, 5]}, (("absent_column", "t2", None), ("unknown_column", "", None))), book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}")),
    Case("a tick-all option whose question is not in the file", "shop.csv", "t1,waarom[t2],waarom[anders]\n1,1,0\n5,0,1\n", Loads({"t1": [1, 5]}, (("absent_column", "t2", None), ("unknown_column", "", None))), book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}")),
    Case("ticks between commas", "shop.csv", 't1,land\n1,"1,3"\n2,2\n3,"2,3"\n', Loads({"land": ["1,3", "2", "2,3"]}, (READ, TINY)), book("t1: {range: [1, 5]}\nland: {role: segment}")),
    Case("ticks with blanks between", "shop.csv", 't1,land\n1,"1, 3"\n2,2\n3,"1, 2"\n', Loads({"land": ["1, 3", "2", "1, 2"]}, (READ, TINY)), book("t1: {range: [1, 5]}\nland: {role: segment}")),
    Case("merged cells over respondents", "shop.xlsx", by_branch, Loads({"land": ["north"] * 3 + ["south"] * 2}, (READ, TINY)), book("t1: {range: [1, 5]}\nland: {role: segment}")),
    Case("a row of averages in a workbook", "shop.xlsx", averages, Loads({"t1": [1 + i % 5 for i in range(1, 12)]}, (READ,)), book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}\nid: {role: respondent}")),
    Case("a row of averages without a name", "shop.csv", "t1,t2\n" + "1,2\n2,5\n5,8\n" * 3 + "2.67,5\n", Loads({"t1": [1, 2, 5] * 3}, (READ,)), book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}")),
    Case("rows of commas", "shop.csv", "t1,t2\n1,2\n5,8\n,\n , \n", Loads({"t1": [1, 5]}, (READ,)), book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}")),
    Case("a Mac's encoding", "shop.csv", "t1,t2,merk\n1,10,één\n5,0,Zoë\n".encode("mac_roman"), Loads({"merk": ["één", "Zoë"]}, (READ, ("tiny_segment", "merk", None)))),
    Case("the encoding of DOS", "shop.csv", "t1,t2,merk\n1,10,één\n5,0,Zoë\n".encode("cp850"), Loads({"merk": ["één", "Zoë"]}, (READ, ("tiny_segment", "merk", None)))),
    Case("the encoding of Central Europe", "shop.csv", ("t1,t2,merk\n1,10,Łódź\n5,0,Kraków\n" + "3,5,obsługa była świetna i szybka\n" * 4).encode("cp1250"), Loads({"merk": ["Łódź", "Kraków", *["obsługa była świetna i szybka"] * 4]}, (READ, ("tiny_segment", "merk", None)))),
    Case("questions in a second row", "shop.csv", "t1,t2\nIk vertrouw hen,Aanbevelen?\n1,2\n5,8\n3,7\n", Loads({"t1": [1, 5, 3]}, (READ,)), book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}")),
    Case("a question over several columns, as SurveyMonkey has it", "shop.csv", "Vraag,,Leeftijd\nPrijs,Service,Open-Ended Response\n1,2,30\n5,3,41\n3,3,55\n", Loads({"prijs": [1, 5, 3]}, (READ, ("absent_column", "t9", None))), book('prijs: {range: [1, 5], wording: {en: "Vraag - Prijs", nl: "Vraag - Prijs"}}\nservice: {range: [1, 5], wording: {en: "Vraag - Service", nl: "Vraag - Service"}}\nLeeftijd: {range: null}\nt9: {}')),
    Case("a code before the question", "shop.csv", "t1. Ik vertrouw hen,t2. Beveelt u aan?\n1,2\n5,8\n", Loads({"t1": [1, 5], "t2": [2, 8]}, (READ,)), book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}")),
    Case("boxes where a rating should be", "shop.csv", pd.DataFrame({"t1": [1, 5] * 12, "t2": [0, 1] * 12}), Loads({}, (("same_column", "t2", 24), ("two_answers", "t2", 24))), book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}")),
    Case("a score beside its questions", "shop.csv", pd.DataFrame({"a1": [1, 2, 5, 4, 3] * 6, "a2": [1, 4, 3] * 10, "x": [2, 1, 3, 3, 1, 2] * 5}).assign(a=lambda f: (f["a1"] + f["a2"]) / 2), Loads({}, (("computed_column", "a", 30),)), book("a1: {range: [1, 5]}\na2: {range: [1, 5]}\nx: {range: [1, 5]}\na: {range: [1, 5]}")),
    Case("boxes to tick, none ticked by many", "shop.csv", pd.DataFrame({f"k{i}": [int(j % 7 == i) for j in range(60)] for i in range(9)}), Loads({}, (("tick_list", "", None), *((("constant_column", f"k{i}", 60)) for i in (7, 8)))), book("\n".join(f"k{i}: {{range: [0, 1]}}" for i in range(9)))),
    Case("many lost to one question", "shop.csv", pd.DataFrame({"a": [1, 2, 5, 4, 3] * 12, "y": [1, 4, 3] * 20}).assign(b=[2, 1, None, 3, None, 2] * 10), Loads({}, (("nonresponse", "b", 20), ("lost_rows", "", 20), ("against_outcome", "b", None))), book("a: {range: [1, 5], role: driver, block: emotional}\nb: {range: [1, 5], role: driver, block: rational}\ny: {range: [1, 5], role: outcome}")),
    Case("a blank among clusters", "shop.csv", pd.DataFrame({"t1": [1, 5, 3, 2], "tak": ["a", "a", None, "b"]}), Loads({"t1": [1, 5, 3, 2]}, (("missing_cluster", "tak", 1), ("clustered_rows", "tak", None))), book("t1: {range: [1, 5]}\ntak: {role: cluster}")),
    Case("days where Excel shows numbers as dates", "shop.xlsx", workbook(["t1", "t2"], *[[pd.Timestamp(1900, 1, day).to_pydatetime(), 3] for day in (4, 5, 1)]), Loads({"t1": [4, 5, 1]}, (READ, ("constant_column", "t2", 3))), book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}")),
    Case("an answer that no group is", "shop.csv", rows(["x"] * 3), refused("shop.csv", outside("land", "x", 3, 3, "a")), book(LAND % "{a: A}")),
]  # fmt: skip
CASES = [*TWINS, *FILES]

_PROVINCES = ["01"] * 6 + ["08"] * 3 + ["09"] * 3
#: Name → codes in the file, values in the codebook, and how many are in each group.
SEGMENTS = {
    "leading zeros": (_PROVINCES, PROVINCES, {"North": 6, "East": 3, "West": 3}),
    "leading zeros in quotation marks": (_PROVINCES, QUOTED, {"North": 6, "East": 3, "West": 3}),
    "None as an answer": (["None"] * 6 + ["Gold"] * 3, '{"None": none, Gold: gold}', {"none": 6, "gold": 3}),
    "not all listed": (["a"] * 6 + ["b"] * 3, "{a: A}", {"A": 6, "not listed": 3}),
}
