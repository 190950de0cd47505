"""Comparisons against R (cocor, psych, prop.test, t.test), statsmodels, printed tables, and identities."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from loyaltylab import contrasts, drivers, loyalty
from loyaltylab.core.errors import DataError, MatrixError, ModelError, UnknownName
from loyaltylab.moments.moments import Moments

from ..conftest import MADE_UP, REFERENCE

overlapping = partial(contrasts.compare_overlapping_correlations, provenance=MADE_UP)
nonoverlapping = partial(contrasts.compare_nonoverlapping_correlations, provenance=MADE_UP)
independent = partial(contrasts.compare_independent_correlations, provenance=MADE_UP)
single = partial(contrasts.proportion_interval, provenance=MADE_UP)
difference = partial(contrasts.compare_proportions, provenance=MADE_UP)
risk_ratio = partial(contrasts.risk_ratio, provenance=MADE_UP)
odds_ratio = partial(contrasts.odds_ratio, provenance=MADE_UP)
trend = partial(contrasts.trend_in_proportions, provenance=MADE_UP)
equivalence_rows = partial(contrasts.equivalence_rows, provenance=MADE_UP)
equivalence_means = partial(contrasts.equivalence_means, provenance=MADE_UP)
equivalence_mean = partial(contrasts.equivalence_mean, provenance=MADE_UP)
equivalence_paired = partial(contrasts.equivalence_paired, provenance=MADE_UP)
equivalence_correlation = partial(contrasts.equivalence_correlation, provenance=MADE_UP)

COCOR = {
    "williams1959": "williams",
    "hotelling1940": "hotelling",
    "pearson1898": "pearson_filon",
    "olkin1967": "pearson_filon",
    "dunn1969": "dunn_clark",
    "raghunathan1996": "dunn_clark",
    "steiger1980": "steiger",
    "meng1992": "meng",
    "fisher1925": "fisher",
    "zou2007": "zou",
}
PAIRS = [
    "rating_complaints",
    "learning_raises",
    "rating_learning",
    "rating_raises",
    "complaints_learning",
    "complaints_raises",
]
SIZES = st.integers(1, 60)
EXTREME = (1 - 3e-9, 1 - 3e-9, 0.3, 0.3, 0.3, 0.3)  # r_ab, r_cd, r_ac, r_ad, r_bc, r_bd


def reference(topic):
    found = json.loads((REFERENCE / f"contrasts_{topic}" / "expected.json").read_text())
    return found["input"], found["expected"]


def exactly(wanted):
    return pytest.approx(wanted, rel=1e-10, abs=1e-12)


def correlation_question(question):
    """The function with the correlations and sizes of the reference filled in."""
    r, _ = reference("correlations")
    return {
        "overlapping": partial(
            overlapping, r["rating_complaints"], r["rating_learning"], r["complaints_learning"], r["n"]
        ),
        "nonoverlapping": partial(nonoverlapping, *(r[pair] for pair in PAIRS), r["n"]),
        "independent": partial(independent, r["rating_complaints"], r["rating_learning"], 30, 45),
    }[question]


def cocor_cases():
    _, expected = reference("correlations")
    return [
        (question, test) for question in ("overlapping", "nonoverlapping", "independent") for test in expected[question]
    ]


# ---- against R ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("question", "test"), cocor_cases())
def test_correlations_equal_cocor(question, test):
    wanted = reference("correlations")[1][question][test]
    found = correlation_question(question)(method=COCOR[test])
    if "statistic" in wanted:
        assert found.statistic == exactly(wanted["statistic"])
        assert found.p_value == exactly(wanted["p.value"])
        assert wanted["distribution"] == ("z" if np.isnan(found.df) else "t")
        assert np.isnan(found.df) or found.df == wanted["df"]
    if "conf.int" in wanted:
        assert [found.conf_low, found.conf_high] == exactly(wanted["conf.int"])


def test_every_method_has_a_reference():
    covered = {(question, COCOR[test]) for question, test in cocor_cases()}
    assert covered == {(question, name) for question, rows in contrasts.CORRELATION_TESTS.items() for name in rows}


def test_correlations_equal_psych():
    _, expected = reference("correlations")
    williams = correlation_question("overlapping")(method="williams")
    assert [williams.statistic, williams.p_value] == exactly(list(expected["psych_williams"].values()))
    steiger = correlation_question("nonoverlapping")(method="steiger")
    assert [steiger.statistic, steiger.p_value] == exactly(list(expected["psych_steiger_nonoverlapping"].values()))


@pytest.mark.parametrize("case", range(5))
def test_one_proportion_equals_r(case):
    wanted = reference("proportions")[1]["single"][case]
    for name in ("wilson", "clopper_pearson", "jeffreys", "agresti_coull"):
        found = single(wanted["x"], wanted["n"], method=name, conf_level=wanted["conf"])
        # A proportion lies between 0 and 1; the formula of Agresti and Coull is cut off there.
        assert [found.conf_low, found.conf_high] == exactly(list(np.clip(wanted[name], 0, 1))), name
        assert found.estimate == wanted["x"] / wanted["n"]


def test_two_proportions_equal_r():
    (x, n), wanted = reference("proportions")[0].values(), reference("proportions")[1]
    counts = (x[0], n[0], x[1], n[1])
    score = difference(*counts, method="score")
    assert [score.statistic**2, score.p_value] == exactly([wanted["chisq"], wanted["p"]])
    for method, key in (("wald", "wald_ci"), ("newcombe", "newcombe_hybrid_score")):
        found = difference(*counts, method=method)
        assert [found.conf_low, found.conf_high] == exactly(wanted[key])
    assert risk_ratio(*counts).p_value == exactly(wanted["p"])


def test_trend_equals_r():
    given_, wanted = reference("trend")
    binomial = trend(given_["x"], given_["n"], scores=given_["scores"])
    assert binomial.statistic == exactly(wanted["z"]["z_binomial_variance_N"])
    assert [binomial.statistic**2, binomial.p_value] == exactly(list(wanted["prop.trend.test"].values()))
    other = trend(given_["x"], given_["n"], scores=[0, 0, 0, 1])
    assert [other.statistic**2, other.p_value] == exactly(list(wanted["prop.trend.test_scores_0001"].values()))
    permuted = trend(given_["x"], given_["n"], variance="hypergeometric")
    assert permuted.statistic == exactly(wanted["z"]["z_hypergeometric_variance"])
    assert [permuted.statistic**2, permuted.p_value] == exactly([wanted["coin_lbl_test_chisq"], wanted["coin_p"]])
    assert (binomial.verdict, other.verdict) == ("less", "less")


@pytest.mark.parametrize(
    ("method", "key"), [("welch", "welch"), ("pooled", "pooled"), ("paired", "paired"), ("one_sample", "one_sample_x")]
)
def test_equivalence_equals_r_from_rows_and_from_summary_numbers(method, key):
    given_, wanted = reference("equivalence")
    wanted, x, y = wanted[key], np.array(given_["x"]), np.array(given_["y"])
    bounds = tuple(given_["bounds_one_sample" if method == "one_sample" else "bounds"])
    one, two = ((v.mean(), v.std(ddof=1)) for v in (x, y))
    printed = {
        "welch": lambda: equivalence_means(*one, 10, *two, 10, bounds=bounds),
        "pooled": lambda: equivalence_means(*one, 10, *two, 10, bounds=bounds, method="pooled"),
        "paired": lambda: equivalence_paired(*one, *two, np.corrcoef(x, y)[0, 1], 10, bounds=bounds),
        "one_sample": lambda: equivalence_mean(*one, 10, bounds=bounds),
    }[method]()
    rows = equivalence_rows(x, None if method == "one_sample" else y, bounds=bounds, method=method)
    for found in (rows, printed):
        assert [found.statistic_low, found.statistic_high] == exactly(
            [wanted["lower"]["statistic"], wanted["upper"]["statistic"]]
        )
        assert [found.p_value_low, found.p_value_high] == exactly([wanted["lower"]["p"], wanted["upper"]["p"]])
        assert found.df == exactly(wanted["lower"]["df"])
        assert [found.conf_low, found.conf_high] == exactly(wanted["ci90"])
        assert found.p_value == max(found.p_value_low, found.p_value_high)
        weaker = "low" if found.p_value_low > found.p_value_high else "high"
        assert found.statistic == getattr(found, f"statistic_{weaker}")
        assert found.method == method
        assert found.verdict == ("equivalent" if method == "paired" else "not shown")


# ---- against statsmodels, and tables in print -----------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(56, 70, 48, 80), (9, 10, 3, 10), (5, 56, 2, 29), (36, 40, 16, 80)])
def test_ratios_equal_statsmodels(counts):
    from statsmodels.stats.proportion import confint_proportions_2indep as peer
    from statsmodels.stats.proportion import test_proportions_2indep as peer_test

    for function, compare, peers in [
        (risk_ratio, "ratio", "score"),
        (odds_ratio, "odds-ratio", "logit"),
        (difference, "diff", "newcomb"),
    ]:
        found = function(*counts)
        options = {"correction": False} if peers == "score" else {}
        assert [found.conf_low, found.conf_high] == pytest.approx(
            list(peer(*counts, method=peers, compare=compare, **options)), rel=1e-8
        )
        if peers == "logit":
            other = peer_test(*counts, method=peers, compare=compare)
            assert [found.statistic, found.p_value] == pytest.approx([other.statistic, other.pvalue], rel=1e-10)


@pytest.mark.parametrize(
    ("counts", "mee", "hybrid"),
    [
        ((56, 70, 48, 80), (0.0533, 0.3377), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1821, 0.8370), (0.1705, 0.8090)),
        ((5, 56, 0, 29), (-0.0313, 0.1926), (-0.0381, 0.1926)),
        ((10, 10, 0, 20), (0.7225, 1.0), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6777, 1.0), (0.6075, 1.0)),
    ],
)
def test_differences_equal_the_table_of_newcombe(counts, mee, hybrid):
    """Newcombe (1998), Statistics in Medicine 17, Table II, methods 5 (Mee) and 10 (hybrid score)."""
    for method, printed in (("score", mee), ("newcombe", hybrid)):
        found = difference(*counts, method=method)
        assert [found.conf_low, found.conf_high] == pytest.approx(list(printed), abs=5.1e-5)


def test_ratio_equals_the_example_of_koopman():
    """Koopman (1984): 36 of 40 against 16 of 80 gives 2.94 to 7.15."""
    found = risk_ratio(36, 40, 16, 80)
    assert [found.conf_low, found.conf_high] == pytest.approx([2.94, 7.15], abs=0.005)


@pytest.mark.parametrize("value", [-0.3, -0.05, 0.1, 0.45])
def test_score_of_difference_stands_at_the_largest_likelihood(value):
    from scipy.optimize import minimize_scalar
    from scipy.special import xlog1py, xlogy

    x_1, n_1, x_2, n_2 = 13, 20, 11, 31

    def deviance(p):
        q = p + value
        return -xlogy(x_2, p) - xlog1py(n_2 - x_2, -p) - xlogy(x_1, q) - xlog1py(n_1 - x_1, -q)

    ends = (max(0, -value), min(1, 1 - value))
    p = minimize_scalar(deviance, bounds=ends, method="bounded", options={"xatol": 1e-12}).x
    q = p + value
    wanted = (x_1 / n_1 - x_2 / n_2 - value) / np.sqrt(q * (1 - q) / n_1 + p * (1 - p) / n_2)
    assert contrasts.proportions._score_of_difference(x_1 / n_1, n_1, x_2 / n_2, n_2, value) == pytest.approx(
        wanted, rel=1e-6
    )


def test_equivalence_of_rows_equals_statsmodels():
    from statsmodels.stats.weightstats import ttost_ind, ttost_paired

    rng = np.random.default_rng(4)
    x, y = rng.normal(7, 1.5, 40), rng.normal(7.1, 2.5, 40)
    for method, peer in [
        ("welch", ttost_ind(x, y, -1, 1, usevar="unequal")),
        ("pooled", ttost_ind(x, y, -1, 1)),
        ("paired", ttost_paired(x, y, -1, 1)),
    ]:
        found = equivalence_rows(x, y, bounds=(-1, 1), method=method)
        assert [found.p_value, found.p_value_low, found.p_value_high] == exactly([peer[0], peer[1][1], peer[2][1]])


def test_equivalence_of_a_correlation_by_hand():
    found = equivalence_correlation(0.05, 103, bounds=(-0.3, 0.2))
    z = 10 * (np.arctanh(0.05) - np.arctanh([-0.3, 0.2]))
    assert [found.statistic_low, found.statistic_high] == exactly(list(z))
    ends = np.tanh(np.arctanh(0.05) + np.array([-0.1, 0.1]) * 1.6448536269514722)
    assert [found.conf_low, found.conf_high] == exactly(list(ends))
    assert found.verdict == "not shown"
    assert equivalence_correlation(0.05, 103, bounds=(-0.3, 0.22)).verdict == "equivalent"
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 50))
    from_rows = equivalence_rows(x, y, bounds=(-0.5, 0.5), method="correlation")
    from_print = equivalence_correlation(np.corrcoef(x, y)[0, 1], 50, bounds=(-0.5, 0.5))
    assert (from_rows.p_value, from_rows.conf_low) == exactly((from_print.p_value, from_print.conf_low))


# ---- identities -----------------------------------------------------------------------------------------------------


def correlations(seed, k, rows=12):
    """A correlation matrix that some data have."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, k)) + rng.normal(0, 1.5) * rng.normal(size=(rows, 1))
    return np.corrcoef(x.T)


