"""Polychoric and polyserial correlations: against R, against independent quadrature, against known truths."""

import warnings
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import DataError, MatrixError, ModelError, UnknownName
from loyaltylab.kernels.bivariate import bivariate_normal_cdf, polychoric, polyserial
from loyaltylab.models.scales.ordinal import ordinal_correlations, ordinal_draws

from ..conftest import MADE_UP, REFERENCE

CUTS = [-1.5, -1, -0.5, 0, 0.5, 1]


def latent(n, R, seed):
    return np.random.default_rng(seed).normal(size=(n, len(R))) @ np.linalg.cholesky(R).T


@pytest.fixture
def items() -> pd.DataFrame:
    """Two hundred made-up respondents on three items of 7, 5 and 2 answers and a score."""
    R = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    z = latent(200, R, 20260102)
    frame = pd.DataFrame({"trust": np.digitize(z[:, 0], CUTS) + 1, "joy": np.digitize(z[:, 1], [-1, -0.3, 0.4, 1.2])})
    return frame.assign(stays=(z[:, 2] > 0.2) * 1, score=3 + 2 * z[:, 3], wt=1 + np.arange(200) % 3)


def found(frame, names, **options):
    return ordinal_correlations(frame, names, provenance=MADE_UP, **options)


def rows_of(table):
    """A frame with a row for each count of a table."""
    at = np.argwhere(np.ones_like(table))
    return pd.DataFrame(np.repeat(at, np.ravel(table), axis=0), columns=["x", "y"])


# ---- kernels ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rho", [-0.9999, -0.99, -0.95, -0.926, -0.924, -0.5, 0, 0.3, 0.8, 0.924, 0.926, 0.95, 0.99, 0.9999]
)
def test_bivariate_normal_equals_quadrature(rho):
    from scipy.integrate import quad
    from scipy.stats import norm

    s = np.sqrt(1 - rho**2)
    points = [(-0.3, 0.7), (1.2, -1.9), (0.4, 0.41), (0.4, -0.41), (0, 0), (2.5, 2.4), (-3, -2.9), (-1, 3)]
    for h, k in points:
        around = [] if rho == 0 else [x for x in k / rho + s * np.array([-9, -3, 0, 3, 9]) if -10 < x < h]
        parts = [
            quad(lambda x, k=k: norm.pdf(x) * norm.cdf((k - rho * x) / s), a, b, epsabs=1e-14, epsrel=1e-12)[0]
            for a, b in pairwise([-10, *around, h])
        ]
        assert float(bivariate_normal_cdf(h, k, rho)) == pytest.approx(sum(parts), abs=1e-12)


def test_bivariate_normal_at_the_edges():
    from scipy.special import ndtr

    h = np.array([-1.0, 0.0, 2.0])
    for rho in (-0.99, -0.4, 0.0, 0.4, 0.99):
        np.testing.assert_allclose(bivariate_normal_cdf(h, 40.0, rho), ndtr(h), atol=1e-15)
        np.testing.assert_allclose(bivariate_normal_cdf(-40.0, h, rho), 0, atol=1e-15)
        joined = bivariate_normal_cdf(h, 0.3, rho) + bivariate_normal_cdf(h, -0.3, -rho)
        np.testing.assert_allclose(joined, ndtr(h), atol=1e-14)  # P(Y ≤ k) + P(Y > k)


def test_tables_equal_r_and_what_is_printed():
    for row in pd.read_csv(REFERENCE / "polychoric_tables" / "expected.csv").itertuples():
        table = np.array(row.cells.split(), dtype=float).reshape(1, row.n_rows, -1)
        rho, error = (float(value[0]) for value in polychoric(table))
        assert rho == pytest.approx(row.rho, abs=5e-9), row.table
        assert error == pytest.approx(row.std_error, abs=1e-7), row.table
        if row.printed == row.printed:
            assert rho == pytest.approx(row.printed, abs=0.0005), row.table


def test_polyserial_equals_r():
    folder = REFERENCE / "polyserial_birthwt"
    frame = pd.read_csv(folder / "input.csv")
    for row in pd.read_csv(folder / "expected.csv").itertuples():
        pair = found(frame, [row.continuous, row.ordered], continuous=[row.continuous]).tidy().iloc[0]
        assert pair["estimate"] == pytest.approx(row.rho, abs=1e-9)
        assert pair["std_error"] == pytest.approx(row.std_error, abs=1e-8)
        assert pair["kind"] == "polyserial"


