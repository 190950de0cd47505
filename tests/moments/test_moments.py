"""Moments: rows, sums of groups, printed tables and draws must tell the same story."""

import numpy as np
import pandas as pd
import pytest

from loyaltylab import Moments
from loyaltylab.core.errors import DataError, MatrixError, ModelError, UnknownName
from loyaltylab.core.provenance import Provenance

from ..conftest import MADE_UP

NAMES = ["loyalty", "trust", "joy", "price"]


def of(rows, **options):
    return Moments.from_frame(rows, NAMES, provenance=MADE_UP, **options)


def test_rows_give_numpy_and_pandas_numbers(rows):
    m = of(rows)
    np.testing.assert_allclose(m.corr, rows[NAMES].corr(), atol=1e-12)
    np.testing.assert_allclose(m.cov, rows[NAMES].cov(), atol=1e-12)
    np.testing.assert_allclose(m.mean, rows[NAMES].mean(), atol=1e-12)
    assert (int(m.n), float(m.n_eff)) == (60, 60)


def test_weight_one_is_no_weight_and_weight_two_is_the_row_twice(rows):
    np.testing.assert_allclose(of(rows.assign(one=1.0), weight="one").scatter, of(rows).scatter, atol=1e-12)
    counted = of(rows.assign(count=np.where(np.arange(60) < 20, 2.0, 1.0)), weight="count")
    np.testing.assert_allclose(counted.corr, of(pd.concat([rows, rows.head(20)])).corr, atol=1e-12)


def test_weighted_moments_equal_numpy(rows):
    m = of(rows, weight="wt")
    np.testing.assert_allclose(m.mean, np.average(rows[NAMES], axis=0, weights=rows["wt"]), atol=1e-12)
    covariance = np.cov(rows[NAMES].T, aweights=rows["wt"], ddof=0)
    np.testing.assert_allclose(m.scatter / m.weight, covariance, atol=1e-12)
    assert float(m.n_eff) == pytest.approx(rows["wt"].sum() ** 2 / (rows["wt"] ** 2).sum())


@pytest.mark.parametrize("weight", [None, "wt"])
def test_groups_sum_to_the_whole(rows, weight):
    groups, whole = of(rows, by="branch", weight=weight), of(rows, weight=weight)
    one_by_one = groups[0]
    for label in groups.labels[1:]:
        one_by_one = one_by_one + groups[label]
    for summed in (groups.total(), one_by_one):
        np.testing.assert_allclose(summed.scatter, whole.scatter, atol=1e-10)
        np.testing.assert_allclose(summed.mean, whole.mean, atol=1e-12)
        assert float(summed.n_eff) == pytest.approx(float(whole.n_eff))


def test_large_offsets_do_not_cancel():
    """Raw sums of N(10⁸, 1) give a variance of about 2 or worse."""
    x = np.random.default_rng(1).normal(size=(1000, 2))
    frame = pd.DataFrame(x + 1e8, columns=["a", "b"]).assign(g=np.arange(1000) % 10)
    expected = np.cov((x + 1e8).T - 1e8)
    np.testing.assert_allclose(Moments.from_frame(frame, ["a", "b"], provenance=MADE_UP).cov, expected, rtol=1e-7)
    np.testing.assert_allclose(
        Moments.from_frame(frame, ["a", "b"], by="g", provenance=MADE_UP).total().cov, expected, rtol=1e-7
    )
    draws = Moments.bootstrap(frame, ["a", "b"], rows=[np.arange(1000)], provenance=MADE_UP)
    np.testing.assert_allclose(draws.cov[0], expected, rtol=1e-7)


def test_partial_is_regression_residuals(rows):
    X = np.column_stack([np.ones(60), rows["trust"]])
    residuals = (
        rows[["loyalty", "joy", "price"]] - X @ np.linalg.lstsq(X, rows[["loyalty", "joy", "price"]], rcond=None)[0]
    )
    m = of(rows).partial(["trust"])
    assert m.names == ("loyalty", "joy", "price")
    np.testing.assert_allclose(m.corr, residuals.corr(), atol=1e-12)


