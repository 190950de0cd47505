"""Data, parameters and codebooks that nobody means: one sentence, the same thing at every door, and nothing run."""

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from loyaltylab import Moments, check_survey, read_codebook, read_data, read_survey
from loyaltylab.core.errors import DataError, LoyaltyLabError, ModelError, UnknownName
from loyaltylab.core.escapes import printable
from loyaltylab.survey.simulation import simulate

from ..conftest import MADE_UP, write

BOOK = """
title: Shop
source: people
defaults: {range: [1, 7]}
items:
  joy: {label: Joy, role: driver, block: emotional}
  price: {label: Price, role: driver, block: rational}
  stay: {label: Stay, role: outcome}
  seg: {label: Region, role: segment}
  wt: {range: null, role: weight}
"""
DOORS = ["frame", "csv", "duckdb"]
FILES = ["csv", "xlsx", "parquet", "sav", "zsav", "por", "xpt", "dta", "duckdb:csv", "duckdb:parquet"]


@pytest.fixture
def rows():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.integers(1, 8, (60, 3)), columns=["joy", "price", "stay"])
    return frame.assign(seg=np.where(np.arange(60) % 2, "north", "south"), wt=1.0)


def moments(rows, folder, door, book=BOOK, **options):
    """The moments of these rows, read by one of the doors."""
    path = write(folder / "book.yml", book)
    if door == "frame":
        found = read_survey(rows, read_codebook(path), **options)
    else:
        pytest.importorskip("ibis")
        kind = {"csv": "csv", "duckdb": "parquet"}[door]
        (rows.to_csv if kind == "csv" else rows.to_parquet)(folder / f"rows.{kind}", index=False)
        prefix = "duckdb:" if door == "duckdb" else ""
        found = read_data(f"{prefix}{folder / f'rows.{kind}'}", str(path), **options)
    return found.moments(["stay", "joy", "price"])


@pytest.fixture(params=FILES)
def saved(request, tmp_path):
    """A frame as a file: what `read_data` takes to read it by one of the doors."""

    def save(frame: pd.DataFrame) -> str:
        prefix, _, ending = request.param.rpartition(":")
        file = tmp_path / f"rows.{ending}"
        if hasattr(frame, f"to_{ending}") or ending == "xlsx":
            getattr(frame, {"xlsx": "to_excel"}.get(ending, f"to_{ending}"))(file, index=False)
        elif ending == "zsav":
            pyreadstat.write_sav(frame, file, compress=True)
        else:
            getattr(pyreadstat, {"xpt": "write_xport"}.get(ending, f"write_{ending}"))(frame, file)
        if prefix:
            pytest.importorskip("ibis")
        return f"{prefix}:{file}".removeprefix(":")

    return save


def test_a_table_wider_than_a_sheet_is_refused_before_its_columns_are_looked_at(rows, tmp_path, saved, monkeypatch):
    """A file of 100,000 columns took minutes, by any door."""
    data, book = saved(rows.drop(columns="seg")), str(write(tmp_path / "book.yml", BOOK))
    monkeypatch.setattr("loyaltylab.survey.files.text.MOST_COLUMNS", 3)
    with pytest.raises(DataError, match="it has 4 columns, and no more than 3 are read, as many as a sheet of Excel"):
        read_data(data, book)
    with pytest.raises(DataError, match="data frame: it has 5 columns"):
        read_survey(rows, book)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("weight", [-1.0, 0.0, np.inf, -np.inf, 1e300])
def test_a_weight_that_cannot_be_is_refused_at_every_door(rows, tmp_path, door, weight):
    rows.loc[3, "wt"] = weight
    with pytest.raises(DataError, match="wt"):
        moments(rows, tmp_path, door, weight="wt")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("weight", ["wt", "seg"])
