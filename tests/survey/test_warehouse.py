"""Sums from a database equal moments of the rows: recoding, scales, weights, segments, hashed groups and every refusal."""

import contextlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from msgspec import structs

from loyaltylab import (
    Moments,
    Provenance,
    importance,
    loyalty,
    net_promoter,
    read_codebook,
    read_data,
    read_survey,
    read_warehouse,
)
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.loyalty import ticked_shares
from loyaltylab.moments.query import aggregate, hashed, summed_by_query, variables
from loyaltylab.reports import run_report
from loyaltylab.reports.running.parameters import read_notebook
from loyaltylab.reports.running.record import facts_of, without_place
from loyaltylab.survey.database import filled, shown_address

from ..conftest import write
from .corpus import book

ibis = pytest.importorskip("ibis", reason="needs the extra 'database'")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")]

CODEBOOK = """
title: A made-up tracker
source: {en: made up for a test, nl: bedacht voor een toets}
tier: synthetic
defaults: {range: [1, 7], missing: [99, "-"]}
items:
  joy: {label: Joy}
  trust: {label: Trust}
  cold: {label: Cold, reverse: true}
  price: {label: Price, role: driver, block: rational}
  speed: {label: Speed, role: driver, block: rational}
  tell: {label: Tell, range: [0, 10]}
  stay: {label: Stay, role: outcome}
  spend: {label: Spend, range: null}
  size: {label: Size, role: segment, values: {1: small, 2: large}}
  wt: {label: Weight, role: weight}
  id: {label: Number, role: respondent}
  code: {label: Code, role: cluster}
scales:
  EMO: {label: Emotion, items: [joy, trust, cold], min_answered: 2, role: driver, block: emotional}
"""
NAMES = ["stay", "EMO", "price", "speed"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """2,000 made-up respondents with missing codes, blanks, a reversed item, a weight, a segment and two kinds of key."""
    folder = tmp_path_factory.mktemp("warehouse")
    rng = np.random.default_rng(7)
    common = rng.normal(size=(2000, 1))
    names = ["joy", "trust", "cold", "price", "speed", "stay"]
    answers = np.clip(np.rint(4 + 1.1 * (common + rng.normal(size=(2000, 6)))), 1, 7).astype(float)
    frame = pd.DataFrame(answers, columns=names)
    for name in names:
        frame.loc[rng.random(2000) < 0.04, name] = 99
        frame.loc[rng.random(2000) < 0.04, name] = np.nan
    frame = frame.assign(
        tell=rng.integers(0, 11, 2000), spend=rng.gamma(2, 40, 2000) + 1e6, size=rng.integers(1, 3, 2000),
        wt=rng.uniform(0.5, 2, 2000), id=np.arange(2000), code=[f"c{i % 400}" for i in range(2000)],
    )  # fmt: skip
    frame.iloc[:1000].to_parquet(folder / "a.parquet")
    frame.iloc[1000:].to_parquet(folder / "b.parquet")
    book = write(folder / "tracker.yml", CODEBOOK)
    return folder, frame, book


@pytest.fixture(scope="module")
def answers(made):
    return read_warehouse(f"duckdb:{made[0]}/*.parquet", made[2], unit="id")


def hash_of(number: int) -> int:
    """The group of a respondent's number, worked out here once more."""
    for step in (11, 2017):
        number = ((number * 48271 + step) % (2**26 - 5)) ** 2 % (2**26 - 5)
    return number % 256


@pytest.fixture(params=["batches", "aggregate query"])
def summed(request, monkeypatch):
    """Both ways in which an engine's rows are summed: here, where the engine is; and in SQL, as of a server."""
    if request.param == "aggregate query":
        monkeypatch.setattr("loyaltylab.moments.query._IN_PROCESS", ())


def same(a: Moments, b: Moments, tolerance: float = 1e-11):
    for part in ("weight", "n", "sum_w2", "mean", "scatter"):
        x, y = getattr(a, part), getattr(b, part)
        np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance * float(np.abs(y).max()), err_msg=part)


@pytest.mark.parametrize("weight", [None, "wt"])
def test_the_query_equals_the_rows(made, weight, summed):
    folder, frame, book = made
    rows = read_survey(frame, read_codebook(book), weight=weight)
    found = read_warehouse(f"duckdb:{folder}", book, weight=weight)
    same(found.moments([*NAMES, "spend"]), rows.moments([*NAMES, "spend"]))
    assert f"{int(rows.moments(NAMES).n):,} of 2,000 rows" in " ".join(found.moments(NAMES).provenance.steps)


def test_segments_are_those_of_the_rows_and_sum_to_the_whole(made, answers, summed):
    rows = read_survey(made[1], read_codebook(made[2]))
    answers = replace(answers, asked={})
    by = answers.moments_by(NAMES, "size")
    for code, name in ((1, "small"), (2, "large")):
        same(by[code], rows.only(f"size={name}").moments(NAMES))
        same(answers.only(f"size={name}").moments(NAMES), rows.only(f"size={name}").moments(NAMES))
    same(by.total(), rows.moments(NAMES))


def test_text_in_a_column_of_answers_is_read_as_the_file_reader_does(made, tmp_path, summed):
    _, frame, book = made
    as_text = frame.assign(price=frame["price"].map(lambda x: "-" if np.isnan(x) else f" {x:.0f} "))
    as_text.to_parquet(tmp_path / "t.parquet")
    same(
        read_warehouse(f"duckdb:{tmp_path}", book).moments(NAMES),
        read_survey(as_text, read_codebook(book)).moments(NAMES),
    )


def test_groups_are_hashed_alike_by_every_engine(made, answers, summed):
    """Numbers by arithmetic, text by the first digits of md5: worked out here once more."""
    from hashlib import md5

    table, book = answers.table, answers.codebook
    by_number = summed_by_query(table, book, ["tell"], unit="id")
    expected = pd.Series([hash_of(i) for i in range(2000)]).value_counts()
    assert dict(zip(by_number.keys, by_number.n, strict=True)) == expected.to_dict()
    by_text = summed_by_query(table, book, ["tell"], unit="code", groups=16)
    expected = pd.Series([md5(code.encode()).hexdigest()[0] for code in made[1]["code"]]).value_counts()
    assert dict(zip(by_text.keys, by_text.n, strict=True)) == expected.to_dict()
    with pytest.raises(DataError, match="groups is 100; allowed: 16, 256, 4096"):
        summed_by_query(table, book, ["tell"], unit="id", groups=100)