def test_bootstrap_draws_are_moments_of_the_drawn_rows(rows):
    at = np.random.default_rng(1).integers(60, size=(5, 60))
    draws = Moments.bootstrap(rows, NAMES, rows=at, weight="wt", provenance=MADE_UP)
    for b in range(5):
        alone = of(rows.iloc[at[b]], weight="wt")
        np.testing.assert_allclose(draws[b].scatter, alone.scatter, atol=1e-10)
        np.testing.assert_allclose(draws[b].mean, alone.mean, atol=1e-12)


def test_the_seed_decides_the_draws_and_their_number_only_how_many(rows, monkeypatch):
    def draw(**options):
        return Moments.bootstrap(rows, NAMES, **{"n_draws": 300, "seed": 4, "provenance": MADE_UP} | options).scatter

    assert np.array_equal(draw(), draw())
    assert np.array_equal(draw()[:200], draw(n_draws=200))
    assert not np.array_equal(draw(), draw(seed=5))
    import loyaltylab.moments.moments as module

    whole, resampled = draw(), module.resampled
    monkeypatch.setattr(module, "resampled", lambda *args: resampled(*args, cells=60 * 7))
    np.testing.assert_allclose(draw(), whole, atol=1e-12)


def test_cluster_draws_take_whole_clusters(rows):
    """Of clusters whose members are alike, rows drawn one by one would pretend to know five times too much."""
    alike = pd.DataFrame(np.repeat(rows[NAMES].to_numpy()[:12], 5, axis=0), columns=NAMES).assign(
        branch=np.repeat(np.arange(12), 5)
    )
    clustered = Moments.bootstrap(alike, NAMES, cluster="branch", n_draws=1000, provenance=MADE_UP)
    by_row = Moments.bootstrap(alike, NAMES, n_draws=1000, provenance=MADE_UP)
    assert clustered.scheme.startswith("1,000 bootstrap draws of 12 clusters")
    ratio = clustered.mean[:, 0].std() / by_row.mean[:, 0].std()
    assert ratio == pytest.approx(np.sqrt(5), rel=0.15)


def test_wishart_draws_have_the_right_mean_and_spread():
    R = np.array([[1.0, 0.6, 0.3], [0.6, 1.0, 0.4], [0.3, 0.4, 1.0]])
    m = Moments.from_correlations(R, ["y", "a", "b"], n=200, sd=[2, 1, 3], provenance=MADE_UP)
    draws = m.draws(n_draws=20_000, seed=1)
    np.testing.assert_allclose(draws.scatter.mean(axis=0) / m.scatter, 1, atol=0.01)
    covariance, df = m.scatter / 199, 199
    spread = df * (covariance**2 + np.outer(np.diag(covariance), np.diag(covariance)))
    np.testing.assert_allclose(draws.scatter.var(axis=0) / spread, 1, atol=0.05)
    fisher = np.arctanh(draws.corr[:, 0, 1]).std()
    assert fisher == pytest.approx(1 / np.sqrt(197), rel=0.03)


def test_draws_of_a_printed_table_do_not_depend_on_the_order_of_its_rows():
    R = np.array([[1.0, 0.6, 0.3], [0.6, 1.0, 0.4], [0.3, 0.4, 1.0]])
    names, turned = ["y", "b", "a"], [2, 0, 1]
    one = Moments.from_correlations(R, names, n=60, sd=[2, 1, 3], provenance=MADE_UP)
    other = Moments.from_correlations(
        R[np.ix_(turned, turned)], [names[i] for i in turned], n=60, sd=[3, 2, 1], provenance=MADE_UP
    )
    drawn, again = one.draws(n_draws=200, seed=1), other.draws(n_draws=200, seed=1)
    assert drawn.names == tuple(names) and again.names == ("a", "y", "b") and drawn.scheme == again.scheme
    assert again.provenance == drawn.provenance and np.ptp(drawn.corr[:, 0, 1]) > 0
    for part in ("mean", "scatter"):
        np.testing.assert_array_equal(getattr(again.select(names), part), getattr(drawn, part))


