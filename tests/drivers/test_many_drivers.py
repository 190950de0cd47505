"""More drivers than every draw can be divided over exactly: which road is taken, what it costs, what is said, does it hold?"""

import importlib
import re
import sys
from dataclasses import replace
from math import comb, factorial

import numpy as np
import pytest

import loyaltylab as ll
from loyaltylab import METHODS, importance
from loyaltylab.core.errors import ModelError, UnknownName
from loyaltylab.core.provenance import Provenance
from loyaltylab.drivers.routes import division
from loyaltylab.kernels import attribution, linalg, subsets
from loyaltylab.kernels import compiled as accelerated
from loyaltylab.moments.moments import Moments
from loyaltylab.reports import run_report
from loyaltylab.reports.report import Report
from tests.benchmarks import many_drivers

from ..kernels.test_compiled import needs_numba
from ..reports.test_reports import notebook

MADE_UP = Provenance("synthetic", "made up for a test")
costs = importlib.import_module("loyaltylab.drivers.routes")


def made(p: int, common: float = 0.4) -> Moments:
    R = many_drivers.population(p, common)
    return Moments.from_correlations(R, ["y", *(f"x{i}" for i in range(p))], n=500, provenance=MADE_UP)


# ---- the road ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("numba", ["1", "0"])
@pytest.mark.parametrize(
    "drivers, draws, in_draws, alone",
    [(12, 2000, 0, 0), (21, 2000, 0, 0), (22, 2000, 100, 0), (22, 1000, 0, 0), (24, 200, 0, 0), (25, 200, 100, 0),
     (32, 0, 0, 0), (32, 2000, 100, 0), (33, 0, 0, 10_000), (40, 2000, 100, 10_000)],
)  # fmt: skip
def test_the_road_is_chosen_by_counts_and_not_by_the_machine(monkeypatch, numba, drivers, draws, in_draws, alone):
    monkeypatch.setenv("LOYALTYLAB_NUMBA", numba)
    found = division(drivers, draws)
    assert (found.n_orders, found.n_orders_estimate) == (in_draws, alone)
    assert division(drivers, draws, method="dominance") == replace(found, method="dominance")
    closed = division(drivers, draws, method="relative_weights")
    assert not closed.in_orders and closed.models == 1


def test_a_jackknife_counts_as_draws(monkeypatch):
    table = ll.read_table("hedonic_utilitarian")
    names = ["AttLoyalty", *ll.flatten(table.codebook.blocks())]
    m, draws = table.moments(names), table.draws(names, n_draws=200, seed=1)
    monkeypatch.setattr(costs, "MOST_MODELS", 201 << 7)
    assert not importance(m, names[0], names[1:], draws=draws).n_orders
    monkeypatch.setattr(costs, "MOST_MODELS", 400 << 7)
    assert importance(m, names[0], names[1:], draws=draws, jackknife=draws, interval="bca").n_orders == 100


def test_parts_stay_exact_and_only_draws_are_sampled(monkeypatch):
    m = made(9)
    drawn, names = m.draws(n_draws=300, seed=3), m.names[1:7]
    model = {"drivers": names, "covariates": m.names[7:], "draws": drawn}
    exact = importance(m, "y", **model)
    monkeypatch.setattr(costs, "MOST_MODELS", 300 << 6)
    found = importance(m, "y", **model)
    assert np.array_equal(found.estimates, exact.estimates) and found.sampling_error is None
    assert (found.n_orders, found.n_orders_estimate) == (100, 0)
    left = drawn.partial(m.names[7:]).scatter[:, 0, 0] / drawn.scatter[:, 0, 0]
    divided = found.draw_r_squared - (1 - left)
    np.testing.assert_allclose(found.draw_estimates.sum(axis=1), divided, atol=1e-12)
    off = (found.draw_estimates - exact.draw_estimates).std(axis=0) / exact.draw_estimates.std(axis=0)
    assert 0 < off.max() < 0.25
    assert repr(found).endswith("n_draws 300, n_orders 100") and "n_orders" not in repr(exact)
    assert found.glance()["n_orders"].item() == 100 and "n_orders" not in exact.glance()
    assert importance(m, "y", **model, division="exact").tidy().equals(exact.tidy()), "an explicit wish is honoured"
    assert not importance(m, "y", **model, method="relative_weights").n_orders