@pytest.mark.parametrize("table", [[[40, 10], [20, 30]], [[3, 30], [50, 9]], [[90, 5], [4, 1]]])
def test_tetrachoric_solves_its_equation(table):
    """A 2 × 2 table is fitted exactly: the correlation that gives the first cell, found with scipy alone."""
    from scipy.optimize import brentq
    from scipy.stats import multivariate_normal, norm

    p = np.array(table) / np.sum(table)
    h, k = norm.ppf(p.sum(axis=1)[0]), norm.ppf(p.sum(axis=0)[0])
    expected = brentq(
        lambda r: multivariate_normal.cdf([h, k], cov=[[1, r], [r, 1]]) - p[0, 0], -0.999, 0.999, xtol=1e-12
    )
    pair = found(rows_of(table), ["x", "y"]).tidy().iloc[0]
    assert pair["estimate"] == pytest.approx(expected, abs=1e-7)
    assert pair["kind"] == "tetrachoric"


def test_standard_error_is_the_second_derivative(items):
    from scipy.stats import multivariate_normal, norm

    table = pd.crosstab(items["joy"], items["stays"]).to_numpy()
    edges = [np.r_[-8, norm.ppf(m.cumsum()[:-1] / 200), 8] for m in (table.sum(axis=1), table.sum(axis=0))]

    def log_likelihood(r):
        F = np.array([[multivariate_normal.cdf([h, k], cov=[[1, r], [r, 1]]) for k in edges[1]] for h in edges[0]])
        return (table * np.log(np.diff(np.diff(F, axis=0), axis=1))).sum()

    pair = found(items, ["joy", "stays"]).tidy().iloc[0]
    r, e = pair["estimate"], 0.01
    low, at, high = (log_likelihood(x) for x in (r - e, r, r + e))
    assert at >= max(low, high)
    assert pair["std_error"] == pytest.approx(1 / np.sqrt(-(low - 2 * at + high) / e**2), rel=1e-3)
    assert (low - high) / (2 * e) == pytest.approx(0, abs=0.1)


def test_polyserial_maximises_its_definition(items):
    from scipy.optimize import minimize_scalar
    from scipy.stats import norm

    x, y = items["score"].to_numpy(), items["joy"].to_numpy()
    z = (x - x.mean()) / x.std()
    edges = np.r_[-np.inf, norm.ppf(np.bincount(y).cumsum()[:-1] / 200), np.inf]

    def deviance(r):
        upper, lower = ((edges[y + i] - r * z) / np.sqrt(1 - r**2) for i in (1, 0))
        return -np.log(norm.cdf(upper) - norm.cdf(lower)).sum()

    best = minimize_scalar(deviance, bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-9})
    assert found(items, ["score", "joy"], continuous=["score"]).corr[0, 1] == pytest.approx(best.x, abs=1e-6)


def test_lanes_do_not_know_each_other(items):
    codes, w = items["joy"].to_numpy(), np.stack([np.ones(200), items["wt"].to_numpy(dtype=float)])
    together = polyserial(items["score"].to_numpy(), codes, w, 5)
    for lane in (0, 1):
        alone = polyserial(items["score"].to_numpy(), codes, w[[lane]], 5)
        np.testing.assert_allclose([x[lane] for x in together], [x[0] for x in alone], rtol=1e-10)


# ---- truths and identities ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.35, 0.85, 0.97])
def test_a_known_correlation_is_recovered(rho):
    z = latent(20_000, np.array([[1, rho], [rho, 1]]), 5)
    frame = pd.DataFrame({"a": np.digitize(z[:, 0], CUTS), "b": np.digitize(z[:, 1], [0.3, 1.4]), "c": z[:, 1]})
    for names, continuous in ((["a", "b"], []), (["a", "c"], ["c"])):
        pair = found(frame, names, continuous=continuous).tidy().iloc[0]
        assert abs(pair["estimate"] - rho) < 4 * pair["std_error"] < 0.06
        assert pair["conf_low"] < pair["estimate"] < pair["conf_high"]
    assert abs(np.corrcoef(frame["a"], frame["b"])[0, 1]) < abs(rho) or rho == 0


def test_twelve_answers_are_nearly_the_score_itself():
    from scipy.stats import norm

    z = latent(5000, np.array([[1, 0.6], [0.6, 1]]), 9)
    edges = norm.ppf(np.linspace(0, 1, 13)[1:-1])
    frame = pd.DataFrame({name: np.digitize(z[:, i], edges) for i, name in enumerate("ab")})
    twelve, pearson = found(frame, ["a", "b"]), np.corrcoef(z.T)[0, 1]
    assert abs(twelve.corr[0, 1] - pearson) < twelve.std_error[0, 1]
    two = found((frame > 5) * 1, ["a", "b"])
    assert two.std_error[0, 1] > 1.5 * twelve.std_error[0, 1]


