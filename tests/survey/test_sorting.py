"""The sorting task: a sheet that gives nothing away, read back with agreement as printed elsewhere."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from loyaltylab import read_codebook
from loyaltylab.cli.commands import app
from loyaltylab.core.errors import DataError
from loyaltylab.kernels.factors import agreement_beyond_chance
from loyaltylab.survey.files.raw_table import read_raw
from loyaltylab.survey.sorting import Sorting, read_sorting, sorting_sheet

from ..conftest import write

BOOK = read_codebook("corporate_reputation")

#: Twelve units, four raters, five categories, with gaps: Gwet (2014), Handbook of Inter-Rater Reliability, as in irrCAC.
FOUR = [[1, 1, 0, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4], [1, 1, 2, 1],
        [2, 2, 2, 2], [0, 5, 5, 5], [0, 0, 1, 1], [0, 0, 3, 0]]  # fmt: skip
#: Ten subjects, fourteen raters, five categories: Fleiss (1971) as told in many texts; κ = .210.
FOURTEEN = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0], [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]  # fmt: skip


def test_agreement_is_that_of_printed_examples():
    counts = np.array([[row.count(category) for category in range(1, 6)] for row in FOUR])
    assert agreement_beyond_chance(counts) == pytest.approx(0.77544, abs=5e-6)
    pairs = np.repeat([[2, 0], [1, 1]], [118, 7], axis=0)
    assert agreement_beyond_chance(pairs) == pytest.approx(0.9408, abs=5e-5), "where kappa is below zero"
    from statsmodels.stats.inter_rater import fleiss_kappa

    assert fleiss_kappa(np.array(FOURTEEN)) == pytest.approx(0.210, abs=5e-4)
    assert agreement_beyond_chance(np.array([[3, 0], [0, 3]])) == 1 and np.isnan(
        agreement_beyond_chance(np.zeros((2, 2), int))
    )


def filled(tmp_path, *changes):
    """Sheets of judges who follow the codebook but for these changes."""
    own = {i: block for block, names in BOOK.blocks().items() for n in names for i in BOOK.items_of(n)}
    paths = []
    for judge, change in enumerate(changes):
        blank = sorting_sheet(BOOK, tmp_path / "blank.csv", seed=judge)
        frame = pd.read_csv(blank, dtype=str, keep_default_na=False)
        frame.iloc[:, 2] = [(own | change)[item] for item in frame["item"]]
        frame.to_csv(paths.append(tmp_path / f"judge_{judge}.csv") or paths[-1], index=False)
    return paths


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_sheet_gives_nothing_away_and_is_the_same_twice(tmp_path, ending):
    first, second = (sorting_sheet(BOOK, tmp_path / f"{name}.{ending}", seed=4) for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert sorting_sheet(BOOK, tmp_path / f"c.{ending}", seed=5).read_bytes() != first.read_bytes(), "another order"
    frame = read_raw(first).frame
    assert sorted(frame["item"]) == sorted(i for n in BOOK.names("driver") for i in BOOK.items_of(n))
    assert list(frame["item"]) != sorted(frame["item"]) and frame.columns[2] == "block: emotional | rational | brand values | none of these"  # fmt: skip
    assert set(frame.iloc[:, 2].fillna("")) == {""}
    assert "Quality" not in " ".join(map(str, frame["Question"])), "no name of a scale"


def test_sheets_are_read_back_with_agreement_and_what_is_disputed(tmp_path):
    trust = {"qual_7": "emotional"}
    found = read_sorting(
        filled(tmp_path, trust, trust | {"qual_5": "Emotioneel"}, trust | {"qual_5": "none", "csor_1": ""}), BOOK
    )
    rows = found.tidy().set_index("term")
    assert (rows.loc["qual_7", "verdict"], rows.loc["qual_7", "majority"]) == ("elsewhere", "emotional")
    assert (rows.loc["qual_5", "verdict"], rows.loc["qual_5", "n"]) == ("disputed", 3)
    assert rows.loc["csor_1", "n"] == 2 and rows.loc["csor_1", "verdict"] == "agreed", "one left it open"
    assert found.disputed == ["qual_5", "qual_7"] and found.stat("n_disputed").value == 2
    assert 0.8 < found.kappa < 1 and 0.8 < found.ac1 < 1
    alike = Sorting(BOOK, found.items, np.full(found.placed.shape, "emotional", dtype=object), found.provenance)
    assert alike.ac1 == 1 and np.isnan(alike.kappa), "kappa says nothing where all is placed alike"


def test_a_sheet_that_cannot_be_is_refused_with_its_row(tmp_path):
    good, bad = filled(tmp_path, {}, {"qual_1": "reason"})
    with pytest.raises(
        DataError, match=r"judge_1.csv, row \d+: 'reason' is no block. Possible: emotional, rational, values, none"
    ):
        read_sorting([good, bad], BOOK)
    with pytest.raises(DataError, match="1 sheet was given; agreement takes two judges or more"):
        read_sorting([good], BOOK)
    (tmp_path / "c.csv").write_text("item,block\nqual_1,rational\nqual_1,rational\n", encoding="utf-8")
    with pytest.raises(DataError, match="c.csv, row 3: 'qual_1' stands twice"):
        read_sorting([good, tmp_path / "c.csv"], BOOK)
    (tmp_path / "d.csv").write_text("item,place\nqual_1,rational\nqual_2,values\n", encoding="utf-8")
    with pytest.raises(DataError, match="d.csv: has item, place; a sorting sheet has columns item and block"):
        read_sorting([good, tmp_path / "d.csv"], BOOK)
    with pytest.raises(DataError, match="ends in .csv or .xlsx"):
        sorting_sheet(BOOK, tmp_path / "a.pdf")


def test_the_command_writes_a_sheet_and_reads_those_of_judges(tmp_path):
    run = CliRunner().invoke
    made = run(app, ["codebook", "sort", "corporate_reputation", "-o", str(tmp_path / "s.xlsx"), "--language", "nl"])
    assert (
        made.exit_code == 0 and "Geef elke beoordelaar een exemplaar" in made.output and (tmp_path / "s.xlsx").exists()
    )
    sheets = filled(tmp_path, {}, {"qual_7": "emotional"}, {"qual_7": "emotional"})
    read = [part for sheet in sheets for part in ("--read", str(sheet))]
    said = run(app, ["codebook", "sort", "corporate_reputation", *read]).output
    assert (
        "27 items, 3 judges" in said
        and "qual_7 · Trustworthy: most put it elsewhere (rational → emotional, 67%)" in said
    )
    found = json.loads(run(app, ["codebook", "sort", "corporate_reputation", *read, "--json"]).output)
    assert found["n_judges"] == 3 and {row["term"] for row in found["items"] if row["verdict"] != "agreed"} == {
        "qual_7"
    }


def test_a_question_that_begins_as_a_formula_is_none_in_the_sheet(tmp_path):
    text = """
title: Shop
source: people
items:
  joy: {label: Joy, wording: '=HYPERLINK("http://a", "b")', role: driver, block: emotional}
  price: {label: Price, wording: "fair;@SUM(1)", role: driver, block: rational}
"""
    book = read_codebook(write(tmp_path / "book.yml", text))
    with open(sorting_sheet(book, tmp_path / "sheet.csv"), encoding="utf-8-sig", newline="") as sheet:
        cells = [part for row in csv.reader(sheet) for cell in row for part in cell.split(";")]
    assert not any(cell.startswith(("=", "@", "+", "-")) for cell in cells)


@pytest.mark.parametrize("sheet", [None, 5, [1]])
def test_what_is_no_sheet_is_refused_in_words(sheet):
    with pytest.raises(DataError, match="give the path of a file"):
        read_sorting([sheet, sheet], BOOK)
