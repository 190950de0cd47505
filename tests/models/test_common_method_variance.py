"""The common-marker check and criterion overlap: longhand, identities, two real surveys, refusals."""

import numpy as np
import pandas as pd
import pytest

from loyaltylab.core.errors import ModelError, UnknownName
from loyaltylab.kernels import factors
from loyaltylab.models.scales.common_method_variance import criterion_overlap, marker_check
from loyaltylab.moments.moments import Moments

from ..conftest import MADE_UP

NAMES = ["loyalty", "trust", "price", "weather"]
R = np.array([[1, 0.5, 0.12, 0.1], [0.5, 1, 0.3, 0.15], [0.12, 0.3, 1, 0.2], [0.1, 0.15, 0.2, 1]])


@pytest.fixture(scope="module")
def m() -> Moments:
    return Moments.from_correlations(R, NAMES, n=400, provenance=MADE_UP)


def check(m: Moments, **options):
    return marker_check(m, "loyalty", ["trust", "price"], "weather", **options)


# ---- common marker --------------------------------------------------------------------------------------------------


def test_the_smallest_correlation_of_the_marker_is_taken_out(m):
    found = check(m)
    frame = found.tidy()
    assert frame[["term", "against"]].values.tolist() == [
        ["trust", "loyalty"],
        ["price", "loyalty"],
        ["price", "trust"],
    ]
    assert frame["estimate"].tolist() == pytest.approx([0.5, 0.12, 0.3])
    assert frame["adjusted"].tolist() == pytest.approx([0.4 / 0.9, 0.02 / 0.9, 0.2 / 0.9])
    assert frame["verdict"].tolist() == ["stays", "vanishes", "stays"]
    assert (found.source, found.stat("r_marker").value) == ("loyalty", pytest.approx(0.1))
    assert repr(found) == (
        "MarkerCheck, 3 rows by term, against: outcome loyalty, marker weather, r_marker 0.100, n 400"
    )


def test_intervals_without_draws_are_those_of_fisher_and_of_a_partial_correlation(m):
    frame = check(m).tidy()
    for column, r, n in (("", frame["estimate"], 400), ("adjusted_", frame["adjusted"], 399)):
        z, half = np.arctanh(r), 1.959963985 / np.sqrt(n - 3)
        np.testing.assert_allclose(frame[f"{column}conf_low"], np.tanh(z - half), rtol=0, atol=1e-9)
        np.testing.assert_allclose(frame[f"{column}conf_high"], np.tanh(z + half), rtol=0, atol=1e-9)


def test_equal_added_variance_is_taken_out_exactly():
    """The formula's own model: a method adds the same amount to every correlation of standardised variables."""
    true, added = np.array([[1, 0.4, 0.0], [0.4, 1, 0.2], [0.0, 0.2, 1]]), 0.25
    seen = np.pad((1 - added) * true + added, ((0, 1), (0, 1)), constant_values=added)
    seen[-1, -1] = 1
    m = Moments.from_correlations(seen, NAMES, n=400, provenance=MADE_UP)
    assert check(m).tidy()["adjusted"].tolist() == pytest.approx([0.4, 0.0, 0.2], abs=1e-12)


def test_a_marker_that_goes_with_nothing_changes_nothing(m):
    alone = R.copy()
    alone[:3, 3] = alone[3, :3] = -0.05
    found = check(Moments.from_correlations(alone, NAMES, n=400, provenance=MADE_UP))
    frame = found.tidy()
    assert found.stat("r_marker").value == 0
    np.testing.assert_array_equal(frame["adjusted"], frame["estimate"])
    np.testing.assert_array_equal(check(m, r_marker=0).tidy()["adjusted"], frame["estimate"])


def test_what_was_not_there_cannot_vanish(m):
    few = Moments.from_correlations(R, NAMES, n=60, provenance=MADE_UP)
    assert check(few).tidy()["verdict"].tolist() == ["stays", "undecided", "vanishes"]
    turned = check(m, r_marker=0.4).tidy().set_index(["term", "against"])
    assert turned.loc[("price", "loyalty"), "adjusted_conf_high"] < 0  # past 0 on the other side: gone, not kept
    assert turned.loc[("price", "loyalty"), "verdict"] == "vanishes"


def test_a_negative_correlation_of_the_marker_is_passed_over():
    mixed = R.copy()
    mixed[0, 3] = mixed[3, 0] = -0.2
    found = check(Moments.from_correlations(mixed, NAMES, n=400, provenance=MADE_UP))
    assert (found.source, found.r_marker) == ("trust", pytest.approx(0.15))


