"""Running reports: the real notebook on real, published and made-up data, and everything that can go wrong."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from loyaltylab import check_survey, flatten, importance, read_data, read_survey
from loyaltylab.core.errors import LoyaltyLabError, ReportError, UnknownName
from loyaltylab.core.files import available
from loyaltylab.loyalty import likert_summary
from loyaltylab.reports import list_reports, read_notebook, reports_on, run_report
from loyaltylab.reports.report import Report
from loyaltylab.reports.run import FORMATS
from loyaltylab.reports.running.parameters import Parameter

from ..conftest import texts, write
from ..runs import card_of, command, in_order, numbers_of, terminal, told_by_hand

NOTEBOOKS = available("notebooks", ".ipynb")
QUICK = {"draws": 200}


def notebook(path, *cells, parameters="n: int = 1  # a number\nname: str = 'x'  # [x|y] a name\n"):
    """A notebook with a parameters cell and these code cells."""

    def cell(number, source, tags=()):
        return {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {"tags": list(tags)},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }

    found = [cell(0, parameters, ["parameters"]), *(cell(i, source) for i, source in enumerate(cells, 1))]
    content = {
        "cells": found,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return write(path, json.dumps(content))


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def drivers(corp_rep_file, report):
    return report("drivers", formats=FORMATS, **QUICK)


def page_text(run):
    """What a reader sees: the page without its contents list and without the code behind the switch."""
    page = BeautifulSoup(run.page.read_text(encoding="utf-8"), "html.parser")
    for hidden in page.select("nav, style, script, .code, .tools"):
        hidden.decompose()
    return re.sub(r"\s+", " ", page.get_text())


def test_the_report_is_whole(drivers):
    files = set(contents(drivers.folder))
    assert {"report.html", "notebook.ipynb", "manifest.json"} <= files
    manifest = drivers.manifest
    assert manifest["evidence_tier"] == "observed" and manifest["parameters"]["draws"] == 200
    assert (
        manifest["files"]["data"]["name"] == "corp_rep_data.csv"
        and manifest["files"]["codebook"]["name"] == "corporate_reputation.yml"
    )
    assert len(manifest["exhibits"]) == 15 and manifest["exhibits"][:2] == ["fig-blocks", "tbl-blocks"]
    for exhibit in manifest["exhibits"]:
        suffixes = ("svg", "pdf", "png") if exhibit.startswith("fig-") else ("html", "tex", "md")
        assert {f"exhibits/{exhibit}.{suffix}" for suffix in (*suffixes, "csv", "json")} <= files


def test_the_report_tells_the_story(drivers):
    text = page_text(drivers)
    order = ["In short", "Nobody can tell which weighs more: emotional 4", "What the blocks contain", "The outcome", "How closely the drivers go together",
             "What each driver explains", "Block against block", "What would change the conclusion", "Which drivers are compared?",
             "Do the methods agree?", "The same by segment", "What may be cited, and what not",
             "The claim, its source and its grade", "Who answered", "About this report"]  # fmt: skip
    in_order(text, order)
    assert "344 respondents" in text and "n = 342" in text
    assert "Attractiveness against Quality" in text and "75% (Likeability against Competence)" in text
    assert "@fig" not in text and "@tbl" not in text and "{" not in text


def test_one_driver_more_or_less_is_told_to_decide(drivers):
    """The numbers of the figure are those of models without that driver, and the verdict that changes is named first."""
    found = numbers_of(drivers, "fig-choices").set_index(["choice", "term"])
    assert found.index.tolist() == [("reported", "all"), ("method", "relative_weights"), ("missing", "item_mean"),
                                    *[("without", name) for name in ("LIKE", "ATTR", "COMP", "QUAL", "PERF", "CSOR")],
                                    *[("coding", name) for name in ("elsewhere", "weakest_out", "qual_5", "qual_6", "qual_7", "qual_8")]]  # fmt: skip
    assert found.loc[("missing", "item_mean"), "n"] == 344 and found.loc[("reported", "all"), "n"] == 342
    blocks = {"emotional": ["ATTR"], "rational": ["COMP", "QUAL", "PERF"], "values": ["CSOR"]}
    again = importance(read_data("corp_rep").moments(["CUSL", *flatten(blocks)]), "CUSL", blocks).blocks()
    gap = again.value("emotional", "share").value - again.value("rational", "share").value
    assert found.loc[("without", "LIKE"), "estimate"] == pytest.approx(gap)
    text = page_text(drivers)
    assert "What stands in which block decides. Of 14 other choices, 4 give another verdict" in text
    assert "leaving out any one of these drivers: Likeability and Quality" in text and "variance inflation 3.6" in text


def test_the_verdict_says_that_it_turns_with_what_is_put_in_a_block(drivers):
    """With care, reliability, trust and respect as emotions, as the claim's own source counts them, the lead is +27."""
    text = page_text(drivers)
    assert (
        "Other blocks give another verdict (Figure 5): “Items where other sources put them” and “Heeds customers in the other block”"
        in text
    )
    assert text.index("Other blocks give another verdict") < text.index("What stands in which block decides")
    assert "emotional: Likeability, Attractiveness (how attractive the company is to staff" in text
    assert "Performance (rational) and Attractiveness (emotional) overlap: HTMT 0.91" in text
    assert "“With the drivers put into other blocks the verdict changes.”" in text


