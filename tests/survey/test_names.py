"""A label does wherever a name of a variable, a block, a segment or an answer is asked for; what is misspelt is said to be so."""

import inspect

import pandas as pd
import pytest

import loyaltylab as ll
from loyaltylab import Codebook, contrasts, drivers, loyalty, models, survey
from loyaltylab.codebook import Item, Scale
from loyaltylab.core import DataError, UnknownName
from loyaltylab.moments import by_name

LABELS = {"loyal": "Loyalty", "joy": "Joy", "trust": "Trust", "price": "Good price", "age": "Age group", "w": "Weight"}
ROLES = {"loyal": "outcome", "joy": "driver", "trust": "driver", "price": "driver", "age": "segment", "w": "weight"}
BLOCKS = {"joy": "emotional", "trust": "emotional", "price": "rational"}
VALUES = {1: {"en": "young", "nl": "jong"}, 2: {"en": "old", "nl": "oud"}}


@pytest.fixture(scope="module")
def book():
    def item(name, **more):
        label = {"en": LABELS[name], "nl": f"{LABELS[name]} (nl)"}
        span = {} if name in ("age", "w") else {"range": (1, 7)}
        return Item(name, label, role=ROLES[name], block=BLOCKS.get(name, ""), **span, **more)

    items = {name: item(name, **({"values": VALUES} if name == "age" else {})) for name in LABELS}
    return Codebook("people", {}, items, {}, {"en": "made up", "nl": "verzonnen"}, tier="synthetic")


