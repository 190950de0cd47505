"""Thousands of groups: means and splits in one pass, equal to the long way, and a page that says what is not shown."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from msgspec import structs

import loyaltylab as ll
from loyaltylab.core.errors import DataError, ModelError

from ..conftest import MADE_UP

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stores():
    """4,000 stores of some 25 respondents that do not differ, two of them with fewer than 10."""
    survey = ll.read_data("simulated n=100000 seed=7")
    store = np.random.default_rng(3).permutation(np.repeat(np.arange(4000), 25))
    keep = (store > 1) | (np.arange(len(store)) % 7 == 0)
    item = structs.replace(survey.codebook.items["sector"], name="store", values={})
    book = replace(survey.codebook, items={**survey.codebook.items, "store": item})
    return replace(survey, frame=survey.frame.copy().assign(store=store)[keep], codebook=book)


def test_means_of_groups_are_those_of_a_score(stores):
    survey = ll.read_data("simulated n=3000 seed=2")
    found = ll.contrasts.group_means(survey, "LOYALTY", "country").tidy().set_index("segment")
    score = ll.loyalty.likert_summary(survey, "LOYALTY", by="country").tidy().set_index("segment").loc[found.index]
    np.testing.assert_allclose(found["estimate"], score["estimate"], rtol=1e-12)
    pooled = ((score["n"] - 1) * score["std_error"] ** 2 * score["n"]).sum() / (score["n"] - 1).sum()
    np.testing.assert_allclose(found["std_error"], np.sqrt(pooled / score["n"]), rtol=1e-10)


@pytest.mark.parametrize(
    "design", [{"cluster": "branch"}, {"cluster": "branch", "strata": "country"}, {"weight": "wt"}]
)
def test_the_design_of_the_survey_is_in_the_errors(design):
    survey = ll.simulate(3000, seed=2, **design)
    found = ll.contrasts.group_means(survey, "LOYALTY", "sector").tidy().set_index("segment")
    score = ll.loyalty.likert_summary(survey, "LOYALTY", by="sector").tidy().set_index("segment").loc[found.index]
    np.testing.assert_allclose(found["estimate"], score["estimate"], rtol=1e-12)
    df = score["n"] - 1
    pooled = (df * score["std_error"] ** 2 * score["n_effective"]).sum() / df.sum()
    np.testing.assert_allclose(found["std_error"], np.sqrt(pooled / score["n_effective"]), rtol=1e-10)


def test_4000_stores_that_do_not_differ_are_not_found_to_differ(stores):
    found = ll.contrasts.group_means(stores, "LOYALTY", "store")
    sizes = stores.frame.dropna(subset="LOYALTY")["store"].value_counts()
    assert len(found.groups) == 4000 - int((sizes < 10).sum()) and found.stat("n_withheld").value == (sizes < 10).sum()
    assert found.verdict == "undecided" and found.many
    assert found.stat("n_beyond").value == pytest.approx(8, abs=9) and found.stat("n_found").value <= 2
    assert found.tidy()["n"].min() >= 10


@pytest.mark.parametrize(("language", "axis"), [("en", "mean in scale points"), ("nl", "gemiddelde in schaalpunten")])
def test_means_of_many_groups_draw_as_forest_and_funnel(stores, language, axis):
    found = ll.contrasts.group_means(stores, "LOYALTY", "store")
    look = {"title": "T", "labels": {"LOYALTY": "Loyalty"}, "language": language, "unit": "mean"}
    for exhibit in (
        ll.exhibits.plot_forest(found, id="fig-a", **look),
        ll.exhibits.plot_funnel(found, id="fig-b", **look),
    ):
        assert axis in exhibit.plain.decode() or "Loyalty" in exhibit.plain.decode()
        assert "zero" not in exhibit.caption and len(exhibit.data) == len(found.groups)


def test_a_split_into_thousands_is_the_same_as_one_by_one(stores):
    parts = stores.split("store", min_n=10)
    assert len(parts) == 3998 and list(parts)[:3] == ["2", "3", "4"]  # in the order of numbers, not of letters
    one = stores.only("store=1000")
    pd.testing.assert_frame_equal(parts["1000"].frame, one.frame)
    assert parts["1000"].provenance == one.provenance
    assert ll.contrasts.n_large_enough(stores, ["store"], ["store"], min_n=10) == 3998


def test_what_cannot_be_compared_is_refused(stores):
    with pytest.raises(DataError, match="0 group has 100 respondents"):
        ll.contrasts.group_means(stores, "LOYALTY", "store", min_cell=100)
    with pytest.raises(DataError, match=r"'store' has 4,000 groups; .* allow 1,000. Use group_means"):
        ll.loyalty.likert_summary(stores, "LOYALTY", by="store")
    alike = replace(stores, frame=stores.frame.assign(LOYALTY=4.0))
    with pytest.raises(ModelError, match="all answers are the same"):
        ll.contrasts.group_means(alike, "LOYALTY", "store")


def test_segments_left_out_are_counted_in_the_figure():
    from loyaltylab.drivers.comparisons import SegmentContrasts
    from loyaltylab.drivers.decomposition import Contrast

    one = Contrast("emotional", "rational", 0.1, np.linspace(0, 0.2, 100), 60, MADE_UP)
    groups = SegmentContrasts({"a": one, "b": one}, "emotional", "rational", MADE_UP, n_withheld=3)
    look = {"id": "fig-x", "title": "T", "labels": {}}
    assert "Left out because they are small: 3." in ll.exhibits.plot_segments(groups, one, **look).caption
    many = replace(groups, by_segment={f"s{i}": one for i in range(50)})
    assert "Left out because they are small: 3." in ll.exhibits.plot_segments(many, one, **look).caption
