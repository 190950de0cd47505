"""Necessary conditions: areas worked out by hand from the published definitions, invariances and simulated ceilings."""

import numpy as np
import pandas as pd
import pytest

from loyaltylab import Codebook, necessity, read_survey
from loyaltylab.codebook.entries import Item
from loyaltylab.core.errors import DataError, ModelError, UnknownName
from loyaltylab.models.necessary_conditions import _copula, _drawn
from tests.benchmarks import coverage


def survey_of(x, y, span=(0, 10)):
    items = {name: Item(name, {"en": name}, range=span) for name in ("x", "y")}
    return read_survey(pd.DataFrame({"x": x, "y": y}), Codebook("made up", {}, items, {}, {"en": "", "nl": ""}))


# Corners (0, 2), (4, 6), (8, 10); others below. Scope 10 × 10 by (10, 0).
X, Y = [0, 4, 8, 10, 6, 9], [2, 6, 10, 0, 5, 7]


def test_steps_by_hand():
    found = necessity(survey_of(X, Y), "x", "y", min_cell=1)
    # (10 − 2) · 4 + (10 − 6) · 4 + 0 · 2 = 48 of 100
    assert found.zone == pytest.approx(48) and found.scope == 100 and found.effect == pytest.approx(0.48)
    assert found.accuracy == 1 and found.size == "large"
    np.testing.assert_array_equal(found.tops, [2, 6, 6, 10, 10, 10])


def test_bottlenecks_by_hand():
    table = necessity(survey_of(X, Y), "x", "y", min_cell=1).tidy().set_index("answer")
    needed = table["estimate"]
    assert np.isnan(needed["0%"]) and np.isnan(needed["20%"])
    assert needed[["30%", "60%", "70%", "100%"]].tolist() == [4, 4, 8, 8]
    assert table["share"]["70%"] == pytest.approx(3 / 6)


def test_the_line_through_the_corners_by_hand():
    found = necessity(survey_of(X, Y), "x", "y", ceiling="cr_fdh", min_cell=1)
    # the corners lie on y = 2 + x: a triangle of 8 by 8
    assert found.zone == pytest.approx(32) and found.accuracy == 1
    bent = necessity(survey_of([0, 2, 4, 6, 10], [1, 5, 6, 10, 0]), "x", "y", ceiling="cr_fdh", min_cell=1)
    # corners (0,1), (2,5), (4,6), (6,10): slope 28/20 = 1.4, intercept 5.5 − 1.4 · 3 = 1.3; reaches 10 at 8.7/1.4
    assert bent.zone == pytest.approx(8.7 * (8.7 / 1.4) / 2)
    assert bent.accuracy == pytest.approx(3 / 5), "(2, 5) and (6, 10) lie above 4.1 and 9.7"


def test_the_theoretical_scope_adds_what_nobody_answered():
    found = necessity(survey_of([2, 4, 8], [2, 6, 8]), "x", "y", scope="theoretical", min_cell=1)
    # 2 · 10 left of the lowest condition, then 2 · 8 + 4 · 4 + 2 · 2
    assert found.zone == pytest.approx(56) and found.scope == 100


def test_rescaling_changes_nothing():
    rng = np.random.default_rng(3)
    x = rng.integers(0, 8, 150)
    y = np.minimum(rng.integers(0, 8, 150), x + 1)
    for ceiling in ("ce_fdh", "cr_fdh"):
        a = necessity(survey_of(x, y), "x", "y", ceiling=ceiling, n_permutations=200)
        b = necessity(survey_of(x + 1, 10 * y + 7, (0, 100)), "x", "y", ceiling=ceiling, n_permutations=200)
        assert a.effect == pytest.approx(b.effect) and a.p_value == b.p_value
        assert a.effect_protected == pytest.approx(b.effect_protected)


def test_a_built_ceiling_is_found_and_no_ceiling_is_not():
    rng = np.random.default_rng(8)
    x, free = rng.uniform(0, 10, (2, 600))
    bound = necessity(survey_of(x, free * np.minimum(1, (2 + 0.8 * x) / 10)), "x", "y", n_permutations=500)
    # above y = 2 + 0.8 x lies a triangle of 10 by 8: 40 of 100
    assert bound.effect == pytest.approx(0.4, abs=0.03) and bound.verdict == "necessary" and bound.p_value == 1 / 501
    none = necessity(survey_of(x, free), "x", "y", n_permutations=500)
    assert none.effect < 0.1 and none.verdict == "not shown"


@pytest.mark.slow
def test_the_permutation_test_keeps_its_level():
    rng = np.random.default_rng(11)
    p = [
        necessity(survey_of(*rng.integers(0, 6, (2, 60))), "x", "y", n_permutations=100, seed=i).p_value_unrelated
        for i in range(300)
    ]
    assert np.mean(np.array(p) <= 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    assert np.mean(np.array(p) <= 0.5) < 0.5 + 3 * np.sqrt(0.25 / 300)


@pytest.mark.slow
def test_answers_that_only_go_together_are_not_called_necessary():
    """r = .7 and n = 344: random pairings are beaten in nearly every sample, and nothing is necessary."""
    (_, found), = coverage.necessity(40, designs=[(0.7, 344)])  # fmt: skip
    assert found["p of random pairings below .05"] > 0.9 and found["necessary"] <= 0.15


def test_paired_answers_keep_their_values_and_their_correlation():
    rng = np.random.default_rng(2)
    z = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=500)
    x, y = np.sort(np.digitize(z[:, 0], [-1, 0, 0.5])), np.digitize(z[:, 1], [-0.5, 1])
    for r in (-0.4, 0.0, 0.55):
        pairs = _drawn(y, 300, _copula(x, y, r, seed=1), np.random.default_rng(9))
        assert (np.sort(pairs, axis=1) == np.sort(y)).all()
        assert np.mean([np.corrcoef(x, row)[0, 1] for row in pairs]) == pytest.approx(r, abs=0.01)
    assert _copula(x, y, 0.999, seed=1) == 1, "more than these answers can have"


def test_one_respondent_takes_the_strict_zone_away_but_not_the_protected_one():
    x, y = np.repeat([1, 3, 5, 7], 30), np.repeat([2, 4, 6, 8], 30)
    before = necessity(survey_of(x, y), "x", "y")
    after = necessity(survey_of([*x, 1], [*y, 8]), "x", "y")
    assert before.effect > 0.5 and after.effect == 0 and after.verdict == "not shown"
    assert after.effect_protected == pytest.approx(before.effect_protected)
    assert after.tops.max() <= 8 and after.tops[0] == 2, "the one respondent is not in what may be drawn"


def test_what_cannot_be_is_refused():
    survey = survey_of(X, Y)
    with pytest.raises(UnknownName) as error:
        necessity(survey, "x", "y", ceiling="fdh")
    assert str(error.value).startswith("ceiling 'fdh'") and "ce_fdh, cr_fdh" in str(error.value)
    with pytest.raises(ModelError) as error:
        necessity(survey_of([1] * 6, Y), "x", "y")
    assert str(error.value) == "x: everyone has the same value, so nothing can be necessary. Leave it out."
    with pytest.raises(ModelError) as error:
        necessity(survey, "x", "x")
    assert str(error.value) == "'x' is both condition and outcome; name two different variables."
    with pytest.raises(DataError) as error:
        necessity(survey, "x", "y")
    assert str(error.value) == "min_cell is 10; allowed: from 1 to the 6 complete respondents."