@pytest.mark.parametrize("step", [1, -1, 4096, 65536, 2**40 + 1, 0.5])
def test_groups_are_no_systematic_sample(step):
    """Respondents numbered in the order of their answers, by whatever step: the error of a mean is still σ / √n."""
    from loyaltylab import Codebook
    from loyaltylab.codebook.entries import Item

    items = {name: Item(name, {"en": name, "nl": name}) for name in ("spend", "who")}
    items["who"] = structs.replace(items["who"], role="respondent")
    book = Codebook("trend", {}, items, {}, {"en": "made up", "nl": "bedacht"}, tier="synthetic")
    n = 8000
    sorted_answers = np.sort(np.random.default_rng(1).normal(size=n))
    numbers = np.floor(np.arange(n) * step).astype("int64") if step != 0.5 else np.arange(n) + 0.25
    table = ibis.memtable(pd.DataFrame({"spend": sorted_answers, "who": numbers}))
    draws = read_warehouse(table, book).draws(["spend"], n_draws=2000, seed=1)
    assert float(draws.mean.std()) * np.sqrt(n) == pytest.approx(1, abs=0.15)
    assert "256 groups" in draws.scheme


def test_intervals_of_groups_are_near_those_of_rows(made, answers):
    rows = read_survey(made[1], read_codebook(made[2]))
    blocks = {"emotional": ["EMO"], "rational": ["price", "speed"]}
    spread = []
    for data in (answers, rows):
        model = importance(data.moments(NAMES), "stay", blocks, draws=data.draws(NAMES, n_draws=1000, seed=3))
        spread.append(model.contrast("emotional", "rational").difference)
    (a, b) = ((found.conf_high - found.conf_low) for found in spread)
    assert spread[0].value == pytest.approx(spread[1].value) and a / b == pytest.approx(1, abs=0.2)
    assert answers.draws(NAMES, n_draws=100).scheme == "100 bootstrap draws of 256 groups of respondents, seed 1"


def test_a_jackknife_leaves_out_groups_of_respondents(made, answers):
    """As leaving out the same groups of rows; and BCa intervals of a report can be made of it."""
    rows = made[1].mask(made[1] == 99).assign(group=[hash_of(i) for i in range(2000)])
    expected = Moments.jackknife(rows, ["price", "speed"], cluster="group", provenance=answers.provenance)
    found = answers.jackknife(["price", "speed"])
    assert [float(x) for x in sorted(found.n)] == sorted(expected.n)
    np.testing.assert_allclose(np.sort(found.corr[:, 0, 1]), np.sort(expected.corr[:, 0, 1]), rtol=1e-11)
    options = {"draws": answers.draws(NAMES, n_draws=400), "jackknife": answers.jackknife(NAMES), "interval": "bca"}
    assert importance(answers.moments(NAMES), "stay", ["EMO", "price", "speed"], **options).tidy()["conf_low"].min() > 0
    with pytest.raises(DataError, match="name the column that tells them apart"):
        replace(answers, unit=None).jackknife(NAMES)


def test_without_a_key_draws_follow_normal_theory(made):
    plain = read_warehouse(ibis.memtable(made[1][["price", "speed"]]), made[2])
    assert plain.unit is None and "Wishart" in plain.draws(["price", "speed"], n_draws=100).scheme


def test_sums_of_large_numbers_do_not_cancel(made, summed):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"spend": 1e8 + rng.normal(size=5000), "stay": rng.integers(1, 8, 5000)})
    found = read_warehouse(ibis.memtable(frame), made[2]).moments(["spend", "stay"])
    assert float(found.cov[0, 0]) == pytest.approx(frame["spend"].var(), rel=1e-9)


def test_the_promoter_score_equals_that_of_the_rows(made, answers):
    rows = net_promoter(read_survey(made[1], read_codebook(made[2])), "tell").tidy().iloc[0]
    found = net_promoter(answers, "tell").tidy().iloc[0]
    for column in ("estimate", "conf_low", "conf_high"):
        assert found[column] == pytest.approx(rows[column])
    with pytest.raises(DataError, match="'stay' is not answered from 0 to 10"):
        net_promoter(answers, "stay")
    halves = read_warehouse(ibis.memtable(made[1].assign(tell=made[1]["tell"].clip(0, 9) + 0.5)), made[2])
    with pytest.raises(DataError, match="'tell' holds 2,000 answers between two scale points"):
        net_promoter(halves, "tell")
    with pytest.raises(DataError, match=r"take \.only\('size=…'\) of each"):
        net_promoter(answers, "tell", by="size")


CLUSTERED = """
title: A made-up visit of shops
source: {en: made up for a test, nl: bedacht voor een toets}
tier: synthetic
items:
  tell: {label: Tell, range: [0, 10]}
  joy: {label: Joy, range: [1, 7]}
  stay: {label: Stay, range: [1, 7]}
  app: {label: App, range: [0, 1]}
  desk: {label: Desk, range: [0, 1]}
  wt: {label: Weight, role: weight}
sets: {uses: {label: Uses, items: [app, desk]}}
"""
DESIGNS = [{}, {"weight": "wt"}, {"cluster": "shop"}, {"weight": "wt", "cluster": "shop"}, {"cluster": "few"}]