def test_draws_redraw_the_marker_too(m):
    draws = m.draws(n_draws=400, seed=4)
    found = check(m, draws=draws, conf_level=0.9)
    by_draw = (draws.corr[:, 0, 1] - draws.corr[:, 0, 3].clip(0)) / (1 - draws.corr[:, 0, 3].clip(0))
    row = found.tidy().iloc[0]
    inside = (row["adjusted_conf_low"] < by_draw) & (by_draw < row["adjusted_conf_high"])
    assert inside.mean() == pytest.approx(0.9, abs=0.01)
    fixed = check(m, draws=draws, conf_level=0.9, r_marker=0.1).tidy().iloc[0]
    np.testing.assert_allclose(fixed["adjusted_conf_low"], (row["conf_low"] - 0.1) / 0.9, rtol=0, atol=1e-3)
    assert fixed["adjusted_conf_low"] > row["adjusted_conf_low"]
    glance = found.glance().iloc[0]
    assert glance["r_marker_conf_low"] < 0.1 < glance["r_marker_conf_high"] and glance["n_draws"] == 400
    assert found.value(("trust", "loyalty"), "adjusted").conf_level == 0.9


def test_a_stated_marker_correlation_has_no_interval(m):
    assert "r_marker_conf_low" not in check(m, draws=m.draws(n_draws=100), r_marker=0.1).glance()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda m: check(m, r_marker=1.0),
            "r_marker = 1 must lie between 0 and 1; it is what the method adds to a correlation.",
        ),
        (
            lambda m: marker_check(m, "loyalty", [], "weather"),
            "no drivers are given; name at least one.",
        ),
        (
            lambda m: marker_check(m, "loyalty", ["trust"], "trust"),
            "trust: named more than once among outcome, drivers and marker.",
        ),
        (
            lambda m: marker_check(m, "loyalty", ["trust"], "wether"),
            "variable 'wether' does not exist; did you mean 'weather'? Possible: loyalty, trust, price, weather. "
            "Rebuild the moments with 'wether' among the variables.",
        ),
    ],
)
def test_marker_refusals(m, call, message):
    with pytest.raises((ModelError, UnknownName)) as error:
        call(m)
    assert str(error.value) == message


# ---- criterion overlap ----------------------------------------------------------------------------------------------


def shares(size: int = 200) -> pd.DataFrame:
    """Two scales of three items each; then an item of both, a recoded one and one that stands in the wrong scale."""
    rng = np.random.default_rng(20171205)
    heart, head = rng.normal(size=(2, size, 1))
    frame = pd.DataFrame(heart + rng.normal(size=(size, 3)), columns=["l1", "l2", "l3"])
    frame[["d1", "d2", "d3"]] = head + rng.normal(size=(size, 3))
    return frame.assign(copy=8 - 2 * frame["d1"], stray=2 * head[:, 0] + rng.normal(size=size))


SCALES = {"L": ["l1", "l2", "l3", "copy", "stray", "d2"], "D": ["d1", "d2", "d3"], "one": ["l1"]}


def test_each_kind_of_overlap_is_found():
    m = Moments.from_frame(shares(), provenance=MADE_UP)
    draws = Moments.bootstrap(shares(), m.names, n_draws=300, seed=2, provenance=MADE_UP)
    found = criterion_overlap(m, SCALES, "L", ["D"], draws=draws)
    frame = found.tidy().set_index("term")
    assert frame.loc[["d2", "copy", "stray"], "verdict"].tolist() == ["shared", "recoded", "overlaps"]
    assert frame.loc["copy", ["nearest", "nearest_correlation"]].tolist() == ["d1", pytest.approx(-1)]
    assert (frame["difference_conf_low"] < frame["difference_conf_high"]).all()
    clean = criterion_overlap(m, {"L": ["l1", "l2", "l3"], "D": SCALES["D"]}, "L", ["D"], draws=draws)
    assert set(clean.tidy()["verdict"]) == {"apart"}
    assert (found.stat("n_pairs").value, found.stat("n_draws").value) == (6, 300)