def test_pairs_and_noise_are_said_of_more_than_the_sample(drivers):
    text = page_text(drivers)
    assert "Settled in this sample: 9 of 15." in text and "at least 95% of the repeated draws" in text
    assert "More than such a variable explains in 95% of samples is explained by 6 of 6 drivers" in text


@pytest.mark.parametrize(
    ("weight", "language", "said", "unsaid"),
    [
        (0, "en", ["explain no more of stay than chance would", "may be chance alone"], ["strongest single driver", "It depends", "has the largest share"]),
        (1, "nl", ["Samenhang, geen oorzaak. De drijfveren", "De correlatie van de twee drijfveren is −0,06"], ["blijft onverklaard", "moeilijkst van de andere", "alle 1"]),
    ],
)  # fmt: skip
def test_a_sentence_is_told_only_where_it_holds(tmp_path, told, weight, language, said, unsaid):
    """Nothing explained, and all of it by two drivers."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.integers(1, 6, (120, 3)), columns=["joy", "price", "stay"])
    frame["stay"] = frame["joy"] if weight else frame["stay"]
    frame.to_csv(tmp_path / "rows.csv", index=False)
    kinds = {
        "joy": "{role: driver, block: emotional",
        "price": "{role: driver, block: rational",
        "stay": "{role: outcome",
    }
    items = "\n".join(f"  {name}: {kind}, label: {name}, range: [1, 5]}}" for name, kind in kinds.items())
    write(tmp_path / "book.yml", f"title: T\nsource: people\nitems:\n{items}\n")
    given = {"data": str(tmp_path / "rows.csv"), "codebook": str(tmp_path / "book.yml")}
    text = page_text(told("drivers", **given, draws=100, language=language))
    assert all(words in text for words in said) and not any(words in text for words in unsaid), text[:3000]


THESES = {"en": ("The thesis holds", "The thesis is contradicted"), "nl": ("De stelling houdt", "De stelling wordt")}


@pytest.mark.parametrize("language", THESES)
@pytest.mark.parametrize(("strong", "weak"), [("emotional", "rational"), ("rational", "emotional"), ("first", "last")])
def test_the_thesis_is_about_emotion_and_reason_and_no_other_blocks(tmp_path, told, language, strong, weak):
    rng = np.random.default_rng(4)
    joy, price = rng.integers(1, 6, (2, 200))
    frame = pd.DataFrame(
        {"joy": joy, "price": price, "stay": np.clip(np.round(0.7 * joy + 0.3 * price + rng.normal(size=200)), 1, 5)}
    )
    frame.to_csv(tmp_path / "rows.csv", index=False)
    blocks = "blocks: {first: not yet sorted 1, last: not yet sorted 2}\n" * (strong == "first")
    kinds = {"joy": f"role: driver, block: {strong}", "price": f"role: driver, block: {weak}", "stay": "role: outcome"}
    items = "\n".join(f"  {name}: {{{kind}, label: {name}, range: [1, 5]}}" for name, kind in kinds.items())
    write(tmp_path / "book.yml", f"title: T\nsource: people\n{blocks}items:\n{items}\n")
    given = {"data": str(tmp_path / "rows.csv"), "codebook": str(tmp_path / "book.yml"), "language": language}
    headline = told("drivers", **QUICK, **given, contrast=[strong, weak]).manifest["headline"]
    assert headline.startswith(THESES[language][0]) == (strong == "emotional")
    assert not headline.startswith(THESES[language][1])


@pytest.mark.parametrize(("language", "said"), [("en", "The more there is of They mislead me, the less of I will stay"), ("nl", "Hoe meer They mislead me, hoe minder I will stay")])  # fmt: skip
def test_a_driver_that_works_against_the_outcome_is_told_in_the_headline(tmp_path, told, language, said):
    """Shares have no sign, and a question that was not turned round looks the same."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(150, 2))
    stay = 0.6 * x[:, 1] - x[:, 0] + rng.normal(size=150)
    cuts = [-1, 0, 1]
    columns = [np.digitize(column, cuts) + 1 for column in (stay / stay.std(), *x.T)]
    frame = pd.DataFrame(dict(zip(("stay", "mislead", "price"), columns, strict=True)))
    frame.to_csv(tmp_path / "rows.csv", index=False)
    book = """title: Made up
source: 150 customers
items:
  stay: {label: I will stay, range: [1, 4], role: outcome}
  mislead: {label: They mislead me, range: [1, 4], role: driver, block: emotional}
  price: {label: Good price, range: [1, 4], role: driver, block: rational}
"""
    write(tmp_path / "book.yml", book)
    run = told("drivers", **QUICK, data=str(tmp_path / "rows.csv"), codebook=str(tmp_path / "book.yml"), language=language)  # fmt: skip
    text = page_text(run)
    assert said in text and text.index(said) < text.index("They mislead me:"), "before the bullets"
    goes = {"en": "more of They mislead me goes with less of I will stay", "nl": "meer They mislead me gaat samen met minder I will stay"}[language]  # fmt: skip
    titles = [json.loads((run.folder / "exhibits" / f"{id}.json").read_text())["title"] for id in ("fig-blocks",)]
    for line in (run.manifest["headline"], *titles):
        assert goes in line and "holds" not in line and "houdt stand" not in line
    assert {"en": "With 150 respondents the interval of the largest share holds", "nl": "Met 150 respondenten bevat het interval"}[language] in text  # fmt: skip
    drawn = card_of(run, "fig-drivers")
    assert "(−)" in json.dumps(drawn, ensure_ascii=False)
    shares = numbers_of(run, "tbl-drivers").set_index("term")["direction"]
    assert shares.to_dict() == {"They mislead me": "against", "Good price": "with"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("report", "language", "hero"),
    [("bonds", "en", "fig-split"), ("value", "nl", "fig-levels"), ("robustness", "nl", "fig-decisive")],
)
def test_a_driver_turned_round_stands_in_figure_table_and_headline_of_what_compares_shares(
    tmp_path, told, corp_rep_file, report, language, hero
):
    """The same answers with how likeable the company is turned round: shares stay as they are, and say nothing of it."""
    survey = read_data("corp_rep")
    frame = survey.frame[[name for name in survey.codebook.items if name in survey.frame]]
    frame.assign(**{f"like_{i}": 8 - frame[f"like_{i}"] for i in (1, 2, 3)}).to_csv(
        tmp_path / "turned.csv", index=False
    )
    quick = {"value": {"thirty": False, "single_draws": 100}, "robustness": {"sources": []}}.get(report, {})
    given = {"data": str(tmp_path / "turned.csv"), "codebook": "corporate_reputation"}
    run = told(report, **given, draws=100, language=language, **quick)
    names = {"bonds": "Likeability", "value": "Zou het missen, Sympathiek en Herkenning", "robustness": "Sympathie"}
    goes = {
        "en": f"more of {names[report]} goes with less of ‘Loyalty’",
        "nl": f"meer {names[report]} gaat samen met minder ‘{'Zou aanbevelen' if report == 'value' else 'Loyaliteit'}’",
    }[language]
    card = json.loads((run.folder / "exhibits" / f"{hero}.json").read_text(encoding="utf-8"))
    assert goes in run.manifest["headline"] and goes in card["title"]
    first = names[report].partition(",")[0]
    table = json.dumps(card_of(run, "tbl-map" if report == "value" else "tbl-blocks"), ensure_ascii=False)
    assert f"{first} (−)" in table and all(f"(−) {first}" in card[part] for part in ("alt", "caption"))