@pytest.mark.slow
@needs_numba
def test_the_same_with_numba_and_without(monkeypatch):
    m, found = made(24), []
    draws = m.draws(n_draws=100, seed=1)
    monkeypatch.setattr(costs, "MOST_MODELS", 1 << 24)
    for numba in "10":
        monkeypatch.setenv("LOYALTYLAB_NUMBA", numba)
        found.append(importance(m, "y", m.names[1:], draws=draws))
    compiled, plain = found
    np.testing.assert_allclose(compiled.estimates, plain.estimates, rtol=0, atol=1e-13)
    np.testing.assert_allclose(compiled.draw_estimates, plain.draw_estimates, rtol=0, atol=1e-13)
    assert compiled.tidy().round(9).to_csv() == plain.tidy().round(9).to_csv()
    assert repr(compiled) == repr(plain) and compiled.provenance == plain.provenance
    captions = [ll.exhibits.plot_importance(one, id="fig-a", title="A", labels={}).caption for one in found]
    assert captions[0] == captions[1]


@pytest.mark.slow
@needs_numba
@pytest.mark.parametrize("p, sets", [(20, 64), (21, 70), (33, 129)])
def test_compiled_orders_equal_those_of_numpy(monkeypatch, p, sets):
    R = np.stack([many_drivers.population(p, common) for common in np.linspace(0.05, 0.75, sets)])
    half, found = many_drivers.in_orders(100, p), []
    for numba in "10":
        monkeypatch.setenv("LOYALTYLAB_NUMBA", numba)
        found.append(subsets.shapley_in_orders(R[None], half)[0])
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-14)
    np.testing.assert_allclose(found[0].sum(axis=1), linalg.r_squared(R), rtol=0, atol=1e-12)


def test_compiled_orders_are_right_before_they_are_compiled(monkeypatch):
    monkeypatch.setattr(accelerated, "kernel_of_orders", lambda: accelerated._enter)
    monkeypatch.setattr(accelerated, "threads", lambda: 1)
    R, half = np.stack([many_drivers.population(3, 0.3), many_drivers.population(3, 0.6)]), many_drivers.in_orders(4, 3)
    np.testing.assert_allclose(accelerated.in_orders(R, half), subsets.shapley_in_orders(R, half), rtol=0, atol=1e-15)


def test_compiled_orders_without_numba_say_so(monkeypatch):
    monkeypatch.setenv("LOYALTYLAB_NUMBA", "0")
    with pytest.raises(RuntimeError) as error:
        accelerated.in_orders(made(3).corr[None], many_drivers.in_orders(4, 3))
    assert str(error.value) == "compiled orders need Numba, which is absent or switched off; let subsets choose."


# ---- beyond what can be visited ----------------------------------------------------------------------------------------


def two_kinds(a: int, b: int) -> tuple[np.ndarray, np.ndarray]:
    """Correlations of an outcome with a drivers of one kind and b of another, and their LMG, by counting kinds only.

    Drivers of a kind are alike, so R² depends on how many of each are in: no subset need be listed.
    """
    within, other, between, y = (0.5, 0.3), (0.5, 0.2), 0.25, (0.45, 0.3)
    kind = np.array([0] * a + [1] * b)
    R = np.where(kind[:, None] == kind, np.where(kind == 0, within[0], other[0]), between)
    R = np.block([[np.ones((1, 1)), np.array(y)[kind][None]], [np.array(y)[kind][:, None], R]])
    np.fill_diagonal(R, 1)

    def r_squared(s: int, t: int) -> float:
        M = np.array([[1 + (s - 1) * within[0], t * between], [s * between, 1 + (t - 1) * other[0]]])
        return float(np.array([s, t]) * y @ np.linalg.solve(M, y)) if s + t else 0.0

    p, part = a + b, [0.0, 0.0]
    for one, (k, l) in enumerate([(a, b), (b, a)]):
        for s in range(k):
            for t in range(l + 1):
                weight = comb(k - 1, s) * comb(l, t) * factorial(s + t) * factorial(p - 1 - s - t) / factorial(p)
                before, after = ((s, t), (s + 1, t)) if one == 0 else ((t, s), (t, s + 1))
                part[one] += weight * (r_squared(*after) - r_squared(*before))
    return R, np.array(part)[kind]


