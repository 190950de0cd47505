"""Codebooks that are broken, hostile or absurd, each beside a survey file without a flaw."""

from __future__ import annotations

from dataclasses import fields

from loyaltylab import Codebook
from loyaltylab.codebook.entries import Item

from . import BOOK, Case, Loads, Refused, book
from .texts import ROWS, SEEN, TINY

TYPE = "allowed: a text, or one for each language: {en: …, nl: …}."
INDENT = "Check indentation, colons and quotes there."
ITEMS = "t1: {%s}\nt2: {range: [0, 10]}"
ROLES = "driver, outcome, covariate, weight, cluster, segment, respondent, duration"
ENTRIES = ", ".join(sorted({f.name for f in fields(Codebook)} - {"name", "block_labels"} | {"blocks", "defaults"}))
FIELDS = ", ".join(sorted(f for f in Item.__struct_fields__ if f != "name"))
PYTHON = "could not determine a constructor for the tag 'tag:yaml.org,2002:python/object/apply:os.system'"
BLOCKS = "emotional, rational, values, structural"


def laughs(levels: int) -> str:
    """Ten of ten of ten …: a few lines that would fill the memory."""
    lines = [f"  - &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, levels)]
    return "title:\n  - &a0 [ha]\n" + "".join(lines)


def item(entry: str) -> str:
    return book(ITEMS % entry)


def scale(entry: str) -> str:
    return book("t1: {range: [1, 5]}\nt2: {range: [1, 5]}", f"scales:\n  {entry}\n")


def sets(entry: str) -> str:
    return book("k1: {range: [0, 1]}\nk2: {range: [0, 1]}\nt1: {range: [1, 5]}", f"sets:\n  S: {entry}\n")


def impossible(entry: str) -> str:
    return book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}", f"impossible:\n  odd: {entry}\n")