def test_simulated_respondents_are_never_evidence(told):
    """On four blocks of one driver each; every verdict is the simulation's, in words too."""
    run = told("drivers", **QUICK, data="simulated n=1500 seed=5", language="nl")
    assert "fig-trade" in run.manifest["exhibits"] and "Welke voorsprong" in page_text(run)
    text = page_text(run)
    assert run.manifest["evidence_tier"] == "synthetic"
    assert run.manifest["headline"].startswith("Niemand heeft geantwoord: deze respondenten zijn gesimuleerd")
    assert "Niets mag worden geciteerd." in text and "Dit mag u schrijven" not in text
    assert "Zoals het is gesimuleerd: " in text and "houdt stand" not in text
    for english in ("In short", "Source", "Figure", "Without", "As reported", "verdict", "emotional"):
        assert english not in text.split("Over dit rapport")[0], english


def test_gaps_may_be_allowed_for_by_a_model_and_a_report_that_cannot_says_what_it_can(corp_rep_file, told):
    run = told("drivers", **QUICK, missing="imputed")
    text = page_text(run)
    assert "Nobody was left out for a gap." in text and "n = 344" in text
    others = numbers_of(run, "fig-choices").set_index(["choice", "term"])
    assert others.loc[("missing", "listwise"), "n"] == 342
    with pytest.raises(ReportError, match="parameter 'missing' is 'imputed'; allowed: listwise, item_mean"):
        told("robustness", missing="imputed")
    with pytest.raises(ReportError, match="interval percentile, basic, normal"):
        told("drivers", **QUICK, missing="imputed", interval="bca")


def test_one_block_alone_cannot_be_compared(told):
    with pytest.raises(ReportError, match="comparing takes two blocks of drivers; here it is emotional"):
        told("drivers", **QUICK, blocks=["emotional"])


def test_the_page_is_one_offline_file_with_the_code_behind_a_switch(drivers):
    html = drivers.page.read_text(encoding="utf-8")
    loaded = re.findall(r"""(?:\bsrc|<link[^>]*\bhref)\s*=\s*["']([^"']+)""", html) + re.findall(
        r"url\(([^)]+)\)", html
    )
    assert loaded and all(address.startswith(("data:", "#")) for address in loaded)
    assert html.count("<script") == 1 and "<script>" in html, "the page's own, inside it"
    assert html.count("<figure") == 8 and html.count("<figcaption") == 8
    assert re.search(r'<input type="checkbox" id="show-code">', html) and "main .code { display: none; }" in html
    assert all(re.search(r'alt="[^"]{40,}', image) for image in re.findall(r"<img[^>]+>", html))
    assert '<html lang="en">' in html and html.count("<h1") == 1


def test_run_twice_gives_the_same_bytes(drivers, tmp_path):
    again = run_report("drivers", QUICK, folder=tmp_path)
    assert again.folder.name == drivers.folder.name
    first, second = contents(drivers.folder), contents(again.folder)
    assert [name for name in first if first[name] != second.get(name)] == [] and first.keys() == second.keys()


def test_a_run_that_is_there_is_not_run_again_unless_forced(drivers, monkeypatch):
    import papermill

    def refuse(*args, **kwargs):
        raise AssertionError("a kernel was started")

    monkeypatch.setattr(papermill, "execute_notebook", refuse)
    again = run_report("drivers", QUICK, folder=drivers.folder.parent.parent)
    assert again.was_there and again.folder == drivers.folder and again.manifest == drivers.manifest
    with pytest.raises(AssertionError, match="a kernel was started"):
        run_report("drivers", QUICK, folder=drivers.folder.parent.parent, force=True)
    assert contents(drivers.folder)["manifest.json"], "the old run is still there"


