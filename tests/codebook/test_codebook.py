"""Codebooks: what is understood, and the message for what is not."""

import re
import textwrap
from pathlib import Path

import pytest

from loyaltylab import Codebook, read_codebook
from loyaltylab.codebook.entries import Format
from loyaltylab.core.errors import CodebookError, UnknownName
from loyaltylab.core.files import available, home

from ..conftest import write

GOOD = """
title: Shop
source: {en: customers of a shop, nl: klanten van een winkel}
defaults: {range: [1, 5], missing: [99]}
items:
  t1: {label: Trust}
  t2: {label: {en: Honest, nl: Eerlijk}, reverse: true}
  p1: {label: Price, role: driver, block: rational}
  l1: {label: Stay, range: [0, 10], role: outcome}
  wt: {label: Weight, role: weight}
  kind: {label: Kind, role: segment, values: {1: small, 2: {en: large, nl: groot}}}
scales:
  TRUST: {label: {en: Trust, nl: Vertrouwen}, items: [t1, t2], role: driver, block: emotional}
"""


def test_a_codebook_is_read(tmp_path):
    book = read_codebook(write(tmp_path / "shop.yml", GOOD))
    assert isinstance(book, Codebook)
    assert book.blocks() == {"emotional": ("TRUST",), "rational": ("p1",)}
    assert book.items["t2"].range == (1, 5) and book.items["t2"].missing == (99,) and book.items["t2"].reverse
    assert book.items["l1"].range == (0, 10)
    assert book.items["wt"].range is None
    assert book.scales["TRUST"].min_answered == 1
    assert book.names("outcome") == ("l1",)
    assert (book.label("TRUST", "nl"), book.label("emotional", "nl"), book.labels("nl")["large"]) == (
        "Vertrouwen",
        "emotioneel",
        "groot",
    )
    assert repr(book) == "Codebook 'shop': 6 items, 1 scales; outcomes: l1; blocks: emotional, rational"


def test_own_blocks_are_possible(tmp_path):
    text = GOOD.replace("block: rational", "block: habit") + "blocks: {habit: {en: habit, nl: gewoonte}}\n"
    book = read_codebook(write(tmp_path / "shop.yml", text))
    assert book.blocks() == {"emotional": ("TRUST",), "habit": ("p1",)}
    assert book.label("habit", "nl") == "gewoonte"