#: Name, codebook, and the message after "book.yml".
HOSTILE = [
    ("a command for Python at the top", "!!python/object/apply:os.system ['true']\n", f", line 1: not valid YAML ({PYTHON}). {INDENT}"),
    ("a command for Python within", item("label: !!python/object/apply:os.system ['true']"), f", line 4: not valid YAML ({PYTHON}). {INDENT}"),
    ("a billion laughs", laughs(7) + BOOK.partition("\n")[2], ", line 3: an alias (*a0) within an anchor. Write out what it stands for."),
    ("an anchor that holds itself", "title: &a [*a]\n" + BOOK.partition("\n")[2], ", line 1: an alias (*a) within an anchor. Write out what it stands for."),
    ("nested 100,000 deep", "title: " + "[" * 100_000 + "\n", ", line 1: nested more than 20 deep. A codebook has titles, items and scales, and their entries."),
    ("a key twice", BOOK + "title: Again\n", ", line 7: 'title' stands twice (first in line 1). Remove or rename one of them."),
    ("an item twice", book("t1: {range: [1, 5]}\nt1: {range: [1, 7]}"), ", line 5: 't1' stands twice (first in line 4). Remove or rename one of them."),
    ("tabs", "title: Shop\nitems:\n\tt1: {}\n", f", line 3: not valid YAML (found character that cannot start any token). {INDENT}"),
    ("two documents", BOOK + "---\n" + BOOK, f", line 7: not valid YAML (but found another document). {INDENT}"),
    ("not UTF-8", BOOK.replace("Shop", "Zoë").encode("latin-1"), ": a text cannot be read or written as utf-8 (invalid continuation byte). Save it as UTF-8, or take the sign out."),
    ("UTF-16", BOOK.encode("utf-16"), ": a text cannot be read or written as utf-8 (invalid start byte). Save it as UTF-8, or take the sign out."),
    ("an empty codebook", b"\n", ": holds no 'name: value' entries at the top level."),
    ("a list", "- t1\n- t2\n", ": holds no 'name: value' entries at the top level."),
    ("the survey as its own codebook", ROWS, ": holds no 'name: value' entries at the top level."),
    ("a number", "42\n", ": holds no 'name: value' entries at the top level."),
    ("only a title", "title: Shop\nsource: made up\n", ", items: the codebook describes no item and no scale."),
    ("no title", BOOK.partition("\n")[2], ", the file: lacks 'title'; a codebook has source, title."),
    ("an unknown section", BOOK + "colour: red\n", f", the file: has an entry 'colour'; allowed: {ENTRIES}."),
    ("a yes without quotation marks as header", book("yes: {range: [1, 5]}"), ", line 4: yes is not a text in YAML. Put it in quotation marks: 'yes'."),
    ("a null without quotation marks as header", book("null: {range: [1, 5]}"), ", line 4: null is not a text in YAML. Put it in quotation marks: 'null'."),
    ("a date as header", book("2025-05-01: {range: [1, 5]}"), ", line 4: 2025-05-01 is not a text in YAML. Put it in quotation marks: '2025-05-01'."),
    ("items as a list", "title: Shop\nsource: made up\nitems: [t1, t2]\n", ", items: is ['t1', 't2']; allowed: entries of the form 'name: value'."),
    ("an item without entries", book("t1:"), ", items: t1: is None; allowed: entries of the form 'name: value'."),
    ("an unknown entry of an item", item("lable: Trust"), f", items: t1: has an entry 'lable'; did you mean 'label'? Allowed: {FIELDS}."),
    ("an unknown role", item("role: result"), f", items: t1: role: is 'result'; allowed: {ROLES}."),
    ("a list as role", item("role: [driver]"), f", items: t1: role: is ['driver']; did you mean 'driver'? Allowed: {ROLES}."),
    ("a mapping as block", item("role: driver, block: {a: 1}"), f", items: t1: block: is {{'a': 1}}; allowed: a text, such as {BLOCKS}."),
    ("a list as tier", BOOK + "tier: [observed]\n", ", tier: is ['observed']; did you mean 'observed'? Allowed: observed, published, synthetic."),
    ("a driver without a block", item("role: driver"), f", items: t1: is a driver without a block; allowed: {BLOCKS}."),
    ("reverse without a range", item("reverse: true"), ", items: t1: reverse: needs a range, or it is not known what to turn round."),
    ("reverse in words", item("range: [1, 5], reverse: often"), ", items: t1: reverse: is 'often'; allowed: true, false."),
    ("a range upside down", item("range: [5, 1]"), ", items: t1: range: is [5, 1]; allowed: [lowest, highest], such as [1, 7]."),
    ("a range from nothing", item("range: [.nan, 5]"), ", items: t1: range: is [nan, 5]; allowed: numbers, such as [1, 7]."),
    ("a range without end", item("range: [1, .inf]"), ", items: t1: range: is [1, inf]; allowed: numbers, such as [1, 7]."),
    ("a range of texts", item("range: ['1', '5']"), ", items: t1: range: is ['1', '5']; allowed: numbers, such as [1, 7]."),
    ("a range of 100,000 signs", item(f"range: {'x' * 100_000}"), f", items: t1: range: is '{'x' * 27}...{'x' * 28}'; allowed: numbers, such as [1, 7]."),
    ("missing codes as a mapping", item("missing: {99: none}"), ", items: t1: missing: is [{99: 'none'}]; allowed: codes as they stand in the file, such as [-99, blank]."),
    ("a label of one language", item("label: {en: Trust}"), f", items: t1: label: is {{'en': 'Trust'}}; {TYPE}"),
    ("labels that YAML takes for true and false", book("t1: {values: {0: no, 1: yes}}"), ", items: t1: values: 0: is yes or no, which YAML reads as true or false; put it in quotation marks."),
    ("a label of two lists", item("label: {en: [a], nl: [b]}"), f", items: t1: label: is {{'en': ['a'], 'nl': ['b']}}; {TYPE}"),
    ("a missing code of 400 digits", item(f"missing: [{'9' * 400}]"), f", items: t1: missing: is [{'9' * 28}...{'9' * 29}]; allowed: codes as they stand in the file, such as [-99, blank]."),
    ("a scale of segments", book("t1: {role: segment}\nt2: {range: [0, 10]}", "scales:\n  S: {items: [t1, t2]}\n"), ", scales: S: items: names 't1', which has role 'segment'; allowed: questions."),
    ("a scale of unknown items", scale("S: {items: [t1, t9]}"), ", scales: S: items: names 't9'; allowed: t1, t2."),
    ("an item twice in a scale", scale("S: {items: [t1, t1]}"), ", scales: S: items: names 't1' twice."),
    ("a scale with the name of its item", scale("t1: {items: [t1, t2]}"), ", scales: t1: is also the name of an item or block; give it a name of its own."),
    ("a scale with a huge min_answered", scale("S: {items: [t1, t2], min_answered: 1000000000000000000000}"), ", scales: S: min_answered: is 1000000000000000000000; allowed: 1 to 2."),
    ("a scale that needs no answer", scale("S: {items: [t1, t2], min_answered: 0}"), ", scales: S: min_answered: is 0; allowed: 1 to 2."),
    ("sets: no boxes", sets("{items: []}"), ", sets: S: items: names no boxes."),
    ("sets: an unknown box", sets("{items: [k1, k9]}"), ", sets: S: items: names 'k9'; allowed: k1, k2, t1."),
    ("sets: a rating as a box", sets("{items: [k1, t1]}"), ", sets: S: items: names 't1', which is not answered from 0 to 1; allowed: range [0, 1]."),
    ("sets: a box in two", sets("{items: [k1, k2]}\n  R: {items: [k2]}"), ", sets: S: items: names 'k2', which is in the set 'R' as well."),
    ("sets: an unknown base", sets("{items: [k1, k2], base: some}"), ", sets: S: base: is 'some'; allowed: any, all, k1, k2, t1."),
    ("sets: a box as its base", sets("{items: [k1, k2], base: k1}"), ", sets: S: base: is 'k1', one of its boxes; allowed: any, all, or another item."),
    ("impossible: an unknown item", impossible("{answers: {t1: 1, t9: 2}}"), ", impossible: odd: answers: t9: is not an item; allowed: t1, t2."),
    ("impossible: a span without an end", impossible("{answers: {t1: {from: []}, t2: 2}}"), ", impossible: odd: answers: t1: from: is []; allowed: one number."),
    ("impossible: a span with two ends at once", impossible("{answers: {t1: {from: [1, 2]}, t2: 2}}"), ", impossible: odd: answers: t1: from: is [1, 2]; allowed: one number."),
]  # fmt: skip

ODD = [
    ("with a byte order mark", BOOK.encode("utf-8-sig"), Loads(SEEN, (TINY,))),
    ("with lines that end in CR LF", BOOK.replace("\n", "\r\n"), Loads(SEEN, (TINY,))),
    ("impossible: from and to of a brand in words", book("t1: {range: [1, 5]}\nt2: {range: [0, 10]}\nmerk: {role: segment}", "impossible: {odd: {answers: {t1: {from: 1}, merk: {from: 2}}}}\n"), Loads(SEEN, (TINY,))),
    ("an anchor used twice", book("t1: {range: &r [0, 10]}\nt2: {range: *r}\nmerk: {role: segment}"), Loads(SEEN, (TINY,))),
    ("a missing code beyond counting", book("t1: {range: [1, 5], missing: [1.0e+300]}\nt2: {range: [0, 10]}\nmerk: {role: segment}"), Loads(SEEN, (TINY,))),
]  # fmt: skip

CASES = [
    *(Case(f"codebook: {name}", "shop.csv", ROWS, Refused(f"book.yml{words}"), text) for name, text, words in HOSTILE),
    *(Case(f"codebook: {name}", "shop.csv", ROWS, expected, text) for name, text, expected in ODD),
]
