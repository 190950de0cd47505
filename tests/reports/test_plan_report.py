"""The report that plans a study: on a pilot with rows, on a published table, and where no number is the answer."""

import pytest

from loyaltylab.core.errors import ReportError
from loyaltylab.core.files import available

from ..runs import in_order, numbers_of
from .test_reports import page_text

QUICK = {"simulations": 100, "draws": 500}
TABLE = QUICK | {"data": "hedonic_utilitarian", "difference": 0.2}


@pytest.fixture(scope="module")
def run(report):
    return report("plan_your_study", **TABLE)


def test_it_tells_what_is_assumed_before_what_follows_from_it(run):
    text = page_text(run)
    order = ["In short", "respondents are needed to show", "What is assumed", "How many respondents With", "What would change the answer", "What the other analyses need",
             "A sentence for the methods section", "The sample size was planned by simulation", "What may not be concluded"]  # fmt: skip
    in_order(text, order)
    assert run.manifest["exhibits"] == [
        "fig-plan",
        "tbl-blocks",
        "fig-assumed",
        "tbl-plan",
        "tbl-what-if",
        "fig-needs",
        "tbl-needs",
    ]


def test_no_number_of_a_plan_passes_for_evidence(run):
    assert run.manifest["evidence_tier"] == "synthetic"
    text = page_text(run)
    assert "Synthetic: simulated respondents" in text and "Source (published): Table 3 of the article" in text


def test_every_other_analysis_has_its_number_and_names_its_report(run):
    found = numbers_of(run, "tbl-needs").set_index("term")
    assert set(found["report"]) <= {path.stem.split("_", 1)[1] for path in available("notebooks", ".ipynb").values()}
    assert found.loc["share_difference", "n_needed"] == pytest.approx(
        numbers_of(run, "tbl-what-if")["n_needed"].iloc[0], rel=0.15
    ), "two ways to the same number"


def test_half_the_difference_takes_about_four_times_the_respondents(run):
    found = numbers_of(run, "tbl-what-if")
    assert len(found) == 5 and 2.8 < found["n_needed"].iloc[1] / found["n_needed"].iloc[0] < 5.7
    assert found["estimate"].iloc[1] == pytest.approx(found["estimate"].iloc[0] / 2, abs=1e-6)


def test_it_plans_for_what_is_worth_finding_unless_asked_for_what_the_source_finds(run, told):
    found = numbers_of(run, "tbl-what-if")
    assert found["estimate"].iloc[0] == pytest.approx(0.2) and found["estimate"].iloc[4] == pytest.approx(
        0.206, abs=1e-3
    )
    assert "a plan should not take such an estimate for the truth" in page_text(run)
    own = told("plan_your_study", **(TABLE | {"difference": 0.0}))
    table = numbers_of(own, "tbl-what-if")
    assert "the plan takes that estimate for the truth" in page_text(own)
    assert len(table) == 4 and table["estimate"].iloc[0] == pytest.approx(0.206, abs=1e-3)


def test_a_pilot_with_rows_is_planned_with_the_larger_standard_error(corp_rep_file, told):
    run = told("plan_your_study", **QUICK)
    text = page_text(run)
    assert "when the respondents themselves are drawn again" in text and "Source (observed)" in text
    sizes = numbers_of(run, "fig-plan")
    worth = (sizes["n"] / sizes["n_effective"]).round(6)
    assert worth.nunique() == 1 and 1.2 < worth[0] < 1.8 and f"{worth[0]:.2f} times as large" in text


def test_weights_and_strata_make_each_respondent_worth_less(told):
    text = page_text(told("plan_your_study", **(TABLE | {"design_effect": 2.0, "sizes": ["500", "1000"]})))
    assert "is 2.00." in text and "so that the design effect is 2.90" in text


def test_in_dutch_with_every_assumption_and_too_few_respondents(told):
    given = {"language": "nl", "sizes": ["100", "150"], "reliability": ["0.9"], "cluster_size": 5, "icc": 0.1,
             "incomplete": 0.1}  # fmt: skip
    text = page_text(told("plan_your_study", **(TABLE | given))).split("Over dit rapport")[0]
    for part in (
        "Zelfs 150 respondenten zijn te weinig",
        "vermenigvuldigen, is 1,40",
        "10% onvolledig",
        "betrouwbaarheid van 0,90",
    ):
        assert part in text
    for english in ("In short", "Source", "Figure", "respondents", "wished", "points", "studies"):
        assert english not in text, english


def test_where_scales_hide_the_difference_it_asks_for_better_scales(told):
    given = {"sizes": ["200", "400"], "reliability": ["VisualAppeal=0.3", "Escapism=0.3", "Entertainment=0.3"]}
    text = page_text(told("plan_your_study", **(TABLE | given)))
    assert "With these scales no number of respondents shows" in text and "no number" in text


def test_enough_already(told):
    text = page_text(told("plan_your_study", **(TABLE | {"sizes": ["3000", "4000"]})))
    assert "3,000 respondents are enough to show" in text


def test_a_mistake_in_a_list_of_numbers_is_one_message(told):
    with pytest.raises(ReportError, match="many: sizes are whole numbers, as in 200, 400, 800"):
        told("plan_your_study", **(TABLE | {"sizes": ["many"]}))