def test_identities(items):
    names = ["trust", "joy", "stays", "score"]
    before = found(items, names, continuous=["score"])
    changed = items.assign(trust=items["trust"] ** 3, joy=10 * items["joy"] + 7, score=5 - 2 * items["score"])
    after = found(changed, names[::-1], continuous=["score"]).corr[::-1, ::-1]
    sign = np.array([1, 1, 1, -1])
    np.testing.assert_allclose(after, before.corr * np.outer(sign, sign), rtol=0, atol=1e-9)
    turned = found(items.assign(trust=8 - items["trust"]), ["trust", "joy"])
    assert turned.corr[0, 1] == pytest.approx(-before.corr[0, 1], abs=1e-9)
    np.testing.assert_array_equal(before.corr, before.corr.T)


def test_score_with_score_is_pearson(items):
    frame = items.assign(other=items["score"] + items["joy"])
    both = found(frame, ["score", "other"], continuous=["score", "other"])
    as_moments = ll.Moments.from_frame(frame, ["score", "other"], provenance=MADE_UP).correlations().tidy().iloc[0]
    pair = both.tidy().iloc[0]
    assert pair["kind"] == "pearson"
    assert pair[["estimate", "conf_low", "conf_high"]].tolist() == pytest.approx(
        as_moments[["estimate", "conf_low", "conf_high"]].tolist(), abs=1e-12
    )


def test_weight_2_is_the_row_twice(items):
    names = ["trust", "joy", "score"]
    weighted = found(items, names, continuous=["score"], weight="wt")
    twice = found(items.loc[items.index.repeat(items["wt"])], names, continuous=["score"])
    np.testing.assert_allclose(weighted.corr, twice.corr, rtol=0, atol=1e-9)
    assert weighted.n_effective == pytest.approx(400**2 / (items["wt"] ** 2).sum(), rel=0.02)
    ratio = weighted.std_error[0, 1] / twice.std_error[0, 1]
    assert ratio == pytest.approx(np.sqrt(twice.n / weighted.n_effective), rel=1e-6)


def test_answers_nobody_gave_and_empty_cells_change_nothing():
    table = np.array([[20, 5, 0], [8, 15, 6], [0, 4, 12]])
    rho, error = polychoric(table[None].astype(float))
    padded = np.insert(np.insert(table, 1, 0, axis=0), [0, 3], 0, axis=1)
    with_gaps = polychoric(padded[None].astype(float))
    np.testing.assert_allclose(with_gaps, [rho, error], rtol=1e-8)


def test_perfect_agreement_is_no_number():
    assert np.isnan(polychoric(np.array([[[10, 0], [5, 10.0]]]))[0]).all()
    assert np.isnan(polychoric(np.array([[[10, 5], [0, 0.0]]]))[0]).all()
    with pytest.raises(
        ModelError,
        match=r"^x and y: some of their answers never go together, so nothing short of a correlation of 1 fits",
    ):
        found(rows_of([[10, 0], [5, 10]]), ["x", "y"])


# ---- the door into moments ----------------------------------------------------------------------------------------------


def test_moments_go_to_importance(items):
    names = ["score", "trust", "joy", "stays"]
    result = found(items, names, continuous=["score"])
    m = result.moments()
    np.testing.assert_allclose(m.corr, result.corr, atol=1e-15)
    assert (m.n, m.n_eff) == (200, pytest.approx(200))
    draws = ordinal_draws(items, names, continuous=["score"], provenance=MADE_UP, n_draws=200, seed=4)
    imp = ll.importance(m, "score", names[1:], draws=draws)
    assert imp.r_squared == pytest.approx(ll.kernels.linalg.r_squared(result.corr))
    row = imp.tidy().iloc[0]
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert "polyserial, polychoric correlations in two steps (Olsson 1979)" in imp.provenance.steps
    assert "200 bootstrap draws of 200 rows, seed 4" in imp.provenance.steps


def test_polychoric_moments_refuse_normal_theory(items):
    with pytest.raises(ModelError, match=r"their draws come from ordinal_draws"):
        found(items, ["trust", "joy"]).moments().draws(n_draws=100)


