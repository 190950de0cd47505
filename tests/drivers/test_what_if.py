"""A table changed by hand: possible or refused, synthetic on its face, and sliders that draw it anew."""

import base64
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loyaltylab as ll
from loyaltylab.core.errors import MatrixError, ModelError, UnknownName
from loyaltylab.exhibits.interactive import _VERDICTS
from loyaltylab.kernels.feasible import entry_bounds

from ..conftest import MADE_UP

ORIGIN = ll.Provenance("published", "three drivers", "Author (2020)")
NAMES = ["loyalty", "trust", "joy", "price"]
R = np.array([[1, 0.6, 0.5, 0.4], [0.6, 1, 0.5, 0.3], [0.5, 0.5, 1, 0.2], [0.4, 0.3, 0.2, 1]])
BLOCKS = {"emotional": ["trust", "joy"], "rational": ["price"]}
LABELS = {"loyalty": "Loyalty", "trust": "Trust", "joy": "Joy", "price": "Price", "emotional": "emotional"}


@pytest.fixture(scope="module")
def table():
    return ll.Moments.from_correlations(R, NAMES, n=200, sd=[2, 1, 1, 3], mean=[5, 4, 4, 3], provenance=ORIGIN)


# ---- what is possible ---------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(k=st.integers(2, 6), seed=st.integers(0, 10**6))
def test_the_range_is_where_the_smallest_eigenvalue_leaves_zero(k, seed):
    """Against brute force: just inside every eigenvalue is positive, just outside one is negative."""
    x = np.random.default_rng(seed).normal(size=(k + 3, k)) @ np.random.default_rng(seed + 1).normal(size=(k, k))
    M = np.corrcoef(x, rowvar=False)
    low, high = entry_bounds(M, 0, 1)
    assert -1 - 1e-9 <= low <= M[0, 1] <= high <= 1 + 1e-9
    for value, sign in ((low, 1), (high, -1)):
        inside, outside = M.copy(), M.copy()
        inside[0, 1] = inside[1, 0] = value + sign * 1e-3 * (high - low)
        outside[0, 1] = outside[1, 0] = value - sign * 1e-3 * (high - low)
        assert np.linalg.eigvalsh(inside)[0] > 0 > np.linalg.eigvalsh(outside)[0]


def test_there_is_no_range_where_the_others_are_impossible():
    assert np.isnan(entry_bounds(np.array([[1, 0, 0.9, 0.9], [0, 1, 0, 0], [0.9, 0, 1, -0.9], [0.9, 0, -0.9, 1]]), 0, 1)).all()  # fmt: skip


def test_two_variables_alone_leave_every_correlation(table):
    assert ll.drivers.possible_correlations(table.select(["loyalty", "trust"]), "loyalty", "trust") == (-1, 1)


# ---- the changed table --------------------------------------------------------------------------------------------------


def test_only_the_one_correlation_changes(table):
    changed = ll.what_if(table, "loyalty", "trust", correlation=0.2)
    expected = R.copy()
    expected[0, 1] = expected[1, 0] = 0.2
    np.testing.assert_allclose(changed.corr, expected, atol=1e-12)
    np.testing.assert_allclose(np.sqrt(np.diagonal(changed.cov)), [2, 1, 1, 3])
    assert changed.mean.tolist() == [5, 4, 4, 3] and changed.n == 200
    np.testing.assert_allclose(table.corr, R, atol=1e-12, err_msg="the table itself is untouched")


def test_a_changed_table_is_synthetic_and_says_what_was_changed(table):
    origin = ll.what_if(table, "loyalty", "trust", correlation=0.2).provenance
    assert origin.tier == "synthetic"
    assert origin.source["en"] == "a table changed by hand, which nobody observed; made from: three drivers"
    assert origin.steps == ("correlations with loyalty set to: trust 0.2 (it was 0.600)",)


def test_the_same_correlation_gives_the_same_shares_yet_no_evidence(table):
    same = ll.drivers.hypothetical(table, "loyalty", BLOCKS, {"trust": 0.6})
    np.testing.assert_allclose(same.after.shares, same.before.shares, atol=1e-12)
    assert same.provenance.tier == "synthetic" and same.before.provenance.tier == "published"