def test_in_dutch_on_a_published_table(report):
    run = report("drivers", **QUICK, data="hedonic_utilitarian", outcome="BehLoyalty", language="nl")
    html, text = run.page.read_text(encoding="utf-8"), page_text(run)
    assert run.manifest["evidence_tier"] == "published" and '<html lang="nl">' in html
    assert "Gepubliceerd: berekend uit een tabel in een bron" in html
    assert "correlatietabel van 190 respondenten" in text and "Wishartverdeling" in text
    assert "34% (95%-BI" in text, "R² of .339"
    for english in ("Figure", "Table", "Source", "Show code", "explained variance", "draws", "Contents"):
        assert english not in text.split("Over dit rapport")[0], english


CODEBOOK = """
title: My shop
source: {en: customers of my shop, nl: klanten van mijn winkel}
defaults: {range: [1, 5], missing: [99]}
items:
  joy: {label: Joy, role: driver, block: emotional}
  trust: {label: "Trust | <i>in us</i>", role: driver, block: emotional}
  price: {label: Price, role: driver, block: rational}
  speed: {label: Speed, role: driver, block: rational}
  stay: {label: Stay, role: outcome}
  wt: {label: Weight, role: weight}
  branch: {label: Branch, role: cluster}
  size: {label: Size, role: segment, values: {1: small, 2: large}}
"""


def test_ones_own_survey_with_weights_clusters_and_an_absolute_path(tmp_path, quick_kernels):
    rng = np.random.default_rng(1)
    common = rng.normal(size=(300, 1))
    answers = np.clip(np.rint(3 + 0.8 * (common + rng.normal(size=(300, 5)))), 1, 5).astype(int)
    frame = pd.DataFrame(answers, columns=["joy", "trust", "price", "speed", "stay"])
    frame.loc[:6, "price"] = 99
    frame = frame.assign(
        wt=rng.uniform(0.5, 2, 300).round(2), branch=np.arange(300) % 30, size=np.where(np.arange(300) < 280, 1, 2)
    )
    frame.to_csv(tmp_path / "mine.csv", index=False)
    write(tmp_path / "mine.yml", CODEBOOK)
    mine = {
        "data": str(tmp_path / "mine.csv"),
        "codebook": str(tmp_path / "mine.yml"),
        "weight": "wt",
        "cluster": "branch",
    }
    run = run_report("drivers", QUICK | mine, folder=tmp_path / "reports")
    text = page_text(run)
    assert (
        re.search(r"300 rows in \d+ clusters", text) and "293 are complete enough" in text and "7 are left out" in text
    )
    assert "bootstrap draws of 30 clusters" in text and "customers of my shop" in run.page.read_text(encoding="utf-8")
    assert "fig-segments" not in run.manifest["exhibits"], "the second segment is too small to compare"
    assert "fewer than two groups" in text[text.index("The same by segment") :]
    assert "Trust | <i>in us</i>" in text, "a label is text, never markup"
    for name, content in contents(run.folder).items():
        assert str(tmp_path).encode() not in content, name


def test_the_notebook_runs_by_hand_in_its_own_folder(tmp_path, monkeypatch, corp_rep_file, quick_kernels):
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.delenv("LOYALTYLAB_RUN_FOLDER", raising=False)
    path = NOTEBOOKS["20_drivers"]
    found = nbformat.read(path, as_version=4)
    before = set(path.parent.iterdir())
    NotebookClient(
        found, kernel_name="python3", timeout=300, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    shown = [output for cell in found.cells for output in cell.get("outputs", [])]
    assert sum("image/svg+xml" in output.get("data", {}) for output in shown) == 8
    assert not [output for output in shown if output.get("name") == "stderr"]
    assert set(path.parent.iterdir()) == before, "by hand, nothing is saved"


def test_wrong_parameters_are_refused_before_a_kernel_starts(tmp_path, monkeypatch):
    import papermill

    monkeypatch.setattr(papermill, "execute_notebook", lambda *args, **kwargs: pytest.fail("a kernel was started"))
    lines = "n: int = 1  # a number\nname: str = 'x'  # [x|y] a name\nshare: float = 0.5  # a part\n"
    path = notebook(tmp_path / "small.ipynb", "1", parameters=lines)
    cases = [
        ({"m": 1}, UnknownName, "parameter 'm' does not exist. Possible: n, name, share. See: loyaltylab list small."),
        ({"n": "1"}, ReportError, "parameter 'n' takes a whole number, not '1'. a number."),
        ({"n": True}, ReportError, "parameter 'n' takes a whole number, not True. a number."),
        ({"n": 1.0}, ReportError, "parameter 'n' takes a whole number, not 1.0. a number."),
        ({"name": "z"}, ReportError, "parameter 'name' is 'z'; allowed: x, y."),
        ({"share": float("nan")}, ReportError, "parameter 'share' takes a finite number, not nan. a part."),
        ({"share": float("-inf")}, ReportError, "parameter 'share' takes a finite number, not -inf. a part."),
    ]
    for parameters, error, message in cases:
        with pytest.raises(error) as caught:
            run_report(path, parameters, folder=tmp_path / "reports")
        assert str(caught.value) == message
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"data": "shop.csv"}, "did you mean 'shops.csv'"),
        ({"data": "shops.csv", "codebook": "book.yml", "outcome": "stai"}, "did you mean 'stay'"),
        ({"data": "shops.csv", "codebook": "book.yml", "blocks": ["emotionl"]}, "did you mean 'emotional'"),
        ({"data": "shops.csv"}, "needs a codebook.*loyaltylab codebook draft shops.csv"),
    ],
)
def test_what_is_misspelt_is_told_before_a_kernel_starts(tmp_path, monkeypatch, asked, said):
    import papermill

    monkeypatch.setattr(papermill, "execute_notebook", lambda *args, **kwargs: pytest.fail("a kernel was started"))
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "shops.csv", "trust,stay\n1,2\n")
    write(
        tmp_path / "book.yml",
        "{title: t, source: s, items: {trust: {range: [1, 5], role: driver, block: emotional}, stay: {range: [1, 5], role: outcome}}}",
    )
    with pytest.raises(LoyaltyLabError, match=said):
        run_report("drivers", asked, folder=tmp_path / "reports")