def test_a_draw_is_the_correlation_of_the_rows_drawn(items):
    names = ["trust", "joy", "stays", "score"]
    draws = ordinal_draws(items, names, continuous=["score"], provenance=MADE_UP, n_draws=100, seed=7)
    rows = np.random.default_rng(7).integers(200, size=(100, 200))
    for draw in range(0, 100, 20):
        refit = found(items.iloc[rows[draw]], names, continuous=["score"])
        np.testing.assert_allclose(draws.corr[draw], refit.corr, rtol=0, atol=1e-8)
    assert draws.batch == (100,)
    weighted = ordinal_draws(items, names[:2], weight="wt", provenance=MADE_UP, n_draws=100, seed=7)
    plain = ll.Moments.bootstrap(items, names[:2], weight="wt", n_draws=100, seed=7, provenance=MADE_UP)
    np.testing.assert_allclose(weighted.n_eff, plain.n_eff, rtol=1e-10)
    assert weighted.scheme == plain.scheme


def test_spread_of_the_draws_is_near_the_standard_error(items):
    draws = ordinal_draws(items, ["trust", "joy"], provenance=MADE_UP, n_draws=500, seed=2)
    ratio = draws.corr[:, 0, 1].std() / found(items, ["trust", "joy"]).std_error[0, 1]
    assert 0.9 < ratio < 1.4


def test_a_draw_that_cannot_be_estimated_holds_no_number():
    frame = rows_of([[30, 1], [9, 20]]).assign(z=np.random.default_rng(1).normal(size=60))
    draws = ordinal_draws(frame, ["z", "x", "y"], continuous=["z"], provenance=MADE_UP, n_draws=200, seed=1)
    empty = np.isnan(draws.corr[:, 1, 2])
    rows = np.random.default_rng(1).integers(60, size=(200, 60))
    assert 0.2 < empty.mean() < 0.5  # the one respondent in that cell is missing from e⁻¹ of the draws
    np.testing.assert_array_equal(empty, ~(rows == 30).any(axis=1))


def test_not_positive_semi_definite_is_refused_or_moved_aloud():
    R = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    result = found(rows_of([[8, 3], [3, 8]]).assign(z=[0, 1] * 11), ["x", "y", "z"])
    impossible = replace(result, corr=R)
    assert impossible.smallest_eigenvalue == pytest.approx(-0.8)
    with pytest.raises(MatrixError) as caught:
        impossible.moments()
    assert str(caught.value) == (
        "the correlations of 3 variables, estimated pair by pair, are not positive semi-definite (smallest eigenvalue "
        "-0.8000). Look first at x, y, z: join their rare answers or leave one out, or take the nearest matrix with "
        "not_psd='nearest'."
    )
    with pytest.warns(UserWarning, match=r"3 of 3 moved by \.001 or more, at most by 0\.4\d\d\. Report this"):
        m = impossible.moments(not_psd="nearest")
    assert np.linalg.eigvalsh(m.corr)[0] > -1e-10
    np.testing.assert_allclose(np.abs(m.corr[np.tril_indices(3, -1)]), 0.5, atol=1e-3)
    assert "moved by .001 or more" in m.provenance.steps[-1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result.moments(not_psd="nearest")


def test_a_survey_brings_its_weight():
    book = ll.read_codebook("mobi")
    rng = np.random.default_rng(6)
    rows = pd.DataFrame({name: rng.integers(1, 11, size=80) for name in book.items}).assign(wt=rng.uniform(1, 2, 80))
    survey = ll.read_survey(rows, book, weight="wt")
    names = list(book.items)[:3]
    result = ordinal_correlations(survey, names)
    np.testing.assert_array_equal(result.corr, found(survey.frame, names, weight="wt").corr)
    assert result.provenance.steps[-2].endswith("80 of 80 rows, weighted by wt")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"names": ["trust", "score"]}, DataError, "'score' holds 200 different values; an ordered variable has at most 12 answers. Name it in continuous= if it is a score, or join answers."),
        ({"names": ["trust", "same"]}, ModelError, "same: everyone has the same value, so it correlates with nothing. Leave it out."),
        ({"names": ["trust"]}, DataError, "a correlation needs two or more different variables; these are trust."),
        ({"names": ["trust", "trust"]}, DataError, "a correlation needs two or more different variables; these are trust, trust."),
        ({"names": ["trust", "joyy"]}, UnknownName, "column 'joyy' does not exist; did you mean 'joy'? Possible: trust, joy, stays, score, wt, same, word."),
        ({"names": ["trust", "word"]}, DataError, "word: holds text, not numbers. Recode it first, or leave it out."),
        ({"names": ["trust", "joy"], "continuous": ["score"]}, UnknownName, "score: named in continuous= but not among the variables trust, joy."),
    ],
)  # fmt: skip
def test_wrong_input_is_one_clear_message(items, options, error, message):
    with pytest.raises(error) as caught:
        found(items.assign(same=1, word="a"), **options)
    assert str(caught.value) == message
