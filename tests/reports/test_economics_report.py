"""The report on the worth of a bond: on real rows, on a table, on simulated respondents and on a made-up survey."""

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import ReportError

from ..conftest import write
from ..runs import in_order, numbers_of
from .test_reports import page_text

FIGURES = ["fig-programmes", "fig-claims", "fig-retention", "fig-break-even", "fig-tornado", "fig-tornado-value"]
BOOK = """
title: Made up
source: {en: made up for a test, nl: verzonnen voor een test}
tier: observed
defaults: {range: [1, 7]}
items:
  stay: {label: {en: Staying, nl: Blijven}, role: outcome}
  joy: {label: joy, role: driver, block: emotional}
  price: {label: price, role: driver, block: rational}
"""


@pytest.fixture(scope="module")
def run(corp_rep_file, report):
    return report("economics", draws=500)


def test_it_opens_with_what_contradicts_the_thesis_and_keeps_the_order(run):
    text = page_text(run)
    order = ["In short", "assumptions without a source", "so either may pay better", "does not make retention pay", "how much of it becomes staying is an assumption",
             "What a customer is worth, with", "From driver to staying",
             "A programme for emotional drivers against", "Where a programme breaks even", "What would change the conclusion",
             "What may be cited, and what not", "You may not write", "The claim, its source and its grade", "Who answered"]  # fmt: skip
    body = text[text.index("In short Nobody can tell") :]
    in_order(body, order)
    behind = ["tbl-claims", "tbl-flow", "tbl-sample", "tbl-composition"]
    assert run.manifest["exhibits"] == [FIGURES[0], "tbl-blocks", *FIGURES[1:], *behind]


def test_amounts_are_never_evidence_but_the_survey_stays_observed(run):
    text = page_text(run)
    assert run.manifest["evidence_tier"] == "synthetic" and "Source (observed)" in text
    assert "any amount on this page as a finding" in text and "Will stay" in text


def test_the_scenarios_are_the_closed_form(run):
    drawn = numbers_of(run, "fig-claims")["estimate"]
    renewals = 0.8 / 0.3
    plain, third, twice = (60 + (60 * ratio + 2) * renewals for ratio in (1, 1.33, 2))
    expected = [plain - 8, plain - 56, third - 8, third - 56, twice - 56, third - 56]
    np.testing.assert_allclose(drawn, expected)


def test_the_association_is_that_of_the_rows(run, corp_rep_file):
    import statsmodels.api as sm

    survey = ll.read_survey(corp_rep_file, "corporate_reputation")
    blocks = survey.codebook.blocks()
    rows = survey.frame[["cusl_3", *ll.flatten(blocks)]].dropna()
    means = np.column_stack([rows[list(names)].mean(axis=1) for names in blocks.values()])
    slope = sm.OLS(rows["cusl_3"], sm.add_constant(means)).fit().params.iloc[1:3].to_numpy()
    storm = numbers_of(run, "fig-break-even").set_index(["term", "set_to"])["estimate"]
    kept = 0.8 + slope * 1.0 * 0.03
    gained = (60 * 1.33 + 2) * (kept / (1.1 - kept) - 0.8 / 0.3)
    paid = 1.1 / (1.1 - kept) / np.sqrt(1.1)
    np.testing.assert_allclose([storm[("emotional", 1.0)], storm[("rational", 1.0)]], gained / paid)


def test_simulated_respondents_in_dutch_yield_nothing_to_cite(told):
    given = {"data": "simulated n=1200 seed=5", "draws": 200, "language": "nl"}
    done = told("economics", **given)
    text = page_text(done).split("Over dit rapport Dezelfde")[0]
    assert "Deze gesimuleerde gegevens zeggen niets over de waarde" in text and "Er mag niets worden geciteerd" in text
    assert "Dit mag u schrijven" not in text and "In deze gesimuleerde gegevens is het verschil" in text
    for english in ("In short", "Source", "Figure", "Retention", "Cost,", "Lift", "minus", "drivers pay", " to "):
        assert english not in text, english
    assert set(FIGURES) <= set(done.manifest["exhibits"])