def test_a_weight_of_words_is_refused_at_every_door(rows, tmp_path, door, weight):
    rows["wt"] = np.where(np.arange(60) < 20, "1.5", "heavy")
    said = f"'{weight}' holds text in {40 if weight == 'wt' else 60} of 60 rows"
    with pytest.raises(DataError, match=said):
        moments(rows, tmp_path, door, weight=weight)
    rows["wt"] = np.where(np.arange(60) < 20, "1.5", " 1")
    assert moments(rows, tmp_path, door, weight="wt").n == 60


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("answer", ["inf", "1e400", "0x5", "0_5", "٣", "3+0j", "=1+1", "[1]"])
def test_an_answer_that_is_no_number_is_refused_at_every_door(rows, tmp_path, door, answer):
    rows["joy"] = rows["joy"].astype(str)
    rows.loc[3, "joy"] = answer
    with pytest.raises(DataError, match="joy"):
        moments(rows, tmp_path, door)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", ["a'; DROP TABLE answers; --", 'b"x', "\u202enorth", "{{ 7*7 }}", "x" * 10_000])
def test_a_group_may_have_any_name(rows, tmp_path, door, name):
    rows["seg"] = np.where(np.arange(60) % 2, name, "south")
    assert moments(rows, tmp_path, door).n == 60
    if door != "frame":
        assert moments(rows, tmp_path, door, only=f"seg={name}").n == 30


@pytest.mark.parametrize("sign", ["\u202a", "\u202b", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"])
def test_no_sign_turns_the_order_of_what_is_printed(sign):
    assert printable(f"stay{sign}joy") == "stay joy"


@pytest.mark.parametrize("read", [read_survey, check_survey])
@pytest.mark.parametrize(
    "data", [[1, 2], None, 5, pd.Series([1, 2]), {"joy": [1]}], ids=lambda data: type(data).__name__
)
def test_what_is_neither_a_path_nor_a_frame_is_refused_in_words(tmp_path, read, data):
    with pytest.raises(LoyaltyLabError):
        read(data, str(write(tmp_path / "book.yml", BOOK)))


def test_a_frame_without_rows_has_nothing_to_check(rows, tmp_path):
    with pytest.raises(DataError, match="data frame: has headers but no rows"):
        check_survey(rows.iloc[:0], str(write(tmp_path / "book.yml", BOOK)))


@pytest.mark.parametrize("data", ["~nobody_of_this_name/x.csv", "duckdb:~nobody_of_this_name/x.parquet"])
def test_the_home_of_nobody_is_no_path(tmp_path, data):
    with pytest.raises(DataError, match=r"is not a file here|no such file"):
        read_data(data, str(write(tmp_path / "book.yml", BOOK)))
    with pytest.raises(UnknownName, match="codebook '~nobody_of_this_name/b.yml' is not a file here"):
        read_codebook("~nobody_of_this_name/b.yml")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n_draws": 10**12}, "n_draws is 1000000000000; allowed: a whole number, at most 1,000,000."),
        ({"n_draws": 200.5}, "n_draws is 200.5; allowed: a whole number"),
        ({"n_draws": float("nan")}, "n_draws is nan"),
        ({"n_draws": -5}, "-5 draws are too few"),
        ({"seed": -1}, "seed is -1; allowed: a whole number, 0 or more."),
        ({"seed": "x"}, "seed is 'x'; allowed: a whole number"),
        ({"seed": 1.5}, "seed is 1.5"),
    ],
)
def test_draws_and_seeds_that_cannot_be_are_refused_in_words(rows, options, said):
    with pytest.raises(ModelError, match=said):
        Moments.bootstrap(rows, ["joy", "stay"], provenance=MADE_UP, **options)
    sample = Moments.from_frame(rows, ["joy", "stay"], provenance=MADE_UP)
    with pytest.raises(ModelError, match=said):
        sample.draws(**options)


def test_more_respondents_than_memory_holds_are_not_simulated():
    with pytest.raises(DataError, match="more than 5,000,000 respondents are not simulated at once"):
        simulate(n=10**12)
    with pytest.raises(DataError, match="more than 5,000,000"):
        read_data("simulated n=1000000000000")


