"""The report from heart to head to wallet: on real rows, simulated, on a table without rows, and on a made-up survey."""

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from loyaltylab import mediate, read_claim, read_codebook, read_data, simulate
from loyaltylab.claims.sizes import assumed_sizes
from loyaltylab.contrasts.proportions import trend_in_proportions
from loyaltylab.core.errors import DataError
from loyaltylab.exhibits.claims.comparisons import plot_gradient
from loyaltylab.exhibits.style import laid_out, sized, theme, too_tight
from loyaltylab.loyalty.heart_head_wallet import chain

from ..conftest import write
from ..runs import card_of, in_order, numbers_of
from .test_reports import page_text

SECTIONS = ["In short", "Does the heart reach", "Or is it the other way round",
            "Are frequent buyers", "Which motives", "Are customers more loyal when", "What would change", "What may be cited",
            "The claim, its source", "Who answered"]  # fmt: skip
BOOK = """
title: Made up
source: {en: rows of a test, nl: rijen van een test}
tier: observed
defaults: {range: [1, 7]}
items:
  j1: {label: {en: Joy one, nl: Vreugde een}}
  p1: {label: {en: Price one, nl: Prijs een}}
  s1: {label: {en: Stays, nl: Blijft}}
scales:
  JOY: {label: {en: Joy, nl: Vreugde}, items: [j1], role: driver, block: emotional}
  PRICE: {label: {en: Price, nl: Prijs}, items: [p1], role: driver, block: rational}
  STAY: {label: {en: Loyalty, nl: Loyaliteit}, items: [s1], role: outcome}
"""


def test_on_real_rows_the_reverse_order_is_told_beside_the_claim(corp_rep_file, report):
    run = report("heart_head_wallet", draws=300)
    text = page_text(run)
    in_order(text, SECTIONS)
    assert "Perhaps nothing runs from heart to wallet by way of the head" in text
    assert "With the direct arrow the reverse order fits exactly as well" in text
    story = mediate(
        read_data("corp_rep").moments(["LIKE", "COMP", "CUSL"]), "LIKE", "COMP", "CUSL", kind="serial"
    ).chain
    assert (
        story.verdict == "does not fit"
        and f"does not fit: CFI {story.stat('cfi'):.2f}, SRMR {story.stat('srmr'):.2f}" in text
    )
    figures = [name for name in run.manifest["exhibits"] if name.startswith("fig-")]
    assert figures == ["fig-routes", "fig-chain", "fig-reverse", "fig-longer", "fig-frequency"]
    drawn = numbers_of(run, "fig-routes").set_index(["effect"])
    moments = read_data("corp_rep").moments(["LIKE", "COMP", "CUSA", "CUSL"])
    found = mediate(moments, "LIKE", "COMP", "CUSL")
    np.testing.assert_allclose(drawn.loc["indirect", "estimate"], found.mediated.value, rtol=1e-10)
    assert "You may write" in text and "switch" not in " ".join(drawn["term"])


def test_simulated_answers_are_never_citable_and_speak_dutch(told):
    run = told("heart_head_wallet", data="simulated n=1500 seed=5", draws=200, language="nl")
    whole = page_text(run)
    assert "Niemand heeft geantwoord" in whole and "Niets mag worden geciteerd" in whole
    assert "Dit mag u schrijven" not in whole and run.manifest["evidence_tier"] == "synthetic"
    assert {"fig-buyers", "fig-lists", "fig-feedback", "fig-frequency", "fig-reverse"} <= set(run.manifest["exhibits"])
    for english in ("In short", "by way of", "direct,", "Figure", "feel loyal", "You may"):
        assert english not in whole, english


def test_the_lists_of_the_article_are_ranked_by_what_each_entry_explains(told):
    """Each share is the average gain in R² over all orders, and value is taken beyond price and quality."""
    shown = numbers_of(told("heart_head_wallet", data="simulated n=1500 seed=5", draws=200, language="nl"), "fig-lists")
    assert shown["outcome"].value_counts().to_dict() == {"Vertrouwen": 6, "Hoofd: betrokkenheid": 5, "Geeft ideeën": 4, "Loyaliteit": 6}  # fmt: skip
    rows = simulate(n=1500, seed=5).frame

    def gains(outcome, names, held=()):
        used = rows[[outcome, *names, *held]].dropna()
        y, X, H = (used[list(part)].to_numpy() for part in ([outcome], names, held))

        def left(parts):
            Z = np.column_stack([np.ones(len(used)), H, X[:, list(parts)]])
            return ((y - Z @ np.linalg.lstsq(Z, y, rcond=None)[0]) ** 2).sum()

        k = len(names)
        weight = [factorial(s) * factorial(k - s - 1) / factorial(k) for s in range(k)]
        return [
            sum(
                weight[len(s)] * (left(s) - left((*s, i)))
                for size in range(k)
                for s in combinations([j for j in range(k) if j != i], size)
            )
            for i in range(k)
        ]

    cues = [f"hhw_{cue}" for cue in ("consistent", "objective", "face", "privacy", "channels", "service")]
    sources = [f"hhw_{source}" for source in ("ease", "clarity", "exclusive", "brand", "wow", "experience")]
    motives, needs = ("experience", "insight", "recognition", "skills"), ("autonomy", "competence", "relatedness", "progress", "purpose")  # fmt: skip
    terms = {
        "Hoofd: betrokkenheid": needs,
        "Geeft ideeën": [f"motive_{motive}" for motive in motives],
        "Vertrouwen": ["consistency", "objective", "face", "privacy", "reachable", "service"],
        "Loyaliteit": ["ease", "clarity", "exclusivity", "brand_itself", "surpassed", "experience"],
    }
    found = {
        "Hoofd: betrokkenheid": gains("ENGAGED", [f"hhw_{need}" for need in needs]),
        "Geeft ideeën": gains("hhw_ideas", [f"co_{motive}" for motive in motives]),
        "Vertrouwen": gains("emo_trust", cues),
        "Loyaliteit": gains("LOYALTY", sources, ("rat_price", "elem_quality")),
    }
    for label, gained in found.items():
        ours = shown[shown["outcome"] == label].set_index("term")
        assert ours.sort_values("rank").index.tolist() == [terms[label][i] for i in np.argsort(gained)[::-1]]
        assert ours["rank_conf_low"].min() == 1


