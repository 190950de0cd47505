"""The report on claims and the command beside it: real answers, simulated ones, and the findings of other runs."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

import loyaltylab as ll
from loyaltylab.cli.commands import app
from loyaltylab.core.errors import ReportError, UnknownName
from loyaltylab.reports import recorded_findings, run_report
from loyaltylab.reports.report import Report

from ..conftest import texts, write
from ..runs import in_order, told_by_hand
from .test_reports import notebook, page_text

SAY = """
import loyaltylab as ll
claim = ll.read_claim("trust_below_value")
trust = ll.read_data("corp_rep").moments(["qual_7", "CUSL"]).correlations().value(("CUSL", "qual_7"))
report = ll.Report("trust")
report.say("opening", r=trust)
report.say("rest")
report.say("half", r=trust, finding="half")
report.show(ll.exhibits.table_claims([claim], id="tbl-claim", title="A claim"))
made_up = ll.simulate(n=200).moments(["EMOTION", "LOYALTY"]).correlations().value(("LOYALTY", "EMOTION"))
report.say("simulated", r=made_up, finding="simulated")
"""
WORDS = {
    "title": ("Trust", "Vertrouwen"),
    "opening": '> **Trust goes with loyalty: {{ r | ci(".2f") }}.** The rest follows.',
    "rest": "- See @tbl-claim.",
    "half": '- **Half is not reached** (@tbl-claim): {{ r | number(".2f") }}.',
    "simulated": '**Simulated:** {{ r | number(".2f") }} (@tbl-claim).',
}


@pytest.fixture(scope="module")
def runs(corp_rep_file, tmp_path_factory, warm_kernels):
    """A run with three findings, and the report on claims that lists them."""
    folder = tmp_path_factory.mktemp("reports")
    texts(folder, "trust", **WORDS)
    with warm_kernels():
        own = run_report(notebook(folder / "trust.ipynb", SAY), folder=folder, formats=["html"])
        name = own.id.removeprefix("loyaltylab:")
        return own, run_report("claims", {"draws": 300, "runs": [name]}, folder=folder, formats=["html"])


def exhibit(run, id):
    return pd.read_csv(run.folder / "exhibits" / f"{id}.csv", dtype=str)


def test_a_run_records_its_headline_and_named_findings_with_their_numbers_and_exhibits(runs):
    found = {one["id"]: one for one in runs[0].manifest["findings"]}
    assert found["headline"]["text"].startswith("Trust goes with loyalty: 0.43 (95% CI")
    assert found["headline"]["exhibits"] == ["tbl-claim"], "those of its section, since it refers to none itself"
    number = found["headline"]["numbers"][0]
    assert number["value"] == pytest.approx(0.430, abs=0.001) and number["origin"].startswith(
        "Correlations: CUSL, qual_7"
    )
    assert found["half"]["text"].startswith("Half is not reached") and found["half"]["tier"] == "observed"
    assert found["simulated"]["tier"] == "synthetic"
    listed = recorded_findings(["trust"], folder=runs[0].folder.parents[1])
    assert [one.id.split("#")[1] for one in listed] == ["headline", "half", "simulated"]


def test_a_run_made_again_elsewhere_finds_the_runs_it_names(runs, tmp_path, monkeypatch):
    """As verify does."""
    monkeypatch.setenv("LOYALTYLAB_RUN_FOLDER", str(tmp_path / ".work" / "0123abcd"))
    with pytest.raises(UnknownName):
        recorded_findings(["trust"])
    monkeypatch.setenv("LOYALTYLAB_RUNS_FOLDER", str(runs[0].folder.parents[1]))
    assert len(recorded_findings(["trust"])) == 3


def test_a_finding_without_an_origin_or_a_name_of_its_own_is_refused(tmp_path, monkeypatch):
    # by hand a cell may be run again, and so may its finding
    monkeypatch.setenv("LOYALTYLAB_RUN_FOLDER", str(tmp_path))
    texts(tmp_path, share="{{ r | number }}", much="Much.")
    monkeypatch.chdir(tmp_path)
    report, r = Report("small"), ll.read_claim("thirty_seventy").value("emotional")
    with pytest.raises(ReportError, match="r is a bare number"):
        report.say("share", r=0.7, finding="share")
    with pytest.raises(ReportError, match="'share' holds no number that remembers where it came from"):
        report.say("much", finding="share")
    report.say("share", r=r, finding="share")
    with pytest.raises(ReportError, match="'share' needs a name of its own"):
        report.say("share", r=r, finding="share")


def test_the_report_opens_with_what_has_no_source_and_gives_every_claim_a_card(runs):
    run, text = runs[1], page_text(runs[1])
    order = ["In short", "have no source that can be found", "is undecided here", "cannot be what they are said to be", "at once",
             "Every claim, its verdict and its grade", "What these data say", "What the figures say by themselves",
             "What our own reports found", "What would change the conclusion", "What may be cited", "The cards", "How a verdict is given", "Who answered"]  # fmt: skip
    in_order(text, order)
    assert "@tbl" not in text and "{" not in text
    assert "Performance (rational) and Attractiveness (emotional) overlap: HTMT 0.91" in text
    cards = [exhibit(run, id) for id in run.manifest["exhibits"] if id.startswith("tbl-cards")]
    assert sorted(pd.concat(cards)["term"]) == sorted(ll.read_claims())
    overview = exhibit(run, "fig-ledger")
    assert len(overview) == len(ll.read_claims()) and set(overview["verdict"]) <= set(ll.claims.VERDICTS)
    found = exhibit(run, "tbl-findings")
    assert found["term"].str.contains("#headline").tolist() == [True, False]
    assert found["run"].unique().tolist() == [runs[0].id] and "1 are left out" in text
    assert {"headline", "central-claim", "figures-alone"} == {one["id"] for one in run.manifest["findings"]}


def test_simulated_answers_and_one_article_in_dutch(told):
    simulated = {"data": "simulated n=300", "article": "bonds", "language": "nl", "draws": 200}
    run = told("claims", **simulated)
    text = page_text(run)
    assert run.manifest["evidence_tier"] == "synthetic"
    assert run.manifest["headline"].startswith("Niemand heeft geantwoord: deze respondenten zijn gesimuleerd")
    assert "Niets over de respondenten mag worden geciteerd" in text and "Dit mag u schrijven" not in text
    assert set(exhibit(run, "fig-ledger")["article"]) == {"bonds"}
    assert not {"fig-tested", "tbl-tested"} & set(run.manifest["exhibits"])
    for english in ("In short", "Source", "Figure", "verdict", "What would test it", "Report:"):
        assert english not in text.split("Over dit rapport")[0], english


def cli(*words):
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, ["claims", *words])


def test_the_command_lists_all_claims_and_shows_one():
    table = cli("--data", "hedonic_utilitarian", "--draws", "200")
    assert table.exit_code == 0 and "thirty_seventy" in table.output and "? source not found" in table.output
    found = json.loads(cli("--data", "hedonic_utilitarian", "--draws", "200", "--json", "--article", "emotions").output)
    one = next(row for row in found["claims"] if row["term"] == "emotions_index")
    assert one["verdict"] == "undecided" and one["conf_low"] < one["estimate"] < one["conf_high"]
    assert one["run"] == "loyaltylab run emotions -p data=hedonic_utilitarian"
    card = cli("show", "attitude_not_behaviour", "--data", "hedonic_utilitarian", "--draws", "200", "--language", "nl")
    assert "nagerekend" in card.output and "0,60" not in card.output and "60%" in card.output
    wrong = cli("show", "attitude_not_behavior")
    assert wrong.exit_code == 1 and "did you mean 'attitude_not_behaviour'" in str(wrong.exception)
    assert "did you mean 'bonds'" in str(cli("--article", "bond", "--data", "hedonic_utilitarian", "--draws", "200").exception)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("article", "language"), [("emotions", "en"), ("consumer", "nl"), ("engagement", "en"), ("metrics", "nl"), ("bonds", "en")])  # fmt: skip
def test_a_page_walks_one_article_claim_by_claim_in_its_order(told, article, language, corp_rep_file):
    run = told("claims", article=article, language=language, draws=100)
    page = exhibit(run, f"tbl-cards-{article}")
    claims = [claim for claim in ll.read_claims().values() if claim.article == article]
    assert page["term"].tolist() == [claim.name for claim in claims]
    assert page["statement"].tolist() == [claim.statement[language] for claim in claims] and page["verdict"].all()
    others = {f"tbl-cards-{name or 'studies'}" for name in ll.claims.ARTICLES} - {f"tbl-cards-{article}"}
    assert not others & set(run.manifest["exhibits"])


def test_a_file_without_drivers_has_no_table_of_blocks_and_the_report_goes_on(tmp_path):
    pd.DataFrame({"glad": [1, 2, 3, 4, 5] * 8}).to_csv(tmp_path / "rows.csv", index=False)
    book = write(tmp_path / "b.yml", "title: T\nsource: people\nitems: {glad: {range: [1, 5], role: outcome}}\n")
    said = told_by_hand("claims", data=str(tmp_path / "rows.csv"), codebook=str(book))
    assert said and not any("tbl-blocks" in text for text in said)
