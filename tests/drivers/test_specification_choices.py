"""Choices that may have no answer: gaps pair by pair, correction for error, Pratt; design, length, the way of asking."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core.errors import DataError, ModelError
from loyaltylab.drivers.methods import METHODS
from loyaltylab.drivers.robustness.shared_moments import shares_of
from loyaltylab.moments.moments import Moments
from loyaltylab.survey.survey import Survey

from .test_specifications import survey

EFFECTS = (0.4, 0.2, 0.2, 0.25, 0.1)


def with_gaps(seed=11, n=240):
    """Answers with gaps, weights that differ, clusters of four and a covariate."""
    answers, rng = survey(seed, EFFECTS, n), np.random.default_rng(seed + 1)
    frame = answers.frame.drop(columns=list("ABCDE"))
    frame = frame.mask(rng.random(frame.shape) < 0.02).assign(size=np.arange(n) % 2 + 1)
    frame = frame.assign(w=rng.uniform(0.5, 2, n), shop=np.arange(n) // 4)
    return frame, answers.codebook


def read(missing="listwise", **design):
    frame, book = with_gaps()
    return ll.read_survey(frame, book, missing=missing, **design)


@pytest.mark.parametrize("method", ["first", "last", "pratt", "betasq", "car", "relative_weights"])
def test_methods_that_share_a_decomposition_equal_their_kernels(method):
    R = survey(1, EFFECTS).draws(["y", *"ABCDE"], n_draws=100, seed=1).corr
    parts = METHODS[method].kernel(R, (1,) * 5)
    assert shares_of(R, [method])[method] == pytest.approx(parts / parts.sum(axis=-1, keepdims=True), abs=1e-12)


def test_impossible_correlations_have_no_shares_and_spoil_no_others():
    R = np.array([[[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]], [[1.0, 0.5, 0.3], [0.5, 1.0, 0.2], [0.3, 0.2, 1.0]]])  # fmt: skip
    for shares in shares_of(R, ["lmg", "last", "relative_weights"]).values():
        assert np.isnan(shares[0]).all() and shares[1].sum() == pytest.approx(1)


def test_pair_by_pair_is_what_pandas_gives_and_with_nothing_open_what_moments_give():
    answers = read()
    names = ["y", "a1", "a2", "c1", "e2"]
    sample, draws = ll.survey.pairwise_draws(answers, names, n_draws=100, seed=3)
    assert sample.corr == pytest.approx(answers.frame[names].corr().to_numpy(), abs=1e-12)
    there = answers.frame[names].notna().to_numpy().astype(int)
    assert sample.n == (there.T @ there).min() and np.isfinite(draws.corr).all()
    whole, its = survey(1, EFFECTS), ["y", "a1", "b2"]
    sample, draws = ll.survey.pairwise_draws(whole, its, n_draws=100, seed=3)
    assert sample.corr == pytest.approx(whole.moments(its).corr, abs=1e-12)
    assert draws.corr == pytest.approx(whole.draws(its, n_draws=100, seed=3).corr, abs=1e-12)


def test_pair_by_pair_weighs_and_draws_clusters_as_listwise_does():
    frame, book = with_gaps()
    whole = ll.read_survey(frame.dropna(), book, weight="w", cluster="shop")
    sample, draws = ll.survey.pairwise_draws(whole, ["y", "a1", "b2"], n_draws=100, seed=3)
    assert sample.corr == pytest.approx(whole.moments(["y", "a1", "b2"]).corr, abs=1e-12)
    assert draws.corr == pytest.approx(whole.draws(["y", "a1", "b2"], n_draws=100, seed=3).corr, abs=1e-10)


def test_a_pair_that_hardly_anyone_answered_is_refused():
    frame, book = with_gaps()
    few = ll.read_survey(frame.assign(a1=frame["a1"].where(frame.index < 5)), book)
    with pytest.raises(DataError) as error:
        ll.survey.pairwise_draws(few, ["y", "a1", "b2"], n_draws=100)
    assert (
        str(error.value)
        == "y and a1 were both answered by fewer than 10 respondents; at least 10 are needed for a correlation."
    )


def test_a_corrected_specification_is_importance_of_corrected_correlations():
    answers = survey(7, EFFECTS)
    specs = ll.drivers.specifications(answers, "emotional", "rational", methods=["lmg"], corrections=["observed", "attenuation"], leave_one_out=False)  # fmt: skip
    curve = ll.specification_curve(specs, n_draws=100)
    scales = {name: answers.codebook.items_of(name) for name in "ABCDE"}
    alphas = np.array([1.0, *(ll.reliability(answers.moments(scales[s]), {s: scales[s]}).value((s, "alpha")).value for s in "ABCDE")])  # fmt: skip
    R = answers.moments(["y", *"ABCDE"]).corr / np.sqrt(np.outer(alphas, alphas))
    np.fill_diagonal(R, 1)
    made = Moments.from_correlations(R, ["y", *"ABCDE"], n=200, provenance=answers.provenance)
    hand = ll.importance(made, "y", answers.codebook.blocks()).contrast("emotional", "rational").estimate
    assert curve.changed("correction", "attenuation").value == pytest.approx(hand, abs=1e-12)


def test_what_is_impossible_is_counted_shown_and_not_estimated(corp_rep):
    specs = ll.drivers.specifications({"listwise": corp_rep, "pairwise": corp_rep}, "emotional", "rational", methods=["lmg", "pratt"], corrections=["observed", "attenuation"], leave_one_out=False, overlap=["like_2"])  # fmt: skip
    curve = ll.specification_curve(specs, n_draws=100)
    assert 0 < len(curve.impossible) < len(specs) == len(curve.estimates) + len(curve.impossible)
    frame = curve.tidy()
    none = frame[frame["verdict"] == "impossible"]
    assert len(none) == len(curve.impossible) == curve.stat("n_impossible").value
    assert none["estimate"].isna().all() and frame["term"].is_unique
    assert curve.changed("correction", "attenuation") is None
    kept = corp_rep.codebook.blocks() | {"emotional": ("LIKE", "ATTR")}
    frame = corp_rep.frame.assign(LIKE=corp_rep.frame[["like_1", "like_3"]].mean(axis=1))
    used = ["CUSL", *(i for s in ll.flatten(kept) for i in corp_rep.codebook.items_of(s)), "cusl_1", "cusl_2", "cusl_3"]
    rows = frame[frame[used].notna().all(axis=1)]
    moments = Moments.from_frame(rows, ["CUSL", *ll.flatten(kept)], provenance=corp_rep.provenance)
    hand = ll.importance(moments, "CUSL", kept).contrast("emotional", "rational").estimate
    assert curve.changed("driver_set", "overlap_out").value == pytest.approx(hand, abs=1e-12)


@pytest.mark.slow
def test_a_survey_with_weight_clusters_and_a_covariate_is_importance_with_all_of_them():
    design = {"weight": "w", "cluster": "shop"}
    both = {"listwise": read(**design), "item_mean": read("item_mean", **design), "pairwise": read(**design)}
    specs = ll.drivers.specifications(both, "emotional", "rational", blocks={"emotional": ("A", "B"), "rational": ("C", "D")}, methods=["lmg"], covariates=[(), ("E",)], weights=["w", ""], segments=["size"], min_n=50, leave_one_out=False)  # fmt: skip
    curve = ll.specification_curve(specs, n_draws=100, seed=5)
    assert {len(options) for options in specs.options.values()} >= {2, 3} and not curve.impossible
    filled, used = both["item_mean"], ["y", *"ABCDE"]
    model = ll.importance(filled.moments(used), "y", {"emotional": ("A", "B"), "rational": ("C", "D")}, covariates=["E"], draws=filled.draws(used, n_draws=100, seed=5))  # fmt: skip
    at = next(i for i, s in enumerate(curve.specs.all) if (s["covariates"], s["missing"], s["weighting"], s["segment"], s["driver_set"], s["measure"]) == ("E", "item_mean", "w", "all", "scales", "sum"))  # fmt: skip
    hand = model.contrast("emotional", "rational")
    assert curve.estimates[at] == pytest.approx(hand.estimate, abs=1e-12)
    assert curve.ends[:, at] == pytest.approx(hand.ends, abs=1e-10)


def test_a_table_tells_which_choices_need_answers():
    specs = ll.drivers.specifications(ll.read_table("hedonic_utilitarian"), "emotional", "rational", corrections=["observed", "attenuation"])  # fmt: skip
    assert specs.unavailable == ("correction", "segment", "missing", "weighting")
    assert not isinstance(next(iter(specs.evidence.values())), Survey) and len(specs.options["correction"]) == 1
    with pytest.raises(DataError, match="^a published table has no segments"):
        ll.drivers.specifications(ll.read_table("hedonic_utilitarian"), "emotional", "rational", segments=["age"])


def test_length_alone_gives_what_spearman_and_brown_say():
    """Ten, eight and five items that correlate 0.4: .75, .53 and .49 are .804, .578 and .559 without error."""
    reliability = ll.drivers.length_effect(0.4, np.array([10, 8, 5]))
    assert reliability.round(3).tolist() == [0.870, 0.842, 0.769]
    assert (np.array([0.75, 0.53, 0.49]) / np.sqrt(reliability)).round(3).tolist() == [0.804, 0.578, 0.559]
    with pytest.raises(ModelError):
        ll.drivers.length_effect(-0.1, np.array([2]))


def test_indices_that_go_equally_far_differ_by_length_alone_and_not_at_equal_length():
    """Ten and five interchangeable items of two factors that go equally far with the outcome, in exact correlations."""
    a, b = [f"a{i}" for i in range(10)], [f"b{i}" for i in range(5)]
    R = np.full((16, 16), 0.2)
    R[1:11, 1:11] = R[11:, 11:] = 0.4
    R[0, 1:] = R[1:, 0] = 0.3
    np.fill_diagonal(R, 1)
    origin = ll.read_table("hedonic_utilitarian").provenance
    m = Moments.from_correlations(R, ["y", *a, *b], n=400, provenance=origin)
    found = ll.drivers.index_length(m, ["y"], ("a", a), ("b", b), draws=m.draws(n_draws=100, seed=1))
    full = 0.3 / np.sqrt(0.4) * np.sqrt(ll.drivers.length_effect(0.4, np.array([10, 5])))
    assert found.estimates[-1] == pytest.approx(full[0] - full[1], abs=1e-12) and full[0] - full[1] > 0.02
    assert found.estimates[:-1] == pytest.approx(0, abs=1e-12) and found.predicted[:-1] == pytest.approx(0, abs=1e-12)
    with pytest.raises(ModelError, match="^a0: stands in more than one of outcome, 'a' and 'b'"):
        ll.drivers.index_length(m, ["a0"], ("a", a), ("b", b), draws=m.draws(n_draws=100))


def test_an_item_that_all_answered_alike_gives_no_length():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(rng.normal(size=(60, 5)), columns=["y", "a1", "a2", "b1", "b2"]).assign(a2=3.0)
    m = Moments.from_frame(rows)
    with pytest.raises(ModelError, match="^a2: everyone has the same value"):
        ll.drivers.index_length(m, ["y"], ("a", ["a1", "a2"]), ("b", ["b1", "b2"]), draws=m.draws(n_draws=100))


def test_subsets_are_the_means_of_items_made_row_by_row(corp_rep):
    a, b = ("like_1", "like_2", "like_3"), ("qual_1", "qual_2")
    used = ["cusl_1", *a, *b]
    draws = corp_rep.draws(used, n_draws=100, seed=1)
    found = ll.drivers.index_length(corp_rep.moments(used), ["cusl_1"], ("a", a), ("b", b), draws=draws)
    rows = corp_rep.frame[used].dropna()
    y, of_b = rows["cusl_1"], rows[list(b)].mean(axis=1)
    pairs = [rows[list(pair)].mean(axis=1) for pair in (a[:2], a[::2], a[1:])]
    hand = [y.corr(one) - y.corr(of_b) for one in pairs]
    assert sorted(found.subsets[1]) == pytest.approx(sorted(hand), abs=1e-12)


def test_an_assumed_part_of_the_method_is_taken_out_as_the_marker_check_does(corp_rep):
    blocks = corp_rep.codebook.blocks()
    used = ["CUSL", *ll.flatten(blocks)]
    m = corp_rep.moments(used)
    found = ll.drivers.assumed_method(m, "CUSL", blocks, "emotional", "rational", draws=corp_rep.draws(used, n_draws=100, seed=1))  # fmt: skip
    r = found.r_marker[20]
    pairs = ll.models.marker_check(m, "CUSL", ["LIKE", "ATTR", "COMP", "QUAL", "PERF"], "CSOR", r_marker=r).tidy()
    R = (m.corr - r) / (1 - r)
    np.fill_diagonal(R, 1)
    at = {name: i for i, name in enumerate(used)}
    assert [R[at[t], at[v]] for t, v in zip(pairs["term"], pairs["against"], strict=True)] == pytest.approx(pairs["adjusted"])  # fmt: skip
    made = Moments.from_correlations(R, used, n=300, provenance=m.provenance)
    hand = ll.importance(made, "CUSL", blocks).contrast("emotional", "rational").estimate
    assert found.estimates[20] == pytest.approx(hand, abs=1e-10)
    sign = np.sign(np.interp([found.reverses_at - 0.02, found.reverses_at + 0.02], found.r_marker, found.estimates))
    assert sign.tolist() == [1, -1]
    assert found.most == pytest.approx(1 / np.linalg.inv(m.corr).sum())


@pytest.mark.slow
def test_columns_are_in_the_glossary_and_figures_hold_their_labels(corp_rep):
    blocks = corp_rep.codebook.blocks()
    items = {name: [i for one in blocks[name] for i in corp_rep.codebook.items_of(one)] for name in ("emotional", "rational")}  # fmt: skip
    used, every = ["CUSL", *ll.flatten(blocks)], ["cusl_1", *items["emotional"], *items["rational"]]
    length = ll.drivers.index_length(corp_rep.moments(every), ["cusl_1"], ("emotional", items["emotional"]), ("rational", items["rational"]), draws=corp_rep.draws(every, n_draws=100))  # fmt: skip
    asking = ll.drivers.assumed_method(corp_rep.moments(used), "CUSL", blocks, "emotional", "rational", draws=corp_rep.draws(used, n_draws=100))  # fmt: skip
    for language in ("en", "nl"):
        look = {"title": "T", "labels": corp_rep.codebook.labels(language), "language": language}
        for result, plot in ((length, ll.exhibits.plot_index_length), (asking, ll.exhibits.plot_assumed_method)):
            assert set(result.tidy()) | set(result.glance()) <= set(ll.core.GLOSSARY)
            assert plot(result, id="fig-x", **look).images(widths=["one", "two", "slide"])[1] == {}
    assert isinstance(length.tidy(), pd.DataFrame)


def test_what_is_told_of_a_longer_index_and_of_a_way_of_asking(corp_rep):
    a, b = ("like_1", "like_2", "like_3"), ("qual_1", "qual_2")
    used = ["cusl_1", *a, *b]
    draws = corp_rep.draws(used, n_draws=100, seed=1)
    for first, second, longer in ((a, b, "a"), (b, a, "b"), (a[:2], b, "same")):
        found = ll.drivers.index_length(corp_rep.moments(used), ["cusl_1"], ("x", first), ("z", second), draws=draws)
        assert found.longer == longer
    blocks = corp_rep.codebook.blocks()
    used = ["CUSL", *ll.flatten(blocks)]
    found = ll.drivers.assumed_method(corp_rep.moments(used), "CUSL", blocks, "emotional", "rational", draws=corp_rep.draws(used, n_draws=100, seed=1))  # fmt: skip
    at = found.reverses_at
    assert [replace(found, smallest=smallest).finding for smallest in (at + 0.01, at - 0.01, -0.1)] == ["turns", "beyond", "nothing"]  # fmt: skip
    assert replace(found, estimates=np.abs(found.estimates) + 0.01).finding == "stands"


def test_what_is_told_of_all_specifications_follows_from_their_intervals(corp_rep):
    specs = ll.drivers.specifications(corp_rep, "emotional", "rational", methods=["lmg", "first"], leave_one_out=False)
    found = ll.specification_curve(specs, n_draws=100, seed=1)

    def told(estimates, *, tier="observed"):
        S, rng = len(found.estimates), np.random.default_rng(1)
        estimates = np.resize(estimates, S)
        draws = estimates + 0.02 * rng.normal(size=(100, S))
        origin = replace(found.provenance, tier=tier)
        return replace(found, estimates=estimates, draw_estimates=draws, provenance=origin).finding

    assert told([0.3]) == "clear" and told([-0.3]) == "against"
    assert told([0.3, 0.01]) == "holds" and told([-0.3, -0.01]) == "against"
    assert told([0.3, -0.3]) == "depends" and told([0.01, -0.01]) == "depends"
    assert told([0.3], tier="synthetic") == "simulated"