def test_on_a_table_without_rows_a_point_is_a_standard_deviation(told):
    done = told("economics", data="hedonic_utilitarian", draws=200)
    text = page_text(done)
    assert "one standard deviation more of" in text and "The respondents themselves are not available" in text
    assert done.manifest["exhibits"] == [FIGURES[0], "tbl-blocks", *FIGURES[1:], "tbl-claims"]


def test_a_survey_of_ones_own_with_other_money(tmp_path, told):
    rng = np.random.default_rng(3)
    joy, price = rng.integers(1, 8, (2, 200))
    stay = np.clip(np.round(0.8 * joy + 0.05 * price + rng.normal(0, 0.7, 200)), 1, 7)
    pd.DataFrame({"stay": stay, "joy": joy, "price": price}).to_csv(tmp_path / "shop.csv", index=False)
    own = {"data": str(tmp_path / "shop.csv"), "codebook": str(write(tmp_path / "shop.yml", BOOK)), "draws": 200}
    sure = {"retention_per_point": ["0.05"], "lift": ["0.5"], "cost_emotional": ["1"], "cost_rational": ["1"], "currency": "CHF"}  # fmt: skip
    text = page_text(told("economics", **(own | sure | {"margin": ["100"]})))
    assert "only if the association is causal" in text and "CHF" in text and "€" not in text
    with pytest.raises(ReportError, match="retention is 1.2; it must be at least 0 and below 1."):
        told("economics", **(own | {"retention_base": ["1.2"]}))


# ---- figures --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_figures_fit_their_widths_and_hold_the_numbers_of_their_result(language):
    from loyaltylab.exhibits.style import WIDTHS, laid_out, sized, theme, too_tight

    table = ll.read_table("hedonic_utilitarian")
    blocks = table.codebook.blocks()
    used = ["AttLoyalty", *ll.flatten(blocks)]
    slopes = ll.loyalty.block_slopes(table.moments(used), used[0], blocks, draws=table.draws(used, n_draws=200, seed=1))
    money = {"margin": [40, 60, 90], "retention": [0.7, 0.8, 0.88], "discount": [0.08, 0.1, 0.14]}
    each = {block: [1, 2, 4] for block in blocks}
    programme = ll.loyalty.programme_return(slopes, *each, lift=each, cost=each, per_point=[0, 0.03, 0.1], **money)
    value = ll.lifetime_value(**money, acquisition=8, multiple=[1, 7, 25])
    look = {"title": "A finding", "currency": "€", "language": language}
    labels = {"emotional": "Emotional drivers of all kinds", "rational": "Rational"}
    curve = [ll.loyalty.value_at(value, "retention", [0.5, 0.7, 0.9], name=name) for name in ("one", "another")]
    exhibits = [
        ll.exhibits.plot_values({"one": value, "another, with a rather long name": value}, id="fig-values", **look),
        ll.exhibits.plot_value_curves(curve, id="fig-curves", **look),
        ll.exhibits.plot_programmes(programme, id="fig-programmes", labels=labels, **look),
        ll.exhibits.plot_break_even_cost(
            ll.loyalty.break_even_cost(programme, [0, 0.5, 1]), id="fig-line", labels=labels, **look
        ),
        ll.exhibits.plot_tornado(ll.loyalty.tornado(programme), id="fig-tornado", labels=labels, **look),
    ]
    for exhibit in exhibits:
        assert exhibit.provenance.tier == "synthetic"
        for width in ("", *WIDTHS):
            with theme(8 if width == "one" else 10):
                assert too_tight(laid_out(exhibit.draw, sized(exhibit.size, width))) == "", (exhibit.id, width)
    pd.testing.assert_frame_equal(exhibits[-1].data, ll.loyalty.tornado(programme).tidy())
