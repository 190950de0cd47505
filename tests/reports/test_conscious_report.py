"""The report on what is said and not said: without an implicit measure it says so first; simulated, it may not be cited."""

import numpy as np
import pytest
import statsmodels.api as sm

from loyaltylab import read_data, simulate
from loyaltylab.loyalty.misclassification import misclassified_promoters

from ..runs import in_order, numbers_of
from .test_reports import page_text

QUICK = {"draws": 200}


def test_real_rows_say_first_that_nobody_measured_it(corp_rep_file, report):
    run = report("conscious_unconscious", **QUICK)
    text = page_text(run)
    order = ["In short", "so it cannot be tested here", "Nobody was asked what kind of relationship",
             "How many promoters may be misfiled", "What would change the conclusion", "What may be cited",
             "The claim, its source and its grade", "Who answered"]  # fmt: skip
    in_order(text, order)
    assert "so this is a net score of their ends and not the net promoter score" in text
    found = numbers_of(run, "fig-misfiled").set_index(["term", "rate"])
    ours = misclassified_promoters(read_data("corp_rep"), "cusl_1", rates=[0.1])
    assert found.loc[("detractors", 0.1), "estimate"] == pytest.approx(ours.value(("detractors", 0.1)).value)
    assert run.manifest["headline"].startswith(
        "Nobody measured whether satisfied customers unconsciously think otherwise"
    )


def test_simulated_in_dutch_every_part_is_computed_and_nothing_may_be_cited(told):
    given = QUICK | {"data": "simulated n=3000 seed=5", "language": "nl"}
    run = told("conscious_unconscious", **given)
    text = page_text(run).split("Over dit rapport")[0]
    assert run.manifest["headline"].startswith("Hieruit mag niets worden geciteerd: niemand heeft geantwoord")
    drawn = [
        "fig-crossed",
        "fig-misfiled",
        "fig-pressure",
        "fig-region",
        "fig-remembered",
        "fig-kinds",
        "fig-relations",
    ]
    assert [name for name in run.manifest["exhibits"] if name.startswith("fig-")] == drawn
    assert "Niets mag worden geciteerd" in text and "Dit mag u schrijven" not in text
    for english in ("In short", "Source", "Figure", "Implicitly", "Promoters", "leisure", "slope", "pressure"):
        assert english not in text, english


def test_under_pressure_choices_follow_what_was_put_in(told):
    """The lines are those of a regression on the choices made, not on stated loyalty, in which nothing was put."""
    run = told("conscious_unconscious", **QUICK, data="simulated n=3000 seed=5", language="nl")
    lines = numbers_of(run, "fig-pressure")
    rows = simulate(n=3000, seed=5).frame[["imp_choices", "satisfied", "implicit_score", "time_pressure"]].dropna()
    X = sm.add_constant(
        rows.assign(s=rows["satisfied"] * rows["time_pressure"], i=rows["implicit_score"] * rows["time_pressure"]).drop(
            columns="imp_choices"
        )
    )
    fit = sm.OLS(rows["imp_choices"], X).fit().params
    for name, more in (("satisfied", "s"), ("implicit_score", "i")):
        slopes = {
            level: np.polyfit(part["at"], part["estimate"], 1)[0]
            for level, part in lines[lines["term"] == name].groupby("segment")
        }
        assert sorted(slopes.values()) == pytest.approx(sorted([fit[name], fit[name] + fit[more]]), abs=0.02)
    assert fit["s"] < -0.3 and fit["i"] > 1, "stated satisfaction counts for less, the implicit score for more"


def test_remembered_and_good_experiences_are_compared_and_the_waves(told):
    run = told("conscious_unconscious", **QUICK, data="simulated n=3000 seed=5", language="nl")
    shown = numbers_of(run, "fig-remembered").set_index("claim")["estimate"]
    rows = simulate(n=3000, seed=5).frame
    r = rows[["LOYALTY", "hhw_wow", "satisfied"]].dropna().corr()["LOYALTY"]
    assert shown["memorable_over_good"] == pytest.approx(r["hhw_wow"] - r["satisfied"], abs=0.01)
    shares = (rows["exp_decides"].dropna() >= 5).groupby(rows["wave"]).mean()
    assert shown["experience_decides"] == pytest.approx((shares.iloc[2] - shares.iloc[0]) / 2, abs=0.01)


def test_a_published_table_holds_no_groups(told):
    run = told("conscious_unconscious", **(QUICK | {"data": "hedonic_utilitarian"}))
    assert run.manifest["headline"].startswith("Correlations alone can test nothing about the unconscious")
    assert not [name for name in run.manifest["exhibits"] if name.startswith("fig-")]