@pytest.fixture(scope="module")
def visits(tmp_path_factory):
    """1,200 rows of 40 shops that differ, with a weight and blanks, of the design too; in a file, and in two kinds of database."""
    folder, rng = tmp_path_factory.mktemp("visits"), np.random.default_rng(5)
    shop = rng.integers(0, 40, 1200)
    level = rng.normal(size=40)[shop]
    answers = {name: np.clip(np.rint(4 + level + rng.normal(size=1200)), 1, 7) for name in ("joy", "stay")}
    frame = pd.DataFrame(answers).assign(
        tell=np.clip(np.rint(7 + 2 * level + 2 * rng.normal(size=1200)), 0, 10),
        app=(rng.random(1200) < 0.4 + 0.3 * (level > 0)).astype(float),
        desk=(rng.random(1200) < 0.5).astype(float),
        wt=rng.uniform(0.3, 3, 1200), shop=[f"s{i}" for i in shop], few=[float(i % 6) for i in shop],
    )  # fmt: skip
    frame.loc[rng.random(1200) < 0.05, "tell"] = np.nan
    frame.loc[:9, ["shop", "few"]] = None
    frame.loc[20:24, "wt"] = np.nan
    frame.to_csv(folder / "a.csv", index=False)
    with contextlib.closing(sqlite3.connect(folder / "a.db")) as base:
        frame.to_sql("a", base, index=False)
    return folder, frame, write(folder / "b.yml", CLUSTERED)


@pytest.mark.parametrize("design", DESIGNS, ids=str)
@pytest.mark.parametrize("door", ["a.csv", "duckdb:a.csv", "sqlite://a.db#a"])
def test_every_door_gives_the_errors_of_the_same_design(visits, door, design, monkeypatch):
    """The promoter score and the shares of a set, and the moments that drivers rest on."""
    folder, frame, path = visits
    monkeypatch.chdir(folder)
    rows, found = read_survey(frame, path, **design), read_data(door, str(path), **design)
    for measured in (
        *(lambda door, kind=kind: net_promoter(door, "tell", interval=kind) for kind in ("score", "wald", "t")),
        *(lambda door, kind=kind: ticked_shares(door, "uses", interval=kind) for kind in ("wilson", "jeffreys")),
    ):
        here, there = measured(rows), measured(found)
        numbers = here.tidy().columns[2:]
        np.testing.assert_allclose(there.tidy()[numbers], here.tidy()[numbers], rtol=1e-9)
        np.testing.assert_allclose([there.df, there.n_left_out], [here.df, here.n_left_out])
    same(found.moments(["stay", "joy"]), rows.moments(["stay", "joy"]))


def test_a_cluster_that_is_named_is_drawn_and_said(visits):
    _, frame, path = visits
    found = read_warehouse(ibis.memtable(frame), path, cluster="few", unit="shop")
    with pytest.raises(ModelError, match="6 groups are too few to draw from"):
        found.draws(["stay"])
    drawn = read_warehouse(ibis.memtable(frame), path, cluster="shop").draws(["stay"], n_draws=100)
    assert re.fullmatch(r"100 bootstrap draws of (3\d|40) groups of clusters \(shop\), seed 1", drawn.scheme)
    spread = read_survey(frame, path, cluster="shop").draws(["stay"], n_draws=1000).mean.std()
    assert drawn.mean.std() == pytest.approx(spread, rel=0.25)
    with pytest.raises(ModelError, match="a single row or cluster"):
        net_promoter(read_warehouse(ibis.memtable(frame.assign(one=1)), path, cluster="one"), "tell")
    with pytest.raises(DataError, match="no column of clusters was named"):
        read_warehouse(ibis.memtable(frame), path).between_clusters("tell", {})


@pytest.mark.parametrize(
    "measured", [lambda door: net_promoter(door, "tell"), lambda door: ticked_shares(door, "uses")]
)
def test_a_handful_is_withheld_of_a_database_too(visits, measured):
    _, frame, path = visits
    few = frame.iloc[30:38].reset_index(drop=True)
    for door in (read_survey(few, path), read_warehouse(ibis.memtable(few), path)):
        assert measured(door).tidy().drop(columns=["term", "segment"]).isna().all(axis=None)
    with pytest.raises(DataError, match="min_cell is -1"):
        net_promoter(read_warehouse(ibis.memtable(few), path), "tell", min_cell=-1)


@pytest.mark.parametrize("name", ["top_box", "csat", "likert_summary", "customer_effort", "answer_shares"])
def test_what_counts_cannot_give_says_what_can(visits, name):
    base = read_warehouse(ibis.memtable(visits[1]), visits[2])
    with pytest.raises(
        DataError, match="^this needs the answers of respondents one by one.* take a sample of rows into a file"
    ):
        getattr(loyalty, name)(base, "joy")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("door", ["", "duckdb:"])
def test_a_blank_cluster_is_none_where_the_codebook_has_no_word_of_it(visits, tmp_path, door, suffix):
    """A column of texts in a csv, and of texts of which some are empty in parquet."""
    _, frame, path = visits
    frame = frame.assign(shop=frame["shop"].fillna(""))
    getattr(frame, f"to_{suffix}")(tmp_path / f"a.{suffix}", index=False)
    found = net_promoter(read_data(f"{door}{tmp_path / f'a.{suffix}'}", str(path), cluster="shop"), "tell")
    assert found.df == 39 and found.n[0] == frame.iloc[10:]["tell"].notna().sum()


def test_what_cannot_be_is_counted_and_nothing_is_computed(made, summed):
    _, frame, book = made
    bad = frame.assign(price=frame["price"].where(frame.index != 5, 12), stay=frame["stay"].where(frame.index > 2, 8))
    with pytest.raises(
        DataError,
        match=r"'stay': fewer than 10 answers are no number or outside.*'price': fewer than 10 answers are no",
    ):
        read_warehouse(ibis.memtable(bad), book).moments(NAMES)
    heavy = frame.assign(wt=frame["wt"].where(frame.index > 9, 0.0))
    with pytest.raises(DataError, match=r"weight 'wt' is missing, zero, negative or above 1e\+12 in"):
        read_warehouse(ibis.memtable(heavy), book, weight="wt").moments(NAMES)
    nameless = frame.assign(code=frame["code"].where(frame.index > 3))
    named = read_warehouse(ibis.memtable(nameless), book, unit="code")
    assert (
        named.draws(["tell"], n_draws=100).n.max() <= len(frame) - 4
        or named.moments(["tell"]).n == frame["tell"][4:].count()
    )
    assert named.provenance.steps[-1] == "left out: rows whose unit code is blank"
    with pytest.raises(UnknownName, match="EMO.*needs column 'cold'"):
        read_warehouse(ibis.memtable(frame.drop(columns="cold")), book).moments(NAMES)
    with pytest.raises(DataError, match="^this needs the answers of respondents one by one"):
        _ = read_warehouse(ibis.memtable(frame), book).frame