def mirrored(found, other):
    """B against A is A against B with the sign turned."""
    for name in ("estimate", "statistic"):
        assert getattr(other, name) == pytest.approx(-getattr(found, name), rel=1e-7, abs=1e-9, nan_ok=True)
    assert other.p_value == pytest.approx(found.p_value, rel=1e-6, abs=1e-12, nan_ok=True)
    if not np.isnan(found.conf_low):
        assert [other.conf_low, other.conf_high] == pytest.approx([-found.conf_high, -found.conf_low], abs=1e-9)


def consistent(found, null=0.0):
    """The interval holds the estimate, and excludes `null` exactly when p is small."""
    alpha = 1 - found.conf_level
    if np.isnan(found.p_value):  # the interval excludes `null` at every level
        assert found.conf_low > null or found.conf_high < null
        return
    assert 0 <= found.p_value <= 1
    if np.isnan(found.conf_low):
        assert (found.verdict == "undecided") == (found.p_value >= alpha)
        return
    assert found.conf_low - 1e-9 <= found.estimate <= found.conf_high + 1e-9
    nearest = min(abs(found.conf_low - null), abs(found.conf_high - null))
    if nearest > 1e-7 and abs(found.p_value - alpha) > 1e-7:
        assert (found.p_value < alpha) == (found.conf_low > null or found.conf_high < null)
    assert {"more": found.statistic > 0, "less": found.statistic < 0, "undecided": True}[found.verdict]


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(4, 500), conf_level=st.sampled_from([0.8, 0.95, 0.99]))
@pytest.mark.parametrize("method", contrasts.CORRELATION_TESTS["overlapping"])
def test_overlapping_identities(method, seed, n, conf_level):
    R = correlations(seed, 3)
    options = {"method": method, "conf_level": conf_level}
    found = overlapping(R[0, 1], R[0, 2], R[1, 2], n, **options)
    consistent(found)
    mirrored(found, overlapping(R[0, 2], R[0, 1], R[1, 2], n, **options))
    mirrored(found, overlapping(-R[0, 1], -R[0, 2], R[1, 2], n, **options))  # the outcome reversed


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(4, 500), conf_level=st.sampled_from([0.8, 0.95, 0.99]))
@pytest.mark.parametrize("method", contrasts.CORRELATION_TESTS["nonoverlapping"])
def test_nonoverlapping_identities(method, seed, n, conf_level):
    R = correlations(seed, 4)

    def asked(a, b, c, d):
        return nonoverlapping(
            R[a, b], R[c, d], R[a, c], R[a, d], R[b, c], R[b, d], n, method=method, conf_level=conf_level
        )

    found = asked(0, 1, 2, 3)
    consistent(found)
    mirrored(found, asked(2, 3, 0, 1))
    same = asked(1, 0, 3, 2)
    assert [same.estimate, same.statistic, same.p_value] == pytest.approx(
        [found.estimate, found.statistic, found.p_value], rel=1e-7, abs=1e-9, nan_ok=True
    )


