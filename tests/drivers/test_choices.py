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
    result = ll.drivers.other_choices(methods[0], "emotional", "rational", methods=methods, missing={"item_mean": methods[0]}, without=left)  # fmt: skip
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
    assert ll.drivers.told_across(summed, whole=summed) == "simulated"
    ahead, behind, open_ = (
        replace(summed, provenance=ll.Provenance("published", "a table"), estimate=at, draw_estimates=at + 0.01 * noise)
        for noise in [np.random.default_rng(1).normal(size=300)]
        for at in (0.5, -0.5, 0.0)
    )
    assert [one.verdict for one in (ahead, behind, open_)] == ["more", "less", "undecided"]
    assert ll.drivers.told_across(ahead, whole=ahead, codings=[ahead, ahead]) == "more"
    assert ll.drivers.told_across(ahead, whole=open_, codings=[ahead]) == "counting"
    assert ll.drivers.told_across(ahead, whole=ahead, codings=[ahead, behind]) == "coding"
    assert ll.drivers.told_across(open_, whole=behind, codings=[behind]) == "coding"


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
    for number, (name, part) in enumerate(parts.items(), start=1):
        draws = part.draws(used, n_draws=100, seed=5 + number)
        again = ll.importance(part.moments(used), "CUSL", blocks, draws=draws)
        assert found[name].tidy().equals(again.tidy())