def test_the_same_sums_are_asked_once(made, monkeypatch):
    counted = []
    found = read_warehouse(ibis.memtable(made[1]), made[2], unit="id")
    asked = Moments.from_query.__func__
    monkeypatch.setattr(
        Moments, "from_query", classmethod(lambda cls, *a, **k: counted.append(a[1]) or asked(cls, *a, **k))
    )
    for _ in range(2):
        whole, _ = found.moments(NAMES), found.draws(NAMES, n_draws=100)
    small = found.only("size=small").moments(NAMES)
    assert len(counted) == 3 and small.n < whole.n, "two for all, one for a segment"


def test_a_secret_stays_in_the_environment(made, monkeypatch):
    with pytest.raises(DataError, match="postgres://host/base#wave: a password is written out"):
        read_warehouse("postgres://me:hunter2@host/base#wave", made[2])
    with pytest.raises(DataError, match="the environment has no NOT_THERE"):
        read_warehouse("postgres://me:${NOT_THERE}@host/base#wave", made[2])
    monkeypatch.setenv("BASE_PASSWORD", "hunter2")
    with pytest.raises(DataError) as caught:
        read_warehouse("postgres://me:${BASE_PASSWORD}@127.0.0.1:1/base#wave", made[2])
    assert "hunter2" not in str(caught.value) and "cannot be opened" in str(caught.value)
    assert shown_address("postgres://me:${BASE_PASSWORD}@host/base#wave") == "postgres://host/base#wave"
    for written in ("postgres://me:hunter2#?/@host/base#wave", "snowflake://host/base?token=hunter2#wave"):
        with pytest.raises(DataError, match="is written out in this address") as caught:
            read_warehouse(written, made[2])
        assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("BASE_PASSWORD", "p#a@s?s/1")
    assert filled("postgres://me:${BASE_PASSWORD}@host/base#wave") == "postgres://me:p%23a%40s%3Fs%2F1@host/base"
    assert shown_address("sqlite:///home/me/answers.db#wave") == "sqlite://answers.db#wave"
    assert without_place("duckdb:/home/me/answers.duckdb#wave") == "duckdb:answers.duckdb#wave"


def test_addresses_that_lead_nowhere(made, tmp_path):
    for address, words in (
        ("duckdb:nowhere/", "duckdb:nowhere: no such file, and no parquet or csv files there"),
        ("nowhere", "'nowhere' is no address of a table"),
    ):
        with pytest.raises(DataError, match=words):
            read_warehouse(address, made[2])
    with pytest.raises(UnknownName, match="needs a codebook"):
        read_data(f"duckdb:{made[0]}")
    with pytest.raises(DataError, match="strata, item_mean takes the rows of respondents"):
        read_data(f"duckdb:{made[0]}", str(made[2]), strata="size", missing="item_mean")


def test_a_report_runs_on_a_table_and_names_no_place_and_no_secret(made, tmp_path, monkeypatch, quick_kernels):
    """By an address with a password from the environment; the same table is the same run, another answer another run."""
    import duckdb

    def asked(statement: str) -> None:
        with duckdb.connect(str(tmp_path / "base.duckdb")) as base:
            base.execute(statement)

    asked(f"create table wave as select * from '{made[0]}/*.parquet'")
    monkeypatch.setenv("BASE_PASSWORD", "hunter2")
    address = f"duckdb://{tmp_path}/base.duckdb?http_proxy_password=${{BASE_PASSWORD}}#wave"
    given = {"data": address, "codebook": str(made[2]), "cluster": "id", "draws": 200}
    run = run_report("drivers", given, folder=tmp_path / "reports")
    assert run.manifest["evidence_tier"] == "synthetic"
    assert run.manifest["parameters"]["data"] == run.manifest["files"]["table"]["name"] == "duckdb://base.duckdb#wave"
    for path in run.folder.rglob("*"):
        for secret in (str(tmp_path), "hunter2", "BASE_PASSWORD"):
            assert path.is_dir() or secret.encode() not in path.read_bytes(), (path.name, secret)
    assert "the answers themselves stayed in the database" in run.page.read_text(encoding="utf-8")
    card = json.loads((run.folder / "exhibits" / "fig-drivers.json").read_text(encoding="utf-8"))
    queries = [(run.folder / "exhibits" / name).read_text(encoding="utf-8") for name in card["provenance"]["queries"]]
    assert len(queries) == 2, "of all, and of groups"
    assert all(query.startswith("SELECT") and 'FROM "wave"' in query for query in queries)
    assert run_report("drivers", given, folder=tmp_path / "reports").was_there
    asked("update wave set stay = 4 where id = 7")
    assert facts_of(read_notebook("drivers"), given)["files"]["table"] != run.manifest["files"]["table"]


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("report", ["measures", "satisfaction", "conscious_unconscious"])
def test_reports_say_what_takes_answers_and_call_a_database_no_printed_table(made, told, report, language):
    given = {"data": f"duckdb:{made[0]}/*.parquet", "codebook": str(made[2]), "language": language}
    given |= {"recommend": "tell"} if report == "measures" else {}
    page = told(report, **given).page.read_text(encoding="utf-8")
    said = re.sub(r"<(script|style|details|pre)\b.*?</\1>", "", page, flags=re.DOTALL)
    assert {"en": "stayed in the database", "nl": "bleven in de database"}[language] in said
    assert {"en": "a sample of rows in a file will say it", "nl": "een steekproef van rijen"}[language] in said
    assert not re.search("published table|printed table|gepubliceerde tabel|gedrukte tabel", said)
    if report == "measures":
        assert "Net promoter score" in said