def test_taking_part_counts_no_more_where_feedback_does_as_none_was_put_in(told):
    """The lines are those of a regression of normal scores with a product, and as good as parallel."""
    run = told("heart_head_wallet", data="simulated n=1500 seed=5", draws=200, language="nl")
    shown = numbers_of(run, "fig-feedback")
    rows = simulate(n=1500, seed=5).frame[["LOYALTY", "FEEDBACK", "ENGAGED"]]
    z = rows.apply(lambda one: norm.ppf(one.rank() / (one.count() + 1))).dropna()
    f, e = z["FEEDBACK"] - z["FEEDBACK"].mean(), z["ENGAGED"] - z["ENGAGED"].mean()
    X = np.column_stack([np.ones(len(z)), f, e, f * e])
    b = np.linalg.lstsq(X, z["LOYALTY"], rcond=None)[0]
    for name, at in (("low", -1), ("average", 0), ("high", 1)):
        line = shown[shown["segment"] == name]
        slope = np.diff(line["estimate"]) / np.diff(line["at"])
        assert slope == pytest.approx(b[2] + b[3] * at, abs=0.01), name
    assert "blijft open" in card_of(run, "fig-feedback")["title"]


def test_a_table_without_rows_says_what_needs_rows(told):
    run = told("heart_head_wallet", data="corporate_reputation_simple", draws=200)
    text = page_text(run)
    in_order(text, SECTIONS)
    assert "The respondents themselves are not available" in text and "that needs a question on frequency" in text
    assert "tbl-flow" not in run.manifest["exhibits"] and "fig-longer" in run.manifest["exhibits"]


def test_a_made_up_survey_chooses_from_its_blocks(tmp_path, told):
    rng = np.random.default_rng(2)
    joy, noise = rng.normal(size=(2, 300))
    price = 0.7 * joy + 0.6 * noise
    stay = 0.2 * joy + 0.8 * price + 0.5 * rng.normal(size=300)
    frame = pd.DataFrame({"j1": joy, "p1": price, "s1": stay}).mul(1.2).add(4).round().clip(1, 7)
    frame.to_csv(tmp_path / "shop.csv", index=False)
    write(tmp_path / "shop.yml", BOOK)
    files = {"data": str(tmp_path / "shop.csv"), "codebook": str(tmp_path / "shop.yml"), "draws": 200}
    run = told("heart_head_wallet", **files)
    text = page_text(run)
    assert "holds as one of several readings" in text and "fig-longer" not in run.manifest["exhibits"]


def test_what_stands_for_heart_head_and_wallet():
    assert chain(read_codebook("loyalty")).used == ["HEART", "HEAD", "ENGAGED", "BEHAVIOURAL"]
    assert chain(read_codebook("mobi")).used == ["IMAG", "QUAL", "SAT", "LOY"]
    assert chain(read_codebook("corporate_reputation"), head=["QUAL"], after="none").used == ["LIKE", "QUAL", "CUSL"]
    with pytest.raises(DataError) as error:
        chain(read_codebook("corporate_reputation"), head=["LIKE"])
    assert str(error.value) == (
        "LIKE, LIKE, CUSA, CUSL: a variable stands twice between heart and wallet; each step is another one."
    )


def test_a_trend_without_group_sizes_is_worth_what_is_assumed():
    claim = read_claim("frequency")
    found = assumed_sizes(claim, ["daily", "weekly", "monthly"], n=100)
    p = [trend_in_proportions([round(s * n) for s in (0.87, 0.64, 0.49)], [n] * 3, provenance=claim.provenance).p_value
         for n in (found.n_for_trend - 1, found.n_for_trend, found.n_for_trend + 1)]  # fmt: skip
    assert p[0] >= 0.05 > max(p[1:])
    assert found.provenance.steps[-1] == "n = 100 assumed in each group"
    wide = assumed_sizes(claim, ["daily", "weekly", "monthly"], n=25).tidy()
    assert ((wide["conf_high"] - wide["conf_low"]) > found.tidy().eval("conf_high - conf_low")).all()
    with pytest.raises(DataError) as error:
        assumed_sizes(claim, ["daily", "monthly"], n=3)
    assert str(error.value) == "n = 3 in each group is assumed; give at least 10."


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_figure_of_the_claim_fits_wherever_it_is_printed(language):
    claim = read_claim("frequency")
    assumed = assumed_sizes(claim, ["daily", "weekly", "monthly"])
    figure = plot_gradient(assumed, claim, read_claim("frequency_counter"), id="fig-f", title="t", language=language)
    for width in ("", "two", "slide"):
        with theme():
            assert too_tight(laid_out(figure.draw, sized(figure.size, width))) == "", width
    assert figure.data["conf_low"].notna().sum() == 3, "no interval where no size is known or assumed"