def test_a_notebook_of_ones_own_that_names_no_language_takes_parameters(tmp_path, quick_kernels):
    path = notebook(tmp_path / "small.ipynb", "print(n)")
    content = json.loads(path.read_text()) | {"metadata": {}}
    run = run_report(write(path, json.dumps(content)), {"n": 7}, folder=tmp_path / "reports", formats=["html"])
    assert "7" in (run.folder / "notebook.ipynb").read_text()


def test_an_odd_group_a_blank_weight_and_clusters_stop_no_report_and_are_told(tmp_path, told):
    """One group in which all said the same, an outcome with decimals, and rows of people who each gave several."""
    rng = np.random.default_rng(5)
    n = 240
    x = rng.integers(1, 6, (n, 2))
    frame = pd.DataFrame({"joy": x[:, 0], "price": x[:, 1], "who": np.arange(n) // 4, "town": np.arange(n) % 3})
    frame["stay"] = np.clip(0.5 * x[:, 0] + 0.3 * x[:, 1] + rng.normal(size=n).round(2) * 0.5 + 1, 1, 5).round(1)
    frame.loc[frame["town"] == 2, "stay"] = 3.0
    frame.to_csv(tmp_path / "rows.csv", index=False)
    write(
        tmp_path / "book.yml",
        """title: Made up
source: 60 people, four times each
defaults: {range: [1, 5]}
items:
  joy: {role: driver, block: emotional}
  price: {role: driver, block: rational}
  stay: {role: outcome}
  who: {role: cluster}
  town: {role: segment, values: {0: Ede, 1: Goes, 2: Urk}}
""",
    )
    run = told("drivers", **QUICK, data=str(tmp_path / "rows.csv"), codebook=str(tmp_path / "book.yml"), cluster="who")
    text = page_text(run)
    assert "240 rows in 60 clusters" in text and "Ede" in text and "Goes" in text
    survey = read_survey(tmp_path / "rows.csv", tmp_path / "book.yml", cluster="who")
    mean = likert_summary(survey, ["stay"]).value(("stay", "all"))
    assert f"{mean.conf_low:.2f} to {mean.conf_high:.2f}" in text.replace("\u00a0", " "), (
        "the mean takes the clusters too"
    )


def test_progress_is_told_cell_by_cell_and_seen_on_a_terminal(tmp_path):
    import os
    import subprocess
    import sys

    pty = pytest.importorskip("pty")
    path = notebook(tmp_path / "small.ipynb", "import time", "time.sleep(0.5)", "time.sleep(0.5)")
    told = []
    run_report(path, folder=tmp_path / "a", progress=lambda *event: told.append(event))
    assert told == [("cells", i, 4) for i in range(1, 5)] + [("page", 0, 1)]
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-c",
        "from loyaltylab.cli import main; main()",
        "run",
        str(path),
        "--reports-folder",
        str(tmp_path / "b"),
    ]
    with subprocess.Popen(
        command, stderr=theirs, stdout=subprocess.DEVNULL, env=os.environ | {"TERM": "xterm"}
    ) as process:
        os.close(theirs)
        seen = b""
        while process.poll() is None or b"page" not in seen:
            try:
                seen += os.read(ours, 4096)
            except OSError:
                break
    os.close(ours)
    assert process.returncode == 0 and b"cell 2 of 4" in seen and b"writing the page" in seen


def test_a_failing_cell_leaves_nothing_half_written(tmp_path, quick_kernels):
    texts(tmp_path)
    path = notebook(
        tmp_path / "small.ipynb",
        "import loyaltylab as ll\nreport = ll.Report('small')",
        "raise ValueError('no such thing')",
    )
    with pytest.raises(ReportError) as caught:
        run_report(path, folder=tmp_path / "reports")
    message = str(caught.value)
    assert (
        message.startswith("report 'small' stopped in cell 3: ValueError: no such thing\n")
        and "Traceback" not in message
    )
    (kept,) = (tmp_path / "reports").glob("[!.]*")
    assert re.fullmatch(r"failed-small-[0-9a-f]{12}\.ipynb", kept.name)


def test_a_reference_to_an_exhibit_that_is_not_there_stops_the_report(tmp_path, quick_kernels):
    texts(tmp_path, see="See @fig-none.")
    path = notebook(
        tmp_path / "small.ipynb",
        "import loyaltylab as ll\nreport = ll.Report('small')\nreport.say('see')",
    )
    with pytest.raises(ReportError, match=r"refers to @fig-none, which this report does not show; it shows none\."):
        run_report(path, folder=tmp_path / "reports")
    assert list((tmp_path / "reports").glob("[!.]*")) == []


def test_two_exhibits_of_a_run_cannot_share_an_id(rows, tmp_path, monkeypatch):
    from ..exhibits.test_exhibits import figures

    monkeypatch.setenv("LOYALTYLAB_RUN_FOLDER", str(tmp_path))
    report = Report("drivers")
    report.show(figures(rows)[0])
    with pytest.raises(ReportError, match="two exhibits have the id 'fig-drivers'"):
        report.show(figures(rows)[0])


def test_a_plain_notebook_becomes_a_page_too(tmp_path, quick_kernels):
    """Output that did not come through a report: values stay with the code, what is displayed is shown, stderr is dropped."""
    path = notebook(
        tmp_path / "plain.ipynb",
        "import sys\nprint('``` printed')\nprint('a warning', file=sys.stderr)\nn",
        "from IPython.display import HTML, Markdown, display\ndisplay(Markdown('## Shown'), HTML('<p id=\"own\">own</p>'))",
    )
    run = run_report(path, {"n": 7, "name": "y"}, folder=tmp_path / "reports")
    html = run.page.read_text(encoding="utf-8")
    assert "``` printed" in html and html.count("a warning") == 1, "the code that warns, not the warning"
    assert "a warning" not in page_text(run) and '<p id="own">own</p>' in html and "Shown" in html
    assert run.manifest["evidence_tier"] is None
    assert (tmp_path / "reports" / "plain").is_dir()


@pytest.mark.parametrize("source", ["n = 1", "n: int", "n: dict = {}", "n: int = len('x')", "import os"])
def test_a_parameters_cell_holds_typed_literals_only(tmp_path, source):
    with pytest.raises(ReportError, match=r"small\.ipynb, parameters cell, line 1: "):
        read_notebook(notebook(tmp_path / "small.ipynb", parameters=source))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("list", "a, b", ["a", "b"]),
        ("list", "", []),
        ("list", "['a','b']", ["a", "b"]),
        ("bool", "false", False),
        ("bool", "Yes", True),
        ("int", "7", 7),
        ("float", "2", 2.0),
        ("str", "007", "007"),
        ("str", "a=b", "a=b"),
    ],
)
def test_command_line_text_is_read_by_the_type_of_the_parameter(kind, text, value):
    defaults = {"list": [], "bool": True, "int": 0, "float": 0.0, "str": ""}
    parameter = Parameter("p", kind, defaults[kind], "")
    assert parameter.check(parameter.read(text)) == value and type(parameter.read(text)) is type(value)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_committed_notebooks_are_clean(name):
    content = json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))
    for cell in content["cells"]:
        assert cell.get("outputs", []) == [] and cell.get("execution_count") is None, "run: make format"
        assert set(cell["metadata"]) <= {"tags", "jupyter"}, "run: make format"
        assert "def " not in "".join(cell["source"]), "a function belongs in the library"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_number_is_typed_into_the_prose_of_a_notebook(name):
    """Every digit in the text of say() and text() must come from a {field}."""
    import ast

    for cell in json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        for call in ast.walk(ast.parse("".join(cell["source"]))):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr in ("say", "text")
            ):
                for keyword in call.keywords:
                    if keyword.arg in ("en", "nl"):
                        texts = [node.value for node in ast.walk(keyword.value) if isinstance(node, ast.Constant)]
                        typed = [re.sub(r"\{[^}]*\}", "", text) for text in texts]
                        assert not [text for text in typed if re.search(r"\d", text)], texts


