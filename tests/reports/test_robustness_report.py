"""The report on choices: real rows, simulated respondents in Dutch, and a table without rows."""

import re

import loyaltylab as ll
from loyaltylab.reports.running.parameters import SHARED

from ..runs import in_order
from .test_reports import page_text


def test_real_rows_open_with_what_depends_on_choices(corp_rep_file, report):
    run = report("robustness", draws=100, lengths=["5"])
    text = page_text(run)
    in_order(text, ["depends on the choices made", "All specifications at once", "Two objections",
                    "What would change the conclusion", "The same in other sources", "You may write", "You may not write", "its source and its grade", "Who answered"])  # fmt: skip
    assert "the main specification gets another one with “Items where other sources put them”" in text
    assert "at most (a test" not in text and "What the blocks contain" in text
    survey = ll.read_data("corp_rep")
    used = ["CUSL", *ll.flatten(survey.codebook.blocks())]
    # as the report drivers does
    drawn = survey.draws(used, n_draws=SHARED["draws"].default, seed=SHARED["seed"].default)
    main = ll.importance(survey.moments(used), "CUSL", survey.codebook.blocks(), draws=drawn)
    said = main.contrast("emotional", "rational").difference
    assert f"The report drivers gives {said:ci+.0pp}" in text, "one quantity, one rule, one set of rows"
    assert "one test of all specifications together" in text and "have no estimate" in text
    assert "one driver left out (Likeability)" in text and "Without “Would miss it”" in text
    rows = (run.folder / "exhibits" / "fig-curve.csv").read_text(encoding="utf-8").splitlines()
    n, none = re.search(r"of ([\d,]+) specifications.*Another ([\d,]+) combinations have no estimate", text).groups()
    assert len(rows) - 1 == int(n.replace(",", "")) + int(none.replace(",", "")), "the file holds every specification"
    assert [name for name in run.manifest["exhibits"] if name.startswith("fig-")] == ["fig-decisive", "fig-curve", "fig-length", "fig-method", "fig-source-mobi", "fig-source-hedonic-utilitarian"]  # fmt: skip


def test_simulated_respondents_are_never_citable_and_the_page_is_dutch(told):
    run = told("robustness", data="simulated", language="nl", draws=100, methods=["lmg"], lengths=[], segments="none")  # fmt: skip
    text = page_text(run)
    in_order(text, ["Niemand heeft geantwoord", "Alle specificaties tegelijk", "Niets mag worden geciteerd"])
    assert "Dit mag u schrijven" not in text and "fig-source-mobi" not in run.manifest["exhibits"]
    for word in ("specifications", "ahead", "interval includes"):
        assert word not in text


def test_a_table_without_rows_says_what_needs_them(told):
    run = told("robustness", data="hedonic_utilitarian", sources=[], draws=100)
    text = page_text(run)
    assert "that needs rows" in text and "leaving out single items, and error of measurement, segment" in text
    assert run.manifest["exhibits"] == ["fig-decisive", "tbl-blocks", "fig-curve", "fig-method", "tbl-claims"]