def test_an_interval_that_touches_zero_at_no_level_has_no_p_value():
    found = nonoverlapping(0.88, -0.88, -0.08, -0.25, 0.35, -0.66, 6)
    assert found.verdict == "more" and found.conf_low > 0
    assert list(found.tidy()) == ["term", "against", "estimate", "conf_low", "conf_high"]
    assert nonoverlapping(0.88, -0.88, -0.08, -0.25, 0.35, -0.66, 6, conf_level=0.999999).conf_low > 0


@pytest.mark.parametrize("method", ["steiger", "dunn_clark", "pearson_filon"])
def test_correlations_too_close_to_one_for_a_standard_error_are_refused(method):
    with pytest.raises(ModelError) as caught:
        nonoverlapping(*EXTREME, 50, method=method)
    assert str(caught.value) == (
        f"method '{method}' has no standard error for correlations this extreme; use method='zou'."
    )
    assert nonoverlapping(*EXTREME, 50).verdict == "undecided"


@settings(max_examples=150, deadline=None)
@given(
    r_1=st.floats(-0.999, 0.999),
    r_2=st.floats(-0.999, 0.999),
    n_1=st.integers(4, 500),
    n_2=st.integers(4, 500),
    method=st.sampled_from(["zou", "fisher"]),
)
def test_independent_identities(r_1, r_2, n_1, n_2, method):
    found = independent(r_1, r_2, n_1, n_2, method=method)
    consistent(found)
    mirrored(found, independent(r_2, r_1, n_2, n_1, method=method))