def test_reports_are_listed_with_help():
    reports = list_reports()
    assert reports["drivers"].title == "What drives loyalty: emotion or reason?"
    assert all(parameter.help for notebook in reports.values() for parameter in notebook.parameters.values())
    with pytest.raises(UnknownName, match="report 'driver' does not exist; did you mean 'drivers'"):
        read_notebook("driver")


# ---- the command line --------------------------------------------------------------------------------------------------


def test_list_shows_parameters_defaults_and_help():
    from loyaltylab.cli.commands import app

    shown = CliRunner().invoke(app, ["list"], env={"COLUMNS": "160"}).output
    assert "drivers" in shown and "What drives loyalty: emotion or reason?" in shown
    assert len(shown.splitlines()) <= len(list_reports()) + 4, "a line a report"
    shown = CliRunner().invoke(app, ["list", "drivers"], env={"COLUMNS": "160"}).output
    for parameter in list_reports()["drivers"].parameters.values():
        assert parameter.name in shown
    assert "20171205" in shown and "(en or nl)" in shown


def test_version_and_help():
    assert re.fullmatch(r"loyaltylab 0\.2\.0\+[0-9a-f]{10}\n", command("--version", expect=0).stdout)
    assert "run" in command("--help", expect=0).stdout


def test_run_from_the_command_line(tmp_path):
    texts(tmp_path)
    path = notebook(tmp_path / "small.ipynb", "import loyaltylab as ll\nreport = ll.Report('small')\nprint(n, name)")
    words = ("run", path, "-p", "n=3", "-p", "name=y", "--reports-folder", tmp_path / "r")
    assert re.search(r"^Report: .*report\.html\n$", command(*words, expect=0).stdout)
    assert command(*words, expect=0).stdout.startswith("Up to date: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "drivers", "-p", "sed=3"], "Error: parameter 'sed' does not exist; did you mean 'seed'?"),
        (["run", "drivers", "-p", "draws=many"], "Error: parameter 'draws' takes a whole number, not 'many'."),
        (["run", "drivers", "-p", "draws"], "Error: '-p draws' is not of the form name=value"),
        (
            ["run", "nosuch"],
            f"Error: report 'nosuch' does not exist. Possible: {', '.join(name.split('_', 1)[1] for name in NOTEBOOKS)}.",
        ),
        (["list", "nosuch"], "Error: report 'nosuch' does not exist."),
    ],
)
def test_mistakes_on_the_command_line_are_one_message(words, message):
    done = terminal(*words)
    assert done.returncode == 1 and done.stderr.startswith(message)


