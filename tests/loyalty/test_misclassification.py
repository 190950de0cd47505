"""Implicit groups, kinds of relationship, and a score whose promoters are not all promoters."""

import numpy as np
import pandas as pd
import pytest

from loyaltylab import Codebook, net_promoter, read_survey
from loyaltylab.codebook.entries import Item
from loyaltylab.core.errors import DataError, ModelError
from loyaltylab.loyalty.groups import segment_shares
from loyaltylab.loyalty.misclassification import (
    ends_of_scale,
    misclassified_promoters,
    with_implicit_groups,
    with_main_scale,
    with_promoter_groups,
)


def survey(rows, **spans):
    items = {name: Item(name, {"en": name, "nl": name}, range=spans.get(name)) for name in rows}
    return read_survey(pd.DataFrame(rows), Codebook("shop", {}, items, {}, {"en": "", "nl": ""}))


@pytest.fixture(scope="module")
def shop():
    """120 promoters of whom 30 are implicitly against, 40 passives, 40 detractors."""
    answers = [10] * 120 + [8] * 40 + [2] * 40
    scores = [-0.5] * 30 + [0.5] * 90 + [0.0] * 40 + [-0.5] * 40
    return survey({"tell": answers, "d": scores}, tell=(0, 10), d=(-2, 2))


def test_as_answered_it_is_the_net_promoter_score(shop):
    found = misclassified_promoters(shop, "tell", rates=[0.25])
    expected = net_promoter(shop, "tell", interval="t").tidy().iloc[0]
    assert found.reported == pytest.approx(tuple(expected[["estimate", "std_error", "conf_low", "conf_high"]]))
    assert found.is_net_promoter and found.stat("estimate").value == pytest.approx(40)


def test_a_quarter_misfiled_is_worked_out_by_hand(shop):
    found = misclassified_promoters(shop, "tell", rates=[0.25])
    assert found.value(("passives", 0.25)).value == pytest.approx(100 * (0.6 * 0.75 - 0.2))
    assert found.value(("detractors", 0.25)).value == pytest.approx(100 * (0.6 * 0.5 - 0.2))
    w = 0.5  # a promoter then counts for half: variance of w·[promoter] − [detractor]
    variance = w**2 * 0.6 + 0.2 - (w * 0.6 - 0.2) ** 2
    assert found.value(("detractors", 0.25), "std_error").value == pytest.approx(
        100 * np.sqrt(variance / 199), rel=1e-6
    )


def test_the_part_that_takes_the_score_to_zero_is_found():
    narrow = survey({"tell": [10] * 80 + [8] * 80 + [2] * 40}, tell=(0, 10))
    found = misclassified_promoters(narrow, "tell")
    row, table = found.glance().iloc[0], found.tidy().set_index(["term", "rate"])
    for term in ("passives", "detractors"):
        rate = row[f"rate_to_zero_{term}"]
        assert table.loc[(term, rate), "conf_low"] <= 0 < table.loc[(term, round(rate - 0.01, 2)), "conf_low"]
        outside = row[f"rate_outside_{term}"]
        assert table.loc[(term, outside), "estimate"] < row["conf_low"]
    assert found.may_be_zero
    assert row["rate_to_zero_passives"] > row["rate_to_zero_detractors"], "the harder reading takes fewer"


def test_a_score_that_is_not_above_zero_has_no_part_that_takes_it_there():
    low = survey({"tell": [10] * 40 + [3] * 60}, tell=(0, 10))
    found = misclassified_promoters(low, "tell")
    assert np.isnan(found.stat("rate_to_zero_detractors").value) and not found.may_be_zero


def test_the_largest_group_that_is_shown_is_named(shop):
    grouped = with_promoter_groups(with_implicit_groups(shop, "d"), "tell")
    assert segment_shares(grouped, "implicit_group").largest[1] == "Implicitly for"


def test_other_scales_set_their_ends_apart_in_proportion():
    assert ends_of_scale((0, 10)) == (6, 9) and ends_of_scale((1, 7)) == (4, 6) and ends_of_scale((1, 5)) == (3, 4)
    seven = survey({"tell": [7] * 50 + [5] * 30 + [2] * 20}, tell=(1, 7))
    found = misclassified_promoters(seven, "tell", rates=[0.1])
    assert not found.is_net_promoter and found.stat("estimate").value == pytest.approx(30)
    with pytest.raises(DataError, match="too few answers to set both ends apart"):
        ends_of_scale((1, 4))


def test_crossing_the_two_counts_whom_the_answer_misfiles(shop):
    grouped = with_promoter_groups(with_implicit_groups(shop, "d"), "tell")
    crossed = segment_shares(grouped, "implicit_group", by="promoter_group")
    assert crossed.value(("implicit_group", "Implicitly against", "Promoters")).value == pytest.approx(0.25)
    assert crossed.value(("implicit_group", "Implicitly against", "all")).value == pytest.approx(70 / 200)
    table = pd.crosstab(grouped.frame["promoter_group"], grouped.frame["implicit_group"])
    assert table.loc[2.0].tolist() == [30, 0, 90]


def test_the_cut_says_who_is_on_a_side():
    people = survey({"d": [-0.2, -0.1, 0.0, 0.1, 0.2, np.nan], "e": [1] * 6}, d=(-2, 2))
    groups = {
        cut: with_implicit_groups(people, "d", cut=cut).frame["implicit_group"].tolist()[:5] for cut in (0, 0.15, 0.3)
    }
    assert groups == {0: [0, 0, 1, 2, 2], 0.15: [0, 1, 1, 1, 2], 0.3: [1] * 5}
    assert np.isnan(with_implicit_groups(people, "d").frame["implicit_group"].iloc[5]), "no score, no group"
    with pytest.raises(DataError, match="0 between its ends"):
        with_implicit_groups(survey({"d": [1, 2]}, d=(1, 7)), "d")
    with pytest.raises(DataError, match="cut is -1"):
        with_implicit_groups(people, "d", cut=-1)


def test_the_main_scale_is_the_highest_and_a_tie_is_none():
    people = survey({"a": [7, 1, 4, np.nan], "b": [1, 7, 4, 2]}, a=(1, 7), b=(1, 7))
    grouped = with_main_scale(people, ["a", "b"], "kind", {"en": "Kind", "nl": "Soort"})
    assert grouped.frame["kind"].tolist()[:3] == [0, 1, 2] and np.isnan(grouped.frame["kind"][3])
    assert "1 without one, 1 without a score" in " ".join(grouped.provenance.steps)
    with pytest.raises(DataError, match="two or more scales that are answered on one range"):
        with_main_scale(people, ["a"], "kind", {"en": "Kind", "nl": "Soort"})


def test_a_part_is_a_part_and_small_ends_are_not_shown(shop):
    with pytest.raises(ModelError, match=r"rates: 1\.5 is no part"):
        misclassified_promoters(shop, "tell", rates=[1.5])
    with pytest.raises(DataError, match="fewer than 10 respondents are at one end"):
        misclassified_promoters(survey({"tell": [10] * 4 + [2] * 60}, tell=(0, 10)), "tell")