def test_correlation_intervals_equal_those_of_r():
    """cor.test(attitude$rating, attitude$complaints), R 4.2.2: r .8254, interval .6621 to .9139."""
    m = Moments.from_correlations(
        [[1, 0.8254175756], [0.8254175756, 1]], ["rating", "complaints"], n=30, provenance=MADE_UP
    )
    row = m.correlations().tidy().iloc[0]
    assert [row["conf_low"], row["conf_high"]] == pytest.approx([0.6620128, 0.9139139], abs=1e-6)


def test_means_have_students_interval(rows):
    from scipy import stats

    row = of(rows).describe().tidy().set_index("term").loc["trust"]
    expected = stats.t.interval(0.95, 59, rows["trust"].mean(), stats.sem(rows["trust"]))
    assert [row["conf_low"], row["conf_high"]] == pytest.approx(list(expected))


ok = [[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]]


def changed(i, j, value, both=True):
    R = np.array(ok)
    R[i, j] = value
    if both:
        R[j, i] = value
    return R


@pytest.mark.parametrize(
    ("R", "options", "message"),
    [
        (changed(1, 0, 0.4, both=False), {}, "not a correlation matrix: the two halves of the matrix differ. Look at (b, a) = 0.4."),
        (changed(2, 2, 0.9), {}, "not a correlation matrix: the diagonal must be 1. Look at (c, c) = 0.9."),
        (changed(2, 1, 1.3), {}, "not a correlation matrix: a correlation lies between −1 and 1. Look at (c, b) = 1.3."),
        (changed(2, 1, np.nan), {}, "not a correlation matrix: every entry must be a number. Look at (c, b) = nan."),
        (np.array([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]), {}, "no data can have these correlations: the matrix is not positive semi-definite (smallest eigenvalue -0.800). Look first at the entries among a, b, c; a printing or typing error is likely."),
        (np.eye(2), {}, "the matrix is 2 × 2 but 3 variables are named: a, b, c."),
        (ok, {"n": 2}, "n = 2: a correlation table needs at least 3 respondents behind it."),
        (ok, {"sd": [1, 0, 2]}, "a standard deviation must be above 0; it is not for b."),
        (ok, {"mean": [1, 2]}, "2 means are given for 3 variables: a, b, c."),
    ],
)  # fmt: skip
def test_a_matrix_that_cannot_be_is_refused_by_name(R, options, message):
    with pytest.raises(MatrixError) as caught:
        Moments.from_correlations(R, ["a", "b", "c"], **{"n": 100, "provenance": MADE_UP} | options)
    assert str(caught.value) == message


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_weights_must_be_positive_numbers(rows, bad):
    frame = rows.copy()
    frame.loc[[3, 8], "wt"] = bad
    with pytest.raises(DataError) as caught:
        of(frame, weight="wt")
    assert (
        str(caught.value)
        == "weight 'wt' is missing, zero, negative or above 1e+12 in fewer than 10 of 60 rows. Correct or remove those rows."
    )


def test_incomplete_rows_are_left_out_and_counted(rows):
    frame = rows.copy()
    frame.loc[:4, "joy"] = np.nan
    m = of(frame)
    assert int(m.n) == 55
    assert m.provenance.steps == ("complete on loyalty, trust, joy, price: 55 of 60 rows",)
    np.testing.assert_allclose(m.corr, frame[NAMES].dropna().corr(), atol=1e-12)