ROLES = "driver, outcome, covariate, weight, cluster, segment, respondent, duration"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("role: outcome", "role: result", f"items: l1: role: is 'result'; allowed: {ROLES}"),
        ("block: rational", "block: rationall", "items: p1: block: is 'rationall'; did you mean 'rational'? Allowed: emotional, rational, values, structural"),
        (", block: rational", "", "items: p1: is a driver without a block; allowed: emotional, rational, values, structural"),
        ("role: outcome", "role: outcome, block: values", "items: l1: role: is 'outcome' while a block is given; allowed: driver, covariate"),
        ("[t1, t2]", "[t1, t9]", "scales: TRUST: items: names 't9'; allowed: t1, t2, p1, l1, wt, kind"),
        ("[t1, t2]", "[t1, t1]", "scales: TRUST: items: names 't1' twice"),
        ("[t1, t2]", "[t1, l1]", "scales: TRUST: items: have different response ranges (t1 (1, 5); l1 (0, 10)); a mean of these means nothing"),
        ("[t1, t2]", "t1", "scales: TRUST: items: is 't1'; allowed: a list of names, such as [q1, q2]"),
        ("[t1, t2],", "[t1, t2], min_answered: 3,", "scales: TRUST: min_answered: is 3; allowed: 1 to 2"),
        ("range: [0, 10]", "range: [10, 0]", "items: l1: range: is [10, 0]; allowed: [lowest, highest], such as [1, 7]"),
        ("range: [0, 10]", "range: many", "items: l1: range: is 'many'; allowed: numbers, such as [1, 7]"),
        ("reverse: true", "reverse: often", "items: t2: reverse: is 'often'; allowed: true, false"),
        ("label: Weight", "lable: Weight", "items: wt: has an entry 'lable'; did you mean 'label'? Allowed: block, elsewhere, format, label, metric, missing, module, note, range, reverse, role, unit, values, wording"),
        ("{en: Honest, nl: Eerlijk}", "{en: Honest}", "items: t2: label: is {'en': 'Honest'}; allowed: a text, or one for each language: {en: …, nl: …}"),
        ("title: Shop", "titel: Shop", "the file: has an entry 'titel'; did you mean 'title'? Allowed: blocks, chain, citation, defaults, formats, impossible, items, licence, modules, note, rows, scales, sets, source, table, tier, title"),
        ("title: Shop", "title: Shop\ntier: real", "tier: is 'real'; allowed: observed, published, synthetic"),
        ("TRUST:", "t1:", "scales: t1: is also the name of an item or block; give it a name of its own"),
        ("items:\n", "sets: {t1: {items: [b1], base: any}}\nitems:\n  b1: {range: [0, 1]}\n", "sets: t1: is also the name of an item, scale or block; give it a name of its own"),
        ("items:\n", "sets: {TRUST: {items: [b1], base: any}}\nitems:\n  b1: {range: [0, 1]}\n", "sets: TRUST: is also the name of an item, scale or block; give it a name of its own"),
        ("items:\n", "sets: {rational: {items: [b1], base: any}}\nitems:\n  b1: {range: [0, 1]}\n", "sets: rational: is also the name of an item, scale or block; give it a name of its own"),
        ("title: Shop", "title: Shop\nimpossible: {a: {answers: {t1: 1}}}", "impossible: a: answers: names fewer than two items; one that cannot be is a matter of range"),
        ("title: Shop", "title: Shop\nimpossible: {a: {answers: {t1: 1, t7: 2}}}", "impossible: a: answers: t7: is not an item; allowed: t1, t2, p1, l1, wt, kind"),
        ("title: Shop", "title: Shop\nimpossible: {a: {answers: {t1: {min: 1}, t2: 2}}}", "impossible: a: answers: t1: has an entry 'min'; allowed: from, to"),
        ("label: Trust}", "label: Trust, metric: nps}", "items: t1: metric: is 'nps'; allowed: satisfaction, repurchase, recommend, effort"),
        ("t1: {label: Trust}", "t1: {metric: effort}\n  t3: {metric: effort}", "items: have two items with metric 'effort'; keep it for the one to be used"),
        ("t1: {label: Trust}", "t1: Trust", "items: t1: is 'Trust'; allowed: entries of the form 'name: value'"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_what_was_allowed(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(CodebookError) as caught:
        read_codebook(write(tmp_path / "shop.yml", GOOD.replace(old, new, 1)))
    assert str(caught.value) == f"shop.yml, {message}."


ASKED = """
title: Shop
source: Shop
defaults: {range: [1, 7], missing: [99]}
modules: {views: {en: Views, nl: Mening}, buying: {en: Buying, nl: Kopen}}
formats:
  agree5: {range: [1, 5], ends: {en: [disagree, agree], nl: [oneens, eens]}, labels: {3: {en: neutral, nl: neutraal}}}
items:
  t1: {label: Trust, module: views, format: agree5, reverse: true}
  s1: {label: Spent, module: buying, unit: {en: euros, nl: euro}, range: [0, 10]}
  t2: {label: Honest, module: views}
  wt: {label: Weight, role: weight}
"""


def test_modules_formats_and_units_are_read(tmp_path):
    book = read_codebook(write(tmp_path / "shop.yml", ASKED))
    assert book.modules["views"] == {"en": "Views", "nl": "Mening"}
    assert book.of_module("views") == ("t1", "t2") and book.of_module("buying", "views") == ("t1", "s1", "t2")
    assert book.of_module() == ("t1", "s1", "t2", "wt") and book.items["wt"].module == ""
    assert book.formats["agree5"] == Format(
        (1, 5), {"en": ("disagree", "agree"), "nl": ("oneens", "eens")}, {3: {"en": "neutral", "nl": "neutraal"}}
    )
    assert book.items["t1"].format == "agree5" and book.items["t1"].range == (1, 5), "not the range of the defaults"
    assert book.items["t1"].missing == (99,), "the rest of the defaults still holds"
    assert book.items["t2"].range == (1, 7) and book.items["t2"].format == ""
    assert book.items["s1"].unit == {"en": "euros", "nl": "euro"} and book.items["t1"].unit == {}
    with pytest.raises(
        UnknownName, match=r"module 'view' does not exist; did you mean 'views'\? Possible: views, buying"
    ):
        book.of_module("view")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("module: buying", "module: wallet", "items: s1: module: is 'wallet'; allowed: views, buying"),
        ("modules: {views: {en: Views, nl: Mening}, buying: {en: Buying, nl: Kopen}}", "", "items: t1: module: is 'views'; allowed: none, as none is defined"),
        ("nl: Mening", "fr: Vues", "modules: views: is {'en': 'Views', 'fr': 'Vues'}; allowed: a text, or one for each language: {en: …, nl: …}"),
        ("format: agree5", "format: agree7", "items: t1: format: is 'agree7'; did you mean 'agree5'? Allowed: agree5"),
        ("format: agree5", "format: agree5, range: [1, 5]", "items: t1: format: is given beside range; keep one of the two"),
        ("format: agree5, reverse: true", "format: agree5, values: {1: a, 2: b}", "items: t1: format: is given beside values; keep one of the two"),
        ("role: weight", "role: weight, format: agree5", "items: wt: format: is given beside role 'weight'; keep one of the two"),
        ("range: [1, 5]", "range: [5, 1]", "formats: agree5: range: is [5, 1]; allowed: [lowest, highest], such as [1, 7]"),
        ("range: [1, 5], ends", "ends", "formats: agree5: lacks 'range'; a way of answering that several items share has range"),
        ("nl: [oneens, eens]", "nl: [oneens]", "formats: agree5: ends: is {'en': ['disagree', 'agree'], 'nl': ['oneens']}; allowed: two texts, lowest first, in each language: {en: [low, high], nl: [laag, hoog]}"),
        ("en: [disagree, agree]", "en: [no, yes]", "formats: agree5: ends: is {'en': [False, True], 'nl': ['oneens', 'eens']}; allowed: two texts, lowest first, in each language: {en: [low, high], nl: [laag, hoog]}"),
        ("3: {en: neutral", "6: {en: neutral", "formats: agree5: labels: names the answer 6; allowed: 1 to 5"),
        ("labels: {3:", "words: {3:", "formats: agree5: has an entry 'words'; allowed: ends, labels, range"),
        ("nl: euro}", "nl: ''}", "items: s1: unit: is {'en': 'euros', 'nl': ''}; allowed: a text, or one for each language: {en: …, nl: …}"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_module_format_or_unit_is_named(tmp_path, old, new, message):
    assert old in ASKED
    with pytest.raises(CodebookError) as caught:
        read_codebook(write(tmp_path / "shop.yml", ASKED.replace(old, new, 1)))
    assert str(caught.value) == f"shop.yml, {message}."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: [", "line 2: not valid YAML"),
        (
            "items:\n  a: {label: A}\n  a: {label: B}\n",
            "line 3: 'a' stands twice (first in line 2). Remove or rename one of them.",
        ),
        ("- a\n- b\n", "holds no 'name: value' entries at the top level."),
        ("!!python/object/apply:os.system ['true']", "not valid YAML"),
        ("? [a, b]\n: c", "line 1: ['a', 'b'] cannot be the name of an entry."),
        ("title: T\nsource: S\n", "items: the codebook describes no item and no scale."),
    ],
)
def test_broken_yaml_is_named_with_its_line(tmp_path, text, message):
    with pytest.raises(CodebookError) as caught:
        read_codebook(write(tmp_path / "shop.yml", text))
    assert message in str(caught.value) and str(caught.value).startswith("shop.yml")


def test_an_unknown_codebook_lists_those_there_are():
    with pytest.raises(UnknownName) as caught:
        read_codebook("mobile")
    assert str(caught.value) == (
        "codebook 'mobile' does not exist; did you mean 'mobi'? Possible: corporate_reputation, hedonic_utilitarian, loyalty, mobi. A path to a .yml file will do too."
    )
    with pytest.raises(UnknownName, match=r"codebook 'mine\.yml' is not a file here"):
        read_codebook("mine.yml")


@pytest.mark.parametrize("name", available("data/codebooks", ".yml"))
def test_shipped_codebooks_are_bilingual(name):
    book = read_codebook(name)
    for variable in [*book.items.values(), *book.scales.values()]:
        for text in (variable.label, getattr(variable, "wording", {})):
            assert all(text.values())
    assert all(len(label) <= 24 for variable in book.variables.values() for label in variable.label.values()), (
        "too long for an axis"
    )


@pytest.mark.parametrize("document", ["README.md", "docs/files.md"])
def test_the_examples_of_the_documentation_are_valid(tmp_path, document):
    text = (Path(home()) / document).read_text(encoding="utf-8")
    examples = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.S) if "items:" in block]
    assert examples
    for number, example in enumerate(examples):
        book = read_codebook(write(tmp_path / f"example{number}.yml", textwrap.dedent(example)))
        assert set(book.blocks()) >= {"emotional", "rational"} and book.names("outcome")


def test_whether_answers_were_given_on_different_ranges(tmp_path):
    book = read_codebook(write(tmp_path / "shop.yml", GOOD))
    assert book.mixed_ranges(["TRUST", "l1"]) and not book.mixed_ranges(["TRUST", "p1"])
    assert (book.scale_of("t2"), book.scale_of("p1")) == ("TRUST", "p1")