@pytest.mark.parametrize("weight", [None, "wt"])
def test_another_engine_gives_what_duckdb_gives(made, tmp_path, weight):
    """SQLite sums in SQL, and holds no NaN; text in a column of answers, a reversed item, hashed numbers."""
    with sqlite3.connect(tmp_path / "base.db") as base:
        frame = made[1].assign(price=made[1]["price"].map(lambda x: "-" if np.isnan(x) else f" {x:.0f} "))
        frame.to_sql("wave", base, index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    options = {"unit": "id", "weight": weight}
    here = read_warehouse(f"duckdb:{tmp_path}/t.parquet", made[2], **options)
    there = read_warehouse(f"sqlite://{tmp_path}/base.db#wave", made[2], **options)
    for sets in ({}, {"by": "size"}, {"unit": "id"}):
        a, b = (data._moments([*NAMES, "spend"], **sets) for data in (there, here))
        assert a.labels == b.labels
        same(a, b, 1e-12)


@pytest.mark.parametrize("engine", ["postgres", "bigquery", "snowflake", "databricks", "trino", "mssql"])
def test_the_query_can_be_said_to_other_engines(made, engine, monkeypatch):
    """Nothing in it that an engine has no word for; none of these is here to answer."""
    monkeypatch.setattr("loyaltylab.moments.query.engine_of", lambda _: engine)
    numbers = dict.fromkeys(("joy", "trust", "cold", "price", "speed", "spend", "wt"), "float64")
    table = ibis.table(numbers | {"stay": "string", "size": "int64", "id": "int64"}, name="wave")
    found, odd = variables(table, read_codebook(made[2]), [*NAMES, "spend"])
    query = aggregate(table, found, odd, np.full(5, 4.0), "wt", hashed(table.id, 256))
    assert "wave" in ibis.to_sql(query, dialect=engine)


@pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java")
def test_spark_gives_what_duckdb_gives(made, answers):
    """On a cluster of two worker processes; the same to 1e-12, hashed groups included."""
    pyspark = pytest.importorskip("pyspark", reason="needs pyspark")
    options = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4"}
    builder = pyspark.sql.SparkSession.builder.master("local-cluster[2,1,1024]").config(map=options)
    session = builder.getOrCreate()
    try:
        spark = read_warehouse(f"spark:{made[0]}", made[2], unit="id")
        for by in (None, "size"):
            same(spark._moments(NAMES, by=by), answers._moments(NAMES, by=by), 1e-12)
        for unit in ("id", "code"):
            a, b = (w._moments(NAMES, unit=unit) for w in (spark, answers))
            assert a.labels == b.labels
            same(a, b, 1e-12)
    finally:
        session.stop()


BY_SPARK = """
import sys
import numpy as np
from loyaltylab import read_data
from loyaltylab.core.errors import DataError

folder, book = sys.argv[1:]
names = ["stay", "EMO", "price", "speed"]
rows = read_data(folder + "/all.csv", book, weight="wt").moments(names)
for place in ("all.csv", "parts", "broken"):
    try:
        found = read_data("spark:" + folder + "/" + place, book, weight="wt").moments(names)
    except DataError as error:
        print(place, error)
    else:
        print(place, found.n == rows.n and np.allclose(found.corr, rows.corr, 1e-12) and np.allclose(found.mean, rows.mean, 1e-12))
"""


@pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java")
def test_spark_gives_what_the_rows_give_and_shows_nothing_of_java(made, tmp_path):
    """By a session that loyaltylab starts: from a csv, a folder and a damaged file, which is one sentence."""
    pytest.importorskip("pyspark", reason="needs pyspark")
    shutil.copytree(made[0], tmp_path / "parts", ignore=shutil.ignore_patterns("*.yml", "broken"))
    made[1].to_csv(tmp_path / "all.csv", index=False)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "c.parquet").write_bytes((made[0] / "a.parquet").read_bytes()[:3000])
    words = [sys.executable, "-c", BY_SPARK, str(tmp_path), str(made[2])]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    *equal, refused = told.stdout.splitlines()
    assert equal == ["all.csv True", "parts True"]
    assert re.fullmatch(
        r"broken c\.parquet: cannot be read as parquet \(.*not a Parquet file.*\)\. It may be damaged .*", refused
    )
    assert str(tmp_path) not in refused
    assert not re.search(r"^\s+at |Exception", told.stderr, re.MULTILINE), told.stderr


def test_simulated_respondents_are_no_evidence_in_a_database_either(made):
    book = replace(read_codebook(made[2]), tier="observed")
    frame = made[1].assign(id=[f"{i:06d}" for i in range(2000)])
    assert read_warehouse(ibis.memtable(frame), book).provenance.tier == "observed"
    frame.loc[7, "id"] = "simulated-000007"
    found = read_warehouse(ibis.memtable(frame), book)
    assert found.moments(NAMES).provenance.tier == "synthetic"


def test_provenance_holds_the_address_without_secrets(answers):
    assert "aggregated where it is" in answers.provenance.steps[0]
    assert json.dumps(answers.provenance.as_dict()) and isinstance(answers.provenance, Provenance)


DOORS = ["{}", "duckdb:{}"]


def people(folder, **counts):
    """A file with so many people in each department, answers that vary, and its codebook."""
    rng = np.random.default_rng(3)
    seg = [name for name, n in counts.items() for _ in range(n)]
    frame = pd.DataFrame(rng.integers(1, 8, (len(seg), 3)), columns=["joy", "price", "stay"]).assign(seg=seg)
    book = write(
        folder / "people.yml",
        """
        title: People
        source: {en: people, nl: mensen}
        defaults: {range: [1, 7]}
        items:
          joy: {label: Joy, role: driver, block: emotional}
          price: {label: Price, role: driver, block: rational}
          stay: {label: Stay, role: outcome}
          seg: {label: Department, role: segment}
        """,
    )
    return frame, str(book)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "counts, refused, allowed",
    [
        ({"rest": 199, "manager": 1}, ["rest", "manager"], []),
        ({"rest": 60, "legal": 9}, ["rest", "legal"], []),
        ({"north": 100, "south": 95, "east": 5}, ["south", "east"], ["north"]),  # everyone − north − south = east
        ({"north": 100, "south": 95, "east": 10}, [], ["north", "south", "east"]),
    ],
)
def test_neither_a_handful_nor_everyone_but_a_handful_is_reported_on(tmp_path, door, counts, refused, allowed):
    frame, book = people(tmp_path, **counts)
    frame.to_csv(tmp_path / "people.csv", index=False)
    data = door.format(tmp_path / "people.csv")
    for name in refused:
        with pytest.raises(DataError, match=r"fewer than 10 respondents (are left|is left out)") as caught:
            read_data(data, book, only=f"seg={name}")
        assert f" {counts[name]} " not in str(caught.value)
    for name in allowed:
        assert read_data(data, book, only=f"seg={name}").moments(["joy", "stay"]).n == counts[name]


