"""What is possible when a source leaves out the inter-correlations: against printed numbers, brute force and identities."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import loyaltylab as ll
from loyaltylab.contrasts.correlations import meng_z
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.drivers.bounds import sensitivity
from loyaltylab.exhibits.drivers.robustness import plot_sensitivity
from loyaltylab.kernels.feasible import common_bounds, pair_bounds

from ..conftest import REFERENCE

PRINTED = json.loads((REFERENCE / "sensitivity_indices" / "expected.json").read_text())
NAMES, R = list(PRINTED["r"]), list(PRINTED["r"].values())
ORIGIN = ll.Provenance("published", "three indices against stated loyalty")
WITH_SHARES = [name for name, method in ll.METHODS.items() if method.unit == "r_squared"]
correlations = st.lists(st.floats(-0.95, 0.95), min_size=2, max_size=6)


def explored(r=R, names=NAMES, n=PRINTED["n"], **options):
    return sensitivity(r, names, n=n, provenance=ORIGIN, **{"n_draws": 400, **options})


@pytest.fixture(scope="module")
def indices():
    return explored()


@pytest.fixture(scope="module")
def held():
    return explored(common_range=(0.3, 0.8))


def smallest_eigenvalue(r, common):
    """Of (outcome, drivers) with one inter-correlation, by brute force."""
    k = len(r)
    full = np.full((k + 1, k + 1), float(common))
    full[0, 1:] = full[1:, 0] = r
    np.fill_diagonal(full, 1)
    return np.linalg.eigvalsh(full)[0]


# ---- one inter-correlation ----------------------------------------------------------------------------------------------


def test_ranges_of_each_inter_correlation_are_the_printed_ones(indices):
    found = [[row.term, row.against, round(row.lowest, 3), round(row.highest, 3)] for row in indices.pairs.tidy().itertuples()]  # fmt: skip
    assert found == PRINTED["pairs"]
    assert indices.pairs.value(("rational", "values"), "highest").value == pytest.approx(0.998919, abs=1e-6)
    assert indices.pairs.glance().shape == (1, 3)


@settings(max_examples=40, deadline=None)
@given(r=correlations, seed=st.integers(0, 10**6))
def test_every_value_inside_a_pair_range_is_possible_and_none_outside(r, seed):
    """Completed with the outcome as the only link between the other drivers."""
    r, k = np.array(r), len(r)
    rng = np.random.default_rng(seed)
    i, j = rng.choice(k, 2, replace=False)
    low, high = (bound[i, j] for bound in pair_bounds(r))

    def smallest(value):
        full = np.eye(k + 1)
        full[0, 1:] = full[1:, 0] = r
        full[1:, 1:] = np.outer(r, r)
        full[i + 1, j + 1] = full[j + 1, i + 1] = value
        np.fill_diagonal(full, 1)
        return np.linalg.eigvalsh(full)[0]

    assert smallest(low) == pytest.approx(0, abs=1e-9)
    assert smallest(high) == pytest.approx(0, abs=1e-9)
    assert smallest(rng.uniform(low, high)) > -1e-9
    assert smallest(low - 0.01) < 0 > smallest(high + 0.01)


# ---- a common inter-correlation -----------------------------------------------------------------------------------------


def test_the_smallest_common_inter_correlation_is_the_printed_one(indices):
    low, high = PRINTED["common_low_between"]
    assert low < indices.common_low < high
    assert indices.common_low == pytest.approx(0.044488, abs=1e-6)
    assert indices.common_high == pytest.approx(0.938462, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(r=correlations)
def test_common_bounds_are_where_the_matrix_stops_being_possible(r):
    r = np.array(r)
    low, high = common_bounds(r)
    if not np.isnan(low):
        assert smallest_eigenvalue(r, low) == pytest.approx(0, abs=1e-7)
        assert smallest_eigenvalue(r, high) == pytest.approx(0, abs=1e-7)
        assert smallest_eigenvalue(r, (low + high) / 2) > -1e-9
        assert smallest_eigenvalue(r, low - 0.01) < 0 > smallest_eigenvalue(r, high + 0.01)
    else:
        assert max(smallest_eigenvalue(r, c) for c in np.linspace(-1, 1, 401)) < 1e-9


def test_two_drivers_have_the_pair_range_as_their_common_range():
    low, high = pair_bounds(np.array([0.75, 0.53]))
    np.testing.assert_allclose(common_bounds(np.array([0.75, 0.53])), [low[0, 1], high[0, 1]], atol=1e-14)


def test_squared_correlations_above_one_cannot_be_a_pie(indices):
    assert indices.sum_r_squared == pytest.approx(PRINTED["sum_r_squared"], abs=1e-12)
    assert not indices.uncorrelated_possible
    assert indices.common_low > 0
    with pytest.raises(ModelError) as error:
        indices.at(0.0)
    assert str(error.value) == (
        "a common inter-correlation of 0 is impossible given these correlations with outcome; "
        "it lies between 0.0445 and 0.9385."
    )
    modest = explored([0.6, 0.5, 0.4])
    assert modest.uncorrelated_possible
    np.testing.assert_allclose(modest.at(0.0).estimates, [0.36, 0.25, 0.16], atol=1e-12)


@pytest.mark.parametrize("row", PRINTED["table"], ids=lambda row: str(row["common"]))
def test_the_printed_table(indices, row):
    shares = indices.at(row["common"])
    assert shares.r_squared == pytest.approx(row["r_squared"], abs=0.0005)
    np.testing.assert_allclose(100 * shares.shares, row["shares"], atol=0.0501)
    np.testing.assert_allclose(indices.at(row["common"], "beta").estimates, row["beta"], atol=0.0005)
    curve = indices.curve()
    for name, beta in zip(NAMES, row["beta"], strict=True):
        line = curve[curve["term"] == name]
        assert np.interp(row["common"], line["assumed"], line["beta"]) == pytest.approx(beta, abs=0.0006)
        assert np.interp(row["common"], line["assumed"], line["statistic"]) == pytest.approx(row["z"], abs=0.051)
    johnson = indices.at(row["common"], "relative_weights").shares
    assert np.abs(johnson - shares.shares).max() < 0.025


@pytest.mark.slow
@pytest.mark.parametrize("method", WITH_SHARES)
def test_the_curve_is_importance_at_each_point_whatever_the_method(method):
    found = explored(method=method, n_points=7, n_draws=100)
    curve = found.curve()
    assert len(curve) == 21
    for common, rows in list(curve.groupby("assumed"))[1:-1]:
        point = found.at(common)
        np.testing.assert_allclose(rows["share"], point.shares, atol=1e-10)
        np.testing.assert_allclose(rows["r_squared"], point.r_squared, atol=1e-10)
    np.testing.assert_allclose(curve["r_squared"].iloc[[0, -1]], 1, atol=1e-4)
    assert (curve["r_squared"].iloc[3:-3] < 1).all()


def test_several_common_values_are_a_leading_axis(indices):
    several = indices.moments([0.1, 0.3, 0.5])
    assert several.batch == (3,)
    np.testing.assert_allclose(several[0.3].corr, indices.moments(0.3).corr)
    assert several.corr[2, 1, 2] == pytest.approx(0.5)


def test_z_equals_cocor():
    reference = json.loads((REFERENCE / "sensitivity_meng" / "expected.json").read_text())
    z = meng_z(
        reference["rating_complaints"],
        reference["rating_learning"],
        np.array(reference["complaints_learning"]),
        reference["n"],
    )
    assert z == pytest.approx(reference["statistic"], abs=1e-12)


def test_z_caps_f_at_one():
    """With f = 1, h is 1, whatever the correlations with the outcome."""
    z = meng_z(0.7, 0.5, np.array(-0.4), 103)
    assert z == pytest.approx((np.arctanh(0.7) - np.arctanh(0.5)) * np.sqrt(100 / 2.8), abs=1e-12)


def test_which_is_second_depends_even_on_a_common_value(indices):
    """First is robust along a common value, the whole order is not: the two others change places at .862."""
    assert indices.verdict_common == "robust"
    assert (np.diff(indices.at(0.80).shares) < 0).all()
    emotional, rational, values = indices.at(0.90).shares
    assert emotional > values > rational


# ---- free inter-correlations --------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 3, 5])
def test_draws_are_uniform_over_what_is_possible(k):
    """Each entry of a uniform correlation matrix is Beta(k/2, k/2) on (−1, 1) (Joe 2006, doi:10.1016/j.jmva.2005.05.010)."""
    from scipy.stats import beta, kstest

    r = np.linspace(0.6, 0.2, k)
    found = explored(r, [f"d{j}" for j in range(k)], n_draws=2000, method="first")
    low, high = pair_bounds(r)
    for i, j in zip(*np.tril_indices(k, -1), strict=True):
        place = (found.draws[:, i, j] - low[i, j]) / (high[i, j] - low[i, j])
        assert kstest(place, beta(k / 2, k / 2).cdf).pvalue > 0.001


@pytest.mark.slow
def test_every_matrix_is_possible_and_in_the_range_asked_for(held):
    off = ~np.eye(3, dtype=bool)
    for matrices in (held.draws, held.found):
        assert ((matrices[:, off] > 0.3 - 1e-6) & (matrices[:, off] < 0.8 + 1e-6)).all()
        for R_xx in matrices[:50]:
            full = np.block([[np.ones((1, 1)), np.array([R])], [np.array([R]).T, R_xx]])
            assert np.linalg.eigvalsh(full)[0] > -1e-9
    with pytest.raises(ModelError, match="a draw is not a correlation matrix; do not use this result"):
        replace(held, draws=np.ones_like(held.draws))


@pytest.mark.slow
@pytest.mark.parametrize(("r", "method"), [(R, "lmg"), (R, "relative_weights"), ([0.56, 0.49, 0.71], "lmg")])
def test_extremes_are_as_far_out_as_an_exhaustive_search_finds(r, method):
    """All correlation matrices of three, by two angles and a third between the planes."""
    r = np.array(r)
    angle = np.linspace(0, np.pi, 61)
    a, b, c = (grid.ravel() for grid in np.meshgrid(angle, angle, angle))
    P = np.ones((a.size, 3, 3))
    for i, j, value in ((0, 1, np.cos(a)), (0, 2, np.cos(b)), (1, 2, np.cos(a) * np.cos(b) + np.sin(a) * np.sin(b) * np.cos(c))):  # fmt: skip
        P[:, i, j] = P[:, j, i] = 0.999 * value
    full = np.ones((a.size, 4, 4))
    full[:, 0, 1:] = full[:, 1:, 0] = r
    full[:, 1:, 1:] = np.outer(r, r) + np.sqrt(np.outer(1 - r**2, 1 - r**2)) * P
    full[:, range(4), range(4)] = 1
    estimates = ll.METHODS[method].kernel(full, (1, 1, 1))
    shares = estimates / estimates.sum(axis=1, keepdims=True)
    found = explored(r, method=method, n_draws=2000)
    data, lead = found.tidy(), found.names.index(found.first)
    assert (data["share_low"] < shares.min(axis=0) + 2e-4).all()
    assert (data["share_high"] > shares.max(axis=0) - 2e-4).all()
    assert (data["share_low"] > shares.min(axis=0) - 0.01).all()
    assert (data["share_high"] < shares.max(axis=0) + 0.01).all()
    worst = (shares[:, lead] - np.delete(shares, lead, axis=1).max(axis=1)).min()
    assert found.glance()["lead_low"].iloc[0] == pytest.approx(worst, abs=0.002)


def test_two_drivers_have_the_extremes_of_their_curve():
    found = explored([0.6, 0.3], ["trust", "price"])
    data = found.tidy()
    np.testing.assert_allclose(data["share_low"], data["common_share_low"], atol=0.002)
    np.testing.assert_allclose(data["share_high"], data["common_share_high"], atol=0.002)


def test_depends_comes_with_a_matrix_that_proves_it(indices):
    assert (indices.first, indices.verdict) == ("emotional", "depends")
    full = np.block([[np.ones((1, 1)), np.array([R])], [np.array([R]).T, indices.worst]])
    proof = ll.Moments.from_correlations((full + full.T) / 2, ["loyalty", *NAMES], n=PRINTED["n"], provenance=ORIGIN)
    shares = ll.importance(proof, "loyalty", NAMES).shares
    assert NAMES[int(shares.argmax())] != "emotional"
    assert shares[0] - shares[1:].max() == pytest.approx(indices.stat("lead_low").value, abs=1e-9)
    assert indices.value("emotional", "part_first").value > 0.9


def test_within_a_realistic_range_the_first_is_first(held, indices):
    assert (held.first, held.verdict, held.verdict_common) == ("emotional", "robust", "robust")
    wide, narrow = indices.tidy(), held.tidy()
    assert (narrow["share_low"] > wide["share_low"]).all() and (narrow["share_high"] < wide["share_high"]).all()
    for name in NAMES:
        assert held.value(name, "share_low").value <= held.value(name, "common_share_low").value + 1e-6
        assert held.value(name, "share_high").value >= held.value(name, "common_share_high").value - 1e-6
    assert held.curve().equals(indices.curve())


def test_a_method_that_ignores_the_inter_correlations_depends_on_nothing():
    data = explored(method="first").tidy()
    np.testing.assert_allclose(data["share_low"], np.square(R) / np.square(R).sum(), atol=1e-12)
    np.testing.assert_allclose(data["share_high"], data["share_low"], atol=1e-12)


@pytest.mark.slow
def test_equal_correlations_leave_the_order_open():
    found = explored([0.5, 0.5, 0.5], ["a", "b", "c"])
    assert found.verdict == "depends"
    np.testing.assert_allclose(found.at(0.4).shares, 1 / 3)
    assert found.common_high == pytest.approx(1)


def test_the_seed_decides_the_draws():
    one, same, other = (explored(n_draws=100, method="first", seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.draws, same.draws)
    assert not np.array_equal(one.draws, other.draws)
    assert one.provenance.steps[-1] == "100 possible sets of inter-correlations, drawn uniformly, seed 1"


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_order_and_the_sign_of_the_drivers_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    r = rng.uniform(0.1, 0.8, 4)
    low, high = common_bounds(r)
    assume(low == low)
    order = rng.permutation(4)
    np.testing.assert_allclose(common_bounds(r[order]), [low, high], atol=1e-12)
    np.testing.assert_allclose(common_bounds(-r), [low, high], atol=1e-12)


# ---- no common value at all, and wrong input ----------------------------------------------------------------------------


@pytest.mark.slow
def test_drivers_that_run_opposite_ways_cannot_all_correlate_alike():
    found = explored([0.9, 0.9, -0.9])
    assert np.isnan(found.common_low) and found.curve().empty and found.tidy()["common_share_low"].isna().all()
    assert found.verdict in ("robust", "depends")
    assert "common_low –, common_high –" in repr(found)
    with pytest.raises(ModelError) as error:
        found.at(0.5)
    assert str(error.value) == (
        "emotional, rational, values cannot all correlate alike, given 0.9, 0.9, -0.9 with outcome; "
        "reverse a driver that runs the other way, or read the shares over free inter-correlations."
    )
    with pytest.raises(ModelError, match="no common inter-correlation is possible here; read `verdict`"):
        _ = found.verdict_common
    with pytest.raises(ModelError, match="so there is no curve to draw; reverse a driver"):
        plot_sensitivity(found, id="fig-none", title="None", labels={})


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"r": [0.75, 0.53]}, DataError,
         "2 correlations for 3 drivers (emotional, rational, values); give one for each driver."),
        ({"names": ["a", "b", "a"]}, DataError,
         "a name stands twice among outcome, a, b, a; outcome and drivers must differ."),
        ({"outcome": "values"}, DataError,
         "a name stands twice among values, emotional, rational, values; outcome and drivers must differ."),
        ({"r": [0.75, 1.0, float("nan")]}, DataError,
         "rational = 1, values = nan: a correlation with outcome must lie strictly between −1 and 1."),
        ({"r": [0.5], "names": ["a"]}, DataError, "1 drivers; the inter-correlations of 2 to 6 can be explored."),
        ({"n": 3}, ModelError, "n is 3; at least 4 is needed."),
        ({"n_draws": 10}, ModelError, "n_draws is 10; at least 100 is needed."),
        ({"method": "lgm"}, UnknownName,
         f"method with shares 'lgm' does not exist; did you mean 'lmg'? Possible: {', '.join(WITH_SHARES)}."),
        ({"method": "beta"}, UnknownName, "method with shares 'beta' does not exist"),
        ({"common_range": (0.8, 0.3)}, ModelError,
         "common_range is (0.8, 0.3); give a lower and a higher correlation, such as (0.3, 0.8)."),
        ({"common_range": (-0.2, 0.01)}, ModelError,
         "no data can have every inter-correlation in (-0.2, 0.01) given these correlations with outcome; "
         "one common value lies between 0.044 and 0.938. Widen common_range."),
        ({"compare": ("emotional", "prices")}, UnknownName, "driver 'prices' does not exist. Possible: emotional, rational, values."),
        ({"compare": ("values", "values")}, ModelError,
         "'values' cannot be compared with itself; name two of emotional, rational, values."),
    ],
)  # fmt: skip
def test_wrong_input_is_refused_in_words(change, kind, message):
    with pytest.raises(kind) as error:
        explored(**change)
    assert str(error.value).startswith(message)


# ---- the figure ---------------------------------------------------------------------------------------------------------

LABELS = {
    "en": dict(zip(NAMES, ["Emotional", "Rational", "Values"], strict=True)),
    "nl": dict(zip(NAMES, ["Emotioneel", "Rationeel", "Waarden"], strict=True)),
}


def drawn(result, language="en", **options):
    return plot_sensitivity(result, id="fig-range", title="A finding", labels=LABELS[language], language=language, **options)  # fmt: skip


def axes_of(exhibit):
    from matplotlib.figure import Figure

    exhibit.draw(figure := Figure(figsize=exhibit.size, layout="constrained"))
    return figure.axes[0]


@pytest.mark.slow
def test_the_figure_says_what_it_shows(indices, held):
    english, dutch = drawn(indices), drawn(held, "nl")
    assert english.alt == (
        "Line chart of shares of the explained variance against the correlation assumed between the drivers, "
        "from 0.04 to 0.94. Emotional 53% to 63%; Rational 25% to 16%; Values 21% to 21%."
    )
    assert "only 0.04 to 0.94 is possible" in english.caption and "depends on those" in english.caption
    assert (
        "tussen 0,30 en 0,80" in dutch.caption and "Emotioneel staat in elk gevonden geval bovenaan." in dutch.caption
    )
    assert drawn(indices, caption="My own words.").caption == "My own words."
    assert english.data.equals(indices.curve())
    assert english.provenance == indices.provenance


def test_every_line_is_drawn_named_and_apart_in_grey(indices):
    ax = axes_of(drawn(indices))
    words = [text.get_text() for text in ax.texts]
    assert [word for word in words if word in LABELS["en"].values()] == ["Rational", "Values", "Emotional"]
    assert words.count("impossible") == 2
    lines = [line for line in ax.lines if len(line.get_xdata()) == 201]
    assert len(lines) == 3 and len({line.get_linestyle() for line in lines}) > 1
    for line, name in zip(lines, NAMES, strict=True):
        curve = indices.curve()
        np.testing.assert_array_equal(line.get_ydata(), curve.loc[curve["term"] == name, "share"])


def test_the_range_it_is_held_to_is_marked(held, indices):
    assert "aangenomen bereik" in [text.get_text() for text in axes_of(drawn(held, "nl")).texts]
    assert "assumed range" not in [text.get_text() for text in axes_of(drawn(indices)).texts]


def test_six_lines_that_end_close_together_stay_apart():
    names = ["a", "b", "c", "d", "e", "rational"]
    found = explored([0.3, 0.31, 0.32, 0.33, 0.34, 0.35], names, n_draws=100, method="first")
    ax = axes_of(plot_sensitivity(found, id="fig-six", title="Six", labels={}))
    markers = [line.get_marker() for line in ax.lines if len(line.get_xdata()) == 1]
    assert len(set(markers)) == len(markers) == 6
    at = np.sort([text.xy[1] for text in ax.texts if text.get_text() in names])
    low, high = ax.get_ylim()
    assert len(at) == 6 and np.diff(at).min() > 0.06 * (high - low) and at[-1] <= high