def test_without_provenance_the_numbers_are_the_same_and_the_source_is_unstated(rows):
    R = of(rows).corr
    pairs = [
        (of(rows), Moments.from_frame(rows, NAMES)),
        (Moments.bootstrap(rows, NAMES, n_draws=100, provenance=MADE_UP), Moments.bootstrap(rows, NAMES, n_draws=100)),
        (Moments.jackknife(rows, NAMES, provenance=MADE_UP), Moments.jackknife(rows, NAMES)),
        (Moments.from_correlations(R, NAMES, n=60, provenance=MADE_UP), Moments.from_correlations(R, NAMES, n=60)),
    ]
    for stated, unstated in pairs:
        for part in ("n", "weight", "sum_w2", "mean", "scatter"):
            np.testing.assert_array_equal(getattr(stated, part), getattr(unstated, part))
        assert unstated.provenance.tier == "unstated"
        assert unstated.with_provenance(MADE_UP).provenance == stated.provenance
    assert Moments.from_frame(rows[NAMES]).names == tuple(NAMES)
    assert Moments.from_frame(rows, NAMES).draws(n_draws=100).provenance.tier == "unstated"


def test_a_source_is_said_once(rows):
    with pytest.raises(DataError, match=r"stated already \(synthetic: made up for a test\)"):
        of(rows).with_provenance(Provenance("observed", "a survey"))
    with pytest.raises(DataError, match="unstated and observed evidence are never mixed"):
        Moments.from_frame(rows, NAMES) + Moments.from_frame(rows, NAMES, provenance=Provenance("observed", "a survey"))


def test_refusals(rows):
    with pytest.raises(UnknownName, match="column 'truts' does not exist; did you mean 'trust'"):
        Moments.from_frame(rows, ["loyalty", "truts"], provenance=MADE_UP)
    with pytest.raises(DataError, match="^trust: holds text, not numbers"):
        of(rows.assign(trust="much"))
    with pytest.raises(DataError, match="^trust: holds an infinite value"):
        of(rows.assign(trust=np.inf))
    with pytest.raises(DataError, match="never mixed"):
        of(rows) + Moments.from_frame(rows, NAMES, provenance=Provenance("observed", "a survey"))
    with pytest.raises(ModelError, match="no draws can be made of these moments"):
        of(rows).draws(n_draws=100).draws()
    with pytest.raises(ModelError, match="50 draws are too few"):
        of(rows).draws(n_draws=50)
    with pytest.raises(ModelError, match=r"4 clusters \(branch\) are too few"):
        Moments.bootstrap(rows.assign(branch=np.arange(60) % 4), NAMES, cluster="branch", provenance=MADE_UP)
    with pytest.raises(DataError, match="'branch' is blank in fewer than 10 of 60 rows"):
        of(rows.assign(branch=[None, *range(59)]), by="branch")


def test_draws_do_not_hang_on_the_signs_a_machine_gives_its_eigenvectors(monkeypatch):
    m = Moments.from_correlations(np.eye(3) * 0.6 + 0.4, ["a", "b", "c"], n=200, provenance=MADE_UP)
    here, eigh = m.draws(n_draws=200, seed=3), np.linalg.eigh

    def turned(A):
        values, vectors = eigh(A)
        return values, vectors * np.resize([-1.0, 1.0], vectors.shape[-1])

    monkeypatch.setattr(np.linalg, "eigh", turned)
    np.testing.assert_allclose(m.draws(n_draws=200, seed=3).scatter, here.scatter, rtol=1e-12)


def test_a_variable_far_from_zero_is_not_said_to_be_the_same_for_everyone():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=200) + 1e9, "y": rng.normal(size=200)})
    with pytest.raises(ModelError, match=r"^x: varies too little beside its size .* Subtract a constant"):
        _ = Moments.from_frame(frame, provenance=MADE_UP).corr
    with pytest.raises(ModelError, match=r"^x: everyone has the same value"):
        _ = Moments.from_frame(frame.assign(x=0.1), provenance=MADE_UP).corr