def test_a_notebook_of_ones_own_needs_no_metadata(tmp_path, quick_kernels):
    path = notebook(tmp_path / "mine.ipynb", "import loyaltylab as ll", "print(n + 1)")
    found = json.loads(path.read_text(encoding="utf-8")) | {"metadata": {}}
    path.write_text(json.dumps(found), encoding="utf-8")
    run = run_report(str(path), {"n": 41}, folder=tmp_path / "reports", formats=("html",))
    assert "42" in (run.folder / "notebook.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400"])
def test_a_parameter_is_a_finite_number(tmp_path, value):
    path = notebook(tmp_path / "mine.ipynb", "print(x)", parameters="x: float = 1.0  # a number\n")
    done = terminal("run", path, "-p", f"x={value}")
    assert done.returncode == 1 and "parameter 'x' takes a finite number, not" in done.stderr


NO_OUTCOME = """
title: T
source: people
defaults: {range: [1, 5]}
items:
  joy: {label: Joy, role: driver, block: emotional}
  price: {label: Price, role: driver, block: rational}
  stay: {label: Stay}
"""
LACKING = ["drivers", "satisfaction", "robustness", "plan_your_study", "start_here", "value", "emotions", "conscious_unconscious", "economics", "bonds"]  # fmt: skip


@pytest.mark.parametrize("name", LACKING)
def test_a_codebook_without_an_outcome_is_told_so_in_words_and_check_knew(tmp_path, name):
    rows = np.random.default_rng(3).integers(1, 6, (120, 3))
    pd.DataFrame(rows, columns=["joy", "price", "stay"]).to_csv(tmp_path / "rows.csv", index=False)
    book = write(tmp_path / "book.yml", NO_OUTCOME)
    with pytest.raises(LoyaltyLabError, match="names no outcome. Give one item or scale 'role: outcome'"):
        told_by_hand(name, data=str(tmp_path / "rows.csv"), codebook=str(book))
    fits = {fit.report: fit for fit in reports_on(check_survey(tmp_path / "rows.csv", book))}
    assert not fits[name].runs and "role: outcome" in fits[name].todo["en"]


def test_where_the_same_block_is_ahead_in_every_pair_nothing_depends_on_the_pair(tmp_path, told):
    rng = np.random.default_rng(5)
    a, b, c = rng.integers(1, 6, (3, 200))
    stay = np.clip(np.round(0.15 * a + 0.5 * b + 0.5 * c + 0.4 * rng.normal(size=200)), 1, 5)
    pd.DataFrame({"a": a, "b": b, "c": c, "stay": stay}).to_csv(tmp_path / "rows.csv", index=False)
    kinds = {"a": "role: driver, block: emotional", "b": "role: driver, block: rational", "c": "role: driver, block: rational", "stay": "role: outcome"}  # fmt: skip
    items = "\n".join(f"  {name}: {{{kind}, label: {name}, range: [1, 5]}}" for name, kind in kinds.items())
    book = write(tmp_path / "book.yml", f"title: T\nsource: people\nitems:\n{items}\n")
    text = page_text(told("drivers", data=str(tmp_path / "rows.csv"), codebook=str(book), draws=100))
    assert "Whichever drivers are compared, the same block is ahead" in text and "ahead in 0 of 2 pairs" in text
    assert "It depends on which drivers are compared" not in text and "Which drivers are compared decides" not in text


def odd_survey(n, k, seed=1, **changes):
    """Answers to k drivers and an outcome that hang together, with columns changed as asked."""
    rng = np.random.default_rng(seed)
    answers = np.clip(np.rint(3 + rng.normal(size=(n, 1)) + rng.normal(size=(n, k + 1))), 1, 5)
    frame = pd.DataFrame(answers, columns=[*(f"d{i}" for i in range(1, k + 1)), "stay"])
    return frame.assign(**{name: change(frame) for name, change in changes.items()})


