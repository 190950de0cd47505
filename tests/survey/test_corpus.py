"""Every small bad or odd file loads right, or ends in one clear message: by the command line and by the library alike."""

import json
import os

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from loyaltylab import net_promoter, read_survey, read_warehouse
from loyaltylab.cli.commands import app
from loyaltylab.codebook.findings import CHECKS
from loyaltylab.core.errors import DataError, LoyaltyLabError
from loyaltylab.survey.files.raw_table import read_raw

from .corpus import Loads, Refused, airport, book, codebooks, doors, formats, texts, traps

pytestmark = pytest.mark.slow

CASES = [case for module in (texts, formats, traps, codebooks, airport, doors) for case in module.CASES]
#: Errors that stop a model, or a weight that is named, not the reading of the file.
OF_THE_MODEL = {"more_drivers_than_rows", "negative_weight", "zero_weights"}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to be in, so that messages name files as a user would."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def check(file, *options):
    """Exit code, words and message of `loyaltylab check`; anything but a message for the user is raised."""
    result = CliRunner().invoke(app, ["check", file, "--codebook", "book.yml", *options])
    if result.exception and not isinstance(result.exception, (SystemExit, LoyaltyLabError)):
        raise result.exception
    message = "" if isinstance(result.exception, SystemExit) or not result.exception else str(result.exception)
    return result.exit_code, result.output, message