@pytest.mark.slow
def test_forty_drivers_are_within_the_stated_error_of_the_truth():
    R, truth = two_kinds(5, 6)
    np.testing.assert_allclose(attribution.shapley(R, (1,) * 11), truth, atol=1e-12)
    R, truth = two_kinds(18, 22)
    m = Moments.from_correlations(R, ["y", *(f"x{i}" for i in range(40))], n=800, provenance=MADE_UP)
    found = importance(m, "y", m.names[1:], draws=m.draws(n_draws=100, seed=1))
    assert found.estimates.sum() == pytest.approx(found.r_squared, abs=1e-10)
    assert (np.abs(found.estimates - truth) < 4.5 * found.sampling_error).all()
    assert found.sampling_error.max() < 0.03 * truth.max()
    np.testing.assert_allclose(found.draw_estimates.sum(axis=1), found.draw_r_squared, atol=1e-10)
    row = found.glance()
    assert row["n_orders_estimate"].item() == 10_000 and row["n_drivers"].item() == 40
    assert row["sampling_error"].item() == pytest.approx(found.sampling_error.max() / found.r_squared)
    assert "from 10,000 sampled orders of entry; intervals from 100 sampled orders" in " ".join(found.provenance.steps)


# ---- what is said ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked, message",
    [
        (
            {"drivers": 36, "how": "exact"},
            "36 drivers: lmg visits 6.9e+10 models in each of 2,000 draws, about ~. More than 32 drivers are not divided "
            "exactly. Leave division= at 'auto', which samples orders of entry.",
        ),
        (
            {"drivers": 18, "method": "pmvd"},
            "18 drivers: pmvd visits 262,144 models in each of 2,000 draws, about ~. Take fewer draws (n_draws=, or -p draws=) "
            "or allow it (division='exact'). Use 'relative_weights' (method=, or -p methods= of a report), fewer drivers "
            "(drivers=, or -p blocks=).",
        ),
        (
            {"drivers": 36, "method": "pmvd", "n_draws": 0},
            "36 drivers: pmvd visits 6.9e+10 models, about ~. More than 20 drivers are not divided exactly. Use "
            "'relative_weights' (method=, or -p methods= of a report), fewer drivers (drivers=, or -p blocks=).",
        ),
        (
            {"drivers": 28, "players": "blocks"},
            "28 blocks: lmg visits 2.7e+08 models in each of 2,000 draws, about ~. Take fewer draws (n_draws=, or -p draws=) "
            "or allow it (division='exact'). Take fewer drivers (drivers=, or -p blocks=).",
        ),
    ],
)  # fmt: skip
def test_a_refusal_names_the_cost_and_what_to_type(asked, message):
    with pytest.raises(ModelError) as error:
        division(**asked)
    assert re.sub(r"about [\d,]+ \w+\.", "about ~.", str(error.value)) == message


def test_what_does_not_exist_is_refused():
    with pytest.raises(UnknownName, match=r"^division 'quick' does not exist. Possible: auto, exact, sampled"):
        division(12, how="quick")
    with pytest.raises(ModelError, match=r"^n_orders is 101; allowed: an even number of at least 100\.$"):
        importance(made(6), "y", ["x0", "x1"], division="sampled", draws=made(6).draws(n_draws=100), n_orders=101)


def test_a_division_says_what_it_takes(monkeypatch):
    monkeypatch.setenv("LOYALTYLAB_NUMBA", "0")
    assert repr(division(30)) == (
        "Division(lmg) of 30 drivers: an exact lmg visits 1.1e+09 models in each of 2,000 draws, about 6 hours. So the "
        "intervals come from 100 sampled orders of entry in each of 2,000 draws, put right by the exact answer: about 14 seconds."
    )
    assert division(12).note == "12 drivers: lmg visits 4,096 models in each of 2,000 draws, less than a second."


def sampled_exactly_known():
    m = made(8)
    return importance(m, "y", m.names[1:], draws=m.draws(n_draws=200, seed=1), division="sampled")