#: A file → the report, what check says of it where it does not run, and what the run says then.
ODD = {
    "fewer rows than are drawn from": (odd_survey(8, 3), "drivers", "8 complete respondents; it takes 10", "8 rows are too few to draw from"),
    "fewer rows than drivers": (odd_survey(12, 13), "drivers", "12 complete respondents; it takes 15", "12 complete respondents are too few for 13 drivers"),
    "hardly more rows than drivers": (odd_survey(12, 9), "drivers", "12 complete respondents are too few for 9 drivers", "the sample is too small for this model"),
    "the same, of means": (odd_survey(12, 9), "economics", "", ""),
    "many answers missing": (odd_survey(60, 6, d3=lambda f: f["d3"].where(f.index < 11)), "value", "11 complete respondents are too few for 6 drivers", "the sample is too small"),
    "enough rows": (odd_survey(40, 6), "drivers", "", ""),
    "a driver that is constant": (odd_survey(60, 4, d2=lambda f: 3.0), "drivers", "d2: everyone has the same value; leave it out", "d2: everyone has the same value"),
    "an outcome that is constant": (odd_survey(60, 4, stay=lambda f: 3.0), "start_here", "stay: everyone has the same value", "stay: everyone has the same value"),
    "a driver that one answered otherwise": (odd_survey(60, 4, d2=lambda f: np.where(f.index == 0, 4.0, 3.0)), "drivers", "60 complete respondents are too few", "too small for this model"),
    "a driver twice": (odd_survey(60, 4, d2=lambda f: f["d1"]), "drivers", "d1, d2: each is determined exactly by the others", "d1, d2: each is determined exactly"),
    "a driver twice, of means": (odd_survey(60, 4, d2=lambda f: f["d1"]), "economics", "", ""),
    "a block that is constant": (odd_survey(60, 4, d3=lambda f: 3.0, d4=lambda f: 3.0), "economics", "rational: everyone has the same value", "the means of the blocks determine each other"),
    "a driver that nobody answered": (odd_survey(60, 4, d2=lambda f: np.nan), "drivers", "0 complete respondents; it takes 10", "0 of 60 rows are complete"),
    "nobody answered, of the outcome alone": (odd_survey(60, 4, d2=lambda f: np.nan), "conscious_unconscious", "", ""),
    "fewer rows than drivers, of no model": (odd_survey(12, 13), "measures", "", ""),
    "several drivers of a block on a way": (odd_survey(60, 4), "heart_head_wallet", "chain: heart and head, the driver or scale that stands for each", "the codebook does not say which of them stands for it"),
    "one driver of each block on a way": (odd_survey(60, 2), "heart_head_wallet", "", ""),
    "a column that is not there": (odd_survey(60, 4).drop(columns="d2"), "drivers", "d2: not in the file", "the file has no column 'd2'"),
    "blocks that cannot differ so much": (odd_survey(40, 4, seed=22), "plan_your_study", "these blocks cannot be made to differ by 0.1; give another with -p difference=", "does not bring the difference to 0.1"),
    "draws without variation": (odd_survey(11, 4, seed=44), "emotions", None, "")
}  # fmt: skip


@pytest.mark.parametrize(
    ("constant", "refused"), [(["d1"], "emotions"), (["d4"], ""), (["d1", "d4", "d5"], "emotions")]
)
def test_an_item_that_all_answered_alike_stops_what_asks_of_it_alone(tmp_path, constant, refused):
    """Its scale has variation, so nothing but a question about the item itself is lost."""
    frame = odd_survey(60, 8, **{name: lambda f: 3.0 for name in constant})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    items = "\n".join(f"  d{i}: {{label: d{i}}}" for i in range(1, 9))
    scales = "  E: {label: E, items: [d1, d2, d3], role: driver, block: emotional}\n  R: {label: R, items: [d4, d5, d6, d7, d8], role: driver, block: rational}"
    text = f"title: T\nsource: people\ndefaults: {{range: [1, 5]}}\nitems:\n{items}\n  stay: {{label: stay, role: outcome}}\nscales:\n{scales}\n"
    asked = {"data": str(tmp_path / "rows.csv"), "codebook": str(write(tmp_path / "book.yml", text))}
    fits = {fit.report: fit for fit in reports_on(check_survey(*asked.values()))}
    assert fits["robustness"].runs and told_by_hand("robustness", **asked)
    assert fits["emotions"].runs == (not refused)
    if refused:
        assert fits["emotions"].todo["en"] == "d1: everyone has the same value; leave it out"
        with pytest.raises(LoyaltyLabError, match="d1: everyone has the same value"):
            told_by_hand("emotions", **asked)
    else:
        assert told_by_hand("emotions", **asked)


@pytest.mark.parametrize("kind", ODD)
def test_check_and_run_never_disagree(tmp_path, kind):
    frame, name, said, raised = ODD[kind]
    drivers = [f"d{i}" for i in range(1, 14) if f"d{i}" in frame or (i < 4 and "d4" in frame)]
    frame.to_csv(tmp_path / "rows.csv", index=False)
    blocks = ["emotional" if 2 * i < len(drivers) else "rational" for i in range(len(drivers))]
    items = [f"  {d}: {{label: {d}, role: driver, block: {block}}}" for d, block in zip(drivers, blocks, strict=True)]
    text = "title: T\nsource: people\ndefaults: {range: [1, 5]}\nitems:\n" + "\n".join(items)
    book = write(tmp_path / "book.yml", f"{text}\n  stay: {{label: stay, role: outcome}}\n")
    (fit,) = [fit for fit in reports_on(check_survey(tmp_path / "rows.csv", book)) if fit.report == name]
    asked = {"data": str(tmp_path / "rows.csv"), "codebook": str(book)}
    if said is None:
        said = fit.todo["en"] if not fit.runs else ""
    assert said in fit.todo["en"] and fit.runs == (not said)
    assert set(fit.todo) == {"en", "nl"} and (fit.runs or fit.todo["nl"] != fit.todo["en"])
    if fit.runs:
        assert told_by_hand(name, **asked)
    else:
        with pytest.raises(LoyaltyLabError, match=raised):
            told_by_hand(name, **asked)