def test_uncorrelated_drivers_of_an_unrelated_pair_are_as_independent_as_two_groups():
    """Where nothing else correlates, two correlations of one group are tested as those of two groups of that size."""
    one = nonoverlapping(0.5, 0.3, 0, 0, 0, 0, 80)
    two = independent(0.5, 0.3, 80, 80)
    assert [one.conf_low, one.conf_high, one.p_value] == exactly([two.conf_low, two.conf_high, two.p_value])


def test_meng_takes_f_as_at_most_one():
    """Meng, Rosenthal & Rubin (1992), formula 3: here f would be 1.044, so that h is 1."""
    found = overlapping(0.3, -0.3, -0.9, 100, method="meng")
    assert found.statistic == exactly(2 * np.arctanh(0.3) * np.sqrt(97 / (2 * 1.9)))


def test_kernels_broadcast():
    R = np.stack([correlations(seed, 3) for seed in range(6)]).reshape(2, 3, 3, 3)
    r = (R[..., 0, 1], R[..., 0, 2], R[..., 1, 2])
    for method, row in contrasts.CORRELATION_TESTS["overlapping"].items():
        if row.std_error is not None:
            found = row.std_error(*r, 50.0)
            assert found.shape == (2, 3)
            assert found[1, 2] == exactly(overlapping(*(v[1, 2] for v in r), 50, method=method).std_error)


@st.composite
def two_groups(draw):
    n_1, n_2 = draw(SIZES), draw(SIZES)
    return draw(st.integers(0, n_1)), n_1, draw(st.integers(0, n_2)), n_2


@settings(max_examples=300, deadline=None)
@given(counts=two_groups(), method=st.sampled_from(contrasts.DIFFERENCE_METHODS), level=st.sampled_from([0.8, 0.95]))
def test_difference_identities(counts, method, level):
    x_1, n_1, x_2, n_2 = counts
    if method == "wald":
        assume(0 < x_1 < n_1 or 0 < x_2 < n_2)
    found = difference(*counts, method=method, conf_level=level)
    consistent(found)
    mirrored(found, difference(x_2, n_2, x_1, n_1, method=method, conf_level=level))
    mirrored(found, difference(n_1 - x_1, n_1, n_2 - x_2, n_2, method=method, conf_level=level))
    if method != "wald":
        assert found.conf_low >= -1 - 1e-12 and found.conf_high <= 1 + 1e-12


