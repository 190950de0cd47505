"""One comparison under other choices: each is what importance gives when that choice is made."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab.core import Provenance
from loyaltylab.core.errors import ModelError, UnknownName
from loyaltylab.moments.moments import Moments

from ..conftest import MADE_UP

BLOCKS = {"emotional": ["trust", "joy"], "rational": ["price", "speed"]}
USED = ["loyalty", "trust", "joy", "price", "speed"]
LABELS = {"emotional": "emotional", "rational": "rational", "trust": "Trust in the people one meets", "joy": "Joy"}


@pytest.fixture
def fitted(rows):
    moments = Moments.from_frame(rows, USED, provenance=MADE_UP)
    draws = Moments.bootstrap(rows, USED, n_draws=300, seed=2, provenance=MADE_UP)
    return moments, draws


def model(fitted, blocks=BLOCKS, method="lmg"):
    return ll.importance(fitted[0], "loyalty", blocks, method=method, draws=fitted[1])


def test_leaving_a_driver_out_is_the_model_without_it(fitted):
    left = ll.leave_one_out(fitted[0], "loyalty", BLOCKS, "emotional", "rational", draws=fitted[1])
    assert list(left) == ["trust", "joy", "price", "speed"]
    for driver, contrast in left.items():
        rest = {block: [name for name in members if name != driver] for block, members in BLOCKS.items()}
        again = model(fitted, rest).contrast("emotional", "rational")
        assert contrast.estimate == pytest.approx(again.estimate) and contrast.ends.tolist() == again.ends.tolist()


def test_the_only_driver_of_a_block_stays_and_a_third_block_may_go(fitted):
    blocks = {"emotional": ["trust"], "rational": ["price", "speed"], "values": ["joy"]}
    left = ll.leave_one_out(fitted[0], "loyalty", blocks, "emotional", "rational", draws=fitted[1])
    assert list(left) == ["price", "speed", "joy"]
    with pytest.raises(UnknownName, match="block 'emotion' does not exist; did you mean 'emotional'"):
        ll.leave_one_out(fitted[0], "loyalty", blocks, "emotion", "rational", draws=fitted[1])


def test_choices_stand_side_by_side_with_their_verdicts(fitted):
    left = ll.leave_one_out(fitted[0], "loyalty", BLOCKS, "emotional", "rational", draws=fitted[1])
    methods = [model(fitted, method=name) for name in ("lmg", "relative_weights", "last")]
    rules = {"item_mean": methods[1], "alike": methods[0]}  # item means where nobody left an item out are no choice
    result = ll.drivers.other_choices(methods[0], "emotional", "rational", methods=methods, missing=rules, without=left)
    found = result.tidy()
    assert found["choice"].tolist() == ["reported", "method", "missing", *["without"] * 4]
    assert "last" not in set(found["term"]), "its blocks cannot be summed"
    verdicts = found.set_index(["choice", "term"])["verdict"]
    assert verdicts["reported", "all"] == verdicts["missing", "item_mean"] == "undecided"
    assert result.changed == [key for key in verdicts.index if verdicts[key] != "undecided"]
    assert result.changed == [("without", "price"), ("without", "speed")], "a rational driver less"
    assert result.stat("n_choices").value == 6 and result.stat("n_changed").value == 2
    assert result.stat("gap_low").value == pytest.approx(found["estimate"][1:].min())
    assert repr(result).startswith("OtherChoices, 7 rows by choice, term: n_choices 6, n_changed 2, gap_low ")
    assert result.value(("without", "joy")).conf_low == pytest.approx(left["joy"].ends[0])


def test_a_verdict_is_told_only_where_every_way_of_counting_and_coding_agrees(fitted):
    summed = model(fitted).contrast("emotional", "rational")
    assert ll.drivers.finding_across(summed, whole=summed) == "simulated"
    ahead, behind, open_ = (
        replace(summed, provenance=ll.Provenance("published", "a table"), estimate=at, draw_estimates=at + 0.01 * noise)
        for noise in [np.random.default_rng(1).normal(size=300)]
        for at in (0.5, -0.5, 0.0)
    )
    assert [one.verdict for one in (ahead, behind, open_)] == ["more", "less", "undecided"]
    assert ll.drivers.finding_across(ahead, whole=ahead, codings=[ahead, ahead]) == "more"
    assert ll.drivers.finding_across(ahead, whole=open_, codings=[ahead]) == "counting"
    assert ll.drivers.finding_across(ahead, whole=ahead, codings=[ahead, behind]) == "coding"
    assert ll.drivers.finding_across(open_, whole=behind, codings=[behind]) == "coding"


def test_another_comparison_is_not_a_choice(fitted):
    wrong = model(fitted).contrast("rational", "emotional")
    with pytest.raises(ModelError) as caught:
        ll.drivers.other_choices(model(fitted), "emotional", "rational", without={"joy": wrong})
    assert str(caught.value) == "without, joy: compares other blocks than what is reported."


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_figure_marks_the_other_verdict_and_fits_every_width(fitted, tmp_path, language):
    left = ll.leave_one_out(fitted[0], "loyalty", BLOCKS, "emotional", "rational", draws=fitted[1])
    result = ll.drivers.other_choices(model(fitted), "emotional", "rational", methods=[model(fitted, method="relative_weights")], without=left)  # fmt: skip
    figure = ll.exhibits.plot_choices(result, id="fig-choices", title="T", labels=LABELS, language=language)
    figure.save(tmp_path, widths=["one", "two", "slide"])
    assert "does_not_fit" not in json.loads((tmp_path / "fig-choices.json").read_text(encoding="utf-8"))
    said = {"en": "(another verdict)", "nl": "(een ander oordeel)"}[language]
    assert figure.alt.count(said) == 2 and figure.alt.index("Joy") < figure.alt.index(said)
    np.testing.assert_array_equal(figure.data["estimate"], result.tidy()["estimate"])


@pytest.mark.parametrize(
    ("made_of", "blocks", "told"),
    [
        ({"trust": 3, "joy": 3}, BLOCKS, "more"),
        ({"price": 3, "speed": 3}, BLOCKS, "less"),
        ({"trust": 1, "price": 1}, BLOCKS, "undecided"),
        ({"trust": 1, "joy": 1, "speed": 1, "price": 1.4}, {"emotional": ["trust", "joy", "speed"], "rational": ["price"]}, "mixed"),
        ({}, BLOCKS, "nothing"),
    ],
)  # fmt: skip
def test_what_is_told_of_two_blocks_follows_from_what_was_put_in(made_of, blocks, told):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(800, 4)), columns=USED[1:])
    frame["loyalty"] = sum(weight * frame[name] for name, weight in made_of.items()) + rng.normal(size=800)
    known = Provenance("observed", "a survey")
    draws = Moments.bootstrap(frame, USED, n_draws=300, seed=2, provenance=known)
    found = ll.importance(Moments.from_frame(frame, USED, provenance=known), "loyalty", blocks, draws=draws)
    assert found.verdict_on("emotional", "rational") == told


@pytest.mark.parametrize(("weight", "explains"), [(0.0, "nothing"), (0.5, "part"), (3.0, "most")])
def test_drivers_beside_a_covariate_explain_what_they_add_to_it(weight, explains):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(300, 4)), columns=["age", *USED[1:4]])
    frame["loyalty"] = frame["age"] + weight * frame[USED[1]] + 2 * rng.normal(size=300)
    found = ll.importance(frame, "loyalty", USED[1:4], covariates=["age"], n_draws=100)
    assert found.explains == explains


def test_of_simulated_respondents_nothing_else_is_told(fitted):
    assert model(fitted).provenance.tier == "synthetic"
    assert model(fitted).verdict_on("emotional", "rational") == "simulated"


def test_drivers_that_decide_are_those_without_which_the_verdict_is_another(fitted):
    left = ll.leave_one_out(fitted[0], "loyalty", BLOCKS, "emotional", "rational", draws=fitted[1])
    result = ll.drivers.other_choices(model(fitted), "emotional", "rational", methods=[model(fitted, method="pratt")], without=left)  # fmt: skip
    whole = model(fitted).contrast("emotional", "rational").verdict
    assert result.decisive_drivers == [name for name, contrast in left.items() if contrast.verdict != whole]


def test_each_part_of_a_survey_gets_draws_of_its_own(corp_rep):
    used = ["CUSL", "LIKE", "QUAL"]
    parts, blocks = corp_rep.split("servicetype"), {"emotional": ("LIKE",), "rational": ("QUAL",)}
    found = dict(ll.drivers.importance_of_parts(parts, "CUSL", blocks, n_draws=100, seed=5))
    assert list(found) == list(parts) and len(found) > 1
    for number, name in enumerate(sorted(parts), start=1):
        part = parts[name]
        draws = part.draws(used, n_draws=100, seed=5 + number)
        again = ll.importance(part.moments(used), "CUSL", blocks, draws=draws)
        assert found[name].tidy().equals(again.tidy())


def test_a_part_that_no_model_fits_is_left_out_and_counted(corp_rep):
    blocks = {"emotional": ("LIKE",), "rational": ("QUAL",)}
    parts = corp_rep.split("servicetype")
    one = next(iter(parts))
    odd = replace(parts[one], frame=parts[one].frame.assign(CUSL=5.0))
    found = ll.drivers.importance_of_parts({**parts, one: odd}, "CUSL", blocks, n_draws=100, seed=5)
    if len(parts) > 2:
        groups = ll.compare_segments(found, "emotional", "rational", n_groups=len(parts))
        assert one not in groups.contrasts and groups.n_withheld == 1
    else:
        with pytest.raises(ModelError, match="fewer than two groups can be compared"):
            ll.compare_segments(found, "emotional", "rational", n_groups=len(parts))


# ---- which driver stands in which block ---------------------------------------------------------------------------------


def test_blocks_are_coded_as_other_sources_do_and_without_their_weakest_scale(corp_rep):
    blocks = corp_rep.codebook.blocks()
    ways = ll.drivers.codings(corp_rep, blocks, each=True)
    assert list(ways) == [*ll.drivers.CODINGS, "qual_5", "qual_6", "qual_7", "qual_8"]
    moved = ways["elsewhere"]
    assert moved["emotional"]["QUAL (emotional)"] == ("qual_5", "qual_6", "qual_7", "qual_8")
    assert moved["rational"]["QUAL"] == ("qual_1", "qual_2", "qual_3", "qual_4")
    assert ways["qual_7"]["emotional"]["qual_7"] == ("qual_7",) and "qual_7" not in ways["qual_7"]["rational"]["QUAL"]
    alphas = ll.reliability(corp_rep.moments([i for n in ll.flatten(blocks) for i in corp_rep.codebook.items_of(n)]), {n: corp_rep.codebook.items_of(n) for n in ll.flatten(blocks)}).tidy()  # fmt: skip
    alphas = alphas[alphas["measure"] == "alpha"].set_index("term")["estimate"]
    dropped = {n for n in ll.flatten(blocks) if not any(n in parts for parts in ways["weakest_out"].values())}
    assert dropped == {alphas[list(blocks[block])].idxmin() for block in ("emotional", "rational")}
    for coding in ways.values():
        items = [item for parts in coding.values() for names in parts.values() for item in names]
        assert len(items) == len(set(items)), "no item in two drivers"


def test_a_verdict_that_turns_with_the_coding_says_so(corp_rep):
    blocks = corp_rep.codebook.blocks()
    used = ["CUSL", *ll.flatten(blocks)]
    reported = ll.importance(corp_rep.moments(used), "CUSL", blocks, draws=corp_rep.draws(used, n_draws=500, seed=1))
    coded = ll.drivers.other_codings(corp_rep, "CUSL", blocks, "emotional", "rational", n_draws=500, seed=1)
    choices = ll.drivers.other_choices(reported, "emotional", "rational", coding=coded)
    assert choices.reported.verdict == "undecided" and choices.decisive_codings == ["elsewhere"]
    assert coded["elsewhere"].estimate == pytest.approx(0.275, abs=0.005), (
        "care, reliability, trust and respect as emotions"
    )
    specs = ll.drivers.specifications(
        corp_rep, "emotional", "rational", methods=["lmg"], lengths=(), leave_one_out=False
    )
    assert specs.options["coding"] == ll.drivers.CODINGS
    curve = ll.drivers.specification_curve(specs, n_draws=200, seed=1)
    assert curve.turned_by_coding == ["elsewhere"]
    assert curve.changed("coding", "elsewhere").value == pytest.approx(coded["elsewhere"].estimate, abs=1e-10)
    assert curve.changed("coding", "weakest_out").value == pytest.approx(coded["weakest_out"].estimate, abs=1e-10)
    words = ll.exhibits.plot_choices(choices, id="fig-c", title="T", labels=corp_rep.codebook.labels("en")).alt
    assert "Items where other sources put them" in words and "Trustworthy in the other block" in words


def of_two_blocks(summed, per_driver):
    """An importance in which block a has one driver and block b three, with these differences and draws about them."""
    rng = np.random.default_rng(1)

    def parts(gap, mean):  # a − b = gap and a − b / 3 = mean; what is left is a third block's
        b = (mean - gap) * 3 / 2
        return np.array([gap + b, b / 3, b / 3, b / 3, 1 - gap - 2 * b])

    draws = [parts(*pair) for pair in zip(rng.normal(*summed, 2000), rng.normal(*per_driver, 2000), strict=True)]
    members = {"a": ("a1",), "b": ("b1", "b2", "b3"), "rest": ("c",)}
    return ll.drivers.Importance(tuple(ll.flatten(members)), members, "y", "lmg", parts(summed[0], per_driver[0]), 1.0, 0.0, 300, 300.0,
                         ll.Provenance("observed", "s"), draw_estimates=np.array(draws), draw_r_squared=np.ones(2000))  # fmt: skip


@pytest.mark.parametrize(
    ("summed", "per_driver", "verdict"),
    [
        ((-0.12, 0.09), (0.30, 0.055), "mixed"),  # −12 (−30; +5), but per driver +30 (+19; +41)
        ((0.12, 0.09), (0.03, 0.05), "undecided"),
        ((0.30, 0.05), (0.30, 0.05), "more"),
        ((-0.30, 0.05), (-0.20, 0.05), "less"),
        ((-0.30, 0.05), (0.01, 0.05), "mixed"),
    ],
)
def test_summed_and_per_driver_must_say_the_same(summed, per_driver, verdict):
    imp = of_two_blocks(summed, per_driver)
    assert imp.contrast("a", "b").estimate == pytest.approx(summed[0])
    assert imp.contrast("a", "b", of="mean").estimate == pytest.approx(per_driver[0])
    assert imp.verdict_on("a", "b") == verdict