def test_correlations_are_those_of_the_sums_of_items():
    rows = shares()
    m = Moments.from_frame(rows, provenance=MADE_UP)
    frame = criterion_overlap(m, SCALES, "L", ["D", "one"]).tidy().set_index(["term", "against"])
    for item in SCALES["L"]:
        own = rows[[other for other in SCALES["L"] if other != item]].sum(axis=1)
        driver = rows[[other for other in SCALES["D"] if other != item]].sum(axis=1)
        row = frame.loc[(item, "D")]
        wanted = [np.corrcoef(rows[item], other)[0, 1] for other in (driver, own)]
        assert row[["estimate", "item_rest"]].tolist() == pytest.approx(wanted, abs=1e-10)
        assert row["difference"] == pytest.approx(wanted[1] - abs(wanted[0]), abs=1e-10)
    np.testing.assert_allclose(
        frame["item_rest"].to_numpy()[::2], factors.item_rest(m.select(SCALES["L"]).cov), rtol=0, atol=1e-10
    )
    assert frame.loc[("l1", "one"), "verdict"] == "shared" and np.isnan(frame.loc[("l1", "one"), "estimate"])


def test_draws_give_the_interval_of_the_difference():
    m = Moments.from_frame(shares(), provenance=MADE_UP)
    draws = m.draws(n_draws=200, seed=9)
    found = criterion_overlap(m, SCALES, "L", ["D"], draws=draws, conf_level=0.8)
    each = [criterion_overlap(_one(draws, j), SCALES, "L", ["D"]).tidy()["difference"] for j in range(5)]
    np.testing.assert_allclose(found.draw_differences[:5, :, 0], each, rtol=0, atol=1e-10)
    frame = found.tidy()
    inside = (found.draw_differences[..., 0] > frame["difference_conf_low"].to_numpy()) & (
        found.draw_differences[..., 0] < frame["difference_conf_high"].to_numpy()
    )
    np.testing.assert_allclose(inside.mean(axis=0), 0.8, rtol=0, atol=0.02)


def test_a_lone_outcome_item_has_nothing_to_compare():
    m = Moments.from_frame(shares(), provenance=MADE_UP)
    frame = criterion_overlap(m, {"O": ["stray"], "D": SCALES["D"]}, "O", ["D"]).tidy()
    assert frame["verdict"].tolist() == ["single"] and frame["item_rest"].isna().all()


def test_switching_costs_are_recoded_quality(corp_rep):
    """The rows say so: switch_1 and switch_4 are qual_6, switch_2 is qual_7 and switch_3 is qual_5 in fewer codes."""
    scales = {name: scale.items for name, scale in corp_rep.codebook.scales.items()}
    m = corp_rep.moments([item for name in ("SWITCH", "QUAL", "CUSL", "LIKE") for item in scales[name]])
    frame = criterion_overlap(m, scales, "SWITCH", ["QUAL"]).tidy()
    assert frame["nearest"].tolist() == ["qual_6", "qual_7", "qual_5", "qual_6"]
    assert set(frame["verdict"]) == {"recoded"}
    assert set(criterion_overlap(m, scales, "SWITCH", ["QUAL"], same=1).tidy()["verdict"]) == {"apart", "overlaps"}
    loyalty = criterion_overlap(m, scales, "CUSL", ["QUAL", "LIKE"]).tidy()
    assert set(loyalty["verdict"]) == {"apart"}


@pytest.mark.parametrize(
    ("scales", "drivers", "options", "message"),
    [
        (SCALES, ["E"], {}, "scale 'E' does not exist. Possible: L, D, one."),
        (SCALES, [], {}, "drivers none: name at least one scale, and not the outcome 'L'."),
        (SCALES, ["L"], {}, "drivers L: name at least one scale, and not the outcome 'L'."),
        (SCALES, "D", {"same": 0}, "same = 0 must lie between 0 and 1, such as 0.95."),
        (
            {"L": ["l1", "l1"], "D": ["d1"]},
            ["D"],
            {},
            "l1: stands twice among the items; an item belongs to one scale only.",
        ),
    ],
)
def test_overlap_refusals(scales, drivers, options, message):
    with pytest.raises((ModelError, UnknownName)) as error:
        criterion_overlap(Moments.from_frame(shares(), provenance=MADE_UP), scales, "L", drivers, **options)
    assert str(error.value) == message


def _one(draws: Moments, j: int) -> Moments:
    sd = np.sqrt(np.diagonal(draws.cov[j]))
    R = draws.corr[j].clip(-1, 1)  # rounding may leave the mirror image of a column at −1 − 1e-16
    return Moments.from_correlations((R + R.T) / 2, draws.names, n=200, sd=sd, provenance=MADE_UP)