@pytest.mark.slow
@pytest.mark.parametrize(
    "language, said, captioned",
    [
        ("en", "**Many drivers.** With 8 drivers an exact division looks at every combination of them. That was done once: the shares are exact. In each of the 200 draws behind the intervals it would take too long, so there the parts come from 100 orders of entry drawn at random, put right by the exact answer. In simulations such intervals hold the truth as often as exact ones.",
         "In each draw the parts come from 100 sampled orders of entry, put right by the exact answer."),
        ("nl", "**Veel drijfveren.** Met 8 drijfveren bekijkt een exacte verdeling elke combinatie ervan. Dat is één keer gedaan: de aandelen zijn exact. In elk van de 200 trekkingen achter de intervallen zou het te lang duren; daar komen de delen uit 100 willekeurig getrokken volgordes van opname, bijgesteld met het exacte antwoord. In simulaties bevatten zulke intervallen de waarheid even vaak als exacte.",
         "In elke trekking komen de delen uit 100 getrokken volgordes van opname, bijgesteld met het exacte antwoord."),
    ],
)  # fmt: skip
def test_a_page_says_which_road_was_taken(monkeypatch, language, said, captioned):
    report, heard = Report("drivers", language=language), []
    monkeypatch.setattr(report._screen, "show", lambda bundle, card, **_: heard.append(bundle["text/markdown"]))
    found = sampled_exactly_known()
    report.division(found)
    report.division(importance(made(8), "y", found.terms, draws=made(8).draws(n_draws=200, seed=1)))
    assert heard == [said], "and nothing where all is exact"
    assert captioned in ll.exhibits.plot_importance(found, id="fig-a", title="A", labels={}, language=language).caption
    R, _ = two_kinds(20, 20)
    many = Moments.from_correlations(R, ["y", *(f"x{i}" for i in range(40))], n=800, provenance=MADE_UP)
    forty = importance(many, "y", many.names[1:], draws=many.draws(n_draws=100, seed=1))
    report.division(forty)
    orders = {"en": "come from 10,000 orders of entry drawn at random, which puts the least certain of them off by about 0.", "nl": "uit 10.000 willekeurig getrokken volgordes van opname, waardoor het minst zekere er ongeveer 0,"}[language]  # fmt: skip
    assert orders in heard[1]
    words = {"en": "The parts come from 10,000 sampled orders of entry, in each draw from 100.", "nl": "De delen komen uit 10.000 getrokken volgordes van opname, in elke trekking uit 100."}[language]  # fmt: skip
    assert ll.exhibits.plot_importance(forty, id="fig-b", title="A", labels={}, language=language).caption.endswith(
        words
    )


@pytest.mark.slow
def test_a_run_says_beforehand_what_takes_long_and_how_far_it_is(tmp_path):
    path = notebook(
        tmp_path / "small.ipynb",
        "from loyaltylab.core.progress import tell, watched\nfor _ in 'ab':\n    tell('30 drivers: so and so.')",
        "parts = [*watched(range(3), 3, 'models', patience=-1)]\nparts",
    )
    told = []
    run = run_report(path, folder=tmp_path / "a", progress=lambda *event: told.append(event))
    assert [event for event in told if event[0] == "note"] == [("note", 0, 0, "30 drivers: so and so.")], "once"
    steps = [event[3] for event in told if event[0] == "step"]
    assert steps == [f"models: {part}, about 0 s left" for part in (" 33%", " 67%")]
    assert "so and so" not in "".join(path.read_text("utf-8", "ignore") for path in run.folder.rglob("*.ipynb")).split("tell('")[-1][30:]  # fmt: skip


def test_importance_tells_only_what_takes_long(monkeypatch):
    heard = []
    monkeypatch.setattr(sys.modules["loyaltylab.drivers.decomposition"], "tell", heard.append)
    m = made(8)
    importance(m, "y", m.names[1:], draws=m.draws(n_draws=100, seed=1))
    assert heard == []
    many = made(34)
    importance(many, "y", many.names[1:])
    assert len(heard) == 1 and heard[0].startswith("34 drivers: an exact lmg visits 1.7e+10 models, about ")
    assert "So the parts come from 10,000 sampled orders of entry: less than a second." in heard[0]


# ---- does it hold? -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_intervals_from_orders_put_right_cover_as_exact_ones_do():
    found = many_drivers.coverage(8, 0.6, 344, samples=20, n_draws=100)
    exact, right = found["exact, all draws"], found["100 orders, put right"]
    plain = found["100 orders, as they are"]
    for what in ("drivers", "blocks", "contrast"):
        assert abs(right[what][0] - exact[what][0]) <= 0.05, "coverage"
        assert right[what][2] == pytest.approx(exact[what][2], rel=0.05), "width"
        assert right[what][3] < plain[what][3] / 3, "a draw is nearer to the exact one for being put right"
    assert exact["drivers"][0] == pytest.approx(0.95, abs=0.05)


def test_draws_a_few_at_a_time_give_the_same_numbers(monkeypatch):
    R = np.stack([many_drivers.population(6, common) for common in (0.1, 0.3, 0.5, 0.6, 0.2)])
    whole = subsets.pmvd(R, (1,) * 6), subsets.shapley_after(R, (1,) * 6, {2: [0]})
    monkeypatch.setattr(subsets, "_HELD", 2 << 6)
    parts = subsets.pmvd(R, (1,) * 6), subsets.shapley_after(R, (1,) * 6, {2: [0]})
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-14)


def test_methods_that_can_be_sampled_are_those_that_average_over_orders():
    assert {name for name, row in METHODS.items() if row.sampled} == {"lmg", "dominance"}