def test_shares_are_those_of_importance_on_the_changed_table(table):
    result = ll.drivers.hypothetical(table, "loyalty", BLOCKS, {"trust": 0.3, "price": 0.5})
    made = R.copy()
    made[0, [1, 3]] = made[[1, 3], 0] = 0.3, 0.5
    again = ll.importance(ll.Moments.from_correlations(made, NAMES, n=200, provenance=MADE_UP), "loyalty", BLOCKS)
    np.testing.assert_allclose(result.tidy()["share"], again.shares, atol=1e-12)
    assert result.stat("r_squared").value == pytest.approx(again.r_squared)
    assert result.tidy()["correlation"].tolist() == pytest.approx([0.3, 0.5, 0.5])
    assert result.tidy()["correlation_found"].tolist() == pytest.approx([0.6, 0.5, 0.4])
    assert repr(result) == "Hypothetical shares of 3 drivers of 'loyalty'; changed by hand: trust 0.30, price 0.50"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"trust": -0.6}, MatrixError, "no data can have a correlation of -0.6 between trust and loyalty: the other correlations leave it between -0.369 and 0.994."),
        ({"trust": 1.2}, ModelError, "the correlation of trust is 1.2; it is a number between -1 and 1."),
        ({"trust": float("nan")}, ModelError, "the correlation of trust is nan; it is a number between -1 and 1."),
        ({"loyalty": 0.2}, ModelError, "loyalty is the outcome itself; name a driver whose correlation with it is changed."),
        ({"trust": 0.99, "joy": -0.9, "price": 0.9}, MatrixError, "no data can have these correlations with loyalty together: trust 0.99, joy -0.9, price 0.9. Bring two or more of them nearer to what was found."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_range_that_can(table, change, error, message):
    with pytest.raises(error) as caught:
        ll.drivers.hypothetical(table, "loyalty", BLOCKS, change)
    assert str(caught.value) == message


def test_a_name_that_is_not_there_and_many_sets_are_refused(table):
    with pytest.raises(UnknownName, match="variable 'trist' does not exist; did you mean 'trust'"):
        ll.what_if(table, "loyalty", "trist", correlation=0.1)
    with pytest.raises(ModelError, match="a correlation is changed in one set of moments"):
        ll.what_if(table.draws(n_draws=100, seed=1), "loyalty", "trust", correlation=0.1)


def test_the_turning_point_is_where_another_driver_comes_first(table):
    """By brute force over the same steps."""
    point = ll.drivers.turning_point(table, "loyalty", BLOCKS, "trust")
    assert point.verdict == "overtaken" and point.against == "joy"

    def first(r):
        return (
            ll.drivers.hypothetical(table, "loyalty", BLOCKS, {"trust": r}).tidy().set_index("term")["share"].idxmax()
        )

    assert first(point.estimate) == "trust" and first(point.estimate - 0.01) == "joy"
    with pytest.raises(ModelError) as caught:
        ll.drivers.turning_point(table, "loyalty", BLOCKS, "joy")
    assert str(caught.value) == "joy is not the first driver of loyalty here; trust is."


def test_a_driver_alone_is_never_overtaken(table):
    alone = ll.drivers.turning_point(table, "loyalty", ["trust"], "trust")
    assert alone.verdict == "never" and np.isnan(alone.estimate)


# ---- figure and sliders -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_figure_says_that_nobody_observed_it_and_fits_every_width(table, tmp_path, language):
    import json

    result = ll.drivers.hypothetical(table, "loyalty", BLOCKS, {"trust": 0.3})
    figure = ll.exhibits.plot_what_if(result, id="fig-what-if", title="T", labels=LABELS, language=language)
    figure.save(tmp_path, widths=["one", "two", "slide"])
    card = json.loads((tmp_path / "fig-what-if.json").read_text(encoding="utf-8"))
    assert "does_not_fit" not in card and card["tier"] == "synthetic"
    assert {"en": "which nobody observed", "nl": "die niemand heeft waargenomen"}[language] in figure.caption
    assert {"en": "Trust 0.60 → 0.30", "nl": "Trust 0,60 → 0,30"}[language] in figure.caption
    share = f"{result.value('trust', 'share').value:.0%}"
    assert f"Trust {share} " in figure.alt


@pytest.mark.slow
def test_moving_a_slider_draws_the_figure_anew(table):
    box = ll.sliders(table, "loyalty", BLOCKS, labels=LABELS)
    _, moved, reset, shown = box.children
    assert [slider.description for slider in moved.children] == ["Trust", "Joy", "Price"], "the strongest first"
    before = shown.value
    moved.children[0].value = 0.3
    assert shown.value != before and "instead of" in shown.value and "no evidence" in shown.value
    share = ll.drivers.hypothetical(table, "loyalty", BLOCKS, {"trust": 0.3}).value("trust", "share")
    assert f"Trust: {share:.0%} of what is explained" in shown.value
    assert base64.b64decode(re.search('base64,([^"]+)', shown.value)[1]).startswith(b"<?xml")
    reset.click()
    assert shown.value == before


def test_a_browser_that_rounds_otherwise_has_moved_nothing(table):
    _, moved, _, shown = ll.sliders(table, "loyalty", BLOCKS, labels=LABELS).children
    before = shown.value
    moved.children[0].value = 0.6000000000000001
    assert shown.value == before and "nothing is changed" in before


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl"])
def test_what_cannot_be_fades_the_figure_and_is_said_in_labels(table, language):
    _, moved, _, shown = ll.sliders(table, "loyalty", BLOCKS, labels=LABELS, language=language).children
    for slider in moved.children:
        slider.value = slider.max
    assert {"en": "No answers can correlate like this", "nl": "Geen antwoorden kunnen"}[language] in shown.value
    assert "opacity: 0.25" in shown.value and "<img" in shown.value
    assert "Trust " in shown.value.split("<div")[0] and "trust" not in shown.value.split("<div")[0]
    for slider in moved.children:
        slider.value = 0.1
    assert "opacity" not in shown.value


def test_block_totals_stand_below_and_a_driver_that_works_against_explains(table):
    _, moved, _, shown = ll.sliders(table, "loyalty", BLOCKS, labels=LABELS).children
    found = ll.importance(table, "loyalty", BLOCKS).blocks()
    said = ", ".join(f"{name} {share:.0%}" for name, share in zip(found.terms, found.shares, strict=True))
    assert f"Blocks: {said}. R²" in shown.value and "explains all the same" not in shown.value
    moved.children[-1].value = moved.children[-1].min
    assert moved.children[-1].value < 0 and "Price: the more of it, the less" in shown.value


# ---- drivers in other blocks ------------------------------------------------------------------------------------------------


TWO = {"emotional": ["trust", "joy"], "rational": ["price", "speed"]}


@pytest.fixture(scope="module")
def found():
    r = np.eye(5)
    r[0, 1:] = r[1:, 0] = [0.6, 0.5, 0.1, 0.1]
    four = ll.Moments.from_correlations(r, [*NAMES, "speed"], n=300, provenance=ORIGIN)
    return ll.importance(four, "loyalty", TWO, draws=four.draws(n_draws=200, seed=1))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_driver_put_in_another_block_moves_totals_and_verdict(found, language):
    a, b = TWO
    _, buttons, reset, shown = ll.block_buttons(found, a, b, labels=LABELS, language=language).children
    before = shown.value
    assert [row.children[0].value for row in buttons.children] == ["Trust", "Joy", "Price", "speed"]
    gap = found.contrast(a, b).difference.text("ci+.0pp", language)
    assert gap in before
    buttons.children[0].children[1].value = b
    moved = found.regrouped({a: ["joy"], b: ["trust", "price", "speed"]})
    assert found.verdict_on(a, b) == "more" != moved.verdict_on(a, b)
    assert moved.contrast(a, b).difference.text("ci+.0pp", language) in shown.value
    before_verdict, verdict = (
        _VERDICTS[one.verdict_on(a, b)][language].format(a="emotional", b=b) for one in (found, moved)
    )
    assert f"<strong>{verdict}</strong>" in shown.value and ": Trust. " in shown.value
    assert shown.value.endswith(f"{before_verdict}</p>")
    reset.click()
    assert shown.value == before


def test_a_block_without_drivers_fades_the_figure(found):
    a, b = TWO
    _, buttons, _, shown = ll.block_buttons(found, a, b, labels=LABELS | {b: "<b>Reason</b>"}).children
    for button in buttons.children:
        button.children[1].value = a
    said, faded = shown.value.split("<div", 1)
    assert "No driver is left in the block “&lt;b&gt;Reason&lt;/b&gt;”" in said and "<img" in faded


@pytest.mark.slow
def test_each_end_of_a_slider_is_possible(table):
    _, moved, _, shown = ll.sliders(table, "loyalty", BLOCKS, labels=LABELS).children
    for slider in moved.children:
        start = slider.value
        for end in (slider.min, slider.max):
            slider.value = end
            assert "<img" in shown.value, (slider.description, end)
        slider.value = start


def test_labels_are_text_in_a_widget(table):
    _, moved, _, shown = ll.sliders(table, "loyalty", BLOCKS, labels=LABELS | {"trust": "<b>Trust</b>"}).children
    moved.children[0].value = 0.3
    assert "<b>" not in shown.value and "&lt;b&gt;Trust" in shown.value


# ---- answers ------------------------------------------------------------------------------------------------------------


def test_answers_are_checked_without_giving_them_away(table):
    expected = ll.importance(table, "loyalty", BLOCKS).stat("r_squared")
    said = [
        str(ll.exhibits.check_answer(given, expected)) for given in (None, 0.1, 0.9, round(expected.value, 2), "much")
    ]
    assert said == ["Not answered yet.", "Not yet: it is more.", "Not yet: it is less.", "Right.", "Not yet."]
    assert [ll.exhibits.check_answer(given, "no").right for given in ("", "Yes", " No ")] == [None, False, True]
    assert str(ll.exhibits.check_answer(0.1, expected, language="nl")) == "Nog niet: het is meer."