def test_the_corpus_is_wide():
    names = [case.name for case in CASES]
    assert len(CASES) > 200 and len(set(names)) == len(names)
    found = {finding[0] for case in CASES if isinstance(case.expected, Loads) for finding in case.expected.findings}
    beside = {"text_among_numbers", "outside_range", "against_block", "guessed_missing", "few_rows_for_shares"}
    assert found == set(CHECKS) - beside, (
        "two refuse a file, one needs an outcome, one a draft, one is told of each case"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_loads_right_or_is_refused_in_one_message(case, here):
    case.write(here)
    try:
        survey, message = read_survey(case.file, "book.yml"), ""
    except LoyaltyLabError as error:
        survey, message = None, str(error)
    code, words, shown = check(case.file)
    as_json, text, _ = check(case.file, "--json")
    found = json.loads(text)

    assert message == (case.expected.message if isinstance(case.expected, Refused) else "")
    assert all(len(line) < 420 for line in message.splitlines()) and message.count("\n") < 12
    for said in (message, words, shown, text):
        assert str(here) not in said and str(here.parent) not in said and "Traceback" not in said
    errors = [row for row in found["findings"] if row["severity"] == "error"]
    stops = [f"{row['what']}. {row['todo']}" for row in errors if row["check"] not in OF_THE_MODEL]
    assert bool(message) == ("error" in found or bool(stops)), "check and read_survey say the same"
    assert code == as_json == (0 if found["ok"] else 1) and found["ok"] == ("error" not in found and not errors)
    if "error" in found:
        assert found["error"] == shown == message
    elif stops:
        more = [f"and {len(stops) - 10} more columns; loyaltylab check lists them all."] * (len(stops) > 10)
        assert message == f"{case.file}: " + "\n".join(stops[:10] + more)
    else:
        told = [row for row in found["findings"] if row["check"] != "few_rows_for_shares"]  # the corpus is small
        assert {(f["check"], f["where"], f["n_rows"]) for f in told} == set(case.expected.findings)
        assert len(told) == len(case.expected.findings)
        for name, cells in case.expected.cells.items():
            assert [None if pd.isna(cell) else cell for cell in survey.frame[name]] == cells


@pytest.mark.parametrize("twin", doors.TWINS, ids=lambda twin: twin.name)
def test_a_frame_and_a_database_give_what_the_file_gives(twin, here):
    """Types are made alike once, at the door: whichever door the same answers come in by."""
    twin.write(here)
    read_survey(twin.file, "book.yml")  # the values of the file are those of the corpus
    frame = read_survey(pd.read_csv(twin.file, dtype=str, keep_default_na=False), "book.yml").frame
    for name, cells in twin.expected.cells.items():
        assert [None if pd.isna(cell) else cell for cell in frame[name]] == cells, name
    # of few a database tells nothing apart, so each answers twelve times
    pd.concat([pd.read_csv(twin.file, dtype=str, keep_default_na=False)] * 12).to_csv("more.csv", index=False)
    base = read_warehouse("duckdb:more.csv", "book.yml")
    for name, cells in twin.expected.cells.items():
        if (item := base.codebook.items[name]).role == "segment":
            counts = {code: 12 * cells.count(code) for code in item.values}
            assert base.sizes(name) == {code: n for code, n in counts.items()}, name
        else:
            assert base.moments([name]).mean[0] == pytest.approx(np.mean(cells)), name


#: Oddities of the table itself that a csv read by somebody else brings along.
AS_FRAMES = [
    case
    for case in (*doors.FILES, *texts.CASES)
    if case.file.endswith(".csv")
    and isinstance(case.content, (str, pd.DataFrame))
    and isinstance(case.expected, Loads)
    and not str(case.content).startswith("sep=")
]


@pytest.mark.parametrize("case", AS_FRAMES, ids=lambda case: case.name)
def test_a_csv_that_pandas_read_holds_what_the_file_does(case, here):
    case.write(here)
    sign = read_raw(case.file).detected.delimiter
    frame = read_survey(pd.read_csv(case.file, dtype=str, keep_default_na=False, sep=sign), "book.yml").frame
    for name, cells in case.expected.cells.items():
        assert [None if pd.isna(cell) else cell for cell in frame[name]] == cells, name


@pytest.mark.parametrize("segment", doors.SEGMENTS)
def test_a_database_finds_the_groups_that_a_file_has(segment, here):
    codes, values, sizes = doors.SEGMENTS[segment]
    codes, sizes = codes * 4, {name: 4 * n for name, n in sizes.items()}  # of few, a database tells nothing apart
    pd.DataFrame({"t1": [1, 5, 3] * (len(codes) // 3), "land": codes}).to_csv("shop.csv", index=False)
    (here / "book.yml").write_text(book(f"t1: {{range: [1, 5]}}\nland: {{role: segment, values: {values}}}"))
    parts = {name: len(part.frame) for name, part in read_survey("shop.csv", "book.yml").split("land", min_n=1).items()}
    assert parts == sizes
    base = read_warehouse("duckdb:shop.csv", "book.yml")
    for name, n in sizes.items():
        if name != "not listed":
            assert base.only(f"land={name}").moments(["t1"]).n == n


def test_a_file_that_may_not_be_read(here):
    texts.CASES[0].write(here)
    (here / "shop.csv").chmod(0)
    if os.access(here / "shop.csv", os.R_OK):
        pytest.skip("this account may read everything")
    expected = "shop.csv: cannot be opened (Permission denied). Give yourself the right to read it, or copy it first."
    with pytest.raises(DataError) as caught:
        read_survey("shop.csv", "book.yml")
    assert str(caught.value) == expected == check("shop.csv")[2]


def test_the_airport_twin_gives_the_score_computed_by_hand(here):
    airport.STATED.write(here)
    plain = read_survey("shop.csv", "book.yml")
    weighted = read_survey("shop.csv", "book.yml", weight="WEIGHT")
    for survey, score, mean in (
        (plain, airport.NET_PROMOTER, airport.MEAN),
        (weighted, airport.WEIGHTED, airport.WEIGHTED_MEAN),
    ):
        row = net_promoter(survey, "NETPRO").tidy().iloc[0]
        assert row["estimate"] == pytest.approx(score, abs=1e-12) and row["n"] == 16
        assert survey.moments(["ART"]).mean[0] == pytest.approx(mean, abs=1e-12)
        assert survey.sample(["ART"]).stat("n_complete").value == 16


def test_eleven_is_never_taken_for_a_promoter(here):
    """Whoever lets 11 through as an answer would get 30 instead of 12.5: the score refuses the item."""
    airport.PROMOTED.write(here)
    survey = read_survey("shop.csv", "book.yml")
    answers = survey.frame["NETPRO"]
    assert 100 * ((answers >= 9).mean() - (answers <= 6).mean()) == pytest.approx(airport.IF_11_PROMOTED)
    with pytest.raises(DataError) as caught:
        net_promoter(survey, "NETPRO")
    assert str(caught.value) == (
        "'NETPRO' is answered from 0 to 11 in the codebook 'book'; the net promoter score needs 0 to 10. Items that fit: none."
    )