@pytest.mark.parametrize("door", DOORS)
def test_those_left_out_who_answered_are_no_handful_either(tmp_path, door):
    frame, book = people(tmp_path, rest=60, legal=30)
    frame["joy"] = frame["joy"].where((frame["seg"] == "rest") | (frame.index == 89))
    frame.to_csv(tmp_path / "people.csv", index=False)
    found = read_data(door.format(tmp_path / "people.csv"), book, only="seg=rest")
    assert found.moments(["price", "stay"]).n == 60
    with pytest.raises(DataError, match="joy, stay: fewer than 10 of the respondents left out answered the same"):
        found.moments(["joy", "stay"])


@pytest.mark.parametrize("door", DOORS)
def test_a_score_of_a_group_gives_no_handful_of_the_others_away(tmp_path, door):
    frame, path = people(tmp_path, rest=60, legal=30)
    frame = frame.assign(joy=frame["joy"].where((frame["seg"] == "rest") | (frame.index == 89)))
    frame.to_csv(tmp_path / "people.csv", index=False)
    path = write(
        tmp_path / "b.yml", Path(path).read_text().replace("joy: {label: Joy", "joy: {range: [0, 10], label: Joy")
    )
    found = read_data(door.format(tmp_path / "people.csv"), str(path), only="seg=rest")
    with pytest.raises(DataError, match="joy: fewer than 10 of the respondents left out answered the same"):
        net_promoter(found, "joy")


def test_no_part_of_a_report_gives_away_who_is_in_none(tmp_path):
    frame, book = people(tmp_path, north=100, south=95, east=5)
    assert list(read_survey(frame, book).split("seg")) == ["north"]


@pytest.mark.parametrize("place", ["", ".", "./", ".."])
def test_a_folder_is_named_or_not_read(tmp_path, monkeypatch, place):
    frame, book = people(tmp_path, north=100)
    frame.to_csv(tmp_path / "people.csv", index=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="names no file and no folder"):
        read_data(f"duckdb:{place}", book)


def test_files_of_one_survey_are_named_and_no_copies(tmp_path, monkeypatch):
    frame, book = people(tmp_path, north=100)
    for name in ("one", "two"):
        frame.sample(frac=1, random_state=len(name) + ord(name[0])).to_csv(tmp_path / f"{name}.csv", index=False)
    found = read_data(f"duckdb:{tmp_path}/*.csv", book)
    assert found.provenance.steps[0].endswith("(one.csv, two.csv)")
    (tmp_path / "again.csv").write_bytes((tmp_path / "one.csv").read_bytes())
    with pytest.raises(DataError, match=r"again\.csv and one\.csv are the same file twice"):
        read_data(f"duckdb:{tmp_path}/*.csv", book)


@pytest.mark.parametrize("address", ["duckdb://{}/new.duckdb#t", "sqlite://{}/new.db#t", "sqlite:///new.db#t"])
def test_a_mistyped_address_makes_no_file(tmp_path, monkeypatch, address):
    _, book = people(tmp_path, north=100)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        read_data(address.format(tmp_path), book)
    assert not list(tmp_path.glob("new.*"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("t1,merk\n1,één\n5,Zoë\n".encode("cp1252"), "shop.csv: its encoding is cp1252, and an engine reads UTF-8."),
        ("t1,merk\n1,één\n5,Zoë\n".encode("utf-16"), "shop.csv: its encoding is UTF-16, and an engine reads UTF-8."),
        (b"sep=;\r\nt1;t2;merk\n1;10;een\n5;0;twee\n", "shop.csv: cannot be read as csv"),
    ],
    ids=["Latin-1", "UTF-16", "Excel's own first line"],
)
@pytest.mark.parametrize("address", ["duckdb:answers/", "duckdb:answers/shop.csv", "duckdb:answers/*.csv"])
def test_a_csv_that_an_engine_cannot_read_is_one_sentence_without_a_path(tmp_path, monkeypatch, content, said, address):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "shop.csv").write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_warehouse(address, read_codebook(write(tmp_path / "b.yml", book("t1: {range: [1, 5]}"))))
    assert str(caught.value).startswith(said) and str(tmp_path) not in str(caught.value)
    assert str(caught.value).endswith("Save it as UTF-8 csv or as parquet.")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_answers_in_words_are_what_they_are_in_a_file(tmp_path, kind):
    words = ["Helemaal mee oneens", "mee oneens", "Neutraal", "mee eens ", "HELEMAAL MEE EENS"]
    rows = pd.DataFrame(
        {"joy": [words[i % 5] for i in range(60)], "sure": ["Ja", "nee", None] * 20, "who": ["Vrouw", "Man"] * 30}
    )
    getattr(rows, f"to_{kind}")(tmp_path / f"a.{kind}", index=False)
    formats = "formats:\n  five: {range: [1, 5], labels: {1: helemaal mee oneens, 2: mee oneens, 3: neutraal, 4: mee eens, 5: helemaal mee eens}}\n"
    items = "joy: {format: five}\nsure: {range: [0, 1]}\nwho: {role: segment, values: {1: Man, 2: Vrouw}}"
    path = write(tmp_path / "b.yml", book(items, formats))
    base, file = read_warehouse(f"duckdb:{tmp_path / f'a.{kind}'}", path), read_survey(tmp_path / f"a.{kind}", path)
    for name in ("joy", "sure"):
        here, there = base.moments([name]), file.moments([name])
        assert (here.mean[0], here.n) == (pytest.approx(there.mean[0]), there.n), name
    assert base.sizes("who") == file.sizes("who") == {1: 30, 2: 30}
    assert base.only("who=vrouw").moments(["joy"]).n == 30
    assert "answers in words read as codes: joy" in str(base.provenance.steps)


