"""Loyalty metrics against R, against longhand, and every small cell that must stay hidden."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab import Codebook, read_survey
from loyaltylab.codebook.entries import Item, Scale
from loyaltylab.contrasts import compare_proportions, proportion_interval
from loyaltylab.core.disclosure import withheld
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.loyalty.groups import (
    answer_shares,
    engagement_groups,
    frequency_groups,
    loyalty_bands,
    loyalty_types,
    promoter_groups,
    security_groups,
)
from loyaltylab.loyalty.heart_head_wallet import purchase_frequency, share_of_wallet
from loyaltylab.loyalty.metrics import (
    csat,
    customer_effort,
    likert_summary,
    net_promoter,
    net_promoter_from_shares,
    satisfaction_index,
    secure_customers,
    top_box,
)
from loyaltylab.loyalty.scores import net_interval

from ..benchmarks import coverage
from ..conftest import MADE_UP, REFERENCE

NPS = json.loads((REFERENCE / "loyalty_nps" / "expected.json").read_text())


def item(name, low=None, high=None, **more):
    return Item(name, {"en": name, "nl": name}, range=None if low is None else (low, high), **more)


def named(text):
    return {"en": text, "nl": text}


BOOK = Codebook(
    "shop",
    named("Shop"),
    {
        i.name: i
        for i in (
            item("recommend", 0, 10),
            item("stay", 0, 10),
            item("again", 0, 10),
            item("sat", 1, 5),
            item("rebuy", 1, 5),
            item("tell", 1, 5),
            item("a1", 1, 10),
            item("a2", 1, 10),
            item("here"),
            item("whole"),
            item("wt", role="weight"),
            item("branch", role="cluster"),
            item("layer", role="segment", values={1: named("north"), 2: named("south")}),
            item("app", role="segment", values={1: named("yes"), 2: named("no")}),
            item("size", role="segment", values={k: named(f"size {k}") for k in (1, 2, 3, 4)}),
        )
    },
    {"A": Scale("A", named("A"), ("a1", "a2"))},
    named("customers made up for a test"),
    tier="synthetic",
)


def survey_of(frame, **design):
    return read_survey(pd.DataFrame(frame), BOOK, **design)


@pytest.fixture
def frame():
    """240 made-up customers in 24 branches of two layers."""
    rng = np.random.default_rng(4)
    n = 240
    branch = np.arange(n) % 24
    mood = rng.normal(size=24)[branch] + rng.normal(size=n)
    scaled = {
        name: np.clip(np.round(centre + spread * mood + rng.normal(size=n)), low, high)
        for name, centre, spread, low, high in (
            ("recommend", 7.5, 1.5, 0, 10),
            ("sat", 4, 0.6, 1, 5),
            ("rebuy", 4, 0.6, 1, 5),
            ("tell", 4, 0.6, 1, 5),
            ("a1", 7, 1, 1, 10),
            ("a2", 6, 1, 1, 10),
        )
    }
    whole = rng.gamma(2, 50, n)
    design = {"wt": rng.uniform(0.5, 2, n), "branch": branch, "layer": 1 + branch % 2, "app": 1 + (mood > 0)}
    return pd.DataFrame(scaled | design | {"here": whole * rng.uniform(0, 1, n), "whole": whole})


def row(result, *key, **options):
    found = result.tidy().set_index(list(result.keys))
    return found.loc[key]


# ---- net promoter score ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("r", NPS, ids=lambda r: f"n{r['promoters'] + r['passives'] + r['detractors']}")
@pytest.mark.parametrize("rows", [True, False])
def test_net_promoter_equals_r_from_rows_and_from_shares(r, rows):
    counts = np.array([r["promoters"], r["passives"], r["detractors"]])

    def score(interval):
        if rows:
            survey = survey_of({"recommend": np.repeat([9, 8, 6], counts)})
            return row(net_promoter(survey, "recommend", interval=interval, min_cell=1), "recommend", "all")
        made = net_promoter_from_shares(*counts / counts.sum(), counts.sum(), provenance=MADE_UP, interval=interval)
        return row(made, "recommend", "all")

    wald, t = score("wald"), score("t")
    assert wald["estimate"] == pytest.approx(r["nps"], abs=1e-10)
    assert wald["sd"] ** 2 == pytest.approx(1e4 * r["var_population"] if rows else r["var_population"] * 1e4)
    assert wald["std_error"] == pytest.approx(r["se_population"], abs=1e-10)
    assert t["std_error"] == pytest.approx(r["se_sample"], abs=1e-10)
    np.testing.assert_allclose(wald[["conf_low", "conf_high"]].astype(float), r["wald95"], atol=1e-9)
    np.testing.assert_allclose(t[["conf_low", "conf_high"]].astype(float), r["t95"], atol=1e-9)


def test_variance_identity_and_interval_width():
    p, d, n = 0.5, 0.2, 100
    score = net_promoter_from_shares(p, 0.3, d, n, provenance=MADE_UP, interval="wald")
    assert score.tidy()["std_error"][0] ** 2 == pytest.approx(1e4 * (p * (1 - p) + d * (1 - d) + 2 * p * d) / n)
    assert score.tidy()["std_error"][0] ** 2 == pytest.approx(61.0)
    third = net_promoter_from_shares(1 / 3, 1 / 3, 1 / 3, 1024, provenance=MADE_UP, interval="wald").tidy().iloc[0]
    assert third["conf_high"] - third["conf_low"] == pytest.approx(320 / np.sqrt(1024), rel=0.001)


def test_score_interval_inverts_the_constrained_likelihood():
    from scipy.optimize import minimize_scalar
    from scipy.stats import norm

    p, d, n = 0.48, 0.32, 25
    low, high = net_interval(p, d, n, norm.ppf(0.975))
    for bound, sign in ((float(low), 1), (float(high), -1)):

        def minus_likelihood(q, bound=bound):
            return -(p * np.log(q + bound) + d * np.log(q) + (1 - p - d) * np.log(1 - 2 * q - bound))

        limits = (max(0, -bound) + 1e-12, (1 - bound) / 2 - 1e-12)
        q = minimize_scalar(minus_likelihood, bounds=limits, method="bounded", options={"xatol": 1e-12}).x
        z = (p - d - bound) / np.sqrt((2 * q + bound - bound**2) / n)
        assert z == pytest.approx(sign * norm.ppf(0.975), abs=1e-5)


def test_score_interval_of_all_promoters_in_closed_form():
    survey = survey_of({"recommend": [10] * 20})
    found, z2 = row(net_promoter(survey, "recommend"), "recommend", "all"), 1.959963984540054**2
    assert (found["estimate"], found["std_error"], found["conf_high"]) == (100, 0, pytest.approx(100))
    assert found["conf_low"] == pytest.approx(100 * (20 - z2) / (20 + z2))


def test_difference_between_segments(frame):
    score = net_promoter(survey_of(frame), "recommend", by="app")
    yes, no = (row(score, "recommend", name) for name in ("yes", "no"))
    found = score.contrast("yes", "no").tidy().iloc[0]
    assert found["estimate"] == pytest.approx(yes["estimate"] - no["estimate"])
    assert found["statistic"] == pytest.approx(
        found["estimate"] / np.hypot(yes["std_error"], no["std_error"]), abs=1e-9
    )
    assert score.contrast("yes", "no").n == 240
    parts = []
    for name in ("yes", "no"):
        shares = promoter_groups(survey_of(frame), "recommend", by="app", min_cell=1)
        of = {
            group: row(shares, "recommend", group, name)["estimate"]
            for group in ("promoters", "passives", "detractors")
        }
        n = row(score, "recommend", name)["n"]
        parts.append(net_promoter_from_shares(**of, n=n, provenance=MADE_UP))
    assert parts[0].against(parts[1]).statistic == pytest.approx(found["statistic"])


def test_segment_against_all_takes_the_shared_respondents_into_account(frame):
    score = net_promoter(survey_of(frame), "recommend", by="app", interval="wald")
    part, rest = (row(score, "recommend", name) for name in ("yes", "no"))
    found = score.contrast("yes", "all")
    # part − all = (1 − f)(part − rest), with the sizes taken as given up to terms of the linearisation
    outside = rest["n"] / 240
    assert found.estimate == pytest.approx(outside * (part["estimate"] - rest["estimate"]))
    assert found.std_error < np.hypot(part["std_error"], row(score, "recommend", "all")["std_error"])
    assert found.n == 240


# ---- design ---------------------------------------------------------------------------------------------------------


def test_weight_one_is_no_weight_and_rescaling_changes_nothing(frame):
    plain = net_promoter(survey_of(frame), "recommend", by="app").tidy()
    ones = net_promoter(survey_of(frame.assign(wt=1.0), weight="wt"), "recommend", by="app").tidy()
    pd.testing.assert_frame_equal(plain, ones)
    weighted = net_promoter(survey_of(frame, weight="wt"), "recommend", by="app").tidy()
    tenfold = net_promoter(survey_of(frame.assign(wt=10 * frame["wt"]), weight="wt"), "recommend", by="app").tidy()
    pd.testing.assert_frame_equal(weighted, tenfold)
    assert abs(weighted["estimate"] - plain["estimate"]).max() > 0.1


def test_weighted_error_is_linearised_longhand(frame):
    found = row(net_promoter(survey_of(frame, weight="wt"), "recommend", interval="wald"), "recommend", "all")
    x, w = frame["recommend"], frame["wt"]
    z = 100.0 * ((x >= 9).astype(int) - (x <= 6).astype(int))
    mean = (w * z).sum() / w.sum()
    assert found["estimate"] == pytest.approx(mean)
    assert found["std_error"] == pytest.approx(np.sqrt((w**2 * (z - mean) ** 2).sum()) / w.sum())
    assert found["n_effective"] == pytest.approx(w.sum() ** 2 / (w**2).sum())


def test_clustered_and_stratified_errors_longhand_and_near_the_bootstrap(frame):
    clustered = survey_of(frame, weight="wt", cluster="branch")
    found = row(likert_summary(clustered, "recommend"), "recommend", "all")
    w, rest = frame["wt"], frame["recommend"] - found["estimate"]
    totals = (w * rest).groupby(frame["branch"]).sum()
    assert found["std_error"] == pytest.approx(np.sqrt(24 / 23 * (totals**2).sum()) / w.sum())
    draws = clustered.draws(["recommend"], n_draws=4000, seed=1).mean[:, 0]
    assert found["std_error"] == pytest.approx(draws.std(ddof=1), rel=0.06)
    plain = row(likert_summary(survey_of(frame, weight="wt"), "recommend"), "recommend", "all")
    assert found["std_error"] > 1.5 * plain["std_error"], "branches differ, so the plain error is too small"
    layered = row(
        likert_summary(survey_of(frame, weight="wt", cluster="branch", strata="layer"), "recommend"), "recommend", "all"
    )
    layer = frame.groupby("branch")["layer"].first()
    by_hand = sum(12 / 11 * ((part - part.mean()) ** 2).sum() for _, part in totals.groupby(layer))
    assert layered["std_error"] == pytest.approx(np.sqrt(by_hand) / w.sum())


def test_clusters_that_lie_in_both_segments_share_error(frame):
    score = likert_summary(survey_of(frame, cluster="branch"), "recommend", by="app")
    alone = np.sqrt(score.covariances[1, 1] + score.covariances[2, 2])
    assert score.covariances[1, 2] != 0
    assert score.contrast("yes", "no").std_error != pytest.approx(alone, rel=1e-6)


def test_the_segments_furthest_apart_are_those_with_the_ends_of_the_estimates(frame):
    score = likert_summary(survey_of(frame), "recommend", by="app")
    means = frame.groupby("app")["recommend"].mean()
    assert score.furthest("recommend") == (("yes", "no") if means[1] > means[2] else ("no", "yes"))
    assert likert_summary(survey_of(frame), "recommend").furthest("recommend") is None


def test_the_items_of_metrics_are_those_named_or_the_codebooks(corp_rep):
    book = corp_rep.codebook
    found = ll.loyalty.metric_items(corp_rep, satisfaction="", repurchase="cusl_2", effort="")
    assert found == {"satisfaction": book.metric("satisfaction"), "repurchase": "cusl_2"}, "nobody asked for effort"
    assert ll.loyalty.metric_items(ll.read_table("hedonic_utilitarian"), recommend="x") == {}, (
        "a table prints no answers"
    )


# ---- boxes, means and indices ---------------------------------------------------------------------------------------


def test_top_box_of_one_two_and_from_below():
    survey = survey_of({"sat": np.repeat([1, 2, 3, 4, 5], [10, 20, 30, 25, 15]), "tell": [1, 5] * 50})
    shares = {b: row(top_box(survey, "sat", boxes=b), "sat", "all") for b in (1, 2, 3)}
    assert [s["estimate"] for s in shares.values()] == pytest.approx([0.15, 0.40, 0.70])
    assert row(top_box(survey, "sat", boxes=2, end="bottom"), "sat", "all")["estimate"] == pytest.approx(0.30)
    wilson = proportion_interval(15, 100, provenance=MADE_UP).tidy().iloc[0]
    assert shares[1]["conf_low"] == pytest.approx(wilson["conf_low"])
    assert shares[1]["conf_high"] == pytest.approx(wilson["conf_high"])
    assert shares[1]["std_error"] == pytest.approx(np.sqrt(0.15 * 0.85 / 100))
    pd.testing.assert_frame_equal(csat(survey, "sat").tidy(), top_box(survey, "sat", boxes=2).tidy())
    assert top_box(survey, ["sat", "tell"]).tidy()["term"].tolist() == ["sat", "tell"]


def test_means_match_the_t_test(frame):
    from scipy.stats import ttest_1samp

    found = row(likert_summary(survey_of(frame), ["sat", "A"]), "A", "all")
    score = (frame["a1"] + frame["a2"]) / 2
    low, high = ttest_1samp(score, 0).confidence_interval()
    assert (found["conf_low"], found["conf_high"]) == (pytest.approx(low), pytest.approx(high))
    assert found["std_error"] == pytest.approx(score.std(ddof=1) / np.sqrt(240))
    easy = customer_effort(survey_of(frame), "sat", by="app")
    assert row(easy, "sat", "yes")["estimate"] == pytest.approx(frame["sat"][frame["app"] == 1].mean())


def test_satisfaction_index_equals_the_printed_formula(frame):
    survey, w, x = survey_of(frame, weight="wt"), np.array([0.7, 0.3]), frame[["a1", "a2"]]
    means = np.average(x, axis=0, weights=frame["wt"])
    found = satisfaction_index(survey, ["a1", "a2"], item_weights=w)
    assert found.tidy()["estimate"][0] == pytest.approx((w @ means - w.sum()) / (9 * w.sum()) * 100)


def test_share_of_wallet_of_spending_and_of_customers(frame):
    survey = survey_of(frame, weight="wt")
    w, y, x = frame["wt"], frame["here"], frame["whole"]
    total = row(share_of_wallet(survey, "here", "whole"), "share of wallet", "all")
    assert total["estimate"] == pytest.approx((w * y).sum() / (w * x).sum())
    rest = w * (y - total["estimate"] * x)
    assert total["std_error"] == pytest.approx(np.sqrt(240 / 239 * (rest**2).sum()) / (w * x).sum())
    each = row(share_of_wallet(survey, "here", "whole", of="customers"), "share of wallet", "all")
    assert each["estimate"] == pytest.approx(np.average(y / x, weights=w))
    with pytest.raises(
        DataError, match="fewer than 10 of 240 respondents spend less than 0, nothing in 'whole', or more in 'here'"
    ):
        share_of_wallet(survey_of(frame.assign(whole=frame["whole"].where(frame.index > 0, 0))), "here", "whole")


def test_purchases():
    survey = survey_of({"here": [0] * 20 + [3] * 30 + [12] * 50})
    found = row(purchase_frequency(survey, "here"), "here", "all")
    assert (found["estimate"], found["n"]) == (pytest.approx(6.9), 100)
    groups = frequency_groups(survey, "here", {"light": 0, "medium": 3, "heavy": 12})
    assert groups.tidy()["estimate"].tolist() == pytest.approx([0.2, 0.3, 0.5])
    with pytest.raises(DataError, match="20 respondents have fewer than 1 in 'here', and no group; begin lower"):
        frequency_groups(survey, "here", {"light": 1, "heavy": 3})


# ---- groups ---------------------------------------------------------------------------------------------------------


def test_secure_customers_in_both_definitions_and_burkes_groups():
    answers = (
        [(5, 5, 5)] * 40 + [(5, 4, 5)] * 30 + [(4, 4, 4)] * 20 + [(5, 5, 3)] * 15 + [(2, 5, 5)] * 10 + [(1, 1, 1)] * 5
    )
    survey = survey_of(pd.DataFrame(answers, columns=["sat", "rebuy", "tell"]))
    three, n = ("sat", "rebuy", "tell"), len(answers)
    burke, loose = (
        secure_customers(survey, *three, definition=d).tidy()["estimate"][0] for d in ("burke", "top_two_box")
    )
    assert (burke, loose) == (pytest.approx(40 / n), pytest.approx(90 / n))
    error = secure_customers(survey, *three).tidy()["std_error"][0]
    assert error == pytest.approx(np.sqrt(burke * (1 - burke) / n))
    groups = security_groups(survey, *three).tidy().set_index("answer")["estimate"]
    assert groups.to_dict() == pytest.approx(
        {"secure": 40 / n, "favourable": 50 / n, "vulnerable": 15 / n, "at risk": 15 / n}
    )
    wider = security_groups(survey, *three, boxes=(1, 2, 4)).tidy().set_index("answer")["estimate"]
    assert np.isnan(wider["at risk"]), "5 respondents are too few to show"


def test_loyal_but_not_secure_band():
    answers = [(9, 10, 9)] * 20 + [(7, 10, 10)] * 15 + [(8, 8, 8)] * 15 + [(6, 10, 10)] * 10
    survey = survey_of(pd.DataFrame(answers, columns=["recommend", "stay", "again"]))
    found = loyalty_bands(survey, ["recommend", "stay", "again"]).tidy().set_index("answer")["estimate"]
    assert found.to_dict() == pytest.approx({"not loyal": 1 / 6, "loyal but not secure": 1 / 2, "secure": 1 / 3})


@pytest.mark.parametrize(
    ("typology", "names"),
    [
        ("dick_basu1994", ["true", "latent", "spurious", "none"]),
        ("jones_sasser1995", ["apostle", "mercenary", "hostage", "defector"]),
    ],
)
def test_loyalty_types(typology, names):
    pairs = [(4, 5)] * 40 + [(5, 4)] * 30 + [(3, 5)] * 20 + [(1, 4)] * 10
    survey = survey_of(pd.DataFrame(pairs, columns=["sat", "rebuy"]))
    found = loyalty_types(survey, "sat", "rebuy", attitude_cut=4, behaviour_cut=5, typology=typology)
    assert found.tidy().set_index("answer")["estimate"].to_dict() == pytest.approx(
        dict(zip(names, [0.4, 0.3, 0.2, 0.1], strict=True))
    )
    gap = found.contrast((found.index[0][0], names[0], "all"), (found.index[0][0], names[1], "all"))
    assert gap.std_error == pytest.approx(np.sqrt((0.4 + 0.3 - 0.1**2) / 100)), "one sample: as a net promoter score"
    assert gap.n == 100
    with pytest.raises(DataError, match=r"cut-offs \[6\] of 'sat'; allowed: above 1, up to 5"):
        loyalty_types(survey, "sat", "rebuy", attitude_cut=6, behaviour_cut=5)


def test_engagement_groups_need_a_stated_cut():
    survey = survey_of({"a1": np.repeat([2, 5, 9], [20, 30, 50]), "a2": np.repeat([2, 6, 10], [20, 30, 50])})
    found = engagement_groups(survey, "A", cuts=(5.5, 9.5)).tidy()
    assert found["answer"].tolist() == ["low", "medium", "high"]
    assert found["estimate"].tolist() == pytest.approx([0.2, 0.3, 0.5]), "a score on the cut-off is in the higher group"
    with pytest.raises(TypeError):
        engagement_groups(survey, "A")
    with pytest.raises(DataError, match="of 'A'; allowed: above 1, up to 10, increasing, 2 of them"):
        engagement_groups(survey, "A", cuts=(9, 3))


def test_shares_of_each_answer_sum_to_one_and_give_the_net_promoter_score(frame):
    survey = survey_of(frame, weight="wt")
    shares = answer_shares(survey, "recommend", min_cell=1).tidy()
    assert shares["answer"].tolist() == [str(i) for i in range(11)]
    assert shares["estimate"].sum() == pytest.approx(1)
    net = shares["estimate"][9:].sum() - shares["estimate"][:7].sum()
    assert 100 * net == pytest.approx(net_promoter(survey, "recommend").tidy()["estimate"][0])


def test_difference_of_shares_equals_the_wald_test():
    survey = survey_of({"sat": [5] * 56 + [1] * 14 + [5] * 48 + [1] * 32, "app": [1] * 70 + [2] * 80})
    found = top_box(survey, "sat", by="app").contrast("yes", "no")
    wanted = compare_proportions(56, 70, 48, 80, method="wald", provenance=MADE_UP)
    assert (found.estimate, found.p_value) == (pytest.approx(wanted.estimate), pytest.approx(wanted.p_value))


# ---- what must stay hidden ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "blank", "shown"),
    [
        ([30, 30, 30, 30], 0, [1, 1, 1, 1]),
        ([5, 20, 30, 30], 0, [0, 0, 1, 1]),  # all − the shown segments would be the 5
        ([4, 3, 15, 30], 0, [0, 0, 0, 1]),  # 7 together are still too few
        ([4, 8, 15, 30], 0, [0, 0, 1, 1]),  # 12 together
        ([30, 20, 30, 30], 2, [1, 0, 1, 1]),  # the 2 of no segment could be found from all
        ([30, 20, 30, 30], 12, [1, 1, 1, 1]),
        ([0, 20, 30, 30], 0, [0, 1, 1, 1]),
    ],
)
def test_small_segments_and_what_gives_them_away(sizes, blank, shown):
    n = sum(sizes) + blank
    size = [*np.repeat([1.0, 2, 3, 4], sizes), *[np.nan] * blank]
    survey = survey_of({"recommend": np.arange(n) % 11, "size": size})
    found = net_promoter(survey, "recommend", by="size")
    frame = found.tidy()
    assert frame["estimate"].notna().tolist() == [True, *map(bool, shown)]
    for column in ("std_error", "conf_low", "conf_high", "sd", "n", "n_effective"):
        assert frame[column].notna().tolist() == [True, *map(bool, shown)], column
    assert found.stat("n_withheld").value == 4 - sum(shown)
    if not shown[0]:
        assert np.isnan(found.covariances[1]).all()
        with pytest.raises(ModelError, match="recommend, size 1 is withheld .min_cell = 10. and cannot be compared"):
            found.contrast("size 1", "size 3")


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [([3, 20, 30, 25], [1, 1, 0, 0]), ([3, 9, 30, 25], [1, 1, 0, 0]), ([3, 4, 30, 25], [1, 1, 0, 1]), ([5, 4], [1, 1])],
)
def test_without_segments_no_more_is_withheld_than_is_needed(counts, hidden):
    np.testing.assert_array_equal(withheld(np.array([counts]), 10)[0], hidden)


def test_the_share_of_everyone_is_shown_where_that_gives_nobody_away():
    hidden = withheld(np.array([[33, 304], [9, 115], [24, 189]]), 10)
    np.testing.assert_array_equal(hidden, [[0, 0], [1, 1], [1, 1]])


def test_a_share_of_a_few_is_withheld_and_so_is_its_complement():
    survey = survey_of({"sat": [5] * 4 + [2] * 50, "tell": [5] * 50 + [2] * 4})
    assert top_box(survey, ["sat", "tell"]).tidy()["estimate"].isna().all()
    assert top_box(survey, "sat", min_cell=4).tidy()["estimate"][0] == pytest.approx(4 / 54)
    assert top_box(survey, "sat").tidy()["n"][0] == 54


def fixed_by_the_totals(counts, hidden, outside, n_shown):
    """Small hidden cells whose value is the same in every table with these totals: found by moving the others.

    A cell can move if some integer-free change of the hidden cells leaves every total as it is; least squares finds it.
    """
    s, g = counts.shape
    cells = [tuple(c) for c in np.argwhere(hidden)] + [(s, j) for j in range(g) if outside.any()]
    totals = [[float(c[0] == i) for c in cells] for i in range(s) if n_shown[i]]
    totals += [[(c[1] == j) * (-1.0 if c[0] == 0 else 1.0) for c in cells] for j in range(g)]
    matrix, found = np.array(totals), []
    for k, cell in enumerate(cells):
        number = outside[cell[1]] if cell[0] == s else counts[cell]
        rest = np.delete(matrix, k, axis=1)
        moved = np.linalg.lstsq(rest, -matrix[:, k], rcond=None)[0] if rest.size else np.zeros(0)
        if 0 < number < 10 and np.abs(rest @ moved + matrix[:, k]).max() > 1e-8:
            found.append(cell)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("blanks", [0, 3])
def test_no_small_cell_follows_from_the_rest_of_the_table(blanks):
    rng, tried = np.random.default_rng(7), 0
    for _ in range(400):
        parts = rng.poisson(rng.choice([3, 15, 60], size=(rng.integers(2, 5), rng.integers(2, 5))))
        outside = rng.poisson(blanks, parts.shape[1])
        counts = np.vstack([parts.sum(axis=0) + outside, parts])
        hidden = withheld(counts, 10)
        assert hidden[(counts > 0) & (counts < 10)].all()
        n_shown = ~withheld(counts.sum(axis=1, keepdims=True), 10)[:, 0]
        tried += bool(hidden.any() and n_shown[0])
        if n_shown[0]:
            assert fixed_by_the_totals(counts, hidden, outside, n_shown) == [], counts
    assert tried > 200


# ---- refusals -------------------------------------------------------------------------------------------------------


def test_items_that_do_not_fit_are_refused(frame):
    survey = survey_of(frame)
    message = "'sat' is answered from 1 to 5 in the codebook 'shop'; the net promoter score needs 0 to 10. Items that fit: recommend."
    with pytest.raises(DataError) as caught:
        net_promoter(survey, "sat")
    assert str(caught.value) == message
    with pytest.raises(DataError, match="'here' has no range in the codebook 'shop'; give it one"):
        top_box(survey, "here")
    with pytest.raises(DataError, match="'A' is a scale, a mean of several items; name one of its items"):
        top_box(survey, "A")
    with pytest.raises(DataError, match="boxes is 5; 'sat' has 5 answers, so allowed: 1 to 4"):
        top_box(survey, "sat", boxes=5)
    with pytest.raises(DataError, match="'recommend' holds fewer than 10 answers between two scale points"):
        net_promoter(replace(survey, frame=survey.frame.assign(recommend=[7.5] + [8.0] * 239)), "recommend")
    with pytest.raises(UnknownName, match="interval 'wilson' does not exist. Possible: score, wald, t"):
        net_promoter(survey, "recommend", interval="wilson")
    with pytest.raises(UnknownName, match="segment 'sat' does not exist"):
        net_promoter(survey, "recommend", by="sat")
    with pytest.raises(
        DataError, match="the customer effort score needs 1 to 5 or 1 to 7. Items that fit: sat, rebuy, tell"
    ):
        customer_effort(survey, "recommend")
    with pytest.raises(DataError, match="have different ranges in the codebook; an index takes items of one range"):
        satisfaction_index(survey, ["a1", "sat"])
    with pytest.raises(DataError, match="boxes is .2, 1, 3.; allowed: three whole numbers, increasing, from 1 to 4"):
        security_groups(survey, "sat", "rebuy", "tell", boxes=(2, 1, 3))


def test_shares_that_do_not_sum_to_one_are_refused():
    with pytest.raises(DataError, match="promoters 54, passives 26 and detractors 20 sum to 100; allowed: shares"):
        net_promoter_from_shares(54, 26, 20, 1000, provenance=MADE_UP)
    assert net_promoter_from_shares(0.33, 0.33, 0.33, 99, provenance=MADE_UP).tidy()["estimate"][0] == 0


def test_left_out_respondents_are_counted(frame):
    survey = survey_of(frame.assign(recommend=frame["recommend"].where(frame.index >= 7)))
    score = net_promoter(survey, "recommend")
    assert (score.stat("n_left_out").value, score.tidy()["n"][0]) == (7, 233)
    assert "complete on recommend: 233 of 240 rows" in score.provenance.steps


@pytest.mark.slow
def test_scores_of_few_hold_the_truth_and_equal_means_are_not_told_apart():
    (_, found), = coverage.scores(150, sizes=(30,))  # fmt: skip
    assert min(found[what] for what in ("share", "NPS", "difference of shares")) >= 0.9
    assert found["equal means called different"] <= 0.1 and found["at the edge called equal"] <= 0.1


def test_boxes_are_shares_of_whoever_was_asked_at_every_door_and_hide_a_handful(tmp_path):
    """By hand: of 90 who ticked any, 60 ticked one, 45 two, and 4 the third; weights count those of each."""
    pytest.importorskip("ibis")
    frame = pd.DataFrame({"a": [1.0] * 60 + [np.nan] * 60, "b": [np.nan] * 45 + [1.0] * 45 + [np.nan] * 30})
    frame["c"], frame["wt"] = np.where(np.arange(120) < 4, 1.0, np.nan), np.where(np.arange(120) < 30, 2.0, 1.0)
    frame.to_csv(tmp_path / "a.csv", index=False)
    text = "{title: t, source: s, items: {a: {range: [0, 1]}, b: {range: [0, 1]}, c: {range: [0, 1]}, wt: {role: weight}}, sets: {uses: {items: [a, b, c]}}}"
    (tmp_path / "b.yml").write_text(text, encoding="utf-8")
    for data in (str(tmp_path / "a.csv"), f"duckdb:{tmp_path / 'a.csv'}"):
        found = ll.loyalty.ticked_shares(ll.read_data(data, str(tmp_path / "b.yml")), "uses")
        shares = found.tidy().set_index("term")
        np.testing.assert_allclose(shares["estimate"], [60 / 90, 45 / 90, np.nan])
        by_hand = proportion_interval(60, 90, provenance=MADE_UP)
        assert shares.loc["a", "conf_low"] == pytest.approx(by_hand.conf_low)
        assert shares.loc["a", "conf_high"] == pytest.approx(by_hand.conf_high)
        assert set(shares["n"]) == {90} and found.largest == ("a", "all") and found.measure == "share who ticked it"
        weighted = ll.loyalty.ticked_shares(ll.read_data(data, str(tmp_path / "b.yml"), weight="wt"), "uses").tidy()
        np.testing.assert_allclose(weighted["estimate"][:2], [90 / 120, 45 / 120])
        assert weighted["n_effective"].to_numpy() == pytest.approx(120**2 / (30 * 4 + 60))
    with pytest.raises(UnknownName, match="question 'use' does not exist; did you mean 'uses'"):
        ll.loyalty.ticked_shares(ll.read_data(str(tmp_path / "a.csv"), str(tmp_path / "b.yml")), "use")
    with pytest.raises(DataError, match="a database counts the answers of one group at a time"):
        ll.loyalty.ticked_shares(ll.read_data(f"duckdb:{tmp_path / 'a.csv'}", str(tmp_path / "b.yml")), "uses", by="x")