@pytest.mark.parametrize(
    "book",
    [
        "",
        "- 1\n",
        "42",
        "[" * 20_000,
        "{a: " * 5_000,
        "items: &x {joy: *x}\n",
        "items: &x\n  <<: *x\n",
        BOOK.replace("Joy", '!!python/object/apply:os.system ["exit 1"]'),
        BOOK.replace("Joy", "!!binary aGVsbG8="),
        BOOK.replace("Joy", "2020-01-01"),
        BOOK.replace("Joy", '"\\ud800"'),
        BOOK.replace("[1, 7]", "[1, .inf]"),
        BOOK.replace("[1, 7]", "[7, 1]"),
        BOOK.replace("[1, 7]", f"[1, {'9' * 6000}]"),
        BOOK.replace("[1, 7]", "!!set {1, 7}"),
        BOOK.replace("  seg:", "  ? [a, b]\n  : {label: D}\n  seg:"),
        BOOK.replace("  seg:", "  yes: {label: D}\n  seg:"),
        BOOK + "  joy: {label: Again}\n",
        BOOK + "---\n" + BOOK,
        BOOK + "__class__: x\n",
        BOOK + "scales:\n  S: {items: [joy, joy]}\n",
        BOOK + "scales:\n  S: {items: [joy, price], min_answered: .inf}\n",
    ],
    ids=range(22),
)
def test_an_odd_codebook_is_refused_in_one_sentence(tmp_path, book):
    with pytest.raises(LoyaltyLabError) as caught:
        read_codebook(write(tmp_path / "book.yml", book))
    assert "book.yml" in str(caught.value) and len(str(caught.value)) < 500


# ---- a count of few in a message, which may end on a page ----------------------------------------------------------------


def _one_complete(rows):
    """Two questions that one person answered both of."""
    rows.loc[:29, "joy"] = np.nan
    rows.loc[31:, "price"] = np.nan


def _two_odd(rows):
    rows["stay"] = rows["stay"].astype(float)
    rows.loc[[4, 9], "stay"] = 4.25


#: What is wrong with a few rows, how the survey is read, and what a refusal says of them.
FEW = {
    "complete": (_one_complete, {}, "fewer than 10 of 60 rows are complete on stay, joy, price; at least 2 are needed"),
    "weights": (lambda rows: rows.__setitem__("wt", np.where(np.arange(60) < 3, -1.0, 1.0)), {"weight": "wt"}, "in fewer than 10 of 60 rows"),
    "nearly all": (lambda rows: rows.__setitem__("wt", np.where(np.arange(60) < 3, 1.0, -1.0)), {"weight": "wt"}, "in all but fewer than 10 of 60 rows"),
    "words": (lambda rows: rows.__setitem__("wt", np.where(np.arange(60) < 3, "heavy", "1.5")), {"weight": "wt"}, "holds text in fewer than 10 of 60 rows"),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("what", FEW)
def test_a_refusal_does_not_count_a_handful_at_any_door(rows, tmp_path, door, what):
    """A message may stand on a page ("Not computed here: …"), and one person's silence is theirs."""
    if what == "words" and door != "duckdb":
        pytest.skip("the reader of a file names the cells that hold words")
    change, options, said = FEW[what]
    change(rows)
    with pytest.raises(DataError, match=said):
        moments(rows, tmp_path, door, **options)


def test_where_nobody_answered_both_the_refusal_says_so(rows, tmp_path):
    rows.loc[:29, "joy"], rows.loc[30:, "price"] = np.nan, np.nan
    with pytest.raises(DataError, match="^0 of 60 rows are complete on"):
        moments(rows, tmp_path, "frame")


def test_answers_between_two_points_are_not_counted_where_they_are_few(rows, tmp_path):
    from loyaltylab.loyalty import top_box

    _two_odd(rows)
    survey = read_survey(rows, read_codebook(write(tmp_path / "book.yml", BOOK)))
    with pytest.raises(DataError, match="'stay' holds fewer than 10 answers between two scale points"):
        top_box(survey, "stay")


def test_what_few_rows_were_read_as_is_not_counted_in_the_source(rows, tmp_path):
    """The steps of a source stand below every figure and in the manifest."""
    rows["seg"] = rows["seg"].where(np.arange(60) != 4, "abroad")
    book = read_codebook(
        write(tmp_path / "book.yml", BOOK.replace("{label: Region, role: segment}", "{label: Region, role: segment, values: {north: North, south: South}}"))
    )  # fmt: skip
    steps = " ".join(read_survey(rows, book).provenance.steps)
    assert "seg: fewer than 10 answers" in steps and "seg: 1 " not in steps


def test_no_refusal_counts_respondents_by_itself():
    """Every count of rows, respondents or answers that an error names is worded by `how_many`; `check` and the readers of
    files, which name the line and the row to whoever has the file, are no part of it."""
    import ast
    from pathlib import Path

    import loyaltylab

    package, found = Path(loyaltylab.__file__).parent, []
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts
        if room[0] in ("cli", "codebook", "home") or room[:2] in (("survey", "files"), ("survey", "checks")):
            continue
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Raise) or node.exc is None:
                continue
            for part in ast.walk(node.exc):
                if isinstance(part, ast.JoinedStr) and (why := _counts(part)):
                    found.append(f"{path.name}:{part.lineno}: {why}")
    assert not found, "\n".join(found)