ODD = book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}\nmerk: {role: segment}")
PLAIN = [f"{1 + i % 5},{i % 11},{'ab'[i % 2]}" for i in range(60)]
#: What a file is read without, or otherwise: the lines of a csv, and what a database says of it.
AMONG_RESPONDENTS = {
    "averages": (["t1,t2,merk", *PLAIN, "3.0,4.75,Gemiddelde"], "has a last row that summarises those above"),
    "averages without a name": (["t1,t2,merk", *PLAIN, "3.0,4.75,"], "has a last row that summarises those above"),
    "averages under many": (["t1,t2,merk", *PLAIN * 2000, "3.0,4.75,Gemiddelde"], "has a last row that summarises those above"),
    "questions": (["t1,t2,merk", "Vertrouwen?,Aanbevelen?,Merk?", *PLAIN], "has question texts in its second row"),
    "questions of Qualtrics": (["t1,t2,merk", "Vertrouwen?,Aanbevelen?,Merk?", *['"{""ImportId"":""QID1""}"' + ',"{""ImportId"":""Q""}"' * 2], *PLAIN], "has two rows of Qualtrics under its headers"),
}  # fmt: skip


@pytest.mark.parametrize("kind", AMONG_RESPONDENTS)
def test_what_stands_among_respondents_is_no_respondent_of_a_database(tmp_path, kind):
    lines, said = AMONG_RESPONDENTS[kind]
    write(tmp_path / "shop.csv", "\n".join(lines) + "\n")
    path = write(tmp_path / "b.yml", ODD)
    assert len(read_survey(tmp_path / "shop.csv", path).frame) == len([line for line in lines if line in PLAIN])
    with pytest.raises(DataError) as caught:
        read_warehouse(f"duckdb:{tmp_path / 'shop.csv'}", path)
    assert str(caught.value) == f"shop.csv: {said}, which an engine takes for a respondent. Take it out, or read the file itself: shop.csv in place of duckdb:shop.csv."  # fmt: skip


@pytest.mark.parametrize("address", ["duckdb:rows.parquet", "duckdb:rows.duckdb#wave", "sqlite:///rows.db#wave"])
def test_a_row_of_averages_is_no_respondent_of_a_table_either(tmp_path, monkeypatch, address):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "b.yml", ODD)
    rows = pd.DataFrame({"t1": [1.0, 2, 3, 5] * 15, "t2": [0.0, 4, 10] * 20, "merk": ["a", "b"] * 30})
    averages = pd.DataFrame({"t1": [rows["t1"].mean()], "t2": [round(rows["t2"].mean(), 2)], "merk": ["Gemiddelde"]})
    for frame, n in ((rows, 60), (pd.concat([rows, averages], ignore_index=True), None)):
        saved_at(address, frame)
        if n:
            assert read_warehouse(address, path).moments(["t1", "t2"]).n == n
            continue
        with pytest.raises(DataError, match="has a row with the averages of t1, t2, which would count as a respondent"):
            read_warehouse(address, path)
    half = rows.assign(t1=rows["t1"] + 0.5 * (rows.index == 4), t2=rows["t2"] + 0.25 * (rows.index == 6))
    saved_at(address, half)
    assert read_warehouse(address, path).moments(["t1", "t2"]).n == 60, "an answer between two points is one"


def saved_at(address: str, frame: pd.DataFrame) -> None:
    """A frame where an address looks for it, in the current folder."""
    if address.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect("rows.db")) as base, base:
            frame.to_sql("wave", base, if_exists="replace", index=False)
        return
    frame.to_parquet("rows.parquet", index=False)
    if "#" in address:
        import duckdb

        with contextlib.closing(duckdb.connect("rows.duckdb")) as base:
            base.execute("create or replace table wave as select * from 'rows.parquet'")


@pytest.mark.parametrize("sign", [", ", ";", "|", " "])
@pytest.mark.parametrize("base", ["any", "all"])
def test_several_answers_in_a_cell_are_boxes_at_every_door(tmp_path, monkeypatch, sign, base):
    monkeypatch.chdir(tmp_path)
    options = ["Price", "Service", "Brand"] if sign == " " else ["Price, quality", "Service desk", "Price"]
    cells = [sign.join(o for o, ticked in zip(options, row, strict=True) if ticked) for row in TICKS.to_numpy()]
    cells[0], cells[1] = "-99", f"{options[1].upper()}{sign if sign != ' ' else ';'} and a remark of my own"
    frame = pd.DataFrame({"why": cells, "t1": ["1", "4", "3", "5"] * 30})
    names = [f"why/{option}" for option in options]
    boxes = "\n".join(f'"{name}": {{range: [0, 1], missing: [-99]}}' for name in names)
    path = write(tmp_path / "b.yml", book(f"{boxes}\nt1: {{range: [1, 5]}}", f"sets:\n  K: {{items: {names}, base: {base}}}\n"))  # fmt: skip
    frame.to_csv("rows.csv", index=False)
    saved_at("sqlite", frame)
    expected = TICKS.astype(float).set_axis(names, axis=1)
    expected.loc[1] = [0.0, 1.0, 0.0]
    asked = expected.any(axis=1) | (base == "all")
    expected = expected[asked].drop(index=0, errors="ignore")
    doors = [read_survey("rows.csv", path), read_survey(frame, path)]
    doors += [read_warehouse(address, path) for address in ("duckdb:rows.csv", "sqlite://rows.db#wave")]
    for door in doors:
        found = door.moments(names)
        assert found.n == len(expected)
        np.testing.assert_allclose(found.mean, expected.mean())
        assert "several answers in a cell of why read as 3 boxes" in str(door.provenance.steps)
    assert "1 of them hold something else as well" in str(doors[0].provenance.steps)