@settings(max_examples=300, deadline=None)
@given(counts=two_groups(), level=st.sampled_from([0.8, 0.95]))
def test_ratio_identities(counts, level):
    x_1, n_1, x_2, n_2 = counts
    assume(x_1 > 0 and x_2 > 0)
    found = risk_ratio(*counts, conf_level=level)
    other = risk_ratio(x_2, n_2, x_1, n_1, conf_level=level)
    consistent(found, null=1.0)
    assert other.statistic == pytest.approx(-found.statistic, rel=1e-9, abs=1e-12)
    assert [other.estimate, other.conf_low, other.conf_high] == pytest.approx(
        [1 / found.estimate, 1 / found.conf_high, 1 / found.conf_low], rel=1e-7
    )
    assert found.p_value == pytest.approx(difference(*counts, method="score").p_value, rel=1e-9, abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(counts=two_groups())
def test_odds_identities(counts):
    x_1, n_1, x_2, n_2 = counts
    assume(0 < x_1 < n_1 and 0 < x_2 < n_2)
    found = odds_ratio(*counts)
    consistent(found, null=1.0)
    for other in (odds_ratio(x_2, n_2, x_1, n_1), odds_ratio(n_1 - x_1, n_1, n_2 - x_2, n_2)):
        assert other.statistic == pytest.approx(-found.statistic, rel=1e-9, abs=1e-12)
        assert other.conf_low == pytest.approx(1 / found.conf_high, rel=1e-9)


@settings(max_examples=200, deadline=None)
@given(n=SIZES, part=st.floats(0, 1), method=st.sampled_from(list(contrasts.INTERVAL_METHODS)))
def test_proportion_identities(n, part, method):
    x = round(part * n)
    found, other = single(x, n, method=method), single(n - x, n, method=method)
    assert 0 <= found.conf_low <= found.estimate <= found.conf_high <= 1
    assert [other.conf_low, other.conf_high] == pytest.approx([1 - found.conf_high, 1 - found.conf_low], abs=1e-9)
    wider = single(x, n, method=method, conf_level=0.99)
    assert wider.conf_low <= found.conf_low and found.conf_high <= wider.conf_high


@settings(max_examples=100, deadline=None)
@given(counts=two_groups(), move=st.floats(-5, 5), stretch=st.floats(0.1, 10))
def test_trend_of_two_groups_is_the_pooled_test_whatever_the_scores(counts, move, stretch):
    x_1, n_1, x_2, n_2 = counts
    assume(0 < x_1 + x_2 < n_1 + n_2)
    found = trend([x_1, x_2], [n_1, n_2], scores=[move, move + stretch])
    pooled = difference(x_2, n_2, x_1, n_1, method="score")
    assert found.statistic == pytest.approx(pooled.statistic, rel=1e-7, abs=1e-9)
    assert found.estimate * stretch == pytest.approx(pooled.estimate, rel=1e-7, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    low=st.floats(-2, 0.4),
    width=st.floats(0.1, 3),
    method=st.sampled_from(["welch", "pooled", "paired"]),
)
def test_equivalence_identities(seed, low, width, method):
    x, y = np.random.default_rng(seed).normal(7, 2, size=(2, 20))
    bounds = (low, low + width)
    found = equivalence_rows(x, y, bounds=bounds, method=method)
    assert (found.verdict == "equivalent") == (bounds[0] < found.conf_low and found.conf_high < bounds[1])
    turned = equivalence_rows(y, x, bounds=(-bounds[1], -bounds[0]), method=method)
    assert turned.p_value == pytest.approx(found.p_value, rel=1e-9)
    assert [turned.conf_low, turned.conf_high] == pytest.approx([-found.conf_high, -found.conf_low])


def test_tests_hold_their_level():
    """2,000 samples of n = 40 in which y correlates equally with a and b: about 5 % are called different."""
    rng = np.random.default_rng(11)
    root = np.linalg.cholesky([[1, 0.5, 0.5], [0.5, 1, 0.4], [0.5, 0.4, 1.0]])
    x = rng.normal(size=(2000, 40, 3)) @ root.T
    x = x - x.mean(axis=1, keepdims=True)
    S = np.swapaxes(x, 1, 2) @ x
    sd = np.sqrt(np.einsum("...ii->...i", S))
    R = S / (sd[:, :, None] * sd[:, None, :])
    r = (R[:, 0, 1], R[:, 0, 2], R[:, 1, 2])
    rows = contrasts.CORRELATION_TESTS["overlapping"]
    for method in ("williams", "steiger", "meng", "dunn_clark"):
        gap = np.arctanh(r[0]) - np.arctanh(r[1]) if rows[method].fisher_z else r[0] - r[1]
        quantile = 2.0262 if rows[method].student else 1.96
        assert 0.035 < (np.abs(gap / rows[method].std_error(*r, 40.0)) > quantile).mean() < 0.065, method


# ---- from moments ---------------------------------------------------------------------------------------------------


def test_moments_and_printed_numbers_agree(rows):
    m = Moments.from_frame(rows, ["loyalty", "trust", "joy", "price"], provenance=MADE_UP)
    R = rows[["loyalty", "trust", "joy", "price"]].corr().to_numpy()
    for method in contrasts.CORRELATION_TESTS["overlapping"]:
        found = contrasts.correlation_contrast(m, "loyalty", "trust", "price", method=method)
        assert found.p_value == exactly(overlapping(R[0, 1], R[0, 3], R[1, 3], 60, method=method).p_value)
    assert (found.a, found.b, found.n) == ("trust", "price", 60)
    pair = contrasts.correlation_pair_contrast(m, ("loyalty", "trust"), ("joy", "price"))
    by_hand = nonoverlapping(R[0, 1], R[2, 3], R[0, 2], R[0, 3], R[1, 2], R[1, 3], 60)
    assert pair.p_value == exactly(by_hand.p_value)
    assert pair.value(("loyalty with trust", "joy with price")).value == exactly(R[0, 1] - R[2, 3])


def test_draws_give_the_interval(rows):
    names = ["loyalty", "trust", "speed"]
    m = Moments.from_frame(rows, names, provenance=MADE_UP)
    draws = Moments.bootstrap(rows, names, cluster="branch", n_draws=500, seed=3, provenance=MADE_UP)
    found = contrasts.correlation_contrast(m, "loyalty", "trust", "speed", draws=draws, conf_level=0.5)
    gaps = draws.corr[:, 0, 1] - draws.corr[:, 0, 2]
    assert [found.conf_low, found.conf_high] == exactly(list(np.quantile(gaps, [0.25, 0.75])))
    assert found.estimate == exactly(m.corr[0, 1] - m.corr[0, 2])
    assert found.verdict == "more" and np.isnan(found.p_value)
    assert "500 bootstrap draws of 12 clusters (branch), seed 3" in found.provenance.steps


def test_weights_count_by_their_effective_number(rows):
    m = Moments.from_frame(rows, ["loyalty", "trust", "joy"], weight="wt", provenance=MADE_UP)
    found = contrasts.correlation_contrast(m, "loyalty", "trust", "joy")
    kish = rows["wt"].sum() ** 2 / (rows["wt"] ** 2).sum()
    assert found.n == exactly(kish)
    r = m.corr
    assert found.conf_low == exactly(overlapping(r[0, 1], r[0, 2], r[1, 2], kish).conf_low)


def test_segments_are_independent_groups(rows):
    frame = rows.assign(app=np.where(rows["branch"] < 5, "yes", "no"), promoter=(rows["loyalty"] > 0).astype(float))
    m = Moments.from_frame(frame, ["loyalty", "trust"], by="app", provenance=MADE_UP)
    parts = [frame[frame["app"] == label] for label in ("yes", "no")]
    r = [part["loyalty"].corr(part["trust"]) for part in parts]
    for method in ("zou", "fisher"):
        found = contrasts.correlation_segment_contrast(m, "loyalty", "trust", "yes", "no", method=method)
        assert found.p_value == exactly(independent(*r, *map(len, parts), method=method).p_value)
    promoters = Moments.from_frame(frame, ["promoter"], by="app", provenance=MADE_UP)
    counts = [int(value) for part in parts for value in (part["promoter"].sum(), len(part))]
    for method in contrasts.DIFFERENCE_METHODS:
        found = contrasts.proportion_segment_contrast(promoters, "promoter", "yes", "no", method=method)
        assert [found.p_value, found.conf_low] == exactly(
            [difference(*counts, method=method).p_value, difference(*counts, method=method).conf_low]
        )
    with pytest.raises(DataError, match=r"^'loyalty' holds other values than 0 and 1; make it an indicator first\.$"):
        contrasts.proportion_segment_contrast(m, "loyalty", "yes", "no")


# ---- what a result says ---------------------------------------------------------------------------------------------


def test_tidy_holds_what_the_method_gives_and_nothing_else():
    zou = overlapping(0.6, 0.4, 0.3, 100, labels=("trust", "price"))
    named = ["term", "against", "estimate"]
    assert list(zou.tidy()) == [*named, "statistic", "p_value", "conf_low", "conf_high"]
    williams = overlapping(0.6, 0.4, 0.3, 100, method="williams")
    assert list(williams.tidy()) == [*named, "std_error", "statistic", "df", "p_value"]
    assert list(single(3, 10).tidy()) == [*named, "conf_low", "conf_high"]
    tost = equivalence_mean(0.1, 1, 50, bounds=(-1, 1)).tidy()
    assert list(tost)[7:] == [
        "conf_low", "conf_high", "bound_low", "bound_high", "statistic_low", "p_value_low", "statistic_high", "p_value_high",
    ]  # fmt: skip
    assert [len(frame) for frame in (zou.tidy(), zou.glance(), tost)] == [1, 1, 1]
    assert zou.glance().iloc[0].to_dict() == {
        "method": "zou",
        "measure": "difference of correlations",
        "n": 100,
        "conf_level": 0.95,
    }


def test_quantity_carries_interval_and_origin():
    found = difference(56, 70, 48, 80, labels=("app", "branch"), conf_level=0.9)
    assert f"{found.quantity:ci.2f}" == f"0.20 (90% CI {found.conf_low:.2f} to {found.conf_high:.2f})"
    assert found.quantity.origin == "Inference: app, branch, estimate"
    assert found.quantity.provenance is MADE_UP
    assert found.value(("app", "branch"), "p_value").conf_low is None


def test_repr_is_one_factual_line():
    assert repr(single(15, 50, label="promoters")) == (
        "Inference(wilson) of 'promoters': proportion 0.300, 95% interval 0.191 to 0.438"
    )
    assert repr(overlapping(0.6, 0.6, 0.3, 100, method="williams")) == (
        "Inference(williams) of 'a' against 'b': difference of correlations 0.000, p = 1.000"
    )


def test_verdicts():
    assert overlapping(0.7, 0.3, 0.3, 100).verdict == "more"
    assert overlapping(0.3, 0.7, 0.3, 100, method="williams").verdict == "less"
    assert overlapping(0.5, 0.45, 0.3, 100, method="steiger").verdict == "undecided"
    assert risk_ratio(10, 100, 40, 100).verdict == "less"
    with pytest.raises(ModelError) as caught:
        _ = single(3, 10, label="promoters").verdict
    assert str(caught.value) == (
        "proportion of 'promoters' stands by itself; a verdict needs something to compare with."
    )


# ---- wrong input ----------------------------------------------------------------------------------------------------

MEANS = (7.0, 1.0, 20, 7.1, 1.0, 20)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: overlapping(0.5, 0.3, 0.2, 50, method="wiliams"), UnknownName, "method 'wiliams' does not exist; did you mean 'williams'? Possible: zou, williams, steiger, meng, dunn_clark, hotelling, pearson_filon."),
        (lambda: nonoverlapping(0.5, 0.3, 0, 0, 0, 0, 50, method="meng"), UnknownName, "method 'meng' does not exist. Possible: zou, steiger, dunn_clark, pearson_filon."),
        (lambda: overlapping(75, 0.3, 0.2, 50), MatrixError, "r_ya is 75; allowed: a correlation between −1 and 1, not −1 or 1 itself."),
        (lambda: independent(0.5, float("nan"), 50, 50), MatrixError, "r_2 is nan; allowed: a correlation between −1 and 1, not −1 or 1 itself."),
        (lambda: overlapping(0.9, 0.1, 0.8, 50), MatrixError, "no data can have these correlations: where y correlates 0.9 with a and 0.1 with b, r_ab lies between -0.344 and 0.524; it is 0.8. Look for a printing or typing error."),
        (lambda: nonoverlapping(0.9, 0.9, 0.9, -0.9, 0.9, 0.9, 50), MatrixError, "no four variables can have these six correlations, unless one is determined by the others: the smallest eigenvalue of their matrix is -1.012, allowed: above 0. Look for a printing or typing error."),
        (lambda: overlapping(0.5, 0.3, 0.2, 3), ModelError, "n = 3 is not possible; a comparison of correlations needs at least 4 respondents."),
        (lambda: independent(0.5, 0.3, 50, float("nan")), ModelError, "n = nan is not possible; a comparison of correlations needs at least 4 respondents."),
        (lambda: overlapping(0.5, 0.3, 0.2, 50, conf_level=95), ModelError, "conf_level is 95; allowed: between 0 and 1, such as 0.95."),
        (lambda: single(3, 10, conf_level=1), ModelError, "conf_level is 1; allowed: between 0 and 1, such as 0.95."),
        (lambda: single(11, 10), DataError, "11 of 10 is not possible; a count lies between 0 and its total."),
        (lambda: difference(-1, 10, 3, 10), DataError, "-1 of 10 is not possible; a count lies between 0 and its total."),
        (lambda: difference(1, 10, 0, 0), DataError, "0 of 0: counts are whole numbers, and there is at least 1 respondent."),
        (lambda: odds_ratio(0.3, 10, 3, 10), DataError, "0.3 of 10: counts are whole numbers, and there is at least 1 respondent."),
        (lambda: single(float("nan"), 10), DataError, "nan of 10: counts are whole numbers, and there is at least 1 respondent."),
        (lambda: single(1, float("inf")), DataError, "1 of inf: counts are whole numbers, and there is at least 1 respondent."),
        (lambda: single(1, 10, method="wald"), UnknownName, "method 'wald' does not exist. Possible: wilson, clopper_pearson, jeffreys, agresti_coull."),
        (lambda: difference(0, 10, 10, 10, method="wald"), ModelError, "proportions of 0 or 1 leave wald without a standard error; use method='newcombe'."),
        (lambda: risk_ratio(5, 10, 0, 12, labels=("app", "branch")), ModelError, "nobody of 12 in 'branch' said yes, so there is no ratio; use compare_proportions."),
        (lambda: odds_ratio(5, 10, 0, 12), ModelError, "proportions of 0 or 1 leave woolf without a standard error; use compare_proportions."),
        (lambda: trend([1, 2], [5, 5, 5]), DataError, "2 counts, 3 totals and 2 scores do not fit; give 2 or more of each."),
        (lambda: trend([1, 2], [5, 5], scores=[3, 3]), DataError, "scores 3, 3 do not order the groups; give finite numbers that are not all equal."),
        (lambda: trend([5, 5], [5, 5]), ModelError, "proportions of 0 or 1 leave the trend test without a standard error; there is nothing to test."),
        (lambda: trend([1, 2], [5, 5], variance="exact"), UnknownName, "variance 'exact' does not exist. Possible: binomial, hypergeometric."),
        (lambda: equivalence_means(*MEANS, bounds=(1, -1)), ModelError, "bounds (1, -1) or estimate -0.1: give finite numbers, the lower bound first."),
        (lambda: equivalence_means(*MEANS, bounds=(-1, 1), method="paired"), UnknownName, "method 'paired' does not exist. Possible: welch, pooled."),
        (lambda: equivalence_means(7, 0, 20, 7, 1, 20, bounds=(-1, 1)), DataError, "a standard deviation is 0; allowed: above 0. Scores that do not vary cannot be tested."),
        (lambda: equivalence_mean(7, 1, 1, bounds=(-1, 1)), ModelError, "n = 1 is not possible; a mean and its standard deviation needs at least 2 respondents."),
        (lambda: equivalence_correlation(0.1, 50, bounds=(-0.2, 2)), MatrixError, "the upper bound is 2; allowed: a correlation between −1 and 1, not −1 or 1 itself."),
        (lambda: equivalence_correlation(0.1, 50, bounds=(0.2, 0.2)), ModelError, "bounds (0.2, 0.2) or estimate 0.1: give finite numbers, the lower bound first."),
        (lambda: equivalence_rows([1, 2, np.nan], [1, 2, 4], bounds=(-1, 1)), DataError, "'first' has 1 of 3 scores missing or infinite; remove those respondents first."),
        (lambda: equivalence_rows([1, 2, 3], [1, 2], bounds=(-1, 1), method="paired"), DataError, "3 and 2 scores are not of the same respondents; 'paired' needs pairs."),
        (lambda: equivalence_rows([1, 2, 3], bounds=(-1, 1)), DataError, "method 'welch' needs x and y."),
        (lambda: equivalence_rows([1, 2, 3], [1, 2, 4], bounds=(-1, 1), method="one_sample"), DataError, "method 'one_sample' takes x alone; leave y out."),
        (lambda: equivalence_rows([1, 2, 3], [2, 3, 4], bounds=(-1, 1), method="paired"), DataError, "a standard deviation is 0; allowed: above 0. Scores that do not vary cannot be tested."),
        (lambda: equivalence_rows([1, 2, 3], [2, 2, 2], bounds=(-0.5, 0.5), method="correlation"), DataError, "a standard deviation is 0; allowed: above 0. Scores that do not vary cannot be tested."),
    ],
)  # fmt: skip
def test_wrong_input_is_one_clear_message(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_moments_that_do_not_fit_are_refused(rows):
    frame = rows.assign(app=np.where(rows["branch"] < 5, "yes", "no"))
    names = ["loyalty", "trust", "joy"]
    m = Moments.from_frame(frame, names, provenance=MADE_UP)
    segments = Moments.from_frame(frame, names, by="app", provenance=MADE_UP)
    draws = Moments.bootstrap(frame, names, n_draws=200, provenance=MADE_UP)
    ask = contrasts.correlation_contrast
    with pytest.raises(ModelError, match=r"^these moments are several sets; pick one with \[label\]"):
        ask(segments, *names)
    with pytest.raises(ModelError, match=r"^the interval is either that of the draws or that of method 'zou'"):
        ask(m, *names, method="zou", draws=draws)
    with pytest.raises(ModelError, match=r"^draws= are not draws in which every variable varies"):
        ask(m, *names, draws=m)
    with pytest.raises(ModelError, match=r"^both pairs hold trust; use correlation_contrast"):
        contrasts.correlation_pair_contrast(m, ("loyalty", "trust"), ("trust", "joy"))
    with pytest.raises(UnknownName, match=r"^variable 'trsut' does not exist; did you mean 'trust'\?"):
        ask(m, "loyalty", "trsut", "joy")
    with pytest.raises(UnknownName, match=r"^set 'maybe' does not exist"):
        contrasts.correlation_segment_contrast(segments, "loyalty", "trust", "yes", "maybe")
    with pytest.raises(DataError, match=r"^a variable is named twice"):
        ask(m, "loyalty", "trust", "trust")


def test_an_impossible_result_is_not_made():
    with pytest.raises(ModelError, match=r"^zou cannot be computed for these numbers"):
        contrasts.Inference("a", "b", float("nan"), "difference", "zou", 10, MADE_UP)
    with pytest.raises(ModelError, match=r"^zou cannot be computed for these numbers"):
        contrasts.Inference("a", "b", 0.1, "difference", "zou", 10, MADE_UP, conf_low=0.2, conf_high=0.1)


def test_results_of_several_methods_stack():
    frame = pd.concat([overlapping(0.6, 0.4, 0.3, 100, method=method).tidy() for method in ("zou", "williams")])
    assert frame["estimate"].nunique() == 1
    assert frame["df"].isna().tolist() == [True, False]


def test_printed_numbers_are_enough_and_their_source_is_not_stated_until_someone_says_it():
    of_one = [
        contrasts.compare_overlapping_correlations(0.75, 0.53, 0.40, 120),
        contrasts.compare_nonoverlapping_correlations(0.6, 0.3, 0.4, 0.2, 0.3, 0.3, 200),
        contrasts.compare_independent_correlations(0.5, 0.3, 100, 100),
        contrasts.equivalence_means(7.4, 1.8, 400, 7.5, 1.9, 350, bounds=(-0.5, 0.5)),
        contrasts.equivalence_mean(0.05, 1.2, 300, bounds=(-0.3, 0.3)),
        contrasts.equivalence_paired(7.4, 1.8, 7.5, 1.9, 0.6, 300, bounds=(-0.5, 0.5)),
        contrasts.equivalence_correlation(0.02, 400, bounds=(-0.1, 0.1)),
        contrasts.equivalence_rows([7, 8, 6, 9, 7], [7, 8, 7, 8, 7], bounds=(-1, 1), method="paired"),
        contrasts.proportion_interval(15, 50),
        contrasts.compare_proportions(56, 70, 48, 80),
        contrasts.risk_ratio(56, 70, 48, 80),
        contrasts.odds_ratio(56, 70, 48, 80),
        contrasts.trend_in_proportions([12, 18, 30], [50, 50, 50]),
        loyalty.net_promoter_from_shares(0.5, 0.3, 0.2, 400),
        drivers.contrast_ranges([0.75, 0.53], ["emotional", "rational"], n=9213),
        drivers.sensitivity([0.75, 0.53], ["emotional", "rational"], n=9213),
    ]
    assert {found.provenance.tier for found in of_one} == {"unstated"}
