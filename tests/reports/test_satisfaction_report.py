"""The report on satisfaction: on real rows, on a made-up survey, on simulated respondents and on a table without rows."""

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab import curve, necessity, read_codebook, read_survey
from loyaltylab.core.errors import DataError
from loyaltylab.exhibits.models.curves import (
    plot_curve,
    plot_curves,
    plot_equivalence,
    plot_necessity,
    plot_penalty_reward,
    table_necessity,
)
from loyaltylab.loyalty.levels import group_equivalence, with_satisfaction_groups
from loyaltylab.models.curves import compare_curves
from loyaltylab.models.penalties_and_rewards import penalty_reward

from ..conftest import write
from ..runs import in_order, numbers_of
from .test_reports import page_text

BOOK = """
title: Made up
source: {en: made up for a test, nl: verzonnen voor een test}
tier: synthetic
defaults: {range: [1, 7]}
items:
  happy: {label: {en: Happy, nl: Blij}, metric: satisfaction}
  again: {label: {en: Again, nl: Opnieuw}, metric: repurchase}
  loyal: {label: {en: Loyal, nl: Trouw}, role: outcome}
  j1: {label: joy}
  p1: {label: price}
scales:
  JOY: {label: {en: Joy, nl: Vreugde}, items: [j1], role: driver, block: emotional}
  PRICE: {label: {en: Price, nl: Prijs}, items: [p1], role: driver, block: rational}
"""
SECTIONS = ["In short", "Are the rationally satisfied like",
            "Would satisfied customers leave", "Is the line from satisfaction", "Does a low answer weigh more",
            "Is satisfaction necessary", "What would change the conclusion", "What may be cited, and what not",
            "You may not write", "The claim, its source and its grade", "Who answered"]  # fmt: skip
FIGURES = {"fig-groups", "fig-equivalence", "fig-switch", "fig-firm", "fig-curve", "fig-stay", "fig-asymmetry",
           "fig-necessity", "tbl-necessity", "tbl-claims"}  # fmt: skip
GROUPS = ("Rationally satisfied", "Dissatisfied")


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(14)
    happy, joy, price = rng.integers(1, 8, (3, 900))
    loyal = np.clip(np.round(1.5 + 0.9 * np.maximum(joy - 3, 0) + rng.normal(0, 0.9, 900)), 1, 7)
    again = np.clip(np.round(happy / 2 + 3 + rng.normal(0, 1.3, 900)), 1, 7)
    return pd.DataFrame({"happy": happy, "again": again, "loyal": loyal, "j1": joy, "p1": price})