def test_decimal_commas_are_no_texts_of_a_database(tmp_path):
    rows = "".join(f"{1 + i % 4},5;{i % 11};a\n" for i in range(60))
    write(tmp_path / "shop.csv", "t1;t2;merk\n" + rows)
    path = write(tmp_path / "b.yml", ODD)
    with pytest.raises(DataError) as caught:
        read_warehouse(f"duckdb:{tmp_path / 'shop.csv'}", path)
    assert str(caught.value) == "shop.csv: t1 has decimal commas, which an engine takes for another number or a text. Save it with decimal points, or read the file itself: shop.csv in place of duckdb:shop.csv."  # fmt: skip
    frame = pd.DataFrame({"t1": [f"{1 + i % 4},5" for i in range(60)], "t2": 5, "merk": "a"})
    frame.to_parquet(tmp_path / "shop.parquet")
    with pytest.raises(DataError, match=r"column 't1' has decimal commas \(1,5\), which stand there as texts"):
        read_warehouse(f"duckdb:{tmp_path / 'shop.parquet'}", path)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_headers_mean_the_items_that_they_mean_in_a_file(tmp_path, kind):
    names = {"t1": "t1. Vertrouwen", "t2": "loyaal/t2", "merk": "merk"}
    rows = pd.DataFrame({"t1": [1, 2, 3, 4] * 15, "t2": [0, 4, 10] * 20, "merk": ["a", "b"] * 30}).rename(columns=names)
    rows = rows.assign(**{"waarom/t1": [0, 1] * 30, "waarom/anders": [1, 0] * 30})
    getattr(rows, f"to_{kind}")(tmp_path / f"a.{kind}", index=False)
    path = write(tmp_path / "b.yml", ODD)
    base, file = read_warehouse(f"duckdb:{tmp_path / f'a.{kind}'}", path), read_survey(tmp_path / f"a.{kind}", path)
    for name in ("t1", "t2"):
        assert base.moments([name]).mean[0] == pytest.approx(file.moments([name]).mean[0])
    assert base.only("merk=a").moments(["t1"]).n == 30
    assert "headers read as item names: t1. Vertrouwen as t1, loyaal/t2 as t2" in str(base.provenance.steps)


TICKS = pd.DataFrame(np.random.default_rng(3).random((120, 3)) < [0.6, 0.4, 0.3], columns=["k1", "k2", "k3"])
#: How a tool writes a box that was ticked, and one that was not.
BOXES = {
    "a one": ("1", ""),
    "its own words": ("Winkel, in de stad", ""),
    "Y": ("Y", ""),
    "ja": (" Ja ", "nee"),
    "a code": ("3", ""),
}


@pytest.mark.parametrize("base", ["any", "all", "t1"])
@pytest.mark.parametrize("written", BOXES)
def test_boxes_to_tick_have_one_base_at_every_door(tmp_path, written, base):
    yes, no = BOXES[written]
    ticks = TICKS.astype(float).where(TICKS | (no == "nee"))
    ticks.loc[0] = np.nan
    frame = TICKS.apply(lambda column: np.where(column, yes, no)).assign(
        t1=["1", "4", "", "5"] * 30, land=["a", "b"] * 60
    )
    frame.loc[0, ["k1", "k2", "k3"]] = "-99"  # a missing code is no box that was not ticked, whoever was asked
    frame.to_csv(tmp_path / "a.csv", index=False)
    boxes = "\n".join(f"k{i}: {{range: [0, 1], missing: [-99]}}" for i in (1, 2, 3))
    items = f"{boxes}\nt1: {{range: [1, 5]}}\nland: {{role: segment}}"
    path = write(tmp_path / "b.yml", book(items, f"sets:\n  K: {{label: Uses, items: [k1, k2, k3], base: {base}}}\n"))
    asked = {
        "any": ticks.notna().any(axis=1),
        "all": pd.Series(True, ticks.index),
        "t1": (frame["t1"] != "") | ticks.notna().any(axis=1),
    }[base]
    expected = ticks.mask(ticks.isna() & asked.to_numpy()[:, None], 0.0).drop(index=0).dropna()
    file, rows, base_ = (
        read_survey(tmp_path / "a.csv", path),
        read_survey(frame, path),
        read_warehouse(f"duckdb:{tmp_path / 'a.csv'}", path),
    )
    for door in (file, rows, base_):
        found = door.moments(["k1", "k2", "k3"])
        assert found.n == len(expected)
        np.testing.assert_allclose(found.mean, expected.mean())
        assert any("blank box of K is not ticked" in step for step in door.provenance.steps)
    assert base_.only("land=a").moments(["k1", "k2", "k3"]).n == (expected.index % 2 == 0).sum()


@pytest.mark.parametrize("door", ["file", "database"])
def test_a_set_whose_base_is_not_there_is_refused(tmp_path, door):
    TICKS.astype(int).to_csv(tmp_path / "a.csv", index=False)
    items = "k1: {range: [0, 1]}\nk2: {range: [0, 1]}\nt1: {range: [1, 5]}"
    path = write(tmp_path / "b.yml", book(items, "sets:\n  K: {items: [k1, k2], base: t1}\n"))
    read = {"file": read_survey, "database": lambda data, own: read_warehouse(f"duckdb:{data}", own)}[door]
    with pytest.raises(DataError, match="the set 'K' has the base 't1', which .*Name another base"):
        read(tmp_path / "a.csv", path)


def test_a_database_says_what_words_are_and_takes_no_box_for_a_question(tmp_path):
    frame = pd.DataFrame({"t1": ["Agree", "Disagree", "Neutral"] * 20, "waarom/t2": [0, 1, 1] * 20, "waarom/prijs": 1})
    frame.to_csv(tmp_path / "a.csv", index=False)
    path = write(tmp_path / "b.yml", ODD)
    with pytest.raises(
        DataError, match=r"column 't1' holds answers in words \('Agree', 'Disagree', 'Neutral'\)\. Give each its number"
    ):
        read_warehouse(f"duckdb:{tmp_path / 'a.csv'}", path)
    frame.assign(t1=[1, 2, 5] * 20).to_csv(tmp_path / "a.csv", index=False)
    base = read_warehouse(f"duckdb:{tmp_path / 'a.csv'}", path)
    with pytest.raises(UnknownName) as caught:
        base.moments(["t2"])
    assert str(caught.value) == "column 't2' does not exist. Possible: t1, waarom/t2, waarom/prijs."