def _counts(text) -> str:
    """What in an f-string is a bare count "{n} of {m} rows" of a part of the rows."""
    import ast
    import re

    parts = "".join(
        part.value if isinstance(part, ast.Constant)
        else "‹told›" if "how_many" in ast.unparse(part.value) or ast.unparse(part.value) == "told" else "‹n›"
        for part in text.values
    )  # fmt: skip
    return parts if re.search(r"‹n› of ‹n› (rows|respondents|scores)", parts) else ""


# ---- frames of odd kinds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Int8", "Float32", "int8[pyarrow]", "double[pyarrow]"])
@pytest.mark.parametrize("at", [0, 1, 30])
def test_a_frame_of_columns_that_may_lack_is_read_as_its_csv(rows, tmp_path, kind, at):
    """`pd.NA` in the first row was an error of Python."""
    if "pyarrow" in kind:
        pytest.importorskip("pyarrow")
    rows["joy"] = rows["joy"].astype(kind)
    rows.loc[at, "joy"] = pd.NA
    one, other = (moments(rows, tmp_path, door) for door in ("frame", "csv"))
    assert one.n == other.n == 59 and np.allclose(one.mean, other.mean, rtol=1e-12)


@pytest.mark.parametrize("kind", ["string", "string[pyarrow]", "category", "boolean"])
def test_a_group_of_columns_that_may_lack_is_read_as_its_csv(rows, tmp_path, kind):
    if "pyarrow" in kind:
        pytest.importorskip("pyarrow")
    rows["seg"] = pd.Series(np.arange(60) % 2 == 0).astype(kind) if kind == "boolean" else rows["seg"].astype(kind)
    rows.loc[[0, 7], "seg"] = None
    assert [moments(rows, tmp_path, door).n for door in ("frame", "csv")] == [60, 60]


def test_a_sparse_frame_is_read_as_a_dense_one(rows, tmp_path):
    thin = rows.assign(joy=pd.arrays.SparseArray(rows["joy"].to_numpy(), fill_value=4))
    one, other = (moments(frame, tmp_path, "frame") for frame in (thin, rows))
    assert one.n == 60 and (one.mean == other.mean).all()


def test_a_frame_of_complex_numbers_is_refused(rows, tmp_path):
    """Their imaginary part was dropped without a word."""
    with pytest.raises(DataError, match="joy: holds complex numbers"):
        moments(rows.assign(joy=rows["joy"] + 2j), tmp_path, "frame")


def test_groups_that_differ_in_how_an_accent_is_stored_are_told(rows, tmp_path):
    """é as one sign and as two look the same and count as two groups."""
    rows["seg"] = np.where(np.arange(60) % 2, "Caf\u00e9", "Cafe\u0301")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    found = check_survey(tmp_path / "rows.csv", str(write(tmp_path / "book.yml", BOOK)))
    told = found.tidy()
    assert (told["check"] == "alike_answers").sum() == 1 and set(
        told.loc[told["check"] == "alike_answers", "where"]
    ) == {"seg"}