@pytest.fixture(scope="module")
def files(frame, tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey")
    frame.to_csv(folder / "shop.csv", index=False)
    write(folder / "shop.yml", BOOK)
    return {"data": str(folder / "shop.csv"), "codebook": str(folder / "shop.yml")}


@pytest.fixture(scope="module")
def survey(files):
    return read_survey(files["data"], files["codebook"])


def test_the_real_survey_opens_with_what_contradicts_the_claim(corp_rep_file, report):
    run = report("satisfaction", draws=200, permutations=200)
    text = page_text(run)
    in_order(text, ["the rationally satisfied do not behave like the dissatisfied", *SECTIONS[1:]])
    assert set(run.manifest["exhibits"]) >= FIGURES
    rows = read_survey(corp_rep_file, "corporate_reputation")
    grouped = with_satisfaction_groups(rows.with_block("emotional")[0], "cusa", "emotional")
    gap = group_equivalence(grouped, "CUSL", "satisfaction_group", *GROUPS, conf_level=0.95)
    assert f"{gap.quantity:ci+.2f} scale points, where they would have to be equal" in text
    stay, happy = rows.frame["cusl_3"], rows.frame["cusa"]
    asked = stay.notna() & happy.notna()
    leaving = (stay[asked & (happy >= 5)] <= 4).mean()
    assert f"{leaving:.0%} (95% CI 6% to 13%) do not clearly stay; the claim says 20%" in text
    held = ll.hold_against(rows, {"satisfied_switch": ll.read_claim("satisfied_switch")}).computed("satisfied_switch")
    assert held.verdict == "undecided" and "Whether a fifth of the satisfied would leave is undecided here" in text
    assert "‘Will stay’ up to 3, ‘Satisfied’ 5–7: 6% [4%; 9%], contradicted" in text, (
        "the same verdicts as in the ledger"
    )
    assert "one that their correlation alone can make" in text and "not 6 times" not in text


def test_no_share_of_a_few_is_in_the_data_of_a_figure(corp_rep_file, told):
    run = told("satisfaction", draws=200, permutations=200, leaves_up_to=1.0)
    shares = numbers_of(run, "fig-switch")
    assert shares.loc[shares["segment"] == "5–7", "estimate"].isna().all()
    assert "Too few of the satisfied would leave to print how many" in page_text(run)
    stay = numbers_of(run, "fig-stay")
    assert stay["mean"].isna().all()


def test_a_made_up_survey_in_dutch_never_gives_something_to_cite(files, told):
    options = {"language": "nl", "draws": 200, "permutations": 200, "satisfied_boxes": 2}
    run = told("satisfaction", **(files | options))
    text = page_text(run).split("Over dit rapport")[0]
    assert "In deze gesimuleerde gegevens (geen bewijs)" in text
    assert "Niets mag worden geciteerd" in text and "Dit mag u schrijven" not in text
    for english in (
        "In short",
        "Source",
        "Figure",
        "straight line",
        "undecided",
        "withheld",
        "ationally satisfied",
        "scale points",
    ):
        assert english not in text, english
    assert run.manifest["evidence_tier"] == "synthetic" and set(run.manifest["exhibits"]) >= FIGURES


def test_without_rows_or_questions_it_says_what_cannot_be_said(files, told, tmp_path):
    table = told("satisfaction", data="corporate_reputation", draws=200)
    text = page_text(table)
    assert (
        "Correlations alone cannot test whether satisfied customers are loyal" in text
        and "CUSL" not in table.manifest["exhibits"]
    )
    assert "correlate 0.6" in text and table.manifest["exhibits"] == ["tbl-claims"]
    unasked = write(tmp_path / "shop.yml", BOOK.replace(", metric: satisfaction", ""))
    lacking = told("satisfaction", **(files | {"codebook": str(unasked)}))
    assert "They lack a question on satisfaction, on attachment or on staying" in page_text(lacking)


@pytest.fixture(scope="module")
def figures(survey):
    grouped = with_satisfaction_groups(survey, "happy", "JOY", boxes=3)
    tests, wider = (
        [group_equivalence(grouped, "loyal", "satisfaction_group", *GROUPS, conf_level=level)] for level in (0.9, 0.95)
    )
    labels = survey.codebook.labels("nl") | {"JOY": "Het gevoel dat men hier met open armen wordt ontvangen"}
    look = {"title": "T", "labels": labels, "language": "nl"}
    quick = {"n_draws": 200}
    return [
        plot_curves(compare_curves(survey, "loyal", "happy", **quick), id="fig-a", **look),
        plot_curve(curve(survey, "again", "happy", shape="ordered", **quick), id="fig-b", **look),
        plot_penalty_reward(penalty_reward(survey, "loyal", ["JOY", "PRICE"], **quick), id="fig-c", **look),
        plot_equivalence(tests, wider, outcome="loyal", id="fig-d", **look),
        plot_necessity(necessity(survey, "JOY", "loyal", n_permutations=100), id="fig-e", **look),
    ]


def test_figures_hold_every_letter_at_every_width(figures):
    for exhibit in figures:
        _, refused = exhibit.images(widths=["one", "two", "slide"])
        assert refused == {}, (exhibit.id, refused)


def test_figures_draw_the_numbers_of_the_result_in_dutch(survey, figures):
    made = penalty_reward(survey, "loyal", ["JOY", "PRICE"], n_draws=200).tidy().set_index("term")
    drawn = figures[2].data.set_index("term")
    np.testing.assert_allclose(drawn["reward"][made.index], made["reward"])
    assert "hoog antwoord" in figures[2].alt and "." not in figures[2].alt.replace(". ", "").rstrip(".")
    ceiling = necessity(survey, "JOY", "loyal", n_permutations=100)
    np.testing.assert_allclose(figures[4].data["estimate"], ceiling.tops)


def test_thirty_drivers_fit(frame, files, tmp_path):
    rng = np.random.default_rng(1)
    names = [f"d{i}" for i in range(30)]
    rows = frame.assign(**{name: rng.integers(1, 8, len(frame)) for name in names})
    items = "".join(f"  {name}: {{label: driver with a long name {name}}}\n" for name in names)
    book = write(tmp_path / "many.yml", BOOK.replace("scales:", f"{items}scales:"))
    found = penalty_reward(read_survey(rows, book), "loyal", names, n_draws=200)
    exhibit = plot_penalty_reward(found, id="fig-many", title="T", labels=read_codebook(book).labels())
    assert exhibit.images(widths=["one", "two", "slide"])[1] == {}


def test_unlike_conditions_and_differences_are_refused(survey):
    a, b = (necessity(survey, "JOY", name, n_permutations=100) for name in ("loyal", "again"))
    with pytest.raises(DataError) as error:
        table_necessity([a, b], id="tbl-x", title="T", labels={})
    assert str(error.value) == "give one or more conditions of the same outcome, ceiling and smallest cell."
    with pytest.raises(DataError) as error:
        plot_equivalence([], [], outcome="loyal", id="fig-x", title="T", labels={})
    assert str(error.value) == "results and wider must hold the same differences in the same order, at two levels."