@pytest.fixture(scope="module")
def people(book):
    rows = {name: [(i * step) % 7 + 1 for i in range(120)] for name, step in (("loyal", 3), ("joy", 5), ("trust", 11))}
    rows["trust"] = [(a + b) // 2 for a, b in zip(rows["loyal"], rows["trust"], strict=True)]
    rows |= {"price": [i // 5 % 7 + 1 for i in range(120)], "age": [1, 2] * 60, "w": [1.0, 1.5] * 60}
    return ll.read_survey(pd.DataFrame(rows), book)


@pytest.fixture(scope="module")
def moments(people):
    return people.moments(["loyal", "joy", "trust", "price"])


NAMED, CALLED = {"feeling": ["joy", "trust"], "thought": ["price"]}, {"feeling": ["Joy", "trust (NL)"], "thought": ["Good price"]}  # fmt: skip


def same(one, other):
    pd.testing.assert_frame_equal(one.tidy(), other.tidy())
    pd.testing.assert_frame_equal(one.glance(), other.glance())


def test_a_survey_takes_labels_in_each_language_and_any_case(people):
    assert people.present(["loyalty", "JOY (nl)", "price"]) == ["loyal", "joy", "price"]
    assert people.moments(["Loyalty", "Trust"]).names == ("loyal", "trust")
    assert people.draws(["Loyalty", "Joy"], n_draws=100).names == people.jackknife(["Loyalty", "joy"]).names
    assert people.has("Good price") and not people.has("Good prise")
    assert people.with_product("Joy", "Good price")[1] == "joy × price"
    same(people.distribution("Loyalty"), people.distribution("loyal"))
    same(people.sample(["Loyalty", "Joy"]), people.sample(["loyal", "joy"]))
    same(people.composition(["Loyalty"], ["Age group"]), people.composition(["loyal"]))
    assert people.reach("Joy").tolist() == people.reach("joy").tolist()


def test_segments_and_their_answers_are_chosen_by_label(people):
    for condition in ("Age group=Young", "age=jong", "age group (nl) = 1"):
        assert people.only(condition).frame["age"].unique().tolist() == [1]
    assert [*people.split("Age group", min_n=10)] == ["young", "old"]
    with pytest.raises(UnknownName, match=r"segment 'Age grup' does not exist; did you mean 'Age group' \(age\)\?"):
        people.only("Age grup=young")
    with pytest.raises(UnknownName, match=r"value of age 'yuong' does not exist; did you mean 'young' \(1\)\?"):
        people.only("age=yuong")


def test_moments_take_labels_and_keep_them(moments):
    assert moments.index(["Joy", "price"]) == [1, 3]
    for made in (moments.select(["Good price", "Loyalty"]), moments.partial(["Trust"]), moments.draws(n_draws=100)):
        assert "Loyalty" in made.called["loyal"] and made.index(["Good price"]) == [made.names.index("price")]
    assert ll.composites(moments, CALLED, keep=["Loyalty"]).names == ("loyal", "feeling", "thought")
    with pytest.raises(UnknownName, match=r"did you mean 'Loyalty' \(loyal\)\?"):
        moments.select(["Loyalti"])


def test_a_table_takes_labels():
    table = ll.read_table("hedonic_utilitarian")
    label = table.codebook.label("Excellence")
    assert table.moments([label]).names == ("Excellence",) and table.has(label) and not table.has("Excelence")
    with pytest.raises(UnknownName, match="did you mean 'Excellence'"):
        table.moments(["Excelence"])


def test_a_label_of_two_things_is_refused_with_both_and_a_variable_goes_before_its_item():
    items = {name: Item(name, {"en": "Trust", "nl": "Vertrouwen"}, range=(1, 7)) for name in ("t1", "t2")}
    alone = Codebook("two", {}, items, {}, {"en": "", "nl": ""})
    with pytest.raises(UnknownName, match="variable 'trust' may be t1, t2, which all have that label; write which one"):
        alone.named("trust")
    scale = Scale("TRUST", {"en": "Trust", "nl": "Vertrouwen"}, ("t1", "t2"), role="driver", block="emotional")
    assert Codebook("two", {}, items, {"TRUST": scale}, {"en": "", "nl": ""}).named("Vertrouwen") == "TRUST"


def test_what_a_report_is_asked_may_be_a_label(people, book):
    table = ll.read_table("hedonic_utilitarian")
    assert people.named("") == table.named("") == book.named("") == "" and not people.has("") and not table.has("")
    made = loyalty.chain(book, heart="Joy", head=["Good price"], wallet="loyalty (NL)", after="Trust")
    assert list(made.used) == ["joy", "price", "trust", "loyal"]
    assert loyalty.metric_items(people, satisfaction="Joy") == {"satisfaction": "joy"}
    with pytest.raises(UnknownName, match=r"did you mean 'Joy' \(joy\)"):
        loyalty.chain(book, heart="Jou", head=["price"], wallet="loyal")


def test_a_name_goes_before_a_label(book):
    swapped = {"joy": Item("joy", {"en": "trust", "nl": "x"}), "trust": Item("trust", {"en": "joy", "nl": "y"})}
    assert Codebook("b", {}, swapped, {}, {"en": "", "nl": ""}).named("joy") == "joy"


def test_blocks_of_the_codebook_are_chosen_by_label(book):
    label = book.block_labels["rational"]["nl"]
    assert book.blocks(label.upper()) == book.blocks("rational")
    with pytest.raises(UnknownName, match="block 'rationl' does not exist; did you mean 'rational'"):
        book.blocks("rationl")


def test_columns_of_the_design_are_chosen_by_label(people, book):
    assert ll.read_survey(people.frame, book, weight="Weight").weight == "w"


def test_results_have_names_whatever_was_asked(moments):
    same(ll.importance(moments, "Loyalty", CALLED), ll.importance(moments, "loyal", NAMED))
    found = ll.importance(moments, "loyal", {"emotional": ["joy", "trust"], "rational": ["price"]})
    assert found.contrast("Emotional", "rationeel").estimate == found.contrast("emotional", "rational").estimate
    assert found.contrast("Joy", "Good price").estimate == found.contrast("joy", "price").estimate
    with pytest.raises(UnknownName, match="'Jou' does not exist; did you mean 'Joy'"):
        found.contrast("Jou", "price")


DOORS = {
    "ols": lambda m, s, loyal, joy, price, blocks: ll.ols(m, loyal, [joy, price]),
    "dominance": lambda m, s, loyal, joy, price, blocks: ll.dominance(m, loyal, blocks),
    "head_to_head": lambda m, s, loyal, joy, price, blocks: ll.head_to_head(
        m, loyal, blocks, *blocks, draws=m.draws(n_draws=100)
    ),
    "what_if": lambda m, s, loyal, joy, price, blocks: drivers.hypothetical(m, loyal, [joy, price], {joy: 0.2}),
    "collinearity": lambda m, s, loyal, joy, price, blocks: models.collinearity(m, [loyal, price]),
    "correlations": lambda m, s, loyal, joy, price, blocks: contrasts.correlation_contrast(m, loyal, joy, price),
    "paths": lambda m, s, loyal, joy, price, blocks: ll.path_model(m, {joy: [price], loyal: [joy, price]}),
    "mediate": lambda m, s, loyal, joy, price, blocks: ll.mediate(m, price, [joy], loyal),
    "reliability": lambda m, s, loyal, joy, price, blocks: ll.reliability(m, {"all": [loyal, joy, price]}),
    "curve": lambda m, s, loyal, joy, price, blocks: ll.curve(s, loyal, joy, n_draws=100),
    "top_box": lambda m, s, loyal, joy, price, blocks: ll.top_box(s, [loyal, joy], by="age" if joy == "joy" else "Age group"),
    "group_means": lambda m, s, loyal, joy, price, blocks: contrasts.group_means(s, loyal, "age" if joy == "joy" else "Age group"),
    "types": lambda m, s, loyal, joy, price, blocks: loyalty.loyalty_types(s, joy, loyal, attitude_cut=4, behaviour_cut=4),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_a_label_does_at_the_door_of_a_function(door, moments, people):
    ask = DOORS[door]
    named = ask(moments, people, "loyal", "joy", "price", NAMED)
    called = ask(moments, people, "Loyalty", "Joy (nl)", "good price", CALLED)
    same(*(one if hasattr(one, "tidy") else one[0] for one in (named, called)))
    with pytest.raises(UnknownName, match=r"did you mean 'Loyalty' \(loyal\)\?"):
        ask(moments, people, "Loyaltie", "joy", "price", NAMED)


#: What takes names otherwise than as names of variables in the data: a result, a file, a scale, or through another door.
ASKED = ("outcome", "drivers", "driver", "covariates", "item", "items")
NO_DOOR = {"compare_curves", "criterion_overlap", "draft_codebook"}


def test_every_function_of_data_and_names_has_the_door():
    without = []
    for room in (contrasts, drivers, loyalty, models, survey):
        for name in room.__all__:
            function = getattr(room, name)
            if not inspect.isfunction(function) or name in NO_DOOR:
                continue
            taken = list(inspect.signature(function).parameters)
            if taken and taken[0] in ("data", "moments", "survey", "evidence") and set(taken) & {*ASKED}:
                source = inspect.getsource(function)
                if "by_name(" not in source:
                    without.append(name)
    assert without == []


def test_what_has_no_other_names_comes_back_as_it_was():
    frame = pd.DataFrame({"named": [1]})
    assert by_name(frame, "a", ["b"], None) == ("a", ["b"], None)


def test_a_table_of_one_driver_is_that_drivers(moments):
    found = ll.dominance(moments, "loyal", ["joy", "trust", "price"])
    by_label = found.table(of="Joy").exhibit(title="T", labels={"joy": "Joy", "trust": "Trust", "price": "Good price"})
    assert (
        by_label.data["against"].tolist()
        == found.table(of="joy").exhibit(title="T", labels={"price": "Good price"}).data["against"].tolist()
    )
    with pytest.raises(UnknownName, match="driver 'jay' does not exist; did you mean 'joy'"):
        found.table(of="jay").exhibit(title="T", labels={})


def test_a_file_that_is_not_there_is_missed_before_its_codebook():
    with pytest.raises(DataError, match=r"'mine.csv' is not a file here \(the current folder is"):
        ll.read_data("mine.csv")


def test_a_misspelt_file_is_told_with_the_one_that_is_there_whatever_its_ending(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mine.csv", "mine.yml"):
        (tmp_path / name).write_text("a,b\n1,2\n", encoding="utf-8")
    for refused in (survey.refuse_misspelt, ll.check_survey):
        with pytest.raises(DataError, match="'mine.cvs' is not a file here .* did you mean 'mine.csv'"):
            refused("mine.cvs", "mine.yml")
    with pytest.raises(UnknownName, match="codebook 'mine.yaml' is not a file here .* did you mean 'mine.yml'"):
        ll.read_codebook("mine.yaml")
    pytest.importorskip("ibis")
    with pytest.raises(DataError, match="no such file, and no parquet or csv files there; did you mean 'mine.csv'"):
        survey.refuse_misspelt("duckdb:mine.cvs", "mobi", [("column", "x")])
